"""``orderflow replay`` plays what it is given, tells each step, and says where it ends."""

import json
from pathlib import Path

import pytest

from tests.cli.running import BROKEN, here, run

__all__ = ["here"]

PAID = "place_order complete_checkout await_authorization authorize_dispatch confirm_reservation"


def test_a_scenario_that_conforms_is_told_step_by_step() -> None:
    outcome = run("replay", "--flow", "seller", "--steps", f"{PAID} grace_period_over")

    *steps, end = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split()[0] for line in steps] == ["1", "2", "3", "4", "5", "6"]
    assert steps[0].endswith("place_order  nothing -> order-accepted")
    assert end == "conforms: the order stands in ready-for-handling"


def test_a_refused_step_says_why() -> None:
    outcome = run("replay", "--flow", "seller", "--steps", "place_order start_handling")

    assert outcome.code == 0
    assert "start_handling  refused in order-accepted: no transition takes it there" in outcome.out


def test_data_that_an_event_cannot_come_with_is_answered_with_the_choices() -> None:
    steps = "place_order complete_checkout await_authorization authorize_dispatch"

    outcome = run("replay", "--flow", "seller", "--steps", f"{steps} confirm_reservation:maybe")

    told = "step 5: confirm_reservation never comes with 'maybe'; it may: early, gone, reserved\n"
    assert (outcome.code, outcome.err) == (2, told)


def test_items_and_settings_are_those_given() -> None:
    words = ("--items", "2x4990,1x1500:pickup", "--set", "cancellation_window=90")

    outcome = run("replay", "--flow", "seller", *words, "--steps", f"{PAID} grace_period_over")

    assert "90:04  timer" in outcome.out


def test_a_file_whose_steps_end_elsewhere_deviates(here: Path) -> None:
    (here / "a.trace.yaml").write_text(
        "flow: seller\nsteps:\n  - {do: place_order, then: handling}\n"
    )

    outcome = run("replay", "a.trace.yaml")

    assert outcome.code == 1
    assert "place_order now ends in order-accepted; the file says handling" in outcome.out


def test_a_failure_that_was_mended_is_told_apart(here: Path) -> None:
    (path,) = [path for path in BROKEN if path.stem == "canceled-without-canceling"]
    text = path.read_text("utf-8")
    (here / "mine.yaml").write_text(text)
    run("check", "mine.yaml", "--examples", "0", "--no-prove", "--traces", ".")
    (trace,) = here.glob("*-A-64-*.trace.yaml")
    broken = run("replay", trace)

    (here / "mine.yaml").write_text(text.replace("to: canceled", "to: cancel"))
    mended = run("replay", trace)

    assert broken.code == 1
    assert "A-64, which the file is about, is not broken" in mended.out
    assert "now ends in cancel; the file says canceled" in mended.out


@pytest.mark.parametrize("wait", ["0s", "1ms", "36525d"])
def test_time_may_pass_in_any_length(wait: str) -> None:
    outcome = run("replay", "--flow", "seller", "--steps", f"place_order advance:{wait}")

    assert (outcome.code, outcome.err) == (0, "")


def test_a_replay_is_one_json_object_for_programs() -> None:
    steps = "place_order start_handling complete_checkout"
    words = ("--steps", steps, "--set", "cancellation_window=90", "--format", "json")
    outcome = run("replay", "--flow", "seller", *words)
    found = json.loads(outcome.out)

    assert (outcome.code, outcome.err) == (0, "")
    assert (found["schema"], found["flow"], found["deal"]) == ("orderflow/replay/1", "seller", "")
    assert (found["conforms"], found["wrong"], found["unjudged"]) == (True, [], "")
    assert [(step["number"], step["act"], step["accepted"]) for step in found["steps"]] == [
        (1, "place_order", True),
        (2, "start_handling", False),
        (3, "complete_checkout", True),
    ]
    assert found["steps"][1]["told"] == "no transition takes it there"
    assert [step["event"] for step in found["trace"]] == steps.split()
    assert found["trace"][0]["data"] == {}
    assert found["settings"] == ["cancellation_window=90"]
    assert found["statuses"] == {"order": "on-order-completed-ffm"}


def test_what_is_wrong_is_in_the_json_object_with_its_rule_and_step(here: Path) -> None:
    (path,) = [path for path in BROKEN if path.stem == "canceled-without-canceling"]
    told = run(
        "check", path, "--examples", "0", "--no-prove", "--traces", ".", "--report", "r.html"
    )
    (trace,) = here.glob("*-A-64-*.trace.yaml")
    outcome = run("replay", trace, "--format", "json")
    found = json.loads(outcome.out)

    assert told.code == outcome.code == 1
    assert (found["rule"], found["broken"], found["conforms"]) == ("A-64", True, False)
    assert {each["rule"] for each in found["wrong"]} >= {"A-64"}
    assert {each["step"] for each in found["wrong"]} == {len(found["steps"])}


def test_a_file_whose_steps_end_elsewhere_deviates_in_json_as_well(here: Path) -> None:
    (here / "a.trace.yaml").write_text(
        "flow: seller\nrule: A-64\nsteps:\n  - {do: place_order, then: handling}\n"
    )
    found = json.loads(run("replay", "a.trace.yaml", "--format", "json").out)

    (wrong,) = found["wrong"]
    assert (wrong["step"], wrong["rule"]) == (1, "")
    assert wrong["expected"] == "the file says handling"
    assert (found["broken"], found["conforms"]) == (False, False)
