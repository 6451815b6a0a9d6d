"""A mapping file is read as written, and all that is wrong with it is told at once, with places."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderflow.conformance.subjects.mapping import Ask, Header
from orderflow.conformance.subjects.mapping_file import (
    load_mapping,
    parse_mapping,
    plain_mapping,
    wrong_url,
)
from orderflow.conformance.subjects.patience import Patience
from orderflow.conformance.subjects.subject import Abilities
from orderflow.flows.errors import FlowFileError
from orderflow.flows.loader import load_events

SHORT = """
new: {post: /orders, id: id}
status: {get: "/orders/{id}", at: status}
default: {post: "/orders/{id}/events", json: {event: "{event}"}}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(FlowFileError) as caught:
        parse_mapping(text, source="shop.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_everything_a_mapping_can_say() -> None:
    found = parse_mapping("""
subject: http
base: http://127.0.0.1:8080/api/
headers: {X-Key: {env: SHOP_KEY}, Authorization: {env: TOKEN, prefix: "Bearer "}, X-Version: 2}
timeout: 3s
new: {post: /orders, json: {lines: "{items}"}, id: /order/ref, at: place_order}
status: {get: "/orders/{id}?fresh=1", at: order.state, translate: {OPEN: handling}, trigger: t?}
poll: {for: 1m, every: 100ms, refused: 1s}
events:
  start_handling: {post: "/orders/{id}/start", accepted: [200, 204], refused: [409, 422]}
  verify_invoice: {put: "/orders/{id}/invoice", json: {cents: "{value}"}}
advance: {post: "/clock", json: {ms: "{ms}"}}
awaited: [complete_checkout]
never: [seller_cancel]
says: error.code
""")

    assert found.base == "http://127.0.0.1:8080/api"
    assert found.headers == (
        Header("X-Key", "", "SHOP_KEY"),
        Header("Authorization", "Bearer ", "TOKEN"),
        Header("X-Version", "2"),
    )
    assert found.timeout == 3_000
    assert found.new.ask == Ask("POST", "/orders", {"lines": "{items}"})
    assert (found.new.id, found.new.at) == ("/order/ref", "place_order")
    assert found.shown.ask.path == "/orders/{id}?fresh=1"
    assert (found.shown.at, found.shown.trigger, found.shown.optional) == ("order.state", "t", True)
    assert found.shown.translate == {"OPEN": "handling"}
    assert found.patience == Patience(60_000, 100, 1_000)
    assert found.events["start_handling"].accepted == {200, 204}
    assert found.events["start_handling"].refused == {409, 422}
    assert found.events["verify_invoice"].method == "PUT"
    assert found.says == "error.code"


def test_abilities_follow_from_what_is_mapped() -> None:
    rich = parse_mapping(SHORT + "awaited: [finish_cancel]\npoll: {}\n").abilities
    spare = parse_mapping(SHORT + "never: [replace_order]\n", events=["gift"]).abilities
    events = 'events: {start_handling: {post: "/{id}"}}'
    poor = parse_mapping(SHORT[: SHORT.index("default")] + events).abilities

    assert rich == Abilities(None, frozenset({"finish_cancel"}), turns_clock=False)
    assert spare.asked == frozenset({*load_events(), "gift"}) - {"replace_order"}
    assert poor.asked == frozenset({"start_handling"})
    assert plain_mapping().abilities.turns_clock


def test_a_status_that_is_none_of_the_flow_or_the_platform_is_told_with_the_nearest_one() -> None:
    text = SHORT.replace("at: status}", "at: status, translate: {A: handeling, B: my-own, C: x}}")
    told = r"shop.yaml:3:\d+: unknown status 'handeling'; did you mean 'handling'"
    known = ("handling", "my-own")

    with pytest.raises(FlowFileError, match=told) as caught:
        parse_mapping(text, source="shop.yaml", statuses=known)
    right = parse_mapping(text.replace("handeling", "(none)").replace("C: x", ""), statuses=known)

    assert [problem.check for problem in caught.value.problems] == ["unknown-status"] * 2
    assert right.shown.translate == {"A": "(none)", "B": "my-own"}
    assert parse_mapping(text).shown.translate["A"] == "handeling"


def test_an_event_may_be_asked_for_in_one_status_and_awaited_in_another() -> None:
    awaited = "awaited: [finish_cancel, {event: verify_invoice, in: [handling]}]\npoll: {}\n"
    abilities = parse_mapping(SHORT + awaited, statuses=["handling"]).abilities

    assert abilities.awaits("finish_cancel", "cancel")
    assert abilities.awaits("verify_invoice", "handling")
    assert abilities.can("verify_invoice", "invoice-after-cancellation-deny")
    assert not abilities.can("verify_invoice", "handling")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{event: verify, in: [handling]}", "unknown event 'verify'"),
        ("{event: verify_invoice, in: [handeling]}", "did you mean 'handling'"),
        ("{event: verify_invoice}", "`in` lists the statuses"),
        ("{event: verify_invoice, in: []}", "`in` lists the statuses"),
        ("{event: verify_invoice, on: [handling]}", "unknown key 'on'"),
    ],
)
def test_an_awaited_event_of_some_statuses_that_is_not_written_so(row: str, told: str) -> None:
    with pytest.raises(FlowFileError, match=told):
        parse_mapping(SHORT + f"awaited: [{row}]\npoll: {{}}\n", statuses=["handling"])


