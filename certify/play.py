"""One scenario being played: a coroutine that goes on whenever what it waits for may have come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from orderflow.certify.deeds import Deeds
from orderflow.certify.expecting import Expecting, facts_of
from orderflow.certify.hearing import Hearing
from orderflow.certify.scenario import (
    Advance,
    Ask,
    Idle,
    Scenario,
    Step,
    Tell,
    Turn,
    WaitForLines,
    WaitForStatus,
)
from orderflow.conformance.integration.verdict import Ending, Played

if TYPE_CHECKING:
    from orderflow.certify.stage import Reply, Stage

_LONGEST_PAUSE = 90.0
"""Seconds by which a wait is longer at most because the integration was told to keep quiet."""

_WAITS = 4
"""Waits that turning the clock may take together."""

_POLLS = 3
"""Pauses between two reads of a feed that a wait takes at least."""

_LOOSE_ENDS = 2
"""Times that an uncommitted feed item comes back at the end, so that it can be committed then."""

Wait = WaitForStatus | WaitForLines


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take.

    Attributes:
        patience: By how much longer each wait is than its scenario says.
        gone: Whether the integration has ended, so that nothing is worth waiting for.
        scale: How much quicker time is for the integration.
    """

    patience: float = 1.0
    gone: Callable[[], bool] = lambda: False
    scale: float = 1.0


