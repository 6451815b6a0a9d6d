"""B-16 to B-20 and B-23: how an integration answers notifications.

Source: domain fact sheet "Conformance rules", section B.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.rules.news import NOTIFICATION
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.rules.statuses import KNOWN

PING = "hook ping"
HOOK = "POST /api/orders/hook/config"

_OK, _REFUSING = 200, frozenset({401, 403})
_SUCCESS = range(200, 300)
_LIMIT = 5_000
"""Real ms in which a notification must be answered."""

_BURST = 20
"""Notifications under way at once from which on they are a burst (judgement)."""

ANSWER_200 = "answer 200 to every notification as soon as it is in a queue of your own"


def _news(seen: Seen) -> Iterator[Line]:
    """Notifications while the integration was to be there."""
    staged = any(each.kind == "scenario" for each in seen.lines)
    for line in seen.deliveries:
        if line.operation == NOTIFICATION and (line.scenario or not staged):
            yield line


def _usual(seen: Seen) -> Iterator[Line]:
    """Notifications that ask for nothing but an answer."""
    return (each for each in _news(seen) if not is_odd(each))


def is_odd(line: Line) -> bool:
    """Whether a notification is one of those that scenarios make hard to answer."""
    return _is_burst(line) or not _is_known(line) or line.flag("wrong_origin") is True


def _is_burst(line: Line) -> bool:
    return (line.whole("burst") or 0) >= _BURST


def _is_known(line: Line) -> bool:
    return line.text("state") in KNOWN - {"", "null"}


def _did(line: Line, what: str = "a notification") -> str:
    """How *what* was answered, in words."""
    if line.status:
        return f"answers {line.status} to {what}"
    slow = line.trouble == "timeout" or line.took > _LIMIT
    return f"does not answer {what}" + (" within 5 s" if slow else "")


def _answer_ping(seen: Seen) -> Iterator[Sighting]:
    for line in seen.deliveries:
        if line.operation != PING:
            continue
        if line.status == _OK and line.took <= _LIMIT:
            yield kept(line)
        else:
            yield broken(
                line,
                told=_did(line, "the ping"),
                instead='answer 200 to POST {"hookConfig": "ping"}; listen before POST'
                " /api/orders/hook/config",
            )


def _answer_in_time(seen: Seen) -> Iterator[Sighting]:
    for line in _usual(seen):
        if line.status and line.took <= _LIMIT:
            yield kept(line)
        elif line.status:
            seconds = line.took / 1000
            yield broken(
                line, told=f"answers a notification after {seconds:.1f} s", instead=ANSWER_200
            )
        else:
            yield broken(line, told=_did(line), instead=ANSWER_200)


def _answer_200(seen: Seen) -> Iterator[Sighting]:
    for line in _news(seen):
        if line.flag("wrong_origin") or not line.status:
            continue
        if line.status == _OK:
            yield kept(line)
        elif _is_known(line) or line.status in _SUCCESS:
            yield broken(line, told=_did(line), instead=ANSWER_200)


def _safe_address(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(HOOK):
        if line.flag("https") is False and line.flag("loopback") is not True:
            yield broken(
                line,
                told="names an address of the hook that is not https",
                instead="POST /api/orders/hook/config with an https address",
            )
        elif line.flag("https"):
            yield kept(line)
    yield from _own_headers(seen)


def _own_headers(seen: Seen) -> Iterator[Sighting]:
    wanted = [each for each in seen.of(HOOK) if each.worked and each.whole("headers")]
    if not wanted:
        return
    for line in _usual(seen):
        before = [each for each in wanted if each.number < line.number]
        if before and line.status in _REFUSING:
            yield broken(
                before[-1],
                line,
                told=f"answers {line.status} to the headers that it asked for",
                instead="accept the headers that POST /api/orders/hook/config names",
            )
        elif before and line.status == _OK:
            yield kept(before[-1], line)


def _survive_unknown(seen: Seen) -> Iterator[Sighting]:
    for line in _news(seen):
        if _is_known(line) or line.flag("wrong_origin"):
            continue
        state = line.text("state") or "null"
        if line.status in _SUCCESS and line.took <= _LIMIT:
            yield kept(line)
        else:
            yield broken(
                line,
                told=_did(line, f"a notification of the status {state}"),
                instead="answer 200 whatever the state is, and write down what is not known",
            )


def _survive_burst(seen: Seen) -> Iterator[Sighting]:
    for line in _news(seen):
        if not _is_burst(line) or line.flag("wrong_origin"):
            continue
        if line.status and line.took <= _LIMIT:
            yield kept(line)
        else:
            yield broken(
                line,
                told=_did(line, f"one of {line.whole('burst')} notifications that came at once"),
                instead="accept connections in parallel, and " + ANSWER_200,
            )


RULES = (
    IntegrationRule(
        id="B-16",
        title="Answer the ping",
        part="hook",
        severity="error",
        statement='The ping {"hookConfig": "ping"} is answered 200.',
        source=("dp-feed",),
        explanation="Without that answer the configuration is refused with 400, and no"
        " notification ever comes.",
        check=_answer_ping,
        mistakes=("CM-29",),
    ),
    IntegrationRule(
        id="B-17",
        title="Answer within five seconds",
        part="hook",
        severity="error",
        statement="Every notification is answered within 5000 ms.",
        source=("dp-feed",),
        explanation="What is answered later counts as failed, and comes again after a while that"
        " grows each time: the news are late, and twice.",
        check=_answer_in_time,
        mistakes=("CM-26",),
    ),
    IntegrationRule(
        id="B-18",
        title="Answer 200, always",
        part="hook",
        severity="error",
        statement="Every notification is answered 200; no other code will do, not even 201 or 204.",
        source=("dp-feed",),
        explanation="Everything but 200 counts as failed. The notification comes again, later each"
        " time, and is given up in the end.",
        check=_answer_200,
        mistakes=("CM-29",),
    ),
    IntegrationRule(
        id="B-19",
        title="Listen on https, accept own headers",
        part="hook",
        severity="error",
        statement="The address of the hook is an https one, and the receiver accepts the headers"
        " that its configuration names.",
        source=("oas-orders",),
        explanation="The platform refuses to save another address. A receiver that does not know"
        " its own headers turns away every notification.",
        check=_safe_address,
    ),
    IntegrationRule(
        id="B-20",
        title="Survive unknown statuses",
        part="hook",
        severity="error",
        statement="A notification of a status that is not listed, empty or null is answered 200.",
        source=("dp-feed",),
        explanation="The platform adds statuses, and at times tells of none. A receiver that"
        " breaks on one gets it again and again, and breaks again.",
        check=_survive_unknown,
        mistakes=("CM-18",),
    ),
    IntegrationRule(
        id="B-23",
        title="Survive a burst",
        part="hook",
        severity="warning",
        statement="A hundred notifications at once are all answered in time.",
        source=("dp-feed",),
        explanation="A campaign brings hundreds of orders in a minute, and each has several"
        " statuses. What is not answered then comes again, on top of the rest.",
        check=_survive_burst,
    ),
)
"""The rules of this module by id."""
