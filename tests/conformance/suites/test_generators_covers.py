"""What to cover is read in full or refused in full, with what would have worked."""

from __future__ import annotations

import pytest

from orderflow.conformance.suites.generate import (
    COVER_HELP,
    DEFAULT_COVERS,
    KILL,
    Cover,
    CoverError,
    generate,
    parse_covers,
)
from orderflow.flows.settings import defaults
from tests.conformance.suites.generated import STOCK, small


def test_covers_are_read_in_order_and_once() -> None:
    assert parse_covers(" pairs , illegal:single,hsi:1,pairs,scenario:a:b.yaml") == (
        Cover("pairs"),
        Cover("illegal", "single"),
        Cover("hsi", "1"),
        Cover("scenario", "a:b.yaml"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pears", "nothing covers 'pears'; did you mean 'pairs'? There are: states,"),
        ("", "nothing covers ''. There are: states,"),
        ("pairs:2", "pairs takes nothing behind it, got '2'"),
        ("switch", "switch takes a number from 2, as in switch:2; got ''"),
        ("switch:1", "switch takes a number from 2, as in switch:2; got '1'"),
        ("switch:²", "switch takes a number from 2, as in switch:2; got '²'"),
        (
            "illegal:all",
            "illegal takes nothing, 'single' or 'classes', as in illegal:classes; got 'all'",
        ),
        ("hsi:-1", "hsi takes nothing or how many extra states, as in hsi:1; got '-1'"),
        ("random", "random takes a number of calls up to 100000, as in random:500; got ''"),
        ("random:0", "random takes a number of calls up to 100000, as in random:500; got '0'"),
        ("weighted:100001", "weighted takes a number of calls up to 100000"),
        ("scenario", "scenario takes a file, as in scenario:pinned.yaml; got ''"),
    ],
)
def test_what_cannot_be_covered_is_refused_with_what_can(text: str, told: str) -> None:
    with pytest.raises(CoverError) as caught:
        parse_covers(text)

    assert str(caught.value).startswith(told)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(CoverError) as caught:
        parse_covers("pears,illegal,switch:x")

    assert len(caught.value.problems) == 2


def test_everything_the_help_names_can_be_made() -> None:
    values = {"N": "3", "K": "1"}
    for name, told in COVER_HELP:
        head, _, option = name.partition(":")
        if head in {"scenario", KILL}:
            continue
        (cover,) = parse_covers(f"{head}:{values.get(option, option)}" if option else head)
        suite = generate(small(STOCK), str(cover), named="shop")
        assert suite.guarantees[0].sentence
        assert {case.cover for case in suite.cases} <= {str(cover)}
        assert told


def test_a_suite_says_what_it_was_made_for() -> None:
    settings = defaults().override({"cancellation_window": 90})
    suite = generate(small(STOCK), named="shop.yaml", settings=settings)

    assert suite.flow == "shop.yaml"
    assert suite.digest == small(STOCK).space.plan.flow.digest
    assert suite.settings == (("cancellation_window", "90"),)
    assert [each.cover for each in suite.guarantees] == DEFAULT_COVERS.split(",")
