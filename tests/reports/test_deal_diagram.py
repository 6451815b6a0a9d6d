"""The picture of a deal shows every document and the statuses that news ties together."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from orderflow.flows.model import ABSENT
from orderflow.reports.deal_diagram import deal_diagram
from orderflow.reports.deal_lanes import Lane, plan
from orderflow.reports.deal_news import news_of, without_echoes
from orderflow.reports.geometry import Rect
from tests.reports.builders import HOSTILE
from tests.reports.deals import DEALS, deal, deal_result

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", DEALS)
def test_every_document_has_a_lane_with_its_undisturbed_way(name: str) -> None:
    text = deal_diagram(deal(name), deal_result(name), name="x")
    root = ET.fromstring(text)  # noqa: S314 - our own text

    shown = [" ".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    for each in deal(name).participants:
        assert each.name in shown
    titles = [each.findtext(f"{SVG}title") for each in root.iter(f"{SVG}rect")]
    for each in deal(name).participants:
        assert set(each.flow.happy_path) <= set(titles)
    assert text == deal_diagram(deal(name), deal_result(name), name="x")
    assert "style=" not in text


@pytest.mark.parametrize("name", DEALS)
def test_boxes_do_not_overlap_and_lanes_keep_their_order(name: str) -> None:
    lanes = lanes_of(name)

    boxes = [(lane.participant.name, state, box) for lane in lanes for state, box in lane_of(lane)]
    for i, (_, _, one) in enumerate(boxes):
        assert not [state for _, state, two in boxes[:i] if one.overlaps(two)]
    order = [lane.participant.name for lane in lanes]
    for each in deal(name).participants:
        assert not each.below or order.index(each.below) < order.index(each.name)


def lane_of(lane: Lane) -> list[tuple[str, Rect]]:
    return list(lane.boxes.items())


def lanes_of(name: str) -> tuple[Lane, ...]:
    news = news_of(deal(name), deal_result(name))
    return plan(deal(name), without_echoes(deal(name), news)[0], news).lanes


@pytest.mark.parametrize("name", DEALS)
def test_no_riser_runs_through_a_box_or_along_its_border(name: str) -> None:
    everything = news_of(deal(name), deal_result(name))
    picture = plan(deal(name), without_echoes(deal(name), everything)[0], everything)
    boxes = [box for lane in picture.lanes for box in lane.boxes.values()]

    for track in picture.tracks:
        for port in track.ports:
            low, high = sorted((track.y, port.edge))
            assert not [
                b for b in boxes if b.x - 2 < port.x < b.right + 2 and b.y < high and b.bottom > low
            ]


@pytest.mark.parametrize("name", DEALS)
def test_lines_of_two_documents_never_lie_on_each_other(name: str) -> None:
    everything = news_of(deal(name), deal_result(name))
    picture = plan(deal(name), without_echoes(deal(name), everything)[0], everything)

    owner: dict[float, tuple[int, str, bool]] = {}
    for track in picture.tracks:
        for port in track.ports:
            street = port.edge < track.y
            key = (port.lane, port.state, port.incoming)
            same = owner.setdefault(port.x + 10_000 * (port.lane - (not street)), key)
            assert same == key


def test_news_says_where_it_comes_from_and_where_it_acts() -> None:
    name = "marketplace-seller"
    known = {each.notice: each for each in news_of(deal(name), deal_result(name))}

    assert known["order"].acts == (ABSENT,)
    assert known["order"].starts == ("order-created",)
    assert known["order"].main
    assert known["authorized"].starts == ("payment-approved",)
    assert known["authorized"].acts == ("waiting-ffmt-authorization",)
    assert known["cancel-request"].starts == ("request-cancel",)
    assert "handling" in known["cancel-request"].acts
    assert not known["cancel-request"].main
    assert "invoiced" in known["denial"].starts
    assert known["invoiced"].links == ("part-invoiced", "fully-invoiced")


def test_one_that_takes_over_is_placed_by_the_event_it_joins_with() -> None:
    name = "seller-change"
    orders = [each for each in news_of(deal(name), deal_result(name)) if each.notice == "order"]

    assert {(each.receiver, each.links) for each in orders} == {
        ("seller", ("order-placed",)),
        ("substitute", ("seller-changed",)),
    }


def test_same_news_between_others_of_a_kind_is_drawn_once() -> None:
    news = news_of(deal("split-order"), deal_result("split-order"))
    kept, models = without_echoes(deal("split-order"), news)

    assert models == {"seller-b": "seller-a"}
    assert {(each.sender, each.receiver) for each in kept} == {
        ("order-a", "seller-a"),
        ("seller-a", "order-a"),
        ("order-a", "order-b"),
    }
    assert "same news as seller-a" in deal_diagram(
        deal("split-order"), deal_result("split-order"), name="x"
    )


@pytest.mark.parametrize("name", [each for each in DEALS if each != "complete"])
def test_picture_fits_a_page(name: str) -> None:
    everything = news_of(deal(name), deal_result(name))

    assert plan(deal(name), without_echoes(deal(name), everything)[0], everything).width <= 1300


def test_news_never_delivered_is_dotted() -> None:
    quiet = deal_diagram(
        deal("marketplace-seller"),
        replace(deal_result("marketplace-seller"), links=(), transitions=()),
        name="x",
    )

    assert "of-line-hit" not in quiet
    assert "of-box-hit" not in quiet
    assert "of-line-never" in quiet


def test_hostile_names_stay_text() -> None:
    value = replace(deal("marketplace-seller"), title=HOSTILE)
    text = deal_diagram(value, deal_result("marketplace-seller"), name=HOSTILE)

    ET.fromstring(text)  # noqa: S314 - our own text
    assert "<script" not in text
