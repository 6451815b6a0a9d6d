"""Settings of modifications, the account they belong to, and moving a modification by hand."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.changing import CHANGES, HOUR, VALUE, Desk, shipped, some
from tests.sandbox.shop import ORDERS, invoice


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_settings_are_changed_field_by_field_and_per_request(desk: Desk) -> None:
    path = f"{CHANGES}/changes/settings?an=sandbox"
    usual = desk.get(path)
    assert isinstance(usual, dict)
    assert usual["rolloutConfiguration"]["usingDefaultBehavior"] is True
    sent = {"pipelineConfiguration": {"compensateShippingChanges": False}}
    changed = json.loads(desk.call("PUT", path, sent).body)
    held = desk.handled()
    where = desk.document(held)["shippingData"]
    assert isinstance(where, dict)
    ship = shipped(0, where["address"]["addressId"], 420)
    body = {"reason": "x", "add": {**some("sku-9", price=1), **ship}}
    dear = json.loads(desk.ask(held, body, "/preview", "POST").body)
    own = {"settings": {"pipelineConfiguration": {"compensateShippingChanges": True}}}
    cheap = json.loads(desk.ask(held, {**body, **own}, "/preview", "POST").body)
    desk.change(held, add={**some("sku-9", price=1), **ship})
    desk.finish()

    assert desk.get(path) == changed
    assert changed["pipelineConfiguration"] == {
        **usual["pipelineConfiguration"],
        "compensateShippingChanges": False,
    }
    assert (dear["totalChangeValue"], cheap["totalChangeValue"]) == (421, 1)
    assert desk.totals(held)["Shipping"] == 420
    assert desk.document(held)["value"] == VALUE + 421


@pytest.mark.parametrize(
    "sent",
    [
        {"pipelineConfiguration": {"enableNativeTaxRecalculation": "no"}},
        {"rolloutConfiguration": []},
        {"rolloutConfiguration": {"enableAdminOrders": {"enabledWorkspaces": "*"}}},
        {"paymentConfiguration": {"customPaymentSystemsAllowed": [201]}},
    ],
)
def test_settings_that_cannot_be_read_change_nothing(desk: Desk, sent: object) -> None:
    path = f"{CHANGES}/changes/settings?an=sandbox"
    before = desk.get(path)
    given = desk.call("PUT", path, sent)
    assert isinstance(sent, dict)

    readable = sent == {"rolloutConfiguration": []}  # how PHP clients write an empty object
    assert given.status == (200 if readable else 400)
    after = desk.get(path)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["pipelineConfiguration"] == before["pipelineConfiguration"]
    assert after["paymentConfiguration"] == before["paymentConfiguration"]


def test_an_account_may_switch_the_operation_off(desk: Desk) -> None:
    held = desk.handled()
    off = {"rolloutConfiguration": {"enableApi": False}}
    assert desk.call("PUT", f"{CHANGES}/changes/settings?an=sandbox", off).status == 200

    assert desk.ask(held, {"reason": "x", "remove": some("sku-1")}).status == 400


def test_somebody_may_hold_a_modification_and_move_it(desk: Desk) -> None:
    held = desk.handled()
    desk.call("POST", "/_sandbox/changes", {"hold": True})
    change = desk.change(held, remove=some("sku-1"))
    desk.service.advance(HOUR)
    assert desk.stage(held, change) == "preparing"
    for stage in ("waiting-acknowledgement", "waiting-confirmation", "canceling", "preparing"):
        assert json.loads(desk.put(held, change, stage).body)["status"] == stage
        desk.service.advance(HOUR)
        assert desk.stage(held, change) == stage
    assert desk.put(held, change, "done").status == 200
    listed = json.loads(desk.call("GET", f"/_sandbox/orders/{held.order_id}/changes").body)

    assert [each["status"] for each in listed["changes"]] == ["done"]
    assert desk.document(held)["value"] == VALUE - 10_000


def test_the_control_api_says_what_would_have_worked(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    wrong = desk.put(held, change, "finished")
    unknown = desk.put(held, "nothing", "done")
    desk.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(VALUE))
    refused = desk.put(held, change, "done")
    desk.put(held, change, "canceled")
    over = desk.put(held, change, "done")
    nowhere = desk.call("POST", f"/_sandbox/orders/none/changes/{change}", {"to": "done"})
    hold = desk.call("POST", "/_sandbox/changes", {"hold": 1})

    assert wrong.status == 400
    assert b"waiting-confirmation" in wrong.body
    assert (unknown.status, nowhere.status, hold.status) == (404, 404, 400)
    assert refused.status == over.status == 409
    assert b"invoiced" in refused.body
    assert b"canceled" in over.body


def test_a_strict_sandbox_wants_the_account_named(desk: Desk) -> None:
    held = desk.handled()
    path = f"{CHANGES}/{held.order_id}/changes"
    body = {"reason": "x", "remove": some("sku-1")}
    assert desk.call("PATCH", path + "?accountName=elsewhere", body).status == 403
    assert desk.call("PATCH", path, body).status == 202
    assert "accountName" in desk.service.findings[-1].message
    desk.service.strict = True

    assert desk.call("GET", path).status == 400
    assert desk.call("GET", path + "?an=sandbox").status == 200


def test_a_reset_forgets_modifications_and_settings(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, remove=some("sku-1"))
    off = {"rolloutConfiguration": {"enableApi": False}}
    desk.call("PUT", f"{CHANGES}/changes/settings?an=sandbox", off)

    desk.call("POST", "/_sandbox/reset", {})

    assert desk.ask(held, None, "", "GET").status == 404
    again = desk.handled()
    desk.change(again, remove=some("sku-1"))
