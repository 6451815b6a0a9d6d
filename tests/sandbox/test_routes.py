"""The registry finds the route that a call means."""

from __future__ import annotations

import pytest

from orderflow.sandbox.account import PERMISSIONS
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.routes import Absent, Call, Found, Route, Routes
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.catalogue import ROUTES


def nothing(service: Service, call: Call) -> Answer:
    return Answer(200)


ONE = Route("GET", "/a/{id}", nothing)
FIXED = Route("GET", "/a/fixed", nothing)
OTHER = Route("POST", "/a/{name}", nothing)


def test_a_path_that_is_fixed_goes_before_one_that_varies() -> None:
    routes = Routes((ONE, FIXED, OTHER))

    assert routes.find("GET", "/a/fixed") == Found(FIXED, {})
    assert routes.find("GET", "/a/7") == Found(ONE, {"id": "7"})
    assert routes.find("POST", "/a/fixed") == Found(OTHER, {"name": "fixed"})


def test_a_path_with_fewer_parts_that_vary_goes_first() -> None:
    late, early = Route("GET", "/a/{x}/{y}", nothing), Route("GET", "/{w}/b/c", nothing)

    for each in ((late, early), (early, late)):
        assert Routes(each).find("GET", "/a/b/c") == Found(early, {"w": "a"})
        assert Routes(each).find("GET", "/a/b/d") == Found(late, {"x": "b", "y": "d"})


def test_what_is_absent_says_which_methods_there_are() -> None:
    routes = Routes((ONE, OTHER))

    assert routes.find("PUT", "/a/7") == Absent(("GET", "POST"))
    assert routes.find("GET", "/a/7/b") == Absent()
    assert routes.find("GET", "/a//") == Absent()


def test_two_routes_for_the_same_call_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        Routes((ONE, Route("GET", "/a/{other}", nothing)))


def test_routes_ask_for_permissions_that_keys_can_have() -> None:
    assert {name for route in ROUTES for name in route.permissions} <= set(PERMISSIONS)
