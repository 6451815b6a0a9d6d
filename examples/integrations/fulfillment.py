"""What a seller does for an order: handle, invoice and ship it, and answer who wants to cancel it.

Who tells that something happened to an order, a feed or a hook, does not matter here: the order is
read before anything is decided, since news come late, twice and in any order. What there is to do
follows from the order as it is, so nothing is done twice.
"""

import json
from datetime import UTC, datetime

from listener import parsed
from orders_api import NotDoneError, orders

LOOK_AGAIN = 30  # seconds
LINES_IN_A_PARCEL = 2


class Fulfillment:
    def __init__(self, api, books):
        self.api, self.books = api, books
        self.actions = {
            "payment-approved": self.plan,
            "ready-for-handling": self.start,
            "handling": self.invoice,
            "waiting-for-seller-decision": self.answer_request,
            "cancellation-requested": self.answer_request,
            "canceled": self.forget,
            "invoiced": self.ship,
        }

    def done_with(self, order_id):
        """Do what there is to do for an order; False when it did not work."""
        try:
            self.process(order_id)
        except NotDoneError as wrong:
            print(f"{order_id} must wait: {wrong}", flush=True)
            return False
        return True

    def process(self, order_id):
        order = self.api.order(order_id)
        if order is None or not order["isCompleted"]:
            return  # an incomplete order may never become one
        if not order["status"]:
            self.put_off(order_id)  # the platform has not made up its mind yet
            return
        self.books.note_status(order_id, order["status"])
        act = self.actions.get(order["status"])  # a status that we do not know asks for nothing
        if act and (is_ours(order) or act == self.plan):
            act(order)

    def look_again(self):
        """See to the orders for which something was put off."""
        for order_id, due in self.books.due():
            if self.done_with(order_id):
                self.books.looked_at(order_id, due)
            else:
                self.put_off(order_id)

    def put_off(self, order_id):
        self.books.put_off(order_id, LOOK_AGAIN / self.api.scale)

    def told(self, path, headers, body):
        """Take what the warehouse tells of an order, as it wishes; what it means is seen later."""
        news = parsed(body)
        if path != "/tell" or not isinstance(news.get("orderId"), str):
            return 404, None
        self.books.enter(news["orderId"], "news", str(news.get("what")), json.dumps(news))
        self.books.put_off(news["orderId"])
        return 200, None

    def news(self, order, what):
        """What the warehouse told of an order, None when it did not."""
        found = self.books.value(order["orderId"], "news", what)
        return None if found is None else json.loads(found)

    def status(self, order):
        found = self.api.order(order["orderId"])
        return found["status"] if found else None

    def post(self, order, what, body=None):
        return self.api.call("POST", orders(order["orderId"], what), body)

    def plan(self, order):
        """Write down which docks the goods leave from."""
        docks = docks_of(order)
        if (
            not docks and order["sellerOrderId"]
        ):  # the seller was changed; the new one's order knows
            docks = docks_of(self.api.order(order["sellerOrderId"]))
        for dock in docks:
            self.books.enter(order["orderId"], "dock", dock)

    def start(self, order):
        """Have the order prepared, unless there is nothing to send."""
        if self.news(order, "out_of_stock"):
            self.cancel(order, "out of stock")
            return
        self.api.insist(
            lambda: self.post(order, "start-handling"),
            lambda: self.status(order) != "ready-for-handling",
        )
        self.books.enter(order["orderId"], "begun", "")

    # Invoices, one for each parcel

    def invoice(self, order):
        change = self.news(order, "changed")
        if self.news(order, "out_of_stock") and not packages(order, "Output"):
            self.cancel(order, "out of stock")
        elif not change or packages(order, "Output") or self.has_changed(order, change):
            self.send_invoices(order)

    def send_invoices(self, order):
        while order["status"] == "handling" and (parcel := next(parcels_left(order), None)):
            self.send_invoice(order, "Output", *parcel)
            order = self.api.order(order["orderId"])  # it may have been changed, or cancelled

    def send_invoice(self, order, kind, number, cents, lines):
        """Send one invoice, unless it turns out that it arrived before."""
        body = self.written(order, kind, number, cents, lines)

        def is_over():
            now = self.api.order(order["orderId"])
            return number in numbers(now, kind) or now["status"] != order["status"]

        self.api.insist(lambda: self.post(order, "invoice", body), is_over)
        self.books.enter(order["orderId"], "invoice", number)

    def written(self, order, kind, number, cents, lines):
        """An invoice; the same again has the same number, date and lines."""
        name, now = f"{number} over {cents}", datetime.now(UTC).isoformat(timespec="seconds")
        self.books.enter(order["orderId"], "issued", name, now)
        return {
            "type": kind,
            "invoiceNumber": number,
            "invoiceValue": str(cents),
            "issuanceDate": self.books.value(order["orderId"], "issued", name),
            "items": [
                {"id": one["id"], "quantity": one["quantity"], "price": one["sellingPrice"]}
                for one in lines
            ],
        }

    def has_changed(self, order, change):
        """Have the order changed to what there is; True once that is over."""
        path = f"/api/order-system/orders/{order['orderId']}/changes"
        account = self.api.account
        known = self.api.call("GET", f"{path}?an={account}").json
        if not isinstance(known, dict):
            raise NotDoneError("its changes cannot be read")
        if known["requests"]:
            asked = known["requests"][-1]["requestId"]
            state = self.api.call("GET", f"{path}/{asked}?an={account}").json
            if isinstance(state, dict) and state["status"] in ("done", "canceled"):
                return True
        else:
            body = {"reason": "other amounts were found", "remove": {"items": change["remove"]}}
            answer = self.api.call("PATCH", f"{path}?accountName={account}", body)
            if 400 <= answer.status < 500:
                return True  # it will never be; what the shopper ordered is found somehow
            self.books.enter(order["orderId"], "modification", "asked for")
        self.put_off(order["orderId"])
        return False

    # Cancellations

    def cancel(self, order, reason):
        """Ask for a cancellation; that it was asked for is all that a 200 says."""
        self.books.enter(order["orderId"], "cancel", reason)
        body = {"reason": reason, "requestedByUser": False}
        self.api.insist(
            lambda: self.post(order, "cancel", body),
            lambda: self.status(order) != order["status"],
        )

    def answer_request(self, order):
        """Refuse to cancel what we began to pack; agree to all else, and to what we asked for."""
        requests = order["cancellationRequests"]
        ours, begun = (self.books.has(order["orderId"], what) for what in ("cancel", "begun"))
        if ours or not begun or not requests:
            self.cancel(order, "agreed")
            return
        path = f"/api/orders/pvt/document/{order['orderId']}/deny-cancellation-request"
        body = {"cancellationRequestId": requests[-1]["id"], "denyReason": "it is packed already"}
        self.api.insist(
            lambda: self.api.call("POST", path, body),
            lambda: self.status(order) != order["status"],
        )

    def forget(self, order):
        """Now that the order says so, it is cancelled."""
        self.books.enter(order["orderId"], "cancellation", "canceled")

    # Parcels on their way

    def ship(self, order):
        """Hand parcels to the carrier; those it has are delivered when we look the next time."""
        under_way = False
        for package in packages(order, "Output"):
            if not package["trackingNumber"]:
                self.hand_over(order, package["invoiceNumber"])
                under_way = True
            elif not (package["courierStatus"] or {}).get("finished"):
                self.tell_carriers_news(
                    order, package["invoiceNumber"], "Delivered", delivered=True
                )
                self.books.enter(order["orderId"], "delivery", package["invoiceNumber"])
        if under_way:
            self.put_off(order["orderId"])
        elif self.news(order, "returned"):
            self.take_back(order)

    def hand_over(self, order, number):
        tracking = {
            "trackingNumber": f"EX{number}",
            "trackingUrl": f"https://carrier.example.com/{number}",
            "courier": "Example carrier",
            "dispatchedDate": None,
        }
        path = orders(order["orderId"], "invoice", number)
        self.api.insist(
            lambda: self.api.call("PATCH", path, tracking),
            lambda: self.package(order, number)["trackingNumber"],
        )
        self.books.enter(order["orderId"], "shipment", number)
        self.tell_carriers_news(order, number, "Posted")
        for line in order["items"]:  # all is invoiced, so the platform holds nothing back any more
            self.books.enter(order["orderId"], "stock", line["id"])

    def tell_carriers_news(self, order, number, what, *, delivered=False):
        """Tell where a parcel is; that it is delivered is the last that is told of it."""
        on = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        moved = {"city": "Rio de Janeiro", "state": "RJ", "description": what, "date": on}
        news = {
            "isDelivered": delivered,
            "deliveredDate": on if delivered else None,
            "events": [moved],
        }
        path = orders(order["orderId"], "invoice", number, "tracking")
        self.api.insist(
            lambda: self.api.call("PUT", path, news),
            lambda: self.is_told(order, number, delivered),
        )

    def is_told(self, order, number, delivered):
        news = self.package(order, number)["courierStatus"] or {}
        return bool(news.get("finished")) if delivered else bool(news)

    def package(self, order, number):
        """A parcel as the order shows it now."""
        found = packages(self.api.order(order["orderId"]), "Output")
        return next(one for one in found if one["invoiceNumber"] == number)

    def take_back(self, order):
        """Have the shopper paid back."""
        number = f"{order['sequence']}-R"
        if number not in numbers(order, "Input"):
            self.send_invoice(order, "Input", number, order["value"], order["items"])


def is_ours(order):
    """Whether we send the goods, and not a seller of whom the order only tells."""
    return order["origin"] == "Fulfillment" or any(one["id"] == "1" for one in order["sellers"])


def docks_of(order):
    journeys = order["shippingData"]["logisticsInfo"] if order else []
    return [one["dockId"] for journey in journeys for one in journey["deliveryIds"] or []]


def packages(order, kind):
    return [one for one in order["packageAttachment"]["packages"] if one["type"] == kind]


def numbers(order, kind):
    return {package["invoiceNumber"] for package in packages(order, kind)}


def parcels_left(order):
    """(invoice number, cents, lines) of what has no invoice; the last takes all that is left."""
    sent = numbers(order, "Output")
    left = order["value"] - sum(one["invoiceValue"] for one in packages(order, "Output"))
    lines, most = order["items"], LINES_IN_A_PARCEL
    for place in range(0, len(lines), most):
        number, packed = f"{order['sequence']}-{place // most + 1}", lines[place : place + most]
        is_last = place + most >= len(lines)
        cents = left if is_last else sum(one["sellingPrice"] * one["quantity"] for one in packed)
        if number not in sent:
            yield number, cents, packed
            left -= cents
