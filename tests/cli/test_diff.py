"""``orderflow diff`` as a person meets it: what it prints, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import ROOT, here, refused, run

__all__ = ["here"]

STORE = """\
flow: my-store
extends: seller
title: My store
states:
  on-hold: {waits_for: seller}
transitions:
  - {id: X01, from: handling, on: put_on_hold, to: on-hold, actor: seller}
  - {id: X02, from: on-hold, on: resume_handling, to: handling, actor: seller}
events:
  put_on_hold: {actors: seller, meaning: The seller waits for goods.}
  resume_handling: {actors: seller, meaning: The goods are there.}
"""


@pytest.fixture
def store(here: Path) -> str:
    Path("my-store.yaml").write_text(STORE, encoding="utf-8")
    return "my-store.yaml"


def test_same_flow_exits_with_0_and_says_so() -> None:
    outcome = run("diff", "seller", "seller")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "seller and seller are the same.\n"


def test_another_version_exits_with_1_and_names_what_differs(store: str) -> None:
    outcome = run("diff", "seller", store)

    assert outcome.code == 1
    assert "  + on-hold\n" in outcome.out
    assert "  + X01  handling, put_on_hold, on-hold\n" in outcome.out
    assert "no case takes X01, X02; cases that do: orderflow suite my-store.yaml\n" in outcome.out
    assert outcome.out.splitlines()[-1].startswith("From seller to my-store.yaml: 1 status added")


def test_cases_of_a_suite_that_fail_are_named_with_the_step(store: str) -> None:
    assert run("suite", store, "--cover", "transitions", "-o", "mine.suite.yaml").code == 0

    data = json.loads(
        run("diff", store, "seller", "--suite", "mine.suite.yaml", "--format", "json").out
    )

    breaking = data["suite"]["breaking"]
    assert {each["act"] for each in breaking} <= {"put_on_hold", "resume_handling"}
    assert breaking
    for each in breaking:
        assert f"id: {each['case']}" in Path("mine.suite.yaml").read_text(encoding="utf-8")


def test_files_are_written_and_standard_output_stays_empty(store: str) -> None:
    outcome = run("diff", "seller", store, "--format", "html", "-o", "d.html", "--svg", "d.svg")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("From seller to my-store.yaml: ")
    assert "<svg" in Path("d.html").read_text(encoding="utf-8")
    assert Path("d.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("option", ["-o", "--svg"])
def test_an_input_is_never_overwritten(store: str, option: str) -> None:
    said = refused("diff", "seller", store, option, store)

    assert "is read by this command" in said
    assert Path(store).read_text(encoding="utf-8") == STORE


def test_what_is_no_flow_is_told_with_what_there_is(here: Path) -> None:
    assert "did you mean 'seller'" in refused("diff", "seler", "chain")
    assert "nothing-here.yaml" in refused("diff", "chain", "nothing-here.yaml")


def test_a_suite_for_another_flow_is_refused_and_nothing_written(store: str) -> None:
    assert run("suite", store, "--cover", "transitions", "-o", "mine.suite.yaml").code == 0

    said = refused("diff", "seller", store, "--suite", "mine.suite.yaml", "--svg", "d.svg")

    assert "mine.suite.yaml:" in said
    assert not Path("d.svg").exists()


def test_broken_flows_of_the_examples_differ_from_sound_ones_in_behaviour() -> None:
    broken = ROOT / "examples" / "broken" / "cancel-after-a-partial-invoice.yaml"

    data = json.loads(run("diff", "seller", broken, "--format", "json").out)

    assert data["behaves_alike"] is False
    assert [each["name"] for each in data["changes"] if each["part"] == "transition"] == ["S17"]
    assert data["suite"]["breaking"]
