"""``orderflow replay``: play a counterexample or a scenario again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from orderflow.cli.common import View, flow_options, inputs, noted, refuse
from orderflow.cli.naming import deal_named, flow_named
from orderflow.cli.output import say
from orderflow.cli.replayed import (
    ORDER,
    Played,
    Replayed,
    Wrong,
    differences,
    lines_of,
    render_replay,
)
from orderflow.cli.target import subject_from, target_options
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.files import is_file
from orderflow.flows.loader import bundled_names, load_events, load_yaml
from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.simulator.choices import NONE, every_choice
from orderflow.simulator.deal_scenario import Carry, DealAct, parse_deal_acts
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, parse_acts, parse_items

if TYPE_CHECKING:
    from orderflow.conformance.drive import Done, Driver
    from orderflow.conformance.trace_file import TraceFile
    from orderflow.conformance.verdict import TraceStep
    from orderflow.flows.settings import Settings

Place = Callable[[int], object]
"""Where the act of a number stands, for a message."""

_file = click.Path(path_type=Path)
_IN_FILE = ("reference", "deal", "fault", "steps", "items", "no_replacement", "profile", "modules")
"""Options that say what a FILE says itself."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    file: Path | None
    reference: str | None
    deal: str | None
    fault: str | None
    steps: str | None
    items: str | None
    no_replacement: bool
    target: str | None
    mapping: Path | None
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]
    format: str = "text"


