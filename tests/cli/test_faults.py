"""``orderflow faults`` lists the known defects, and ``check --faults`` finds what each breaks."""

import json
import re
import shlex
from pathlib import Path

import pytest

from orderflow.flows.fault_loader import bundled_faults
from orderflow.reports.jsonfile import read_json
from tests.cli.running import QUICK, content, here, refused, run

__all__ = ["here"]

BOOK = bundled_faults()
REPLAY = re.compile(r"^  replay    (.*)$", re.MULTILINE)


def test_every_fault_is_listed_with_what_goes_wrong() -> None:
    told = run("faults").out

    assert all(f"\n{name}  " in f"\n{told}" for name in (*BOOK.faults, *BOOK.left_out))
    assert all(f"profile {name}: " in told for name in BOOK.profiles)
    assert "cannot be switched on:" in told


def test_one_fault_is_told_with_a_command_to_look_for_it() -> None:
    told = run("faults", "message.lost").out

    fault = BOOK.fault("message.lost")
    assert fault.says in told
    assert f"detected by: {', '.join(fault.detects)}" in told
    assert " --faults message.lost" in told.splitlines()[-1]
    assert fault.deals[0] in told.splitlines()[-1]


def test_what_cannot_be_shown_is_told_with_its_reason() -> None:
    name, left_out = next(iter(BOOK.left_out.items()))

    assert left_out.why in " ".join(run("faults", name).out.split())
    assert left_out.why in refused("check", "--faults", name)


def test_faults_as_json_hold_the_same() -> None:
    every = json.loads(run("faults", "--format", "json").out)
    some = json.loads(run("faults", "real-world", "--format", "json").out)

    assert [row["name"] for row in every] == [*BOOK.faults, *BOOK.left_out]
    assert every[0]["says"] == next(iter(BOOK.faults.values())).says
    assert {row["name"] for row in some} == set(BOOK.profiles["real-world"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("faults message.los", "no fault 'message.los'; did you mean 'message.lost'?"),
        ("check --faults message.los", "did you mean 'message.lost'?"),
        ("check chain --faults message.lost", "message.lost changes nothing of chain; it is shown"),
    ],
)
def test_a_wrong_name_is_answered_with_what_would_have_worked(
    here: Path, words: str, told: str
) -> None:
    assert told in refused(*words.split())


def test_all_that_is_wrong_with_the_names_is_told_together(here: Path) -> None:
    message = refused("check", "seler", "--faults", "one,two", "--faults", "three")

    assert [line.split("'")[1] for line in message.splitlines()] == ["seler", "one", "two", "three"]


def test_what_a_fault_breaks_is_told_grouped_and_can_be_seen_again(here: Path) -> None:
    words = ("--faults", "create.stuck_after_completed,message.lost", "--traces", "traces")

    outcome = run("check", "seller", "deal:complete", *QUICK, *words, "--json", "v.json")

    assert (outcome.code, outcome.err) == (1, "")
    groups = re.findall(r"^fault (\S+): ", outcome.out, re.MULTILINE)
    assert groups == ["create.stuck_after_completed", "message.lost"]
    verdict = read_json((here / "v.json").read_text())
    assert set(verdict.faults) == set(groups)
    assert all(failure.fault in groups for failure in verdict.failures)
    assert outcome.out.count("\n  also ") == len(verdict.failures) - len(groups)
    first, second = (run(*shlex.split(words)[1:]) for words in REPLAY.findall(outcome.out))
    assert first.code == second.code == 1
    traces = sorted((here / "traces").iterdir())
    assert len(traces) == len(verdict.failures)
    for again in (run("replay", trace) for trace in traces):
        assert again.code == 1 or "\nwarning: " in again.out
    assert "orderflow-report.html" in content(here)


def test_the_command_of_a_hunt_repeats_it(here: Path) -> None:
    words = ("check", "seller", *QUICK, "--faults", "create.stuck_after_completed")
    run(*words, "--json", "one.json")
    command = json.loads((here / "one.json").read_text())["command"]

    run(*shlex.split(command)[1:], "--json", "two.json")

    assert (here / "one.json").read_bytes() == (here / "two.json").read_bytes()


def test_the_search_says_what_holds_without_a_fault_and_under_one(here: Path) -> None:
    words = ("check", "marketplace-seller", "--examples", "0", "--faults", "message.lost")
    told = run(*words, "--json", "found.json")
    (deal,) = json.loads((here / "found.json").read_text())["deals"]
    usual, lost = deal["proofs"]

    assert told.code == 1
    assert "every configuration under message.lost: " in told.out
    assert (usual["fault"], usual["fails"]) == ("", [])
    assert lost["fault"] == "message.lost"
    assert {"A-53", "A-65"} <= {rule for rule, _ in lost["fails"]}
    assert "A-28" in lost["holds"]


def test_a_warning_under_a_fault_is_a_finding(here: Path) -> None:
    outcome = run("check", "seller", *QUICK, "--faults", "invoice.dirty_number")

    assert outcome.code == 1
    assert "FAIL" in outcome.out


def test_messages_can_go_wrong_in_a_deal_of_ones_own(here: Path) -> None:
    (here / "mine.yaml").write_text(
        "deals:\n  mine:\n    title: Mine\n    participants:\n"
        "      shop: {flow: marketplace}\n      store: {flow: seller, below: shop}\n",
        "utf-8",
    )

    outcome = run("check", "mine.yaml", *QUICK, "--faults", "message.lost")

    assert outcome.code == 1
    assert "A-65" in outcome.out


def test_a_profile_is_looked_for_where_it_can_be(here: Path) -> None:
    outcome = run("check", "seller", *QUICK, "--faults", "real-world", "--json", "-")

    assert outcome.code in {0, 1}
    shown = {name for name in BOOK.profiles["real-world"] if name in BOOK.faults}
    assert set(json.loads(outcome.out)["faults"]) <= shown


def test_what_the_sandbox_alone_shows_is_told_apart_with_its_option() -> None:
    told = run("faults").out

    head = "shown by the sandbox alone, orderflow serve --fault NAME:"
    served, left = told.split(head)[1].split("cannot be switched on:")
    assert all(f"\n{name}  " in served for name in BOOK.served)
    assert not any(f"\n{name}  " in left for name in BOOK.served)
    assert "serve --fault list.stale_status" in refused("check", "--faults", "list.stale_status")
