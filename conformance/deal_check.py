"""Checks a deal: a tour, random sales, the exhaustive search, and what they found, summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from orderflow.conformance.deal_drive import DealDriver, Identity
from orderflow.conformance.deal_explore import FAULTS, DealMoves, deal_tour
from orderflow.conformance.deal_failure import DealSighting, failure_of_deal, sighting_of
from orderflow.conformance.deal_observe import Ground, ground_of
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.explore import Budget, explore_deal
from orderflow.conformance.faulty import NEWS
from orderflow.conformance.prove_deal import (
    MOST_CONFIGURATIONS,
    NO_SALE,
    STANDSTILL,
    DealSearch,
    prove_deal,
    silent,
)
from orderflow.conformance.scenarios import view_of
from orderflow.conformance.strategies import random_start
from orderflow.conformance.verdict import DealProof, DealVerdict, Failure
from orderflow.flows.deal import Deal
from orderflow.flows.settings import Settings

MOST_FAILURES = 40
"""Distinct failures of one deal that are shrunk and shown; of the others there is but a count."""

Progress = Callable[[str], None]
"""Told in a few words what is going on."""

SHARE, FAULTY_SHARE = 2, 4
"""A sale is several orders and as much work: of the runs asked for a deal gets one in so many,
and each fault of its messages one in so many."""

NEAREST = 300_000
"""Configurations visited with a fault: what breaks at all breaks soon, and there are millions."""

LATE = 2_700
"""Seconds that messages travel when they are delayed: longer than it takes to cancel freely."""


@dataclass(slots=True)
class DealSightings:
    """Collects troubles by identity, keeping the shortest sale of each.

    Attributes:
        fault: What is switched on, empty for nothing.
        found: What broke.
    """

    fault: str = ""
    found: dict[Identity, DealSighting] = field(default_factory=dict)

    def visit(self, driver: DealDriver) -> None:
        """Judge the driver's sale as a whole and note everything that broke in it."""
        driver.judge()
        for trouble in driver.troubles:
            acts = tuple(done.act for done in driver.done[: trouble.act])
            self.add(DealSighting(trouble, acts, driver.start, 1, self.fault))

    def add(self, sighting: DealSighting) -> None:
        """Note one that was met."""
        identity = sighting.trouble.identity
        known = self.found.get(identity)
        if known is not None:
            sighting.seen += known.seen
            if len(known.acts) <= len(sighting.acts):
                known.seen = sighting.seen
                return
        self.found[identity] = sighting


def _quiet(_: str) -> None:
    pass


def check_deal(
    deal: Deal,
    budget: Budget,
    settings: Settings,
    *,
    reference: str | None = None,
    progress: Progress = _quiet,
    faults: frozenset[str] = frozenset(),
) -> tuple[DealVerdict, tuple[Failure, ...]]:
    """Check one profile of one deal.

    Args:
        deal: The viewed deal.
        budget: How long to explore at random.
        settings: Time limits.
        reference: How a command line names the deal; its name when None.
        progress: Told what is going on.
        faults: What may go wrong with messages, one at a time; see
            :data:`orderflow.conformance.deal_explore.FAULTS`.

    Raises:
        ValueError: There is no such fault.
        SpaceError: The configurations of one of the flows cannot be searched.
        ProductError: Those of the deal cannot be.
    """
    unknown = sorted(faults - {*FAULTS})
    if unknown:
        raise ValueError(f"no fault is called {unknown[0]!r}; known: {', '.join(FAULTS)}")
    work = _Check(deal, budget, settings, progress)
    work.run("")
    for fault in sorted(faults):
        work.run(fault)
    failures = work.failures(reference or deal.name)
    return work.verdict(reference or deal.name), failures