def test_all_that_is_wrong_is_told_at_once_and_where() -> None:
    found = problems("""\
subject: htpp
bse: http://127.0.0.1
timeout: 2 seconds
new: {post: orders, ID: id}
status: {get: "/orders/{number}", at: 5, translate: [a]}
events: {start_handeling: {post: /x, refused: [500]}, cancel_order: {}}
poll: {for: 0s}
awaited: [finish_cancl]
headers: {"X Key": x, X-Other: {env: "a b"}, X-Long: "a\\nb"}
""")

    assert [problem.split(": ", 1)[0] for problem in found] == [
        f"shop.yaml:{place}"
        for place in (
            *("1:10", "2:1", "3:10", "4:6", "4:13", "4:21", "5:15", "5:39", "5:53"),
            *("6:10", "6:47", "6:69", "7:13", "8:11", "9:20", "9:38", "9:54"),
        )
    ]
    text = "\n".join(found)
    assert "unknown key 'bse'; did you mean 'base'?" in text
    assert "unknown key 'ID'; did you mean 'id'?" in text
    assert "unknown event 'start_handeling'; did you mean 'start_handling'?" in text
    assert "unknown event 'finish_cancl'; did you mean 'finish_cancel'?" in text
    assert "unknown placeholder 'number'; known: id" in text
    assert "5xx says that nobody knows" in text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("awaited: [finish_cancel]", "awaited events need `poll`"),
        ("awaited: [finish_cancel]\nnever: [finish_cancel]\npoll: {}", "finish_cancel is asked"),
        ("events: {deny_cancel: {post: /x}}\nnever: [deny_cancel]", "has a request under `events`"),
        ("base: http://user:hunter2@127.0.0.1", "credentials do not belong into a URL"),
        ("advance: {post: /clock, json: {s: '{seconds}'}}", "unknown placeholder 'seconds'"),
        ("events: {deny_cancel: {post: /x, json: {v: '{value}'}}}", "unknown placeholder 'value'"),
        ("events: {deny_cancel: {post: /x, get: /y}}", "a request has one of get, post"),
        ("events: {deny_cancel: {post: /x, accepted: 409, refused: 409}}", "both yes and no"),
        ("events: {deny_cancel: {post: /x, accepted: [true]}}", "status codes are numbers"),
        ("headers: [a]", "`headers` maps names"),
        ("never: deny_cancel", "`never` lists events"),
        ("says: [a]", "`says` must be a text"),
    ],
)
def test_what_does_not_go_together(more: str, told: str) -> None:
    found = problems(SHORT + more)

    assert told in "\n".join(found)
    assert "hunter2" not in "\n".join(found)


def test_a_mapping_that_can_ask_for_nothing() -> None:
    assert "no event can be asked for" in problems(SHORT[: SHORT.index("default")])[0]


def test_no_mapping_at_all() -> None:
    (told,) = problems("[a, b]")

    assert told.startswith("shop.yaml:1:1: a mapping file is a mapping with some of: subject, base")


def test_events_of_the_flow_are_known_too(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHORT + "never: [wrap_gift]\n")

    assert load_mapping(file, events=["wrap_gift"]).never == {"wrap_gift"}
    with pytest.raises(FlowFileError, match=r"shop\.yaml:5:9: unknown event 'wrap_gift'"):
        load_mapping(file)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://shop.example/api",
        "http://[::1]:80",
        "http://localhost/",
        "HTTP://shop_1",
    ],
)
def test_a_base_that_can_be_used(url: str) -> None:
    assert wrong_url(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop",
        "http://",
        "http:///orders",
        "http://shop:0",
        "http://shop:99999",
        "http://shop:x",
        "http://a b",
        "http://a..b",
        "http://" + "a" * 64,
        "http://" + "a." * 130 + "a",
        "http://shop/?q",
        "http://shop/#q",
        "http://shop/a b",
        "http://me@shop",
        "http://[::1",
        "shop",
    ],
)
def test_a_base_that_cannot_be_used(url: str) -> None:
    assert wrong_url(url)
