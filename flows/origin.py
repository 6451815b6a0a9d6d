"""Where a flow file comes from, and which file it extends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orderflow.flows.errors import did_you_mean
from orderflow.flows.files import is_file

FOLDER = Path(__file__).parent
BUNDLED = ("marketplace", "seller", "complete", "chain")
"""Names of the flows that come with orderflow."""

MAX_EXTENDS = 16
"""Longest chain of files that extend one another."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text of a flow file comes from.

    Attributes:
        source: File name for messages.
        folder: Folder of the file, if any.
        bundled: Name of the bundled flow it is, or empty.
        trail: Files that extend it, and itself, outermost first.
    """

    source: str
    folder: Path | None = None
    bundled: str = ""
    trail: tuple[Path, ...] = ()


def origin_of(path: Path, trail: tuple[Path, ...] = ()) -> Origin:
    """Return the origin of the file at *path*, which the files of *trail* extend."""
    real = path.resolve()
    ours = real.parent == FOLDER.resolve() and real.suffix == ".yaml" and real.stem in BUNDLED
    return Origin(str(path), path.parent, real.stem if ours else "", (*trail, real))


def bundled_origin(name: str) -> Origin:
    """Return the origin of a bundled flow, named alike wherever orderflow is installed."""
    return Origin(f"orderflow/flows/{name}.yaml", FOLDER, name)


def find_base(extends: str, origin: Origin) -> Path | str:
    """Return the file that *extends* names, or why there is none, in words."""
    if not extends.endswith((".yaml", ".yml")):
        hint = did_you_mean(extends, BUNDLED) or f"; there are {', '.join(BUNDLED)}."
        return f"no bundled flow {extends!r}{hint} A file of your own ends in .yaml"
    if origin.folder is None:
        return f"{extends!r} is a path, and this text lies in no folder to start from"
    path = origin.folder / extends
    if not is_file(path):
        return f"there is no file {extends!r} beside this one"
    if path.resolve() in origin.trail:
        circle = (*origin.trail[origin.trail.index(path.resolve()) :], path)
        return f"the file extends itself: {' -> '.join(file.name for file in circle)}"
    if len(origin.trail) >= MAX_EXTENDS:
        return f"more than {MAX_EXTENDS} files extend one another"
    return path
