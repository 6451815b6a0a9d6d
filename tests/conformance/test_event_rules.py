"""The rules on events see wrong ones, and are lenient with records that may leave steps out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.judge import Judgement, judge
from orderflow.conformance.observe import record_of, step_of, without_stuck
from orderflow.conformance.record import Record
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts, play
from orderflow.simulator.simulator import Simulator
from tests.conformance.histories import (
    CREATED,
    DAY,
    HANDLING,
    MINUTE,
    SETTINGS,
    WINDOW,
    at,
    history,
    output,
)
from tests.conformance.rule_cases import BROKEN, KEPT, TIMED, TINY, TINY_PATH

SELLER = bundled("seller").view()
MARKET = bundled("marketplace").view()


def told(judgement: Judgement, *ids: str) -> list[tuple[str, str, str]]:
    """(rule, severity, what was seen) of each finding of some rules."""
    return [
        (rule.id, rule.severity_of(finding), finding.observed)
        for rule, finding in judgement.findings
        if rule.id in ids
    ]


def simulated(record: Record) -> Record:
    """The record as the simulator would make it: it names each transition, so leaves none out."""
    return replace(record, steps=tuple(replace(step, transition="T") for step in record.steps))


def missing(record: Record) -> set[str]:
    return {rule.id for rule, _ in judge(record).missing}


def test_a_wrong_event_is_an_error_where_nothing_is_left_out_and_else_a_warning() -> None:
    seen = "complete led from on-order-completed to waiting-for-authorization"

    assert told(judge(BROKEN["A-82"]), "A-82") == [("A-82", "warning", seen)]
    whole = judge(simulated(BROKEN["A-82"]))
    assert ("A-82", "error", seen) in told(whole, "A-82")


def test_an_event_that_keeps_a_status_has_to_be_allowed_in_it() -> None:
    kept = history("seller", f"{HANDLING} handling:modify_order", flow=SELLER)
    wrong = history("seller", f"{HANDLING} handling:update_tracking", flow=SELLER)
    final = history("seller", "cancel canceled canceled:accept_cancel", flow=SELLER)

    assert told(judge(kept), "A-82") == []
    (finding,) = told(judge(wrong), "A-82")
    assert finding == ("A-82", "warning", "update_tracking happened in handling")
    expected = [f.expected for rule, f in judge(wrong).findings if rule.id == "A-82"]
    assert expected == ["only modify_order happens in handling"]
    assert told(judge(final), "A-82") == [("A-82", "warning", "accept_cancel happened in canceled")]


def test_an_order_begins_by_an_event_that_begins_it() -> None:
    wrong = history("seller", "order-accepted:start_handling", flow=SELLER)

    assert told(judge(wrong), "A-82") == [
        ("A-82", "warning", "the order began in order-accepted by start_handling")
    ]
    assert told(judge(replace(wrong, whole=False)), "A-82") == []
    elsewhere = history("seller", "on-order-completed-ffm:place_order", flow=SELLER)
    assert told(judge(elsewhere), "A-82", "A-05") == []
    assert told(judge(simulated(elsewhere)), "A-82") == [
        ("A-82", "error", "the order began in on-order-completed-ffm by place_order")
    ]


def test_steps_that_were_left_out_excuse_an_event() -> None:
    approved = f"{CREATED} payment-approved"

    assert (
        told(judge(history("marketplace", f"{approved}:approve_payment", flow=MARKET)), "A-82")
        == []
    )
    assert (
        told(judge(history("marketplace", f"{approved}:payment_approved", flow=MARKET)), "A-82")
        == []
    )
    (wrong,) = told(judge(history("marketplace", f"{approved}:deny_payment", flow=MARKET)), "A-82")
    assert wrong[1] == "warning"


def test_a_step_told_twice_is_left_to_the_rule_on_repeats() -> None:
    twice = f"{TINY_PATH}:wait waiting-for-authorization:wait+0m"

    judgement = judge(history("marketplace", twice, flow=TINY))

    assert told(judgement, "A-08", "A-82") == [
        ("A-08", "info", "waiting-for-authorization is recorded twice at the same moment")
    ]


def test_a_pair_that_no_row_joins_is_told_once() -> None:
    skipped = history(
        "marketplace", "order-created on-order-completed cancel:cancel_order", flow=TINY
    )

    assert [rule for rule, _, _ in told(judge(simulated(skipped)), "A-04", "A-82")] == ["A-04"]
    assert [rule for rule, _, _ in told(judge(skipped), "A-04", "A-82")] == ["A-04"]


def test_the_event_of_a_legacy_row_is_no_breach_where_the_row_is_seen() -> None:
    legacy = bundled("marketplace").view(Profile.LEGACY)
    path = f"{CREATED} payment-approved request-cancel payment-pending:deny_cancel"

    assert told(judge(history("marketplace", path, flow=legacy)), "A-82") == []


@pytest.mark.parametrize("id_", ["A-82", "A-83", "A-84", "A-85"])
def test_without_a_table_nothing_is_claimed(id_: str) -> None:
    for cases in (BROKEN, KEPT):
        assert id_ in missing(replace(cases[id_], flow=None))


@pytest.mark.parametrize("id_", ["A-82", "A-83"])
def test_without_events_nothing_is_claimed(id_: str) -> None:
    steps = tuple(replace(step, event=None) for step in BROKEN[id_].steps)

    assert id_ in missing(replace(BROKEN[id_], steps=steps))


def test_without_actors_nothing_is_claimed() -> None:
    assert "A-85" in missing(history("marketplace", f"{TINY_PATH} cancel:cancel_order", flow=TINY))


@pytest.mark.parametrize("id_", ["A-83", "A-84"])
def test_without_the_limit_nothing_is_claimed(id_: str) -> None:
    assert id_ in missing(replace(BROKEN[id_], settings=None))


def test_a_limit_is_not_run_out_when_somebody_acts_before() -> None:
    acted = history(
        "marketplace", f"{TINY_PATH} cancel:cancel_order+1d", flow=TIMED, settings=SETTINGS
    )

    assert told(judge(acted), "A-83", "A-84") == []


def test_an_event_that_somebody_else_may_fire_too_need_not_wait() -> None:
    either = replace(
        TIMED,
        transitions=(
            *TIMED.transitions,
            replace(TIMED.transitions[-1], id="T6", actors=("seller",)),
        ),
    )

    assert told(judge(BROKEN["A-83"]), "A-83") != []
    assert told(judge(replace(BROKEN["A-83"], flow=either)), "A-83") == []


def test_a_limit_that_asks_for_more_than_time_ends_nothing_by_itself() -> None:
    asking = replace(
        TIMED,
        transitions=tuple(
            replace(step, when=("unpaid",)) if step.id == "T5" else step
            for step in TIMED.transitions
        ),
    )

    assert told(judge(replace(BROKEN["A-84"], flow=asking)), "A-84") == []


def test_clocks_may_differ_by_the_tolerance() -> None:
    paths = (f"{TINY_PATH} cancel:cancel_request_timeout+{30 * DAY + slip}ms" for slip in (-1, 1))

    for path in paths:
        record = history("marketplace", path, flow=TIMED, settings=SETTINGS)
        assert told(judge(record), "A-83", "A-84") == []
        assert len(told(judge(simulated(record)), "A-83", "A-84")) == 1


def test_an_order_that_stands_beyond_its_limit_is_late_before_anything_follows() -> None:
    waits = history(
        "marketplace", TINY_PATH, flow=TIMED, settings=SETTINGS, open_for=30 * DAY + 2 * MINUTE
    )

    assert [rule for rule, _, _ in told(judge(waits), "A-84")] == ["A-84"]
    assert "A-84" in missing(replace(waits, now=None))


def test_the_rule_on_one_limit_says_it_better_than_the_one_on_all() -> None:
    ready = f"{WINDOW} ready-for-handling+30m"
    late = history(
        "seller", f"{ready} cancellation-requested cancel+31d", flow=SELLER, settings=SETTINGS
    )
    early = history(
        "seller",
        f"{WINDOW} ready-for-handling:grace_period_over+5m",
        flow=SELLER,
        settings=SETTINGS,
    )

    assert [rule for rule, _, _ in told(judge(late), "A-62", "A-84")] == ["A-62"]
    assert [rule for rule, _, _ in told(judge(early), "A-30", "A-83")] == ["A-30"]


def test_who_acts_is_an_error_where_nothing_is_left_out() -> None:
    assert told(judge(BROKEN["A-85"]), "A-85") == [
        ("A-85", "warning", "the carrier fired cancel_order in waiting-for-authorization")
    ]
    assert told(judge(simulated(BROKEN["A-85"])), "A-85")[-1][1] == "error"


def test_a_full_invoice_may_be_followed_by_anything_but_more_invoices() -> None:
    invoices = (output(posted=at(HANDLING, "handling")),)
    verified = f"{HANDLING} invoice"

    for path in (verified, f"{verified} invoiced", f"{verified} cancel:cancel_order/support"):
        record = history("seller", path, value=10_000, invoices=invoices)
        assert told(judge(record), "A-86") == []
    back = history("seller", f"{verified} handling", value=10_000)
    assert "A-86" in missing(back)
    assert "A-86" in missing(
        replace(back, evidence=replace(back.evidence, invoices=invoices, value=None))
    )


def test_a_second_invoice_of_the_same_moment_closes_nothing_earlier() -> None:
    simulator = Simulator(bundled("seller").view())
    for act in parse_acts(
        "place_order complete_checkout await_authorization authorize_dispatch confirm_reservation "
        "grace_period_over start_handling begin_preparation verify_invoice:part "
        "add_invoice_partial verify_invoice:rest"
    ):
        play(simulator, act)
    steps = [step_of(event) for event in simulator.events]
    limits = without_stuck(defaults())
    found = judge(record_of(simulator.flow, simulator.order, steps, limits, simulator.now))

    assert simulator.status == "invoice"
    assert steps[-1].at == steps[-3].at
    assert "A-86" in found.evaluated
    assert found.broken == ()
