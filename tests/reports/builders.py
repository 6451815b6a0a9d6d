"""Flows and verdicts for the tests of the reports: the bundled flows with made-up results."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from orderflow.conformance.verdict import (
    CellOutcome,
    Failure,
    FlowVerdict,
    Never,
    TraceStep,
    Verdict,
)
from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, State, Transition

NAMES = ("marketplace", "seller", "complete", "chain")
HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} {% raw %} & "'


@cache
def view(name: str, profile: Profile = Profile.DOCUMENTED) -> Flow:
    """Return one profile of a bundled flow."""
    return bundled(name).view(profile)


def small_flow() -> Flow:
    """Return a flow of four statuses with a loop, a way back and two events on one line."""
    steps = (
        ("T1", ABSENT, "place", "new"),
        ("T2", "new", "pay", "paid"),
        ("T3", "paid", "refund", "new"),
        ("T4", "paid", "ship", "shipped"),
        ("T5", "paid", "note", "paid"),
        ("T6", "new", "cancel", "canceled"),
        ("T7", "new", "expire", "canceled"),
        ("T8", "paid", "cancel", "canceled"),
    )
    return Flow(
        name="shop",
        title="Shop",
        initial="new",
        states=tuple(State(name) for name in ("new", "paid", "shipped", "canceled")),
        transitions=tuple(Transition(i, i, s, e, t) for i, s, e, t in steps),
        success=("shipped",),
        failure=("canceled",),
        profile=Profile.DOCUMENTED,
        digest="0123456789abcdef",
    )


def found(flow: Flow, *, skip: frozenset[str] = frozenset(), diverge: str = "") -> FlowVerdict:
    """Return a result for *flow* in which everything but *skip* was exercised."""
    counts = [
        (step.id, 0 if step.id in skip or step.row in skip else 400 - 7 * i)
        for i, step in enumerate(flow.transitions)
    ]
    taken = dict(counts)
    entered = {
        state.name: sum(taken[step.id] for step in flow.transitions if step.target == state.name)
        for state in flow.states
    }
    never = tuple(
        Never(name, "budget", f"orderflow suite {flow.name} --cover {name}")
        for name, count in counts
        if not count
    )
    return FlowVerdict(
        name=flow.name,
        title=flow.title,
        profile=str(flow.profile or Profile.DOCUMENTED),
        digest=flow.digest,
        source=flow.source,
        transitions=tuple(counts),
        states=tuple(entered.items()),
        pairs=3 * len(counts),
        pairs_total=4 * len(counts),
        cells=tuple(_cells(flow, taken, diverge)),
        guards=tuple(
            (step.id, name, 12, 0 if i % 3 else 4)
            for i, step in enumerate(flow.transitions)
            for name in step.when
        ),
        triggers=(("order.progress.orderConfirmed", 40), ("order.progress.shipped", 0)),
        actors=tuple((actor, 9) for actor in _actors(flow)),
        orders=128,
        steps=2304,
        refused=911,
        never=never,
    )


def _actors(flow: Flow) -> list[str]:
    return sorted({actor for step in flow.transitions for actor in step.actors})


def _cells(flow: Flow, taken: dict[str, int], diverge: str) -> list[tuple[str, str, CellOutcome]]:
    cells: list[tuple[str, str, CellOutcome]] = []
    for i, state in enumerate(flow.states):
        for j, event in enumerate(flow.events):
            steps = flow.leaving.get((state.name, event), ())
            if any(step.id == diverge for step in steps):
                outcome = CellOutcome.DIVERGES
            elif steps:
                hit = any(taken[step.id] for step in steps)
                outcome = CellOutcome.EXERCISED if hit else CellOutcome.NOT_EXERCISED
            else:
                outcome = CellOutcome.UNTRIED if (i * 7 + j) % 11 == 0 else CellOutcome.REFUSED
            cells.append((state.name, event, outcome))
    return cells


MINUTE = 60_000


def partial_invoice(flow: str = "seller", row: str = "S11") -> Failure:
    """Return the failure of the prototype: a partial invoice that ends the order."""
    way = (
        (0, "marketplace", "place_order", ABSENT, "order-accepted", "S01", 1),
        (0, "checkout", "complete_checkout", "order-accepted", "on-order-completed-ffm", "S02", 1),
        (
            800,
            "platform",
            "await_authorization",
            "on-order-completed-ffm",
            "waiting-ffmt-authorization",
            "S03",
            2,
        ),
        (
            9_000,
            "marketplace",
            "authorize_dispatch",
            "waiting-ffmt-authorization",
            "authorize-fulfillment",
            "S04",
            3,
        ),
        (
            11_000,
            "platform",
            "confirm_reservation",
            "authorize-fulfillment",
            "window-to-cancel",
            "S06",
            3,
        ),
        (
            31 * MINUTE,
            "timer",
            "grace_period_over",
            "window-to-cancel",
            "ready-for-handling",
            "S07",
            3,
        ),
        (34 * MINUTE, "seller", "start_handling", "ready-for-handling", "start-handling", "S08", 3),
        (34 * MINUTE, "platform", "begin_preparation", "start-handling", "handling", "S09", 3),
        (49 * MINUTE, "platform", "verify_invoice", "handling", "invoice", "S10", 3),
    )
    steps = [
        TraceStep(i, at, actor, event, source, target, True, transition, stage)
        for i, (at, actor, event, source, target, transition, stage) in enumerate(way, 1)
    ]
    steps.append(
        TraceStep(
            10,
            49 * MINUTE + 3_000,
            "platform",
            "add_invoice_partial",
            "invoice",
            "invoiced",
            True,
            "",
            4,
            (("invoiced", "60.00"), ("order value", "100.00")),
        )
    )
    return Failure(
        identity=f"A-17/{row}/rule",
        rule="A-17",
        title="A partial invoice leads back to handling",
        severity="error",
        kind="rule",
        flow=flow,
        transition=row,
        sentence="After a partial invoice the order went to `invoiced`; "
        "the flow says it must return to `handling`.",
        expected="the order returns to `handling` and waits for the rest",
        observed="the order went to `invoiced` with 60.00 of 100.00 invoiced",
        explanation="An order is invoiced when the sum of its Output invoices equals its value. "
        "If a partial invoice closes it, the rest can never be invoiced and the shopper pays for "
        "what was not sent.",
        source="flows.md S11, diag-sel ds9, D-09",
        trace=tuple(steps),
        shrunk_from=41,
        seen=63,
        expected_target="handling",
        replay=f"orderflow replay --flow {flow} --seed 8271 "
        f"--trace S01,S02,S03,S04,S06,S07,S08,S09,S10,{row}",
    )


def many_failures(count: int, flow: str = "seller") -> tuple[Failure, ...]:
    """Return failures at as many places of *flow* as it has transitions, every fifth one flaky."""
    known = view(flow)
    base = partial_invoice(flow)
    failures: list[Failure] = []
    for i in range(count):
        step = known.transitions[i % len(known.transitions)]
        wrong = known.states[5 * i % len(known.states)].name
        last = replace(base.trace[-1], source=step.source, target=wrong, event=step.event)
        failures.append(
            replace(
                base,
                identity=f"A-{i}/{step.id}/rule",
                rule=f"A-{i}",
                transition=step.id,
                trace=(*base.trace[:-1], last),
                expected_target=step.target,
                sentence=f"After {step.event} {i} the order went to `{wrong}`; "
                f"the flow says it must go to `{step.target}`.",
                replay=f"{base.replay},{i}",
                tried=3,
                again=3 if i % 5 else 2,
            )
        )
    return tuple(failures)


def wrong_acceptance() -> Failure:
    """Return a failure without a transition: an event was taken that had to be refused."""
    steps = (
        TraceStep(1, 0, "marketplace", "place_order", ABSENT, "order-accepted", True, "S01", 1),
        TraceStep(
            2, 5_000, "seller", "start_handling", "order-accepted", "start-handling", True, "", 3
        ),
    )
    return Failure(
        identity="I-03//refusal",
        rule="I-03",
        title="Handling starts only from ready-for-handling",
        severity="error",
        kind="refusal",
        flow="seller",
        transition="",
        sentence="`start_handling` was accepted in `order-accepted`; it must be refused there.",
        expected="the call is refused and the order stays in `order-accepted`",
        observed="the order went to `start-handling`",
        explanation="A warehouse that starts on an unpaid order ships for nothing.",
        source="flows.md S08",
        trace=steps,
        shrunk_from=2,
        seen=4,
        expected_target="order-accepted",
        replay="orderflow replay --flow seller --seed 8271 --trace S01,start_handling",
    )


def a_warning() -> Failure:
    """Return a warning without a trace."""
    return Failure(
        identity="A-50//agreement",
        rule="A-50",
        title="A cancellation request is answered in time",
        severity="warning",
        kind="agreement",
        flow="marketplace",
        transition="",
        sentence="A cancellation request stayed open for 31 days.",
        expected="an answer within 30 days",
        observed="none",
        explanation="The platform cancels by itself after 30 days.",
        source="hc-declining",
        trace=(),
        shrunk_from=0,
        seen=1,
        expected_target="",
        replay="orderflow replay --flow marketplace --seed 8271",
    )


def verdict(
    failures: tuple[Failure, ...] = (),
    *,
    flows: tuple[Flow, ...] = (),
    skip: frozenset[str] = frozenset(),
) -> Verdict:
    """Return a verdict on *flows*, by default the bundled four."""
    chosen = flows or tuple(view(name) for name in NAMES)
    diverge = {failure.flow: failure.transition for failure in failures if failure.transition}
    return Verdict(
        flows=tuple(found(f, skip=skip, diverge=diverge.get(f.name, "")) for f in chosen),
        failures=failures,
        rules=("A-01", "A-17", "A-31", "I-03"),
        seed=8271,
        settings=(("examples", "200"), ("steps", "40"), ("prove", "yes")),
        command="orderflow check --seed 8271",
        version="0.1.0",
    )


def lacking(value: Verdict, **missing: tuple[tuple[str, str], ...]) -> Verdict:
    """Return *value* with the evidence that each flow lacked, by its name."""
    flows = (replace(result, missing=missing.get(result.name, ())) for result in value.flows)
    return replace(value, flows=tuple(flows))


def failing() -> Verdict:
    """Return a run with two errors and a warning."""
    return verdict(
        (partial_invoice(), wrong_acceptance(), a_warning()),
        skip=frozenset({"S20p", "S14", "M24", "C25", "H08", "S03r"}),
    )


def passing() -> Verdict:
    """Return a run in which everything holds and everything was tried but one row."""
    return verdict(skip=frozenset({"C29"}))


def joined(text: str) -> str:
    """Return the text of a page with its commands on one line each."""
    return re.sub(r"(?: \\)?\n  +", " ", text)


def flows_of(value: Verdict) -> dict[str, Flow]:
    """Return the bundled flows of a verdict by name."""
    return {flow.name: view(flow.name) for flow in value.flows if flow.name in NAMES}
