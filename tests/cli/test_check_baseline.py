"""``--baseline`` tells in every result what is new, known and fixed since an earlier run, and
``--fail-on new`` lets a run pass that fails in nothing new, loudly."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from orderflow.cli.telling import told
from orderflow.conformance.baseline import compare
from orderflow.conformance.verdict import Failure
from orderflow.reports.jsonfile import read_json, render_json
from tests.cli.running import BROKEN, content, here, refused, run
from tests.reports.small_verdicts import SHIPPED_UNPAID, the_failing

__all__ = ["here"]

(CANCELS,) = [path for path in BROKEN if path.stem == "cancel-after-invoiced"]
TOURS = ("--examples", "0", "--no-prove")
"""A run without chance finds every wrong row of these flows."""


def broken(here: Path, *, rows: int = 1) -> Path:
    """A seller of one's own with so many wrong rows."""
    wrong = [
        "  - {id: X01, from: invoiced, on: cancel_order, to: cancel, actor: marketplace}",
        "  - {id: X02, from: canceled, on: start_handling, to: handling, actor: seller}",
    ]
    head = ["flow: mine", "extends: seller", "title: Mine", *(["transitions:"] if rows else [])]
    path = here / "mine.yaml"
    path.write_text("\n".join([*head, *wrong[:rows], ""]))
    return path


def earlier(here: Path, *words: str | Path) -> list[Failure]:
    """Check something and keep the verdict as ``old.json``; its failures."""
    run("check", *words, "--json", "old.json")
    return list(read_json((here / "old.json").read_text()).failures)


def test_the_same_run_again_has_known_failures_only(here: Path) -> None:
    failures = earlier(here, CANCELS, *TOURS)

    outcome = run("check", CANCELS, *TOURS, "--baseline", "old.json")

    assert failures
    assert outcome.code == 1
    assert f"Since the earlier run: 0 new, {len(failures)} known, 0 fixed." in outcome.out
    assert outcome.out.count("  since     known, ") == len(failures)
    assert outcome.out.splitlines()[-1].startswith("FAIL: ")


def test_what_broke_since_is_new(here: Path) -> None:
    known = earlier(here, broken(here, rows=1), *TOURS)

    outcome = run("check", broken(here, rows=2), *TOURS, "--baseline", "old.json")

    assert outcome.code == 1
    counted = re.search(r"Since the earlier run: (\d+) new, (\d+) known, 0 fixed\.", outcome.out)
    assert counted
    assert (int(counted[1]) > 0, int(counted[2])) == (True, len(known))
    assert outcome.out.count("  since     new, ") == int(counted[1])
    assert "  The text of mine has changed since." in outcome.out


def test_what_was_mended_is_fixed(here: Path) -> None:
    known = earlier(here, broken(here, rows=1), *TOURS)

    outcome = run("check", broken(here, rows=0), *TOURS, "--baseline", "old.json")

    assert outcome.code == 0
    assert f"Since the earlier run: 0 new, 0 known, {len(known)} fixed." in outcome.out
    assert f"  fixed: {known[0].rule} (mine): {known[0].sentence}" in outcome.out


def test_what_was_not_asked_again_is_not_fixed_and_can_be_asked(here: Path) -> None:
    known = earlier(here, CANCELS, *TOURS)

    outcome = run("check", "chain", *TOURS, "--baseline", "old.json")

    assert outcome.code == 0
    told = f"Since the earlier run: 0 new, 0 known, 0 fixed, {len(known)} not asked again."
    assert told in outcome.out
    again = f"was not checked; to know: {known[0].replay}"
    assert again in outcome.out


def test_a_fault_that_is_not_looked_for_again_is_not_fixed(here: Path) -> None:
    words = ("deal:marketplace-seller", *TOURS)
    known = earlier(here, *words, "--faults", "invoice.settlement_failed")

    fewer = run("check", *words, "--baseline", "old.json")

    assert known
    assert f"0 new, 0 known, 0 fixed, {len(known)} not asked again." in fewer.out
    assert "the fault invoice.settlement_failed was not switched on" in fewer.out


def test_every_result_tells_what_is_new(here: Path) -> None:
    earlier(here, broken(here, rows=1), *TOURS)

    run(
        *("check", broken(here, rows=2), *TOURS, "--baseline", "old.json", "--json", "v.json"),
        *("--junit", "j.xml", "--summary", "s.md", "--ctrf", "c.json"),
    )

    changes = json.loads((here / "v.json").read_text())["changes"]
    new, known = ({each["identity"] for each in changes[word]} for word in ("new", "known"))
    assert new
    assert known
    assert not new & known
    verdict = read_json((here / "v.json").read_text())
    assert {failure.identity for failure in verdict.failures} == new | known
    said = f"Since the earlier run: {len(changes['new'])} new, {len(changes['known'])} known, "
    assert said in (here / "s.md").read_text()
    properties = ET.fromstring((here / "j.xml").read_text()).iter("property")  # noqa: S314  # ours
    assert any(str(each.get("value")).startswith(said) for each in properties)
    ctrf = json.loads((here / "c.json").read_text())["results"]
    assert ctrf["extra"]["baseline"].startswith(said)
    marks = {
        (each["identity"], each["baseline"])
        for test in ctrf["tests"]
        for each in test.get("extra", {}).get("failures", [])
    }
    assert marks == {(each, "new") for each in new} | {(each, "known") for each in known}


