"""The closed vocabulary of flow files: facts of an order, predicates over them, and actors.

A *fact* is one question about an order document with a finite set of answers. A *predicate*
names the answers for which a guard holds. Because the answers are finite, whether two guards
overlap or leave a gap is decided by counting, not by guessing (see :mod:`orderflow.flows.lint`).
How a fact is read off a document is told in :mod:`orderflow.simulator.guards`.
"""

from __future__ import annotations

from dataclasses import dataclass

ACTORS = {
    "shopper": "the person who buys",
    "checkout": "the platform's checkout, finishing the order data",
    "platform": "the order-management system itself, without anybody asking",
    "timer": "the platform, because a time limit is over",
    "gateway": "the payment gateway",
    "marketplace": "the store that made the sale",
    "seller": "the store that handles the order, or its ERP",
    "carrier": "whoever carries the package",
    "picking": "the picking and packing application",
    "support": "platform support",
}
"""Who can fire an event, and who that is."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A question about an order document with finitely many answers.

    Attributes:
        name: Short name.
        answers: Every possible answer, the usual one of a new order first.
        meaning: The question, in words.
    """

    name: str
    answers: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Predicate:
    """A name for "the answer to *fact* is one of *answers*".

    Attributes:
        name: What a flow file writes under ``when``.
        fact: Name of the fact.
        answers: Answers for which it holds.
        meaning: What it says, in words.
        needs: The same as what a step needs: "... needs the invoices to cover the whole order".
    """

    name: str
    fact: str
    answers: frozenset[str]
    meaning: str
    needs: str


_FACTS = (
    Fact("invoiced", ("none", "partial", "full", "over"), "how much is on Output invoices"),
    Fact("posted", ("no", "yes"), "is an Output invoice waiting to be verified"),
    Fact("accepted", ("no", "yes"), "has an Output invoice been verified"),
    Fact("paid", ("no", "yes"), "is the payment, or the marketplace's word for it, recorded"),
    Fact("settlement", ("pending", "settled", "refused"), "what became of the capture"),
    Fact("stock", ("reserved", "gone"), "what the reservation answered"),
    Fact("seller", ("inside-window", "past-window"), "where the seller order stands"),
    Fact("change_seller", ("possible", "impossible"), "may another seller be chosen"),
    Fact("replacement", ("on", "off"), "does the store allow order replacement"),
    Fact("creation", ("none", "callback", "gateway", "creation"), "what went wrong at creation"),
    Fact("request", ("none", "open"), "is a cancellation request waiting for an answer"),
    Fact("tracking", ("impossible", "possible"), "is there an Output invoice to track"),
    Fact("returns", ("within", "above"), "are the returns within what was invoiced"),
)

FACTS: dict[str, Fact] = {fact.name: fact for fact in _FACTS}
"""All facts by name."""


_NEEDS = {
    "invoiced_partially": "the invoices to cover only a part of the order",
    "invoiced_fully": "the invoices to cover the whole order",
    "no_output_invoice": "an order without an Output invoice",
    "not_over_invoiced": "the invoices to come to no more than the order",
    "invoice_posted": "an Output invoice that waits to be verified",
    "no_accepted_invoice": "an order without a verified Output invoice",
    "paid": "the payment to be recorded",
    "unpaid": "the payment not to be recorded yet",
    "settled": "the capture to have succeeded",
    "settlement_refused": "the capture to have been refused",
    "stock_reserved": "the reservation to be confirmed",
    "stock_gone": "the reservation not to be guaranteed",
    "seller_inside_window": "a seller who need not be asked",
    "seller_past_window": "a seller who must be asked",
    "change_seller_possible": "time left to change the seller, and the payment",
    "change_seller_impossible": "no time left to change the seller, or no payment",
    "replacement_on": "order replacement to be switched on",
    "callback_failed": "the gateway's callback never to have come",
    "gateway_failed": "the payment gateway to have failed",
    "creation_failed": "the creation to have failed on the platform",
    "creation_sound": "nothing to have gone wrong at creation",
    "creation_broken": "something to have gone wrong at creation",
    "request_open": "a cancellation request that is unanswered",
    "trackable": "an Output invoice to track",
    "returns_within_invoiced": "the returns to come to no more than what was invoiced",
}
"""What a step needs that has the predicate for a guard, by predicate."""


def _predicate(name: str, fact: str, answers: str, meaning: str) -> tuple[str, Predicate]:
    return name, Predicate(name, fact, frozenset(answers.split()), meaning, _NEEDS[name])


PREDICATES: dict[str, Predicate] = dict(
    (
        _predicate("invoiced_partially", "invoiced", "partial", "sum of Output invoices < value"),
        _predicate("invoiced_fully", "invoiced", "full", "sum of Output invoices = value"),
        _predicate("no_output_invoice", "invoiced", "none", "no Output invoice was posted"),
        _predicate("not_over_invoiced", "invoiced", "none partial full", "sum <= order value"),
        _predicate("invoice_posted", "posted", "yes", "an Output invoice waits to be verified"),
        _predicate("no_accepted_invoice", "accepted", "no", "no Output invoice was verified yet"),
        _predicate("paid", "paid", "yes", "the payment is recorded"),
        _predicate("unpaid", "paid", "no", "the payment is not recorded"),
        _predicate("settled", "settlement", "settled", "the capture succeeded"),
        _predicate("settlement_refused", "settlement", "refused", "the capture was refused"),
        _predicate("stock_reserved", "stock", "reserved", "the reservation is confirmed"),
        _predicate("stock_gone", "stock", "gone", "the reservation is not guaranteed"),
        _predicate("seller_inside_window", "seller", "inside-window", "seller needs no asking"),
        _predicate("seller_past_window", "seller", "past-window", "the seller must be asked"),
        _predicate("change_seller_possible", "change_seller", "possible", "window > 0, paid"),
        _predicate("change_seller_impossible", "change_seller", "impossible", "window 0 or unpaid"),
        _predicate("replacement_on", "replacement", "on", "order replacement is switched on"),
        _predicate("callback_failed", "creation", "callback", "the gateway callback never came"),
        _predicate("gateway_failed", "creation", "gateway", "the payment gateway failed"),
        _predicate("creation_failed", "creation", "none creation", "the platform failed"),
        _predicate("creation_sound", "creation", "none", "nothing went wrong at creation"),
        _predicate(
            "creation_broken", "creation", "callback gateway creation", "creation went wrong"
        ),
        _predicate("request_open", "request", "open", "a cancellation request is unanswered"),
        _predicate("trackable", "tracking", "possible", "an Output invoice exists"),
        _predicate("returns_within_invoiced", "returns", "within", "returns <= invoiced"),
    )
)
"""All predicates by name: what ``when`` accepts."""
