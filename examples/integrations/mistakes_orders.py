"""Mistakes in what is done for an order: handling, invoices, cancellations, tracking, changes."""

import contextlib
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from fulfillment import numbers, packages, parcels_left
from mistakes import Blind, ByEvent, Erp, OneTry, mistake
from orders_api import OrdersApi, orders

# Handling


@mistake("CM-03", "starts handling in whatever status", "B-26", scenario="every-status")
class StartsAlways(Erp):
    def __init__(self, *given):
        super().__init__(*given)
        self.actions |= {"payment-approved": self.start, "window-to-cancel": self.start}


@mistake(
    "CM-09",
    "repeats start-handling ten times after a 409",
    "B-26",
    scenario="start-hidden-success",
)
class RepeatsAConflict(Erp):
    def start(self, order):
        for _ in range(11):
            if self.post(order, "start-handling").status == 204:
                return
            self.api.pause(1)


@mistake(
    "CM-30",
    "takes the 409 of start-handling for handled, and invoices",
    "B-26",
    "B-31",
    scenario="every-status",
)
class SwallowsTheConflict(StartsAlways):
    def start(self, order):
        answer = self.post(order, "start-handling")
        if answer.status == 409:
            self.post(order, "invoice", self.written(order, "Output", *next(parcels_left(order))))


@mistake(
    "B-27",
    "starts handling twice, to be on the safe side",
    "B-26",
    "B-27",
    scenario="happy-path",
)
class StartsTwice(Erp):
    def start(self, order):
        super().start(order)
        self.post(order, "start-handling")


@mistake(
    "B-30",
    "starts the order although it has read that it is canceled",
    "B-26",
    "B-30",
    scenario="canceled-before-start",
)
class StartsCanceled(ByEvent):
    def handle(self, event):
        if event["state"] == "ready-for-handling":
            order = self.api.order(event["orderId"])
            self.start(order)
            return True
        return super().handle(event)


@mistake(
    "B-81",
    "takes a 500 of start-handling for the end of the order",
    "B-28",
    "B-81",
    scenario="start-refused",
)
class GivesUpAfterError(ByEvent):
    api_class = OneTry

    def handle(self, event):
        if self.books.has(event["orderId"], "given up"):
            return True
        if not super().handle(event):
            self.books.enter(event["orderId"], "given up", "")
        return True


# Invoices


class OtherInvoice(Erp):
    """Writes its invoices in another way."""

    def written(self, *given):
        body = super().written(*given)
        self.spoil(body)
        return body


@mistake(
    "CM-07",
    "makes a new invoice number for each try",
    "B-34",
    "B-79",
    scenario="invoice-hidden-success",
)
class NumbersEachTry(Erp):
    api_class = Blind

    def post(self, order, what, body=None):
        if what == "invoice":
            body = {**body, "invoiceNumber": f"{body['invoiceNumber']}-{time.monotonic_ns()}"}
        return super().post(order, what, body)


@mistake(
    "CM-08",
    "repeats a POST that was answered 500, without having looked",
    "B-79",
    scenario="invoice-hidden-success",
)
class RepeatsBlindly(Erp):
    api_class = Blind


@mistake(
    "CM-10",
    "invoices nothing over nothing",
    "B-34",
    "B-36",
    scenario="happy-path",
)
class InvoicesNothing(OtherInvoice):
    def spoil(self, body):
        body.update(invoiceValue=0, items=[])


@mistake(
    "CM-11",
    "invoices first and starts handling afterwards",
    "B-31",
    scenario="happy-path",
)
class InvoicesFirst(Erp):
    def start(self, order):
        body = self.written(order, "Output", *next(parcels_left(order)))
        self.post(order, "invoice", body)
        super().start(order)


@mistake("CM-12", "never starts handling, but invoices", "B-31", scenario="happy-path")
class NeverStarts(Erp):
    def start(self, order):
        body = self.written(order, "Output", *next(parcels_left(order)))
        self.post(order, "invoice", body)


@mistake("CM-20", "sends the first of several invoices only", "B-34", scenario="split-shipment")
class OneInvoiceOnly(Erp):
    def send_invoices(self, order):
        if not packages(order, "Output"):
            self.send_invoice(order, "Output", *next(parcels_left(order)))


@mistake("CM-22", "sends the invoice by PUT", "B-34", scenario="happy-path")
class PutsTheInvoice(Erp):
    def post(self, order, what, body=None):
        if what == "invoice":
            return self.api.call("PUT", orders(order["orderId"], "invoice"), body)
        return super().post(order, what, body)


@mistake("CM-24", "writes a slash into invoice numbers", "B-38", scenario="happy-path")
class SlashInNumbers(OtherInvoice):
    def spoil(self, body):
        body["invoiceNumber"] = f"NF/{body['invoiceNumber']}"

    def hand_over(self, order, number):
        """No route of the carrier's news takes such a number."""


