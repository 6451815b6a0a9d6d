"""Cases of B-33 to B-38 and B-53: what stands in invoices, what they come to, and near misses."""

from __future__ import annotations

from orderflow.conformance.integration.operations import PERSONAL_INVOICE
from orderflow.conformance.integration.seen import INVOICE
from tests.conformance.integration.orders import Broken, Kept, invoice, returned, steps
from tests.conformance.integration.traces import (
    HANDLING,
    course,
    get,
    hidden,
    placed,
    scene,
    step,
)

ORDER = course("o", *HANDLING)
DONE = steps("handling", "invoice", "invoiced")
DONE_AT_12_000 = steps("handling", "invoice", "invoiced", value=12_000)
PARTLY = steps("handling", "invoice", "handling")
CANCELED = steps("handling", "cancellation-requested", "cancel", "canceled")
CHEAP = ({"id": "gum", "quantity": 1, "price": 100}, {"id": "tv", "quantity": 1, "price": 9_900})
ORDER_WITH_GUM = placed("o", "handling", items=CHEAP)
NEW_VALUE = step("o", "handling", "handling", value=8_000)
HIDDEN = hidden(
    INVOICE, "o", 500, before="handling", type="Output", number="1", cents=10_000, body="a"
)
RAISED = (*course("o", *HANDLING), step("o", "handling", "handling", value=12_000))

BROKEN: Broken = [
    ("B-33", "invoiceValue is no whole number", (ORDER, invoice(cents=None, value_type="decimal"))),
    ("B-33", "no whole number", (ORDER, invoice(cents=None, value_type="other"))),
    ("B-33", "is 100 cents, a hundredth", (ORDER, invoice(cents=100))),
    ("B-33", "a hundredth", (course("o", *HANDLING, value=12_345), invoice(cents=123))),
    ("B-33", "a hundredth", (ORDER_WITH_GUM, invoice(cents=100, items=CHEAP))),
    ("B-33", "(4000 cents)", (ORDER, invoice("1", 6_000), invoice("2", 40))),
    (
        "B-34",
        "to 20000 cents, above the order's value of 10000",
        (ORDER, invoice("1"), invoice("2")),
    ),
    (
        "B-34",
        "above the order's value",
        (ORDER, HIDDEN, DONE, invoice("2", before="invoiced", status=400)),
    ),
    ("B-34", "above", (ORDER, invoice("1", 10_001, status=400))),
    ("B-34", "above", (ORDER, NEW_VALUE, get("o", "handling"), invoice("1", 10_000, status=400))),
    ("B-34", "6000 cents of 10000 cents invoiced", scene("s", ORDER, invoice("1", 6_000), PARTLY)),
    ("B-34", "0 cents of 10000", scene("s", ORDER, invoice("1", 0, items=(), status=400))),
    ("B-34", "6000 cents of", scene("s", ORDER, invoice("1", 6_000), invoice("1", 6_000), PARTLY)),
    ("B-35", "number 1 again", (ORDER, invoice("1", 6_000), invoice("1", 4_000))),
    ("B-35", "number 1 again", (ORDER, invoice("1", 6_000), invoice("1", 6_000, items=CHEAP))),
    ("B-35", "number 1 again", (ORDER, invoice("1"), DONE, returned("1"))),
    ("B-36", "whose type, items are missing", invoice(missing=("type", "items"), items=())),
    ("B-36", "whose items are missing", invoice(items=())),
    ("B-36", "whose itemId is missing or wrong", invoice(item_fields=("itemId",))),
    ("B-36", "whose invoiceKey is", invoice(missing=("invoiceKey",), operation=PERSONAL_INVOICE)),
    ("B-37", "a date without a time", invoice(issued="date")),
    ("B-37", "without an offset", invoice(issued="time")),
    ("B-37", "a blank between", invoice(issued="sql")),
    ("B-37", "no date that can be read", invoice(issued="other")),
    ("B-38", "'1/2'", invoice("1/2")),
    ("B-38", "'1 2'", invoice("1 2")),
    ("B-38", "'#12'", invoice("#12")),
    ("B-53", "with 0 cents of 10000 cents invoiced", (ORDER, returned(before="handling"))),
    (
        "B-53",
        "with 6000 cents of",
        (ORDER, invoice("1", 6_000), PARTLY, returned(before="handling")),
    ),
]

KEPT: Kept = [
    ("B-33", (ORDER, invoice())),
    ("B-33", (ORDER, invoice(value_type="string"))),
    # an order of a few cents, and a part that really costs a hundredth
    ("B-33", (course("o", *HANDLING, value=50), invoice(cents=1))),
    ("B-33", (ORDER_WITH_GUM, invoice(cents=100, items=CHEAP[:1]))),
    ("B-33", (ORDER, invoice(), DONE, returned(cents=100))),
    ("B-34", (ORDER, invoice(), DONE)),
    ("B-34", (ORDER, invoice("1", 6_000), PARTLY, invoice("2", 4_000), DONE)),
    ("B-34", scene("s", ORDER, HIDDEN, DONE, invoice("1", before="invoiced"))),
    ("B-34", (ORDER, invoice(), DONE, returned())),
    # the first was refused, so it does not count
    ("B-34", scene("s", ORDER, invoice("1", status=500), invoice("2"), DONE)),
    ("B-34", (RAISED, get("o", "handling"), invoice("1", 12_000), DONE_AT_12_000)),
    ("B-35", (ORDER, invoice("1", 6_000), invoice("2", 4_000))),
    ("B-35", (ORDER, HIDDEN, invoice("1", items=()))),
    ("B-36", invoice()),
    ("B-37", invoice()),
    ("B-38", invoice("NF-12")),
    ("B-53", (ORDER, invoice(), DONE, returned())),
    ("B-53", (ORDER, HIDDEN, DONE, returned(status=500))),
]

SILENT: Kept = [
    ("B-33", (ORDER, invoice(value_type="missing", cents=None))),
    # the trace ends, the integration may not; the order was cancelled; the key was revoked
    ("B-34", (ORDER, invoice("1", 6_000), PARTLY)),
    ("B-34", scene("s", ORDER, invoice("1", status=500), CANCELED)),
    ("B-34", scene("s", ORDER, invoice("1", 6_000), PARTLY, invoice("2", 4_000, status=401))),
    # who invoices too early breaks another rule
    ("B-34", scene("s", ORDER, invoice(before="ready-for-handling", status=409))),
    # the value changed, and nobody has looked since: see B-50
    ("B-34", (ORDER, NEW_VALUE, invoice("1", 10_000, status=400))),
    ("B-35", (ORDER, invoice())),
    # what was refused was no invoice
    ("B-35", (ORDER, invoice("1", 20_000, status=400), invoice("1"))),
    ("B-36", invoice(json=False, missing=("type",))),
    ("B-36", invoice(status=401, missing=("type",))),
    ("B-37", invoice(issued="missing")),
    ("B-37", invoice(issued="date", operation=PERSONAL_INVOICE)),
    ("B-38", invoice("")),
    ("B-53", (ORDER, invoice())),
    ("B-53", (returned(),)),
]
