"""What is new, known and fixed of a system under test: ``check --target`` and ``suite --run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderflow.reports.jsonfile import read_json
from tests.cli.running import content, here, refused, run

__all__ = ["here"]

YES = """\
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Answer, Outcome
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan

PLAN = compile_plan(bundled("seller").view(), defaults())


class Yes(Inside):
    def fire(self, call):
        answer = super().fire(call)
        if call.event != "deny_cancel":
            return answer
        return type(answer)(Outcome.ACCEPTED, answer.status, answer.told, answer.trigger)


class Mute(Yes):
    left = 300

    def fire(self, call):
        self.left -= 1
        silent = Answer(Outcome.INDETERMINATE, "", "the shop is closed")
        return silent if self.left < 0 else super().fire(call)


def wrong():
    return Yes(PLAN)


def dying():
    return Mute(PLAN)


def right():
    return Inside(PLAN)
"""
SUITE = ("suite", "seller", "--cover", "illegal", "--run")
CHECK = ("check", "seller", "--examples", "1", "--steps", "1")


@pytest.fixture
def shop(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (here / "shop_of_baselines.py").write_text(YES)
    monkeypatch.syspath_prepend(here)
    return here


def target(name: str) -> tuple[str, str]:
    return "--target", f"shop_of_baselines:{name}"


@pytest.mark.parametrize("words", [SUITE, CHECK], ids=["suite", "check"])
def test_a_system_with_known_failures_only_can_be_let_pass(
    shop: Path, words: tuple[str, ...]
) -> None:
    run(*words, *target("wrong"), "--json", "old.json")
    known = read_json((shop / "old.json").read_text()).failures
    again = (*words, *target("wrong"), "--baseline", "old.json")

    plain = run(*again)
    excused = run(*again, "--fail-on", "new", "--ctrf", "c.json")

    assert known
    assert (plain.code, excused.code) == (1, 0)
    assert "EXIT 0 ALL THE SAME: " in excused.out
    assert f"Since the earlier run: 0 new, {len(known)} known, 0 fixed." in plain.out
    extra = json.loads((shop / "c.json").read_text())["results"]["extra"]
    assert extra["baseline"].startswith("Since the earlier run: 0 new, ")


def test_a_system_that_was_mended_has_fixed_failures(shop: Path) -> None:
    run(*SUITE, *target("wrong"), "--json", "old.json")

    outcome = run(*SUITE, *target("right"), "--baseline", "old.json")

    known = read_json((shop / "old.json").read_text()).failures
    assert outcome.code == 0
    assert f"Since the earlier run: 0 new, 0 known, {len(known)} fixed." in outcome.out


def test_a_system_that_fell_silent_has_mended_nothing_and_is_not_let_pass(shop: Path) -> None:
    run(*SUITE, *target("wrong"), "--json", "old.json")

    outcome = run(*SUITE, *target("dying"), "--baseline", "old.json", "--fail-on", "new")

    assert outcome.code == 1
    assert " 0 fixed" in outcome.out
    assert "ALL THE SAME" not in outcome.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--baseline", "nowhere.json", "--run"), "nowhere.json: cannot be read"),
        (("--fail-on", "new", "--run"), "--fail-on new: what is known?"),
        (("--fail-on", "new"), "--fail-on: the suite is only written; add --run"),
        (("--baseline", "old.json", "--run", "--json", "old.json"), "is read by this command"),
    ],
    ids=["missing", "without", "unrun", "overwritten"],
)
def test_bad_baseline_of_a_suite_is_told_and_nothing_is_written(
    here: Path, words: tuple[str, ...], said: str
) -> None:
    (here / "old.json").write_text("{}")
    before = content(here)

    assert said in refused("suite", "seller", "--cover", "states", *words)

    assert content(here) == before
