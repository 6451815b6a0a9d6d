"""A suite reads back from its file as it was, a wrong file is told with every place, and a suite
that no longer fits its flow is found out before it measures anything."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orderflow.conformance.drive import Start
from orderflow.conformance.shrink import run
from orderflow.conformance.suites import suite_parts
from orderflow.conformance.suites.case import Case, Guarantee, Suite
from orderflow.conformance.suites.suite_file import (
    SuiteError,
    case_trace,
    checked,
    fitting_flow,
    is_suite_file,
    load_suite,
    parse_suite,
    render_suite,
    settings_of,
)
from orderflow.conformance.suites.suite_text import Form
from orderflow.conformance.trace_file import load_trace
from orderflow.flows import loader
from orderflow.flows.errors import FlowFileError
from orderflow.flows.loader import bundled_names, find_flow
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.order import Order
from tests.conformance.suites.made_suites import Made, case_of, made

FORMS: tuple[Form, ...] = ("yaml", "json")
SELLER = made("seller")
WORDS = st.text(max_size=20)
NAMES = st.text(min_size=1, max_size=20)
VIEWS = [
    *((name, "documented", (), ()) for name in bundled_names()),
    ("seller", "observed", ("picking",), (("cancellation_window", 61),)),
]


def without_transitions(suite: Suite) -> Suite:
    cases = (
        replace(case, steps=tuple(replace(step, transition="") for step in case.steps))
        for case in suite.cases
    )
    return replace(suite, cases=tuple(cases))


def small(*steps: str) -> Suite:
    """A suite of the seller flow with a case for each line of acts."""
    cases = tuple(case_of(SELLER.plan, f"mine-{n:03}", acts) for n, acts in enumerate(steps))
    return Suite("seller", SELLER.flow.digest, "documented", cases)


def cased(number: int, title: str, tags: list[str], replaceable: bool) -> Case:
    """One of the cases of the seller, under other words."""
    case = SELLER.suite.cases[number % len(SELLER.suite.cases)]
    start = Start(case.start.items, replaceable)
    return replace(case, title=title, tags=tuple(tags), start=start)


guarantees = st.builds(
    Guarantee,
    NAMES,
    NAMES,
    st.dictionaries(WORDS, st.integers(0, 2**40), max_size=3).map(lambda d: tuple(d.items())),
)
cases = st.builds(cased, st.integers(0), WORDS, st.lists(WORDS, max_size=3), st.booleans())
suites = st.builds(
    lambda flow, digest, made, cases, settings, modules: Suite(
        flow,
        digest,
        "legacy",
        tuple(replace(case, id=id_) for id_, case in cases.items()),
        tuple(made),
        tuple(modules),
        tuple(settings.items()),
    ),
    NAMES,
    WORDS,
    st.lists(guarantees, max_size=2),
    st.dictionaries(NAMES, cases, max_size=3),
    st.dictionaries(WORDS, WORDS, max_size=2),
    st.lists(WORDS, max_size=2),
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def test_a_suite_of_every_step_and_refusal_reads_back_as_it_was(view: Any, form: Form) -> None:
    suite, graph = made(*view)

    text = render_suite(suite, form, graph.space.plan)

    assert parse_suite(text) == without_transitions(suite)
    assert checked(parse_suite(text), made(*view).flow, graph.space.plan) == suite


@pytest.mark.parametrize("form", FORMS)
@given(suites)
def test_whatever_it_is_called_it_reads_back_as_it_was(form: Form, suite: Suite) -> None:
    text = render_suite(suite, form, SELLER.plan)

    assert parse_suite(text) == parse_suite(text.encode()) == without_transitions(suite)
    assert text.replace("\n", "").isprintable() or max(text) > "\uffff"


@given(suites)
def test_a_suite_in_parts_is_the_same_suite(suite: Suite) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite_parts, "MAX_BYTES", 100)
        patch.setattr(suite_parts, "_AT_ONCE", 300)
        patch.setattr("orderflow.conformance.suites.suite_file.json_part", lambda *_: None)
        for form in FORMS:
            text = render_suite(suite, form, SELLER.plan)
            if suite.cases:
                assert suite_parts.chunks_of(text.encode(), "x").cut

                assert parse_suite(text) == without_transitions(suite)


def test_both_readers_of_yaml_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = render_suite(small("place_order update_tracking:delivered advance:30m"))
    known = parse_suite(text)

    monkeypatch.setattr(loader, "_LOADER", yaml.SafeLoader)

    assert parse_suite(text) == known


def test_yaml_is_for_people() -> None:
    suite = small("place_order place_order", "place_order complete_checkout verify_invoice:part@70")

    text = render_suite(replace(suite, settings=(("cancellation_window", "60"),)))
    later = "on-order-completed-ffm"

    assert (
        text
        == f"""\
