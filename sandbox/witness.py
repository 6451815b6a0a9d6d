"""Sees what an integration does, and what befalls the orders meanwhile, for whoever is to judge it.

A sandbox has a witness when somebody asks for one; without one nothing is observed, and costs
nothing. All of it happens under the lock of the service. This and the courier are the places of a
sandbox that look at the clock on the wall; no answer depends on it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orderflow.conformance.integration.line import Kind, Line
from orderflow.flows.model import ABSENT
from orderflow.sandbox.evidence import (
    Marks,
    Sight,
    agent_of,
    auth_of,
    keep_newest,
    mistakes_in,
)
from orderflow.sandbox.evidence_delivery import (
    MOST_READ,
    Post,
    answer_facts,
    delivery_facts,
)
from orderflow.sandbox.evidence_facts import about, facts_of, foretold, order_id_of
from orderflow.sandbox.evidence_feed import FeedMemory
from orderflow.sandbox.evidence_step import step_facts
from orderflow.sandbox.trace import shown, shown_path, shown_query

if TYPE_CHECKING:
    from orderflow.sandbox.dialect import Answer
    from orderflow.sandbox.findings import Finding
    from orderflow.sandbox.outbox import Message, Outcome
    from orderflow.sandbox.routes import Call
    from orderflow.sandbox.service import Service
    from orderflow.sandbox.store import Change

MOST_LINES = 200_000
"""Lines that are kept in memory (sandbox decision)."""

_MOST_SCENARIOS = 100_000
_MS = 1000
_READ = "GET /api/orders/feed"
_DRAINED = 2
"""Reads of a feed one after the other that bring nothing, after which its reader has all there is.

