"""Finds what a test is about: the flow, its time limits, and the cases it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.graph import graph_of
from orderflow.conformance.suites.pytest_case import word_for
from orderflow.conformance.suites.suite_check import checked, settings_of, suite_plan
from orderflow.conformance.suites.suite_file import load_suite
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.files import is_file
from orderflow.flows.loader import bundled_names, find_flow
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings, defaults
from orderflow.pytesting.asked import asked
from orderflow.pytesting.wanted import Wanted, wanted_by
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.simulator import Simulator
from orderflow.simulator.space import search


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that a test runs.

    Attributes:
        case: The case.
        flow: Its flow, as its profile sees it.
        settings: Time limits.
    """

    case: Case
    flow: Flow
    settings: Settings


PREPARED = pytest.StashKey[Prepared]()
"""What an item of a suite file runs."""


def prepared_in(item: pytest.Item) -> Prepared | None:
    """What a test runs; None when it runs no case that was handed to it."""
    known = item.stash.get(PREPARED, None)
    if known is None:
        callspec = getattr(item, "callspec", None)
        known = callspec.params.get("orderflow_case") if callspec else None
    return known if isinstance(known, Prepared) else None


def prepared_of(item: pytest.Item) -> Prepared:
    """What a test runs; fails the test when there is nothing."""
    known = prepared_in(item)
    if known is None:
        pytest.fail("there is no case: the test must take orderflow_case as an argument itself")
    return known


def flow_for(item: pytest.Item) -> Flow:
    """The flow a test is about."""
    known = prepared_in(item)
    if known is not None:
        return known.flow
    with told():
        return _flow(item, wanted_by(item))


def settings_for(item: pytest.Item) -> Settings:
    """The time limits a test is about."""
    known = prepared_in(item)
    if known is not None:
        return known.settings
    with told():
        return defaults().override(wanted_by(item).settings)


def simulator_for(flow: Flow, settings: Settings) -> Simulator:
    """A simulator of *flow* for a test."""
    return Simulator(flow, plan=compile_plan(flow, settings))


@contextmanager
def told() -> Iterator[None]:
    """Turn what a user can mend into a failure without a traceback."""
    __tracebackhide__ = True
    try:
        yield
    except OrderflowError as error:
        pytest.fail(str(error), pytrace=False)


def cases_of_file(path: Path) -> tuple[Prepared, ...]:
    """The cases of a suite file, held against the flow as it is now.

    Raises:
        OrderflowError: It cannot be read, or does not fit its flow; says where.
    """
    suite = load_suite(path)
    flow, plan = suite_plan(suite, folder=path.parent)
    return _prepared(checked(suite, flow, plan, source=path), flow, settings_of(suite))


def cases_of_marker(node: pytest.Item) -> tuple[Prepared, ...]:
    """The cases that the markers of a test ask for.

    Raises:
        OrderflowError: They ask for what cannot be.
    """
    wanted = wanted_by(node)
    if wanted.suite:
        return cases_of_file(_beside(node, wanted.suite))
    flow, settings = _flow(node, wanted), defaults().override(wanted.settings)
    cover = wanted.cover or asked(node.config).cover
    return _prepared(_generated(flow, settings, cover, wanted.seed), flow, settings)


def _prepared(suite: Suite, flow: Flow, settings: Settings) -> tuple[Prepared, ...]:
    return tuple(Prepared(case, flow, settings) for case in suite.cases)


@lru_cache(maxsize=16)
def _generated(flow: Flow, settings: Settings, cover: str, seed: int) -> Suite:
    # what makes suites is slower to import than all the rest, and a suite file does without
    from orderflow.conformance.suites.generate import DEFAULT_COVERS, generate

    graph = graph_of(search(flow, settings))
    return generate(
        graph, cover or DEFAULT_COVERS, named=word_for(flow), seed=seed, settings=settings
    )


def _flow(node: pytest.Item, wanted: Wanted) -> Flow:
    """The flow that the marker of a test, or else an option, names."""
    word = wanted.flow or asked(node.config).flow
    if word not in bundled_names():
        word = str(_beside(node, word))
    flow = find_flow(word)
    modules = [*(each.module for each in flow.states), *(each.module for each in flow.transitions)]
    known = sorted({name for name in modules if name})
    wrong = [name for name in wanted.modules if name not in known]
    if wrong:
        offer = did_you_mean(wrong[0], known) or f"; modules: {', '.join(known) or 'none'}"
        raise OrderflowError(f"{word}: no module {wrong[0]!r}{offer}")
    return flow.view(Profile(wanted.profile), tuple(sorted(set(wanted.modules))))


def _beside(node: pytest.Item, word: str) -> Path:
    """The file that *word* means: as seen from the test, else from the root of the tests."""
    folders = (node.path.parent, node.config.rootpath)
    return next((path for folder in folders if is_file(path := folder / word)), Path(word))
