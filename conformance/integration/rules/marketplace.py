"""B-56 to B-65: a connector of a marketplace outside the platform.

Source: domain fact sheet "Conformance rules", section B.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    APPROVE,
    CANCEL_NEWS,
    CANCELS,
    DENIED,
    FULFILL,
    HANDING_IN,
    INTEGRATE,
    INVOICE_NEWS,
    PLACINGS,
    READS,
    RESULT,
    answered,
    unclear,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import INVOICE, Seen
from orderflow.conformance.integration.story import (
    Moment,
    Story,
    each_story,
    had_its_time,
    inner,
    reached_before,
)

_OK = 200
_SOON_MS = 3 * 60_000
"""Real ms within which something is tried again; a runner's clients are quicker (judgement)."""

_LONG_AGO_MS = 60_000
"""Virtual ms after which a look at an order that has moved since then tells nothing (judgement)."""

_BURST = 5
"""Cancellations under way at once that count as a burst."""

_INTEGRATED = frozenset({"SOI001", "SOI002", "EOI011"})
_WAITS = "EOI011"
_BY_HAND = "waiting-for-manual-authorization"
_SERVICE_ERRORS = frozenset({"EOI006", "EOI010"})
_GONE = frozenset({"cancel", "canceled"})
_TWICE = frozenset({"EOI007", "FMT009"})
_EXISTS = _TWICE | {"EOI008", "EOI009"} | _INTEGRATED
"""Results that do not mean that the order was refused."""


@dataclass(slots=True)
class _Sale:
    """A sale of a marketplace outside: its calls, and what it was told, in order.

    Attributes:
        lines: Those about it.
        end: Line at which its scenario was over; None where what was not done says nothing.
        scale: How much quicker time is for the integration.
    """

    lines: list[Line] = field(default_factory=list)
    end: Line | None = None
    scale: float = 1.0

    def is_due(self, line: Line) -> bool:
        """Whether it went on for long enough after *line* to try again."""
        return self.end is not None and self.end.wall - line.wall >= _SOON_MS / self.scale


def _each_sale(
    check: Callable[[_Sale], Iterable[Sighting]],
) -> Callable[[Seen], Iterator[Sighting]]:
    def whole(seen: Seen) -> Iterator[Sighting]:
        for sale in _sales(seen):
            order_id = next((each.order_id for each in sale.lines if each.order_id), "")
            for each in check(sale):
                yield replace(each, order_id=order_id)

    return whole


def _sales(seen: Seen) -> tuple[_Sale, ...]:
    """The sales that were handed in, by their first call.

    A line says which sale it is about by the mark of the marketplace's id, by the order, or both.
    """
    found: dict[tuple[str, str], _Sale] = {}
    marks: dict[str, str] = {}
    over = {each.scenario: each for each in seen.lines if each.kind == "end"}
    for line in seen.lines:
        if line.kind not in {"call", "delivery", "step"}:
            continue
        mark = line.text("marketplace_order") or marks.get(line.order_id, "")
        if not mark:
            continue
        if line.order_id:
            marks[line.order_id] = mark
        sale = found.setdefault((line.scenario, mark), _Sale())
        sale.lines.append(line)
        end = over.get(line.scenario)
        sale.scale = seen.scale(line)
        sale.end = end if end is not None and had_its_time(end) else None
    return tuple(found.values())


def _is_call(line: Line, *operations: str) -> bool:
    return line.kind == "call" and line.operation in operations


def _result(line: Line) -> str:
    """The code that tells what came of something handed in; empty when the line tells none."""
    return line.text("result") if line.kind == "delivery" and line.operation == RESULT else ""


def _every_parameter(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*HANDING_IN, FULFILL):
        if "missing" not in line.facts or line.flag("json") is False or line.status in DENIED:
            continue
        missing = line.words("missing")
        if missing:
            yield broken(
                line,
                told=f"leaves out {', '.join(missing)}",
                instead="send every parameter, null where there is no value",
            )
        else:
            yield kept(line)


