"""What ``orderflow check`` does once all it was given is known to be good: run, write, tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from orderflow.cli.baseline import Baseline, excused
from orderflow.cli.common import Inputs
from orderflow.cli.covering import cover
from orderflow.cli.fault_names import hunted, not_shown, wanted
from orderflow.cli.naming import flow_named
from orderflow.cli.output import STDOUT, OutputError, Progress, pour, say, whole
from orderflow.cli.telling import told
from orderflow.cli.workers import side_by_side
from orderflow.conformance.baseline import Changes
from orderflow.conformance.check import AnyTask, DealTask, FlowTask, check, one_by_one
from orderflow.conformance.explore import Budget
from orderflow.conformance.trace_file import render_trace
from orderflow.conformance.verdict import DealVerdict, FlowVerdict, Verdict
from orderflow.flows.faults import Fault
from orderflow.flows.files import is_file
from orderflow.flows.lint import lint
from orderflow.flows.loader import bundled_names
from orderflow.reports.ctrf import render_ctrf
from orderflow.reports.html import linked, render_html, styles_of
from orderflow.reports.jsonfile import render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary

if TYPE_CHECKING:
    from orderflow.cli.check import Chosen

Checked = TypeVar("Checked", FlowVerdict, DealVerdict)

NO_FAULTS: Mapping[str, str] = {}


class Places(Protocol):
    """Where the results of a run go."""

    @property
    def results(self) -> Mapping[str, Path]:
        """Where each result goes, by the name of its option, apart from traces."""
        ...

    @property
    def traces(self) -> Path | None:
        """Folder for failures as replayable files."""
        ...

    @property
    def coverage(self) -> Path | None:
        """File that gathers what is covered."""
        ...

    @property
    def require(self) -> str:
        """How much must be covered."""
        ...

    @property
    def modules(self) -> tuple[str, ...]:
        """Optional modules that are switched on."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether stdout is for one of the results."""
        ...


_WORTH_IT = 100
"""Random runs from which on it is worth starting other processes."""


def run(chosen: Chosen, found: Inputs) -> bool:
    """Check what was *found*, write every result and tell it; return whether all of it conforms.

    Args:
        chosen: What the command line asked for.
        found: The viewed flows and deals, and the settings.
    """
    _warn(found.flows)
    if chosen.faults and chosen.modules:
        say("--module: faults are looked for in flows without it", err=True)
    faults = wanted(chosen.faults)
    for line in not_shown(chosen.faults):
        say(line, err=True)
    budget = Budget(chosen.examples, chosen.steps, chosen.seed, chosen.proof)
    tasks: list[AnyTask] = [
        *(FlowTask(flow, word, others=found.elsewhere[word]) for word, flow in found.flows.items()),
        *(DealTask(deal, word) for word, deal in found.deals.items()),
    ]
    with Progress() as progress:
        verdict = check(
            [*tasks, *hunted(chosen.faults, tasks)],
            budget=budget,
            settings=found.settings,
            command=chosen.again,
            progress=progress.say,
            runner=one_by_one if _is_small(budget, faults) else side_by_side,
        )
    says = {fault.name: fault.says for fault in faults}
    return publish(verdict, chosen, found, says, baseline=chosen.baseline)


def publish(
    verdict: Verdict,
    chosen: Places,
    found: Inputs,
    faults: Mapping[str, str] = NO_FAULTS,
    *,
    baseline: Baseline | None = None,
) -> bool:
    """Write every result and tell it; return whether all conforms and enough is covered.

    What fails and is known does not count when the baseline says so.

    Args:
        verdict: What was found.
        chosen: Where the results go.
        found: The viewed flows and deals, and the settings.
        faults: What each fault that was switched on does, by its name.
        baseline: An earlier run to lay this one beside.
    """
    beside = baseline or Baseline()
    changes = beside.beside(verdict)
    known = beside.excuses(verdict, changes)
    with Progress() as progress:
        progress.say("writing the results")
        texts = _texts(verdict, found, faults, changes)
        results = _written(texts, chosen.results)
    if chosen.traces is not None:
        results += _traces(verdict, chosen.traces, chosen.modules)
    _write([(path, text) for path, text in results if path != STDOUT])
    covering = cover(verdict.flows, chosen.coverage, chosen.require)
    pour(text for path, text in results if path == STDOUT)
    if not chosen.quiet:
        say(told(verdict, _places(verdict, chosen), found.deals, faults, changes))
    if known:
        say(excused(verdict, beside), err=chosen.quiet)
    covering.tell(found.flows, found.settings, quiet=chosen.quiet)
    return (verdict.passed or known) and covering.met


