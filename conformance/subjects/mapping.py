"""How events become requests and responses a status: the mapping of a system behind a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orderflow.conformance.subjects.patience import Patience
from orderflow.conformance.subjects.subject import Abilities, Outcome
from orderflow.flows.document import Plain

METHODS = ("get", "post", "put", "patch", "delete")

_TOO_MANY = 429
_UNTOLD = {
    401: "credentials?",
    403: "credentials?",
    404: "wrong base or path?",
    405: "wrong method or path?",
    407: "credentials?",
    408: "it gave up waiting",
    _TOO_MANY: "it asks to be left alone for longer than timeout",
}
"""Refusals that say nothing about the order, each with what might be wrong."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to be made.

    Attributes:
        method: Such as ``POST``.
        path: Path below the base, with placeholders.
        body: JSON document with placeholders; None for no body.
        accepted: Status codes that mean yes, besides 2xx.
        refused: Status codes that mean no, besides most of 4xx.
    """

    method: str
    path: str
    body: Plain = None
    accepted: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Header:
    """A header sent with every request.

    Attributes:
        name: Its name.
        text: What is sent; ahead of the variable's value, if there is one.
        variable: Environment variable that holds the rest of the value; empty for none.
    """

    name: str
    text: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class New:
    """How an order comes into being.

    Attributes:
        ask: The request.
        id: Where the response says what the order is called.
        at: Event at which it is made; empty when it is there before anything happens to it.
    """

    ask: Ask
    id: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How the status is read.

    Attributes:
        ask: The request.
        at: Where the response has the status.
        translate: Status by what the system calls it; what is not listed is taken as it is.
        trigger: Where the response has the trigger of the stage; empty when it is not read.
        optional: A response without a trigger tells nothing of it; else it says there is none.
    """

    ask: Ask
    at: str
    translate: Mapping[str, str] = field(default_factory=dict)
    trigger: str = ""
    optional: bool = False


@dataclass(frozen=True)
class HttpMapping:
    """Everything a mapping file says.

    Attributes:
        new: How an order comes into being.
        shown: How its status is read.
        base: URL that paths are below; empty when it has to be named beside the file.
        headers: Headers of every request.
        timeout: Ms within which a response must be there.
        events: Request of each event that has one of its own.
        default: Request of all other events; None when they cannot be asked for.
        advance: Request that lets time pass; None when nothing turns the clock.
        patience: How to wait for a status; None when it is there at once.
        awaited: Events the system brings about by itself.
        awaited_in: (event, status) of those that it brings about by itself in some statuses only.
        never: Events it cannot be asked for.
        says: Where a response says why; empty to tell of the status code only.
        vocabulary: All events there are.
    """

    new: New
    shown: Shown
    base: str = ""
    headers: tuple[Header, ...] = ()
    timeout: int = 2_000
    events: Mapping[str, Ask] = field(default_factory=dict)
    default: Ask | None = None
    advance: Ask | None = None
    patience: Patience | None = None
    awaited: frozenset[str] = frozenset()
    awaited_in: frozenset[tuple[str, str]] = frozenset()
    never: frozenset[str] = frozenset()
    says: str = ""
    vocabulary: frozenset[str] = frozenset()

    @property
    def abilities(self) -> Abilities:
        """What a system with this mapping can be asked for."""
        asked: frozenset[str] | None = None
        if self.default is None:
            asked = frozenset({*self.events, self.new.at} - {""}) - self.never
        elif self.never:
            asked = (self.vocabulary | self.events.keys()) - self.never
        turns_clock = self.advance is not None
        return Abilities(asked, self.awaited, turns_clock, self.awaited_in)


def outcome_of(code: int, ask: Ask) -> tuple[Outcome, str]:
    """What a status code says about a call, and what might be wrong when it says nothing.

    What the mapping lists is as it says; then 2xx means yes, and 4xx means no, unless the code
    is about the request itself, as 401 and 404 are.
    Source: RFC 9110, section 15 (Status Codes).

    >>> outcome_of(404, Ask("POST", "/orders"))
    (<Outcome.INDETERMINATE: 'indeterminate'>, 'wrong base or path?')
    """
    family = code // 100
    if code in ask.refused:
        return Outcome.REFUSED, ""
    if code in ask.accepted or family == 2:  # noqa: PLR2004  # the first digit says what it is
        return Outcome.ACCEPTED, ""
    if code in _UNTOLD:
        return Outcome.INDETERMINATE, _UNTOLD[code]
    if family == 4:  # noqa: PLR2004
        return Outcome.REFUSED, ""
    if family == 3:  # noqa: PLR2004
        return Outcome.INDETERMINATE, "redirects are not followed: wrong base, or a login page?"
    return Outcome.INDETERMINATE, "its own trouble, no answer"
