"""For each cross-flow rule a sale that breaks it and nothing else, one that keeps it on purpose,
and one whose record does not tell."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.deal_record import DealRecord, Party
from tests.conformance.histories import APPROVED, CREATED, DAY, HOUR, START, history

WAITS = "order-accepted on-order-completed-ffm waiting-ffmt-authorization"
WINDOW = f"{WAITS} authorize-fulfillment+2h window-to-cancel+1m"
HANDLING = f"{WINDOW} ready-for-handling+30m start-handling handling+1m"
HANDLED = f"{HANDLING} invoice invoiced+1m"
SELLER_ASKED = f"{HANDLING} cancellation-requested"
SELLER_OUT = f"{SELLER_ASKED} cancel canceled+1m"
SOLD = f"{APPROVED} invoice+9h invoiced+1m"
ASKED = f"{APPROVED} request-cancel waiting-for-seller-decision+1m"
OUT = f"{ASKED} cancel canceled+1m"
RELEASED = f"{CREATED} payment-approved+3m"
PASSED_ON = f"{RELEASED} invoice+9h invoiced+1m"
CHAIN_OUT = f"{RELEASED} request-cancel waiting-for-seller-decision+1m cancel canceled+1m"

MARKET = Party("market", history("marketplace", APPROVED))


def market(path: str) -> Party:
    return Party("market", history("marketplace", path))


def chain(path: str) -> Party:
    return Party("chain", history("chain", path), "market")


def seller(path: str, *, above: str = "market", dismissed_at: int | None = None) -> Party:
    return Party("seller", history("seller", path), above, dismissed_at)


def deal(*parties: Party, waiting: int | None = 0, **known: object) -> DealRecord:
    """A sale with no message under way, unless *waiting* says something else."""
    return DealRecord("deal-1", parties, waiting=waiting, **known)  # type: ignore[arg-type]  # names and types are the caller's


def truncated(party: Party) -> Party:
    return replace(party, record=replace(party.record, whole=False))


_SUBSTITUTE = Party("substitute", history("seller", WINDOW), "market")
_CHANGED = market(f"{APPROVED} window-to-change-seller payment-approved")
_UNPAID = market(CREATED)

BROKEN: dict[str, DealRecord] = {
    "A-28": deal(MARKET, seller(f"{WAITS} authorize-fulfillment")),
    "A-38": deal(MARKET, seller(f"{WAITS} start-handling+30m handling+1m")),
    "A-53": deal(MARKET, seller(HANDLED)),
    "A-58": deal(MARKET, seller(SELLER_ASKED)),
    "A-65": deal(market(OUT), seller(HANDLING)),
    "A-69": deal(_CHANGED, seller(SELLER_ASKED, dismissed_at=START + 20 * HOUR), _SUBSTITUTE),
    "A-70": deal(market(f"{APPROVED} request-cancel"), seller(HANDLED)),
    "A-71": deal(_UNPAID, chain(RELEASED)),
    "A-74": deal(
        MARKET,
        chain(CHAIN_OUT.removesuffix(" canceled+1m")),
        seller(SELLER_OUT, above="chain"),
    ),
}
"""One sale for each rule that breaks that rule and no other."""

KEPT: dict[str, DealRecord] = {
    "A-28": deal(MARKET, seller(f"{WAITS} authorize-fulfillment+62m")),
    "A-38": deal(MARKET, seller(f"{WAITS} start-handling+61m handling+1m")),
    "A-53": deal(market(f"{APPROVED} invoice+9h"), seller(HANDLED)),
    "A-58": deal(market(f"{APPROVED} request-cancel"), seller(SELLER_ASKED)),
    "A-65": deal(market(f"{ASKED} window-to-change-seller"), seller(SELLER_OUT)),
    "A-69": deal(
        _CHANGED, seller(f"{SELLER_ASKED} cancel", dismissed_at=START + 20 * HOUR), _SUBSTITUTE
    ),
    "A-70": deal(market(f"{APPROVED} request-cancel"), seller(HANDLED), waiting=1),
    "A-71": deal(MARKET, chain(f"{CREATED} waiting-for-mkt-authorization waiting-seller-handling")),
    "A-74": deal(
        market(f"{ASKED} window-to-change-seller"),
        chain(CHAIN_OUT),
        seller(SELLER_OUT, above="chain"),
    ),
}
"""One sale for each rule that keeps it, though it is of the kind the rule speaks about."""

_LATE = {"now": START + 2 * DAY, "settings": {"deal_delay": 3 * DAY}}

UNKNOWN: dict[str, tuple[DealRecord, str]] = {
    "A-28": (
        deal(truncated(_UNPAID), seller(f"{WAITS} authorize-fulfillment")),
        "the beginning of the history",
    ),
    "A-38": (deal(seller(HANDLING)), "the order market"),
    "A-53": (
        replace(BROKEN["A-53"], waiting=None),
        "the time at which the record was taken",
    ),
    "A-58": (
        replace(BROKEN["A-58"], waiting=None, now=START + 9 * DAY),
        "the setting deal_delay",
    ),
    "A-65": (
        replace(BROKEN["A-65"], waiting=None, **_LATE),  # type: ignore[arg-type]  # as above
        "time enough after the last step for news to arrive",
    ),
    "A-69": (
        replace(BROKEN["A-69"], waiting=None),
        "the time at which the record was taken",
    ),
    "A-70": (
        replace(BROKEN["A-70"], waiting=None),
        "the time at which the record was taken",
    ),
    "A-71": (
        deal(truncated(_UNPAID), chain(RELEASED)),
        "the beginning of the history",
    ),
    "A-74": (
        deal(chain(PASSED_ON), seller(HANDLED, above="chain")),
        "the order market",
    ),
}
"""One sale for each rule that does not tell whether it keeps it, and what it lacks."""
