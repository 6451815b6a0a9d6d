"""The failures of a page: which get a panel of their own, and which a line in a list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from orderflow.conformance.baseline import Changes, Key, key_of
from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep, Verdict
from orderflow.reports.grouped import grouped
from orderflow.reports.groups import Group, Shelf
from orderflow.reports.marks import anchor_of
from orderflow.reports.page_text import drawn, render
from orderflow.reports.pictures import FlowPicture, failure_svg
from orderflow.reports.sequence import sequence_view
from orderflow.reports.sketches import sketch, swimlanes
from orderflow.reports.story import story
from orderflow.reports.words import short

MOST_PANELS = 24
"""So many groups of failures get a panel at most; of the rest the page lists what and how."""
LEAST_ROOM = 60_000
"""Bytes that panels may take on the largest of pages; the first is shown whatever it takes."""
MOST_BESIDE = 8
"""So many further failures at the same place are told within its panel."""
MOST_STEPS = 150
"""So many steps of a trace are shown, the last ones."""
LIST_SIZE = 900_000
"""Characters that the list of further failures may take."""
MOST_OF_A_STORY = 20_000
"""Characters of a failure as plain text."""
_KEPT = 20_000
"""Characters that a shelf leaves to each one after it, so that none goes without a panel."""
_ROW = 200
_LINK = re.compile(r'<a href="#([^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class StepPart:
    """One step as a panel shows it.

    Attributes:
        step: The step.
        waited: Virtual ms since the step before, 0 for the first.
        heard: The message that made it happen, None when none did.
        tells: The messages it sent.
        last: It is the one that broke the rule.
        link: Anchor of the transition it took, empty when the page has none.
    """

    step: TraceStep
    waited: int
    heard: MessageTrace | None
    tells: tuple[MessageTrace, ...]
    last: bool
    link: str


@dataclass(frozen=True, slots=True)
class FailurePart:
    """One group of failures as the page shows it: the first in full, the others in short.

    Attributes:
        number: 1 for the first.
        failure: The failure.
        beside: Others at the same place.
        since: ``new`` or ``known`` since an earlier run, empty when there was none.
        steps: Its steps.
        skipped: Steps before them that are not shown.
        picture: Diagram with the trace, or the sequence of a deal, or "".
        sketch: Small picture of the failing step, or "".
        lanes: Timeline of the trace, or "".
        text: A deal's failure as plain text.
        headline: The heading of the page tells it already.
        link: Anchor of the transition at which it broke, empty when the page has none.
    """

    number: int
    failure: Failure
    beside: tuple[Failure, ...]
    since: str
    steps: tuple[StepPart, ...]
    skipped: int
    picture: Markup
    sketch: Markup
    lanes: Markup
    text: str
    headline: bool
    link: str


@dataclass(frozen=True, slots=True)
class Tabs:
    """The panels of one shelf.

    Attributes:
        title: What its failures have in common.
        what: More about it, or empty.
        count: How many failures those are, with a panel or without.
        parts: The panels.
    """

    title: str
    what: str
    count: int
    parts: tuple[FailurePart, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """The failures without a panel.

    Attributes:
        lists: Those that the page lists, shelf by shelf, each with ``new`` or ``known`` when there
            was an earlier run.
        unlisted: (flow or deal, how many) of those that are only counted.
    """

    lists: tuple[tuple[str, tuple[tuple[Failure, str], ...]], ...]
    unlisted: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """Failures that are listed."""
        return sum(len(rows) for _, rows in self.lists)


@dataclass(frozen=True, slots=True)
class Failures:
    """All failures of a page.

    Attributes:
        tabs: The panels, shelf by shelf.
        html: The panels, written.
        rest: The failures without one.
    """

    tabs: tuple[Tabs, ...]
    html: Markup
    rest: Rest

    @property
    def parts(self) -> tuple[FailurePart, ...]:
        """All panels."""
        return tuple(part for tab in self.tabs for part in tab.parts)

    @property
    def longest(self) -> int:
        """Steps of the longest trace that is shown."""
        return max((len(part.steps) for part in self.parts), default=0)


def candidates(found: Iterable[Shelf]) -> tuple[Failure, ...]:
    """Return the failures that may get a panel."""
    shelves = tuple(found)
    firsts = [shelf.groups[0].first for shelf in shelves]
    others = [group.first for shelf in shelves for group in shelf.groups[1:]]
    return (*firsts, *others)[:MOST_PANELS]


def failures_of(
    verdict: Verdict,
    found: Sequence[Shelf],
    pictures: Mapping[str, FlowPicture],
    changes: Changes | None,
    *,
    room: int,
    anchors: frozenset[str],
) -> Failures:
    """Write as many panels as there is room for, and list the rest.

    Args:
        verdict: What the run found.
        found: Its failures, in the order of the page.
        pictures: The diagrams of the flows, by name.
        changes: The run laid beside an earlier one.
        room: Bytes that are left for panels.
        anchors: The transitions that the page has a row for.
    """
    since = changes.words if changes else {}
    writer = _Writer(verdict, pictures, since, anchors, max(room, LEAST_ROOM))
    tabs = tuple(
        Tabs(shelf.title, shelf.what, shelf.count, parts)
        for i, shelf in enumerate(found)
        if (parts := tuple(writer.panels(shelf, len(found) - 1 - i)))
    )
    return Failures(tabs, Markup("\n").join(map(drawn, writer.texts)), writer.listed())


class _Writer:
    """Writes panels until there is no room left, and remembers what got none."""

    def __init__(
        self,
        verdict: Verdict,
        pictures: Mapping[str, FlowPicture],
        since: Mapping[Key, str],
        anchors: frozenset[str],
        room: int,
    ) -> None:
        self.room = self.left = room
        self.most = MOST_PANELS
        self.verdict = verdict
        self.pictures = pictures
        self.since = since
        self.anchors = anchors
        self.texts: list[str] = []
        self.rest: dict[str, list[Failure]] = {}
        self.full = False

    def panels(self, shelf: Shelf, later: int) -> Iterator[FailurePart]:
        """Write the panels of one shelf, as far as there is room with *later* shelves to come."""
        kept = min(_KEPT, self.room // (2 * later + 2)) * later
        self.full = False
        self.left, self.most = self.room - kept, max(MOST_PANELS - later, 1)
        rest = self.rest.setdefault(shelf.title, [])
        for group in shelf.groups:
            part = None if self.full else self._written(group)
            if part is None:
                rest += group.failures
            else:
                rest += group.failures[1 + MOST_BESIDE :]
                yield part

    def _written(self, group: Group) -> FailurePart | None:
        number = len(self.texts) + 1
        part = self._part(group, number)
        text = render("panel.html.j2", part=part, since=self.since, key_of=key_of)
        size = sum(len(each.encode("utf-8", "replace")) for each in (*self.texts, text))
        self.full = number > 1 and (number > self.most or size > self.left)
        if self.full:
            return None
        self.texts.append(text)
        return part

    def _part(self, group: Group, number: int) -> FailurePart:
        failure, name = group.first, f"failure-{number}"
        cut = replace(failure, trace=failure.trace[-MOST_STEPS:])
        own = failure.deal == "" and failure.flow in self.pictures and bool(failure.trace)
        picture = self._way(cut, name) if own else ""
        return FailurePart(
            number=number,
            failure=failure,
            beside=group.failures[1 : 1 + MOST_BESIDE],
            since=self.since.get(key_of(failure), ""),
            steps=tuple(self._steps(cut)),
            skipped=len(failure.trace) - len(cut.trace),
            picture=drawn(grouped(_sequence(cut, name)) if failure.deal else picture),
            sketch=drawn(sketch(failure, name=f"{name}-sketch")),
            lanes=drawn("" if failure.deal else swimlanes(cut.trace, name=f"{name}-lanes")),
            text=short(story(failure), MOST_OF_A_STORY) if failure.deal else "",
            headline=number == 1 and failure is self.verdict.failures[0],
            link=self._link(failure.flow, failure.transition),
        )

    def _way(self, failure: Failure, name: str) -> str:
        """Draw the trace on its flow; labels of rows that the page does not have are no links."""
        picture = failure_svg(self.pictures[failure.flow], failure, name=name)
        known = self.anchors | {f"{name}-step-{step.number}" for step in failure.trace}
        return _LINK.sub(lambda link: link[0] if link[1] in known else link[2], picture)

    def _steps(self, failure: Failure) -> Iterator[StepPart]:
        messages = {message.number: message for message in failure.messages}
        flows = dict(failure.participants)
        before = failure.trace[0].at if failure.trace else 0
        for step in failure.trace:
            yield StepPart(
                step,
                waited=step.at - before,
                heard=messages.get(step.cause),
                tells=tuple(each for each in failure.messages if each.sent == step.number),
                last=step is failure.trace[-1],
                link=self._link(flows.get(step.participant, failure.flow), step.transition),
            )
            before = step.at

    def _link(self, flow: str, transition: str) -> str:
        anchor = anchor_of(flow, transition)
        return anchor if transition and anchor in self.anchors else ""

    def listed(self) -> Rest:
        """Return the failures without a panel: as rows while there is room, then as counts."""
        lists: dict[str, list[tuple[Failure, str]]] = {}
        unlisted: Counter[str] = Counter()
        size = 0
        pairs = ((shelf, failure) for shelf, rest in self.rest.items() for failure in rest)
        for title, failure in pairs:
            size += _ROW + len(failure.identity) + len(failure.replay) + len(failure.sentence)
            if size > LIST_SIZE:
                unlisted[failure.deal or failure.flow] += 1
            else:
                row = (failure, self.since.get(key_of(failure), ""))
                lists.setdefault(title, []).append(row)
        told = ((title, tuple(rows)) for title, rows in lists.items())
        return Rest(tuple(told), tuple(unlisted.items()))


def _sequence(failure: Failure, name: str) -> str:
    return sequence_view(failure, name=name, steps=f"{name}-step")
