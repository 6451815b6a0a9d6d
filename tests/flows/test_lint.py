"""Each check catches the flow broken for it, at its place, and nothing else in it."""

import re
import time
from pathlib import Path

import pytest

from orderflow.flows.errors import Place
from orderflow.flows.guards import gap, overlap
from orderflow.flows.lint import lint, lint_file
from orderflow.flows.loader import bundled, bundled_names, load_flow, parse_flow
from orderflow.flows.model import Flow, State, Transition
from orderflow.flows.vocabulary import PREDICATES

BAD = Path(__file__).parent / "bad"
SHOP = """\
flow: shop
title: Shop
initial: open
final: {success: [done], failure: [lost]}
happy_path: [open, done]
states: {open: , done: , lost: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: verify_invoice, to: done}
  - {id: T3, from: open, on: cancel_order, to: lost}
"""


def checks(text: str) -> list[str]:
    return [problem.check for problem in lint(parse_flow(text))]


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_bad_file_has_exactly_the_mistake_it_is_named_after(path: Path) -> None:
    found = re.match(r"# Wrong on purpose: ([a-z-]+)(?::(\d+):(\d+))?\n", path.read_text("utf-8"))
    assert found
    check, line, column = found.group(1), int(found.group(2) or 0), int(found.group(3) or 0)

    (problem,) = lint_file(path)
    assert (problem.check, problem.check) == (path.stem, check)
    assert problem.place == Place(str(path), line, column)


@pytest.mark.parametrize("name", bundled_names())
def test_the_bundled_flows_are_clean(name: str) -> None:
    assert lint(bundled(name)) == ()


def test_a_flow_broken_on_purpose_still_loads() -> None:
    flow = load_flow(BAD / "leaves-final.yaml")

    assert flow.transition["T4"].source == "lost"


def test_a_good_flow_has_no_findings() -> None:
    assert checks(SHOP) == []


def test_a_finding_of_some_profiles_names_them() -> None:
    text = SHOP.replace("id: T2, ", "id: T2, profile: [documented, legacy], ")

    (problem,) = lint(parse_flow(text))
    assert problem.check == "unreachable-state"
    assert problem.text == "no order ever gets to 'done' (in: observed)"


def test_a_profile_that_has_no_step_is_not_looked_at() -> None:
    text = SHOP
    for row in ("T1", "T2", "T3"):
        text = text.replace(f"id: {row},", f"id: {row}, profile: documented,")

    assert checks(text) == []


def test_an_optional_module_is_looked_at_switched_on() -> None:
    row = "  - {id: T4, from: open, on: cancel_order, to: done, module: extra}\n"

    (problem,) = lint(parse_flow(SHOP + row))
    assert problem.check == "guards-overlap"
    assert "documented with all modules" in problem.text


def test_an_undocumented_entry_is_not_unreachable() -> None:
    text = SHOP.replace(
        "lost: }", "lost: , odd: {entry: undocumented}, mute: {entry: undocumented}}"
    )

    assert checks(text + "  - {id: T4, from: odd, on: verify_invoice, to: done}\n") == []


def test_a_loop_on_a_final_status_does_not_leave_it() -> None:
    assert checks(SHOP + "  - {id: T4, from: done, on: modify_order, to: same}\n") == []


def test_a_row_in_no_profile_with_its_statuses_is_dead() -> None:
    text = SHOP.replace("lost: }", "lost: {profile: observed}}").replace(
        "id: T3,", "id: T3, profile: legacy,"
    )

    assert "dead-transition" in checks(text)


def test_statuses_held_before_tell_steps_apart() -> None:
    rows = (
        "  - {id: T4, from: open, on: deny_cancel, to: {previous: [open, done]}, actor: seller}\n"
    )

    assert checks(SHOP + rows) == []
    assert checks(SHOP + rows + "  - {id: T5, from: open, on: deny_cancel, to: lost}\n") == [
        "guards-overlap",
        "guards-overlap",
    ]


def step(name: str, *when: str, held: str = "") -> Transition:
    return Transition(name, name, "a", "e", "b", when=when, held=held)


def test_guards_overlap_when_one_order_satisfies_both() -> None:
    assert overlap(step("A", "paid"), step("B", "unpaid")) is None
    assert overlap(step("A", "paid"), step("B", "no_output_invoice")) == (
        ("paid", "yes"),
        ("invoiced", "none"),
    )
    assert overlap(step("A", held="x"), step("B", held="y")) is None
    assert overlap(step("A", held="x"), step("B")) == (("status held before", "x"),)


def test_guards_leave_a_gap_when_an_order_satisfies_none() -> None:
    assert gap([step("A", "paid"), step("B", "unpaid")]) is None
    assert gap([step("A", "paid", "settled"), step("B", "unpaid")]) == (
        ("paid", "yes"),
        ("settlement", "pending"),
    )
    assert gap([step("A"), step("B", "unpaid")]) is None
    assert gap([step("A", held="x"), step("B", "paid", held="y")]) == (
        ("status held before", "y"),
        ("paid", "no"),
    )


