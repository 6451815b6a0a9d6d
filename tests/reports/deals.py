"""Deals and verdicts on them for the tests of the reports: bundled flows, made-up results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from orderflow.conformance.verdict import (
    DealProof,
    DealVerdict,
    Failure,
    MessageTrace,
    TraceStep,
    Verdict,
)
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.deal_reach import closed_steps, ways
from orderflow.flows.model import ABSENT
from tests.reports.builders import HOSTILE, MINUTE, partial_invoice, passing, verdict, view

DEALS = (
    "marketplace-seller",
    "marketplace-chain-seller",
    "complete",
    "split-order",
    "seller-change",
)
DAY = 24 * 60 * MINUTE


@cache
def deal(name: str) -> Deal:
    """Return a bundled deal in its documented profile."""
    return bundled_deal(name).view()


def steps(*rows: tuple[int, str, str, str, str, int] | TraceStep) -> tuple[TraceStep, ...]:
    """Build a trace from (at, participant, event, target, actor, cause), sources worked out.

    A target that begins with ``!`` is where the event was refused.
    """
    stands: dict[str, str] = {}
    built: list[TraceStep] = []
    for i, row in enumerate(rows, 1):
        if isinstance(row, TraceStep):
            built.append(replace(row, number=i))
            continue
        at, who, event, target, actor, cause = row
        source, goal = stands.get(who, ABSENT), target.removeprefix("!")
        accepted = not target.startswith("!")
        stands[who] = goal
        stage = _STAGES.get(goal, 3)
        built.append(
            TraceStep(i, at, actor, event, source, goal, accepted, "", stage, (), who, cause)
        )
    return tuple(built)


_STAGES = {
    "order-created": 1,
    "order-accepted": 1,
    "on-order-completed": 1,
    "on-order-completed-ffm": 1,
    "waiting-for-authorization": 2,
    "waiting-ffmt-authorization": 2,
    "payment-pending": 2,
    "payment-approved": 2,
    "invoiced": 4,
}


def messages(
    *rows: tuple[str, str, str, int, int, str, int, tuple[int, ...]],
) -> tuple[MessageTrace, ...]:
    """Build messages from (notice, sender, receiver, sent, sent_at, fate, arrived_at, heard)."""
    return tuple(
        MessageTrace(i, notice, notice, sender, receiver, sent, at, fate, arrived, heard)
        for i, (notice, sender, receiver, sent, at, fate, arrived, heard) in enumerate(rows, 1)
    )


_TWO = (("market", "marketplace"), ("seller", "seller"))
_OPENING = (
    (0, "market", "place_order", "order-created", "shopper", 0),
    (1_000, "seller", "place_order", "order-accepted", "marketplace", 1),
    (1_000, "market", "open_flow", "waiting-for-authorization", "platform", 0),
    (2_000, "market", "seller_confirmed", "payment-pending", "seller", 2),
    (9_000, "market", "payment_approved", "payment-approved", "gateway", 0),
    (10_000, "seller", "authorize_dispatch", "authorize-fulfillment", "marketplace", 3),
)
_SENT = (
    ("order", "market", "seller", 1, 0, "acted", 1_000, (2,)),
    ("accepted", "seller", "market", 2, 1_000, "acted", 2_000, (4,)),
    ("authorized", "market", "seller", 5, 9_000, "acted", 10_000, (6,)),
)


def race() -> Failure:
    """Return known issue ki-1400005: the marketplace waits for an answer that never comes."""
    late = 47 * MINUTE
    return Failure(
        identity="A-53/M14/agreement",
        rule="A-53",
        title="No order waits for an answer from one that is done",
        severity="error",
        kind="rule",
        flow="marketplace",
        transition="M14",
        sentence="The seller order is `invoiced` while its marketplace order is stuck in "
        "`request-cancel`: nobody will ever answer the request.",
        expected="the marketplace order leaves `request-cancel` once its seller is `invoiced`",
        observed="it stands in `request-cancel`, no message is under way and no timer runs",
        explanation="The shopper asked to cancel, the seller had shipped already and its invoice "
        "overtook the request. Unless the request is answered with a denial, the shopper sees an "
        "open cancellation of an order that is on its way, and the money is never captured.",
        source="ki-1400005, flows.md L12",
        trace=steps(
            *_OPENING,
            (31 * MINUTE, "seller", "start_handling", "handling", "seller", 0),
            (late, "seller", "verify_invoice", "invoice", "seller", 0),
            (late + 2_000, "market", "request_cancel", "request-cancel", "shopper", 0),
            (late + 3_000, "seller", "add_invoice_full", "invoiced", "platform", 0),
            (late + 30 * DAY, "market", "advance", "request-cancel", "timer", 0),
        ),
        shrunk_from=58,
        seen=17,
        expected_target="payment-approved",
        replay="orderflow replay --deal marketplace-seller --seed 8271 --trace race.trace.yaml",
        deal="marketplace-seller",
        participant="market",
        participants=_TWO,
        messages=messages(
            *_SENT,
            ("cancel-request", "market", "seller", 9, late + 2_000, "ignored", late + 4_000, ()),
            ("invoiced", "seller", "market", 10, late + 3_000, "under way", -1, ()),
        ),
    )


def lost_cancel() -> Failure:
    """Return what happens when a message is lost, and another one comes twice."""
    sent = messages(
        *_SENT,
        ("cancel-request", "market", "seller", 7, 5 * MINUTE, "lost", -1, ()),
    )
    sent = (*sent[:2], replace(sent[2], doubled=True), sent[3])
    return replace(
        race(),
        identity="A-70//lost",
        rule="A-70",
        title="A cancelled sale ships nothing",
        transition="S09",
        flow="seller",
        participant="seller",
        sentence="The seller began `handling` an order whose cancellation it never heard of.",
        expected="the seller order goes to `cancel` once its buyer cancelled",
        observed="it went to `handling` 35 min after the request",
        trace=steps(
            *_OPENING,
            (5 * MINUTE, "market", "request_cancel", "request-cancel", "shopper", 0),
            (40 * MINUTE, "seller", "begin_preparation", "handling", "platform", 0),
        ),
        messages=sent,
        expected_target="cancel",
        shrunk_from=8,
        fault="lost-message",
        replay="orderflow replay --deal marketplace-seller --fault lost-message --seed 3",
    )


_FOUR = (
    ("order-a", "marketplace"),
    ("order-b", "marketplace"),
    ("seller-a", "seller"),
    ("seller-b", "seller"),
)


def split() -> Failure:
    """Return a failure of four documents with the longest status names there are."""
    slow = "waiting-for-manual-authorization"
    return replace(
        race(),
        identity="A-65//split",
        rule="A-65",
        title="Orders that share a payment are paid together",
        flow="seller",
        transition="S05",
        deal="split-order",
        participant="seller-b",
        participants=_FOUR,
        sentence="Seller B ships although the payment that both orders share was denied.",
        expected="`seller-b` stays in `waiting-for-manual-authorization` or is cancelled",
        observed="`seller-b` went to `invoice-after-cancellation-deny`",
        trace=steps(
            (0, "order-a", "place_order", "order-created", "shopper", 0),
            (0, "order-b", "place_order", "order-created", "marketplace", 1),
            (1_000, "seller-a", "place_order", "order-accepted", "marketplace", 2),
            (1_000, "seller-b", "place_order", "order-accepted", "marketplace", 3),
            (3_000, "seller-b", "await_authorization", slow, "platform", 0),
            (9_000, "order-a", "deny_payment", "cancel", "gateway", 0),
            (9_000, "order-b", "deny_payment", "cancel", "platform", 4),
            (11_000, "seller-a", "payment_denied_at_marketplace", "cancel", "platform", 5),
            (11_000, "seller-b", "authorize_dispatch", f"!{slow}", "marketplace", 0),
            (
                DAY,
                "seller-b",
                "add_invoice_partial",
                "invoice-after-cancellation-deny",
                "seller",
                0,
            ),
        ),
        messages=messages(
            ("order", "order-a", "order-b", 1, 0, "acted", 0, (2,)),
            ("order", "order-a", "seller-a", 1, 0, "acted", 1_000, (3,)),
            ("order", "order-b", "seller-b", 2, 0, "acted", 1_000, (4,)),
            ("paid-together", "order-a", "order-b", 6, 9_000, "acted", 9_000, (7,)),
            ("unpaid", "order-a", "seller-a", 6, 9_000, "acted", 11_000, (8,)),
            ("unpaid", "order-b", "seller-b", 7, 9_000, "refused", 12_000, ()),
            ("out", "seller-a", "order-a", 8, 11_000, "under way", -1, ()),
        ),
        expected_target=slow,
        fault="",
    )


def chain() -> Failure:
    """Return a failure of three documents in which news jumps over the one in the middle."""
    known = race()
    return replace(
        known,
        identity="A-58//chain",
        rule="A-58",
        title="A chain passes on what it hears",
        deal="marketplace-chain-seller",
        participant="seller",
        participants=(("market", "marketplace"), ("chain", "chain"), ("seller", "seller")),
        trace=steps(
            (0, "market", "place_order", "order-created", "shopper", 0),
            (1_000, "chain", "place_order", "order-created", "marketplace", 1),
            (2_000, "seller", "place_order", "order-accepted", "chain", 2),
            (3 * MINUTE, "market", "cancel_order", "cancel", "shopper", 0),
            (3 * MINUTE + 9_000, "seller", "request_cancel", "!order-accepted", "chain", 3),
        ),
        messages=messages(
            ("order", "market", "chain", 1, 0, "acted", 1_000, (2,)),
            ("order", "chain", "seller", 2, 1_000, "acted", 2_000, (3,)),
            ("called-off", "market", "seller", 4, 3 * MINUTE, "acted", 3 * MINUTE + 9_000, (5,)),
        ),
        expected_target="cancel",
    )


def deal_result(name: str, *, quiet: Iterable[str] = ()) -> DealVerdict:
    """Return a result for a bundled deal in which all but *quiet* links that apply delivered."""
    value = deal(name)
    applying = {way.link.id for way in ways(value)} - {*quiet}
    closed = closed_steps(value)
    proof = DealProof("", 48_211, 161_905, 61, True, ("A-28", "A-38", "A-70"), (("A-53", 11),))
    lossy = DealProof("lost-message", 90_456, 402_118, 74, True, ("A-28", "A-38"), _BROKEN)
    open_ended = DealProof("doubled-message", 200_000, 911_004, 22, False, ("A-28",), ())
    return DealVerdict(
        name=name,
        title=value.title,
        digest=value.digest,
        source=name,
        profile="documented",
        participants=tuple((each.name, each.flow.name) for each in value.participants),
        pairs=tuple((each.below, each.name) for each in value.participants if each.below),
        transitions=tuple(
            (each.name, step.id, 0 if i % 9 == 5 or (each.name, step.id) in closed else i + 1)
            for each in value.participants
            for i, step in enumerate(each.flow.transitions)
            if value.takes(step)
        ),
        silent=tuple(
            (each.name, step.id, value.without.get(step.id) or value.without[step.row])
            for each in value.participants
            for step in each.flow.transitions
            if not value.takes(step)
        ),
        links=tuple(
            (link.id, 3 * i + 1 if link.id in applying else 0) for i, link in enumerate(value.links)
        ),
        deals=120,
        steps=4_410,
        delivered=1_204,
        rules=("A-28", "A-38", "A-53", "A-70"),
        missing=(("A-69", "the feed"),),
        proofs=(proof, lossy, open_ended),
    )


_BROKEN = (("A-53", 11), ("A-70", 8))


def deals_verdict(*failures: Failure, names: tuple[str, ...] = DEALS[:1]) -> Verdict:
    """Return a verdict on deals alone, with the faults its failures name."""
    faults = dict.fromkeys(f.fault for f in failures if f.fault)
    return replace(
        passing(),
        flows=(),
        failures=failures,
        deals=tuple(deal_result(name, quiet=("return-news", "seller-refuses")) for name in names),
        faults=tuple(faults),
        command="orderflow check --deals --seed 8271",
    )


def failing_deals() -> Verdict:
    """Return a run with failures of deals, under a fault and without, and one of a flow."""
    both = deals_verdict(race(), split(), chain(), lost_cancel(), names=DEALS[:4])
    flows = verdict((partial_invoice(),), flows=(view("seller"),))
    return replace(both, flows=flows.flows, failures=(*both.failures, partial_invoice()))


def deals_of(value: Verdict) -> dict[str, Deal]:
    """Return the bundled deals of a verdict by name."""
    return {found.name: deal(found.name) for found in value.deals if found.name in DEALS}


def hostile_race() -> Failure:
    """Return the race with texts that want to be more than text."""
    known = race()
    names = tuple((f"{HOSTILE}{name}", HOSTILE) for name, _ in known.participants)
    rename = dict(zip((name for name, _ in known.participants), (n for n, _ in names), strict=True))
    return replace(
        known,
        rule=HOSTILE,
        title=HOSTILE,
        sentence=HOSTILE,
        expected=HOSTILE,
        observed=f"`{HOSTILE}`",
        fault=HOSTILE,
        participant=rename["market"],
        participants=names,
        trace=tuple(
            replace(step, participant=rename[step.participant], event=HOSTILE, target=HOSTILE)
            for step in known.trace
        ),
        messages=tuple(
            replace(
                each,
                notice=HOSTILE,
                sender=rename[each.sender],
                receiver=rename[each.receiver],
                link=HOSTILE,
            )
            for each in known.messages
        ),
    )
