"""A trace put in order for the rules: by order, by call, and by feed item."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, takewhile

from orderflow.conformance.integration.line import Line, Row
from orderflow.conformance.integration.story import Story, stories
from orderflow.conformance.rule import CANC

START = "POST /api/oms/pvt/orders/{orderId}/start-handling"
INVOICE = "POST /api/oms/pvt/orders/{orderId}/invoice"
CANCEL = "POST /api/oms/pvt/orders/{orderId}/cancel"
ORDER = "GET /api/oms/pvt/orders/{orderId}"
LIST = "GET /api/oms/pvt/orders"
READ = "GET /api/orders/feed"
COMMIT = "POST /api/orders/feed"
CONFIGURE = "POST /api/orders/feed/config"
"""Operations by the name that lines give them."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery of a feed item.

    Attributes:
        line: The read that brought it.
        handle: Mark of its handle.
        row: What the read said of it: ``order``, ``state``, ``last``, ``delivery``.
    """

    line: Line
    handle: str
    row: Row


@dataclass(frozen=True, slots=True)
class Committed:
    """One handle in a commit.

    Attributes:
        line: The commit.
        was: ``live``, ``late``, ``replaced``, ``gone`` or ``unknown``.
        handle: Mark of the handle.
    """

    line: Line
    was: str
    handle: str = ""


@dataclass(slots=True)
class FeedItem:
    """The life of one feed item, from its first delivery on.

    Attributes:
        event_id: Mark of the event.
        order_id: Order it is about.
        state: Status it tells of.
        key: End of the name of the key whose feed it is in.
        deliveries: Oldest first; at least one.
        commits: Those that named one of its handles, oldest first.
    """

    event_id: str
    order_id: str
    state: str
    key: str = ""
    deliveries: list[Delivered] = field(default_factory=list)
    commits: list[Committed] = field(default_factory=list)

    @property
    def committed(self) -> Line | None:
        """The commit that removed it, None when none did."""
        found = (each.line for each in self.commits if each.was == "live")
        return next((each for each in found if each.worked), None)


@dataclass(frozen=True)
class Seen:
    """A trace, with what the rules ask of it.

    Args:
        lines: The trace, in its order.
    """

    lines: tuple[Line, ...]

    @cached_property
    def calls(self) -> tuple[Line, ...]:
        """What the integration called, in the order in which the sandbox answered."""
        return tuple(each for each in self.lines if each.kind == "call")

    @cached_property
    def deliveries(self) -> tuple[Line, ...]:
        """What the sandbox called, in the order in which it was over."""
        return tuple(each for each in self.lines if each.kind == "delivery")

    @cached_property
    def _by_operation(self) -> Mapping[str, tuple[Line, ...]]:
        return _grouped(self.calls, "operation")

    @cached_property
    def _by_order(self) -> Mapping[str, tuple[Line, ...]]:
        return _grouped((each for each in self.lines if each.order_id), "order_id")

    @cached_property
    def _by_number(self) -> Mapping[int, Line]:
        return {each.number: each for each in self.lines}

    def of(self, *operations: str) -> tuple[Line, ...]:
        """Calls of one of *operations*, in order."""
        if len(operations) == 1:
            return self._by_operation.get(operations[0], ())
        return tuple(each for each in self.calls if each.operation in operations)

    def line(self, number: int) -> Line:
        """The line of that number.

        Raises:
            KeyError: There is none.
        """
        return self._by_number[number]

    @cached_property
    def order_ids(self) -> tuple[str, ...]:
        """Orders that are in the trace, by their first line."""
        return tuple(self._by_order)

    def about(self, order_id: str, *operations: str) -> tuple[Line, ...]:
        """Lines about an order; of calls only, and those of *operations*, if any are named."""
        found = self._by_order.get(order_id, ())
        if not operations:
            return found
        return tuple(each for each in found if each.operation in operations and _is_call(each))

    def history(self, order_id: str, until: int | None = None) -> tuple[Line, ...]:
        """Steps of an order, up to the line *until* inclusive."""
        return tuple(
            each
            for each in self._by_order.get(order_id, ())
            if each.kind == "step" and (until is None or each.number <= until)
        )

    def status(self, order_id: str, number: int) -> str:
        """Status of an order when the line *number* was over, empty when the trace has none."""
        steps = self.history(order_id, number)
        return steps[-1].after if steps else ""

    def value(self, order_id: str, number: int | None = None) -> int | None:
        """Value in cents of an order at the line *number*, or at the end; None when unknown."""
        known = [each.whole("value") for each in self.history(order_id, number)]
        return next((each for each in reversed(known) if each is not None), None)

    def canceled(self, order_id: str, number: int | None = None) -> bool:
        """Whether somebody had begun to cancel an order by the line *number*, or at all."""
        return any(each.after in CANC for each in self.history(order_id, number))

    def end_of(self, line: Line) -> Line | None:
        """The line at which the scenario of *line* was over, None in a trace without any."""
        ends = self._ends.get(line.scenario, ())
        return next((each for each in ends if each.number >= line.number), None)

    def after(self, line: Line, *operations: str) -> Iterator[Line]:
        """Calls of *operations*, or any, that came in after *line* in the same scenario."""
        for each in self.of(*operations) if operations else self.calls:
            if each.number > line.number and each.scenario == line.scenario:
                yield each

    @cached_property
    def _ends(self) -> Mapping[str, tuple[Line, ...]]:
        return _grouped((each for each in self.lines if each.kind == "end"), "scenario")

    @cached_property
    def by_key(self) -> Mapping[str, tuple[Line, ...]]:
        """Calls by the end of their key's name."""
        return _grouped(self.calls, "key")

    @cached_property
    def reads(self) -> Mapping[str, tuple[Line, ...]]:
        """Reads of the feed that were answered with items or none, by key."""
        return _grouped((each for each in self.of(READ) if each.told_success), "key")

    @cached_property
    def _troubles(self) -> Mapping[str, tuple[Line, ...]]:
        return _grouped((each for each in self.calls if is_trouble(each)), "key")

    def reads_after(self, line: Line) -> tuple[Line, ...]:
        """The next two reads of the feed by the key of *line* that were answered after it."""
        return tuple(islice(_after(self.reads.get(line.key, ()), line.number), 2))

    def troubles(self, key: str, begin: int, end: int | None = None) -> Iterator[Line]:
        """What stood in the way of *key* between two lines, or from one on."""
        found = _after(self._troubles.get(key, ()), begin)
        return takewhile(lambda each: end is None or each.number < end, found)

    def call_after(self, line: Line) -> Line | None:
        """The next call of the key of *line* that came in when that was answered."""
        later = _after(self.by_key.get(line.key, ()), line.number)
        return next((each for each in later if each.began >= line.wall), None)

    @cached_property
    def crashes(self) -> tuple[Line, ...]:
        """Where the integration ended by itself."""
        clients = (each for each in self.lines if each.kind == "client")
        return tuple(each for each in clients if each.text("what") == "ended")

    def scale(self, line: Line) -> float:
        """How much faster than usual the scenario of *line* lets the integration's time pass."""
        return self._scales.get(line.scenario, 1.0)

    @cached_property
    def _scales(self) -> Mapping[str, float]:
        told = ((each, each.facts.get("scale")) for each in self.lines if each.kind == "scenario")
        return {
            each.scenario: float(scale)
            for each, scale in told
            if isinstance(scale, int | float) and scale >= 1
        }

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The orders of the trace, each with all that is told of it."""
        return stories(self.lines)

    @cached_property
    def items(self) -> tuple[FeedItem, ...]:
        """Feed items that were delivered, by their first delivery."""
        found: dict[tuple[str, str], FeedItem] = {}
        by_handle: dict[tuple[str, str], FeedItem] = {}
        for line in self.of(READ, COMMIT):
            if line.operation == READ:
                for row in line.rows("items"):
                    item = _item(found, line, row)
                    by_handle[line.key, row.text("handle")] = item
                    item.deliveries.append(Delivered(line, row.text("handle"), row))
                continue
            for row in line.rows("handles"):
                known = by_handle.get((line.key, row.text("handle")))
                if known is not None:
                    known.commits.append(Committed(line, row.text("was"), row.text("handle")))
        return tuple(found.values())

    @cached_property
    def read_together(self) -> Mapping[tuple[int, str], tuple[FeedItem, ...]]:
        """Items by the line of the read that brought them first, and their order."""
        return _together(self.items)


def _together(items: Iterable[FeedItem]) -> Mapping[tuple[int, str], tuple[FeedItem, ...]]:
    found: dict[tuple[int, str], list[FeedItem]] = {}
    for item in items:
        place = (item.deliveries[0].line.number, item.order_id)
        found.setdefault(place, []).append(item)
    return {place: tuple(each) for place, each in found.items()}


def _item(found: dict[tuple[str, str], FeedItem], line: Line, row: Row) -> FeedItem:
    place = (line.key, row.text("event"))
    if place not in found:
        found[place] = FeedItem(row.text("event"), row.text("order"), row.text("state"), line.key)
    return found[place]


def _grouped(lines: Iterable[Line], name: str) -> Mapping[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(getattr(line, name), []).append(line)
    return {key: tuple(each) for key, each in found.items()}


def _after(lines: tuple[Line, ...], number: int) -> Iterator[Line]:
    begin = bisect_right(lines, number, key=lambda each: each.number)
    return (lines[place] for place in range(begin, len(lines)))


_TRYING_AGAIN = frozenset({0, 401, 403, 408, 429})
_SERVER_ERROR = 500


def is_trouble(line: Line) -> bool:
    """Whether a call was answered so that it has to be repeated, later or in another way."""
    return line.status in _TRYING_AGAIN or line.status >= _SERVER_ERROR


def _is_call(line: Line) -> bool:
    return line.kind == "call"