def _place_once(sale: _Sale) -> Iterator[Sighting]:
    taken: Line | None = None
    twice = False
    for line in sale.lines:
        code = _result(line)
        if code in _INTEGRATED:
            taken = taken or line
        elif code and code not in _EXISTS and line.status == _OK:
            taken = None
        elif _is_call(line, *PLACINGS) and line.status not in DENIED:
            if taken is not None:
                twice = True
                yield broken(
                    taken,
                    line,
                    told="hands in an order again that was taken before",
                    instead="remember what was taken; an order that is answered 200 or SOI001 is"
                    " not sent again",
                )
            elif _is_taken(line):
                taken = line
    if taken is not None and not twice:
        yield kept(taken)


def _is_taken(line: Line) -> bool:
    """Whether the caller knows by the answer that the platform has the order."""
    result = line.text("result") or line.text("code")
    return result in _TWICE or (line.told_success and not result.startswith("EOI"))


def _approve_what_is_integrated(sale: _Sale) -> Iterator[Sighting]:
    known: Line | None = None
    for line in sale.lines:
        if _result(line) in _INTEGRATED or _is_success(line, PLACINGS[0], *READS):
            known = known or line
        elif _is_call(line, APPROVE) and line.text("said") == "approved":
            arrived = known or _arrived(sale, line)
            if arrived is not None:
                yield kept(arrived, line)
            elif line.status not in DENIED:
                yield broken(
                    line,
                    told="approves an order before it was told that it is integrated",
                    instead="wait for the result SOI001, then PUT"
                    " /api/order-integration/orders/status",
                )


def _arrived(sale: _Sale, line: Line) -> Line | None:
    """The result that was being delivered when *line* came, None when there was none."""
    results = (each for each in sale.lines if _result(each) in _INTEGRATED)
    return next((each for each in results if reached_before(each, line)), None)


def _is_success(line: Line, *operations: str) -> bool:
    return _is_call(line, *operations) and line.told_success


def _retry_until_decided(sale: _Sale) -> Iterator[Sighting]:
    told = False
    for place, line in enumerate(sale.lines):
        if _result(line) == _WAITS and line.status == _OK:
            found = _asked_again(sale, place, "the order waits for its seller (EOI011)")
            if told and not _is_decided(sale.lines[place + 1 :]):
                found = (each for each in found if each.kept)  # its next try may be to come
            yield from found
            told = True


def _is_decided(lines: Iterable[Line]) -> bool:
    """Whether the seller has decided on the price."""
    return any(line.kind == "step" and line.before == _BY_HAND for line in lines)


def _retry_after_an_error(sale: _Sale) -> Iterator[Sighting]:
    for place, line in enumerate(sale.lines):
        if _result(line) in _SERVICE_ERRORS and line.status == _OK:
            yield from _asked_again(sale, place, f"the platform had an error ({_result(line)})")
        elif _is_call(line, *HANDING_IN, FULFILL) and unclear(line):
            yield from _asked_again(sale, place, f"the call {answered(line)}")


def _asked_again(sale: _Sale, place: int, why: str) -> Iterator[Sighting]:
    line, later = sale.lines[place], sale.lines[place + 1 :]
    ways = (line.operation,) if line.kind == "call" else HANDING_IN
    ways = (*ways, *READS, APPROVE, FULFILL)
    again = next((each for each in later if _is_call(each, *ways)), None)
    if again is not None:
        yield kept(line, again)
    elif sale.end and sale.is_due(line) and not any(_settles(line, each) for each in later):
        yield broken(
            line,
            sale.end,
            told=f"does not try again after {why}",
            instead="repeat the call later, with the same marketplaceOrderId",
        )


