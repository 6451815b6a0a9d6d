"""``orderflow rules`` explains a rule by a drawn example, which breaks it before your eyes."""

from __future__ import annotations

import json

import pytest

from orderflow.cli.rules import breaks, drawn
from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import Example, Role, Row
from orderflow.conformance.integration.suite import SUITES
from orderflow.conformance.rules import DEAL_RULES, EXAMPLES, PROFILES, RULES
from tests.cli.running import run

A_65 = """\
          market                          seller
00:00:00  waiting-for-seller-decision     cancellation-requested
00:00:05  │                               cancel                   accept_cancel
00:00:06  │                               canceled                 finish_cancel
          │            lost ── canceled ──│
00:00:10  ✕ waiting-for-seller-decision   canceled
        ✕ all news has arrived: market stands in waiting-for-seller-decision and seller
          in canceled; expected: a cancellation reaches both orders
"""


def test_a_cross_flow_rule_is_drawn_with_a_column_for_each_participant() -> None:
    outcome = run("rules", "a65")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("A-65: both sides end (error)\nflows: marketplace, seller, ")
    assert f"\n\n{A_65}\nsource: dp-cancel, " in outcome.out


def test_the_listing_holds_the_rules_on_sales_too() -> None:
    listed = [line.split()[0] for line in run("rules").out.splitlines()]
    audit = json.loads(run("rules", "--profile", "audit", "--format", "json").out)

    names = [each.id for each in PROFILES["audit"]]
    assert listed[: len(names)] == names == [row["id"] for row in audit]
    assert len(names) == len(RULES) + len(DEAL_RULES)


B_28 = """\
B-28: Repeat start handling until 204 (error)
for: who handles and invoices orders (suites: erp-basic, erp-strict)

When start handling is not answered 204 for an order that is ready, it is called again.

"""


def test_a_duty_of_an_integration_is_told_with_whom_it_is_for() -> None:
    outcome = run("rules", "b28")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(B_28)
    assert outcome.out.endswith(
        "\n\nbroken by mistakes of real clients: CM-01, CM-02\n\nsource: oas-orders\n"
    )


@pytest.mark.parametrize("suite", SUITES)
def test_the_rules_of_a_suite_are_listed_alone(suite: str) -> None:
    listed = [line.split()[0] for line in run("rules", "--suite", suite).out.splitlines()]
    rows = json.loads(run("rules", "--suite", suite, "--format", "json").out)

    assert listed == list(SUITES[suite].rules) == [row["id"] for row in rows]
    assert all(suite in row["suites"] and row["for"] for row in rows)


def test_only_one_choice_of_rules_is_taken() -> None:
    outcome = run("rules", "B-28", "--suite", "hook")

    assert outcome.code == 2
    assert "give one of ID, --profile and --suite, not both" in outcome.err


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_drawing_fits_and_marks_what_breaks(name: str) -> None:
    (finding,) = breaks(name, EXAMPLES[name])

    lines = list(drawn(EXAMPLES[name], (finding,)))

    assert max(map(len, lines)) <= 88
    assert lines[0].split() == [role.name for role in EXAMPLES[name].roles]
    marks = [number for number, line in enumerate(lines) if "✕" in line]
    assert len(marks) == 2
    assert lines[marks[0]].partition("✕ ")[2].split()
    assert " ".join(" ".join(lines[marks[1] :]).split()).endswith(
        f"{finding.observed}; expected: {finding.expected}"
    )


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() & {each.id for each in DEAL_RULES}))
def test_every_participant_keeps_its_column(name: str) -> None:
    heads, *lines = drawn(EXAMPLES[name], ())

    columns = [f" {heads} ".index(f" {role.name} ") for role in EXAMPLES[name].roles]
    for line in lines:
        for column in columns[1:]:
            assert line[column - 1 : column].strip(" ─▶") == ""
    for role, column in zip(EXAMPLES[name].roles, columns, strict=True):
        stays = [row.status for row in EXAMPLES[name].steps_of(role.name)]
        shown = [line[column:].split(" ")[0] for line in lines]
        assert [each for each in shown if each in stays][: len(stays)] == stays


def test_messages_run_between_neighbours_in_both_directions() -> None:
    example = Example(
        (Role("a", "marketplace"), Role("b", "seller", "a")),
        (
            Row(0, "a", "payment-approved"),
            Row(0, "b", "handling"),
            Row(1, "a", to="b", news="stop"),
            Row(2, "b", to="a", news="no"),
            Row(3, "a", to="b", news="please", lost=True),
            Row(90_061, "b", "invoice", "verify_invoice"),
        ),
    )

    assert list(drawn(example, (DealFinding("b", 1, "b went on", "b stops"),))) == [
        "          a                  b",
        "00:00:00  payment-approved   handling",
        "00:00:01  │── stop ─────────▶│",
        "00:00:02  │◀─────────── no ──│",
        "00:00:03  │── please ── lost │",
        "25:01:01  │                  ✕ invoice   verify_invoice",
        "        ✕ b went on; expected: b stops",
    ]


def test_the_example_is_data_for_programs() -> None:
    (row,) = json.loads(run("rules", "A-65", "--format", "json").out)
    (plain,) = json.loads(run("rules", "A-12", "--format", "json").out)

    assert plain["example"] is None
    assert [each["name"] for each in row["example"]["participants"]] == ["market", "seller"]
    assert row["example"]["rows"][-2] == {
        "at": 6,
        "party": "seller",
        "to": "market",
        "news": "canceled",
        "lost": True,
    }
    (found,) = row["example"]["breaks"]
    assert (found["party"], found["expected"]) == ("market", "a cancellation reaches both orders")
