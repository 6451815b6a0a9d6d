"""B-01 to B-25 and B-74 to B-85 see a breach for its reason, and are silent without occasion."""

from __future__ import annotations

import pytest

from tests.conformance.integration import every_cases, feed_cases, news_cases
from tests.conformance.integration.orders import found as breaches
from tests.conformance.integration.orders import says
from tests.conformance.integration.traces import INVOICED, Part, act, course

_TABLES = (feed_cases, news_cases, every_cases)
BROKEN = [case for table in _TABLES for case in table.BROKEN]
KEPT = [case for table in _TABLES for case in table.KEPT]
SILENT = [case for table in _TABLES for case in table.SILENT]

RULES = tuple(f"B-{number:02}" for number in (*range(1, 26), *range(74, 86)))
"""Rules on news and calls."""


@pytest.mark.parametrize(("rule", "told", "parts"), BROKEN)
def test_a_breach_is_seen_for_its_reason(rule: str, told: str, parts: Part) -> None:
    (first, *_) = breaches(rule, parts)

    assert told in first.told
    assert first.instead
    assert first.lines == tuple(sorted(first.lines))
    assert "None" not in first.told


@pytest.mark.parametrize(("rule", "parts"), KEPT)
def test_who_does_right_keeps_the_rule(rule: str, parts: Part) -> None:
    assert says(rule, parts) == "kept"


@pytest.mark.parametrize(("rule", "parts"), SILENT)
def test_nothing_is_said_without_an_occasion(rule: str, parts: Part) -> None:
    assert says(rule, parts) == "not-observed"


@pytest.mark.parametrize(
    ("rule", "parts"), [*((rule, parts) for rule, _, parts in BROKEN), *KEPT, *SILENT]
)
def test_orders_of_somebody_else_change_nothing(rule: str, parts: Part) -> None:
    other = (act("place", "y"), course("y", *INVOICED))

    assert says(rule, other, parts, other) == says(rule, parts)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_case_of_each_kind(rule: str) -> None:
    assert rule in {case[0] for case in BROKEN}
    assert rule in {case[0] for case in KEPT}
    assert rule in {case[0] for case in SILENT}
