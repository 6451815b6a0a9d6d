"""Checks a flow: tours, random runs, the exhaustive search, and what they found, summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.drive import Driver, Start, Trouble
from orderflow.conformance.explore import Budget, explore
from orderflow.conformance.failure import failure_of
from orderflow.conformance.prove import Proof, prove
from orderflow.conformance.reach import reach_of
from orderflow.conformance.scenarios import cover_command
from orderflow.conformance.shrink import Acts
from orderflow.conformance.tour import PairTour, illegal_tour, pairs_of
from orderflow.conformance.vector_of import dimensions
from orderflow.conformance.verdict import (
    Failure,
    FlowVerdict,
    Never,
    ProofFigures,
)
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.space import Space, search

MOST_FAILURES = 40
"""Distinct failures of one flow that are shrunk and shown; of the others there is but a count."""

_LEFT_FINAL = frozenset({"A-12", "A-13", "A-14", "A-16", "A-17", "A-55"})
"""Rules that say of the bundled flows what I-06 says of every flow."""

Progress = Callable[[str], None]
"""Told in a few words what is going on."""


@dataclass(slots=True)
class Sighting:
    """One distinct trouble and the shortest run that showed it.

    Attributes:
        trouble: What broke.
        acts: The run.
        start: How its order began.
        seen: How often it was met.
    """

    trouble: Trouble
    acts: Acts
    start: Start
    seen: int = 0


@dataclass(slots=True)
class Sightings:
    """Collects troubles by identity, keeping the shortest run of each."""

    found: dict[tuple[str, str], Sighting] = field(default_factory=dict)

    def visit(self, driver: Driver) -> None:
        """Judge the driver's order as a whole and note everything that broke on it."""
        driver.judge()
        if not driver.troubles:
            return
        acts = tuple(done.act for done in driver.done)
        for trouble in driver.troubles:
            known = self.found.get(trouble.identity)
            if known is None:
                known = self.found[trouble.identity] = Sighting(trouble, acts, driver.start)
            elif len(acts) < len(known.acts):
                known.trouble, known.acts, known.start = trouble, acts, driver.start
            known.seen += 1

    def add(self, proof: Proof, space: Space) -> None:
        """Note what an exhaustive search found wrong."""
        transitions = space.plan.flow.transition
        for found in proof.counterexamples:
            step = transitions[found.transition]
            cell = (step.source, step.event)
            trouble = Trouble(
                found.rule,
                found.severity,
                found.transition,
                cell,
                len(found.acts) - 1,
                found.observed,
                found.expected,
            )
            known = self.found.get(trouble.identity)
            if known is None or len(found.acts) < len(known.acts):
                start = Start(replaceable=space.orders[found.root].replaceable)
                seen = known.seen if known else 0
                self.found[trouble.identity] = Sighting(trouble, found.acts, start, seen + 1)

    def without_echoes(self) -> list[Sighting]:
        """What was met, without an invariant that only repeats what a rule says there."""
        left = {s.trouble.transition for s in self.found.values() if s.trouble.rule in _LEFT_FINAL}
        return [
            sighting
            for sighting in self.found.values()
            if sighting.trouble.rule != "I-06" or sighting.trouble.transition not in left
        ]


def quiet(_: str) -> None:
    """Tell nobody."""


def check_flow(
    flow: Flow,
    budget: Budget,
    settings: Settings,
    *,
    reference: str | None = None,
    others: Iterable[Flow] = (),
    progress: Progress = quiet,
) -> tuple[FlowVerdict, tuple[Failure, ...]]:
    """Check one profile of one flow.

    Args:
        flow: The viewed flow.
        budget: How long to explore at random.
        settings: Time limits.
        reference: How a command line names the flow; its name when None.
        others: The flow as other profiles see it, which are searched exhaustively and no more.
        progress: Told what is going on.
    """
    named = reference or flow.name
    progress(f"{flow.name}: finding every situation an order can be in")
    space = search(flow, settings)
    driver, sightings = Driver(space, settings), Sightings()

    def visit() -> None:
        sightings.visit(driver)

    progress(f"{flow.name}: every pair of transitions")
    PairTour(driver, visit).run()
    progress(f"{flow.name}: every illegal event in every status")
    illegal_tour(driver, visit)
    progress(f"{flow.name}: {budget.examples} random runs of {budget.steps} moves")
    explore(driver, budget, visit)
    proof = None
    if budget.proof:
        progress(f"{flow.name}: every situation, one by one")
        proof = prove(space, settings)
        sightings.add(proof, space)
    broken = sightings.without_echoes()
    failures = _failures(broken, space, settings, named, progress)
    left_out = len(broken) - len(failures)
    verdict = flow_verdict(driver.coverage, space, settings, named, left_out=left_out)
    if proof is None:
        return verdict, failures
    elsewhere = []
    for other in others:
        figures, found = _searched(other, settings, named, sightings, progress)
        elsewhere.append((str(other.profile), figures))
        failures += found
    return replace(verdict, proof=_figures(proof), elsewhere=tuple(elsewhere)), failures