def _is_small(budget: Budget, faults: Sequence[Fault]) -> bool:
    """Whether a check is over before other processes would have begun."""
    return not budget.proof and not faults and budget.examples < _WORTH_IT


def _warn(references: Iterable[str]) -> None:
    """Say which flows are less sound than a check, which takes each as it is, can tell."""
    for reference in references:
        count = 0 if reference in bundled_names() else len(lint(flow_named(reference)))
        if count:
            many = "a thing" if count == 1 else f"{count} things"
            say(f"{reference}: `orderflow lint` finds {many} to mend", err=True)


def _write(results: Iterable[tuple[Path, str]]) -> None:
    """Write all files, or none."""
    with ExitStack() as opened:
        for path, text in results:
            file = opened.enter_context(whole(path))
            file.write(text)
            file.flush()


def _texts(
    verdict: Verdict, found: Inputs, faults: Mapping[str, str], changes: Changes | None
) -> dict[str, Callable[[], str]]:
    """How to write each result, by the name of its option."""
    flows = {flow.name: flow for flow in found.flows.values()}
    deals = {deal.name: deal for deal in found.deals.values()}
    return {
        "report": lambda: render_html(verdict, flows, deals=deals, faults=faults, changes=changes),
        "json": lambda: render_json(verdict, changes=changes),
        "junit": lambda: render_junit(verdict, changes),
        "summary": lambda: render_summary(verdict, deals, changes),
        "ctrf": lambda: render_ctrf(verdict, changes),
    }


def _written(
    texts: Mapping[str, Callable[[], str]], places: Mapping[str, Path]
) -> list[tuple[Path, str]]:
    """Write each result to be had at one of *places*, the styles of the report last."""
    results = {name: texts[name]() for name in places if name != "sidecar_css"}
    if "sidecar_css" in places:
        results["sidecar_css"] = styles_of(results["report"])
        results["report"] = linked(results["report"], places["sidecar_css"].name)
    return [(places[name], text) for name, text in results.items()]


def _places(verdict: Verdict, chosen: Places) -> dict[str, str]:
    """Where each result went, in words."""
    places = {name.replace("_", "-"): str(path) for name, path in chosen.results.items()}
    if chosen.traces is not None:
        places["traces"] = f"{len(verdict.failures)} in {chosen.traces}"
    return places


def _traces(verdict: Verdict, folder: Path, modules: tuple[str, ...]) -> list[tuple[Path, str]]:
    """Where the failures go as replayable files, and what goes there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None
    flows = {flow.name: _beside(folder, flow) for flow in verdict.flows}
    deals = {deal.name: _beside(folder, deal) for deal in verdict.deals}
    files: dict[Path, str] = {}
    for failure in verdict.failures:
        if not failure.replay:
            continue
        name = f"{failure.deal or failure.flow}-{failure.identity}"
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
        path = folder / f"{safe[:200]}.trace.yaml"
        if path in files:
            path = folder / f"{safe[:200]}-{len(files)}.trace.yaml"
        owner = deals[failure.deal] if failure.deal else flows[failure.flow]
        files[path] = render_trace(failure, owner, modules)
    return list(files.items())


def _beside(folder: Path, found: Checked) -> Checked:
    """*found* with its file named as seen from *folder*, so that both can be moved together."""
    path, name = found.source, ""
    if not is_file(Path(path)):
        path, _, name = path.rpartition(":")
    if not is_file(Path(path)):
        return found
    source = os.path.relpath(path, folder) + (f":{name}" if name else "")
    return replace(found, source=source)
