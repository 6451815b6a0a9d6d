"""Whatever a person gets wrong, the command says what, where and what would have worked, exits
with 2, and leaves every file as it was."""

import os
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.running import BROKEN, ROOT, content, here, refused, run, spawned

__all__ = ["here"]

VERBS = ("check", "lint", "simulate", "replay")
HEAD = "flow: mine\nextends: seller\ntitle: Mine\n"
ROW = "transitions:\n  - {{id: X01, from: {source}, on: {event}, to: handling{more}}}\n"
BOMB = "".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n",
        *(f"{n}: &{n} [{', '.join([f'*{o}'] * 10)}]\n" for o, n in pairwise("abcdefg")),
    ]
)

FILES = {
    "binary": (b"\x7fELF\x02\x01\x00\x00\xd0\xff", "bad.yaml:1:9: byte 0xd0 is not UTF-8"),
    "zeros": (b"flow: x\n\x00\x00", "bad.yaml:2:1: character U+0000"),
    "empty": (b"", "bad.yaml: the file is empty"),
    "big": (b"# x\n" * 2_500_000, "bad.yaml: has 10,000,000 bytes; at most 1,000,000 are read"),
    "bomb": (BOMB.encode(), "bad.yaml:6:"),
    "twice": (f"{HEAD}title: Again\n".encode(), "bad.yaml:4:1: key 'title' is given twice"),
    "tab": (f"{HEAD}final:\n\tsuccess: []\n".encode(), "bad.yaml:5:1: a tab stands where"),
}
"""Files that no verb can read, and how the message about them begins."""

FLOWS = {
    "type": (f"{HEAD}transitions: 7\n", ("bad.yaml:4:14: ",)),
    "list": ("- a\n- b\n", ("bad.yaml:1:1: ",)),
    "predicate": (
        HEAD + ROW.format(source="handling", event="request_cancel", more=", when: no_invoce"),
        ("bad.yaml:5:", "unknown predicate 'no_invoce'"),
    ),
    "status": (
        HEAD + ROW.format(source="handeling", event="request_cancel", more=""),
        ("bad.yaml:5:", "unknown status 'handeling'; did you mean 'handling'?"),
    ),
    "cycle": (HEAD.replace("seller", "bad.yaml"), ("bad.yaml:2:10: the file extends itself",)),
    "base": (HEAD.replace("seller", "selller"), ("bad.yaml:2:10: ", "did you mean 'seller'?")),
    "key": (
        HEAD + ROW.format(source="handling", event="request_cancel", more=", wen: paid"),
        ("bad.yaml:5:65: ", "'wen'", "did you mean 'when'?"),
    ),
}
"""Flow files that can be read and make no sense, and what the message about them says."""

BAD_TRACE = """\
flow: seller
profile: seller
steps:
  - place_order
  - {do: "x y"}
  - {do: place_order, than: x}
items: many
colour: red
"""


