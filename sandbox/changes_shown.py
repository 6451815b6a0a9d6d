"""What an order document shows of its modifications: lines, totals, ``changesAttachment``.

A modification that somebody fired at the order by hand has no lines of its own and moves the
value only.
Source: domain fact sheet "HTTP surface", sections 2.1 and 8.
"""

from __future__ import annotations

from collections import Counter

from orderflow.sandbox.changes_amendment import LEGACY, Amendment, Line
from orderflow.sandbox.document_names import dashed_mark, mark, product_name
from orderflow.sandbox.held import Held
from orderflow.sandbox.moments import iso
from orderflow.simulator.events import Event
from orderflow.simulator.message import Sent
from orderflow.simulator.order import Item

MODIFIED = "modify_order"
"""Event by which an order is modified."""


def amendments(held: Held) -> tuple[tuple[Event, Amendment | None], ...]:
    """Each modification that happened to the document, oldest first, with what came with it.

    What a document below told this one came with the step of the document below.
    """
    if not held.amendments and not held.order.changes:
        return ()
    causes = {
        entry.message.number: entry.message.cause
        for entry in held.sale.log
        if isinstance(entry, Sent)
    }
    return tuple(
        (step.event, held.amendments.get(causes.get(step.message, step.seq)))
        for step in held.sale.events
        if step.participant == held.participant and step.event.event == MODIFIED
    )


def placed_lines(held: Held) -> tuple[Line, ...]:
    """The lines with which the document was placed.

    A line is called the same at all levels of its order, and so is none of another order.
    """
    order = path_up(held)[-1]
    return tuple(
        Line(
            item.id,
            mark(held.group, order, "item", str(place)),
            item.quantity,
            item.price,
            channel=item.channel,
            estimate=item.estimate,
        )
        for place, item in enumerate(held.order.items)
    )


def lines(held: Held) -> tuple[Line, ...]:
    """The lines of the document as it stands.

    The legacy operation changes values only. Source: fact sheet "HTTP surface", section 8.1.
    """
    for _, amendment in reversed(amendments(held)):
        if amendment is not None and amendment.lines is not None:
            return amendment.lines
    return placed_lines(held)


def moved(held: Held) -> dict[str, int]:
    """Cents by which modifications have moved the totals of the document, by total id.

    What was put on and taken off by hand is in ``Discounts`` (sandbox decision: the reference
    knows no total for it), so that ``Items`` is what the lines cost. Of an event without lines
    what it adds is in ``Items``, and what it takes away in ``Discounts``.
    """
    happened = amendments(held)
    if not happened:
        return {}
    found: Counter[str] = Counter()
    for event, amendment in happened:
        if amendment is None:
            delta = delta_of(event)
            found["Discounts" if delta < 0 else "Items"] += delta
        else:
            for name, cents in amendment.moved:
                found[name] += cents
    return dict(found)


def delta_of(event: Event) -> int:
    """Cents by which a modification that somebody fired by hand moves the value."""
    delta = dict(event.data).get("delta", 0)
    return delta if isinstance(delta, int) else 0


def changes_attachment(held: Held) -> dict[str, object] | None:
    """``changesAttachment``: modifications by the legacy operation and by hand; None for none.

    Those of today's operation are not there (fact sheet "HTTP surface", section 2.1); read their
    history instead.
    """
    shown = [
        _change(held, place, event, amendment)
        for place, (event, amendment) in enumerate(amendments(held), start=1)
        if amendment is None or amendment.version == LEGACY
    ]
    return {"id": "changeAttachment", "changesData": shown} if shown else None


def _change(held: Held, place: int, event: Event, amendment: Amendment | None) -> dict[str, object]:
    if amendment is None:
        delta = delta_of(event)
        amendment = Amendment(
            LEGACY, "", event.at, "", discount=max(0, -delta), increment=max(0, delta)
        )
    return {
        "reason": amendment.reason,
        "discountValue": amendment.discount,
        "incrementValue": amendment.increment,
        "itemsAdded": [_row(item) for item in amendment.added],
        "itemsRemoved": [_row(item) for item in amendment.removed],
        "receipt": {
            "date": iso(amendment.at),
            "orderId": held.order_id,
            "receipt": amendment.receipt or dashed_mark(held.order_id, f"change-{place}"),
        },
    }


def _row(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "name": product_name(item.id),
        "quantity": item.quantity,
        "price": item.price,
        "unitMultiplier": None,
    }


def relatives(held: Held) -> frozenset[str]:
    """Participants of the sale whose documents are about the same order, at any level."""
    names = [each.name for each in held.sale.deal.participants]
    top = path_up(held)[-1]
    return frozenset(name for name in names if path_up(held, name)[-1] == top)


def path_up(held: Held, name: str = "") -> list[str]:
    """The participant called *name*, or that of *held*; the one above it, and so on."""
    path = [name or held.participant]
    while above := held.sale.deal.participant[path[-1]].below:
        path.append(above)
    return path


def versions(held: Held) -> frozenset[int]:
    """Which operations have modified the order, at any level."""
    names, events = relatives(held), held.sale.events
    return frozenset(
        amendment.version
        for seq, amendment in held.amendments.items()
        if events[seq - 1].participant in names
    )
