"""One line of a trace: what an integration called, what it was told, and what befell the orders.

A line is what crosses from the sandbox to the judge. It can be written to a file and read back, so
a run can be judged later, and again. It holds what the rules need and nothing else: no body, no
personal data, no credentials.

``facts`` depend on what was called, and are listed in the reference of the trace. Those of every
call: ``code`` (of the error answered), ``done`` (status that the sandbox gave before a fault hid
it), ``body`` (mark of the body's bytes: equal bodies have equal marks), ``auth`` (``ok``, ``none``,
``wrong``, ``body``, ``forbidden``), ``agent`` (mark of the program that calls), ``mistakes`` (what
the sandbox saw in it of the fact sheet "What real clients send and read": rows of ``code`` and
``message``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["call", "delivery", "step", "record", "scenario", "act", "end", "client"]
"""``call``: the integration called. ``delivery``: the sandbox called it. ``step``: an order moved.
``record``: the integration told what stands in its own books. ``scenario`` and ``end``: one began,
and was over. ``act``: what a scenario did. ``client``: what befell the integration itself: it was
started, it ended, it flooded."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        number: Place in the trace, 1 for the first.
        kind: See :data:`Kind`.
        at: Virtual time in ms since the Unix epoch.
        wall: Real time in ms since the trace began at which it was over.
        took: Real ms from the beginning to the end of a call or delivery.
        scenario: Name of the scenario it belongs to, empty outside of any.
        operation: Method and path with names for what varies: ``POST
            /api/oms/pvt/orders/{orderId}/start-handling``; empty for calls that no route answers.
        method: Upper-case method.
        path: Path without the query; of a delivery the address.
        status: HTTP status that was answered, 0 for none.
        key: End of the key's name, empty without one.
        order_id: Order it is about, empty for none.
        before: Status of that order before.
        after: Status of that order after.
        faults: Names of the faults that struck.
        query: Parameters of the query with their values, ``…`` where those are hidden.
        trouble: Why there was no answer to a delivery, empty when there was.
        facts: What else the rules need, by name.
    """

    number: int
    kind: Kind
    at: int = 0
    wall: float = 0.0
    took: float = 0.0
    scenario: str = ""
    operation: str = ""
    method: str = ""
    path: str = ""
    status: int = 0
    key: str = ""
    order_id: str = ""
    before: str = ""
    after: str = ""
    faults: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def began(self) -> float:
        """Real time in ms since the trace began at which a call came in."""
        return self.wall - self.took

    @property
    def worked(self) -> bool:
        """Whether the sandbox did what a call asked for, even if a fault hid it."""
        done = self.facts.get("done", self.status)
        return isinstance(done, int) and 200 <= done < 300  # noqa: PLR2004 - success in HTTP

    @property
    def told_success(self) -> bool:
        """Whether the answer said that it worked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - success in HTTP

    def text(self, name: str) -> str:
        """The fact of that name as a text, empty when it is none."""
        found = self.facts.get(name)
        return found if isinstance(found, str) else ""

    def whole(self, name: str) -> int | None:
        """The fact of that name as a whole number, None when it is none."""
        found = self.facts.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def flag(self, name: str) -> bool | None:
        """The fact of that name as yes or no, None when it is neither."""
        found = self.facts.get(name)
        return found if isinstance(found, bool) else None

    def words(self, name: str) -> tuple[str, ...]:
        """The fact of that name as texts, those of the list that are."""
        return tuple(each for each in _listed(self.facts.get(name)) if isinstance(each, str))

    def rows(self, name: str) -> tuple[Row, ...]:
        """The fact of that name as rows."""
        return tuple(Row(each) for each in _listed(self.facts.get(name)) if isinstance(each, dict))

    def parameter(self, name: str) -> str | None:
        """The value of a query parameter by lower-case name, None without it."""
        return dict(self.query).get(name)


@dataclass(frozen=True, slots=True)
class Row:
    """One object in a fact, such as one item of a feed.

    Attributes:
        values: By name.
    """

    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """The value as a text, empty when it is none."""
        found = self.values.get(name)
        return found if isinstance(found, str) else ""

    def whole(self, name: str) -> int | None:
        """The value as a whole number, None when it is none."""
        found = self.values.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None


def _listed(found: object) -> Sequence[object]:
    return found if isinstance(found, list | tuple) else ()
