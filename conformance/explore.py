"""Random exploration: Hypothesis drives orders through a flow with four moves.

``goto`` walks the shortest legal way to a step and takes it, ``poke`` fires any events, legal or
not, ``new_order`` begins again, and ``advance`` lets time pass. One machine class is made for
each flow and profile. What breaks is recorded, not raised: the run goes on, and the graph-aware
shrinker takes the failing sequence from there. Whole sales are explored in the same way, with the
moves of :mod:`orderflow.conformance.deal_explore`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import ClassVar, cast
from unittest.mock import patch

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import FlakyFailure, NoSuchExample
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from orderflow.conformance.deal_explore import DealMoves
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.strategies import number, random_start, simpler, starts, waits
from orderflow.conformance.tour import way_from_start
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
        proof: Search every situation exhaustively, too.
    """

    examples: int = 60
    steps: int = 30
    seed: int = 0
    proof: bool = True


BURST = 12
"""Events fired by one ``poke`` at the most. A refused event leaves the order where it was, so
trying several costs little beside the choice of the move itself."""


class Moves:
    """What one move does with the order, given a salt that decides its details.

    Args:
        driver: Plays the moves.
        visit: Called before an order is dropped, to judge it as a whole.
        seed: Seed of the exploration.
    """

    def __init__(self, driver: Driver, visit: Callable[[], None], seed: int = 0) -> None:
        self.driver, self.visit, self.seed = driver, visit, seed
        self.space = driver.space
        self.transitions = tuple(self.space.by_transition)
        self.made = 0

    def chance(self, salt: int) -> Random:
        """Chance for the next move; its number counts, for Hypothesis likes to repeat itself."""
        self.made += 1
        return Random(f"{self.seed} {self.made} {salt}")

    def renew(self, start: Start) -> None:
        """Drop the order and place another one."""
        self.visit()
        self.driver.begin(start)

    def goto(self, chance: Random) -> None:
        """Walk to a transition and take it, with a new order where this one cannot go."""
        edge = chance.choice(self.space.by_transition[chance.choice(self.transitions)])
        path = self._way(edge.source)
        self.driver.follow((*path, edge), percent=chance.randrange(101))

    def _way(self, target: int) -> tuple[Edge, ...]:
        """The way to a configuration from here, else from a new order."""
        place = self.driver.place
        path = None if place is None else self.space.path(place, target)
        if path is not None:
            return path
        root, path = way_from_start(self.space, target)
        self.renew(Start(self.driver.start.items, self.space.orders[root].replaceable))
        return path

    def poke(self, chance: Random) -> None:
        """Fire a handful of events where the order stands, until one of them moves it."""
        driver, events = self.driver, self.space.plan.flow.events
        for _ in range(BURST):
            event = chance.choice(events)
            choice = chance.choice(choices(event, driver.simulator.order))
            if driver.act(Act(event, choice, chance.randrange(101))).events:
                break


class Exploration(RuleBasedStateMachine):
    """The moves as Hypothesis chooses among them; see :func:`machine_for`."""

    moves: ClassVar[Moves]

    @initialize(start=starts())
    def begin(self, start: Start) -> None:
        """Every run has an order of its own."""
        self.moves.driver.begin(start)

    @rule(salt=number(99))
    def new_order(self, salt: int) -> None:
        """Drop the order, and walk to a transition with another one."""
        chance = self.moves.chance(salt)
        self.moves.renew(random_start(chance))
        self.moves.goto(chance)

    @rule(salt=number(99))
    def goto(self, salt: int) -> None:
        """Walk to a transition and take it."""
        self.moves.goto(self.moves.chance(salt))

    @rule(salt=number(99))
    def poke(self, salt: int) -> None:
        """Fire a handful of events."""
        self.moves.poke(self.moves.chance(salt))

    @rule(wait=waits())
    def advance(self, wait: str) -> None:
        """Let time pass."""
        self.moves.driver.act(Act(ADVANCE, wait))

    def teardown(self) -> None:
        """Judge the last order."""
        self.moves.visit()


