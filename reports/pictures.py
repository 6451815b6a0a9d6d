"""The state diagrams of a report: a flow, what a run exercised of it, and where it broke."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.verdict import Failure, FlowVerdict, TraceStep
from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.reports.geometry import Layout
from orderflow.reports.layout import StageOf, layout
from orderflow.reports.marks import safe_id
from orderflow.reports.svg import CROSS, Caption, Coverage, render_svg


def failing_step(failure: Failure) -> TraceStep | None:
    """Return the step that broke the rule, None when the failure has no trace."""
    return failure.trace[-1] if failure.trace else None


def broken_steps(flow: Flow, failure: Failure) -> frozenset[str]:
    """Return the ids of the transitions a failure names: one by its id, or those of a row."""
    name = failure.transition
    if not name or name in flow.transition:
        return frozenset(filter(None, [name]))
    row = [step for step in flow.transitions if step.row == name]
    last = failing_step(failure)
    close = [step for step in row if last is not None and step.source == last.source]
    return frozenset(step.id for step in close or row)


def ghost_of(flow: Flow, failure: Failure) -> tuple[str, str] | None:
    """Return the step that was observed though the flow leads elsewhere, or None.

    None too when the very transition that is marked as broken leads where the order went: the
    flow itself is wrong then, and its own line shows it.
    """
    step = failing_step(failure)
    if step is None or ABSENT in {step.source, step.target}:
        return None
    marked = {flow.transition[name].target for name in broken_steps(flow, failure)}
    if step.target in marked:
        return None
    wrong_way = bool(failure.expected_target) and failure.expected_target != step.target
    unknown = step.accepted and not step.transition and step.event != "advance"
    if (wrong_way or unknown) and step.source != step.target:
        return step.source, step.target
    return None


def diagram(
    flow: Flow,
    found: FlowVerdict,
    failures: tuple[Failure, ...],
    *,
    shown: Failure | None,
    stage_of: StageOf,
    name: str,
) -> str:
    """Draw *flow* with the coverage of a run.

    Args:
        flow: The flow, as the profile of the run sees it.
        found: What the run found for it.
        failures: All failures of the flow; their transitions are marked.
        shown: The failure whose trace is drawn, or None.
        stage_of: Stage of a status.
        name: Makes ids unique in a page.
    """
    failing = frozenset(name for failure in failures for name in broken_steps(flow, failure))
    here = broken_steps(flow, shown) if shown else frozenset()
    counts = dict(found.transitions)
    last = shown.trace[-1].number if shown and shown.trace else 0

    def label(steps: tuple[Transition, ...]) -> tuple[str, str]:
        text = steps[0].event.replace("_", " ")
        if any(step.id in failing for step in steps):
            number = f"{last} " if last and any(step.id in here for step in steps) else ""
            text = f"{CROSS}{number}{text}"
        return text, f"×{sum(counts.get(step.id, 0) for step in steps)}"  # noqa: RUF001

    drawn = failures if shown is None else (shown,)
    ghosts = dict.fromkeys(filter(None, (ghost_of(flow, failure) for failure in drawn)))
    picture = layout(flow, labels=label, ghosts=tuple(ghosts), stage_of=stage_of)
    coverage = replace(
        _coverage(flow, found, failures, shown),
        failing=failing,
        steps=f"{name}-step" if shown else "",
    )
    words = _words(flow, found, failures, picture)
    caption = Caption(name, _title(flow, shown), words, safe_id(found.name))
    return render_svg(picture, caption, coverage=coverage)


def _coverage(
    flow: Flow, found: FlowVerdict, failures: tuple[Failure, ...], shown: Failure | None
) -> Coverage:
    broken = {step.source for step in map(failing_step, failures) if step is not None}
    numbers: dict[str, list[int]] = {}
    trace: dict[tuple[str, str], list[int]] = {}
    walked = shown.trace if shown else ()
    last = max((step.number for step in walked), default=0)
    ghost = ghost_of(flow, shown) if shown else None
    for step in walked:
        moved = step.source != step.target
        if step.accepted and not (ghost and step.number == last):
            trace.setdefault((step.source, step.target), []).append(step.number)
        if moved:
            numbers.setdefault(step.target, []).append(step.number)
    return Coverage(
        counts=dict(found.transitions),
        entered=dict(found.states),
        broken=frozenset(broken),
        trace=tuple((pair, tuple(steps)) for pair, steps in trace.items()),
        reached=tuple((state, tuple(steps)) for state, steps in numbers.items()),
        last=last,
    )


def _title(flow: Flow, shown: Failure | None) -> str:
    title = flow.title or flow.name
    return f"{title}: {shown.title}" if shown else f"{title}: coverage of this run"


def _words(flow: Flow, found: FlowVerdict, failures: tuple[Failure, ...], picture: Layout) -> str:
    taken = sum(1 for _, count in found.transitions if count)
    entered = sum(1 for _, count in found.states if count)
    text = (
        f"{len(picture.nodes)} statuses from {flow.initial} to "
        f"{' or '.join(sorted(flow.final)) or 'no end'}. {taken} of {len(found.transitions)} "
        f"transitions and {entered} of {len(found.states)} statuses were exercised."
    )
    wrong = ", ".join(dict.fromkeys(f.transition for f in failures if f.transition))
    return text + (f" Failing: {wrong}." if wrong else "") + " The tables below say the same."
