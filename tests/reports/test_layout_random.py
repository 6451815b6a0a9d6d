"""Five hundred flows nobody would draw by hand have pictures that can be read."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from orderflow.flows.model import Transition
from orderflow.reports.geometry import EdgeKind, Layout
from orderflow.reports.layout import layout
from tests.reports.picture_checks import faults
from tests.reports.random_flows import (
    MOST_STATES,
    MOST_STEPS,
    SHAPES,
    random_flow,
    random_ghosts,
    random_stage,
)

FLOWS, CHUNK = 500, 25
STARTS = range(0, FLOWS, CHUNK)
SOME = range(3, FLOWS, 29)
RARE = (689, 878, 2336)
"""Flows beyond the first that show what these do not: lines of two rows that come close, and a
spine from which every status was moved away."""


def counted(steps: tuple[Transition, ...]) -> tuple[str, str]:
    return steps[0].event.replace("_", " "), "\u00d7312"


def picture(number: int) -> Layout:
    ghosts, stage = random_ghosts(number), random_stage(number)
    return layout(random_flow(number), labels=counted, ghosts=ghosts, stage_of=stage)


@cache
def pictures(start: int) -> dict[int, Layout]:
    return {number: picture(number) for number in range(start, start + CHUNK)}


@pytest.mark.parametrize("start", STARTS)
def test_every_picture_is_readable(start: int) -> None:
    found = {number: faults(shown) for number, shown in pictures(start).items()}

    assert {number: problems for number, problems in found.items() if problems} == {}


@pytest.mark.parametrize("number", RARE)
def test_rare_pictures_are_readable(number: int) -> None:
    assert faults(picture(number)) == {}


@pytest.mark.parametrize("start", STARTS)
def test_every_transition_and_every_observed_step_is_drawn_once(start: int) -> None:
    for number, shown in pictures(start).items():
        flow = random_flow(number)
        drawn = [name for edge in shown.edges for name in edge.transitions]
        ghosts = [(e.source, e.target) for e in shown.edges if e.kind is EdgeKind.GHOST]

        assert sorted(drawn) == sorted(flow.transition), number
        assert tuple(ghosts) == random_ghosts(number), number
        assert [node.state for node in shown.nodes] == list(flow.state), number


def test_the_flows_are_as_unlike_as_they_claim() -> None:
    flows = [random_flow(number) for number in range(FLOWS)]
    states = [len(flow.states) for flow in flows]
    steps = [len(flow.transitions) for flow in flows]

    assert len(SHAPES) >= 8
    assert max(states) == MOST_STATES
    assert max(steps) == MOST_STEPS
    assert median(steps) > 30
    assert any(step.source == step.target for flow in flows for step in flow.transitions)
    assert sum(any(s.lane is not None for s in flow.states) for flow in flows) > 50
    assert sum(bool(random_ghosts(number)) for number in range(FLOWS)) > 100


_SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.reports.test_layout_random import SOME, picture
print(hashlib.sha256("".join(repr(picture(number)) for number in SOME).encode()).hexdigest())
"""


def test_two_processes_draw_the_same() -> None:
    root = str(Path(__file__).resolve().parents[2])
    here = hashlib.sha256("".join(repr(picture(number)) for number in SOME).encode()).hexdigest()

    for seed in ("1", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", _SCRIPT, root]
        assert subprocess.check_output(run, env=env, text=True).strip() == here
