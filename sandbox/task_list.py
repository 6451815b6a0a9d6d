"""VTEX DO: notes on orders, and tasks for the people of a store.

The platform opens a task when a cancellation is asked for that the seller decides, when a price
differs, and when something is to be refunded. Changing a task moves no order: people decide on the
order's page of the Admin and then close the task. :meth:`TaskList.decide` is what they do there.
Sandbox decisions: the platform closes a task of its own when the order has moved on, a refund is
due for each return, and the words of the tasks are those of the help center.
Source: domain fact sheet "HTTP surface", section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from orderflow.sandbox.document_names import mark
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held
from orderflow.simulator.events import Event
from orderflow.simulator.simulator import Refused

STATUSES = ("Open", "Closed", "Suspended", "InProgress")
MOST_NOTES = 30
"""Notes that one order takes."""

LONGEST_NOTE = 2_000
_THIRTY_DAYS = 30 * 86_400_000
"""Ms a seller has to answer a cancellation request."""

_NOTHING: Mapping[str, object] = {}

Decision = Literal["approve", "reject"]


@dataclass(frozen=True, slots=True)
class Note:
    """A note.

    Attributes:
        id: 32 hexadecimal digits.
        account: Account it belongs to.
        at: Virtual time in ms.
        by: Masked name of the key that wrote it.
        target: What it is about: ``id``, ``type`` and ``url``, as sent.
        domain: As sent.
        description: As sent.
    """

    id: str
    account: str
    at: int
    by: str
    target: Mapping[str, object] = field(repr=False)
    domain: str = ""
    description: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark on a task."""

    at: int
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        id: 32 hexadecimal digits.
        account: Account it belongs to.
        at: When it was opened, virtual time in ms.
        changed: When it was last changed.
        by: Masked name of the key that made it, empty for the platform.
        fields: What stands in it beside status and comments, by the names of the API.
        status: One of :data:`STATUSES`.
        comments: Oldest first.
        kind: What the platform asks in it; empty for a task of somebody else.
        order_id: Order that the platform's task is about.
    """

    id: str
    account: str
    at: int
    changed: int
    by: str
    fields: Mapping[str, object] = field(repr=False)
    status: str = "Open"
    comments: tuple[Comment, ...] = ()
    kind: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A task that the platform opens.

    Attributes:
        name: Name of the task.
        description: What is to be done, with a place for the order id.
        context: One of the tags by which tasks are filtered.
        answers: By decision, the event that it means to the order.
    """

    name: str
    description: str
    context: str
    answers: Mapping[str, str] = field(default_factory=dict)


_KINDS: Mapping[str, _Kind] = {
    "cancellation": _Kind(
        "Cancellation requested",
        "The cancellation of order {} was requested.",
        "Backoffice",
        {"approve": "accept_cancel", "reject": "deny_cancel"},
    ),
    "divergence": _Kind(
        "Authorizing an order with price divergence",
        "Order {} has another value than the store's own prices give.",
        "Marketplace",
        {"approve": "approve_divergence", "reject": "reject_divergence"},
    ),
    "refund": _Kind("Refunding a payment", "A refund for order {} was requested.", "Backoffice"),
}
_ASKS = {
    ("seller", "cancellation-requested"): "cancellation",
    ("complete", "waiting-for-seller-decision"): "cancellation",
    ("seller", "waiting-for-manual-authorization"): "divergence",
}
"""By family of flows and status, the task that is open while an order stands there."""

_ASKING = frozenset(status for _, status in _ASKS)
_RETURN = "add_return_invoice"


