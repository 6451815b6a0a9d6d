"""Runs a suite on a system and writes what it showed: ``suite --run``, ``check --target``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orderflow.cli.baseline import Baseline
from orderflow.cli.common import Inputs
from orderflow.cli.output import STDOUT, Progress, say
from orderflow.cli.results import publish
from orderflow.cli.suite_make import Rates, told
from orderflow.cli.target import RESULTS, subject_from
from orderflow.conformance.check import own_version
from orderflow.conformance.scenarios import changed
from orderflow.conformance.subjects.errors import TargetError, without_password
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Script, script_of, scripts_of
from orderflow.conformance.suites.findings import System
from orderflow.conformance.suites.limited import Reach
from orderflow.conformance.suites.trial import Trial, trial
from orderflow.conformance.suites.tried import Tried, try_out
from orderflow.conformance.suites.wording import counted
from orderflow.conformance.verdict import Verdict
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan


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
        return ("--target", self.shown, *mapping)

    @property
    def shown(self) -> str:
        """What was named, without what might be a password in it."""
        return without_password(self.named or "")

    @property
    def _how(self) -> str:
        """How it was asked, to be put behind something that went wrong."""
        if self.mapping is not None:
            return f", asked as {self.mapping} says"
        is_url = re.match("https?://", self.named or "", re.IGNORECASE)
        return ", asked in the plain way: POST /orders, GET /orders/ID" if is_url else ""

    @contextmanager
    def opened(self, plan: Plan) -> Iterator[Subject]:
        """The system, ready to be asked; the simulator of *plan* when none is named."""
        if self.named is None:
            yield Inside(plan)
            return
        with subject_from(self.named, self.mapping, plan.flow.events, plan.flow.state) as subject:
            yield subject

    def tried(self, scripts: Iterable[Script], subject: Subject, flow: Flow) -> Trial | None:
        """Ask the system a few things; None when no case can be run on it.

        Raises:
            TargetError: Nothing answers.
        """
        found = trial(scripts, subject, flow)
        if found is not None and found.why:
            orders = counted(found.orders, "new order")
            told = f"none of {orders} got an answer{self._how} ({found.why}), so nothing was tested"
            wanted = "start it, or name the system that is running; see docs/subjects.md"
            raise TargetError(self.shown, f"{told}; {wanted}")
        return found


@dataclass(frozen=True, slots=True)
class Places:
    """Where the results of a run go, see :class:`orderflow.cli.results.Places`."""

    results: dict[str, Path]
    traces: Path | None = None
    coverage: Path | None = None
    require: str = ""
    modules: tuple[str, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)

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

    def announce(self, suite: Suite, reach: Reach, rates: Rates, *, measures: bool) -> None:
        """Tell what *suite* costs, and what the system lacks for it, before it is run.

        Args:
            suite: The suite.
            reach: The system, and what of the flow it can be asked for.
            rates: What it takes its time for, as long as nobody has measured it.
            measures: What is measured counts more.

        Raises:
            TargetError: Nothing answers, or no order can be placed.
        """
        plan = reach.graph.space.plan
        if not reach.graph.arcs:
            why = "; ".join(reach.lost.reasons)
            raise TargetError(
                self.target.shown, f"no order can be placed, so nothing tested: {why}"
            )
        scripts = (script_of(case, plan) for case in suite.cases)
        if self.target.named is not None:
            found = self.target.tried(scripts, reach.runner.subject, plan.flow)
            if measures and found is not None:
                call, order = (max(1, round(each * 1000)) for each in (found.call, found.order))
                rates = Rates(call, order, measured=True)
        say("\n".join(told(suite, rates)), err=True)
        if reach.lost and (line := reach.left_out(scripts_of(suite, plan))):
            say(line, err=True)

    def run(self, suite: Suite, places: Places, reach: Reach) -> bool:
        """Run *suite*, write every result and tell it; return whether all conforms."""
        system = System(reach.graph, self.settings, self.named, self.target.words)
        subject = reach.runner.subject
        with Progress() as progress:
            tried = try_out(system, suite, subject, lost=reach.lost, progress=progress.say)
        found = Inputs({self.named: self.flow}, {}, self.settings)
        return publish(self.verdict(tried), places, found, baseline=places.baseline)

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
            target=self.target.shown,
        )


def places_of(given: Mapping[str, Any], modules: tuple[str, ...]) -> Places:
    """Where results go, of the options of a command line.

    Args:
        given: The options by name: ``report``, ``json``, ``junit``, ``summary``, ``ctrf``,
            ``traces``, ``coverage``, ``require`` and ``baseline``.
        modules: Optional modules that are switched on.
    """
    files = {name: path for name, path in given.items() if isinstance(path, Path)}
    results = {kind: files[kind] for kind in RESULTS if kind in files}
    require, baseline = str(given.get("require") or ""), given["baseline"]
    return Places(results, files.get("traces"), files.get("coverage"), require, modules, baseline)
