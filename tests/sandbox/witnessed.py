"""A sandbox without a network that has a witness."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orderflow.conformance.integration.line import Line
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.witness import Witness, attach
from tests.sandbox.shop import Shop

FEED = "/api/orders/feed"


@dataclass
class Watched(Shop):
    """Somebody calls, and a witness sees it."""

    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.witness = attach(self.service)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A call with these headers and no others."""
        path, _, query = path.partition("?")
        return answer(self.service, Asked(method, path, query, headers or {}, body))

    def facts(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Make a call and wait for its answer; its own facts and those of every call."""
        given = self.call(method, path, body)
        if given.later is not None:
            assert given.later() is not None
        return dict(self.line.facts)

    @property
    def line(self) -> Line:
        """The latest line."""
        return self.witness.lines[-1]

    def of(self, kind: str) -> list[Line]:
        """The lines of a kind."""
        return [each for each in self.witness.lines if each.kind == kind]

    def fail(self, name: str, **more: object) -> None:
        """Switch a fault on."""
        given = self.call("POST", "/_sandbox/faults", {"fault": name, **more})
        assert given.status == 201, given

    def configure(self, **config: object) -> None:
        """Configure a feed."""
        assert self.call("POST", f"{FEED}/config", config).status == 200

    def handles(self, lot: int = 10) -> list[str]:
        """Read the feed; the handles that it gave."""
        given = self.call("GET", f"{FEED}?maxlot={lot}")
        return [item["handle"] for item in json.loads(given.body)]

    def commit(self, *handles: str) -> list[str]:
        """Commit handles; what each of them was."""
        self.call("POST", FEED, {"handles": handles})
        return [row.text("was") for row in self.line.rows("handles")]
