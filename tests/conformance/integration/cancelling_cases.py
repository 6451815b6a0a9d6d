"""Cases of B-39 to B-46: cancellations, whose ever they are, and near misses."""

from __future__ import annotations

from orderflow.conformance.integration.operations import CANCEL_NEWS, CANCELLATION
from orderflow.conformance.integration.seen import CANCEL
from tests.conformance.integration.orders import (
    Broken,
    Kept,
    cancel,
    deny,
    invoice,
    returned,
    start,
    steps,
)
from tests.conformance.integration.traces import (
    DAY,
    HOUR,
    INVOICED,
    READY,
    Part,
    commit,
    course,
    get,
    hidden,
    item,
    later,
    note,
    read,
    scene,
    step,
    told,
)

ASK = "cancellation-requested"
READY_ORDER = course("o", *READY)
IN_HANDLING: Part = (
    *course("o", *READY),
    start(),
    steps("ready-for-handling", "start-handling", "handling"),
)
SELLERS: Part = (
    step("o", "", "order-accepted", flow="seller", value=10_000),
    steps("order-accepted", "handling"),
)
PARTLY = steps("handling", "invoice", "handling")
DONE = steps("handling", "invoice", "invoiced")
ASKED = steps("handling", ASK)
CANCELED = steps(ASK, "cancel", "canceled")
OWN = (*ASKED, cancel("handling", ASK))
NEWS = read(item("c", "o", ASK))
PUT_ASIDE = (NEWS, commit("h-c"))
REFUSED = (
    steps(ASK, "invoice-after-cancellation-deny", "invoice", "invoiced"),
    invoice(before=ASK),
)
RAN_OUT = (later(30 * DAY), step("o", ASK, "cancel", event="cancel_request_timeout"))
SOLD = course("o", *INVOICED)
HIDDEN_CANCEL = hidden(CANCEL, "o", 500, before="handling", after=ASK)

BROKEN: Broken = [
    (
        "B-39",
        "cancels the order after an invoice over 6000 cents",
        (IN_HANDLING, invoice("1", 6_000), PARTLY, cancel("handling", "handling", 400)),
    ),
    (
        "B-39",
        "after an invoice over 7000 cents",
        (
            IN_HANDLING,
            invoice("1", 6000),
            PARTLY,
            invoice("2", 1000),
            PARTLY,
            cancel("handling", "handling", 500),
        ),
    ),
    (
        "B-40",
        "which is invoiced",
        (IN_HANDLING, DONE, invoice(after="invoiced"), cancel("invoiced", "invoiced", 400)),
    ),
    (
        "B-40",
        "which is invoiced",
        (SOLD, get("o", "invoiced"), cancel("invoiced", "invoiced", 400)),
    ),
    (
        "B-40",
        "which is invoiced",
        (SOLD, cancel("invoiced", "invoiced", 400), cancel("invoiced", "invoiced", 400)),
    ),
    (
        "B-40",
        "which is invoiced",
        (
            SOLD,
            read(item("e", "o", "invoiced")),
            read(item("d", "o", "handling")),
            cancel("invoiced", "invoiced", 400),
        ),
    ),
    ("B-41", "in handling once and leaves it there", scene("s", IN_HANDLING, OWN)),
    ("B-41", "once and leaves it", (IN_HANDLING, OWN, RAN_OUT)),
    ("B-41", "once and leaves it", scene("s", IN_HANDLING, ASKED, HIDDEN_CANCEL, read())),
    (
        "B-42",
        "without having looked",
        scene("s", READY_ORDER, steps("x", "cancel"), cancel("x", "cancel")),
    ),
    (
        "B-42",
        "before it is",
        (IN_HANDLING, OWN, note("o", "cancellation", True), CANCELED, get("o", "canceled")),
    ),
    (
        "B-43",
        "invoices the order in cancellation-requested, a cancellation that it had been told of",
        (IN_HANDLING, ASKED, NEWS, REFUSED),
    ),
    (
        "B-43",
        "in canceled",
        (
            IN_HANDLING,
            ASKED,
            CANCELED,
            get("o", "canceled"),
            invoice(before="canceled", status=409),
        ),
    ),
    (
        "B-43",
        "in canceled, a cancellation that it had been refused for",
        (
            IN_HANDLING,
            ASKED,
            CANCELED,
            invoice(before="canceled", status=409),
            invoice(before="canceled", status=409),
        ),
    ),
    (
        "B-43",
        "had been told of",
        (IN_HANDLING, ASKED, told("hook notification", "o", ASK), REFUSED),
    ),
    ("B-43", "had been told of", (IN_HANDLING, ASKED, NEWS, get("o", ASK), commit("h-c"), REFUSED)),
    ("B-44", "no answer to the cancellation request", scene("s", SELLERS, ASKED, PUT_ASIDE)),
    ("B-44", "until its 30 days are over", (SELLERS, ASKED, RAN_OUT)),
    ("B-44", "no answer", scene("s", SELLERS, ASKED, deny(400, before=ASK))),
    ("B-45", "without the id of the request", (ASKED, deny(400, request="unknown"))),
    (
        "B-45",
        "without the id of the request and without a reason",
        deny(400, request="", reason=False),
    ),
    ("B-45", "without a reason", deny(400, reason=False)),
    ("B-46", "that it asked for itself", (IN_HANDLING, OWN, deny(own=True))),
]

