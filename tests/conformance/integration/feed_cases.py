"""Cases of B-01 to B-04 and B-09 to B-15: items that are lost or late, and how a feed is read."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import COMMIT, START
from tests.conformance.integration.orders import Broken, Kept, invoice, start, steps
from tests.conformance.integration.traces import (
    HANDLING,
    HOUR,
    MINUTE,
    READY,
    SECOND,
    Part,
    act,
    call,
    commit,
    configure,
    course,
    get,
    hidden,
    item,
    later,
    listed,
    pause,
    placed,
    read,
    scene,
    told,
)

ORDER = course("o", *READY)
NEWS = read(item("e", "o", "ready-for-handling"))
AGAIN = read(item("e", "o", "ready-for-handling", handle="h-2", delivery=2))
STARTED = steps("ready-for-handling", "start-handling", "handling")
CANCELED = steps("ready-for-handling", "cancellation-requested", "cancel", "canceled")
EMPTY = read()
BOTH = read(item("a", "o", "handling"), item("e", "o", "ready-for-handling"))
TURNED = read(item("e", "o", "ready-for-handling"), item("a", "o", "handling"))
OTHER = read(item("x", "p", "handling"))
LOST = read(status=404)
SHORT = read(item("e", "o", "ready-for-handling"), waiting=3)
CRASH = Line(0, "client", facts={"what": "ended", "code": 1, "count": 1})
LATE = (NEWS, later(5 * MINUTE), commit("h-e", was="late"))
SLOW = call(START, "o", 204, faults=("http.apply_then_delay",), before="ready-for-handling")
ELSEWHERE = read(item("e", "o", "ready-for-handling"), faults=("answer.other_offset",))


def again(handle: str) -> Line:
    """A commit that the platform answered 500."""
    return commit(handle, status=500)


def cut_short(*parts: Part) -> tuple[Part, ...]:
    """A scenario that the wall clock ended."""
    begin, *rest, _ = scene("s", *parts)
    return (begin, *rest, Line(0, "end", scenario="s", facts={"ending": "out-of-time"}))


def reads_by(*agents: str) -> tuple[Line, ...]:
    """One read of the feed by each program of *agents*, in their order."""
    return tuple(read(agent=each) for each in agents)


BROKEN: Broken = [
    ("B-01", "never commits the feed item ready-for-handling", scene("s", ORDER, NEWS, EMPTY)),
    ("B-01", "never commits", (ORDER, NEWS, EMPTY, EMPTY)),
    (  # CM-06: the handle of the later event overwrites that of the earlier one
        "B-01",
        "never commits the feed item handling",
        scene("s", ORDER, BOTH, get("o"), commit("h-e"), EMPTY),
    ),
    (  # CM-01: the first try failed, and the second delivery counts as a duplicate
        "B-01",
        "though it came 2 times",
        scene("s", ORDER, NEWS, start(500), EMPTY, later(HOUR), AGAIN, EMPTY),
    ),
    ("B-01", "never commits", scene("s", ORDER, NEWS, commit("h-e", status=400), EMPTY)),
    (  # late without effect, and then not again
        "B-01",
        "though it came 2 times",
        scene("s", ORDER, NEWS, later(HOUR), commit("h-e", was="late"), AGAIN, EMPTY),
    ),
    ("B-02", "of the status handling", scene("s", ORDER, NEWS, commit("h-e"), OTHER, EMPTY)),
    (
        "B-02",
        "of the status null",
        scene("s", ORDER, read(item("n", "o", "")), EMPTY, NEWS, commit("h-e")),
    ),
    (  # the earlier one of two was committed, so it is not the order id
        "B-02",
        "of the status handling",
        scene("s", ORDER, TURNED, commit("h-e"), EMPTY),
    ),
    (  # CM-04: it commits nothing at all, though it is at work
        "B-02",
        "of the status window-to-cancel",
        scene("s", ORDER, read(item("w", "o", "window-to-cancel")), NEWS, start(), EMPTY),
    ),
    ("B-03", "300 s after it was read", (ORDER, LATE)),
    (
        "B-03",
        "commits a feed item 300 s",
        (configure("handling"), NEWS, later(5 * MINUTE), AGAIN, commit("h-e", was="replaced")),
    ),
    ("B-03", "commits a feed item", (ORDER, NEWS, EMPTY, later(HOUR), commit("h-e", was="late"))),
    (
        "B-03",
        "commits a feed item",
        (ORDER, BOTH, replace(SLOW, order_id="z"), later(HOUR), commit("h-e", was="late")),
    ),
    (
        "B-04",
        "although start handling was answered 500",
        scene("s", ORDER, NEWS, start(500), commit("h-e"), EMPTY),
    ),
    (
        "B-04",
        "an order that it never takes up",
        scene("s", ORDER, NEWS, get("o", "ready-for-handling"), commit("h-e"), EMPTY, call(START)),
    ),
    ("B-04", "never takes up", scene("s", ORDER, NEWS, commit("h-e"), EMPTY)),
    ("B-04", "never takes up", (ORDER, NEWS, commit("h-e"), EMPTY, EMPTY)),
    ("B-09", "asks the feed for 50 items", read(lot=50)),
    ("B-09", "asks the feed for 0 items", read(lot=0)),
    ("B-09", "without maxlot", read(lot=None)),
    (
        "B-10",
        "reads the feed no more after it was empty",
        scene("s", EMPTY, EMPTY, ORDER, pause(4 * SECOND)),
    ),
    (
        "B-10",
        "reads the feed no more",
        scene("s", configure("window-to-cancel"), EMPTY, ORDER, pause(4 * SECOND)),
    ),
    ("B-11", "as the end of the feed", scene("s", SHORT, commit("h-e"), pause(4 * SECOND))),
    (
        "B-11",
        "as the end of the feed",
        scene("s", *reads_by("a", "a", "a"), SHORT, commit("h-e"), pause(3 * SECOND), EMPTY),
    ),
    ("B-12", "looks for orders by List orders, 3 times", [listed("handling")] * 3),
    ("B-12", "List orders, 4 times", [listed(span=3 * HOUR)] * 4),
    ("B-12", "List orders, 3 times", [configure("handling"), EMPTY, *[listed("handling")] * 3]),
    ("B-13", "mixes the two types", configure("handling", mixed=True)),
    ("B-13", "mixes the two types", configure("handling", single_fire=False)),
    ("B-13", "names no type of filter", configure("handling", type="")),
    ("B-13", "names no status", configure()),
    ("B-13", "keeps items for 60 s", configure("handling", retention=60)),
    ("B-13", "hides items for 20 s", configure("handling", visibility=20)),
    ("B-13", "hides items for a time it does not tell", configure("handling", visibility=None)),
    ("B-13", "unknown status handlin", configure("handlin", unknown=("handlin",))),
    ("B-14", "gives up", scene("s", LOST)),
    ("B-14", "gives up", (LOST, LOST, LOST)),
    ("B-14", "gives up", scene("s", LOST, CRASH, configure("handling"), EMPTY)),
    ("B-15", "two programs that share a key", reads_by("a", "b", "a")),
    ("B-15", "two programs", [(pause(-40), replace(EMPTY, took=50.0))] * 3),
]

KEPT: Kept = [
    ("B-01", (ORDER, NEWS, commit("h-e"))),
    ("B-01", scene("s", ORDER, NEWS, EMPTY, later(HOUR), AGAIN, commit("h-2"))),
    (
        "B-01",
        (NEWS, commit("h-e", was="live", faults=("http.apply_then_500",), status=500, done=200)),
    ),
    # a client of another key does not commit for this one, and not against it
    ("B-01", scene("s", NEWS, commit("h-e"), commit("h-e", key="other"), EMPTY)),
    ("B-02", (ORDER, OTHER, commit("h-x"))),
    ("B-02", (ORDER, NEWS, get("o", "canceled"), commit("h-e"))),
    # lost by order id, but the status has a handler, or is committed elsewhere
    (
        "B-02",
        scene("s", ORDER, OTHER, commit("h-x"), BOTH, commit("h-e"), EMPTY),
    ),
    ("B-03", (NEWS, later(MINUTE), commit("h-e"))),
    ("B-03", (NEWS, commit("h-e"), commit("h-e", was="gone"))),
    ("B-04", scene("s", ORDER, NEWS, start(), STARTED, commit("h-e"), EMPTY)),
    ("B-04", scene("s", ORDER, NEWS, commit("h-e"), start(), STARTED, EMPTY)),
    ("B-04", scene("s", ORDER, NEWS, start(500), start(), STARTED, commit("h-e"), EMPTY)),
    ("B-04", scene("s", ORDER, NEWS, hidden(START, "o"), STARTED, commit("h-e"), EMPTY)),
    # who starts nothing, ever, has read it at least
    ("B-04", scene("s", ORDER, NEWS, get("o", "ready-for-handling"), commit("h-e"), EMPTY)),
    ("B-09", read(lot=1)),
    ("B-09", EMPTY),
    ("B-10", (EMPTY, EMPTY)),
    ("B-10", scene("s", EMPTY, ORDER, pause(9 * SECOND), NEWS)),
    ("B-11", (SHORT, commit("h-e"), EMPTY)),
    # long work on what it brought is no pause
    ("B-11", (SHORT, [(pause(SECOND), start()) for _ in range(9)], commit("h-e"), EMPTY)),
    ("B-12", NEWS),
    ("B-12", (LOST, configure("handling"), [listed("handling")] * 4, NEWS)),
    ("B-12", ([listed("handling"), *[NEWS] * 9] * 4)),
    ("B-12", (NEWS, [listed(rows=3)] * 9)),
    ("B-13", configure("handling", "invoiced")),
    ("B-13", configure(type="FromOrders", single_fire=True)),
    ("B-14", (LOST, configure("handling"), EMPTY)),
    ("B-14", scene("s", LOST, configure("handling", status=500), configure("handling"), EMPTY)),
    ("B-15", reads_by("a", "a", "a")),
    ("B-15", reads_by("a", "a", "b", "b")),  # an update of the program
]

SILENT: Kept = [
    # nothing was delivered, or it was not read on
    ("B-01", (ORDER, EMPTY)),
    ("B-01", (ORDER, NEWS, EMPTY)),
    ("B-01", scene("s", ORDER, NEWS)),
    ("B-01", cut_short(ORDER, NEWS, EMPTY)),
    # it waits for the item to come back, as it should, when the scenario is over
    ("B-01", scene("s", ORDER, NEWS, start(500), EMPTY)),
    ("B-01", scene("s", ORDER, NEWS, get("o", status=429), EMPTY)),
    ("B-01", scene("s", ORDER, NEWS, again("h-e"), EMPTY)),
    ("B-01", scene("s", ORDER, NEWS, EMPTY, call(START, "o", 0, before="ready-for-handling"))),
    ("B-01", scene("s", ORDER, NEWS, call(START, "z", 500), EMPTY)),
    ("B-02", (ORDER, NEWS, start(), commit("h-e"))),
    ("B-02", scene("s", ORDER, NEWS, start(), EMPTY)),
    ("B-02", scene("s", ORDER, NEWS, EMPTY)),  # it died of it, or never works
    ("B-02", scene("s", ORDER, BOTH, start(), commit("h-e"), EMPTY)),  # lost by its order id
    ("B-02", scene("s", ORDER, OTHER, EMPTY, invoice())),
    ("B-03", (NEWS, EMPTY)),
    ("B-03", (NEWS, call(START, "o", 500), later(HOUR), commit("h-e", was="late"))),
    ("B-03", (NEWS, again("h-e"), later(HOUR), commit("h-e", was="late"))),
    ("B-03", (NEWS, SLOW, later(HOUR), commit("h-e", was="late"))),
    ("B-03", (NEWS, commit("h-e", was="replaced"))),  # a duplicate came with the next read
    ("B-03", (NEWS, commit("h-9", was="unknown"))),
    ("B-04", scene("s", ORDER, NEWS, CANCELED, commit("h-e"), EMPTY)),
    ("B-04", scene("s", ORDER, STARTED, NEWS, commit("h-e"), EMPTY)),
    ("B-04", scene("s", ORDER, NEWS, get("o", "payment-pending"), commit("h-e"), EMPTY)),
    (
        "B-04",
        scene(
            "s",
            ORDER,
            NEWS,
            get("o", shown={"status": "ready-for-handling", "complete": False}),
            commit("h-e"),
            EMPTY,
        ),
    ),
    ("B-04", (ORDER, NEWS, commit("h-e"), EMPTY)),
    ("B-04", cut_short(ORDER, NEWS, commit("h-e"), EMPTY)),
    ("B-04", scene("s", ORDER, NEWS, commit("h-e"), start(429), pause(SECOND))),
    ("B-04", scene("s", ORDER, NEWS, commit("h-e"), start(503), EMPTY)),
    ("B-04", scene("s", course("o", *HANDLING), OTHER, commit("h-x"), EMPTY)),
    ("B-04", scene("s", ORDER, ELSEWHERE, commit("h-e"), EMPTY)),
    ("B-09", ORDER),
    ("B-10", EMPTY),
    ("B-10", (EMPTY, ORDER, pause(9 * SECOND), act("wait"))),  # stopped by hand
    ("B-10", scene("s", EMPTY, ORDER)),
    ("B-10", scene("s", configure("invoiced"), EMPTY, ORDER, pause(9 * SECOND))),
    ("B-10", scene("s", EMPTY, read(status=401), ORDER, pause(9 * SECOND))),
    ("B-11", scene("s", NEWS, commit("h-e"), pause(9 * SECOND), EMPTY)),
    ("B-11", scene("s", SHORT, call(COMMIT, status=429), pause(9 * SECOND), EMPTY)),
    ("B-12", [listed("handling")] * 2),
    ("B-12", [listed("handling", page=each) for each in range(2, 9)]),
    ("B-13", listed("handling")),
    ("B-14", EMPTY),
    ("B-14", (LOST, LOST)),
    ("B-14", scene("s", LOST, read(status=403))),
    ("B-14", cut_short(LOST)),
    ("B-15", EMPTY),
    ("B-15", (EMPTY, read(key="other"))),
    ("B-15", (placed("o"), told("hook notification", "o"))),
]
