"""JSON reads back, JUnit is well-formed whatever texts hold, Markdown and story tell the same."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.baseline import compare
from orderflow.conformance.verdict import Failure, TraceStep, Verdict
from orderflow.reports.jsonfile import (
    SCHEMA,
    VerdictFileError,
    load_verdict,
    read_json,
    render_json,
)
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import LARGEST, _fitted, render_summary
from orderflow.reports.story import story
from tests.reports.builders import (
    HOSTILE,
    failing,
    found,
    lacking,
    partial_invoice,
    passing,
    small_flow,
    verdict,
)

TEXT = st.text(max_size=12)
STEPS = st.builds(
    TraceStep,
    number=st.integers(1, 99),
    at=st.integers(0, 10**10),
    actor=TEXT,
    event=TEXT,
    source=TEXT,
    target=TEXT,
    accepted=st.booleans(),
    transition=TEXT,
    stage=st.integers(0, 5),
    data=st.tuples(st.tuples(TEXT, TEXT)),
)
FAILURES = st.builds(
    Failure,
    **{entry.name: TEXT for entry in fields(Failure) if entry.type == "str"},
    trace=st.lists(STEPS, max_size=3).map(tuple),
    shrunk_from=st.integers(0, 99),
    seen=st.integers(0, 99),
)
VERDICTS = st.builds(
    Verdict,
    flows=st.just((found(small_flow()),)),
    failures=st.lists(FAILURES, max_size=2).map(tuple),
    rules=st.lists(TEXT, max_size=2).map(tuple),
    seed=st.integers(),
    settings=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    command=TEXT,
    version=TEXT,
)


@given(VERDICTS)
def test_json_reads_back(value: Verdict) -> None:
    assert read_json(render_json(value)) == value
    assert read_json(render_json(value, compact=True)) == value


def test_json_names_its_schema_first() -> None:
    document = json.loads(render_json(failing()))

    assert next(iter(document)) == "schema"
    assert document["schema"] == SCHEMA
    assert document["passed"] is False
    assert document["sentence"] == failing().sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "v.json:1:1: is not JSON"),
        ('{\n "schema": oops}', "v.json:2:12: is not JSON"),
        ("[]", "v.json: the file is not an object, but a list"),
        ("null", "v.json: the file is not an object, but null"),
        ("{}", "v.json: schema is missing; this version reads 'orderflow/verdict/1'"),
        ('{"schema": "orderflow/verdict/2"}', 'v.json: schema is "orderflow/verdict/2"; this'),
        (f'{{"schema": "{SCHEMA}"}}', "v.json: the file lacks command, failures, flows"),
        ("[" * 100_000, "v.json: the file is nested too deeply"),
        ("1" * 5_000, "v.json: the file is nested too deeply, or holds too long a number"),
    ],
)
def test_text_that_is_no_verdict_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(VerdictFileError, match=f"^{re.escape(said)}"):
        read_json(text, source="v.json")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("seed", "one", r'seed is "one", not a whole number'),
        ("seed", True, r"seed is true, not a whole number"),
        ("seed", 1.5, r"seed is 1\.5, not a whole number"),
        ("command", 7, r"command is 7, not text"),
        ("flows", {}, r"flows is not a list, but an object"),
        ("flows", [None], r"flows\[0\] is not an object, but null"),
        ("settings", [["a"]], r"settings\[0\] has 1 entries, not 2"),
        ("failures", [{}], r"failures\[0\] lacks"),
        ("failurse", [], r'has a key "failurse" that \S+ does not know; did you mean \'failures\''),
    ],
)
def test_wrong_value_is_refused_with_its_place(key: str, value: object, said: str) -> None:
    document = json.loads(render_json(passing()))
    document[key] = value

    with pytest.raises(VerdictFileError, match=said):
        read_json(json.dumps(document))


def test_wrong_value_deep_inside_is_refused_with_its_place() -> None:
    document = json.loads(render_json(failing()))
    document["flows"][1]["cells"][3][2] = "odd" * 100

    with pytest.raises(VerdictFileError, match=r"<text>: flows\[1\]\.cells\[3\]\[2\] is \"oddodd"):
        read_json(json.dumps(document))


def test_reading_forgets_what_was_derived() -> None:
    value = failing()

    assert read_json(render_json(value, changes=compare(value, passing()))) == value


def test_file_that_cannot_be_read_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe")

    for name, said in (
        ("nowhere", "cannot be read: No such file"),
        (".", "cannot be read: Is a directory"),
        ("latin", "is not UTF-8"),
        ("n\0l", "cannot be read: embedded null byte"),
    ):
        with pytest.raises(VerdictFileError, match=said):
            load_verdict(tmp_path / name)


def test_file_reads_back(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(render_json(failing()), "utf-8")

    assert load_verdict(tmp_path / "v.json") == failing()


@given(VERDICTS)
def test_junit_is_well_formed(value: Verdict) -> None:
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text

    assert root.tag == "testsuites"
    assert int(root.get("tests", "0")) == len(root.findall(".//testcase"))
    assert int(root.get("failures", "0")) == len(root.findall(".//testcase[failure]"))


def test_junit_has_a_case_for_each_transition_and_rule() -> None:
    value = failing()
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text

    cases = {(c.get("classname"), c.get("name")): c for c in root.iter("testcase")}
    wanted = {
        (f"orderflow.{result.name}", name)
        for result in value.flows
        for name, _ in result.transitions
    }
    assert wanted <= set(cases)
    assert {("orderflow.rules", rule) for rule in value.rules} <= set(cases)
    broken = cases["orderflow.seller", "S11"].find("failure")
    assert broken is not None
    assert "invoice \u2192 invoiced" in (broken.text or "")
    assert cases["orderflow.rules", "I-03"].find("failure") is not None
    assert cases["orderflow.seller", "S03r"].find("skipped") is not None


def test_every_error_fails_exactly_one_case() -> None:
    value = failing()
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text

    assert len(root.findall(".//failure")) == len(value.errors)


def left_out(value: Verdict, **more: int) -> Verdict:
    """*value* with so many failures of each flow counted only."""
    flows = (replace(result, left_out=more.get(result.name, 0)) for result in value.flows)
    return replace(value, flows=tuple(flows))


def test_failures_counted_only_are_a_failing_case_of_their_flow() -> None:
    value = left_out(failing(), seller=7, chain=2)
    root = ET.fromstring(render_junit(value).encode())  # noqa: S314 - our own text

    said = {suite.get("name"): suite.find(".//property[@name='left_out']") for suite in root}
    assert {name: p.get("value") for name, p in said.items() if p is not None} == {
        result.name: str(result.left_out) for result in value.flows
    }
    (case,) = root.findall(".//testcase[@name='7 more distinct failures']")
    assert case.get("classname") == "orderflow.seller"
    assert case.find("failure") is not None
    # errors are shown first: what is left out of a flow without one is warnings
    (mild,) = root.findall(".//testcase[@name='2 more distinct failures']")
    assert mild.find("failure") is None
    assert root.get("failures") == str(len(value.errors) + 1)


def test_warning_does_not_fail_junit() -> None:
    warning = replace(partial_invoice(), severity="warning")
    root = ET.fromstring(render_junit(verdict((warning,))).encode())  # noqa: S314 - our own text

    assert root.get("failures") == "0"
    assert len(root.findall(".//system-out")) == 1


def test_summary_opens_with_the_sentence_and_has_a_row_for_each_flow() -> None:
    text = render_summary(failing())

    assert text.startswith("## \u274c FAIL: After a partial invoice the order went to invoiced;")
    for result in failing().flows:
        assert f"| {result.name} |" in text
    assert partial_invoice().replay in text


def test_summary_of_a_pass_is_short() -> None:
    text = render_summary(passing())

    assert "PASS" in text
    assert len(text.splitlines()) < 20


def test_summary_has_a_line_on_rules_not_judged() -> None:
    value = lacking(
        passing(), seller=(("A-09", "feed"), ("A-10", "a|b")), chain=(("A-09", "hook"),)
    )

    line = "2 not judged, evidence missing: A-09 (feed; hook), A-10 (a\\|b)."
    assert line in render_summary(value).splitlines()
    assert "not judged" not in render_summary(passing())


def test_json_reads_back_what_was_not_judged() -> None:
    value = lacking(passing(), seller=(("A-09", "feed"),))

    assert read_json(render_json(value)) == value


@pytest.mark.parametrize(
    ("failures", "counted", "said"),
    [
        (12, 0, "2 more in the report."),
        (10, 5, "5 more counted only."),
        (12, 5, "2 more in the report, 5 more counted only."),
    ],
)
def test_summary_says_where_the_rest_is(failures: int, counted: int, said: str) -> None:
    many = tuple(replace(partial_invoice(), identity=f"A-17/S11/{i}") for i in range(failures))

    text = render_summary(left_out(verdict(many), seller=counted))

    assert text.splitlines()[-1] == said


def test_summary_keeps_markup_out_of_its_table_and_headings() -> None:
    failure = replace(partial_invoice(), title=HOSTILE, sentence=HOSTILE, flow="shop")
    value = verdict((failure,), flows=(replace(small_flow(), name="a|b<img>"),))

    outside = "".join(render_summary(value).split("```")[::2])
    assert "<img" not in outside.replace("\\<img", "")
    assert "a\\|b\\<img\\>" in outside


def test_story_numbers_the_steps_and_ends_with_the_command() -> None:
    lines = story(partial_invoice()).splitlines()

    assert lines[0] == partial_invoice().sentence.replace("`", "")
    assert "10 steps, shrunk from 41" in story(partial_invoice())
    assert any(line.startswith("  \u2715 10  49:03  platform") for line in lines)
    assert lines[-1] == f"  replay    {partial_invoice().replay}"


@pytest.mark.parametrize(
    ("tried", "again", "said"),
    [
        (3, 3, "failed in 3 of 3 tries"),
        (3, 1, "flaky: failed in 1 of 3 tries"),
        (1, 0, "flaky: failed in 0 of 1 try"),
    ],
)
def test_every_form_tells_how_often_a_failure_came_again(tried: int, again: int, said: str) -> None:
    value = verdict((replace(partial_invoice(), tried=tried, again=again),))

    for text in (render_junit(value), render_summary(value), story(value.failures[0])):
        assert f"  again     {said}" in text
    assert f": A partial invoice leads back to handling ({said})" in render_summary(value)


def test_nothing_is_said_of_tries_that_were_not_made() -> None:
    assert "  again  " not in story(partial_invoice())
    assert "  since  " not in story(partial_invoice())


def test_new_and_known_failures_are_told_apart() -> None:
    value = failing()
    changes = compare(value, replace(value, failures=(partial_invoice(),)))

    for text in (render_junit(value, changes), render_summary(value, changes=changes)):
        assert text.count("  since     known, the earlier run told it") == 1
        assert text.count("  since     new, the earlier run did not tell it") == 2
        assert "Since the earlier run: 2 new, 1 known, 0 fixed." in text


def test_summary_tells_what_is_new_before_what_is_known() -> None:
    known = tuple(replace(partial_invoice(), identity=f"A-17/S11/{i}") for i in range(30))
    value = verdict((*known, replace(partial_invoice(), title="Brand new")))

    text = render_summary(value, changes=compare(value, verdict(known)))

    assert text.index("Brand new (new)") < text.index("(known)")


def test_summary_is_bounded_whatever_there_is_to_tell() -> None:
    long = "\U0001f4a5`|<" * 5_000
    failures = tuple(
        replace(partial_invoice(), identity=str(i), sentence=long, title=long, replay=long)
        for i in range(200)
    )
    flows = tuple(replace(small_flow(), name=f"{i} {long}") for i in range(500))
    value = replace(verdict(failures, flows=flows), command=long, target=long, version=long)
    earlier = verdict(tuple(replace(each, flow=long) for each in failures))

    text = render_summary(value, changes=compare(value, earlier))

    assert len(text.encode()) <= LARGEST <= 1024 * 1024 / 2
    assert text.startswith("## ❌ FAIL: ")
    assert "more letters)" in text
    assert "| 400 more |" in text
    assert text.count("```") % 2 == 0


def test_one_rule_is_not_told_as_several() -> None:
    value = replace(passing(), rules=("A-01",))

    assert value.sentence.endswith("; 1 rule holds.")
    assert "seed 8271, 1 rule, orderflow" in render_summary(value)
    assert passing().sentence.endswith("; 4 rules and invariants hold.")


def test_summary_that_is_cut_in_a_block_closes_it() -> None:
    *_, fence, _, told = _fitted(["# head", "```text", "x" * LARGEST, "```", "more"])

    assert (fence, told) == ("```", "The summary is cut here, the report has all.")


def test_summary_tells_as_many_failures_as_find_room() -> None:
    wide = tuple(
        replace(partial_invoice(), identity=str(i), sentence="\U0001f4a5" * 100_000)
        for i in range(9)
    )

    text = render_summary(verdict(wide))

    assert len(text.encode()) <= LARGEST
    told = text.count("### A-17")
    assert 2 < told < 9
    assert text.endswith(f"{9 - told} more in the report.\n")


@given(FAILURES)
def test_story_holds_no_control_characters(failure: Failure) -> None:
    text = story(replace(failure, sentence=f"\x1b[31m{failure.sentence}", replay="r"))

    assert "\x1b" not in text.splitlines()[0]
    assert text.endswith("  replay    r\n")
