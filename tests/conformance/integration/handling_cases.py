"""Cases of B-26 to B-32: orders that are started or invoiced at the wrong time, and near misses."""

from __future__ import annotations

from orderflow.conformance.integration.operations import (
    FULFILLMENT,
    PERSONAL_INVOICE,
    PLACEMENT,
    SELLER_INVOICE,
)
from orderflow.conformance.integration.seen import START
from tests.conformance.integration.orders import (
    Broken,
    Kept,
    fulfilled,
    invoice,
    returned,
    start,
    steps,
)
from tests.conformance.integration.traces import (
    HOUR,
    MINUTE,
    READY,
    call,
    commit,
    course,
    get,
    hidden,
    item,
    later,
    pause,
    placed,
    read,
    scene,
    told,
)

ORDER = course("o", *READY)
AGAIN = read(item("e", "o", "ready-for-handling", delivery=2))
STARTED = steps("ready-for-handling", "start-handling", "handling")
ASKED = steps("ready-for-handling", "cancellation-requested")
CANCELED = steps("ready-for-handling", "cancellation-requested", "cancel", "canceled")
NEWS = read(item("e", "o", "ready-for-handling"))
HIDDEN = hidden(START, "o", 500, before="ready-for-handling", done=204)

BROKEN: Broken = [
    ("B-26", "handling the order in payment-pending", (placed("o"), start(409, "payment-pending"))),
    (
        "B-26",
        "in window-to-cancel",
        (ORDER, get("o", "payment-approved"), start(409, "window-to-cancel")),
    ),
    ("B-26", "in handling", (ORDER, NEWS, start(), STARTED, start(409, "handling"))),
    (
        "B-26",
        "in handling",
        (ORDER, NEWS, HIDDEN, STARTED, get("o", "handling"), start(409, "handling")),
    ),
    (
        "B-26",
        "in canceled",
        (ORDER, NEWS, CANCELED, start(409, "canceled"), start(409, "canceled")),
    ),
    (
        "B-26",
        "in handling",
        (ORDER, NEWS, start(), STARTED, AGAIN, start(409, "handling")),
    ),
    ("B-27", "again, which was answered 204", (ORDER, start(), STARTED, start(409, "handling"))),
    ("B-27", "again", (ORDER, start(), STARTED, start(500, "handling"))),
    (
        "B-28",
        "commits the feed item although start-handling was answered 500",
        scene("s", ORDER, NEWS, start(500), commit("h-e")),
    ),
    (
        "B-28",
        "although start-handling was not answered",
        scene("s", ORDER, NEWS, start(0), commit("h-e")),
    ),
    ("B-28", "commits", (ORDER, NEWS, start(503), commit("h-e"), later(2 * HOUR), read())),
    ("B-28", "commits", (ORDER, NEWS, start(503), commit("h-e"), pause(2 * MINUTE), read())),
    ("B-28", "does nothing more", scene("s", ORDER, NEWS, start(429), read())),
    ("B-28", "does nothing more", scene("s", ORDER, NEWS, start(500), start(500))),
    ("B-28", "commits", scene("s", ORDER, NEWS, HIDDEN, STARTED, commit("h-e"))),
    (
        "B-28",
        "does nothing more",
        scene("s", ORDER, NEWS, start(500), get("o", "ready-for-handling")),
    ),
    ("B-29", "has not read", (ORDER, NEWS, start())),
    ("B-29", "has not read", (ORDER, get("o", status=500), start())),
    ("B-29", "has not read", (ORDER, get("other", "ready-for-handling"), start(), get("o"))),
    (
        "B-30",
        "although it has read that it is cancellation-requested",
        (
            ORDER,
            NEWS,
            ASKED,
            get("o", "cancellation-requested"),
            start(409, "cancellation-requested"),
        ),
    ),
    (
        "B-30",
        "was answered 409 before, while it was canceled",
        (ORDER, NEWS, CANCELED, start(409, "canceled"), start(409, "canceled")),
    ),
    (
        "B-30",
        "has read",
        (ORDER, CANCELED, read(item("f", "o", "canceled")), commit("h-f"), start(409, "canceled")),
    ),
    ("B-31", "in ready-for-handling", (ORDER, invoice(before="ready-for-handling", status=409))),
    (
        "B-31",
        "in payment-approved",
        (placed("o", flow="complete"), invoice(before="payment-approved")),
    ),
    (
        "B-31",
        "in payment-pending",
        (placed("o", flow="marketplace"), invoice(before="payment-pending")),
    ),
    (
        "B-31",
        "in window-to-cancel",
        (ORDER, invoice(before="window-to-cancel", operation=PERSONAL_INVOICE)),
    ),
    ("B-32", "before it was authorised", (told(PLACEMENT, "o"), invoice(operation=SELLER_INVOICE))),
    ("B-32", "before it was authorised", (told(PLACEMENT, "o"), invoice(), told(FULFILLMENT, "o"))),
]

