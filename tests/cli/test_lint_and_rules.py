"""``orderflow lint`` and ``orderflow rules`` say what there is to say, for people and programs."""

import json
from pathlib import Path

import pytest

from orderflow.cli.rules import entries
from orderflow.flows.loader import bundled_names
from tests.cli.running import here, run

__all__ = ["here"]

MINE = "flow: mine\nextends: seller\ntitle: Mine\n"
TYPO = MINE + "transitions:\n  - {id: X01, from: handling, on: request_cancle, to: handling}\n"


def test_the_bundled_flows_and_deals_are_clean() -> None:
    outcome = run("lint")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "no findings in 4 flows and 5 deals\n"


def test_flows_may_be_named_or_given_as_files(here: Path) -> None:
    (here / "mine.yaml").write_text(MINE)

    assert run("lint", "seller", "mine.yaml").out == "no findings in 2 flows\n"


def test_a_finding_is_told_with_its_place_and_exits_with_1(here: Path) -> None:
    (here / "mine.yaml").write_text(TYPO)

    outcome = run("lint", "mine.yaml")

    assert (outcome.code, outcome.err) == (1, "")
    finding, sum_up = outcome.out.splitlines()
    assert finding.startswith("mine.yaml:5:5: unknown event 'request_cancle'; did you mean ")
    assert finding.endswith(" [unknown-event]")
    assert sum_up == "1 finding in 1 flow"


def test_a_file_that_cannot_be_read_does_not_hide_what_others_hold(here: Path) -> None:
    (here / "mine.yaml").write_text(TYPO)
    (here / "bad.yaml").write_text("flow: 1\n")

    outcome = run("lint", "mine.yaml", "bad.yaml")

    assert outcome.code == 2
    assert outcome.out.startswith("mine.yaml:5:5: ")
    assert outcome.err.startswith("bad.yaml:1:")


def test_findings_as_json_hold_the_same(here: Path) -> None:
    (here / "mine.yaml").write_text(TYPO)
    (here / "bad.yaml").write_text("flow: 1\n")

    clean = run("lint", "--format", "json")
    found = run("lint", "--format", "json", "mine.yaml")
    unreadable = run("lint", "--format", "json", "bad.yaml", "nowhere")

    assert (clean.code, clean.err, json.loads(clean.out)) == (0, "", [])
    assert (found.code, found.err) == (1, "")
    (row,) = json.loads(found.out)
    assert (row["file"], row["line"], row["column"]) == ("mine.yaml", 5, 5)
    assert row["check"] == "unknown-event"
    assert (unreadable.code, unreadable.err) == (2, "")
    assert {row["file"] for row in json.loads(unreadable.out)} == {"bad.yaml", "nowhere"}


def test_the_vocabulary_lists_every_oddity_and_is_nobodys_fault() -> None:
    text, data = run("lint", "--vocabulary"), run("lint", "--vocabulary", "--format", "json")

    numbers = {row["check"] for row in json.loads(data.out)}
    assert numbers == {f"O-{number}" for number in range(1, 17)}
    assert all(f"[{number}]" in text.out for number in numbers)
    assert (text.code, text.err, data.code, data.err) == (0, "", 0, "")
    assert "exits with 0" in " ".join(run("lint", "--help").out.split())


def test_every_rule_is_listed_and_explained() -> None:
    listed = [line.split()[0] for line in run("rules").out.splitlines()]

    assert listed == list(entries())
    for name in listed:
        told = run("rules", name)
        assert (told.code, told.err) == (0, "")
        title, about, _, statement, *rest = told.out.splitlines()
        assert title.startswith(f"{name}: ")
        if name.startswith("B-"):
            assert about.startswith("for: ")
        else:
            assert set(about.removeprefix("flows: ").split(", ")) <= set(bundled_names())
        assert statement
        assert rest[-1].removeprefix("source: ").strip()


@pytest.mark.parametrize("typed", ["A-04", "a-04", "A-4", "a4", "A04"])
def test_a_rule_is_found_however_its_id_is_typed(typed: str) -> None:
    assert run("rules", typed).out.startswith("A-04: only allowed steps (error)\n")


def test_rules_as_json_hold_the_same() -> None:
    every = json.loads(run("rules", "--format", "json").out)
    one = json.loads(run("rules", "A-39", "--format", "json").out)
    group = json.loads(run("rules", "--profile", "seed", "--format", "json").out)

    assert [row["id"] for row in every] == list(entries())
    assert [row["id"] for row in one] == ["A-39"]
    assert all(row in every for row in (*one, *group))
    assert 0 < len(group) < len(every)
