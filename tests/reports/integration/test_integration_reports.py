"""What came of judging an integration, told to people and to programs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.verdict import Judged, Verdict
from orderflow.reports.integration.badge import badge_words, render_badge
from orderflow.reports.integration.evidence import MOST_LINES, evidence
from orderflow.reports.integration.sentence import verdict_sentence
from orderflow.reports.integration.text import text_lines
from orderflow.reports.integration.write import RESULTS, rendered
from tests.reports.integration.builders import (
    MISSED,
    ORDER_ID,
    a_rule,
    breach,
    broken,
    call,
    failing,
    kept,
    lines,
    passing,
    unseen,
    verdict,
)

SCENARIOS = {"B-50": ("modified-before-invoice",)}
SCHEMA = Path("reports/integration/certificate.schema.json")
HOSTILE = "</script><script>alert(1)</script>&\"'\0\ud800{{ 7 * 7 }}"
LARGEST = 500_000


def read(text: str) -> ET.Element:
    """What we wrote ourselves, as XML."""
    return ET.fromstring(text)  # noqa: S314


def written(found: Verdict, name: str) -> str:
    return rendered(found, name, SCENARIOS)


def test_the_sentence_says_what_it_did_which_rules_that_breaks_and_when() -> None:
    assert verdict_sentence(failing()) == (
        "Your integration commits the feed item although start-handling answered 500 "
        "(B-04, B-28); seen when start handling fails twice."
    )


def test_rules_broken_by_another_deed_are_counted_only() -> None:
    other = Sighting(False, (5,), ORDER_ID, "reads the order twice", "read it once")
    judged = (*broken("B-04"), Judged(a_rule("B-29"), "broken", (other,)))

    told = verdict_sentence(verdict(judged))

    assert "(B-04)" in told
    assert told.endswith("It breaks 1 more rule.")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (passing(), "keeps 1 of the 2 rules of erp-basic that were seen, with 1 warning; 1 was"),
        (verdict(kept("B-01", "B-02")), "keeps all 2 rules of erp-basic that were seen; 0 were"),
        (verdict(kept("B-01"), (MISSED,)), "falls short in 1 of 1 scenario, first in start-refu"),
        (verdict(unseen("B-01")), "Nothing was seen of your integration"),
    ],
)
def test_without_a_failing_rule_the_sentence_tells_what_was_seen(found: Verdict, told: str) -> None:
    assert told in verdict_sentence(found)


def test_a_warning_fails_a_strict_suite_only() -> None:
    judged = (*kept("B-01"), *broken("B-08", severity="warning"))

    assert verdict(judged).passed
    assert not verdict(judged, strict=True).passed


def test_nothing_seen_is_no_pass() -> None:
    assert not verdict(unseen("B-01")).passed


def test_a_scenario_that_was_missed_is_no_pass() -> None:
    assert not verdict(kept("B-01"), (MISSED,)).passed


def test_evidence_holds_the_lines_of_the_rule_and_those_about_the_order() -> None:
    shown = evidence(Seen(lines()), breach())

    assert [each.line.number for each in shown] == [1, 2, 3, 4, 5, 6, 7]
    assert [each.line.number for each in shown if each.named] == [6, 7]
    assert [each.line.number for each in shown if each.decisive] == [7]


def test_long_evidence_keeps_the_decisive_line_and_says_what_is_left_out() -> None:
    first, *rest = lines()
    reads = tuple(call("GET /api/oms/pvt/orders/{orderId}", 200) for _ in range(500))
    trace = tuple(
        replace(each, number=place) for place, each in enumerate((first, *reads, *rest), start=1)
    )
    last = trace[-1].number

    shown = evidence(Seen(trace), replace(breach(), lines=(1, last)))

    assert len(shown) == MOST_LINES
    assert [each.line.number for each in shown if each.named] == [1, last]
    assert sum(each.skipped for each in shown) == len(trace) - MOST_LINES


@pytest.mark.parametrize("name", RESULTS)
def test_the_same_verdict_gives_the_same_bytes(name: str) -> None:
    assert written(failing(), name) == written(failing(), name)


@pytest.mark.parametrize("found", [failing(), passing()], ids=["failing", "passing"])
def test_the_certificate_keeps_its_schema(found: Verdict) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(json.loads(written(found, "certificate")))


def test_the_certificate_says_which_rules_are_how() -> None:
    told = json.loads(written(failing(), "certificate"))

    assert told["passed"] is False
    assert told["rules"]["kept"] == ["B-01"]
    assert [each["id"] for each in told["rules"]["broken"]] == ["B-04", "B-28"]
    assert told["rules"]["notObserved"] == ["B-50"]
    assert told["scenarios"] == {"happy-path": "reached", "start-refused": "missed"}


def test_results_tell_each_breach_with_its_lines() -> None:
    told = json.loads(written(failing(), "json"))
    first = next(each for each in told["rules"] if each["id"] == "B-28")

    assert first["outcome"] == "broken"
    assert first["breaches"][0]["line"] == 7
    assert [line["number"] for line in first["breaches"][0]["evidence"]] == [1, 2, 3, 4, 5, 6, 7]


def test_junit_fails_broken_rules_and_missed_scenarios_and_skips_what_was_not_seen() -> None:
    root = read(written(failing(), "junit"))
    by_name = {case.get("name", ""): case for case in root.iter("testcase")}

    assert (root.get("failures"), root.get("tests")) == ("3", "6")
    assert by_name["B-28 Do what B-28 says"].find("failure") is not None
    assert by_name["start-refused: Start handling fails twice"].find("failure") is not None
    assert by_name["B-50 Do what B-50 says"].find("skipped") is not None
    assert len(by_name["B-01 Do what B-01 says"]) == 0


def test_junit_tells_a_warning_without_failing() -> None:
    root = read(written(passing(), "junit"))
    case = next(each for each in root.iter("testcase") if each.get("name", "").startswith("B-08"))

    assert case.find("failure") is None
    assert "commits the feed item" in (case.findtext("system-out") or "")


def test_the_summary_has_a_row_for_each_broken_rule() -> None:
    told = written(failing(), "summary")

    assert told.startswith("## ❌ FAIL: Your integration commits")
    assert "| B-28 Do what B-28 says | error |" in told
    assert "Not observed: B-50 (modified-before-invoice)." in told


def test_the_badge_says_suite_and_verdict() -> None:
    assert badge_words(passing()) == ("orderflow erp-basic", "conforms 1/3")
    assert badge_words(failing()) == ("orderflow erp-basic", "deviates from 2 rules")
    drawing = read(render_badge(failing()))
    assert drawing.get("aria-label") == "orderflow erp-basic: deviates from 2 rules"


def test_a_terminal_is_told_what_was_done_what_is_right_and_why() -> None:
    told = "\n".join(text_lines(failing(), SCENARIOS))

    assert "✕ B-28 Do what B-28 says (error)" in told
    assert "instead: repeat POST …/start-handling until 204" in told
    assert "why: Otherwise an order is lost." in told
    assert "--scenario modified-before-invoice may show it" in told
    assert max(map(len, told.splitlines())) <= 100


def test_the_page_shows_the_breach_and_how_to_see_it_again() -> None:
    page = written(failing(), "report")

    assert "<title>FAIL: Your integration commits the feed item" in page
    assert "repeat POST …/start-handling until 204" in page
    assert "✕ broke here" in page
    assert "--scenario start-refused" in page.replace(" \\\n ", "")
    assert "modified-before-invoice" in page


def test_an_order_is_drawn_once_however_many_rules_its_deed_breaks() -> None:
    page = written(failing(), "report")

    assert len(re.findall(r'id="order-B-\d\d-t"', page)) == 1
    assert 'stands at <a href="#B-04">' in page


def test_text_from_outside_is_text_everywhere() -> None:
    trace = tuple(
        replace(each, path=HOSTILE, after=HOSTILE, facts={**each.facts, "code": HOSTILE})
        for each in lines()
    )
    judged = (Judged(a_rule(), "broken", (breach(HOSTILE),)),)
    found = verdict(judged, trace=trace, happenings=(HOSTILE,))

    page = rendered(found, "report", SCENARIOS, output_tail=HOSTILE)

    assert "<script>alert" not in page
    assert "49" not in page.partition("</style>")[2].split("alert")[1][:80]
    page.encode("utf-8")
    read(rendered(found, "junit", SCENARIOS))
    read(rendered(found, "badge", SCENARIOS))


def test_a_page_stays_small_however_much_broke() -> None:
    ids = tuple(f"B-{number:02}" for number in range(1, 86))
    found = verdict(broken(*ids, times=300))

    assert len(written(found, "report").encode()) < LARGEST


def test_a_trace_without_orders_still_gives_a_page() -> None:
    judged = (Judged(a_rule(), "broken", (Sighting(False, (), "", "calls nothing", "call"),)),)

    assert "calls nothing" in written(verdict(judged, trace=()), "report")
