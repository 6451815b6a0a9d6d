"""Two versions differ exactly where one was changed; what is for readers is told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.difference import Change, Fate, Part, difference
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow, State, Timer, Transition

SELLER = bundled("seller").view()


def changed(flow: Flow, number: int, **what: object) -> Flow:
    steps = list(flow.transitions)
    steps[number] = replace(steps[number], **what)  # type: ignore[arg-type]
    return replace(flow, transitions=tuple(steps))


@pytest.mark.parametrize("name", bundled_names())
def test_a_flow_does_not_differ_from_itself(name: str) -> None:
    found = difference(bundled(name).view(), bundled(name).view())

    assert found.changes == ()
    assert not found.behaves


@given(number=st.integers(0, len(SELLER.transitions) - 1))
def test_a_transition_less_is_one_removed_and_the_other_way_round_one_added(number: int) -> None:
    gone = SELLER.transitions[number]
    less = replace(SELLER, transitions=tuple(t for t in SELLER.transitions if t is not gone))
    says = f"{gone.source}, {gone.event}, {gone.target}"

    there, back = difference(SELLER, less), difference(less, SELLER)

    assert there.changes == (Change(Part.TRANSITION, gone.id, Fate.REMOVED, says),)
    assert back.changes == (Change(Part.TRANSITION, gone.id, Fate.ADDED, says),)
    assert there.outdated == (gone.id,)
    assert back.outdated == ()


@given(number=st.integers(0, len(SELLER.transitions) - 1))
def test_another_target_is_told_with_what_it_was(number: int) -> None:
    was = SELLER.transitions[number]

    (change,) = difference(SELLER, changed(SELLER, number, target="elsewhere")).changes

    assert (change.name, change.fate) == (was.id, Fate.CHANGED)
    assert [(d.what, d.before, d.after) for d in change.details] == [
        ("to", was.target, "elsewhere")
    ]
    assert change.behaves


def test_words_for_readers_make_no_difference_to_an_order() -> None:
    other = replace(changed(SELLER, 3, note="Said better."), title="Another title")

    found = difference(SELLER, other)

    assert [each.part for each in found.changes] == [Part.FLOW, Part.TRANSITION]
    assert not found.behaves
    assert found.fates(Part.TRANSITION) == {}
    assert found.outdated == ()


def test_another_id_is_a_new_name_and_not_another_transition() -> None:
    step = SELLER.transitions[5]

    (change,) = difference(SELLER, changed(SELLER, 5, id="X99", row="X99")).changes

    assert (change.name, change.was_called, change.fate) == ("X99", step.id, Fate.CHANGED)
    assert not change.behaves


def test_an_actor_of_a_renamed_transition_counts_under_its_old_id() -> None:
    step = SELLER.transitions[5]

    found = difference(SELLER, changed(SELLER, 5, id="X99", actors=("carrier",)))

    assert found.outdated == (step.id,)


def test_statuses_timers_and_what_is_final_count() -> None:
    timer = SELLER.timers[0]
    other = replace(
        SELLER,
        states=(*SELLER.states, State("on-hold")),
        failure=(),
        timers=(Timer(timer.state, "seller_answer", timer.fires), *SELLER.timers[1:]),
    )

    found = difference(SELLER, other)

    assert [(each.part, each.name, each.fate) for each in found.changes] == [
        (Part.STATUS, "canceled", Fate.CHANGED),
        (Part.STATUS, "on-hold", Fate.ADDED),
        (Part.TIMER, f"{timer.state}: {timer.fires}", Fate.CHANGED),
    ]
    assert found.behaves


def test_every_change_is_found_in_a_flow_of_two_steps() -> None:
    old = Flow("x", "X", "a", (State("a"), State("b")), (Transition("T1", "T1", "a", "go", "b"),))
    new = replace(old, initial="b", states=(State("b"),), transitions=())

    found = difference(old, new)

    assert {(each.part, each.fate) for each in found.changes} == {
        (Part.FLOW, Fate.CHANGED),
        (Part.STATUS, Fate.REMOVED),
        (Part.TRANSITION, Fate.REMOVED),
    }
