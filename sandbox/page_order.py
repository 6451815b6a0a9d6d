"""What the page shows of one order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.reports.clock import span
from orderflow.reports.page_text import drawn
from orderflow.sandbox.control.orders import accepts
from orderflow.sandbox.document import order_document
from orderflow.sandbox.held import Held
from orderflow.sandbox.page_decisions import change_rows
from orderflow.sandbox.page_fields import Field, fields_of
from orderflow.sandbox.page_graph import order_graph
from orderflow.sandbox.page_words import money, place_of, time
from orderflow.sandbox.service import Service

_MOST_STEPS = 500
_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """One order in a list.

    Attributes:
        order_id: Its id.
        place: Its page.
        status: Where it stands.
        value: What it is worth, written out.
        part: Its place in the sale.
        at: When it last took a step.
    """

    order_id: str
    place: str
    status: str
    value: str
    part: str
    at: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an order's history."""

    number: int
    at: str
    waited: str
    source: str
    event: str
    target: str
    actor: str
    cause: str
    data: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An event that the order accepts where it stands."""

    event: str
    fields: tuple[Field, ...]


def row_of(held: Held) -> Row:
    """A document as a line of a list."""
    return Row(
        held.order_id,
        place_of(held),
        held.status,
        money(held.order.value),
        f"{held.participant}, {held.flow.name} flow",
        time(held.events[-1].at) if held.events else "",
    )


def order_facts(service: Service, held: Held, host: str) -> dict[str, object]:
    """All that the page of an order shows."""
    document = json.dumps(order_document(held, host=host), indent=2, ensure_ascii=False)
    whole = len(document) <= _MOST_BYTES
    group = service.store.group(held.group, held.account)
    steps = tuple(_steps(held))
    return {
        "order": row_of(held),
        "account": held.account,
        "group": held.group,
        "others": tuple(row_of(each) for each in group if each.order_id != held.order_id),
        "picture": drawn(order_graph(held)),
        "choices": tuple(Choice(each, fields_of(each, held.order)) for each in accepts(held)),
        "changes": change_rows(service, held),
        "steps": steps[-_MOST_STEPS:],
        "skipped": max(0, len(steps) - _MOST_STEPS),
        "document": document if whole else document[:_MOST_BYTES] + "\n…",
    }


def _steps(held: Held) -> Iterator[Step]:
    before = held.events[0].at if held.events else 0
    for event in held.events:
        said = ", ".join(f"{name} {value}" for name, value in event.data)
        yield Step(
            event.seq,
            time(event.at),
            span(event.at - before) if event.at > before else "",
            event.source,
            event.event,
            event.target,
            event.actor,
            event.cause,
            said,
        )
        before = event.at
