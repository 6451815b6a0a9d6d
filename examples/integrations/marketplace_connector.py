"""A connector of a marketplace outside the platform, whose sellers are on it.

    ORDERFLOW_URL=… (and the rest as for erp.py) ORDERFLOW_PORT=8090 python marketplace_connector.py

Its marketplace tells it of sales; it hands them in, approves them once they are paid and the
platform has said that they are integrated, and passes invoices, tracking and cancellations on.
Whatever it is told is in its books before it answers, and is worked off in a thread of its own.
"""

import json
import os
import threading
from datetime import UTC, datetime
from urllib.parse import urlencode

from books import Books
from listener import listen, parsed
from orders_api import NoAccessError, NotDoneError, OrdersApi, orders

AFFILIATE, NAME = "MKP", "example-connector"
HAND_IN = "/api/order-integration/orders"
RESULTS = "/market/order-integration/notification/processing-result"
PLACE, APPROVE = "PlaceOrder", "ApproveOrder"  # flows of the order integration
INTEGRATED = ("SOI001", "EOI007", "EOI011")  # taken, known already, taken for another price
AGAIN = ("EOI006", "EOI008", "EOI010", "EOI011")  # it may go well later
TOO_LATE = ("invoiced", "cancellation-requested", "cancel", "canceled")  # for a cancellation
LOOK_AGAIN, NO_ACCESS_PAUSE = 60, 2 * 60  # seconds


