"""Scenarios written by hand are played first, and whatever is wrong with their file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.pinned import parse_scenarios
from orderflow.flows.errors import FlowFileError
from orderflow.flows.loader import parse_yaml
from tests.conformance.suites.generated import graph

GOOD = """\
scenarios:
  - id: deny
    title: The seller denies a cancellation
    tags: [R-2, R-1, R-2]
    items: "2x4990"
    steps: [place_order, complete_checkout, start_handling]
  - id: two-days
    replaceable: false
    steps:
      - place_order
      - advance:2d
"""
BAD = """\
scenarios:
  - id: one
    tags: R-1
    items: nothing
    steps: [plase_order, place_order:now:then, "place_order complete_checkout"]
  - id: one
    replaceable: perhaps
    stepps: [place_order]
  - id: 7
    steps: [place_order, add_return_invoice:part]
  - id: three
    steps: [place_order, add_return_invoice:part, complete_checkout]
  - just a text
"""


def problems(text: str) -> list[str]:
    with pytest.raises(FlowFileError) as caught:
        parse_scenarios(graph("seller"), parse_yaml(text, source="pinned.yaml"))
    return [str(problem) for problem in caught.value.problems]


def test_scenarios_come_first_with_their_tags_and_what_the_flow_says(tmp_path: Path) -> None:
    path = tmp_path / "pinned.yaml"
    path.write_text(GOOD, "utf-8")

    suite = generate(graph("seller"), f"timers,scenario:{path}", named="seller")
    first, second, *rest = suite.cases

    assert first.id.startswith("scenario-")
    assert first.title == "deny: The seller denies a cancellation"
    assert first.tags == ("R-1", "R-2")
    assert [(step.then, step.refused) for step in first.steps] == [
        ("order-accepted", False),
        ("on-order-completed-ffm", False),
        ("on-order-completed-ffm", True),
    ]
    assert first.start.items[0].quantity == 2
    assert (second.title, second.start.replaceable, second.tags) == ("two-days", False, ())
    assert {case.cover for case in rest} == {"timers"}
    assert suite.guarantees[0].figures == (("scenarios", 2), ("requirements", 2))


def test_everything_wrong_is_told_at_once_with_its_place() -> None:
    assert problems(BAD) == [
        "pinned.yaml:3:11: 'tags' is a list of texts, such as [A-17] [not-tags]",
        (
            "pinned.yaml:4:12: item 1: 'nothing' is not an item; write 2x4990 or 1x1500:pickup"
            " [not-items]"
        ),
        (
            "pinned.yaml:5:13: unknown event 'plase_order'; did you mean 'place_order'?"
            " [unknown-event]"
        ),
        (
            "pinned.yaml:5:26: 'place_order:now:then' is not an act; write event, event:choice or"
            " event:part@50 [not-an-act]"
        ),
        (
            "pinned.yaml:5:48: 'place_order complete_checkout' is more than one act;"
            " write one a step [not-an-act]"
        ),
        (
            "pinned.yaml:6:5: a scenario needs 'steps': a list such as [place_order,"
            " request_cancel] [no-steps]"
        ),
        "pinned.yaml:6:9: id 'one' is given twice; first at pinned.yaml:2:9 [double-id]",
        "pinned.yaml:7:18: 'replaceable' is true or false [not-a-switch]",
        "pinned.yaml:8:5: unknown key 'stepps'; did you mean 'steps'? [unknown-key]",
        "pinned.yaml:9:9: 'id' has to be a text; put quotes around it [not-a-text]",
        (
            "pinned.yaml:12:26: cannot be played: add_return_invoice cannot come with 'part' here;"
            " it can with: over [unplayable]"
        ),
        "pinned.yaml:13:5: a scenario is a mapping with an id and steps [not-a-scenario]",
    ]


@pytest.mark.parametrize("text", ["[]", "scenario: []", "scenarios: []", "scenarios: {}"])
def test_a_file_without_scenarios_is_refused(text: str) -> None:
    assert any("a list called 'scenarios' is missing" in each for each in problems(text))


def test_a_scenario_without_an_id_is_refused() -> None:
    assert problems("scenarios:\n  - steps: [place_order]\n") == [
        "pinned.yaml:2:5: a scenario needs an 'id' [no-id]"
    ]
