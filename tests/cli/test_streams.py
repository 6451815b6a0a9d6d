"""Results go to stdout, trouble to stderr, nothing to either that was not asked for; help and
mistakes are answered at once; and whatever the terminal is, there is no traceback."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from orderflow.cli import orderflow
from tests.cli.running import BROKEN, content, environment, here, process, run, spawned

__all__ = ["here"]

VERBS = ("check", "lint", "simulate", "replay", "rules", "faults")
AT_ONCE = """\
import sys
from orderflow.cli import orderflow
for words in {words!r}:
    try:
        orderflow(words.split(), prog_name="orderflow")
    except SystemExit:
        pass
heavy = {{"hypothesis", "networkx", "jinja2"}} & set(sys.modules)
sys.stdout.flush()
sys.exit(f"imported: {{sorted(heavy)}}" if heavy else 0)
"""


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_teaches_by_example(verb: str, option: str) -> None:
    outcome = run(verb, option)

    examples = [line for line in outcome.out.splitlines() if line.startswith(f"  orderflow {verb}")]
    assert (outcome.code, outcome.err) == (0, "")
    assert len(examples) >= 3
    assert "\\b" not in outcome.out


def test_help_without_a_verb_names_the_verbs_and_the_exit_codes() -> None:
    asked, nothing = run("--help"), run()

    assert (asked.code, asked.err) == (0, "")
    assert all(f"\n  {verb} " in asked.out for verb in VERBS)
    assert "0 conforms, 1 deviates, 2 bad input" in asked.out
    assert (nothing.code, nothing.out + nothing.err) == (2, asked.out)


def test_every_option_is_explained() -> None:
    for verb in VERBS:
        command = orderflow.get_command(orderflow.make_context("orderflow", [verb]), verb)
        assert command is not None
        options = [param for param in command.params if param.param_type_name == "option"]
        assert all(getattr(option, "help", None) for option in options)


def test_the_version_is_told() -> None:
    outcome = run("--version")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("orderflow 0")


def test_help_and_mistakes_need_no_heavy_library(here: Path) -> None:
    words = (
        *("--help", "--version", "checks", "check --help", "check --seed -1", "check seler"),
        *("check seller --set x=1", "check seller --report no/where", "lint --help"),
        *("lint --format x", "lint --vocabulary seller", "simulate", "simulate seller --seed -1"),
        *("simulate seler", "replay", "replay none.yaml", "rules A-999", "rules A-39"),
        *("check marketplace-seler", "check --faults nonsense", "faults"),
    )

    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE.format(words=words)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        "check chain --examples 0",
        "check chain --examples 0 --json -",
        "lint",
        "simulate chain --orders 3",
        "simulate chain --orders 3 -o orders.jsonl",
        "replay --flow chain --steps place_order",
        "rules",
    ],
)
def test_when_all_is_well_stderr_stays_empty(here: Path, words: str) -> None:
    outcome = run(*words.split())

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out


def test_a_process_ends_with_the_code_and_leaves_only_what_was_asked_for(here: Path) -> None:
    folder = here / "temporary"
    folder.mkdir()

    outcomes = [
        spawned("check", path, "--examples", "0", "--no-prove", TMPDIR=str(folder))
        for path in ("chain", BROKEN[0], "none.yaml")
    ]

    assert [outcome.code for outcome in outcomes] == [0, 1, 2]
    assert all("Traceback" not in outcome.err for outcome in outcomes)
    assert content(here).keys() == {"orderflow-report.html"}


def test_a_terminal_that_lacks_our_signs_shows_others() -> None:
    path = BROKEN[0]
    words = ("check", path, "--examples", "0", "--no-prove", "--report", "/dev/null")
    plain, western = spawned(*words, LC_ALL="C"), spawned(*words, PYTHONIOENCODING="latin-1")

    assert (plain.code, western.code) == (1, 1)
    assert "→" in plain.out
    assert r"\u2192" in western.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["rules", "simulate chain", "lint --format json"])
def test_a_full_disk_behind_stdout_is_told(words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "orderflow", *words.split()],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert done.returncode == 2
    assert done.stderr == b"standard output: cannot be written: No space left on device\n"


def test_a_reader_that_is_gone_causes_no_trouble() -> None:
    with process("rules", "--format", "json") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        trouble = running.stderr.read()

    assert (trouble, running.returncode) == (b"", 141)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("verb", ["check", "simulate"])
def test_a_run_that_is_stopped_leaves_nothing_behind(
    here: Path, verb: str, number: signal.Signals, code: int
) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("started where Ctrl-C means nothing, and so is every process from here")
    many = {"check": ["--examples", "100000"], "simulate": ["--orders", "10000000", "-o", "file"]}
    with process(verb, "chain", *many[verb], TMPDIR=str(here)) as running:
        wait_until_begun(running, here)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)

    assert running.returncode in {code, -number}  # a shell makes one of the other
    assert (out, err) == (b"", b"stopped\n")
    assert list(here.iterdir()) == []


def wait_until_begun(running: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until what a long run needs is in *folder*, or it never will be."""
    while not at_work(folder):
        try:
            running.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue
        return


def at_work(folder: Path) -> bool:
    """Whether a run has its own folder in *folder*, or has written to a file there."""
    with suppress(FileNotFoundError):  # what only tried the place is gone by now
        return any(path.is_dir() or path.stat().st_size for path in folder.iterdir())
    return False
