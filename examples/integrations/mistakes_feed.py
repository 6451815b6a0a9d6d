"""Mistakes in following the feed."""

import threading
import time

from erp import CONFIGURATION, FOLLOWED, QUEUE
from mistakes import ByEvent, Erp, OneTry, digits, mistake
from orders_api import orders


@mistake(
    "CM-01",
    "takes a redelivered event for a duplicate, though the first try failed",
    "B-01",
    "B-28",
    scenario="start-refused",
)
class TakesAllForDuplicates(ByEvent):
    api_class = OneTry

    def handle(self, event):
        known = not self.books.enter(event["orderId"], "event", event["eventId"])
        return False if known else super().handle(event)


@mistake(
    "CM-02",
    "commits the event although start-handling failed",
    "B-28",
    scenario="start-refused",
)
class CommitsWhatFailed(ByEvent):
    api_class = OneTry

    def handle(self, event):
        super().handle(event)
        return True


@mistake("CM-04", "never commits", "B-01", "B-02", scenario="happy-path")
class NeverCommits(Erp):
    def commit(self, *handles):
        pass


@mistake(
    "B-02",
    "commits only what it did something about",
    "B-01",
    "B-02",
    scenario="happy-path",
)
class CommitsWhatItHandles(Erp):
    def handle(self, event):
        return super().handle(event) and event["state"] != "window-to-cancel"


@mistake(
    "CM-05",
    "commits at the end of a long batch, when events have come back",
    "B-03",
    scenario="slow-commit",
)
class CommitsAtTheEnd(Erp):
    def __init__(self, *given):
        super().__init__(*given)
        self.kept = []

    def poll(self):
        found = super().poll()
        if self.kept:
            super().commit(*self.kept)
        self.kept = []
        return found

    def commit(self, *handles):
        self.kept += handles


@mistake(
    "CM-06",
    "keeps one event an order of a batch, and commits only that",
    "B-01",
    scenario="two-events-one-batch",
)
class OneEventAnOrder(CommitsAtTheEnd):
    def __init__(self, *given):
        super().__init__(*given)
        self.batch = {}

    def handle(self, event):
        self.batch[event["orderId"]] = event["handle"]
        return super().handle(event)

    def poll(self):
        self.batch = {}
        return super().poll()

    def commit(self, *handles):
        self.kept = list(self.batch.values())


@mistake(
    "CM-13",
    "asks for orders created in the last three hours, and not the feed",
    "B-12",
    scenario="paid-hours-later",
)
class ListsNewOrders(Erp):
    def poll(self):
        day = time.strftime("%Y-%m-%dT", time.gmtime(1_704_067_200))
        span = f"creationDate:[{day}00:00:00.000Z TO {day}03:00:00.000Z]"
        query = f"f_creationDate={span}&per_page=50&page=1".replace(" ", "%20")
        rows = self.api.call("GET", f"{orders()}?{query}").json
        for row in rows["list"] if isinstance(rows, dict) else []:
            if row["status"] == "ready-for-handling":
                self.done_with(row["orderId"])
        return False


@mistake("CM-17", "takes the domain of an event for the status", "B-06", scenario="every-status")
class DomainForStatus(Erp):
    def handle(self, event):
        done = super().handle(event)
        self.books.note_status(event["orderId"], event["domain"])
        return done


@mistake(
    "B-06",
    "writes down the status of the event that came last",
    "B-06",
    scenario="shuffled-feed",
)
class LastEventCounts(Erp):
    def handle(self, event):
        done = super().handle(event)
        self.books.note_status(event["orderId"], event["state"])
        return done


@mistake(
    "CM-18",
    "stops at an event in a status that it does not know",
    "B-01",
    "B-02",
    scenario="unknown-status",
)
class KnowsAllStatuses(Erp):
    def handle(self, event):
        return event["state"] in FOLLOWED["status"] and super().handle(event)


@mistake(
    "CM-33",
    "configures a filter of one type with a field of the other",
    "B-13",
    scenario="happy-path",
)
class MixesFilters(Erp):
    def follow(self):
        mixed = {"status": FOLLOWED["status"], "disableSingleFire": False}
        self.api.call("POST", CONFIGURATION, {"filter": mixed, "queue": QUEUE})


