"""The plan that orders run on does exactly what a plain ``transitions`` machine does.

The reference is built here as the library's documentation shows it, and knows nothing of ours but
how an event's data gets into the document and what a step leaves there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transitions.core import Machine, MachineError

from orderflow.flows.model import ABSENT, Flow, Profile, State, Timer, Transition
from orderflow.flows.settings import defaults
from orderflow.flows.vocabulary import PREDICATES
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EventDataError, RefusedEventError
from orderflow.simulator.events import Event
from orderflow.simulator.guards import FACT_READERS
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan, Position, build_machine, compile_plan
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import Simulator, new_order
from orderflow.simulator.space import Space
from orderflow.simulator.workload import wait_of
from tests.simulator.runs import DAY, VIEWS, error_of, planned, space_of, viewed

LIMITS = defaults()


class Model:
    """What a plain machine moves: an order, and what was put to it last."""

    state: str
    trigger: Callable[[str], bool]  # the library adds it

    def __init__(self, order: Order) -> None:
        self.order = self.drafted = order
        self.now, self.data = 0, dict[str, object]()
        self.actor: str | None = None
        self.log: list[tuple[str, str, str, str]] = []


def holds(name: str, event: Any) -> bool:
    known = PREDICATES[name]
    return FACT_READERS[known.fact](event.model.drafted) in known.answers


def held_in(status: str, event: Any) -> bool:
    requests = event.model.order.requests
    return bool(requests) and not requests[-1].denied and requests[-1].held == status


def over(wait: int, event: Any) -> bool:
    return bool(event.model.now - event.model.order.entered_at >= wait)


def by(actors: tuple[str, ...], event: Any) -> bool:
    return event.model.actor in {None, *actors}


def conditions(flow: Flow, step: Transition) -> list[str | Callable[..., bool | None]]:
    timed = (step.source, step.event, ("timer",))
    waits = [t.after for t in flow.timers if (t.state, t.fires, step.actors) == timed]
    return [
        partial(by, step.actors),
        *(partial(holds, name) for name in step.when),
        *(partial(held_in, status) for status in [step.held] if status),
        *(partial(over, LIMITS.milliseconds(name)) for name in waits),
    ]


def taken(step: Transition, event: Any) -> None:
    model = event.model
    before = model.order.status
    actor = model.actor or step.actors[0]
    model.order = commit(model.drafted, Taken(step, actor, model.now, model.data))
    model.log.append((before, step.event, model.state, step.id))


def arrived(event: Any) -> None:
    model = event.model
    assert model.log[-1][2] == model.state == model.order.status, "the step's own callback is first"


def plain(flow: Flow, model: Model) -> Machine:
    machine = Machine(
        model=model,
        states=[ABSENT, *(state.name for state in flow.states)],
        initial=ABSENT,
        auto_transitions=False,
        send_event=True,
        after_state_change=arrived,
    )
    for step in flow.transitions:
        machine.add_transition(
            step.event,
            step.source,
            step.target,
            conditions=conditions(flow, step),
            after=partial(taken, step),
        )
    return machine


class Pair:
    """The same order in both engines."""

    def __init__(self, plan: Plan) -> None:
        order = new_order(plan.flow, "o")
        self.ours = Simulator(plan.flow, order=order, plan=plan)
        self.model = Model(order)
        self.library = plain(plan.flow, self.model)
        self.machine = build_machine(plan.flow, LIMITS)

    def put(
        self, event: str, data: Mapping[str, object], now: int, actor: str | None
    ) -> bool | None:
        """Put *event* to the plain machine: taken, refused by guards (False) or unknown (None)."""
        model = self.model
        model.drafted = draft(model.order, event, data, now)
        model.now, model.data, model.actor = now, dict(data), actor
        try:
            return model.trigger(event)
        except MachineError:
            return None
        except AttributeError:  # how the library says that no transition has such an event
            assert event not in self.library.events
            return None

    def compiled(self, event: str, data: Mapping[str, object]) -> bool:
        """Put *event* to the machine the plan was read off, and throw the result away."""
        known, ours = self.machine.events.get(event), self.ours
        place = Position(draft(ours.order, event, data, ours.now), ours.now)
        try:
            return known is not None and bool(known.trigger(place))
        except MachineError:
            return False

    def fire(self, event: str, data: Mapping[str, object], actor: str | None) -> None:
        before = len(self.ours.events)
        try:
            compiled = actor is not None or self.compiled(event, data)
            expected = self.put(event, data, self.ours.now, actor)
        except EventDataError:
            known = event in self.library.get_triggers(self.model.state)
            with pytest.raises(EventDataError if known else RefusedEventError):
                self.ours.fire(event, actor=actor, **data)
            return
        error = error_of(lambda: self.ours.fire(event, actor=actor, **data))
        assert (error is None) is bool(expected)
        if isinstance(error, RefusedEventError):
            assert (expected is None) is not any(word in error.reason for word in WANTS)
        assert (len(self.ours.events) > before) is bool(expected)
        assert compiled is (actor is not None or bool(expected))

    def wait(self, duration: int) -> None:
        for event in self.ours.advance(duration):
            assert self.put(event.event, dict(event.data) | cause(event), event.at, "timer")

    def agree(self) -> None:
        assert self.model.state == self.ours.status
        assert self.model.order == self.ours.order
        steps = [(e.source, e.event, e.target, e.transition) for e in self.ours.events]
        assert self.model.log == steps


def cause(event: Event) -> dict[str, object]:
    return {"cause": "callback"} if event.event == "create_error" else {}


WANTS = (" needs ", "its time is over only in", " is for ")
JUNK: tuple[dict[str, object], ...] = ({"value": 0}, {"value": True}, {"no_such": 1}, {"reason": 3})
WAITS = (0, 1, 299_999, 300_000, 1_799_999, 1_800_000, 3_600_000)
Turn = tuple[int, int, int, int]
TURNS = st.lists(st.tuples(*(4 * [st.integers(0, 97)])), min_size=1, max_size=30)


def lead(pair: Pair, space: Space, place: int) -> None:
    """Bring both orders to configuration number *place*, a shortest way."""
    for edge in space.path(0, place % len(space.orders)) or ():
        if edge.timed:
            pair.wait(wait_of(space, edge))
        else:
            pair.fire(edge.event, realise(edge.event, edge.choice, pair.ours.order), None)
        pair.agree()


def drive(pair: Pair, turns: Sequence[Turn], *, waits: Sequence[int] = WAITS) -> None:
    plan = pair.ours.plan
    for which, event_at, data_at, how in turns:
        if which % 8 == 0:
            pair.wait(waits[how % len(waits)])
        accepted, known = pair.ours.accepts(), (*plan.flow.events, "no_such_event")
        events = accepted if accepted and which % 4 else known
        event = events[event_at % len(events)]
        kinds = choices(event, pair.ours.order)
        data = realise(event, kinds[data_at % len(kinds)], pair.ours.order)
        if how % 16 == 1:
            data = dict(JUNK[data_at % len(JUNK)])
        actor = {2: "support", 3: "seller", 4: "timer"}.get(how % 16)
        if event in plan.flow.events or not data:
            pair.fire(event, data, actor)
        pair.agree()


@pytest.mark.parametrize(("name", "profile"), VIEWS)
@settings(max_examples=25)
@given(place=st.integers(0, 400), turns=TURNS)
def test_bundled_flows_run_as_in_the_library(
    name: str, profile: Profile, place: int, turns: list[Turn]
) -> None:
    pair = Pair(planned(name, profile))

    lead(pair, space_of(name, profile), place)
    drive(pair, turns, waits=(*WAITS, 31 * DAY))


STATUSES = ("handling", "invoice", "cancellation-requested", "invoiced")
EVENTS = {
    "go": (),
    "verify_invoice": ("invoice_posted", "not_over_invoiced"),
    "add_invoice_partial": ("invoiced_partially",),
    "add_invoice_full": ("invoiced_fully", "settled", "no_accepted_invoice"),
    "payment_approved": ("unpaid",),
    "request_cancel": ("no_output_invoice", "paid"),
    "deny_cancel": ("request_open", "seller_past_window"),
    "notify_seller": ("seller_inside_window",),
}
LENGTHS = ("cancellation_window", "gateway_callback")


@st.composite
def steps(draw: st.DrawFn, number: int) -> Transition:
    event = draw(st.sampled_from(sorted(EVENTS)))
    held = draw(st.sampled_from(["", "handling"])) if event == "deny_cancel" else ""
    return Transition(
        f"T{number}",
        f"T{number}",
        draw(st.sampled_from(STATUSES)),
        event,
        draw(st.sampled_from(STATUSES)),
        actors=draw(st.sampled_from([("platform",), ("seller", "support"), ("timer",)])),
        when=tuple(draw(st.lists(st.sampled_from(EVENTS[event]), unique=True, max_size=2)))
        if EVENTS[event]
        else (),
        held=held,
    )


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A small flow, often with several branches for one event, requests, denials and timers."""
    first = Transition("T0", "T0", ABSENT, "place_order", draw(st.sampled_from(STATUSES)))
    others = [draw(steps(number)) for number in range(1, draw(st.integers(4, 16)))]
    timed = sorted({(s.source, s.event) for s in others if s.actors == ("timer",)})
    return Flow(
        "small",
        "Small",
        first.target,
        tuple(map(State, STATUSES)),
        (first, *others),
        timers=tuple(Timer(at, draw(st.sampled_from(LENGTHS)), event) for at, event in timed),
    )