KEPT: Kept = [
    ("B-39", (IN_HANDLING, invoice("1", 6_000), PARTLY, invoice("2", 4_000), DONE)),
    ("B-40", (SOLD, returned())),
    ("B-41", (IN_HANDLING, OWN, CANCELED, cancel(ASK, "cancel"))),
    ("B-41", (IN_HANDLING, OWN, REFUSED)),
    ("B-41", (IN_HANDLING, ASKED, HIDDEN_CANCEL, CANCELED, cancel(ASK, "cancel"))),
    ("B-42", (IN_HANDLING, OWN, CANCELED, cancel(ASK, "cancel"), get("o", "canceled"))),
    ("B-42", (IN_HANDLING, OWN, CANCELED, cancel(ASK, "cancel"), read(item("f", "o", "canceled")))),
    ("B-42", (READY_ORDER, steps("x", "cancel"), cancel("x", "cancel"), told(CANCEL_NEWS, "o"))),
    ("B-43", (IN_HANDLING, ASKED, NEWS, CANCELED, cancel(ASK, "cancel"))),
    ("B-43", (IN_HANDLING, ASKED, get("o", ASK), steps(ASK, "handling"), deny(), invoice())[:-1]),
    ("B-44", (SELLERS, ASKED, CANCELED, cancel(ASK, "cancel"))),
    ("B-44", (SELLERS, ASKED, steps(ASK, "handling"), deny())),
    ("B-44", (SELLERS, ASKED, REFUSED)),
    ("B-44", (SELLERS, ASKED, steps(ASK, "handling"), deny(500, done=200))),
    ("B-45", deny()),
    ("B-46", deny()),
]

SILENT: Kept = [
    ("B-39", (IN_HANDLING, invoice("1", 6_000), PARTLY)),
    ("B-39", (IN_HANDLING, invoice("1", 6_000, status=409), cancel("handling", ASK))),
    ("B-39", (IN_HANDLING, invoice(), DONE, cancel("invoiced", "invoiced", 400))),
    # somebody else invoiced it, and the integration could not know
    ("B-40", (SOLD, cancel("invoiced", "invoiced", 400))),
    ("B-40", (SOLD, get("o", "handling"), cancel("invoiced", "invoiced", 400))),
    ("B-40", (SOLD, get("o", "invoiced"), cancel("invoiced", "cancel"))),
    ("B-41", (IN_HANDLING, OWN)),
    ("B-41", scene("s", IN_HANDLING, ASKED, cancel(ASK, ASK, 400))),
    ("B-41", scene("s", READY_ORDER, steps("x", "cancel"), cancel("payment-pending", "cancel"))),
    ("B-41", scene("s", IN_HANDLING, ASKED, later(HOUR), CANCELED, NEWS)),
    ("B-42", (READY_ORDER, steps("x", "cancel"), cancel("x", "cancel"))),
    ("B-42", scene("s", IN_HANDLING, OWN)),
    # it had not heard of the request
    ("B-43", (IN_HANDLING, ASKED, REFUSED)),
    ("B-43", (IN_HANDLING, ASKED, CANCELED, invoice(before="canceled", status=409))),
    # it has read of the request, and refuses by its invoice
    ("B-43", (IN_HANDLING, ASKED, NEWS, get("o", ASK), REFUSED, commit("h-c"))),
    ("B-43", (IN_HANDLING, ASKED, told(CANCELLATION, "o"), REFUSED)),
    ("B-43", (READY_ORDER, steps("ready-for-handling", ASK), get("o", ASK))),
    ("B-44", (SELLERS, ASKED)),
    ("B-44", scene("s", SELLERS, OWN)),
    (
        "B-44",
        scene(
            "s",
            step("o", "", "payment-approved", flow="marketplace"),
            steps("x", "waiting-for-seller-decision"),
        ),
    ),
    ("B-44", scene("s", SELLERS, ASKED, later(HOUR), CANCELED)),
    ("B-45", deny(401, request="")),
    ("B-46", deny(own=None)),
]
