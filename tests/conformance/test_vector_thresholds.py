"""Thresholds: too little coverage fails, with what is missing and how to cover it; a threshold that
makes no sense is refused with what would have made some."""

from __future__ import annotations

import shlex
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from orderflow.cli import orderflow
from orderflow.conformance import assert_covered
from orderflow.conformance.thresholds import (
    ThresholdError,
    parse_thresholds,
    told_unmet,
    unmet,
)
from orderflow.conformance.vector import Dimension, Vector
from orderflow.conformance.vector_file import add_vectors
from orderflow.conformance.vector_of import vector_of
from tests.conformance.subjects import PLACED, space_of
from tests.conformance.vectors import SHOP, a_vector, covered_by, shop, shop_reach

THOUSAND = tuple(f"{number:04}" for number in range(1_000))


def short_run() -> Vector:
    return vector_of(covered_by(space_of("seller"), PLACED), space_of("seller"), named="seller")


@pytest.mark.parametrize(
    "text",
    ["transitions=100 pairs=95.5", "transitions=100%,pairs=95.5%", " transitions=100,pairs=95.5"],
)
def test_thresholds_are_read_with_blanks_or_commas(text: str) -> None:
    pairs = [(each.dimension, each.percent) for each in parse_thresholds(text)]

    assert pairs == [("transitions", Fraction(100)), ("pairs", Fraction(191, 2))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no threshold"),
        ("transitions", "'transitions' is no threshold; write DIMENSION=PERCENT"),
        ("pears=95", "no dimension 'pears'; did you mean 'pairs'"),
        ("pairs=95 pairs=96", "pairs is there twice"),
        ("pairs=101", "'101' is not a percentage from 0 to 100"),
        ("pairs=-1", "not a percentage"),
        ("pairs=nan", "not a percentage"),
        ("pairs=", "not a percentage"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, said: str) -> None:
    with pytest.raises(ThresholdError, match=said):
        parse_thresholds(text)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ThresholdError) as refused:
        parse_thresholds("pears=95 states=1000 foo")

    assert len(refused.value.problems) == 3


def test_one_of_a_thousand_missing_is_not_all() -> None:
    vector = a_vector(Dimension("pairs", THOUSAND[1:], THOUSAND[:1]))

    (lacks,) = unmet(vector, parse_thresholds("pairs=100"))

    assert "pairs 999 of 1000, 99.9 % covered, 100 % wanted" in lacks.sentence
    assert unmet(vector, parse_thresholds("pairs=99.9")) == ()
    assert len(unmet(vector, parse_thresholds("pairs=99.91"))) == 1


def test_a_share_is_never_rounded_up_to_all() -> None:
    names = tuple(map(str, range(100_000)))
    vector = a_vector(Dimension("pairs", names[1:], names[:1]))

    (lacks,) = unmet(vector, parse_thresholds("pairs=100"))

    assert ", 99.9 % covered" in lacks.sentence


def test_what_nobody_reaches_is_no_gap_and_is_told() -> None:
    found = Dimension("states", ("a",), (), (("b", "no order gets there"),))

    assert unmet(a_vector(found), parse_thresholds("states=100")) == ()
    assert found.figure == "1 of 1 (+ 1 unreachable)"


def test_tags_that_no_case_brings_along_are_not_covered() -> None:
    (lacks,) = unmet(a_vector(), parse_thresholds("tags=1"))

    assert lacks.sentence == "shop (documented): no case brings tags along, 1 % wanted"
    assert unmet(a_vector(), parse_thresholds("tags=0")) == ()


def test_a_flow_without_guards_has_none_missing() -> None:
    assert unmet(a_vector(Dimension("guards")), parse_thresholds("guards=100")) == ()


def test_a_dimension_of_the_flow_that_was_not_counted_is_not_covered() -> None:
    (lacks,) = unmet(a_vector(), parse_thresholds("pairs=1"))

    assert lacks.sentence == "shop (documented): pairs was not counted, 1 % wanted"


def test_missing_scenarios_say_how_far_they_got() -> None:
    found = Dimension("scenarios", (), ("refund",), progress=(("refund", 7, 12),))

    (lacks,) = unmet(a_vector(found), parse_thresholds("scenarios=100"))

    assert "  missing: refund (7 of 12 steps)" in told_unmet(lacks)


def test_of_many_missing_the_first_are_named_and_the_rest_counted() -> None:
    (lacks,) = unmet(a_vector(Dimension("pairs", (), THOUSAND)), parse_thresholds("pairs=100"))

    assert told_unmet(lacks)[1].endswith("0010, 0011 and 988 more")


def test_assert_covered_is_content_with_enough() -> None:
    vector = vector_of(
        covered_by(
            shop(),
            "place_order complete_checkout payment_approved start_handling",
            "place_order complete_checkout cancel_order",
        ),
        shop(),
    )

    assert_covered(vector, states=100, pairs=100)
    with pytest.raises(AssertionError, match=r"cells 0 of \d+"):
        assert_covered(vector, cells=10)


def test_assert_covered_names_what_is_missing_and_the_command_that_covers_it() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_covered(short_run(), transitions=100, states=10)

    lines = str(failed.value).splitlines()
    assert lines[1] == "seller (documented): transitions 3 of 43, 6.9 % covered, 100 % wanted"
    assert lines[2].startswith("  missing: S03a, S03p, S03r, S04, ")
    item, _, command = lines[3].strip().partition(": ")
    shown = CliRunner().invoke(orderflow, shlex.split(command)[1:])
    assert shown.exit_code == 0
    assert space_of("seller").plan.flow.transition[item].target in shown.stdout.splitlines()[-1]


def test_all_transitions_are_wanted_unless_less_is_asked_for() -> None:
    with pytest.raises(AssertionError, match="transitions 3 of 43"):
        assert_covered(short_run())
    assert_covered(short_run(), transitions=5)


def test_assert_covered_refuses_a_dimension_that_does_not_exist() -> None:
    with pytest.raises(ThresholdError, match="did you mean 'guards'"):
        assert_covered(short_run(), gaurds=100)


def test_assert_covered_reads_a_file(tmp_path: Path) -> None:
    add_vectors(tmp_path / "c.json", [short_run()])

    assert_covered(tmp_path / "c.json", transitions=5)
    assert_covered(str(tmp_path / "c.json"), flow="seller", transitions=5)
    with pytest.raises(AssertionError, match="orderflow replay --flow seller"):
        assert_covered(tmp_path / "c.json")
    with pytest.raises(AssertionError, match="knows nothing of chain; it knows seller"):
        assert_covered(tmp_path / "c.json", flow="chain")


def test_what_a_file_knows_of_a_flow_that_has_changed_does_not_count(tmp_path: Path) -> None:
    path, flow = tmp_path / "c.json", tmp_path / "shop.yaml"
    flow.write_text(SHOP)
    whole = Dimension("transitions", tuple(shop_reach().ways["transitions"]))
    digest = shop().plan.flow.digest
    add_vectors(path, [a_vector(whole, digest=digest, source=str(flow))])
    assert_covered(path)

    flow.write_text(SHOP.replace("title: Shop", "title: Another shop"))

    with pytest.raises(AssertionError, match="only as they were before their files changed"):
        assert_covered(path)
