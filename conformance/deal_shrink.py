"""Makes a failing sale short: shortest ways, fewer acts, plain amounts, nothing needless.

A sale has more to shrink than an order: whole participants, waits that hide what arrived in them,
faults that do not matter, and acts of which it does not matter who goes first.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.deal_drive import (
    AnyAct,
    DealDriver,
    Identity,
    deal_trouble_in,
    run_deal,
)
from orderflow.conformance.deal_explore import Walk
from orderflow.conformance.deal_observe import Ground
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.drive import Start
from orderflow.conformance.rules import DEAL_RULES
from orderflow.simulator.deal_scenario import SETTLE, Carry, DealAct
from orderflow.simulator.message import DealEvent, Delivery
from orderflow.simulator.scenario import ADVANCE, Act

DealActs = tuple[AnyAct, ...]

MOST_RUNS = 800
"""Sales played after which a shrink settles for what it has."""

_ON_SALES = frozenset(rule.id for rule in DEAL_RULES)


class DealShrinker:
    """Shrinks one failing sale.

    Args:
        ground: What the sales of the deal share.
        ways: Ways through the deal.
        identity: What the short sale must still break.
        start: How the orders begin.

    Attributes:
        runs: Sales played.
    """

    def __init__(self, ground: Ground, ways: Ways, identity: Identity, start: Start) -> None:
        self.ground, self.ways, self.identity, self.start = ground, ways, identity, start
        self.runs = 0
        self._known: dict[DealActs, bool] = {}

    def fails(self, acts: DealActs) -> bool:
        """Whether *acts* still break the same rule at the same transition."""
        known = self._known.get(acts)
        if known is None:
            if self.runs >= MOST_RUNS:
                return False
            self.runs += 1
            known = self._known[acts] = deal_trouble_in(self._run(acts), self.identity) is not None
        return known

    def _run(self, acts: DealActs) -> DealDriver:
        return run_deal(self.ground, acts, self.start, alone=self.identity[0] not in _ON_SALES)

    def shrink(self, acts: DealActs) -> DealActs:
        """Return the shortest failing sale this finds; *acts* itself must fail."""
        acts = self._or(acts, without_refused(self._run(acts)))
        acts = self._or(acts, tuple(_plain(act) for act in acts))
        acts = self._cut_end(acts)
        acts = self._or(acts, unfolded(self._run(acts)))
        while True:
            before = acts
            acts = self._first(acts, self._short_cuts(acts))
            acts = self._first(acts, self._without_one(acts))
            acts = self._cut_end(self._fewer(acts))
            if len(acts) >= len(before):
                break
        acts = self._without_faults(acts)
        return self._fewer(self._ordered(acts))

    def _or(self, acts: DealActs, other: DealActs) -> DealActs:
        """*other* if it is not the same and fails as well."""
        return other if other and other != acts and self.fails(other) else acts

    def _first(self, acts: DealActs, offers: Iterator[DealActs]) -> DealActs:
        """The first of some shorter offers that fails, else *acts*."""
        shorter = (offer for offer in offers if len(offer) < len(acts))
        return next((offer for offer in shorter if self.fails(offer)), acts)

    def _cut_end(self, acts: DealActs) -> DealActs:
        """Drop what follows the act at which it showed."""
        trouble = deal_trouble_in(self._run(acts), self.identity)
        return self._or(acts, acts[: trouble.act]) if trouble else acts

    def _short_cuts(self, acts: DealActs) -> Iterator[DealActs]:
        """Come the shortest way to some later moment at which nothing is under way."""
        driver = DealDriver(self.ground, judged=False)
        driver.begin(self.start)
        moments: list[tuple[int, int]] = []
        for count, act in enumerate(acts, 1):
            driver.act(act)
            here = self.ways.here(driver.simulator, lambda n, o: driver.watched[n].place_of(o))
            if here in self.ways.search.numbers:
                moments.append((count, self.ways.search.numbers[here]))
        for count, number in reversed(moments):
            walker = DealDriver(self.ground, judged=False)
            walker.begin(self.start)
            if Walk(walker).follow(self.ways.search.way(number)):
                yield (*(done.act for done in walker.done), *acts[count:])

    def _without_one(self, acts: DealActs) -> Iterator[DealActs]:
        """Leave one participant out, from the beginning or from half-way."""
        for name in reversed(self.ground.deal.names):
            own = [place for place, act in enumerate(acts) if name in _parties(act)]
            for kept in (0, len(own) // 2):
                gone = set(own[kept:])
                yield tuple(act for place, act in enumerate(acts) if place not in gone)

    def _fewer(self, acts: DealActs) -> DealActs:
        """Leave out stretches, long ones first, until no single act can be left out."""
        size = max(len(acts) // 2, 1)
        while size:
            place, dropped = 0, False
            while place < len(acts):
                offer = acts[:place] + acts[place + size :]
                if offer and self.fails(offer):
                    acts, dropped = offer, True
                else:
                    place += 1 if size <= _SHORT else size
            if not dropped or size > 1:
                size = size // 2 if size > 2 * _SHORT else size - 1
        return acts

    def _without_faults(self, acts: DealActs) -> DealActs:
        for place, act in enumerate(acts):
            if isinstance(act, Carry) and (act.fate or act.position):
                usual: AnyAct = Carry(act.sender, act.receiver)
                acts = self._or(acts, (*acts[:place], usual, *acts[place + 1 :]))
        return acts

    def _ordered(self, acts: DealActs) -> DealActs:
        """Where it does not matter who goes first, let the upper participants do."""
        names = self.ground.deal.names
        rank = {name: number for number, name in enumerate(names)}
        swapped = True
        while swapped:
            swapped = False
            for place in range(len(acts) - 1):
                ranks = [rank.get(_actor(act), -1) for act in acts[place : place + 2]]
                if -1 in ranks or ranks[0] <= ranks[1]:
                    continue
                pair = (acts[place + 1], acts[place])
                offer = (*acts[:place], *pair, *acts[place + 2 :])
                if self.fails(offer):
                    acts, swapped = offer, True
        return acts


_SHORT = 4
"""Stretches of so many acts and fewer are tried at every place."""


def _plain(act: AnyAct) -> AnyAct:
    """The same with the usual amounts."""
    if isinstance(act, Carry):
        return act
    return DealAct(act.participant, Act(act.act.event, act.act.choice))


def _actor(act: AnyAct) -> str:
    return act.receiver if isinstance(act, Carry) else act.participant


def _parties(act: AnyAct) -> tuple[str, ...]:
    return (act.sender, act.receiver) if isinstance(act, Carry) else (act.participant,)


def without_refused(driver: DealDriver) -> DealActs:
    """What was done to a sale, without what was refused."""
    return tuple(done.act for done in driver.done if done.refused is None)


def unfolded(driver: DealDriver) -> DealActs:
    """What was done to a sale, with everything that came of waiting as an act of its own."""
    found: list[AnyAct] = []
    for done in driver.done:
        if isinstance(done.act, Carry) or done.act.act.event not in {ADVANCE, SETTLE}:
            found.append(done.act)
            continue
        for entry in done.log:
            if isinstance(entry, Delivery):
                found.append(Carry(*entry.message.channel))
            elif isinstance(entry, DealEvent) and entry.event.cause == "timer":
                found.append(DealAct(entry.participant, Act(entry.event.event)))
    return tuple(found)
