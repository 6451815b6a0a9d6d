"""Coverage vectors and suites are shown by every form of a verdict, with the numbers it has; what
was not judged is never shown as a pass."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.vector import DIMENSIONS, Dimension
from orderflow.conformance.verdict import FlowVerdict, SuiteFigures, Verdict
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import VerdictFileError, read_json, render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from orderflow.reports.suite_words import guarantee_head, suite_lines, suite_sentence
from orderflow.reports.tables import NAMES, Share, shares
from tests.conformance.vectors import dimensions
from tests.reports.builders import HOSTILE, failing, found, passing, small_flow, verdict

SHOP = small_flow()
VECTOR = (
    Dimension("states", ("new", "paid"), ("shipped",), (("canceled", "no order gets there"),)),
    Dimension("transitions", ("T1", "T2"), tuple(f"X{number}" for number in range(7))),
    Dimension("cells", tuple(map(str, range(313))), ("new/ship",)),
    Dimension("scenarios", (), ("refund",), (), (("refund", 7, 12),)),
)
GUARANTEES = (("pairs", "A system that passes takes every pair."),)
GOOD = SuiteFigures("pairs", 14, 14, 0, (), (), 14, 210, GUARANTEES)
UNSURE = replace(GOOD, passed=11, indeterminate=(("pairs-03", "no answer in 5 s"),) * 3)
PARTLY = replace(GOOD, passed=12, left_out=(("pairs-07", "it cannot be asked for wms"),) * 2)
NOTHING = replace(GOOD, passed=0, left_out=(("pairs-01", "its clock stands still"),) * 14)
FAILED = replace(GOOD, passed=13, failed=1)
EMPTY = SuiteFigures("kill", 0, 0, 0, (), (), 0, 0, ())


def with_vector(*vector: Dimension) -> Verdict:
    return replace(verdict(), flows=(replace(found(SHOP), vector=vector),))


def with_suite(suite: SuiteFigures, target: str = "http://shop.test") -> Verdict:
    flow = replace(found(SHOP), suite=suite)
    return replace(verdict(), flows=(flow,), rules=(), target=target)


def page(value: Verdict) -> str:
    return render_html(value, {"shop": SHOP})


def words(value: Verdict) -> str:
    """The page as text, without what scripts and styles hold."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page(value), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def coverage_rows(value: Verdict) -> dict[str, str]:
    """The coverage table of the page: what stands beside each name."""
    table = re.search(r'<table class="p-coverage">(.*?)</table>', page(value), re.DOTALL)
    assert table is not None
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table[1], re.DOTALL)
    return {
        name: " ".join(html.unescape(re.sub(r"<[^>]+>", " ", rest)).split()) for name, rest in rows
    }


def test_the_page_shows_every_dimension_with_its_numbers() -> None:
    rows = coverage_rows(with_vector(*VECTOR))

    assert rows["statuses"].startswith("2 of 3 1 missing shipped")
    assert rows["statuses"].endswith("+ 1 unreachable canceled: no order gets there")
    assert rows["transitions"].startswith("2 of 9 7 missing X0; X1; ")
    assert rows["forbidden cells refused"].startswith("313 of 314 1 missing new/ship")
    assert rows["scenarios"] == "0 of 1 1 missing refund (7 of 12 steps)"


@given(st.sampled_from(DIMENSIONS).flatmap(dimensions), st.sampled_from(("a", "b", "c", "d")))
def test_another_number_gives_another_page(dimension: Dimension, more: str) -> None:
    covered = tuple(sorted({*dimension.covered, f"new {more}"}))
    other = replace(dimension, covered=covered)

    rows, others = (coverage_rows(with_vector(each)) for each in (dimension, other))

    name = NAMES[dimension.name]
    assert rows[name].startswith(f"{len(dimension.covered)} of {dimension.total} ") or (
        dimension.total == 0 and rows[name].startswith("0 of 0")
    )
    assert rows[name] != others[name]


@pytest.mark.parametrize("missing", [1, 2])
def test_a_page_never_says_all_when_something_is_missing(missing: int) -> None:
    names = tuple(f"{number:04}" for number in range(5_000))
    (row, *_) = shares(None, found_with(Dimension("pairs", names[missing:], names[:missing])))

    assert row == Share("transition pairs", 5_000 - missing, 5_000, names[:missing])
    assert (row.percent, row.complete) == (99, False)
    told = coverage_rows(with_vector(Dimension("pairs", names[missing:], names[:missing])))
    assert "all" not in told["transition pairs"]


def found_with(*vector: Dimension) -> FlowVerdict:
    return replace(found(SHOP), vector=vector)


def test_a_verdict_without_a_vector_is_shown_as_before() -> None:
    rows = coverage_rows(replace(verdict(), flows=(found(SHOP),)))

    assert rows["transition pairs"].startswith("24 of 32")
    assert "unreachable" not in " ".join(rows.values())


@given(
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3).flatmap(
        lambda names: st.tuples(*map(dimensions, names))
    )
)
def test_a_vector_reads_back_from_json(vector: tuple[Dimension, ...]) -> None:
    value = with_vector(*vector)

    assert read_json(render_json(value)) == value


@pytest.mark.parametrize("suite", [GOOD, UNSURE, PARTLY, NOTHING, FAILED, EMPTY])
def test_a_suite_reads_back_from_json(suite: SuiteFigures) -> None:
    value = with_suite(suite)

    assert read_json(render_json(value, compact=True)) == value


