"""Mistakes of sellers outside the platform."""

import time

from external_seller import ExternalSeller
from fulfillment import numbers
from mistakes import mistake
from mistakes_calls import NoPause


def seller(code, says, *breaks, scenario="seller-sale"):
    return mistake(code, says, *breaks, scenario=scenario, example="seller")


# What the marketplace asks


@seller("B-66", "answers a placement without an address for questions", "B-66")
class NoAddress(ExternalSeller):
    def place(self, order):
        placed = super().place(order)
        del placed["followUpEmail"]
        return placed


@seller("B-66-object", "answers a placement with the order alone, and no array", "B-66")
class NoArray(ExternalSeller):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        return status, told[0] if isinstance(told, list) else told


@seller("B-67", "asks its warehouse while the shopper waits for the simulation", "B-67")
class AsksTheWarehouse(ExternalSeller):
    def simulate(self, asked):
        time.sleep(3)
        return super().simulate(asked)


@seller("B-68", "takes goods off the shelf as soon as they are ordered", "B-68")
class TakesGoodsAtOnce(ExternalSeller):
    def place(self, order):
        self.books.enter(order["marketplaceOrderId"], "stock", "taken")
        return super().place(order)


@seller("B-69", "thinks about a cancellation for ever", "B-69", scenario="seller-canceled")
class NeverDecides(ExternalSeller):
    def cancelled(self, ours):
        return None


@seller(
    "B-69-error", "answers a cancellation 500 while it thinks", "B-69", scenario="seller-canceled"
)
class CannotThink(ExternalSeller):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        return (500, None) if path.endswith("/cancel") and told is None else (status, told)


@seller(
    "B-73",
    "takes an order that is placed again for another one",
    "B-73",
    scenario="seller-placed-twice",
)
class TakesOrdersTwice(ExternalSeller):
    def place(self, order):
        placed = super().place(order)
        theirs, ours = order["marketplaceOrderId"], f"S-{time.monotonic_ns()}"
        self.books.enter(ours, "order", "theirs", theirs)
        self.books.enter(theirs, "reservation", f"goods of {ours}")
        return {**placed, "orderId": ours}


# Goods and invoices


class GoesByPlacement(ExternalSeller):
    """Takes an order for paid because it was placed."""

    def place(self, order):
        placed = super().place(order)
        self.books.enter(order["marketplaceOrderId"], "authorised", "")
        self.look_at(order["marketplaceOrderId"])
        return placed


@seller(
    "B-32",
    "sends the goods and the invoice before the order is paid",
    *("B-31", "B-32", "B-68"),
    scenario="seller-unpaid",
)
class SendsUnpaid(GoesByPlacement):
    pass


@seller(
    "B-31-seller", "invoices as soon as it has the order", "B-31", "B-32", scenario="seller-unpaid"
)
class InvoicesAtOnce(GoesByPlacement):
    def told(self, path, headers, body):
        if path.endswith("/fulfill"):
            self.books.enter(self.theirs(path.split("/")[-2]), "paid", "")
        return super().told(path, headers, body)

    def send(self, theirs, is_here):
        order = self.order(theirs)
        if not self.books.has(theirs, "paid"):
            self.send_invoice(
                order, "Output", f"{order['sequence']}-1", order["value"], order["items"]
            )
        super().send(theirs, is_here)


class OtherInvoice(ExternalSeller):
    """Writes its invoices in another way."""

    def written(self, *given):
        body = super().written(*given)
        self.spoil(body)
        return body


@seller("B-33-seller", "writes amounts with a point, and in cents when refused", "B-33")
class PointInAmounts(ExternalSeller):
    def insist(self, theirs, what, body, is_done=lambda: False):
        if what == "invoice":
            pointed = {**body, "invoiceValue": f"{body['invoiceValue'] / 100:.2f}"}
            self.api.call("POST", f"/pvt/orders/{theirs}/invoice", pointed)
        super().insist(theirs, what, body, is_done)


@seller("B-33-units", "writes amounts in whole units of the currency", "B-33", "B-34")
class WholeUnits(OtherInvoice):
    def spoil(self, body):
        body["invoiceValue"] //= 100


@seller(
    "CM-07-seller",
    "makes a new invoice number for each try",
    "B-34",
    scenario="seller-breaks",
)
class NumbersEachTry(ExternalSeller):
    def insist(self, theirs, what, body, is_done=lambda: False):
        if what != "invoice":
            super().insist(theirs, what, body, is_done)
            return
        for attempt in range(3):
            number = f"{body['invoiceNumber']}{attempt or ''}"
            path = f"/pvt/orders/{theirs}/invoice"
            if self.api.call("POST", path, {**body, "invoiceNumber": number}).ok:
                return


@seller("B-34-seller", "loses a cent of each invoice in rounding", "B-34")
class LosesCents(OtherInvoice):
    def spoil(self, body):
        body["invoiceValue"] -= 1


@seller(
    "B-35-seller", "uses the number of the first invoice for the second, until it notices", "B-35"
)
class OneNumberForAll(ExternalSeller):
    def send_invoice(self, order, kind, number, cents, lines):
        for known in sorted(numbers(order, kind))[:1]:
            super().send_invoice(order, kind, known, cents, lines)
        super().send_invoice(order, kind, number, cents, lines)


@seller("B-36-seller", "names items by itemId", "B-36")
class ItemsOfItsOwn(OtherInvoice):
    def spoil(self, body):
        for item in body["items"]:
            item["itemId"] = item.pop("id")


@seller("B-37-seller", "dates invoices by the day", "B-37")
class DatesByTheDay(OtherInvoice):
    def spoil(self, body):
        body["issuanceDate"] = body["issuanceDate"][:10]


@seller(
    "B-38-seller", "writes a slash into invoice numbers", "B-38", scenario="seller-placed-twice"
)
class SlashInNumbers(OtherInvoice):
    def spoil(self, body):
        body["invoiceNumber"] = f"NF/{body['invoiceNumber']}"

    def hand_over(self, theirs, number):
        """No route of the parcels takes such a number."""


@seller(
    "B-70",
    "cancels an order whose goods came back",
    "B-70",
    scenario="seller-canceled-late",
)
class CancelsWhatCameBack(ExternalSeller):
    def take_back(self, theirs):
        self.api.call("POST", f"/pvt/orders/{theirs}/cancel", {"reason": "returned"})


@seller(
    "B-71",
    "confirms a modification that it has not acknowledged",
    "B-71",
    scenario="seller-agreement",
)
class ConfirmsAtOnce(ExternalSeller):
    def insist(self, theirs, what, body, is_done=lambda: False):
        if body.get("agreementType") == "Acknowledgment":
            body = {"agreementType": "Confirmation"}
        super().insist(theirs, what, body, is_done)


@seller(
    "B-71-early",
    "makes a modification before it has taken note of it",
    "B-71",
    scenario="seller-agreement",
)
class ModifiesFirst(ExternalSeller):
    def agree(self, theirs):
        self.books.enter(theirs, "modification", "made")
        super().agree(theirs)


@seller("B-72", "calls the order by its own name when it calls the marketplace", "B-72")
class OwnName(ExternalSeller):
    def insist(self, theirs, what, body, is_done=lambda: False):
        path = f"/pvt/orders/{self.ours(theirs)}/{what}"
        self.api.insist(lambda: self.api.call("POST", path, body), is_done)


@seller("B-75-seller", "calls on after a 429", "B-75", scenario="seller-breaks")
class NeverSlowsDown(ExternalSeller):
    api_class = NoPause
