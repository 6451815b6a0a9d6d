"""What a run says of a system can be seen again on it: with the command, and with the file."""

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.bent_systems import HERE
from tests.cli.running import Outcome, here, run

__all__ = ["here"]

ACTS = "place_order start_handling complete_checkout deny_cancel await_authorization"


def replayed(name: str, acts: str = ACTS, *more: str) -> Outcome:
    words = ("--flow", "seller", "--steps", acts, "--target", f"{HERE}:{name}", *more)
    return run("replay", *words)


def test_every_failure_of_a_run_is_seen_again_by_command_and_by_file(here: Path) -> None:
    run("suite", "seller", "--cover", "illegal", "-o", "seller.suite.yaml")
    words = ("--target", f"{HERE}:twice_wrong", "--traces", "failures", "--json", "verdict.json")
    found = run("suite", "seller.suite.yaml", "--run", *words)
    failures = json.loads((here / "verdict.json").read_text("utf-8"))["failures"]
    traces = sorted((here / "failures").glob("*.trace.yaml"))

    assert found.code == 1
    assert len(failures) == len(traces) > 3
    for failure in failures:
        assert (failure["tried"], failure["again"]) == (3, 3)
        told = run(*shlex.split(failure["replay"])[1:])
        assert told.code == 1
        assert f"{failure['observed'][1:]}; {failure['expected']} ({failure['rule']}" in told.out
    for trace in traces:
        told = run("replay", trace, "--target", f"{HERE}:twice_wrong")
        assert told.code == 1
        assert "is not broken" not in told.out
        assert "not played" not in told.out


def test_what_goes_wrong_behind_another_mistake_is_reached_on_another_order() -> None:
    told = replayed("twice_wrong").out.splitlines()

    assert told[2].startswith("error: the system took start_handling in order-accepted")
    assert told[3] == "another order is led here without this step, for what is behind it"
    assert told[-2].startswith("  5  await_authorization  accepted, now in canceled")
    assert told[-1].startswith("error: in on-order-completed-ffm, await_authorization led to cance")


def test_behind_a_step_that_led_elsewhere_nothing_is_played_and_it_says_so(here: Path) -> None:
    outcome = replayed("stuck", "place_order complete_checkout await_authorization")
    (here / "a.trace.yaml").write_text(
        "flow: seller\nrule: A-64\nsteps: [place_order, complete_checkout, await_authorization]\n"
    )
    from_file = run("replay", "a.trace.yaml", "--target", f"{HERE}:stuck")

    assert outcome.code == from_file.code == 1
    *_, played, last = outcome.out.splitlines()
    assert played == "  3  await_authorization  not played"
    assert last == "the order is not where the flow has it, so what is behind is not played"
    assert "is not broken" not in from_file.out  # nobody knows


def test_a_system_that_was_mended_is_told_apart(here: Path) -> None:
    (here / "a.trace.yaml").write_text("flow: seller\nrule: I-09\nsteps: [place_order]\n")
    outcome = run("replay", "a.trace.yaml", "--target", f"{HERE}:sound")

    assert outcome.code == 0
    assert outcome.out.splitlines()[-2:] == [
        "I-09, which the file is about, is not broken",
        "conforms: the order stands in order-accepted",
    ]


def test_an_answer_that_does_not_come_is_no_pass_in_either_format() -> None:
    acts = "place_order complete_checkout"
    lines, text = replayed("silent", acts), replayed("silent", acts, "--format", "json")
    found = json.loads(text.out)

    assert lines.code == text.code == 1
    assert lines.out.splitlines()[-1].startswith("could not be judged: step 2")
    assert found["conforms"] is False
    assert found["unjudged"].startswith("step 2, complete_checkout: no answer")
    assert [step["accepted"] for step in found["steps"]] == [True, None]


def test_a_replay_on_a_system_is_one_json_object() -> None:
    outcome = replayed("twice_wrong", ACTS, "--format", "json")
    found = json.loads(outcome.out)

    assert (outcome.code, outcome.err) == (1, "")
    assert (found["schema"], found["flow"]) == ("orderflow/replay/1", "seller")
    assert found["target"] == f"{HERE}:twice_wrong"
    assert [step["act"] for step in found["steps"]] == ACTS.split()
    assert [(step["status"], step["expected"]) for step in found["steps"]][-1] == (
        "canceled",
        "waiting-ffmt-authorization",
    )
    assert [(each["step"], each["severity"]) for each in found["wrong"]] == [
        (2, "error"),
        (5, "error"),
    ]
    assert found["statuses"] == {"order": "canceled"}


@pytest.mark.parametrize("name", ["stuck", "sound"])
def test_both_formats_say_whether_it_conforms(name: str) -> None:
    acts = "place_order complete_checkout"
    lines, text = replayed(name, acts), replayed(name, acts, "--format", "json")

    assert lines.code == text.code == (name == "stuck")
    assert json.loads(text.out)["conforms"] == (name == "sound")
