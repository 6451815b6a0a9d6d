"""The main job: drive flows and deals through tours and exploration, judge, shrink, and sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version

from orderflow.conformance.drive import Driver, Start, Trouble
from orderflow.conformance.explore import Budget, explore
from orderflow.conformance.failure import failure_of
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.prove import Proof, prove
from orderflow.conformance.rules import DEAL_RULES, RULES
from orderflow.conformance.scenarios import changed, cover_command
from orderflow.conformance.shrink import Acts
from orderflow.conformance.tour import PairTour, illegal_tour, pairs_of
from orderflow.conformance.verdict import (
    DealVerdict,
    Failure,
    FlowVerdict,
    Never,
    ProofFigures,
    Verdict,
)
from orderflow.flows.deal import Deal
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.space import Space, search

MOST_FAILURES = 40
"""Distinct failures of one flow that are shrunk and shown; of the others there is but a count."""

_EVERY_RULE = (*sorted((*RULES, *(rule.id for rule in DEAL_RULES))), *INVARIANTS)
"""Ids of all rules and invariants, in the order in which they are told."""

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


def _quiet(_: str) -> None:
    pass


def check_flow(
    flow: Flow,
    budget: Budget,
    settings: Settings,
    *,
    reference: str | None = None,
    progress: Progress = _quiet,
) -> tuple[FlowVerdict, tuple[Failure, ...]]:
    """Check one profile of one flow.

    Args:
        flow: The viewed flow.
        budget: How long to explore at random.
        settings: Time limits.
        reference: How a command line names the flow; its name when None.
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
    verdict = _flow_verdict(driver, named, len(broken) - len(failures))
    return (replace(verdict, proof=_figures(proof)) if proof else verdict), failures


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


def _flow_verdict(driver: Driver, named: str, left_out: int) -> FlowVerdict:
    coverage, flow = driver.coverage, driver.space.plan.flow
    pairs = pairs_of(driver.space)
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
        never=_never(driver, named),
        modules=flow.modules,
        rules=coverage.evaluated(),
        left_out=left_out,
        missing=coverage.unjudged(),
    )


def _never(driver: Driver, named: str) -> tuple[Never, ...]:
    found, space = [], driver.space
    reached = {order.status for order in space.orders}
    for step in space.plan.flow.transitions:
        if driver.coverage.transitions[step.id]:
            continue
        if step.id in space.by_transition:
            command = cover_command(space, step.id, named, driver.settings)
            found.append(Never(step.id, "budget", command))
        elif step.source in reached and (step.when or step.held):
            found.append(Never(step.id, "guard never true", ""))
        else:
            found.append(Never(step.id, "unreachable", ""))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Subject:
    """One flow to check.

    Attributes:
        flow: The viewed flow.
        reference: How a command line names it.
        fault: Name of the fault to look for in it, empty for a check without any.
    """

    flow: Flow
    reference: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DealSubject:
    """One deal to check, with the same attributes as a flow."""

    deal: Deal
    reference: str
    fault: str = ""


AnySubject = Subject | DealSubject
"""What can be checked."""


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a check that depends on no other part.

    Attributes:
        subject: What to check.
        budget: How long to explore at random.
        settings: Time limits.
    """

    subject: AnySubject
    budget: Budget
    settings: Settings

    @property
    def size(self) -> int:
        """Jobs of greater size take longer, as far as can be told beforehand."""
        if isinstance(self.subject, Subject):
            return 0
        return len(self.subject.deal.participants) * (1 if self.subject.fault else 10)


Result = tuple[FlowVerdict | DealVerdict | None, tuple[Failure, ...]]
"""What one job found; no verdict when it looked for a fault."""

Runner = Callable[[Sequence[Job], Progress], Iterable[Result]]
"""Does jobs and gives the result of each, in their order."""


def one_by_one(jobs: Sequence[Job], progress: Progress) -> Iterator[Result]:
    """Do *jobs* one after the other."""
    for job in jobs:
        yield _done(job, progress)


def _done(job: Job, progress: Progress) -> Result:
    subject = job.subject
    if subject.fault:
        return None, _hunted(job, progress)
    if isinstance(subject, Subject):
        return check_flow(
            subject.flow,
            job.budget,
            job.settings,
            reference=subject.reference,
            progress=progress,
        )
    from orderflow.conformance.deal_check import check_deal

    return check_deal(
        subject.deal,
        job.budget,
        job.settings,
        reference=subject.reference,
        progress=progress,
    )


def _hunted(job: Job, progress: Progress) -> tuple[Failure, ...]:
    """What the fault of a job breaks."""
    from orderflow.conformance.hunt import hunt

    subject = job.subject
    alone = isinstance(subject, Subject)
    flow = subject.flow if isinstance(subject, Subject) else subject.deal.participants[0].flow
    name = flow.name if isinstance(subject, Subject) else subject.deal.name
    return hunt(
        bundled_faults().fault(subject.fault),
        job.settings,
        profile=flow.profile or Profile.DOCUMENTED,
        flows=(name,) if alone else (),
        deals=() if alone else (name,),
        progress=progress,
    )


def check(
    subjects: Sequence[AnySubject],
    *,
    budget: Budget,
    settings: Settings | None = None,
    command: str = "",
    progress: Progress = _quiet,
    runner: Runner = one_by_one,
) -> Verdict:
    """Check several flows and deals and sum up.

    Args:
        subjects: Viewed flows and deals; those with a fault are only looked through for it.
        budget: How long to explore each at random.
        settings: Time limits; the defaults when None.
        command: Command line that repeats the run.
        progress: Told what is going on.
        runner: Does the parts of the check; one after the other by default.
    """
    limits = settings or defaults()
    results = tuple(runner([Job(subject, budget, limits) for subject in subjects], progress))
    verdicts = [verdict for verdict, _ in results]
    flows = tuple(each for each in verdicts if isinstance(each, FlowVerdict))
    deals = tuple(each for each in verdicts if isinstance(each, DealVerdict))
    failures = [failure for _, found in results for failure in found]
    failures.sort(key=lambda failure: failure.severity != "error")
    evaluated = {name for each in flows for name in each.rules}
    evaluated |= {name for each in deals for name in each.rules}
    return Verdict(
        flows=flows,
        failures=tuple(failures),
        rules=tuple(name for name in _EVERY_RULE if name in evaluated),
        seed=budget.seed,
        settings=(
            ("examples", str(budget.examples)),
            ("moves", str(budget.steps)),
            ("exhaustive search", "on" if budget.proof else "off"),
            *changed(limits),
        ),
        command=command,
        version=own_version(),
        deals=deals,
        faults=tuple(dict.fromkeys(each.fault for each in subjects if each.fault)),
    )


def own_version() -> str:
    """Version of the installed distribution, ``0+unknown`` when it is not installed."""
    try:
        return version("orderflow-harness")
    except PackageNotFoundError:
        return "0+unknown"
