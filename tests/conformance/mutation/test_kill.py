"""The tests made for survivors close what can be closed, and are not more than it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.mutation.budget import strongest
from orderflow.conformance.mutation.kill import cases_of, kill_draft, survivors_draft
from orderflow.conformance.mutation.mutant import Operator
from orderflow.conformance.mutation.score import MutationError, score
from orderflow.flows.loader import bundled_names
from tests.conformance.mutation.plain_suites import arcs, full, only, small, suite_of, usual


@pytest.mark.parametrize("name", bundled_names())
def test_with_the_tests_for_survivors_nothing_survives(name: str) -> None:
    here, suite, before = usual(name)
    draft = survivors_draft(before, here)
    whole = replace(suite, cases=(*suite.cases, *cases_of(draft, here.space.plan)))
    after = score(whole, here)

    assert len(before.survivors) > 0
    assert after.survivors == ()
    assert after.total.killed == before.total.killed + len(before.survivors)
    assert len(draft.walks) < len(before.survivors)
    assert dict(draft.guarantee.figures)["mutants to be noticed"] == len(before.survivors)


def test_the_draft_for_a_suite_is_the_one_for_its_survivors() -> None:
    here, suite, before = usual("chain")

    one, other = kill_draft(here, suite), survivors_draft(before, here)

    assert one.guarantee == other.guarantee
    whole = replace(suite, cases=(*suite.cases, *cases_of(one, here.space.plan)))
    assert score(whole, here).survivors == ()


@pytest.mark.parametrize("name", ["chain"])
def test_from_nothing_it_makes_a_suite_that_lets_nothing_pass(name: str) -> None:
    here, suite, before = usual(name)
    draft = kill_draft(here)
    alone = replace(suite, cases=cases_of(draft, here.space.plan))
    after = score(alone, here)

    assert after.survivors == ()
    assert after.total.killed == before.total.killed + len(before.survivors)
    assert alone.cost.calls < full(here).cost.calls / 2
    assert alone.cost.orders < suite.cost.orders
    assert kill_draft(here) == draft


def test_no_walk_can_be_left_out_as_the_beginning_of_another() -> None:
    walks = kill_draft(small()).walks
    for one in walks:
        assert not any(
            other != one and other.start == one.start and other.acts[: len(one.acts)] == one.acts
            for other in walks
        )


def test_a_walk_says_what_it_is_for() -> None:
    here = small()
    draft = kill_draft(here, full(here))
    titles = " ".join(walk.title for walk in draft.walks)

    assert "notices when T4 is refused after it was taken 2 times, and 2 more" in titles
    assert draft.cover == "kill"


def test_a_budget_keeps_the_cases_that_notice_most() -> None:
    here = small()
    suite = full(here)
    whole = score(suite, here)
    kept = [(calls, strongest(suite, here, calls)) for calls in (1, 10, 30, 80)]
    noticed = [score(part, here).total.killed for _, part in kept]

    assert all(part.cost.calls <= calls for calls, part in kept)
    assert noticed == sorted(noticed)
    assert noticed[0] < noticed[-1] <= whole.total.killed
    for (_, part), killed in zip(kept, noticed, strict=True):
        figures = dict(part.guarantees[-1].figures)
        assert figures == {"mutants noticed": killed, "of": whole.total.killed}
        assert [g.cover for g in part.guarantees] == ["budget"]


def test_a_budget_is_better_spent_than_on_the_first_cases() -> None:
    here, suite, _ = usual("chain")
    part = strongest(suite, here, 100)
    first = replace(suite, cases=suite.cases[: len(part.cases)])

    assert score(part, here).total.killed > 2 * score(first, here).total.killed
    assert strongest(suite, here, 100) == part


def test_a_budget_for_everything_keeps_everything_and_every_promise() -> None:
    here, suite, _ = usual("chain")
    kept = strongest(suite, here, suite.cost.calls)

    assert kept.cases == suite.cases
    assert kept.guarantees[:-1] == suite.guarantees


def test_nothing_is_made_for_a_suite_that_a_sound_system_fails() -> None:
    here = small()
    suite = suite_of(here, [only("place_order")])
    case = suite.cases[0]
    bad = replace(case, steps=(replace(case.steps[0], refused=True),))

    with pytest.raises(MutationError, match=case.id):
        kill_draft(here, replace(suite, cases=(bad,)))
    with pytest.raises(MutationError, match=case.id):
        strongest(replace(suite, cases=(bad,)), here, 10)


def test_counters_are_closed_too() -> None:
    here = small()
    suite = suite_of(here, arcs(here))
    draft = kill_draft(here, suite)
    whole = replace(suite, cases=(*suite.cases, *cases_of(draft, here.space.plan)))

    assert score(suite, here).operators[Operator.COUNTER].score < 1
    assert score(whole, here).operators[Operator.COUNTER].score == 1
