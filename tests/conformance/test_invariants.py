"""Each invariant catches the run that breaks it, and leaves alone the run that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.invariants import INVARIANTS, stage_breaches
from orderflow.flows.model import Flow, Transition
from orderflow.flows.settings import defaults
from orderflow.flows.timeline import StageView, Timeline
from orderflow.simulator.clock import START
from orderflow.simulator.events import Event
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.order import Invoice, Item, Order, TrackingEvent
from orderflow.simulator.simulator import Refused, Simulator
from orderflow.simulator.space import search
from tests.conformance.subjects import (
    HANDLING,
    INVOICED,
    PICKUP,
    PLACED,
    WINDOW,
    against,
    broken,
    driven,
    edited,
    plus,
    space_of,
    view,
    without,
)

SLOTS = {"T": "todo", "I": "doing", "D": "done"}
DELIVERY = ("place", "pay", "handle", "deliverToCarrier", "ship")
PICKED = ("place", "pay", "handle", "deliverToPickup", "pickup")
ORDER = Order("order-1", "seller", "handling", items=(Item("item-1", 1, 100),), value=100)
OWN = ORDER._replace(status="packed-by-the-robot")
"""In a status of somebody's own, of which no table says what stages it shows."""

STEP = Transition("S10", "S10", "start-handling", "begin_preparation", "handling")
MOVED = (TrackingEvent(1, "on its way"),)


def shown(slots: str, triggers: tuple[str, ...] = DELIVERY, **more: bool) -> Timeline:
    stages = tuple(
        StageView(number, SLOTS[slot], trigger, trigger)  # type: ignore[arg-type]
        for number, (slot, trigger) in enumerate(zip(slots, triggers, strict=True), 1)
    )
    return Timeline(stages, "", **more)


def breached(
    after: Timeline,
    *,
    before: Timeline | None = None,
    step: Transition = STEP,
    order: Order = ORDER,
) -> set[str]:
    found = stage_breaches(before or after, after, step, view("seller"), order, at=START)
    return {breach.invariant for breach in found}


def test_the_catalogue_is_numbered_and_explained() -> None:
    assert list(INVARIANTS) == [f"I-{number:02}" for number in range(1, 12)]
    for known in INVARIANTS.values():
        assert known.statement.endswith(".")
        assert known.source


def test_i01_one_trigger_per_stage() -> None:
    whole = shown("DDITT")
    four = replace(whole, stages=whole.stages[:4])
    twice = replace(whole, stages=(*whole.stages[:4], whole.stages[3]))
    silent = shown("DDITT", ("place", "", "handle", "deliverToCarrier", "ship"))

    assert breached(whole) == set()
    assert breached(four) == breached(twice) == breached(silent) == {"I-01"}


@pytest.mark.parametrize("flag", ["closed", "hidden"])
def test_i01_asks_nothing_of_an_order_without_stages(flag: str) -> None:
    assert breached(Timeline((), "", **{flag: True})) == set()


@pytest.mark.parametrize("slots", ["DIITT", "DTITT", "IDTTT", "TIDTT"])
def test_i02_stages_in_order(slots: str) -> None:
    assert "I-02" in breached(shown(slots))


@pytest.mark.parametrize("slots", ["TTTTT", "ITTTT", "DITTT", "DDITT"])
def test_i02_is_kept_by_stages_one_after_the_other(slots: str) -> None:
    assert breached(shown(slots), order=OWN) == set()


def test_i03_stages_do_not_go_backwards() -> None:
    before, after = shown("DDITT"), shown("DITTT")

    meant, other = replace(STEP, undoes=(2,)), replace(STEP, undoes=(1,))

    assert breached(after, before=before, order=OWN) == {"I-03"}
    assert breached(after, before=before, order=OWN, step=meant) == set()
    assert breached(after, before=before, order=OWN, step=other) == {"I-03"}
    assert breached(before, before=after, order=OWN) == set()


def test_i04_one_delivery_channel() -> None:
    picked = ORDER._replace(items=PICKUP)
    mixed = ORDER._replace(items=(*PICKUP, *ORDER.items))
    both = (*DELIVERY[:4], "pickup")

    assert breached(shown("DDITT", PICKED)) == {"I-04"}
    assert breached(shown("DDITT", both)) == breached(shown("DDITT"), order=picked) == {"I-04"}
    assert breached(shown("DDITT", PICKED), order=picked) == set()
    assert breached(shown("DDITT"), order=mixed) == set()


def test_i05_the_last_stages_follow_the_packages() -> None:
    sent = Invoice("1", "Output", 100, 0, accepted=True)
    invoiced = ORDER._replace(status="invoiced", invoices=(sent,))
    moving = invoiced._replace(invoices=(sent._replace(tracking_number="T", events=MOVED),))
    arrived = invoiced._replace(invoices=(sent._replace(finished=True),))

    for order, slots in ((invoiced, "DDDIT"), (moving, "DDDDI"), (arrived, "DDDDD")):
        assert breached(shown(slots), order=order) == set()
        for wrong in {"DDDIT", "DDDDI", "DDDDD", "DDITT"} - {slots}:
            assert breached(shown(wrong), order=order) == {"I-05"}
    assert breached(shown("DDDIT")) == {"I-05"}


