"""Puts together what the cases of a run covered, in all its processes: is it enough?

What crosses from a worker of pytest-xdist to the process that started it are the runs themselves,
so that the figures are those of one process: a case that failed in one worker is no less failed
because others passed elsewhere.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pytest

from orderflow.conformance.reach import reach_of
from orderflow.conformance.suites.execute import Result, Run, Script, script_of
from orderflow.conformance.suites.measured import measured
from orderflow.conformance.suites.pytest_case import Checked, word_for
from orderflow.conformance.thresholds import parse_thresholds, told_unmet, unmet
from orderflow.conformance.vector import Vector
from orderflow.conformance.vector_file import add_vectors
from orderflow.conformance.vector_of import vector_of
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.pytesting.asked import Asked, asked
from orderflow.simulator.space import Space, search

Runs = dict[tuple[Flow, Settings], list[Run]]
"""Cases as they were run, by the flow and the time limits they stand on."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a run covered.

    Attributes:
        vectors: One for each flow, profile and settings.
        lacks: What is not as it was required, or could not be written; a line each.
    """

    vectors: tuple[Vector, ...] = ()
    lacks: tuple[str, ...] = ()


COVERED = pytest.StashKey[Covered]()
"""What a run covered, once it is over."""

_RUNS = pytest.StashKey[Runs]()


def note(config: pytest.Config, checked: Checked) -> None:
    """Remember one case that was run."""
    runs = config.stash.setdefault(_RUNS, {})
    runs.setdefault((checked.flow, checked.settings), []).append(checked.run)


def take_over(config: pytest.Config, data: bytes) -> None:
    """Remember what another process ran."""
    runs = config.stash.setdefault(_RUNS, {})
    theirs: Runs = pickle.loads(data)  # noqa: S301  # from a process that this one started
    for key, more in theirs.items():
        runs.setdefault(key, []).extend(more)


def finish(session: pytest.Session) -> None:
    """Hand over what was run, or sum it up; fail the session where too little was covered."""
    config, runs = session.config, session.config.stash.get(_RUNS, {})
    output = getattr(config, "workeroutput", None)
    if output is not None:
        if runs:
            output["orderflow"] = pickle.dumps(runs)
        return
    if config.getoption("collectonly", default=False):
        return
    covered = config.stash[COVERED] = _summed_up(runs, asked(config))
    if covered.lacks and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _summed_up(runs: Runs, wanted: Asked) -> Covered:
    grounds = [(vector_for(*key, found), key) for key, found in runs.items()]
    vectors = [vector for vector, _ in grounds]
    lacks: list[str] = []
    every_run = [run for found in runs.values() for run in found]
    if every_run and all(run.result is Result.LEFT_OUT for run in every_run):
        lacks.append(f"every case was left out, nothing was tested: {every_run[0].why}")
    if wanted.coverage is not None and vectors:
        try:
            kept = add_vectors(wanted.coverage, vectors)
            vectors = [kept.like(vector) for vector in vectors]
        except OrderflowError as error:
            lacks.append(str(error))
    if wanted.require:
        every = zip(vectors, (key for _, key in grounds), strict=True)
        lacks += [line for vector, key in every for line in _lacking(vector, *key, wanted.require)]
        if not runs and wanted.insists:
            lacks.append(f"no case was run, so nothing is covered; {wanted.require} wanted")
    return Covered(tuple(vectors), tuple(dict.fromkeys(lacks)))


def _lacking(vector: Vector, flow: Flow, settings: Settings, require: str) -> Iterator[str]:
    found = unmet(vector, parse_thresholds(require))
    reach = reach_of(search(flow, settings)) if found else None
    for lacks in found:
        yield from told_unmet(lacks, reach, settings)


def vector_for(flow: Flow, settings: Settings, runs: Iterable[Run]) -> Vector:
    """What *runs* covered of a flow."""
    space = search(flow, settings)
    told = tuple(_apart(runs))
    scripts = tuple(_script(run, space) for run in told)
    return vector_of(measured(told, scripts, space), space, named=word_for(flow))


def _script(run: Run, space: Space) -> Script:
    return script_of(run.case, space.plan)


def _apart(runs: Iterable[Run]) -> Iterator[Run]:
    """*runs* with an id of its own for each: two suites may both have a ``pairs-001``."""
    seen: dict[str, int] = {}
    for run in runs:
        name = run.case.id
        seen[name] = seen.get(name, 0) + 1
        again = f"{name} #{seen[name]}"
        yield run if seen[name] == 1 else replace(run, case=replace(run.case, id=again))