def test_without_a_baseline_nothing_is_said_of_one(here: Path) -> None:
    outcome = run("check", CANCELS, *TOURS, "--json", "v.json", "--junit", "j.xml")

    every = outcome.out + (here / "v.json").read_text() + (here / "j.xml").read_text()
    for word in ("earlier run", "baseline", '"changes"', "  since "):
        assert word not in every


def test_a_baseline_that_was_compared_itself_serves_as_well(here: Path) -> None:
    earlier(here, CANCELS, *TOURS)
    run("check", CANCELS, *TOURS, "--baseline", "old.json", "--json", "next.json")

    outcome = run("check", CANCELS, *TOURS, "--baseline", "next.json", "--fail-on", "new")

    assert outcome.code == 0


def test_known_failures_alone_can_be_let_pass_and_it_is_said_last(here: Path) -> None:
    known = earlier(here, CANCELS, *TOURS)
    errors = [failure for failure in known if failure.severity == "error"]

    outcome = run("check", CANCELS, *TOURS, "--baseline", "old.json", "--fail-on", "new")

    count = f"{len(errors)} failure{' is' if len(errors) == 1 else 's are'}"
    *_, verdict, last = outcome.out.splitlines()
    assert outcome.code == 0
    assert verdict.startswith("FAIL: ")
    assert last == f"EXIT 0 ALL THE SAME: {count} known from old.json (--fail-on new)"


def test_it_is_said_on_stderr_when_stdout_is_taken(here: Path) -> None:
    earlier(here, CANCELS, *TOURS)
    words = ("--baseline", "old.json", "--fail-on", "new", "--json", "-")

    outcome = run("check", CANCELS, *TOURS, *words)

    assert outcome.code == 0
    assert outcome.err.splitlines()[-1].startswith("EXIT 0 ALL THE SAME: ")
    assert json.loads(outcome.out)["passed"] is False


def test_a_new_failure_fails_whatever_else_is_known(here: Path) -> None:
    earlier(here, broken(here, rows=1), *TOURS)
    words = ("--baseline", "old.json", "--fail-on", "new")

    outcome = run("check", broken(here, rows=2), *TOURS, *words)

    assert outcome.code == 1
    assert "ALL THE SAME" not in outcome.out


def test_too_little_coverage_fails_all_the_same(here: Path) -> None:
    earlier(here, CANCELS, *TOURS)
    words = ("--baseline", "old.json", "--fail-on", "new", "--require", "tags=100")

    assert run("check", CANCELS, *TOURS, *words).code == 1


def test_what_passes_says_nothing_of_excuses(here: Path) -> None:
    earlier(here, "chain", *TOURS)

    outcome = run("check", "chain", *TOURS, "--baseline", "old.json", "--fail-on", "new")

    assert outcome.code == 0
    assert "ALL THE SAME" not in outcome.out
    assert "Since the earlier run: 0 new, 0 known, 0 fixed." in outcome.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--baseline", "nowhere.json"), "nowhere.json: cannot be read: No such file"),
        (("--baseline", "."), ".: cannot be read: Is a directory"),
        (("--baseline", "damaged.json"), "damaged.json:2:3: is not JSON"),
        (("--baseline", "coverage.json"), 'coverage.json: schema is "orderflow/coverage/1"; this'),
        (("--baseline", "odd.json"), 'odd.json: flows[0].cells[0][2] is "odd", none of exercised'),
        (("--baseline", "good.json", "--json", "good.json"), "--json good.json: is read by this"),
        (("--fail-on", "new"), "--fail-on new: what is known?"),
    ],
    ids=["missing", "folder", "damaged", "coverage", "odd", "overwritten", "without"],
)
def test_bad_baseline_is_told_before_any_work_and_nothing_is_written(
    here: Path, words: tuple[str, ...], said: str
) -> None:
    earlier(here, "chain", *TOURS)
    (here / "old.json").rename(here / "good.json")
    (here / "orderflow-report.html").unlink()
    document = json.loads((here / "good.json").read_text())
    document["flows"][0]["cells"][0][2] = "odd"
    (here / "odd.json").write_text(json.dumps(document))
    (here / "damaged.json").write_text("{\n  damaged")
    (here / "coverage.json").write_text('{"schema": "orderflow/coverage/1", "flows": []}')
    before = content(here)

    assert said in refused("check", "chain", *TOURS, *words)

    assert content(here) == before


def test_a_bad_baseline_is_told_with_all_else_that_is_wrong(here: Path) -> None:
    told = refused("check", "nobody", "--baseline", "nowhere.json", "--require", "pears=1")

    for word in ("nobody", "nowhere.json", "pears"):
        assert word in told


def test_the_baseline_is_no_part_of_the_verdict(here: Path) -> None:
    earlier(here, CANCELS, *TOURS)

    run("check", CANCELS, *TOURS, "--baseline", "old.json", "--json", "next.json")

    assert (
        render_json(read_json((here / "next.json").read_text())) == (here / "old.json").read_text()
    )


def test_what_a_fault_brings_about_is_marked_line_by_line() -> None:
    first, second = (replace(SHIPPED_UNPAID, fault="slow", identity=name) for name in ("a", "b"))
    value = replace(the_failing(), failures=(first, second), faults=("slow",))
    earlier_run = replace(value, failures=(second,))

    text = told(value, {}, {}, {"slow": "It is slow."}, compare(value, earlier_run))

    assert "  since     new, " in text
    assert "  also I-01 (shop, known): ship was taken in new" in text
