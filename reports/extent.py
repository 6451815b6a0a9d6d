"""How much a page tells of each flow and each deal: less where many failures need the room.

What a failure is understood by stays: its panel, the diagram of its flow, the rows of the
transitions it names. What is left out is named in its place, with the command that shows it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from markupsafe import Markup

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.reports.embedded import LIMIT
from orderflow.reports.page_flows import DealPart, FlowPart
from orderflow.reports.tables import Matrix, StepGroup

PAGE_SIZE = 495_000
"""Bytes of a page with a few dozen failures; with thousands of them their list adds to it."""
WANTED = 140_000
"""Bytes that panels shall have: for so much the rest of the page becomes shorter."""

_LINK = re.compile(r"</?a\b[^<>]*>")
"""Links of a diagram lead to rows of the table of transitions."""
_LESS = 40_000
_FRAME = 40_000
_PANEL = 20_000
_ROW = 600
_MOST_ROWS = 40
_STEP = 320
_MOST_STEPS = 60
_PART = 700
_GONE = 300
_MOST_GONE = 200


@dataclass(frozen=True, slots=True)
class Extent:
    """What a page has room for.

    Attributes:
        embedded: Bytes of the verdict inside it.
        passed: All tables of flows and deals in which nothing failed.
        failed: All tables of the others.
        drawn: Diagrams of flows and deals in which nothing failed.
    """

    embedded: int = LIMIT
    passed: bool = True
    failed: bool = True
    drawn: bool = True


EXTENTS = (
    Extent(),
    Extent(_LESS),
    Extent(_LESS, passed=False),
    Extent(_LESS, passed=False, failed=False),
    Extent(_LESS, passed=False, failed=False, drawn=False),
)
"""From everything to the least."""


def wanted(shown: Sequence[Failure]) -> int:
    """Return the bytes that the panels of the failures *shown* shall have."""
    return min(_PANEL * len(shown), WANTED)


def room_for_parts(verdict: Verdict, shown: Sequence[Failure], changes: Changes | None) -> int:
    """Return the bytes that panels, flows, deals and the embedded verdict may take together.

    The rest is for the frame of the page: styles, tiles, lists and settings.
    """
    longest = max((len(failure.trace) for failure in shown), default=0)
    lists = _ROW * min(len(verdict.failures), _MOST_ROWS) + _STEP * min(longest, _MOST_STEPS)
    if changes is not None:
        lists += _GONE * sum(
            min(len(gone), _MOST_GONE) for gone in (changes.fixed, changes.unasked)
        )
    return PAGE_SIZE - _FRAME - _PART * len(verdict.flows + verdict.deals) - lists


def flow_within(
    extent: Extent, part: FlowPart, verdict: Verdict, shown: Sequence[Failure]
) -> FlowPart:
    """Return what the page tells of a flow, the failures *shown* being those with a panel."""
    suite = part.found.suite
    passed = not part.failures and not part.warnings and (suite is None or suite.conforms)
    if not (extent.passed if passed else extent.failed):
        part = _brief_flow(part, frozenset(_named(part, shown)))
    if passed and not extent.drawn and part.picture:
        part = replace(part, picture=Markup(""), left_out=(*part.left_out, "the diagram"))
    source = part.found.source or part.found.name
    return replace(part, again=_again(verdict, source)) if part.left_out else part


def deal_within(extent: Extent, part: DealPart, verdict: Verdict) -> DealPart:
    """Return what the page tells of a deal."""
    passed = not part.failures and not part.warnings
    if part.news and not (extent.passed if passed else extent.failed):
        part = replace(part, news=(), left_out=(f"the table of its {len(part.news)} news",))
    if passed and not extent.drawn and part.picture:
        part = replace(part, picture=Markup(""), left_out=(*part.left_out, "the diagram"))
    name, source = part.found.name, part.found.source
    # one that ships has its name for a source, and may share it with a flow
    asked = source if source and source != name else f"deal:{name}"
    return replace(part, again=_again(verdict, asked)) if part.left_out else part


def _brief_flow(part: FlowPart, named: frozenset[str]) -> FlowPart:
    """Leave out the matrix, and of the transitions those that nothing of the page names."""
    groups = tuple(_brief_groups(part.groups, named))
    kept, of = (sum(len(group.rows) for group in each) for each in (groups, part.groups))
    texts = []
    if part.matrix.rows:
        texts.append("the table of every status × every event")  # noqa: RUF001
    if kept < of:
        texts.append(
            f"{of - kept} of the {of} transitions, those that were taken and broke nothing"
            if kept
            else f"the table of its {of} transitions"
        )
    return replace(
        part,
        groups=groups,
        matrix=Matrix((), ()),
        picture=Markup(_LINK.sub("", part.picture)),  # noqa: S704 - our own picture
        left_out=tuple(texts),
    )


def _brief_groups(groups: Sequence[StepGroup], named: frozenset[str]) -> Iterator[StepGroup]:
    for group in groups:
        rows = group.rows
        if group.row not in named:
            rows = tuple(row for row in rows if row.id in named)
        if rows:
            yield replace(group, rows=rows)


def _named(part: FlowPart, shown: Sequence[Failure]) -> Iterator[str]:
    """Return the transitions, by id or row, that a failure or the list of gaps names."""
    yield from part.broken
    yield from (gap.id for gap in part.gaps)
    for failure in shown:
        flows = dict(failure.participants)
        if failure.flow == part.found.name:
            yield failure.transition
        for step in failure.trace:
            if flows.get(step.participant, failure.flow) == part.found.name:
                yield step.transition


def _again(verdict: Verdict, asked: str) -> str:
    """Return the command of the run for one flow or deal, empty when it was another verb's."""
    try:
        words = shlex.split(verdict.command)
    except ValueError:  # a command that somebody else wrote into the verdict
        return ""
    if words[:2] != ["orderflow", "check"]:
        return ""
    return shlex.join([*words[:2], asked, *dropwhile(_is_name, words[2:])])


def _is_name(word: str) -> bool:
    return not word.startswith("-")
