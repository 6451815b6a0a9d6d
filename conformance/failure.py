"""From something that broke to a failure a person can read: shrunk, told, repeatable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.drive import Done, Driver, Start, Trouble
from orderflow.conformance.explore import simplest_start
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.observe import timeline_of
from orderflow.conformance.rules import rule as any_rule
from orderflow.conformance.scenarios import changed, replay_command
from orderflow.conformance.shrink import Acts, Shrinker, run, trouble_in
from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings
from orderflow.simulator.events import Data, Event
from orderflow.simulator.scenario import ADVANCE, format_items
from orderflow.simulator.space import Space

if TYPE_CHECKING:
    from orderflow.conformance.check import Sighting

_MONEY = frozenset({"value", "delta"})


def failure_of(sighting: Sighting, space: Space, settings: Settings, named: str) -> Failure:
    """Shrink what was seen and tell it.

    Args:
        sighting: The trouble and the run that showed it.
        space: The flow's configurations.
        settings: Time limits of the run.
        named: How a command line names the flow.
    """
    identity = sighting.trouble.identity
    start, acts = shrunk(sighting, space, settings)
    driver = run(space, settings, acts, start)
    trouble = trouble_in(driver, identity) or sighting.trouble
    return tell(trouble, driver, acts, sighting=sighting, named=named)


def shrunk(sighting: Sighting, space: Space, settings: Settings) -> tuple[Start, Acts]:
    """The shortest run with the simplest order that shows the trouble again."""
    identity, start = sighting.trouble.identity, sighting.start
    for simple in (Start(), Start(replaceable=start.replaceable)):
        shrinker = Shrinker(space, settings, identity, simple)
        if shrinker.fails(sighting.acts):
            return simple, shrinker.shrink(sighting.acts)
    acts = Shrinker(space, settings, identity, start).shrink(sighting.acts)

    def fails(other: Start) -> bool:
        return Shrinker(space, settings, identity, other).fails(acts)

    return simplest_start(fails, start, 0), acts


def tell(
    trouble: Trouble, driver: Driver, acts: Acts, *, sighting: Sighting, named: str
) -> Failure:
    """Put a trouble and the run that shows it into words."""
    flow = driver.space.plan.flow
    title, kind, explanation, source = about(trouble.rule)
    return Failure(
        identity="/".join((trouble.rule, trouble.transition or "-".join(trouble.cell), kind)),
        rule=trouble.rule,
        title=title,
        severity=trouble.severity,
        kind=kind,
        flow=flow.name,
        transition=trouble.transition,
        sentence=_sentence(trouble, flow),
        expected=trouble.expected,
        observed=trouble.observed,
        explanation=explanation,
        source=", ".join(source),
        trace=trace_of(driver),
        shrunk_from=len(sighting.acts),
        seen=sighting.seen,
        expected_target=expected_target(trouble, flow),
        replay=replay_command(driver.space, acts, driver.start, named, driver.settings),
        acts=tuple(str(act) for act in acts),
        statuses=tuple(_status_after(done) for done in driver.done),
        items=format_items(driver.start.items),
        replaceable=driver.start.replaceable,
        settings=changed(driver.settings),
    )


def _status_after(done: Done) -> str:
    return done.events[-1].target if done.events else done.source


def about(rule: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Title, kind, explanation and sources of a rule or invariant."""
    if rule in INVARIANTS:
        known = INVARIANTS[rule]
        return known.title, known.kind, known.explanation, known.source
    found = any_rule(rule)
    return found.title, "rule", found.explanation, found.source


def _sentence(trouble: Trouble, flow: Flow) -> str:
    observed = trouble.observed[:1].upper() + trouble.observed[1:]
    usual = flow.profile in {None, Profile.DOCUMENTED}
    where = f"{flow.name} flow" + ("" if usual else f", {flow.profile} profile")
    return f"{observed}; {trouble.expected} ({trouble.rule}, {where})."


def expected_target(trouble: Trouble, flow: Flow) -> str:
    """Where the same event leads in the bundled flow this one stands for, if elsewhere."""
    if flow.family not in bundled_names() or not trouble.transition:
        return ""
    taken = flow.transition.get(trouble.transition)
    usual = bundled(flow.family).view(flow.profile or Profile.DOCUMENTED, flow.modules)
    targets = [step.target for step in usual.leaving.get(trouble.cell, ())]
    if taken is None or not targets or taken.target in targets:
        return ""
    return targets[0]


def trace_of(driver: Driver) -> tuple[TraceStep, ...]:
    """The acts played on the driver's order as numbered steps, times counted from the first."""
    steps: list[TraceStep] = []
    began = driver.done[0].at if driver.done else 0
    for done in driver.done:
        if done.act.event == ADVANCE and not done.events:
            steps.append(_waited(done, len(steps) + 1, began))
        for event in done.events:
            steps.append(_happened(driver, event, len(steps) + 1, began))
        if done.refused is not None:
            steps.append(_refusal(done, len(steps) + 1, began))
    return tuple(steps)


def _waited(done: Done, number: int, began: int) -> TraceStep:
    data = (("for", done.act.choice),)
    return TraceStep(number, done.at - began, "clock", ADVANCE, done.source, done.source, data=data)


def _happened(driver: Driver, event: Event, number: int, began: int) -> TraceStep:
    document = driver.simulator.documents[event.seq - 1]
    stages = timeline_of(document, event.at, driver.statuses[: event.seq]).stages
    reached = max((stage.number for stage in stages if stage.slot != "todo"), default=0)
    return TraceStep(
        number,
        event.at - began,
        event.actor,
        event.event,
        event.source,
        event.target,
        transition=event.transition,
        stage=reached,
        data=readable(event.data),
    )


def _refusal(done: Done, number: int, began: int) -> TraceStep:
    return TraceStep(
        number,
        done.at - began,
        "anyone",
        done.act.event,
        done.source,
        done.source,
        accepted=False,
        data=(("choice", done.act.choice),) if done.act.choice else (),
    )


def readable(data: Data) -> tuple[tuple[str, str], ...]:
    """What came with an event, as a trace shows it."""
    return tuple((name, _text(name, value)) for name, value in data)


def _text(name: str, value: object) -> str:
    if name in _MONEY and isinstance(value, int):
        return f"{value / 100:.2f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
