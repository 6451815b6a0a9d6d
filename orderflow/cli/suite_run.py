"""Runs a suite on a system and writes what it showed: ``suite --run``, ``check --target``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orderflow.cli.common import Inputs
from orderflow.cli.output import STDOUT, Progress
from orderflow.cli.results import publish
from orderflow.cli.target import subject_from
from orderflow.conformance.check import own_version
from orderflow.conformance.scenarios import changed
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.findings import System
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.conformance.suites.tried import Tried, try_out
from orderflow.conformance.verdict import Verdict
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan
from orderflow.simulator.space import search


@dataclass(frozen=True, slots=True)
class Target:
    """The system that a command line names.

    Attributes:
        named: URL, command or adapter; None for our own simulator.
        mapping: How to ask it, None for the plain way.
    """

    named: str | None = None
    mapping: Path | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Words that name it on another command line."""
        if self.named is None:
            return ()
        mapping = () if self.mapping is None else ("--mapping", str(self.mapping))
        return ("--target", self.named, *mapping)

    @contextmanager
    def opened(self, plan: Plan) -> Iterator[Subject]:
        """The system, ready to be asked; the simulator of *plan* when none is named."""
        if self.named is None:
            yield Inside(plan)
            return
        with subject_from(self.named, self.mapping, plan.flow.events) as subject:
            yield subject


@dataclass(frozen=True, slots=True)
class Places:
    """Where the results of a run go, see :class:`orderflow.cli.results.Places`."""

    results: dict[str, Path]
    traces: Path | None = None
    coverage: Path | None = None
    require: str = ""
    modules: tuple[str, ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether stdout is for one of the results."""
        return STDOUT in self.results.values()


@dataclass(frozen=True, slots=True)
class Running:
    """A suite to run, and what it is for.

    Attributes:
        named: How the command line names the flow.
        flow: The flow, viewed.
        settings: Time limits.
        target: The system to test.
        command: Command line that repeats the run.
        seed: Seed that the suite was made from.
    """

    named: str
    flow: Flow
    settings: Settings
    target: Target
    command: str = ""
    seed: int = 0

    def graph(self) -> Graph:
        """What suites for the flow are made from."""
        return graph_of(search(self.flow, self.settings))

    def run(self, suite: Suite, places: Places, graph: Graph | None = None) -> bool:
        """Run *suite*, write every result and tell it; return whether all conforms."""
        graph = graph or self.graph()
        system = System(graph, self.settings, self.named, self.target.words)
        with Progress() as progress, self.target.opened(graph.space.plan) as subject:
            tried = try_out(system, suite, subject, progress=progress.say)
        found = Inputs({self.named: self.flow}, {}, self.settings)
        return publish(self.verdict(tried), places, found)

    def verdict(self, tried: Tried) -> Verdict:
        """What the run showed, as a check of a flow tells it."""
        return Verdict(
            flows=(tried.verdict,),
            failures=tried.failures,
            rules=tried.verdict.rules,
            seed=self.seed,
            settings=changed(self.settings),
            command=self.command,
            version=own_version(),
            target=self.target.named or "",
        )


def run_suite_on(suite: Suite, flow: Flow, settings: Settings, given: Mapping[str, object]) -> bool:
    """Run a suite as the options of a command line say; return whether all conforms.

    Args:
        suite: The cases, which fit the flow.
        flow: The viewed flow.
        settings: Time limits.
        given: The options by name: ``target`` and ``mapping``, ``report``, ``json``, ``junit``,
            ``summary``, ``traces``, ``coverage`` and ``require``, and the ``command`` as typed.
    """
    files = {name: path for name, path in given.items() if isinstance(path, Path)}
    kinds = ("report", "json", "junit", "summary")
    results = {str(kind): files[kind] for kind in kinds if kind in files}
    named = given.get("target")
    target = Target(named if isinstance(named, str) else None, files.get("mapping"))
    running = Running(suite.flow, flow, settings, target, str(given.get("command") or ""))
    require = str(given.get("require") or "")
    places = Places(results, files.get("traces"), files.get("coverage"), require, flow.modules)
    return running.run(suite, places)
