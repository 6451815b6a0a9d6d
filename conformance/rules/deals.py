"""Rules on the documents of one sale, which hear of each other only by messages.

A rule that allows for delay is judged once no message can be under way any more. A seller whose
place another one took is judged by A-69, and by what it did before the order was paid.

Source: domain fact sheet "Conformance rules", sections A.4 to A.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import (
    DealRule,
    Example,
    Role,
    Row,
    Suspicion,
    at_last,
    confirmed,
    gathered,
    unpaid,
)
from orderflow.conformance.record import Missing
from orderflow.conformance.rule import ALL, CHAIN, MARKETPLACE, SELLER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderflow.conformance.deal_record import DealOutcome, DealRecord, Party
    from orderflow.conformance.record import Record

_AUTHORIZED = "authorize-fulfillment"
_ASKED = "cancellation-requested"
_ASKING = frozenset({"request-cancel", "waiting-for-seller-decision"})
_INVOICED = frozenset({"invoice", "invoiced"})
_OUT = frozenset({"cancel", "canceled"})
_DONE_WITH = _OUT | {"window-to-change-seller", "replaced"}


def _lower(deal: DealRecord, last: str, families: frozenset[str] = SELLER) -> tuple[Party, ...]:
    """Orders of some families that still count and stand in a status."""
    return tuple(
        each
        for each in deal.parties
        if each.record.family in families and each.dismissed_at is None and each.record.last == last
    )


def _by_hand(record: Record, step: int) -> bool:
    """Whether a person had authorised the order when it took the step."""
    first = record.first.get(_AUTHORIZED)
    return first is not None and first <= step and record.steps[first].event == "authorize_manually"


def _authorized_unpaid(deal: DealRecord) -> DealOutcome:
    sellers = (each for each in deal.parties if each.record.family == "seller")
    return gathered(
        found for each in sellers for found in unpaid(deal, each, (_AUTHORIZED,), _by_hand)
    )


def _handled_unpaid(deal: DealRecord) -> DealOutcome:
    sellers = (each for each in deal.parties if each.record.family == "seller")
    return gathered(
        found for each in sellers for found in unpaid(deal, each, ("handling",), _by_hand)
    )


def _mirrored(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _unmirrored(deal))


def _unmirrored(deal: DealRecord) -> Iterator[Suspicion | Missing]:
    for seller in _lower(deal, "invoiced"):
        for upper in deal.uppers(seller)[:1]:
            if not upper.record.steps or upper.record.last in _INVOICED:
                continue
            seen = f"{seller.name} is invoiced and {upper.name} stands in {upper.record.last}"
            expected = f"the invoice takes {upper.name} to invoice"
            finding = DealFinding(upper.name, at_last(upper), seen, expected)
            yield Suspicion((seller, upper), finding)
        yield from _absent(deal, seller)


def _absent(deal: DealRecord, lower: Party) -> Iterator[Missing]:
    name = deal.unknown_above(lower)
    if name:
        yield Missing(f"the order {name}")


def _paired(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _unpaired(deal))


def _unpaired(deal: DealRecord) -> Iterator[Suspicion | Missing]:
    for seller in _lower(deal, _ASKED):
        upper = deal.party.get(seller.above)
        if upper is None:
            yield from _absent(deal, seller)
        elif upper.record.steps and upper.record.last not in _ASKING:
            seen = f"{seller.name} is asked to cancel and {upper.name} is in {upper.record.last}"
            expected = f"{upper.name} waits for the answer"
            finding = DealFinding(seller.name, at_last(seller), seen, expected)
            yield Suspicion((seller, upper), finding)


def _both_end(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _one_sided(deal))


def _one_sided(deal: DealRecord) -> Iterator[Suspicion | Missing]:
    for lower in deal.parties:
        below = lower.record.last
        if not below or lower.dismissed_at is not None:
            continue
        upper = deal.party.get(lower.above)
        if upper is None:
            if below == "canceled":
                yield from _absent(deal, lower)
            continue
        above = upper.record.last
        if above == "canceled" and below not in _OUT:
            late = upper if below == "invoiced" else lower  # nothing moves an invoiced order
        elif below == "canceled" and above and above not in _DONE_WITH:
            late = upper
        else:
            continue
        seen = f"{upper.name} stands in {above} and {lower.name} in {below}"
        finding = DealFinding(late.name, at_last(late), seen, "a cancellation reaches both orders")
        yield Suspicion((upper, lower), finding)


def _former_is_out(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _former_still_in(deal))


def _former_still_in(deal: DealRecord) -> Iterator[Suspicion]:
    for lower in deal.parties:
        if lower.dismissed_at is None or not lower.record.steps or lower.record.last in _OUT:
            continue
        seen = f"another seller took over and {lower.name} stands in {lower.record.last}"
        finding = DealFinding(lower.name, at_last(lower), seen, f"{lower.name} is cancelled")
        yield Suspicion((*deal.uppers(lower)[:1], lower), finding)


def _no_race(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _raced(deal))


def _raced(deal: DealRecord) -> Iterator[Suspicion | Missing]:
    for seller in _lower(deal, "invoiced", SELLER | CHAIN):
        for upper in deal.uppers(seller)[:1]:
            if upper.record.family == "marketplace" and upper.record.last == "request-cancel":
                seen = f"{seller.name} is invoiced and {upper.name} still asks for a cancellation"
                expected = f"the invoice answers the request, and {upper.name} goes on to invoice"
                finding = DealFinding(upper.name, at_last(upper), seen, expected)
                yield Suspicion((seller, upper), finding)
        yield from _absent(deal, seller)


_TWO = (Role("market", "marketplace"), Role("seller", "seller", "market"))
_CHANGED = (
    Role("market", "marketplace"),
    Role("seller", "seller", "market", dismissed=3_600),
    Role("substitute", "seller", "market"),
)
_WAITS = (Row(0, "market", "payment-pending"), Row(0, "seller", "waiting-ffmt-authorization"))
_WORKS = (Row(0, "market", "payment-approved"), Row(0, "seller", "handling"))

RULES = (
    DealRule(
        id="A-28",
        title="authorised after the payment",
        severity="error",
        families=ALL,
        needs=SELLER,
        statement="A seller order comes to authorize-fulfillment no sooner than the order above "
        "it came to payment-approved, unless a person authorised it.",
        source=("hc-flow", "L04"),
        explanation="The seller was told to go ahead before the marketplace had the money. Goods "
        "may leave the house for an order that nobody ever pays. Usual cause: the connector "
        "authorises on placement, or takes another event for the approval. When a person "
        "authorised the order by hand they took that risk, and it is only a warning.",
        check=_authorized_unpaid,
        folds_anywhere=("A-38",),
        example=Example(
            _TWO,
            (
                *_WAITS,
                Row(600, "seller", _AUTHORIZED, "authorize_dispatch"),
                Row(7_799, "market", "approve-payment"),
                Row(7_800, "market", "payment-approved"),
            ),
        ),
    ),
    DealRule(
        id="A-38",
        title="handled after the payment",
        severity="error",
        families=ALL,
        needs=SELLER,
        statement="A seller order comes to handling no sooner than the order above it came to "
        "payment-approved, unless a person authorised it.",
        source=("hc-flow",),
        explanation="The seller packed the goods before the marketplace had the money. If the "
        "payment fails they are on their way for nothing. Usual cause: a warehouse starts on its "
        "own list of orders and not on the platform's word. When a person authorised the order "
        "by hand it is only a warning.",
        check=_handled_unpaid,
        example=Example(
            _TWO,
            (
                *_WAITS,
                Row(3_600, "seller", "start-handling", "start_handling"),
                Row(3_601, "seller", "handling", "begin_preparation"),
                Row(7_200, "market", "approve-payment"),
                Row(7_201, "market", "payment-approved"),
            ),
        ),
    ),
    DealRule(
        id="A-53",
        title="an invoice is mirrored above",
        severity="warning",
        families=ALL,
        needs=SELLER,
        statement="Once news has arrived, the order above an invoiced seller order is in invoice "
        "or invoiced.",
        source=("L16", "ki-1372902", "ki-376646"),
        explanation="The seller is done and the order above has not heard of any invoice. The "
        "shopper sees an order that is still being prepared, and the money may never be "
        "captured. Usual cause: the invoice call to the order above failed and was not repeated. "
        "Known defect: ki-1372902.",
        check=_mirrored,
        folds=("A-74",),
        example=Example(
            _TWO,
            (
                *_WORKS,
                Row(1_800, "seller", "invoice", "verify_invoice:rest"),
                Row(1_801, "seller", "invoiced", "add_invoice_full"),
                Row(1_801, "seller", to="market", news="invoiced in full", lost=True),
                Row(1_805),
            ),
        ),
    ),
    DealRule(
        id="A-58",
        title="both know of the request",
        severity="warning",
        families=ALL,
        needs=SELLER,
        statement="Once news has arrived, the order above a seller order in "
        "cancellation-requested is in request-cancel or waiting-for-seller-decision.",
        source=("dp-cancel", "ki-1242813"),
        explanation="The seller is being asked to cancel and the order above does not wait for "
        "an answer. Whatever the seller says, nobody listens, and the two may end differently. "
        "Usual cause: one of the two calls of the request failed, or the answer to an earlier one "
        "came late (ki-1242813).",
        check=_paired,
        example=Example(
            _TWO,
            (
                *_WORKS,
                Row(60, "market", "request-cancel", "request_cancel"),
                Row(60, "market", to="seller", news="please cancel"),
                Row(61, "seller", _ASKED, "request_cancel"),
                Row(61, "market", "waiting-for-seller-decision", "notify_seller"),
                Row(300, "market", "payment-approved", "deny_cancel"),
                Row(305),
            ),
        ),
    ),
    DealRule(
        id="A-65",
        title="both sides end",
        severity="error",
        families=ALL,
        statement="Once news has arrived, an order below a canceled one is in cancel or canceled, "
        "and the order above a canceled one is in cancel, canceled, window-to-change-seller or "
        "replaced.",
        source=("dp-cancel", "ki-1198719", "ki-792618"),
        explanation="One side of the sale is cancelled and the other goes on. Either goods are "
        "sent that nobody pays for, or a shopper waits for goods that will not come. Usual cause: "
        "the call that carries the cancellation failed and was not repeated. Known defect: "
        "ki-792618, where the seller order never hears of it.",
        check=_both_end,
        folds=("A-53", "A-58", "A-74"),
        example=Example(
            _TWO,
            (
                Row(0, "market", "waiting-for-seller-decision"),
                Row(0, "seller", _ASKED),
                Row(5, "seller", "cancel", "accept_cancel"),
                Row(6, "seller", "canceled", "finish_cancel"),
                Row(6, "seller", to="market", news="canceled", lost=True),
                Row(10),
            ),
        ),
    ),
    DealRule(
        id="A-69",
        title="the former seller is out",
        severity="error",
        families=ALL,
        statement="Once news has arrived, a seller order whose place another one took is in "
        "cancel or canceled.",
        source=("L14", "ki-656815", "ki-1082298"),
        explanation="Another seller took over the order and the former one was not cancelled. "
        "Both may send the goods, and the shopper gets them twice. Usual cause: the cancellation "
        "of the former seller order failed after the new one was made. Split orders that share a "
        "payment are known for it (ki-1082298).",
        check=_former_is_out,
        example=Example(
            _CHANGED,
            (
                *_WAITS,
                Row(3_600, "market", to="seller", news="change_seller", lost=True),
                Row(3_601, "substitute", "order-accepted"),
                Row(3_605),
            ),
        ),
    ),
    DealRule(
        id="A-70",
        title="no race of cancel and invoice",
        severity="warning",
        families=MARKETPLACE | SELLER,
        needs=MARKETPLACE | SELLER,
        statement="Once news has arrived, no marketplace order is in request-cancel while its "
        "seller order is invoiced.",
        source=("ki-1400005",),
        explanation="The shopper asked for a cancellation at the moment the seller sent the "
        "invoice. The seller is done, and the marketplace order is stuck in request-cancel with "
        "nobody left to answer. Known defect: ki-1400005; support has to move the order on by "
        "hand.",
        check=_no_race,
        folds=("A-53", "A-74"),
        example=Example(
            _TWO,
            (
                *_WORKS,
                Row(600, "seller", "invoice", "verify_invoice:rest"),
                Row(600, "market", "request-cancel", "request_cancel"),
                Row(601, "seller", "invoiced", "add_invoice_full"),
                Row(601, "seller", to="market", news="invoiced in full", lost=True),
                Row(605),
            ),
        ),
    ),
)
