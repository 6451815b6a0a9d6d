"""What holds for all rules on integrations: they are complete, written for people, and sturdy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.conformance.integration import operations, seen
from orderflow.conformance.integration.judge import judge
from orderflow.conformance.integration.line import Kind, Line
from orderflow.conformance.integration.rules import RULES
from orderflow.conformance.integration.suite import SUITES
from orderflow.flows.evidence import sources
from tests.conformance.integration.orders import found, says
from tests.conformance.integration.test_rules_orders import BROKEN, KEPT, SILENT
from tests.conformance.integration.traces import (
    INVOICED,
    Part,
    commit,
    course,
    get,
    item,
    read,
    trace,
)

ORDERS = tuple(f"B-{number}" for number in range(26, 74))
"""Rules on orders."""


def test_the_catalogue_is_in_the_order_of_the_ids() -> None:
    assert list(RULES) == sorted(RULES)
    assert all(name == rule.id for name, rule in RULES.items())


def test_every_rule_of_a_suite_is_there() -> None:
    asked = {name for suite in SUITES.values() for name in suite.rules}

    assert asked <= RULES.keys()


def test_rules_are_written_for_people() -> None:
    known = sources()
    for rule in RULES.values():
        assert len(rule.title.split()) <= 7, rule.id
        assert rule.title[0].isupper(), rule.id
        assert rule.statement.endswith("."), rule.id
        assert rule.explanation.endswith("."), rule.id
        keys = {each.split()[0] for each in rule.source}
        assert {each for each in keys if not each.startswith("ki-")} <= known.keys(), rule.id


@pytest.mark.parametrize("rule", ORDERS)
def test_every_rule_on_orders_has_a_case_of_each_kind(rule: str) -> None:
    assert rule in {case[0] for case in BROKEN}
    assert rule in {case[0] for case in KEPT}
    assert rule in {case[0] for case in SILENT}


@pytest.mark.parametrize(("rule", "told", "parts"), BROKEN)
def test_a_breach_says_what_was_done_and_what_would_have_been_right(
    rule: str, told: str, parts: Part
) -> None:
    for each in found(rule, parts):
        for words in (each.told, each.instead):
            assert words
            assert not words.endswith(".")
        assert each.told[0].islower()
        assert each.lines
        assert "None" not in each.told


@pytest.mark.parametrize(
    ("rule", "parts"), [*((rule, parts) for rule, _, parts in BROKEN), *KEPT, *SILENT]
)
def test_what_others_do_meanwhile_changes_nothing(rule: str, parts: Part) -> None:
    """Another order that goes well, followed by another key, stands before and behind."""
    alone = says(rule, parts)
    ready = read(item("z1", "z", "ready-for-handling"), key="other")
    before = (course("z", *INVOICED), ready, get("z", "invoiced", key="other"))
    behind = (commit("h-z1", key="other"), course("y", *INVOICED))

    assert says(rule, before, parts, behind) == alone


def test_nothing_is_kept_in_a_trace_of_nothing() -> None:
    assert Counter(each.outcome for each in judge(RULES.values(), ())) == {
        "not-observed": len(RULES)
    }


_NAMES = sorted(
    {"kind", "code", "done", "auth", "agent", "body", "lot", "items", "handles", "shown", "type"}
    | {"statuses", "number", "cents", "value_type", "issued", "missing", "item_fields", "tracking"}
    | {"delivered", "delivered_at", "request", "reason", "own", "request_id", "asked", "agreement"}
    | {"marketplace_order", "result", "said", "answer", "burst", "state", "what", "value", "id"}
    | {"ending", "flow", "group", "event", "affiliate", "complete", "retry_after", "scale", "json"}
    | {"unknown", "mixed", "retention", "visibility", "single_fire", "https", "headers", "page"}
    | {
        "per_page",
        "span",
        "rows",
        "notification",
        "duplicate",
        "wrong_origin",
        "attempt",
        "waiting",
    }
)
_WORDS = (
    *("", "o", "p", "m", "e", "h", "1", "live", "known", "sold", "paid", "Output", "Input"),
    *("ready-for-handling", "handling", "invoice", "invoiced", "cancellation-requested", "cancel"),
    *(
        "canceled",
        "payment-approved",
        "stock",
        "shipment",
        "cancellation",
        "tell",
        "SOI001",
        "EOI011",
    ),
    *("EOI006", "approved", "Confirmation", "Acknowledgment", "integer", "decimal", "reached"),
)


def _texts(found: object) -> Iterable[str]:
    values = found if isinstance(found, tuple) else (found,)
    return (each for each in values if isinstance(each, str) and " " in each)


_OPERATIONS = sorted(
    {
        text
        for module in (operations, seen)
        for each in vars(module).values()
        for text in _texts(each)
    }
)
_plain = st.one_of(
    st.sampled_from(_WORDS), st.integers(-5, 10**6), st.booleans(), st.none(), st.floats()
)
_rows = st.lists(
    st.dictionaries(
        st.sampled_from(
            ["event", "handle", "order", "state", "id", "price", "quantity", "was", "delivery"]
        ),
        _plain,
    ),
    max_size=3,
)
_facts = st.dictionaries(
    st.sampled_from(_NAMES),
    st.one_of(
        _plain,
        _rows,
        st.lists(st.sampled_from(_WORDS), max_size=3),
        st.dictionaries(st.sampled_from([*_NAMES, "status", "description"]), _plain, max_size=4),
    ),
    max_size=12,
)
_word = st.sampled_from(_WORDS)
_lines = st.builds(
    Line,
    number=st.just(0),
    kind=st.sampled_from(get_args(Kind)),
    took=st.sampled_from([0.0, 5.0, 6_000.0]),
    scenario=st.sampled_from(["", "s"]),
    operation=st.sampled_from(["", *_OPERATIONS]),
    status=st.sampled_from([0, 200, 204, 400, 401, 404, 409, 429, 500]),
    key=st.sampled_from(["", "k", "l"]),
    order_id=st.sampled_from(["", "o", "p"]),
    before=_word,
    after=_word,
    trouble=st.sampled_from(["", "timeout"]),
    facts=_facts,
)


@settings(max_examples=150)
@given(st.lists(_lines, max_size=25))
def test_no_rule_stumbles_over_any_trace(lines: list[Line]) -> None:
    made = trace(*lines)

    for each in judge(RULES.values(), made):
        for breach in each.breaches:
            assert not breach.kept
            assert set(breach.lines) <= {line.number for line in made}
            assert breach.told
            assert breach.instead
