"""A suite as a pytest module runs by itself: one test for each case, against the simulator or any
subject of the conftest, and not at all once the flow has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.pytest_file import render_pytest
from orderflow.conformance.suites.suite_file import parse_suite
from orderflow.simulator.scenario import format_acts
from tests.conformance.suites.made_suites import case_of, made

ROOT = Path(__file__).resolve().parents[3]
SELLER = made("seller")
CONFTEST = """\
import pytest
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Outcome


class Yes(Inside):
    def fire(self, call):
        answer = super().fire(call)
        return type(answer)(Outcome.ACCEPTED, answer.status, answer.told, answer.trigger)


@pytest.fixture
def orderflow_subject(orderflow_flow, orderflow_settings):
    from orderflow.simulator.machine import compile_plan

    return Yes(compile_plan(orderflow_flow, orderflow_settings))
"""


def suite() -> Suite:
    plan = SELLER.plan
    legal = case_of(plan, "mine-001", "place_order complete_checkout")
    illegal = case_of(plan, "mine-002", "place_order place_order")
    odd = replace(legal, id="mine-003", title="it's '''odd''' \\ \"\"\" {x} \u2028")
    cases = (legal, illegal, odd)
    return Suite("seller", SELLER.flow.digest, "documented", cases)


def embedded(text: str) -> dict[str, object]:
    """The names that a generated module defines, as far as no test has to run."""
    found: dict[str, object] = {"__file__": "test_x.py", "__name__": "test_x"}
    exec(compile(text, "test_x.py", "exec"), found)  # noqa: S102  # it is ours
    return found


def pytest_in(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of a pytest of its own, without our settings."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_module_holds_the_whole_suite_whatever_its_titles_say() -> None:
    found = embedded(render_pytest(suite()))["SUITE"]

    assert isinstance(found, Suite)
    assert [case.title for case in found.cases] == [case.title for case in suite().cases]
    assert found == parse_suite(str(embedded(render_pytest(suite()))["CASES"]))


def test_what_is_wrong_in_the_module_is_told_with_its_line() -> None:
    text = render_pytest(suite()).replace("do: place_order", "doo: place_order", 1)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "doo:" in each)

    with pytest.raises(Exception, match=rf"^test_x\.py:{line}:9: unknown key 'doo' of a step"):
        embedded(text)


@pytest.mark.parametrize("flow", ["seller", "my/own-Flow.yaml", '"""\\x', "/", "größe.yml"])
def test_any_flow_gives_a_module_that_can_be_imported(flow: str) -> None:
    found = embedded(render_pytest(replace(suite(), flow=flow)))

    (name,) = [each for each in found if each.startswith("test_")]
    assert name.isascii()
    assert name.isidentifier()


def test_the_module_runs_by_itself_with_an_id_for_each_case(tmp_path: Path) -> None:
    (tmp_path / "test_seller.py").write_text(render_pytest(suite()), "utf-8")

    code, told = pytest_in(tmp_path, "-v")

    assert code == 0, told
    for number in (1, 2, 3):
        assert f"test_seller.py::test_seller[mine-00{number}] PASSED" in told


def test_the_settings_of_the_suite_are_those_of_the_run(tmp_path: Path) -> None:
    changes = (("cancellation_window", 61),)
    found = made("seller", "documented", (), changes)
    window = found.graph.status.index("window-to-cancel")
    acts = f"{format_acts(arc.act for arc in found.graph.access(window)[1])} advance:45m"
    case = case_of(found.plan, "mine-001", acts)
    usual = case_of(SELLER.plan, "mine-001", acts)
    assert case.steps[-1].then != usual.steps[-1].then, "the example shows no difference"
    text = render_pytest(replace(found.suite, cases=(case,)))
    (tmp_path / "test_seller.py").write_text(text, "utf-8")

    code, told = pytest_in(tmp_path)

    assert code == 0, told


def test_a_subject_of_the_conftest_is_tested_and_its_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_seller.py").write_text(render_pytest(suite()), "utf-8")

    code, told = pytest_in(tmp_path)

    assert code == 1, told
    assert "1 failed, 2 passed" in told
    assert "it took what the flow refuses" in told


def test_a_module_that_no_longer_fits_its_flow_tests_nothing(tmp_path: Path) -> None:
    text = render_pytest(replace(suite(), digest="0123"))
    stale = text.replace("then: on-order-completed-ffm", "then: handling")
    (tmp_path / "test_seller.py").write_text(stale, "utf-8")

    code, told = pytest_in(tmp_path)

    assert code == 1, told
    assert "3 errors" in told
    assert "case mine-001 step 2, complete_checkout: now leads to on-order-completed-ffm" in told
    assert "generate it anew: orderflow suite seller" in told