def _settles(line: Line, later: Line) -> bool:
    """Whether what came later makes another try needless: a result, or the order's end."""
    told = line.kind == "call" and bool(_result(later)) and later.status == _OK
    return told or later.after in _GONE


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


def _authorise_what_is_paid(seen: Seen) -> Iterator[Sighting]:
    sold: dict[tuple[str, str], list[Line]] = {}
    for line in seen.lines:
        name = line.text("id")
        if line.kind == "act" and line.text("what") == "tell" and name:
            sold.setdefault((line.scenario, name), []).append(line)
        elif line.kind == "call" and _authorises(line):
            news = _told_of(sold, line)
            paid = [each for each in news if each.text("said") == "paid"]
            if paid:
                yield kept(paid[-1], line)
            elif news:
                yield broken(
                    news[-1],
                    line,
                    told="authorises the order before its marketplace was paid",
                    instead="wait for the payment, then POST .../fulfill",
                )


def _authorises(line: Line) -> bool:
    if line.status in DENIED:
        return False
    approved = line.operation in {APPROVE, INTEGRATE} and line.text("said") == "approved"
    return approved or line.operation == FULFILL


def _told_of(sold: dict[tuple[str, str], list[Line]], line: Line) -> list[Line]:
    """What the integration's marketplace told of the sale that a call is about."""
    for (scenario, name), news in sold.items():
        about = line.order_id == name or line.order_id.endswith(f"-{name}")
        if scenario == line.scenario and about:
            return news
    return []


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
        id="B-56",
        title="Send every parameter",
        part="marketplace",
        severity="error",
        statement="Placement, authorisation and status calls carry every parameter, null where"
        " it is empty.",
        source=("dp-em-cancel",),
        explanation="A parameter that is missing is refused by some versions of the platform and"
        " taken for a default by others: the order is integrated with other data"
        " than the marketplace sold it with.",
        check=_every_parameter,
    ),
    IntegrationRule(
        id="B-57",
        title="Place each order once",
        part="marketplace",
        severity="error",
        statement="An order that was taken is not handed in again.",
        source=("dp-em-collect", "dp-chk-errors"),
        explanation="The second one is refused with EOI007 or FMT009, if it has the same id. A"
        " connector that does not know what it has placed reserves and ships twice as"
        " soon as the id differs.",
        check=_each_sale(_place_once),
    ),
    IntegrationRule(
        id="B-58",
        title="Approve only integrated orders",
        part="marketplace",
        severity="error",
        statement="The status approved is sent after the result SOI001.",
        source=("dp-em-collect",),
        explanation="The integration is asynchronous. An approval that comes first is refused with"
        " EOI008, and nobody sends it again: the paid order is never handled.",
        check=_each_sale(_approve_what_is_integrated),
    ),
    IntegrationRule(
        id="B-59",
        title="Retry until the price is decided",
        part="marketplace",
        severity="warning",
        statement="After EOI011 the call is repeated later, until the seller has decided.",
        source=("dp-em-status",),
        explanation="The seller has to accept the other price first. Without a repetition the paid"
        " order waits, and is cancelled after 30 days.",
        check=_each_sale(_retry_until_decided),
    ),
    IntegrationRule(
        id="B-60",
        title="Retry after a service error",
        part="marketplace",
        severity="warning",
        statement="After EOI006, EOI010, or an answer of 5xx, the call is repeated later for the"
        " same order.",
        source=("dp-em-collect",),
        explanation="The error is the platform's, and it passes. A connector that gives up loses a"
        " sale; one that makes a new order of it sells twice.",
        check=_each_sale(_retry_after_an_error),
    ),
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
        id="B-64",
        title="Authorise after the payment",
        part="marketplace",
        severity="error",
        statement="The seller is authorised to handle an order only once its marketplace was paid.",
        source=("oas-em", "hc-flow"),
        explanation="The seller ships on this word. If the payment is refused afterwards, the"
        " goods are gone.",
        check=_authorise_what_is_paid,
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
