"""Coverage files: the vectors of several flows, gathered over runs and over processes.

A file is one JSON document. To add to it is to read it, merge, and put a new one in its place,
under a lock beside it, so that of two processes that add at once neither loses anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from orderflow.conformance.vector import DIMENSIONS, Dimension, Vector, dimension_of, merge
from orderflow.flows.errors import OrderflowError, Place, did_you_mean

SCHEMA = "orderflow/coverage/1"

PATIENCE = 30.0
"""Seconds to wait for another process to be done with the file."""

_PAUSE = 0.02


class CoverageFileError(OrderflowError):
    """A coverage file that cannot be read or written; whatever stands there is left as it is.

    Attributes:
        place: Where in which file.
        reason: What is wrong.
    """

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason


class Kept(NamedTuple):
    """What stands in a coverage file after something was added.

    Attributes:
        vectors: All of it, sorted.
        stale: Entries of the flows that were added, for another text of the flow.
    """

    vectors: tuple[Vector, ...]
    stale: tuple[Vector, ...]

    def like(self, vector: Vector) -> Vector:
        """What the file knows of the flow, view and text of *vector*, which was added to it."""
        return next(each for each in self.vectors if each.key == vector.key)


def render_vectors(vectors: Iterable[Vector]) -> str:
    """Write vectors as a coverage file; the same vectors give the same bytes."""
    flows = [
        {
            "flow": vector.flow,
            "profile": vector.profile,
            "modules": list(vector.modules),
            "digest": vector.digest,
            "source": vector.source,
            "dimensions": {each.name: _plain(each) for each in vector.dimensions},
        }
        for vector in sorted(vectors, key=lambda vector: vector.key)
    ]
    return json.dumps({"schema": SCHEMA, "flows": flows}, ensure_ascii=False, indent=1) + "\n"


def _plain(dimension: Dimension) -> dict[str, object]:
    plain: dict[str, object] = {
        "covered": list(dimension.covered),
        "missing": list(dimension.missing),
        "unreachable": dict(dimension.unreachable),
    }
    if dimension.progress:
        plain["progress"] = {item: [passed, steps] for item, passed, steps in dimension.progress}
    return plain


def parse_vectors(text: str, *, source: str = "<text>") -> tuple[Vector, ...]:
    """Read what :func:`render_vectors` wrote.

    Raises:
        CoverageFileError: The text is no such document; says where.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(source, error.lineno, error.colno)
        raise CoverageFileError(place, f"is not JSON: {error.msg}") from None
    except RecursionError:
        raise CoverageFileError(Place(source), "is nested too deeply") from None
    reader = _Reader(source)
    top = reader.record(document, "the file")
    if top.get("schema") != SCHEMA:
        reader.refuse("schema", f"is {top.get('schema')!r}, this version reads {SCHEMA!r}")
    return tuple(
        reader.vector(raw, f"flows[{number}]")
        for number, raw in enumerate(reader.listed(top.get("flows"), "flows"))
    )


