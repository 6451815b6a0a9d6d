"""Invoices add up to the cent, returns stay within them, and packages are tracked after them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.model import Profile
from orderflow.simulator.errors import EventDataError, RefusedEventError
from orderflow.simulator.simulator import Simulator
from tests.simulator.runs import BILLABLE, go, started

FLOWS = ("seller", "marketplace", "complete", "chain")
AMOUNTS = st.lists(st.integers(1, 10**12), min_size=1, max_size=6)
OPEN = {
    "seller": "handling",
    "complete": "handling",
    "marketplace": "payment-approved",
    "chain": "payment-approved",
}


def invoiced(name: str) -> Simulator:
    return started(name, BILLABLE[name] + "verify_invoice:rest add_invoice_full")


@pytest.mark.parametrize("name", FLOWS)
@settings(max_examples=40)
@given(amounts=AMOUNTS, excess=st.integers(1, 10**12))
def test_any_split_of_the_value_ends_in_invoiced_exactly_at_the_sum(
    name: str, amounts: list[int], excess: int
) -> None:
    simulator = started(name, BILLABLE[name], value=sum(amounts))
    for number, amount in enumerate(amounts, 1):
        left = simulator.order.value - simulator.order.invoiced
        with pytest.raises(
            RefusedEventError, match="needs the invoices to come to no more than the order"
        ):
            simulator.fire("verify_invoice", value=left + excess)
        assert simulator.fire("verify_invoice", value=amount).target == "invoice"
        last = number == len(amounts)
        wrong, reason = ("partial", "only a part of the") if last else ("full", "the whole")
        with pytest.raises(RefusedEventError, match=f"needs the invoices to cover {reason} order"):
            simulator.fire(f"add_invoice_{wrong}")
        simulator.fire("add_invoice_full" if last else "add_invoice_partial")
        assert simulator.status == ("invoiced" if last else OPEN[name])

    order = simulator.order
    assert order.invoiced == order.value == sum(amounts)
    assert [invoice.value for invoice in order.outputs] == amounts
    assert all(invoice.accepted for invoice in order.invoices)
    assert len({invoice.number for invoice in order.invoices}) == len(amounts)
    assert order.invoiced_at == simulator.now


def test_an_observed_chain_order_goes_back_to_waiting_for_the_seller() -> None:
    acts = "place_order complete_checkout open_flow await_mkt_authorization authorize_mkt_order "
    simulator = started("chain", acts + "verify_invoice:part", Profile.OBSERVED)

    assert go(simulator, "add_invoice_partial") == "waiting-seller-handling"


@pytest.mark.parametrize("name", FLOWS)
def test_the_next_invoice_waits_until_this_one_is_verified(name: str) -> None:
    simulator = started(name, BILLABLE[name] + "verify_invoice:part")

    with pytest.raises(EventDataError, match="an invoice is being verified"):
        simulator.fire("add_invoice_partial", value=1)
    assert [invoice.accepted for invoice in simulator.order.invoices] == [False]


def test_an_invoice_number_is_used_once() -> None:
    """Rule A-44; the PII route forbids a second one, the Orders route makes no second package."""
    simulator = started("seller", BILLABLE["seller"])
    simulator.fire("verify_invoice", value=1, number="o-2")
    simulator.fire("add_invoice_partial")

    with pytest.raises(EventDataError, match="number: invoice 'o-2' is there already"):
        simulator.fire("verify_invoice", value=1, number="o-2")
    simulator.fire("verify_invoice", value=1)
    assert [invoice.number for invoice in simulator.order.invoices] == ["o-2", "o-3"]


def test_an_invoice_of_the_whole_order_lists_its_items() -> None:
    order = invoiced("seller").order

    lines = [(line.item, line.quantity, line.price) for line in order.invoices[0].lines]
    assert lines == [(item.id, item.quantity, item.price) for item in order.items]


@pytest.mark.parametrize("name", FLOWS)
@given(returns=st.lists(st.integers(1, 6_000), min_size=1, max_size=5))
def test_returns_never_exceed_what_was_invoiced(name: str, returns: list[int]) -> None:
    simulator = invoiced(name)
    for value in returns:
        if simulator.order.returned + value > 10_000:
            with pytest.raises(
                RefusedEventError,
                match="needs the returns to come to no more than what was invoiced",
            ):
                simulator.fire("add_return_invoice", value=value)
        else:
            simulator.fire("add_return_invoice", value=value)

    order = simulator.order
    assert order.returned == sum(invoice.value for invoice in order.inputs) <= order.invoiced
    assert (order.status, order.invoiced) == ("invoiced", 10_000)


@pytest.mark.parametrize("name", FLOWS)
def test_everything_may_be_returned_to_the_cent(name: str) -> None:
    simulator = invoiced(name)
    for value in (3_333, 6_667):
        simulator.fire("add_return_invoice", value=value)

    assert simulator.order.returned == simulator.order.invoiced
    with pytest.raises(
        RefusedEventError, match="needs the returns to come to no more than what was invoiced"
    ):
        simulator.fire("add_return_invoice", value=1)


@pytest.mark.parametrize("name", FLOWS)
def test_nothing_is_tracked_or_returned_before_invoiced(name: str) -> None:
    simulator = started(name, BILLABLE[name])
    for acts in ("", "verify_invoice:part", "add_invoice_partial"):
        if acts:
            go(simulator, acts)
        for event in ("update_tracking", "add_return_invoice"):
            with pytest.raises(RefusedEventError, match="no transition takes it there"):
                simulator.fire(event)


@pytest.mark.parametrize("name", FLOWS)
def test_tracking_needs_a_number_first(name: str) -> None:
    """Rule A-79."""
    simulator = invoiced(name)
    with pytest.raises(RefusedEventError, match="needs an Output invoice to track"):
        simulator.fire("update_tracking", movement="left")
    with pytest.raises(RefusedEventError, match="needs an Output invoice to track"):
        simulator.fire("update_tracking", delivered=True)
    simulator.fire("update_tracking", number="T-1")
    simulator.fire("update_tracking", movement="left")
    simulator.advance(60_000)
    simulator.fire("update_tracking", delivered=True)

    (package,) = simulator.order.outputs
    assert (package.tracking_number, len(package.events)) == ("T-1", 1)
    assert (package.finished, package.delivered_at) == (True, simulator.now)
    with pytest.raises(EventDataError, match="nothing moves it any more"):
        simulator.fire("update_tracking", movement="left")
    with pytest.raises(RefusedEventError, match="needs an Output invoice to track"):
        simulator.fire("update_tracking", number="")


def test_each_package_is_tracked_by_its_number_and_keeps_its_delivery() -> None:
    acts = "verify_invoice:part add_invoice_partial verify_invoice:rest add_invoice_full"
    simulator = started("seller", BILLABLE["seller"] + acts)
    simulator.fire("update_tracking", package=2, number="T-2", delivered=True)
    delivered = simulator.now
    simulator.advance(1_000)
    simulator.fire("update_tracking", package=2, number="T-3")

    first, second = simulator.order.outputs
    assert (first.tracking_number, first.finished) == ("", False)
    assert (second.tracking_number, second.delivered_at) == ("T-3", delivered)
    with pytest.raises(EventDataError, match="there are 2 packages"):
        simulator.fire("update_tracking", package=3, number="T-4")
