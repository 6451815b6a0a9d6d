"""Mistakes of connectors of marketplaces outside the platform."""

import threading
import time
from urllib.parse import urlencode

from marketplace_connector import (
    AFFILIATE,
    APPROVE,
    HAND_IN,
    PLACE,
    TOO_LATE,
    MarketplaceConnector,
    name_of,
    receipt,
)
from mistakes import mistake
from mistakes_calls import NoPause
from orders_api import NotDoneError, orders


def market(code, says, *breaks, scenario="market-sale"):
    return mistake(code, says, *breaks, scenario=scenario, example="market")


# Sales that are handed in


@market("B-56", "leaves out what it has no value for", "B-56")
class LeavesOut(MarketplaceConnector):
    def order_of(self, sale, sold):
        order = super().order_of(sale, sold)
        return {name: value for name, value in order.items() if value is not None}


@market(
    "B-57",
    "hands a sale in again when it is told of it again",
    "B-57",
    scenario="market-told-twice",
)
class HandsInTwice(MarketplaceConnector):
    def sale_told(self, news):
        known = self.books.value(str(news.get("id")), "sold", "")
        if known and news.get("what") == "sold":
            query = urlencode({"affiliateId": AFFILIATE, "an": self.api.account})
            order = self.order_of(news["id"], news)
            self.api.call("POST", f"{HAND_IN}?{query}", order)
        return super().sale_told(news)


@market("B-58", "approves what it has not handed in yet", "B-58")
class ApprovesFirst(MarketplaceConnector):
    def process(self, sale):
        if self.books.has(sale, "paid"):
            if not self.tries(sale, APPROVE):
                self.approve(sale)
            super().process(sale)


@market(
    "B-59",
    "gives up when the seller has another price",
    "B-59",
    scenario="market-price-divergence",
)
class GivesUpOnPrices(MarketplaceConnector):
    def is_over(self, sale, flow):
        return bool(self.results(sale, flow))


@market(
    "B-60",
    "hands a sale in once, whatever is answered",
    "B-60",
    scenario="market-service-error",
)
class HandsInOnce(MarketplaceConnector):
    def ask(self, sale, flow, method, path, body):
        try:
            super().ask(sale, flow, method, path, body)
        except NotDoneError:
            self.books.enter(sale, f"try {flow}", "1")


@market(
    "B-60-new",
    "hands a sale in under another name when that failed",
    "B-60",
    scenario="market-service-error",
)
class NamesEachTry(MarketplaceConnector):
    def hand_in(self, sale, sold):
        another = self.books.value(sale, "another name", "") or sale
        try:
            query = urlencode({"affiliateId": AFFILIATE, "an": self.api.account})
            body = self.order_of(another, sold)
            self.ask(sale, PLACE, "POST", f"{HAND_IN}?{query}", body)
        except NotDoneError:
            self.books.enter(sale, "another name", "", f"{sale}-2")
            raise


@market("B-64", "approves sales that nobody has paid", "B-64", scenario="market-unpaid")
class ApprovesUnpaid(MarketplaceConnector):
    def sale_told(self, news):
        self.books.enter(str(news.get("id")), "paid", "")
        return super().sale_told(news)


@market("B-75-market", "calls on after a 429", "B-75", scenario="market-too-many")
class NeverSlowsDown(MarketplaceConnector):
    api_class = NoPause


# What the platform tells


@market("B-61", "answers ok, and no receipt", "B-61")
class NoReceipt(MarketplaceConnector):
    def take(self, *news):
        super().take(*news)
        return {"status": "ok"}


@market("B-61-created", "answers 201", "B-61")
class AnswersCreated(MarketplaceConnector):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        return (201 if status == 200 and "/orders/" in path else status), told


@market(
    "B-62",
    "cancels without looking where the order stands",
    "B-62",
    scenario="market-canceled",
)
class CancelsBlindly(MarketplaceConnector):
    def cancel(self, sale):
        body = {"reason": "canceled at the marketplace"}
        self.api.call("POST", orders(name_of(sale), "cancel"), body)


@market(
    "B-62-stale",
    "goes by where the order stood long ago",
    "B-62",
    scenario="market-canceled",
)
class RemembersStatus(MarketplaceConnector):
    def process(self, sale):
        super().process(sale)
        self.books.enter(sale, "stood", "", self.status(sale))

    def cancel(self, sale):
        if self.books.value(sale, "stood", "") not in TOO_LATE:
            body = {"reason": "canceled at the marketplace"}
            self.api.call("POST", orders(name_of(sale), "cancel"), body)


@market("B-63", "keeps tracking numbers to itself", "B-63")
class KeepsTracking(MarketplaceConnector):
    def take(self, sale, what, name, news):
        return super().take(sale, what, name, {**news, "trackingNumber": None})


@market(
    "B-65",
    "lets cancellations pass that come while it is busy with another",
    "B-65",
    scenario="market-burst",
)
class OneAtATime(MarketplaceConnector):
    def __init__(self, *given):
        super().__init__(*given)
        self.busy = threading.Lock()

    def take(self, sale, what, name, news):
        if not self.busy.acquire(blocking=False):
            return receipt(sale, what)
        try:
            time.sleep(0.2)
            return super().take(sale, what, name, news)
        finally:
            self.busy.release()
