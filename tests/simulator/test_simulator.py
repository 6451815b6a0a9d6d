"""An order moves only as its flow allows, and a refused event changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, State, Transition
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.errors import EventDataError, RefusedEventError
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import parse_acts, play
from orderflow.simulator.simulator import Refused, Simulator, digest, new_order
from tests.simulator.runs import (
    BILLABLE,
    CREATED,
    DAY,
    PAID,
    READY,
    VIEWS,
    WINDOW,
    error_of,
    go,
    space_of,
    started,
    unplaced,
    viewed,
)

ANYTHING = {
    "value": st.one_of(st.integers(-3, 20_000), st.booleans(), st.none(), st.just("100")),
    "number": st.one_of(st.just("A-1"), st.integers(0, 3)),
    "settlement": st.sampled_from(["settled", "refused", "lost"]),
    "stock": st.sampled_from(["reserved", "gone", 1]),
    "delta": st.one_of(st.integers(-20_000, 20_000), st.just(0.5)),
    "delivered": st.one_of(st.booleans(), st.just("yes")),
    "reason": st.one_of(st.text(max_size=3), st.integers()),
    "unheard": st.just("of"),
}


def anywhere(name: str, profile: Profile, place: int) -> Simulator:
    """An order in configuration number *place* of its flow."""
    space = space_of(name, profile)
    number = place % len(space.orders)
    root = 0 if space.path(0, number) is not None else space.roots - 1
    simulator = unplaced(name, profile, replaceable=space.orders[root].replaceable)
    for edge in space.path(root, number) or ():
        go(simulator, f"{edge.event}:{edge.choice}" if edge.choice else edge.event)
    return simulator


@settings(max_examples=300)
@given(st.sampled_from(VIEWS), st.integers(0, 400), st.data())
def test_a_refused_event_changes_nothing(
    view: tuple[str, Profile], place: int, data: st.DataObject
) -> None:
    simulator = anywhere(*view, place)
    order, now, due = simulator.order, simulator.now, simulator.clock.next_due()
    events, documents = list(simulator.events), list(simulator.documents)
    event = data.draw(st.sampled_from((*simulator.flow.events, "no_such_event")))
    names = data.draw(st.lists(st.sampled_from(sorted(ANYTHING)), unique=True, max_size=2))
    values = {name: data.draw(ANYTHING[name]) for name in names}
    actor = data.draw(st.sampled_from([None, "seller", "timer", "nobody"]))

    error = error_of(lambda: simulator.fire(event, actor=actor, **values))
    if error is None:
        assert len(simulator.events) == len(events) + 1
    else:
        assert isinstance(error, (RefusedEventError, EventDataError))
        assert error.event == event
        assert simulator.order is order
        assert (simulator.now, simulator.clock.next_due()) == (now, due)
        assert (simulator.events, simulator.documents) == (events, documents)


def test_a_refusal_names_event_status_reason_and_what_would_be_accepted() -> None:
    simulator = started("seller", READY["seller"])

    with pytest.raises(RefusedEventError) as caught:
        simulator.fire("verify_invoice", value=5)
    assert (caught.value.event, caught.value.status) == ("verify_invoice", "ready-for-handling")
    assert caught.value.allowed == ("request_cancel", "seller_cancel", "start_handling")
    assert str(caught.value) == (
        "'verify_invoice' refused in 'ready-for-handling': no transition takes it there; "
        "accepted here: request_cancel, seller_cancel, start_handling"
    )


@pytest.mark.parametrize(
    ("name", "acts", "event", "reason"),
    [
        ("seller", "", "start_handling", "the order has not been placed"),
        ("seller", "place_order", "fly", "the seller flow has no such event"),
        ("chain", BILLABLE["chain"], "start_handling", "never accepted in this flow (OMS003)"),
        ("chain", BILLABLE["chain"], "modify_order", "never accepted in this flow (CHK0095)"),
        (
            "seller",
            BILLABLE["seller"],
            "verify_invoice",
            "S10 needs an Output invoice that waits to be verified",
        ),
        ("seller", WINDOW["seller"], "grace_period_over", "its time is over only in 1800 s"),
        (
            "seller",
            READY["seller"] + "request_cancel deny_cancel start_handling:early",
            "deny_cancel",
            "no transition takes it there",
        ),
    ],
)
def test_the_reason_says_what_was_missing(name: str, acts: str, event: str, reason: str) -> None:
    simulator = started(name, acts) if acts else unplaced(name)

    result = simulator.attempt(event)
    assert isinstance(result, Refused)
    assert result.reason == reason


def test_the_reason_lists_every_branch_once() -> None:
    simulator = started("seller", READY["seller"] + "request_cancel")
    result = simulator.attempt("deny_cancel", actor="shopper")

    assert isinstance(result, Refused)
    assert result.reason == "S19 is for seller"


def test_a_denial_without_a_request_says_which_request_it_wants() -> None:
    flow = viewed("seller")
    order = new_order(flow, "o")._replace(status="cancellation-requested")
    result = Simulator(flow, order=order).attempt("deny_cancel")

    assert isinstance(result, Refused)
    assert result.reason == (
        "S19 needs a request made in ready-for-handling; S19 needs a request made in handling"
    )


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        ({"sum": 1}, "sum", "unknown; verify_invoice takes number, value"),
        ({"value": 0}, "value", "must be at least 1, got 0"),
        ({"value": "100"}, "value", "wants a whole number, got '100'"),
        ({"value": True}, "value", "wants a whole number, got True"),
        ({"value": 1, "number": 7}, "number", "wants a text, got 7"),
    ],
)
def test_senseless_data_is_named_with_what_is_wrong(
    data: dict[str, Any], name: str, reason: str
) -> None:
    simulator = started("seller", BILLABLE["seller"])

    with pytest.raises(EventDataError) as caught:
        simulator.fire("verify_invoice", **data)
    assert (caught.value.event, caught.value.name) == ("verify_invoice", name)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_the_happy_path_can_be_walked(name: str, profile: Profile) -> None:
    simulator, flow = unplaced(name, profile), viewed(name, profile)
    for target in flow.happy_path:
        step = next(s for s in flow.out[simulator.status] if s.target == target)
        kinds = choices(step.event, simulator.order)
        go(simulator, f"{step.event}:rest" if "rest" in kinds else step.event)

    assert [event.target for event in simulator.events] == list(flow.happy_path)


@settings(max_examples=60)
@given(st.sampled_from(VIEWS), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9))))
def test_history_is_gapless_and_its_digests_are_those_of_the_documents(
    view: tuple[str, Profile], picks: list[tuple[int, int]]
) -> None:
    simulator = unplaced(*view)
    for which, how in picks:
        events = simulator.accepts() or ("place_order",)
        event = events[which % len(events)]
        kinds = choices(event, simulator.order)
        data = realise(event, kinds[how % len(kinds)], simulator.order)
        if isinstance(simulator.attempt(event, data), Refused):
            simulator.advance_to_next()

    history = simulator.history()
    assert [event.seq for event in history] == list(range(1, len(history) + 1))
    assert [event.source for event in history] == [ABSENT, *(e.target for e in history)][:-1]
    assert [event.at for event in history] == sorted(event.at for event in history)
    assert [event.digest for event in history] == [digest(d) for d in simulator.documents]
    assert [event.target for event in history] == [d.status for d in simulator.documents]
    if history:
        assert simulator.documents[-1] is simulator.order
        assert len({len(event.digest) for event in history}) == 1


def test_equal_documents_share_a_digest_and_a_changed_one_has_another() -> None:
    one, other = started("seller", READY["seller"]), started("seller", READY["seller"])

    assert digest(one.order) == digest(other.order)
    assert digest(one.order) != digest(one.order._replace(value=9_999))


def test_an_event_is_fired_only_by_its_actors() -> None:
    simulator = started("seller", READY["seller"])

    with pytest.raises(RefusedEventError, match="S08 is for seller"):
        simulator.fire("start_handling", actor="shopper")
    assert simulator.fire("start_handling", actor="seller").actor == "seller"


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_only_support_cancels_an_order_whose_invoice_is_being_verified(name: str) -> None:
    """D-05: and not even support once an invoice was accepted."""
    simulator = started(name, BILLABLE[name] + "verify_invoice:part")
    for actor in ("shopper", "marketplace", "seller", "platform"):
        with pytest.raises(RefusedEventError, match="is for support"):
            simulator.fire("cancel_order", actor=actor)
    again = started(
        name, BILLABLE[name] + "verify_invoice:part add_invoice_partial verify_invoice:rest"
    )

    assert simulator.fire("cancel_order", actor="support").target == "cancel"
    with pytest.raises(RefusedEventError, match="needs an order without a verified Output invoice"):
        again.fire("cancel_order", actor="support")


@pytest.mark.parametrize("name", ["marketplace", "complete"])
def test_a_refused_settlement_keeps_the_order_in_invoice(name: str) -> None:
    simulator = started(name, BILLABLE[name] + "verify_invoice:rest settlement_failed")
    assert (simulator.status, simulator.order.settlement) == ("invoice", "refused")

    with pytest.raises(RefusedEventError, match="needs the capture to have succeeded"):
        simulator.fire("add_invoice_full", settlement="refused")
    assert simulator.order.invoiced_at is None
    assert go(simulator, "add_invoice_full") == "invoiced"
    assert simulator.order.settlement == "settled"


@pytest.mark.parametrize("name", ["seller", "complete"])
def test_stock_that_is_gone_keeps_the_order_where_it_is(name: str) -> None:
    simulator = started(name, WINDOW[name].rsplit(maxsplit=1)[0])
    entered = simulator.order.entered_at
    go(simulator, "advance:1d confirm_reservation:gone")

    assert (simulator.status, simulator.order.entered_at) == ("authorize-fulfillment", entered)
    assert go(simulator, "confirm_reservation") == "window-to-cancel"


def test_another_seller_takes_over_or_the_order_is_canceled() -> None:
    changed = started("marketplace", PAID + "seller_cancel change_seller")
    late = started("marketplace", PAID + "seller_cancel advance:2d finish_cancel")
    alone = started("marketplace", PAID + "seller_cancel:alone finish_cancel")

    assert changed.status == "payment-approved"
    assert changed.order.seller == "inside-window"
    assert [e.transition for e in late.events[-2:]] == ["M24", "M18"]
    assert "M22@payment-approved" in [event.transition for event in alone.events]


def test_an_unpaid_order_does_not_wait_for_another_seller() -> None:
    acts = CREATED.rsplit(maxsplit=1)[0] + " request_cancel notify_seller seller_cancel:other"
    simulator = started("marketplace", acts)

    assert simulator.status == "cancel"


@pytest.mark.parametrize("name", ["seller", "marketplace"])
@given(delta=st.integers(-10_000, 10_000))
def test_a_modification_changes_the_value_and_nothing_else_that_counts(
    name: str, delta: int
) -> None:
    simulator = started(name, BILLABLE[name])
    status = simulator.status
    simulator.fire("modify_order", delta=delta)

    order = simulator.order
    assert (order.status, order.value) == (status, 10_000 + delta)
    assert sum(cents for _, cents in order.totals) == order.value
    assert [(c.delta, c.held) for c in order.changes] == ([(delta, status)] if delta else [])


@pytest.mark.parametrize("name", ["seller", "marketplace"])
def test_a_modification_is_never_possible_after_an_invoice(name: str) -> None:
    simulator = started(name, BILLABLE[name] + "verify_invoice:part add_invoice_partial")

    with pytest.raises(RefusedEventError, match="needs an order without an Output invoice"):
        simulator.fire("modify_order", delta=1)
    with pytest.raises(EventDataError, match="the order is worth 10000 cents"):
        started(name, BILLABLE[name]).fire("modify_order", delta=-10_001)


CREATION_ERRORS = {
    "create_error": "null",
    "place_order advance:5m": "null",
    "place_order create_error:gateway": "order-create-error",
    "place_order create_error:creation": "order-creation-error",
}


@pytest.mark.parametrize("name", ["marketplace", "complete", "chain"])
@pytest.mark.parametrize(("acts", "status"), CREATION_ERRORS.items())
def test_an_incomplete_order_ends_canceled_by_the_system(name: str, acts: str, status: str) -> None:
    """Source: domain fact sheet "Order flows", section 6."""
    simulator = started(name, acts)
    assert (simulator.status, simulator.order.is_completed) == (status, False)
    assert simulator.order.created_at is not None

    assert go(simulator, "cancel_order finish_cancel") == "canceled"
    data = simulator.order.cancellation
    assert data is not None
    assert (data.origins, data.reason) == (("requestedBySystem",), "Creation error")


def test_names_that_the_library_reserves_are_ordinary_names_here() -> None:
    flow = Flow(
        "odd",
        "Odd",
        "*",
        tuple(State(name) for name in ("*", "=", "end")),
        (
            Transition("T0", "T0", ABSENT, "place_order", "*"),
            Transition("T1", "T1", "*", "state", "="),
            Transition("T2", "T2", "=", "state", "end"),
        ),
    )
    simulator = Simulator(flow)
    went = [simulator.fire(event).target for event in ("place_order", "state", "state")]

    assert went == ["*", "=", "end"]
    assert simulator.accepts() == ()


def test_an_order_needs_a_value() -> None:
    for items in ((), (Item("a", 0, 5),)):
        with pytest.raises(ValueError, match="at least one item"):
            new_order(viewed("seller"), "o", items)


def test_a_replaced_order_stays_so() -> None:
    simulator = started("marketplace", PAID + "replace_order")

    assert simulator.status == "replaced"
    assert simulator.accepts() == ()
    assert isinstance(play(simulator, parse_acts("request_cancel")[0]), Refused)
    assert simulator.advance(365 * DAY) == ()


def test_a_refusal_offers_what_could_happen_now() -> None:
    simulator = Simulator(bundled("seller").view())
    for act in parse_acts(WINDOW["seller"]):
        play(simulator, act)

    with pytest.raises(RefusedEventError) as told:
        simulator.fire("grace_period_over")
    assert told.value.allowed == ("request_cancel", "seller_cancel")
