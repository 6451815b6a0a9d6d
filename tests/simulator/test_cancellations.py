"""A cancellation request ends in a cancellation, or leads back to where the order was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.model import Profile
from orderflow.simulator.errors import RefusedEventError
from tests.simulator.runs import BILLABLE, CREATED, PAID, READY, WINDOW, go, started

ASK = {"seller": "request_cancel ", "complete": "request_cancel notify_seller "}
HELD = {"ready-for-handling": READY, "handling": BILLABLE}


@pytest.mark.parametrize("name", ASK)
@settings(max_examples=15)
@given(times=st.integers(1, 4), late=st.integers(0, 3))
def test_a_denial_leads_back_to_the_status_held_before(name: str, times: int, late: int) -> None:
    simulator = started(name, READY[name])
    for status, onward in (
        ("ready-for-handling", "start_handling begin_preparation"),
        ("handling", ""),
    ):
        for _ in range(times):
            assert go(simulator, ASK[name] + f"advance:{late}d deny_cancel") == status
        if onward:
            go(simulator, onward)

    requests = simulator.order.requests
    assert [r.held for r in requests] == ["ready-for-handling"] * times + ["handling"] * times
    assert all(r.denied and r.denied_at == r.at + late * 86_400_000 for r in requests)
    assert len({r.id for r in requests}) == 2 * times
    assert simulator.order.open_request is None
    assert simulator.order.cancellation is None


@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("status", HELD)
@pytest.mark.parametrize(("choice", "after"), [("part", "handling"), ("rest", "invoiced")])
def test_an_invoice_denies_the_request(name: str, status: str, choice: str, after: str) -> None:
    """D-11."""
    kind = "full" if choice == "rest" else "partial"
    simulator = started(name, HELD[status][name] + ASK[name])

    assert go(simulator, f"add_invoice_{kind}:{choice}") == "invoice-after-cancellation-deny"
    (request,) = simulator.order.requests
    assert (request.denied, request.deny_reason) == (True, "answered with an invoice")
    assert go(simulator, f"verify_invoice add_invoice_{kind}") == after
    assert [invoice.accepted for invoice in simulator.order.invoices] == [True]


@pytest.mark.parametrize("name", ASK)
def test_an_invoice_that_denies_says_truly_whether_it_is_the_last(name: str) -> None:
    simulator = started(name, BILLABLE[name] + ASK[name])

    with pytest.raises(RefusedEventError, match="needs the invoices to cover the whole order"):
        simulator.fire("add_invoice_full", value=1)
    with pytest.raises(
        RefusedEventError, match="needs the invoices to cover only a part of the order"
    ):
        simulator.fire("add_invoice_partial", value=10_000)
    with pytest.raises(
        RefusedEventError, match="needs an Output invoice that waits to be verified"
    ):
        simulator.fire("add_invoice_full")


@pytest.mark.parametrize("name", ["seller", "complete"])
@pytest.mark.parametrize("status", HELD)
def test_a_request_once_accepted_cancels_the_order_for_good(name: str, status: str) -> None:
    simulator = started(name, HELD[status][name] + ASK[name] + "accept_cancel finish_cancel")

    data, (request,) = simulator.order.cancellation, simulator.order.requests
    assert data is not None
    assert (data.reason, data.origins) == (request.reason, ("requestedByUser",))
    assert (request.held, request.denied) == (status, False)
    assert (simulator.status, simulator.accepts()) == ("canceled", ())


@pytest.mark.parametrize("name", ["seller", "complete"])
def test_nobody_is_asked_inside_the_window(name: str) -> None:
    simulator = started(name, WINDOW[name] + "request_cancel")

    assert (simulator.status, simulator.order.requests) == ("cancel", ())


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_a_partially_invoiced_order_takes_no_request(name: str) -> None:
    simulator = started(name, BILLABLE[name] + "verify_invoice:part add_invoice_partial")

    for event in {"request_cancel", "seller_cancel", "cancel_order"} & set(simulator.flow.events):
        with pytest.raises(RefusedEventError):
            simulator.fire(event)


@pytest.mark.parametrize("name", ["marketplace", "chain"])
def test_a_seller_beyond_its_window_may_deny_and_one_inside_may_not(name: str) -> None:
    """D-01, D-16."""
    asked = started(name, BILLABLE[name] + "request_cancel notify_seller:past")
    inside = started(name, BILLABLE[name] + "request_cancel notify_seller:inside")

    assert go(asked, "deny_cancel") == "payment-approved"
    with pytest.raises(RefusedEventError, match="needs a seller who must be asked"):
        inside.fire("deny_cancel")
    assert go(inside, "accept_cancel finish_cancel") == "canceled"


@pytest.mark.parametrize("name", ["marketplace", "complete", "chain"])
def test_the_legacy_profile_denies_back_to_payment(name: str) -> None:
    """D-01."""
    acts = READY[name] if name in READY else BILLABLE[name]
    simulator = started(name, acts + "request_cancel", Profile.LEGACY)

    assert go(simulator, "deny_cancel") == "payment-pending"


def test_an_unpaid_order_was_never_past_a_sellers_window() -> None:
    acts = CREATED.rsplit(maxsplit=1)[0] + " request_cancel notify_seller:past"
    simulator = started("marketplace", acts)

    assert simulator.order.seller == "inside-window"
    with pytest.raises(RefusedEventError):
        simulator.fire("deny_cancel")


@pytest.mark.parametrize(
    ("name", "acts", "origin"),
    [
        ("marketplace", CREATED + "deny_payment", "requestedByPaymentNotification"),
        ("marketplace", CREATED + "cancel_order", "requestedByUser"),
        ("marketplace", PAID + "seller_cancel:alone", "requestedBySellerNotification"),
        ("marketplace", PAID + "request_cancel notify_seller advance:30d", "requestedByUser"),
        ("seller", WINDOW["seller"] + "seller_cancel", "requestedBySellerNotification"),
        ("complete", PAID + "authorize_dispatch advance:30d", "requestedBySystem"),
    ],
)
def test_the_cancellation_says_whose_it_was(name: str, acts: str, origin: str) -> None:
    simulator = started(name, acts)

    assert simulator.order.cancellation is not None
    assert simulator.order.cancellation.origins == (origin,)
    assert go(simulator, "finish_cancel") == "canceled"


def test_the_reason_of_a_request_is_that_of_the_cancellation() -> None:
    simulator = started("seller", READY["seller"])
    simulator.fire("request_cancel", reason="changed my mind")
    simulator.fire("accept_cancel", reason="agreed")

    assert simulator.order.cancellation is not None
    assert simulator.order.cancellation.reason == "changed my mind"
