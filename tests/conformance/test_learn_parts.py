"""The parts of learning: which inputs, what is sent, how strong it was, and the picture of it."""

import json
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.learned import Kind, Learned, Letter, Output, Word, machine_from
from orderflow.conformance.learned_difference import named, suspects
from orderflow.conformance.learned_flow import NothingToLearnError, matter_of
from orderflow.conformance.learner import Wishes, learn
from orderflow.conformance.learner_answers import (
    Answers,
    Bounds,
    ContradictionError,
    LearningStoppedError,
    written,
)
from orderflow.conformance.learner_ledger import Ledger
from orderflow.conformance.learner_oracle import expected_cost, strength, suite_words, weaknesses
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import ADVANCE, Answer, Call, Outcome
from orderflow.conformance.suites.graph import graph_of
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.reports.learned import as_json, draw, lines_of, mermaid
from orderflow.simulator.scenario import parse_acts
from orderflow.simulator.space import search
from tests.conformance.learn_systems import flow, matter, sound, step, wrong

ACCEPTED = Outcome.ACCEPTED


def word(text: str) -> Word:
    return tuple((act.event, act.choice) for act in parse_acts(text))


def asking(subject: Inside | None = None, bounds: Bounds | None = None) -> Answers:
    ledger = Ledger(matter().graph.space.plan)
    return Answers(subject or sound(), ledger, Start(), bounds or Bounds())


@cache
def deviating() -> Learned:
    def edit(branches: dict) -> None:  # type: ignore[type-arg]  # the keys do not matter here
        step("invoiced", "cancel_order", "reopened")(branches)
        del branches["open", "cancel_order"]

    return learn(wrong("shop", edit), matter(), Wishes())


@pytest.mark.parametrize("name", ["chain", "seller", "marketplace", "complete"])
def test_the_usual_inputs_show_every_node_and_transition_with_each_event_once(name: str) -> None:
    graph = graph_of(search(bundled(name).view(), defaults()))
    usual, every = matter_of(graph), matter_of(graph, every=True)

    assert {event for event, _ in usual.alphabet} == {event for event, _ in every.alphabet}
    assert set(usual.alphabet) < set(every.alphabet)
    assert len(usual.graph.status) == len(every.graph.status)
    assert set(usual.graph.by_transition) == set(every.graph.by_transition)


def test_without_order_replacement_another_root_is_learned_and_no_other_flow_has_one() -> None:
    graph = graph_of(search(bundled("marketplace").view(), defaults()))
    shop = graph_of(search(flow(), defaults()))

    with_it, without = matter_of(graph), matter_of(graph, replaceable=False)

    assert (with_it.start.replaceable, without.start.replaceable) == (True, False)
    assert with_it.expected != without.expected
    assert matter_of(shop, replaceable=False).expected == matter_of(shop).expected
    one_sided = replace(graph, roots=graph.roots[:1] * 2)
    with pytest.raises(NothingToLearnError):
        matter_of(one_sided, replaceable=False)


def test_no_state_of_the_expected_machine_looks_like_another() -> None:
    machine = matter("seller").expected

    assert machine.names[0] == "(none)"
    assert len(set(machine.names)) == len(machine.names)
    assert "handling (2)" in machine.names

    def table(state: int, letter: Letter) -> tuple[Output, int]:
        cell = machine.cell(state, letter)
        return cell.output, cell.target

    begun = [
        machine_from(machine.alphabet, machine.status, table, state)
        for state in range(len(machine.status))
    ]
    assert begun[0] == machine
    alike = [(one, other) for one, other in combinations(begun, 2) if not any(suspects(one, other))]
    assert alike == []


def test_amounts_are_made_by_the_books_of_what_was_taken() -> None:
    ledger = Ledger(matter().graph.space.plan)
    books = ledger.opened(Start())
    sent = []
    for letter, status in (
        ("place_order", "open"),
        ("grace_period_over", "handling"),
        ("verify_invoice:part", "invoice"),
        ("add_invoice_partial", "handling"),
        ("verify_invoice:rest", "invoice"),
    ):
        event, _, choice = letter.partition(":")
        call = ledger.call(books, (event, choice))
        assert call is not None
        assert call.leads_to == status
        sent.append(call)
        books = ledger.after(books, (event, choice), call, Answer(ACCEPTED, status))

    assert sent[1] == Call(ADVANCE, wait=30 * 60_000, leads_to="handling")
    assert [call.data for call in (sent[2], sent[4])] == [{"value": 5_000}, {"value": 5_000}]
    assert ledger.call(books, ("verify_invoice", "rest")) is None, "all is invoiced"


