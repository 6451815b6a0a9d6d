"""B-01 to B-04: what an integration does with the items of its feed.

Source: domain fact sheet "Conformance rules", section B.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.occasion import EFFECTS, READY, held_up, went_on
from orderflow.conformance.integration.operations import (
    CHANGE,
    DENY,
    OLD_CHANGE,
    READS,
    STARTS,
    answered,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import (
    COMMIT,
    CONFIGURE,
    START,
    Delivered,
    FeedItem,
    Seen,
)

_ACTS = (*EFFECTS, DENY, CHANGE, OLD_CHANGE)
"""Calls that show that a status has a meaning for an integration."""

_SHORTEST_VISIBILITY = 30
"""Seconds for which a read item is hidden at least. Source: D-A6."""

_MS = 1000
_DELAY = "http.apply_then_delay"
_OTHER_OFFSET = "answer.other_offset"


def _left(seen: Seen, item: FeedItem) -> Line | None:
    """The line by which an item was left in the feed for good; None when it was not, or may not."""
    last = item.deliveries[-1]
    if item.committed is not None or _is_named(item, last):
        return None
    by = went_on(seen, last.line)
    if by is None or held_up(seen, last.line):
        return None
    later = seen.troubles(item.key, last.line.number)
    if any(each.operation == COMMIT or each.order_id == item.order_id for each in later):
        return None
    return by


def _is_named(item: FeedItem, delivered: Delivered) -> bool:
    """Whether a commit that was taken named what a delivery brought."""
    return any(each.handle == delivered.handle and each.line.worked for each in item.commits)


def _commit_each(seen: Seen) -> Iterator[Sighting]:
    orphans = {id(each) for each in _unanswered(seen)}
    committing = {item.key for item in seen.items if item.committed is not None}
    for item in seen.items:
        commit = item.committed
        if commit is not None:
            yield kept(item.deliveries[-1].line, commit, order_id=item.order_id)
        elif id(item) not in orphans or item.key not in committing:
            yield from _uncommitted(seen, item)


def _uncommitted(seen: Seen, item: FeedItem) -> Iterator[Sighting]:
    by = _left(seen, item)
    if by is None:
        return
    times = len(item.deliveries)
    often = f", though it came {times} times" if times > 1 else ""
    yield broken(
        item.deliveries[-1].line,
        by,
        order_id=item.order_id,
        told=f"never commits the feed item {item.state or 'null'} of an order{often}",
        instead="POST /api/orders/feed with the handle of every item that was read, in time",
    )


def _unanswered(seen: Seen) -> Iterator[FeedItem]:
    """Items that were left because their status has no handler, as far as that can be told.

    Of such a status nothing was committed ever, and nothing was done about the order in it, though
    the integration is at work: it commits other items, or acts on this order in another status.
    """
    handled = {(each.key, each.state) for each in seen.items if each.committed is not None}
    committing = {key for key, _ in handled}
    for item in seen.items:
        if (item.key, item.state) in handled or _is_overwritten(seen, item):
            continue
        at_work = item.key in committing or bool(seen.about(item.order_id, *_ACTS))
        if at_work and not _acted(seen, item, None) and _left(seen, item) is not None:
            yield item


def _is_overwritten(seen: Seen, item: FeedItem) -> bool:
    """Whether a later item of that order, from the same read, was committed.

    Who keeps items by order id loses the earlier one, whatever its status is.
    """
    together = seen.read_together.get((item.deliveries[0].line.number, item.order_id), ())
    later = dropwhile(lambda each: each is not item, together)
    return any(each is not item and each.committed is not None for each in later)


def _acted(seen: Seen, item: FeedItem, until: Line | None) -> bool:
    """Whether something was done about an order while it stood where an item says."""
    begin = item.deliveries[0].line.number
    return any(
        begin < each.number
        and (until is None or each.number < until.number)
        and each.before in ("", item.state)
        for each in seen.about(item.order_id, *_ACTS)
    )


def _commit_without_action(seen: Seen) -> Iterator[Sighting]:
    for item in seen.items:
        commit = item.committed
        if commit is not None and not _acted(seen, item, commit):
            yield kept(item.deliveries[-1].line, commit, order_id=item.order_id)
    for item in _unanswered(seen):
        by = _left(seen, item)
        if by is not None:
            yield broken(
                item.deliveries[-1].line,
                by,
                order_id=item.order_id,
                told=f"does not commit items of the status {item.state or 'null'}, for which it"
                " does nothing",
                instead="POST /api/orders/feed with that handle, too, although there is nothing to"
                " do",
            )


def _commit_in_time(seen: Seen) -> Iterator[Sighting]:
    for item in seen.items:
        places = {each.handle: each for each in item.deliveries}
        for commit in item.commits:
            delivered = places.get(commit.handle)
            if delivered is None or not commit.line.worked:
                continue
            if commit.was == "live":
                yield kept(delivered.line, commit.line, order_id=item.order_id)
            elif _is_late(seen, delivered, commit.line, commit.was):
                yield from _committed_late(seen, item, delivered, commit.line)


def _is_late(seen: Seen, delivered: Delivered, commit: Line, was: str) -> bool:
    """Whether a commit came after the item had reappeared; a duplicate may replace it sooner."""
    if was == "late":
        return True
    return was == "replaced" and commit.at - delivered.line.at >= _hidden_ms(seen, delivered.line)


def _hidden_ms(seen: Seen, read: Line) -> int:
    told = [
        each.whole("visibility")
        for each in seen.of(CONFIGURE)
        if each.key == read.key and each.worked and each.number < read.number
    ]
    seconds = next((each for each in reversed(told) if each), _SHORTEST_VISIBILITY)
    return seconds * _MS


def _committed_late(
    seen: Seen, item: FeedItem, delivered: Delivered, commit: Line
) -> Iterator[Sighting]:
    begin = delivered.line.number
    held_back = any(
        _DELAY in each.faults and begin < each.number < commit.number
        for each in seen.about(item.order_id, *_ACTS, *READS)
    )
    if held_back or any(seen.troubles(item.key, begin, commit.number)):
        return
    seconds = (commit.at - delivered.line.at) // _MS
    yield broken(
        delivered.line,
        commit,
        order_id=item.order_id,
        told=f"commits a feed item {seconds} s after it was read, when it had come back",
        instead="POST /api/orders/feed as soon as an item is done, within"
        " visibilityTimeoutInSeconds, not at the end of a batch",
    )


def _commit_after_processing(seen: Seen) -> Iterator[Sighting]:
    starts = bool(seen.of(*STARTS))
    for item in seen.items:
        read, commit = item.deliveries[0].line, item.committed
        if item.state != READY or commit is None or _OTHER_OFFSET in read.faults:
            continue
        if seen.status(item.order_id, read.number) != READY or _was_excused(seen, item, commit):
            continue
        done = next(_processed(seen, item, starts=starts), None)
        if done is not None:
            yield kept(read, *sorted((done, commit), key=lambda each: each.number))
        else:
            yield from _committed_unprocessed(seen, item, commit)


def _processed(seen: Seen, item: FeedItem, *, starts: bool) -> Iterator[Line]:
    """What shows that an order was taken up: that it was started, or read where nobody starts."""
    for each in seen.about(item.order_id, *(STARTS if starts else READS)):
        if each.number > item.deliveries[0].line.number and each.worked:
            yield each


def _was_excused(seen: Seen, item: FeedItem, commit: Line) -> bool:
    """Whether an order was not to be started, as far as the integration could know."""
    if seen.status(item.order_id, commit.number) != READY and not seen.about(
        item.order_id, *STARTS
    ):
        return True
    shown = [
        each.facts.get("shown")
        for each in seen.about(item.order_id, *READS)
        if each.number < commit.number
    ]
    last = shown[-1] if shown else None
    return isinstance(last, dict) and not (
        last.get("status") == READY and last.get("complete", True)
    )


def _committed_unprocessed(seen: Seen, item: FeedItem, commit: Line) -> Iterator[Sighting]:
    stands = seen.status(item.order_id, seen.lines[-1].number)
    if stands != READY or went_on(seen, commit) is None or held_up(seen, commit):
        return
    tries = [each for each in seen.about(item.order_id, *STARTS) if each.number < commit.number]
    if tries:
        told = f"commits the feed item although start handling {answered(tries[-1])}"
    else:
        told = "commits the feed item of an order that it never takes up"
    yield broken(
        item.deliveries[0].line,
        *tries[-1:],
        commit,
        order_id=item.order_id,
        told=told,
        instead=f"repeat {START.replace('/api/oms/pvt', '...')} until 204, then POST"
        " /api/orders/feed",
    )


RULES = (
    IntegrationRule(
        id="B-01",
        title="Commit every item that was read",
        part="feed",
        severity="error",
        statement="Every item that a read of the feed brought is committed before its retention"
        " ends.",
        source=("dp-erp-int",),
        explanation="What is not committed comes back after each visibility time-out. The feed"
        " fills with old news until it brings no new ones, and after some days orders are lost"
        " with what was never committed.",
        check=_commit_each,
        mistakes=("CM-01", "CM-04", "CM-06", "CM-27", "CM-28", "CM-38"),
    ),
    IntegrationRule(
        id="B-02",
        title="Commit also what asks for nothing",
        part="feed",
        severity="error",
        statement="Items of a status for which there is nothing to do, or that is not known, are"
        " committed as well.",
        source=("dp-erp-int",),
        explanation="The platform has dozens of statuses and adds new ones. Items that nobody"
        " commits come back for days and stand before the news that matter.",
        check=_commit_without_action,
        mistakes=("CM-04", "CM-18"),
    ),
    IntegrationRule(
        id="B-03",
        title="Commit within the visibility time-out",
        part="feed",
        severity="error",
        statement="An item is committed while it is hidden, so before the visibility time-out is"
        " over.",
        source=("dp-feed",),
        explanation="After the time-out the handle is worth nothing: the item is delivered again,"
        " and the order is worked on twice. It goes well on a quiet day, and breaks on the day on"
        " which the batches are long.",
        check=_commit_in_time,
        mistakes=("CM-05", "CM-26"),
    ),
    IntegrationRule(
        id="B-04",
        title="Commit only what was processed",
        part="feed",
        severity="warning",
        statement="When an item is committed, the call that it asks for, such as start handling,"
        " has worked or still follows.",
        source=("dp-feed", "dp-erp-int"),
        explanation="A committed item never comes back. If the call that it asked for has failed,"
        " nothing ever reminds of the order: it waits in ready-for-handling until the customer"
        " asks. Whether the commit comes first or last is open (D-18); that both happen is not.",
        check=_commit_after_processing,
        mistakes=("CM-02",),
    ),
)
"""The rules of this module by id."""
