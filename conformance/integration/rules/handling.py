"""B-26 to B-32: when an order is taken up, and when it may be invoiced.

Source: domain fact sheet "Conformance rules", sections B.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    DENIED,
    FULFILLMENT,
    INVOICES,
    PLACEMENT,
    READS,
    STARTS,
    answered,
    is_output,
    unclear,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.story import Moment, Story, each_story, reached_before
from orderflow.conformance.rule import CANC, CREATE, PAYWAIT

READY = "ready-for-handling"
_EARLY = CREATE | PAYWAIT | {"authorize-fulfillment", "window-to-cancel", READY}
_ASKS_SELLER = frozenset({"marketplace", "chain"})
"""Flows whose documents take the invoice of a seller in ``payment-approved``."""

_LONG_MS, _LONG_VIRTUAL_MS = 60_000, 3_600_000
"""What a recorded trace goes on for at least, in real or virtual time, until silence counts."""


def _news_of_ready(moment: Moment, known: set[str]) -> bool | None:
    """Whether the integration hears that the order is ready; None when it hears nothing new."""
    if moment.read is not None:
        return moment.read == READY
    if moment.told != READY:
        return None
    event = (moment.row.text("event") if moment.row else "") or moment.line.text("notification")
    if event and event in known:
        return None
    known.add(event)
    return True


def _start_only_when_ready(story: Story) -> Iterator[Sighting]:
    """A start elsewhere is excused while the latest news, or an unclear answer, allowed for it."""
    allowed = started = False
    known: set[str] = set()
    for moment in story.moments:
        line = moment.line
        if line.kind == "step" and line.after == READY:
            started = False
        news = _news_of_ready(moment, known)
        if news is not None:
            allowed = news and not (started and moment.read is None)
        if not moment.called(*STARTS):
            continue
        if line.before == READY:
            yield kept(line)
        elif line.before and not allowed and line.status not in DENIED:
            yield broken(
                line,
                told=f"starts handling the order in {line.before}",
                instead="wait until GET .../orders/{orderId} says ready-for-handling, then POST"
                " .../start-handling",
            )
        allowed = unclear(line) and (allowed or line.before == READY)
        started = started or line.told_success


def _start_once(story: Story) -> Iterator[Sighting]:
    started: Line | None = None
    twice = False
    for moment in story.moments:
        line = moment.line
        if line.kind == "step" and line.after == READY:
            started = None
        elif moment.called(*STARTS) and started is not None:
            twice = True
            yield broken(
                started,
                line,
                told=f"starts handling the order again, which {answered(started)} before",
                instead="remember that POST .../start-handling was answered 204, and go on with"
                " the invoice",
            )
        elif moment.called(*STARTS) and line.told_success:
            started = line
    if started is not None and not twice:
        yield kept(started)


def _repeat_until_204(story: Story) -> Iterator[Sighting]:
    for place, moment in enumerate(story.moments):
        line = moment.line
        if moment.called(*STARTS) and line.before == READY and unclear(line):
            later = story.moments[place + 1 :]
            yield from _after_unclear_start(story, line, later)


def _after_unclear_start(story: Story, start: Line, later: list[Moment]) -> Iterator[Sighting]:
    ways = (*STARTS, *READS, *INVOICES) if start.worked else STARTS
    again = next((each.line for each in later if each.called(*ways)), None)
    if again is not None:
        yield kept(start, again)
        return
    moved = any(each.line.kind == "step" for each in later)
    if moved and not start.worked:
        return
    commit = next((each.line for each in later if each.is_commit), None)
    if story.end is None and (commit is None or not _goes_on(story, commit)):
        return
    last = commit or story.end or start
    did = "commits the feed item" if commit else "does nothing more about the order"
    yield broken(
        start,
        last,
        told=f"{did} although start-handling {answered(start)}",
        instead="repeat POST .../start-handling until it is answered 204, then POST"
        " /api/orders/feed",
    )


def _goes_on(story: Story, line: Line) -> bool:
    """Whether a trace goes on long enough after *line* that what is not in it was not done."""
    last = story.last or line
    return last.wall - line.wall >= _LONG_MS or last.at - line.at >= _LONG_VIRTUAL_MS


def _read_before_start(story: Story) -> Iterator[Sighting]:
    read: Line | None = None
    for moment in story.moments:
        line = moment.line
        if moment.called(*STARTS):
            if read is not None:
                yield kept(read, line)
            else:
                yield broken(
                    line,
                    told="starts handling an order that it has not read",
                    instead="GET .../orders/{orderId} and write the order down before POST"
                    " .../start-handling",
                )
            return
        if line.told_success and _reads(moment):
            read = line


def _reads(moment: Moment) -> bool:
    return moment.called(*READS) or "order-group/" in moment.line.operation


def _no_start_when_canceled(story: Story) -> Iterator[Sighting]:
    place = _canceled_before_start(story)
    if place is None:
        return
    asked = story.moments[place].line
    told = refused = done = None
    for moment in takewhile(_still_canceled, story.moments[place + 1 :]):
        line = moment.line
        if moment.called(*STARTS) and not unclear(line):
            if told or refused:
                yield _started_canceled(asked, told, refused or line, line)
                return
            refused = line
        elif (moment.read or moment.committed) in CANC:
            told = told or line
        elif refused and moment.is_commit:
            done = line
    if told or done:
        yield kept(*(each for each in (asked, refused, told or done) if each))


def _canceled_before_start(story: Story) -> int | None:
    """Place of the step by which an order that was ready, and not started, began to be cancelled.

    None when it did not.
    """
    ready = False
    for place, moment in enumerate(story.moments):
        if moment.called(*STARTS) and moment.line.worked:
            return None
        if moment.line.kind == "step":
            ready = ready or moment.line.after == READY
            if ready and moment.line.after in CANC:
                return place
    return None


def _still_canceled(moment: Moment) -> bool:
    return moment.line.kind != "step" or moment.line.after in CANC


def _started_canceled(asked: Line, told: Line | None, refused: Line, line: Line) -> Sighting:
    why = "has read that it is" if told else f"{answered(refused)} before, while it was"
    return broken(
        asked,
        told or refused,
        line,
        told=f"starts handling the order although it {why} {line.before}",
        instead="stop: no POST .../start-handling once somebody cancels; commit the feed item",
    )


def _no_invoice_before_handling(story: Story) -> Iterator[Sighting]:
    early = _EARLY if story.flow in {"", *_ASKS_SELLER} else _EARLY | {"payment-approved"}
    for line in story.calls(*INVOICES):
        if not line.before or not is_output(line) or line.status in DENIED:
            continue
        if line.before in early:
            yield broken(
                line,
                told=f"invoices the order in {line.before}",
                instead="POST .../start-handling first, and invoice once the order is in handling",
            )
        elif line.before not in CANC and line.before != "invoiced":
            yield kept(line)


def _no_invoice_before_fulfill(story: Story) -> Iterator[Sighting]:
    if not story.deliveries(PLACEMENT):
        return
    authorised = story.deliveries(FULFILLMENT)
    for line in story.calls(*INVOICES):
        found = next((each for each in authorised if reached_before(each, line)), None)
        if found is not None:
            yield kept(found, line)
        elif is_output(line):
            yield broken(
                line,
                told="invoices the order before it was authorised to handle it",
                instead="wait for POST /pvt/orders/{orderId}/fulfill, then invoice",
            )


RULES = (
    IntegrationRule(
        id="B-26",
        title="Start handling only what is ready",
        part="erp",
        severity="error",
        statement="Start handling is called in the status ready-for-handling and in no other.",
        source=("oas-orders",),
        explanation="In any other status the call is refused with 409 OMS003: the order is not"
        " paid yet, is cancelled, or is handled already. Who takes the refusal for"
        " a success ships goods that nobody has paid for.",
        check=each_story(_start_only_when_ready),
        mistakes=("CM-03", "CM-09", "CM-30"),
    ),
    IntegrationRule(
        id="B-27",
        title="Start handling once for each order",
        part="erp",
        severity="error",
        statement="After an answer of 204 start handling is not called again for that order.",
        source=("dp-erp-int",),
        explanation="A second call means that the integration does not know what it has done: it"
        " picks, packs or posts the order twice as soon as an event comes twice,"
        " which the platform says will happen.",
        check=each_story(_start_once),
    ),
    IntegrationRule(
        id="B-28",
        title="Repeat start handling until 204",
        part="erp",
        severity="error",
        statement="When start handling is not answered 204 for an order that is ready, it is"
        " called again.",
        source=("oas-orders",),
        explanation="The platform answers 500 at times, with the order started or not. An"
        " integration that goes on, or commits the feed item, never hears of that"
        " order again: it stays ready-for-handling, and the customer waits.",
        check=each_story(_repeat_until_204),
        mistakes=("CM-01", "CM-02"),
    ),
    IntegrationRule(
        id="B-29",
        title="Read the order before starting it",
        part="erp",
        severity="warning",
        statement="Get order is called before start handling, so that the order is written down"
        " first.",
        source=("dp-erp-int",),
        explanation="Once it is started the platform takes it for granted that the order is in"
        " the books of the ERP. Without the document there is nothing to pick from,"
        " and a change that came in between goes unseen.",
        check=each_story(_read_before_start),
    ),
    IntegrationRule(
        id="B-30",
        title="Do not start a cancelled order",
        part="erp",
        severity="error",
        statement="An order that is cancelled between its event and the call is not started; a"
        " refusal with OMS003 is taken as the end of it.",
        source=("dp-erp-faq",),
        explanation="Between the event and the call a shopper may cancel. Who starts regardless,"
        " or tries again and again, ships a cancelled order or blocks its queue"
        " with one that never starts.",
        check=each_story(_no_start_when_canceled),
        mistakes=("CM-19",),
    ),
    IntegrationRule(
        id="B-31",
        title="Do not invoice before handling",
        part="erp",
        severity="error",
        statement="No invoice is sent before the order is in handling.",
        source=("diag-sel", "diag-cpl", "hc-flow"),
        explanation="The platform refuses the invoice, or the order skips its cancellation window"
        " and is shipped while the shopper may still cancel. An invoice that was"
        " refused is missing in the store although it was issued.",
        check=each_story(_no_invoice_before_handling),
        mistakes=("CM-11", "CM-12"),
    ),
    IntegrationRule(
        id="B-32",
        title="Do not invoice before the authorisation",
        part="seller",
        severity="error",
        statement="A seller outside the platform sends no invoice before it is called to fulfill"
        " the order.",
        source=("dp-es-conn", "hc-flow"),
        explanation="Until POST .../fulfill comes, the order is not paid. A seller that invoices"
        " and ships before does so at its own risk: the payment may be refused.",
        check=each_story(_no_invoice_before_fulfill),
    ),
)
"""The rules of this module by id."""
