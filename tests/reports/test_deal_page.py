"""The page of a deal shows who told whom what, what was proved, and runs nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from orderflow.conformance.verdict import Verdict
from orderflow.reports.deal_tables import property_rows, title_of
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import read_json
from tests.reports.builders import HOSTILE, failing, flows_of
from tests.reports.deals import (
    DEALS,
    deal,
    deals_of,
    deals_verdict,
    failing_deals,
    hostile_race,
    lost_cancel,
    race,
)
from tests.reports.test_html import Page

FAULTS = {"lost-message": "A message vanishes on its way."}


def rendered(value: Verdict) -> str:
    return render_html(value, flows_of(value), deals=deals_of(value), faults=FAULTS)


VALUES = [failing_deals(), deals_verdict(names=DEALS), deals_verdict(race())]


@pytest.mark.parametrize("value", VALUES, ids=["failing", "passing", "race"])
def test_page_is_well_formed_and_its_links_lead_somewhere(value: Verdict) -> None:
    shown = Page(rendered(value))

    assert shown.unbalanced == []
    assert shown.open == []
    assert len(shown.ids) == len(set(shown.ids))
    assert all(link.startswith("#") for link in shown.links)
    assert {link[1:] for link in shown.links} <= set(shown.ids)
    assert not [
        tag for tag, attributes in shown.tags if "style" in attributes or "src" in attributes
    ]


@pytest.mark.parametrize("value", VALUES, ids=["failing", "passing", "race"])
def test_same_verdict_gives_same_bytes_and_few_enough(value: Verdict) -> None:
    assert rendered(value) == rendered(value)
    assert len(rendered(value).encode()) < 500_000


def test_failure_of_a_deal_has_its_sequence_steps_and_replay() -> None:
    text = rendered(deals_verdict(race()))
    seen = " ".join(Page(text).text)

    assert "of-sequence" in text
    assert 'id="failure-1-step-11"' in text
    assert 'href="#failure-1-step-11"' in text
    assert "heard authorized from market" in " ".join(seen.split())
    assert "tells seller: cancel-request (ignored)" in " ".join(seen.split())
    assert race().replay in seen
    assert "├──────────────── order ───────────────▶│" in text


def test_every_deal_has_its_diagram_coverage_and_news() -> None:
    value = deals_verdict(names=DEALS)
    text = rendered(value)
    seen = " ".join(" ".join(Page(text).text).split())

    assert text.count("of-picture of-deal") == len(DEALS)
    for found in value.deals:
        assert f'id="deal-{found.name}"' in text
        assert found.title in seen
        for _, _, why in found.silent:
            assert why in seen
    assert "transitions of order-b" in seen
    assert "141 of 157" in seen
    assert "17 of 19" in seen
    assert "seller-refuses" in seen


def test_deal_that_is_not_at_hand_has_tables_and_no_picture() -> None:
    text = render_html(deals_verdict(race()), {})

    assert "of-picture of-deal" not in text
    assert "of-sequence" in text
    assert "links delivered" in text


def test_proofs_say_what_holds_without_a_fault_and_with_which() -> None:
    (found,) = deals_verdict().deals
    rows = {row.name: row.cells for row in property_rows(found)}
    text = rendered(deals_verdict())

    assert [cell.sign for cell in rows["A-28"]] == ["✓", "✓", "✓"]
    assert [cell.sign for cell in rows["A-53"]] == ["✕", "✕", "·"]
    assert [cell.steps for cell in rows["A-70"]] == [0, 8, 0]
    assert rows["A-28"][0].text != rows["A-28"][2].text
    assert ">lost-message</th>" in text
    assert "<small>8 steps</small>" in text
    for proof in found.proofs:
        assert proof.sentence in text


def test_rules_that_nobody_knows_have_no_title() -> None:
    assert title_of("A-12") == "nothing follows canceled"
    assert title_of("I-03")
    assert title_of("no such rule") == ""


def test_failures_are_grouped_by_fault() -> None:
    value = deals_verdict(lost_cancel(), race())
    text = rendered(value)
    heads = re.findall(r'<h2 class="p-shelf">(.*?)</h2>', text)

    assert heads[0].startswith("Without a fault")
    assert heads[1].startswith("Under the fault lost-message")
    assert FAULTS["lost-message"] in heads[1]
    assert text.index(f"1 · {race().rule}") < text.index(f"2 · {lost_cancel().rule}")
    assert "p-shelf" not in rendered(deals_verdict(race())).split("</style>")[1]


def test_failure_that_is_not_the_headline_says_its_sentence() -> None:
    mild = replace(race(), severity="warning")
    text = " ".join(" ".join(Page(rendered(deals_verdict(lost_cancel(), mild))).text).split())

    for failure in (lost_cancel(), mild):
        assert failure.sentence.split("`")[-1].strip() in text


def test_failures_beyond_the_limit_name_their_deal_and_fault() -> None:
    many = tuple(
        replace(
            lost_cancel(), identity=f"A-70/{i}", transition=f"M{i}", replay=f"orderflow replay {i}"
        )
        for i in range(40)
    )
    text = rendered(deals_verdict(*many))

    assert all(f"orderflow replay {i}<" in text for i in range(40))
    assert 5 <= text.count("of-picture of-sequence") < 40
    assert "<td>marketplace-seller, seller</td><td>lost-message</td>" in text
    assert len(text.encode()) < 700_000


def test_flow_is_not_blamed_for_what_broke_between_documents() -> None:
    value = failing_deals()
    seen = " ".join(" ".join(Page(rendered(value)).text).split())

    assert "seller : ✕ 1 failure" in seen
    assert "marketplace-seller : ✕ 2 failures" in seen


def test_embedded_verdict_reads_back() -> None:
    pattern = r'<script type="application/json" id="orderflow-verdict">(.*?)</script>'
    inside = re.search(pattern, rendered(failing_deals()), re.DOTALL)

    assert inside is not None
    assert read_json(inside[1]) == failing_deals()


def test_hostile_text_stays_text() -> None:
    value = deals_verdict(hostile_race())
    found = replace(
        value.deals[0],
        title=HOSTILE,
        source=HOSTILE,
        digest=HOSTILE,
        silent=(("market", HOSTILE, HOSTILE),),
        proofs=(replace(value.deals[0].proofs[0], fault=HOSTILE, holds=(HOSTILE,)),),
    )
    bad = replace(deal("marketplace-seller"), title=HOSTILE)
    value = replace(value, deals=(found,), faults=(HOSTILE,))
    text = render_html(value, {}, deals={found.name: bad}, faults={HOSTILE: HOSTILE})
    shown = Page(text)

    assert [tag for tag, _ in shown.tags if tag == "img"] == []
    assert sum(1 for tag, _ in shown.tags if tag == "script") == 2
    assert shown.unbalanced == []
    assert "{{ 7 * 7 }}" in " ".join(shown.text)


def test_page_of_flows_knows_nothing_of_deals() -> None:
    text = render_html(failing(), flows_of(failing()))

    assert text == render_html(failing(), flows_of(failing()), deals=deals_of(failing_deals()))
    for word in ("of-deal", "Under the fault", "p-story", "deal-"):
        assert word not in text
