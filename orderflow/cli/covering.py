"""What a run covered: added to a file, compared with what is required, and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orderflow.cli.coverage_options import required
from orderflow.cli.output import say
from orderflow.conformance.reach import Reach, reach_of
from orderflow.conformance.thresholds import Unmet, told_unmet, unmet
from orderflow.conformance.vector import Dimension, Vector
from orderflow.conformance.vector_file import add_vectors
from orderflow.conformance.verdict import FlowVerdict
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.space import search

_MOST_NAMED = 3


def vector_from(found: FlowVerdict) -> Vector:
    """The coverage vector of what a run found for one flow."""
    view = found.name, found.digest, found.profile, tuple(sorted(found.modules))
    return Vector(*view, found.vector, found.source)


@dataclass(frozen=True, slots=True)
class Covering:
    """What was covered, and what of it is too little.

    Attributes:
        path: File it was added to, None for none.
        vectors: What is covered of each flow of this run, by all runs the file knows of.
        stale: What the file knows of other texts of these flows.
        lacks: Thresholds that are not reached.
        asked: Somebody asked for it, so that it must be told.
    """

    path: Path | None
    vectors: tuple[Vector, ...]
    stale: tuple[Vector, ...]
    lacks: tuple[Unmet, ...]
    asked: bool

    @property
    def met(self) -> bool:
        """Whether as much is covered as is required."""
        return not self.lacks

    def tell(self, flows: Mapping[str, Flow], settings: Settings, *, quiet: bool = False) -> None:
        """Print a table for each flow, what is missing, and how to cover it.

        Args:
            flows: The viewed flows, by the words that named them.
            settings: Time limits of the run.
            quiet: Stdout is for something else: no table, and what is missing goes to stderr.
        """
        for vector in self.stale:
            known = f"of {vector.view} with digest {vector.digest or 'none'}"
            say(f"{self.path}: keeps coverage {known}, of which the file has changed", err=True)
        if self.asked and not quiet:
            for vector in self.vectors:
                say("\n".join(table(vector, self.path)))
        if self.lacks:
            say("\n".join(self._gaps(flows, settings)), err=quiet)

    def _gaps(self, flows: Mapping[str, Flow], settings: Settings) -> Iterable[str]:
        reaches: dict[str, Reach] = {}
        for lacks in self.lacks:
            word = lacks.vector.source
            if word in flows and word not in reaches:
                reaches[word] = reach_of(search(flows[word], settings))
            first, *rest = told_unmet(lacks, reaches.get(word), settings)
            yield f"NOT COVERED: {first}"
            yield from rest


def cover(found: Iterable[FlowVerdict], path: Path | None, require: str) -> Covering:
    """Add what a run covered to the file at *path*, and compare it with what is required.

    Raises:
        CoverageFileError: The file is damaged or cannot be written.
    """
    vectors, thresholds = tuple(map(vector_from, found)), required(require)
    stale: tuple[Vector, ...] = ()
    if path is not None:
        kept = add_vectors(path, vectors)
        vectors, stale = tuple(kept.like(vector) for vector in vectors), kept.stale
    lacks = tuple(each for vector in vectors for each in unmet(vector, thresholds))
    return Covering(path, vectors, stale, lacks, bool(path or thresholds))


def table(vector: Vector, path: Path | None = None) -> list[str]:
    """A vector as lines for a terminal, a dimension each."""
    where = f" in all runs that {path} knows of" if path else ""
    width = max((len(each.figure) for each in vector.dimensions), default=0)
    rows = [
        f"  {each.name:<12}{each.figure:<{width}}  {_gap(each)}".rstrip()
        for each in vector.dimensions
    ]
    return [f"coverage of {vector.view}{where}:", *rows]


def _gap(dimension: Dimension) -> str:
    got = {
        item: f"{item} ({passed} of {steps} steps)" for item, passed, steps in dimension.progress
    }
    named = [got.get(item, item) for item in dimension.missing[:_MOST_NAMED]]
    rest = len(dimension.missing) - len(named)
    more = f" and {rest} more" if rest else ""
    return f"missing: {', '.join(named)}{more}" if named else ""
