"""Tampering changes what it says and nothing else, and a sound system knows nothing of it."""

from __future__ import annotations

import pytest

from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.faults import Tampering
from orderflow.flows.loader import bundled
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import parse_deal_acts, play_deal
from orderflow.simulator.effects import Taken
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import parse_acts, play
from orderflow.simulator.simulator import Refused, Simulator, Tamper
from orderflow.simulator.tampering import TAMPERINGS, tamper_of
from tests.simulator.sales import HAPPY

SELLER = (
    "place_order complete_checkout await_authorization authorize_dispatch confirm_reservation "
    "grace_period_over start_handling begin_preparation verify_invoice:rest "
)
INVOICED = SELLER + "add_invoice_full:settled "
CANCELED = "place_order complete_checkout await_authorization request_cancel finish_cancel"
PENDING = "place_order complete_checkout open_flow seller_confirmed "
APPROVED = PENDING + "payment_approved "


def ran(flow: str, acts: str, tamper: Tamper | None = None) -> Simulator:
    simulator = Simulator(bundled(flow).view(), tamper=tamper)
    for act in parse_acts(acts):
        assert not isinstance(play(simulator, act), Refused), act
    return simulator


def spoilt(flow: str, acts: str, does: str, *events: str) -> Order:
    return ran(flow, acts, tamper_of([Tampering(does, "", events)])).order


def test_a_reason_is_dropped_and_the_rest_of_the_cancellation_stays() -> None:
    sound = ran("seller", CANCELED).order

    order = spoilt("seller", CANCELED, "drop-reason")
    assert order.cancellation is not None
    assert sound.cancellation is not None
    assert (sound.cancellation.reason != "", order.cancellation.reason) == (True, "")
    assert order.cancellation.origins == sound.cancellation.origins


def test_an_origin_is_dropped() -> None:
    order = spoilt("seller", CANCELED, "drop-origin")

    assert order.cancellation is not None
    assert order.cancellation.origins == ()


def test_a_purchase_is_not_completed() -> None:
    acts = "place_order complete_checkout"

    assert ran("marketplace", acts).order.is_completed
    assert not spoilt("marketplace", acts, "forget-completion").is_completed


def test_a_transaction_is_approved_before_the_order_is() -> None:
    order = spoilt("marketplace", PENDING, "approve-transaction", "seller_confirmed")

    assert (order.status, order.authorized_at) == ("payment-pending", order.entered_at)


def test_an_approval_is_dated_anew() -> None:
    acts = APPROVED + "verify_invoice:part advance:1h add_invoice_partial"
    sound = ran("marketplace", acts).order

    order = spoilt("marketplace", acts, "rewrite-authorized-date", "add_invoice_partial")
    assert order.authorized_at is not None
    assert sound.authorized_at is not None
    assert order.authorized_at - sound.authorized_at == 3_600_000


def test_a_chain_order_gets_a_settlement() -> None:
    assert spoilt("chain", "place_order", "settle").settlement == "settled"


def test_a_value_is_lowered_together_with_its_totals() -> None:
    order = spoilt("seller", "place_order", "lower-value")

    assert (order.value, sum(cents for _, cents in order.totals)) == (9_000, 9_000)


def test_totals_are_wrong_and_the_value_is_not() -> None:
    order = spoilt("chain", "place_order", "misprice")

    assert (order.value, sum(cents for _, cents in order.totals)) == (10_000, 11_000)


@pytest.mark.parametrize(
    ("does", "number"),
    [("number-with-signs", "#1/4"), ("number-with-slash", "1/4"), ("number-with-space", "1 ")],
)
def test_an_invoice_is_numbered_as_it_comes(does: str, number: str) -> None:
    (invoice,) = spoilt("seller", INVOICED, does).invoices

    assert (invoice.number, invoice.accepted) == (number, True)


def test_lines_stand_in_an_invoice_twice() -> None:
    (sound,) = ran("seller", INVOICED).order.invoices

    (invoice,) = spoilt("seller", INVOICED, "repeat-lines").invoices
    assert invoice.lines == sound.lines * 2


def test_a_package_is_delivered_first_and_moves_later() -> None:
    rows = [Tampering("deliver-first"), Tampering("report-late", "", ("update_tracking",))]

    order = ran("seller", INVOICED + "advance:1h update_tracking:number", tamper_of(rows)).order
    (invoice,) = order.invoices
    assert invoice.finished
    assert invoice.delivered_at is not None
    assert invoice.delivered_at < invoice.events[0].at


def test_a_return_is_stored_twice() -> None:
    order = spoilt("seller", INVOICED + "add_return_invoice:rest", "store-twice")

    assert (order.returned, len({each.number for each in order.inputs})) == (20_000, 1)


def test_a_cent_is_missing() -> None:
    order = spoilt("seller", INVOICED, "take-a-cent", "add_invoice_full")

    assert (order.status, order.value - order.invoiced) == ("invoiced", 1)


@pytest.mark.parametrize("does", TAMPERINGS)
def test_no_way_to_spoil_a_document_minds_one_that_offers_nothing_to_spoil(does: str) -> None:
    ran("marketplace", "place_order complete_checkout", tamper_of([Tampering(does)]))


def test_a_row_spoils_the_documents_steps_and_statuses_it_names_only() -> None:
    events: list[str] = []

    def note(_: Order, after: Order, taken: Taken) -> Order:
        events.append(taken.transition.event)
        return after

    ran("seller", CANCELED, note)
    assert events == CANCELED.split()
    for row in (
        Tampering("drop-reason", "chain"),
        Tampering("drop-reason", "", ("place_order",)),
        Tampering("drop-reason", "", (), ("canceled-twice",)),
    ):
        assert ran("seller", CANCELED, tamper_of([row])).order == ran("seller", CANCELED).order


def test_rows_without_a_function_leave_nothing_to_call() -> None:
    assert tamper_of([]) is None


def same(_: Order, after: Order, __: Taken) -> Order:
    return after


@pytest.mark.parametrize(("flow", "acts"), [("seller", INVOICED), ("marketplace", APPROVED)])
def test_an_order_nobody_tampers_with_is_the_one_it_always_was(flow: str, acts: str) -> None:
    assert ran(flow, acts).history() == ran(flow, acts, same).history()


@pytest.mark.parametrize("name", HAPPY)
def test_a_sale_nobody_tampers_with_is_the_one_it_always_was(name: str) -> None:
    def history(tamper: Tamper | None) -> str:
        simulator = DealSimulator(bundled_deal(name).view(), tamper=tamper)
        for act in parse_deal_acts(HAPPY[name]):
            assert not isinstance(play_deal(simulator, act), Refused), act
        return repr((simulator.history(), simulator.log))

    assert history(None) == history(same)


def test_a_document_is_spoilt_before_its_news_is_sent() -> None:
    tamper = tamper_of([Tampering("take-a-cent", "seller", ("add_invoice_full",))])
    simulator = DealSimulator(bundled_deal("marketplace-seller").view(), tamper=tamper)
    for act in parse_deal_acts(HAPPY["marketplace-seller"].rpartition(" ")[0]):
        play_deal(simulator, act)

    (relayed,) = simulator.simulators["market"].order.invoices
    assert relayed.value == 9_999