class _Reader:
    """Takes a document apart; says where what is wrong stands."""

    def __init__(self, source: str) -> None:
        self.source = source

    def refuse(self, where: str, reason: str) -> NoReturn:
        """Raise."""
        raise CoverageFileError(Place(self.source), f"{where} {reason}")

    def record(self, raw: object, where: str) -> dict[str, object]:
        """*raw* as an object."""
        return raw if isinstance(raw, dict) else self.refuse(where, "is not an object")

    def listed(self, raw: object, where: str) -> list[object]:
        """*raw* as a list."""
        return raw if isinstance(raw, list) else self.refuse(where, "is not a list")

    def text(self, raw: object, where: str) -> str:
        """*raw* as text."""
        return raw if isinstance(raw, str) else self.refuse(where, f"is {raw!r}, not text")

    def texts(self, raw: object, where: str) -> tuple[str, ...]:
        """*raw* as a list of texts."""
        pairs = enumerate(self.listed(raw, where))
        return tuple(self.text(each, f"{where}[{number}]") for number, each in pairs)

    def steps(self, raw: object, where: str) -> tuple[int, int]:
        """*raw* as steps passed and steps."""
        match self.listed(raw, where):
            case [int(passed), int(steps)] if 0 <= passed <= steps:
                return passed, steps
            case _:
                return self.refuse(where, "is not [steps passed, steps]")

    def vector(self, raw: object, where: str) -> Vector:
        """*raw* as what is known of one flow."""
        entry = self.record(raw, where)
        flow, digest, profile, source = (
            self.text(entry.get(name), f"{where}.{name}")
            for name in ("flow", "digest", "profile", "source")
        )
        modules = self.texts(entry.get("modules"), f"{where}.modules")
        place = f"{where}.dimensions"
        counted = self.record(entry.get("dimensions"), place)
        for name in counted:
            if name not in DIMENSIONS:
                hint = did_you_mean(name, DIMENSIONS) or "."
                self.refuse(place, f"has no dimension {name!r}{hint}")
        known = [name for name in DIMENSIONS if name in counted]
        found = (self.dimension(name, counted[name], f"{place}.{name}") for name in known)
        return Vector(flow, digest, profile, modules, tuple(found), source)

    def dimension(self, name: str, raw: object, where: str) -> Dimension:
        """*raw* as one dimension."""
        entry = self.record(raw, where)
        lost = self.record(entry.get("unreachable"), f"{where}.unreachable")
        progress = self.record(entry.get("progress", {}), f"{where}.progress")
        return dimension_of(
            name,
            covered=self.texts(entry.get("covered"), f"{where}.covered"),
            reachable=self.texts(entry.get("missing"), f"{where}.missing"),
            unreachable=[
                (item, self.text(why, f"{where}.unreachable.{item}")) for item, why in lost.items()
            ],
            progress={
                item: self.steps(each, f"{where}.progress.{item}")
                for item, each in progress.items()
            },
        )


def read_vectors(path: Path) -> tuple[Vector, ...]:
    """Read a coverage file.

    Raises:
        CoverageFileError: There is none, or it is damaged.
    """
    with _of_the_system(path):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise CoverageFileError(Place(str(path)), f"is not UTF-8: {error.reason}") from None
    return parse_vectors(text, source=str(path))


def add_vectors(path: Path, vectors: Iterable[Vector], *, patience: float = PATIENCE) -> Kept:
    """Merge *vectors* into the file at *path*, a new one if there is none yet.

    The file is replaced whole or not at all. Entries of other flows, and of other texts of the
    same flow, stay.

    Raises:
        CoverageFileError: The file is damaged, cannot be written, or another process did not let
            go of it in time; it is as it was then.
    """
    new = tuple(vectors)
    target = path.resolve()
    with _of_the_system(path), _locked(target, path, patience):
        old = read_vectors(path) if target.exists() else ()
        named: dict[object, list[Vector]] = {}
        for vector in (*old, *new):
            named.setdefault(vector.key, []).append(vector)
        every = tuple(sorted(map(merge, named.values()), key=lambda vector: vector.key))
        _replace(target, render_vectors(every))
    return Kept(every, _stale(every, new))


def _stale(every: Iterable[Vector], new: tuple[Vector, ...]) -> tuple[Vector, ...]:
    digests: dict[str, set[str]] = {}
    for vector in new:
        digests.setdefault(vector.flow, set()).add(vector.digest)
    return tuple(
        vector for vector in every if vector.digest not in digests.get(vector.flow, {vector.digest})
    )


def _replace(target: Path, text: str) -> None:
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _of_the_system(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = Place(str(path))
        raise CoverageFileError(place, f"cannot be used: {error.strerror or error}") from None


@contextmanager
def _locked(target: Path, path: Path, patience: float) -> Iterator[None]:
    """Keep other processes from the file; a process that dies lets go of it."""
    lock = target.with_name(f".{target.name[:100]}.lock")
    until = time.monotonic() + patience
    while (held := _taken(lock)) is None:
        if time.monotonic() > until:
            told = f"another process has been busy with it for {patience:g} s"
            raise CoverageFileError(Place(str(path)), told)
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # before letting go, so that nobody gets a lock on it
        os.close(held)


def _taken(lock: Path) -> int | None:
    """A descriptor that holds the lock; None when somebody else does."""
    held = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(held).st_ino == lock.stat().st_ino:
            return held
    except (BlockingIOError, FileNotFoundError):  # held, or thrown away by who had it before us
        pass
    except BaseException:
        os.close(held)
        raise
    os.close(held)
    return None
