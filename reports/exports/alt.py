"""The picture of a flow in words, for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.exports.handles import status_names
from orderflow.reports.exports.visible import visible
from orderflow.reports.layout import spine

_FLOW = "The table of transitions says by which event, by whom and when."
_DRAWING = "The table of lines says which transitions stand for each."


def alt_text(flow: Flow, *, drawing: bool = False) -> str:
    """Say in one paragraph what the picture of *flow* shows: every line, by where it leads.

    Events and actors are left to the table of transitions, which says so.

    Args:
        flow: The flow.
        drawing: It stands for a drawing of the platform's, of boxes and lines.
    """
    seen = visible(flow)
    path = spine(seen)
    sentences = [
        f"State diagram: {seen.title or seen.name}, {facts_of(seen, drawing=drawing)}.",
        _undisturbed(path),
        *_begins(seen),
        *_elsewhere(seen, path),
        *_kept(seen),
        *_ends(seen),
        _DRAWING if drawing else _FLOW,
    ]
    return " ".join(filter(None, sentences))


def facts_of(flow: Flow, *, drawing: bool = False) -> str:
    """Return profile, modules and size of *flow* in words, of a drawing its size."""
    statuses = sum(name != ABSENT for name in status_names(flow))
    steps = len(flow.transitions)
    if drawing:
        return f"{_many(statuses, 'box', 'boxes')}, {_many(steps, 'line', 'lines')}"
    profile = f"{flow.profile} profile" if flow.profile else "all profiles"
    modules = f" with {_listed(flow.modules)}" if flow.modules else ""
    size = f"{_many(statuses, 'status', 'statuses')}, {_many(steps, 'transition', 'transitions')}"
    return f"{profile}{modules}: {size}"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _undisturbed(path: tuple[str, ...]) -> str:
    return f"An undisturbed order runs through {_listed(path)}." if path else ""


def _begins(flow: Flow) -> Iterable[str]:
    first = dict.fromkeys(step.target for step in flow.transitions if step.creates)
    if first:
        yield f"An order begins in {_listed(first, 'or')}."


def _elsewhere(flow: Flow, path: tuple[str, ...]) -> Iterable[str]:
    """Tell of every line beside the path, by the status it leads to."""
    told = set(pairwise(path))
    sources: dict[str, dict[str, None]] = {}
    for step in flow.transitions:
        apart = step.source not in {step.target, ABSENT}
        if apart and (step.source, step.target) not in told:
            sources.setdefault(step.target, {})[step.source] = None
    ways = [f"to {target} from {_listed(leaving)}" for target, leaving in sources.items()]
    if ways:
        yield f"{'Further lines' if path else 'Lines'} lead {'; '.join(ways)}."


def _kept(flow: Flow) -> Iterable[str]:
    names = dict.fromkeys(s.source for s in flow.transitions if s.source == s.target)
    if names:
        yield f"Some events keep the order in {_listed(names)}."


def _ends(flow: Flow) -> Iterable[str]:
    for words, names in (
        ("Success", flow.success),
        ("Failure", flow.failure),
        ("Closed without deciding the sale", flow.closed),
    ):
        if names:
            yield f"{words}: {_listed(names)}."


def _listed(names: Iterable[str], word: str = "and") -> str:
    """Return names as a list in words.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last
