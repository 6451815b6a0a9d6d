"""The sandbox's own description, for programs that make clients, mocks and tests of it."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from orderflow.sandbox.dialect import JSON, Answer
from orderflow.sandbox.openapi import document
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_PACKAGE = "orderflow-harness"


def describe(service: Service, call: Call) -> Answer:
    """All operations as an OpenAPI 3.1 document."""
    del service, call
    return Answer(200, _written(), JSON)


@cache
def _written() -> bytes:
    # Imported here: answering calls knows all routes, that of this module too.
    from orderflow.sandbox.answering import ALL

    return json.dumps(document(ALL.all, _version()), indent=1).encode("ascii")


def _version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


ROUTES: tuple[Route, ...] = (Route("GET", "/_sandbox/openapi.json", describe),)
"""Routes that are added are in it by themselves."""
