"""The loader reads what is written and nothing else, and tells every mistake with its place.

Whatever the text, it answers with a flow or with a FlowFileError, soon and in bounded memory.
"""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderflow.flows.errors import FlowFileError, Problem, UnknownFlowError
from orderflow.flows.loader import (
    bundled,
    bundled_names,
    find_flow,
    known_durations,
    load_events,
    load_flow,
    load_yaml,
    parse_flow,
    parse_yaml,
)
from orderflow.flows.model import ABSENT, Flow, Profile

FOLDER = Path(bundled.__wrapped__.__code__.co_filename).parent
SHOP = """\
flow: shop
title: Shop
initial: open
final: {success: [done], failure: [lost]}
states: {open: , done: , lost: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: verify_invoice, to: done}
  - {id: T3, from: open, on: cancel_order, to: lost}
"""


def refusal(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(FlowFileError) as caught:
        parse_flow(text, source="shop.yaml")
    return caught.value.problems


def with_row(row: str) -> Flow:
    return parse_flow(SHOP + f"  - {row}\n")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("30:00", "30:00"),
        ("2024-09-05", "2024-09-05"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("+7", 7),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".inf", float("inf")),
        ("null", None),
        ("~", None),
        ("", None),
        ("True", True),
        ("'404'", "404"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(word: str, value: object) -> None:
    assert parse_yaml(f"after: {word}").data == {"after": value}


def test_keys_are_always_text() -> None:
    assert parse_yaml("null: 1\n404: 2\non: 3\n").data == {"null": 1, "404": 2, "on": 3}


def test_an_alias_repeats_its_value_at_its_own_place() -> None:
    document = parse_yaml("a: &x [1, 2]\nb: *x\n", source="f.yaml")

    assert document.data == {"a": [1, 2], "b": [1, 2]}
    assert str(document.place(("b",))) == "f.yaml:2:4"


def test_a_place_skips_what_leads_nowhere() -> None:
    document = parse_yaml("a:\n  b: [1, 2]\n", source="f.yaml")

    assert str(document.place(("a", "<tag>", "b", 1))) == "f.yaml:2:10"
    assert str(document.place(("a", "missing"))) == "f.yaml:2:3"
    assert str(document.place(("a", "b"), key=True)) == "f.yaml:2:3"


@pytest.mark.parametrize(
    ("content", "check", "at"),
    [
        (b"\xef\xbb\xbfflow: shop\n", "byte-order-mark", (1, 1)),
        ("flow: shop\n".encode("utf-16"), "not-utf-8", (1, 1)),
        (b"flow: shop\ntitle: cut\xe9\n", "not-utf-8", (2, 11)),
        (b"flow: shop\nti\x00tle: a\n", "not-text", (2, 3)),
        (b"flow: {a: 1\n", "not-yaml", (2, 1)),
        (b"flow: a: b\n", "not-yaml", (1, 8)),
        (b"", "empty", (0, 0)),
        (b"---\n", "empty", (0, 0)),
        (b"null\n", "empty", (0, 0)),
        (b"&a [*a]\n", "alias", (1, 5)),
        (b"- a\n- b\n", "wrong-type", (1, 1)),
        (b"just words\n", "wrong-type", (1, 1)),
        (b"? {a: b}\n: c\n", "bad-key", (1, 3)),
        (b"{&k a: b, *k : c}", "bad-key", (1, 11)),
    ],
)
def test_what_is_no_flow_file_is_refused_where_it_goes_wrong(
    content: bytes, check: str, at: tuple[int, int]
) -> None:
    (problem,) = refusal(content)

    assert (problem.check, (problem.place.line, problem.place.column)) == (check, at)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_hostile_depth_is_refused(opening: str) -> None:
    assert refusal(opening * 100_000)[0].check in {"too-deep", "not-yaml", "bad-key"}


def test_a_big_file_is_refused_at_once_with_its_size_and_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.touch()
    os.truncate(path, 10_000_000)
    start = time.perf_counter()

    with pytest.raises(FlowFileError, match=r"10,000,000 bytes; at most 1,000,000 are read"):
        load_flow(path)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "text",
    [
        "a: [" + "x, " * 210_000 + "]",
        "a:\n" + "- {id: 1}\n" * 40_000,
        SHOP + "  - {id: T, from: opn, on: a, to: b}\n" * 10_000,
        SHOP + "".join(f"  - {{i{n}: }}\n" for n in range(25_000)),
    ],
)
def test_very_many_mistakes_are_refused_within_seconds(text: str) -> None:
    start = time.perf_counter()

    assert len(refusal(text)) <= 201
    assert time.perf_counter() - start < 10


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    wanted = {".": "is a folder", "none.yaml": "no such file", "pipe.yaml": "not a plain file"}

    for name, why in wanted.items():
        with pytest.raises(FlowFileError, match=why):
            load_yaml(tmp_path / name)


def test_everything_wrong_is_told_at_once_in_file_order() -> None:
    text = SHOP.replace("title: Shop\n", "titl: Shop\n").replace("id: T2", "id: 2")
    text = text.replace("to: lost", "to: lost, actor: selle, when: [paid, paidd], undoes: 9")

    found = [(p.place.line, p.place.column, p.check) for p in refusal(text)]
    assert found == [
        (1, 1, "missing-key"),
        (2, 1, "unknown-key"),
        (8, 10, "wrong-type"),
        (9, 61, "unknown-actor"),
        (9, 81, "unknown-predicate"),
        (9, 97, "out-of-range"),
    ]


def test_every_unknown_name_is_told_with_the_nearest() -> None:
    text = SHOP.replace("success: [done]", "success: [don]").replace(
        "initial: open", "initial: opn"
    )
    text += "timers:\n  - {in: [open, opeen], after: x, fires: y}\nhappy_path: [open, dome]\n"

    assert [p.text for p in refusal(text)] == [
        "unknown status 'opn'; did you mean 'open'?",
        "unknown status 'don'; did you mean 'done'?",
        "unknown status 'opeen'; did you mean 'open'?",
        "unknown status 'dome'; did you mean 'done'?",
    ]


def test_the_status_null_has_to_be_quoted() -> None:
    text = SHOP.replace("lost", "null")

    problems = refusal(text)
    assert all('in quotes: "null"' in problem.text for problem in problems)
    assert (
        "null"
        in parse_flow(text.replace("null]", '"null"]').replace("to: null", 'to: "null"')).state
    )


def test_a_row_becomes_one_transition_for_each_source_event_and_target() -> None:
    flow = with_row(
        "{id: X, from: [open, lost], on: [deny_cancel, accept_cancel],"
        " to: {previous: [open, done]}}"
    )

    ids = [step.id for step in flow.transitions if step.row == "X"]
    assert ids == [
        f"X@{source}:{event}>{target}"
        for source in ("open", "lost")
        for event in ("deny_cancel", "accept_cancel")
        for target in ("open", "done")
    ]
    step = flow.transition["X@lost:accept_cancel>done"]
    assert (step.source, step.event, step.target, step.held) == (
        "lost",
        "accept_cancel",
        "done",
        "done",
    )


def test_parts_of_an_id_are_added_only_where_there_are_several() -> None:
    flow = with_row("{id: X, from: open, on: deny_cancel, to: {previous: [open]}}")

    assert (flow.transition["X"].target, flow.transition["X"].held) == ("open", "open")


def test_same_keeps_the_status_of_each_source() -> None:
    flow = with_row("{id: X, from: [open, done], on: modify_order, to: same}")

    assert {(s.source, s.target) for s in flow.transitions if s.row == "X"} == {
        ("open", "open"),
        ("done", "done"),
    }


def test_an_order_that_does_not_exist_has_no_status_to_keep() -> None:
    (problem,) = refusal(SHOP + "  - {id: X, from: (none), on: modify_order, to: same}\n")

    assert "no status to keep" in problem.text


def test_a_row_says_all_a_transition_knows() -> None:
    step = with_row(
        "{id: X, from: (none), on: place_order, to: open, actor: [seller, support],"
        " automatic: true, when: paid, undoes: [1, 2], profile: [observed], module: m,"
        " source: a, decision: D-1, note: n}"
    ).transition["X"]

    assert step.source == ABSENT
    assert (step.actors, step.automatic, step.when) == (("seller", "support"), True, ("paid",))
    assert (step.undoes, step.profiles) == ((1, 2), frozenset({Profile.OBSERVED}))
    assert (step.module, step.cites, step.decisions, step.note) == ("m", ("a",), ("D-1",), "n")
    assert (step.place.line, step.place.column) == (10, 5)


def test_actors_come_from_the_row_else_from_the_event_else_it_is_the_platform() -> None:
    text = SHOP + "  - {id: X, from: open, on: wave, to: same}\n"
    text += "  - {id: Y, from: open, on: nod, to: same}\n"
    flow = parse_flow(text + "events: {wave: {actors: [carrier], meaning: hello}, nod: }\n")

    assert flow.transition["T1"].actors == load_events()["place_order"].actors
    assert flow.transition["X"].actors == ("carrier",)
    assert flow.transition["Y"].actors == ("platform",)
    assert [(kind.name, kind.meaning) for kind in flow.own_events] == [
        ("wave", "hello"),
        ("nod", ""),
    ]


def test_a_timer_of_several_statuses_is_one_timer_each() -> None:
    flow = parse_flow(
        SHOP + "timers: [{in: [open, lost], after: seller_answer, fires: cancel_order}]\n"
    )

    assert [(t.state, t.after, t.fires) for t in flow.timers] == [
        ("open", "seller_answer", "cancel_order"),
        ("lost", "seller_answer", "cancel_order"),
    ]


def test_states_keep_their_layout_and_place() -> None:
    flow = parse_flow(
        SHOP.replace("done: ,", "done: {node: Done, layout: {lane: -1, row: 2}, starred: true},")
    )

    state = flow.state["done"]
    assert (state.node, state.lane, state.row, state.starred) == ("Done", -1, 2, True)
    assert (state.place.line, state.place.column) == (5, 18)


def test_a_list_is_the_documented_happy_path() -> None:
    flow = parse_flow(SHOP + "happy_path: [open, done]\n")

    assert flow.happy_paths == ((Profile.DOCUMENTED, ("open", "done")),)


def test_the_digest_is_that_of_the_text_whatever_the_line_ends() -> None:
    flow = parse_flow(SHOP)

    assert len(flow.digest) == 16
    assert parse_flow(SHOP.replace("\n", "\r\n")) == flow
    assert parse_flow(SHOP + "# remark\n").digest != flow.digest


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_flow_is_the_same_by_name_and_by_path(name: str) -> None:
    flow = bundled(name)

    by_path = find_flow(str(FOLDER / f"{name}.yaml"))
    assert flow is bundled(name) is find_flow(name)
    assert (flow.name, flow.family) == (by_path.name, by_path.family) == (name, name)
    assert flow.transitions == by_path.transitions
    assert flow.digest == by_path.digest
    assert flow.source == f"orderflow/flows/{name}.yaml"


@pytest.mark.parametrize(("name", "nearest"), [("sellr", "seller"), ("Chain", "chain"), ("\0", "")])
def test_an_unknown_flow_is_told_with_the_bundled_ones(name: str, nearest: str) -> None:
    with pytest.raises(UnknownFlowError) as caught:
        find_flow(name)

    assert caught.value.known == bundled_names()
    assert f"did you mean '{nearest}'" in str(caught.value) or not nearest
    with pytest.raises(UnknownFlowError):
        bundled(name)


def test_a_missing_flow_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FlowFileError, match="no such file"):
        find_flow(str(tmp_path / "mine.yaml"))


