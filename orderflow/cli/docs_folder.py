"""The folder that ``orderflow docs`` writes to: what of it is ours, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from orderflow.cli.output import OutputError, whole
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file, read_file
from orderflow.reports.docs.record import RECORD, Record, RecordError, Standing, parse_record


def last_record(folder: Path) -> Record | None:
    """What was made in *folder* the last time, None for nothing.

    Raises:
        OrderflowError: Its record cannot be read.
    """
    path = folder / RECORD
    if not is_file(path):
        return None
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError:
        raise RecordError(f"{path}: is not UTF-8; name another folder") from None
    return parse_record(text, source=str(path))


def present(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """What stands in those files of *folder* that are there."""
    found: dict[str, bytes] = {}
    for path in dict.fromkeys(paths):
        place = folder / path
        try:
            if place.exists():
                found[path] = place.read_bytes()
        except OSError as error:
            raise OutputError(f"{place}: cannot be read: {error.strerror}") from None
    return found


def told_standing(folder: Path, found: Standing, own: Iterable[Path]) -> Iterator[str]:
    """Name every file that is not as it should be, a line each; then how to mend it."""
    kinds = (
        ("missing", found.missing),
        ("stale", found.stale),
        ("superfluous", found.superfluous),
        ("in the way", found.foreign),
    )
    lines = [f"{kind}: {folder / path}" for kind, paths in kinds for path in paths]
    lines += [f"stale: {path}" for path in own]
    yield from lines
    many = "1 file is" if len(lines) == 1 else f"{len(lines)} files are"
    mend = f"; `orderflow docs {folder}` mends that"
    yield f"{folder}: {many} not fresh{mend}" if lines else f"{folder}: all files are fresh"


def refuse_foreign(folder: Path, found: Standing) -> None:
    """Raise when files of somebody else stand where ours belong.

    Raises:
        OrderflowError: Names each of them.
    """
    if found.foreign:
        told = "was not made by orderflow docs; move it away, or name another folder"
        raise OrderflowError("\n".join(f"{folder / path}: {told}" for path in found.foreign))


def write(
    folder: Path, wanted: Mapping[str, bytes], found: Standing, own: Mapping[Path, str]
) -> None:
    """Write what is missing or stale, all of it or nothing, then remove what is superfluous.

    Raises:
        OutputError: Something cannot be written.
    """
    changed = {folder / path: wanted[path] for path in (*found.missing, *found.stale)}
    changed |= {path: text.encode() for path, text in own.items()}
    with ExitStack() as opened:
        for path, data in changed.items():
            _make(path.parent)
            file = opened.enter_context(whole(path))
            file.buffer.write(data)
            file.flush()
    for name in found.superfluous:
        _remove(folder, folder / name)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None


def _remove(folder: Path, path: Path) -> None:
    """Remove a file of ours, and the folders that it leaves empty."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be removed: {error.strerror}") from None
    with suppress(OSError):  # somebody else's file is in it
        for parent in path.parents:
            if parent == folder:
                break
            parent.rmdir()
