"""``orderflow check --coverage`` gathers what is covered over runs and processes, ``--require``
fails when it is too little, and both say what is missing and how to cover it."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from orderflow.conformance import assert_covered
from orderflow.conformance.vector import Dimension
from orderflow.conformance.vector_file import read_vectors, render_vectors
from orderflow.reports.jsonfile import read_json
from tests.cli.running import QUICK, content, here, process, refused, run
from tests.conformance.vectors import SHOP

__all__ = ["here"]

TOURS = ("--examples", "0", "--no-prove")
"""What a run without chance covers: everything but the stages of orders that are picked up."""


def test_what_is_covered_is_told_after_the_verdict_and_kept(here: Path) -> None:
    outcome = run("check", "chain", *TOURS, "--coverage", "c.json")

    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    table = lines[lines.index("coverage of chain (documented) in all runs that c.json knows of:") :]
    assert lines[-len(table) - 1].startswith("PASS: ")
    assert table[1:4] == [
        "  states      14 of 14",
        "  transitions 29 of 29",
        "  pairs       46 of 46 (+ 2 unreachable)",
    ]
    missing = r"missing: order\.\S+, order\.\S+, order\.\S+ and 1 more"
    assert re.search(rf"  triggers +6 of 10 +{missing}", outcome.out)
    assert content(here).keys() == {"c.json", "orderflow-report.html"}
    (vector,) = read_vectors(here / "c.json")
    assert len(vector.dimension("transitions").covered) == 29


def test_without_being_asked_nothing_is_told(here: Path) -> None:
    assert "coverage" not in run("check", "chain", *TOURS).out


def test_runs_add_up(here: Path) -> None:
    run("check", "chain", *TOURS, "--coverage", "c.json")
    (vector,) = read_vectors(here / "c.json")
    other = Dimension("states", ("cancel", "nowhere"), ("canceled",))
    (here / "c.json").write_text(render_vectors([replace(vector, dimensions=(other,))]))

    outcome = run("check", "chain", *TOURS, "--coverage", "c.json", "--seed", "1")

    (vector,) = read_vectors(here / "c.json")
    assert "nowhere" in vector.dimension("states").covered
    assert "  states      15 of 15" in outcome.out


def test_profiles_are_kept_apart(here: Path) -> None:
    for profile in ("documented", "observed"):
        run("check", "chain", *TOURS, "--profile", profile, "--coverage", "c.json")

    assert [each.profile for each in read_vectors(here / "c.json")] == ["documented", "observed"]


def test_enough_is_enough(here: Path) -> None:
    outcome = run("check", "chain", *TOURS, "--require", "transitions=100,pairs=100 guards=100")

    assert (outcome.code, outcome.err) == (0, "")
    assert "NOT COVERED" not in outcome.out


def test_too_little_fails_with_what_is_missing_and_how_to_cover_it(here: Path) -> None:
    outcome = run("check", "chain", *TOURS, "--require", "transitions=100,triggers=70")

    assert (outcome.code, outcome.err) == (1, "")
    assert "PASS: " in outcome.out
    gap = outcome.out.partition("NOT COVERED: ")[2].splitlines()
    assert gap[0] == "chain (documented): triggers 6 of 10, 60 % covered, 70 % wanted"
    assert gap[1].startswith("  missing: order.progress.deliveringToPickup, ")
    item, _, command = gap[2].strip().partition(": ")
    assert item == "order.progress.deliveringToPickup"
    assert run(*shlex.split(command)[1:]).code == 0


def test_what_other_runs_covered_counts(here: Path) -> None:
    words = ("check", "chain", "--coverage", "c.json", "--require", "triggers=100")
    before = run(*words, *TOURS)

    run("check", "chain", "--examples", "100", "--no-prove", "--coverage", "c.json")
    after = run(*words, *TOURS)

    assert (before.code, after.code) == (1, 0)
    assert_covered(here / "c.json", triggers=100, cells=100)


def test_tags_that_no_case_brings_along_are_not_covered(here: Path) -> None:
    outcome = run("check", "chain", *QUICK, "--require", "tags=100")

    assert outcome.code == 1
    assert "no case brings tags along, 100 % wanted" in outcome.out


def test_what_is_missing_goes_to_stderr_when_stdout_is_taken(here: Path) -> None:
    outcome = run("check", "chain", *TOURS, "--require", "triggers=70", "--json", "-")

    assert outcome.code == 1
    assert outcome.err.startswith("NOT COVERED: chain (documented): triggers 6 of 10")
    assert read_json(outcome.out).passed


def test_the_verdict_holds_the_vector_of_this_run(here: Path) -> None:
    run("check", "chain", *TOURS, "--json", "v.json", "--junit", "j.xml", "--summary", "s.md")

    vector = {each.name: each for each in read_json((here / "v.json").read_text()).flows[0].vector}
    assert vector["pairs"].figure == "46 of 46 (+ 2 unreachable)"
    assert "| chain | 46 of 46 (+ 2 unreachable) | 289 of 289 |" in (here / "s.md").read_text()
    properties = ET.fromstring((here / "j.xml").read_text()).iter("property")  # noqa: S314  # ours
    assert ("coverage.actors", "6 of 6") in {(p.get("name"), p.get("value")) for p in properties}
    page = (here / "orderflow-report.html").read_text()
    assert "+ 2 unreachable" in page
    assert "H11 H14: the first rules the second out" in page


def test_coverage_does_not_change_the_verdict(here: Path) -> None:
    plain = run("check", "chain", *TOURS, "--json", "-").out

    assert run("check", "chain", *TOURS, "--json", "-", "--coverage", "c.json").out == plain


def test_a_flow_that_has_changed_keeps_both_and_says_so(here: Path) -> None:
    (here / "shop.yaml").write_text(SHOP)
    run("check", "shop.yaml", *TOURS, "--coverage", "c.json")
    (here / "shop.yaml").write_text(SHOP.replace("title: Shop", "title: Another shop"))

    outcome = run("check", "shop.yaml", *TOURS, "--coverage", "c.json")

    assert len(read_vectors(here / "c.json")) == 2
    (told,) = [line for line in outcome.err.splitlines() if line.startswith("c.json: ")]
    assert re.fullmatch(
        r"c\.json: keeps coverage of shop \(documented\) with digest [0-9a-f]{16}, "
        r"of which the file has changed",
        told,
    )


def test_processes_that_run_at_once_lose_nothing(here: Path) -> None:
    words = ("--examples", "0", "--no-prove", "--coverage", "c.json", "--report")

    with (
        process("check", "chain", *words, "a.html") as one,
        process("check", "seller", *words, "b.html") as two,
    ):
        codes = [each.wait(timeout=60) for each in (one, two)]

    assert codes == [0, 0]
    assert [each.flow for each in read_vectors(here / "c.json")] == ["chain", "seller"]
    assert content(here).keys() == {"a.html", "b.html", "c.json"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--require", "transitoins=100"], "did you mean 'transitions'"),
        (["--require", "pairs=many"], "'many' is not a percentage"),
        (["--require", ","], "no threshold; write DIMENSION=PERCENT"),
        (["--coverage", "-"], "--coverage -: name a file"),
        (["--coverage", "."], "is a folder"),
        (["--coverage", "nowhere/c.json"], "there is no folder nowhere"),
        (["--coverage", "x.json", "--json", "x.json"], "--json goes there, too"),
        (["--coverage", "damaged.json"], "damaged.json:1:2: is not JSON"),
        (["--coverage", "verdict.json"], "schema is 'orderflow/verdict/1'"),
    ],
)
def test_bad_input_is_told_before_any_work_and_changes_nothing(
    here: Path, words: list[str], said: str
) -> None:
    (here / "damaged.json").write_text("{damaged")
    (here / "verdict.json").write_text(json.dumps({"schema": "orderflow/verdict/1"}))
    before = content(here)

    assert said in refused("check", "chain", *TOURS, *words)

    assert content(here) == before


def test_all_that_is_wrong_is_told_at_once(here: Path) -> None:
    told = refused("check", "nobody", "--require", "pears=1", "--coverage", "-")

    assert "nobody" in told
    assert "pears" in told
    assert "--coverage -" in told


def test_deals_have_no_vector_to_require_anything_of(here: Path) -> None:
    words = ("check", "marketplace-seller", "--examples", "0", "--no-prove", "--require", "pairs=1")

    assert "--require: no flow to check" in refused(*words)
    assert content(here) == {}