def test_a_condition_all_guards_share_is_no_gap() -> None:
    steps = [step("A", "paid", "no_output_invoice"), step("B", "unpaid", "no_output_invoice")]

    assert gap(steps) is None


def one_predicate_each(most: int) -> list[Transition]:
    by_fact = {predicate.fact: name for name, predicate in PREDICATES.items()}
    return [step(name, name) for name in sorted(by_fact.values())[:most]]


def test_many_guards_are_compared_in_no_time() -> None:
    held = [step(f"H{n}", "paid", held=f"s{n}") for n in range(30)]
    steps = [*held, *one_predicate_each(12)]
    start = time.perf_counter()

    assert gap([*steps, step("fallback")]) is None
    assert gap(steps) is None  # more cases than are looked at
    assert time.perf_counter() - start < 1


def test_a_crowded_flow_is_checked_in_no_time() -> None:
    names = [f"s{n}" for n in range(30)]
    text = SHOP.replace("lost: }", f"lost: , {', '.join(f'{name}: ' for name in names)}}}")
    row = "  - {{id: {}, from: open, on: modify_order, to: {}{}}}\n"
    text += row.format("P", f"{{previous: [{', '.join(names)}]}}", ", when: paid")
    for other in one_predicate_each(12):
        text += row.format(f"R-{other.id}", "done", f", when: {other.id}")
    flow = parse_flow(text + row.format("fallback", "lost", ""))
    start = time.perf_counter()

    assert "guards-gap" not in {problem.check for problem in lint(flow)}
    assert time.perf_counter() - start < 1


def test_edges_may_be_joined_through_statuses_that_are_not_drawn() -> None:
    text = SHOP.replace("open: ,", "open: {node: Open},").replace(
        "done: ,", "done: {node: Done}, mid: ,"
    )
    text = text.replace("to: done}", "to: mid, drawn: d1}").replace(
        "path: [open,", "path: [open, mid,"
    )
    text += "  - {id: T4, from: mid, on: modify_order, to: done, drawn: d1}\n"

    assert checks(text + "diagram: [{edge: d1, from: Open, to: Done}]\n") == []


def hinted(done: str, lost: str) -> list[str]:
    return checks(SHOP.replace("done: , lost: ", f"done: {{{done}}}, lost: {{{lost}}}"))


@pytest.mark.parametrize("cell", ["lane: -3, row: 0", "lane: 3, row: 3", "lane: 0", "row: 2"])
def test_a_hint_that_the_picture_can_follow_is_no_finding(cell: str) -> None:
    assert hinted("", f"layout: {{{cell}}}") == []


@pytest.mark.parametrize("cell", ["lane: -4", "lane: 10000", "row: -1", "row: 4"])
def test_a_hint_beyond_the_picture_is_found(cell: str) -> None:
    assert hinted("", f"layout: {{{cell}}}") == ["hint-out-of-reach"]


def test_statuses_that_never_meet_may_share_a_cell() -> None:
    cell = "layout: {lane: 1, row: 1}"

    assert hinted(cell, cell) == ["hint-taken"]
    assert "hint-taken" not in hinted(f"profile: legacy, {cell}", f"profile: observed, {cell}")
    assert hinted(cell, cell.replace("row: 1", "row: 2")) == []
    assert hinted("layout: {lane: 1}", "layout: {lane: 1}") == []


@pytest.mark.parametrize("path", ["[done]", "[open, lost]", "[lost, done]"])
def test_a_happy_path_goes_from_the_start_to_a_success(path: str) -> None:
    assert "happy-path-broken" in checks(SHOP.replace("[open, done]", path))


def test_a_refused_event_has_to_be_known() -> None:
    assert checks(SHOP + "refused: [{id: R, event: start_handlin}]\n") == ["unknown-event"]


def test_an_own_event_is_known_and_so_are_its_actors() -> None:
    row = "  - {id: T4, from: open, on: wave, to: same, actor: [seller, carrier]}\n"

    assert checks(SHOP + row + "events: {wave: }\n") == []
    assert checks(SHOP + row + "events: {wave: {actors: [seller]}}\n") == ["actor-cannot-fire"]


def test_a_flow_built_in_code_can_be_checked() -> None:
    flow = Flow("f", "F", "a", (State("a"),), (Transition("T", "T", "a", "place_order", "a"),))

    assert "no-final" in {problem.check for problem in lint(flow)}


def test_a_file_that_does_not_load_is_told_like_any_finding(tmp_path: Path) -> None:
    (problem,) = lint_file(tmp_path / "none.yaml")

    assert problem.check == "no-such-file"
