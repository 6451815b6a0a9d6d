"""``orderflow certify`` leads a program through scenarios, and its exit code says how that went."""

import json
import os
import shlex
import signal
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from orderflow.certify.scenario_file import library_names
from orderflow.conformance.integration.suite import SUITES
from tests.certify.staged import READY, written
from tests.cli.running import ROOT, here, process, refused, run, spawned
from tests.cli.test_examples import IN_HELP, help_of, typed

__all__ = ["here"]

ERP = ROOT / "tests" / "certify" / "small_erp.py"
HAPPY = written(READY, expect="[{order: first, status: [invoiced]}]", name="happy", patience="3")


@pytest.fixture
def scene(here: Path) -> Path:
    """A folder with a scenario, and a suite with three rules."""
    (here / "happy.yaml").write_text(HAPPY)
    (here / "mine.yaml").write_text(
        "suite: mine\ntitle: What a small ERP does\nrules: [B-01, B-02, B-28]\nroles: [feed]\n"
    )
    return here


def words(*more: str | Path, bent: str = "") -> list[str | Path]:
    """A small ERP in the scenario of :func:`scene`."""
    usual = ("certify", "--suite", "mine.yaml", "--scenario", "happy.yaml", "--quiet-for", "0.3")
    return [*usual, *more, "--", sys.executable, ERP, bent]


def test_help_shows_commands_that_are_understood(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    (scene / "my-erp").write_text(f"#!/bin/sh\nexec {sys.executable} {ERP}\n")
    (scene / "my-erp").chmod(0o700)
    (scene / "settings.template").write_text("url=${ORDERFLOW_URL}\n")
    run(*words("--trace", "calls.jsonl"))
    (scene / "examples").symlink_to(ROOT / "examples")
    commands = typed(IN_HELP, help_of("certify"))

    assert len(commands) > 5
    for command in commands:
        given = shlex.split(command)[1:]
        place = given.index("--") if "--" in given else len(given)
        if "--list" not in given and "--from-trace" not in given:
            given[place:place] = ["--timeout", "1"]
        given = ["0" if word == "8080" else word for word in given]

        assert run(*given).code in (0, 1), command
    assert (scene / "settings.ini").read_text().startswith("url=http://127.0.0.1:")


def test_who_conforms_is_told_so_and_exits_with_0(scene: Path) -> None:
    done = run(*words())

    assert (done.code, done.out.splitlines()[-1][:5]) == (0, "PASS:")
    assert "orderflow-certify.html" in done.err
    assert (scene / "orderflow-certify.html").read_text().startswith("<!doctype html>")


def test_who_deviates_is_told_why_and_exits_with_1(scene: Path) -> None:
    done = run(*words(bent="never-commits"))

    assert done.code == 1
    assert "B-01" in done.out
    assert done.out.splitlines()[-1].startswith(("FAIL:", "  "))


def test_every_result_is_written_and_tells_the_same(scene: Path) -> None:
    files = {name: scene / name for name in ("json", "junit", "summary", "badge", "certificate")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    done = run(*words(*options, "--trace", "t.jsonl", "--seed", "5"))

    told = json.loads(files["json"].read_text())
    certificate = json.loads(files["certificate"].read_text())
    assert done.code == 0
    assert told["sentence"] == certificate["sentence"]
    assert certificate["digests"].keys() == {"suite", "scenarios", "trace"}
    assert certificate["seed"] == 5
    assert shlex.split(told["command"])[:6] == [
        *("orderflow", "certify", "--suite", "mine.yaml", "--scenario", "happy.yaml"),
    ]
    assert ET.parse(files["junit"]).getroot() is not None  # noqa: S314 - our own file
    assert files["badge"].read_text().startswith("<svg")
    assert told["sentence"] in files["summary"].read_text()


def test_a_result_on_stdout_stands_alone(scene: Path) -> None:
    done = run(*words("--json", "-"))

    assert json.loads(done.out)["passed"] is True


def test_no_credentials_are_shown_anywhere(scene: Path) -> None:
    run(*words("--json", "v.json", "--trace", "t.jsonl", "--summary", "s.md", "--junit", "j.xml"))
    names = ("v.json", "t.jsonl", "s.md", "j.xml", "orderflow-certify.html")
    text = "".join((scene / name).read_text() for name in names)

    assert "working with ***" in text
    assert "RPADRULVLXRAGZWTIUWKZGNXMFRLNMOX" not in text


def test_a_recorded_trace_gets_the_same_verdict(scene: Path) -> None:
    run(*words("--json", "v.json", "--trace", "t.jsonl"))
    again = run("certify", "--suite", "mine.yaml", "--from-trace", "t.jsonl", "--json", "w.json")

    one, two = (json.loads((scene / name).read_text()) for name in ("v.json", "w.json"))
    assert again.code == 0
    assert one["rules"] == two["rules"]
    assert one["scenarios"] == two["scenarios"]


def test_a_trace_file_is_that_of_the_last_run_alone(scene: Path) -> None:
    for _ in range(2):
        run(*words("--trace", "t.jsonl"))

    kinds = [json.loads(line)["kind"] for line in (scene / "t.jsonl").read_text().splitlines()]
    assert kinds.count("scenario") == 1


def test_what_serve_has_recorded_is_judged(here: Path) -> None:
    with process("serve", "--trace", "t.jsonl") as serving:
        assert serving.stdout is not None
        line = serving.stdout.readline().decode().split()
        variables = {
            "ORDERFLOW_URL": line[1],
            "ORDERFLOW_APP_KEY": line[3],
            "ORDERFLOW_APP_TOKEN": line[5],
        }
        pid = os.posix_spawn(
            sys.executable, [sys.executable, str(ERP)], {**os.environ, **variables}
        )
        end = time.monotonic() + 20
        while b'"operation": "GET /api/orders/feed"' not in (here / "t.jsonl").read_bytes():
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        serving.send_signal(signal.SIGINT)
        serving.wait(20)

    done = run("certify", "--suite", "erp-basic", "--from-trace", "t.jsonl", "--json", "v.json")
    told = json.loads((here / "v.json").read_text())
    assert {each["id"]: each["outcome"] for each in told["rules"]}["B-09"] == "kept"
    assert told["scenarios"] == []
    assert done.code in (0, 1)


def test_list_names_all_suites_and_scenarios() -> None:
    text, data = run("certify", "--list").out, run("certify", "--list", "--format", "json").out

    for name in (*SUITES, *library_names()):
        assert f"  {name}" in text
    plain = json.loads(data)
    assert [each["scenario"] for each in plain["scenarios"]] == list(library_names())
    assert [each["suite"] for each in plain["suites"]] == list(SUITES)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--suite", "erp-basik", "--", "x"], "no suite 'erp-basik'; did you mean 'erp-basic'?"),
        (["--scenario", "hapy-path", "--", "x"], "no scenario 'hapy-path'; did you mean"),
        (["--from-trace", "none.jsonl"], "none.jsonl: No such file"),
        (["--from-trace", "t.jsonl", "--", "x"], "COMMAND: --from-trace judges what was recorded"),
        (["--from-trace", "t.jsonl", "--port", "1"], "--port: --from-trace judges"),
        (["--suite", "seller-connector"], "say where the seller listens, by --seller-url"),
        (["--suite", "marketplace-connector"], "say where it is told of sales, by --tell-url"),
        (["--json", "a", "--junit", "a", "--", "x"], "--junit a: --json goes there, too"),
        (["--trace", "no/t.jsonl", "--", "x"], "there is no folder no"),
        (["--config", "x", "--", "x"], "write TEMPLATE=FILE"),
        (["--config", "none=x", "--", "x"], "--config: none: No such file"),
        (["--scenario", "wrong.yaml", "--", "x"], "wrong.yaml:1:1: 'title' is missing"),
        (["--timeout", "0", "--", "x"], "--timeout"),
        (["--", "./no-such-program"], "./no-such-program: cannot be started"),
    ],
)
def test_wrong_use_is_refused(here: Path, given: list[str], told: str) -> None:
    (here / "wrong.yaml").write_text("scenario: wrong\n")

    assert told in refused("certify", *given)


