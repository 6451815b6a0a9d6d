"""Each fault shows in answers what its register says, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.fault_answers import UNKNOWN_STATUS
from orderflow.sandbox.moments import iso, moment
from orderflow.sandbox.service import Service
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, invoice

FEED = "/api/orders/feed"
MINE = "/api/oms/user/orders"


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=5))


def fail(shop: Shop, name: str, **more: object) -> None:
    sent = json.dumps({"fault": name, **more}).encode()
    given = answer(shop.service, Asked("POST", "/_sandbox/faults", "", {}, sent))
    assert given.status == 201, given


def rows(shop: Shop) -> list[dict[str, Any]]:
    found = shop.get(ORDERS)
    assert isinstance(found, dict)
    listed: list[dict[str, Any]] = found["list"]
    return listed


def items(shop: Shop) -> list[dict[str, Any]]:
    found = shop.get(f"{FEED}?maxlot=10")
    assert isinstance(found, list)
    return found


def differing(one: dict[str, Any], two: dict[str, Any]) -> set[str]:
    assert one.keys() == two.keys()
    return {name for name in one if one[name] != two[name]}


@pytest.mark.parametrize(
    ("name", "status", "body", "headers"),
    [
        ("http.error_500", 500, "An error has occurred", {}),
        ("http.error_503", 503, "", {}),
        ("http.text_error", 500, "Internal Server Error", {}),
        ("http.too_many", 429, "Too many requests", {"retry-after": "60"}),
        ("http.too_many_silent", 429, "", {}),
        ("http.unauthorized", 401, "Unauthorized access", {}),
    ],
)
def test_refusals_are_what_the_register_says(
    shop: Shop, name: str, status: int, body: str, headers: dict[str, str]
) -> None:
    fail(shop, name)

    given = shop.call("GET", ORDERS)

    assert given.status == status
    assert body in given.body.decode()
    assert bool(body) == bool(given.body)
    assert dict(given.headers) == headers
    assert given.media.startswith("text/plain") == (name == "http.text_error")


def test_a_document_route_refuses_credentials_in_its_own_form(shop: Shop) -> None:
    fail(shop, "http.unauthorized")

    given = shop.call("GET", f"{DOCUMENTS}/{shop.place('handling').order_id}")

    assert json.loads(given.body)["title"] == "Unauthorized"


def test_a_late_answer_is_the_right_one(shop: Shop) -> None:
    right = shop.call("GET", ORDERS)
    fail(shop, "http.apply_then_delay", milliseconds=1_234)

    late = shop.call("GET", ORDERS)

    assert (late.delay, right.delay) == (1_234, 0)
    assert late.body == right.body
    fail(shop, "http.apply_then_delay")
    assert shop.call("GET", ORDERS).delay == 10_000


@pytest.mark.parametrize(
    ("name", "status"), [("answer.unknown_status", UNKNOWN_STATUS), ("answer.null_status", None)]
)
def test_status_is_another_wherever_an_order_is_shown(
    shop: Shop, name: str, status: str | None
) -> None:
    shop.call("POST", f"{FEED}/config", {})
    one, two = shop.place("handling"), shop.place("handling")
    sound = shop.document(one)
    fail(shop, name, orders=[one.order_id])

    assert differing(sound, shop.document(one)) == {"status"}
    assert shop.document(one)["status"] == status
    assert {row["orderId"]: row["status"] for row in rows(shop)} == {
        one.order_id: status,
        two.order_id: "handling",
    }
    pii = shop.get(f"{DOCUMENTS}/{one.order_id}")
    group = shop.get(f"{ORDERS}/order-group/{one.group}")
    assert isinstance(pii, dict)
    assert isinstance(group, list)
    assert (pii["status"], pii["state"], group[0]["status"]) == (status, status, status)
    told = items(shop)
    assert {each["state"] for each in told if each["orderId"] == one.order_id} == {status}
    assert status not in {each["state"] for each in told if each["orderId"] == two.order_id}


def test_a_status_no_client_knows_is_known_to_no_flow(shop: Shop) -> None:
    assert UNKNOWN_STATUS not in {state.name for state in shop.place("handling").flow.states}


def test_values_of_a_list_are_rounded_floats(shop: Shop) -> None:
    shop.place("handling", price=12_345)
    (sound,) = rows(shop)
    fail(shop, "list.float_value")

    (row,) = rows(shop)

    assert differing(sound, row) == {"totalValue"}
    assert (sound["totalValue"], row["totalValue"]) == (12_345, 12_300.0)
    assert isinstance(row["totalValue"], float)


def test_a_list_never_tells_of_a_delivery(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"
    shop.call("POST", path, invoice())
    shop.call("PATCH", f"{path}/NF-1", {"trackingNumber": "T1"})
    shop.call("PUT", f"{path}/NF-1/tracking", {"isDelivered": True})
    (sound,) = rows(shop)
    fail(shop, "list.delivery_flag_missing")

    (row,) = rows(shop)

    assert sound["isAllDelivered"]
    assert differing(sound, row) == {"isAllDelivered", "isAnyDelivered"}


def test_the_shopper_s_list_has_no_paging(shop: Shop) -> None:
    mail = json.loads(shop.call("GET", f"{DOCUMENTS}/{shop.place('handling').order_id}").body)[
        "clientProfileData"
    ]["email"]
    sound = shop.get(f"{MINE}?clientEmail={mail}")
    fail(shop, "list.no_paging")

    found = shop.get(f"{MINE}?clientEmail={mail}")

    assert isinstance(sound, dict)
    assert isinstance(found, dict)
    assert sound.keys() - found.keys() == {"paging"}
    assert "paging" in json.loads(shop.call("GET", ORDERS).body)


def test_a_list_shows_orders_as_they_were(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    rows(shop)
    fail(shop, "list.stale_status", milliseconds=30_000)
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    assert shop.document(held)["status"] == "handling"
    assert [row["status"] for row in rows(shop)] == ["ready-for-handling"]
    shop.service.advance(30_000)
    assert [row["status"] for row in rows(shop)] == ["handling"]
    answer(shop.service, Asked("DELETE", "/_sandbox/faults"))
    assert shop.place("handling").order_id in {row["orderId"] for row in rows(shop)}


def test_descriptions_of_invoiced_lines_are_replaced_when_all_is_invoiced(shop: Shop) -> None:
    def described(value: int) -> tuple[object, object]:
        held = shop.place("handling")
        lines = [{"id": "sku-1", "quantity": 1, "price": value, "description": "mine"}]
        shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(value, items=lines))
        found: Any = shop.document(held)
        (package,) = found["packageAttachment"]["packages"]
        return package["items"][0]["description"], found["items"][0]["name"]

    assert described(10_000)[0] == "mine"
    fail(shop, "invoice.description_rewritten")
    assert described(4_000)[0] == "mine"
    shown, name = described(10_000)
    assert shown == name


def test_a_return_is_refused_and_a_sale_is_not(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"
    fail(shop, "return.double_subtract")

    assert shop.call("POST", path, invoice()).status == 200
    refused = shop.call("POST", path, invoice(number="R-1", type="Input"))

    assert refused.status == 400
    assert "Unable to using the restitution Refund more than 0.0" in refused.body.decode()
    assert shop.call("POST", path, raw=b"{").status == 400
    assert len(held.order.invoices) == 1
    (fault,) = shop.service.faults.every
    assert fault.struck == 1


def test_an_order_of_a_marketplace_is_not_taken(shop: Shop) -> None:
    fail(shop, "place.fmt010")

    given = shop.call("POST", "/api/fulfillment/pvt/orders", [])

    assert code(given) == (400, "FMT010")
    assert not shop.service.store.orders()


def test_a_feed_gives_again_what_it_gave(shop: Shop) -> None:
    fail(shop, "feed.duplicate")
    shop.call("POST", f"{FEED}/config", {})
    shop.place("handling")

    one, two = items(shop), items(shop)

    assert [each["eventId"] for each in one] == [each["eventId"] for each in two]
    assert not {each["handle"] for each in one} & {each["handle"] for each in two}


def test_a_feed_does_not_give_the_oldest_first(shop: Shop) -> None:
    def read(*names: str) -> list[str]:
        shop.service.reset()
        shop.call("POST", f"{FEED}/config", {})
        for name in names:
            fail(shop, name)
        shop.place("handling")
        lots = [shop.get(f"{FEED}?maxlot=2") for _ in range(20)]
        return [each["eventId"] for lot in lots if isinstance(lot, list) for each in lot]

    sound, disorder = read(), read("feed.disorder")

    assert sorted(disorder) == sorted(sound)
    assert disorder != sound


def test_a_fault_that_goes_leaves_a_sound_feed(shop: Shop) -> None:
    fail(shop, "feed.duplicate")
    shop.call("POST", f"{FEED}/config", {})
    answer(shop.service, Asked("DELETE", "/_sandbox/faults"))
    shop.place("handling")

    assert len(items(shop)) > 3
    assert items(shop) == []


def test_only_a_feed_that_filters_by_expression_skips_versions(shop: Shop) -> None:
    expression = {"type": "FromOrders", "expression": "value > 0", "disableSingleFire": True}
    states: list[list[str]] = []
    for filter_ in (expression, {"type": "FromWorkflow", "status": ["handling"]}):
        shop.service.reset()
        shop.call("POST", f"{FEED}/config", {"filter": filter_})
        fail(shop, "feed.skips_versions", after=1, times=2)
        shop.place("handling")
        states.append([each["state"] for each in items(shop)])
    shop.service.reset()
    shop.call("POST", f"{FEED}/config", {"filter": expression})
    shop.place("handling")

    every = [each["state"] for each in items(shop)]

    assert states[0] == [every[0], *every[3:]]
    assert states[1] == ["handling"]


def test_an_answer_that_comes_later_is_changed_when_it_comes(shop: Shop) -> None:
    from orderflow.sandbox.fault_striking import struck
    from orderflow.sandbox.routes import Call, Route

    fail(shop, "http.apply_then_500", times=1)
    ready: list[Answer] = []

    def handled() -> Answer:
        return Answer(202, later=lambda: ready[0] if ready else None)

    route = Route("GET", ORDERS, lambda service, call: Answer(200))
    given = struck(shop.service, Call("GET", ORDERS), route, handled, lambda call: None)

    assert given.later is not None
    assert given.later() is None
    ready.append(Answer(200, b"{}"))
    final = given.later()
    assert final is not None
    assert final.status == 500
    assert [fault.struck for fault in shop.service.faults.every] == [1]


def test_the_moment_of_a_stale_list_is_that_of_the_clock(shop: Shop) -> None:
    fail(shop, "list.stale_status")
    begin = shop.service.now
    held = shop.place("handling")
    shop.service.advance(59_999)
    before = rows(shop)
    shop.service.advance(1)

    assert before == []
    assert [row["orderId"] for row in rows(shop)] == [held.order_id]
    assert iso(shop.service.now) == iso(begin + 60_000)


def test_a_client_may_come_again_when_it_is_told_to(shop: Shop) -> None:
    fail(shop, "http.too_many", seconds=7)

    assert dict(shop.call("GET", ORDERS).headers) == {"retry-after": "7"}


def test_an_order_has_neither_transactions_nor_packages(shop: Shop) -> None:
    held = shop.place("handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    sound = shop.document(held)
    fail(shop, "answer.empty_arrays", times=1)

    shown: Any = shop.document(held)

    assert differing(sound, shown) == {"paymentData", "packageAttachment"}
    assert shown["paymentData"] == {**shown["paymentData"], "transactions": []}
    assert shown["packageAttachment"]["packages"] == []
    assert shop.document(held) == sound


def test_the_same_moments_are_shown_from_elsewhere(shop: Shop) -> None:
    held = shop.place("handling")
    shop.call("POST", f"{FEED}/config", {})
    sound = shop.document(held)
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    fail(shop, "answer.other_offset")

    shown: Any = shop.document(held)
    (row,) = rows(shop)

    assert shown["creationDate"].endswith("-03:00")
    assert moment(shown["creationDate"]) == moment(str(sound["creationDate"]))
    assert len(shown["creationDate"]) == len(str(sound["creationDate"]))
    assert "+00:00" not in json.dumps(shown["packageAttachment"])
    assert row["creationDate"] == shown["creationDate"]
    assert all(each["currentChange"].endswith("-03:00") for each in items(shop))


def test_every_status_is_described_in_portuguese(shop: Shop) -> None:
    held, other = shop.place("ready-for-handling"), shop.place("order-created")
    fail(shop, "list.portuguese_description")

    described = {row["orderId"]: row["statusDescription"] for row in rows(shop)}

    assert described[held.order_id] == "Pronto para o manuseio"
    assert described[other.order_id] == shop.document(other)["statusDescription"] == "Em andamento"


def test_a_feed_gives_less_than_was_asked_for_and_the_rest_afterwards(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {"filter": {"status": ["handling"]}})
    for _ in range(5):
        shop.place("handling")
    fail(shop, "feed.short_batch")

    assert [len(items(shop)) for _ in range(3)] == [3, 2, 0]
    assert len(json.loads(shop.call("GET", f"{FEED}?maxlot=1").body)) == 0


def test_one_status_enters_a_feed_as_two_events(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {"filter": {"status": ["handling"]}})
    one = shop.place("handling").order_id
    fail(shop, "feed.same_status_twice", times=100)
    two = shop.place("handling").order_id

    told = items(shop)

    assert [each["orderId"] for each in told] == [one, two, two]
    assert len({each["eventId"] for each in told}) == 3
    assert {each["state"] for each in told} == {"handling"}
