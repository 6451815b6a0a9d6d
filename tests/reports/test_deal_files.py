"""JSON, JUnit and Markdown tell of deals, and say nothing new where there are none."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

from orderflow.conformance.verdict import Verdict
from orderflow.reports.jsonfile import read_json, render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from tests.reports.builders import HOSTILE, failing
from tests.reports.deals import (
    DEALS,
    deal_result,
    deals_of,
    deals_verdict,
    failing_deals,
    hostile_race,
    lost_cancel,
    race,
)


def junit(value: Verdict) -> dict[tuple[str | None, str | None], ET.Element]:
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text
    return {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}


def test_json_of_deals_reads_back() -> None:
    for value in (failing_deals(), deals_verdict(names=DEALS)):
        assert read_json(render_json(value)) == value
        assert read_json(render_json(value, compact=True)) == value


def test_json_of_flows_knows_nothing_of_deals() -> None:
    document = json.loads(render_json(failing()))

    assert not {"deals", "faults"} & set(document)
    assert not {"deal", "participants", "messages", "fault"} & set(document["failures"][0])
    assert not {"participant", "cause"} & set(document["failures"][0]["trace"][0])


def test_junit_has_a_case_for_each_deal_and_rule_and_fault() -> None:
    cases = junit(failing_deals())

    for found in failing_deals().deals:
        for rule in found.rules:
            assert (f"orderflow.deal.{found.name}", rule) in cases
            assert (f"orderflow.deal.{found.name}", f"{rule} under lost-message") in cases
    stuck = cases["orderflow.deal.marketplace-seller", "A-53"]
    assert "├──────────────── order ───────────────▶│" in (stuck.findtext("failure") or "")
    lossy = cases["orderflow.deal.marketplace-seller", "A-70 under lost-message"]
    assert lossy.find("failure") is not None
    assert cases["orderflow.deal.marketplace-seller", "A-70"].find("failure") is None


def test_junit_tells_how_far_each_search_went() -> None:
    cases = junit(deals_verdict())

    search = cases["orderflow.deal.marketplace-seller", "search"]
    assert "48,211 configurations" in (search.findtext("system-out") or "")
    unfinished = cases["orderflow.deal.marketplace-seller", "search under doubled-message"]
    assert unfinished.find("skipped") is not None


def test_every_error_of_a_deal_fails_exactly_one_case() -> None:
    value = failing_deals()

    failed = [case for case in junit(value).values() for _ in case.findall("failure")]
    assert len(failed) == len(value.errors)


def test_failure_of_a_deal_is_none_of_the_flow_it_broke_in() -> None:
    value = failing_deals()
    flow = replace(value, failures=tuple(f for f in value.failures if f.deal))

    assert "| seller | ✓ pass |" in render_summary(flow)
    cases = junit(flow)
    assert not [key for key, case in cases.items() if key[0] == "orderflow.seller" and len(case)]


def test_failures_of_a_deal_counted_only_are_a_case_of_it() -> None:
    value = deals_verdict(race())
    value = replace(value, deals=(replace(value.deals[0], left_out=3),))

    case = junit(value)["orderflow.deal.marketplace-seller", "3 more distinct failures"]
    assert case.find("failure") is not None
    assert "3 more counted only." in render_summary(value)


def test_summary_has_a_row_for_each_deal_and_a_line_for_each_search() -> None:
    value = deals_verdict(race(), lost_cancel(), names=DEALS[:2])
    text = render_summary(value, deals_of(value))

    assert "| marketplace-seller | ✕ 2 failures | 71 of 79 | 15 of 17 | 1204 |" in text
    assert "| 71 of 81 | 15 of 30 |" in render_summary(value)  # without the deals at hand
    assert "| marketplace-chain-seller | ✓ pass |" in text
    assert "- marketplace-seller, lost-message: all of 90,456 configurations" in text
    assert "### A-53 at M14 of market in marketplace-seller: No order waits" in text
    assert "in marketplace-seller under lost-message: A cancelled sale ships nothing" in text
    assert "| flow |" not in text


def test_sentence_of_a_pass_counts_deals_and_configurations() -> None:
    closed = tuple(
        replace(deal_result(name), proofs=deal_result(name).proofs[:2]) for name in DEALS
    )
    value = replace(deals_verdict(), deals=closed)

    assert value.sentence == (
        "5 deals proved, 693,335 configurations; 4 rules and invariants hold."
    )
    assert "is not finished" in deals_verdict().sentence
    both = replace(value, flows=failing_deals().flows, faults=("lost-message",))
    assert both.sentence.startswith("43 of 43 transitions of seller exercised; 5 deals proved")
    assert both.sentence.endswith("hold without a fault.")


def test_hostile_texts_keep_files_well_formed() -> None:
    value = deals_verdict(hostile_race())
    value = replace(value, deals=(replace(value.deals[0], name="a|b", source=HOSTILE),))

    assert junit(value)
    assert read_json(render_json(value)) == value
    outside = "".join(render_summary(value).split("```")[::2])
    assert "<img" not in outside.replace("\\<img", "")
