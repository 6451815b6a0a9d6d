"""What ``orderflow check`` does once all it was given is known to be good: run, write, tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orderflow.cli.common import found
from orderflow.cli.output import STDOUT, OutputError, Progress, pour, say, whole
from orderflow.conformance.check import Subject, check
from orderflow.conformance.explore import Budget
from orderflow.conformance.trace_file import render_trace
from orderflow.conformance.verdict import CellOutcome, FlowVerdict, Verdict
from orderflow.flows.lint import lint
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from orderflow.reports.story import story
from orderflow.reports.tables import unjudged

if TYPE_CHECKING:
    from orderflow.cli.check import Chosen


def run(chosen: Chosen, flows: Mapping[str, Flow], settings: Settings) -> bool:
    """Check *flows*, write every result and tell it; return whether all of them conform.

    Args:
        chosen: What the command line asked for.
        flows: The viewed flows by the words that named them.
        settings: Time limits and switches.
    """
    _warn(flows)
    with Progress() as progress:
        verdict = check(
            [Subject(flow, reference) for reference, flow in flows.items()],
            budget=Budget(chosen.examples, chosen.steps, chosen.seed, chosen.proof),
            settings=settings,
            command=chosen.again,
            progress=progress.say,
        )
        progress.say("writing the results")
        texts = _texts(verdict, {flow.name: flow for flow in flows.values()})
        results = [(path, texts[name]()) for name, path in chosen.results.items()]
    if chosen.traces is not None:
        results += _traces(verdict, chosen.traces)
    _write([(path, text) for path, text in results if path != STDOUT])
    pour(text for path, text in results if path == STDOUT)
    if not chosen.quiet:
        say(told(verdict, chosen))
    return verdict.passed


def _warn(references: Iterable[str]) -> None:
    """Say which flows are less sound than a check, which takes each as it is, can tell."""
    for reference in references:
        count = 0 if reference in bundled_names() else len(lint(found(reference)))
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


def _texts(verdict: Verdict, flows: Mapping[str, Flow]) -> dict[str, Callable[[], str]]:
    """How to write each result, by the name of its option."""
    return {
        "report": lambda: render_html(verdict, flows),
        "json": lambda: render_json(verdict),
        "junit": lambda: render_junit(verdict),
        "summary": lambda: render_summary(verdict),
    }


def _traces(verdict: Verdict, folder: Path) -> list[tuple[Path, str]]:
    """Where the failures go as replayable files, and what goes there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None
    flows = {flow.name: _beside(folder, flow) for flow in verdict.flows}
    files: dict[Path, str] = {}
    for failure in verdict.failures:
        name = f"{failure.flow}-{failure.identity}"
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
        path = folder / f"{safe[:200]}.trace.yaml"
        if path in files:
            path = folder / f"{safe[:200]}-{len(files)}.trace.yaml"
        files[path] = render_trace(failure, flows[failure.flow])
    return list(files.items())


def _beside(folder: Path, flow: FlowVerdict) -> FlowVerdict:
    """*flow* with its file named as seen from *folder*, so that both can be moved together."""
    if flow.source in bundled_names():
        return flow
    return replace(flow, source=os.path.relpath(flow.source, folder))


def told(verdict: Verdict, chosen: Chosen) -> str:
    """The verdict as lines for people: coverage, the story of each failure, where more stands."""
    lines = [_line(flow) for flow in verdict.flows]
    for failure in verdict.failures:
        lines += ["", story(failure).rstrip("\n")]
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
    return f"{line}\n  every situation: {flow.proof.sentence}" if flow.proof else line
