"""B-39 to B-44: cancelling an order, and answering those who want it cancelled.

Source: domain fact sheet "Conformance rules", section B.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orderflow.conformance.integration.invoiced import money, sent
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    CANCEL_NEWS,
    CANCELLATION,
    CANCELS,
    DENIED,
    DENY,
    INVOICES,
    READS,
    STARTS,
    is_output,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.story import Moment, Story, each_story
from orderflow.conformance.rule import ASK, CANC

_OVER = frozenset({"cancel", "canceled"})
_INVOICED = frozenset({"invoice", "invoiced"})
_HANDLED = frozenset({"ready-for-handling", "handling"})
_ANSWERS = frozenset({"complete", "seller"})
"""Flows whose documents the caller handles, so that a request is for it to answer."""

_RAN_OUT = "cancel_request_timeout"


def _no_cancel_after_partial(story: Story) -> Iterator[Sighting]:
    taken: Line | None = None
    partly = {each.line.number: each for each in sent(story) if each.is_output}
    total = 0
    for moment in story.moments:
        line = moment.line
        invoice = partly.get(line.number) if moment.row is None else None
        if invoice is not None and line.worked:
            if taken is not None:
                yield kept(taken, line)
            total = invoice.total
            taken = line if total < (invoice.value or 0) else None
        elif taken is not None and moment.called(*CANCELS) and line.status not in DENIED:
            yield broken(
                taken,
                line,
                told=f"cancels the order after an invoice over {money(total)}",
                instead="invoice the rest, and send a return invoice for what comes back",
            )


def _no_cancel_when_invoiced(story: Story) -> Iterator[Sighting]:
    knows: Line | None = None
    for moment in story.moments:
        line = moment.line
        if moment.read is not None or moment.told in _INVOICED:
            knows = line if moment.told in _INVOICED else None
        elif _is_return(moment):
            yield kept(line)
        elif moment.called(*INVOICES) and line.told_success and line.after in _INVOICED:
            knows = line
        elif moment.called(*CANCELS) and line.before in _INVOICED and not line.worked:
            if knows is not None and line.status not in DENIED:
                yield broken(
                    knows,
                    line,
                    told=f"cancels the order, which is {line.before}",
                    instead="POST .../invoice with type Input when the goods have come back",
                )
            knows = line


def _is_return(moment: Moment) -> bool:
    """Whether it is a return invoice of an invoiced order that was taken."""
    line = moment.line
    taken = moment.called(*INVOICES) and line.worked and line.before == "invoiced"
    return taken and not is_output(line)


@dataclass(slots=True)
class _Request:
    """A cancellation that waited for an answer.

    Attributes:
        asked: The step by which it began.
        own: The call by which the integration itself asked for it, None when somebody else did.
        answer: Its answer, None when it gave none.
        how: How the wait was over; ``open`` when it was not.
        left: The step by which it was.
    """

    asked: Line
    own: Line | None
    answer: Line | None = None
    how: Literal["open", "answered", "ran out", "otherwise"] = "open"
    left: Line | None = None


def _requests(story: Story) -> Iterator[_Request]:
    current: _Request | None = None
    for place, moment in enumerate(story.moments):
        line = moment.line
        if line.kind == "step" and line.after in ASK and line.before not in ASK:
            if current is not None:
                yield current
            current = _Request(line, _asked_by_itself(story.moments[place:], line))
        elif current is None:
            continue
        elif line.kind == "step" and line.before in ASK and line.after not in ASK:
            current.left = line
            current.how = "ran out" if line.text("event") == _RAN_OUT else "otherwise"
        elif moment.called(*CANCELS, *INVOICES, DENY) and line.worked and line.before in ASK:
            current.answer, current.how = line, "answered"
            yield current
            current = None
    if current is not None:
        yield current


def _asked_by_itself(moments: list[Moment], step: Line) -> Line | None:
    """The call by which the integration asked for the cancellation that began with *step*."""
    calls = (each.line for each in moments if each.called(*CANCELS))
    same = (each for each in calls if each.at == step.at and each.before == step.before)
    return next((each for each in same if each.worked), None)


def _cancel_twice(story: Story) -> Iterator[Sighting]:
    for request in _requests(story):
        own = request.own
        if own is None or own.before not in _HANDLED:
            continue
        answer = request.answer
        if answer is not None and answer.operation != DENY:
            yield kept(own, answer)
        elif request.how == "ran out" or (request.how == "open" and story.end is not None):
            yield broken(
                own,
                request.left or story.end or own,
                told=f"cancels the order in {own.before} once and leaves it there",
                instead="POST .../cancel again to confirm, or send the invoice to go on",
            )


def _read_the_result(story: Story) -> Iterator[Sighting]:
    canceled = False
    wanted: Line | None = None
    result: Line | None = None
    for moment in story.moments:
        line = moment.line
        if line.kind == "step":
            canceled = line.after in _OVER
        elif moment.called(*CANCELS) and line.worked and line.told_success:
            wanted, result = line, None
        elif line.kind == "record" and line.text("what") == "cancellation":
            if wanted is not None and not canceled:
                yield _trusts(wanted, line)
                return
        elif wanted is not None and result is None and _tells_the_end(moment):
            result = line
    if wanted is None or not canceled:
        return
    if result is not None:
        yield kept(wanted, result)
    elif story.end is not None:
        yield _trusts(wanted, story.end)


def _tells_the_end(moment: Moment) -> bool:
    news = moment.line.kind == "delivery" and moment.line.operation in {CANCEL_NEWS, CANCELLATION}
    return moment.told in _OVER or news or moment.called(*READS)


def _trusts(wanted: Line, line: Line) -> Sighting:
    early = "before it is" if line.kind == "record" else "without having looked"
    return broken(
        wanted,
        line,
        told=f"takes the order for cancelled {early}, because POST .../cancel was answered"
        f" {wanted.status}",
        instead="wait for canceled in the feed, or ask GET .../orders/{orderId}",
    )


def _stop_when_asked(story: Story) -> Iterator[Sighting]:
    if story.deliveries(CANCELLATION):
        return  # a seller outside refuses by its invoice, see B-69
    started = False
    off: _Off | None = None
    for moment in story.moments:
        line = moment.line
        started = started or (moment.called(*STARTS) and line.worked)
        if line.kind == "step":
            off = _Off(line) if line.after in CANC and line.before not in CANC else off
        elif off is not None and moment.called(*INVOICES) and is_output(line):
            found = _invoice_of_canceled(off, line) if line.before in CANC else None
            if found is not None:
                yield found
                return
            off.refused = line
        elif off is not None:
            off.hear(moment)
    if off is not None and started and off.told is not None and off.refused is None:
        yield kept(off.asked, off.told)


@dataclass(slots=True)
class _Off:
    """What the integration knows of an order that somebody cancels.

    Attributes:
        asked: The step by which it began.
        told: How it learned of it.
        read: The latest Get order that showed it.
        put_aside: The commit of an item that told of it.
        refused: The latest invoice that came all the same.
    """

    asked: Line
    told: Line | None = None
    read: Line | None = None
    put_aside: Line | None = None
    refused: Line | None = None

    def hear(self, moment: Moment) -> None:
        """Take note of a line that may tell of the cancellation."""
        if moment.committed in CANC:
            self.put_aside = moment.line
        elif moment.told in CANC:
            self.told = self.told or moment.line
            self.read = moment.line if moment.read else self.read


def _invoice_of_canceled(off: _Off, line: Line) -> Sighting | None:
    """What an invoice of an order that is being cancelled comes to; None when it is excused.

    In front of a request an invoice refuses it, which is fair for who has read of the request and
    not put it aside. Who has, may all the same mean it: then it is a mild breach.
    """
    known = off.told or (off.refused if line.before in _OVER else None)
    on_purpose = line.before in ASK and off.read is not None
    if known is None or (on_purpose and off.put_aside is None):
        return None
    how = "had been told of" if off.told else "had been refused for"
    return broken(
        off.asked,
        known,
        line,
        told=f"invoices the order in {line.before}, a cancellation that it {how}",
        instead="stop shipping: accept by POST .../cancel, or refuse by POST"
        " .../deny-cancellation-request and invoice then",
        mild=on_purpose,
    )


def _answer_requests(story: Story) -> Iterator[Sighting]:
    if story.flow not in _ANSWERS or story.deliveries(CANCELLATION):
        return
    for request in _requests(story):
        if request.own is not None:
            continue
        if request.answer is not None:
            yield kept(request.asked, request.answer)
        elif request.how == "ran out" or (request.how == "open" and story.end is not None):
            yield broken(
                request.asked,
                request.left or story.end or request.asked,
                told="gives no answer to the cancellation request"
                + (" until its 30 days are over" if request.how == "ran out" else ""),
                instead="POST .../cancel to accept, or POST .../deny-cancellation-request",
            )


RULES = (
    IntegrationRule(
        id="B-39",
        title="Do not cancel what is partly invoiced",
        part="erp",
        severity="error",
        statement="An order with an Output invoice is not cancelled.",
        source=("oas-orders",),
        explanation="The call is refused with 400: part of the goods has been shipped and is to"
        " be paid for. An integration that books the order as cancelled leaves"
        " the rest neither shipped nor refunded.",
        check=each_story(_no_cancel_after_partial),
    ),
    IntegrationRule(
        id="B-40",
        title="Do not cancel what is invoiced",
        part="erp",
        severity="error",
        statement="An invoiced order is not cancelled; what comes back gets a return invoice.",
        source=("seed", "oas-orders"),
        explanation="Nothing follows invoiced: the call is refused, and the shopper gets no money"
        " back. Only an Input invoice starts the refund.",
        check=each_story(_no_cancel_when_invoiced),
    ),
    IntegrationRule(
        id="B-41",
        title="Confirm your own cancellation",
        part="erp",
        severity="warning",
        statement="After a first cancel in ready-for-handling or handling the integration cancels"
        " again to confirm, or sends an invoice to go on.",
        source=("hc-canceling",),
        explanation="The first call only asks. Without a second one the order waits for up to 30"
        " days with the shopper's money, and its stock is held.",
        check=each_story(_cancel_twice),
    ),
    IntegrationRule(
        id="B-42",
        title="Read the result of a cancel",
        part="erp",
        severity="warning",
        statement="After a cancel the integration waits for canceled in the feed or reads the"
        " order, and does not trust the 200.",
        source=("dp-erp-proc",),
        explanation="The 200 says that the request was taken. The order may still be refused its"
        " cancellation, wait for an answer, or be stuck; who books it as cancelled"
        " at once puts goods back on sale that are sold.",
        check=each_story(_read_the_result),
    ),
    IntegrationRule(
        id="B-43",
        title="Stop when a cancellation is requested",
        part="erp",
        severity="error",
        statement="After somebody asked for a cancellation no invoice is sent, unless to refuse it"
        " on purpose.",
        source=("dp-erp-faq", "hc-canceling"),
        explanation="An invoice refuses the cancellation. Sent by accident it ships goods that"
        " the shopper does not want any more, and takes the money for them.",
        check=each_story(_stop_when_asked),
        mistakes=("CM-19",),
    ),
    IntegrationRule(
        id="B-44",
        title="Answer cancellation requests",
        part="erp",
        severity="warning",
        statement="A request to cancel is accepted or refused before its 30 days are over.",
        source=("hc-declining",),
        explanation="Without an answer the order stands still, and after 30 days it is cancelled,"
        " even if the goods were shipped meanwhile.",
        check=each_story(_answer_requests),
        mistakes=("CM-19",),
    ),
)
"""The rules of this module by id."""
