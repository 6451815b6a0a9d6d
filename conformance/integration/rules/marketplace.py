"""B-56 to B-60 and B-64: what a connector of a marketplace outside hands in.

Source: domain fact sheet "Conformance rules", section B.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    APPROVE,
    DENIED,
    FULFILL,
    HANDING_IN,
    INTEGRATE,
    PLACINGS,
    READS,
    RESULT,
    answered,
    unclear,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import (
    had_its_time,
    reached_before,
)

_OK = 200
_SOON_MS = 3 * 60_000
"""Real ms within which something is tried again; a runner's clients are quicker (judgement)."""

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
    """What the integration's marketplace told of the sale that a call is about.

    Where scenarios are played all at once, calls belong to none.
    """
    for (scenario, name), news in sold.items():
        about = line.order_id == name or line.order_id.endswith(f"-{name}")
        if about and line.scenario in {"", scenario}:
            return news
    return []


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
)
"""The rules of this module by id."""
