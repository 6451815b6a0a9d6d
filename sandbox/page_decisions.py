"""What the page shows for people to decide about: tasks of a store, modifications of an order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from orderflow.sandbox.changes import Changes
from orderflow.sandbox.changes_request import STAGES, Modification
from orderflow.sandbox.changes_shown import amendments, delta_of
from orderflow.sandbox.page_words import money, place_of, time
from orderflow.sandbox.task_list import Task, TaskList

if TYPE_CHECKING:
    from orderflow.sandbox.changes_amendment import Amendment
    from orderflow.sandbox.held import Held
    from orderflow.sandbox.service import Service
    from orderflow.simulator.events import Event

_MOST_TASKS, _MOST_CHANGES = 20, 100


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task that is not closed.

    Attributes:
        id: Its id.
        name: What it is called.
        status: Where it stands.
        at: When it was opened.
        order_id: Order that the platform asks about; empty for a task of somebody else.
        place: The page of that order, empty when there is none.
        decides: Whether something is to be decided about the order.
    """

    id: str
    name: str
    status: str
    at: str
    order_id: str
    place: str
    decides: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One modification of an order.

    Attributes:
        id: What clients call it; empty for one that was fired by hand.
        stage: Where it stands.
        reason: Why, as it was sent.
        value: By how much it moves the value of the order, written out.
        at: When it was asked for.
        stages: Where somebody may bring it, empty when it is over.
    """

    id: str
    stage: str
    reason: str
    value: str
    at: str
    stages: tuple[str, ...] = ()


def open_tasks(service: Service, account: str) -> tuple[tuple[TaskRow, ...], int]:
    """The newest tasks of an account that are not closed, and how many there are in all."""
    every = reversed(service.part(TaskList).tasks.values())
    found = [each for each in every if each.account == account and each.status != "Closed"]
    return tuple(_task_row(service, each) for each in islice(found, _MOST_TASKS)), len(found)


def _task_row(service: Service, task: Task) -> TaskRow:
    held = service.store.find(task.order_id, task.account) if task.order_id else None
    return TaskRow(
        task.id,
        str(task.fields.get("name") or "task"),
        task.status,
        time(task.at),
        task.order_id,
        "" if held is None else place_of(held),
        bool(task.kind),
    )


def change_rows(service: Service, held: Held) -> tuple[ChangeRow, ...]:
    """The latest modifications of a document, oldest first.

    Those asked for there, by either operation, and those that came from a document below.
    """
    asked = service.part(Changes).of(held)
    known = {each.request_id for each in asked}
    found = [(each.at, _asked_row(each)) for each in asked]
    found += [
        (event.at, _happened_row(event, amendment))
        for event, amendment in amendments(held)
        if amendment is None or amendment.request_id not in known
    ]
    found.sort(key=_by_moment)
    return tuple(row for _, row in found[-_MOST_CHANGES:])


def _by_moment(found: tuple[int, ChangeRow]) -> int:
    return found[0]


def _asked_row(change: Modification) -> ChangeRow:
    return ChangeRow(
        change.request_id,
        change.stage,
        change.asked.reason,
        money(change.outcome.total) if change.is_prepared else "",
        time(change.at),
        () if change.is_over else tuple(_others(change)),
    )


def _others(change: Modification) -> Iterator[str]:
    return (stage for stage in STAGES if stage != change.stage)


def _happened_row(event: Event, amendment: Amendment | None) -> ChangeRow:
    """A modification of which nothing is left to decide."""
    if amendment is None:
        return ChangeRow("", "done", "", money(delta_of(event)), time(event.at))
    told = (amendment.request_id, "done", amendment.reason)
    return ChangeRow(*told, money(amendment.total), time(event.at))