@mistake(
    "CM-31",
    "names items by itemId, with prices as text",
    "B-36",
    scenario="happy-path",
)
class ItemsOfItsOwn(OtherInvoice):
    def spoil(self, body):
        body["items"] = [
            {"itemId": one["id"], "quantity": str(one["quantity"]), "price": str(one["price"])}
            for one in body["items"]
        ]


@mistake("CM-32", "dates invoices by the day", "B-37", scenario="happy-path")
class BareDates(OtherInvoice):
    def spoil(self, body):
        body["issuanceDate"] = body["issuanceDate"][:10]


@mistake(
    "B-33", "writes amounts with a point, and in cents when refused", "B-33", scenario="happy-path"
)
class PointInAmounts(Erp):
    def post(self, order, what, body=None):
        if what == "invoice":
            cents = int(body["invoiceValue"])
            super().post(order, what, {**body, "invoiceValue": f"{cents / 100:.2f}"})
        return super().post(order, what, body)


@mistake(
    "B-35",
    "uses the number of the first invoice for the second, until it notices",
    "B-35",
    scenario="split-shipment",
)
class OneNumberForAll(Erp):
    def send_invoice(self, order, kind, number, cents, lines):
        for known in sorted(numbers(order, kind))[:1]:
            self.post(order, "invoice", self.written(order, kind, known, cents, lines))
        super().send_invoice(order, kind, number, cents, lines)


@mistake(
    "B-50",
    "invoices the value that the order had when it was started",
    "B-50",
    scenario="modified-before-invoice",
)
class OldValue(Erp):
    def start(self, order):
        self.books.enter(order["orderId"], "worth", "", str(order["value"]))
        super().start(order)

    def written(self, order, kind, number, cents, lines):
        known = self.books.value(order["orderId"], "worth", "")
        return super().written(order, kind, number, int(known or cents), lines)


@mistake(
    "B-53",
    "sends the return invoice before the sale is invoiced",
    "B-53",
    scenario="returned-early",
)
class ReturnsEarly(Erp):
    def send_invoices(self, order):
        number = f"{order['sequence']}-R"
        sent = packages(order, "Output")
        if self.news(order, "returned") and sent and number not in numbers(order, "Input"):
            cents, lines = sent[0]["invoiceValue"], order["items"][:1]
            self.send_invoice(order, "Input", number, cents, lines)
        super().send_invoices(order)


@mistake("B-54", "counts the stock anew when it starts handling", "B-54", scenario="happy-path")
class CountsTooEarly(Erp):
    def invoice(self, order):
        for line in order["items"]:
            self.books.enter(order["orderId"], "stock", line["id"])
        super().invoice(order)


@mistake(
    "B-55",
    "goes by the description of the status",
    "B-55",
    scenario="portuguese-descriptions",
)
class GoesByDescription(Erp):
    def process(self, order_id):
        order = self.api.order(order_id)
        ready = order and order["status"] == "ready-for-handling"
        if not ready or order["statusDescription"] == "Ready for handling":
            super().process(order_id)


# Cancellations


@mistake(
    "CM-19",
    "goes on with the invoice although a cancellation was asked for",
    "B-43",
    scenario="canceled-during-handling",
)
class GoesOn(Erp):
    def answer_request(self, order):
        for parcel in parcels_left(order):
            self.post(order, "invoice", self.written(order, "Output", *parcel))


@mistake(
    "B-39",
    "cancels although a part is invoiced",
    "B-39",
    scenario="out-of-stock-too-late",
)
class CancelsAPart(Erp):
    def send_invoices(self, order):
        super().send_invoices(order)

    def send_invoice(self, order, kind, number, cents, lines):
        if self.news(order, "out_of_stock") and packages(order, "Output"):
            self.post(order, "cancel", {"reason": "out of stock"})
        super().send_invoice(order, kind, number, cents, lines)


@mistake(
    "B-40",
    "cancels although the order is invoiced",
    "B-40",
    scenario="out-of-stock-too-late",
)
class CancelsInvoiced(Erp):
    def ship(self, order):
        if self.news(order, "out_of_stock") and self.books.enter(order["orderId"], "tried", ""):
            self.post(order, "cancel", {"reason": "out of stock"})
        super().ship(order)


@mistake("B-41", "cancels once and never confirms it", "B-41", scenario="out-of-stock")
class NeverConfirms(Erp):
    def answer_request(self, order):
        if not self.books.has(order["orderId"], "cancel"):
            super().answer_request(order)


@mistake(
    "B-42",
    "takes the 200 of a cancel for the cancellation",
    "B-42",
    scenario="out-of-stock",
)
class TrustsTheReceipt(Erp):
    def cancel(self, order, reason):
        super().cancel(order, reason)
        self.forget(order)


