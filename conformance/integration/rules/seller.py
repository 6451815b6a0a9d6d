"""B-66 to B-73: a seller outside the platform, as its marketplace sees it.

Source: domain fact sheet "Conformance rules", section B.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from orderflow.conformance.integration.line import Line, Row
from orderflow.conformance.integration.operations import (
    AGREE,
    CANCELLATION,
    CANCELS,
    DENIED,
    FULFILLMENT,
    INVOICES,
    NUMBERS,
    PLACEMENT,
    READS,
    SELLER_CANCEL,
    SELLER_INVOICE,
    SIMULATION,
    STARTS,
    TRACKINGS,
    is_output,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import (
    Moment,
    Story,
    each_story,
    inner,
    reached_before,
)
from orderflow.conformance.rule import CANC

_OK, _NOT_FOUND = 200, 404
_GIVEN_UP = re.compile(r"/orders/([^/]+)/changes/[^/]+/cancel$")
_PATIENCE_MS = 2_500
_INVOICED = frozenset({"invoice", "invoiced"})
_MOVES_GOODS = ("shipment", "stock")
_OUTSIDE = frozenset({SELLER_CANCEL, SELLER_INVOICE, *NUMBERS[1:], *TRACKINGS[1:]})
_ORDER_CALLS = (*READS, *STARTS, *CANCELS, *INVOICES, *NUMBERS, *TRACKINGS)


def _missing(line: Line) -> tuple[str, ...]:
    answer = inner(line, "answer")
    return () if answer is None else Line(0, "call", facts=answer.values).words("missing")


def _answer(line: Line) -> Row:
    return inner(line, "answer") or Row({})


def _complete_placement(seen: Seen) -> Iterator[Sighting]:
    for line in seen.deliveries:
        if line.operation != PLACEMENT:
            continue
        missing = _missing(line)
        if line.status == _OK and not missing:
            yield kept(line)
            continue
        told = f"answers the placement {line.status or 'not at all'}"
        if line.status == _OK:
            told = f"answers the placement without {', '.join(missing)}"
        yield broken(
            line,
            told=told,
            instead="answer 200 with the array of the orders as they came, each with your"
            " orderId and followUpEmail",
        )


def _quick_simulation(seen: Seen) -> Iterator[Sighting]:
    for line in seen.deliveries:
        if line.operation != SIMULATION:
            continue
        if line.trouble == "timeout" or (line.status and line.took > _PATIENCE_MS):
            yield broken(
                line,
                told=f"answers a simulation in more than {_PATIENCE_MS / 1000} seconds",
                instead="answer POST /pvt/orderForms/simulation from what is at hand, within 2.5"
                " seconds",
            )
        elif line.status == _OK:
            yield kept(line)


def _no_goods_before_fulfill(story: Story) -> Iterator[Sighting]:
    if not story.deliveries(PLACEMENT):
        return
    authorised = story.deliveries(FULFILLMENT)
    for line in story.records(*_MOVES_GOODS):
        found = next((each for each in authorised if reached_before(each, line)), None)
        if found is not None:
            yield kept(found, line)
        else:
            what = "ships" if line.text("what") == "shipment" else "takes the goods from stock for"
            yield broken(
                line,
                told=f"{what} an order that it was not authorised to handle",
                instead="reserve at POST /pvt/orders, and move goods after POST"
                " /pvt/orders/{orderId}/fulfill",
            )


def _answer_cancellation_twice(story: Story) -> Iterator[Sighting]:
    thinks: Line | None = None
    for moment in story.moments:
        line = moment.line
        if thinks is not None and line.worked and _decides(moment):
            yield kept(thinks, line)
            return
        if line.kind != "delivery" or line.operation != CANCELLATION:
            continue
        if line.status != _OK or _missing(line):
            yield broken(line, told=_bad_answer(line), instead=_GOOD_ANSWER)
            return
        if not _is_empty(line):
            yield kept(*([thinks] if thinks is not None else []), line)
            return
        if thinks is not None:
            yield broken(
                thinks,
                line,
                told="answers a cancellation with an empty body a second time",
                instead=_GOOD_ANSWER,
            )
            return
        thinks = line


def _decides(moment: Moment) -> bool:
    """Whether a call refuses a cancellation, or agrees to it."""
    return moment.called(SELLER_CANCEL) or (moment.called(*INVOICES) and is_output(moment.line))


_GOOD_ANSWER = (
    "answer 200: an empty body first while you think, then date, marketplaceOrderId, orderId and"
    " receipt to agree; or send the invoice to refuse"
)


def _is_empty(line: Line) -> bool:
    return _answer(line).values.get("empty") is True


def _bad_answer(line: Line) -> str:
    if line.status == _OK:
        return f"answers a cancellation without {', '.join(_missing(line))}"
    return f"answers a cancellation {line.status or 'not at all'}"


def _return_before_cancelling(story: Story) -> Iterator[Sighting]:
    outside = bool(story.deliveries(PLACEMENT))
    returned = False
    for line in story.calls(*INVOICES, *CANCELS):
        if not outside and line.operation not in _OUTSIDE:
            continue
        if line.operation in INVOICES:
            if not is_output(line) and line.worked and line.before == "invoiced":
                returned = True
                yield kept(line)
        elif line.before in _INVOICED and not returned and line.status not in DENIED:
            yield broken(
                line,
                told=f"cancels an order that is {line.before} without a return invoice",
                instead="POST /pvt/orders/{orderId}/invoice with type Input when the goods have"
                " come back",
            )


def _agreements(seen: Seen) -> Iterator[Sighting]:
    paths = (each.path or each.text("path") for each in seen.lines)
    given_up = {found[1] for each in paths if (found := _GIVEN_UP.search(each))}

    def check(story: Story) -> Iterator[Sighting]:
        is_over = story.status in CANC or story.order_id in given_up
        return _agree_in_two_steps(story, None if is_over else story.end)

    return each_story(check)(seen)


def _agree_in_two_steps(story: Story, end: Line | None) -> Iterator[Sighting]:
    """Whether each agreement is in its turn, and the second one there by the line *end*."""
    known: dict[str, Line] = {}
    over: set[str] = set()
    for line in story.calls(AGREE):
        change, said = line.path, line.text("agreement")
        if said == "Acknowledgment":
            known.setdefault(change, line)
        elif said == "Confirmation" and change in known:
            if change not in over:
                yield kept(known[change], line)
            over.add(change)
        else:
            over.add(change)
            yield broken(
                line,
                told="confirms a modification that it has not acknowledged"
                if said == "Confirmation"
                else f"sends the agreement {said!r}",
                instead="send-agreement with Acknowledgment first, then with Confirmation",
            )
    for change, line in known.items():
        if change not in over and end is not None:
            yield broken(
                line,
                end,
                told="acknowledges a modification and never confirms it",
                instead="send-agreement with Confirmation once the change is made",
            )
    yield from _applied_too_early(story, known)


def _applied_too_early(story: Story, known: dict[str, Line]) -> Iterator[Sighting]:
    first = min((each.number for each in known.values()), default=None)
    agreed = story.calls(AGREE)
    for line in story.records("modification"):
        if agreed and (first is None or line.number < first):
            yield broken(
                line,
                agreed[0],
                told="applies a modification before it has acknowledged it",
                instead="send-agreement with Acknowledgment, change the order, then Confirmation",
            )


def _marketplace_order_id(seen: Seen) -> Iterator[Sighting]:
    if not any(each.operation == PLACEMENT for each in seen.deliveries):
        return
    for story in seen.stories:
        known = next(story.steps, None) is not None
        placed = bool(story.deliveries(PLACEMENT))
        for line in story.calls(*_ORDER_CALLS):
            if placed and line.status != _NOT_FOUND:
                yield kept(line)
            elif not known and line.status == _NOT_FOUND and not line.faults:
                yield broken(
                    line,
                    told=f"calls for the order {line.order_id}, which the marketplace does not"
                    " have",
                    instead="use marketplaceOrderId of the placement in the paths of the"
                    " marketplace; your own orderId is for the calls that you get",
                )


def _place_idempotently(story: Story) -> Iterator[Sighting]:
    placed = [each for each in story.deliveries(PLACEMENT) if each.trouble != "refused"]
    if len(placed) < 2:  # noqa: PLR2004 - twice
        return
    names = {_answer(each).text("seller_order") for each in placed} - {""}
    reserved = story.records("reservation")
    lines = sorted((*placed, *reserved), key=lambda each: each.number)
    if len(names) > 1 or _is_reserved_twice(placed, reserved):
        yield broken(
            *lines,
            told="makes two orders of one that is placed twice",
            instead="look for marketplaceOrderId first, and answer the second placement as the"
            " first",
        )
    elif reserved or (names and _answer(placed[-1]).text("seller_order")):
        yield kept(*lines)


def _is_reserved_twice(placed: Sequence[Line], reserved: Sequence[Line]) -> bool:
    """Whether the goods of an order were reserved again; there may be a record for each item."""
    values = [each.facts.get("value") for each in reserved]
    if len(set(values)) < len(values):
        return True
    first, second = placed[0], placed[1]
    early = [each for each in reserved if each.wall < second.began]
    return first.status == _OK and 0 < len(early) < len(reserved)


RULES = (
    IntegrationRule(
        id="B-66",
        title="Answer placements in full",
        part="seller",
        severity="error",
        statement="A placement is answered with the array that came, each order with the"
        " seller's orderId and followUpEmail.",
        source=("oas-esf",),
        explanation="Without its orderId the marketplace cannot tell the seller anything of the"
        " order: no authorisation, no cancellation. The order is stuck.",
        check=_complete_placement,
    ),
    IntegrationRule(
        id="B-67",
        title="Simulate within 2.5 seconds",
        part="seller",
        severity="error",
        statement="A simulation is answered within 2.5 seconds.",
        source=("dp-es-conn",),
        explanation="Later the product counts as unavailable: it disappears from the cart of the"
        " shopper who wanted to buy it.",
        check=_quick_simulation,
    ),
    IntegrationRule(
        id="B-68",
        title="Move goods only when authorised",
        part="seller",
        severity="error",
        statement="Stock is moved, and goods are shipped, only after the call to fulfill.",
        source=("dp-es-conn",),
        explanation="A placement is no payment. Who ships before the authorisation ships orders"
        " that are never paid.",
        check=each_story(_no_goods_before_fulfill),
    ),
    IntegrationRule(
        id="B-69",
        title="Decide on a cancellation",
        part="seller",
        severity="error",
        statement="A cancellation is answered with an empty body while the seller thinks, and at"
        " the second call at the latest with a receipt; an invoice refuses it.",
        source=("oas-esf", "dp-es-conn"),
        explanation="An answer that cannot be read, or that never comes, leaves the order between"
        " both: the shopper gets neither goods nor money.",
        check=each_story(_answer_cancellation_twice),
    ),
    IntegrationRule(
        id="B-70",
        title="Return what is invoiced, then cancel",
        part="seller",
        severity="error",
        statement="A seller outside does not cancel an invoiced order without a return invoice.",
        source=("dp-es-conn",),
        explanation="The call is refused, and the shopper, whose goods are on their way, is not"
        " refunded. Only an Input invoice starts the refund.",
        check=each_story(_return_before_cancelling),
    ),
    IntegrationRule(
        id="B-71",
        title="Acknowledge, then confirm",
        part="seller",
        severity="error",
        statement="A modification gets an Acknowledgment, then a Confirmation, and is not applied"
        " before.",
        source=("oas-esm",),
        explanation="A modification counts only when all have confirmed it; any of them may still"
        " refuse. Who applies it before ships something else than the others have sold.",
        check=_agreements,
    ),
    IntegrationRule(
        id="B-72",
        title="Use the marketplace's order id",
        part="seller",
        severity="error",
        statement="Calls to the marketplace carry its order id, not the seller's own.",
        source=("guide",),
        explanation="The marketplace does not know the seller's id: invoice and tracking are"
        " answered 404, and the order is never invoiced.",
        check=_marketplace_order_id,
    ),
    IntegrationRule(
        id="B-73",
        title="Take each order once",
        part="seller",
        severity="error",
        statement="An order that is placed twice makes one order and one reservation.",
        source=("oas-esf", "ki-680919"),
        explanation="The marketplace repeats a placement whose answer it did not get. A seller"
        " that takes it for another order reserves, and ships, twice.",
        check=each_story(_place_idempotently),
    ),
)
"""The rules of this module by id."""
