"""Mistakes in receiving notifications."""

import threading
import time

from erp import FOLLOWED
from hook_receiver import HOOK, OWN_HEADER, HookReceiver
from listener import Caller, parsed
from mistakes import mistake


def hook(code, says, *breaks, scenario):
    return mistake(code, says, *breaks, scenario=scenario, example="hook")


@hook(
    "CM-14",
    "answers 200 with an error in words when it failed",
    scenario="hook-answers",
)
class FailsPolitely(HookReceiver):
    def told(self, path, headers, body):
        if "OrderId" not in parsed(body):
            return super().told(path, headers, body)
        return 200, {"error": "the database cannot be reached"}


@hook("CM-15", "lets a catch-all route answer for the hook", scenario="hook-answers")
class CatchAll(HookReceiver):
    def __init__(self, api, books, url):
        super().__init__(api, books, url.replace("/hook", "/hooks"))

    def told(self, path, headers, body):
        return super().told(path, headers, body) if path == "/hook" else (200, None)


@hook(
    "CM-16",
    "believes whoever calls, and does not look at the origin",
    "B-22",
    scenario="hook-wrong-origin",
)
class BelievesAll(HookReceiver):
    def take(self, news):
        if isinstance(news.get("OrderId"), str):
            self.books.put_off(news["OrderId"])
            self.rung.set()

    def told(self, path, headers, body):
        self.take(parsed(body))
        return 200, None


@hook("CM-29", "answers 201", "B-16", "B-18", scenario="hook-answers")
class AnswersCreated(HookReceiver):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        return (201 if status == 200 else status), told


@hook("B-16", "does not know what a ping is", "B-16", scenario="hook-answers")
class RefusesPings(HookReceiver):
    def told(self, path, headers, body):
        if "hookConfig" in parsed(body) and self.books.enter("", "ping", "first"):
            return 400, None
        return super().told(path, headers, body)


@hook("B-17", "takes six seconds to answer", "B-17", scenario="hook-answers")
class AnswersLate(HookReceiver):
    def told(self, path, headers, body):
        if "OrderId" in parsed(body):
            time.sleep(6)
        return super().told(path, headers, body)


@hook("B-18", "answers 202 to notifications", "B-18", scenario="hook-answers")
class AnswersAccepted(HookReceiver):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        return (202 if "OrderId" in parsed(body) else status), told


@hook(
    "B-19",
    "refuses notifications with the header that it asked for",
    "B-18",
    "B-19",
    scenario="hook-answers",
)
class RefusesItsHeader(HookReceiver):
    def told(self, path, headers, body):
        if "OrderId" in parsed(body) and OWN_HEADER in headers:
            return 403, None
        return super().told(path, headers, body)


@hook(
    "B-20",
    "answers 500 to statuses that it does not know",
    "B-18",
    "B-20",
    scenario="hook-unknown-status",
)
class KnowsTheseStatuses(HookReceiver):
    def told(self, path, headers, body):
        news = parsed(body)
        if "OrderId" in news and news.get("State") not in FOLLOWED["status"]:
            return 500, None
        return super().told(path, headers, body)


@hook(
    "B-21",
    "does everything twice that it is told twice",
    "B-21",
    scenario="hook-duplicates",
)
class DoesItTwice(HookReceiver):
    def take(self, news):
        super().take(news)
        if news.get("State") == "invoiced":
            key = f"{time.monotonic_ns()}"
            self.books.enter(news["OrderId"], "shipment", key)


class OneByOne(Caller):
    """Answers one after the other."""

    lock = threading.Lock()

    def do_POST(self):  # noqa: N802 - the name that http.server calls
        with self.lock:
            time.sleep(0.1)
            super().do_POST()


@hook("B-23", "answers one after the other, and slowly", "B-17", "B-23", scenario="hook-burst")
class OneAtATime(HookReceiver):
    caller = OneByOne


@hook("B-24", "configures its hook once and for all", "B-24", scenario="hook-silence")
class ConfiguresOnce(HookReceiver):
    def watch(self):
        if self.api.call("GET", HOOK).status == 404 and not self.books.enter("", "hook", "set"):
            return
        super().watch()


@hook("B-25", "answers when all is done", "B-25", scenario="hook-answers")
class WorksBeforeAnswering(HookReceiver):
    def told(self, path, headers, body):
        status, told = super().told(path, headers, body)
        order_id = parsed(body).get("OrderId")
        if status == 200 and isinstance(order_id, str):
            self.done_with(order_id)
        return status, told


@hook("B-75", "calls on after a 429", "B-75", scenario="too-many-requests")
class NeverSlowsDown(HookReceiver):
    pass