def test_everything_wrong_is_told_at_once(here: Path) -> None:
    message = refused("certify", "--suite", "a", "--scenario", "b", "--json", "no/c", "--", "x")

    for part in ("no suite 'a'", "no scenario 'b'", "there is no folder no"):
        assert part in message


def test_ctrl_c_ends_it_with_what_was_judged_and_leaves_nobody_behind(scene: Path) -> None:
    (scene / "waits.yaml").write_text(written("wait: {call: x}", name="waits", patience="60"))
    given = words("--scenario", "waits.yaml", "--json", "v.json", "--trace", "t.jsonl")
    with process(*given) as running:
        end = time.monotonic() + 30
        while '"scenario": "waits"' not in _text(scene / "t.jsonl"):
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)

    told = json.loads((scene / "v.json").read_text())
    assert running.returncode == 130, err
    assert [each["ending"] for each in told["scenarios"]] == ["reached", "out-of-time"]
    assert b"broken off" in out
    assert b"Traceback" not in err


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_where_to_call_is_said_when_the_integration_runs_elsewhere(scene: Path) -> None:
    done = spawned(*words("--timeout", "1")[:-4])

    assert done.code == 1
    assert "export ORDERFLOW_URL=http://127.0.0.1:" in done.err
    assert "export ORDERFLOW_APP_TOKEN=" in done.err
    assert "never called" in done.out