def test_a_flow_of_ones_own_has_no_family(tmp_path: Path) -> None:
    path = tmp_path / "seller.yaml"
    path.write_text(SHOP, "utf-8")

    flow = find_flow(str(path))
    assert (flow.family, flow.source) == ("", str(path))


def test_durations_are_the_settings_that_measure_time() -> None:
    assert "cancellation_window" in known_durations()


def answers(text: str | bytes) -> None:
    try:
        parse_flow(text)
    except FlowFileError as error:
        told = len(error.problems)
        assert told > 0


@given(st.text() | st.text(alphabet="[]{}:,-?&*!|>'\"%@#\t\n ~ab<"))
@example("\ud800")
@example("%YAML 3.0\n---\na")
@example("a: !<tag:x> b")
@example('"\\ud800": 1')
def test_any_text_is_a_flow_or_refused(text: str) -> None:
    answers(text)


@given(st.binary())
def test_any_bytes_are_a_flow_or_refused(content: bytes) -> None:
    answers(content)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["open", "T1", "same", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "from", "on", "to", "like", "states"]), inner)
    ),
    max_leaves=8,
)
KEYS = ["flow", "title", "initial", "final", "happy_path", "states", "transitions", "refused"]
KEYS += ["timers", "diagram", "events", "extends", "remove"]


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_mapping_is_a_flow_or_refused(data: dict[str, object]) -> None:
    answers(json.dumps(data))


