"""Measures suites on broken flows for ``orderflow mutate``, several flows side by side."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orderflow.cli.common import Inputs
from orderflow.cli.suite_make import covers_of, generated
from orderflow.cli.workers import processors
from orderflow.conformance.mutation.kill import cases_of, survivors_draft
from orderflow.conformance.mutation.mutant import Operator
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.score import score
from orderflow.conformance.mutation.tally import Score
from orderflow.conformance.scenarios import changed
from orderflow.conformance.suites.case import Cost, Suite
from orderflow.conformance.suites.generate import RESET_COST
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.space import search

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One flow to be broken, and what is to notice.

    Attributes:
        named: How a command line names the flow.
        flow: One profile of it.
        settings: Time limits.
        suite: The suite; None to make one.
        covers: What that one is to cover.
        seed: Where its chance begins.
        reread: Whether the status is read again after each step.
        operators: Kinds of break to try; all when empty.
        close: Make the tests that are missing, too.
    """

    named: str
    flow: Flow
    settings: Settings
    suite: Suite | None = None
    covers: str = ""
    seed: int = 0
    reread: bool = True
    operators: tuple[Operator, ...] = ()
    close: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a job.

    Attributes:
        score: What the suite is worth.
        cost: What running the suite takes.
        missing: The tests that would notice the survivors; None when nobody asked.
    """

    score: Score
    cost: Cost
    missing: Suite | None = None


@dataclass(frozen=True, slots=True)
class _Refused:
    """A job that a person has to mend something for."""

    text: str


def measure(job: Job, progress: Progress = lambda _: None) -> Measured:
    """Measure one suite.

    Raises:
        OrderflowError: There is no such suite, or a sound system does not pass it.
    """
    graph = graph_of(search(job.flow, job.settings))
    suite = job.suite
    if suite is None:
        progress(f"{job.named}: making the suite")
        suite = _made(job)
    only = mutants(graph)
    if job.operators:
        only = (each for each in only if each.operator in job.operators)
    found = score(suite, graph, reread=job.reread, only=only, progress=progress)
    return Measured(found, suite.cost, _missing(job, found, graph) if job.close else None)


def _made(job: Job) -> Suite:
    seen = Inputs({job.named: job.flow}, {}, job.settings)
    covers = covers_of(job.covers)
    return generated(seen, job.named, covers, seed=job.seed, reset_cost=RESET_COST).suite


def _missing(job: Job, found: Score, graph: Graph) -> Suite:
    draft, flow = survivors_draft(found, graph), job.flow
    return Suite(
        job.named,
        flow.digest,
        str(flow.profile or ""),
        cases_of(draft, graph.space.plan),
        (draft.guarantee,),
        flow.modules,
        changed(job.settings),
    )


def measure_all(jobs: Sequence[Job], progress: Progress) -> Iterator[Measured]:
    """Do all jobs and give what came of them in their order.

    Raises:
        OrderflowError: One of them cannot be done.
    """
    count = min(processors(), len(jobs))
    if count < 2:  # noqa: PLR2004  # one process is this one
        yield from (measure(job, progress) for job in jobs)
        return
    with multiprocessing.get_context("spawn").Pool(count, _deaf) as pool:
        progress(f"0 of {len(jobs)} flows")
        for done, result in enumerate(pool.imap(_outcome, jobs), 1):
            if isinstance(result, _Refused):
                raise OrderflowError(result.text)
            progress(f"{done} of {len(jobs)} flows")
            yield result
        pool.close()
        pool.join()


def _deaf() -> None:
    """Know of no Ctrl-C: whoever started this process ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcome(job: Job) -> Measured | _Refused:
    try:
        return measure(job)
    except OrderflowError as error:
        return _Refused(str(error))
