"""All that a trace tells of one order: what befell it, what was called about it, what was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orderflow.conformance.integration.line import Line, Row

if TYPE_CHECKING:
    from orderflow.conformance.integration.rule import Sighting
    from orderflow.conformance.integration.seen import Seen

_GROUP = "order-group/"
_CUT_SHORT = frozenset({"out-of-time", "not-run", "skipped"})


@dataclass(frozen=True, slots=True)
class Moment:
    """One line, as far as it is about one order.

    Attributes:
        line: The line.
        row: What a read of the feed, or a commit, says of the order; None when the line as a whole
            is about it.
    """

    line: Line
    row: Row | None = None

    @property
    def is_item(self) -> bool:
        """Whether it is an item in a read of the feed."""
        return self.row is not None and bool(self.row.text("event"))

    @property
    def is_commit(self) -> bool:
        """Whether it is a handle in a commit that removed the item."""
        return self.row is not None and self.row.text("was") == "live" and self.line.worked

    @property
    def committed(self) -> str:
        """Status that the committed item told of, empty when none was."""
        return self.row.text("state") if self.row is not None and self.is_commit else ""

    def called(self, *operations: str) -> bool:
        """Whether it is a call of one of *operations* about the order alone."""
        return self.row is None and self.line.kind == "call" and self.line.operation in operations

    @property
    def read(self) -> str | None:
        """Status that Get order showed, None when it is no such answer."""
        if self.row is not None or not self.line.told_success or self.line.kind != "call":
            return None
        shown = inner(self.line, "shown")
        return None if shown is None else shown.text("status")

    @property
    def told(self) -> str:
        """Status that the integration was told, by whatever way; empty when it was told none."""
        if self.read:
            return self.read
        if self.row is not None:
            return self.row.text("state") if self.is_item else ""
        is_delivery = self.line.kind == "delivery" and self.line.status == 200  # noqa: PLR2004
        return self.line.text("state") if is_delivery else ""


@dataclass(slots=True)
class Story:
    """One order from its first step, or its first line, on.

    Attributes:
        order_id: The order.
        moments: In the order of the trace.
        end: Line at which its scenario was over. None in a trace without scenarios, and when the
            integration was not given the time it was to have: what it has not done by then says
            nothing.
        last: Last line of the trace.
    """

    order_id: str
    moments: list[Moment] = field(default_factory=list)
    end: Line | None = None
    last: Line | None = None

    @property
    def first(self) -> Line | None:
        """The order's first step, None when the trace does not have it."""
        found = next(self.steps, None)
        return found if found is not None and not found.before else None

    @property
    def steps(self) -> Iterator[Line]:
        """The steps that it took."""
        return (each.line for each in self.moments if each.line.kind == "step")

    @property
    def flow(self) -> str:
        """The flow it follows, empty when unknown."""
        first = next(self.steps, None)
        return "" if first is None else first.text("flow")

    @property
    def status(self) -> str:
        """Where it stood in the end, empty when unknown."""
        found = ""
        for step in self.steps:
            found = step.after
        return found

    def calls(self, *operations: str) -> tuple[Line, ...]:
        """Calls about it of *operations*."""
        return tuple(each.line for each in self.moments if each.called(*operations))

    def deliveries(self, what: str) -> tuple[Line, ...]:
        """What it was delivered of that name."""
        found = (each.line for each in self.moments if each.line.kind == "delivery")
        return tuple(each for each in found if each.operation == what)

    def records(self, *what: str) -> tuple[Line, ...]:
        """What the integration told of its own books."""
        found = (each.line for each in self.moments if each.line.kind == "record")
        return tuple(each for each in found if each.text("what") in what)


def stories(lines: Iterable[Line]) -> tuple[Story, ...]:
    """The orders of a trace, by their first line; an id that is used anew is another order."""
    lines = tuple(lines)
    found: list[Story] = []
    current: dict[str, Story] = {}
    groups: dict[str, list[Story]] = {}
    items: dict[tuple[str, str], Row] = {}
    for line in lines:
        for order_id, moment in _moments(line, items):
            story = current.get(order_id)
            if story is None or (line.kind == "step" and not line.before and any(story.steps)):
                story = current[order_id] = Story(order_id)
                found.append(story)
            story.moments.append(moment)
            if line.kind == "step" and not line.before and line.text("group"):
                groups.setdefault(line.text("group"), []).append(story)
        for story in groups.get(_group_of(line), ()):
            story.moments.append(Moment(line))
    _tell_ends(found, lines)
    return tuple(found)


def _moments(line: Line, items: dict[tuple[str, str], Row]) -> Iterator[tuple[str, Moment]]:
    """The orders that a line is about; *items* are those read so far, by key and handle."""
    if line.order_id:
        yield line.order_id, Moment(line)
    if line.kind != "call":
        return
    for row in line.rows("items"):
        if row.text("order"):
            items[line.key, row.text("handle")] = row
            yield row.text("order"), Moment(line, row)
    for row in line.rows("handles"):
        known = items.get((line.key, row.text("handle")))
        about = Row({**known.values, **_said(row), "event": ""}) if known else row
        if about.text("order"):
            yield about.text("order"), Moment(line, about)


def _said(row: Row) -> Mapping[str, object]:
    return {name: value for name, value in row.values.items() if value}


def _group_of(line: Line) -> str:
    """The group whose orders a call reads, empty when it reads none."""
    if line.kind != "call" or not line.told_success or _GROUP not in line.operation:
        return ""
    return line.path.rpartition("/")[2]


def _tell_ends(found: Iterable[Story], lines: tuple[Line, ...]) -> None:
    over = {each.scenario: each for each in lines if each.kind == "end"}
    for story in found:
        story.last = lines[-1]
        end = over.get(story.moments[0].line.scenario)
        if end is not None and had_its_time(end):
            story.end = end


def had_its_time(end: Line) -> bool:
    """Whether a scenario was played to its end, so that what was not done there was left out."""
    return end.text("ending") not in _CUT_SHORT


def each_story(
    check: Callable[[Story], Iterable[Sighting]],
) -> Callable[[Seen], Iterator[Sighting]]:
    """A check of a whole trace from that of one order."""

    def whole(seen: Seen) -> Iterator[Sighting]:
        for story in seen.stories:
            for each in check(story):
                yield replace(each, order_id=story.order_id)

    return whole


def inner(line: Line, name: str) -> Row | None:
    """The fact of that name as an object, None when it is none."""
    found = line.facts.get(name)
    return Row(found) if isinstance(found, dict) else None


def reached_before(delivery: Line, line: Line) -> bool:
    """Whether what was delivered had arrived when a call came in.

    A line stands where it was over and known, so what an integration does in answer to a delivery
    may stand before it.
    """
    if delivery.number < line.number:
        return True
    return delivery.took > 0 and delivery.began <= line.began
