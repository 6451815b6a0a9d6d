"""Cases of B-47 to B-52, B-54 and B-55: tracking, modifications, stock, and near misses."""

from __future__ import annotations

from orderflow.conformance.integration.operations import CHANGE, OLD_CHANGE, SELLER_INVOICE
from orderflow.conformance.integration.seen import ORDER as GET
from tests.conformance.integration.orders import (
    Broken,
    Kept,
    invoice,
    number,
    returned,
    start,
    steps,
    tracked,
)
from tests.conformance.integration.traces import (
    HANDLING,
    MINUTE,
    READY,
    SECOND,
    Part,
    call,
    course,
    get,
    hidden,
    later,
    note,
    pause,
    scene,
    step,
)

ORDER = course("o", *HANDLING)
CHANGED = step("o", "handling", "handling", value=8_000)
LOOKED = get("o", "handling")
DONE = steps("handling", "invoice", "invoiced")
DONE_AT_8_000 = steps("handling", "invoice", "invoiced", value=8_000)
WORDS = {"status": "ready-for-handling", "description": "Pronto"}
ODD = call(GET, "o", faults=("list.portuguese_description",), shown=WORDS)
FINISHED = get("o", "invoiced")
STARTED: Part = (
    course("o", *READY),
    start(),
    steps("ready-for-handling", "start-handling", "handling"),
)


def change(status: int = 202, before: str = "handling", **facts: object) -> Part:
    """A modification."""
    return call(CHANGE, "o", status, before=before, **facts)


def old(request: str, body: str, status: int = 200, **facts: object) -> Part:
    """A modification of the first version."""
    made = {"before": "handling", "request_id": request, "body": body, **facts}
    return call(OLD_CHANGE, "o", status, **made)


BROKEN: Broken = [
    ("B-47", "before it has a tracking number", (ORDER, invoice(), tracked(status=400))),
    ("B-47", "before", (invoice(), number("2"), tracked("1", 400), number("1"))),
    ("B-47", "before", (invoice(), number(status=500), tracked(status=400))),
    ("B-47", "before", (invoice(), number(tracking=False), tracked(status=400))),
    ("B-47", "before", (tracked(status=404),)),
    ("B-48", "tracking data with the invoice", invoice(tracking=True)),
    ("B-48", "tracking data", invoice(tracking=True, operation=SELLER_INVOICE)),
    ("B-49", "again after it was delivered", (tracked(delivered=True), tracked(delivered=True))),
    ("B-49", "again after it was delivered", (tracked(delivered=True), tracked())),
    ("B-49", "and not when", tracked(delivered=True, delivered_at=False)),
    (
        "B-50",
        "10000 cents without reading the order again after the order's value had changed",
        (ORDER, CHANGED, invoice("1", 10_000, status=400)),
    ),
    ("B-50", "without reading", (ORDER, LOOKED, pause(9 * SECOND), CHANGED, invoice(status=400))),
    ("B-50", "without reading", (ORDER, LOOKED, later(MINUTE), CHANGED, invoice(status=400))),
    (
        "B-50",
        "without reading",
        (ORDER, LOOKED, start(409, "handling"), CHANGED, invoice(status=400)),
    ),
    ("B-50", "9000 cents without", (ORDER, CHANGED, invoice("1", 9_000, status=400))),
    ("B-50", "invoices 10000 cents after", (ORDER, CHANGED, LOOKED, invoice(status=400))),
    ("B-51", "for another one", (old("a", "1"), old("a", "2"))),
    (
        "B-51",
        "twice",
        (old("a", "1", 500, done=200, asked=("add",)), old("b", "2", asked=("add",))),
    ),
    (
        "B-52",
        "takes none (invoiced)",
        (ORDER, DONE, FINISHED, change(400, "invoiced", code="CHK0124")),
    ),
    ("B-52", "takes none (handling)", (ORDER, change(400, code="SalesOrderSystem046"))),
    ("B-52", "takes none", (ORDER, change(400, code="CHK0095"))),
    ("B-52", "takes none (canceled)", old("a", "1", 400, before="canceled")),
    (
        "B-52",
        "takes none (payment-approved)",
        (
            step("o", "", "payment-approved", flow="chain"),
            old("a", "1", 400, before="payment-approved"),
        ),
    ),
    ("B-54", "while the order is in handling", (STARTED, note("o", "stock", 4))),
    (
        "B-54",
        "while the order is in handling",
        (
            STARTED,
            invoice("1", 6_000),
            steps("handling", "invoice", "handling"),
            note("o", "stock", 4),
        ),
    ),
    ("B-55", "does not start", scene("s", course("o", *READY), ODD)),
]

KEPT: Kept = [
    ("B-47", (invoice(), number(), tracked())),
    ("B-47", (invoice(tracking=True), tracked())),
    ("B-47", (hidden(invoice().operation, "o", number="1", tracking=True), tracked())),
    ("B-48", invoice()),
    ("B-49", (tracked(), tracked(delivered=True))),
    ("B-49", (tracked(delivered=True), tracked("2"), tracked("2", delivered=True))),
    # the first was not answered as it was meant, so it is sent again
    ("B-49", (tracked(status=500, done=200, delivered=True), tracked(delivered=True))),
    ("B-50", (ORDER, CHANGED, LOOKED, invoice("1", 8_000), DONE_AT_8_000)),
    ("B-50", (ORDER, CHANGED, LOOKED, invoice("1", 5_000))),
    # who made the change itself knows the new value
    ("B-50", (ORDER, change(), CHANGED, invoice("1", 8_000))),
    ("B-51", (old("a", "1", 500, done=200), old("a", "1"))),
    ("B-51", (old("a", "1"), old("b", "2"))),
    ("B-51", (old("a", "1", 500, done=200, asked=("add",)), old("b", "2", asked=("remove",)))),
    ("B-52", (ORDER, change())),
    ("B-54", (STARTED, invoice(), DONE, note("o", "stock", 4))),
    ("B-55", scene("s", course("o", *READY), ODD, start())),
    ("B-55", (course("o", *READY), ODD, start())),
]

SILENT: Kept = [
    ("B-47", (invoice(), number())),
    ("B-47", (tracked(status=401),)),
    ("B-48", (invoice(tracking=None), returned(tracking=True))),
    ("B-49", (tracked(), tracked(delivered=True, status=400))),
    ("B-50", (ORDER, invoice("1", 10_000))),
    # read, changed, invoiced: nobody can be quick enough
    ("B-50", (ORDER, LOOKED, CHANGED, invoice("1", 10_000, status=400))),
    ("B-50", (ORDER, invoice(), CHANGED, DONE_AT_8_000, returned(cents=8_000))),
    ("B-51", old("a", "1")),
    # the order was finished after it had been read
    ("B-52", (ORDER, LOOKED, DONE, change(400, "invoiced", code="SalesOrderSystem046"))),
    ("B-52", (ORDER, change(400, code="CHK0034"))),
    ("B-52", old("a", "1", 400)),
    ("B-54", (course("o", *READY), note("o", "stock", 4))),
    ("B-54", (STARTED, note("o", "shipment", 1), note("", "stock", 1))),
    ("B-55", scene("s", course("o", *READY), get("o", "ready-for-handling"))),
    ("B-55", (course("o", *READY), ODD)),
    ("B-55", scene("s", course("o", *READY), ODD, steps("ready-for-handling", "cancel"))),
]
