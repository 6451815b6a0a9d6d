"""Cases of B-66 to B-73: sellers outside the platform, and near misses."""

from __future__ import annotations

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    AGREE,
    CANCELLATION,
    FULFILLMENT,
    PLACEMENT,
    SELLER_CANCEL,
    SELLER_INVOICE,
    SIMULATION,
)
from orderflow.conformance.integration.seen import CANCEL, INVOICE
from tests.conformance.integration.orders import Broken, Kept, fulfilled, invoice, returned
from tests.conformance.integration.traces import act, call, note, pause, scene, step, told

RECEIPT = {"json": True, "missing": (), "empty": False}
EMPTY = {"json": False, "missing": (), "empty": True}
POOR = {"json": True, "missing": ("receipt",), "empty": False}
ORDER = step("o", "", "payment-approved", value=10_000)
PLACED = told(PLACEMENT, "o")


def placement(order: str = "s-1", status: int = 200, **facts: object) -> Line:
    """A placement; *order* is what the seller calls it."""
    return told(
        PLACEMENT, "o", "", status, **{"answer": {**RECEIPT, "seller_order": order}, **facts}
    )


def asked(answer: object = None, status: int = 200, **facts: object) -> Line:
    """The seller is asked to cancel."""
    return told(CANCELLATION, "o", "", status, **{"answer": answer or RECEIPT, **facts})


def cancel(before: str, status: int = 400, operation: str = SELLER_CANCEL) -> Line:
    """The seller cancels."""
    return call(operation, "o", status, before=before)


def agree(said: str, change: str = "c", status: int = 200) -> Line:
    """An agreement to a modification."""
    path = f"/pvt/orders/o/changes/{change}/send-agreement"
    return call(AGREE, "o", status, path=path, agreement=said)


BROKEN: Broken = [
    ("B-66", "without followUpEmail", told(PLACEMENT, "o", answer={"missing": ("followUpEmail",)})),
    ("B-66", "answers the placement 500", placement(status=500)),
    ("B-66", "answers the placement not at all", placement(status=0, trouble="timeout")),
    ("B-67", "more than 2.5 seconds", told(SIMULATION, "o", status=0, trouble="timeout")),
    ("B-67", "more than 2.5 seconds", told(SIMULATION, "o", took=2_600)),
    ("B-68", "ships an order", (PLACED, note("o", "shipment", 1), told(FULFILLMENT, "o"))),
    ("B-68", "takes the goods from stock", (PLACED, note("o", "stock", 1))),
    ("B-69", "answers a cancellation 500", asked(status=500)),
    ("B-69", "without receipt", asked(POOR)),
    ("B-69", "a second time", (asked(EMPTY), asked(EMPTY))),
    ("B-70", "that is invoiced without a return", (ORDER, cancel("invoiced"))),
    ("B-70", "without a return", (ORDER, PLACED, cancel("invoiced", operation=CANCEL))),
    ("B-71", "that it has not acknowledged", (ORDER, agree("Confirmation"))),
    (
        "B-71",
        "that it has not acknowledged",
        (agree("Acknowledgment", "a"), agree("Confirmation", "b")),
    ),
    ("B-71", "sends the agreement 'Yes'", (ORDER, agree("Yes", status=400))),
    ("B-71", "never confirms it", scene("s", ORDER, agree("Acknowledgment"))),
    (
        "B-71",
        "before it has acknowledged it",
        (ORDER, note("o", "modification", 1), agree("Acknowledgment"), agree("Confirmation")),
    ),
    ("B-72", "calls for the order o, which", (told(PLACEMENT, "p"), invoice(status=404))),
    (
        "B-72",
        "calls for the order o",
        (told(PLACEMENT, "p"), invoice(status=404, operation=INVOICE)),
    ),
    ("B-73", "makes two orders of one", (placement("s-1"), placement("s-2"))),
    (
        "B-73",
        "makes two orders of one",
        (placement(), placement(), note("o", "reservation", 1), note("o", "reservation", 1)),
    ),
    (
        "B-73",
        "makes two orders of one",
        (placement(), note("o", "reservation", 1), placement(), note("o", "reservation", 2)),
    ),
]

KEPT: Kept = [
    ("B-66", placement()),
    ("B-67", told(SIMULATION, "o", took=2_400)),
    ("B-68", (fulfilled(), note("o", "shipment", 1))),
    ("B-68", (PLACED, note("o", "stock", 1), pause(-505), told(FULFILLMENT, "o", took=500))),
    # the call was over before, and is told afterwards
    ("B-68", (PLACED, note("o", "stock", 1), pause(-15), told(FULFILLMENT, "o", took=1))),
    ("B-69", (asked(EMPTY), asked())),
    ("B-69", asked()),
    ("B-69", (asked(EMPTY), invoice(operation=SELLER_INVOICE, before="payment-approved"))),
    ("B-70", (ORDER, returned(operation=SELLER_INVOICE))),
    ("B-70", (ORDER, returned(operation=SELLER_INVOICE), cancel("invoiced"))),
    ("B-71", (ORDER, agree("Acknowledgment"), agree("Confirmation"))),
    ("B-71", (agree("Acknowledgment"), note("o", "modification", 1), agree("Confirmation"))),
    ("B-71", (agree("Acknowledgment"), agree("Confirmation"), agree("Confirmation"))),
    ("B-72", (ORDER, PLACED, invoice(operation=SELLER_INVOICE))),
    ("B-73", (placement(), placement())),
    ("B-73", (placement(status=0, trouble="timeout"), placement())),
    ("B-73", (PLACED, PLACED, note("o", "reservation", 1))),
    ("B-69", (asked(EMPTY), cancel("waiting-for-seller-decision", 200))),
    # one record an item
    (
        "B-73",
        (note("o", "reservation", 1), note("o", "reservation", 2), placement(), placement()),
    ),
    # the first time it could reserve one of two
    (
        "B-73",
        (
            note("o", "reservation", 1),
            placement(status=500),
            note("o", "reservation", 2),
            placement(),
        ),
    ),
]

SILENT: Kept = [
    ("B-66", told(FULFILLMENT, "o", status=500)),
    ("B-67", told(SIMULATION, "o", status=0, trouble="refused")),
    ("B-67", told(SIMULATION, "o", status=500)),
    ("B-68", fulfilled()),
    ("B-68", (PLACED, note("o", "reservation", 1))),
    ("B-68", note("o", "shipment", 1)),
    ("B-69", asked(EMPTY)),
    ("B-69", invoice()),
    ("B-70", (ORDER, cancel("payment-approved", 200))),
    # somebody else's order, see B-40
    ("B-70", (ORDER, cancel("invoiced", operation=CANCEL))),
    ("B-71", (ORDER, agree("Acknowledgment"))),
    ("B-71", (ORDER, note("o", "modification", 1))),
    ("B-72", invoice(status=404)),
    # the order was there, and has been forgotten; the 404 was a fault
    ("B-72", (told(PLACEMENT, "p"), ORDER, invoice(status=404))),
    ("B-72", (told(PLACEMENT, "p"), invoice(status=404, faults=("http.x",)))),
    ("B-73", placement()),
    ("B-73", (placement(status=0, trouble="refused"), placement())),
    ("B-73", (PLACED, PLACED)),
    ("B-71", scene("s", ORDER, agree("Acknowledgment"), step("o", "x", "canceled"))),
    (
        "B-71",
        scene(
            "s",
            ORDER,
            agree("Acknowledgment"),
            act("vendor", path="/api/order-system/orders/o/changes/c/cancel"),
        ),
    ),
]
