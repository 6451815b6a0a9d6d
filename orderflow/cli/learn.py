"""``orderflow learn``: learn the flow that a system really follows, and compare."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderflow.cli.common import (
    Inputs,
    View,
    flow_options,
    form_option,
    inputs,
    noted,
    refuse,
    seed_option,
)
from orderflow.cli.one_flow import one_flow
from orderflow.cli.output import Progress, pour, same, say, whole, writable
from orderflow.cli.target import subject_from, target_options
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow

if TYPE_CHECKING:
    from orderflow.conformance.learned import Learned
    from orderflow.conformance.learned_flow import Matter
    from orderflow.conformance.learner import Wishes
    from orderflow.conformance.subjects.subject import Subject
    from orderflow.simulator.machine import Plan

_file = click.Path(path_type=Path)
_MOST = 40
"""Rows of the table that are shown; the JSON has them all."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flow: str
    target: str | None
    mapping: Path | None
    inputs: str
    no_replacement: bool
    oracle: str
    max_orders: int
    max_calls: int
    seed: int
    form: str
    svg: Path | None
    mermaid: Path | None
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def view(self) -> View:
        """What to see of the flow."""
        return View(self.profile, self.modules, self.changes)

    @property
    def files(self) -> tuple[Path, ...]:
        """Where pictures go."""
        return tuple(path for path in (self.svg, self.mermaid) if path is not None)


