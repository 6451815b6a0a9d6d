"""List orders finds by its index what a look at every order would find, and pages as documented."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.document import list_row
from orderflow.sandbox.list_index import ListIndex
from orderflow.sandbox.moments import iso, moment
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item
from tests.sandbox.shop import ORDERS, Shop, invoice, listed

EXTENDED = "/api/orders/extendsearch/orders"
USUAL = {"handling", "ready-for-handling"}
MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def shop() -> Shop:
    return Shop()


# The index against a walk over all orders

Query = dict[str, str]


def walked(shop: Shop, query: Query) -> dict[str, Any]:
    """What List orders has to answer, found by looking at every order."""
    found = [held for held in shop.service.store.orders() if _passes(held, query, shop.service.now)]
    name, _, way = query.get("orderBy", "creationDate,desc").partition(",")
    found.sort(key=_newest, reverse=True)
    found.sort(key=_KEYS[name], reverse=way == "desc")
    page, rows = int(query.get("page", "1")), int(query.get("per_page", "15"))
    return {
        "list": [list_row(held) for held in found[(page - 1) * rows : page * rows]],
        "total": len(found),
        "values": [held.order.value for held in found],
        "origins": Counter(held.origin for held in found),
    }


def _passes(held: Held, query: Query, now: int) -> bool:
    order = held.order
    checks: list[bool] = [held.status != "null"]
    if "f_status" in query:
        checks.append(held.status in query["f_status"].split(","))
    for name, at in (
        ("f_creationDate", order.created_at),
        ("f_authorizedDate", held.authorized_at),
        ("f_invoicedDate", order.invoiced_at),
    ):
        if name in query:
            first, _, last = query[name][1:-1].partition(" TO ")
            checks.append(at is not None and moment(first) <= at <= moment(last))
    if "f_hasInputInvoice" in query:
        checks.append(bool(order.inputs) is (query["f_hasInputInvoice"] == "true"))
    if "q" in query:
        checks.append(query["q"] in held.order_id)
    return all(checks)


def _newest(held: Held) -> tuple[int, str]:
    return held.order.created_at or 0, held.sequence


_KEYS: dict[str, Callable[[Held], Any]] = {
    "creationDate": _newest,
    "orderId": lambda held: held.order_id,
    "totalValue": lambda held: held.order.value,
    "items": lambda held: sum(item.quantity for item in held.order.items),
    "origin": lambda held: held.origin,
}


def asked(shop: Shop, query: Query) -> dict[str, Any]:
    found = shop.get(f"{ORDERS}?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert isinstance(found, dict)
    return found


ACTS = st.one_of(
    st.tuples(
        st.just("place"),
        st.sampled_from(["handling", "ready-for-handling", "payment-pending", "null", "invoiced"]),
        st.integers(1, 5),
    ),
    st.tuples(st.just("sell"), st.just("payment-approved"), st.integers(1, 5)),
    st.tuples(st.just("wait"), st.just(""), st.integers(1, 40)),
    st.tuples(st.just("handle"), st.just(""), st.integers(0, 9)),
    st.tuples(st.just("invoice"), st.just(""), st.integers(0, 9)),
    st.tuples(st.just("return"), st.just(""), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.just(""), st.integers(0, 9)),
    st.tuples(st.just("look"), st.just(""), st.just(0)),
)
START = iso(Service().now)
SPANS = st.tuples(st.integers(-10, 60), st.integers(0, 60)).map(
    lambda ends: (
        f"[{iso(moment(START) + ends[0] * MINUTE)[:23]}Z TO "
        f"{iso(moment(START) + (ends[0] + ends[1]) * MINUTE)[:23]}Z]"
    )
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "f_status": st.sampled_from(
            ["handling", "invoiced,handling", "payment-pending", "canceled"]
        ),
        "f_creationDate": SPANS,
        "f_authorizedDate": SPANS,
        "f_invoicedDate": SPANS,
        "f_hasInputInvoice": st.sampled_from(["true", "false"]),
        "q": st.sampled_from(["v1000", "v100003sbx", "-02", "00-"]),
        "orderBy": st.sampled_from([f"{name},{way}" for name in _KEYS for way in ("asc", "desc")]),
        "page": st.sampled_from(["1", "2", "3"]),
        "per_page": st.sampled_from(["1", "2", "3", "100"]),
    },
)


def act(shop: Shop, kind: str, status: str, number: int) -> None:
    """One thing that happens in a shop."""
    orders = shop.service.store.orders()
    if kind == "place":
        items = (Item("sku-1", number, 100 * number),)
        shop.service.store.place(items=items, to=status)
    elif kind == "sell":
        shop.place(status, deal="marketplace-seller", price=number)
    elif kind == "wait":
        shop.service.advance(number * MINUTE)
    elif kind == "look":
        listed(shop)
    elif orders:
        held = orders[number % len(orders)]
        path = f"{ORDERS}/{held.order_id}"
        body = invoice(held.order.value) if kind == "invoice" else None
        if kind == "return":
            body = invoice(1, f"R{number}", type="Input")
        name = {"handle": "start-handling", "return": "invoice"}.get(kind, kind)
        shop.call("POST", f"{path}/{name}", body)


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTS, max_size=12), st.lists(QUERIES, min_size=1, max_size=3))
def test_the_index_finds_what_a_look_at_every_order_finds(
    acts: list[tuple[str, str, int]], queries: list[Query]
) -> None:
    shop = Shop()
    for each in acts:
        act(shop, *each)

    for query in queries:
        found, expected = asked(shop, query), walked(shop, query)
        assert found["list"] == json.loads(json.dumps(expected["list"])), query
        assert found["paging"]["total"] == expected["total"]
        check_figures(found["stats"]["stats"]["totalValue"], expected)


@pytest.mark.parametrize("name", sorted(_KEYS))
@pytest.mark.parametrize("way", ["asc", "desc"])
def test_every_order_that_can_be_asked_for_is_that_of_all_orders_sorted(
    shop: Shop, name: str, way: str
) -> None:
    for number in (3, 1, 2, 1):
        act(shop, "place", "handling", number)
        act(shop, "sell", "payment-approved", number)
    query = {"orderBy": f"{name},{way}", "per_page": "5"}

    found, expected = asked(shop, query)["list"], walked(shop, query)["list"]

    assert [row["orderId"] for row in found] == [row["orderId"] for row in expected]


def check_figures(figures: dict[str, Any], expected: dict[str, Any]) -> None:
    values = expected["values"]
    assert figures["Count"] == len(values)
    assert figures["Sum"] == sum(values)
    assert (figures["Min"], figures["Max"]) == (min(values, default=0), max(values, default=0))
    mean = sum(values) / len(values) if values else 0
    spread = sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)
    assert math.isclose(figures["StdDev"], math.sqrt(spread), abs_tol=1e-6)
    facets = figures["Facets"]["origin"]
    counts = {origin: each["Count"] for origin, each in facets.items()}
    assert counts == {"Fulfillment": 0, "Marketplace": 0, **expected["origins"]}
    assert figures["Facets"]["currencyCode"]["BRL"]["Count"] == len(values)


def test_a_list_of_ten_thousand_orders_answers_at_once(shop: Shop) -> None:
    for place in range(250):
        shop.place(("handling", "ready-for-handling", "invoiced")[place % 3])
    index = shop.service.part(ListIndex)
    for _, shelf in index.shelves("sandbox"):  # the same documents forty times over
        shelf.keys = sorted(shelf.keys * 40)
        shelf.documents *= 40
        shelf.values *= 40
        shelf.units *= 40

    def once(query: str) -> float:
        began = time.perf_counter()
        assert listed(shop, query)[1]["total"] >= 3_000
        return time.perf_counter() - began

    for query in ("", "f_status=handling", "per_page=100&page=3"):
        once(query)
        assert min(once(query) for _ in range(5)) < 0.03, (
            query
        )  # 3 ms; the rest is for slow machines


# Being behind


def test_a_list_that_lags_shows_orders_as_they_were(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    index = shop.service.part(ListIndex)
    index.lag = 4 * MINUTE
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    shop.place("payment-pending")

    assert [row["status"] for row in rows(shop)] == ["ready-for-handling"]
    assert shop.document(held)["status"] == "handling"
    shop.service.advance(4 * MINUTE)
    assert [row["status"] for row in rows(shop)] == ["payment-pending", "handling"]
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    assert [row["status"] for row in rows(shop)][1] == "handling"
    index.lag = 0
    assert [row["status"] for row in rows(shop)][1] == "invoiced"


def test_news_that_was_overtaken_changes_nothing(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    index = shop.service.part(ListIndex)
    index.lag = 4 * MINUTE
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    index.lag = MINUTE
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    shop.service.advance(MINUTE)
    assert [row["status"] for row in rows(shop)] == ["invoiced"]

    shop.service.advance(3 * MINUTE)

    assert [row["status"] for row in rows(shop)] == ["invoiced"]


def rows(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    found = shop.get(f"{ORDERS}?{query}")
    assert isinstance(found, dict)
    return list(found["list"])


# What clients rely on (fact sheet "What real clients send and read", CR-01 to CR-09, CA-31 to 47)


def test_a_range_may_end_in_the_future_and_may_be_one_moment(shop: Shop) -> None:
    held = shop.place("handling")
    created = str(shop.document(held)["creationDate"])[:23] + "Z"
    later = iso(shop.service.now + 3 * HOUR)[:23] + "Z"

    for first, last in ((created, later), (created, created)):
        query = f"f_creationDate=creationDate:[{first}+TO+{last}]"
        assert listed(shop, query)[1]["total"] == 1


@pytest.mark.parametrize("form", ["{}.000Z", "{}.999Z", "{}Z", "{}", "{}.0000000%2B00:00"])
def test_both_ends_are_read_in_every_form_that_clients_send(shop: Shop, form: str) -> None:
    shop.place("handling")
    ends = form.format("2020-01-01T00:00:00"), form.format("2030-01-01T00:00:00")

    query = f"f_creationDate=creationDate:%5B{ends[0]}%20TO%20{ends[1]}%5D"
    assert listed(shop, query)[1]["total"] == 1


@pytest.mark.parametrize("per_page", [1, 2, 3, 7, 100])
def test_every_way_of_paging_sees_each_order_once_and_ends(shop: Shop, per_page: int) -> None:
    made = {shop.place("handling").order_id for _ in range(7)}
    seen: list[str] = []
    page, paging = 0, {"pages": 1}
    while page < paging["pages"]:  # CR-04, CR-06
        page += 1
        found, paging = listed(shop, f"per_page={per_page}&page={page}")
        assert len(found) == per_page or page == paging["pages"]  # CR-05: full pages but the last
        seen += found

    assert sorted(seen) == sorted(made)
    beyond, paging = listed(shop, f"per_page={per_page}&page={page + 1}")  # CR-03
    assert (beyond, paging["currentPage"], paging["pages"]) == ([], page + 1, page)


def test_a_client_restarts_one_millisecond_later_and_misses_nothing(shop: Shop) -> None:
    made = []
    for _ in range(6):  # CR-07
        made.append(shop.place("handling").order_id)
        shop.service.advance(1)
    first, _ = listed(shop, "per_page=3&orderBy=creationDate,asc")
    last = next(row for row in rows(shop) if row["orderId"] == first[-1])["creationDate"]
    later = f"{last[:20]}{int(last[20:23]) + 1:03d}Z"

    rest, _ = listed(shop, f"orderBy=creationDate,asc&f_creationDate=creationDate:[{later} TO *]")

    assert first + rest == made


def test_the_last_page_that_may_be_asked_for_is_the_thirtieth(shop: Shop) -> None:
    shop.place("handling")

    assert listed(shop, "page=30")[1]["currentPage"] == 30
    assert shop.call("GET", f"{ORDERS}?page=31").status == 400


def test_a_row_has_what_processing_stops_without_and_dates_of_33_characters(shop: Shop) -> None:
    shop.place("handling")

    (row,) = rows(shop)

    assert row["lastChange"]
    for name in ("creationDate", "authorizedDate", "lastChange"):
        assert len(row[name]) == 33
        assert row[name].endswith("+00:00")


# Filters that only the document answers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("f_isInstore=true", False),
        ("f_isInstore=false", True),
        ("f_UtmSource=buscape_campaign", False),
        ("f_RnB=Free+Shipping", False),
        ("f_sellerNames=nobody", False),
        ("f_paymentNames=visa", True),
        ("f_paymentNames=Boleto,Visa", True),
        ("f_paymentNames=Boleto", False),
        ("f_affiliateId=WLM", False),
        ("salesChannelId=1", True),
        ("searchField=sku_Ids&sku_Ids=sku-1", True),
        ("searchField=sku_Ids&sku_Ids=sku-2", False),
        ("searchField=sku-1", True),
        ("searchField=listId&listId=1", False),
        ("f_shippingEstimate=7.days", False),
        ("f_status=", True),
        ("f_STATUS=HANDLING", True),
        ("unknown=1", True),
    ],
)
def test_a_filter_finds_what_the_documents_say(shop: Shop, query: str, found: bool) -> None:
    shop.place("handling")

    assert (listed(shop, query)[1]["total"] == 1) is found


def test_a_payment_is_found_by_its_ids(shop: Shop) -> None:
    held = shop.place("handling")
    shop.place("handling")
    paid: Any = shop.document(held)["paymentData"]
    transaction = paid["transactions"][0]
    payment = transaction["payments"][0]

    for name, value in (
        ("tid", transaction["transactionId"]),
        ("paymentId", payment["id"]),
        ("pci_tid", payment["tid"]),
    ):
        assert listed(shop, f"searchField={name}&{name}={value}")[0] == [held.order_id]


def test_the_shipping_estimate_tells_late_orders_from_those_that_are_due(shop: Shop) -> None:
    shop.service.store.place(to="handling")  # the sample item has an estimate
    day = 24 * HOUR

    assert listed(shop, "f_shippingEstimate=7.days")[1]["total"] == 1
    assert listed(shop, "f_shippingEstimate=-1.days")[1]["total"] == 0
    shop.service.advance(10 * day)
    assert listed(shop, "f_shippingEstimate=7.days")[1]["total"] == 0
    assert listed(shop, "f_shippingEstimate=-1.days")[1]["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "incompleteOrders=maybe",
        "f_isInstore=1",
        "f_creationDate=creationDate:[2020-01-01T00:00:00Z]",
        "f_authorizedDate=authorizedDate:[x TO y]",
        "f_shippingEstimate=two.days",
        "orderBy=,",
    ],
)
def test_what_cannot_be_read_is_refused(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"{ORDERS}?{query}").status == 400


def test_incomplete_orders_are_listed_alone(shop: Shop) -> None:
    shop.place("handling")
    lost = shop.place("null")

    assert listed(shop, "incompleteOrders=true")[0] == [lost.order_id]
    assert lost.order_id not in listed(shop)[0]


# The PII version


def extended(shop: Shop, body: object) -> Answer:
    return shop.call("POST", EXTENDED, body)


def test_the_list_with_personal_data_takes_its_parameters_in_the_body(shop: Shop) -> None:
    made = [shop.place("handling").order_id for _ in range(3)]
    span = "creationDate:[2020-01-01T00:00:00.000Z TO 2030-01-01T00:00:00.000Z]"

    given = extended(shop, {"f_creationDate": span, "page": 2, "per_page": 2, "q": "sbx"})

    found = json.loads(given.body)
    assert [row["orderId"] for row in found["list"]] == made[:1]
    assert found["paging"] == {"total": 3, "pages": 2, "currentPage": 2, "perPage": 2}
    assert json.loads(extended(shop, {"page": 1, "q": "nobody"}).body)["paging"]["total"] == 0
    assert json.loads(shop.call("POST", f"{EXTENDED}?f_hasInputInvoice=true").body)["list"] == []


@pytest.mark.parametrize("body", [{"page": "x"}, {"q": ["a"]}, {"page": -1}, [1], "text"])
def test_a_body_that_cannot_be_read_is_refused(shop: Shop, body: object) -> None:
    assert extended(shop, body).status == 400


def test_the_store_forgets_an_order_and_so_does_the_list(shop: Shop) -> None:
    shop.service.store.keep = 1
    for _ in range(3):
        held = shop.place("handling")
        shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
        listed(shop)

    assert listed(shop)[1]["total"] == len(shop.service.store.orders())
    assert listed(shop)[1]["total"] < 3
