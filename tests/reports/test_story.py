"""A failure of several documents reads as a sequence in a log of a hundred columns."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep
from orderflow.reports.columns import WIDTH
from orderflow.reports.happenings import Kind, columns, happenings
from orderflow.reports.story import story
from orderflow.reports.words import fold
from tests.reports.builders import partial_invoice
from tests.reports.deals import chain, hostile_race, lost_cancel, race, split

SALES = [race(), lost_cancel(), split(), chain()]
IDS = ["race", "lost", "split", "chain"]


def body(failure: Failure) -> list[str]:
    """The rows with lines of documents."""
    return [line for line in story(failure).splitlines() if re.search("[│┊●✕├┤]", line)]


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_story_fits_a_log_and_has_no_trailing_blanks(failure: Failure) -> None:
    lines = [line for line in story(failure).splitlines() if "replay" not in line]

    assert max(map(len, lines)) <= WIDTH
    assert all(line == line.rstrip() for line in lines)
    assert story(failure).endswith(f"  replay    {failure.replay}\n")


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_every_step_has_a_row_and_the_last_one_is_marked(failure: Failure) -> None:
    text = "\n".join(body(failure))

    for step in failure.trace:
        assert re.search(rf"^  [ ✕] +{step.number}  .*[●✕] ", text, re.MULTILINE)
    last = [line for line in body(failure) if line.startswith("  ✕")]
    assert len(last) == 1
    assert f"✕ {failure.trace[-1].number:>2}" in last[0]


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_every_status_can_be_read_in_its_column(failure: Failure) -> None:
    lines = story(failure).splitlines()
    (head,) = [line for line in lines if tuple(line.split()) == columns(failure)]
    starts = [head.index(f" {name}") + 1 for name in columns(failure)]
    ends = [*starts[1:], WIDTH]
    for step in failure.trace:
        first = next(i for i, line in enumerate(lines) if re.match(f"  [ ✕] +{step.number} ", line))
        place = columns(failure).index(step.participant)
        told = "".join(line[starts[place] : ends[place]] for line in lines[first : first + 7])

        for name in (step.event.replace("advance", "time passes"), step.target):
            assert letters(name) in letters(told)


def letters(text: str) -> str:
    return re.sub("[^a-z]", "", text)


def test_race_tells_who_waits_for_what() -> None:
    text = story(race())

    assert "  deal      marketplace-seller, at market (marketplace flow), transition M14" in text
    assert "11 steps and 5 messages, shrunk from 58 steps" in text
    assert "├──────────────── order ───────────────▶│" in text
    assert "cancel-request #4, no effect" in text
    assert "◁╌──── invoiced, under way ────┤" in text
    assert "+29 days 23 h" in text
    assert "stays in request-cancel" in text


def test_lost_and_doubled_messages_look_different() -> None:
    text = story(lost_cancel())

    assert re.search("├─+ cancel-request, lost ─+✕ +│", text)
    assert re.search("├─+ authorized, twice ─+▶▶│", text)
    assert "  fault     lost-message" in text


def test_arrow_crosses_the_line_of_a_document_it_passes_by() -> None:
    assert re.search("├─+ called-off ─+┼─+▶│", story(chain()))


def test_documents_that_talk_stand_side_by_side() -> None:
    assert columns(split()) == ("seller-a", "order-a", "order-b", "seller-b")
    assert columns(chain()) == ("market", "chain", "seller")


def test_flow_stands_below_the_name_only_where_it_differs() -> None:
    lines = story(race()).splitlines()
    head = next(i for i, line in enumerate(lines) if line.split() == ["market", "seller"])

    assert lines[head + 1].split() == ["(marketplace)"]


def test_single_order_is_told_as_before() -> None:
    step = "✕ 10  49:03  platform     add_invoice_partial: invoice → invoiced"
    assert step in story(partial_invoice())
    assert "│" not in story(partial_invoice())


def test_message_in_one_row_only_where_nothing_comes_between() -> None:
    kinds = [(row.kind, row.message.number) for row in happenings(race()) if row.message]

    assert kinds == [
        (Kind.WHOLE, 1),
        (Kind.SENT, 2),
        (Kind.ARRIVED, 2),
        (Kind.WHOLE, 3),
        (Kind.SENT, 4),
        (Kind.SENT, 5),
        (Kind.ARRIVED, 4),
    ]


TEXT = st.text(max_size=40)
NAMES = st.sampled_from(("market", "seller", "chain"))
STEPS = st.builds(
    TraceStep,
    number=st.integers(1, 9),
    at=st.integers(0, 10**9),
    actor=TEXT,
    event=TEXT,
    source=TEXT,
    target=TEXT,
    accepted=st.booleans(),
    participant=NAMES,
    cause=st.integers(0, 3),
    data=st.tuples(st.tuples(TEXT, TEXT)),
)
MESSAGES = st.builds(
    MessageTrace,
    number=st.integers(1, 99),
    link=TEXT,
    notice=TEXT,
    sender=st.just("market"),
    receiver=st.sampled_from(("seller", "chain")),
    sent=st.integers(0, 9),
    sent_at=st.integers(0, 10**9),
    fate=st.sampled_from(("acted", "ignored", "refused", "lost", "under way")),
    arrived_at=st.integers(-1, 10**9),
    heard=st.lists(st.integers(0, 9), max_size=2).map(tuple),
    doubled=st.booleans(),
)


def sale(steps: list[TraceStep], sent: list[MessageTrace]) -> Failure:
    """A failure of any steps, numbered, and any messages between them."""
    numbered = tuple(replace(step, number=i) for i, step in enumerate(steps, 1))
    messages = tuple(replace(each, number=i) for i, each in enumerate(sent, 1))
    return replace(race(), trace=numbered, messages=messages)


@given(st.lists(STEPS, max_size=4), st.lists(MESSAGES, max_size=4))
def test_any_sale_can_be_told(steps: list[TraceStep], sent: list[MessageTrace]) -> None:
    text = story(sale(steps, sent))

    assert all(line == line.rstrip() and len(line) <= WIDTH for line in text.splitlines())
    assert "\x1b" not in text
    for i in range(1, len(steps) + 1):
        assert re.search(rf"^  [ ✕] {i:>2}  ", text, re.MULTILINE)


def test_hostile_texts_stay_in_their_columns() -> None:
    lines = story(hostile_race()).splitlines()

    assert max(len(line) for line in lines) <= WIDTH


@example("   _", 3)
@given(st.text(alphabet="ab_- ", max_size=60), st.integers(3, 30))
def test_folded_text_keeps_its_letters(text: str, room: int) -> None:
    lines = fold(text, room)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= room for line in lines)
