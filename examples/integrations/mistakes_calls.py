"""Mistakes in calling at all: credentials, limits, errors, lists, dates."""

import json
import time
from datetime import datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from fulfillment import docks_of
from mistakes import ByEvent, Erp, mistake
from orders_api import NoAccessError, OrdersApi, orders


@mistake(
    "CM-21",
    "has its credentials in the body of a call",
    "B-74",
    scenario="happy-path",
)
class CredentialsInTheBody(Erp):
    def start(self, order):
        headers = {"Content-Type": "application/json"}
        key, token = (self.api.headers[f"X-VTEX-API-App{what}"] for what in ("Key", "Token"))
        body = {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}
        request = Request(
            self.api.url + orders(order["orderId"], "start-handling"),
            data=json.dumps(body).encode(),
            headers=headers,
        )
        try:
            urlopen(request, timeout=10).close()
        except HTTPError as wrong:
            wrong.close()
        super().start(order)


@mistake(
    "B-74",
    "asks again and again although its key is not accepted",
    "B-74",
    scenario="key-revoked",
)
class KnocksOn(Erp):
    def run(self):
        while True:
            try:
                while True:
                    if not self.poll():
                        self.api.pause(5)
                    self.look_again()
            except NoAccessError:
                time.sleep(0.02)


class NoPause(OrdersApi):
    def make_room(self, answer, refused):
        time.sleep(0.01)


@mistake(
    "CM-25",
    "does not slow down after a 429",
    "B-75",
    "B-76",
    "B-77",
    scenario="too-many-requests",
)
class NeverSlows(Erp):
    api_class = NoPause


class SamePause(OrdersApi):
    def make_room(self, answer, refused):
        told = int(answer.retry_after) if answer.retry_after.isdigit() else 0
        time.sleep(max(told, 60 / self.scale))


@mistake(
    "B-76",
    "waits as long after the second 429 as after the first",
    "B-76",
    scenario="too-many-requests-in-silence",
)
class NeverDoubles(Erp):
    api_class = SamePause


class DeafPause(OrdersApi):
    def make_room(self, answer, refused):
        self.pause(20 * 2**refused)


@mistake(
    "B-77",
    "waits a time of its own, whatever Retry-After says",
    "B-75",
    "B-77",
    scenario="too-many-requests",
)
class DeafToRetryAfter(Erp):
    api_class = DeafPause


@mistake(
    "B-78",
    "reads orders over and over",
    "B-78",
    scenario="one-reader",
)
class ReadsOverAndOver(Erp):
    def handle(self, event):
        for _ in range(100):
            self.api.send("GET", orders(event["orderId"]))
        return super().handle(event)


@mistake(
    "CM-26",
    "sleeps a minute after each 429",
    "B-76",
    scenario="too-many-requests-in-silence",
)
class SleepsAMinute(Erp):
    api_class = SamePause


@mistake(
    "CM-28",
    "takes every answer for JSON, and forgets what it worked at when one is not",
    "B-01",
    "B-28",
    "B-80",
    scenario="text-errors",
)
class JsonOnly(ByEvent):
    def handle(self, event):
        if self.books.has(event["orderId"], "stumbled"):
            return False
        try:
            return super().handle(event)
        except ValueError:
            self.books.enter(event["orderId"], "stumbled", "")
            return False

    def post(self, order, what, body=None):
        answer = super().post(order, what, body)
        if answer.status != 204:
            json.loads(answer.body)
        return answer


@mistake("CM-35", "reads Feed v2, too", scenario="happy-path")
class OldFeed(Erp):
    def follow(self):
        self.api.call("GET", "/api/oms/pvt/feed/orders/status/?maxLot=20")
        super().follow()


@mistake("B-82", "asks for five hundred orders a page", "B-82", scenario="happy-path")
class LongPages(Erp):
    def follow(self):
        self.api.call("GET", f"{orders()}?per_page=500&page=1")
        super().follow()


@mistake(
    "CM-27",
    "reads the first transaction of an order, and puts orders without one aside",
    "B-01",
    scenario="incomplete-order",
)
class FirstTransaction(Erp):
    def handle(self, event):
        try:
            if not self.books.has(event["orderId"], "aside"):
                order = self.api.order(event["orderId"])
                order["paymentData"]["transactions"][0]  # the mistake
                return super().handle(event)
        except (IndexError, TypeError):
            self.books.enter(event["orderId"], "aside", "")
        return False


@mistake(
    "B-83",
    "starts handling orders that are incomplete",
    "B-26",
    "B-83",
    scenario="incomplete-order",
)
class StartsIncomplete(Erp):
    def process(self, order_id):
        order = self.api.order(order_id)
        if order and not order["isCompleted"] and self.books.enter(order_id, "tried", ""):
            self.post(order, "start-handling")
            return
        super().process(order_id)


@mistake(
    "B-84",
    "does not look for the new seller after a change",
    "B-84",
    scenario="seller-changed",
)
class KeepsTheOldSeller(Erp):
    def plan(self, order):
        for dock in docks_of(order):
            self.books.enter(order["orderId"], "dock", dock)


@mistake(
    "B-85",
    "compares dates without their offset, and passes over what seems old",
    "B-85",
    scenario="other-offset",
)
class ComparesWithoutOffset(Erp):
    def handle(self, event):
        order = self.api.order(event["orderId"])
        if order and bare(order["lastChange"]) < bare(order["creationDate"]):
            return True
        return super().handle(event)


def bare(date):
    return datetime.fromisoformat(date[:19])
