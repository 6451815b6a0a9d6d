"""B-26 to B-73 see a breach for its reason, say when they were kept, and are silent else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import PERSONAL_INVOICE
from orderflow.conformance.integration.rules import RULES
from tests.conformance.integration import (
    cancelling_cases,
    change_cases,
    handling_cases,
    invoice_cases,
    marketplace_cases,
    seller_cases,
)
from tests.conformance.integration.cancelling_cases import (
    ASK,
    ASKED,
    IN_HANDLING,
    PUT_ASIDE,
    REFUSED,
)
from tests.conformance.integration.counted_cases import COUNTED
from tests.conformance.integration.handling_cases import CANCELED, NEWS, ORDER, STARTED
from tests.conformance.integration.orders import found as breaches
from tests.conformance.integration.orders import invoice, says, start, steps
from tests.conformance.integration.traces import (
    Part,
    call,
    commit,
    get,
    judged,
    placed,
    read,
    scene,
)

_TABLES = (
    handling_cases,
    invoice_cases,
    cancelling_cases,
    change_cases,
    marketplace_cases,
    seller_cases,
)
BROKEN = [case for table in _TABLES for case in table.BROKEN]
KEPT = [case for table in _TABLES for case in table.KEPT]
SILENT = [case for table in _TABLES for case in table.SILENT]


@pytest.mark.parametrize(("rule", "told", "parts"), BROKEN)
def test_a_breach_is_seen_for_its_reason(rule: str, told: str, parts: Part) -> None:
    (first, *_) = breaches(rule, parts)

    assert told in first.told
    assert first.order_id in {"o", "MKP-7"}
    assert first.lines == tuple(sorted(first.lines))


@pytest.mark.parametrize(("rule", "parts"), KEPT)
def test_who_does_right_keeps_the_rule(rule: str, parts: Part) -> None:
    assert says(rule, parts) == "kept"


@pytest.mark.parametrize(("rule", "parts"), SILENT)
def test_nothing_is_said_without_an_occasion(rule: str, parts: Part) -> None:
    assert says(rule, parts) == "not-observed"


@pytest.mark.parametrize(("rule", "kept", "broken", "parts"), COUNTED)
def test_occasions_are_counted(rule: str, kept: int, broken: int, parts: Part) -> None:
    result = judged(RULES[rule], parts)

    assert (result.kept, len(result.breaches)) == (kept, broken)


def test_an_order_that_is_started_twice_is_told_once_for_each_call() -> None:
    twice = breaches("B-27", ORDER, start(), start(409, "handling"), start(409, "handling"))

    assert len(twice) == 2


def test_a_refused_request_makes_room_for_another_start() -> None:
    again = steps("handling", "cancellation-requested", "ready-for-handling")

    assert says("B-27", ORDER, start(), STARTED, again, start()) == "kept"


def test_an_id_that_is_used_anew_is_another_order() -> None:
    assert says("B-27", ORDER, start(), STARTED, ORDER, start()) == "kept"


def test_the_group_of_an_order_may_be_read_instead() -> None:
    group = call("GET /api/oms/pvt/orders/order-group/{orderGroup}", path="/x/order-group/g")

    assert says("B-29", placed("o", group="g"), group, start()) == "kept"
    assert says("B-29", placed("o", group="h"), group, start()) == "broken"


@pytest.mark.parametrize("ending", ["out-of-time", "not-run", "skipped"])
def test_scenarios_that_were_cut_short_say_nothing_of_what_was_not_done(ending: str) -> None:
    begin, *rest, _ = scene("s", ORDER, NEWS, start(500))
    end = Line(0, "end", scenario="s", facts={"ending": ending})

    assert says("B-28", begin, rest, replace(end, facts={"ending": "missed"})) == "broken"
    assert says("B-28", begin, rest, end) == "not-observed"


def test_a_number_used_twice_is_worse_where_it_is_forbidden() -> None:
    (usual,) = breaches("B-35", invoice("1", 1), invoice("1", 2))
    (personal,) = breaches("B-35", invoice("1", 1), invoice("1", 2, operation=PERSONAL_INVOICE))

    assert (usual.mild, personal.mild) == (True, False)
    assert RULES["B-35"].severity_of(usual) == "warning"


def test_an_invoice_that_may_be_meant_to_refuse_a_request_is_a_mild_breach() -> None:
    (blind,) = breaches("B-43", IN_HANDLING, ASKED, PUT_ASIDE, REFUSED)
    (seeing,) = breaches("B-43", IN_HANDLING, ASKED, PUT_ASIDE, get("o", ASK), REFUSED)

    assert (blind.mild, seeing.mild) == (False, True)


def test_a_breach_points_at_its_lines_the_decisive_one_last() -> None:
    (committed,) = breaches("B-28", scene("s", ORDER, NEWS, start(500), commit("h-e"), read()))
    (left,) = breaches("B-28", scene("s", ORDER, NEWS, start(500), read()))
    (again,) = breaches("B-30", ORDER, CANCELED, start(409, "canceled"), start(409, "canceled"))

    assert committed.lines == (6, 7)
    assert left.lines == (6, 8)
    assert again.lines == (4, 7, 8)
    assert (committed.scenario, again.scenario) == ("s", "")
