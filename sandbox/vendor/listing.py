"""List orders: filters, order and pages; with its PII version.

Source: domain fact sheets "HTTP surface", section 2.2, and "What real clients send and read",
sections 2.1 and 3.4. The body of the PII version: the platform's published description of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.account import LIST_ORDERS, ORDERS_FULL_ACCESS
from orderflow.sandbox.dialect import Answer, as_json, bad_request
from orderflow.sandbox.list_index import Listed, ListIndex, Shelf, newest_first, oldest_first
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.filtering import Wanted, wanted
from orderflow.sandbox.vendor.mistakes import body_of, listed_by_date
from orderflow.sandbox.vendor.statistics import statistics

_USUAL, _MOST_ROWS, _MOST_PAGES = 15, 100, 30


def list_orders(service: Service, call: Call) -> Answer:
    """One page of the orders that pass every filter.

    A page after the last one is empty and echoes its number; one above 30 is refused, and a page
    of more than 100 rows is cut to 100 (both sandbox decisions).
    """
    asked = wanted(call.query, service.now)
    listed_by_date(service, call, asked.created)
    return as_json(page_of(service, call.account, asked, call.query))


def list_with_personal_data(service: Service, call: Call) -> Answer:
    """The same for a body of ``f_creationDate``, ``page``, ``per_page`` and ``q``.

    The platform requires the first three; they may be left out here, and other filters of the
    list may come in the body or in the query (sandbox decision).
    """
    query = {**call.query, **_texts(body_of(service, call))}
    asked = wanted(query, service.now)
    return as_json(page_of(service, call.account, asked, query))


def _texts(sent: Mapping[str, object]) -> dict[str, str]:
    """The fields of a body as they would stand in a query."""
    found = {}
    for name, value in sent.items():
        if isinstance(value, bool):
            found[name.lower()] = str(value).lower()
        elif isinstance(value, str | int):
            found[name.lower()] = str(value)
        elif value is not None:
            raise bad_request(f"The field {name[:40]} must be a string, a number or a boolean")
    return found


def page_of(
    service: Service, account: str, asked: Wanted, query: Mapping[str, str]
) -> dict[str, object]:
    """The page of the list that *query* names, of the orders that are *asked* for.

    Raises:
        DialectError: ``page``, ``per_page`` or ``orderBy`` cannot be read.
    """
    page, rows = _pages(query)
    order = _order(query.get("orderby") or "creationDate,desc")
    found = asked.among(service.part(ListIndex).shelves(account))
    total = sum(len(shelf.keys) for shelf in found)
    shown = _first(found, order, page * rows)[(page - 1) * rows :]
    return {
        "list": [one.row for one in shown],
        "facets": [],
        "paging": {
            "total": total,
            "pages": -(-total // rows),
            "currentPage": page,
            "perPage": rows,
        },
        "stats": {"stats": statistics(found)},
    }


def _pages(query: Mapping[str, str]) -> tuple[int, int]:
    """Number of the page, from 1, and how many rows it has at most."""
    page = _number(query, "page", 1)
    if page > _MOST_PAGES:
        raise bad_request(f"page {page} is above the limit of {_MOST_PAGES} pages")
    return max(page, 1), min(max(_number(query, "per_page", _USUAL), 1), _MOST_ROWS)


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    given = query.get(name, "").strip()
    if not given:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) < len("1000000000")):
        raise bad_request(f"The query parameter {name} must be a whole number, got {given[:40]!r}")
    return int(given)


def _order(asked: str) -> tuple[str, bool]:
    """What to sort by, in small letters, and whether the largest comes first."""
    name, _, direction = asked.partition(",")
    field, way = name.strip().lower(), direction.strip().lower()
    if field not in (_BY_CREATION, *_KEYS) or way not in ("", "asc", "desc"):
        raise bad_request(
            f"orderBy {asked[:80]!r}: write FIELD,asc or FIELD,desc; "
            "FIELD is creationDate, orderId, items, totalValue or origin"
        )
    return field, way == "desc"


def _first(found: tuple[Shelf, ...], order: tuple[str, bool], most: int) -> list[Listed]:
    """The first *most* in the order asked for; what it does not tell apart is newest first."""
    field, descending = order
    if field == _BY_CREATION:
        return (newest_first if descending else oldest_first)(found, most)
    every = newest_first(found, sum(len(shelf.keys) for shelf in found))
    return sorted(every, key=_KEYS[field], reverse=descending)[:most]


_BY_CREATION = "creationdate"
_KEYS = {
    "orderid": lambda one: one.held.order_id,
    "items": lambda one: one.units,
    "totalvalue": lambda one: one.value,
    "origin": lambda one: one.origin,
}

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/api/orders/extendsearch/orders",
        list_with_personal_data,
        (LIST_ORDERS, ORDERS_FULL_ACCESS),
        reads=True,
    ),
)
