"""What a scenario is: what happens around an integration, and what it is expected to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orderflow.flows.document import Plain
from orderflow.flows.errors import Place

Role = Literal["feed", "hook", "seller", "marketplace"]
"""Which side an integration takes: it polls a feed, is notified by a hook, is a seller outside the
platform, or connects a marketplace outside the platform."""

Method = Literal["get", "post", "put", "patch", "delete"]

USUAL_PATIENCE = 10.0
"""Seconds of real time that a wait takes at most."""

USUAL_MOST = 7_200_000
"""Ms of virtual time by which the clock is turned at most while what is expected is waited for."""


@dataclass(frozen=True, slots=True)
class PlaceOrders:
    """Orders come into being.

    Attributes:
        name: What the scenario calls them: ``first``, and ``first.1``, ``first.2`` of several.
        wish: Body of ``POST /_sandbox/orders``.
    """

    name: str
    wish: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class SwitchOn:
    """A fault is switched on.

    Attributes:
        setting: Body of ``POST /_sandbox/faults``; ``orders`` holds names.
    """

    setting: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class AllWell:
    """The faults of this scenario are switched off."""


@dataclass(frozen=True, slots=True)
class Fire:
    """Something happens to orders from outside.

    Attributes:
        order: Name of the orders.
        body: Body of ``POST /_sandbox/orders/{orderId}/events``.
    """

    order: str
    body: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class WaitForStatus:
    """Nothing more happens until orders are, or were, in one of these statuses."""

    order: str
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitForLines:
    """Nothing more happens until the integration called, or was called, so often.

    Attributes:
        kind: ``call`` or ``delivery``.
        pattern: Of the operation, such as ``POST */start-handling`` or ``hook *``.
        order: Name of the orders they are about, any when empty.
        count: How often since the scenario began.
    """

    kind: Literal["call", "delivery"]
    pattern: str
    order: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Advance:
    """The clock is turned, as soon as the integration is at rest; at once where others are, too.

    Attributes:
        ms: By how much virtual time.
    """

    ms: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The clock is turned from one due moment to the next; the integration works in between.

    Attributes:
        until: ``idle``: until nothing more is due; ``over``: until *most* is.
        most: Ms of virtual time; what is due later is left.
    """

    until: Literal["idle", "over"] = "idle"
    most: int = USUAL_MOST


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody else calls the sandbox.

    Attributes:
        who: ``call``: the control API; ``vendor``: the platform, with a key that is not that of
            the integration.
        method: Method.
        path: Path with its query.
        body: Body, None without one.
        own: Whether it is made with the integration's own key after all.
    """

    who: Literal["call", "vendor"]
    method: Method
    path: str
    body: Plain = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Its own people tell the integration something: a shop, a warehouse, another marketplace.

    Attributes:
        name: What the scenario calls the order that the integration will place; empty for none.
        body: What it is told.
    """

    name: str
    body: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing more happens until the integration is at rest."""


@dataclass(frozen=True, slots=True)
class TurnKey:
    """The integration's credentials stop being good, or are good again."""

    what: Literal["revoke", "restore"]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Several things happen, and no call of the integration comes in between."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Upon:
    """Something happens as soon as a call has been answered, before the next one is.

    Attributes:
        pattern: Of the call's operation.
        order: Name of the orders it is about, any when empty; of a feed that is read, those of
            which an item is among what was read.
        state: Status that such an item tells of, any when empty.
        nth: Which of these calls it is, 1 for the first.
        steps: What happens.
    """

    pattern: str
    order: str
    state: str
    nth: int
    steps: tuple[Step, ...]


Deed = (
    PlaceOrders
    | SwitchOn
    | AllWell
    | Fire
    | WaitForStatus
    | WaitForLines
    | Advance
    | Turn
    | Ask
    | Tell
    | Idle
    | TurnKey
    | AtOnce
    | Upon
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scenario.

    Attributes:
        verb: How the file calls it.
        deed: What is done.
        where: Where it stands.
    """

    verb: str
    deed: Deed
    where: Place


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the integration is expected to reach.

    Attributes:
        order: Name of the orders it is about; empty for calls about any.
        statuses: The orders end in one of these; none when empty.
        calls: How often each operation is called at least, for each of the orders.
        most: How often it is called at most.
        record: What the integration's own books say at last, by what it is; that of an integration
            that tells nothing of its books is not asked for.
    """

    order: str = ""
    statuses: tuple[str, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A course of events around an integration.

    Attributes:
        name: Its name, and that of its file.
        title: What happens in it, in a few words.
        roles: Which integrations can go through it: those that take one of these sides.
        shows: Ids of rules that it can show.
        mistakes: Numbers of the mistakes of real clients that it brings to light.
        steps: What happens, in order.
        expects: What is to be reached.
        patience: Seconds of real time that each wait takes at most.
        lasts: Ms of virtual time by which the clock is turned for what is expected, at most.
        text: The file as it stands.
    """

    name: str
    title: str
    roles: tuple[Role, ...]
    shows: tuple[str, ...]
    mistakes: tuple[str, ...]
    steps: tuple[Step, ...]
    expects: tuple[Expectation, ...] = ()
    patience: float = USUAL_PATIENCE
    lasts: int = USUAL_MOST
    text: str = field(default="", repr=False)
