"""Events per second of our engine beside plain ``transitions`` and a bare dict loop, in one run.

Run it with ``python benchmarks/engine.py``; needs the ``bulk`` extra. Every contender applies
events of the same flow. Rounds are interleaved and the median is quoted, because absolute figures
drift with the machine while ratios hold.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import cycle, islice

import transitions.core

from orderflow.conformance.check import Sightings
from orderflow.conformance.drive import Driver
from orderflow.conformance.explore import Budget, explore
from orderflow.conformance.tour import PairTour, illegal_tour
from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import defaults
from orderflow.simulator.bulk import Bulk
from orderflow.simulator.scenario import Act, play
from orderflow.simulator.simulator import Simulator, new_order
from orderflow.simulator.space import Space, search
from orderflow.simulator.workload import Walk

Contender = Callable[[], int]
"""Applies events and returns how many."""


class Plain:
    """A model of the plain library machine."""

    state: str
    history: list[tuple[str, str]]
    paid = True

    def note(self, event: object) -> None:
        """After-callback: append to the history."""
        self.history.append((self.state, repr(event)[:0]))

    def allowed(self, event: object) -> bool:  # noqa: ARG002  # the library hands it over
        """A condition that reads the model."""
        return self.paid


def _machine(flow: Flow, *, full: bool) -> tuple[transitions.core.Machine, Plain]:
    """The flow in the library as its documentation shows it, one machine for many models."""
    model = Plain()
    model.history = []
    machine = transitions.core.Machine(
        model=model,
        states=[ABSENT, *(state.name for state in flow.states)],
        initial=ABSENT,
        auto_transitions=False,
        send_event=full,
        after_state_change="note" if full else None,
    )
    seen = set()
    for step in flow.transitions:
        if (step.source, step.event) not in seen:
            seen.add((step.source, step.event))
            guarded = {"conditions": "allowed"} if full and step.when else {}
            machine.add_transition(step.event, step.source, step.target, **guarded)
    return machine, model


def _happy(space: Space) -> list[str]:
    """Events of an undisturbed order."""
    flow, events = space.plan.flow, []
    at = ABSENT
    for status in flow.happy_path:
        step = next(s for s in flow.out[at] if s.target == status)
        events.append(step.event)
        at = status
    return events


def plain(space: Space, events: int, *, full: bool) -> Contender:
    """Plain ``transitions``, ``model.trigger(event)``; *full* adds guards and history."""
    machine, model = _machine(space.plan.flow, full=full)
    path = _happy(space)

    def run() -> int:
        done = 0
        while done < events:
            machine.set_state(ABSENT, model)
            model.history = []
            for event in path:
                model.trigger(event)  # type: ignore[attr-defined]  # the library adds it
            done += len(path)
        return done

    return run


def bare(space: Space, events: int) -> Contender:
    """A dict look-up per event and nothing else: the limit."""
    steps = reversed(space.plan.flow.transitions)  # of several branches the first one counts
    table = {(s.source, s.event): s.target for s in steps}
    path = _happy(space)
    laps = list(islice(cycle(path), events - events % len(path)))
    final = space.plan.flow.happy_path[-1]

    def run() -> int:
        state = ABSENT
        for event in laps:
            state = table[state, event]
            if state == final:
                state = ABSENT
        return len(laps)

    return run


def documents(space: Space, events: int) -> Contender:
    """Our simulator: guards on real documents, timers, history, errors."""
    acts = [Act(edge.event, edge.choice) for edge in _happy_edges(space)]

    def run() -> int:
        done = 0
        while done < events:
            order = new_order(space.plan.flow, f"order-{done}")
            simulator = Simulator(space.plan.flow, order=order, plan=space.plan)
            for act in acts:
                play(simulator, act)
            done += len(simulator.events)
        return done

    return run


def _happy_edges(space: Space):  # type: ignore[no-untyped-def]
    place, flow = 0, space.plan.flow
    for status in flow.happy_path:
        edge = next(
            e
            for e in space.out[place]
            if space.orders[e.target].status == status and e.choice != "part"
        )
        place = edge.target
        yield edge


def walk(space: Space, orders: int) -> Contender:
    """The full simulate loop: random orders with guards, timers and history."""
    return lambda: sum(len(history.rows) for history in Walk(space, 7).histories(orders))


def bulk(space: Space, orders: int) -> Contender:
    """Bulk generation in memory."""
    return lambda: len(Bulk(space, 7).generate(orders))


def exploration(space: Space) -> Contender:
    """Tours and random runs with every rule and invariant judged."""

    def run() -> int:
        driver, sightings = Driver(space, defaults()), Sightings()

        def visit() -> None:
            sightings.visit(driver)

        PairTour(driver, visit).run()
        illegal_tour(driver, visit)
        explore(driver, Budget(60, 40, 1), visit)
        return driver.coverage.steps

    return run


def measure(contenders: dict[str, Contender], rounds: int) -> dict[str, float]:
    """Median events per second of each contender, rounds interleaved."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            began = time.perf_counter()
            done = run()
            rates[name].append(done / (time.perf_counter() - began))
    return {name: statistics.median(found) for name, found in rates.items()}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Events per second, as ratios.")
    parser.add_argument("--flow", default="complete")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    space = search(bundled(chosen.flow).view(), defaults())
    names = {
        "plain transitions": plain(space, 40_000, full=False),
        "plain transitions, guards and history": plain(space, 40_000, full=True),
        "our simulator, whole documents": documents(space, 20_000),
        "our simulate loop: guards, timers, history": walk(space, 30_000),
        "bulk generation in memory": bulk(space, 400_000),
        "bare dict loop": bare(space, 1_000_000),
        "exploration, all rules judged (steps)": exploration(space),
    }
    rates = measure(names, chosen.rounds)
    base = rates["plain transitions"]
    print(f"{chosen.flow} flow, median of {chosen.rounds} interleaved rounds")
    print(f"{'contender':45} {'events/s':>12} {'ratio':>8}")
    for name, rate in rates.items():
        print(f"{name:45} {rate:12,.0f} {rate / base:8.1f}")


if __name__ == "__main__":
    main()