def _searched(
    flow: Flow, settings: Settings, named: str, known: Sightings, progress: Progress
) -> tuple[ProofFigures, tuple[Failure, ...]]:
    """Search another profile of a flow; tell the errors that are not *known* already."""
    progress(f"{flow.name}: every situation in the {flow.profile} profile")
    space, sightings = search(flow, settings), Sightings()
    proof = prove(space, settings)
    sightings.add(proof, space)
    new = [
        each
        for each in sightings.without_echoes()
        if each.trouble.severity == "error" and each.trouble.identity not in known.found
    ]
    return _figures(proof), _failures(new, space, settings, named, progress)


def _figures(proof: Proof) -> ProofFigures:
    return ProofFigures(proof.situations, proof.steps, proof.depth, proof.complete, proof.stuck)


def _failures(
    broken: list[Sighting], space: Space, settings: Settings, named: str, progress: Progress
) -> tuple[Failure, ...]:
    ordered = sorted(broken, key=lambda s: (s.trouble.severity != "error", len(s.acts)))
    found = []
    for number, sighting in enumerate(ordered[:MOST_FAILURES], 1):
        progress(f"{space.plan.flow.name}: shrinking failure {number} of {len(ordered)}")
        found.append(failure_of(sighting, space, settings, named))
    return tuple(sorted(found, key=_headline_first))


def _headline_first(failure: Failure) -> tuple[bool, int, str, str]:
    """Errors first; then causes before what follows from them, which takes more steps to show."""
    return (failure.severity != "error", len(failure.trace), failure.rule, failure.transition)


def flow_verdict(
    coverage: Coverage, space: Space, settings: Settings, named: str, *, left_out: int = 0
) -> FlowVerdict:
    """What a run exercised of a flow, without what it found wrong.

    Args:
        coverage: What it exercised.
        space: The flow's configurations.
        settings: Time limits.
        named: How a command line names the flow.
        left_out: Distinct failures beyond those that are shown.
    """
    flow = space.plan.flow
    pairs = pairs_of(space)
    return FlowVerdict(
        name=flow.name,
        title=flow.title,
        profile=str(flow.profile),
        digest=flow.digest,
        source=named,
        transitions=tuple((s.id, coverage.transitions[s.id]) for s in flow.transitions),
        states=tuple((s.name, coverage.states[s.name]) for s in flow.states),
        pairs=sum(1 for pair in pairs if coverage.pairs[pair]),
        pairs_total=len(pairs),
        cells=coverage.cells(flow),
        guards=tuple(
            (s.id, name, *reversed(coverage.guards.get((s.id, name), [0, 0])))  # type: ignore[misc]
            for s in flow.transitions
            for name in s.when
        ),
        triggers=tuple(sorted(coverage.triggers.items())),
        actors=tuple(sorted(coverage.actors.items())),
        orders=coverage.orders,
        steps=coverage.steps,
        refused=sum(coverage.refused.values()),
        never=_never(coverage, space, settings, named),
        modules=flow.modules,
        rules=coverage.evaluated(),
        left_out=left_out,
        missing=coverage.unjudged(),
        vector=dimensions(coverage, reach_of(space)),
    )


def _never(coverage: Coverage, space: Space, settings: Settings, named: str) -> tuple[Never, ...]:
    found = []
    reached = {order.status for order in space.orders}
    for step in space.plan.flow.transitions:
        if coverage.transitions[step.id]:
            continue
        if step.id in space.by_transition:
            command = cover_command(space, step.id, named, settings)
            found.append(Never(step.id, "budget", command))
        elif step.source in reached and (step.when or step.held):
            found.append(Never(step.id, "guard never true", ""))
        else:
            found.append(Never(step.id, "unreachable", ""))
    return tuple(found)