class _Check:
    """The state of one check."""

    def __init__(self, deal: Deal, budget: Budget, settings: Settings, progress: Progress) -> None:
        self.deal, self.budget = deal, budget
        self.progress: Progress = lambda text: progress(f"{deal.name}: {text}")
        self.progress("finding every situation its orders can be in")
        self.ground = ground_of(deal, settings)
        self.ways = Ways(self.ground)
        self.driver = DealDriver(self.ground)
        self.sightings: list[tuple[Ground, DealSightings]] = []
        self.proofs: list[DealProof] = []
        self.searched: DealSearch | None = None

    def run(self, fault: str) -> None:
        """Tour, explore and search, with a fault or without."""
        told, ground = f" with messages {fault}" if fault else "", self.ground
        if fault == "delayed":
            settings = ground.settings.override({"message_delay": LATE})
            ground = ground_of(self.deal, settings, spaces=ground.spaces)
        sightings = DealSightings(fault)
        self.sightings.append((ground, sightings))
        driver = DealDriver(ground) if fault else self.driver
        if not fault:
            self.progress("every transition of every participant")
            deal_tour(driver, self.ways, lambda: sightings.visit(driver))
        budget = self.budget
        runs = -(-budget.examples // (FAULTY_SHARE if fault else SHARE))
        self.progress(f"{runs} random runs of {budget.steps} moves{told}")
        chance = {fault} if fault else set()
        moves = DealMoves(
            driver,
            self.ways,
            lambda: sightings.visit(driver),
            random_start,
            budget.seed,
            frozenset(chance),
        )
        explore_deal(moves, replace(budget, examples=runs))
        if budget.proof:
            self._prove(fault, ground, sightings)

    def _prove(self, fault: str, ground: Ground, sightings: DealSightings) -> None:
        self.progress("every situation, one by one" + (f", messages {fault}" if fault else ""))
        search = self._search(fault, prompt=bool(fault))
        self.proofs.append(proof_of(search, fault))
        self.searched = self.searched or search
        found = {(each.rule, each.upper, each.lower): each for each in search.divergences}
        if found and not fault:  # of two ways to the same, one that can be played
            played = self._search(fault, prompt=True).divergences
            found |= {(each.rule, each.upper, each.lower): each for each in played}
        for divergence in found.values():
            sightings.add(sighting_of(divergence, ground, fault))

    def _search(self, fault: str, *, prompt: bool) -> DealSearch:
        return prove_deal(
            self.deal,
            self.ground.settings,
            faults=NEWS[fault],
            spaces=self.ground.spaces,
            prompt=prompt,
            limit=NEAREST if fault else MOST_CONFIGURATIONS,
            progress=self.progress,
        )

    def _broken(self) -> list[tuple[Ground, DealSighting]]:
        """What was met, the shortest first; with a fault only what does not happen without it."""
        usual = set(self.sightings[0][1].found)
        found = [
            (ground, sighting)
            for ground, sightings in self.sightings
            for identity, sighting in sightings.found.items()
            if not sightings.fault or identity not in usual
        ]
        return sorted(
            found,
            key=lambda each: (each[1].trouble.severity != "error", len(each[1].acts)),
        )

    def failures(self, named: str) -> tuple[Failure, ...]:
        """Shrink and tell what broke, up to as many as a report shows."""
        broken = self._broken()
        found = []
        for number, (ground, sighting) in enumerate(broken[:MOST_FAILURES], 1):
            self.progress(f"shrinking failure {number} of {len(broken)}")
            found.append(failure_of_deal(sighting, ground, self.ways, named))
        return tuple(sorted(_distinct(found), key=_headline_first))

    def _silent(self) -> tuple[tuple[str, str, str], ...]:
        """What no sale can do, and why; what the search left out and a sale did is not among it."""
        if self.searched is None:
            return ()
        taken = self.driver.coverage.transitions
        every = silent(self.deal, self.searched)
        return tuple(each for each in every if not taken[each[0], each[1]])

    def verdict(self, named: str) -> DealVerdict:
        """Sum up."""
        deal, coverage = self.deal, self.driver.coverage
        return DealVerdict(
            name=deal.name,
            title=deal.title,
            digest=deal.digest,
            source=named,
            profile=str(view_of(deal)[0]),
            participants=tuple((each.name, each.flow.name) for each in deal.participants),
            pairs=tuple((each.below, each.name) for each in deal.participants if each.below),
            transitions=tuple(
                (each.name, step.id, coverage.transitions[each.name, step.id])
                for each in deal.participants
                for step in each.flow.transitions
            ),
            silent=self._silent(),
            links=tuple((link.id, coverage.links[link.id]) for link in deal.links),
            deals=coverage.deals,
            steps=coverage.steps,
            delivered=coverage.delivered,
            rules=coverage.evaluated(),
            missing=coverage.unjudged(),
            proofs=tuple(self.proofs),
            left_out=max(len(self._broken()) - MOST_FAILURES, 0),
        )


def _distinct(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Each identity once for each fault."""
    found: dict[tuple[str, str], Failure] = {}
    for each in failures:
        found.setdefault((each.identity, each.fault), each)
    return tuple(found.values())


def _headline_first(failure: Failure) -> tuple[bool, bool, int, str, str]:
    """Errors first, then what needs no fault; then causes before what follows from them."""
    weight = len(failure.trace)
    mild = failure.severity != "error"
    return (mild, bool(failure.fault), weight, failure.rule, failure.identity)


def proof_of(search: DealSearch, fault: str = "") -> DealProof:
    """What a search shows, as a report tells it.

    Args:
        search: The search.
        fault: Name of the fault that was switched on, empty for none.
    """
    fails: dict[str, int] = {}
    for divergence in search.divergences:
        fails.setdefault(divergence.rule, len(divergence.steps))
    asked = (*search.properties, *((STANDSTILL, NO_SALE) if search.complete else ()))
    return DealProof(
        fault=fault,
        configurations=search.configurations,
        edges=search.edges,
        depth=search.depth,
        complete=search.complete,
        holds=tuple(rule for rule in asked if rule not in fails),
        fails=tuple(fails.items()),
    )
