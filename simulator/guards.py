"""How each fact of the vocabulary is read off an order document, and the guards made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orderflow.flows.vocabulary import PREDICATES
from orderflow.simulator.order import Order

Guard = Callable[[Order], bool]
"""A pure function of the order document."""


def _invoiced(order: Order) -> str:
    total = order.invoiced
    if total == 0:
        return "none"
    if total == order.value:
        return "full"
    return "partial" if total < order.value else "over"


def _accepted(order: Order) -> str:
    for invoice in order.invoices:
        if invoice.kind == "Output" and invoice.accepted:
            return "yes"
    return "no"


def _tracking(order: Order) -> str:
    outputs = order.outputs
    # Carrier events count only on a package that has a tracking number (rule A-79).
    bare = any((o.events or o.finished) and not o.tracking_number for o in outputs)
    return "possible" if outputs and not bare else "impossible"


FACT_READERS: dict[str, Callable[[Order], str]] = {
    "invoiced": _invoiced,
    "posted": lambda order: "yes" if order.waiting else "no",
    "accepted": _accepted,
    "paid": lambda order: "yes" if order.paid else "no",
    "settlement": lambda order: order.settlement,
    "stock": lambda order: order.stock,
    "seller": lambda order: order.seller,
    "change_seller": lambda o: "possible" if o.change_seller and o.paid else "impossible",
    "replacement": lambda order: "on" if order.replaceable else "off",
    "creation": lambda order: order.creation_error,
    "request": lambda order: "open" if order.open_request else "none",
    "tracking": _tracking,
    "returns": lambda order: "within" if order.returned <= order.invoiced else "above",
}
"""Fact name to the function that answers it."""


def guard(predicate: str) -> Guard:
    """Return the function that decides *predicate*.

    Raises:
        KeyError: The vocabulary has no such predicate.
    """
    known = PREDICATES[predicate]
    read, answers = FACT_READERS[known.fact], known.answers
    return lambda order: read(order) in answers


def held_before(status: str) -> Guard:
    """Return a guard that holds when the open cancellation request was made in *status*."""

    def check(order: Order) -> bool:
        request = order.open_request
        return request is not None and request.held == status

    return check


def facts_used(predicates: Iterable[str]) -> tuple[str, ...]:
    """Names of the facts that *predicates* ask for, sorted."""
    return tuple(sorted({PREDICATES[name].fact for name in predicates}))