@mistake("CM-34", "reads the feed without maxlot", "B-09", scenario="happy-path")
class ReadsWithoutLot(Erp):
    def poll(self):
        return poll_by(self, "")


@mistake("B-09", "asks for fifty events at once", "B-09", scenario="happy-path")
class AsksForFifty(Erp):
    def poll(self):
        self.api.call("GET", "/api/orders/feed?maxlot=50")
        return super().poll()


@mistake(
    "CM-37",
    "looks for a status where no event has it, and does nothing",
    "B-04",
    scenario="happy-path",
)
class LooksInTheWrongPlace(Erp):
    def handle(self, event):
        state = event.get("currentState")
        return True if state is None else super().handle(event)


@mistake(
    "CM-38",
    "makes a number of the digits of an order id",
    "B-01",
    scenario="odd-order-ids",
)
class NumbersForIds(Erp):
    def handle(self, event):
        number = digits(event["orderId"])
        if not number or int(number) >= 2**63:
            return False  # "not a number": it stays in the feed
        return super().handle(event)


@mistake(
    "B-04",
    "commits first and works afterwards, what failed is lost",
    "B-28",
    scenario="start-refused",
)
class CommitsFirst(ByEvent):
    api_class = OneTry

    def handle(self, event):
        self.commit(event["handle"])
        super().handle(event)
        return False


@mistake(
    "B-05",
    "sends the invoice again for each event that says handling",
    "B-05",
    scenario="duplicate-feed",
)
class InvoicesAgain(Erp):
    def handle(self, event):
        done = super().handle(event)
        order = self.api.order(event["orderId"])
        sent = order["packageAttachment"]["packages"]
        if event["state"] == "handling" and sent:
            name = f"{sent[0]['invoiceNumber']} over {sent[0]['invoiceValue']}"
            if self.books.value(event["orderId"], "issued", name):
                body = self.written(
                    order,
                    "Output",
                    sent[0]["invoiceNumber"],
                    sent[0]["invoiceValue"],
                    order["items"],
                )
                self.post(order, "invoice", body)
        return done


@mistake(
    "B-07",
    "ships once more for each event that says invoiced",
    "B-07",
    scenario="same-status-twice",
)
class ShipsAnEvent(Erp):
    def handle(self, event):
        done = super().handle(event)
        if event["state"] == "invoiced" and self.books.enter(
            event["orderId"], "event", event["eventId"]
        ):
            self.books.enter(event["orderId"], "shipment", event["eventId"])
        return done


@mistake(
    "B-08",
    "starts handling without having read the order",
    "B-08",
    "B-29",
    scenario="happy-path",
)
class StartsUnread(ByEvent):
    def handle(self, event):
        if event["state"] == "ready-for-handling":
            self.api.call("POST", orders(event["orderId"], "start-handling"))
            return True
        return super().handle(event)


@mistake("B-10", "stops when the feed is empty", "B-10", scenario="quiet-day")
class StopsWhenEmpty(Erp):
    def poll(self):
        found = super().poll()
        self.empty = 0 if found else getattr(self, "empty", 0) + 1
        while self.empty > 3:
            time.sleep(1)
        return found


@mistake(
    "B-11",
    "takes a small batch for the end of the feed, and sleeps for hours",
    "B-11",
    scenario="short-batches",
)
class TrustsSmallBatches(Erp):
    def poll(self):
        found = super().poll()
        if found:
            self.api.pause(6 * 60)
        return found


@mistake(
    "B-14",
    "gives up when its configuration is gone",
    "B-14",
    scenario="lost-configuration",
)
class NeverConfiguresAgain(Erp):
    def follow(self):
        if self.books.enter("", "feed", "configured"):
            super().follow()


@mistake("B-15", "reads one feed with two programs", "B-15", scenario="one-reader")
class TwoReaders(Erp):
    def run(self):
        other = TwoReaders(self.api_class.from_environment(), self.books)
        other.api.headers["User-Agent"] = "another-integration/1.0"
        threading.Thread(target=super(TwoReaders, other).run, daemon=True).start()
        super().run()


def poll_by(erp, query):
    """Read the feed with a query of one's own."""
    answer = erp.api.call("GET", f"/api/orders/feed{query}")
    if answer.status == 404:
        erp.follow()
    events = answer.json if answer.ok else []
    for event in events:
        if erp.handle(event):
            erp.commit(event["handle"])
    return bool(events)
