"""Identifiers keep what they promise: no wrong machine of the promised size passes."""

from __future__ import annotations

from itertools import combinations

import pytest

from orderflow.conformance.suites.hsi import TooManyWalksError, hsi
from orderflow.conformance.suites.tell import Teller
from tests.conformance.suites.generated import (
    LOOP,
    NAMES,
    STOCK,
    equivalent,
    graph,
    grown,
    machine_of,
    passes,
    redirected,
    small,
)

VISIBLE = pytest.mark.parametrize("blind", [False, True], ids=["status", "blind"])


@VISIBLE
@pytest.mark.parametrize("text", [STOCK, LOOP], ids=["stock", "loop"])
def test_no_wrong_machine_of_the_same_size_passes(text: str, *, blind: bool) -> None:
    found = small(text)
    machine, draft = machine_of(found), hsi(found, blind=blind)
    wrong = [w for w in redirected(machine) if not equivalent(machine, w, blind=blind)]

    assert len(wrong) > 100
    assert passes(machine, machine, draft.walks, blind=blind)
    assert not [each for each in wrong if passes(machine, each, draft.walks, blind=blind)]


@VISIBLE
@pytest.mark.parametrize("text", [STOCK, LOOP], ids=["stock", "loop"])
def test_machines_with_a_state_more_need_an_input_more(text: str, *, blind: bool) -> None:
    found = small(text)
    machine = machine_of(found)
    wrong = [w for w in grown(machine) if not equivalent(machine, w, blind=blind)]

    def escapes(extra: int) -> int:
        walks = hsi(found, extra, blind=blind).walks
        return sum(passes(machine, each, walks, blind=blind) for each in wrong)

    assert escapes(0) > 0
    assert escapes(1) == 0


@VISIBLE
def test_without_identifiers_a_wrong_machine_gets_through(
    monkeypatch: pytest.MonkeyPatch, *, blind: bool
) -> None:
    found = small(STOCK)
    machine = machine_of(found)
    wrong = [w for w in redirected(machine) if not equivalent(machine, w, blind=blind)]
    monkeypatch.setattr(Teller, "identifiers", tuple(() for _ in found.status))

    walks = hsi(found, blind=blind).walks

    assert [each for each in wrong if passes(machine, each, walks, blind=blind)]


@VISIBLE
@pytest.mark.parametrize("name", NAMES)
def test_any_two_nodes_share_the_beginning_of_an_identifier_that_tells_them_apart(
    name: str, *, blind: bool
) -> None:
    found = graph(name)
    teller = Teller(found, blind=blind)

    def shared(one: int, other: int) -> set[tuple[tuple[str, str], ...]]:
        begun = [
            {word[:end] for word in teller.identifiers[node] for end in range(len(word) + 1)}
            for node in (one, other)
        ]
        return (begun[0] & begun[1]) | {()}

    alike = 0
    for pair in combinations(range(len(found.status)), 2):
        told = any(teller.differ(word, *pair) for word in shared(*pair))
        assert told == (pair in teller.words)
        alike += not told
    assert teller.alike == alike


@pytest.mark.parametrize("name", NAMES)
def test_nodes_that_nothing_tells_apart_are_told_of(name: str) -> None:
    draft = hsi(graph(name))
    figures = dict(draft.guarantee.figures)

    assert figures["pairs of data classes that no input tells apart"] > 0
    assert "would be complete" in draft.guarantee.sentence
    assert "is not excluded" in draft.guarantee.sentence
    assert hsi(small(STOCK)).guarantee.sentence.startswith("Complete for m = n:")


def test_a_status_that_is_read_needs_fewer_orders() -> None:
    found = graph("seller")

    assert 3 * len(hsi(found).walks) < len(hsi(found, blind=True).walks)


def test_the_guarantee_says_for_which_systems_it_holds() -> None:
    found = small(STOCK)

    assert "provided the status is readable after each call" in hsi(found).guarantee.sentence
    assert "provided" not in hsi(found, blind=True).guarantee.sentence
    told = hsi(found, 1).guarantee.sentence
    assert "m = n + 1" in told
    assert "reached by an access sequence of the flow plus at most 1 input" in told


def test_a_suite_too_large_to_run_is_counted_and_refused() -> None:
    with pytest.raises(TooManyWalksError, match=r"it would take about 290,096 orders"):
        hsi(graph("complete"), 1, blind=True)


def test_an_extra_state_stays_within_bounds() -> None:
    found = graph("chain")
    draft = hsi(found, 1)

    assert len(draft.walks) < 20_000
    assert not [name for name, _ in draft.guarantee.figures if "no order can go" in name]