def test_i05_says_nothing_of_statuses_that_no_table_knows() -> None:
    assert breached(shown("DDDIT"), order=OWN) == set()


@pytest.mark.parametrize(
    ("status", "slots"),
    [
        ("order-created", "ITTTT"),
        ("waiting-for-authorization", "DTTTT"),
        ("payment-pending", "DITTT"),
        ("payment-approved", "DDITT"),
        ("null", "TTTTT"),
    ],
)
def test_i05_the_first_stages_follow_the_status(status: str, slots: str) -> None:
    order = ORDER._replace(status=status)

    assert breached(shown(slots), order=order) == set()
    for wrong in {"TTTTT", "ITTTT", "DTTTT", "DITTT", "DDITT"} - {slots}:
        assert breached(shown(wrong), order=order) == {"I-05"}


@pytest.mark.parametrize("late", [0, 1, 5])
def test_i05_a_pickup_order_is_ready_from_its_date_on(late: int) -> None:
    items = tuple(replace(item, estimate=START - late) for item in PICKUP)
    ready = ORDER._replace(status="invoiced", items=items)
    early = ready._replace(items=tuple(replace(i, estimate=START + 1) for i in PICKUP))

    assert breached(shown("DDDDI", PICKED), order=ready) == set()
    assert breached(shown("DDDIT", PICKED), order=ready) == {"I-05"}
    assert breached(shown("DDDIT", PICKED), order=early) == set()
    assert breached(shown("DDDDI", PICKED), order=early) == {"I-05"}


def test_i06_terminal_orders_stay_put() -> None:
    back = Transition("X01", "X01", "invoiced", "reopen", "handling")
    stay = Transition("X02", "X02", "invoiced", "update_tracking", "invoiced")
    closed = Timeline((), "", closed=True)

    assert breached(closed, step=back) == {"I-06"}
    assert breached(closed, step=stay) == set()


class Doctored(Simulator):
    """A simulator that does one thing wrong, and only from the third event on."""

    __slots__ = ()

    def attempt(
        self,
        event: str,
        data: Mapping[str, object] = {},  # read only
        *,
        actor: str | None = None,
        cause: str = "call",
    ) -> Event | Refused:
        result = super().attempt(event, data, actor=actor, cause=cause)
        return self.spoil(result) if len(self.events) > 2 else result

    def spoil(self, result: Event | Refused) -> Event | Refused:
        return result


class Contradicting(Doctored):
    __slots__ = ()

    def spoil(self, result: Event | Refused) -> Event | Refused:
        if isinstance(result, Event):
            self.order = self.documents[-1] = self.order._replace(status="handling")
        return result


class Misremembering(Doctored):
    __slots__ = ()

    def spoil(self, result: Event | Refused) -> Event | Refused:
        if isinstance(result, Event):
            self.events[-1] = result = result._replace(source="handling")
        return result


class Forgetful(Doctored):
    """What the document says changes between two acts."""

    __slots__ = ()

    def advance(self, duration: int) -> tuple[Event, ...]:
        fired = super().advance(duration)
        if len(self.events) > 2:
            self.order = self.order._replace(status="handling")
        return fired


class Touchy(Doctored):
    __slots__ = ()

    def spoil(self, result: Event | Refused) -> Event | Refused:
        if isinstance(result, Refused):
            self.order = self.order._replace(value=self.order.value + 1)
        return result


class Dawdling(Doctored):
    __slots__ = ()

    def spoil(self, result: Event | Refused) -> Event | Refused:
        if isinstance(result, Refused):
            self.clock.move_to(self.clock.now + 1)
        return result


class SayingNoDoingYes(Doctored):
    __slots__ = ()

    def spoil(self, result: Event | Refused) -> Event | Refused:
        return Refused("?", self.status, "no") if isinstance(result, Event) else result


def driver_of(kind: type[Simulator]) -> Driver:
    driver = Driver(space_of("seller"), defaults())
    start, plan = driver.simulator, driver.space.plan
    driver.simulator = kind(start.flow, order=start.order, plan=plan)
    return driver


REFUSED = f"{PLACED} start_handling"


@pytest.mark.parametrize("kind", [Simulator, Doctored])
def test_a_sound_simulator_breaks_nothing(kind: type[Simulator]) -> None:
    for acts in (INVOICED, REFUSED):
        assert broken(driven(acts, driver=driver_of(kind))) == set()


@pytest.mark.parametrize("kind", [Contradicting, Misremembering])
def test_i07_document_equals_history(kind: type[Simulator]) -> None:
    driver = driven(PLACED, driver=driver_of(kind))

    assert ("I-07", "S03") in broken(driver)


