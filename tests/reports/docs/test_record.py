"""The list of our files keeps ours apart from those of others, and leads nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.pictures import Form
from orderflow.reports.docs.record import (
    RECORD,
    Record,
    RecordError,
    Standing,
    parse_record,
    render_record,
    standing,
)

_paths = st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}\.(md|svg))?", fullmatch=True)
_files = st.dictionaries(_paths, st.binary(max_size=3), max_size=4)


@given(
    st.builds(
        Record,
        st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
        st.lists(st.sampled_from(Form)).map(tuple),
        st.sampled_from(Flavor),
        st.lists(_paths).map(tuple),
    )
)
def test_a_record_reads_back(record: Record) -> None:
    assert parse_record(render_record(record), source="x") == record


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2}', '{"version": 1, "flows": "seller"}', "nonsense", "null"],
)
def test_what_is_no_record_is_refused_and_named(text: str) -> None:
    with pytest.raises(RecordError, match=r"docs/x\.json: .*another folder"):
        parse_record(text, source="docs/x.json")


def test_a_record_leads_to_no_file_outside_of_its_folder() -> None:
    record = Record((), (), Flavor.PLAIN, ("a.md",))
    data = json.loads(render_record(record))
    data["files"] += ["../x", "/etc/passwd", "a/../../x", "..\\x"]

    assert parse_record(json.dumps(data), source="x").files == ("a.md",)


def test_every_file_is_told_by_how_it_stands() -> None:
    wanted = {"new.md": b"1", "same.md": b"2", "old.md": b"3", "theirs.md": b"4", "equal.md": b"5"}
    there = {"same.md": b"2", "old.md": b"x", "theirs.md": b"x", "equal.md": b"5", "gone.md": b"6"}

    found = standing(wanted, there, ["same.md", "old.md", "gone.md", "lost.md"])

    assert found == Standing(("new.md",), ("old.md",), ("gone.md",), ("theirs.md",))
    assert not found.current


def test_line_ends_of_a_checkout_are_no_difference_but_bytes_of_a_picture_are() -> None:
    wanted = {"a.md": b"1\n2\n", "a.png": b"1\n2\n"}
    present = {"a.md": b"1\r\n2\r\n", "a.png": b"1\r\n2\r\n"}

    assert standing(wanted, present, wanted).stale == ("a.png",)


@given(_files, _files, st.lists(_paths))
def test_files_of_others_are_never_stale_and_never_superfluous(
    wanted: dict[str, bytes], present: dict[str, bytes], ours: list[str]
) -> None:
    found = standing(wanted, present, ours)

    touched = {*found.stale, *found.superfluous}
    assert touched <= {*ours, RECORD}
    assert standing(wanted, wanted, wanted).current
