"""Faults are off until switched on, strike where and as often as said, and by the seed alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.flows.fault_loader import bundled_faults
from orderflow.sandbox.answering import Asked, answer, replay
from orderflow.sandbox.control.faults import FIELDS
from orderflow.sandbox.dialect import Answer, DialectError, refusal
from orderflow.sandbox.fault_answers import CHANGES, INSTEAD
from orderflow.sandbox.fault_modes import FaultSettingError, modes
from orderflow.sandbox.fault_orders import deals_broken_by
from orderflow.sandbox.fault_words import parse, switch_on
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from tests.sandbox.shop import ORDERS, Shop, code, invoice

START = "POST */start-handling"


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=5))


def control(shop: Shop, method: str, path: str, body: object = None) -> Answer:
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(shop.service, Asked(method, f"/_sandbox/{path}", "", {}, sent))


def fail(shop: Shop, name: str, **more: object) -> dict[str, Any]:
    given = control(shop, "POST", "faults", {"fault": name, **more})
    assert given.status == 201, given
    found: dict[str, Any] = json.loads(given.body)["on"][0]
    return found


def start(shop: Shop, to: str = "ready-for-handling") -> Answer:
    return shop.call("POST", f"{ORDERS}/{shop.place(to).order_id}/start-handling")


def listing(shop: Shop) -> int:
    return shop.call("GET", ORDERS).status


def trace(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(control(shop, "GET", "trace").body)["calls"]
    return found


def test_every_mode_that_is_served_is_reproduced_and_none_besides() -> None:
    served = bundled_faults().served
    inside = {
        *("feed.skips_versions", "feed.duplicate", "feed.disorder", "list.stale_status"),
        *("feed.short_batch", "feed.same_status_twice", "seller.answer_lost"),
        *("hook.from_orders_missing", "hook.duplicate", "hook.late", "hook.wrong_origin"),
        *("hook.unknown_status", "hook.null_status"),
    }

    assert {*INSTEAD, *CHANGES, *inside} == set(served)
    assert not set(INSTEAD) & set(CHANGES)
    of_orders = {name for name, each in bundled_faults().faults.items() if not each.news}
    assert set(modes()) == {*served, *of_orders}


def test_every_mode_says_what_goes_wrong_and_where_that_is_written(shop: Shop) -> None:
    known = json.loads(control(shop, "GET", "faults").body)

    assert known["on"] == []
    assert len(known["known"]) == len(modes())
    assert all(each["says"] and each["sources"] and each["takes"] for each in known["known"])


def test_the_page_does_not_wait_for_what_each_mode_breaks(shop: Shop) -> None:
    deals_broken_by.cache_clear()
    modes.cache_clear()
    page = answer(shop.service, Asked("GET", "/_sandbox"))
    assert all(name.encode() in page.body for name in modes())
    assert deals_broken_by.cache_info().misses == 0
    assert any(mode.deals for mode in modes().values())
    assert deals_broken_by.cache_info().misses > 0


def test_every_mode_can_be_switched_on_and_off(shop: Shop) -> None:
    for name in modes():
        number = fail(shop, name)["number"]
        assert [each.setting.name for each in shop.service.faults.every] == [name]
        assert control(shop, "DELETE", f"faults/{number}").status == 204
    assert shop.service.store.faults == ()
    assert listing(shop) == 200


def test_a_profile_is_switched_on_as_a_whole(shop: Shop) -> None:
    made = json.loads(control(shop, "POST", "faults", {"fault": "real-world"}).body)["on"]

    assert [each["fault"] for each in made] == list(bundled_faults().profiles["real-world"])
    assert control(shop, "DELETE", "faults").status == 204
    assert not shop.service.faults.every


def test_a_fault_strikes_the_operations_and_orders_it_was_meant_for(shop: Shop) -> None:
    one, two = (shop.place("ready-for-handling").order_id for _ in range(2))
    fail(shop, "http.error_500", operations=[START], orders=[two])

    given = [shop.call("POST", f"{ORDERS}/{each}/start-handling").status for each in (one, two)]

    assert given == [204, 500]
    assert shop.call("GET", f"{ORDERS}/{two}").status == 200
    assert listing(shop) == 200


def test_a_fault_lets_pass_strikes_and_has_struck_enough(shop: Shop) -> None:
    fail(shop, "http.error_503", after=2, times=3)

    assert [listing(shop) for _ in range(7)] == [200, 200, 503, 503, 503, 200, 200]
    (fault,) = shop.service.faults.every
    assert (fault.met, fault.struck) == (7, 3)


def test_a_fault_is_over_when_its_time_is(shop: Shop) -> None:
    fail(shop, "http.too_many", lasts=60_000)

    before = listing(shop)
    shop.service.advance(59_999)
    late = listing(shop)
    shop.service.advance(1)

    assert (before, late, listing(shop)) == (429, 429, 200)
    assert not shop.service.faults.every


def test_chance_comes_from_the_seed_and_each_fault_has_its_own() -> None:
    def struck(seed: int, *others: str) -> list[int]:
        shop = Shop(Service(seed=seed))
        fail(shop, "http.error_500", chance=0.5, operations=["GET /api/oms/pvt/orders"])
        for other in others:
            fail(shop, other, chance=0.5, operations=[START])
            start(shop)
        return [listing(shop) for _ in range(40)]

    one = struck(1)

    assert one == struck(1) == struck(1, "http.error_503", "http.too_many")
    assert one != struck(2)
    assert 8 < one.count(500) < 32


def test_two_faults_of_one_kind_do_not_strike_together(shop: Shop) -> None:
    for _ in range(2):
        fail(shop, "feed.skips_versions", chance=0.5)
    one, two = shop.service.faults.every

    struck = [(shop.service.faults.meets(one), shop.service.faults.meets(two)) for _ in range(40)]

    assert len(set(struck)) == 4


def test_a_reset_switches_all_off(shop: Shop) -> None:
    fail(shop, "http.error_500")
    fail(shop, "feed.duplicate")
    control(shop, "POST", "reset")

    assert listing(shop) == 200
    assert fail(shop, "http.error_500")["number"] == 1


def test_a_call_refused_by_a_fault_changes_nothing_and_one_that_is_done_does(shop: Shop) -> None:
    refusing = sorted(name for name in INSTEAD if name.startswith("http."))
    hiding = sorted(name for name in CHANGES if name.startswith("http."))
    assert (len(refusing), len(hiding)) == (7, 3)
    for name in (*refusing, *hiding):
        number = fail(shop, name)["number"]
        held = shop.place("ready-for-handling")
        given = shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
        control(shop, "DELETE", f"faults/{number}")

        assert held.status == ("ready-for-handling" if name in refusing else "handling"), name
        assert given.status != 204 or given.delay, name


def test_faults_wait_behind_credentials_and_permissions(shop: Shop) -> None:
    fail(shop, "http.error_500")
    shop.key = shop.service.accounts.add("sandbox", ())

    assert start(shop).status == 403
    (fault,) = shop.service.faults.every
    assert fault.met == 0


def test_the_trace_names_the_faults_that_struck(shop: Shop) -> None:
    fail(shop, "http.apply_then_drop", times=1)
    fail(shop, "answer.unknown_status")

    start(shop)
    shop.call("GET", ORDERS)
    control(shop, "DELETE", "faults")
    listing(shop)

    told = [(each["status"], each["faults"]) for each in trace(shop)]
    assert told == [(0, ["http.apply_then_drop"]), (200, ["answer.unknown_status"]), (200, [])]
    assert trace(shop)[0]["after"] == "handling"


def test_of_two_that_refuse_the_older_one_does(shop: Shop) -> None:
    fail(shop, "http.error_503", times=1)
    fail(shop, "http.too_many")

    assert [listing(shop), listing(shop)] == [503, 429]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "no fault ''"),
        ({"fault": "http.to_many"}, "did you mean 'http.too_many'"),
        ({"fault": "message.lost"}, "message.lost cannot be switched on"),
        ({"fault": "mail.duplicate"}, "concerns e-mails"),
        ({"fault": "http.drop", "time": 1}, "unknown: time"),
        ({"fault": "http.drop", "chance": 0}, "chance must be a number above 0"),
        ({"fault": "http.drop", "chance": True}, "chance must be a number above 0"),
        ({"fault": "http.drop", "times": -1}, "times must be a whole number"),
        ({"fault": "http.drop", "operations": []}, "operations must be an array"),
        ({"fault": "http.drop", "operations": ["GET /x"]}, "'GET /x' names no call"),
        ({"fault": "list.no_paging", "operations": [START]}, "GET /api/oms/user/orders"),
        ({"fault": "http.drop", "milliseconds": 5}, "takes no milliseconds"),
        ({"fault": "feed.duplicate", "times": 1}, "it takes chance, lasts"),
        ({"fault": "cancel.seller_stuck", "chance": 0.5}, "it takes lasts"),
        ({"fault": "http.apply_then_delay", "milliseconds": 10**6}, "milliseconds must be"),
        ({"fault": "http.too_many", "seconds": -1}, "seconds must be"),
        ({"fault": "http.drop", "seconds": 5}, "takes no seconds"),
    ],
)
def test_what_cannot_be_switched_on_is_told_with_what_can(
    shop: Shop, body: object, words: str
) -> None:
    given = control(shop, "POST", "faults", body)

    assert given.status == 400
    assert words in json.loads(given.body)["error"]
    assert not shop.service.faults.every


def test_a_number_that_is_not_on_is_told_with_those_that_are(shop: Shop) -> None:
    fail(shop, "http.drop")

    given = control(shop, "DELETE", "faults/9")

    assert given.status == 404
    assert "1 (http.drop)" in json.loads(given.body)["error"]


def test_there_is_an_end_to_how_many_are_on(shop: Shop) -> None:
    given = [
        control(shop, "POST", "faults", {"fault": "http.drop", "times": 0}) for _ in range(101)
    ]

    assert [each.status for each in given] == [201] * 100 + [400]


class Notes:
    """A journal on paper."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.full = False

    def __call__(self, call: Call) -> None:
        if self.full:
            raise refusal(507, "001", "full")
        self.calls.append(call)

    def answered(self, answer: Answer) -> None:
        del answer


