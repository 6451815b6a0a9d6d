"""A seller outside the platform, whose marketplace is on it.

    ORDERFLOW_URL=… (and the rest as for erp.py) ORDERFLOW_PORT=8090 python external_seller.py

The marketplace calls it: would you sell this, here is an order, it is paid, it is cancelled. It
answers at once from its books, does the work behind in a thread of its own, and tells of invoices
and parcels at the address that came with the order.
"""

import os
import threading
from datetime import UTC, datetime
from urllib.parse import quote

from books import Books
from fulfillment import numbers, parcels_left
from listener import listen, parsed, read
from orders_api import NoAccessError, NotDoneError, OrdersApi

BASE = "/seller/pvt"
PRICE, IN_STOCK = 2500, 100  # in cents, and pieces: of everything
TAKES_LONGER = "sku-wait"  # goods that have to be fetched first
AGREEMENTS = {"waiting-acknowledgement": "Acknowledgment", "waiting-confirmation": "Confirmation"}
LOOK_AGAIN, NO_ACCESS_PAUSE = 30, 2 * 60  # seconds
CANCELED = ("cancel", "canceled")
EMAIL = "orders@seller.example.com"


class ExternalSeller:
    def __init__(self, api, books):
        self.api, self.books = api, books
        self.rung, self.deciding = threading.Event(), threading.Lock()

    # What the marketplace asks

    def told(self, path, headers, body):
        """What is answered to a call of the marketplace."""
        parts = path.removeprefix(BASE).strip("/").split("/")
        match parts:
            case ["orderForms", "simulation"]:
                return 200, self.simulate(parsed(body))
            case ["orders"]:
                return 200, [self.place(order) for order in read(body) or []]
            case ["orders", ours, "fulfill"] if self.theirs(ours):
                return 200, self.authorise(ours)
            case ["orders", ours, "cancel"] if self.theirs(ours):
                return 200, self.cancelled(ours)
            case ["tell"]:
                return self.hear(parsed(body))
        return 404, {"error": {"code": "404", "message": "no such order", "exception": None}}

    def simulate(self, asked):
        """What the goods cost and whether we have them; from memory, it must take no time."""
        items = [
            {**item, "price": PRICE, "availability": "available", "requestIndex": place}
            for place, item in enumerate(asked.get("items", []))
        ]
        goods = [
            {"itemIndex": place, "quantity": item["quantity"], "stockBalance": IN_STOCK}
            for place, item in enumerate(items)
        ]
        return {**asked, "items": items, "logisticsInfo": goods}

    def place(self, order):
        """Reserve the goods; an order that comes again is the one that we have."""
        theirs = order["marketplaceOrderId"]
        with self.deciding:
            if self.books.enter(theirs, "order", "ours", f"S-{theirs}"):
                self.books.enter(theirs, "endpoint", "", order["marketplaceServicesEndpoint"])
                self.books.enter(f"S-{theirs}", "order", "theirs", theirs)
                self.books.enter(theirs, "reservation", "goods")
        return {**order, "orderId": self.ours(theirs), "followUpEmail": EMAIL}

    def authorise(self, ours):
        """It is paid: now, and not before, the goods may leave the shelf."""
        theirs = self.theirs(ours)
        self.books.enter(theirs, "authorised", "")
        self.look_at(theirs)
        return self.receipt(ours)

    def cancelled(self, ours):
        """Think about it when asked first, agree when asked again; what is packed stays sold."""
        theirs = self.theirs(ours)
        with self.deciding:
            if self.books.has(theirs, "stock") or self.books.enter(theirs, "asked", ""):
                return None
            self.books.enter(theirs, "cancellation", "agreed")
        return self.receipt(ours)

    def receipt(self, ours):
        theirs = self.theirs(ours)
        return {
            "date": now(),
            "marketplaceOrderId": theirs,
            "orderId": ours,
            "receipt": f"R-{ours}",
        }

    def hear(self, news):
        """Take what the warehouse tells, by the order's name at the marketplace."""
        if not isinstance(news.get("orderId"), str):
            return 404, None
        self.books.enter(news["orderId"], "news", str(news.get("what")))
        self.look_at(news["orderId"])
        return 200, None

    def ours(self, theirs):
        return self.books.value(theirs, "order", "ours")

    def theirs(self, ours):
        return self.books.value(ours, "order", "theirs")

    # What we do

    def run(self):
        while True:
            try:
                for theirs, due in self.books.due():
                    self.work_off(theirs, due)
                self.rung.wait(1)
                self.rung.clear()
            except NoAccessError as wrong:
                print(f"asking nobody for a while: {wrong}", flush=True)
                self.api.pause(NO_ACCESS_PAUSE)

    def look_at(self, theirs):
        self.books.put_off(theirs)
        self.rung.set()

    def work_off(self, theirs, due):
        try:
            self.process(theirs)
            self.books.looked_at(theirs, due)
        except NotDoneError as wrong:
            print(f"{theirs} must wait: {wrong}", flush=True)
            self.books.put_off(theirs, LOOK_AGAIN / self.api.scale)

    def process(self, theirs):
        """See to what an order needs next; it is read from the books, so nothing is done twice."""
        has, news = self.books.has, self.books.names(theirs, "news")
        if "changed" in news:
            self.agree(theirs)
        if has(theirs, "sent"):
            if "returned" in news:
                self.take_back(theirs)
        elif "out_of_stock" in news and not has(theirs, "cancellation"):
            self.give_up(theirs)
        elif has(theirs, "authorised"):
            self.send(theirs, is_here="fetched" in news)

    def send(self, theirs, is_here):
        """Pack, invoice and hand over an order, one parcel after the other."""
        order = self.order(theirs)
        if not is_here and any(item["id"].startswith(TAKES_LONGER) for item in order["items"]):
            return  # the warehouse tells when the goods are there
        with self.deciding:
            if order["status"] in CANCELED or self.books.has(theirs, "cancellation"):
                return
            self.books.enter(theirs, "stock", "taken")
        while order["status"] != "invoiced" and (parcel := next(parcels_left(order), None)):
            self.send_invoice(order, "Output", *parcel)
            order = self.order(theirs)
        for number in numbers(order, "Output"):
            self.hand_over(theirs, number)
        self.books.enter(theirs, "sent", "")

    def send_invoice(self, order, kind, number, cents, lines):
        """Send an invoice, unless it turns out that it arrived before."""
        theirs, body = order["orderId"], self.written(order, kind, number, cents, lines)
        self.insist(theirs, "invoice", body, lambda: number in numbers(self.order(theirs), kind))
        self.books.enter(theirs, "invoice", number)

    def written(self, order, kind, number, cents, lines):
        """An invoice; the same again has the same number, date and lines."""
        self.books.enter(order["orderId"], "issued", number, now())
        return {
            "type": kind,
            "invoiceNumber": number,
            "invoiceValue": cents,
            "issuanceDate": self.books.value(order["orderId"], "issued", number),
            "items": [
                {"id": one["id"], "quantity": one["quantity"], "price": one["sellingPrice"]}
                for one in lines
            ],
        }

    def hand_over(self, theirs, number):
        if self.books.value(theirs, "shipment", number) is not None:
            return
        parcel = {
            "courier": "Example carrier",
            "trackingNumber": f"EX{number}",
            "trackingUrl": f"https://carrier.example.com/{number}",
            "dispatchedDate": now(),
        }
        self.insist(theirs, f"invoice/{quote(number, safe='')}", parcel)
        self.books.enter(theirs, "shipment", number)

    def take_back(self, theirs):
        """The goods came back: a return invoice pays the shopper, and nothing is cancelled."""
        order = self.order(theirs)
        number = f"{order['sequence']}-R"
        if number not in numbers(order, "Input"):
            self.send_invoice(order, "Input", number, order["value"], order["items"])

    def give_up(self, theirs):
        """Cancel what we cannot send."""
        body = {"reason": "out of stock"}
        self.insist(theirs, "cancel", body, lambda: self.order(theirs)["status"] in CANCELED)
        self.books.enter(theirs, "cancellation", "out of stock")

    def agree(self, theirs):
        """Agree to modifications: take note, wait until all have, make them, and confirm that."""
        path = f"/api/order-system/orders/{quote(theirs, safe='')}/changes"
        for change in self.read(path)["requests"]:
            name = change["requestId"]
            stage = self.read(f"{path}/{name}")["status"]
            if stage == "waiting-confirmation":
                self.books.enter(theirs, "modification", name)
            if stage in AGREEMENTS:
                body = {"agreementType": AGREEMENTS[stage]}
                self.insist(theirs, f"changes/{name}/send-agreement", body)
            if stage not in ("done", "canceled"):
                raise NotDoneError(f"modification {name} is under way")

    def insist(self, theirs, what, body, is_done=lambda: False):
        """Tell the marketplace something of its order, until it takes it."""
        endpoint = self.books.value(theirs, "endpoint", "").rstrip("/")
        path = f"{endpoint.removeprefix(self.api.url)}/pvt/orders/{quote(theirs, safe='')}/{what}"
        self.api.insist(lambda: self.api.call("POST", path, body), is_done)

    def order(self, theirs):
        """The order as its marketplace shows it."""
        found = self.api.order(theirs)
        if found is None:
            raise NotDoneError("the marketplace does not have it")
        return found

    def read(self, path):
        """What the marketplace shows there."""
        answer = self.api.call("GET", f"{path}?an={self.api.account}")
        if not answer.ok or not isinstance(answer.json, dict):
            raise NotDoneError(f"{path} cannot be read: {answer.status}")
        return answer.json


def now():
    return datetime.now(UTC).isoformat(timespec="seconds")


def main(seller=ExternalSeller, api=OrdersApi):
    worker = seller(api.from_environment(), Books.from_environment())
    listen(int(os.environ["ORDERFLOW_PORT"]), worker.told)
    worker.run()


if __name__ == "__main__":
    main()
