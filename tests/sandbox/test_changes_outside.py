"""A modification with a seller outside the platform counts when that seller has agreed twice."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.store import Held
from tests.sandbox.changing import CHANGES, SECOND, why
from tests.sandbox.outside_seller import HOUR, Outside, broken_rules

VALUE = 10_000


def asked(outside: Outside, held: Held) -> str:
    """Id of a modification that takes 1.00 off."""
    path = f"{CHANGES}/{held.order_id}/changes?accountName=sandbox"
    given = outside.shop.call("PATCH", path, {"reason": "x", "manualDiscountValue": 100})
    assert given.status == 202, given
    found: str = json.loads(given.body)["requestId"]
    return found


def stage(outside: Outside, held: Held, change: str) -> object:
    found = outside.shop.get(f"{CHANGES}/{held.order_id}/changes/{change}?an=sandbox")
    assert isinstance(found, dict)
    return found["status"]


def agrees(outside: Outside, held: Held, change: str, agreement: object) -> Answer:
    path = f"/pvt/orders/{held.order_id}/changes/{change}/send-agreement"
    return outside.shop.call("POST", path, {"agreementType": agreement})


def test_it_waits_for_both_agreements_of_the_seller() -> None:
    outside = Outside()
    held = outside.allowed()
    change = asked(outside, held)
    stages = []
    for agreement in ("Acknowledgment", "Confirmation"):
        outside.pass_time(HOUR)
        stages.append(stage(outside, held, change))
        assert agrees(outside, held, change, agreement).status == 200
    stages.append(stage(outside, held, change))

    assert stages == ["waiting-acknowledgement", "waiting-confirmation", "done"]


def test_the_sellers_invoice_must_reach_the_new_value() -> None:
    outside = Outside()
    held = outside.allowed()
    change = asked(outside, held)
    for agreement in ("Acknowledgment", "Confirmation"):
        outside.pass_time(10 * SECOND)
        agrees(outside, held, change, agreement)
    document = outside.shop.document(held)

    assert (document["status"], document["value"]) == ("payment-approved", VALUE - 100)
    assert outside.invoice(held, VALUE).status == 400
    assert outside.invoice(held, VALUE - 100).status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")
    assert broken_rules(held) == ()


def test_an_agreement_may_be_sent_twice() -> None:
    outside = Outside()
    held = outside.allowed()
    change = asked(outside, held)
    outside.pass_time(10 * SECOND)
    for agreement in ("Acknowledgment", "Acknowledgment", "Confirmation", "Confirmation"):
        assert agrees(outside, held, change, agreement).status == 200
        outside.pass_time(10 * SECOND)

    assert outside.shop.document(held)["value"] == VALUE - 100


@pytest.mark.parametrize("agreement", ["", "Agreed", "acknowledgment"])
def test_there_are_two_agreements(agreement: str) -> None:
    outside = Outside()
    held = outside.allowed()
    given = agrees(outside, held, asked(outside, held), agreement)

    assert why(given) == (
        400,
        "SalesOrderSystem035",
        f"{agreement} is not a valid Agreement Type.",
    )


def test_what_is_not_waited_for_is_refused() -> None:
    outside = Outside()
    held = outside.allowed()
    change = asked(outside, held)
    early = agrees(outside, held, change, "Acknowledgment")
    outside.pass_time(10 * SECOND)
    out_of_turn = agrees(outside, held, change, "Confirmation")
    unknown = agrees(outside, held, "no-such-change", "Acknowledgment")

    assert why(early)[:2] == why(out_of_turn)[:2] == (400, "CHK0124")
    assert why(unknown)[:2] == (404, "CHK0289")
    assert stage(outside, held, change) == "waiting-acknowledgement"


def test_a_seller_that_never_agrees_leaves_the_order_as_it_was() -> None:
    outside = Outside()
    held = outside.allowed()
    change = asked(outside, held)
    outside.pass_time(100 * HOUR)
    assert stage(outside, held, change) == "waiting-acknowledgement"
    path = f"{CHANGES}/{held.order_id}/changes/{change}/cancel?an=sandbox"
    outside.shop.call("POST", path, {"reason": "no answer"})
    outside.pass_time(10 * SECOND)

    assert stage(outside, held, change) == "canceled"
    assert outside.shop.document(held)["value"] == VALUE


def test_the_legacy_operation_asks_nobody() -> None:
    outside = Outside()
    held = outside.allowed()
    body = {"requestId": "1", "reason": "x", "discountValue": 100, "incrementValue": 0}
    path = f"/api/oms/pvt/orders/{held.order_id}/changes"

    assert outside.shop.call("POST", path, body).status == 200
    assert outside.shop.document(held)["value"] == VALUE - 100
    assert outside.invoice(held, VALUE - 100).status == 200
