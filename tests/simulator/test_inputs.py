"""What comes with an event is read as its name says or refused by that name; choices always fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.model import Profile
from orderflow.flows.vocabulary import FACTS, PREDICATES
from orderflow.simulator.choices import cents, choices, realise
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.guards import FACT_READERS, facts_used, guard
from orderflow.simulator.inputs import accepted_names, draft
from orderflow.simulator.order import CancellationRequest, Invoice, Order
from orderflow.simulator.scenario import Act
from tests.simulator.runs import BILLABLE, PAID, VIEWS, error_of, go, space_of, started, viewed

EVENTS = sorted({event for view in VIEWS for event in viewed(*view).events})
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4))
INVOICES = st.builds(
    Invoice,
    st.text(max_size=2),
    st.sampled_from(["Output", "Input"]),
    st.integers(1, 60),
    st.just(0),
    accepted=st.booleans(),
    tracking_number=st.sampled_from(["", "T"]),
    finished=st.booleans(),
)
ORDERS = st.builds(
    Order,
    st.just("o"),
    st.just("seller"),
    value=st.integers(1, 100),
    invoices=st.lists(INVOICES, max_size=3).map(tuple),
    requests=st.lists(
        st.builds(CancellationRequest, st.text(), st.just(0), st.just("x"), st.just("handling")),
        max_size=1,
    ).map(tuple),
    paid=st.booleans(),
    settlement=st.sampled_from(["pending", "settled", "refused"]),
)


@given(ORDERS)
def test_every_fact_has_one_of_its_answers_and_guards_follow_it(order: Order) -> None:
    assert set(FACT_READERS) == set(FACTS)
    for name, read in FACT_READERS.items():
        assert read(order) in FACTS[name].answers
    for name, predicate in PREDICATES.items():
        assert guard(name)(order) is (FACT_READERS[predicate.fact](order) in predicate.answers)
    assert facts_used(PREDICATES) == tuple(sorted({p.fact for p in PREDICATES.values()}))


SOLD = Invoice("1", "Output", 60, 0)
TAKEN_BACK = Invoice("2", "Input", 60, 0)
ASKED = CancellationRequest("r", 0, "shopper", "handling")
BARE = Order("o", "seller", value=100)


@pytest.mark.parametrize(
    ("fact", "changes", "answer"),
    [
        ("invoiced", {}, "none"),
        ("invoiced", {"invoices": (SOLD,)}, "partial"),
        ("invoiced", {"invoices": (SOLD,), "value": 60}, "full"),
        ("invoiced", {"invoices": (SOLD,), "value": 59}, "over"),
        ("invoiced", {"invoices": (SOLD, TAKEN_BACK), "value": 60}, "full"),
        ("posted", {"invoices": (SOLD,)}, "yes"),
        ("posted", {"invoices": (SOLD._replace(accepted=True), TAKEN_BACK)}, "no"),
        ("accepted", {"invoices": (SOLD._replace(accepted=True),)}, "yes"),
        ("accepted", {"invoices": (SOLD, TAKEN_BACK._replace(accepted=True))}, "no"),
        ("returns", {"invoices": (SOLD, TAKEN_BACK)}, "within"),
        ("returns", {"invoices": (SOLD, TAKEN_BACK._replace(value=61))}, "above"),
        ("request", {"requests": (ASKED,)}, "open"),
        ("request", {"requests": (replace(ASKED, denied=True),)}, "none"),
        ("change_seller", {"paid": True}, "possible"),
        ("change_seller", {"paid": False}, "impossible"),
        ("change_seller", {"paid": True, "change_seller": False}, "impossible"),
        ("tracking", {"invoices": (TAKEN_BACK,)}, "impossible"),
        ("tracking", {"invoices": (SOLD,)}, "possible"),
        ("tracking", {"invoices": (SOLD._replace(finished=True),)}, "impossible"),
        ("replacement", {"replaceable": False}, "off"),
    ],
)
def test_a_fact_is_read_off_the_document(fact: str, changes: dict[str, Any], answer: str) -> None:
    assert FACT_READERS[fact](BARE._replace(**changes)) == answer


@settings(max_examples=200)
@given(
    st.sampled_from(VIEWS),
    st.integers(0, 400),
    st.sampled_from(EVENTS),
    st.dictionaries(st.text(max_size=2), JUNK, max_size=2),
    st.data(),
)
def test_any_data_is_read_or_refused_by_its_name(
    view: tuple[str, Profile], place: int, event: str, given: dict[str, object], data: st.DataObject
) -> None:
    space = space_of(*view)
    order = space.orders[place % len(space.orders)]
    known = data.draw(st.sets(st.sampled_from(sorted(accepted_names(event)))))
    given |= {name: data.draw(JUNK) for name in known}

    error = error_of(lambda: draft(order, event, given, 0))
    if error is None:
        assert set(given) <= accepted_names(event)
    else:
        assert isinstance(error, EventDataError)
        assert error.event == event
        assert error.name in {*given, *accepted_names(event)}
        assert str(error) == f"{event!r}: {error.name}: {error.reason}"


@settings(max_examples=200)
@given(st.sampled_from(VIEWS), st.integers(0, 400), st.sampled_from(EVENTS), st.integers(0, 100))
def test_every_choice_is_data_the_event_takes(
    view: tuple[str, Profile], place: int, event: str, percent: int
) -> None:
    space = space_of(*view)
    order = space.orders[place % len(space.orders)]
    for choice in choices(event, order):
        data = realise(event, choice, order, Act(event, choice, percent).draw)
        if event == "update_tracking" and not order.outputs:
            continue  # there is no package yet, so there is nothing to read
        if event == "add_return_invoice" and not order.invoiced:
            continue
        draft(order, event, data, 0)


@given(st.integers(2, 10**12), st.integers(0, 100))
def test_amounts_lie_where_their_names_say(left: int, percent: int) -> None:
    draw = Act("x", "y", percent).draw

    assert 1 <= cents("part", left, draw) < left
    assert cents("rest", left, draw) == left
    assert left < cents("over", left, draw) <= left + 100
    assert 1 <= cents("more", left, draw) <= left
    assert -left < cents("less", left, draw) <= -1


def test_of_one_cent_no_part_can_be_taken() -> None:
    order = started("seller", BILLABLE["seller"], value=1).order

    assert choices("verify_invoice", order) == ("rest", "over", "")
    assert choices("modify_order", order) == ("more",)
    with pytest.raises(ValueError, match="cannot come with 'part' here; it can with: rest, over"):
        realise("verify_invoice", "part", order)


def test_the_usual_data_of_an_event_comes_first() -> None:
    order = started("seller", BILLABLE["seller"]).order

    assert choices("confirm_reservation", order)[0] == "reserved"
    assert choices("verify_invoice", order)[0] == "part"
    assert choices("add_invoice_full", order)[0] == "rest"
    assert choices("start_handling", order) == ("",)


def test_nothing_moves_a_package_that_has_arrived() -> None:
    acts = "verify_invoice:rest add_invoice_full update_tracking update_tracking:delivered"
    order = started("seller", BILLABLE["seller"] + acts).order

    assert choices("update_tracking", order) == ("number", "delivered")


def test_each_step_leaves_its_mark() -> None:
    simulator = started("marketplace", "place_order complete_checkout")
    assert (simulator.order.is_completed, simulator.order.paid) == (True, False)
    go(simulator, "open_flow seller_confirmed payment_approved")

    order = simulator.order
    assert (order.paid, order.authorized_at) == (True, simulator.now)
    assert (order.invoiced_at, order.denied_payment) == (None, False)
    denied = started("marketplace", PAID.rsplit(maxsplit=1)[0] + " deny_payment").order
    assert (denied.denied_payment, denied.paid, denied.authorized_at) == (True, False, None)


def test_an_order_is_complete_however_it_got_there() -> None:
    """D-02: recorded seller orders start where the purchase is over."""
    observed = started("seller", "place_order", Profile.OBSERVED)

    assert (observed.status, observed.order.is_completed) == ("on-order-completed-ffm", True)


def test_a_seller_that_takes_the_risk_handles_an_unpaid_order() -> None:
    """S05, against S04 where the marketplace's word stands for the payment."""
    acts = "place_order complete_checkout await_authorization "

    assert not started("seller", acts + "authorize_manually").order.paid
    assert started("seller", acts + "authorize_dispatch").order.paid
