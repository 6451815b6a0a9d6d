"""Whether an integration had the occasion to do something, and what it did to an order."""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    CANCELS,
    INVOICES,
    NUMBERS,
    STARTS,
    is_output,
)
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import Story, reached_before

READY = "ready-for-handling"

EFFECTS = (*STARTS, *INVOICES, *CANCELS, *NUMBERS)
"""Calls by which a seller moves an order on."""

_SHIPMENT = "shipment"
_OVER = frozenset({"cancel", "canceled"})


def went_on(seen: Seen, line: Line) -> Line | None:
    """The line by which an integration had its time to act on *line*, None when it had not.

    In a scenario that is its end, if the feed was read again before it; else the second next read.
    A scenario that the wall clock ended says nothing of what was not done by then.
    """
    reads = seen.reads_after(line)
    end = seen.end_of(line)
    if end is not None:
        enough = reads and reads[0].number < end.number
        return end if enough and end.text("ending") != "out-of-time" else None
    return reads[1] if len(reads) > 1 else None


def held_up(seen: Seen, line: Line) -> bool:
    """Whether something stood in the way of the key of *line*, until it read the feed again."""
    reads = seen.reads_after(line)
    return any(seen.troubles(line.key, line.number, reads[0].number if reads else None))


def second_effect(story: Story, news: Line) -> tuple[Line, Line] | None:
    """What was done to an order once more, after *news* had come: the first time and the second.

    Only what was told to have worked the first time counts, and only what has no sense twice.
    """
    return next((pair for pair in _repeated(story) if reached_before(news, pair[1])), None)


def first_effect(story: Story) -> Line | None:
    """The first thing that was done to an order, with success; None when nothing was."""
    found = (*story.calls(*EFFECTS), *story.records(_SHIPMENT))
    done = (each for each in found if each.kind == "record" or each.told_success)
    return min(done, key=lambda each: each.number, default=None)


def _repeated(story: Story) -> Iterator[tuple[Line, Line]]:
    yield from _started_again(story)
    yield from _invoiced_again(story)
    yield from _canceled_again(story)
    yield from _shipped_again(story)


def _started_again(story: Story) -> Iterator[tuple[Line, Line]]:
    first: Line | None = None
    for call in story.calls(*STARTS):
        if first is not None and call.before != READY:
            yield first, call
        elif call.told_success:
            first = call


def _invoiced_again(story: Story) -> Iterator[tuple[Line, Line]]:
    known: dict[str, Line] = {}
    billed, worth = 0, max((each.whole("value") or 0 for each in story.steps), default=0)
    for call in story.calls(*INVOICES):
        if not is_output(call):
            continue
        number = call.text("number")
        if number in known:
            if known[number].told_success:
                yield known[number], call
            continue
        if call.worked:
            billed += call.whole("cents") or 0
            if known and 0 < worth < billed:
                yield next(reversed(known.values())), call
            known[number] = call


def _canceled_again(story: Story) -> Iterator[tuple[Line, Line]]:
    first: Line | None = None
    for call in story.calls(*CANCELS):
        if first is not None and call.before in _OVER:
            yield first, call
        elif call.told_success:
            first = call


def _shipped_again(story: Story) -> Iterator[tuple[Line, Line]]:
    """Another tracking number for the same parcel, or more shipments than parcels."""
    known: dict[str, Line] = {}
    for call in story.calls(*NUMBERS):
        first = known.get(call.path)
        if first is not None and first.text("body") != call.text("body"):
            yield first, call
        elif first is None and call.told_success:
            known[call.path] = call
    sold = [each for each in story.calls(*INVOICES) if each.worked and is_output(each)]
    parcels = len({each.text("number") for each in sold})
    shipments = story.records(_SHIPMENT)
    if 0 < parcels < len(shipments):
        yield shipments[parcels - 1], shipments[parcels]