def again(notes: Notes) -> Shop:
    shop = Shop(Service(seed=5))
    for call in notes.calls:
        replay(shop.service, call)
    return shop


def test_a_journal_brings_back_what_was_done_once_and_what_was_refused_never(shop: Shop) -> None:
    notes = shop.service.journal = Notes()
    control(shop, "POST", "orders", {"status": "handling", "count": 2})
    one, two = sorted(held.order_id for held in shop.service.store.orders())
    fail(shop, "http.apply_then_500", orders=[one], times=1)
    fail(shop, "http.error_500", orders=[two], times=1)
    for order_id in (one, two):
        assert shop.call("POST", f"{ORDERS}/{order_id}/invoice", invoice()).status == 500

    same = again(notes)

    held = {order_id: same.service.order(order_id, "sandbox") for order_id in (one, two)}
    assert len(held[one].order.invoices) == 1
    assert len(held[two].order.invoices) == 0
    assert [(f.met, f.struck) for f in same.service.faults.every] == [(1, 1), (1, 1)]
    assert same.call("POST", f"{ORDERS}/{two}/invoice", invoice()).status == 200


def test_chance_goes_on_where_it_stood(shop: Shop) -> None:
    notes = shop.service.journal = Notes()
    fail(shop, "http.error_500", chance=0.5)
    first = [listing(shop) for _ in range(10)]
    same = again(notes)
    rest = [listing(shop) for _ in range(20)]

    assert [listing(same) for _ in range(20)] == rest
    assert {*first, *rest} == {200, 500}


