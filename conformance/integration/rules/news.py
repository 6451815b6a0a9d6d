"""B-05 to B-08: what an integration makes of news that come twice, late, or in another order.

Source: domain fact sheet "Conformance rules", section B.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.occasion import (
    EFFECTS,
    READY,
    first_effect,
    second_effect,
)
from orderflow.conformance.integration.operations import (
    CANCELS,
    DENY,
    INVOICES,
    READS,
    STARTS,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import Moment, Story, each_story, inner, reached_before

NOTIFICATION = "hook notification"

_DOMAINS = frozenset({"Marketplace", "Fulfillment"})
_DECISIONS = (*STARTS, *INVOICES, *CANCELS, DENY)
_OK = 200
_MANY = 5
"""Notifications after which silence about all of them is no accident (judgement)."""

_READ_FIRST = "GET .../orders/{orderId} and act on what it says"


def _events(story: Story) -> Mapping[str, list[Moment]]:
    """Deliveries of items about an order, by event."""
    found: dict[str, list[Moment]] = {}
    for moment in story.moments:
        if moment.row is not None and moment.is_item:
            event = f"{moment.line.key} {moment.row.text('event')}"
            found.setdefault(event, []).append(moment)
    return found


def _survive_duplicates(story: Story) -> Iterator[Sighting]:
    """An item that came twice does nothing twice, whichever of them was worked on first."""
    twice = [each for each in _events(story).values() if len(each) > 1]
    if twice:
        again = min((each[1].line for each in twice), key=lambda line: line.number)
        yield from _one_effect(story, again, "a feed item that came twice")


def _one_effect(story: Story, again: Line, what: str) -> Iterator[Sighting]:
    """The rule that *what*, of which *again* is the second, has one effect."""
    pair = second_effect(story, again)
    first = first_effect(story)
    if pair is not None:
        yield broken(
            *sorted((again, *pair), key=lambda line: line.number),
            told=f"{_deed(pair[1])} a second time after {what}",
            instead=f"remember what was done for the order; {_READ_FIRST}",
        )
    elif first is not None:
        yield kept(*sorted((first, again), key=lambda line: line.number))


def _deed(line: Line) -> str:
    if line.kind == "record":
        return f"books a {line.text('what')}"
    if line.operation in STARTS:
        return "starts handling"
    if line.operation in INVOICES:
        return "invoices"
    return "cancels" if line.operation in CANCELS else "ships"


def _survive_equal_statuses(story: Story) -> Iterator[Sighting]:
    """Two events of one status are two items; a status that comes again is none of them."""
    by_state: dict[str, list[Line]] = {}
    for moments in _events(story).values():
        row, line = moments[0].row, moments[0].line
        if row is not None and row.text("state"):
            by_state.setdefault(row.text("state"), []).append(line)
    again = [
        sorted(each, key=lambda line: line.number)[1] for each in by_state.values() if each[1:]
    ]
    if again:
        first = min(again, key=lambda line: line.number)
        yield from _one_effect(story, first, "two events of one status")


def _keep_up_with_disorder(story: Story) -> Iterator[Sighting]:
    late = _overtaken(story)
    records = story.records("status")
    if records:
        yield from _books_agree(story, records[-1], late)
    elif late is not None:
        yield from _acts_agree(story, late)


def _overtaken(story: Story) -> Moment | None:
    """The first news of an order that came when newer news had come before."""
    newest = 0
    for moment in story.moments:
        changed = _changed_at(moment)
        if changed is None:
            continue
        if changed < newest:
            return moment
        newest = changed
    return None


def _changed_at(moment: Moment) -> int | None:
    if moment.row is not None:
        return moment.row.whole("at") if moment.is_item else None
    is_news = moment.line.kind == "delivery" and moment.line.operation == NOTIFICATION
    return moment.line.whole("changed_at") if is_news else None


def _books_agree(story: Story, record: Line, late: Moment | None) -> Iterator[Sighting]:
    value = record.text("value")
    right = _told_by(story, record)
    if value in _DOMAINS:
        yield broken(
            record,
            told=f"keeps {value}, which is the domain, as the status of an order",
            instead="take the status from state, or State, and read it by GET .../orders/{orderId}",
        )
    elif value not in right and story.status:
        yield broken(
            *([late.line] if late else []),
            record,
            told=f"has an order as {value or 'null'} in its books that is {story.status}",
            instead=f"compare currentChange before an event is believed, or {_READ_FIRST}",
        )
    elif late is not None:
        yield kept(late.line, record)


def _told_by(story: Story, record: Line) -> set[str]:
    """Statuses that books may have.

    Where the order stood then, or in the end; what Get order showed last; the newest of the events.
    """
    stood = read = news = ""
    newest = 0
    for moment in story.moments:
        if not reached_before(moment.line, record):
            continue
        if moment.line.kind == "step":
            stood = moment.line.after
        read = read if moment.read is None else moment.read
        changed = _changed_at(moment)
        if changed is not None and changed > newest:
            newest, news = changed, moment.told
    return {story.status, stood, read, news}


def _acts_agree(story: Story, late: Moment) -> Iterator[Sighting]:
    """Without records: an order is not started on news that newer ones have overtaken."""
    if late.told != READY:
        return
    read = False
    for moment in story.moments:
        line = moment.line
        if line.number <= late.line.number:
            continue
        if moment.read is not None:
            read = True
        if moment.called(*STARTS) and line.before not in ("", READY) and not read:
            yield broken(
                late.line,
                line,
                told="starts handling on old news, which came after newer ones",
                instead=_READ_FIRST,
            )
            return
    if story.calls(*STARTS):
        yield kept(late.line)


def _read_after_event(seen: Seen) -> Iterator[Sighting]:
    for story in seen.stories:
        yield from _decided(story)
    yield from _never_looked(seen)


def _decided(story: Story) -> Iterator[Sighting]:
    """Each first decision about an order follows a Get order that follows an event."""
    events = [each.line for each in story.moments if each.told and each.read is None]
    reads = [each.line for each in story.moments if each.read is not None]
    judged: set[str] = set()
    for line in story.calls(*_DECISIONS):
        told = [each for each in events if reached_before(each, line)]
        if not told or line.operation in judged:
            continue
        judged.add(line.operation)
        first = min(told, key=lambda each: each.began)
        read = next((each for each in _before(reads, line) if reached_before(first, each)), None)
        if read is not None:
            yield kept(*sorted((first, read), key=lambda each: each.number), line)
        else:
            yield broken(
                *sorted((first, line), key=lambda each: each.number),
                told=f"{_deed(line) if line.operation != DENY else 'denies'} on an event alone,"
                " without reading the order",
                instead=f"after an event {_READ_FIRST}",
            )


def _before(lines: list[Line], line: Line) -> Iterator[Line]:
    return (each for each in lines if each.number < line.number)


def _never_looked(seen: Seen) -> Iterator[Sighting]:
    """Who answers 200 and then does nothing at all, for no order, has not taken anything in."""
    news = [each for each in seen.deliveries if each.operation == NOTIFICATION]
    taken = [each for each in news if each.status == _OK and not each.flag("wrong_origin")]
    yield from _failed_inside(seen, taken)
    about = {each.order_id for each in taken}
    orders = [each for each in seen.stories if each.order_id in about]
    active = any(each.calls(*READS, *EFFECTS) or each.records(*_RECORDS) for each in orders)
    ready = any(each.text("state") == READY for each in taken)
    if not active and len(taken) >= _MANY and ready and not seen.reads:
        yield broken(
            *taken[:_MANY],
            told="answers 200 to every notification and never asks for an order",
            instead="make sure that the address of the hook is the right one; after a notification"
            f" {_READ_FIRST}",
        )


_RECORDS = ("status", "shipment", "reservation", "stock", "invoice", "tracking", "delivery")


def _failed_inside(seen: Seen, taken: list[Line]) -> Iterator[Sighting]:
    """A 200 whose text tells of an error, with no call about the order after it."""
    orders = {each.order_id: each for each in seen.stories}
    for line in taken:
        answer, story = inner(line, "answer"), orders.get(line.order_id)
        if answer is None or answer.values.get("error_text") is not True or story is None:
            continue
        later = story.calls(*READS, *EFFECTS)
        if not any(reached_before(line, each) for each in later):
            yield broken(
                line,
                told="answers 200 with an error in the text, and never works the notification off",
                instead="put the notification in a queue of its own before answering 200, and"
                " repeat from there what fails",
            )


RULES = (
    IntegrationRule(
        id="B-05",
        title="Survive duplicates",
        part="feed",
        severity="error",
        statement="An item that is delivered twice leads to one start-handling, one invoice, one"
        " cancellation.",
        source=("dp-erp-int", "dp-erp-faq"),
        explanation="The feed delivers at least once: after a lost commit, and now and then just"
        " so. An integration that works off each delivery ships and bills twice.",
        check=each_story(_survive_duplicates),
    ),
    IntegrationRule(
        id="B-06",
        title="Survive disorder",
        part="feed",
        severity="error",
        statement="Whatever the order of the events, the books agree with the order in the end.",
        source=("dp-feed",),
        explanation="The feed has no fixed order. Who takes what came last for what is true puts a"
        " cancelled order back into handling, and ships it.",
        check=each_story(_keep_up_with_disorder),
        mistakes=("CM-17",),
    ),
    IntegrationRule(
        id="B-07",
        title="Expect one status twice",
        part="feed",
        severity="warning",
        statement="Two events of the same status of one order do not create two shipments.",
        source=("dp-erp-faq",),
        explanation="An order that is split between sellers, or invoiced in parts, tells one status"
        " twice, and rightly so. Each of them says: look at the order. None of them says: ship it"
        " again.",
        check=each_story(_survive_equal_statuses),
    ),
    IntegrationRule(
        id="B-08",
        title="Read the order after an event",
        part="feed",
        severity="warning",
        statement="After an event the order is read before anything is decided.",
        source=("dp-erp-int", "dp-feed"),
        explanation="An event tells where the order stood when it was sent. By now the shopper may"
        " have cancelled or changed it; the goods, the value and the address are in the order"
        " alone.",
        check=_read_after_event,
        mistakes=("CM-14", "CM-15"),
    ),
)
"""The rules of this module by id."""