def test_the_books_follow_a_system_that_leaves_the_flow() -> None:
    ledger = Ledger(matter().graph.space.plan)
    books = ledger.opened(Start())
    for letter, outcome, status in (
        (("place_order", ""), ACCEPTED, "handling"),
        (("verify_invoice", "part"), ACCEPTED, "somewhere"),
        (("cancel_order", ""), Outcome.REFUSED, "elsewhere"),
    ):
        call = ledger.call(books, letter)
        assert call is not None
        books = ledger.after(books, letter, call, Answer(outcome, status))

    assert books.order.status == "elsewhere"
    assert books.order.invoiced == 5_000


def test_a_timer_is_early_only_before_it_is_over() -> None:
    ledger = Ledger(matter().graph.space.plan)
    early: Letter = ("grace_period_over", "early")
    unplaced = ledger.opened(Start())
    call = ledger.call(unplaced, ("place_order", ""))
    assert call is not None
    placed = ledger.after(unplaced, ("place_order", ""), call, Answer(ACCEPTED, "open"))

    assert ledger.call(unplaced, early) is None
    assert ledger.call(placed, early) == Call("grace_period_over", leads_to="open")
    assert ledger.call(placed._replace(now=placed.now + 31 * 60_000), early) is None


def test_a_word_that_is_known_costs_nothing_and_a_longer_one_goes_on() -> None:
    answers = asking()

    answers.ask(word("place_order cancel_order"))
    answers.ask(word("place_order"))
    answers.ask(word("place_order cancel_order cancel_order"))

    assert (answers.orders, answers.calls) == (1, 3)
    answers.ask(word("place_order place_order"))
    assert (answers.orders, answers.calls) == (2, 5)


def test_what_cannot_be_asked_costs_nothing() -> None:
    answers = asking()

    found = answers.ask(word("add_invoice_full:settled verify_invoice:rest"))
    again = answers.ask(word("add_invoice_full:settled"))

    assert found[0] == again[0]
    assert (found[0].kind, found[1].kind) == (Kind.IMPOSSIBLE, Kind.REFUSED)
    assert (answers.orders, answers.calls) == (1, 1)


def test_another_answer_to_the_beginning_of_a_word_is_a_contradiction() -> None:
    subject = sound()
    answers = asking(subject)
    answers.ask(word("place_order cancel_order"))
    subject.plan = wrong("shop", step("(none)", "place_order", "handling")).plan

    with pytest.raises(ContradictionError, match="after place_order it was once taken, then open"):
        answers.ask(word("place_order place_order"))


def test_bounds_hold_to_the_order_and_to_the_call() -> None:
    few, short = asking(bounds=Bounds(1, 10)), asking(bounds=Bounds(10, 2))
    few.ask(word("place_order"))

    with pytest.raises(LearningStoppedError, match="1 orders were used"):
        few.ask(word("cancel_order"))
    with pytest.raises(LearningStoppedError, match="2 calls were made"):
        short.ask(word("place_order cancel_order cancel_order"))
    assert (few.orders, short.calls) == (1, 2)


def test_a_word_is_written_so_that_replay_reads_it() -> None:
    text = "place_order verify_invoice:part grace_period_over:early"

    assert written(word(text)) == text


def test_the_words_of_the_suite_ask_every_cell_and_every_two_steps() -> None:
    machine = matter().expected
    answers = asking()
    words = list(suite_words(machine))
    for each in words:
        answers.ask(each)

    found = strength(answers, machine)

    assert found.shares == (1.0, 1.0, 1.0)
    assert found.spoilt[1] > 40
    pairs = {pair for each in words for pair in pairwise(named(letter) for letter in each)}
    assert ("verify_invoice:part", "add_invoice_partial") in pairs


