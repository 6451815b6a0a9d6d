"""Calls that bring events about fit the flows: each of them takes some step somewhere."""

from __future__ import annotations

import re

import pytest

from orderflow.flows.loader import bundled, load_events
from orderflow.flows.model import Endpoint
from orderflow.flows.statuses import catalogue
from tests.reports.builders import NAMES

CALLS = [
    pytest.param(name, endpoint, id=f"{name}-{number}")
    for name, kind in load_events().items()
    for number, endpoint in enumerate(kind.endpoints, 1)
]
_CALL = re.compile(r"(?:GET|POST|PUT|PATCH) (?:/[a-z-]+|/gatewayCallback|/\{[a-zA-Z]+\})+")


@pytest.mark.parametrize(("event", "endpoint"), CALLS)
def test_a_call_is_written_as_one_and_takes_steps_of_the_flows_it_names(
    event: str, endpoint: Endpoint
) -> None:
    assert _CALL.fullmatch(endpoint.call)
    served = {
        (name, step.source)
        for name in NAMES
        for step in bundled(name).transitions
        if step.event == event and endpoint.serves(name, step.source)
    }
    assert {family for family, _ in served} >= set(endpoint.families)
    assert {status for _, status in served} == set(endpoint.statuses or [s for _, s in served])
    assert served
    assert set(endpoint.statuses) <= set(catalogue().statuses)


def test_no_call_brings_about_what_only_time_or_the_platform_does() -> None:
    by_itself = {
        name
        for name, kind in load_events().items()
        if kind.endpoints and set(kind.actors) <= {"timer", "platform"}
    }

    assert by_itself == {"verify_invoice"}  # the platform verifies the invoice that was posted


def test_a_call_serves_its_flows_and_statuses_only() -> None:
    endpoint = Endpoint("POST /x", ("seller",), ("handling",))

    assert endpoint.serves("seller", "handling")
    assert not endpoint.serves("seller", "invoice")
    assert not endpoint.serves("chain", "handling")
    assert Endpoint("POST /x").serves("", "anything")
