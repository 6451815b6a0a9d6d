"""What is known of the events of a flow: by whom, with what data, in which statuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from orderflow.conformance.subjects.words import plain_data
from orderflow.flows.document import Plain
from orderflow.flows.loader import load_events
from orderflow.flows.model import EventKind, Flow
from orderflow.simulator.choices import NONE, every_choice, realise
from orderflow.simulator.inputs import accepted_names
from orderflow.simulator.order import Invoice, Order
from orderflow.simulator.simulator import new_order

_CENTS = "whole cents, 1 or more"
_TEXT = "text"
_FLAG = "true or false"

TYPES: Mapping[str, tuple[str, str]] = {
    "value": (_CENTS, "what the invoice comes to"),
    "number": (_TEXT, "number of the invoice; the next one that is free when left out"),
    "settlement": ("settled or refused", "what the payment provider answers"),
    "package": ("whole number, 1 or more", "which of the packages; the first when left out"),
    "movement": (_TEXT, "what happened to the package"),
    "delivered": (_FLAG, "whether the package has arrived"),
    "stock": ("reserved or gone", "whether the goods are still reserved"),
    "cause": ("creation, gateway or callback", "what went wrong"),
    "seller": ("inside-window or past-window", "whether the seller still has time to answer"),
    "other_seller": (_FLAG, "whether another seller can take over"),
    "reason": (_TEXT, "why, in words"),
    "delta": ("whole cents, below 0 for less", "by how much the value of the order changes"),
}
"""Type and meaning of each name that may come with an event."""

_OTHERWISE = {
    ("update_tracking", "number"): "tracking number",
    ("add_return_invoice", "value"): "what comes back; all that was invoiced when left out",
}
"""What a name means where it does not mean what it does elsewhere."""

_NEEDED = frozenset({("verify_invoice", "value")})
"""What no step of the flow can do without."""


@dataclass(frozen=True, slots=True)
class Field:
    """One name that may come with an event.

    Attributes:
        name: The name.
        type: Its type, in words.
        meaning: What it says.
        needed: It has to be there.
    """

    name: str
    type: str
    meaning: str
    needed: bool


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One transition that an event takes.

    Attributes:
        id: Id of the transition.
        source: Status before.
        target: Status after.
        actors: Who fires it there.
        when: Guards that must hold.
    """

    id: str
    source: str
    target: str
    actors: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One event of a flow.

    Attributes:
        name: Its name.
        actors: Who fires it in this flow, the most usual first.
        meaning: What it says happened.
        mark: Where the name comes from, see :class:`~orderflow.flows.model.EventKind`.
        endpoints: Documented calls that bring it about in flows of this family.
        fields: What may come with it.
        examples: (name of the kind of data, data) of each kind; an order of 100.00 is meant.
        steps: The transitions it takes, in the order of the flow; () when it is always refused.
    """

    name: str
    actors: tuple[str, ...]
    meaning: str
    mark: str
    endpoints: tuple[str, ...]
    fields: tuple[Field, ...]
    examples: tuple[tuple[str, Mapping[str, Plain]], ...]
    steps: tuple[StepFacts, ...]

    @property
    def statuses(self) -> tuple[str, ...]:
        """Where the flow takes it, some only when guards hold."""
        return tuple(dict.fromkeys(step.source for step in self.steps))

    def plain(self) -> dict[str, object]:
        """All of it for a program."""
        return {
            **{name: getattr(self, name) for name in ("name", "actors", "meaning", "mark")},
            "endpoints": self.endpoints,
            "data": [asdict(field) for field in self.fields],
            "examples": [{"kind": kind, "data": data} for kind, data in self.examples],
            "statuses": self.statuses,
            "steps": [asdict(step) for step in self.steps],
        }


def facts_of(flow: Flow) -> tuple[EventFacts, ...]:
    """All events of *flow*, one profile of a flow, those that it always refuses included."""
    kinds = {**load_events(), **{each.name: each for each in flow.own_events}}
    return tuple(_facts(flow, kinds.get(name) or EventKind(name)) for name in flow.events)


def _facts(flow: Flow, kind: EventKind) -> EventFacts:
    steps = tuple(
        StepFacts(step.id, step.source, step.target, step.actors, step.when)
        for step in flow.transitions
        if step.event == kind.name
    )
    actors = tuple(dict.fromkeys(actor for step in steps for actor in step.actors))
    served = (
        each.call
        for each in kind.endpoints
        if any(each.serves(flow.family or flow.name, step.source) for step in steps)
    )
    return EventFacts(
        kind.name,
        actors or kind.actors,
        kind.meaning,
        kind.mark,
        tuple(dict.fromkeys(served)),
        tuple(_fields(kind.name)),
        tuple(_examples(flow, kind.name)),
        steps,
    )


def _fields(event: str) -> Iterator[Field]:
    """What may come with *event*; what decides most comes first."""
    names = accepted_names(event)
    for name in (each for each in TYPES if each in names):
        type_, meaning = TYPES[name]
        meaning = _OTHERWISE.get((event, name), meaning)
        yield Field(name, type_, meaning, (event, name) in _NEEDED)


def _examples(flow: Flow, event: str) -> Iterator[tuple[str, Mapping[str, Plain]]]:
    """Each kind of data, as it comes to a new order, or to one of which half is invoiced."""
    order = new_order(flow, "order-1")
    if event in {"add_return_invoice", "update_tracking"}:
        order = _invoiced(order)
    for choice in every_choice(event):
        if choice in {"settled", "refused"}:
            yield choice, {"settlement": choice}
        else:
            yield choice, plain_data(realise(event, choice, order))
    if not every_choice(event):
        yield NONE, {}


def _invoiced(order: Order) -> Order:
    """*order* with an invoice of half of it."""
    posted = Invoice("order-1-1", "Output", order.value // 2, 0)
    return order._replace(invoices=(posted,))
