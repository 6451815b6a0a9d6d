"""How ``orderflow suite`` comes by its cases, and what it tells of them before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from orderflow.cli.common import Inputs, View, inputs
from orderflow.cli.naming import flow_named
from orderflow.conformance.suites.case import Cost, Suite
from orderflow.conformance.suites.generate import Cover, assemble, drafts, parse_covers
from orderflow.conformance.suites.graph import graph_of
from orderflow.conformance.suites.pytest_case import word_for
from orderflow.conformance.suites.suite_file import checked, load_suite
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.scenario import duration
from orderflow.simulator.space import search

_KILL = "kill"
_MINUTE, _HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class Cases:
    """A suite with what it is for.

    Attributes:
        suite: The suite.
        plan: Its flow, compiled.
        settings: Time limits.
        word: How the command line names the flow, seen from where we stand.
    """

    suite: Suite
    plan: Plan
    settings: Settings
    word: str

    @property
    def runnable(self) -> Suite:
        """The suite under the name that leads to its flow from here."""
        return replace(self.suite, flow=self.word)


def covers_of(text: str) -> tuple[tuple[Cover, ...], bool]:
    """What is to be covered, and whether tests are wanted for what that lets pass.

    Raises:
        OrderflowError: Tells everything in it that cannot be covered.
    """
    words = [word.strip() for word in text.split(",")]
    others = [word for word in words if word != _KILL]
    return parse_covers(",".join(others)) if others else (), _KILL in words


def generated(
    seen: Inputs,
    word: str,
    covers: tuple[tuple[Cover, ...], bool],
    *,
    seed: int,
    reset_cost: int,
) -> Cases:
    """Make a suite for the flow that *word* names.

    Args:
        seen: What the word stands for.
        word: The word.
        covers: What to cover, see :func:`covers_of`.
        seed: Where chance begins.
        reset_cost: What a new order costs, in calls.

    Raises:
        OrderflowError: It names a deal, or some cover cannot be had.
    """
    _refuse_deals(seen, word)
    flow, settings = seen.flows[word], seen.settings
    graph = graph_of(search(flow, settings))
    wanted, kill = covers
    drafted = drafts(graph, wanted, seed=seed, reset_cost=reset_cost)
    suite = assemble(drafted, graph, named=word, settings=settings)
    if kill:
        from orderflow.conformance.mutation.kill import kill_draft

        more = kill_draft(graph, suite if drafted else None)
        suite = assemble((*drafted, more), graph, named=word, settings=settings)
    return Cases(suite, graph.space.plan, settings, word)


def from_file(path: Path, checks: Iterable[Callable[[], object]]) -> Cases:
    """Read a suite and hold it against its flow as that is now.

    Args:
        path: The suite file.
        checks: Called to raise what else is wrong with the command line.

    Raises:
        OrderflowError: It cannot be read, there is no such flow, or a case does not fit it.
    """
    suite = load_suite(path)
    word = _beside(path, suite.flow)
    changes = tuple(f"{name}={value}" for name, value in suite.settings)
    view = View(suite.profile, suite.modules, changes)
    seen = inputs(view, [word], named=_one_flow, checks=checks)
    plan = compile_plan(seen.flows[word], seen.settings)
    fitting = checked(suite, seen.flows[word], plan, source=path)
    return Cases(fitting, plan, seen.settings, word)


def adjusted(cases: Cases, calls: int) -> Cases:
    """The strongest part of a suite that takes at most so many calls.

    Raises:
        OrderflowError: Not even one case fits.
    """
    shortest = min((case.calls for case in cases.suite.cases), default=0)
    if calls < shortest:
        raise OrderflowError(f"--budget {calls}: the shortest case takes {shortest} calls")

    from orderflow.conformance.mutation.budget import strongest

    graph = graph_of(search(cases.plan.flow, cases.settings))
    return replace(cases, suite=strongest(cases.suite, graph, calls))


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


def told(suite: Suite, *, latency: int, order: int) -> Iterator[str]:
    """What a suite costs and promises, as lines.

    Args:
        suite: The suite.
        latency: Ms that a call takes.
        order: Ms that a new order takes.
    """

    def priced(cost: Cost) -> str:
        about = _length(cost.seconds(call=latency / 1000, order=order / 1000))
        return f"{cost.orders} orders, {cost.calls} calls, about {about}"

    rates = f"at {duration(latency)} a call and {duration(order)} a new order"
    yield f"{suite.flow}, {suite.profile}: {priced(suite.cost)} {rates}"
    promises = {each.cover: each for each in suite.guarantees}
    for cover in dict.fromkeys([*promises, *(case.cover for case in suite.cases)]):
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
