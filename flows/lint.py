"""Static analysis of a flow: what is allowed to be written but can hardly be meant.

A finding never keeps a flow from loading: a flow may be broken on purpose. Each check looks
at the whole file or at one view of it, a profile with all or none of the optional modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

from orderflow.flows.errors import FlowFileError, Place, Problem, did_you_mean
from orderflow.flows.graph import leading_to, reachable
from orderflow.flows.guards import Answers, gap, never_holds, overlap
from orderflow.flows.loader import known_durations, load_events, load_flow
from orderflow.flows.model import (
    ABSENT,
    OUTERMOST_LANE,
    EventKind,
    Flow,
    Profile,
    State,
    Transition,
)

MOST_ALTERNATIVES = 100
"""Most transitions with one source and event whose guards are compared with each other."""


def lint(
    flow: Flow,
    *,
    events: Mapping[str, EventKind] | None = None,
    durations: frozenset[str] | None = None,
) -> tuple[Problem, ...]:
    """Return everything suspicious about *flow*, in file order.

    Args:
        flow: A flow as read, with all its profiles.
        events: The common events; None takes those of ``events.yaml``.
        durations: Names a timer may wait for; None takes those of ``settings.yaml``.
    """
    vocabulary = dict(load_events() if events is None else events)
    vocabulary.update({kind.name: kind for kind in flow.own_events})
    known = known_durations() if durations is None else durations
    found = [problem for check in _FILE_CHECKS for problem in check(flow)]
    found += _check_events(flow, vocabulary)
    found += _check_durations(flow, known)
    found += _check_views(flow)
    return tuple(sorted(set(found)))


def lint_file(path: Path) -> tuple[Problem, ...]:
    """Return why the flow file at *path* does not load or, when it does, what :func:`lint` says."""
    try:
        flow = load_flow(path)
    except FlowFileError as error:
        return error.problems
    return lint(flow)


def _views(flow: Flow) -> dict[str, Flow]:
    """Return what a run may see of *flow*, by a label; views without any step are left out."""
    modules = _modules(flow)
    views = {profile.value: flow.view(profile) for profile in Profile}
    if modules:
        views |= {f"{p.value} with all modules": flow.view(p, modules) for p in Profile}
    return {label: view for label, view in views.items() if view.transitions}


def _modules(flow: Flow) -> tuple[str, ...]:
    parts: list[State | Transition] = [*flow.states, *flow.transitions]
    return tuple(sorted({part.module for part in parts if part.module}))


def _check_views(flow: Flow) -> list[Problem]:
    """Run the checks of one view on every view; name the views when not all agree."""
    unused = _unused(flow)
    views = _views(replace(flow, states=tuple(s for s in flow.states if s.name not in unused)))
    seen: dict[Problem, list[str]] = {}
    for label, view in views.items():
        for problem in dict.fromkeys(p for check in _VIEW_CHECKS for p in check(view)):
            seen.setdefault(problem, []).append(label)
    return [
        problem if len(labels) == len(views) else _only_in(problem, labels)
        for problem, labels in seen.items()
    ]


def _only_in(problem: Problem, labels: Iterable[str]) -> Problem:
    return Problem(problem.place, f"{problem.text} (in: {', '.join(labels)})", problem.check)


def _place(flow: Flow, key: str) -> Place:
    return dict(flow.places).get(key, Place(flow.source))


def _starts(view: Flow) -> list[str]:
    entered = [state.name for state in view.states if state.entry]
    return [view.initial, ABSENT, *entered]


def _unreachable(view: Flow) -> Iterator[Problem]:
    found = reachable(view, _starts(view))
    for state in view.states:
        if state.name not in found:
            text = f"no order ever gets to {state.name!r}"
            yield Problem(state.place, text, "unreachable-state")


def _dead_end(view: Flow) -> Iterator[Problem]:
    leading = leading_to(view, view.final)
    for state in view.states:
        silent = state.entry and state.name not in view.out
        if view.final and state.name not in leading and not silent:
            text = f"no order ever gets from {state.name!r} to a final status"
            yield Problem(state.place, text, "dead-end")


def _groups(view: Flow) -> Iterator[tuple[Transition, ...]]:
    for steps in view.leaving.values():
        if 1 < len(steps) <= MOST_ALTERNATIVES:
            yield steps


def _overlaps(view: Flow) -> Iterator[Problem]:
    for steps in _groups(view):
        for one, other in combinations(steps, 2):
            answers = overlap(one, other)
            if answers is not None:
                text = f"{other.id} and {one.id} can both be taken{_when(answers)}"
                yield Problem(other.place, text, "guards-overlap")


def _gaps(view: Flow) -> Iterator[Problem]:
    for steps in _groups(view):
        answers = gap(steps)
        if answers is not None:
            ids = ", ".join(step.id for step in steps)
            text = f"none of {ids} can be taken{_when(answers)}"
            yield Problem(steps[0].place, text, "guards-gap")


def _when(answers: Answers) -> str:
    told = ", ".join(f"{fact} is {answer!r}" for fact, answer in answers)
    return f" when {told}" if told else ""


def _leaves_final(view: Flow) -> Iterator[Problem]:
    for step in view.transitions:
        if step.source in view.final and step.target != step.source:
            text = f"{step.id} leads out of the final status {step.source!r}"
            yield Problem(step.place, text, "leaves-final")


def _crowded(flow: Flow) -> Iterator[Problem]:
    for (source, event), steps in flow.leaving.items():
        if len(steps) > MOST_ALTERNATIVES:
            text = f"{len(steps)} transitions for {event!r} in {source!r} are too many to compare"
            yield Problem(steps[0].place, text, "too-many-alternatives")


def _unused_state(flow: Flow) -> Iterator[Problem]:
    for name in _unused(flow):
        text = f"no transition leads to {name!r} or away from it"
        yield Problem(flow.state[name].place, text, "unused-state")


def _unused(flow: Flow) -> tuple[str, ...]:
    used = {flow.initial, *(name for step in flow.transitions for name in _ends(step))}
    return tuple(s.name for s in flow.states if s.name not in used and not s.entry)


def _ends(step: Transition) -> tuple[str, str]:
    return step.source, step.target


def _dead_transition(flow: Flow) -> Iterator[Problem]:
    views = [flow.view(profile, _modules(flow)) for profile in Profile]
    alive = {step.id for view in views for step in view.transitions}
    for step in flow.transitions:
        if step.id not in alive:
            text = f"{step.id} is in no profile together with both its statuses"
            yield Problem(step.place, text, "dead-transition")
        elif never_holds(step):
            text = f"{step.id} is never taken: {' and '.join(step.when)} cannot all hold"
            yield Problem(step.place, text, "dead-transition")


def _idle_timer(flow: Flow) -> Iterator[Problem]:
    for timer in flow.timers:
        if (timer.state, timer.fires) not in flow.leaving:
            text = f"no transition takes {timer.fires!r} in {timer.state!r} when the time is over"
            yield Problem(timer.place, text, "timer-without-transition")
            continue
        steps = flow.leaving[timer.state, timer.fires]
        if not any(step.actors == ("timer",) for step in steps):
            text = (
                f"{timer.fires!r} in {timer.state!r} never happens by itself: "
                f"{steps[0].row} is for {' and '.join(steps[0].actors)}, not for the timer alone"
            )
            yield Problem(timer.place, text, "timer-never-rings")


def _initial(flow: Flow) -> Iterator[Problem]:
    created = [step.target for step in flow.transitions if step.creates]
    if created and flow.initial not in created:
        text = f"orders start in {', '.join(sorted(set(created)))}, not in {flow.initial!r}"
        yield Problem(_place(flow, "initial"), text, "initial-not-created")
    if not created:
        text = f"no transition creates an order: none is from {ABSENT!r}"
        yield Problem(_place(flow, "initial"), text, "never-created")
    if not flow.final:
        text = "no status is final: no order ever ends"
        yield Problem(_place(flow, "final"), text, "no-final")


def _diagram(flow: Flow) -> Iterator[Problem]:
    for edge in flow.diagram:
        steps = [step for step in flow.transitions if edge.id in step.drawn]
        if not steps:
            text = f"no transition realises edge {edge.id}: {edge.source} -> {edge.target}"
            yield Problem(edge.place, text, "edge-not-realised")
        elif not _joins(flow, edge.source, [step.source for step in steps]):
            text = f"edge {edge.id} leaves {edge.source!r}, the transitions that draw it do not"
            yield Problem(edge.place, text, "edge-elsewhere")
        elif not _joins(flow, edge.target, [step.target for step in steps]):
            text = f"edge {edge.id} reaches {edge.target!r}, the transitions that draw it do not"
            yield Problem(edge.place, text, "edge-elsewhere")


def _joins(flow: Flow, node: str, statuses: list[str]) -> bool:
    """Whether one of *statuses* is drawn as *node*, or nothing can be said against it.

    Several steps may be joined to one edge through statuses that are not drawn.
    """
    drawn = {state.node for state in flow.states}
    nodes = {flow.state[name].node if name in flow.state else "" for name in statuses}
    return node not in drawn or node in nodes or "" in nodes


def _happy_path(flow: Flow) -> Iterator[Problem]:
    for profile, path in flow.happy_paths:
        view, place = flow.view(profile), _place(flow, f"happy_path.{profile}")
        for text in _path_breaks(view, path):
            yield Problem(place, f"happy path ({profile}): {text}", "happy-path-broken")


def _path_breaks(view: Flow, path: tuple[str, ...]) -> Iterator[str]:
    starts = {view.initial, *(step.target for step in view.transitions if step.creates)}
    if path[0] not in starts:
        yield f"starts in {path[0]!r}, orders in {', '.join(sorted(starts))}"
    joined = {_ends(step) for step in view.transitions}
    for one, next_one in pairwise(path):
        if (one, next_one) not in joined:
            yield f"no transition leads from {one!r} to {next_one!r}"
    if path[-1] not in view.success:
        yield f"ends in {path[-1]!r}, which is no success"


def _hint_out_of_reach(flow: Flow) -> Iterator[Problem]:
    lanes, rows = (-OUTERMOST_LANE, OUTERMOST_LANE), (0, len(flow.states))
    for state in flow.states:
        for word, asked, (low, high) in (("lane", state.lane, lanes), ("row", state.row, rows)):
            if asked is not None and not low <= asked <= high:
                text = (
                    f"{word} {asked} of {state.name!r} is out of reach: {low} to {high} are there"
                )
                yield Problem(state.place, text, "hint-out-of-reach")


def _hint_taken(flow: Flow) -> Iterator[Problem]:
    cells: dict[tuple[int, int], list[State]] = {}
    for state in flow.states:
        if state.lane is None or state.row is None:
            continue
        others = cells.setdefault((state.lane, state.row), [])
        for other in others:
            if other.profiles & state.profiles:
                cell = f"lane {state.lane}, row {state.row}"
                text = f"{state.name!r} cannot stand in {cell}, where {other.name!r} is to stand"
                yield Problem(state.place, text, "hint-taken")
                break
        others.append(state)


def _check_events(flow: Flow, vocabulary: Mapping[str, EventKind]) -> Iterator[Problem]:
    used = [(step.event, step.place) for step in flow.transitions]
    used += [(refusal.event, refusal.place) for refusal in flow.refusals]
    for event, place in dict.fromkeys(used):
        if event not in vocabulary:
            hint = did_you_mean(event, vocabulary) or "; declare your own under 'events'"
            yield Problem(place, f"unknown event {event!r}{hint}", "unknown-event")
    for step in flow.transitions:
        kind = vocabulary.get(step.event)
        for actor in step.actors if kind and kind.actors else ():
            if kind and actor not in kind.actors:
                text = f"{step.row}: {actor} cannot fire {step.event!r}, only {_any(kind)} can"
                yield Problem(step.place, text, "actor-cannot-fire")


def _any(kind: EventKind) -> str:
    return " or ".join(kind.actors)


def _check_durations(flow: Flow, known: frozenset[str]) -> Iterator[Problem]:
    for timer in flow.timers:
        if timer.after not in known:
            hint = did_you_mean(timer.after, known) or "; durations are those of the settings"
            text = f"unknown duration {timer.after!r}{hint}"
            yield Problem(timer.place, text, "unknown-duration")


_Check = Callable[[Flow], Iterator[Problem]]
_FILE_CHECKS: tuple[_Check, ...] = (
    _unused_state,
    _dead_transition,
    _idle_timer,
    _initial,
    _diagram,
    _happy_path,
    _crowded,
    _hint_out_of_reach,
    _hint_taken,
)
_VIEW_CHECKS: tuple[_Check, ...] = (_unreachable, _dead_end, _overlaps, _gaps, _leaves_final)