@given(st.integers(0, len(SHOP)), st.integers(0, 12), st.text(max_size=4))
def test_any_slip_of_the_pen_is_a_flow_or_refused(start: int, length: int, new: str) -> None:
    answers(SHOP[:start] + new + SHOP[start + length :])


@pytest.mark.parametrize("hidden", ["\\x9b", "\\u202e", "\\u200b", "\\ufeff", "\\e"])
def test_a_name_hides_no_character_that_tricks_the_eye(hidden: str) -> None:
    text = f'flow: "a{hidden}b"\ntitle: T\ninitial: x\nstates: {{x: {{}}}}\ntransitions: []\n'

    with pytest.raises(FlowFileError, match=r"<text>:1:7: .*control characters"):
        parse_flow(text)


TYPOS = """\
flow: mine
title: Mine
initial: paid
final: {success: [done], failure: []}
states: {paid: , handling: , done: }
transitions:
  - {id: T1, from: (none), on: place_order, to: paid}
  - {id: T2, from: paid, on: start_handling, to: nowhere}
  - {id: T3, from: paid, on: verify_invoice, to: done, when: paidd}
  - {id: T4, from: handlinq, on: verify_invoice, to: done}
  - {id: T5, from: handling, on: cancel_order, to: done, actor: shoper}
  - {id: T6, from: handling, on: request_cance, to: done}
  - {id: T7, from: handling, on: modify_order, to: same, wen: paid}
"""


