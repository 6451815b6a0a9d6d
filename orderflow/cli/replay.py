"""``orderflow replay``: play a counterexample or a scenario again."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from orderflow.cli.common import flow_options, settings_from, viewed
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.failure import trace_of
from orderflow.conformance.shrink import run
from orderflow.conformance.trace_file import TraceFile, load_trace
from orderflow.conformance.verdict import TraceStep
from orderflow.flows.model import ABSENT, Profile
from orderflow.simulator.scenario import parse_acts, parse_items
from orderflow.simulator.space import search

_file = click.Path(path_type=Path)


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
    r"""Play a counterexample FILE, or the acts given with --flow and --steps, and judge them.

    An act is an event, with the kind of data it comes with behind a colon where there is a
    choice: verify_invoice:part, verify_invoice:rest, confirm_reservation:gone. advance:30m lets
    time pass; a timer's event waits for its timer, and with :early does not.

    \b
    orderflow replay failure.trace.yaml
    orderflow replay --flow seller --steps "place_order complete_checkout await_authorization"

    Exits with 1 when a rule is broken, or when a step of FILE ends elsewhere than it did.
    """
    chosen = Chosen(**given)
    trace = _scenario(chosen)
    settings = settings_from(chosen.changes)
    flow = viewed(trace.flow, str(trace.profile), trace.modules)
    driver = run(search(flow, settings), settings, trace.acts, trace.start)
    for step in trace_of(driver):
        click.echo(told(step))
    differs = _differences(driver, trace)
    for text in differs:
        click.echo(text)
    for trouble in driver.troubles:
        click.echo(f"{trouble.severity}: {trouble.observed}; {trouble.expected} ({trouble.rule})")
    errors = [trouble for trouble in driver.troubles if trouble.severity == "error"]
    if errors or differs:
        sys.exit(1)
    click.echo(f"conforms: the order stands in {driver.simulator.status}")


def _scenario(chosen: Chosen) -> TraceFile:
    if chosen.file is not None:
        if chosen.reference or chosen.steps or chosen.items:
            raise click.UsageError("give FILE, or --flow and --steps, not both")
        return load_trace(chosen.file)
    if not chosen.reference or not chosen.steps:
        raise click.UsageError("give FILE, or --flow and --steps")
    items = parse_items(chosen.items) if chosen.items else Start().items
    acts = parse_acts(chosen.steps)
    return TraceFile(
        flow=chosen.reference,
        profile=Profile(chosen.profile),
        modules=chosen.modules,
        rule="",
        start=Start(items, not chosen.no_replacement),
        acts=acts,
        statuses=("",) * len(acts),
    )


def told(step: TraceStep) -> str:
    """One step as a line: number, time, who, what, and where it led."""
    clock = f"{step.at // 60_000:>5}:{step.at // 1_000 % 60:02}"
    data = " ".join(f"{name}={value}" for name, value in step.data)
    what = f"{step.event} {data}".rstrip()
    if not step.accepted:
        return f"{step.number:>3}  {clock}  {step.actor:<11}  {what}  refused in {step.source}"
    source = "nothing" if step.source == ABSENT else step.source
    where = f"stays {step.target}" if step.target == step.source else f"{source} -> {step.target}"
    return f"{step.number:>3}  {clock}  {step.actor:<11}  {what}  {where}"


def _differences(driver: Driver, trace: TraceFile) -> list[str]:
    found = []
    for number, (done, then) in enumerate(zip(driver.done, trace.statuses, strict=True), 1):
        now = done.events[-1].target if done.events else done.source
        if then and now != then:
            found.append(f"step {number}: {done.act} now ends in {now}; the file says {then}")
    return found
