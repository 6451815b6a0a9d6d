"""Same seed, same bytes: on another day, in another process, with other modules loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from orderflow.conformance.check import FlowTask, check
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.explore import Budget
from orderflow.conformance.verdict import Verdict
from orderflow.flows.settings import defaults
from orderflow.reports.jsonfile import render_json
from tests.conformance.deal_subjects import explored
from tests.conformance.small_deals import deal_of
from tests.conformance.subjects import EXAMPLES, ROOT, view

BROKEN = next(path for path in EXAMPLES if path.stem == "canceled-without-canceling")
CHECK = ["check", "chain", "own.yaml", "--examples", "6", "--steps", "10", "--seed", "5"]
OWN = """\
flow: hasty
extends: chain
title: An invoiced order is canceled
transitions:
  - {id: X1, from: invoiced, on: cancel_order, to: cancel, actor: marketplace}
"""
"""A small flow, broken: every situation of it is looked at by two processes."""
LOCAL = f"""\
'''A module of somebody's own project, full of numbers and texts.'''
NUMBERS = {list(range(101, 90_000, 131))}
TEXTS = ["seller", "goto", "poke"]
"""


def verdict_of(seed: int = 5) -> Verdict:
    names = ("seller", str(BROKEN))
    subjects = [FlowTask(view(name), name) for name in names]
    return check(subjects, budget=Budget(6, 10, seed, proof=False))


def taken_in_sales() -> Counter[tuple[str, str]]:
    """How often a sale takes each transition in runs so many that one in twenty shows."""
    driver, _ = explored(ground_of(deal_of("complete"), defaults()), Budget(80, 6, 5))
    return driver.coverage.transitions


def ran(folder: Path, hash_seed: str, *words: str) -> bytes:
    """Run the command line in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "orderflow", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    files = ["--report", "r.html", "--json", "v.json", "--junit", "j.xml", "--traces", "traces"]
    printed, written = [], []
    for number, hash_seed in enumerate(("0", "4711")):
        folder = tmp_path / str(number)
        folder.mkdir()
        folder.joinpath("own.yaml").write_text(OWN, "utf-8")
        printed.append(ran(folder, hash_seed, *CHECK, *files))
        results = (p for p in folder.rglob("*") if p.is_file() and ".hypothesis" not in p.parts)
        written.append({path.relative_to(folder): path.read_bytes() for path in results})

    assert printed[0] == printed[1]
    assert written[0] == written[1]
    assert {"r.html", "v.json", "j.xml", "traces"} <= {path.parts[0] for path in written[0]}
    assert b"FAIL: " in printed[0]


def test_two_processes_simulate_the_same_bytes(tmp_path: Path) -> None:
    words = ["simulate", "complete", "--orders", "40", "--seed", "3"]

    first, second = (ran(tmp_path, hash_seed, *words) for hash_seed in ("1", "2"))
    other = ran(tmp_path, "1", *words[:-1], "4")

    assert first == second
    assert first != other
    assert first.count(b"\n") > 40


def test_modules_of_other_people_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis picks numbers out of the source of modules that are not installed ones."""
    before, taken = verdict_of(), taken_in_sales()
    (tmp_path / "full_of_numbers.py").write_text(LOCAL, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("full_of_numbers")

    assert verdict_of() == before
    assert taken_in_sales() == taken


def test_two_runs_give_equal_verdicts() -> None:
    one, two = verdict_of(), verdict_of()

    assert one == two
    assert render_json(one) == render_json(two)


def test_another_seed_gives_other_histories_and_the_same_findings() -> None:
    one, two = verdict_of(5), verdict_of(6)

    assert one.flows[0].cells == two.flows[0].cells
    assert one.flows[0].transitions != two.flows[0].transitions
    assert one.errors[0].identity == two.errors[0].identity
    assert one.errors[0].acts == two.errors[0].acts
