"""B-21, B-22, B-24 and B-25: what an integration makes of notifications, and of their absence.

Source: domain fact sheet "Conformance rules", section B.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.occasion import EFFECTS, first_effect, second_effect
from orderflow.conformance.integration.operations import READS
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.rules.hook import ANSWER_200, HOOK, is_odd
from orderflow.conformance.integration.rules.news import NOTIFICATION
from orderflow.conformance.integration.seen import LIST, Seen
from orderflow.conformance.integration.story import Story, each_story, reached_before

_OK = 200
_SILENCE = 3 * 24 * 3_600_000
"""Virtual ms without a notification after which the configuration is removed."""

_LOOKING = 180_000
"""Real ms, at the usual pace, in which an integration looks after its hook (judgement)."""

_HELD = 5
"""Real ms that an answer takes, at least, when it waits for something else (judgement)."""


def _deduplicate(story: Story) -> Iterator[Sighting]:
    marks: dict[str, list[Line]] = {}
    for line in story.deliveries(NOTIFICATION):
        if line.text("notification") and line.status == _OK:
            marks.setdefault(line.text("notification"), []).append(line)
    twice = [each[1] for each in marks.values() if len(each) > 1]
    if not twice:
        return
    again = min(twice, key=lambda line: line.number)
    pair = second_effect(story, again) or _booked_again(story, marks, again)
    first = first_effect(story) or next(iter(story.records("status")), None)
    if pair is not None:
        yield broken(
            *sorted((again, *pair), key=lambda line: line.number),
            told=f"{_deed(pair[1])} a second time after a notification that came twice",
            instead="remember OrderId, State and LastChange of each notification, and let the"
            " second one do nothing",
        )
    elif first is not None:
        yield kept(*sorted((first, again), key=lambda line: line.number))


def _deed(line: Line) -> str:
    what = line.text("what") if line.kind == "record" else line.operation.rpartition("/")[2]
    return f"books {what} of the order" if line.kind == "record" else f"calls {what}"


def _booked_again(
    story: Story, marks: dict[str, list[Line]], again: Line
) -> tuple[Line, Line] | None:
    """The same entry in the books more often than there were different notifications of it."""
    known: dict[str, list[Line]] = {}
    for record in story.records("status"):
        known.setdefault(record.text("value"), []).append(record)
    for value, records in known.items():
        told = sum(each[0].text("state") == value for each in marks.values())
        if 0 < told < len(records) and reached_before(again, records[told]):
            return records[told - 1], records[told]
    return None


def _check_origin(seen: Seen) -> Iterator[Sighting]:
    active = any(each.calls(*READS, *EFFECTS) or each.records("status") for each in seen.stories)
    for story in seen.stories:
        news = story.deliveries(NOTIFICATION)
        right = [each for each in news if not each.flag("wrong_origin")]
        wrong = [each for each in news if each.flag("wrong_origin")]
        if not wrong or (right and _begins(right) <= _begins(wrong)):
            continue
        until = _begins(right) if right else None
        did = _reaction(story, wrong[0], until)
        if did is None and active and story.order_id:
            yield kept(wrong[0], order_id=story.order_id)
        elif did is not None and not _listed_between(seen, wrong[0], did):
            yield broken(
                wrong[0],
                did,
                order_id=story.order_id,
                told="acts on a notification whose origin is another account",
                instead="compare Origin.Account and Origin.Key with your own, answer 200, and do"
                " nothing if they differ",
            )


def _begins(news: list[Line]) -> float:
    return min(each.began for each in news)


def _reaction(story: Story, wrong: Line, until: float | None) -> Line | None:
    """What was called, or booked, about an order between two moments of real time."""
    found = (*story.calls(*READS, *EFFECTS), *story.records("status"))
    later = (each for each in found if wrong.began <= each.began)
    in_time = (each for each in later if until is None or each.began < until)
    return min(in_time, key=lambda line: line.number, default=None)


def _listed_between(seen: Seen, first: Line, last: Line) -> bool:
    """Whether the order may be known from a list, for all that is known."""
    return any(first.began <= each.began <= last.began for each in seen.of(LIST))


def _come_back(seen: Seen) -> Iterator[Sighting]:
    """Virtual time jumps in the sandbox, so what counts is the real time after the jump."""
    for key in sorted({each.key for each in seen.of(HOOK) if each.worked}):
        yield from _silences(seen, key)


def _silences(seen: Seen, key: str) -> Iterator[Sighting]:
    """What a key does after three days without a notification: its configuration is gone."""
    heard: Line | None = None
    gone: Line | None = None
    for line in seen.lines:
        configures = line.operation == HOOK and line.key == key and line.worked
        if gone is None and heard is not None and line.at - heard.at >= _SILENCE:
            gone = line
        if gone is not None and configures:
            yield kept(heard or line, line)
        if configures or (line.kind == "delivery" and line.operation == NOTIFICATION):
            heard, gone = line, None
    last = seen.lines[-1]
    if gone is None or heard is None or any(seen.troubles(key, gone.number - 1)):
        return
    if gone.scenario and last.wall - gone.wall >= _LOOKING / seen.scale(gone):
        yield broken(
            heard,
            gone,
            told="does not configure its hook again after three days without a notification",
            instead="GET /api/orders/hook/config now and then, and POST it again after a 404",
        )


def _work_afterwards(seen: Seen) -> Iterator[Sighting]:
    inside: list[tuple[Line, Line]] = []
    outside: list[tuple[Line, Line]] = []
    for story in seen.stories:
        calls = story.calls(*READS, *EFFECTS)
        for news in story.deliveries(NOTIFICATION):
            first = next((each for each in calls if reached_before(news, each)), None)
            if first is None or is_odd(news):
                continue
            held = first.number < news.number and first.wall <= news.wall and news.took >= _HELD
            (inside if held else outside).append((news, first))
    if len(inside) > len(outside):
        news, call = inside[0]
        yield broken(
            call,
            news,
            order_id=news.order_id,
            told=f"works on the order before it answers, {len(inside)} of"
            f" {len(inside) + len(outside)} times",
            instead=ANSWER_200 + ", and work afterwards",
        )
    elif outside:
        yield kept(*outside[0])


RULES = (
    IntegrationRule(
        id="B-21",
        title="Let duplicates have one effect",
        part="hook",
        severity="error",
        statement="A notification with the same OrderId, State and LastChange has one effect,"
        " however often it comes.",
        source=("dp-feed", "guide"),
        explanation="A notification comes again whenever its answer got lost. Without a memory the"
        " order is started, shipped or booked twice.",
        check=each_story(_deduplicate),
    ),
    IntegrationRule(
        id="B-22",
        title="Check where news come from",
        part="hook",
        severity="warning",
        statement="Nothing is done for a notification whose Origin is not the own account and key.",
        source=("guide",),
        explanation="The address of a hook is public. Who believes whatever is posted there can be"
        " made to read, start and ship orders by anybody.",
        check=_check_origin,
        mistakes=("CM-16",),
    ),
    IntegrationRule(
        id="B-24",
        title="Come back after silence",
        part="hook",
        severity="info",
        statement="When the configuration was removed after three days without a notification, it"
        " is made again.",
        source=("dp-feed",),
        explanation="A quiet weekend is enough for the hook to be gone, and nobody is told. Who"
        " does not look hears of no order from then on.",
        check=_come_back,
    ),
    IntegrationRule(
        id="B-25",
        title="Answer first, work afterwards",
        part="hook",
        severity="info",
        statement="The answer to a notification does not wait for the work that it asks for.",
        source=("dp-feed",),
        explanation="The work needs calls that may take long, or be told to wait a minute. The"
        " answer must be there within five seconds all the same.",
        check=_work_afterwards,
    ),
)
"""The rules of this module by id."""
