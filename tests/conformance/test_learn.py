"""What a system does is learned from its answers alone, and claimed only when all was asked."""

import random
from collections.abc import Callable, Sequence
from functools import cache

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.learned import Kind, Learned, Output, Row
from orderflow.conformance.learned_difference import named
from orderflow.conformance.learner import BrokenLearnerError, UnknownOracleError, Wishes, learn
from orderflow.conformance.learner_answers import Bounds
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import LOOK, Abilities, Answer, Call, Outcome, Subject
from tests.conformance.learn_systems import Spoilt, matter, silent, sound, step, wrong

SOME = Wishes(bounds=Bounds(3_000, 40_000))


@cache
def learned(name: str = "shop") -> Learned:
    """What is learned of a system that does what the flow says."""
    return learn(sound(name), matter(name), SOME)


def of(subject: Subject, name: str = "shop", wishes: Wishes = SOME) -> Learned:
    return learn(subject, matter(name), wishes)


def cells(rows: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    return [(row.status, named(row.letter), str(row.says), str(row.does)) for row in rows]


@pytest.mark.parametrize("name", ["shop", "chain", "seller"])
def test_a_system_that_follows_the_flow_is_learned_as_the_flow(name: str) -> None:
    found = learned(name)

    assert found.machine == found.expected == matter(name).expected
    assert found.claim
    assert found.equal
    assert found.reasons == ()
    assert found.difference.none
    assert found.difference.hidden == found.difference.missing == ()
    assert found.figures.orders <= 2_500


def test_every_kind_of_data_can_be_learned_with_too() -> None:
    every = matter(every=True)

    found = learn(sound(), every, SOME)

    assert len(every.alphabet) > len(matter().alphabet)
    assert ("grace_period_over", "early") in every.alphabet
    assert found.equal


def test_the_same_system_is_learned_the_same_way_again() -> None:
    assert of(sound()) == learned()


def test_three_planted_deviations_are_three_kinds_of_rows_and_no_more() -> None:
    def edit(branches: dict) -> None:  # type: ignore[type-arg]  # the keys do not matter here
        step("ready-for-handling", "verify_invoice", "invoice")(branches)
        del branches["cancellation-requested", "deny_cancel"]
        step("invoiced", "cancel_order", "canceled")(branches)

    found = of(wrong("seller", edit), "seller")

    ready, requested = "ready-for-handling", "cancellation-requested"
    posted = [
        (ready, f"verify_invoice{choice}", f"refused, then {ready}", "taken, then invoice")
        for choice in ("", ":part", ":rest")
    ]
    denied = [
        (requested, "deny_cancel", f"taken, then {held}", f"refused, then {requested}")
        for held in (ready, "handling")
    ]
    late = [("invoiced", "cancel_order", "refused, then invoiced", "taken, then canceled")]
    assert cells(found.difference.rows) == [*posted, *denied, *late]
    assert found.claim
    assert not found.equal


PLANTED: list[tuple[Callable[[dict], object], list[tuple[str, str, str, str]]]] = [  # type: ignore[type-arg]  # as above
    (
        step("invoiced", "cancel_order", "canceled"),
        [("invoiced", "cancel_order", "refused, then invoiced", "taken, then canceled")],
    ),
    (
        lambda branches: branches.pop(("handling", "cancel_order")),
        [("handling", "cancel_order", "taken, then canceled", "refused, then handling")],
    ),
    (
        step("canceled", "cancel_order", "reopened"),
        [("canceled", "cancel_order", "refused, then canceled", "taken, then reopened")],
    ),
]


@pytest.mark.parametrize(("edit", "rows"), PLANTED)
def test_one_deviation_is_one_row(
    edit: Callable[[dict], object],  # type: ignore[type-arg]  # as above
    rows: list[tuple[str, str, str, str]],
) -> None:
    found = of(wrong("shop", edit))

    assert cells(found.difference.rows) == rows
    assert found.claim


def test_a_row_comes_with_a_shortest_sequence_that_shows_it() -> None:
    found = of(wrong("shop", step("canceled", "cancel_order", "reopened")))

    (row,) = found.difference.rows
    assert [named(letter) for letter in row.word] == ["place_order", "cancel_order", "cancel_order"]
    assert found.difference.unknown == ("reopened",)


def test_a_system_that_refuses_and_moves_all_the_same_is_found_out() -> None:
    def moves(number: int, call: Call, answer: Answer) -> Answer:
        if call.event == "place_order" and answer.outcome is Outcome.REFUSED:
            return Answer(Outcome.REFUSED, "lost")
        return answer

    rows = of(Spoilt(sound(), moves), wishes=Wishes(bounds=Bounds(200, 5_000))).difference.rows

    assert ("open", "place_order", "refused, then open", "refused, then lost") in cells(rows)


@pytest.mark.parametrize(
    ("spoils", "spoilt", "does"),
    [
        (("handling", "place_order"), "cancel_order", "refused, then handling"),
        (("open", "verify_invoice"), "cancel_order", "refused, then open"),
        (("invoice", "cancel_order"), "add_invoice_partial", "refused, then invoice"),
    ],
)
def test_a_refusal_that_spoils_a_later_step_unseen_is_found_out(
    spoils: tuple[str, str], spoilt: str, does: str
) -> None:
    class Spoiling(Inside):
        held = False

        def begin(self, start: Start) -> Answer:
            self.held = False
            return super().begin(start)

        def fire(self, call: Call) -> Answer:
            before = self.simulator.status
            if self.held and call.event == spoilt and before == spoils[0]:
                return Answer(Outcome.REFUSED, before)
            answer = super().fire(call)
            if answer.outcome is Outcome.REFUSED and (before, call.event) == spoils:
                self.held = True
            return answer

    found = of(Spoiling(matter().graph.space.plan, shows=None))

    (row,) = {(row.status, row.letter[0], str(row.does)) for row in found.difference.rows}
    assert row == (spoils[0], spoilt, does)
    assert not found.equal
    assert spoils[1] in {event for each in found.difference.rows for event, _ in each.word}


def test_a_timer_that_never_fires_hides_what_is_behind_it_and_nothing_is_claimed() -> None:
    found = of(wrong("shop", lambda branches: branches.pop(("open", "grace_period_over"))))

    late = ("open", "grace_period_over", "taken, then handling", "taken, then open")
    assert cells(found.difference.rows) == [late]
    assert found.difference.missing == ("handling", "invoice", "invoiced")
    assert not found.claim
    assert any("no order got to" in reason for reason in found.reasons)


def test_what_is_counted_further_than_the_words_go_is_not_found() -> None:
    # what a claim does not promise: nobody posted nine invoices
    class Counting(Inside):
        def fire(self, call: Call) -> Answer:
            posted = len(self.simulator.order.invoices)
            if call.event == "cancel_order" and posted >= 9:
                return Answer(Outcome.REFUSED, self.simulator.status)
            return super().fire(call)

    found = of(Counting(matter().graph.space.plan, shows=None))

    assert found.equal


@pytest.mark.parametrize(
    ("bounds", "told"),
    [(Bounds(40, 5_000), "40 orders were used"), (Bounds(5_000, 100), "100 calls were made")],
)
def test_a_bound_stops_it_and_nothing_is_claimed(bounds: Bounds, told: str) -> None:
    found = of(sound(), wishes=Wishes(bounds=bounds))

    assert told in found.reasons[0]
    assert not found.claim
    assert not found.equal
    assert found.figures.orders <= bounds.orders
    assert found.figures.calls <= bounds.calls
    assert found.difference.none, "what was not asked is no difference"


def test_a_few_random_words_find_too_few_states_and_promise_nothing() -> None:
    found = of(sound("seller"), "seller", Wishes(oracle="random:5"))

    assert found.machine is not None
    assert len(found.machine.status) < len(found.expected.status)
    assert not found.claim
    assert found.reasons[0] == "random words promise nothing, however many they are"
    assert any("faults in what the flow refuses" in reason for reason in found.reasons)
    assert found.difference.rows == (), "a wrong guess of the learner is no difference"


def test_random_words_claim_nothing_even_when_they_happen_to_find_everything() -> None:
    found = of(sound(), wishes=Wishes(oracle="random:400", seed=7))

    assert found.machine == found.expected
    assert found.reasons[0] == "random words promise nothing, however many they are"
    assert not found.claim


@pytest.mark.parametrize("given", ["random", "random:0", "random:x", "wp", ""])
def test_an_oracle_that_does_not_exist_is_refused(given: str) -> None:
    with pytest.raises(UnknownOracleError, match="write suite, or random:N"):
        of(sound(), wishes=Wishes(oracle=given))


def test_a_system_that_contradicts_itself_is_told_with_the_word_and_both_answers() -> None:
    def flaky(number: int, call: Call, answer: Answer) -> Answer:
        fickle = call.event == "cancel_order" and answer.status == "canceled" and number > 60
        return Answer(Outcome.REFUSED, "open") if fickle else answer

    found = of(Spoilt(sound(), flaky))

    assert found.clash is not None
    word, first, then = found.clash
    assert word[-1] == ("cancel_order", "")
    assert (first, then) == (Output(Kind.TAKEN, "canceled"), Output(Kind.REFUSED, "open"))
    assert found.reasons[0].startswith("the system contradicts itself: after place_order ")
    assert "once taken, then canceled, and once refused, then open" in found.reasons[0]
    assert not found.claim


def test_an_answer_that_does_not_come_once_is_asked_for_again() -> None:
    found = of(Spoilt(sound(), lambda n, _, answer: silent(answer) if n == 50 else answer))

    assert found.equal
    assert found.figures.repeats == 1


def test_answers_that_do_not_come_stop_it() -> None:
    found = of(Spoilt(sound(), lambda n, _, answer: silent(answer) if n >= 50 else answer))

    assert "no answer, twice: " in found.reasons[0]
    assert not found.claim


def test_a_status_that_is_not_shown_is_no_answer() -> None:
    found = of(Spoilt(sound(), lambda n, _, answer: Answer(answer.outcome, "")))

    assert "the status is unknown" in found.reasons[0]


def test_no_new_order_is_no_answer_either() -> None:
    class Closed(Inside):
        def begin(self, start: Start) -> Answer:
            super().begin(start)
            return Answer(Outcome.REFUSED, "", "the shop is closed")

    found = of(Closed(matter().graph.space.plan))

    assert "no new order: the shop is closed" in found.reasons[0]
    assert found.machine is None


@pytest.mark.parametrize(
    ("abilities", "told"),
    [
        (Abilities(turns_clock=False), "nothing turns its clock, which grace_period_over needs"),
        (
            Abilities(asked=frozenset({"place_order", "grace_period_over", "verify_invoice"})),
            "it cannot be asked for cancel_order",
        ),
        (
            Abilities(awaited=frozenset({"cancel_order"})),
            "it brings cancel_order about by itself, at a time of its own",
        ),
    ],
)
def test_what_cannot_be_asked_is_said_and_nothing_is_claimed(
    abilities: Abilities, told: str
) -> None:
    subject = Spoilt(sound(), lambda n, _, answer: answer)
    subject.abilities = abilities

    found = of(subject)

    assert f"part of the flow could not be asked: {told}" in found.reasons
    assert not found.claim
    asked = {row.letter[0] for row in found.difference.rows}
    assert "cancel_order" not in asked or abilities.awaited


def test_a_library_that_breaks_down_is_told_of_and_ends_in_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("a state that is not there")

    monkeypatch.setattr("aalpy.learning_algs.run_Lsharp", breaks)

    with pytest.raises(BrokenLearnerError, match="the learner broke down"):
        of(sound())


@pytest.mark.parametrize("seed", range(6))
def test_a_system_that_goes_on_by_itself_at_any_time_is_never_claimed(seed: int) -> None:
    chance = random.Random(seed)

    class Restless(Inside):
        abilities = Abilities(awaited=frozenset({"cancel_order"}))

        def fire(self, call: Call) -> Answer:
            outcome = super().fire(call).outcome if call.event != LOOK else Outcome.ACCEPTED
            if call.event == LOOK or chance.random() < 0.2:
                self.simulator.attempt("cancel_order")
            return self._answer(outcome)

    found = of(Restless(matter().graph.space.plan, shows=None))

    assert not found.claim


def test_the_system_is_watched_while_it_is_learned() -> None:
    seen: list[tuple[int, int, int]] = []

    learn(sound(), matter(), SOME, lambda *figures: seen.append(figures))

    assert [orders for orders, _, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][2] > seen[0][2] == 0
