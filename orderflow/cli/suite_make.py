"""How ``orderflow suite`` comes by its cases, and what it tells of them before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from orderflow.cli.common import Inputs, View, inputs
from orderflow.cli.naming import flow_named
from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.suites.case import Cost, Suite
from orderflow.conformance.suites.generate import (
    DEFAULT_COVERS,
    KILL,
    Cover,
    assemble,
    drafts,
    parse_covers,
)
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.conformance.suites.limited import BEYOND, Reach
from orderflow.conformance.suites.pytest_case import word_for
from orderflow.conformance.suites.suite_file import checked, load_suite
from orderflow.conformance.suites.wording import counted
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import duration
from orderflow.simulator.space import search

_MINUTE, _HOUR = 60, 3_600


Opener = Callable[[Plan], Subject | None]
"""Opens the system under test of a compiled flow; gives None when there is none."""


def no_system(plan: Plan) -> Subject | None:
    """Open nothing: the suite is for any system."""
    del plan
    return None


@dataclass(frozen=True, slots=True)
class Rates:
    """What a system takes its time for.

    Attributes:
        call: Ms that a call takes.
        order: Ms that a new order takes.
        measured: The system was asked; else somebody said so.
    """

    call: int
    order: int
    measured: bool = False

    def __str__(self) -> str:
        """In words."""
        measured = ", as measured just now" * self.measured
        return f"at {duration(self.call)} a call and {duration(self.order)} a new order{measured}"


@dataclass(frozen=True, slots=True)
class Cases:
    """A suite with what it is for.

    Attributes:
        suite: The suite.
        graph: What suites for its flow are made from.
        settings: Time limits.
        word: How the command line names the flow, seen from where we stand.
        reach: The system it is to be run on, and what of the flow that can be asked for; None
            when it is for any system.
    """

    suite: Suite
    graph: Graph
    settings: Settings
    word: str
    reach: Reach | None = None

    @property
    def plan(self) -> Plan:
        """Its flow, compiled."""
        return self.graph.space.plan

    @property
    def promising_less(self) -> Cases:
        """The same, promising no more than can be known of its system."""
        if self.reach is None:
            return self
        return replace(self, suite=self.reach.lost.promised(self.suite))

    @property
    def runnable(self) -> Suite:
        """The suite under the name that leads to its flow from here."""
        return replace(self.suite, flow=self.word)


def covers_of(text: str) -> tuple[tuple[Cover, ...], bool]:
    """What is to be covered, and whether tests are wanted for what that lets pass.

    Nothing but the latter means what the usual suite lets pass, and that suite before it.

    Raises:
        OrderflowError: Tells everything in it that cannot be covered.
    """
    words = [word.strip() for word in text.split(",")]
    others = [word for word in words if word != KILL]
    return parse_covers(",".join(others) if others else DEFAULT_COVERS), KILL in words


def generated(
    seen: Inputs,
    word: str,
    covers: tuple[tuple[Cover, ...], bool],
    *,
    seed: int,
    reset_cost: int,
    opened: Opener = no_system,
) -> Cases:
    """Make a suite for the flow that *word* names, of what the system that is *opened* can do.

    Args:
        seen: What the word stands for.
        word: The word.
        covers: What to cover, see :func:`covers_of`.
        seed: Where chance begins.
        reset_cost: What a new order costs, in calls.
        opened: Opens the system, whose abilities bound what is made.

    Raises:
        OrderflowError: It names a deal, or some cover cannot be had.
    """
    _refuse_deals(seen, word)
    settings = seen.settings
    graph = graph_of(search(seen.flows[word], settings))
    subject = opened(graph.space.plan)
    reach = None if subject is None else Reach.of(graph, subject)
    ground = graph if reach is None else reach.graph
    wanted, kill = covers
    drafted = drafts(ground, wanted, seed=seed, reset_cost=reset_cost)
    suite = assemble(drafted, ground, named=word, settings=settings)
    if kill:
        from orderflow.conformance.mutation.kill import kill_draft

        more = kill_draft(graph, suite)
        more = more if reach is None else reach.playable(more)
        suite = assemble((*drafted, more), ground, named=word, settings=settings)
    return Cases(suite, graph, settings, word, reach)


def from_file(
    path: Path, checks: Iterable[Callable[[], object]], opened: Opener = no_system
) -> Cases:
    """Read a suite and hold it against its flow as that is now.

    Args:
        path: The suite file.
        checks: Called to raise what else is wrong with the command line.
        opened: Opens the system it is to be run on.

    Raises:
        OrderflowError: It cannot be read, there is no such flow, or a case does not fit it.
    """
    suite = load_suite(path)
    word = _beside(path, suite.flow)
    changes = tuple(f"{name}={value}" for name, value in suite.settings)
    view = View(suite.profile, suite.modules, changes)
    seen = inputs(view, [word], named=_one_flow, checks=checks)
    graph = graph_of(search(seen.flows[word], seen.settings))
    fitting = checked(suite, seen.flows[word], graph.space.plan, source=path)
    subject = opened(graph.space.plan)
    reach = None if subject is None else Reach.of(graph, subject)
    return Cases(fitting, graph, seen.settings, word, reach)


def adjusted(cases: Cases, calls: int) -> Cases:
    """The strongest part of a suite that takes at most so many calls.

    Raises:
        OrderflowError: Not even one case fits.
    """
    shortest = min((case.calls for case in cases.suite.cases), default=0)
    if calls < shortest:
        needs = counted(shortest, "call")
        raise OrderflowError(f"--budget {calls}: the shortest case takes {needs}")

    from orderflow.conformance.mutation.budget import strongest

    return replace(cases, suite=strongest(cases.suite, cases.graph, calls))


def _beside(file: Path, word: str) -> str:
    """A flow file as seen from here when it stands beside the suite."""
    found = file.parent / word
    return str(found) if word not in bundled_names() and is_file(found) else word


def _one_flow(word: str) -> list[tuple[str, Flow]]:
    return [(word, flow_named(word))]


def _refuse_deals(seen: Inputs, word: str) -> None:
    if seen.deals:
        names = dict.fromkeys(
            word_for(each.flow) for deal in seen.deals.values() for each in deal.participants
        )
        told = f"{word}: is a deal, and a suite is for one flow; its flows: {', '.join(names)}"
        raise OrderflowError(told)


def told(suite: Suite, rates: Rates) -> Iterator[str]:
    """What a suite costs and promises, as lines."""

    def priced(cost: Cost) -> str:
        about = _length(cost.seconds(call=rates.call / 1000, order=rates.order / 1000))
        return f"{counted(cost.orders, 'order')}, {counted(cost.calls, 'call')}, about {about}"

    yield f"{suite.flow}, {suite.profile}: {priced(suite.cost)} {rates}"
    promises = {each.cover: each for each in suite.guarantees}
    for cover in dict.fromkeys([*promises, *(case.cover for case in suite.cases)]):
        if cover == BEYOND:
            yield f"  {cover}: {promises[cover].sentence}"
            continue
        own = tuple(case for case in suite.cases if case.cover == cover)
        cost = priced(replace(suite, cases=own).cost) if own else "no case of its own"
        yield f"  {cover}: {cost}"
        if cover in promises:
            yield f"    passing shows: {promises[cover].sentence}"
            figures = ", ".join(f"{name} {count}" for name, count in promises[cover].figures)
            yield from [f"    {figures}"] if figures else []


def _length(seconds: float) -> str:
    """A length of time for people.

    >>> _length(0.4), _length(59.6), _length(168), _length(7300)
    ('0.4 s', '1 min', '2 min 48 s', '2 h 2 min')
    """
    if seconds < 10:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