class Play:
    """One scenario.

    Args:
        scenario: What happens.
        stage: Where.
        pace: How long it may take.

    Attributes:
        scenario: See above.
        doing: What it waits for, in a few words.
        ending: How it went; out of time until it is over.
    """

    def __init__(self, scenario: Scenario, stage: Stage, pace: Pace | None = None) -> None:
        self.scenario = scenario
        self._stage, self._pace = stage, pace or Pace()
        self._deeds = Deeds(scenario.name, stage)
        self._hearing = Hearing(stage, scenario.name)
        self._expecting = Expecting(scenario.expects, stage, self._deeds.cast, self._hearing)
        self._unread = False
        self.doing, self._why = "", ""
        self.ending: Ending = "out-of-time"

    @property
    def played(self) -> Played:
        """How it went."""
        each = self.scenario
        ids = self._deeds.cast.order_ids
        return Played(each.name, each.title, self.ending, self._why, each.shows, ids)

    def go(self) -> Iterator[None]:
        """Play it; it waits wherever it yields.

        Raises:
            ScenarioError: The sandbox cannot do what a step asks for.
        """
        self._stage.note("scenario", self._titled())
        if self.scenario.roles == ("hook",) and not self._stage.has_hook:
            self._deeds.skipped = "no hook is configured"
        for step in () if self._deeds.skipped else self.scenario.steps:
            self.doing = step.verb
            yield from self._do(step)
            if self._is_broken:
                break
        if not self._is_broken and self._expecting.any:
            yield from self._turn(self.scenario.lasts, stop=self._has_reached)
        yield from self._come_to_rest()
        deeds = self._deeds
        self._why = deeds.why or self._expecting.missing() or self._expecting.too_often()
        self.ending = "missed" if self._why else "reached"
        if deeds.skipped:
            self._why, self.ending = deeds.skipped, "skipped"

    def end(self, why: str = "there was no more time") -> None:
        """It is over, or has to be, because of *why*."""
        self._deeds.standing.close()
        if self.ending == "out-of-time":
            self._why = f"{why} while it waited {self.doing}"
        facts = {"ending": self.ending, "why": self._why, "expects": self._expecting.facts()}
        self._stage.note("end", facts)

    @property
    def _is_broken(self) -> bool:
        """Whether the rest of the steps makes no sense any more."""
        trouble = self._deeds.standing.trouble
        if trouble is not None:
            raise trouble
        self._deeds.hear_back()
        return bool(self._deeds.why or self._deeds.skipped)

    def _titled(self) -> Mapping[str, object]:
        each = self.scenario
        return {
            "title": each.title,
            "roles": list(each.roles),
            "shows": list(each.shows),
            "scale": self._pace.scale,
            "expects": [facts_of(row) for row in each.expects],
        }

    def _do(self, step: Step) -> Iterator[None]:
        match step.deed:
            case WaitForStatus() | WaitForLines() as wait:
                yield from self._wait(wait)
            case Turn(until, most):
                self._deeds.act("turn", {"until": until, "most": most})
                yield from self._turn(most, over=until == "over")
            case Idle():
                yield from self._rest()
                self._deeds.act("idle", {})
            case Tell(name, body):
                yield from self._tell(name, body)
            case Advance() | Ask():
                if isinstance(step.deed, Advance):  # what it has begun is not to be late by that
                    yield from self._rest()
                reply = self._deeds.do(step)
                yield from self._await(step, reply)
            case _:
                self._deeds.do(step)

    def _await(self, step: Step, reply: Reply | None) -> Iterator[None]:
        if reply is None or reply.later is None:
            return
        final = yield from self._final(reply)
        if final is None:
            self._deeds.why = f"{step.verb} in line {step.where.line} was not over in time"
        else:
            self._deeds.see(step, final)
        self._stage.stir()

    def _tell(self, name: str, body: Mapping[str, object]) -> Iterator[None]:
        self._stage.stir()
        teller = self._deeds.tell(name, body)
        if teller is not None:
            self.doing = "for the integration to answer what it was told"
            yield from self._until(lambda: not teller.is_alive())
            self._stage.stir()

    def _wait(self, wait: Wait) -> Iterator[None]:
        self.doing = _words(wait)
        met = yield from self._until(lambda: self._holds(wait))
        ids = self._deeds.cast.ids(wait.order) if wait.order else ()
        facts = {"for": self.doing, "met": met}
        self._deeds.act("wait", facts, ids[0] if len(ids) == 1 else "")
        if not met:
            ended = ", and the integration has ended" if self._pace.gone() else ""
            self._deeds.why = f"it waited in vain {self.doing}{ended}"

    def _holds(self, wait: Wait) -> bool:
        ids = self._deeds.cast.ids(wait.order) if wait.order else ()
        match wait:
            case WaitForStatus(_, statuses):
                been = (set(self._stage.history(each)) for each in ids)
                return bool(ids) and all(each & set(statuses) for each in been)
            case WaitForLines(kind, pattern, order, count):
                if not order:
                    return self._hearing.count(kind, pattern) >= count
                counts = [self._hearing.count(kind, pattern, each) for each in ids]
                return bool(ids) and min(counts) >= count
            case _:
                assert_never(wait)

    def _until(self, holds: Callable[[], bool]) -> Generator[None, None, bool]:
        """Wait until something holds; false when patience was over first."""
        began = self._stage.clock
        while not holds():
            patience = max(self._patience, _POLLS * self._stage.stillness.poll_pause)
            now, paused = self._stage.clock, self._stage.stillness.paused_until
            longer = min(max(paused - began, 0.0), _LONGEST_PAUSE)
            if now - began > patience + longer:
                return False
            if self._pace.gone() and self._stage.stillness.at_rest(now):
                return holds()
            yield
        return True

    @property
    def _patience(self) -> float:
        return self.scenario.patience * self._pace.patience

    def _rest(self) -> Iterator[None]:
        """Wait until the integration is at rest; once it left its feed unread, that is no sign."""
        self.doing = "for the integration to come to rest"
        rested = yield from self._until(self._is_at_rest)
        if not rested and self._stage.queued[0]:
            self._unread = True

    def _is_at_rest(self) -> bool:
        stage = self._stage
        if stage.under_way or not stage.stillness.at_rest(stage.clock):
            return False
        return self._unread or not stage.queued[0]

    def _advance(self, ms: int) -> Iterator[None]:
        if (yield from self._final(self._stage.advance(ms))) is None:
            why = "the clock still waits for an answer of the integration"
            self._deeds.why = self._deeds.why or why
        self._stage.stir()

    def _final(self, reply: Reply) -> Generator[None, None, Reply | None]:
        """The reply when it is known; None when patience was over first."""
        found: list[Reply] = []

        def known() -> bool:
            last = reply if reply.later is None else reply.later()
            found.extend([] if last is None else [last])
            return bool(found)

        self.doing = "for what is under way"
        yield from self._until(known)
        return found[0] if found else None

    def _turn(
        self, most: int, *, stop: Callable[[], bool] = lambda: False, over: bool = False
    ) -> Iterator[None]:
        """Turn the clock from one due moment to the next, and let the integration work in between.

        Args:
            most: Ms of virtual time; what is due later is left.
            stop: Says when it is enough.
            over: Whether all of that time passes, even when nothing is due in it.
        """
        stage = self._stage
        end, began = stage.now + most, stage.clock
        longest = _WAITS * max(self._patience, _POLLS * stage.stillness.poll_pause)
        while True:
            yield from self._rest()
            now, due = stage.now, stage.next_moment
            if stop() or now >= end or self._is_broken or self._pace.gone():
                return
            if stage.clock - began > longest:
                return
            if (due is None or due > end) and not over:
                return
            yield from self._advance(max(min(due or end, end) - now, 1))

    def _come_to_rest(self) -> Iterator[None]:
        """Let the integration finish, and commit what it left for later."""
        yield from self._rest()
        for _ in range(_LOOSE_ENDS):
            due = self._stage.next_moment
            if due is None or not self._stage.queued[1] or self._pace.gone():
                return
            yield from self._advance(max(due - self._stage.now, 1))
            yield from self._rest()

    def _has_reached(self) -> bool:
        return not self._expecting.missing()


def _words(wait: Wait) -> str:
    match wait:
        case WaitForStatus(order, statuses):
            return f"for {order} to be {' or '.join(statuses)}"
        case WaitForLines(kind, pattern, order, count):
            often = f", {count} times" if count > 1 else ""
            about = f" about {order}" if order else ""
            return f"for {'' if kind == 'call' else 'the delivery '}{pattern}{about}{often}"
        case _:
            assert_never(wait)
