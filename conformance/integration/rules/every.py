"""B-74 and B-80 to B-85: what every client of the platform owes it.

Source: domain fact sheet "Conformance rules", section B.6.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.occasion import EFFECTS, READY
from orderflow.conformance.integration.operations import (
    INVOICES,
    READS,
    STARTS,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.rules.pace import TOO_MANY
from orderflow.conformance.integration.seen import LIST, Seen
from orderflow.conformance.integration.story import Moment, Story, each_story, inner
from orderflow.conformance.rule import CANC

_NO_ACCESS = frozenset({401, 403})
_WITHOUT = frozenset({"none", "body"})
_LOOP, _LOOP_PAUSE = 5, 5_000
"""So many refused calls in a row, each so many real ms after the other, are a loop (judgement)."""

_REFUSED = range(400, 500)
_GONE_QUIET = 3_000
"""Real ms without a call, at least, that count as having given up (judgement)."""

_NOT_A_HALT = frozenset({401, 403, TOO_MANY})
"""Answers after which silence is right."""

_ROWS, _PAGES = 100, 30
_SERVER_ERROR = 500
_OTHER_OFFSET = "answer.other_offset"
_WHATEVER_BODY = (
    "take an answer for what its status says, whatever its body is; log it, try it again later, and"
    " go on with the next order"
)


def _send_credentials(seen: Seen) -> Iterator[Sighting]:
    for line in seen.calls:
        if line.text("auth") in _WITHOUT and line.status in _NO_ACCESS:
            where = " but in its body" if line.text("auth") == "body" else ""
            yield broken(
                line,
                told=f"calls without credentials{where}",
                instead="send X-VTEX-API-AppKey and X-VTEX-API-AppToken as headers of every call",
            )
    for calls in seen.by_key.values():
        yield from _calls_of_a_key(seen, calls)


def _calls_of_a_key(seen: Seen, calls: Sequence[Line]) -> Iterator[Sighting]:
    accepted = next((each for each in calls if each.text("auth") == "ok"), None)
    if accepted is not None:
        yield kept(accepted)
    row: list[Line] = []
    for line in calls:
        if line.status not in _NO_ACCESS or line.text("auth") in _WITHOUT:
            row = []
            continue
        if row and line.began < row[0].wall:
            continue  # it was under way when the first was refused
        at_once = not row or line.began - row[-1].wall < _LOOP_PAUSE / seen.scale(line)
        if not at_once:
            row = []
        row.append(line)
        if len(row) == _LOOP:
            yield broken(
                *row,
                told=f"goes on calling although it is answered {line.status}",
                instead="stop after a 401 or 403, tell somebody, and try again after some minutes",
            )


def _tolerate_errors(seen: Seen) -> Iterator[Sighting]:
    stories = {each.order_id: each for each in seen.stories}
    for line in seen.calls:
        is_text = line.flag("media") is False and line.status >= min(_REFUSED)
        if not is_text or line.status in _NOT_A_HALT:
            continue
        found = tuple(_lives_on(seen, line, f"stops after a {line.status} that is not JSON"))
        story = stories.get(line.order_id)
        if story is not None and all(each.kept for each in found):
            found = tuple(_takes_it_up_again(story, line)) if found else ()
        yield from found


def _takes_it_up_again(story: Story, line: Line) -> Iterator[Sighting]:
    """Whether an order is looked at again, at the latest when news of it come once more."""
    begin = bisect_right(story.moments, line.number, key=lambda each: each.line.number)
    news: Line | None = None
    for place in range(begin, len(story.moments)):
        moment = story.moments[place]
        if _is_about(moment, line):
            yield kept(line, moment.line)
            return
        news = moment.line if moment.is_item else news
    if news is not None and story.end is not None:
        yield broken(
            line,
            news,
            told=f"drops an order after a {line.status} that is not JSON, though news of it came"
            " again",
            instead=_WHATEVER_BODY,
        )


def _is_about(moment: Moment, line: Line) -> bool:
    """Whether a moment is a call of the same key about the order alone."""
    return moment.row is None and moment.line.kind == "call" and moment.line.key == line.key


def _tolerate_500(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*STARTS):
        if line.status >= _SERVER_ERROR:
            told = f"stops after start handling was answered {line.status}"
            yield from _lives_on(seen, line, told)


def _lives_on(seen: Seen, line: Line, told: str) -> Iterator[Sighting]:
    """Whether the integration goes on after an answer, as its next call or its end shows."""
    next_line = _next_sign(seen, line)
    if next_line is None:
        end = seen.end_of(line)
        quiet = end is not None and end.wall - line.wall >= _GONE_QUIET
        if quiet and end is not None and end.text("ending") != "out-of-time":
            yield broken(line, end, told=told, instead=_WHATEVER_BODY, order_id=line.order_id)
    elif next_line.kind == "client":
        yield broken(line, next_line, told=told, instead=_WHATEVER_BODY, order_id=line.order_id)
    else:
        yield kept(line, next_line, order_id=line.order_id)


def _next_sign(seen: Seen, line: Line) -> Line | None:
    """The next call of the same key, or that the integration ended, in the same scenario."""
    end = seen.end_of(line)
    last = end.number if end is not None else seen.lines[-1].number
    call = seen.call_after(line)
    gone = next((each for each in seen.crashes if each.number > line.number), None)
    if gone is not None and gone.number <= last and (call is None or gone.number < call.number):
        return gone
    return call if call is not None and call.number <= last else None


def _page_within_limits(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(LIST):
        rows, page = line.whole("per_page"), line.whole("page")
        if rows is not None and rows > _ROWS:
            yield _paged(line, f"asks for {rows} orders a page")
        elif page is not None and page > _PAGES:
            yield _paged(line, f"asks for page {page} of a list")
        else:
            yield kept(line)


def _paged(line: Line, told: str) -> Sighting:
    return broken(
        line,
        told=told,
        instead="GET /api/oms/pvt/orders with per_page up to 100 and page up to 30, and a narrower"
        " f_creationDate for more",
    )


def _leave_incomplete_alone(story: Story) -> Iterator[Sighting]:
    shown: Line | None = None
    told: Line | None = None
    did = False
    complete: bool | None = None
    for moment in story.moments:
        line = moment.line
        if line.kind == "step":
            complete = line.flag("complete") if line.flag("complete") is not None else complete
        if moment.read is not None:
            shown = line if _is_incomplete(line, moment.read) else None
        if moment.is_item and complete is False:
            told = line
        if not moment.called(*EFFECTS):
            told = told or shown
        elif shown is not None or complete is False:
            did = True
            yield broken(
                *([shown] if shown else []),
                line,
                told=f"calls {line.operation.rpartition('/')[2]} for an order that is incomplete"
                " or has no status",
                instead="leave the order alone while isCompleted is false or status is null, and"
                " commit its feed item",
            )
    if told is not None and not did:
        yield kept(told)


def _is_incomplete(line: Line, status: str) -> bool:
    view = inner(line, "shown")
    return view is not None and (view.values.get("complete") is False or not status)


def _ask_new_seller(seen: Seen) -> Iterator[Sighting]:
    groups = {each.order_id: _group(each) for each in seen.stories}
    for story in seen.stories:
        shown = next((each for each in story.calls(*READS) if _has_changed_seller(each)), None)
        if shown is None or not groups[story.order_id]:
            continue
        others = [
            each
            for each in seen.stories
            if each is not story and groups[each.order_id] == groups[story.order_id]
        ]
        asked = [each for one in others for each in _asked(one, shown)]
        if asked:
            yield kept(*_sorted(shown, asked[0]), order_id=story.order_id)
        elif others and story.end is not None:
            yield broken(
                shown,
                story.end,
                order_id=story.order_id,
                told="takes an order without deliveryIds as it is, though its seller was changed",
                instead="GET .../orders/{orderId} of the new seller's order, sellerOrderId",
            )


def _asked(story: Story, shown: Line) -> Iterator[Line]:
    """Reads of another order of the group that are not owed to news of its own."""
    told = (each.line for each in story.moments if each.told and each.read is None)
    news = next((each.number for each in told if each.number > shown.number), None)
    for line in story.calls(*READS):  # the new one may not be there yet
        view = inner(line, "shown")
        gone = view is not None and view.text("status") in CANC
        if not gone and (line.number < shown.number or news is None or line.number < news):
            yield line


def _group(story: Story) -> str:
    return next((each.text("group") for each in story.steps if each.text("group")), "")


def _sorted(*lines: Line) -> list[Line]:
    return sorted(lines, key=lambda line: line.number)


def _has_changed_seller(line: Line) -> bool:
    view = inner(line, "shown")
    return (
        view is not None
        and view.values.get("changed_seller") is True
        and view.values.get("delivery_ids") is False
    )


def _mind_offsets(story: Story) -> Iterator[Sighting]:
    """Seen where dates came with another offset: an order is taken up all the same."""
    told = next((each.line for each in story.moments if _told_elsewhere(each)), None)
    if told is None:
        return
    for line in story.calls(*INVOICES):
        if line.number > told.number and line.text("issued") in ("time", "sql"):
            yield broken(
                told,
                line,
                told="sends a date without the offset that it came with",
                instead="read and write dates with their offset: 2024-01-01T09:00:00-03:00",
            )
            return
    acted = next((each for each in story.calls(*EFFECTS) if each.number > told.number), None)
    commit = next((each.line for each in story.moments if each.is_commit), None)
    if acted is not None:
        yield kept(told, acted)
    elif story.status == READY and story.end is not None and commit is not None:
        yield broken(
            told,
            commit,
            told="passes over an event whose date has another offset",
            instead="compare dates as moments, with their offsets, not as texts",
        )


def _told_elsewhere(moment: Moment) -> bool:
    line = moment.line
    return _OTHER_OFFSET in line.faults and line.kind in ("call", "delivery") and line.told_success


RULES = (
    IntegrationRule(
        id="B-74",
        title="Send credentials, heed 401 and 403",
        part="every",
        severity="error",
        statement="Every call has its credentials in the headers, and a client that is answered"
        " 401 or 403 does not call on.",
        source=("oas-orders",),
        explanation="A key that was revoked or lacks a permission will not come back by itself."
        " Calls that go on fill logs, count against the limits, and hide that no order is handled"
        " any more. Credentials in a body end up in logs.",
        check=_send_credentials,
        mistakes=("CM-21",),
    ),
    IntegrationRule(
        id="B-80",
        title="Tolerate every form of error",
        part="every",
        severity="info",
        statement="Errors are understood by their status, whether their body is an error document,"
        " that of an operation, a text or empty.",
        source=("oas-orders",),
        explanation="Gateways and proxies before the platform answer in plain text or HTML. A"
        " client that parses each answer as JSON dies of the first one.",
        check=_tolerate_errors,
        mistakes=("CM-28",),
    ),
    IntegrationRule(
        id="B-81",
        title="Tolerate 500 on start handling",
        part="every",
        severity="warning",
        statement="A start handling that is answered 500 does not stop the integration.",
        source=("oas-orders",),
        explanation="The platform's own documents declare the answer. One order that cannot be"
        " started now must not hold up all others.",
        check=_tolerate_500,
    ),
    IntegrationRule(
        id="B-82",
        title="Page within the limits",
        part="every",
        severity="warning",
        statement="Lists are read with 100 orders a page at most, and 30 pages at most.",
        source=("oas-orders",),
        explanation="Behind page 30 the platform answers with an error, or nothing: the oldest"
        " orders of a long list are never seen.",
        check=_page_within_limits,
    ),
    IntegrationRule(
        id="B-83",
        title="Leave incomplete orders alone",
        part="every",
        severity="error",
        statement="Nothing is done for an order whose isCompleted is false, or status null.",
        source=("hc-incomplete", "ki-345526"),
        explanation="Such an order was never paid, and may be a second copy of one that was. Most"
        " never become orders at all.",
        check=each_story(_leave_incomplete_alone),
        mistakes=("CM-27",),
    ),
    IntegrationRule(
        id="B-84",
        title="Ask the new seller after a change",
        part="every",
        severity="warning",
        statement="After a change of the seller, where the goods leave from is read from the new"
        " seller's order.",
        source=("dp-chg-seller",),
        explanation="The marketplace's document keeps no deliveryIds after the change. Who goes on"
        " with the old ones sends from a dock that does not have the goods.",
        check=_ask_new_seller,
    ),
    IntegrationRule(
        id="B-85",
        title="Mind the offset of dates",
        part="every",
        severity="warning",
        statement="Dates are compared, and sent, with their offset.",
        source=("oas-orders",),
        explanation="Dates come in UTC, in the store's time, with Z or an offset. Compared as texts"
        " they put an event three hours into the past, where it is passed over as old news.",
        check=each_story(_mind_offsets),
    ),
)
"""The rules of this module by id."""