@settings(max_examples=150)
@given(flow=flows(), turns=TURNS)
def test_any_small_flow_runs_as_in_the_library(flow: Flow, turns: list[Turn]) -> None:
    drive(Pair(compile_plan(flow, LIMITS)), [(3, 0, 0, 0), *turns])


def test_of_several_branches_the_first_one_that_holds_is_taken() -> None:
    to = {"first": "verify_invoice:part", "second": "verify_invoice:rest"}
    flow = Flow(
        "small",
        "Small",
        "a",
        tuple(map(State, "ab")),
        (
            Transition("T0", "T0", ABSENT, "place_order", "a"),
            Transition("first", "T1", "a", "verify_invoice", "b", when=("invoiced_partially",)),
            Transition("second", "T2", "a", "verify_invoice", "a"),
            Transition("third", "T3", "a", "verify_invoice", "b"),
        ),
    )

    for wanted, act in to.items():
        simulator = Simulator(flow, plan=compile_plan(flow, LIMITS))
        simulator.fire("place_order")
        value = 4_000 if act.endswith("part") else 10_000
        assert simulator.fire("verify_invoice", value=value).transition == wanted


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_the_plan_holds_every_transition_of_its_flow_in_order(name: str, profile: Profile) -> None:
    plan, flow = planned(name, profile), viewed(name, profile)

    found = {key: tuple(b.step for b in branches) for key, branches in plan.branches.items()}
    assert found == flow.leaving