@click.command("learn")
@click.argument("flow", metavar="FLOW")
@target_options
@click.option(
    "--inputs",
    type=click.Choice(("usual", "all")),
    default="usual",
    show_default=True,
    help="With which data to fire events: as few kinds as show all of the flow, or all.",
)
@click.option("--no-replacement", is_flag=True, help="The store does not replace orders.")
@click.option(
    "--oracle",
    metavar="WHICH",
    default="suite",
    show_default=True,
    help="What decides that all is learned: suite, or random:N for N random words, after which "
    "nothing is ever claimed.",
)
@click.option(
    "--max-orders",
    type=click.IntRange(min=1),
    default=5_000,
    show_default=True,
    help="New orders it may take.",
)
@click.option(
    "--max-calls",
    type=click.IntRange(min=1),
    default=50_000,
    show_default=True,
    help="Calls it may take.",
)
@seed_option
@form_option("text", "json")
@click.option("--svg", type=_file, metavar="FILE", help="Draw what the system does.")
@click.option("--mermaid", type=_file, metavar="FILE", help="The same as a Mermaid diagram.")
@flow_options
def command(**given: Any) -> None:
    """Learn what a system really does with the events of FLOW, and print how it differs.

    FLOW is the name of a bundled flow or the path of a flow file. The system is asked one order
    after the other until every answer is explained; then all that was learned is laid beside the
    flow, cell by cell. Without --target it is our own simulator that is asked, to show how it goes.

    \b
    orderflow learn seller
    orderflow learn chain --svg learned.svg
    orderflow learn seller --target http://127.0.0.1:8080 --max-orders 3000
    orderflow learn seller --target 'command:./shop --test' --format json
    orderflow learn seller --oracle random:50

    Needs an optional part: pip install 'orderflow-harness[learn]'. Exits with 0 when the system is
    claimed to do what the flow says, and with 1 when it differs or nothing can be claimed.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    if chosen.target is None and chosen.mapping is not None:
        raise click.UsageError("--mapping: says how to ask a system; name it with --target")

    from orderflow.conformance.learner import Wishes, require_learner
    from orderflow.conformance.learner_answers import Bounds

    wishes = Wishes(chosen.oracle, Bounds(chosen.max_orders, chosen.max_calls), chosen.seed)
    found = _found(chosen, wishes)
    require_learner()
    sys.exit(0 if _learns(chosen, wishes, found) else 1)


def _found(chosen: Chosen, wishes: Wishes) -> Inputs:
    """The flow and the settings.

    Raises:
        OrderflowError: Something on the command line is wrong; tells all of it.
    """
    return inputs(
        chosen.view,
        [chosen.flow],
        named=one_flow("learn"),
        checks=(lambda: wishes.random_count, lambda: _check_files(chosen)),
    )


def _check_files(chosen: Chosen) -> None:
    errors: list[OrderflowError] = []
    for path in chosen.files:
        with noted(errors):
            writable(path)
    if chosen.svg and chosen.mermaid and same(chosen.svg, chosen.mermaid):
        errors.append(OrderflowError(f"{chosen.svg}: is asked for twice"))
    refuse(errors)


def _learns(chosen: Chosen, wishes: Wishes, found: Inputs) -> bool:
    """Learn, write all results; return whether the system is claimed to do what the flow says."""
    from orderflow.conformance.learned_flow import matter_of
    from orderflow.conformance.learner import learn
    from orderflow.conformance.suites.graph import graph_of
    from orderflow.simulator.space import search

    flow = found.flows[chosen.flow]
    graph = graph_of(search(flow, found.settings))
    matter = matter_of(graph, every=chosen.inputs == "all", replaceable=not chosen.no_replacement)
    _announce(chosen, matter)
    with _opened(chosen, graph.space.plan) as subject, Progress() as progress:
        learned = learn(
            subject,
            matter,
            wishes,
            lambda orders, calls, states: progress.say(
                f"{orders:,} orders, {calls:,} calls, {states} states so far"
            ),
        )
    _draw(chosen, learned, flow)
    if chosen.form == "json":
        _pour(chosen, learned, flow)
    else:
        for line in _told(chosen, learned):
            say(line)
    return learned.equal


@contextmanager
def _opened(chosen: Chosen, plan: Plan) -> Iterator[Subject]:
    """The system to ask."""
    if chosen.target is None:
        from orderflow.conformance.subjects.inside import Inside

        yield Inside(plan, shows=None)
        return
    flow = plan.flow
    with subject_from(chosen.target, chosen.mapping, flow.events, flow.state) as subject:
        yield subject


def _announce(chosen: Chosen, matter: Matter) -> None:
    """Say what will be done, and what it will take."""
    from orderflow.conformance.learner_oracle import expected_cost

    if chosen.target is None:
        say("no --target: learning our own simulator, to show how it goes", err=True)
    cost, states = expected_cost(matter.expected), len(matter.expected.status)
    say(
        f"{len(matter.alphabet)} inputs; a system that follows the flow has {states} states, and "
        f"learning it takes about {cost.orders:,} orders and {cost.calls:,} calls",
        err=True,
    )
    if cost.orders > chosen.max_orders or cost.calls > chosen.max_calls:
        say("that is more than --max-orders and --max-calls allow", err=True)


def _draw(chosen: Chosen, learned: Learned, flow: Flow) -> None:
    from orderflow.reports.learned import draw, mermaid

    if chosen.svg is not None:
        with whole(chosen.svg) as file:
            file.write(draw(learned, flow) + "\n")
    if chosen.mermaid is not None:
        with whole(chosen.mermaid) as file:
            file.write(mermaid(learned))


def _pour(chosen: Chosen, learned: Learned, flow: Flow) -> None:
    from orderflow.reports.learned import as_json

    told = {
        "flow": chosen.flow,
        "digest": flow.digest,
        "profile": chosen.profile,
        "modules": flow.modules,
        "oracle": chosen.oracle,
        "seed": chosen.seed,
    }
    pour([as_json(learned, told)])


def _told(chosen: Chosen, learned: Learned) -> Iterator[str]:
    """The result for people."""
    yield from _headline(learned)
    yield from (f"  {reason}" for reason in learned.reasons)
    yield from _table(learned)
    yield from _more(learned)
    if learned.difference.rows:
        yield ""
        yield "See one of them again:"
        yield f"  {_again(chosen, learned)}"


def _headline(learned: Learned) -> Iterator[str]:
    from orderflow.conformance.suites.wording import counted

    figures, strength, expected = learned.figures, learned.strength, learned.expected
    took = f"{figures.orders:,} orders, {figures.calls:,} calls"
    if learned.machine is not None and learned.claim:
        states, statuses = len(learned.machine.status), len(set(learned.machine.status))
        yield (
            f"learned: {states} states in {statuses} statuses (flow: {len(expected.status)} "
            f"states), by {took}"
        )
        (positive, steps), (negative, refusals) = strength.positive, strength.negative
        spoilt, behind = strength.spoilt
        yield (
            f"what was asked notices {positive:,} of {steps:,} faults in steps, {negative:,} of "
            f"{refusals:,} in refusals and {spoilt:,} of {behind:,} in steps behind a refusal"
        )
    else:
        states = 0 if learned.machine is None else len(learned.machine.status)
        yield (
            f"not learned, nothing is claimed: {counted(states, 'state')} so far (flow: "
            f"{len(expected.status)}), by {took}"
        )
    if learned.equal:
        yield "the system does what the flow says, with these inputs, as far as its status shows"


def _table(learned: Learned) -> Iterator[str]:
    """Differing cells, one a line, each followed by a shortest way to see it."""
    from orderflow.conformance.learned_difference import named, told

    rows = learned.difference.rows
    if not rows:
        return
    cells = [("status", "event", "the flow", "the system")]
    for row in rows[:_MOST]:
        says, does = told(row.says, row.status), told(row.does, row.status)
        cells.append((row.status, named(row.letter), says, does))
    widths = [max(len(line[place]) for line in cells) for place in range(4)]
    yield ""
    yield f"{len(rows)} difference{'' if len(rows) == 1 else 's'} to the flow:"
    ways = ["", *(f"after {' '.join(map(named, row.word[:-1]))}" for row in rows[:_MOST])]
    for line, way in zip(cells, ways, strict=True):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield f"  {text}".rstrip()
        if way:
            yield f"      {way}"
    if len(rows) > _MOST:
        yield f"  and {len(rows) - _MOST} more, see --format json"


def _more(learned: Learned) -> Iterator[str]:
    difference = learned.difference
    if difference.unknown:
        yield f"statuses the flow does not get to: {', '.join(difference.unknown)}"
    if difference.missing:
        yield f"statuses of the flow that were not seen: {', '.join(difference.missing)}"


def _again(chosen: Chosen, learned: Learned) -> str:
    """A command that plays the first difference."""
    import shlex

    from orderflow.conformance.learner_answers import written
    from orderflow.conformance.subjects.errors import without_password

    words = ["orderflow", "replay", "--flow", chosen.flow]
    words += ["--target", without_password(chosen.target)] if chosen.target else []
    words += ["--mapping", str(chosen.mapping)] if chosen.mapping else []
    words += ["--profile", chosen.profile] if chosen.profile != "documented" else []
    words += [word for name in chosen.modules for word in ("--module", name)]
    words += [word for change in chosen.changes for word in ("--set", change)]
    words += ["--no-replacement"] if chosen.no_replacement else []
    return shlex.join([*words, "--steps", written(learned.difference.rows[0].word)])
