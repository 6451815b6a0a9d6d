"""The description of the sandbox says what the sandbox does: no operation more, no field less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.fault_part import Setting
from orderflow.sandbox.openapi import document, operation_id
from orderflow.sandbox.openapi_known import KNOWN
from orderflow.sandbox.routes import Route
from orderflow.sandbox.service import Service

OPERATIONS = {f"{route.method} {route.path}": route for route in ALL.all}
JSON = "application/json"
UNUSED = ("changeRequestId", "taskId")
"""Parts of paths that are looked up after the body was read."""


@cache
def described() -> dict[str, Any]:
    given = answer(Service(), Asked("GET", "/_sandbox/openapi.json"))
    assert given.status == 200
    found: dict[str, Any] = json.loads(given.body)
    return found


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described()["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}", told


def test_the_document_is_valid() -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="it is not installed")

    validator.validate(described())


def test_every_route_is_described_and_nothing_else() -> None:
    assert dict(operations()).keys() == OPERATIONS.keys()
    assert KNOWN.keys() <= OPERATIONS.keys()
    assert len({operation_id(route) for route in ALL.all}) == len(ALL.all)


def test_a_route_without_words_or_with_a_new_name_is_described_too() -> None:
    def handler(service: object, call: object) -> Answer:
        return Answer(200)

    found: Any = document([Route("PUT", "/x/{new}", handler, ("Cancel order",))], "1")

    operation = found["paths"]["/x/{new}"]["put"]
    assert [each["name"] for each in operation["parameters"]] == ["new"]
    assert "Cancel order" in operation["description"]


@pytest.mark.parametrize(("name", "told"), tuple(operations()))
def test_each_operation_says_what_it_is_and_who_may_call_it(
    name: str, told: dict[str, Any]
) -> None:
    assert told["summary"]
    assert "`" * 2 not in json.dumps(told)
    assert {each["name"] for each in told["parameters"] if each["in"] == "path"} == set(
        re.findall(r"\{(\w+)\}", name)
    )
    assert ("security" in told) is ("/_sandbox" not in name)
    assert any(status.startswith(("2", "3")) for status in told["responses"])


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if known.whole])
def test_the_fields_of_a_body_are_those_that_the_operation_takes(name: str) -> None:
    service = Service()
    held = service.store.place()[0]
    service.faults.switch_on(Setting("http.apply_then_500", operations=("none",)))
    method, path = name.split()
    here = path.format_map({"orderId": held.order_id, "number": "1"} | dict.fromkeys(UNUSED, "x"))
    given = answer(service, Asked(method, here, body=b'{"no such field": 1}'))

    said = re.search(r"there are: (.*)", json.loads(given.body)["error"])
    assert said is not None, given.body
    assert sorted(said[1].split(", ")) == sorted(KNOWN[name].fields)


@pytest.mark.parametrize(
    ("name", "told"),
    [(name, told) for name, told in operations() if "example" in json.dumps(told)],
)
def test_examples_have_the_fields_that_are_described(name: str, told: dict[str, Any]) -> None:
    content = told["requestBody"]["content"][JSON]

    if "example" in content:
        assert content["example"].keys() <= content["schema"]["properties"].keys()


def test_the_platform_needs_no_key_of_ours_described_in_the_clear() -> None:
    service = Service()

    assert service.accounts.first.token not in json.dumps(described())
