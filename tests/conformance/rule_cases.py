"""For each rule one history that breaks it and nothing else, and one that keeps it on purpose."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.record import Record
from orderflow.flows.model import Flow, State, Timer, Transition
from orderflow.simulator.order import InvoiceLine, Item, TrackingEvent
from tests.conformance.histories import (
    APPROVED,
    COMPLETE_HANDLING,
    COMPLETE_WINDOW,
    CREATED,
    DAY,
    HANDLING,
    HAPPY,
    HOUR,
    MINUTE,
    READY,
    SETTINGS,
    START,
    WINDOW,
    at,
    cancelled,
    change,
    history,
    output,
    request,
    returned,
)

M, S, C, H = "marketplace", "seller", "complete", "chain"
SOLD, HANDLED = HAPPY[M], HAPPY[S]
PASSED_ON = f"{CREATED} payment-approved"
ASKED = f"{APPROVED} request-cancel waiting-for-seller-decision"
SELLER_ASKED = f"{HANDLING} cancellation-requested"
PARTIAL = (output(value=6_000, posted=at(HANDLED, "handling")),)
BOTH = (*PARTIAL, output("2", 4_000, at(HANDLED, "invoice") + HOUR))
SOLD_AT = at(SOLD, "invoiced")
POSTED = at(HANDLED, "handling")
FULL = (output(posted=POSTED),)
ITEMS = (Item("a", 2, 5_000),)
WORKFLOW = (("order-created", START), ("on-order-completed", START + HOUR))

TINY = Flow(
    name="tiny",
    title="Tiny flow",
    initial="order-created",
    family=M,
    states=tuple(
        State(name)
        for name in (
            *("order-created", "on-order-completed", "waiting-for-authorization"),
            *("cancel", "canceled"),
        )
    ),
    transitions=(
        Transition("T1", "T1", "order-created", "complete", "on-order-completed"),
        Transition(
            "T2", "T2", "on-order-completed", "wait", "waiting-for-authorization", automatic=True
        ),
        Transition("T3", "T3", "waiting-for-authorization", "cancel_order", "cancel"),
        Transition("T4", "T4", "cancel", "finish", "canceled", automatic=True),
    ),
    success=("canceled",),
)

TIMED = replace(
    TINY,
    transitions=(
        *TINY.transitions,
        Transition(
            *("T5", "T5", "waiting-for-authorization", "cancel_request_timeout", "cancel"),
            actors=("timer",),
        ),
    ),
    timers=(Timer("waiting-for-authorization", "seller_answer", "cancel_request_timeout"),),
)
"""The tiny flow with a time limit."""

TINY_PATH = "order-created on-order-completed:complete waiting-for-authorization"

BROKEN: dict[str, Record] = {
    "A-01": history(M, "order-created paid-in-gold"),
    "A-02": history(M, f"{APPROVED} cancelation-request"),
    "A-03": history(S, f"{READY} payment-approved"),
    "A-04": history(M, "order-created on-order-completed cancel canceled", flow=TINY),
    "A-05": history(S, "waiting-for-manual-authorization"),
    "A-06": history(M, APPROVED, over=True),
    "A-07": history(M, "order-created on-order-completed+-1m"),
    "A-08": history(M, f"{APPROVED} payment-approved+0m"),
    "A-09": history(S, "on-order-completed-ffm waiting-ffmt-authorization<order-accepted"),
    "A-10": history(M, APPROVED, status="invoice"),
    "A-11": history(M, "order-created payment-pending", workflow=WORKFLOW),
    "A-12": history(S, f"{SELLER_ASKED} cancel canceled ready-for-handling"),
    "A-13": history(M, f"{ASKED} cancel canceled cancel"),
    "A-14": history(M, f"{SOLD} payment-approved"),
    "A-15": history(M, f"{ASKED} cancel payment-approved"),
    "A-16": history(M, f"{CREATED} replaced payment-pending"),
    "A-17": history(M, f"{ASKED} cancel canceled invoiced"),
    "A-18": history(M, f"{CREATED} on-order-completed"),
    "A-19": history(
        M, "order-created on-order-completed waiting-for-authorization payment-approved"
    ),
    "A-20": history(C, f"{CREATED} authorize-fulfillment"),
    "A-21": history(M, f"{CREATED} invoice invoiced"),
    "A-22": history(M, f"{APPROVED} invoice", payment_denied=True),
    "A-23": history(M, f"{CREATED} approve-payment payment-approved+2h", settings=SETTINGS),
    "A-24": history(M, CREATED, settings=SETTINGS, open_for=8 * DAY, settlement="settled"),
    "A-25": history(M, APPROVED, has_authorized_at=True, authorized_at=START),
    "A-26": history(M, "null waiting-for-authorization", is_completed=False),
    "A-27": history(S, "order-accepted authorize-fulfillment"),
    "A-29": history(S, "order-accepted waiting-ffmt-authorization window-to-cancel"),
    "A-30": history(S, f"{WINDOW} ready-for-handling+5m", settings=SETTINGS),
    "A-31": history(M, f"{APPROVED} invoice replaced"),
    "A-32": history(
        S, f"{WINDOW}+31d".replace(" window-to-cancel", ""), settings=SETTINGS, open_for=31 * DAY
    ),
    "A-33": history(S, "order-accepted waiting-for-manual-authorization waiting-for-fulfillment"),
    "A-34": history(S, f"{HANDLING} ready-for-invoicing handling"),
    "A-35": history(S, f"{HANDLING} start-handling"),
    "A-36": history(S, f"{READY} start-handling handling+2h", settings=SETTINGS),
    "A-37": history(M, f"{APPROVED} handling"),
    "A-39": history(S, HANDLED, value=10_000, invoices=PARTIAL),
    "A-40": history(S, f"{HANDLING} invoice", value=5_000, invoices=FULL),
    "A-41": history(S, f"{HANDLING} invoice ready-for-handling", value=10_000, invoices=PARTIAL),
    "A-42": history(M, f"{APPROVED} invoice", invoices=()),
    "A-43": history(
        S, HANDLING, value=10_000, invoices=(output(posted=at(READY, "ready-for-handling")),)
    ),
    "A-44": history(S, HANDLED, value=10_000, invoices=(PARTIAL[0], output("1", 4_000, POSTED))),
    "A-45": history(S, HANDLED, value=10_000, invoices=(output("1/2", posted=POSTED),)),
    "A-46": history(
        S, f"{HANDLING} invoice", value=10_000, invoices=(output(value=0, posted=POSTED),)
    ),
    "A-47": history(
        S,
        HANDLED,
        value=10_000,
        items=ITEMS,
        invoices=(output(posted=POSTED, lines=(InvoiceLine("a", 3, 5_000),)),),
    ),
    "A-48": history(
        S,
        f"{HANDLING} invoice",
        value=10_000,
        invoices=(*FULL, returned(posted=at(HANDLED, "invoice"))),
    ),
    "A-49": history(
        S,
        HANDLED,
        value=10_000,
        invoices=(*FULL, returned(value=10_001, posted=SOLD_AT + DAY)),
    ),
    "A-50": history(M, SOLD, settlement="refused"),
    "A-51": history(M, f"{APPROVED} invoice invoiced+2d", settings=SETTINGS),
    "A-52": history(M, SOLD, has_invoiced_at=True, invoiced_at=SOLD_AT - DAY),
    "A-54": history(S, f"{HANDLING} invoice handling cancellation-requested"),
    "A-55": history(M, f"{SOLD} request-cancel waiting-for-seller-decision cancel canceled"),
    "A-56": history(S, f"{WINDOW} cancellation-requested"),
    "A-57": history(S, f"{HANDLING} cancel"),
    "A-59": history(S, f"{SELLER_ASKED} ready-for-handling"),
    "A-60": history(M, f"{ASKED} payment-approved", requests=(request(START),)),
    "A-61": history(
        M,
        f"{ASKED} payment-approved",
        requests=(request(START, denied_at=at(ASKED, "payment-approved"), reason="packed"),),
    ),
    "A-62": history(M, ASKED, settings=SETTINGS, open_for=31 * DAY),
    "A-63": history(S, f"{READY} start-handling cancellation-requested"),
    "A-64": history(S, f"{SELLER_ASKED} canceled"),
    "A-66": history(M, f"{ASKED} cancel canceled", cancellation=cancelled("user", "seller")),
    "A-67": history(M, f"{ASKED} cancel canceled", cancellation=cancelled("user", reason="")),
    "A-68": history(M, f"{APPROVED} window-to-change-seller payment-pending"),
    "A-72": history(H, HAPPY[H], settlement="settled"),
    "A-73": history(H, PASSED_ON, changes=(change(at(PASSED_ON, "payment-approved")),)),
    "A-75": history(S, f"{HANDLING} ready-for-invoicing:modify_order"),
    "A-76": history(S, READY, changes=(change(at(READY, "ready-for-handling")),)),
    "A-77": history(
        S,
        f"{HANDLED.replace(' invoiced', ' handling')}",
        value=10_000,
        invoices=PARTIAL,
        changes=(change(at(HANDLED, "invoice") + HOUR, held="handling"),),
    ),
    "A-78": history(M, APPROVED, value=10_000, totals=(("Items", 9_000),)),
    "A-79": history(
        S,
        HANDLED,
        value=10_000,
        invoices=(output(posted=POSTED, events=(TrackingEvent(SOLD_AT),)),),
    ),
    "A-80": history(
        S,
        f"{HANDLING} invoice handling",
        value=10_000,
        invoices=(output(value=6_000, posted=POSTED, tracking_number="T", finished=True),),
    ),
    "A-81": history(
        S,
        HANDLED,
        value=10_000,
        invoices=(
            output(
                posted=POSTED,
                tracking_number="T",
                events=(TrackingEvent(SOLD_AT + DAY),),
                finished=True,
                delivered_at=SOLD_AT,
            ),
        ),
    ),
    "A-82": history(M, f"{TINY_PATH}:complete", flow=TINY),
    "A-83": history(
        M, f"{TINY_PATH} cancel:cancel_request_timeout+29d", flow=TIMED, settings=SETTINGS
    ),
    "A-84": history(M, f"{TINY_PATH} cancel:cancel_order+31d", flow=TIMED, settings=SETTINGS),
    "A-85": history(M, f"{TINY_PATH} cancel:cancel_order/carrier", flow=TIMED),
    "A-86": history(S, f"{HANDLING} invoice handling", value=10_000, invoices=FULL),
}
"""One history for each rule that breaks that rule and no other."""

_DENIED = at(f"{ASKED} payment-approved+2h", "waiting-for-seller-decision") + HOUR
_TRACKED = output(
    posted=POSTED,
    tracking_number="T",
    events=(TrackingEvent(POSTED + HOUR),),
    finished=True,
    delivered_at=POSTED + 2 * HOUR,
    lines=(InvoiceLine("a", 2, 5_000),),
)
_DELIVERED = history(S, HANDLED, value=10_000, items=ITEMS, invoices=(_TRACKED,))
_CANCELLED = history(M, f"{ASKED} cancel canceled", over=True, cancellation=cancelled("user"))
_MODIFIED = history(
    S,
    f"{HANDLING} handling:modify_order invoice handling",
    value=10_000,
    invoices=(output(value=6_000, posted=at(HANDLED, "invoice") + HOUR),),
    changes=(change(at(HANDLING, "handling") + HOUR, held="handling"),),
)
_RETURNED = history(
    S, HANDLED, value=10_000, invoices=(*FULL, returned(posted=at(HANDLED, "invoiced") + DAY))
)
_SPLIT = history(S, f"{HANDLING} invoice handling invoice invoiced", value=10_000, invoices=BOTH)
_REFUSED = history(M, f"{CREATED} cancel:deny_payment canceled", payment_denied=True)

KEPT: dict[str, Record] = {
    "A-01": _CANCELLED,
    "A-02": _CANCELLED,
    "A-03": history(H, f"{APPROVED} request-cancel".replace("approve-payment+1m ", "")),
    "A-04": history(M, "order-created waiting-for-authorization cancel", flow=TINY),
    "A-05": history(S, "on-order-completed-ffm waiting-ffmt-authorization"),
    "A-06": history(C, f"{APPROVED} replaced", over=True),
    "A-07": history(M, "order-created on-order-completed+0m", created_at=START),
    "A-08": history(M, f"{SOLD} invoiced:update_tracking"),
    "A-09": history(S, "order-accepted<null on-order-completed-ffm<order-accepted"),
    "A-10": history(M, APPROVED, status="payment-approved"),
    "A-11": history(M, "order-created on-order-completed", workflow=WORKFLOW),
    "A-12": history(M, f"{ASKED} cancel canceled canceled"),
    "A-13": _CANCELLED,
    "A-14": history(M, f"{SOLD} invoiced:update_tracking"),
    "A-15": history(M, f"{ASKED} cancel", settings=SETTINGS, open_for=HOUR),
    "A-16": history(M, f"{CREATED} replaced cancel canceled"),
    "A-17": _CANCELLED,
    "A-18": history(M, "null order-created order-create-error cancel canceled"),
    "A-19": history(M, f"{CREATED.replace(' payment-pending', '')} request-cancel cancel"),
    "A-20": history(C, f"{APPROVED} authorize-fulfillment"),
    "A-21": history(H, "order-created payment-pending waiting-seller-handling invoice"),
    "A-22": _REFUSED,
    "A-23": history(M, APPROVED, settings=SETTINGS),
    "A-24": history(M, CREATED, settings=SETTINGS, open_for=8 * DAY, has_authorized_at=False),
    "A-25": history(
        M,
        f"{APPROVED} invoice payment-approved",
        has_authorized_at=True,
        authorized_at=at(APPROVED, "payment-approved") + 2 * HOUR,
    ),
    "A-26": history(M, "null order-created cancel canceled", is_completed=False),
    "A-27": history(S, WINDOW),
    "A-29": history(S, f"{WINDOW} cancel"),
    "A-30": history(S, f"{WINDOW} ready-for-handling+30m", settings=SETTINGS),
    "A-31": history(M, f"{ASKED} replaced"),
    "A-32": history(S, "order-accepted waiting-ffmt-authorization cancel+31d", settings=SETTINGS),
    "A-33": history(S, "order-accepted waiting-for-manual-authorization cancel"),
    "A-34": history(S, f"{SELLER_ASKED} handling"),
    "A-35": history(S, f"{READY} cancellation-requested ready-for-handling start-handling"),
    "A-36": history(S, HANDLING, settings=SETTINGS),
    "A-37": history(M, SOLD),
    "A-39": _SPLIT,
    "A-40": _MODIFIED,
    "A-41": _SPLIT,
    "A-42": _SPLIT,
    "A-43": _SPLIT,
    "A-44": _SPLIT,
    "A-45": _SPLIT,
    "A-46": _SPLIT,
    "A-47": _DELIVERED,
    "A-48": _RETURNED,
    "A-49": _RETURNED,
    "A-50": history(M, SOLD, settlement="settled"),
    "A-51": history(M, SOLD, settings=SETTINGS),
    "A-52": history(M, SOLD, has_invoiced_at=True, invoiced_at=SOLD_AT + MINUTE),
    "A-54": history(
        S, f"{SELLER_ASKED} invoice-after-cancellation-deny invoice handling", invoices=PARTIAL
    ),
    "A-55": history(M, f"{SOLD} invoiced:add_return_invoice"),
    "A-56": history(C, f"{COMPLETE_WINDOW} cancel:request_cancel"),
    "A-57": history(C, f"{COMPLETE_HANDLING} request-cancel waiting-for-seller-decision cancel"),
    "A-59": history(S, f"{SELLER_ASKED} handling"),
    "A-60": history(
        M,
        f"{ASKED} payment-approved",
        requests=(request(START, denied_at=_DENIED, reason="packed"),),
    ),
    "A-61": history(
        M,
        f"{ASKED} payment-approved+2h",
        requests=(request(START, denied_at=_DENIED, reason="packed"),),
    ),
    "A-62": history(M, f"{ASKED} cancel+30d", settings=SETTINGS),
    "A-63": history(M, f"{APPROVED} invoice cancel:cancel_order/support"),
    "A-64": _CANCELLED,
    "A-66": _CANCELLED,
    "A-67": _CANCELLED,
    "A-68": history(
        M, f"{APPROVED} window-to-change-seller payment-approved+1d", settings=SETTINGS
    ),
    "A-72": history(H, HAPPY[H], settlement="pending"),
    "A-73": history(H, HAPPY[H], changes=()),
    "A-75": _MODIFIED,
    "A-76": _MODIFIED,
    "A-77": _MODIFIED,
    "A-78": history(M, APPROVED, value=10_000, totals=(("Items", 9_000), ("Shipping", 1_000))),
    "A-79": _DELIVERED,
    "A-80": _DELIVERED,
    "A-81": _DELIVERED,
    "A-82": history(M, f"{TINY_PATH}:wait cancel:cancel_order canceled:finish", flow=TINY),
    "A-83": history(
        M, f"{TINY_PATH} cancel:cancel_request_timeout+30d", flow=TIMED, settings=SETTINGS
    ),
    "A-84": history(M, f"{TINY_PATH} cancel+30d", flow=TIMED, settings=SETTINGS),
    "A-85": history(M, f"{TINY_PATH} cancel:cancel_request_timeout/timer", flow=TIMED),
    "A-86": _SPLIT,
}
"""One history for each rule that keeps it, though it is of the kind the rule speaks about."""
