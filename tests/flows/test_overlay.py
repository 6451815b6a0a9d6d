"""An overlay is the flow below it but for the differences it names, and tells where each stands."""

from pathlib import Path

import pytest

from orderflow.flows.errors import FlowFileError, Problem
from orderflow.flows.loader import bundled, bundled_names, load_flow, parse_flow
from orderflow.flows.model import Flow, Profile

BASE = """\
flow: base
title: Base
seen_by: everybody
initial: open
final: {success: [done], failure: [lost]}
happy_path: {documented: [open, done], observed: [open, wait, done]}
states: {open: {node: Open, waits_for: seller}, wait: , done: , lost: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open, drawn: d1}
  - {id: T2, from: open, on: verify_invoice, to: done, actor: platform, when: paid}
  - {id: T3, from: [open, wait], on: cancel_order, to: lost}
refused: [{id: R1, event: start_handling, http: 400}]
timers:
  - {in: [open, wait], after: seller_answer, fires: cancel_order}
diagram: [{edge: d1, from: A, to: B}]
"""
HEAD = "flow: mine\nextends: base.yaml\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, "utf-8")
    return tmp_path


def lay(folder: Path, text: str) -> Flow:
    return parse_flow(HEAD + text, source="mine.yaml", folder=folder)


def refusal(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(FlowFileError) as caught:
        parse_flow(text, source="mine.yaml", folder=folder)
    return caught.value.problems


def test_an_overlay_that_says_nothing_is_the_flow_below(folder: Path) -> None:
    mine, base = lay(folder, ""), load_flow(folder / "base.yaml")

    assert (mine.name, mine.source) == ("mine", "mine.yaml")
    assert (mine.title, mine.initial, mine.seen_by) == (base.title, base.initial, base.seen_by)
    assert (mine.states, mine.transitions) == (base.states, base.transitions)
    assert (mine.timers, mine.diagram, mine.refusals) == (base.timers, base.diagram, base.refusals)
    assert mine.happy_paths == base.happy_paths
    assert mine.digest != base.digest


def test_the_digest_covers_the_file_below(folder: Path) -> None:
    before = lay(folder, "").digest

    (folder / "base.yaml").write_text(BASE + "# remark\n", "utf-8")
    assert lay(folder, "").digest != before


@pytest.mark.parametrize("name", bundled_names())
def test_an_overlay_keeps_the_family_of_the_flow_below(name: str, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(f"flow: one\nextends: {name}\n", "utf-8")
    two = parse_flow("flow: two\nextends: one.yaml\n", folder=tmp_path)

    assert (two.name, two.family) == ("two", name)
    assert two.transitions == bundled(name).transitions


def test_what_extends_a_flow_of_ones_own_has_no_family(folder: Path) -> None:
    assert lay(folder, "").family == ""


def test_a_row_of_the_same_id_replaces_the_whole_row_in_its_place(folder: Path) -> None:
    flow = lay(folder, "transitions: [{id: T2, from: open, on: nod, to: wait}]\n")

    assert [step.row for step in flow.transitions] == ["T1", "T2", "T3", "T3"]
    assert (flow.transition["T2"].event, flow.transition["T2"].when) == ("nod", ())
    assert str(flow.transition["T2"].place) == "mine.yaml:3:15"


def test_a_new_row_comes_last(folder: Path) -> None:
    flow = lay(folder, "transitions: [{id: T9, from: open, on: nod, to: wait}]\n")

    assert flow.transitions[-1].id == "T9"


def test_like_starts_from_a_row_below_and_overrides_what_is_given(folder: Path) -> None:
    flow = lay(folder, "transitions: [{id: T9, like: T2, to: lost, actor: seller}]\n")

    old, new = flow.transition["T2"], flow.transition["T9"]
    assert (new.source, new.event, new.when) == (old.source, old.event, old.when)
    assert (new.target, new.actors, new.row) == ("lost", ("seller",), "T9")


def test_like_finds_a_removed_row_and_may_keep_its_id(folder: Path) -> None:
    flow = lay(folder, "remove: {transitions: all}\ntransitions: [{id: T2, like: T2, when: []}]\n")

    assert [(step.id, step.when) for step in flow.transitions] == [("T2", ())]


def test_like_looks_below_only(folder: Path) -> None:
    (problem,) = refusal(folder, HEAD + "transitions: [{id: T9, like: T2}, {id: X, like: T9}]\n")

    assert str(problem.place) == "mine.yaml:3:49"
    assert problem.check == "unknown-base-row"


def test_states_are_merged_by_name(folder: Path) -> None:
    flow = lay(folder, "states: {open: {note: Mine.}, new: {node: New}, done: }\n")

    assert [state.name for state in flow.states] == ["open", "wait", "done", "lost", "new"]
    state = flow.state["open"]
    assert (state.node, state.waits_for, state.note) == ("Open", "seller", "Mine.")


def test_final_and_happy_path_are_merged_by_key(folder: Path) -> None:
    flow = lay(folder, "final: {failure: [lost, wait]}\nhappy_path: [open, wait, done]\n")
    other = lay(folder, "happy_path: {observed: []}\n")

    assert (flow.success, flow.failure) == (("done",), ("lost", "wait"))
    assert dict(flow.happy_paths)[Profile.DOCUMENTED] == ("open", "wait", "done")
    assert dict(flow.happy_paths)[Profile.OBSERVED] == ("open", "wait", "done")
    assert dict(other.happy_paths) == {Profile.DOCUMENTED: ("open", "done")}


def test_a_timer_of_the_same_status_and_event_is_replaced(folder: Path) -> None:
    flow = lay(folder, "timers: [{in: wait, after: other, fires: cancel_order}]\n")

    assert [(t.state, t.after) for t in flow.timers] == [
        ("open", "seller_answer"),
        ("wait", "other"),
    ]


def test_what_is_removed_is_gone(folder: Path) -> None:
    flow = lay(
        folder,
        "remove: {states: wait, transitions: T3, timers: [open, wait], diagram: all, refused: R1}\n"
        "transitions: [{id: T1, like: T1, drawn: []}]\nhappy_path: {observed: []}\n",
    )

    assert "wait" not in flow.state
    assert [step.id for step in flow.transitions] == ["T1", "T2"]
    assert (flow.timers, flow.diagram, flow.refusals) == ((), (), ())


def test_a_removed_status_that_is_still_used_tells_both_places(folder: Path) -> None:
    problems = refusal(folder, HEAD + "remove: {states: [wait]}\n")

    assert [str(p.place) for p in problems] == [
        f"{folder}/base.yaml:6:57",
        f"{folder}/base.yaml:11:27",
        f"{folder}/base.yaml:14:17",
    ]
    assert all("removed at mine.yaml:3:19" in p.text for p in problems)


def test_a_mistake_in_an_inherited_part_is_told_where_the_part_stands(folder: Path) -> None:
    (problem,) = refusal(folder, HEAD + "transitions: [{id: T1, like: T1, to: opn}]\n")
    inherited = refusal(
        folder, HEAD + "remove: {diagram: all}\ntransitions: [{id: T1, like: T1}]\n"
    )

    assert str(problem.place) == "mine.yaml:3:38"
    assert str(inherited[0].place) == f"{folder}/base.yaml:9:62"


def test_a_removal_of_nothing_is_told(folder: Path) -> None:
    problems = refusal(folder, HEAD + "remove: {transitions: [T4], refused: [all, R1]}\n")

    assert [p.check for p in problems] == ["unknown-name-to-remove"] * 2


@pytest.mark.parametrize(
    ("extends", "why"),
    [
        ("sellr", "did you mean 'seller'"),
        ("shop", "there are marketplace, seller"),
        ("none.yaml", "no file 'none.yaml' beside this one"),
        ("base.yaml/", "A file of your own ends in .yaml"),
    ],
)
def test_a_missing_base_is_told_at_its_name(folder: Path, extends: str, why: str) -> None:
    (problem,) = refusal(folder, f"flow: mine\nextends: {extends}\n")

    assert str(problem.place) == "mine.yaml:2:10"
    assert why in problem.text


def test_a_text_without_folder_extends_bundled_flows_only() -> None:
    assert parse_flow("flow: mine\nextends: seller\n").family == "seller"
    with pytest.raises(FlowFileError, match="lies in no folder"):
        parse_flow(HEAD)


def test_a_link_to_itself_is_no_file(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")

    assert refusal(folder, "flow: mine\nextends: loop.yaml\n")[0].check == "unknown-base"
    with pytest.raises(FlowFileError, match="no such file"):
        load_flow(folder / "loop.yaml")


def test_a_circle_is_told_where_it_closes(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{one}.yaml").write_text(f"flow: {one}\nextends: {other}.yaml\n", "utf-8")

    with pytest.raises(FlowFileError) as caught:
        load_flow(tmp_path / "a.yaml")
    told = [p for p in caught.value.problems if p.check == "unknown-base"]
    assert [str(p.place) for p in told] == [f"{tmp_path}/c.yaml:2:10"]
    assert "a.yaml -> b.yaml -> c.yaml -> a.yaml" in told[0].text


def test_a_long_chain_of_files_is_refused(tmp_path: Path) -> None:
    for number in range(30):
        text = f"flow: f\nextends: f{number + 1}.yaml\n"
        (tmp_path / f"f{number}.yaml").write_text(text, "utf-8")

    with pytest.raises(FlowFileError, match="more than 16 files"):
        load_flow(tmp_path / "f0.yaml")


def test_what_is_wrong_below_is_told_with_its_own_place(folder: Path) -> None:
    (folder / "base.yaml").write_text(BASE.replace("to: done", "to: don"), "utf-8")

    checks = [(p.place.file, p.check) for p in refusal(folder, HEAD)]
    assert checks == [
        (f"{folder}/base.yaml", "unknown-status"),
        ("mine.yaml", "broken-base"),
    ]
