"""What ``orderflow check`` does once all it was given is known to be good: run, write, tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from orderflow.cli.common import Inputs
from orderflow.cli.covering import cover
from orderflow.cli.fault_names import hunted, not_shown, wanted
from orderflow.cli.naming import flow_named
from orderflow.cli.output import STDOUT, OutputError, Progress, pour, say, whole
from orderflow.cli.workers import side_by_side
from orderflow.conformance.check import AnyTask, DealTask, FlowTask, check, one_by_one
from orderflow.conformance.explore import Budget
from orderflow.conformance.trace_file import render_trace
from orderflow.conformance.verdict import CellOutcome, DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.faults import Fault
from orderflow.flows.files import is_file
from orderflow.flows.lint import lint
from orderflow.flows.loader import bundled_names
from orderflow.reports.deal_tables import FaultGroup, all_links, all_steps, by_fault
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from orderflow.reports.story import story
from orderflow.reports.suite_words import suite_lines
from orderflow.reports.tables import unjudged

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
    return publish(verdict, chosen, found, {fault.name: fault.says for fault in faults})


def publish(
    verdict: Verdict, chosen: Places, found: Inputs, faults: Mapping[str, str] = NO_FAULTS
) -> bool:
    """Write every result and tell it; return whether all conforms and enough is covered.

    Args:
        verdict: What was found.
        chosen: Where the results go.
        found: The viewed flows and deals, and the settings.
        faults: What each fault that was switched on does, by its name.
    """
    with Progress() as progress:
        progress.say("writing the results")
        texts = _texts(verdict, found, faults)
        results = [(path, texts[name]()) for name, path in chosen.results.items()]
    if chosen.traces is not None:
        results += _traces(verdict, chosen.traces, chosen.modules)
    _write([(path, text) for path, text in results if path != STDOUT])
    covering = cover(verdict.flows, chosen.coverage, chosen.require)
    pour(text for path, text in results if path == STDOUT)
    if not chosen.quiet:
        say(told(verdict, chosen, found.deals, faults))
    covering.tell(found.flows, found.settings, quiet=chosen.quiet)
    return verdict.passed and covering.met


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
    verdict: Verdict, found: Inputs, faults: Mapping[str, str]
) -> dict[str, Callable[[], str]]:
    """How to write each result, by the name of its option."""
    flows = {flow.name: flow for flow in found.flows.values()}
    deals = {deal.name: deal for deal in found.deals.values()}
    return {
        "report": lambda: render_html(verdict, flows, deals=deals, faults=faults),
        "json": lambda: render_json(verdict),
        "junit": lambda: render_junit(verdict),
        "summary": lambda: render_summary(verdict, deals),
    }


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


def told(
    verdict: Verdict, chosen: Places, deals: Mapping[str, Deal], faults: Mapping[str, str]
) -> str:
    """The verdict as lines for people: coverage, the story of each failure, where more stands."""
    lines = [f"target: {verdict.target}"] if verdict.target else []
    lines += [_line(flow) for flow in verdict.flows]
    lines += [_deal_line(each, deals[each.source]) for each in verdict.deals]
    for group in by_fault(verdict, faults):
        lines += _faulty(group) if group.name else _faultless(group.failures)
    if unseen := _unseen(verdict):
        lines += ["", f"found nothing wrong: {', '.join(unseen)}"]
    if verdict.left_out:
        many = "failure" if verdict.left_out == 1 else "failures"
        lines += ["", f"{verdict.left_out} more distinct {many} with longer traces"]
    if verdict.failures:
        lines.append("")
    if unfit := unjudged(verdict):
        lines.append(f"not judged, evidence missing: {', '.join(unfit)}")
    lines += [f"{name}: {path}" for name, path in chosen.results.items()]
    if chosen.traces is not None:
        lines.append(f"traces: {len(verdict.failures)} in {chosen.traces}")
    lines.append(f"{'PASS' if verdict.passed else 'FAIL'}: {verdict.sentence}")
    return "\n".join(lines)


def _faultless(failures: Iterable[Failure]) -> list[str]:
    return [line for failure in failures for line in ("", story(failure).rstrip("\n"))]


def _faulty(group: FaultGroup) -> list[str]:
    """What one fault brings about: the story of the first failure, a line for each of the rest."""
    first, *rest = group.failures
    lines = ["", f"fault {group.name}: {group.what}", "", story(first).rstrip("\n")]
    if rest:
        lines.append("")
    for failure in rest:
        where = f"{failure.deal}, {failure.participant}" if failure.deal else failure.flow
        step = f" {failure.transition}" * bool(failure.transition)
        lines.append(f"  also {failure.rule} ({where}{step}): {failure.observed}")
    return lines


def _unseen(verdict: Verdict) -> tuple[str, ...]:
    """Faults that were looked for and made no difference to any rule."""
    seen = {failure.fault for failure in verdict.failures}
    return tuple(name for name in verdict.faults if name not in seen)


def _deal_line(found: DealVerdict, deal: Deal) -> str:
    """One deal in a line, and one for each exhaustive search."""
    steps, links = all_steps(found, deal), all_links(found, deal)
    line = (
        f"deal {found.name}: {steps.done} of {steps.total} transitions, "
        f"{links.done} of {links.total} links, {found.delivered} messages, "
        f"{found.deals} sales, {found.steps} steps"
    )
    searches = [
        f"  every configuration{proof.fault and f' under {proof.fault}'}: {proof.sentence}"
        for proof in found.proofs
    ]
    return "\n".join([line, *searches])


def _line(flow: FlowVerdict) -> str:
    taken = sum(1 for _, count in flow.transitions if count)
    entered = sum(1 for _, count in flow.states if count)
    refused = sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.REFUSED)
    illegal = refused + sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.UNTRIED)
    line = (
        f"{flow.name}: {taken} of {len(flow.transitions)} transitions, "
        f"{entered} of {len(flow.states)} states, {flow.pairs} of {flow.pairs_total} pairs, "
        f"{refused} of {illegal} illegal cells refused, {flow.steps} steps"
    )
    suite = "".join(f"\n  {line}" for line in suite_lines(flow.suite)) if flow.suite else ""
    searches = [("", flow.proof)] if flow.proof else []
    told = (
        f"\n  every situation{profile and f' ({profile})'}: {figures.sentence}"
        for profile, figures in (*searches, *flow.elsewhere)
    )
    return line + "".join(told) + suite
