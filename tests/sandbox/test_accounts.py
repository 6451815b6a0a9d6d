"""Nobody gets anywhere without credentials, with wrong ones, another account's, or too few rights.

Every operation of the catalogue is asked, so that new ones are covered by themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from orderflow.sandbox.account import PERMISSIONS, AppKey
from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.control import catalogue as control
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.routes import Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.catalogue import ROUTES
from tests.sandbox.shop import ORDERS

DAY = 86_400_000
GUARDED = [route for route in ROUTES if route.permissions]
OF_ORDERS = [route for route in ROUTES if "{orderId}" in route.path]


def named(route: object) -> str:
    return f"{route.method} {route.path}" if isinstance(route, Route) else str(route)


@pytest.fixture(scope="module")
def shared() -> Service:
    service = Service(seed=1, account="shop")
    service.accounts.add("other")
    service.store.place(to="handling", account="shop")
    return service


@pytest.fixture
def service(shared: Service) -> Iterator[Service]:
    """The one sandbox of these tests, of which no call may change an order."""
    before = known(shared)
    yield shared
    assert known(shared) == before


def known(service: Service) -> list[tuple[object, ...]]:
    orders = [held for name in service.accounts.names for held in service.store.orders(name)]
    return [(each.order_id, each.status, len(each.sale.events), each.order) for each in orders]


def ask(
    service: Service, route: Route, headers: dict[str, str], host: str = "127.0.0.1:80"
) -> Answer:
    order = service.store.orders("shop")[0]
    values = {"orderId": order.order_id, "orderGroup": order.group}
    path = re.sub(r"{(\w+)}", lambda found: values.get(found[1], "1"), route.path)
    return answer(service, Asked(route.method, path, "", {"host": host, **headers}, b"{}"))


def signed(key: AppKey, token: str = "") -> dict[str, str]:
    return {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": token or key.token}


def is_401(given: Answer) -> bool:
    body = json.loads(given.body)
    told = body.get("error", {}).get("message", body.get("title"))
    return given.status == 401 and told in ("Unauthorized access", "Unauthorized")


def key_of(service: Service, account: str) -> AppKey:
    return next(key for key in service.accounts.keys if key.account == account)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_without_credentials_every_operation_answers_401(service: Service, route: Route) -> None:
    assert is_401(ask(service, route, {}))


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_with_wrong_credentials_every_operation_answers_401(service: Service, route: Route) -> None:
    mine, other = key_of(service, "shop"), key_of(service, "other")
    for headers in (
        signed(mine, "wrong"),
        signed(mine, other.token),
        {"x-vtex-api-appkey": mine.name},
        {"x-vtex-api-apptoken": mine.token},
        {"vtexidclientautcookie": "wrong"},
        {"cookie": "VtexIdclientAutCookie="},
    ):
        assert is_401(ask(service, route, headers)), headers


@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_a_key_without_the_permission_is_answered_403(service: Service, route: Route) -> None:
    others = [name for name in PERMISSIONS if name not in route.permissions]
    key = service.accounts.add("shop", others)

    given = ask(service, route, signed(key))

    assert (given.status, given.body) == (403, b"No authorized")
    service.accounts.revoke(key.name)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_key_of_another_account_than_the_host_names_is_answered_403(
    service: Service, route: Route
) -> None:
    key = key_of(service, "other")

    given = ask(service, route, signed(key), "shop.vtexcommercestable.com.br")

    assert given.status == 403


@pytest.mark.parametrize("route", OF_ORDERS, ids=named)
def test_an_order_of_another_account_is_not_there(service: Service, route: Route) -> None:
    given = ask(service, route, signed(key_of(service, "other")))

    order_id = service.store.orders("shop")[0].order_id
    assert 400 <= given.status < 500
    assert given.status != 403
    assert b'"value":' not in given.body
    if order_id.encode() in given.body:  # no more than what the caller wrote
        assert "error" in json.loads(given.body)


def test_what_a_key_may_do_is_named_by_some_operation() -> None:
    assert len(GUARDED) > 20
    assert {name for route in GUARDED for name in route.permissions} <= set(PERMISSIONS)


def test_every_operation_on_orders_of_the_oms_asks_for_a_permission() -> None:
    free = {route.path for route in ROUTES if not route.permissions}

    assert not {path for path in free if path.startswith(("/api/oms/pvt/", "/api/orders/pvt/"))}


def test_the_control_api_asks_for_no_key_and_shows_none(service: Service) -> None:
    tokens = [key.token for key in service.accounts.keys]
    for route in control.ROUTES:
        if route.method != "GET" or "{" in route.path:
            continue
        given = ask(service, route, {})
        assert given.status == (404 if route.path == "/_sandbox/page/order" else 200), route.path
        assert not any(token.encode() in given.body for token in tokens), route.path
    assert len(ALL.all) == len(ROUTES) + len(control.ROUTES)


def call(service: Service, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
    return answer(service, Asked(method, path, "", headers or {}))


def test_a_revoked_key_opens_nothing_until_a_reset() -> None:
    service = Service()
    key = service.accounts.add("sandbox")
    assert call(service, "GET", ORDERS, signed(key)).status == 200

    revoked = call(service, "DELETE", f"/_sandbox/keys/{key.name}")

    assert revoked.status == 204
    for headers in (signed(key), {"vtexidclientautcookie": key.token}):
        assert is_401(call(service, "GET", ORDERS, headers))
    assert call(service, "GET", ORDERS, signed(service.accounts.first)).status == 200
    told = json.loads(call(service, "GET", "/_sandbox/keys").body)["keys"]
    assert [each["revoked"] for each in told] == [False, True]
    call(service, "POST", "/_sandbox/reset")
    assert call(service, "GET", ORDERS, signed(key)).status == 200


def test_a_user_s_token_lives_for_24_hours_of_virtual_time() -> None:
    service = Service()
    key = service.accounts.add("sandbox", ["List Orders"])
    made = json.loads(call(service, "POST", f"/_sandbox/keys/{key.name}/tokens").body)
    header = {"vtexidclientautcookie": made["token"]}

    assert made["expires"].startswith("2024-01-02T00:00:00")
    assert call(service, "GET", ORDERS, header).status == 200
    cookie = {"cookie": f"a=b; VtexIdclientAutCookie={made['token']}"}
    assert call(service, "GET", ORDERS, cookie).status == 200
    assert call(service, "POST", f"{ORDERS}/v1-01/cancel", header).status == 403
    service.advance(DAY - 1)
    assert call(service, "GET", ORDERS, header).status == 200
    service.advance(1)
    assert is_401(call(service, "GET", ORDERS, header))


def test_each_login_has_a_token_of_its_own_that_goes_with_the_key() -> None:
    service = Service()
    key = service.accounts.first
    path = f"/_sandbox/keys/{key.name}/tokens"
    one, two = (json.loads(call(service, "POST", path).body)["token"] for _ in range(2))

    assert len({one, two, key.token}) == 3
    call(service, "DELETE", f"/_sandbox/keys/{key.name}")
    assert is_401(call(service, "GET", ORDERS, {"vtexidclientautcookie": one}))


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "keys/nobody"), ("POST", "keys/nobody/tokens")]
)
def test_a_key_that_is_not_there_is_told(method: str, path: str) -> None:
    given = call(Service(), method, f"/_sandbox/{path}")

    assert given.status == 404
    assert "no such key" in json.loads(given.body)["error"]


def test_tokens_of_users_do_not_pile_up() -> None:
    service = Service()
    made = [service.accounts.log_in(service.accounts.first.name, 0) for _ in range(1_100)]

    last, first = made[-1], made[0]
    assert first
    assert last
    assert service.accounts.find({"vtexidclientautcookie": last[0]}) is service.accounts.first
    assert service.accounts.find({"vtexidclientautcookie": first[0]}) is None
