"""B-79: what an integration does when it cannot know whether a call took effect.

Source: domain fact sheet "Conformance rules", section B.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    CANCELS,
    INVOICES,
    answered,
    is_output,
    unclear,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.rules.pace import TOO_MANY
from orderflow.conformance.integration.story import Moment, Story, each_story

_NO_ACCESS = frozenset({401, 403})
_REFUSED = range(400, 500)
_LOOKED_AT = 100
"""Moments after a call among which its repetition is looked for."""

_STUBBORN = 3
"""Equal calls that were refused alike from which on they are a loop (judgement)."""


def _repeat_safely(story: Story) -> Iterator[Sighting]:
    for place, moment in enumerate(story.moments):
        line = moment.line
        if moment.called(*INVOICES) and unclear(line) and line.status != TOO_MANY:
            yield from _invoiced_after(story, line, _behind(story, place))
        elif moment.called(*CANCELS) and unclear(line) and line.status != TOO_MANY:
            yield from _canceled_after(line, _behind(story, place))
    yield from _stubborn(story)


def _behind(story: Story, place: int) -> Iterator[Moment]:
    """The next moments of an order; a flood of calls must not take for ever to judge."""
    end = min(place + 1 + _LOOKED_AT, len(story.moments))
    return (story.moments[each] for each in range(place + 1, end))


def _invoiced_after(story: Story, first: Line, later: Iterator[Moment]) -> Iterator[Sighting]:
    """The same invoice again is safe: its number says so. The same goods by another one are not."""
    for moment in later:
        line = moment.line
        if moment.called(*INVOICES) and is_output(line) == is_output(first):
            if line.text("number") == first.text("number"):
                same = not line.text("body") or line.text("body") == first.text("body")
                yield (
                    kept(first, line)
                    if same
                    else _unsafe(
                        first,
                        line,
                        f"repeats an invoice that {answered(first)} with another content",
                    )
                )
                return
            if first.worked and _is_the_same(first, line) and _exceeds(story, line):
                told = f"sends an invoice that {answered(first)} again under another number"
                yield _unsafe(first, line, told)
                return
        elif moment.read is not None and first.worked:
            yield kept(first, line)
            return


def _is_the_same(first: Line, second: Line) -> bool:
    known = [each.values for each in first.rows("items")]
    goods = known == [each.values for each in second.rows("items")]
    return goods and first.whole("cents") == second.whole("cents")


def _exceeds(story: Story, last: Line) -> bool:
    """Whether goods were billed that were billed before, as far as the value tells."""
    worth = max((each.whole("value") or 0 for each in story.steps), default=0)
    billed = {
        each.text("number"): each.whole("cents") or 0
        for each in story.calls(*INVOICES)
        if each.number <= last.number and is_output(each) and (each.worked or each is last)
    }
    return not worth or sum(billed.values()) > worth


def _unsafe(first: Line, again: Line, told: str) -> Sighting:
    return broken(
        first,
        again,
        told=told,
        instead="GET .../orders/{orderId} to see whether it was done, or repeat the same body with"
        " the same number",
    )


def _canceled_after(first: Line, later: Iterator[Moment]) -> Iterator[Sighting]:
    """A second cancel agrees to the first, so it must not be sent without looking."""
    for moment in later:
        line = moment.line
        if moment.read is not None:
            yield kept(first, line)
            return
        if moment.called(*CANCELS):
            doubled = first.worked and line.worked and line.before != line.after
            moved = first.before != line.before
            yield (
                _unsafe(first, line, f"repeats a cancellation that {answered(first)}, unseen")
                if doubled and moved
                else kept(first, line)
            )
            return


def _stubborn(story: Story) -> Iterator[Sighting]:
    """An invoice or cancellation that was refused is refused again."""
    row: list[Line] = []
    for line in story.calls(*INVOICES, *CANCELS):
        refused = line.status in _REFUSED and not unclear(line) and line.status not in _NO_ACCESS
        same = row and _mark(row[0]) == _mark(line)
        row = ([*row, line] if same else [line]) if refused else []
        if len(row) == _STUBBORN:
            yield broken(
                *row,
                told=f"repeats a call that is answered {line.status} each time",
                instead="read what the answer says, and GET .../orders/{orderId}: what was refused"
                " will be refused again",
            )


def _mark(line: Line) -> tuple[str, str, int]:
    return line.operation, line.text("body"), line.status


RULES = (
    IntegrationRule(
        id="B-79",
        title="Repeat only what is safe",
        part="every",
        severity="error",
        statement="An invoice or a cancellation that was not answered is repeated with the same"
        " content or after a look at the order, so that it takes effect once.",
        source=("dp-erp-int", "oas-pii", "oas-orders"),
        explanation="After a time-out or a 500 nobody knows whether it was done. A retry with a new"
        " number bills the goods twice; a second cancel agrees to the first.",
        check=each_story(_repeat_safely),
        mistakes=("CM-07", "CM-08", "CM-09"),
    ),
)
"""The rules of this module by id."""
