"""``orderflow check`` says whether flows conform, in every form asked for, and each failure it
tells can be seen again with what it prints and with what it writes."""

import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.reports.jsonfile import read_json
from tests.cli.running import BROKEN, QUICK, content, here, run
from tests.reports.test_schemas import COVERED, CTRF, JUNIT, VERDICT

__all__ = ["here"]

BREAKS = re.compile(r"^# breaks: (\S+)", re.MULTILINE)
REPLAY = re.compile(r"^  replay    (.*)$", re.MULTILINE)
EVIL = """\
flow: evil
extends: marketplace
title: "Evil \\u009b2J \\u202e"
transitions:
  - {id: "X\\u009b31m", from: invoiced, on: "hack\\u009b1A", to: cancel, actor: marketplace,
     note: "\\e[2J\\e]0;owned\\a\\r"}
events:
  "hack\\u009b1A": {actors: marketplace, meaning: "\\e[31m"}
"""


def broken_rule(path: Path) -> str:
    found = BREAKS.search(path.read_text("utf-8"))
    assert found, path
    return found[1]


def replay_commands(told: str) -> list[list[str]]:
    """The words that the printed replay commands give to ``orderflow``, as a shell splits them."""
    commands = [shlex.split(text) for text in REPLAY.findall(told)]
    assert all(words[:2] == ["orderflow", "replay"] for words in commands)
    return [words[1:] for words in commands]


def test_what_conforms_is_told_in_a_line_for_each_flow_and_one_for_the_verdict(here: Path) -> None:
    outcome = run("check", "seller", "chain", *QUICK)

    seller, chain, unfit, report, verdict = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert seller.startswith("seller: 43 of 43 transitions, ")
    assert chain.startswith("chain: ")
    assert unfit.startswith("not judged, evidence missing: A-09 (")
    assert report == "report: orderflow-report.html"
    assert verdict.startswith("PASS: ")
    assert content(here).keys() == {"orderflow-report.html"}


def test_without_a_name_all_flows_and_deals_are_checked(here: Path) -> None:
    outcome = run("check", "--examples", "0", "--no-prove")

    names = [line.split(":")[0] for line in outcome.out.splitlines()]
    flows = ["marketplace", "seller", "complete", "chain"]
    deals = [f"deal {name}" for name in bundled_deal_names()]
    assert outcome.code == 0
    assert names == [*flows, *deals, "not judged, evidence missing", "report", "PASS"]


def test_every_result_is_written_where_it_should_go(here: Path) -> None:
    broken = BROKEN[0]

    outcome = run(
        *("check", broken, *QUICK, "--report", "r.html", "--json", "v.json"),
        *("--junit", "j.xml", "--summary", "s.md", "--traces", "deep/traces"),
    )

    assert outcome.code == 1
    files = dict(content(here))
    verdict = read_json(files.pop("v.json").decode())
    assert not verdict.passed
    assert files.pop("r.html").startswith(b"<!doctype html>")
    assert int(ET.fromstring(files.pop("j.xml").decode()).get("failures", "0")) > 0  # noqa: S314  # ours
    assert files.pop("s.md").decode().startswith("## ❌ FAIL: ")
    assert len(files) == len(verdict.failures) > 0
    assert all(name.startswith("deep/traces/") for name in files)
    assert f"traces: {len(files)} in deep/traces" in outcome.out


@pytest.mark.parametrize("what", ["chain", "marketplace-seller", str(BROKEN[0])], ids=range(3))
def test_every_file_for_programs_obeys_its_schema(here: Path, what: str) -> None:
    run(
        *("check", what, *QUICK, "--json", "v.json", "--junit", "j.xml", "--ctrf", "t.json"),
        *("--coverage", "c.json"),
    )

    VERDICT.validate(json.loads((here / "v.json").read_text()))
    COVERED.validate(json.loads((here / "c.json").read_text()))
    CTRF.validate(json.loads((here / "t.json").read_text()))
    JUNIT.validate((here / "j.xml").read_text())


@pytest.mark.parametrize("result", ["json", "junit", "summary", "ctrf", "report"])
def test_a_result_on_stdout_is_alone_there(here: Path, result: str) -> None:
    file = run("check", "chain", *QUICK, f"--{result}", "file", "--report", "r.html")
    words = ["check", "chain", *QUICK, "--report", "r.html", f"--{result}", "-"]
    if result == "report":
        file = run("check", "chain", *QUICK, "--report", "file")

    stdout = run(*words)

    assert (file.code, stdout.code, stdout.err) == (0, 0, "")
    assert stdout.out == (here / "file").read_text("utf-8")


