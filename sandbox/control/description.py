"""The sandbox's own description, for programs that make clients, mocks and tests of it."""

from __future__ import annotations

import json
from functools import cache

from orderflow.sandbox.dialect import JSON, Answer
from orderflow.sandbox.openapi import document
from orderflow.sandbox.release import own_version
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service


def describe(service: Service, call: Call) -> Answer:
    """All operations as an OpenAPI 3.1 document."""
    del service, call
    return Answer(200, _written(), JSON)


@cache
def _written() -> bytes:
    # Imported here: answering calls knows all routes, that of this module too.
    from orderflow.sandbox.answering import ALL

    return json.dumps(document(ALL.all, own_version()), indent=1).encode("ascii")


ROUTES: tuple[Route, ...] = (Route("GET", "/_sandbox/openapi.json", describe),)
"""Routes that are added are in it by themselves."""