def wrong(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.fixture
def unchanged(here: Path) -> Iterator[Path]:
    """A folder with an old report, in which a run may leave nothing and change nothing."""
    (here / "orderflow-report.html").write_text("the old report")
    folder = here / "in"
    folder.mkdir()
    yield folder
    left = {name: data for name, data in content(here).items() if not name.startswith("in/")}
    assert left == {"orderflow-report.html": b"the old report"}
    assert all(not name.startswith("in/.") for name in content(here))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_told_with_its_place(
    unchanged: Path, verb: str, name: str
) -> None:
    data, told = FILES[name]
    path = wrong(unchanged, "bad.yaml", data)

    message = refused(verb, path)

    assert message.startswith(f"{unchanged}/{told}")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("verb", ["check", "lint", "simulate"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_file_that_makes_no_sense_is_told_with_its_place(
    unchanged: Path, verb: str, name: str
) -> None:
    text, told = FLOWS[name]
    path = wrong(unchanged, "bad.yaml", text)

    message = refused(verb, path)

    assert all(part in message for part in told), message
    assert "bad.yaml:" in message.splitlines()[0]


def test_problems_of_one_file_are_told_together(unchanged: Path) -> None:
    row = ROW.format(source="handeling", event="request_cancel", more=", drawn: ds99")
    path = wrong(unchanged, "bad.yaml", f"{HEAD}{row}initial: odrer-accepted\n")

    first, second, third = refused("check", path).splitlines()

    assert first.startswith(f"{path}:5:21: unknown status 'handeling'")
    assert second.startswith(f"{path}:5:73: unknown diagram edge 'ds99'")
    assert third.startswith(f"{path}:6:10: unknown status 'odrer-accepted'")


def test_all_that_is_wrong_with_a_command_line_is_told_together(unchanged: Path) -> None:
    path = wrong(unchanged, "bad.yaml", "")

    message = refused(
        *("check", path, "seler", "none.yaml", "--set", "a", "--set", "b=1"),
        *("--report", "no/where.html", "--junit", unchanged),
    )

    assert [line.split(" ")[0] for line in message.splitlines()] == [
        f"{path}:",
        "no",
        "none.yaml:",
        "--set",
        "--set:",
        "no/where.html:",
        f"{unchanged}:",
    ]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.yaml", "there is no such file"),
        ("in", "is a folder"),
        ("x" * 300 + ".yaml", "cannot be read: File name too long"),
    ],
)
def test_what_is_no_file_is_named(unchanged: Path, verb: str, name: str, told: str) -> None:
    message = refused(verb, name)

    assert message.startswith(f"{name}: {told}")


@pytest.mark.parametrize("verb", ["check", "lint", "simulate"])
@pytest.mark.parametrize("name", ["seler", "x" * 300])
def test_an_unknown_flow_name_is_answered_with_the_known_ones(verb: str, name: str) -> None:
    message = refused(verb, name)

    assert f"no flow or deal {name!r}" in message
    assert "marketplace, seller, complete, chain" in message
    assert ("did you mean 'seller'?" in message) == (name == "seler")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("checks", "no verb 'checks'; did you mean 'check'?"),
        ("check --profil x", "No such option '--profil'"),
        ("check seller --seed -1", "-1 is not in the range x>=0"),
        ("check seller --seed x", "'x' is not a valid integer"),
        ("check seller --profile new", "'documented', 'observed', 'legacy'"),
        ("check seller --examples 1000000", "0<=x<=100000"),
        ("check seller --module pack", "no module 'pack'; modules: picking, wms"),
        ("check chain --module picking", "no module 'picking'; it has none"),
        ("check seller --set cancellation_window", "write NAME=VALUE, such as"),
        ("check seller --set cancelation_window=1", "did you mean 'cancellation_window'"),
        ("check seller --set cancellation_window=soon", "'soon' is not a number, true or false"),
        ("check seller --set cancellation_window=nan", "allowed: 0 to 52596000 minutes"),
        ("check seller --set cancellation_window=-1", "allowed: 0 to 52596000 minutes"),
        ("simulate", "Missing argument 'FLOW'"),
        ("simulate seller --orders 0", "0 is not in the range x>=1"),
        ("simulate seller --defects 2", "2.0 is not in the range 0<=x<=1"),
        ("simulate seller --format xml", "'xml' is not one of 'jsonl', 'csv'"),
        ("simulate seller -o no/where.jsonl", "there is no folder no"),
        ("simulate seller -o .", "is a folder; name a file"),
        ("lint --vocabulary seller", "it takes no FLOW"),
        ("rules A-999", "there is no rule 'A-999'; the nearest is A-"),
        ("rules nonsense", "`orderflow rules` lists all"),
        ("rules A-39 --profile seed", "not both"),
        ("replay", "give FILE, or --flow and --steps, or --deal and --steps"),
        ("replay --flow seller", "give FILE, or --flow and --steps, or --deal and --steps"),
        ("replay --flow seler --steps place_order", "did you mean 'seller'?"),
        ("replay --flow seller --steps place_ordre", "step 1: 'place_ordre' is not an event of"),
        ("replay --flow seller --steps a:b:c", "'a:b:c' is not an act; write event,"),
        ("replay --flow seller --steps advance:soon", "write it like 90s, 30m, 4h or 2d"),
        ("replay --flow seller --steps place_order --items 1x0", "worth at least one cent"),
        ("replay --flow seller --steps place_order --items ten", "write 2x4990 or 1x1500:pickup"),
        ("replay none.yaml --flow seller --items 1x1", "leave out --flow, --items"),
    ],
)
def test_wrong_usage_is_answered_with_what_would_have_worked(
    unchanged: Path, words: str, told: str
) -> None:
    assert told in refused(*words.split())


