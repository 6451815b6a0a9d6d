"""Random exploration: Hypothesis drives orders through a flow with three moves.

``goto`` walks the shortest legal way to a step and takes it, ``poke`` fires any events, legal or
not, ``new_order`` begins again, and ``advance`` lets time pass. One machine class is made for
each flow and profile. What breaks is recorded, not raised: the run goes on, and the graph-aware
shrinker takes the failing sequence from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.strategies import random_start, starts, waits
from orderflow.simulator.choices import choices
from orderflow.simulator.scenario import ADVANCE, Act
from orderflow.simulator.space import Edge


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to explore.

    Attributes:
        examples: Random runs for each flow.
        steps: Moves in each run.
        seed: Decides all of them.
    """

    examples: int = 60
    steps: int = 30
    seed: int = 0


HOPS = 3
"""Steps that one ``goto`` walks to."""

BURST = 12
"""Events fired by one ``poke`` at the most. A refused event leaves the order where it was, so
trying several costs little beside the choice of the move itself."""


def machine_for(driver: Driver, visit: Callable[[], None]) -> type[RuleBasedStateMachine]:
    """Return the Hypothesis state machine of one flow and profile.

    Args:
        driver: Plays the moves.
        visit: Called before an order is dropped, to judge it as a whole.
    """
    space = driver.space
    events = space.plan.flow.events
    salts = st.integers(0, 2**32 - 1)

    class Exploration(RuleBasedStateMachine):
        """The moves on one flow."""

        @initialize(start=starts())
        def begin(self, start: Start) -> None:
            """Every run has an order of its own."""
            driver.begin(start)

        @rule(salt=salts)
        def new_order(self, salt: int) -> None:
            """Drop the order and place another one."""
            visit()
            driver.begin(random_start(Random(salt)))

        @rule(salt=salts)
        def goto(self, salt: int) -> None:
            """Walk to a few steps and take them, with a new order where this one cannot go."""
            chance = Random(salt)
            for _ in range(HOPS):
                edge = chance.choice(space.edges)
                path = self.way(edge.source)
                if path is not None:
                    driver.follow((*path, edge), percent=chance.randrange(101))

        def way(self, target: int) -> tuple[Edge, ...] | None:
            """The way to a configuration from here, else from a new order."""
            place = driver.place
            path = None if place is None else space.path(place, target)
            if path is None:
                visit()
                driver.begin(Start(items=driver.start.items))
                path = space.path(0, target)
            return path

        @rule(salt=salts)
        def poke(self, salt: int) -> None:
            """Fire a handful of events where the order stands, until one of them moves it."""
            chance = Random(salt)
            for _ in range(BURST):
                event = chance.choice(events)
                choice = chance.choice(choices(event, driver.simulator.order))
                if driver.act(Act(event, choice, chance.randrange(101))).events:
                    break

        @rule(wait=waits())
        def advance(self, wait: str) -> None:
            """Let time pass."""
            driver.act(Act(ADVANCE, wait))

        def teardown(self) -> None:
            """Judge the last order."""
            visit()

    Exploration.__qualname__ = f"Exploration_{space.plan.flow.name}_{space.plan.flow.profile}"
    return Exploration


def explore(driver: Driver, budget: Budget, visit: Callable[[], None]) -> None:
    """Run the exploration; what breaks is in the driver's troubles at each visit."""
    if budget.examples < 1:
        return
    machine = hypothesis.seed(budget.seed)(machine_for(driver, visit))
    settings = hypothesis.settings(
        max_examples=budget.examples,
        stateful_step_count=budget.steps,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    run_state_machine_as_test(machine, settings=settings)


def simplest_start(fails: Callable[[Start], bool], found: Start, seed: int) -> Start:
    """Let Hypothesis find the simplest order that still fails; *found* if it finds none."""
    settings = hypothesis.settings(
        max_examples=200, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    try:
        return hypothesis.find(
            starts() | st.just(found), fails, settings=settings, random=Random(seed)
        )
    except NoSuchExample:
        return found