def test_a_wrong_shape_does_not_hide_an_unknown_name() -> None:
    problems = refusal(TYPOS)
    places = [
        (number, line.index(word) + 1)
        for number, line in enumerate(TYPOS.splitlines(), 1)
        for word in ("nowhere", "paidd", "handlinq,", "shoper", "wen:")
        if word in line
    ]

    assert [(p.place.line, p.place.column) for p in problems] == places
    assert [problem.text for problem in problems] == [
        "unknown status 'nowhere'; known: paid, handling, done",
        "unknown predicate 'paidd'; did you mean 'paid'?",
        "unknown status 'handlinq'; did you mean 'handling'?",
        "unknown actor 'shoper'; did you mean 'shopper'?",
        "unknown key 'wen'; did you mean 'when'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        ("open: ,", "open: 5,", ["wrong-type"]),
        ("open: ,", "open: {starred: maybe, module: 3},", ["wrong-type", "wrong-type"]),
        ("states: {open: , done: , lost: }", "states: [open, done]", ["wrong-type"]),
        ("states:", "stats:", ["missing-key", "unknown-key"]),
        (
            "title: Shop\ninitial: open",
            "title: Shop\ninitial: far\nextnds: seller",
            ["unknown-key"],
        ),
        ("initial: open", "initial: 3", ["wrong-type"]),
        ("id: T2, ", "", ["missing-key"]),
        ("id: T2, from: open", "id: T1, frm: open", ["missing-key", "unknown-key", "duplicate-id"]),
        ("from: (none)", "form: (none)", ["missing-key", "unknown-key"]),
        ("to: open}", "too: same}", ["missing-key", "unknown-key"]),
        ("from: open, on: v", "from: [3, opn, open], on: v", ["wrong-type", "unknown-status"]),
        ("to: done}", "to: {previous: [4]}}", ["wrong-type"]),
        ("to: done}", "to: {previous: [4, dome]}}", ["wrong-type", "unknown-status"]),
        ("to: lost}", "to: lost, drawn: e}\ndiagrm: [{edge: e}]", ["unknown-key"]),
        ("to: lost}", "to: lost, drawn: e}\ndiagram: [{edge: e, from: a}]", ["missing-key"]),
        ("to: lost}", "to: lost, drawn: e}\ndiagram: [{from: a, to: b}]", ["missing-key"]),
        ("to: lost}", "to: lost, drawn: e}\ndiagram: [5]", ["wrong-type"]),
        ("to: lost}", "to: lots}\ntimers: [{in: opn}]", ["unknown-status", "missing-key"] * 2),
        ("  - {id: T2", "  - 7\n  - {id: T2, odd: 1", ["wrong-type", "unknown-key"]),
    ],
)
def test_what_is_left_out_has_no_consequences(old: str, new: str, checks: list[str]) -> None:
    found = [problem.check for problem in refusal(SHOP.replace(old, new))]

    assert sorted(found) == sorted(checks)


@pytest.mark.parametrize(
    ("tail", "checks"),
    [
        ("remove: {states: [invoiced], rows: 3}\n", ["unknown-key"]),
        ("remov: {states: [invoiced]}\n", ["unknown-key"]),
        ("seen_by: 3\ntransitions: [{id: X, like: S1O, to: nowhere}]\n", None),
    ],
)
def test_an_overlay_with_a_wrong_shape_is_checked_over_its_base(
    tail: str, checks: list[str] | None
) -> None:
    problems = refusal("flow: mine\nextends: seller\n" + tail)

    assert [p.check for p in problems] == (
        checks or ["wrong-type", "unknown-base-row", "unknown-status"]
    )
