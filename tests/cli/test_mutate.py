"""``orderflow mutate`` says what a suite notices of broken flows, and its exit code whether that
is enough."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.score import score
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.suite_file import load_suite
from orderflow.conformance.suites.suite_text import render_suite
from tests.cli.running import content, here, refused, run
from tests.conformance.mutation.plain_suites import SMALL, graph

__all__ = ["here"]


@pytest.fixture
def flow(here: Path) -> str:
    (here / "small.yaml").write_text(SMALL)
    return "small.yaml"


def document(*words: str) -> dict[str, Any]:
    found = json.loads(run("mutate", *words, "--json", "-").out)
    assert isinstance(found, dict)
    return found


def rows(text: str) -> dict[str, list[str]]:
    """Numbers of each row of the tables, by the first word."""
    return {line.split()[0]: line.split() for line in text.splitlines() if line.startswith("  ")}


def test_it_tells_what_is_noticed_by_operator_and_participant(flow: str) -> None:
    outcome = run("mutate", flow)
    table = rows(outcome.out)

    assert outcome.code == 0
    assert outcome.out.startswith("small.yaml: pairs,illegal:classes, ")
    assert table["redirect"][1:4] == ["positive", "40", "35"]
    assert table["accept-illegal"][1] == "negative"
    assert table["all"][1] == "negative"
    assert "without history and counter" in outcome.out
    assert {"shopper", "seller", "platform", "timer"} <= table.keys()
    assert "A mutant is a system that does what the flow says but for one thing" in outcome.out
    assert "the suite notices" in outcome.out.splitlines()[-1]
    assert outcome.err == ""


def test_the_same_seed_gives_the_same_bytes(flow: str) -> None:
    words = ("mutate", flow, "--cover", "random:40", "--seed", "3")

    assert run(*words) == run(*words)
    assert run(*words).out != run(*words[:-1], "4").out


def test_all_that_ships_is_broken_when_no_flow_is_named() -> None:
    found = document("--cover", "states", "--operator", "timer-late", "--operator", "delete")

    assert [each["flow"] for each in found["flows"]] == [
        "marketplace",
        "seller",
        "complete",
        "chain",
    ]
    assert set(found["flows"][0]["operators"]) == {"delete", "timer-late"}


def test_a_test_that_is_told_can_be_replayed(flow: str) -> None:
    out = run("mutate", flow, "--cover", "transitions", "--operator", "counter").out
    commands = [line.strip() for line in out.splitlines() if "orderflow replay" in line]
    assert commands
    for command in commands:
        played = run(*shlex.split(command)[1:])
        assert (played.code, played.err) == (0, "")


def test_gates_decide_the_exit_code(flow: str) -> None:
    high = run("mutate", flow, "--min-score", "positive=0.99", "negative=1.0")
    low = run("mutate", flow, "--cover", "transitions", "--min-score", "positive=0.5,negative=0.5")
    counter = run("mutate", flow, "--min-score", "counter=0.99", "--min-score", "delete=1")

    assert high.code == 0, high.out
    assert "met: positive 100.00 % of at least 99.00 %" in high.out
    assert (low.code, counter.code) == (1, 1)
    assert "MISSED: negative 0.00 % of at least 50.00 %" in low.out
    assert "met: positive" in low.out
    assert "MISSED: counter" in counter.out
    assert "met: delete" in counter.out


@pytest.mark.parametrize("name", ["chain"])
def test_the_usual_suite_is_strong_enough_for_a_pipeline(name: str) -> None:
    assert run("mutate", name, "--min-score", "positive=0.99", "negative=1.0").code == 0


def test_a_gate_on_what_was_not_tried_is_missed_and_says_why(flow: str) -> None:
    outcome = run("mutate", flow, "--operator", "delete", "--min-score", "negative=1")

    assert outcome.code == 1
    assert "MISSED: negative: there is no such mutant among those that were tried" in outcome.out


def test_a_deal_is_told_with_the_flows_of_its_documents() -> None:
    for verb in ("mutate", "learn", "events"):
        told = refused(verb, "marketplace-seller")

        assert "marketplace-seller is a deal" in told
        assert "its documents follow: marketplace, seller" in told
        assert f"orderflow {verb} marketplace" in told


def test_not_reading_the_status_again_costs_much(flow: str) -> None:
    (seen,) = document(flow)["flows"]
    (blind,) = document(flow, "--no-reread")["flows"]

    assert seen["operators"]["reject-but-move"]["score"] == 1
    assert blind["operators"]["reject-but-move"]["score"] < 0.8
    assert blind["operators"]["projection"]["killed"] == 0
    assert (seen["reread"], blind["reread"]) == (True, False)


def test_json_tells_everything_and_leaves_out_the_words(flow: str) -> None:
    found = document(flow, "--min-score", "counter=1")
    (one,) = found["flows"]
    survivors = [each for each in one["mutants"] if each["fate"] == "survived"]

    assert found["schema"] == "orderflow/mutation/1"
    assert found["passed"] is False
    assert one["gates"][0]["met"] is False
    assert survivors
    assert all(each["steps"] for each in survivors)
    counts = one["total"]
    assert counts["mutants"] == counts["killed"] + len(one["mutants"])
    assert one["redundant"] == [each["id"] for each in one["cases"] if not each["alone"]]


def test_the_matrix_can_be_had_in_two_forms(flow: str, here: Path) -> None:
    run("mutate", flow, "--operator", "delete", "--matrix", "kills.csv")
    run("mutate", flow, "--operator", "delete", "--matrix", "kills.json")
    with (here / "kills.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    flows = json.loads((here / "kills.json").read_text())["flows"]

    pairs = {(case, each) for case, found in flows["small.yaml"].items() for each in found}
    assert {(line["case"], line["mutant"]) for line in lines} == pairs
    assert any(mutant == "T2/delete" for _, mutant in pairs)


def test_the_tests_for_survivors_are_a_suite_that_closes_them(here: Path) -> None:
    words = ("mutate", "chain", "--cover", "transitions", "--operator", "counter")
    run(*words, "--kill-survivors", "missing.yaml")
    suite = load_suite(here / "missing.yaml")
    outcome = run("mutate", "--suite", "missing.yaml", "--operator", "counter")
    survivors = document(*words[1:])["flows"][0]["mutants"]

    assert survivors
    assert suite.flow == "chain"
    assert {case.cover for case in suite.cases} == {"kill"}
    closed = {each["id"] for each in survivors}
    found = graph("chain")
    only = [each for each in mutants(found) if each.id in closed]
    assert score(suite, found, only=only).total.score == 1
    assert outcome.out.startswith("chain: its own suite, ")


def test_nothing_is_written_when_nothing_survives(here: Path) -> None:
    outcome = run("mutate", "chain", "--operator", "delete", "--kill-survivors", "missing.yaml")

    assert (outcome.code, content(here)) == (0, {})
    assert "nothing survives" in outcome.err


def test_a_suite_file_is_measured_as_it_stands(here: Path) -> None:
    found = graph("chain")
    suite = generate(found, "transitions", named="chain")
    (here / "suite.yaml").write_text(render_suite(suite))
    made, read = (
        run("mutate", "chain", "--cover", "transitions"),
        run("mutate", "--suite", "suite.yaml"),
    )

    assert read.out.splitlines()[1:] == made.out.splitlines()[1:]


def test_a_suite_that_does_not_fit_its_flow_is_refused(here: Path) -> None:
    text = render_suite(generate(graph("chain"), "states", named="chain"))
    (here / "suite.yaml").write_text(text.replace("then: order-created", "then: invoiced"))

    assert "order-created" in refused("mutate", "--suite", "suite.yaml")


def test_the_rules_can_be_measured_instead(flow: str, here: Path) -> None:
    outcome = run("mutate", flow, "--rules", "--json", "rules.json")

    assert outcome.code == 0
    assert "the A-rules notice" in outcome.out
    assert json.loads((here / "rules.json").read_text())["flows"]
    assert run("mutate", "chain", "--rules", "--min-score", "guard-dropped=1").code == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere",), "no flow 'nowhere'"),
        (("deal:complete",), "deal:complete"),
        (("chain", "--cover", "everything"), "nothing covers 'everything'"),
        (("chain", "--operator", "typo"), "typo"),
        (("chain", "--min-score", "positive"), "write NAME=SHARE"),
        (("chain", "--min-score", "positive=2"), "a share from 0 to 1"),
        (("chain", "--min-score", "posit=1"), "did you mean 'positive'"),
        (("chain", "positive=1"), "positive=1"),
        (("chain", "--operator", "delete", "--min-score", "counter=1"), "leaves counter out"),
        (("--kill-survivors", "a.yaml"), "name one FLOW"),
        (("chain", "--json", "-", "--matrix", "-"), "--json goes there, too"),
        (("chain", "--json", "nowhere/a.json"), "there is no folder"),
        (("--suite", "none.yaml"), "none.yaml"),
        (("chain", "--suite", "none.yaml"), "the suite says which flow"),
        (("--suite", "none.yaml", "--cover", "pairs"), "the suite is there already"),
        (("chain", "--rules", "--no-reread", "--matrix", "a.csv"), "--matrix: is about suites"),
        (("chain", "--set", "cancellation_window=soon"), "not a number"),
    ],
)
def test_bad_input_is_told_before_any_work(here: Path, words: tuple[str, ...], told: str) -> None:
    assert told in refused("mutate", *words)
    assert content(here) == {}


def test_all_that_is_wrong_is_told_at_once(here: Path) -> None:
    message = refused("mutate", "nowhere", "--cover", "all", "--min-score", "none=1")

    assert all(part in message for part in ("nowhere", "nothing covers 'all'", "no score 'none'"))
