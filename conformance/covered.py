"""``assert_covered``: a test of one's own that fails when too little was covered."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from orderflow.conformance.reach import Reach, reach_of
from orderflow.conformance.thresholds import Threshold, thresholds_of, told_unmet, unmet
from orderflow.conformance.vector import Vector
from orderflow.conformance.vector_file import read_vectors
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import find_flow
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search


def assert_covered(
    covered: Vector | str | PathLike[str],
    *,
    flow: str = "",
    transitions: float = 100,
    **percent: float,
) -> None:
    """Fail unless so much of each dimension is covered.

    Args:
        covered: A vector, or a coverage file as ``orderflow check --coverage FILE`` writes it.
        flow: Of a file, look at this flow only; at all of them when empty. What the file knows of
            another text of a flow than that of today does not count.
        transitions: Percent of the transitions, 0 to 100.
        **percent: The same of other dimensions: ``states``, ``pairs``, ``cells``, ``guards``,
            ``triggers``, ``actors``, ``tags``, ``scenarios``. One that is not named may be covered
            or not.

    Raises:
        AssertionError: Too little is covered; tells what is missing, and commands that cover it.
        ThresholdError: A dimension that does not exist, or no percentage.
        CoverageFileError: There is no such file, or it is damaged.

    >>> from orderflow.conformance.vector import Dimension
    >>> both = Dimension("transitions", ("T1", "T2")), Dimension("pairs", ("T1 T2",), ("T2 T2",))
    >>> assert_covered(Vector("shop", "", "documented", (), both), pairs=50)
    """
    __tracebackhide__ = True
    wanted = thresholds_of({"transitions": transitions, **percent})
    lines = [line for vector in _vectors(covered, flow) for line in _lacks(vector, wanted)]
    if lines:
        raise AssertionError("not covered:\n" + "\n".join(lines))


def _lacks(vector: Vector, wanted: Iterable[Threshold]) -> list[str]:
    found = unmet(vector, wanted)
    reach = _reach(vector.source, vector.key) if found else None
    return [line for lacks in found for line in told_unmet(lacks, reach)]


def _vectors(covered: Vector | str | PathLike[str], flow: str) -> tuple[Vector, ...]:
    if isinstance(covered, Vector):
        return (covered,)
    path = Path(covered)
    every = read_vectors(path)
    named = [vector for vector in every if flow in {"", vector.flow}]
    found = tuple(vector for vector in named if _is_current(vector))
    if not found:
        known = ", ".join(sorted({vector.flow for vector in every})) or "no flow"
        told = f"{path} knows nothing of {flow or 'any flow'}; it knows {known}"
        if named:  # their flow files have changed since
            told = (
                f"{path} knows {flow or 'its flows'} only as they were before their files changed"
            )
        raise AssertionError(told)
    return found


def _is_current(vector: Vector) -> bool:
    """Whether the text of the flow is still the same, as far as anybody can tell."""
    digest = _digest(vector.source)
    return digest in {"", vector.digest}


def _digest(source: str) -> str:
    """Digest of the flow as it is now, empty when it cannot be found."""
    try:
        return find_flow(source).digest
    except OrderflowError:
        return ""


def _reach(source: str, key: tuple[str, str, tuple[str, ...], str]) -> Reach | None:
    """What there is to cover in the flow; None when the flow at hand is another one."""
    _, profile, modules, digest = key
    try:
        flow = find_flow(source)
        if flow.digest != digest:
            return None
        return reach_of(search(flow.view(Profile(profile), modules), defaults()))
    except (OrderflowError, ValueError):
        return None
