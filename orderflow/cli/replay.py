"""``orderflow replay``: play a counterexample or a scenario again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from orderflow.cli.common import View, flow_options, inputs, noted, refuse
from orderflow.cli.output import say
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.loader import bundled_names, load_events, load_yaml
from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.simulator.choices import NONE, every_choice
from orderflow.simulator.scenario import ADVANCE, EARLY, parse_acts, parse_items

if TYPE_CHECKING:
    from orderflow.conformance.drive import Driver
    from orderflow.conformance.trace_file import TraceFile
    from orderflow.conformance.verdict import TraceStep
    from orderflow.flows.settings import Settings

_file = click.Path(path_type=Path)
_IN_FILE = ("reference", "steps", "items", "no_replacement", "profile", "modules")
"""Options that say what a FILE says itself."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    file: Path | None
    reference: str | None
    steps: str | None
    items: str | None
    no_replacement: bool
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]


@click.command("replay")
@click.argument("file", required=False, type=_file)
@click.option("--flow", "reference", metavar="FLOW", help="Bundled flow or flow file.")
@click.option("--steps", metavar="ACTS", help="Acts to play, separated by blanks.")
@click.option("--items", metavar="ITEMS", help="Order lines, such as 2x4990,1x1500:pickup.")
@click.option("--no-replacement", is_flag=True, help="The store does not replace orders.")
@flow_options
def command(**given: Any) -> None:
    """Play a counterexample FILE, or the acts given with --flow and --steps, and judge them.

    An act is an event, with the kind of data it comes with behind a colon where there is a
    choice: verify_invoice:part, verify_invoice:rest, confirm_reservation:gone. advance:30m lets
    time pass; a timer's event waits for its timer, and with :early does not.

    \b
    orderflow replay failure.trace.yaml
    orderflow replay --flow seller --steps "place_order complete_checkout await_authorization"
    orderflow replay --flow seller --items 2x4990,1x1500:pickup --steps "place_order advance:2h"

    FILE is one of those that `orderflow check --traces FOLDER` writes. Exits with 1 when a rule is
    broken, or when a step of FILE ends elsewhere than it did.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    _refuse_doubles(chosen, click.get_current_context())
    trace = _trace(chosen)
    view = View(str(trace.profile), trace.modules, (*trace.settings, *chosen.changes))
    flows, settings = inputs(view, [trace.flow])
    flow = flows[trace.flow]
    _refuse_unknown_events(trace, flow, chosen.file)
    sys.exit(0 if _play(trace, flow, settings) else 1)


def _refuse_doubles(chosen: Chosen, ctx: click.Context) -> None:
    """Raise when options were typed that say what FILE says itself."""
    given = {name: ctx.get_parameter_source(name) for name in _IN_FILE}
    typed = [name for name, source in given.items() if source is ParameterSource.COMMANDLINE]
    if chosen.file is not None and typed:
        options = (param.opts[0] for param in ctx.command.params if param.name in typed)
        raise click.UsageError(f"FILE says itself what to play: leave out {', '.join(options)}")


def _trace(chosen: Chosen) -> TraceFile:
    """What to play: the content of FILE, or what was typed.

    Raises:
        OrderflowError: It cannot be read.
    """
    from orderflow.conformance.drive import Start
    from orderflow.conformance.trace_file import TraceFile, load_trace

    if chosen.file is not None:
        return _found_beside(chosen.file, load_trace(chosen.file))
    if not chosen.reference or not chosen.steps:
        raise click.UsageError("give FILE, or --flow and --steps")
    errors: list[OrderflowError] = []
    items, acts = Start().items, parse_acts(ADVANCE + ":0s")
    with noted(errors):
        items = parse_items(chosen.items) if chosen.items is not None else items
    with noted(errors):
        acts = parse_acts(chosen.steps)
    refuse(errors)
    return TraceFile(
        flow=chosen.reference,
        profile=Profile(chosen.profile),
        modules=chosen.modules,
        rule="",
        start=Start(items, not chosen.no_replacement),
        acts=acts,
        statuses=("",) * len(acts),
    )


def _found_beside(file: Path, trace: TraceFile) -> TraceFile:
    """*trace* with its flow's file taken as seen from the trace file, if there is one there."""
    beside = file.parent / trace.flow
    if trace.flow in bundled_names() or not beside.is_file():
        return trace
    return replace(trace, flow=str(beside))


def _refuse_unknown_events(trace: TraceFile, flow: Flow, file: Path | None) -> None:
    """Raise what is no event at all; one the flow merely lacks is refused when it is played."""
    refused = (refusal.event for refusal in flow.refusals)
    known = {ADVANCE, *flow.events, *refused, *load_events()}
    document = None if file is None else load_yaml(file)
    wrong = []
    for number, act in enumerate(trace.acts):
        if act.event not in known:
            place = document.place(("steps", number)) if document else f"step {number + 1}"
            hint = did_you_mean(act.event, sorted(known))
            wrong.append(f"{place}: {act.event!r} is not an event of {trace.flow}{hint}")
            continue
        offered = {NONE, EARLY, *every_choice(act.event)}
        if act.event != ADVANCE and act.choice not in offered:
            place = document.place(("steps", number)) if document else f"step {number + 1}"
            names = ", ".join(sorted(offered - {NONE}))
            wrong.append(f"{place}: {act.event} never comes with {act.choice!r}; it may: {names}")
    if wrong:
        raise OrderflowError("\n".join(wrong))


def _play(trace: TraceFile, flow: Flow, settings: Settings) -> bool:
    """Play, judge and tell it; return whether all conforms."""
    from orderflow.conformance.shrink import run
    from orderflow.simulator.space import search

    driver = run(search(flow, settings), settings, trace.acts, trace.start)
    conforms = True
    for severity, line in _told(driver, trace):
        say(line)
        conforms = conforms and severity != "error"
    if conforms:
        say(f"conforms: the order stands in {driver.simulator.status}")
    return conforms


def _told(driver: Driver, trace: TraceFile) -> Iterator[tuple[str, str]]:
    """What the replay showed, as severities and lines: steps, differences, troubles."""
    from orderflow.conformance.failure import trace_of

    reasons = iter([done.refused.reason for done in driver.done if done.refused is not None])
    for step in trace_of(driver):
        yield "", line_of(step) + ("" if step.accepted else f": {next(reasons)}")
    for number, (done, then) in enumerate(zip(driver.done, trace.statuses, strict=True), 1):
        now = done.events[-1].target if done.events else done.source
        if then and now != then:
            yield "error", f"step {number}: {done.act} now ends in {now}; the file says {then}"
    for trouble in driver.troubles:
        told = f"{trouble.severity}: {trouble.observed}; {trouble.expected} ({trouble.rule})"
        yield trouble.severity, told
    if trace.rule and trace.rule not in {trouble.rule for trouble in driver.troubles}:
        yield "", f"{trace.rule}, which the file is about, is not broken"


def line_of(step: TraceStep) -> str:
    """One step as a line: number, time, who, what, and where it led."""
    clock = f"{step.at // 60_000:>5}:{step.at // 1_000 % 60:02}"
    data = " ".join(f"{name}={value}" for name, value in step.data)
    what = f"{step.event} {data}".rstrip()
    if not step.accepted:
        return f"{step.number:>3}  {clock}  {step.actor:<11}  {what}  refused in {step.source}"
    source = "nothing" if step.source == ABSENT else step.source
    where = f"stays {step.target}" if step.target == step.source else f"{source} -> {step.target}"
    return f"{step.number:>3}  {clock}  {step.actor:<11}  {what}  {where}"
