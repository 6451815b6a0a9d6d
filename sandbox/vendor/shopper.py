"""What a shopper sees: a list of the own orders, and one of them.

The list has the paging of its schema; the platform leaves it out in practice (known issue 516699).
Source: Orders API, "Retrieve user's orders" and "Retrieve user order details".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orderflow.sandbox.account import VIEW_ORDER
from orderflow.sandbox.dialect import Answer, as_json, order_not_found
from orderflow.sandbox.document import order_document
from orderflow.sandbox.document_shopper import email, email_alias
from orderflow.sandbox.list_index import Passes
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.fields import objects
from orderflow.sandbox.vendor.filtering import Wanted, nobody, span, statuses_of, switch, text
from orderflow.sandbox.vendor.listing import page_of

_ITEM = ("seller", "quantity", "ean", "refId", "id", "productId", "sellingPrice", "price")


def list_own(service: Service, call: Call) -> Answer:
    """One page of the orders of ``clientEmail``, or of all shoppers when it is left out.

    A key counts as one with the role of a call center operator, which sees everybody's orders
    (sandbox decision). The parameters of buyer portals are taken, too; no order of the sandbox has
    a purchase agent or waits for an approval.
    """
    page = page_of(service, call.account, _wanted(call.query), call.query)
    rows = [_with_items(service, call, row) for row in objects(page["list"])]
    return as_json({**page, "list": rows})


def get_own(service: Service, call: Call) -> Answer:
    """One order document, 404 when ``clientEmail`` names somebody else (sandbox decision)."""
    held = service.order(call.parameters["orderId"], call.account)
    client = call.query.get("clientemail", "")
    if client and not _is_of(held, client):
        raise order_not_found()
    return as_json(order_document(held, host=call.host))


def _wanted(query: Mapping[str, str]) -> Wanted:
    given = {name: value for name, value in query.items() if value}
    filters: list[Passes] = []
    if "clientemail" in given:
        filters.append(_bought_by(given["clientemail"]))
    if "text" in given:
        filters.append(text(given["text"]))
    if "purchase_agent_id" in given or switch(
        "my_pending_approvals", given.get("my_pending_approvals", "false")
    ):
        filters.append(nobody)
    found = Wanted(filters=tuple(filters))
    if "status" in given:
        found = replace(found, statuses=statuses_of(given["status"].split(",")))
    if "creation_date" in given:
        found = replace(found, created=span(given["creation_date"]))
    return found


def _bought_by(client: str) -> Passes:
    return lambda one: _is_of(one.held, client)


def _is_of(held: Held, client: str) -> bool:
    """Whether the order is that of the shopper with this address, or with this alias."""
    return client.strip().lower() in (email(held).lower(), email_alias(held).lower())


def _with_items(service: Service, call: Call, row: Mapping[str, object]) -> dict[str, object]:
    """A row with what was bought, as this list has it and List orders no longer has."""
    document = order_document(service.order(str(row["orderId"]), call.account), host=call.host)
    items = [
        {**{name: item.get(name) for name in _ITEM}, "description": item.get("name")}
        for item in objects(document["items"])
    ]
    return {**row, "items": items}


_ORDERS = "/api/oms/user/orders"
ROUTES: tuple[Route, ...] = (
    Route("GET", _ORDERS, list_own, (VIEW_ORDER,)),
    Route("GET", _ORDERS + "/{orderId}", get_own, (VIEW_ORDER,)),
)