def test_the_verdict_on_stdout_is_json_whatever_it_says(here: Path) -> None:
    outcome = run("check", BROKEN[0], *QUICK, "--json", "-")

    assert outcome.code == 1
    assert json.loads(outcome.out)["passed"] is False


def test_two_results_cannot_share_stdout(here: Path) -> None:
    outcome = run("check", "chain", "--json", "-", "--junit", "-")

    assert (outcome.code, outcome.err) == (2, "--junit -: --json goes there, too\n")


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_flow_is_told_as_a_story_that_can_be_seen_again(here: Path, path: Path) -> None:
    rule = broken_rule(path)

    outcome = run("check", path, *QUICK, "--traces", "traces")

    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    story = next(part for part in outcome.out.split("replay    ") if f"rule      {rule} " in part)
    assert re.search(r"\n  \d+ steps?(, shrunk from \d+)?\n     1  00:00  ", story)
    assert "\n  ✕ " in story
    assert outcome.out.splitlines()[-1].startswith("FAIL: ")
    again = [run(*words) for words in replay_commands(outcome.out)]
    assert all(replay.err == "" for replay in again)
    assert {replay.code for replay in again if f"({rule})" in replay.out} == {1}
    for trace in (here / "traces").glob(f"*-{rule}-*.trace.yaml"):
        from_file = run("replay", trace)
        assert (from_file.code, from_file.err) == (1, "")
        assert f"({rule})" in from_file.out


def test_settings_and_modules_travel_with_the_failure(here: Path) -> None:
    options = ("--set", "cancellation_window=61", "--module", "picking")
    (path,) = [path for path in BROKEN if path.stem == "cancel-after-a-partial-invoice"]

    outcome = run("check", path, "--examples", "0", "--no-prove", *options, "--traces", ".")

    words = replay_commands(outcome.out)[0]
    assert all(word in words for word in options)
    text = next(here.glob("*-A-54-*.trace.yaml")).read_text()
    assert "cancellation_window" in text
    assert "picking" in text
    assert run(*words).code == run("replay", next(here.glob("*-A-54-*.trace.yaml"))).code == 1


def test_the_command_in_the_verdict_repeats_it_byte_for_byte(here: Path) -> None:
    words = ("--module", "wms", "--set", "cancellation_window=60", "--profile", "observed")
    run("check", "seller", "--seed", "7", *QUICK, *words, "--json", "one.json")
    command = json.loads((here / "one.json").read_text())["command"]

    run(*shlex.split(command)[1:], "--json", "two.json")

    assert (here / "one.json").read_bytes() == (here / "two.json").read_bytes()


def test_what_lint_would_mend_is_pointed_at(here: Path) -> None:
    row = "  - {id: X01, from: handling, on: request_cancle, to: handling}\n"
    (here / "mine.yaml").write_text(
        f"flow: mine\nextends: seller\ntitle: Mine\ntransitions:\n{row}"
    )

    outcome = run("check", "mine.yaml", "--examples", "0", "--no-prove")

    assert outcome.err == "mine.yaml: `orderflow lint` finds a thing to mend\n"


def test_two_flows_of_one_name_are_refused(here: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (here / name).write_text("flow: mine\nextends: seller\ntitle: Mine\n")

    outcome = run("check", "a.yaml", "b.yaml")

    assert (outcome.code, outcome.err) == (
        2,
        "b.yaml: a flow called 'mine' came with a.yaml, too\n",
    )


def test_nothing_in_a_flow_file_acts_on_the_terminal(here: Path) -> None:
    (here / "evil.yaml").write_text(EVIL)

    outcomes = [
        run("check", "evil.yaml", *QUICK),
        run("lint", "evil.yaml"),
        run("replay", "--flow", "evil.yaml", "--steps", "place_order"),
    ]

    assert {outcome.code for outcome in outcomes} == {2}
    shown = "".join(outcome.out + outcome.err for outcome in outcomes).replace("\n", "")
    assert shown.isprintable()
    assert r"\x9b1A" in shown


def test_a_setting_that_makes_no_difference_is_told(here: Path) -> None:
    words = ("--set", "bank_slip_attempts=5", "--set", "cancellation_window=60")

    outcome = run("check", "chain", *QUICK, *words)

    told = "--set bank_slip_attempts: nothing in chain depends on it\n"
    assert (outcome.code, outcome.err) == (0, told)
