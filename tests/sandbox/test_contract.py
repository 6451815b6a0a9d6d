"""The sandbox answers as the vendor's published API documents say, or says why it does not.

Every operation of the documents is found in the registry of routes, called for real, and its
answers are compared with the published schemas. ``sandbox/deviations.json`` lists each difference
with its reason; one that is there no longer must be taken out of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.vendor.catalogue import ROUTES
from tests.sandbox.reference import Operation, named, operations
from tests.sandbox.scenes import FURTHER, SCENES

DEVIATIONS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "sandbox" / "deviations.json").read_text("utf-8")
)
OURS = {named(route.method, route.path) for route in ROUTES}
NAMES = sorted(SCENES)


def operation(name: str) -> Operation:
    found = operations().get(name)
    if found is None:
        pytest.fail(f"no published document has {name}: take its scene out")
    return found


def fields(name: str) -> set[tuple[str, str]]:
    """(field, what is different) of an operation's answers, as the deviations list them."""
    return {
        (field, what)
        for reason in DEVIATIONS["answers"].get(name, ())
        for what, listed in reason.items()
        if what != "why"
        for field in listed
    }


# Which operations there are


def test_every_published_operation_is_answered_or_listed_with_a_reason() -> None:
    assert set(operations()) - OURS == set(DEVIATIONS["not answered"])


def test_every_route_is_published_or_listed_with_its_source() -> None:
    assert OURS - set(operations()) == set(DEVIATIONS["not published"])


def test_every_answered_operation_has_a_scene() -> None:
    assert set(operations()) & OURS == set(SCENES)


# What they answer


def taken(name: str) -> tuple[Operation, Answer]:
    """A call that makes sense, and its answer."""
    found = operation(name)
    scene = SCENES[name](found)
    return found, scene.call(found.method, scene.body)


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_makes_sense_is_answered_by_a_published_status(name: str) -> None:
    found, given = taken(name)

    assert given.status in range(200, 300), given
    assert str(given.status) in found.spec["responses"], given


def differences(found: Operation, given: Answer) -> set[tuple[str, str]]:
    schema = found.answer(given.status)
    if schema is None:
        return set()
    if not given.body:
        return {("", "no body")}
    return set(found.differences(json.loads(given.body), schema))


@pytest.mark.parametrize("name", NAMES)
def test_answers_differ_from_the_published_schema_where_it_is_written_down(name: str) -> None:
    found, given = taken(name)
    seen = differences(found, given)
    for make in FURTHER.get(name, ()):
        scene = make(found)
        seen |= differences(found, scene.call(found.method, scene.body))

    assert seen - fields(name) == set(), "new"
    assert fields(name) - seen == set(), "no longer so: take it out of the deviations"


@pytest.mark.parametrize("name", NAMES)
def test_a_required_field_that_is_missing_is_refused_or_listed(name: str) -> None:
    found = operation(name)
    required = (found.request() or {}).get("required", ())
    let_pass = set()
    for field in required:
        scene = SCENES[name](found)
        without = {key: value for key, value in scene.body.items() if key != field}
        given = scene.call(found.method, without)
        if given.status < 400:
            let_pass.add(field)
        else:
            assert given.status in (400, 409), given

    assert let_pass == set(DEVIATIONS["not required"].get(name, {}).get("fields", ()))


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_is_no_json_is_refused_where_one_is_needed(name: str) -> None:
    found = operation(name)
    if not (found.request() or {}).get("required"):
        return
    scene = SCENES[name](found)
    before = scene.shop.service.store.orders()

    given = scene.shop.call(found.method, scene.path, raw=b'{"a": ')

    assert given.status == 400
    assert json.loads(given.body)["error"]["message"]
    assert scene.shop.service.store.orders() == before


# The list of deviations


def test_every_deviation_has_a_reason() -> None:
    groups = [
        *DEVIATIONS["not answered"].values(),
        *DEVIATIONS["not published"].values(),
        *(each["why"] for each in DEVIATIONS["not required"].values()),
        *(reason["why"] for each in DEVIATIONS["answers"].values() for reason in each),
    ]

    assert groups
    assert all(len(reason) > 10 for reason in groups)
    assert set(DEVIATIONS["answers"]) | set(DEVIATIONS["not required"]) <= set(SCENES)


def test_an_answer_that_is_wrong_is_told_from_one_that_is_right() -> None:
    found, given = taken("GET /api/oms/pvt/orders")
    shown = json.loads(given.body)
    schema = found.answer(200)
    assert schema is not None
    del shown["paging"]["pages"]
    shown["list"][0]["totalValue"] = "100"
    shown["list"][0]["orderId"] = None
    shown["extra"] = 1

    seen = set(found.differences(shown, schema)) - fields(found.name)

    assert seen == {
        ("paging.pages", "missing"),
        ("list[].totalValue", "type"),
        ("list[].orderId", "null"),
        ("extra", "beyond"),
    }
