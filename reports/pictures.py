"""The state diagrams of a report: a flow, what a run exercised of it, and where it broke."""

from __future__ import annotations

from orderflow.conformance.verdict import Failure, FlowVerdict, TraceStep
from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.reports.geometry import Layout
from orderflow.reports.layout import StageOf, layout
from orderflow.reports.svg import CROSS, Caption, Coverage, render_svg


def failing_step(failure: Failure) -> TraceStep | None:
    """Return the step that broke the rule, None when the failure has no trace."""
    return failure.trace[-1] if failure.trace else None


def ghost_of(failure: Failure) -> tuple[str, str] | None:
    """Return the step that was observed though the flow leads elsewhere, or None."""
    step = failing_step(failure)
    if step is None or ABSENT in {step.source, step.target}:
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
    failing = {failure.transition for failure in failures if failure.transition}
    counts = dict(found.transitions)
    last = shown.trace[-1].number if shown and shown.trace else 0

    def label(steps: tuple[Transition, ...]) -> tuple[str, str]:
        text = steps[0].event.replace("_", " ")
        if any(step.id in failing for step in steps):
            here = shown is not None and any(step.id == shown.transition for step in steps)
            text = f"{CROSS}{last} {text}" if here and last else CROSS + text
        return text, f"×{sum(counts.get(step.id, 0) for step in steps)}"  # noqa: RUF001

    ghosts = dict.fromkeys(filter(None, map(ghost_of, failures if shown is None else (shown,))))
    picture = layout(flow, labels=label, ghosts=tuple(ghosts), stage_of=stage_of)
    coverage = _coverage(found, failures, shown, f"{name}-step" if shown else "")
    return render_svg(
        picture,
        Caption(name, _title(flow, shown), _words(flow, found, failures, picture), safe_id(found.name)),
        coverage=coverage,
    )


def _coverage(
    found: FlowVerdict, failures: tuple[Failure, ...], shown: Failure | None, steps: str
) -> Coverage:
    broken = {step.source for step in map(failing_step, failures) if step is not None}
    numbers: dict[str, list[int]] = {}
    trace: dict[tuple[str, str], list[int]] = {}
    walked = shown.trace if shown else ()
    last = max((step.number for step in walked), default=0)
    ghost = ghost_of(shown) if shown else None
    for step in walked:
        moved = step.source != step.target
        if step.accepted and not (ghost and step.number == last):
            trace.setdefault((step.source, step.target), []).append(step.number)
        if moved:
            numbers.setdefault(step.target, []).append(step.number)
    return Coverage(
        counts=dict(found.transitions),
        entered=dict(found.states),
        failing=frozenset(failure.transition for failure in failures if failure.transition),
        broken=frozenset(broken),
        trace=tuple((pair, tuple(steps)) for pair, steps in trace.items()),
        reached=tuple((state, tuple(steps)) for state, steps in numbers.items()),
        last=last,
        steps=steps,
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