KEPT: Kept = [
    ("B-26", (ORDER, NEWS, get("o", "ready-for-handling"), start())),
    ("B-26", (ORDER, start(500), start())),
    # who gets no answer has to ask again
    ("B-26", (NEWS, HIDDEN, start(409, "handling"))),
    ("B-27", (ORDER, start())),
    ("B-27", (ORDER, start(500), start())),
    ("B-28", scene("s", ORDER, NEWS, start(500), start(), commit("h-e"))),
    ("B-28", scene("s", ORDER, NEWS, commit("h-e"), start(500), start(503), start())),
    ("B-28", scene("s", ORDER, NEWS, HIDDEN, STARTED, get("o", "handling"), commit("h-e"))),
    ("B-28", scene("s", ORDER, NEWS, HIDDEN, STARTED, start(409, "handling"))),
    ("B-29", (ORDER, NEWS, get("o", "ready-for-handling"), start())),
    ("B-29", (ORDER, call("GET /api/orders/pvt/document/{orderId}", "o"), start())),
    ("B-30", (ORDER, NEWS, CANCELED, get("o", "canceled"), commit("h-e"))),
    ("B-30", (ORDER, NEWS, CANCELED, start(409, "canceled"), commit("h-e"))),
    (
        "B-30",
        (ORDER, NEWS, CANCELED, start(500, "canceled"), start(409, "canceled"), commit("h-e")),
    ),
    ("B-31", (ORDER, start(), STARTED, invoice())),
    ("B-31", (placed("o", flow="marketplace"), invoice(before="payment-approved"))),
    ("B-32", (fulfilled(), invoice(operation=SELLER_INVOICE))),
    (
        "B-32",
        (told(PLACEMENT, "o"), invoice(took=5), pause(-505), told(FULFILLMENT, "o", took=500)),
    ),
]

SILENT: Kept = [
    ("B-26", (ORDER, NEWS)),
    # the order was cancelled after the integration had heard that it is ready
    ("B-26", (ORDER, NEWS, CANCELED, start(409, "canceled"))),
    ("B-26", (ORDER, get("o", "ready-for-handling"), CANCELED, start(409, "canceled"))),
    ("B-26", (NEWS, call(START, "o", 404))),
    ("B-27", (ORDER, start(500), read())),
    ("B-28", scene("s", ORDER, NEWS, start(), commit("h-e"))),
    ("B-28", scene("s", ORDER, NEWS, start(409, "handling"), commit("h-e"))),
    ("B-28", scene("s", ORDER, NEWS, start(500), CANCELED, commit("h-e"))),
    ("B-28", scene("s", ORDER, NEWS, start(401), commit("h-e"))),
    # the trace ends, the integration may not
    ("B-28", (ORDER, NEWS, start(500))),
    ("B-28", (ORDER, NEWS, start(500), commit("h-e"))),
    ("B-29", (ORDER, NEWS, get("o"))),
    # cancelled once it was started, or without ever being ready
    (
        "B-30",
        (
            ORDER,
            NEWS,
            start(),
            STARTED,
            steps("handling", "cancellation-requested"),
            get("o", "cancellation-requested"),
        ),
    ),
    ("B-30", (placed("o"), steps("order-created", "cancel", "canceled"), get("o", "canceled"))),
    ("B-30", (ORDER, NEWS, CANCELED)),
    # the request was refused, so the order may be started
    ("B-30", (ORDER, ASKED, steps("cancellation-requested", "ready-for-handling"), start())),
    ("B-31", (ORDER, returned(before="invoiced"))),
    ("B-31", (ORDER, invoice(before="canceled", status=409))),
    ("B-31", (ORDER, invoice(before="cancellation-requested"))),
    ("B-31", (invoice(before="", status=404),)),
    ("B-32", (ORDER, invoice())),
]
