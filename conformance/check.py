"""The main job: check flows and deals, look for faults in them, and sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version

from orderflow.conformance.explore import Budget
from orderflow.conformance.flow_check import (
    MOST_FAILURES,
    Progress,
    Sighting,
    Sightings,
    check_flow,
    quiet,
)
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import DEAL_RULES, RULES
from orderflow.conformance.scenarios import changed
from orderflow.conformance.verdict import DealProof, DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.faults import Fault
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings, defaults

__all__ = [
    "MOST_FAILURES",
    "AnyTask",
    "Budget",
    "DealTask",
    "FlowTask",
    "Job",
    "Progress",
    "Result",
    "Runner",
    "Sighting",
    "Sightings",
    "check",
    "check_flow",
    "one_by_one",
    "own_version",
]

_EVERY_RULE = (*sorted((*RULES, *(rule.id for rule in DEAL_RULES))), *INVARIANTS)
"""Ids of all rules and invariants, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class FlowTask:
    """One flow to check.

    Attributes:
        flow: The viewed flow.
        reference: How a command line names it.
        fault: Name of the fault to look for in it, empty for a check without any.
        others: The flow as other profiles see it, to be searched exhaustively.
    """

    flow: Flow
    reference: str
    fault: str = ""
    others: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class DealTask:
    """One deal to check, with the same attributes as a flow."""

    deal: Deal
    reference: str
    fault: str = ""


AnyTask = FlowTask | DealTask
"""What can be checked."""


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a check that depends on no other part.

    Attributes:
        task: What to check.
        budget: How long to explore at random.
        settings: Time limits.
    """

    task: AnyTask
    budget: Budget
    settings: Settings

    @property
    def size(self) -> int:
        """Jobs of greater size take longer, as far as can be told beforehand."""
        if isinstance(self.task, FlowTask):
            return 0
        return len(self.task.deal.participants) * (1 if self.task.fault else 10)


Result = tuple[FlowVerdict | DealVerdict | DealProof | None, tuple[Failure, ...]]
"""What one job found. One that looked for a fault has no verdict, but what a search of all
configurations shows when it is messages that go wrong."""

Runner = Callable[[Sequence[Job], Progress], Iterable[Result]]
"""Does jobs and gives the result of each, in their order."""


def one_by_one(jobs: Sequence[Job], progress: Progress) -> Iterator[Result]:
    """Do *jobs* one after the other."""
    for job in jobs:
        yield _done(job, progress)


def _done(job: Job, progress: Progress) -> Result:
    task = job.task
    if task.fault and isinstance(task, DealTask):
        fault = bundled_faults().fault(task.fault)
        if fault.news:
            return _with_news(task.deal, fault, job.settings, progress)
    if task.fault:
        return None, _hunted(job, progress)
    if isinstance(task, FlowTask):
        return check_flow(
            task.flow,
            job.budget,
            job.settings,
            reference=task.reference,
            others=task.others,
            progress=progress,
        )
    from orderflow.conformance.deal_check import check_deal

    return check_deal(
        task.deal,
        job.budget,
        job.settings,
        reference=task.reference,
        progress=progress,
    )


def _with_news(deal: Deal, fault: Fault, settings: Settings, progress: Progress) -> Result:
    """What breaks in a deal whose messages go wrong, and what holds all the same."""
    from orderflow.conformance.deal_check import proof_of
    from orderflow.conformance.faulty import with_news
    from orderflow.conformance.hunt_deal import hunt_deal
    from orderflow.conformance.prove_deal import prove_deal

    faulty = with_news(fault, deal)
    progress(f"{deal.name}: every configuration under {fault.name}")
    search = prove_deal(deal, settings, faults=faulty.news)
    return proof_of(search, fault.name), tuple(hunt_deal(faulty, settings))


def _hunted(job: Job, progress: Progress) -> tuple[Failure, ...]:
    """What the fault of a job breaks."""
    from orderflow.conformance.hunt import hunt

    task = job.task
    alone = isinstance(task, FlowTask)
    flow = task.flow if isinstance(task, FlowTask) else task.deal.participants[0].flow
    name = flow.name if isinstance(task, FlowTask) else task.deal.name
    return hunt(
        bundled_faults().fault(task.fault),
        job.settings,
        profile=flow.profile or Profile.DOCUMENTED,
        flows=(name,) if alone else (),
        deals=() if alone else (name,),
        progress=progress,
    )


def _proved(
    tasks: Sequence[AnyTask], found: Sequence[FlowVerdict | DealVerdict | DealProof | None]
) -> Iterator[DealVerdict]:
    """The verdicts on deals, each with what was shown of it under faults."""
    pairs = tuple(zip(tasks, found, strict=True))
    for verdict in found:
        if isinstance(verdict, DealVerdict):
            more = tuple(
                each
                for task, each in pairs
                if isinstance(each, DealProof)
                and isinstance(task, DealTask)
                and task.deal.name == verdict.name
            )
            yield replace(verdict, proofs=(*verdict.proofs, *more))


def check(
    tasks: Sequence[AnyTask],
    *,
    budget: Budget,
    settings: Settings | None = None,
    command: str = "",
    progress: Progress = quiet,
    runner: Runner = one_by_one,
) -> Verdict:
    """Check several flows and deals and sum up.

    Args:
        tasks: Viewed flows and deals; those with a fault are only looked through for it.
        budget: How long to explore each at random.
        settings: Time limits; the defaults when None.
        command: Command line that repeats the run.
        progress: Told what is going on.
        runner: Does the parts of the check; one after the other by default.
    """
    limits = settings or defaults()
    results = tuple(runner([Job(task, budget, limits) for task in tasks], progress))
    verdicts = [verdict for verdict, _ in results]
    flows = tuple(each for each in verdicts if isinstance(each, FlowVerdict))
    deals = tuple(_proved(tasks, verdicts))
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
        faults=tuple(dict.fromkeys(each.fault for each in tasks if each.fault)),
    )


def own_version() -> str:
    """Version of the installed distribution, ``0+unknown`` when it is not installed."""
    try:
        return version("orderflow-harness")
    except PackageNotFoundError:
        return "0+unknown"