def test_without_the_words_of_one_state_the_strength_is_too_little() -> None:
    machine = matter().expected
    answers = asking()
    for each in suite_words(machine):
        if not any(event == "add_invoice_full" for event, _ in each):
            answers.ask(each)

    found = strength(answers, machine)
    reasons = list(weaknesses(found, (), ()))

    assert found.shares[0] < 0.99
    assert found.shares[1] < 1.0
    assert [reason.split(" only ")[0] for reason in reasons] == [
        "of the faults in what the flow takes",
        "of the faults in what the flow refuses",
        "of the faults in what the flow takes right after a refusal",
    ]


def test_a_step_counts_as_tried_after_a_refusal_only_right_behind_it() -> None:
    machine = matter().expected
    answers = asking()
    answers.ask(word("place_order place_order grace_period_over cancel_order"))

    spoilt = strength(answers, machine).spoilt
    answers.ask(word("place_order place_order cancel_order"))

    assert (spoilt[0], strength(answers, machine).spoilt[0]) == (1, 2)


def test_a_step_whose_target_was_not_looked_at_further_is_not_told_from_its_twin() -> None:
    # two states of one status: only what comes later shows which of them it is
    machine = matter().expected
    answers = asking()
    half = "place_order grace_period_over verify_invoice:part"
    answers.ask(word(half))
    before = strength(answers, machine).positive[0]

    answers.ask(word(f"{half} add_invoice_partial"))

    assert machine.status.count("invoice") > 1
    assert strength(answers, machine).positive[0] > before + len(machine.status)


def test_two_machines_are_suspected_where_they_differ_only() -> None:
    found = deviating()

    assert found.machine is not None
    assert list(suspects(found.machine, found.machine)) == []
    words = {row.word for row in found.difference.rows}
    assert words == set(suspects(found.machine, found.expected))


def test_the_cost_told_before_is_about_the_cost_after() -> None:
    took, told = deviating().figures, expected_cost(matter().expected)

    assert 0.5 < took.orders / told.orders < 2
    assert 0.5 < took.calls / told.calls < 2


def test_the_picture_marks_what_differs_and_nothing_else() -> None:
    lines = lines_of(deviating())

    assert [(line.label, line.source, line.target) for line in lines if line.wrong] == [
        ("cancel_order", "invoiced", "reopened")
    ]
    assert [(line.label, line.source, line.target) for line in lines if line.missing] == [
        ("cancel_order", "open", "canceled")
    ]


def test_the_picture_is_drawn_by_our_own_layout_with_the_unknown_status_in_it() -> None:
    picture = draw(deviating(), flow())

    assert picture.startswith("<svg ")
    assert picture.count("of-cross") == 1
    assert picture.count('class="of-box-bad"') == 1
    assert "reopened" in picture
    assert "Not in the flow: cancel_order in invoiced. Not seen: cancel_order in open." in picture
    plain = draw(learn(sound(), matter(), Wishes()), flow())
    assert "of-cross" not in plain
    assert "reopened" not in plain


def test_mermaid_says_the_same() -> None:
    text = mermaid(deviating())

    assert text.startswith("stateDiagram-v2\n")
    assert "[*] --> s1: place order" in text
    assert text.count("(not in the flow)") == text.count("(not seen)") == 1


def test_json_holds_all_of_it() -> None:
    data = json.loads(as_json(deviating(), {"flow": "shop"}))

    assert data["format"] == "orderflow-learned/1"
    assert data["claimed"] is True
    assert data["equal"] is False
    assert {"from": "invoiced", "input": "cancel_order", "to": "reopened"} in data["steps"]
    assert [(row["status"], row["input"]) for row in data["differences"]] == [
        ("open", "cancel_order"),
        ("invoiced", "cancel_order"),
    ]
    assert data["differences"][0]["steps"] == ["place_order", "cancel_order"]
    assert data["unknown_statuses"] == ["reopened"]


def test_an_output_reads_as_a_sentence() -> None:
    assert str(Output(Kind.TAKEN, "open")) == "taken, then open"
    assert str(Output(Kind.IMPOSSIBLE)) == "impossible"