Those of one program that sleeps between reads show that it has come round again.
"""

Heard = Callable[[Line], None]
"""Is told of each line as it is made."""


def attach(service: Service, most: int = MOST_LINES) -> Witness:
    """The witness of *service*, which sees what happens from now on; one keeps *most* lines."""
    witness = service.witness
    if witness is None:
        witness = service.witness = Witness(service, 0)
        service.outbox.heard.append(witness.sent)
    witness.most = max(witness.most, most)
    return witness


def dismiss(service: Service) -> None:
    """Let the witness of *service* go if it keeps nothing and nobody hears it."""
    witness = service.witness
    if witness is not None and not witness.most and not witness.listeners:
        service.witness = None
        service.outbox.heard.remove(witness.sent)


class Witness:
    """Makes a line of each call, delivery and step.

    Args:
        service: The sandbox; it is seen from now on once it has this witness.
        most: Lines to keep, 0 for none.

    Attributes:
        most: See above.
        scenario: Name of the scenario that is being played, empty for none. An order that is placed
            belongs to it, and so does what is not about an order.
        began: Real time of the first line; lines tell theirs from there on.
        overflow: Lines that were not kept because there were too many.
        last: When the latest call was answered, or the latest delivery was over, on the monotonic
            clock in seconds; when the witness came as long as there was none.
        listeners: Who is told of each line from now on, while the lock is held and in the order of
            the lines. When it is a call's, the call is answered and the next one has not begun, so
            a listener may make calls of its own by :func:`orderflow.sandbox.answering.perform`.
    """

    def __init__(self, service: Service, most: int = MOST_LINES) -> None:
        self.most, self.scenario, self.overflow = most, "", 0
        self.listeners: list[Heard] = []
        self.last = self._zero = time.monotonic()
        self.began = datetime.now(UTC)
        self._service, self._marks = service, Marks(service.seed)
        self._count = 0
        self._kept: list[Line] = []
        self._whole: tuple[Line, ...] = ()
        self._scenarios: dict[str, str] = {}
        self._feeds = FeedMemory()
        self._post = Post()
        self._current: Sight | None = None
        self._pending: dict[int, float | None] = {}
        self._empty_reads: dict[str, int] = {}
        self._untold: deque[Line] = deque()
        self._telling = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """What was seen so far, in the order in which it was over."""
        if len(self._whole) < len(self._kept):
            self._whole = tuple(self._kept)
        return self._whole

    def since(self, count: int) -> tuple[Line, ...]:
        """The lines that are kept behind the first *count*, which is cheaper than all of them."""
        return tuple(self._kept[count:])

    def __len__(self) -> int:
        """How many lines are kept."""
        return len(self._kept)

    @property
    def in_flight(self) -> int:
        """Calls that wait for their answer, and deliveries that are under way."""
        now = time.monotonic()
        over = [number for number, until in self._pending.items() if until and until <= now]
        for number in over:
            del self._pending[number]
        return len(self._pending) + len(self._service.outbox.waiting)

    def drained(self, key: str = "") -> bool:
        """Whether a key has read its feed empty twice, and called nothing else since.

        Args:
            key: The end of its name, as lines tell it; any key that reads a feed when empty, and
                then all of those.
        """
        if key:
            return self._empty_reads.get(key, 0) >= _DRAINED
        counts = self._empty_reads.values()
        return bool(counts) and min(counts) >= _DRAINED

    def forget(self) -> None:
        """The sandbox begins anew, and its feeds with it; what was seen stays."""
        self._feeds, self._current = FeedMemory(), None
        self._scenarios.clear()
        self._pending.clear()

    def note(
        self, kind: Kind, order_id: str = "", facts: Mapping[str, object] | None = None
    ) -> Line:
        """Add a line that no call tells: of a scenario, an act of it, its end, or a client."""
        held = self._service.store.find(order_id, self._account) if order_id else None
        status = "" if held is None else held.status
        return self._add(
            Line(0, kind, order_id=order_id, before=status, after=status, facts=dict(facts or {}))
        )

    @property
    def _account(self) -> str:
        return self._service.accounts.first.account

    def record(self, order_id: str, what: str, value: object) -> None:
        """An integration told what stands in its own books."""
        self.note("record", order_id, {"what": what, "value": value})

    def moved(self, change: Change) -> None:
        """A document took a step."""
        held, event = change.held, change.event
        order_id = shown_path(held.order_id)
        if event.source == ABSENT and self.scenario:
            self._scenarios[order_id] = self.scenario
            keep_newest(self._scenarios, _MOST_SCENARIOS)
        self._add(
            Line(
                0,
                "step",
                at=event.at,
                order_id=order_id,
                before=_status(event.source),
                after=_status(event.target),
                facts=step_facts(held, event),
            )
        )

    def arrived(self, call: Call, operation: str, headers: Mapping[str, str]) -> None:
        """A call is going to be answered.

        Args:
            call: The call.
            operation: Method and path of its route, empty when there is none.
            headers: By lower-case name, as they were sent.
        """
        service = self._service
        sight = self._current = Sight(
            service,
            call,
            operation,
            self._marks,
            self._feeds,
            began=time.monotonic(),
            number=service.calls,
            newest=service.findings[-1] if service.findings else None,
        )
        sight.key = call.key or service.accounts.find(headers, now=service.now)
        sight.auth = auth_of(sight, headers)
        sight.agent = agent_of(sight, headers)
        held = about(sight)
        sight.before = "" if held is None else held.status
        sight.foretold = foretold(sight)

    def done(self, given: Answer) -> Answer:
        """The handler of the call gave *given*, which a fault may still change or hide."""
        sight = self._current
        if sight is None:
            return given
        sight.done, later = given, given.later
        if later is None:
            return given

        def final() -> Answer | None:
            found = later()
            if found is not None:
                sight.done = found
            return found

        return given._replace(later=final)

    def leave(self) -> Sight | None:
        """The call that is being answered, which is left with whoever asks."""
        sight, self._current = self._current, None
        if sight is not None:
            sight.faults = tuple(self._service.faults.fired)
            sight.mistakes = self._findings_since(sight.newest)
            self._pending[sight.number] = None
        return sight

    def answered(self, sight: Sight, given: Answer) -> None:
        """The answer to a call is known, and is on its way."""
        sight.given, service, now = given, self._service, time.monotonic()
        self._pending.pop(sight.number, None)
        if given.delay:
            self._pending[sight.number] = now + given.delay / _MS
        call, held = sight.call, about(sight)
        key = sight.key.masked if sight.key else ""
        self._read_empty(sight, key)
        self.last = now
        self._add(
            Line(
                0,
                "call",
                at=service.now,
                took=_ms(now - sight.began),
                operation=sight.operation,
                method=shown(call.method),
                path=shown_path(call.path),
                status=given.status,
                key=key,
                order_id=order_id_of(sight),
                before=sight.before,
                after="" if held is None else held.status,
                faults=sight.faults,
                query=shown_query(call.query),
                facts=facts_of(sight),
            )
        )

    def _read_empty(self, sight: Sight, key: str) -> None:
        """Count the reads of a key's feed that brought nothing."""
        read = sight.operation == _READ
        if not read and key not in self._empty_reads:
            return
        empty = read and sight.given.status in range(200, 300) and not sight.rows()
        self._empty_reads[key] = self._empty_reads.get(key, 0) + 1 if empty else 0

    def _findings_since(self, newest: Finding | None) -> tuple[Finding, ...]:
        """The mistakes that were written down after *newest*."""
        found: list[Finding] = []
        for each in reversed(self._service.findings):
            if each is newest:
                break
            found.append(each)
        return tuple(reversed(found))

    def sent(self, message: Message) -> None:
        """Something was put into the outbox."""
        self._post.sent(self._service, message, self._marks)

    def exchanging(self, message: Message) -> Message:
        """A delivery begins; the message, with what has to be read of its answer to judge it."""
        posted = self._post.find(self._service, message, self._marks)
        posted.began = time.monotonic()
        posted.burst = max(posted.burst, len(self._service.outbox.waiting))
        return replace(message, keeps=max(message.keeps, MOST_READ))

    def exchanged(self, message: Message, outcome: Outcome) -> None:
        """A delivery is over, which is told when those before it have been."""
        posted = self._post.find(self._service, message, self._marks)
        posted.ended = time.monotonic()
        posted.burst = max(posted.burst, len(self._service.outbox.waiting))
        posted.answer = answer_facts(posted, outcome, self._marks)

    def delivered(
        self,
        message: Message,
        outcome: Outcome,
        newest: Finding | None,
        faults: tuple[str, ...] = (),
    ) -> None:
        """How a delivery went has been told, and what comes of it has come.

        Args:
            message: What was delivered.
            outcome: How that went.
            newest: The latest mistake that had been written down before.
            faults: Names of the faults that struck its answer.
        """
        posted = self._post.take(self._service, message, self._marks)
        if posted.answer is None:  # nobody took the time
            posted.began = posted.ended = time.monotonic()
            posted.answer = answer_facts(posted, outcome, self._marks)
        held = self._service.store.find(posted.order_id, self._account)
        self.last = max(self.last, posted.ended)
        facts = delivery_facts(posted)
        facts["mistakes"] = mistakes_in(self._findings_since(newest))
        self._add(
            Line(
                0,
                "delivery",
                at=posted.at,
                took=_ms(posted.ended - posted.began),
                operation=posted.operation,
                method=message.method,
                path=shown_path(message.address),
                status=outcome.status,
                order_id=posted.order_id,
                before=posted.status,
                after="" if held is None else held.status,
                faults=faults,
                trouble=outcome.trouble,
                facts=facts,
            ),
            posted.ended,
        )

    def _add(self, line: Line, ended: float | None = None) -> Line:
        ended = time.monotonic() if ended is None else ended
        if not self._count:
            self._zero, self.began = ended, datetime.now(UTC)
        self._count += 1
        made = replace(
            line,
            number=self._count,
            at=line.at or self._service.now,
            wall=_ms(ended - self._zero),
            scenario=self._scenarios.get(line.order_id, self.scenario),
        )
        if len(self._kept) < self.most:
            self._kept.append(made)
        elif self.most:
            self.overflow += 1
        self._untold.append(made)
        self._tell()
        return made

    def _tell(self) -> None:
        """Tell of the lines in their order, also when a listener does what makes another."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                line = self._untold.popleft()
                for heard in tuple(self.listeners):
                    heard(line)
        finally:
            self._telling = False


def _status(name: str) -> str:
    return "" if name == ABSENT else name


def _ms(seconds: float) -> float:
    """Seconds in ms, to the microsecond, as a file of lines has them."""
    return round(seconds * _MS, 3)