@click.command("replay")
@click.argument("file", required=False, type=_file)
@click.option("--flow", "reference", metavar="FLOW", help="Bundled flow or flow file.")
@click.option("--deal", metavar="DEAL", help="Bundled deal or deal file, for a whole sale.")
@click.option("--fault", metavar="NAME", help="Known defect to switch on, see `orderflow faults`.")
@click.option("--steps", metavar="ACTS", help="Acts to play, separated by blanks.")
@click.option("--items", metavar="ITEMS", help="Order lines, such as 2x4990,1x1500:pickup.")
@click.option("--no-replacement", is_flag=True, help="The store does not replace orders.")
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or one JSON object for programs.",
)
@target_options
@flow_options
def command(**given: Any) -> None:
    """Play a counterexample FILE, or the acts given with --flow or --deal, and judge them.

    An act is an event, with the kind of data it comes with behind a colon where there is a
    choice: verify_invoice:part, verify_invoice:rest, confirm_reservation:gone. advance:30m lets
    time pass; a timer's event waits for its timer, and with :early does not.

    In a sale an event belongs to a participant: market.place_order. seller>market lets the next
    message arrive, seller>market:lost loses it, seller>market:doubled keeps a copy under way,
    seller>market:2 lets the second one overtake it; settle waits until no message is left.

    \b
    orderflow replay failure.trace.yaml
    orderflow replay --flow seller --steps "place_order complete_checkout await_authorization"
    orderflow replay --flow seller --items 2x4990,1x1500:pickup --steps "place_order advance:2h"
    orderflow replay --deal marketplace-seller --steps "market.place_order settle"
    orderflow replay failure.trace.yaml --target http://127.0.0.1:8080
    orderflow replay --flow seller --steps place_order --format json

    FILE is one of those that `orderflow check --traces FOLDER` writes. Exits with 1 when a rule is
    broken, or when a step of FILE ends elsewhere than it did. On a system under test what must be
    refused and is not is told, and what follows is played on another order.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    _refuse_doubles(chosen, click.get_current_context())
    trace = _trace(chosen)
    view = View(str(trace.profile), trace.modules, (*trace.settings, *chosen.changes))
    if chosen.target is not None and (trace.deal or trace.fault):
        what = "a whole sale" if trace.deal else "a fault"
        raise click.UsageError(f"--target: {what} is played on our own simulator only")
    if chosen.target is None and chosen.mapping is not None:
        raise click.UsageError("--mapping: says how to ask a system; name it with --target")
    replayed = _played(trace, view, chosen)
    if chosen.format == "json":
        asked = replace(trace, settings=(*trace.settings, *chosen.changes))
        say(render_replay(replayed, asked, chosen.target or ""))
    else:
        for line in replayed.lines:
            say(line)
    sys.exit(0 if replayed.conforms else 1)


def _played(trace: TraceFile, view: View, chosen: Chosen) -> Replayed:
    """Find what *trace* is about and play it."""
    place = _places(chosen.file)
    if not trace.deal:
        found = inputs(view, [trace.flow], named=_flow)
        flow = found.flows[trace.flow]
        _refuse_unknown_events(trace, flow, place)
        if chosen.target is None:
            return _play(trace, flow, found.settings)

        from orderflow.cli.replay_target import play_on

        with subject_from(chosen.target, chosen.mapping, flow.events, flow.state) as subject:
            return play_on(subject, trace, flow, found.settings)
    found = inputs(view, [trace.deal], named=_deal)
    (deal,) = found.deals.values()

    from orderflow.cli.replay_deal import play_deal, refuse_unknown_acts

    refuse_unknown_acts(trace, deal, place)
    return play_deal(trace, deal, found.settings)


def _places(file: Path | None) -> Place:
    """Where the act of a number stands: in the file, or among those that were typed."""
    document = None if file is None else load_yaml(file)
    return lambda n: document.place(("steps", n)) if document else f"step {n + 1}"


def _deal(word: str) -> list[tuple[str, Deal]]:
    return [(word, deal_named(word))]


def _flow(word: str) -> list[tuple[str, Flow]]:
    return [(word, flow_named(word))]


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
    if bool(chosen.reference) == bool(chosen.deal) or not chosen.steps:
        raise click.UsageError("give FILE, or --flow and --steps, or --deal and --steps")
    errors: list[OrderflowError] = []
    items = Start().items
    acts: tuple[Act, ...] = ()
    deal_acts: tuple[DealAct | Carry, ...] = ()
    with noted(errors):
        items = parse_items(chosen.items) if chosen.items is not None else items
    with noted(errors):
        acts = parse_acts(chosen.steps) if chosen.reference else ()
    with noted(errors):
        deal_acts = parse_deal_acts(chosen.steps) if chosen.deal else ()
    refuse(errors)
    return TraceFile(
        flow=chosen.reference or "",
        profile=Profile(chosen.profile),
        modules=chosen.modules,
        rule="",
        start=Start(items, not chosen.no_replacement),
        acts=acts,
        statuses=("",) * (len(acts) + len(deal_acts)),
        deal=chosen.deal or "",
        deal_acts=deal_acts,
        fault=chosen.fault or "",
    )


def _found_beside(file: Path, trace: TraceFile) -> TraceFile:
    """*trace* with its flow's or deal's file taken as seen from the trace file, if it is there."""
    if trace.flow in bundled_names() or trace.deal in bundled_deal_names():
        return trace
    word = trace.flow or trace.deal
    path, _, name = word.rpartition(":")
    for beside in (file.parent / word, *([file.parent / path] if path else [])):
        if is_file(beside):
            found = str(beside) if beside.name == Path(word).name else f"{beside}:{name}"
            return replace(trace, flow=found) if trace.flow else replace(trace, deal=found)
    return trace


def _refuse_unknown_events(trace: TraceFile, flow: Flow, place: Place) -> None:
    """Raise what is no event at all; one the flow merely lacks is refused when it is played."""
    refused = (refusal.event for refusal in flow.refusals)
    known = {ADVANCE, *flow.events, *refused, *load_events()}
    wrong = []
    for number, act in enumerate(trace.acts):
        offered = {NONE, EARLY, *every_choice(act.event)}
        if act.event not in known:
            hint = did_you_mean(act.event, sorted(known))
            wrong.append(f"{place(number)}: {act.event!r} is not an event of {trace.flow}{hint}")
        elif act.event != ADVANCE and act.choice not in offered:
            names = ", ".join(sorted(offered - {NONE}))
            told = f"{act.event} never comes with {act.choice!r}; it may: {names}"
            wrong.append(f"{place(number)}: {told}")
    if wrong:
        raise OrderflowError("\n".join(wrong))


def _play(trace: TraceFile, flow: Flow, settings: Settings) -> Replayed:
    """Play it on the simulator and judge it."""
    from orderflow.conformance.failure import trace_of
    from orderflow.conformance.shrink import acts_until, run
    from orderflow.simulator.space import search

    if trace.fault:
        from orderflow.cli.replay_fault import play_faulty_flow

        driver, troubles = play_faulty_flow(trace, flow, settings)
    else:
        driver = run(search(flow, settings), settings, trace.acts, trace.start)
        troubles = tuple(driver.troubles)
    steps = tuple(_step(done) for done in driver.done)
    broken = tuple(
        Wrong(each.severity, acts_until(driver.done, each), each.observed, each.expected, each.rule)
        for each in troubles
    )
    wrong = (*differences(steps, trace.statuses), *broken)
    conforms = not any(each.severity == "error" for each in wrong)
    told, status = trace_of(driver), driver.simulator.status
    lines = (*_lines(told, driver), *lines_of(wrong, trace.rule))
    end = (f"conforms: the order stands in {status}",) if conforms else ()
    return Replayed(conforms, (*lines, *end), steps, wrong, ((ORDER, status),), trace=told)


def _step(done: Done) -> Played:
    status = done.events[-1].target if done.events else done.source
    told = "" if done.refused is None else done.refused.reason
    return Played(str(done.act), status, done.refused is None, told)


def _lines(told: Iterable[TraceStep], driver: Driver) -> Iterator[str]:
    reasons = iter([done.refused.reason for done in driver.done if done.refused is not None])
    for step in told:
        yield line_of(step) + ("" if step.accepted else f": {next(reasons)}")


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
