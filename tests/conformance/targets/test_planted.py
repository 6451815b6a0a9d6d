"""The wrong systems in examples/subjects are found out, each for what it does; right ones pass."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from orderflow.conformance.subjects.http import HttpSubject
from orderflow.conformance.subjects.mapping_file import load_mapping
from orderflow.conformance.subjects.patience import Time
from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.subjects.target import open_subject
from orderflow.conformance.suites.execute import Deviation, Kind, Result, Run, Script
from orderflow.conformance.suites.explain import explain
from orderflow.flows.settings import defaults
from tests.conformance.targets.default_suite import FLOW, graph, runner, scripts
from tests.conformance.targets.loopback import EXAMPLES, example


class Fault(NamedTuple):
    """How a planted system shows what is wrong with it, and the rule it breaks by that."""

    kind: Kind
    status: str
    event: str
    rule: str


PLANTED = {
    "handles-too-early": Fault(Kind.ACCEPTED, "window-to-cancel", "start_handling", "A-29"),
    "cancels-invoiced": Fault(Kind.ACCEPTED, "invoiced", "request_cancel", "A-55"),
    "moves-on-refusal": Fault(Kind.MOVED, "invoice", "request_cancel", "I-08"),
    "loses-the-start": Fault(Kind.LOST, "ready-for-handling", "start_handling", "I-09"),
    "denies-to-ready": Fault(Kind.ASTRAY, "cancellation-requested", "deny_cancel", "A-59"),
    "closes-on-partial": Fault(Kind.ASTRAY, "invoice", "add_invoice_partial", "A-39"),
    "never-denies": Fault(Kind.REFUSED, "cancellation-requested", "deny_cancel", "I-09"),
    "endless-grace-period": Fault(Kind.UNTIMELY, "window-to-cancel", "grace_period_over", "I-09"),
    "shows-the-wrong-stage": Fault(Kind.TRIGGER, "start-handling", "begin_preparation", "I-05"),
    "invoices-too-much": Fault(Kind.ACCEPTED, "handling", "verify_invoice", "A-40"),
}
"""Nine of them are tried behind HTTP, too; the last is the program."""

PROGRAM = "invoices-too-much"


@contextmanager
def program(*words: str) -> Iterator[Subject]:
    with open_subject(
        f"command:{sys.executable} {EXAMPLES / 'program.py'} {' '.join(words)}"
    ) as it:
        yield it


def seen(run: Run, deviation: Deviation) -> tuple[Kind, str, str]:
    return deviation.kind, deviation.source, run.case.steps[deviation.step].act.event


def concerns(script: Script, fault: Fault) -> bool:
    """Whether a case lets the event of *fault* happen where it goes wrong."""
    return any(
        (each.source, each.step.act.event) == (fault.status, fault.event)
        for each in script.rehearsed
    )


def first_seen(subject: Subject, fault: Fault) -> tuple[Kind, str, str]:
    """What the first case that fails shows; cases that concern *fault* go first, to be quick."""
    ordered = sorted(scripts(), key=lambda script: not concerns(script, fault))
    runs = map(runner(subject).run, ordered)
    return next(seen(run, run.deviations[0]) for run in runs if run.result is not Result.PASSED)


def test_the_right_program_passes_everything() -> None:
    with program() as subject:
        runs = list(map(runner(subject).run, scripts()))

    assert {run.result for run in runs} == {Result.PASSED}
    assert not any(run.skipped for run in runs)


def test_the_right_server_passes_everything() -> None:
    with example("server.py") as url, open_subject(url) as subject:
        runs = list(map(runner(subject).run, scripts()))

    assert {run.result for run in runs} == {Result.PASSED}
    assert not any(run.skipped for run in runs)


def test_the_right_server_with_names_of_its_own_passes_what_it_can_be_asked() -> None:
    mapping = load_mapping(EXAMPLES / "own_names.yaml")
    waits: list[float] = []
    with (
        example("own_names.py") as url,
        HttpSubject(mapping, base=url, time=Time(sleep=waits.append)) as subject,
    ):
        runs = list(map(runner(subject).run, scripts()))

    left_out = [run for run in runs if run.result is Result.LEFT_OUT]
    assert {run.result for run in runs} == {Result.PASSED, Result.LEFT_OUT}
    # An order that moves on by itself cannot be asked anything for sure while it does.
    assert left_out
    assert {
        each.source
        for script in scripts()
        if script.case.id in {run.case.id for run in left_out}
        for each in script.rehearsed
        if each.step.refused
    } <= {"order-accepted", "start-handling", "cancel"}
    assert set(waits) == {0.005}


def test_every_status_of_the_flow_has_a_name_of_its_own() -> None:
    translate = load_mapping(EXAMPLES / "own_names.yaml").shown.translate

    modules = {"waiting-for-fulfillment", "ready-for-invoicing"}
    assert set(translate.values()) == {s.name for s in FLOW.states} - modules


def test_all_planted_systems_are_told_about_here() -> None:
    text = (EXAMPLES / "wrong.py").read_text("utf-8")
    table = (EXAMPLES / "README.md").read_text("utf-8")

    assert len(PLANTED) == 10
    assert [name for name in PLANTED if f'"{name}": ' not in text] == []
    assert [n for n, fault in PLANTED.items() if f"| `{n}` |" not in table] == []
    assert [f.rule for f in PLANTED.values() if f"| {f.rule} |" not in table] == []


@pytest.mark.parametrize("name", PLANTED)
def test_the_default_suite_finds_what_is_wrong_and_says_which_rule_it_breaks(name: str) -> None:
    fault = PLANTED[name]
    with program("--wrong", name) as subject:
        runs = list(map(runner(subject).run, scripts()))

    failed = [run for run in runs if run.result is Result.FAILED]
    assert {run.result for run in runs} == {Result.PASSED, Result.FAILED}
    first = failed[0].deviations[0]
    assert seen(failed[0], first) == fault[:3]
    script = next(script for script in scripts() if script.case.id == failed[0].case.id)
    assert explain(script, first, graph().space.plan, defaults()).rule == fault.rule


@pytest.mark.parametrize("name", [name for name in PLANTED if name != PROGRAM])
def test_a_wrong_server_is_found_out_over_http(name: str) -> None:
    with example("server.py", "--wrong", name) as url, open_subject(url) as subject:
        assert first_seen(subject, PLANTED[name]) == PLANTED[name][:3]