def test_both_options_of_a_scenario_are_told(unchanged: Path) -> None:
    message = refused("replay", "--flow", "seller", "--items", "ten", "--steps", "a b:c:d")

    assert [line.split(":")[0] for line in message.splitlines()] == ["item 1", "act 2"]


def test_everything_wrong_with_a_trace_file_is_told_with_its_place(unchanged: Path) -> None:
    path = wrong(unchanged, "bad.trace.yaml", BAD_TRACE)

    message = refused("replay", path)

    places = [line.removeprefix(f"{path}:").split(" ")[0] for line in message.splitlines()]
    assert places == ["2:10:", "5:5:", "6:5:", "7:8:", "8:9:"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flow: seller\nsteps: [fly]\n", "bad.yaml:2:9: 'fly' is not an event of seller"),
        ("flow: seler\nsteps: [place_order]\n", "did you mean 'seller'?"),
        ("flow: seller\nmodules: [x]\nsteps: [place_order]\n", "modules: picking, wms"),
        ("flow: seller\nsteps: []\n", "bad.yaml:2:8: `steps` must list at least one act"),
        ("steps: [place_order]\n", "`flow` must be a text"),
        ("place_order\n", "a trace file is a mapping with `flow` or `deal`, and `steps`"),
    ],
)
def test_a_trace_file_is_read_as_carefully_as_a_flow_file(
    unchanged: Path, text: str, told: str
) -> None:
    assert told in refused("replay", wrong(unchanged, "bad.yaml", text))


@pytest.mark.parametrize(
    ("option", "name", "told"),
    [
        ("--report", "none/report.html", "there is no folder none"),
        ("--json", "in", "is a folder; name a file"),
        ("--junit", "x" * 300, "cannot be written: File name too long"),
        ("--summary", "orderflow-report.html", "--report goes there, too"),
        ("--traces", "orderflow-report.html", "is a file; name a folder"),
        ("--traces", "orderflow-report.html/traces", "cannot be made in"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_refused_before_the_run(
    unchanged: Path, option: str, name: str, told: str
) -> None:
    assert told in refused("check", "seller", option, name)


@pytest.mark.parametrize("option", ["--report", "--json", "--junit", "--summary"])
def test_a_result_never_overwrites_the_flow_it_is_about(unchanged: Path, option: str) -> None:
    path = wrong(unchanged, "mine.yaml", HEAD)

    assert "is read by this command" in refused("check", path, option, path)
    assert "is the flow file" in refused("simulate", path, "-o", path)
    assert path.read_text() == HEAD


def test_a_folder_that_may_not_be_written_to_is_refused(here: Path) -> None:
    here.chmod(0o500)
    if os.access(here, os.W_OK):
        pytest.skip("this user may write everywhere, as root may")
    try:
        assert "cannot be written: Permission denied" in refused("check", "seller")
        words = ("check", "seller", "--report", "/dev/null", "--traces", "traces")
        assert "cannot be made in" in refused(*words)
    finally:
        here.chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="a full disk is imitated")
@pytest.mark.parametrize(
    "words", ["check seller --examples 0 --no-prove", "simulate seller --orders 500 -o"]
)
def test_a_file_survives_a_failing_write(here: Path, words: str) -> None:
    old = here / "old"
    old.write_text("the old one")
    more = ["--report", old, "--json", here / "json"] if words.startswith("check") else [old]
    (here / "sitecustomize.py").write_text(
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
    )

    outcome = spawned(*words.split(), *more, PYTHONPATH=f"{here}{os.pathsep}{ROOT}")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"{old}: cannot be written: File too large\n"
    assert content(here).keys() == {"old", "sitecustomize.py"}
    assert old.read_text() == "the old one"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_is_written_to_and_not_replaced(here: Path) -> None:
    device = Path("/dev/full")

    message = refused("simulate", "seller", "-o", device)

    assert message == "/dev/full: cannot be written: No space left on device\n"
    assert device.is_char_device()


def test_what_is_written_through_a_link_keeps_link_and_permissions(here: Path) -> None:
    (here / "real").write_text("old")
    (here / "real").chmod(0o600)
    (here / "link").symlink_to("real")

    run("simulate", "seller", "--orders", "1", "-o", "link")

    assert (here / "link").is_symlink()
    assert (here / "real").read_text().startswith('{"order_id"')
    assert (here / "real").stat().st_mode & 0o777 == 0o600


def test_a_missing_example_is_no_reason_to_pass() -> None:
    assert len(BROKEN) >= 10
