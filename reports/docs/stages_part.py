"""The five stages a shopper sees: what each is called, when it shows, and which steps change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.timeline import (
    DELIVERY,
    PICKUP,
    Package,
    Shipment,
    Slot,
    StageView,
    Timeline,
    timeline,
)
from orderflow.reports.docs.markup import LINE_BREAK, NOTHING, Md, code, joined, table, words
from orderflow.reports.docs.subject import Subject

Channel = Literal["delivery", "pickup"]

CHANNELS: dict[Channel, str] = {"delivery": DELIVERY, "pickup": PICKUP}

_SLOTS: dict[Slot, str] = {"todo": "to come", "doing": "going on", "done": "over"}
_TOMORROW = 1
_PACKAGES: tuple[tuple[str, Shipment, Shipment], ...] = (
    (
        "no package has moved, and what is to be picked up is not there yet",
        Shipment((DELIVERY,), (None,)),
        Shipment((PICKUP,), (_TOMORROW,)),
    ),
    (
        "the carrier has reported movements of every package, or the date of the pickup has come",
        Shipment((DELIVERY,), (None,), (Package("Output", 1, finished=False),)),
        Shipment((PICKUP,), (0,), (Package("Output", 1, finished=False),)),
    ),
    (
        "every package is finished",
        Shipment((DELIVERY,), (None,), (Package("Output", 1, finished=True),)),
        Shipment((PICKUP,), (0,), (Package("Output", 1, finished=True),)),
    ),
)
"""What packages and dates make of an invoiced order: on a delivery, and on a pickup."""

_STAGES = 5
_LAST_BY_STATUS = 4
_EARLY = ("null", "order-created", "payment-pending", "handling")
"""Statuses that show the first stages before they are over."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One state of one stage.

    Attributes:
        number: 1 to 5.
        slot: To come, going on or over.
        delivery: What the shopper reads of a delivery.
        pickup: What the shopper reads of a pickup.
        statuses: Statuses of the flow in which the stage stands so.
        steps: Transitions that bring the stage there.
    """

    number: int
    slot: Slot
    delivery: StageView
    pickup: StageView
    statuses: tuple[str, ...]
    steps: tuple[Transition, ...]


def stage_rows(subject: Subject) -> tuple[StageRow, ...]:
    """Every state that some stage can have for an order of the flow; three for each stage."""
    return tuple(
        _row(subject, number, slot)
        for number in range(1, _STAGES + 1)
        for slot in ("todo", "doing", "done")
    )


def _row(subject: Subject, number: int, slot: Slot) -> StageRow:
    states = [state.name for state in subject.seen.states]
    statuses = tuple(name for name in states if _slot(name, number) == slot)
    steps = tuple(
        step
        for step in subject.seen.transitions
        if _slot(step.target, number) == slot and _slot(step.source, number) not in {slot, None}
    )
    views = [_view(channel, number, slot) for channel in CHANNELS]
    return StageRow(number, slot, views[0], views[1], statuses, steps)


def _slot(status: str, number: int) -> Slot | None:
    """How a stage stands in a status by itself: before anything was packed."""
    if status == ABSENT:
        return "todo"
    seen = _shown(status, "delivery")
    if seen.canceling or not seen.stages:
        return None
    return seen.stages[number - 1].slot


def _shown(status: str, channel: Channel) -> Timeline:
    delivery, pickup = _PACKAGES[0][1:]
    return timeline(status, delivery if channel == "delivery" else pickup, 0)


def _view(channel: Channel, number: int, slot: Slot) -> StageView:
    """The words of a stage, taken from an order that shows them."""
    cases = [("invoiced", d if channel == "delivery" else p) for _, d, p in _PACKAGES]
    empty = cases[0][1]
    cases += [(name, empty) for name in _EARLY]
    for status, shipment in cases:
        shown = timeline(status, shipment, 0).stages[number - 1]
        if shown.slot == slot:
            return shown
    raise LookupError(f"no order shows stage {number} {slot}")


def stage_table(subject: Subject) -> Md:
    """The stages on a delivery and on a pickup, with what brings each about."""
    head = ("Stage", "", "Delivery", "Pickup", "Statuses", "Brought about by")
    return table(head, (_cells(subject, row) for row in stage_rows(subject)))


def _cells(subject: Subject, row: StageRow) -> tuple[Md, ...]:
    steps = joined(subject.step(step) for step in row.steps)
    if row.number >= _LAST_BY_STATUS and row.slot != "todo" and not row.steps:
        steps = Md("packages and dates, see below")
    return (
        Md(str(row.number)),
        words(_SLOTS[row.slot]),
        _told(row.delivery),
        Md("as a delivery") if row.pickup == row.delivery else _told(row.pickup),
        joined(map(subject.status, row.statuses)) if row.slot == "doing" else NOTHING,
        steps,
    )


def _told(view: StageView) -> Md:
    return Md(f"{words(view.label)}{LINE_BREAK}{code(view.trigger)}")


def package_table() -> Md:
    """What packages and dates make of stages 4 and 5 once an order is invoiced."""
    head = ("Once invoiced, and", "Delivery", "Pickup")
    return table(head, (_of_packages(*case) for case in _PACKAGES))


def _of_packages(told: str, delivery: Shipment, pickup: Shipment) -> tuple[Md, ...]:
    cells = []
    for shipment in (delivery, pickup):
        last = timeline("invoiced", shipment, 0).stages[_LAST_BY_STATUS - 1 :]
        cells.append(joined((words(f"{s.number} {s.label}") for s in last), LINE_BREAK))
    return (words(told), *cells)


def stage_words() -> Iterator[tuple[Md, ...]]:
    """What the shopper reads of each stage: to come, going on, over; of a pickup, too."""
    for number in range(1, _STAGES + 1):
        cells = []
        for slot in _SLOTS:
            views = [_view(channel, number, slot) for channel in CHANNELS]
            cells.append(joined(map(_told, dict.fromkeys(views)), LINE_BREAK))
        yield Md(str(number)), *cells


def stage_told(status: str) -> str:
    """Return the stage that an order in *status* shows, in a word or two; empty for none.

    >>> stage_told("handling"), stage_told("cancel"), stage_told("canceled")
    ('3', 'as reached', '')
    """
    shown = _shown(status, "delivery")
    begun = [stage.number for stage in shown.stages if stage.slot != "todo"]
    return "as reached" if shown.canceling else str(max(begun)) if begun else ""


def without_stages(subject: Subject) -> Iterator[Md]:
    """What the shopper sees instead of stages, or along with those the order had reached."""
    for state in subject.seen.states:
        shown = _shown(state.name, "delivery")
        if shown.closed:
            yield Md(f"{subject.status(state.name)} shows no stages: {words(shown.headline)}.")
        elif shown.canceling:
            own = shown.headline not in {stage.label for stage in shown.stages}
            more = f", under the headline {words(shown.headline)}" if own else ""
            yield Md(f"{subject.status(state.name)} keeps the stages that were reached{more}.")
