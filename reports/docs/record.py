"""What is ours in a folder of documentation: a list of files, kept beside them as a file itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orderflow.flows.errors import OrderflowError
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.pictures import Form

RECORD = "orderflow-docs.json"
"""Name of the file."""

_VERSION = 1
_ABOUT = "The files that `orderflow docs` made here, and how; they are written anew by it."


class RecordError(OrderflowError):
    """A record that cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was made, and of what.

    Attributes:
        flows: Words that name the flows: one that ships, or the path of a file as seen from the
            folder.
        forms: What was written.
        flavor: The renderer of the pages.
        files: Paths of the files below the folder, sorted, the record itself left out.
    """

    flows: tuple[str, ...]
    forms: tuple[Form, ...]
    flavor: Flavor
    files: tuple[str, ...]


def render_record(record: Record) -> str:
    """Write a record as JSON."""
    data = {
        "about": _ABOUT,
        "version": _VERSION,
        "flows": list(record.flows),
        "formats": list(record.forms),
        "flavor": record.flavor,
        "files": list(record.files),
    }
    return json.dumps(data, indent=2) + "\n"


def parse_record(text: str, *, source: str) -> Record:
    """Read what :func:`render_record` wrote.

    Raises:
        RecordError: It is not such a text.
    """
    try:
        data = json.loads(text)
        if data["version"] != _VERSION:
            raise RecordError(f"{source}: version {data['version']!r} is not {_VERSION}; {_ADVICE}")
        return Record(
            _texts(data["flows"]),
            tuple(map(Form, _texts(data["formats"]))),
            Flavor(data["flavor"]),
            tuple(filter(_is_below, _texts(data["files"]))),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{source}: is not a list of files of ours: {error}; {_ADVICE}") from None


_ADVICE = "name another folder, or remove this file and what was made"


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts is wanted")
    return tuple(value)


def _is_below(path: str) -> bool:
    """Whether a path stays in its folder: a record made by somebody else leads nowhere else."""
    return not path.startswith("/") and "\\" not in path and ".." not in path.split("/")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the files in a folder stand to those that should be there.

    Attributes:
        missing: Paths of files that are not there.
        stale: Paths of files with another content.
        superfluous: Paths of files of ours that nothing asks for any more.
        foreign: Paths at which somebody else's file is in the way.
    """

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    superfluous: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.missing or self.stale or self.superfluous or self.foreign)


def standing(
    wanted: Mapping[str, bytes], present: Mapping[str, bytes], ours: Iterable[str]
) -> Standing:
    """Compare what should be in a folder with what is.

    Args:
        wanted: The files that should be there, by path.
        present: The files that are, as far as they are wanted or ours.
        ours: Paths of the files that were made before.
    """
    known = {*ours, RECORD}
    differing = [
        path
        for path, data in wanted.items()
        if path in present and not _same(path, data, present[path])
    ]
    return Standing(
        missing=tuple(path for path in wanted if path not in present),
        stale=tuple(path for path in differing if path in known),
        superfluous=tuple(sorted(known & present.keys() - wanted.keys())),
        foreign=tuple(path for path in differing if path not in known),
    )


def _same(path: str, one: bytes, other: bytes) -> bool:
    """Whether two files say the same; a checkout may have changed the line ends of a text."""
    if one == other or path.endswith(".png"):
        return one == other
    return one == other.replace(b"\r\n", b"\n")