class TaskList(Part):
    """The notes and tasks of all accounts.

    Args:
        service: The sandbox it belongs to; what has happened to its orders so far counts, too.

    Attributes:
        notes: By id, oldest first.
        tasks: By id.
    """

    name: ClassVar[str] = "tasks"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.notes: dict[str, Note] = {}
        self.tasks: dict[str, Task] = {}
        self._open: dict[tuple[str, str], str] = {}
        self._about: dict[tuple[str, str], list[str]] = {}
        self._made = 0
        for change in _so_far(service):
            self.heard(change)

    def heard(self, change: Change) -> None:
        """Close the platform's task that an order has left behind, and open the next one."""
        held, event = change.held, change.event
        place = (held.account, held.order_id)
        if event.target != event.source and place in self._open:
            self._close(self._open.pop(place), event.at)
        if not _matters(event):
            return
        family = held.sale.deal.participant[held.participant].family
        kind = _ASKS.get((family, event.target))
        if kind and event.target != event.source:
            self._open[place] = self._ask(change, kind)
        if event.event == _RETURN and family in ("marketplace", "complete"):
            self._ask(change, "refund")

    def _close(self, task_id: str, at: int) -> None:
        task = self.tasks[task_id]
        if task.status != "Closed":
            self.tasks[task_id] = replace(task, status="Closed", changed=at)

    def _ask(self, change: Change, kind: str) -> str:
        """Open a task of the platform; its id."""
        held, event, words = change.held, change.event, _KINDS[kind]
        task_id = mark(held.account, held.order_id, kind, str(event.seq), "task")
        fields: dict[str, object] = {
            "target": [{"id": held.order_id, "type": "order", "url": f"/orders/{held.order_id}"}],
            "domain": "oms",
            "context": words.context,
            "name": words.name,
            "priority": "Critical",  # the one that the reference shows
            "surrogateKey": f"{held.order_id}-{kind}-{event.seq}",
            "description": words.description.format(held.order_id),
            "dueDate": event.at + _THIRTY_DAYS if kind == "cancellation" else None,
            "assignee": None,
            "followers": [],
            "parentTaskId": None,
        }
        self.add_task(
            Task(
                task_id,
                held.account,
                event.at,
                event.at,
                "",
                fields,
                kind=kind,
                order_id=held.order_id,
            )
        )
        return task_id

    def forgot(self, held: Held) -> None:
        """Drop what is about an order that is gone."""
        place = (held.account, held.order_id)
        self._open.pop(place, None)
        for name in self._about.pop(place, ()):
            self.notes.pop(name, None)
            self.tasks.pop(name, None)

    def notes_on(self, account: str, target_id: str) -> tuple[Note, ...]:
        """The notes about something, newest first."""
        names = reversed(self._about.get((account, target_id), ()))
        return tuple(self.notes[name] for name in names if name in self.notes)

    def new_id(self, account: str, target_id: str) -> str:
        """Identity of the next note or task that somebody makes."""
        self._made += 1
        return mark(account, target_id, str(self._made), "made")

    def in_order(self, account: str) -> tuple[Task, ...]:
        """The tasks of an account, oldest first."""
        found = (each for each in self.tasks.values() if each.account == account)
        return tuple(sorted(found, key=lambda task: (task.at, task.order_id)))

    def add_note(self, note: Note) -> None:
        """Keep a note."""
        self.notes[note.id] = note
        self._remember(note.account, note.target, note.id)

    def add_task(self, task: Task) -> None:
        """Keep a task."""
        self.tasks[task.id] = task
        targets = task.fields["target"]
        for target in targets if isinstance(targets, list) else ():
            self._remember(task.account, target, task.id)

    def change(self, task: Task) -> None:
        """Keep a task as it is now."""
        self.tasks[task.id] = task

    def _remember(self, account: str, target: Mapping[str, object], name: str) -> None:
        """Note what is about which target."""
        self._about.setdefault((account, str(target.get("id"))), []).append(name)

    def decide(self, task: Task, decision: Decision) -> Refused | None:
        """Approve or reject what the platform asks in *task*; this closes it.

        Raises:
            KeyError: It is no task of the platform.
        """
        event = _KINDS[task.kind].answers.get(decision)
        held = self.service.store.find(task.order_id, task.account)
        if event is not None and held is not None:
            done = self.service.fire(held, event)
            if isinstance(done, Refused):
                return done
        self._close(task.id, self.service.now)
        return None


def _matters(event: Event) -> bool:
    """Whether a step may open a task."""
    return event.target in _ASKING or event.event == _RETURN


def _so_far(service: Service) -> Iterator[Change]:
    """What has happened to orders that a task may be about, in the order in which it did."""
    orders = (each for name in service.accounts.names for each in service.store.orders(name))
    asking = [(held, held.events) for held in orders]
    found = [
        Change(held, event)
        for held, events in asking
        if any(map(_matters, events))
        for event in events
    ]
    yield from sorted(found, key=lambda each: (each.event.at, each.held.sequence, each.event.seq))