def test_i07_the_next_step_begins_where_the_last_one_ended() -> None:
    driver = driven(f"{PLACED} verify_invoice:rest", driver=driver_of(Forgetful))

    assert "I-07" in {rule for rule, _ in broken(driver)}


@pytest.mark.parametrize("kind", [Touchy, Dawdling])
def test_i08_refusal_changes_nothing(kind: type[Simulator]) -> None:
    driver = driven(REFUSED, driver=driver_of(kind))

    cell = "waiting-ffmt-authorization-start_handling"
    assert ("I-08", cell) in broken(driver)
    assert {rule for rule, _ in broken(driver)} <= {"I-08", "A-78"}


def test_i08_a_refusal_that_happened_all_the_same() -> None:
    driver = driven(PLACED, driver=driver_of(SayingNoDoingYes))

    assert "I-08" in {rule for rule, _ in broken(driver)}


def test_i08_waiting_for_a_timer_is_no_change() -> None:
    """The timer's event has a guard that fails, so it is refused after its time, too."""
    guarded = edited(view("seller"), "S07", when=("invoiced_fully",))
    driver = against(guarded)

    driven(f"{WINDOW} grace_period_over", driver=driver)

    assert "I-08" not in {rule for rule, _ in broken(driver)}


def mutated(change: str) -> Flow:
    flow = view("seller")
    reopened = Transition("X01", "X01", "start-handling", "request_cancel", "cancel", ("shopper",))
    return {
        "forbidden": plus(flow, reopened),
        "missing": without(flow, "S08"),
        "elsewhere": edited(flow, "S08", target="handling"),
        "renamed": edited(flow, "S08", id="X08"),
        "guard": edited(flow, "S11", when=()),
    }[change]


@pytest.mark.parametrize(
    ("change", "acts", "where"),
    [
        ("forbidden", f"{WINDOW} grace_period_over start_handling request_cancel", "X01"),
        ("missing", f"{WINDOW} grace_period_over start_handling", "S08"),
        ("elsewhere", f"{WINDOW} grace_period_over start_handling", "S08"),
        ("renamed", f"{WINDOW} grace_period_over start_handling", "X08"),
        ("guard", f"{HANDLING} verify_invoice:rest add_invoice_partial", "S11"),
    ],
)
def test_i09_the_flow_decides(change: str, acts: str, where: str) -> None:
    assert "I-09" not in {rule for rule, _ in broken(driven(acts))}

    driver = driven(acts, driver=against(mutated(change)))

    assert ("I-09", where) in broken(driver)


@pytest.mark.parametrize(
    ("minutes", "acts"),
    [
        (10, f"{WINDOW} advance:20m"),
        (10, f"{WINDOW} grace_period_over"),
        (60, f"{WINDOW} advance:40m"),
    ],
)
def test_i09_timers_keep_their_time(minutes: int, acts: str) -> None:
    hasty = compile_plan(view("seller"), defaults().override({"cancellation_window": minutes}))
    driver = Driver(space_of("seller"), defaults(), subject=hasty)

    assert broken(driven(acts)) == set()
    assert ("I-09", "S07") in broken(driven(acts, driver=driver))


def test_i09_firing_a_timers_event_early_is_refused_and_that_is_right() -> None:
    driver = driven(f"{WINDOW} grace_period_over:early")

    assert driver.done[-1].refused is not None
    assert broken(driver) == set()

    at_once = compile_plan(view("seller"), defaults().override({"cancellation_window": 0}))
    driver = Driver(space_of("seller"), defaults(), subject=at_once)

    assert ("I-09", "S07") in broken(driven(f"{WINDOW} grace_period_over:early", driver=driver))


def test_i10_a_way_out_remains() -> None:
    """Without the step that finishes a cancellation an order that is being cancelled is stuck."""
    stuck = without(view("seller"), "S23")
    driver = Driver(search(stuck, defaults()), defaults())
    acts = f"{WINDOW} request_cancel"

    assert broken(driven(acts)) == set()
    assert "I-10" in {rule for rule, _ in broken(driven(acts, driver=driver))}


def test_a_document_whose_sums_disagree_is_a_breach() -> None:
    driver = driven(f"{HANDLING} verify_invoice:rest add_invoice_full:settled")
    order = driver.simulator.order
    driver.simulator.order = order._replace(totals=(("Items", order.value - 1),))

    assert driver.troubles == []
    driver.judge()
    assert {rule for rule, _ in broken(driver)} == {"A-78"}


def test_data_an_order_cannot_come_with_is_no_refusal() -> None:
    driver = driven(
        f"{HANDLING} verify_invoice:part", start=Start((Item("item-1", 1, 1),))
    )  # nothing is left of one cent when one cent is kept back

    assert driver.done[-1].refused is not None
    assert broken(driver) == set()
    assert driver.coverage.refused.total() == 0
    assert driver.coverage.steps == len(driver.simulator.events)
