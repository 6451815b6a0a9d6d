"""Each example broken on purpose fails for the reason on its first line, shortly, and again."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from orderflow.cli import orderflow
from orderflow.conformance.drive import Start
from orderflow.conformance.shrink import run, trouble_in
from orderflow.conformance.trace_file import load_trace, render_trace
from orderflow.conformance.verdict import Failure
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts, parse_items
from tests.conformance.shortest import shortest
from tests.conformance.subjects import EXAMPLES, checked, space_of

each = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def intended(path: Path) -> str:
    first = path.read_text("utf-8").splitlines()[0]
    return first.removeprefix("# breaks: ")


def headline(path: Path) -> Failure:
    return checked(str(path))[1][0]


def test_there_are_ten() -> None:
    assert len(EXAMPLES) == 10
    assert len({intended(path) for path in EXAMPLES}) == 10


@each
def test_the_intended_rule_is_the_headline(path: Path) -> None:
    failure = headline(path)

    assert failure.rule == intended(path)
    assert failure.severity == "error"
    assert intended(path) in failure.sentence


@each
def test_the_trace_is_as_short_as_can_be(path: Path) -> None:
    failure = headline(path)
    identity = (failure.rule, failure.transition)

    best = shortest(space_of(str(path)), identity, deepest=len(failure.trace))

    assert best is not None
    assert best <= len(failure.trace) <= best + 2
    assert failure.trace[-1].transition == failure.transition
    assert len(failure.acts) == len(failure.trace) <= failure.shrunk_from


@each
def test_the_command_shows_the_same_rule_again(path: Path) -> None:
    failure = headline(path)
    program, *words = shlex.split(failure.replay)

    shown = CliRunner().invoke(orderflow, words)

    assert program == "orderflow"
    assert shown.exit_code == 1, shown.output
    assert f"({failure.rule})" in shown.output


@each
def test_every_failure_is_shown_again_by_its_acts(path: Path) -> None:
    for failure in checked(str(path))[1]:
        acts = parse_acts(" ".join(failure.acts))
        start = Start(parse_items(failure.items), failure.replaceable)

        driver = run(space_of(str(path)), defaults(), acts, start)
        trouble = trouble_in(driver, (failure.rule, failure.transition))

        assert trouble is not None
        assert (trouble.observed, trouble.severity) == (failure.observed, failure.severity)


@each
def test_the_trace_file_comes_back_and_replays(path: Path, tmp_path: Path) -> None:
    found, failures = checked(str(path))
    file = tmp_path / "failure.trace.yaml"
    file.write_text(render_trace(failures[0], found), "utf-8")

    trace = load_trace(file)
    shown = CliRunner().invoke(orderflow, ["replay", str(file)])

    assert tuple(str(act) for act in trace.acts) == failures[0].acts
    assert (trace.flow, trace.rule) == (str(path), intended(path))
    assert trace.statuses == failures[0].statuses
    assert shown.exit_code == 1, shown.output
    assert f"({failures[0].rule})" in shown.output
    assert "the file says" not in shown.output
