"""SCXML is valid, and the flow can be built again from it: sources, events, targets, guards."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, settings

from orderflow.flows.model import Flow, Profile
from orderflow.reports.exports.handles import status_names
from orderflow.reports.exports.scxml import NAMESPACE, scxml
from tests.reports.builders import small_flow
from tests.reports.exports.flows import BUNDLED, TEXTS, flow_of, hostile_flows, shipped
from tests.reports.exports.test_graphml import kept

SPACE = "{http://www.w3.org/2005/07/scxml}"
OF = f"{{{NAMESPACE}}}"


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(__file__).with_name("scxml.xsd"))


def assert_builds_the_flow_again(flow: Flow) -> None:
    text = scxml(flow)
    schema().validate(text)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    states = {
        state.get("id", ""): state.get(f"{OF}name", state.get("id", "")) for state in root
    }  # fmt: skip
    found = {
        name: [
            (
                name,
                step.get(f"{OF}event", step.get("event", "")),
                states.get(step.get("target", ""), name),
                step.get(f"{OF}when", ""),
                step.get(f"{OF}held", ""),
                step.get(f"{OF}actors", ""),
                step.get(f"{OF}id", ""),
            )
            for step in state.findall(f"{SPACE}transition")
        ]
        for name, state in zip(states.values(), root, strict=True)
    }

    # a status without a name keeps its handle: an attribute that is empty is left out
    names = [kept(name) or f"status-{i}" for i, name in enumerate(status_names(flow), 1)]
    again = dict(zip(status_names(flow), names, strict=True))
    assert list(states.values()) == names
    assert found == {
        again[name]: [
            (
                again[name],
                kept(step.event) or f"event-{flow.events.index('') + 1}",
                again[step.target],
                " ".join(step.when),
                kept(step.held),
                " ".join(step.actors),
                step.id,
            )
            for step in flow.out.get(name, ())
        ]
        for name in status_names(flow)
    }
    begin = root.get("initial", "")
    assert states[begin] == names[0] or states[begin] == again[flow.initial]
    assert {states[e.get("id", "")] for e in root if e.get(f"{OF}ends")} == {
        again[name] for name in flow.final if name != "(none)"
    }


@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_every_flow_that_ships_can_be_built_again(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    assert_builds_the_flow_again(shipped(name, profile, modules))


@given(hostile_flows())
@settings(max_examples=80, deadline=None)
def test_whatever_a_flow_may_hold_can_be_built_again(flow: Flow) -> None:
    assert_builds_the_flow_again(flow)


def test_the_machine_begins_before_the_order() -> None:
    root = ET.fromstring(scxml(shipped("chain", Profile.DOCUMENTED, ())))  # noqa: S314

    assert root.get("initial") == "no-order"
    begins = root.find(f"{SPACE}state[@id='no-order']")
    assert begins is not None
    assert {step.get("target") for step in begins} == {"order-created", "null"}


def test_without_a_creating_step_it_begins_in_the_first_status() -> None:
    steps = tuple(step for step in small_flow().transitions if not step.creates)
    flow = replace(small_flow(), transitions=steps, initial="paid")

    assert ET.fromstring(scxml(flow)).get("initial") == "paid"  # noqa: S314


def test_a_status_in_which_something_may_still_happen_is_no_final() -> None:
    root = ET.fromstring(scxml(shipped("seller", Profile.DOCUMENTED, ())))  # noqa: S314

    assert [final.get("id") for final in root.findall(f"{SPACE}final")] == ["canceled"]
    invoiced = root.find(f"{SPACE}state[@id='invoiced']")
    assert invoiced is not None
    assert invoiced.get(f"{OF}ends") == "success"
    assert {step.get("event") for step in invoiced} == {"update_tracking", "add_return_invoice"}
    assert {step.get("target") for step in invoiced} == {None}


def test_timers_are_told_with_their_setting() -> None:
    root = ET.fromstring(scxml(shipped("seller", Profile.DOCUMENTED, ())))  # noqa: S314

    window = root.find(f"{SPACE}state[@id='window-to-cancel']/{OF}timer")
    assert window is not None
    assert window.attrib == {"after": "cancellation_window", "fires": "grace_period_over"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('id="paid"', 'id="1 paid"'),
        ('target="paid"', 'target="nowhere"'),
        ('event="pay"', 'event="pay now!"'),
        ('version="1.0" initial', "initial"),
        ("<transition ", "<step "),
    ],
)
def test_the_schema_of_these_tests_finds_mistakes(right: str, wrong: str) -> None:
    text = scxml(small_flow())
    assert schema().is_valid(text)
    assert right in text

    assert not schema().is_valid(text.replace(right, wrong, 1))


def test_what_the_eye_cannot_see_is_seen_in_the_file() -> None:
    text = scxml(flow_of(TEXTS[:-1], TEXTS))

    assert all(char.isprintable() or char == "\n" for char in text)
    assert 'of:name="&#8238;paid' in text
