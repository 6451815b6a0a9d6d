"""Coverage files gather what several runs and processes covered: nothing is lost, nothing is half
written, and a damaged file is told with the place and left as it is."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from orderflow.conformance.vector import Dimension, Vector
from orderflow.conformance.vector_file import (
    SCHEMA,
    CoverageFileError,
    add_vectors,
    parse_vectors,
    read_vectors,
    render_vectors,
)
from tests.conformance.vectors import VECTORS, a_vector

ROOT = Path(__file__).parents[2]
ADDS = """\
import sys
from pathlib import Path
from orderflow.conformance.vector import Dimension, Vector
from orderflow.conformance.vector_file import add_vectors

path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    found = Dimension("pairs", (f"{name}-{number:03}",))
    add_vectors(path, [Vector("shop", "0123456789abcdef", "documented", (), (found,))])
"""


def states(*covered: str, missing: tuple[str, ...] = ()) -> Dimension:
    return Dimension("states", covered, missing)


@given(VECTORS)
def test_a_file_reads_back(vector: Vector) -> None:
    assert parse_vectors(render_vectors([vector])) == (vector,)


def test_the_same_vectors_give_the_same_bytes_in_any_order() -> None:
    one, two = a_vector(states("a")), a_vector(states("a"), flow="seller")

    assert render_vectors([one, two]) == render_vectors([two, one])


def test_a_file_is_made_and_then_added_to(tmp_path: Path) -> None:
    path = tmp_path / "c.json"

    add_vectors(path, [a_vector(states("a", missing=("b", "c")))])
    kept = add_vectors(path, [a_vector(states("b", missing=("a", "c")))])

    assert kept.vectors == read_vectors(path) == (a_vector(states("a", "b", missing=("c",))),)
    assert [each.name for each in tmp_path.iterdir()] == ["c.json"]


def test_views_of_one_flow_are_kept_apart(tmp_path: Path) -> None:
    path, one = tmp_path / "c.json", a_vector(states("a"))
    others = [a_vector(states("b"), profile="observed"), a_vector(states("b"), modules=("wms",))]

    add_vectors(path, [one])
    kept = add_vectors(path, others)

    assert len(kept.vectors) == 3
    assert kept.stale == ()
    assert kept.like(one).dimensions == (states("a"),)


def test_what_is_known_of_another_text_is_kept_and_told(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    old, new = a_vector(states("a"), digest="0" * 16), a_vector(states("b"), digest="1" * 16)

    add_vectors(path, [old, a_vector(states("z"), flow="seller")])
    kept = add_vectors(path, [new])

    assert kept.stale == (old,)
    assert {vector.key for vector in kept.vectors} >= {old.key, new.key}
    assert kept.like(new).dimensions == (states("b"),)


def edited(**changes: object) -> str:
    document = json.loads(render_vectors([a_vector(states("a"))]))
    document["flows"][0].update(changes)
    return json.dumps(document)


def with_states(**changes: object) -> str:
    whole = {"covered": ["a"], "missing": [], "unreachable": {}}
    return edited(dimensions={"states": whole | changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"c\.json:1:1: is not JSON"),
        ('{"schema":\n  oops}', r"c\.json:2:3: is not JSON"),
        ("[]", r"c\.json: the file is not an object"),
        ('{"schema": "orderflow/coverage/9", "flows": []}', r"schema is 'orderflow/coverage/9'"),
        (json.dumps({"schema": SCHEMA}), r"flows is not a list"),
        (edited(flow=3), r"flows\[0\]\.flow is 3, not text"),
        (edited(dimensions=[]), r"flows\[0\]\.dimensions is not an object"),
        (edited(dimensions={"pears": {}}), r"no dimension 'pears'; did you mean 'pairs'"),
        (with_states(covered="a"), r"flows\[0\]\.dimensions\.states\.covered is not a list"),
        (with_states(missing=["x", 1]), r"states\.missing\[1\] is 1, not text"),
        (with_states(unreachable={"x": 1}), r"states\.unreachable\.x is 1, not text"),
        (with_states(progress={"x": [3, 2]}), r"states\.progress\.x is not \[steps passed, steps"),
        ("[" * 100_000, r"c\.json: is nested too deeply"),
    ],
)
def test_a_damaged_file_is_told_with_its_place_and_left_as_it_is(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)

    with pytest.raises(CoverageFileError, match=said):
        add_vectors(path, [a_vector(states("a"))])

    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["c.json"]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(b"\xff\xfe")

    with pytest.raises(CoverageFileError, match="is not UTF-8"):
        read_vectors(tmp_path / "c.json")


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(CoverageFileError, match="No such file or directory"):
        add_vectors(tmp_path / "nowhere" / "c.json", [a_vector(states("a"))])


def test_what_stands_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("c.json")

    add_vectors(tmp_path / "link", [a_vector(states("a"))])

    assert (tmp_path / "link").is_symlink()
    assert read_vectors(tmp_path / "c.json") == (a_vector(states("a")),)


def test_processes_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    path, names, count = tmp_path / "c.json", ("one", "two", "three"), 25
    running = [
        subprocess.Popen([sys.executable, "-c", ADDS, str(path), name, str(count)], cwd=ROOT)
        for name in names
    ]

    codes = [each.wait(timeout=60) for each in running]

    assert codes == [0, 0, 0]
    (vector,) = read_vectors(path)
    assert len(vector.dimension("pairs").covered) == len(names) * count
    assert [each.name for each in tmp_path.iterdir()] == ["c.json"]


def test_waiting_for_another_process_ends_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    add_vectors(path, [a_vector(states("a"))])
    before = path.read_bytes()
    with (tmp_path / ".c.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(CoverageFileError, match=r"busy with it for 0\.05 s"):
            add_vectors(path, [a_vector(states("b"))], patience=0.05)

    assert path.read_bytes() == before


def test_a_lock_left_behind_by_a_process_that_died_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / ".c.json.lock").write_text("")

    add_vectors(tmp_path / "c.json", [a_vector(states("a"))], patience=0.05)

    assert read_vectors(tmp_path / "c.json") == (a_vector(states("a")),)


def test_a_lock_that_was_thrown_away_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, asked, real = tmp_path / ".c.json.lock", [], fcntl.flock

    def flock(held: int, operation: int) -> None:
        asked.append(held)
        if len(asked) < 3:  # whoever had it is done just now; then somebody else makes a new one
            lock.unlink()
            if len(asked) > 1:
                lock.touch()
        real(held, operation)

    monkeypatch.setattr(fcntl, "flock", flock)

    add_vectors(tmp_path / "c.json", [a_vector(states("a"))])

    assert len(asked) == 3
    assert read_vectors(tmp_path / "c.json") == (a_vector(states("a")),)
