"""Builds records by hand: a path of statuses in a short notation, and evidence by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from orderflow.conformance.record import Evidence, Record, Step
from orderflow.flows.model import Flow
from orderflow.simulator.order import (
    Cancellation,
    CancellationRequest,
    Change,
    Invoice,
    InvoiceLine,
    Item,
    TrackingEvent,
)

START = 1_725_548_424_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
GAP = HOUR
"""Time between two steps when the notation does not say."""

SETTINGS = {
    "cancellation_window": 30 * MINUTE,
    "marketplace_authorization": 30 * DAY,
    "seller_answer": 30 * DAY,
    "change_seller_window": 2 * DAY,
    "stuck_approve_payment": HOUR,
    "stuck_payment_pending": 7 * DAY,
    "stuck_start_handling": HOUR,
    "stuck_invoice": DAY,
    "stuck_cancel": DAY,
    "allow_cancel_after_return": 0,
}

_UNITS = {"ms": 1, "m": MINUTE, "h": HOUR, "d": DAY}
_WORD = re.compile(
    r"(?P<status>[^:/+<]*)(:(?P<event>[a-z_]+))?(/(?P<actor>[a-z]+))?"
    r"(<(?P<last>[a-z-]+))?(\+(?P<n>-?\d+)(?P<unit>ms|m|h|d))?"
)

CREATED = "order-created on-order-completed waiting-for-authorization payment-pending"
APPROVED = f"{CREATED} approve-payment+1m payment-approved+1m"
WINDOW = (
    "order-accepted on-order-completed-ffm waiting-ffmt-authorization authorize-fulfillment "
    "window-to-cancel"
)
READY = f"{WINDOW} ready-for-handling"
HANDLING = f"{READY} start-handling handling+1m"
COMPLETE_WINDOW = f"{APPROVED} authorize-fulfillment window-to-cancel"
COMPLETE_HANDLING = f"{COMPLETE_WINDOW} ready-for-handling start-handling handling+1m"

HAPPY = {
    "marketplace": f"{APPROVED} invoice invoiced",
    "seller": f"{HANDLING} invoice invoiced",
    "complete": f"{COMPLETE_HANDLING} invoice invoiced",
    "chain": f"{CREATED} payment-approved invoice invoiced",
}
OBSERVED = {
    "marketplace": HAPPY["marketplace"].replace("waiting-for-authorization ", ""),
    "seller": HAPPY["seller"].replace("order-accepted ", ""),
    "complete": HAPPY["complete"].replace("waiting-for-authorization ", ""),
    "chain": "order-created on-order-completed payment-pending waiting-for-mkt-authorization "
    "waiting-seller-handling invoice invoiced",
}


def steps(path: str) -> tuple[Step, ...]:
    """Read a path: words ``status:event/actor<lastState+2d``, all but the status optional.

    ``+2d`` is the time since the step before; a step takes :data:`GAP` without it.
    """
    found: list[Step] = []
    at = START - GAP
    for word in path.split():
        parts = _WORD.fullmatch(word)
        if parts is None:
            raise ValueError(word)
        at += int(parts["n"]) * _UNITS[parts["unit"]] if parts["n"] else GAP
        found.append(Step(parts["status"], at, parts["event"], parts["actor"], None, parts["last"]))
    return tuple(found)


def history(
    family: str,
    path: str,
    *,
    flow: Flow | None = None,
    settings: Mapping[str, int] | None = None,
    over: bool = False,
    open_for: int | None = None,
    **evidence: object,
) -> Record:
    """Build a record that knows nothing but its path and the *evidence* given by name.

    Args:
        family: Family of flows.
        path: See :func:`steps`.
        flow: Transition table to judge by.
        settings: Durations in ms.
        over: The order has ended.
        open_for: Time in ms between the last step and the taking of the record.
        **evidence: Fields of :class:`Evidence`.
    """
    taken = steps(path)
    now = None if open_for is None else taken[-1].at + open_for
    known = Evidence(**evidence)  # type: ignore[arg-type]  # names and types are the caller's
    return Record("order-1", family, taken, known, flow, settings, True, over, now)


def at(path: str, status: str) -> int:
    """Return the time at which a path first reaches a status."""
    return next(step.at for step in steps(path) if step.status == status)


def output(number: str = "1", value: int = 10_000, posted: int = START, **more: object) -> Invoice:
    """Build an Output invoice."""
    return Invoice(number, "Output", value, posted, **more)  # type: ignore[arg-type]  # as above


def returned(number: str = "R1", value: int = 10_000, posted: int = START) -> Invoice:
    """Build an Input invoice."""
    return Invoice(number, "Input", value, posted)


def request(made: int, *, denied_at: int | None = None, reason: str = "") -> CancellationRequest:
    """Build a cancellation request, denied when it has a date or a reason of denial."""
    denied = denied_at is not None or bool(reason)
    return CancellationRequest("q1", made, "shopper", "handling", "", denied, denied_at, reason)


def full_evidence(path: str) -> dict[str, Any]:
    """Return everything there is to know of an undisturbed order of 100.00 on a path."""
    taken = steps(path)
    first = {step.status: step.at for step in reversed(taken)}
    posted = first.get("invoice")
    line = InvoiceLine("item-1", 2, 5_000)
    package = output(
        posted=posted or 0,
        lines=(line,),
        accepted="invoiced" in first,
        tracking_number="T1",
        events=(TrackingEvent((posted or 0) + 2 * HOUR),),
        finished="invoiced" in first,
        delivered_at=(posted or 0) + 3 * HOUR,
    )
    return {
        "status": taken[-1].status,
        "created_at": START,
        "is_completed": True,
        "value": 10_000,
        "totals": (("Items", 9_000), ("Shipping", 1_000)),
        "items": (Item("item-1", 2, 5_000),),
        "invoices": (package,) if posted else (),
        "requests": (),
        "has_cancellation": False,
        "changes": (),
        "payment_denied": False,
        "has_authorized_at": "payment-approved" in first,
        "authorized_at": first.get("payment-approved"),
        "has_invoiced_at": "invoiced" in first,
        "invoiced_at": first.get("invoiced"),
        "settlement": "settled" if "invoiced" in first else "pending",
        "workflow": tuple((step.status, step.at) for step in taken),
    }


def change(when: int, *, delta: int = -1_000, held: str = "") -> Change:
    """Build an applied modification."""
    return Change("c1", when, delta, held)


def cancelled(*origins: str, reason: str = "regret") -> Cancellation:
    """Build ``cancellationData``."""
    return Cancellation(START, origins, reason)
