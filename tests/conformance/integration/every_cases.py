"""Cases of B-74 to B-85: credentials, pauses, what is repeated, and what any client meets."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import INTEGRATE, PERSONAL_INVOICE
from orderflow.conformance.integration.seen import LIST, START
from orderflow.conformance.integration.seen import ORDER as GET_ORDER
from tests.conformance.integration.orders import (
    Broken,
    Kept,
    cancel,
    invoice,
    number,
    start,
    steps,
)
from tests.conformance.integration.traces import (
    HANDLING,
    INVOICED,
    READY,
    SECOND,
    Part,
    call,
    commit,
    course,
    get,
    item,
    listed,
    pause,
    placed,
    read,
    scene,
    step,
    told,
)

ORDER = course("o", *READY)
WORKED_ON = course("o", *HANDLING)
NEWS = read(item("e", "o", "ready-for-handling"))
STARTED = steps("ready-for-handling", "start-handling", "handling")
BILLED = steps("handling", "invoice", "invoiced")
LATER = read()
MINUTE = pause(61 * SECOND)
CRASH = Line(0, "client", facts={"what": "ended", "code": 1, "count": 1})
BEGUN = Line(0, "client", facts={"what": "started", "count": 1})

ONLY_TEXT = get("o", status=500, media=False)
INCOMPLETE = {"status": "payment-pending", "complete": False}
NO_STATUS = {"status": "", "complete": True}
MOVED = {"status": "payment-approved", "changed_seller": True, "delivery_ids": False}
GROUP = (placed("o", group="g"), placed("p", group="g"))
ELSEWHERE = read(item("e", "o", "ready-for-handling"), faults=("answer.other_offset",))
HIDDEN = invoice(status=500, done=200, body="a")
CANCEL_HIDDEN = cancel("handling", "cancellation-requested", 500, done=200)


def too_many(retry_after: int | None = None) -> Line:
    """A Get order that was answered 429."""
    told = {} if retry_after is None else {"retry_after": retry_after}
    return call(GET_ORDER, "o", 429, **{"faults": ("http.too_many",), **told})


def hand_in(order: str, status: int = 200) -> Line:
    """An order that is handed in to be integrated."""
    return call(INTEGRATE, order, status, body="b")


def refused(count: int, *, every: float = 0, status: int = 401) -> list[Part]:
    """So many calls that are refused for their key, *every* so many real ms."""
    return [(pause(every), read(status=status, auth="revoked"))] * count


def over(ending: str = "missed", *parts: Part) -> tuple[Part, ...]:
    """A scenario of *parts* with that ending."""
    begin, *rest, end = scene("s", *parts)
    assert isinstance(end, Line)
    return (begin, *rest, replace(end, facts={"ending": ending}))


BROKEN: Broken = [
    ("B-74", "calls without credentials", read(status=401, auth="none", key="")),
    ("B-74", "without credentials but in its body", read(status=401, auth="body", key="")),
    ("B-74", "goes on calling although it is answered 401", refused(5)),
    ("B-74", "goes on calling although it is answered 403", refused(9, every=1_000, status=403)),
    ("B-75", "calls again 10 ms after it was answered 429", (too_many(), get("o"))),
    # what places an order has its id only when it works
    ("B-75", "calls again 10 ms", (hand_in("", 429), hand_in("o"))),
    ("B-75", "calls again 40 ms", (too_many(), pause(30), LATER)),
    ("B-75", "calls again 30.0 s", (too_many(), pause(29_990), LATER)),
    ("B-75", "calls again 500 ms", scene("s", too_many(), pause(490), LATER, scale=60)),
    ("B-75", "calls again 1.0 s", (too_many(2), pause(990), LATER)),
    (
        "B-76",
        "after the second 429",
        (too_many(), MINUTE, too_many(), MINUTE, LATER),
    ),
    ("B-77", "waits 1.0 s where Retry-After says 2 s", (too_many(2), pause(990), LATER)),
    (
        "B-77",
        "waits 2.0 s where Retry-After says 90 s",
        scene("s", too_many(90), pause(1_990), LATER, scale=60),
    ),
    ("B-78", "reads one order 50 times in a row", [get("o")] * 51),
    (
        "B-78",
        "by reading the same orders over and over",
        ([(get("o"), LATER)] * 11, get("o", status=429)),
    ),
    (
        "B-79",
        "sends an invoice that was answered 500 again under another number",
        (WORKED_ON, HIDDEN, invoice("2", body="b", status=400)),
    ),
    (
        "B-79",
        "sends an invoice that was not answered again under another number",
        (WORKED_ON, invoice(status=0, done=200), invoice("2", operation=PERSONAL_INVOICE)),
    ),
    (
        "B-79",
        "repeats an invoice that was answered 503 with another content",
        (WORKED_ON, invoice(status=503, body="a"), invoice(body="b")),
    ),
    (
        "B-79",
        "repeats a cancellation that was answered 500, unseen",
        (WORKED_ON, CANCEL_HIDDEN, cancel("cancellation-requested", "canceled")),
    ),
    (
        "B-79",
        "repeats a call that is answered 409 each time",
        (WORKED_ON, [invoice(status=409, body="a")] * 4),
    ),
    ("B-80", "stops after a 500 that is not JSON", over("missed", ONLY_TEXT, pause(4 * SECOND))),
    ("B-80", "stops after a 500 that is not JSON", scene("s", ONLY_TEXT, CRASH, BEGUN, LATER)),
    ("B-80", "stops after a 404", scene("s", get("o", status=404, media=False), CRASH)),
    (
        "B-80",
        "drops an order after a 500 that is not JSON",
        scene("s", ORDER, NEWS, ONLY_TEXT, LATER, NEWS, commit("h-e"), LATER),
    ),
    ("B-81", "stops after start handling was answered 500", scene("s", start(500), CRASH)),
    ("B-81", "was answered 503", over("missed", start(503), pause(4 * SECOND))),
    ("B-82", "asks for 200 orders a page", listed(per_page=200)),
    ("B-82", "asks for page 31 of a list", listed(page=31)),
    (
        "B-83",
        "calls start-handling for an order that is incomplete",
        (ORDER, get("o", shown=INCOMPLETE), start(409)),
    ),
    ("B-83", "incomplete or has no status", (ORDER, get("o", shown=NO_STATUS), start())),
    ("B-83", "incomplete", (placed("o", complete=False), start(409, "order-created"))),
    (
        "B-84",
        "though its seller was changed",
        scene("s", GROUP, get("p", "canceled"), get("o", shown=MOVED), commit("h-e")),
    ),
    (
        "B-84",
        "though its seller was changed",
        scene("s", GROUP, get("o", shown=MOVED), read(item("x", "p", "handling")), get("p")),
    ),
    (
        "B-85",
        "passes over an event whose date has another offset",
        scene("s", ORDER, ELSEWHERE, commit("h-e"), LATER),
    ),
    (
        "B-85",
        "sends a date without the offset",
        (ORDER, ELSEWHERE, start(), STARTED, invoice(issued="time")),
    ),
]

KEPT: Kept = [
    ("B-74", LATER),
    ("B-74", (LATER, refused(4), LATER, refused(4))),
    ("B-74", (LATER, refused(9, every=6_000))),
    ("B-74", scene("s", LATER, refused(9, every=200), scale=60)),
    # calls that were under way when the first of them was refused
    ("B-74", (LATER, [(pause(-200), read(status=401, took=190.0)) for _ in range(9)])),
    ("B-75", (too_many(), MINUTE, get("o"))),
    ("B-75", (too_many(), MINUTE, step("z", "a", "b"))),
    ("B-75", scene("s", too_many(), pause(1_000), get("o"), scale=60)),
    ("B-75", (too_many(2), pause(2_000), get("o"))),
    ("B-75", scene("s", too_many(90), pause(1_000), get("o"), scale=60)),
    # what others sent before they could know
    ("B-75", (too_many(), pause(-20), LATER, get("p"), MINUTE, LATER)),
    ("B-75", (too_many(), read(key="other"), MINUTE, read(key="other"))),
    ("B-76", (too_many(), MINUTE, too_many(), MINUTE, MINUTE, LATER)),
    ("B-77", (too_many(2), pause(2_000), LATER)),
    ("B-77", (too_many(2), pause(2_000), read(key="other"))),
    ("B-78", get("o")),
    ("B-78", [(get(f"o{each}"), start()) for each in range(200)]),
    ("B-78", [(pause(200), get("o")) for _ in range(90)]),
    ("B-78", ([(get("o"), LATER)] * 20, too_many())),
    ("B-79", (WORKED_ON, HIDDEN, invoice(body="a"))),
    ("B-79", (WORKED_ON, HIDDEN, get("o", "invoice"), BILLED)),
    ("B-79", (WORKED_ON, HIDDEN, get("o", "handling"), invoice("2"))),
    # the second parcel is not the first one again
    (
        "B-79",
        (
            WORKED_ON,
            invoice("1", 4_000, status=500, done=200, body="a"),
            invoice("2", 6_000, body="b"),
            invoice("1", 4_000, body="a"),
        ),
    ),
    ("B-79", (WORKED_ON, CANCEL_HIDDEN, get("o", "cancellation-requested"))),
    (
        "B-79",
        (WORKED_ON, cancel("handling", "", 500), cancel("handling", "cancellation-requested")),
    ),
    ("B-80", (ONLY_TEXT, get("o"))),
    ("B-80", scene("s", ONLY_TEXT, pause(9 * SECOND), get("o"), CRASH)),
    ("B-81", (start(500), start())),
    ("B-81", scene("s", start(500), pause(9 * SECOND), read())),
    ("B-82", listed(per_page=100, page=30)),
    ("B-82", call(LIST)),
    ("B-83", (ORDER, get("o", shown=INCOMPLETE), commit("h-e"))),
    ("B-83", (ORDER, get("o", shown=NO_STATUS), get("o", "ready-for-handling"), start())),
    ("B-83", (placed("o", complete=False), NEWS, commit("h-e"))),
    ("B-84", (GROUP, get("o", shown=MOVED), get("p"))),
    (  # the new seller's order is not there at once
        "B-84",
        scene(
            "s",
            GROUP[0],
            get("o", shown=MOVED),
            get("p", status=404),
            GROUP[1],
            read(item("x", "p", "handling")),
        ),
    ),
    ("B-84", (GROUP, read(item("x", "p", "handling")), get("p"), get("o", shown=MOVED))),
    ("B-85", (ORDER, ELSEWHERE, start(), STARTED, invoice())),
    ("B-85", (ORDER, get("o", faults=("answer.other_offset",)), start())),
]

SILENT: Kept = [
    ("B-74", told("hook ping")),
    ("B-74", read(auth="none", key="")),  # a path that is open to all
    ("B-75", LATER),
    ("B-75", too_many()),
    ("B-75", (too_many(), read(key="other"))),
    ("B-76", (too_many(), MINUTE, LATER, too_many(), MINUTE, LATER)),
    ("B-76", (too_many(2), MINUTE, too_many(2), MINUTE, LATER)),
    ("B-76", (too_many(), MINUTE, too_many())),
    ("B-77", (too_many(), LATER)),
    ("B-77", too_many(2)),
    ("B-78", LATER),
    ("B-79", (WORKED_ON, invoice(), BILLED)),
    ("B-79", (WORKED_ON, HIDDEN)),
    ("B-79", (WORKED_ON, invoice(status=429), invoice("2"))),
    ("B-79", (WORKED_ON, [invoice(status=400, body=each) for each in "abc"])),
    ("B-79", (WORKED_ON, [number(status=404)] * 4)),
    ("B-80", get("o", status=404)),
    ("B-80", scene("s", get("o", status=500, media=True), CRASH)),
    ("B-80", scene("s", get("o", status=429, media=False), pause(9 * SECOND))),
    ("B-80", ONLY_TEXT),
    ("B-80", scene("s", ORDER, NEWS, ONLY_TEXT, LATER)),
    ("B-80", over("out-of-time", ONLY_TEXT, pause(9 * SECOND))),
    ("B-80", scene("s", ONLY_TEXT)),
    ("B-81", scene("s", start(409), CRASH)),
    ("B-81", scene("s", call(START, "o", 0), CRASH)),
    ("B-82", get("o")),
    ("B-83", (ORDER, get("o", "ready-for-handling"), start())),
    ("B-83", placed("o", complete=False)),
    ("B-84", scene("s", placed("o"), get("o", shown=MOVED))),
    ("B-84", (GROUP, get("o", shown=MOVED))),
    ("B-84", scene("s", GROUP, get("o", "payment-approved"))),
    ("B-85", (course("o", *INVOICED), NEWS, invoice(issued="time"))),
    ("B-85", (ORDER, ELSEWHERE, commit("h-e"))),
    ("B-85", scene("s", course("o", *HANDLING), ELSEWHERE, commit("h-e"))),
]