def machine_for(
    driver: Driver, visit: Callable[[], None], seed: int = 0
) -> type[RuleBasedStateMachine]:
    """Return the Hypothesis state machine of one flow and profile.

    Args:
        driver: Plays the moves.
        visit: Called before an order is dropped, to judge it as a whole.
        seed: Seed of the exploration.
    """
    flow = driver.space.plan.flow
    name = f"Exploration_{flow.name}_{flow.profile}"
    return type(name, (Exploration,), {"moves": Moves(driver, visit, seed)})


def explore(driver: Driver, budget: Budget, visit: Callable[[], None]) -> None:
    """Run the exploration; what breaks is in the driver's troubles at each visit.

    What *visit* or the subject raises comes through.
    """
    _run(machine_for(driver, visit, budget.seed), budget)


class DealExploration(RuleBasedStateMachine):
    """The moves on a sale as Hypothesis chooses among them; see :func:`explore_deal`."""

    moves: ClassVar[DealMoves]

    @initialize(start=starts())
    def begin(self, start: Start) -> None:
        """Every run has a sale of its own."""
        self.moves.renew(start)

    @rule(salt=number(99))
    def new_sale(self, salt: int) -> None:
        """Drop the sale, and walk to a transition with another one."""
        self.moves.new_sale(self.moves.chance(salt))

    @rule(salt=number(99))
    def goto(self, salt: int) -> None:
        """Walk to a transition and take it."""
        self.moves.goto(self.moves.chance(salt))

    @rule(salt=number(99))
    def poke(self, salt: int) -> None:
        """Fire a handful of events."""
        self.moves.poke(self.moves.chance(salt))

    @rule(salt=number(99))
    def deliver(self, salt: int) -> None:
        """Let messages arrive."""
        self.moves.deliver(self.moves.chance(salt))

    @rule(wait=waits())
    def advance(self, wait: str) -> None:
        """Let time pass."""
        self.moves.advance(wait)

    def teardown(self) -> None:
        """Judge the last sale."""
        self.moves.finish()


def explore_deal(moves: DealMoves, budget: Budget) -> None:
    """Do as :func:`explore` with the sales of a deal."""
    deal = moves.driver.ground.deal
    _run(type(f"Exploration_{deal.name}", (DealExploration,), {"moves": moves}), budget)


def _run(machine: type[RuleBasedStateMachine], budget: Budget) -> None:
    if budget.examples < 1:
        return
    settings = _settings(budget.examples, steps=budget.steps, phases=(Phase.generate,))
    try:
        with _by_the_seed_alone():
            run_state_machine_as_test(hypothesis.seed(budget.seed)(machine), settings=settings)
    except FlakyFailure as group:  # repeated by Hypothesis, but no two moves are alike
        raise group.exceptions[0] from None


def simplest_start(fails: Callable[[Start], bool], found: Start, seed: int) -> Start:
    """Let Hypothesis find the simplest order that still fails; *found* if it finds none."""
    settings = _settings(200, phases=(Phase.generate, Phase.shrink))
    try:
        with _by_the_seed_alone():
            return hypothesis.find(simpler(found), fails, settings=settings, random=Random(seed))
    except NoSuchExample:
        return found


@contextmanager
def _by_the_seed_alone() -> Iterator[None]:
    """Keep Hypothesis from drawing numbers that it finds in the source of loaded modules.

    It does so for one number in twenty, even where it chooses among rules, and the same seed would
    give other runs in a test suite than on a command line.
    """
    name = "_maybe_draw_constant"  # a version without it has no such numbers
    if not hasattr(HypothesisProvider, name):
        yield
        return
    with patch.object(HypothesisProvider, name, lambda *_, **__: None):
        yield


def _settings(examples: int, *, steps: int = 1, phases: tuple[Phase, ...]) -> hypothesis.settings:
    """Every setting that matters by value: none may come from the profile of somebody's tests."""
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        backend="hypothesis",
        suppress_health_check=tuple(cast("Iterable[HealthCheck]", HealthCheck)),  # all of them
        verbosity=hypothesis.Verbosity.quiet,
    )