@mistake(
    "B-44",
    "never answers who wants to cancel",
    "B-44",
    scenario="canceled-during-handling",
)
class NeverAnswers(Erp):
    def answer_request(self, order):
        pass


@mistake(
    "B-45",
    "refuses a cancellation under a number of its own",
    "B-45",
    scenario="canceled-during-handling",
)
class MadeUpRequest(Erp):
    def answer_request(self, order):
        path = f"/api/orders/pvt/document/{order['orderId']}/deny-cancellation-request"
        self.api.call("POST", path, {"cancellationRequestId": "1", "denyReason": "it is packed"})
        super().answer_request(order)


@mistake(
    "B-46",
    "refuses the cancellation that it asked for",
    "B-46",
    scenario="out-of-stock",
)
class RefusesItself(Erp):
    def answer_request(self, order):
        path = f"/api/orders/pvt/document/{order['orderId']}/deny-cancellation-request"
        known = order["cancellationRequests"][-1]["id"]
        body = {"cancellationRequestId": known, "denyReason": "found some"}
        if self.books.enter(order["orderId"], "refused", ""):
            self.api.call("POST", path, body)
        else:
            super().answer_request(order)


# Parcels on their way


class AlsoText(OrdersApi):
    def send_text(self, method, path, text):
        request = Request(self.url + path, data=text.encode(), headers=self.headers, method=method)
        with contextlib.suppress(HTTPError):
            urlopen(request, timeout=10).close()


@mistake("CM-23", "writes JSON by hand, with a quote missing", scenario="happy-path")
class HandwrittenJson(Erp):
    api_class = AlsoText

    def hand_over(self, order, number):
        path = orders(order["orderId"], "invoice", number)
        self.api.send_text("PATCH", path, '{"trackingNumber": "EX1, "courier": null}')
        super().hand_over(order, number)


@mistake("CM-36", "tells of a parcel without events", scenario="happy-path")
class TellsWithoutEvents(Erp):
    def tell_carriers_news(self, order, number, what, *, delivered=False):
        if not delivered:
            path = orders(order["orderId"], "invoice", number, "tracking")
            self.api.call("PUT", path, {"isDelivered": False})
        super().tell_carriers_news(order, number, what, delivered=delivered)


@mistake("B-47", "tells where a parcel is before it has a number", "B-47", scenario="happy-path")
class NewsBeforeNumber(Erp):
    def hand_over(self, order, number):
        path = orders(order["orderId"], "invoice", number, "tracking")
        body = {"isDelivered": False, "deliveredDate": None, "events": []}
        self.api.call("PUT", path, body)
        super().hand_over(order, number)


@mistake("B-48", "sends tracking data with the invoice", "B-48", scenario="happy-path")
class TracksInTheInvoice(OtherInvoice):
    def spoil(self, body):
        body.update(trackingNumber="EX1", courier="Example carrier")


@mistake("B-49", "tells of the delivery, and then of the way", "B-49", scenario="happy-path")
class DeliversTwice(Erp):
    def tell_carriers_news(self, order, number, what, *, delivered=False):
        super().tell_carriers_news(order, number, what, delivered=delivered)
        if delivered:
            super().tell_carriers_news(order, number, "On its way")


# Changes


@mistake(
    "B-51",
    "uses one requestId for two changes",
    "B-51",
    scenario="weighed-again",
)
class OneRequestId(Erp):
    def has_changed(self, order, change):
        path = orders(order["orderId"], "changes")
        if self.books.enter(order["orderId"], "asked", ""):
            line = order["items"][0]
            gone = [{"id": line["id"], "quantity": 1, "price": line["sellingPrice"]}]
            body = {
                "requestId": order["orderId"],
                "reason": "weighed again",
                "discountValue": 0,
                "incrementValue": 0,
                "itemsRemoved": gone,
                "itemsAdded": [],
            }
            self.api.call("POST", path, body)
            self.api.call("POST", path, {**body, "reason": "again", "discountValue": 100})
            self.put_off(order["orderId"])
            return False
        return True


@mistake(
    "B-52",
    "changes the order after its invoice",
    "B-52",
    scenario="weighed-again",
)
class ChangesTooLate(Erp):
    def invoice(self, order):
        self.send_invoices(order)

    def ship(self, order):
        change = self.news(order, "changed")
        if change and self.books.enter(order["orderId"], "asked", ""):
            path = f"/api/order-system/orders/{order['orderId']}/changes"
            body = {"reason": "other amounts were found", "remove": {"items": change["remove"]}}
            self.api.call("PATCH", f"{path}?accountName={self.api.account}", body)
        super().ship(order)
