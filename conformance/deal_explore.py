"""What exploration does with a sale: planned tours, and the moves that chance picks.

``goto`` walks a shortest way to a transition of some participant, ``poke`` fires any events at any
participant, ``deliver`` lets messages arrive, ``new_sale`` begins again. Faults of messages are
acts like any other, so a run replays from its acts. The Hypothesis side is
:mod:`orderflow.conformance.explore`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from orderflow.conformance.deal_drive import AnyAct, DealDriver
from orderflow.conformance.deal_ways import Goal, Way, Ways
from orderflow.conformance.drive import Start
from orderflow.simulator.choices import choices
from orderflow.simulator.deal_scenario import SETTLE, Carry, DealAct, Fate
from orderflow.simulator.product import Step
from orderflow.simulator.scenario import ADVANCE, Act

BURST = 6
"""Events fired by one ``poke`` at the most."""

FAULTS = ("delayed", "doubled", "lost", "reordered")
"""What may go wrong with messages."""

_USUAL_PERCENT = 50

_VARIANTS = 4
"""Ways that a tour tries before it gives a transition up."""

_FAR, _FITTING, _SETTLES = 20, 50, 25
"""Of a hundred times: a walk begins anew, a poked event is one that the flow takes there,
everything under way arrives."""

_SPARED = 8
"""Before a fault so many messages of a sale arrive as they should, or fewer."""

Visit = Callable[[], None]
"""Called before a sale is dropped, to judge it as a whole."""

Mishap = Callable[[Carry], AnyAct]
"""Returns what becomes of a message that was to arrive."""


def act_of(step: Step, percent: int = _USUAL_PERCENT) -> AnyAct:
    """A step of a search as an act."""
    if not step.sender:
        return DealAct(step.participant, Act(step.event, step.choice, percent))
    fate: Fate = "lost" if step.fate == "lost" else "doubled" if step.fate == "doubled" else ""
    place = step.place if fate == "lost" else step.ready
    return Carry(step.sender, step.participant, place, fate)


class Walk:
    """Follows a way of the search in a real sale.

    There some things happen by themselves, such as news that travels in no time, and time limits
    that are over while another one is waited for; the search has steps for them, too.

    Args:
        driver: Plays the acts.
        percent: Where amounts lie in their range.
        mishap: What becomes of messages; nothing when None.
    """

    def __init__(
        self, driver: DealDriver, percent: int = _USUAL_PERCENT, mishap: Mishap | None = None
    ) -> None:
        self.driver, self.percent, self.mishap = driver, percent, mishap
        self._taken = Counter(driver.taken)
        self._arrived = Counter(driver.arrived)

    def follow(self, way: Way, *, stubborn: bool = False) -> bool:
        """Walk; stop and return False where the sale does not follow.

        Args:
            way: Where to go.
            stubborn: Do not stop, but do whatever of the rest can be done.
        """
        steps = (self._step(step) for step in way)
        return all([*steps]) if stubborn else all(steps)

    def _step(self, step: Step) -> bool:
        goals = [(step.participant, name) for name in step.taken]
        channel = (step.sender, step.participant)
        arrives = bool(step.sender) and step.fate != "lost"
        if arrives:
            self._arrived[channel] += 1
            happened = self.driver.arrived[channel] >= self._arrived[channel]
        else:
            happened = bool(goals) and self.driver.taken[goals[0]] > self._taken[goals[0]]
        for goal in goals:
            self._taken[goal] += 1
        if happened:
            return True
        act = act_of(step, self.percent)
        if self.mishap is not None and isinstance(act, Carry):
            act = self.mishap(act)
        if self.driver.act(act).refused is not None:
            return False
        return all(self.driver.taken[goal] >= self._taken[goal] for goal in goals)


def deal_tour(driver: DealDriver, ways: Ways, visit: Visit) -> None:
    """Take every transition of every participant at least once, as far as a real sale can."""
    taken = driver.coverage.transitions
    for goal in ways.goals:
        for variant in range(_VARIANTS):
            if taken[goal]:
                break
            way = ways.from_start(goal, variant.__mod__)
            driver.begin()
            if way is not None:
                Walk(driver).follow(way)
            driver.act(DealAct("", Act(SETTLE)))
            visit()


class DealMoves:
    """What one move does with a sale, given a salt that decides its details.

    Args:
        driver: Plays the moves.
        ways: Ways through the deal.
        visit: Called before a sale is dropped, to judge it as a whole.
        draw: Draws how a sale begins.
        seed: Seed of the exploration.
        faults: What may go wrong with messages, at most once in a sale; see :data:`FAULTS`.
    """

    def __init__(
        self,
        driver: DealDriver,
        ways: Ways,
        visit: Visit,
        draw: Callable[[Random], Start],
        seed: int = 0,
        faults: frozenset[str] = frozenset(),
    ) -> None:
        self.driver, self.ways, self.visit, self.draw, self.seed = driver, ways, visit, draw, seed
        self.faults = tuple(sorted(faults - {"delayed"}))  # a delay is a setting, not an act
        self.names = driver.ground.deal.names
        self.made = 0
        self._faulty = False
        self._spared = 0

    def chance(self, salt: int) -> Random:
        """Chance for the next move; its number counts, for Hypothesis likes to repeat itself."""
        self.made += 1
        return Random(f"{self.seed} {self.made} {salt}")

    def renew(self, start: Start) -> None:
        """Drop the sale and begin another one."""
        self.finish()
        self.driver.begin(start)
        self._faulty = False
        self._spared = self.chance(0).randrange(_SPARED) if self.faults else 0

    def finish(self) -> None:
        """Let the news of the sale arrive, so that every rule can be asked, and judge it."""
        if self.driver.simulator.mailbox:
            self.driver.act(DealAct("", Act(SETTLE)))
        self.visit()

    def new_sale(self, chance: Random) -> None:
        """Begin anew and walk to any transition."""
        self.renew(self.draw(chance))
        goal = chance.choice(self.ways.goals)
        self._walk(self.ways.from_start(goal, chance.randrange), chance)

    def goto(self, chance: Random) -> None:
        """Walk to a transition and take it, in a new sale where this one cannot go."""
        around = {} if chance.randrange(99) < _FAR else self._around()
        if not around and self._faulty and self.driver.simulator.mailbox:
            self.poke(chance)  # nobody knows the way from here
            return
        if not around:
            self.new_sale(chance)
            return
        goal: Goal = chance.choice(tuple(around))
        self._walk(around[goal], chance)

    def _around(self) -> dict[Goal, Way]:
        driver = self.driver
        if driver.simulator.mailbox:
            driver.act(DealAct("", Act(SETTLE)))
        watched = driver.watched
        here = self.ways.here(driver.simulator, lambda name, order: watched[name].place_of(order))
        return self.ways.near(here) if here >= 0 else {}

    def _walk(self, way: Way | None, chance: Random) -> None:
        def mishap(carry: Carry) -> AnyAct:
            return self._befallen(carry, chance)

        if way is not None:
            walk = Walk(self.driver, chance.randrange(101), mishap if self.faults else None)
            walk.follow(way, stubborn=bool(self.faults))

    def poke(self, chance: Random) -> None:
        """Fire a handful of events at whomever, until one of them moves its document."""
        driver = self.driver
        for _ in range(BURST):
            name = chance.choice(self.names)
            simulator = driver.simulator.simulators[name]
            events = simulator.flow.events
            if chance.randrange(99) < _FITTING:
                events = simulator.accepts() or events
            event = chance.choice(events)
            choice = chance.choice(choices(event, simulator.order))
            if driver.act(DealAct(name, Act(event, choice, chance.randrange(101)))).moved:
                break

    def deliver(self, chance: Random) -> None:
        """Let the next message of some way arrive, or everything that can."""
        driver = self.driver
        ways = tuple(dict.fromkeys(each.channel for each in driver.simulator.mailbox))
        if not ways:
            ways = (chance.choice(driver.ground.deal.channels),)  # refused, as it must be
        elif chance.randrange(99) < _SETTLES:
            driver.act(DealAct("", Act(SETTLE)))
            return
        driver.act(self._befallen(Carry(*chance.choice(ways)), chance))

    def _befallen(self, carry: Carry, chance: Random) -> AnyAct:
        """The same delivery, or what a fault makes of it."""
        if not self.faults or self._faulty:
            return carry
        if self._spared:
            self._spared -= 1
            return carry
        ready = [
            each
            for each in self.driver.simulator.deliverable()
            if each.channel == (carry.sender, carry.receiver)
        ]
        if not ready:
            return carry
        fault = chance.choice(self.faults)
        if fault == "reordered" and len(ready) < 2:  # noqa: PLR2004  # nothing to overtake
            return carry
        self._faulty = True
        if fault == "reordered":
            return Carry(carry.sender, carry.receiver, chance.randrange(1, len(ready)))
        return Carry(carry.sender, carry.receiver, 0, "lost" if fault == "lost" else "doubled")

    def advance(self, wait: str) -> None:
        """Let time pass."""
        self.driver.act(DealAct("", Act(ADVANCE, wait)))
