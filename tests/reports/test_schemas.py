"""Every file that is written obeys a schema: JUnit and CTRF those of others, verdict and coverage
our own, which say no more and no less than the files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from orderflow.conformance import figures, vector, verdict
from orderflow.conformance.baseline import Changes, compare
from orderflow.conformance.vector import DIMENSIONS
from orderflow.conformance.vector_file import SCHEMA as COVERAGE
from orderflow.conformance.vector_file import render_vectors
from orderflow.conformance.verdict import SuiteFigures, Verdict
from orderflow.reports.ctrf import render_ctrf
from orderflow.reports.jsonfile import DERIVED, SCHEMA, render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.verdict_schema import schema_text, verdict_schema
from tests.conformance.vectors import VECTORS, a_vector
from tests.reports.builders import failing, passing
from tests.reports.deals import deals_verdict, failing_deals, race
from tests.reports.small_verdicts import SHOP, the_failing, the_one_before, the_passing

HERE = Path(__file__).parent / "schemas"
JUNIT = xmlschema.XMLSchema(str(HERE / "junit.xsd"))
CTRF = Draft7Validator(json.loads((HERE / "ctrf.schema.json").read_text("utf-8")))
VERDICT = Draft202012Validator(verdict_schema())
COVERED = Draft202012Validator(
    json.loads((files("orderflow.conformance") / "coverage.schema.json").read_text("utf-8"))
)
UNSURE = SuiteFigures(
    "pairs", 4, 2, 0, (("pairs-1", "no answer"),), (("pairs-2", "no clock"),), 4, 9, (("p", "q"),)
)
ODD = "".join(map(chr, range(32))) + "\x7f\x9f\u202e\u2066\ufeff\ufffe\uffff\ud800 ]]> \U0001f600"
HUGE = "x" * 100_000


def with_suite(suite: SuiteFigures) -> Verdict:
    return replace(the_failing(), flows=(replace(SHOP, suite=suite),), target="http://shop.test")


def with_texts(text: str) -> Verdict:
    """The failing verdict with *text* wherever there is a text."""
    value = the_failing()
    failures = tuple(
        replace(each, title=text, sentence=text, observed=text, replay=text, rule=text)
        for each in value.failures
    )
    names = replace(SHOP, name=text, transitions=((text, 0), ("T2", 1)), source=text)
    return replace(value, flows=(names,), failures=failures, command=text, version=text)


VERDICTS = {
    "failing": the_failing(),
    "passing": the_passing(),
    "bundled flows": failing(),
    "deals": failing_deals(),
    "deals that pass": deals_verdict(),
    "a deal alone": deals_verdict(race()),
    "cases not judged": with_suite(UNSURE),
    "nothing passed": with_suite(replace(UNSURE, passed=0, indeterminate=())),
    "an empty suite": with_suite(SuiteFigures("kill", 0, 0, 0, (), (), 0, 0, ())),
    "odd letters": with_texts(ODD),
    "long texts": with_texts(HUGE),
    "no text": with_texts(""),
    "counted only": replace(the_failing(), flows=(replace(SHOP, left_out=3),)),
}


def both(value: Verdict) -> Iterator[Changes | None]:
    """Without an earlier run, and with each of two."""
    yield None
    yield compare(value, the_one_before())
    yield compare(value, passing())


@pytest.mark.parametrize("name", VERDICTS)
def test_junit_is_accepted_by_the_schema_of_jenkins(name: str) -> None:
    for changes in both(VERDICTS[name]):
        JUNIT.validate(render_junit(VERDICTS[name], changes))


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ('errors="0" skipped', "skipped"),
        ('tests="3"', ""),
        ("<skipped", '<skipped time="1"'),
        ("<testcase ", "<case /><testcase "),
    ],
)
def test_the_schema_of_jenkins_refuses_what_is_not_junit(found: str, put: str) -> None:
    text = render_junit(the_failing())
    assert found in text

    assert not JUNIT.is_valid(text.replace(found, put, 1))


@pytest.mark.parametrize("name", VERDICTS)
def test_no_case_of_junit_ends_in_two_ways_and_the_counts_are_right(name: str) -> None:
    root = ET.fromstring(render_junit(VERDICTS[name]))  # noqa: S314  # ours

    ways = ("failure", "error", "skipped")
    for case in root.iter("testcase"):
        assert sum(len(case.findall(way)) for way in ways) <= 1
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        for way, count in zip(ways, ("failures", "errors", "skipped"), strict=True):
            assert suite.get(count) == str(sum(case.find(way) is not None for case in cases))


@pytest.mark.parametrize("name", VERDICTS)
def test_ctrf_has_what_its_schema_asks_for(name: str) -> None:
    for changes in both(VERDICTS[name]):
        document = json.loads(render_ctrf(VERDICTS[name], changes))
        CTRF.validate(document)
        summary, tests = document["results"]["summary"], document["results"]["tests"]
        assert summary.pop("tests") == len(tests)
        assert (summary.pop("start"), summary.pop("stop")) == (0, 0)
        for status, count in summary.items():
            assert count == sum(test["status"] == status for test in tests)


def test_ctrf_and_junit_have_the_same_cases() -> None:
    for value in VERDICTS.values():
        root = ET.fromstring(render_junit(value))  # noqa: S314  # ours
        tests = json.loads(render_ctrf(value))["results"]["tests"]

        assert len(tests) == len(list(root.iter("testcase")))
        failed = sum(test["status"] == "failed" for test in tests)
        assert root.get("failures") == str(failed)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_file_obeys_its_schema(name: str) -> None:
    for changes in both(VERDICTS[name]):
        for compact in (True, False):
            text = render_json(VERDICTS[name], compact=compact, changes=changes)
            VERDICT.validate(json.loads(text))


def test_the_schema_file_is_what_the_values_say() -> None:
    written = (files("orderflow.reports") / "verdict.schema.json").read_text("utf-8")

    told = "run: python -m orderflow.reports.verdict_schema > reports/verdict.schema.json"
    assert written == schema_text(), told
    Draft202012Validator.check_schema(json.loads(written))


def value_classes() -> dict[str, type]:
    """Every value class that a verdict can hold, by the modules they are written in."""
    every = {**vars(figures), **vars(vector), **vars(verdict)}
    found = {name: each for name, each in every.items() if is_dataclass(each)}
    return {n: each for n, each in found.items() if isinstance(each, type) and n != "Vector"}


def test_every_field_of_every_value_is_in_the_schema_and_told() -> None:
    schema = verdict_schema()
    shapes = {**schema["$defs"], "Verdict": schema}

    classes = value_classes()
    assert shapes.keys() == classes.keys()
    for name, kind in classes.items():
        properties = shapes[name]["properties"]
        wanted = {entry.name for entry in fields(kind)}
        assert wanted <= properties.keys()
        assert properties.keys() - wanted <= set(DERIVED)
        assert all(properties[entry]["description"] for entry in wanted)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


@pytest.mark.parametrize("name", ["failing", "deals", "cases not judged"])
def test_an_unknown_key_breaks_the_schema_wherever_it_stands(name: str) -> None:
    value = VERDICTS[name]
    document = json.loads(render_json(value, changes=compare(value, the_one_before())))
    kinds = {frozenset(each): each for each in objects(document)}
    assert len(kinds) > 5

    for each in kinds.values():
        each["unheard-of"] = 1
        assert not VERDICT.is_valid(document)
        del each["unheard-of"]
    assert VERDICT.is_valid(document)


@pytest.mark.parametrize("key", ["schema", "passed", "sentence", "flows", "failures", "seed"])
def test_what_always_stands_in_a_file_is_required(key: str) -> None:
    document = json.loads(render_json(the_failing()))
    del document[key]

    assert not VERDICT.is_valid(document)


def test_another_version_is_another_schema() -> None:
    document = json.loads(render_json(the_failing()))

    assert not VERDICT.is_valid({**document, "schema": SCHEMA.replace("/1", "/2")})


@given(st.lists(VECTORS, max_size=3))
def test_coverage_files_obey_their_schema(vectors: list[vector.Vector]) -> None:
    COVERED.validate(json.loads(render_vectors(vectors)))


def test_the_schema_of_coverage_files_knows_every_dimension_and_no_other_key() -> None:
    Draft202012Validator.check_schema(COVERED.schema)
    every = tuple(vector.Dimension(name, progress=(("a", 1, 2),)) for name in DIMENSIONS)
    document = json.loads(render_vectors([a_vector(*every)]))
    COVERED.validate(document)
    assert document["schema"] == COVERAGE
    named = COVERED.schema["$defs"]["Vector"]["properties"]["dimensions"]["properties"]  # type: ignore[index]
    assert tuple(named) == DIMENSIONS

    shapes = (document, document["flows"][0], document["flows"][0]["dimensions"]["pairs"])
    for each in (*shapes, document["flows"][0]["dimensions"]):
        each["unheard-of"] = {}
        assert not COVERED.is_valid(document)
        del each["unheard-of"]
