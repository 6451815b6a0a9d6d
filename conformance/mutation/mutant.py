"""A flow broken at one place, and what kind of break it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from orderflow.flows.model import Flow
from orderflow.simulator.order import Order
from orderflow.simulator.space import Key, key_of


class Sign(StrEnum):
    """Whether a break shows in what the flow allows, or in what it forbids."""

    POSITIVE = "positive"
    """Something that is allowed goes wrong or is impossible."""
    NEGATIVE = "negative"
    """Something that is forbidden happens."""


class Operator(StrEnum):
    """The kinds of break. Source: mutation operators for finite state machines."""

    REDIRECT = "redirect"
    """A transition leads to another status."""
    DELETE = "delete"
    """A transition is missing."""
    SWAP = "swap-event"
    """A transition is taken by another event, and no longer by its own."""
    INITIAL = "wrong-initial"
    """An order begins in another status."""
    GUARD_NEGATED = "guard-negated"
    """A guard holds where it should not, and the reverse."""
    GUARD_DROPPED = "guard-dropped"
    """A guard is not asked."""
    GUARD_GENEROUS = "guard-generous"
    """A guard that compares amounts holds for one more, a cent beside those it should."""
    GUARD_STRICT = "guard-strict"
    """A guard that compares amounts does not hold for the last one, to the cent, that it should."""
    ACCEPT = "accept-illegal"
    """An event that is refused in a status is taken there."""
    ONE_CLASS = "accept-in-one-class"
    """An event that is refused in a status is taken there by orders of one data class only."""
    TIMER_OFF = "timer-off"
    """No time limit brings an event about; whoever fires it need not wait."""
    TIMER_LATE = "timer-late"
    """A timer fires 1 ms late."""
    TIMER_EARLY = "timer-early"
    """A timer fires 1 ms early."""
    MOVED = "reject-but-move"
    """An event is refused, and the order moves all the same."""
    LOST = "lost-update"
    """An event is taken, and the order stays as it was."""
    HISTORY = "history"
    """After one particular transition, another one no longer works as it does otherwise."""
    POISON = "refusal-poisons"
    """After an event was refused, a step out of the same status no longer works as it does."""
    COUNTER = "counter"
    """A transition works a number of times, and not once more."""
    PROJECTION = "projection"
    """The shopper is shown another stage in one status."""


@dataclass(frozen=True, slots=True)
class DataClass:
    """Orders of one status that a flow treats alike for ever: a node of the graph.

    Attributes:
        facts: Facts by which configurations are told apart.
        keys: Its configurations, see :func:`orderflow.simulator.space.key_of`.
    """

    facts: tuple[str, ...]
    keys: frozenset[Key]

    def holds(self, order: Order) -> bool:
        """Whether *order* is one of them."""
        return key_of(order, self.facts) in self.keys


@dataclass(frozen=True, slots=True)
class Quirk:
    """What a broken system does that no flow can say.

    Attributes:
        to: Status an order goes to instead: where a refusal moves it, or a later step leads.
            Empty for a later step that is refused.
        after: Id of the transition that has to be taken first.
        refused: Event that has to be refused first, in the status of the broken step.
        times: How often it is taken, or refused, before the break shows.
        shift: Ms by which a timer is late; negative when it is early.
        shown: Trigger that is shown.
        guard: Predicate that is wrong at one amount; empty for none.
        cents: That amount, see :func:`orderflow.conformance.mutation.cents.wrong_at`.
        where: Orders on which alone the break shows; None for all.
    """

    to: str = ""
    after: str = ""
    refused: str = ""
    times: int = 0
    shift: int = 0
    shown: str = ""
    guard: str = ""
    cents: int = 0
    where: DataClass | None = None


@dataclass(frozen=True)
class Mutant:
    """One break.

    Attributes:
        id: Unique in the flow and the same in every run, such as ``S12/redirect/handling``.
        operator: Its kind.
        sign: Whether it breaks what is allowed or what is forbidden.
        cell: (status, event) in which it shows first.
        transition: Id of the transition that is broken, empty when none is.
        actors: Who fires that event there; () when nobody would.
        says: What is wrong, in one clause.
        flow: The broken flow; the sound one when the break is not in the flow itself.
        quirk: What is broken apart from the flow; None when the flow says all.
    """

    id: str
    operator: Operator
    sign: Sign
    cell: tuple[str, str]
    transition: str
    actors: tuple[str, ...]
    says: str
    flow: Flow = field(repr=False)
    quirk: Quirk | None = None