class MarketplaceConnector:
    def __init__(self, api, books, url):
        self.api, self.books, self.url = api, books, url
        self.rung = threading.Event()

    # What we are told

    def told(self, path, headers, body):
        """Take what the marketplace or the platform tells; the work is done behind."""
        path, news = path.partition("?")[0], parsed(body)
        parts = path.strip("/").split("/")
        match parts:
            case ["tell"]:
                return self.sale_told(news)
            case ["market", "pub", "orders", sale, "invoice"]:
                return 200, self.take(sale, "invoice", str(news.get("invoiceNumber")), news)
            case ["market", "pvt", "orders", sale, "cancel"]:
                return 200, self.take(sale, "cancellation", "", news)
        if path == RESULTS:
            return self.result_told(news)
        return 404, None

    def sale_told(self, news):
        """Our marketplace sold something, was paid for it, or cancels it."""
        sale = news.get("id")
        if not isinstance(sale, str):
            return 404, None
        self.books.enter(sale, str(news.get("what")), "", json.dumps(news))
        self.look_at(sale)
        return 200, None

    def take(self, sale, what, name, news):
        """Write down what the platform tells, and give it a receipt."""
        self.books.enter(sale, "told", f"{what} {name}", json.dumps(news))
        self.look_at(sale)
        return receipt(sale, f"{what}-{name}")

    def result_told(self, news):
        """What came of something that was handed in."""
        sale, flow = news.get("marketplaceOrderId"), news.get("flow")
        if not isinstance(sale, str) or flow not in (PLACE, APPROVE):
            return 404, None
        self.books.enter(sale, f"result {flow}", str(news.get("operationId")), news.get("code"))
        if news.get("code") not in AGAIN:  # those are tried again in their time
            self.look_at(sale)
        return 200, None

    # What we do

    def run(self):
        while True:
            try:
                for sale, due in self.books.due():
                    self.work_off(sale, due)
                self.rung.wait(1)
                self.rung.clear()
            except NoAccessError as wrong:
                print(f"asking nobody for a while: {wrong}", flush=True)
                self.api.pause(NO_ACCESS_PAUSE)

    def look_at(self, sale):
        self.books.put_off(sale)
        self.rung.set()

    def work_off(self, sale, due):
        try:
            self.process(sale)
            self.books.looked_at(sale, due)
        except NotDoneError as wrong:
            print(f"{sale} must wait: {wrong}", flush=True)
            self.books.put_off(sale, LOOK_AGAIN / self.api.scale)

    def process(self, sale):
        """See to what a sale needs next; it is read from the books, so nothing is done twice."""
        self.pass_on(sale)
        sold = self.books.value(sale, "sold", "")
        if self.books.has(sale, "canceled"):
            self.cancel(sale)
        elif sold and not self.is_integrated(sale):
            self.hand_in(sale, json.loads(sold))
        elif sold and self.books.has(sale, "paid") and not self.is_over(sale, APPROVE):
            self.approve(sale)

    def is_integrated(self, sale):
        """Whether the platform has the order, by what it told or, if that got lost, by a look."""
        codes = self.results(sale, PLACE)
        if any(code in INTEGRATED for code in codes):
            return True
        waits = self.tries(sale, PLACE) > len(codes)
        return waits and self.status(sale) is not None

    def is_over(self, sale, flow):
        """Whether the latest result needs no other try."""
        codes = self.results(sale, flow)
        return bool(codes) and codes[-1] not in AGAIN

    def hand_in(self, sale, sold):
        if self.is_over(sale, PLACE):
            return  # it is refused; a person has to look at it
        query = urlencode({"affiliateId": AFFILIATE, "an": self.api.account})
        self.ask(sale, PLACE, "POST", f"{HAND_IN}?{query}", self.order_of(sale, sold))

    def approve(self, sale):
        path = f"{HAND_IN}/status?an={self.api.account}"
        self.ask(sale, APPROVE, "PUT", path, self.head(sale, "approved"))

    def ask(self, sale, flow, method, path, body):
        """Hand something in, unless its result is still to come; look again whatever happens."""
        if self.tries(sale, flow) <= len(self.results(sale, flow)):
            self.books.put_off(sale, LOOK_AGAIN / self.api.scale)
            answer = self.api.call(method, path, body)
            if not answer.ok:
                raise NotDoneError(f"{flow} was answered {answer.status}")
            self.books.enter(sale, f"try {flow}", str(self.tries(sale, flow) + 1))

    def results(self, sale, flow):
        return self.books.values(sale, f"result {flow}")

    def tries(self, sale, flow):
        return len(self.books.values(sale, f"try {flow}"))

    def head(self, sale, status):
        return {
            "marketplaceOrderId": sale,
            "marketplaceOrderStatus": status,
            "connectorName": NAME,
            "connectorEndpoint": f"{self.url}/market",
        }

    def order_of(self, sale, sold):
        """The order as the platform wants it: every parameter, null where there is nothing."""
        items = [{**item, "seller": "1"} for item in sold["items"]]
        value = sum(item["price"] * item["quantity"] for item in items)
        journeys = [
            {"itemIndex": place, "selectedSla": "Normal", "price": 0, "lockTTL": "8d"}
            for place in range(len(items))
        ]
        return {
            **self.head(sale, "new"),
            "marketplacePaymentValue": value,
            "marketplaceInterestValue": None,
            "priceDivergenceAllowanceRate": None,
            "allowFranchises": False,
            "pickupAccountName": None,
            "items": items,
            "clientProfileData": {
                "email": f"shopper-{sale}@marketplace.example.com",
                "firstName": "Ana",
                "lastName": "Silva",
                "documentType": None,
                "document": sale,
                "phone": None,
            },
            "shippingData": {
                "logisticsInfo": journeys,
                "selectedAddresses": [],
                "isFob": False,
                "isMarketplaceFulfillment": False,
            },
            "invoiceData": None,
            "customData": None,
            "taxData": None,
            "openTextField": None,
        }

    def cancel(self, sale):
        """Cancel what is not invoiced; for the rest the shopper sends the goods back."""
        status = self.status(sale)
        if status is None or status in TOO_LATE:
            return
        body = {"reason": "canceled at the marketplace"}
        self.api.insist(
            lambda: self.api.call("POST", orders(name_of(sale), "cancel"), body),
            lambda: self.status(sale) != status,
        )

    def status(self, sale):
        """Where the order stands, None when there is none."""
        order = self.api.order(name_of(sale))
        return order and order["status"]

    def pass_on(self, sale):
        """Tell our marketplace what the platform told."""
        for told in self.books.names(sale, "told"):
            what, _, number = told.partition(" ")
            news = json.loads(self.books.value(sale, "told", told))
            self.books.enter(sale, what, number)
            if news.get("trackingNumber"):
                self.books.enter(sale, "tracking", number)


def name_of(sale):
    """What the platform calls a sale."""
    return f"{AFFILIATE}-{sale}"


def receipt(sale, what):
    return {"orderId": sale, "receipt": f"{sale}-{what}", "date": now()}


def now():
    return datetime.now(UTC).isoformat(timespec="seconds")


def main(connector=MarketplaceConnector, api=OrdersApi):
    port = int(os.environ["ORDERFLOW_PORT"])
    worker = connector(api.from_environment(), Books.from_environment(), f"http://127.0.0.1:{port}")
    listen(port, worker.told)
    worker.run()


if __name__ == "__main__":
    main()
