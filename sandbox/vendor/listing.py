"""List orders: filters, order and pages.

Source: domain fact sheets "HTTP surface", section 2.2, and "What real clients send and read",
sections 2.1 and 3.4.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import Answer, as_json, bad_request
from orderflow.sandbox.document import list_row
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.filtering import filters_of
from orderflow.sandbox.vendor.statistics import statistics

_USUAL, _MOST_ROWS, _MOST_PAGES = 15, 100, 30


def list_orders(service: Service, call: Call) -> Answer:
    """One page of the orders that pass every filter.

    A page after the last one is empty and echoes its number; one above 30 is refused, and a page
    of more than 100 rows is cut to 100 (both sandbox decisions).
    """
    page, rows = _pages(call)
    filters = filters_of(call, service.now)
    found = [
        held
        for held in service.store.orders(call.account)
        if all(passes(held) for passes in filters)
    ]
    _arrange(found, call.query.get("orderby", "creationDate,desc"))
    shown = found[(page - 1) * rows : page * rows]
    return as_json(
        {
            "list": [list_row(held) for held in shown],
            "facets": [],
            "paging": {
                "total": len(found),
                "pages": -(-len(found) // rows),
                "currentPage": page,
                "perPage": rows,
            },
            "stats": {"stats": statistics(found)},
        }
    )


def _pages(call: Call) -> tuple[int, int]:
    """Number of the page, from 1, and how many rows it has at most."""
    page = _number(call, "page", 1)
    if page > _MOST_PAGES:
        raise bad_request(f"page {page} is above the limit of {_MOST_PAGES} pages")
    return max(page, 1), min(max(_number(call, "per_page", _USUAL), 1), _MOST_ROWS)


def _number(call: Call, name: str, usual: int) -> int:
    given = call.query.get(name, "").strip()
    if not given:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) < len("1000000000")):
        raise bad_request(f"The query parameter {name} must be a whole number, got {given[:40]!r}")
    return int(given)


def _arrange(found: list[Held], asked: str) -> None:
    """Sort as ``orderBy`` says; what it does not tell apart stays newest first."""
    name, _, direction = asked.partition(",")
    key = _KEYS.get(name.strip().lower())
    if key is None or direction.strip().lower() not in ("", "asc", "desc"):
        raise bad_request(
            f"orderBy {asked[:80]!r}: write FIELD,asc or FIELD,desc; "
            "FIELD is creationDate, orderId, items, totalValue or origin"
        )
    found.sort(key=key, reverse=direction.strip().lower() == "desc")


def _created(held: Held) -> tuple[int, str]:
    return held.order.created_at or 0, held.sequence


_KEYS = {
    "creationdate": _created,
    "orderid": lambda held: held.order_id,
    "items": lambda held: sum(item.quantity for item in held.order.items),
    "totalvalue": lambda held: held.order.value,
    "origin": lambda held: held.origin,
}
