"""B-61 to B-63 and B-65: what a connector of a marketplace outside makes of the platform's news.

Source: domain fact sheet "Conformance rules", section B.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    APPROVE,
    CANCEL_NEWS,
    CANCELS,
    DENIED,
    FULFILL,
    INVOICE_NEWS,
    PLACINGS,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import INVOICE, Seen
from orderflow.conformance.integration.story import Moment, Story, each_story, inner

_OK = 200
_LONG_AGO_MS = 60_000
"""Virtual ms after which a look at an order that has moved since then tells nothing (judgement)."""

_BURST = 5
"""Cancellations under way at once that count as a burst."""


def _answer_notifications(seen: Seen) -> Iterator[Sighting]:
    for line in seen.deliveries:
        if line.operation not in {INVOICE_NEWS, CANCEL_NEWS}:
            continue
        answer = inner(line, "answer")
        missing = [] if answer is None else Line(0, "call", facts=answer.values).words("missing")
        if line.status == _OK and not missing:
            yield kept(line)
            continue
        told = f"answers {line.status}" if line.status else "does not answer"
        if line.status == _OK:
            told = f"answers without {', '.join(missing)}"
        yield broken(
            line,
            told=f"{told} when it is told of {_news(line)}",
            instead='answer 200 with {"orderId", "receipt", "date"}',
        )


def _news(line: Line) -> str:
    return "an invoice" if line.operation == INVOICE_NEWS else "a cancellation"


def _look_before_cancelling(story: Story) -> Iterator[Sighting]:
    first = story.first
    if first is None or not first.text("affiliate"):
        return
    read: Moment | None = None
    moved: Line | None = None
    for moment in story.moments:
        line = moment.line
        if moment.read is not None:
            read, moved = moment, None
        elif line.kind == "step" and line.before != line.after:
            moved = moved or line
        elif moment.called(FULFILL, APPROVE, *PLACINGS, INVOICE):
            read = None
        elif moment.called(*CANCELS) and line.status not in DENIED:
            if moved is not None and line.at - moved.at > _LONG_AGO_MS:
                read = None
            if read is not None and read.read not in {"invoice", "invoiced"}:
                yield kept(read.line, line)
                continue
            did = "that it has read to be invoiced" if read else "without looking at its status"
            yield broken(
                *([read.line] if read else []),
                line,
                told=f"cancels an order {did}",
                instead="GET .../orders/{orderId} first; send a return invoice for one that is"
                " invoiced",
            )


def _pass_it_on(seen: Seen) -> Iterator[Sighting]:
    if not _keeps_books(seen):
        return
    for story in seen.stories:
        news = [each for each in story.deliveries(INVOICE_NEWS) if each.status == _OK]
        if not news:
            continue
        wanted = ["invoice"]
        wanted += ["tracking"] if any(each.flag("tracking") for each in news) else []
        for what in wanted:
            yield from _is_noted(story, news, what)


def _is_noted(story: Story, news: list[Line], what: str) -> Iterator[Sighting]:
    noted = story.records(what)
    if noted:
        yield kept(news[0], noted[0], order_id=story.order_id)
    elif story.end is not None:
        yield broken(
            news[0],
            story.end,
            told=f"was told of the {what} and has not passed it on to its marketplace",
            instead=f"hand the {what} on before answering 200, or keep it in a queue",
            order_id=story.order_id,
        )


def _keeps_books(seen: Seen) -> bool:
    """Whether the integration tells what stands in its books, so that silence means something."""
    return any(each.kind == "record" for each in seen.lines)


def _no_cancellation_is_lost(seen: Seen) -> Iterator[Sighting]:
    books = _keeps_books(seen)
    for story in seen.stories:
        news = story.deliveries(CANCEL_NEWS)
        if not any((each.whole("burst") or 0) >= _BURST for each in news):
            continue
        taken = next((each for each in news if each.status == _OK), None)
        noted = story.records("cancellation")
        if taken is not None and (noted or not books):
            yield kept(taken, *noted[:1], order_id=story.order_id)
        elif story.end is not None:
            lost = "never takes" if taken is None else "takes, and loses,"
            yield broken(
                taken or news[-1],
                story.end,
                told=f"{lost} one of many cancellations that it is told of at once",
                instead="put each notification into a queue, answer 200, and work it off",
                order_id=story.order_id,
            )


RULES = (
    IntegrationRule(
        id="B-61",
        title="Answer notifications with a receipt",
        part="marketplace",
        severity="error",
        statement="Notifications of invoices and cancellations are answered 200 with orderId,"
        " receipt and date.",
        source=("dp-em-cancel", "dp-em-inv"),
        explanation="Until the 200 comes the order stays in cancel, and the invoice is not known"
        " to the marketplace. The platform repeats some times and then gives up.",
        check=_answer_notifications,
    ),
    IntegrationRule(
        id="B-62",
        title="Look before cancelling",
        part="marketplace",
        severity="error",
        statement="Get order comes before a cancellation; an invoiced order gets a return invoice"
        " instead.",
        source=("dp-em-cancel",),
        explanation="All statuses but invoiced can be cancelled. Who cancels without looking tells"
        " its shopper that the goods will not come, while they are on their way.",
        check=each_story(_look_before_cancelling),
    ),
    IntegrationRule(
        id="B-63",
        title="Pass invoice and tracking on",
        part="marketplace",
        severity="warning",
        statement="Invoice and tracking number reach the books of the marketplace.",
        source=("dp-em-inv",),
        explanation="The shopper sees what the marketplace shows. Without the invoice the"
        " marketplace does not pay, and without tracking the shopper asks.",
        check=_pass_it_on,
    ),
    IntegrationRule(
        id="B-65",
        title="Queue notifications",
        part="marketplace",
        severity="warning",
        statement="When many cancellations are told at once, none is lost.",
        source=("dp-em-cancel",),
        explanation="Cancellations come in bursts, after a recall or a failed payment run. One"
        " that is lost is an order that the marketplace still shows as bought.",
        check=_no_cancellation_is_lost,
    ),
)
"""The rules of this module by id."""