format: orderflow-suite-1
flow: seller
digest: "{SELLER.flow.digest}"
profile: documented
settings: {{cancellation_window: "60"}}
cost: {{orders: 2, calls: 5}}
guarantees: []
cases:
  - id: mine-000
    title: "2 steps, up to place_order"
    cover: mine
    steps:
      - {{do: place_order, then: order-accepted, stage: order.progress.orderConfirmed}}
      - {{do: place_order, refused: order-accepted}}
  - id: mine-001
    title: "3 steps, up to verify_invoice:part@70"
    cover: mine
    steps:
      - {{do: place_order, then: order-accepted, stage: order.progress.orderConfirmed}}
      - {{do: complete_checkout, then: {later}, stage: order.progress.confirmingOrder}}
      - {{do: verify_invoice:part@70, refused: on-order-completed-ffm}}
"""
    )


def test_json_holds_what_a_runner_of_another_language_needs() -> None:
    case = case_of(
        SELLER.plan, "mine-000", "place_order verify_invoice:part advance:30m", "2x4990@5"
    )
    suite = replace(small(), cases=(case,))

    (told,) = json.loads(render_suite(suite, "json", SELLER.plan))["cases"]

    assert told["order"][0].pop("estimate") > 0
    assert told["order"] == [{"id": "item-1", "quantity": 2, "price": 4990, "channel": "delivery"}]
    assert [step["call"] for step in told["steps"]] == [
        {"event": "place_order", "data": {}, "wait": 0},
        {"event": "verify_invoice", "data": {"value": 4990}, "wait": 0},
        {"event": "advance", "data": {}, "wait": 1_800_000},
    ]
    assert all("stage" in step for step in told["steps"])
    with pytest.raises(ValueError, match="give the plan"):
        render_suite(suite, "json")


def test_json_is_read_as_other_tools_write_it() -> None:
    text = render_suite(SELLER.suite, "json", SELLER.plan)
    data = json.loads(text)

    for written in (json.dumps(data), json.dumps(data, indent=4), json.dumps(data, indent=1)):
        assert parse_suite(written) == without_transitions(SELLER.suite)


HEAD = "format: orderflow-suite-1\nflow: seller\nprofile: documented\n"
CASE = "cases:\n- id: a\n  cover: mine\n  steps: [{do: place_order, then: order-accepted}]\n"
STEP = "cases:\n- id: a\n  cover: mine\n  steps:\n  - {do: place_order, then: x}\n  - "


@pytest.mark.parametrize(
    ("text", "places", "told"),
    [
        ("- a\n", ["1:1"], "a suite is a mapping with `format`, `flow` and `cases`"),
        (HEAD, ["1:1"], "`cases` must be a list"),
        (HEAD + "cases: {}\n", ["4:8"], "`cases` must be a list"),
        (HEAD.replace("suite-1", "suite-2") + CASE, ["1:9"], "`format` must be orderflow-suite-1"),
        (HEAD.replace("documented", "new") + CASE, ["3:10"], "documented, observed, legacy"),
        (HEAD.replace("seller", "7") + CASE, ["2:7"], "`flow` must be a text"),
        (HEAD + "digets: x\n" + CASE, ["4:1"], "unknown key 'digets'; did you mean 'digest'?"),
        (HEAD + "modules: picking\n" + CASE, ["4:10"], "`modules` must be a list of names"),
        (HEAD + "settings: {a: 1}\n" + CASE, ["4:11"], "`settings` must map names to texts"),
        (HEAD + "cost: {orders: 1}\n" + CASE, ["4:7"], "`cost` must say"),
        (HEAD + "guarantees: [7, {cover: a}]\n" + CASE, ["4:14", "4:17"], "`says` must be a text"),
        (HEAD + "guarantees: [{cover: a, says: b, figures: {c: -1}}]\n" + CASE, ["4:43"], "counts"),
        (HEAD + "cases: [7]\n", ["4:9"], "a case is a mapping"),
        (HEAD + CASE + CASE.removeprefix("cases:\n"), ["8:7"], "case 'a' is given twice; first at"),
        (HEAD + CASE + "  items: ten\n  replaceable: 1\n  tags: x\n  order: 1\n",
         ["8:10", "9:16", "10:9", "11:10"], "write 2x4990 or 1x1500:pickup"),
        (HEAD + "cases: [{id: a, cover: b, steps: []}]\n", ["4:34"], "must list at least one step"),
        (HEAD + STEP + "place_order\n", ["9:5"], "a step is {do: ACT, then: STATUS}"),
        (HEAD + STEP + "{do: place_order}\n", ["9:5"], "a step is {do: ACT, then: STATUS}"),
        (HEAD + STEP + "{do: a, then: x, refused: x}\n", ["9:5"], "a step is {do: ACT, then"),
        (HEAD + STEP + "{do: a, then: x, stage: 1}\n", ["9:5"], "with a `stage` if any"),
        (HEAD + STEP + "{do: a, then: x, trigger: x}\n", ["9:5"], "unknown key 'trigger'"),
        (HEAD + STEP + "{do: a, then: x, call: 1}\n", ["9:5"], "a step is {do: ACT"),
        (HEAD + STEP + "{do: a b, then: x}\n", ["9:5"], "'a b': one act a step"),
        (HEAD + STEP + "{do: 'a:b:c', then: x}\n", ["9:5"], "'a:b:c' is not an act"),
    ],
)  # fmt: skip
def test_everything_wrong_with_a_suite_is_told_with_its_place(
    text: str, places: list[str], told: str
) -> None:
    with pytest.raises(FlowFileError) as caught:
        parse_suite(text, "x.yaml")

    assert [str(each.place).removeprefix("x.yaml:") for each in caught.value.problems] == places
    assert told in str(caught.value)


def test_a_suite_inside_another_file_is_told_with_the_lines_of_that() -> None:
    with pytest.raises(FlowFileError, match=r"^test_x\.py:12:1: unknown key 'a'"):
        parse_suite(f"\n{HEAD}a: 1\n{CASE}", "test_x.py", first_line=8)


def many(count: int) -> Suite:
    found = SELLER.suite.cases
    copies = (replace(found[number % len(found)], id=f"case-{number}") for number in range(count))
    return replace(SELLER.suite, cases=tuple(copies))


@pytest.mark.parametrize("form", FORMS)
def test_a_suite_too_big_to_be_read_at_once_is_read_in_good_time(
    tmp_path: Path, form: Form
) -> None:
    suite, path = many(2_000), tmp_path / "big.suite"
    began = time.monotonic()
    path.write_text(render_suite(suite, form, SELLER.plan), "utf-8")

    read = load_suite(path)

    assert time.monotonic() - began < 30  # about 2 s; a square would take minutes
    assert path.stat().st_size > 2_000_000
    assert read == without_transitions(suite)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_wrong_deep_in_a_big_suite_is_told_with_its_line(
    tmp_path: Path, form: Form
) -> None:
    path = tmp_path / "big.suite"
    lines = render_suite(many(1_500), form, SELLER.plan).splitlines()
    bad = next(n for n, line in enumerate(lines) if "case-1400" in line)
    worse = next(n for n, line in enumerate(lines[bad:], bad) if "place_order" in line)
    lines[bad] = lines[bad].replace("case-1400", "case-7")
    lines[worse] = lines[worse].replace("place_order", "place order")
    path.write_text("\n".join(lines) + "\n", "utf-8")

    with pytest.raises(FlowFileError) as caught:
        load_suite(path)

    assert [each.place.line for each in caught.value.problems] == [bad + 1, worse + 1]
    assert "case 'case-7' is given twice; first at " in caught.value.problems[0].text


def test_a_big_suite_that_cannot_be_cut_says_how_it_could() -> None:
    text = HEAD + "cases:\n" + "- {id: a}\n" * 120_000

    with pytest.raises(FlowFileError, match="if `cases` stands last"):
        parse_suite(text + "modules: []\n")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (render_suite(small("place_order")), True),
        (render_suite(small("place_order"), "json", SELLER.plan), True),
        ("# mine\n\nformat: 'orderflow-suite-9'\n", True),
        ('{"format":"orderflow-suite-1"}', True),
        ("flow: seller\ntitle: 'not a format: orderflow-suite-1'\n", False),
        ("format: orderflow/trace/1\n", False),
        ("", False),
    ],
)
def test_a_suite_says_that_it_is_one(tmp_path: Path, text: str, answer: bool) -> None:
    (tmp_path / "x").write_text(text)

    assert is_suite_file(tmp_path / "x") is answer
    assert not is_suite_file(tmp_path)
    assert not is_suite_file(tmp_path / "none")


def edited(suite: Suite, change: Callable[[str], str]) -> Suite:
    return parse_suite(change(render_suite(suite)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("then: on-order-completed-ffm", "then: handling",
         "complete_checkout: now leads to on-order-completed-ffm; the suite says handling"),
        ("refused: on-order", "then: on-order",
         "place_order: now is refused in on-order-completed-ffm; the suite says on-order"),
        ("then: on-order", "refused: on-order",
         "complete_checkout: now leads to on-order-completed-ffm; the suite says refused"),
        ("orderConfirmed", "wrong", "place_order: now shows order.progress.orderConfirmed;"),
        (", stage: order.progress.orderConfirmed", "", "the suite says no stage"),
        ("do: complete_checkout", "do: complete_chekout",
         "'complete_chekout' is not an event; did you mean 'complete_checkout'?"),
        ("do: complete_checkout", "do: verify_invoice:half", "it may come with early, over, part"),
    ],
)  # fmt: skip
def test_an_edited_suite_is_found_out(old: str, new: str, told: str) -> None:
    suite = small("place_order complete_checkout place_order", "place_order")
    assert checked(suite, SELLER.flow, SELLER.plan) == suite

    wrong = edited(suite, lambda text: text.replace(old, new))

    with pytest.raises(SuiteError) as caught:
        checked(wrong, SELLER.flow, SELLER.plan)
    assert told in str(caught.value)
    assert "so the suite was edited" in str(caught.value)
    assert not caught.value.changed
    assert {each.id for each in caught.value.misfits} <= {"mine-000", "mine-001"}


def overlay(folder: Path) -> Path:
    """A seller flow with a step of its own."""
    path = folder / "mine.yaml"
    row = "{id: X01, from: order-accepted, on: hurry, to: handling, actor: seller}"
    rows = f"transitions:\n  - {row}\n"
    events = "events:\n  hurry: {actors: seller, meaning: Hurry up}\n"
    path.write_text(f"flow: mine\nextends: seller\ntitle: Mine\n{rows}{events}")
    return path


def test_a_suite_that_still_fits_a_changed_flow_is_welcome(tmp_path: Path) -> None:
    flow = find_flow(str(overlay(tmp_path))).view(Profile.DOCUMENTED)
    suite = small("place_order complete_checkout")
    assert flow.digest != suite.digest

    found = checked(suite, flow, compile_plan(flow, defaults()))

    assert found.cases == suite.cases


def test_a_stale_suite_names_every_case_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = overlay(tmp_path)
    flow = find_flow(str(path)).view(Profile.DOCUMENTED)
    plan = compile_plan(flow, defaults())
    case = case_of(plan, "mine-001", "place_order hurry")
    fits = case_of(plan, "mine-002", "place_order")
    guarantee = Guarantee("pairs", "None.")
    suite = Suite(str(path), flow.digest, "documented", (case, fits, replace(case, id="c")),
                  (guarantee,))  # fmt: skip
    (tmp_path / "s.yaml").write_text(render_suite(suite))
    path.write_text(path.read_text().replace("handling", "invoice"))
    now = find_flow(str(path)).view(Profile.DOCUMENTED)

    with pytest.raises(SuiteError) as caught:
        checked(suite, now, compile_plan(now, defaults()), source=tmp_path / "s.yaml")

    first, second, advice = str(caught.value).splitlines()
    where = f"{tmp_path}/s.yaml"
    assert first.startswith(f"{where}:15:9: case mine-001 step 2, hurry: now leads to invoice; the")
    assert second.startswith(f"{where}:26:9: case c step 2, hurry: ")
    assert caught.value.changed
    assert f"the suite is for {flow.digest}, now it is {now.digest}" in advice
    assert advice.endswith(f"orderflow suite {path} --cover pairs --profile documented")


def test_a_suite_finds_its_flow_beside_its_file(tmp_path: Path) -> None:
    overlay(tmp_path)
    suite = replace(small("place_order"), flow="mine.yaml", settings=(("seller_answer", "3"),))

    flow = fitting_flow(suite, folder=tmp_path)

    assert (flow.name, flow.profile) == ("mine", Profile.DOCUMENTED)
    assert settings_of(suite) == defaults().override({"seller_answer": 3})


@pytest.mark.parametrize("name", bundled_names())
def test_every_case_replays_from_its_trace_file(tmp_path: Path, name: str) -> None:
    found: Made = made(name)
    assert len(found.suite.cases) > 50

    for case in found.suite.cases:
        path = tmp_path / "case.trace.yaml"
        path.write_text(case_trace(case, found.suite), "utf-8")
        trace = load_trace(path)
        driver = run(found.graph.space, defaults(), trace.acts, trace.start)

        stood = [done.events[-1].target if done.events else done.source for done in driver.done]
        assert (trace.flow, trace.statuses) == (name, tuple(stood))
        assert trace.statuses == tuple(step.then for step in case.steps)
        assert isinstance(driver.simulator.order, Order)


SCHEMA = json.loads((files("orderflow.conformance.suites") / "suite.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
WHOLE: dict[str, Any] = json.loads(
    render_suite(
        replace(
            small("place_order place_order"),
            guarantees=(Guarantee("pairs", "None.", (("pairs", 2),)),),
            modules=("picking",),
            settings=(("seller_answer", "3"),),
        ),
        "json",
        SELLER.plan,
    )
)
WHOLE["cases"][0] |= {"items": "2x5", "replaceable": False, "tags": ["R-1"]}
ODD: tuple[object, ...] = (None, -1, 1.5, "", [], {}, [None], {"a": None}, True)


def mutations(
    node: Any, loc: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], str]]:
    """Every value of a document, to be taken away, and every mapping, to get a key too many."""
    found: list[tuple[tuple[str | int, ...], str]] = [(loc, "odd"), (loc, "gone")] if loc else []
    if isinstance(node, dict):
        found.append((loc, "more"))
    listed = enumerate(node) if isinstance(node, list) else ()
    for key, child in node.items() if isinstance(node, dict) else listed:
        if key not in {"order", "call"}:
            found += mutations(child, (*loc, key))
    return found


def test_the_schema_is_one_and_knows_what_is_written() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for form in FORMS:
        text = render_suite(SELLER.suite, form, SELLER.plan)
        assert VALIDATOR.is_valid(yaml.safe_load(text) if form == "yaml" else json.loads(text))
    assert VALIDATOR.is_valid(WHOLE)


def test_schema_and_loader_accept_the_same() -> None:
    refused = accepted = 0
    for loc, what in mutations(WHOLE):
        for odd in ODD if what == "odd" else (None,):
            data = copy.deepcopy(WHOLE)
            node: Any = data
            for part in loc[:-1] if what != "more" else loc:
                node = node[part]
            if what == "more":
                node["colour"] = 1
            elif what == "gone":
                del node[loc[-1]]
            else:
                node[loc[-1]] = odd
            valid = VALIDATOR.is_valid(data)

            assert loads(data) is valid, (loc, what, odd)
            accepted, refused = accepted + valid, refused + (not valid)
    assert refused > 150
    assert accepted > 20


def loads(data: object) -> bool:
    try:
        parse_suite(json.dumps(data))
    except FlowFileError:
        return False
    return True
