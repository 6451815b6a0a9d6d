"""Cases of B-05 to B-08 and B-16 to B-25: news that come twice, late or wrong, and hooks."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import LIST, START
from tests.conformance.integration.orders import (
    Broken,
    Kept,
    cancel,
    deny,
    invoice,
    number,
    start,
    steps,
)
from tests.conformance.integration.traces import (
    CONFIGURE_HOOK,
    DAY,
    HOOK,
    HOUR,
    NOON,
    PING,
    READY,
    SECOND,
    Part,
    call,
    commit,
    course,
    get,
    hidden,
    item,
    later,
    note,
    pause,
    placed,
    read,
    scene,
    told,
)

ORDER = course("o", *READY)
NEWS = read(item("e", "o", "ready-for-handling"))
AGAIN = read(item("e", "o", "ready-for-handling", handle="h-2", delivery=2))
SECOND_NEWS = read(item("f", "o", "ready-for-handling"))
STARTED = steps("ready-for-handling", "start-handling", "handling")
BILLED = steps("handling", "invoice", "invoiced")
CANCELED = steps("ready-for-handling", "cancel", "canceled")
NEWER = read(item("n", "o", "canceled", at=NOON + HOUR))
TOOK_UP = (ORDER, NEWS, get("o", "ready-for-handling"), start(), STARTED)
TOLD = told(HOOK, "o", "ready-for-handling", notification="n1", burst=1, took=5.0)
TWICE = (TOLD, replace(TOLD, facts={**TOLD.facts, "duplicate": True}))
FOREIGN = told(HOOK, "o", "ready-for-handling", wrong_origin=True, notification="w", took=5.0)
CONFIGURED = call(CONFIGURE_HOOK, https=False, loopback=True, headers=1)
ELSE = (told(HOOK, "z", "ready-for-handling", notification="z"), get("z", "handling"))


def notice(state: str = "handling", status: int = 200, **facts: object) -> Line:
    """A notification about the order ``o``, one at a time unless told."""
    return told(HOOK, "o", state, status, **{"burst": 1, "took": 5.0, **facts})


def burst(status: int = 200, **facts: object) -> list[Line]:
    """Some of a hundred notifications that come at once."""
    return [notice("handling", status, **{"burst": 100, **facts})] * 3


def inside(took: float, *calls: Line) -> tuple[Part, ...]:
    """A notification that is answered after *calls*, which lie within it."""
    lasted = sum(each.took + 10 for each in calls)
    return (*calls, pause(-10), notice(took=lasted + took), pause(-took))


BROKEN: Broken = [
    (
        "B-05",
        "starts handling a second time after a feed item that came twice",
        (TOOK_UP, AGAIN, start(409, "handling")),
    ),
    (
        "B-05",
        "starts handling a second time",
        (ORDER, NEWS, AGAIN, start(), STARTED, start(409, "handling")),
    ),
    ("B-05", "invoices a second time", (TOOK_UP, invoice(), BILLED, AGAIN, invoice("2"))),
    ("B-05", "invoices a second time", (TOOK_UP, invoice("1", 4_000), AGAIN, invoice("1", 4_000))),
    (
        "B-05",
        "cancels a second time",
        (
            ORDER,
            NEWS,
            cancel("ready-for-handling", "cancel"),
            CANCELED,
            AGAIN,
            cancel("canceled", "canceled", 400),
        ),
    ),
    (
        "B-05",
        "books a shipment a second time",
        (TOOK_UP, invoice(), note("o", "shipment", "1"), AGAIN, note("o", "shipment", "2")),
    ),
    (
        "B-06",
        "keeps Fulfillment, which is the domain",
        (ORDER, NEWS, note("o", "status", "Fulfillment")),
    ),
    (
        "B-06",
        "has an order as ready-for-handling in its books that is canceled",
        (
            ORDER,
            CANCELED,
            NEWER,
            note("o", "status", "canceled"),
            NEWS,
            note("o", "status", "ready-for-handling"),
        ),
    ),
    (  # at the same moment as the one that came before it
        "B-06",
        "has an order as cancel in its books that is canceled",
        (
            *(ORDER, CANCELED, NEWER, note("o", "status", "canceled")),
            *(read(item("m", "o", "cancel", at=NOON + HOUR)), note("o", "status", "cancel")),
        ),
    ),
    ("B-06", "starts handling on old news", (ORDER, CANCELED, NEWER, NEWS, start(409, "canceled"))),
    (
        "B-07",
        "ships a second time after two events of one status",
        (
            TOOK_UP,
            invoice(),
            BILLED,
            number(body="a"),
            read(item("i", "o", "invoiced")),
            read(item("j", "o", "invoiced")),
            number(body="b"),
        ),
    ),
    ("B-07", "starts handling a second time", (TOOK_UP, SECOND_NEWS, start(409, "handling"))),
    ("B-08", "starts handling on an event alone", (ORDER, NEWS, start())),
    ("B-08", "starts handling on an event alone", (ORDER, TOLD, start())),
    ("B-08", "invoices on an event alone", (ORDER, get("o"), NEWS, invoice())),
    ("B-08", "denies on an event alone", (ORDER, NEWS, deny())),
    (
        "B-08",
        "answers 200 to every notification and never asks for an order",
        (ORDER, TOLD, [notice()] * 4),
    ),
    (
        "B-08",
        "answers 200 with an error in the text",
        (ORDER, get("o"), notice(answer={"error_text": True})),
    ),
    ("B-16", "answers 201 to the ping", told(PING, status=201)),
    ("B-16", "does not answer the ping", told(PING, status=0, trouble="refused")),
    ("B-16", "answers 200 to the ping", told(PING, took=6_000.0)),
    ("B-17", "answers a notification after 6.0 s", notice(took=6_000.0)),
    ("B-17", "does not answer a notification within 5 s", notice(status=0, trouble="timeout")),
    ("B-17", "does not answer a notification", scene("s", notice(status=0, trouble="refused"))),
    ("B-18", "answers 201 to a notification", notice(status=201)),
    ("B-18", "answers 500 to a notification", notice(status=500)),
    ("B-18", "answers 204 to a notification", notice("status-of-tomorrow", 204)),
    ("B-18", "answers 503 to a notification", burst(status=503)),
    ("B-19", "that is not https", call(CONFIGURE_HOOK, https=False, loopback=False)),
    ("B-19", "answers 401 to the headers", (CONFIGURED, notice(status=401))),
    (
        "B-20",
        "answers 500 to a notification of the status status-of-tomorrow",
        notice("status-of-tomorrow", 500),
    ),
    ("B-20", "of the status null", notice("", 400)),
    (
        "B-20",
        "does not answer a notification of the status null",
        notice("null", 0, trouble="broken"),
    ),
    (
        "B-21",
        "start-handling a second time",
        (ORDER, TWICE, get("o"), start(), STARTED, start(409, "handling")),
    ),
    (
        "B-21",
        "start-handling a second time",
        (
            *(ORDER, TOLD, get("o"), start(), STARTED, start(409, "handling"), pause(-40)),
            replace(TWICE[1], took=50.0),
        ),
    ),
    (
        "B-21",
        "books status of the order a second time",
        (ORDER, TWICE, [note("o", "status", "ready-for-handling")] * 2),
    ),
    ("B-22", "whose origin is another account", (ORDER, FOREIGN, get("o"))),
    ("B-22", "whose origin is another account", (ORDER, FOREIGN, call(START, "o"), pause(9), TOLD)),
    ("B-23", "does not answer one of 100 notifications", burst(status=0, trouble="timeout")),
    ("B-23", "answers 200 to one of 100 notifications", burst(took=7_000.0)),
    (
        "B-24",
        "does not configure its hook again",
        scene("s", CONFIGURED, notice(), later(4 * DAY), get("z"), pause(181 * SECOND)),
    ),
    (
        "B-24",
        "does not configure its hook again",
        scene("s", CONFIGURED, later(4 * DAY), get("z"), pause(4 * SECOND), scale=60),
    ),
    ("B-25", "works on the order before it answers, 2 of 2 times", [inside(100.0, get("o"))] * 2),
]

KEPT: Kept = [
    ("B-05", (TOOK_UP, AGAIN, commit("h-2"))),
    # a cancellation that was refused, so the order is ready once more
    ("B-05", (TOOK_UP, AGAIN, steps("handling", "ready-for-handling"), start())),
    # the first try failed, so the second delivery is what it takes
    ("B-05", (ORDER, NEWS, start(500), AGAIN, get("o"), start(), STARTED)),
    ("B-05", (ORDER, NEWS, hidden(START, "o"), STARTED, AGAIN, get("o"), invoice(), BILLED)),
    # partial invoices, and an invoice that was not answered
    ("B-05", (TOOK_UP, AGAIN, invoice("1", 4_000), invoice("2", 6_000), BILLED)),
    ("B-05", (TOOK_UP, AGAIN, invoice("1", status=500, done=200), invoice("1"))),
    ("B-05", (TOOK_UP, invoice(), AGAIN, invoice("R", type="Input"))),
    # asking and agreeing are two cancels
    (
        "B-05",
        (
            TOOK_UP,
            cancel("handling", "cancellation-requested"),
            AGAIN,
            cancel("cancellation-requested", "cancel"),
        ),
    ),
    ("B-06", (ORDER, CANCELED, NEWER, NEWS, note("o", "status", "canceled"))),
    (
        "B-06",
        (
            ORDER,
            NEWER,
            NEWS,
            get("o", "ready-for-handling"),
            note("o", "status", "ready-for-handling"),
            CANCELED,
        ),
    ),
    ("B-06", (ORDER, NEWER, NEWS, get("o", "ready-for-handling"), start(), STARTED)),
    ("B-07", (TOOK_UP, SECOND_NEWS, get("o", "handling"), commit("h-f"))),
    (
        "B-07",
        (
            TOOK_UP,
            SECOND_NEWS,
            invoice("1", 4_000),
            invoice("2", 6_000),
            note("o", "shipment", "1"),
            note("o", "shipment", "2"),
        ),
    ),
    ("B-08", TOOK_UP),
    ("B-08", (ORDER, TOLD, get("o"), start(500), start())),
    # a worker that was quick: what it called stands before the notification, whose answer was slow
    ("B-08", (ORDER, get("o"), start(), pause(-30), replace(TOLD, took=40.0))),
    ("B-21", (ORDER, TOLD, get("o"), start(), STARTED, pause(-30), TWICE[1])),
    ("B-16", told(PING, took=4_000.0)),
    ("B-17", notice(took=4_900.0)),
    ("B-17", notice(status=201)),
    ("B-18", notice()),
    ("B-19", (CONFIGURED, notice())),
    ("B-19", call(CONFIGURE_HOOK, https=True, loopback=False, headers=0)),
    ("B-20", notice("status-of-tomorrow")),
    ("B-20", notice("", 201)),
    ("B-21", (ORDER, TWICE, get("o"), start(), STARTED)),
    ("B-21", (ORDER, TWICE, note("o", "status", "ready-for-handling"))),
    (
        "B-21",
        (
            ORDER,
            TWICE,
            notice("ready-for-handling", notification="n2"),
            [note("o", "status", "ready-for-handling")] * 2,
        ),
    ),
    ("B-22", (ORDER, FOREIGN, ELSE)),
    ("B-22", (ORDER, FOREIGN, ELSE, TOLD, get("o"))),
    ("B-23", burst(took=900.0)),
    ("B-23", burst(status=201)),
    ("B-24", (CONFIGURED, notice(), later(4 * DAY), CONFIGURED)),
    ("B-25", (notice(), get("o"))),
    ("B-25", (inside(1.0, get("o")), notice(), get("o"))),  # a worker that was quick
]

SILENT: Kept = [
    ("B-05", TOOK_UP),
    ("B-05", (ORDER, NEWS, AGAIN, get("o"), commit("h-2"))),
    ("B-06", (ORDER, NEWS, get("o"), start(), STARTED)),
    ("B-06", (ORDER, NEWS, note("o", "status", "ready-for-handling"))),
    ("B-06", (ORDER, NEWER, read(item("h", "o", "handling", at=NOON)), start())),
    ("B-07", TOOK_UP),
    ("B-07", (ORDER, read(item("i", "o", "invoiced")), read(item("j", "o", "invoiced")))),
    ("B-07", (ORDER, read(item("i", "o", "")), read(item("j", "o", "")), start())),
    ("B-08", (ORDER, start())),  # it learned of it in another way
    ("B-08", (ORDER, NEWS, commit("h-e"))),
    ("B-08", (ORDER, TOLD, [notice()] * 4, note("o", "status", "handling"))),
    ("B-08", (ORDER, TOLD, [notice()] * 3)),
    ("B-08", (ORDER, [notice()] * 9)),
    ("B-08", (ORDER, notice(answer={"error_text": False}))),
    ("B-16", notice()),
    ("B-17", told(PING)),
    ("B-17", burst(took=9_000.0)),
    ("B-17", notice("status-of-tomorrow", 0, trouble="broken")),
    ("B-17", (scene("s"), notice(status=0, trouble="refused"))),
    ("B-18", notice(status=0, trouble="refused")),
    ("B-18", notice(status=403, wrong_origin=True)),
    ("B-18", notice("status-of-tomorrow", 500)),
    ("B-19", call(CONFIGURE_HOOK, https=False, loopback=True, headers=0)),
    ("B-19", (CONFIGURED, notice(status=401, wrong_origin=True))),
    ("B-19", (CONFIGURED, notice("status-of-tomorrow", 401))),
    ("B-20", notice(status=500)),
    ("B-21", (ORDER, TOLD, get("o"), start(), STARTED)),
    ("B-21", (ORDER, replace(TOLD, status=500), TOLD, get("o"), start(), STARTED)),  # a retry
    ("B-21", (ORDER, TWICE, get("o"))),
    ("B-22", (ORDER, FOREIGN)),  # one that does nothing at all may check nothing
    ("B-22", (ORDER, TOLD, FOREIGN, get("o"))),
    ("B-22", (ORDER, FOREIGN, call(LIST, statuses=("ready-for-handling",)), get("o"))),
    ("B-23", notice(burst=5)),
    ("B-23", notice("", burst=100, wrong_origin=True)),
    ("B-24", (CONFIGURED, notice(), later(2 * DAY), get("z"))),
    ("B-24", scene("s", CONFIGURED, notice(), later(4 * DAY), get("z"), pause(9 * SECOND))),
    ("B-24", (CONFIGURED, notice(), later(4 * DAY), get("z"), pause(200 * SECOND))),
    ("B-24", scene("s", CONFIGURED, later(4 * DAY), get("z", status=401), pause(999 * SECOND))),
    ("B-24", (notice(), later(4 * DAY), notice())),
    ("B-25", notice()),
    ("B-25", (get("o"), notice())),
    ("B-25", (placed("o"), burst(), get("o"))),
]