def test_a_fault_without_counts_writes_nothing_down(shop: Shop) -> None:
    notes = shop.service.journal = Notes()
    fail(shop, "http.error_500")
    listing(shop)

    assert len(notes.calls) == 1


def test_a_journal_that_is_full_stops_no_fault(shop: Shop) -> None:
    fail(shop, "http.error_503", times=1)
    notes = shop.service.journal = Notes()
    notes.full = True

    assert [listing(shop), listing(shop)] == [503, 200]


def test_words_of_a_command_line_are_what_the_control_api_takes() -> None:
    assert parse("http.drop") == {"fault": "http.drop"}
    assert parse("http.drop:times=2,orders=a|b") == {
        "fault": "http.drop",
        "times": 2,
        "orders": ["a", "b"],
    }
    assert {"fault", *parse("x:times=1,after=1,lasts=1,chance=1,milliseconds=1")} < set(FIELDS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("http.drop:times", "write KEY=VALUE in place of 'times'"),
        ("http.drop:often=1", "keys are operations, orders"),
        ("http.drop:times=x", "times must be a number, not 'x'"),
        ("http.dorp", "did you mean 'http.drop'"),
        ("http.drop:times=1.5", "times must be a whole number"),
    ],
)
def test_words_that_make_no_sense_are_told_with_what_would(
    shop: Shop, words: str, told: str
) -> None:
    with pytest.raises(FaultSettingError, match=told) as caught:
        switch_on(shop.service, [words, "http.nothing"])

    assert len(caught.value.problems) == 2


def test_a_fault_that_is_on_already_is_not_switched_on_by_words_again(shop: Shop) -> None:
    for _ in range(2):
        switch_on(shop.service, ["http.drop:times=1", "http.error_500:times=1"])

    assert [each.setting.name for each in shop.service.faults.every] == [
        "http.drop",
        "http.error_500",
    ]


def test_the_journal_on_paper_refuses_when_it_is_full() -> None:
    notes = Notes()
    notes.full = True
    with pytest.raises(DialectError):
        notes(Call("GET", "/"))


def test_a_wrong_status_is_answered_400_if_wanted(shop: Shop) -> None:
    assert code(start(shop, "payment-pending")) == (409, "OMS003")
    fail(shop, "handling.refused_400")

    assert code(start(shop, "payment-pending")) == (400, "OMS003")
    assert start(shop).status == 204