def test_json_of_a_verdict_with_neither_is_as_it_was() -> None:
    document = json.loads(render_json(failing()))

    assert not {"target", "suite", "vector"} & {*document, *document["flows"][0]}


def test_a_vector_that_makes_no_sense_is_refused_with_its_place() -> None:
    document = json.loads(render_json(with_vector(*VECTOR)))
    document["flows"][0]["vector"][1]["covered"] = [1]

    with pytest.raises(VerdictFileError, match=r"flows\[0\]\.vector\[1\]\.covered\[0\] is 1"):
        read_json(json.dumps(document))


def test_the_summary_has_a_row_of_figures_for_each_flow() -> None:
    lines = render_summary(with_vector(*VECTOR)).splitlines()

    assert "| coverage | cells | scenarios |" in lines
    assert "| shop | 313 of 314 | 0 of 1 |" in lines
    assert "| coverage |" not in render_summary(passing())


def test_junit_has_the_figures_as_properties() -> None:
    root = ET.fromstring(render_junit(with_vector(*VECTOR)).encode())  # noqa: S314 - our own text

    told = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert told["coverage.states"] == "2 of 3 (+ 1 unreachable)"
    assert told["coverage.cells"] == "313 of 314"


@pytest.mark.parametrize(
    ("suite", "passed", "sentence"),
    [
        (
            GOOD,
            True,
            "14 of 14 cases passed on http://shop.test; 8 of 8 transitions of shop exercised.",
        ),
        (
            PARTLY,
            True,
            (
                "12 of 14 cases passed on http://shop.test, 2 left out; "
                "8 of 8 transitions of shop exercised."
            ),
        ),
        (
            UNSURE,
            False,
            "3 of 14 cases of pairs could not be judged (pairs-03: no answer in 5 s); 11 passed.",
        ),
        (
            NOTHING,
            False,
            (
                "All 14 cases of pairs were left out, nothing was tested "
                "(pairs-01: its clock stands still)."
            ),
        ),
        (FAILED, False, "1 of 14 cases of pairs deviates."),
        (EMPTY, False, "The suite kill has no case, nothing was tested."),
    ],
)
def test_a_suite_passes_when_some_case_does_and_all_could_be_judged(
    suite: SuiteFigures, passed: bool, sentence: str
) -> None:
    value = with_suite(suite)

    assert (value.passed, value.sentence) == (passed, sentence)
    assert ("\u2713 PASS" in words(value)) is passed
    assert ("\u2713 pass" in words(value)) is passed
    assert ("\u2705 PASS" in render_summary(value)) is passed
    assert ("\u2713 pass" in render_summary(value)) is passed
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text
    broken = int(root.get("errors", "0")) + int(root.get("failures", "0"))
    assert bool(broken) is not passed or suite is FAILED  # whose failures are not in this verdict


def test_a_failure_goes_before_what_could_not_be_judged() -> None:
    value = failing()
    flows = tuple(replace(flow, suite=UNSURE) for flow in value.flows)

    assert replace(value, flows=flows).sentence == value.sentence


@pytest.mark.parametrize("suite", [UNSURE, PARTLY])
def test_cases_that_show_nothing_are_told_with_the_reason(suite: SuiteFigures) -> None:
    value, cases = with_suite(suite), (*suite.indeterminate, *suite.left_out)

    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text
    xml = ET.tostring(root, encoding="unicode")
    for text in (words(value), render_summary(value), "\n".join(suite_lines(suite)), xml):
        for case, why in cases:
            assert case in text
            assert why in text
    kind = "error" if suite.indeterminate else "skipped"
    cases_told = root.findall(f".//testcase[@classname='orderflow.shop.suite']/{kind}")
    assert len(cases_told) == len(cases)


def test_guarantees_hold_only_when_every_case_passed() -> None:
    assert guarantee_head(GOOD) == "What this shows"
    for suite in (UNSURE, PARTLY, FAILED, NOTHING):
        assert guarantee_head(suite).startswith("What this would show, had ")
    assert "What this shows pairs A system that passes takes every pair." in words(with_suite(GOOD))
    assert "What this shows" not in words(with_suite(PARTLY))
    assert "had 2 more cases passed" in words(with_suite(PARTLY))


def test_figures_of_a_suite_are_one_sentence() -> None:
    assert suite_sentence(UNSURE) == (
        "11 of 14 cases passed, 3 could not be judged; 14 orders, 210 calls."
    )
    assert suite_sentence(UNSURE) in words(with_suite(UNSURE))


def test_the_target_stands_in_the_heading() -> None:
    header = page(with_suite(GOOD)).split("</header>")[0]

    assert "target <b>http://shop.test</b>" in header
    assert "target http://shop" in render_summary(with_suite(GOOD)).replace("\\", "")
    assert "target http" not in words(passing())
    assert "target" not in render_summary(passing())


def test_nothing_a_target_says_is_markup() -> None:
    hostile = replace(
        UNSURE,
        name=HOSTILE,
        indeterminate=((HOSTILE, HOSTILE),),
        left_out=((HOSTILE, HOSTILE),),
        guarantees=((HOSTILE, HOSTILE),),
    )
    value = with_suite(hostile, target=HOSTILE)

    assert "<img" not in page(value)
    assert "alert(1)</script>" not in page(value)
    outside = "".join(render_summary(value).split("```")[::2])
    assert "<img" not in outside.replace("\\<img", "")
    ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text
