"""Cases of B-56 to B-65: connectors of marketplaces outside the platform, and near misses."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    APPROVE,
    CANCEL_NEWS,
    FULFILL,
    INTEGRATE,
    INVOICE_NEWS,
    PLACE,
    RESULT,
)
from tests.conformance.integration.orders import Broken, Kept, cancel, returned, steps
from tests.conformance.integration.traces import (
    HOUR,
    MINUTE,
    act,
    call,
    get,
    later,
    note,
    pause,
    scene,
    step,
    told,
)

SALE = step("o", "", "waiting-ffmt-authorization", affiliate="MKP", value=10_000)
DONE = steps("waiting-ffmt-authorization", "handling", "invoiced")
RECEIPT = {"json": True, "missing": ()}
POOR = {"json": True, "missing": ("receipt", "date")}
SOLD = act("tell", said="sold", id="7")
PAID = act("tell", said="paid", id="7")
BOOKS = note("other", "status", "new")
NOTED = note("o", "invoice", "1")
SOON = pause(6 * MINUTE)
DECIDED = step("o", "waiting-for-manual-authorization", "window-to-cancel")
GOING_ON = get("o", "handling")
TOO_LATE = cancel("invoiced", "invoiced", 400)


def place(status: int = 200, order: str = "o", **facts: object) -> Line:
    """A placement at the seller."""
    return call(PLACE, order, status, **{"marketplace_order": "m", "missing": (), **facts})


def integrate(result: str = "SOI003", status: int = 200, **facts: object) -> Line:
    """An order that is handed in to be integrated."""
    made = {"marketplace_order": "m", "missing": (), "result": result, "said": "new", **facts}
    return call(INTEGRATE, "o", status, **made)


def approve(status: int = 200, order: str = "o", **facts: object) -> Line:
    """The status approved."""
    made = {"marketplace_order": "m", "missing": (), "said": "approved", **facts}
    return call(APPROVE, order, status, **made)


def fulfill(status: int = 201, order: str = "MKP-7", **facts: object) -> Line:
    """An authorisation."""
    return call(FULFILL, order, status, **{"marketplace_order": "m", "missing": (), **facts})


def result(code: str, status: int = 200, **facts: object) -> Line:
    """The result of an integration is told."""
    order = "o" if code.startswith("SOI") else ""
    return told(RESULT, order, "", status, result=code, marketplace_order="m", **facts)


def news(what: str = INVOICE_NEWS, status: int = 200, order: str = "o", **facts: object) -> Line:
    """A notification."""
    return told(what, order, "", status, **{"answer": RECEIPT, **facts})


BROKEN: Broken = [
    ("B-56", "leaves out paymentData, sc", place(missing=("paymentData", "sc"))),
    ("B-56", "leaves out connectorName", approve(missing=("connectorName",))),
    ("B-56", "leaves out", fulfill(missing=("marketplaceOrderId",))),
    ("B-57", "taken before", (place(), place(400, code="FMT009"))),
    ("B-57", "taken before", (integrate(), result("SOI001"), integrate())),
    ("B-57", "taken before", (integrate(), integrate())),
    ("B-57", "taken before", (place(500, done=200), place(400, code="FMT009"), place(400))),
    ("B-57", "taken before", (integrate(), result("EOI007"), integrate())),
    ("B-58", "before it was told", (integrate(), approve(), result("EOI008"))),
    ("B-58", "before it was told", (integrate(), result("EOI006"), approve())),
    ("B-59", "waits for its seller (EOI011)", scene("s", integrate(), result("EOI011"), SOON)),
    ("B-60", "had an error (EOI006)", scene("s", integrate(), result("EOI006"), SOON)),
    ("B-60", "had an error (EOI010)", scene("s", integrate(), result("EOI010"), SOON)),
    ("B-60", "the call was answered 503", scene("s", place(503), SOON)),
    ("B-60", "was not answered", scene("s", place(), fulfill(0), SOON)),
    ("B-61", "answers 500 when it is told of an invoice", news(status=500)),
    ("B-61", "does not answer when", news(CANCEL_NEWS, 0, trouble="refused")),
    ("B-61", "answers without receipt, date", news(CANCEL_NEWS, answer=POOR)),
    ("B-62", "without looking", (SALE, cancel("waiting-ffmt-authorization", "cancel"))),
    (
        "B-62",
        "without looking",
        (SALE, GOING_ON, fulfill(order="o"), cancel("x", "cancel")),
    ),
    (
        "B-62",
        "that it has read to be invoiced",
        (SALE, DONE, get("o", "invoiced"), TOO_LATE),
    ),
    ("B-63", "was told of the invoice", scene("s", BOOKS, SALE, news())),
    (
        "B-63",
        "was told of the tracking",
        scene("s", SALE, news(tracking=True), NOTED),
    ),
    ("B-64", "before its marketplace was paid", (SOLD, fulfill(), PAID)),
    ("B-64", "before its marketplace was paid", (SOLD, approve(order="MKP-7"))),
    ("B-65", "never takes", scene("s", news(CANCEL_NEWS, 503, burst=20))),
    ("B-65", "takes, and loses,", scene("s", BOOKS, news(CANCEL_NEWS, burst=20))),
    (
        "B-59",
        "waits for its seller (EOI011)",
        scene("s", approve(), result("EOI011"), approve(), result("EOI011"), DECIDED, SOON),
    ),
    (
        "B-62",
        "without looking",
        (SALE, GOING_ON, later(HOUR), DONE, later(HOUR), cancel("invoiced", "invoiced", 400)),
    ),
]

KEPT: Kept = [
    ("B-56", (place(), fulfill(), approve())),
    ("B-57", (place(), fulfill(order="o"))),
    ("B-57", (integrate(), result("SOI001"), approve())),
    ("B-57", (integrate(), result("EOI006"), integrate(), result("SOI001"))),
    ("B-57", (integrate(), result("EOI003"), integrate())),
    # nobody knows what became of the first
    ("B-57", (place(500, done=200), place(400, code="FMT009"), fulfill(order="o"))),
    ("B-57", (place(503), place())),
    ("B-57", (place(), place(marketplace_order="n", order="p"))),
    ("B-58", (integrate(), result("SOI001"), approve())),
    ("B-58", (integrate(), result("EOI011"), approve())),
    ("B-58", (place(), approve())),
    # it approves while it is being told
    ("B-58", (integrate(), approve(took=5), pause(-505), result("SOI001", took=500))),
    ("B-59", scene("s", approve(), result("EOI011"), approve())),
    ("B-60", scene("s", integrate(), result("EOI006"), integrate())),
    ("B-60", scene("s", place(503), place())),
    ("B-60", scene("s", place(0, done=200), GOING_ON)),
    ("B-61", news()),
    ("B-61", news(CANCEL_NEWS)),
    ("B-62", (SALE, GOING_ON, cancel("handling", "cancel"))),
    ("B-62", (SALE, GOING_ON, cancel("handling", "x", 500), cancel("handling", "x"))),
    ("B-63", scene("s", SALE, news(), NOTED)),
    ("B-63", (SALE, news(tracking=True), NOTED, note("o", "tracking", "t"))),
    ("B-64", (SOLD, PAID, fulfill())),
    # all scenarios at once: what the integration calls belongs to none
    ("B-64", (replace(SOLD, scenario="s"), replace(PAID, scenario="s"), fulfill())),
    ("B-65", news(CANCEL_NEWS, burst=20)),
    (
        "B-65",
        (news(CANCEL_NEWS, 503, burst=20), news(CANCEL_NEWS), note("o", "cancellation", 1)),
    ),
    # the next try would have been after the end
    ("B-59", scene("s", approve(), result("EOI011"), approve(), result("EOI011"))),
    (
        "B-59",
        scene("s", approve(), result("EOI011"), DECIDED, approve(), result("SOI002")),
    ),
    # it moves while it is looked at
    ("B-62", (SALE, GOING_ON, DONE, cancel("invoiced", "invoiced", 400))),
]

SILENT: Kept = [
    ("B-56", place(401, missing=("items",))),
    ("B-56", place(400, json=False, missing=("items",))),
    ("B-57", (place(400, code="FMT007"), place(400, code="FMT007"))),
    ("B-57", place(marketplace_order="")),
    ("B-58", approve(said="new")),
    ("B-58", approve(403)),
    ("B-59", (approve(), result("EOI011"))),
    ("B-59", scene("s", approve(), result("EOI011", 500))),
    ("B-59", scene("s", integrate(), result("SOI001"))),
    ("B-60", (place(503),)),
    # the next try was not due
    ("B-59", scene("s", approve(), result("EOI011"), pause(MINUTE))),
    ("B-60", scene("s", place(503), pause(MINUTE))),
    ("B-60", scene("s", place(503), pause(2_000), scale=60)),
    ("B-60", scene("s", place(503), step("o", "x", "cancel"), SOON)),
    ("B-60", scene("s", integrate(status=500, done=200), result("SOI001"), SOON)),
    ("B-61", told("hook notification", "o", "handling", 500)),
    ("B-62", (step("o", "", "handling"), cancel("handling", "cancel"))),
    ("B-62", (SALE, DONE, get("o", "invoiced"), returned())),
    ("B-63", scene("s", SALE, news())),
    ("B-63", scene("s", BOOKS, SALE, news(status=500))),
    ("B-63", (BOOKS, SALE, news())),
    ("B-64", fulfill()),
    ("B-64", (SOLD, fulfill(order="MKP-17"))),
    ("B-64", (SOLD, fulfill(401))),
    ("B-65", scene("s", news(CANCEL_NEWS, 503, burst=1))),
    ("B-65", (BOOKS, news(CANCEL_NEWS, burst=20))),
]
