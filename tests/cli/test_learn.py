"""``orderflow learn`` says what a system does, how that differs, and what it does not claim."""

import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tests.cli.running import here, refused, run, spawned
from tests.conformance.learn_systems import SHOP

__all__ = ["here"]

CLOSED = """\
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Answer, Call, Outcome
from orderflow.flows.loader import load_flow
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan
from pathlib import Path


class Keeps(Inside):
    def fire(self, call):
        if call.event == "cancel_order" and self.simulator.status == "handling":
            return Answer(Outcome.REFUSED, "handling")
        return super().fire(call)


def subject():
    flow = load_flow(Path("shop.yaml")).view()
    return Keeps(compile_plan(flow, defaults()), shows=None)
"""


@pytest.fixture
def shop(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a flow file and a system that keeps what it should cancel."""
    (here / "shop.yaml").write_text(SHOP)
    (here / "keeper.py").write_text(CLOSED)
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.delitem(sys.modules, "keeper", raising=False)
    return here


def test_our_own_simulator_does_what_the_flow_says(shop: Path) -> None:
    outcome = run("learn", "shop.yaml")

    first, second, last = outcome.out.splitlines()
    assert outcome.code == 0
    assert first.startswith("learned: 7 states in 6 statuses (flow: 7 states), by ")
    assert second.startswith("what was asked notices ")
    assert (
        last == "the system does what the flow says, with these inputs, as far as its status shows"
    )
    demonstration, cost = outcome.err.splitlines()
    assert demonstration == "no --target: learning our own simulator, to show how it goes"
    assert cost.startswith("9 inputs; a system that follows the flow has 7 states, and learning it")


def test_a_system_that_differs_is_told_cell_by_cell(shop: Path) -> None:
    outcome = run("learn", "shop.yaml", "--target", "keeper:subject")

    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert outcome.code == 1
    assert "1 difference to the flow:" in lines
    assert "status event the flow the system" in lines
    assert "handling cancel_order takes it, to canceled refuses it" in lines
    assert "after place_order grace_period_over" in lines
    assert lines[-1] == (
        "orderflow replay --flow shop.yaml --target keeper:subject "
        "--steps 'place_order grace_period_over cancel_order'"
    )
    assert "no --target" not in outcome.err


def test_the_difference_it_prints_can_be_seen_again(shop: Path) -> None:
    steps = "place_order grace_period_over cancel_order"

    outcome = run("replay", "--flow", "shop.yaml", "--target", "keeper:subject", "--steps", steps)

    assert outcome.code == 1
    assert "cancel_order  refused, now in handling" in outcome.out


def test_json_and_pictures_say_the_same(shop: Path) -> None:
    words = ("--target", "keeper:subject", "--format", "json")

    outcome = run("learn", "shop.yaml", *words, "--svg", "it.svg", "--mermaid", "it.mmd")

    data = json.loads(outcome.out)
    assert outcome.code == 1
    assert (data["flow"], data["claimed"], data["equal"]) == ("shop.yaml", True, False)
    assert [row["steps"][-1] for row in data["differences"]] == ["cancel_order"]
    assert (shop / "it.svg").read_text().startswith("<svg ")
    assert (shop / "it.mmd").read_text().startswith("stateDiagram-v2")


def test_the_same_run_writes_the_same_bytes(shop: Path) -> None:
    words = ("learn", "shop.yaml", "--oracle", "random:60", "--seed", "5", "--format", "json")

    assert spawned(*words, PYTHONHASHSEED="1").out == spawned(*words, PYTHONHASHSEED="2").out


def test_a_bound_that_is_reached_is_no_success_and_was_foreseen(shop: Path) -> None:
    outcome = run("learn", "shop.yaml", "--max-orders", "20")

    assert outcome.code == 1
    assert "nothing is claimed" in outcome.out.splitlines()[0]
    assert "stopped before the end: 20 orders were used, which is the bound" in outcome.out
    assert "nothing is claimed: 1 state so far (flow: " in outcome.out
    assert outcome.err.splitlines()[-1] == "that is more than --max-orders and --max-calls allow"


def test_random_words_never_lead_to_a_claim(shop: Path) -> None:
    outcome = run("learn", "shop.yaml", "--oracle", "random:400", "--seed", "7")

    assert outcome.code == 1
    assert "random words promise nothing" in outcome.out


def test_everything_wrong_with_the_words_is_told_at_once(here: Path) -> None:
    told = refused("learn", "sellr", "--oracle", "wp", "--svg", "nowhere/it.svg", "--set", "a=b")

    assert "no flow 'sellr'; did you mean 'seller'" in told
    assert "--oracle wp: write suite, or random:N for N random words" in told
    assert "nowhere/it.svg: there is no folder nowhere" in told
    assert "--set a=b" in told


def test_one_file_cannot_hold_both_pictures(here: Path) -> None:
    told = refused("learn", "seller", "--svg", "it", "--mermaid", "it")

    assert told == "it: is asked for twice\n"


def test_a_mapping_without_a_system_is_refused(here: Path) -> None:
    assert "name it with --target" in refused("learn", "seller", "--mapping", "it.yaml")


def test_without_the_optional_part_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "aalpy" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)

    told = refused("learn", "seller")
    assert told.endswith("pip install 'orderflow-harness[learn]'\n")


@pytest.mark.parametrize("words", [["--help"], ["learn", "--help"], ["rules", "A-39"]])
def test_nothing_of_the_optional_part_is_loaded_until_it_is_needed(words: list[str]) -> None:
    outcome = spawned(*words, PYTHONPROFILEIMPORTTIME="1")

    assert outcome.code == 0
    assert "click" in outcome.err, "the list of what is imported is there"
    assert "aalpy" not in outcome.err
