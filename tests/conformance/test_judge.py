"""A judgement reports each cause once, as severely as its sources agree, and never guesses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.judge import Judgement, judge
from orderflow.conformance.record import Evidence, Missing, Record
from orderflow.conformance.rule import ALL, money, span
from orderflow.conformance.rules import CATALOGUE, PROFILES, RULES
from orderflow.flows.model import Flow, Profile, State, Transition
from tests.conformance.histories import (
    APPROVED,
    COMPLETE_HANDLING,
    DAY,
    HANDLING,
    HAPPY,
    READY,
    SETTINGS,
    START,
    WINDOW,
    at,
    cancelled,
    history,
    output,
    request,
)
from tests.conformance.rule_cases import BROKEN, KEPT, TINY

ASKED = f"{APPROVED} request-cancel waiting-for-seller-decision"


def broken(record: Record) -> set[str]:
    return set(judge(record).broken)


def severities(judgement: Judgement) -> list[tuple[str, str]]:
    return [(rule.id, rule.severity_of(finding)) for rule, finding in judgement.findings]


BARE = {
    "marketplace": f"{ASKED} payment-approved invoice payment-approved invoice invoiced",
    "seller": f"{HANDLING} cancellation-requested handling invoice handling invoice invoiced",
}


@pytest.mark.parametrize("family", BARE)
def test_rules_without_their_evidence_are_not_passed(family: str) -> None:
    judgement = judge(history(family, BARE[family]))

    assert judgement.findings == ()
    missing = {each.id for each, _ in judgement.missing}
    needing = {"A-04", "A-09", "A-10", "A-11", "A-39", "A-40", "A-41", "A-42", "A-44", "A-45"}
    needing |= {"A-46", "A-47", "A-48", "A-49", "A-52", "A-60", "A-61", "A-62", "A-75", "A-76"}
    needing |= {"A-26", "A-54", "A-78", "A-79", "A-81"}
    needing |= {"A-82", "A-83", "A-84", "A-85", "A-86"}
    own = {
        "marketplace": {"A-22", "A-23", "A-25", "A-50", "A-51"},
        "seller": {"A-30", "A-32", "A-36", "A-43", "A-77"},
    }
    assert missing == needing | own[family]
    assert missing.isdisjoint(judgement.evaluated)


def test_a_breach_behind_a_cut_off_beginning_is_not_claimed() -> None:
    whole = history("complete", "authorize-fulfillment window-to-cancel")
    truncated = replace(whole, whole=False)

    judgement = judge(truncated)

    assert severities(judgement) == [("A-05", "info")]
    assert {"A-19", "A-20"} <= {each.id for each, _ in judgement.missing}


def test_a_flow_of_its_own_kind_is_judged_by_the_rules_for_all() -> None:
    judgement = judge(replace(KEPT["A-04"], family=""))

    judged = {*judgement.evaluated, *(each.id for each, _ in judgement.missing)}
    assert judged == {each.id for each in CATALOGUE if each.families == ALL}
    assert judgement.findings == ()


def test_an_unknown_family_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="unknown family 'buyer'; known: chain"):
        judge(history("buyer", "order-created"))


def test_the_rules_asked_for_are_the_rules_applied() -> None:
    record = history("marketplace", f"{APPROVED} invoice invoiced payment-approved")

    judgement = judge(record, rules=PROFILES["seed"])

    assert judgement.broken == ("A-14",)
    assert "A-12" in judgement.evaluated
    assert "A-17" not in judgement.evaluated


@pytest.mark.parametrize(
    ("family", "path", "reported"),
    [
        ("marketplace", f"{ASKED} cancel canceled cancel", {"A-13"}),
        ("marketplace", f"{HAPPY['marketplace']} cancel canceled", {"A-55"}),
        ("marketplace", f"{ASKED} cancel canceled invoice invoiced", {"A-17"}),
        (
            "complete",
            COMPLETE_HANDLING.replace(" payment-approved+1m", "") + " invoice",
            {"A-20"},
        ),
        ("marketplace", "order-created payment-pending invoice", {"A-21"}),
        ("marketplace", f"{HAPPY['marketplace']} replaced", {"A-31"}),
        ("chain", "order-created payment-pending handling", {"A-37"}),
        ("marketplace", f"{ASKED} cancel request-cancel", {"A-63"}),
    ],
)
def test_the_specific_rule_speaks_for_the_general_one(
    family: str, path: str, reported: set[str]
) -> None:
    assert broken(history(family, path)) == reported


def test_the_transition_table_is_named_only_when_no_rule_says_more() -> None:
    flow = replace(TINY, states=(*TINY.states, State("payment-approved")))
    after = history("marketplace", "order-created cancel canceled payment-approved", flow=flow)

    judgement = judge(after)

    assert [(each.id, finding.step) for each, finding in judgement.findings] == [
        ("A-04", 1),
        ("A-12", 3),
        ("A-19", 3),
    ]


def test_a_warning_does_not_hide_an_error() -> None:
    path = f"{HANDLING} invoice payment-approved"
    flow = replace(TINY, family="seller", states=(State("payment-approved"),))
    invoices = (output(value=6_000, posted=at(path, "handling")),)
    record = history("seller", path, flow=flow, value=10_000, invoices=invoices)
    last = len(record.steps) - 1

    found = [
        (each.id, finding.mild) for each, finding in judge(record).findings if finding.step == last
    ]

    assert found == [("A-04", False), ("A-41", True)]


def test_folding_only_hides_what_was_evaluated_and_found() -> None:
    twice = history("marketplace", f"{ASKED} cancel canceled cancel canceled payment-approved")

    assert broken(twice) == {"A-12", "A-13"}
    assert judge(twice, rules=(RULES["A-12"],)).broken == ("A-12",)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            history("marketplace", f"{ASKED} payment-pending"),
            [("A-59", "warning")],
        ),
        (
            history("marketplace", f"{APPROVED} invoice cancel", invoices=(output(),)),
            [("A-63", "warning")],
        ),
        (
            history(
                "marketplace",
                f"{HAPPY['marketplace']} cancel canceled",
                settings=SETTINGS | {"allow_cancel_after_return": 1},
            ),
            [("A-55", "warning")],
        ),
        (history("seller", f"{READY} handling"), [("A-34", "info")]),
        (
            history("marketplace", f"{ASKED} cancel", settings=SETTINGS, open_for=2 * DAY),
            [("A-15", "warning")],
        ),
        (
            history(
                "marketplace", f"{APPROVED} window-to-change-seller cancel+3d", settings=SETTINGS
            ),
            [("A-68", "warning")],
        ),
        (
            history("chain", "order-created payment-pending cancellation-requested"),
            [("A-03", "warning")],
        ),
        (history("seller", WINDOW + " ready-for-handling cancel"), [("A-57", "error")]),
    ],
)
def test_where_sources_disagree_a_breach_is_a_warning(
    record: Record, expected: list[tuple[str, str]]
) -> None:
    assert severities(judge(record)) == expected


def test_the_wrong_partial_target_is_milder_between_the_two_families() -> None:
    path = f"{HANDLING} invoice payment-approved"
    posted = at(path, "handling")

    judgement = judge(
        history("seller", path, value=10_000, invoices=(output(value=6_000, posted=posted),))
    )

    assert severities(judgement) == [("A-03", "error"), ("A-41", "warning")]


def test_the_text_of_a_finding_names_amounts() -> None:
    ((_, finding),) = judge(BROKEN["A-39"]).findings

    assert (
        finding.observed == "the order went from invoice to invoiced with 60.00 of 100.00 invoiced"
    )
    assert finding.expected == "only the full order value leads to invoiced"


def test_edges_may_be_contracted_only_in_records_that_leave_steps_out() -> None:
    loose = KEPT["A-04"]
    strict = replace(
        loose, steps=tuple(replace(step, transition=f"T{k}") for k, step in enumerate(loose.steps))
    )

    assert "A-04" not in broken(loose)
    assert "A-04" in broken(strict)


def test_legacy_edges_are_warnings() -> None:
    legacy = Transition(
        "T9", "T9", "on-order-completed", "back", "null", profiles=frozenset([Profile.LEGACY])
    )
    flow = replace(TINY, transitions=(*TINY.transitions, legacy))
    record = history("marketplace", "order-created on-order-completed null", flow=flow)

    outcome = RULES["A-04"].check(record)

    assert not isinstance(outcome, Missing)
    assert [finding.mild for finding in outcome] == [True]


def test_a_users_own_statuses_are_known_through_their_flow() -> None:
    own = Flow(
        name="own",
        title="Own flow",
        initial="begun",
        states=(State("begun"), State("done")),
        transitions=(Transition("O1", "O1", "begun", "finish", "done"),),
        success=("done",),
    )
    record = history("", "begun done", flow=own, over=True)

    assert broken(record) == set()
    assert broken(replace(record, over=True, steps=record.steps[:1])) == {"A-06"}


@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("cancel:request_cancel", {"A-57"}),
        ("cancel:seller_cancel", set()),
        ("cancel", set()),
        ("request-cancel cancel", {"A-57"}),
        ("request-cancel waiting-for-seller-decision cancel", set()),
    ],
)
def test_a_paid_marketplace_order_is_cancelled_by_asking_the_seller(
    path: str, reported: set[str]
) -> None:
    assert broken(history("marketplace", f"{APPROVED} {path}")) == reported


@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("payment-approved", {"A-56"}),
        ("cancel", set()),
        ("window-to-change-seller", set()),
    ],
)
def test_an_unpaid_marketplace_order_is_not_denied_its_cancellation(
    path: str, reported: set[str]
) -> None:
    asked = "order-created payment-pending request-cancel waiting-for-seller-decision"

    assert broken(history("marketplace", f"{asked} {path}")) == reported


def test_a_denial_must_lead_somewhere_else_than_to_cancel() -> None:
    record = history("marketplace", f"{ASKED} cancel:deny_cancel")

    assert broken(record) == {"A-59"}


def test_a_denial_is_answered_by_a_date_after_the_request() -> None:
    path = f"{ASKED} payment-approved+2h"
    denied = at(path, "waiting-for-seller-decision")
    record = history(
        "marketplace", path, requests=(request(denied + DAY, denied_at=denied, reason="packed"),)
    )

    assert broken(record) == {"A-60"}


def test_an_invoice_known_to_be_accepted_counts_without_its_step() -> None:
    path = f"{HANDLING} cancellation-requested"
    posted = at(path, "handling")

    seen = history("seller", path, invoices=(output(value=1, posted=posted, accepted=True),))
    unknown = history("seller", path, invoices=(output(value=1, posted=posted),))

    assert broken(seen) == {"A-54"}
    assert broken(unknown) == set()


def test_an_invoice_that_refuses_a_request_needs_no_handling() -> None:
    path = f"{READY} cancellation-requested invoice handling"
    posted = at(path, "cancellation-requested") + 1
    record = history("seller", path, value=10_000, invoices=(output(value=1, posted=posted),))

    assert broken(record) == set()


def test_support_may_cancel_while_the_first_invoice_is_verified() -> None:
    record = history(
        "seller",
        f"{HANDLING} invoice cancel:cancel_order/support canceled",
        value=10_000,
        invoices=(output(value=1, posted=at(HANDLING, "handling")),),
    )

    assert broken(record) == set()


def test_simulated_records_have_no_tolerance() -> None:
    loose = replace(BROKEN["A-52"], evidence=Evidence(has_invoiced_at=True, invoiced_at=START))
    late = loose.steps[-1].at + 1
    exact = replace(loose, evidence=Evidence(has_invoiced_at=True, invoiced_at=late))
    simulated = replace(exact, steps=tuple(replace(step, transition="x") for step in exact.steps))

    assert broken(exact) == set()
    assert broken(simulated) == {"A-52"}
    assert broken(replace(simulated, settings={"tolerance": 1})) == set()


def test_cancellation_data_that_is_empty_lacks_an_origin() -> None:
    judgement = judge(history("marketplace", f"{ASKED} cancel canceled", has_cancellation=False))

    assert judgement.broken == ("A-66",)
    assert "A-67" in {each.id for each, _ in judgement.missing}
    assert cancelled("user").reason


def test_an_order_that_waits_too_long_without_a_time_is_not_judged() -> None:
    judgement = judge(history("marketplace", ASKED, settings=SETTINGS))

    told = {each.id: what for each, what in judgement.missing}
    assert told["A-62"] == "the time at which the record was taken"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(money(-5), "-0.05"), (span(DAY), "1 day"), (span(1_500), "1.5 seconds")],
)
def test_amounts_and_durations_read_well(text: str, expected: str) -> None:
    assert text == expected
