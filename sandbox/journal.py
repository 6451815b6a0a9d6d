"""Keeping a sandbox in a file: its calls are written before they are handled, and done again.

Nothing but the calls is kept: the same calls in the same order make the same sandbox. Each row
tells where the sandbox stood, so a course that differs is noticed at the row where it begins to.
What only reading leaves behind is not kept: the trace, the count of calls without a route, mistakes
of calls that were not handled or only read, and how often a fault struck that strikes always.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from orderflow.sandbox.answering import replay
from orderflow.sandbox.control.asking import trouble
from orderflow.sandbox.dialect import GENERIC, Answer, DialectError, refusal
from orderflow.sandbox.journal_file import End, JournalFile, Row
from orderflow.sandbox.journal_identity import JournalError, identity_of
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change

_CONTROL = "/_sandbox/"
_RESET = _CONTROL + "reset"
_OUTLASTING = _CONTROL + "keys"
"""The call whose effect a reset leaves as it is: another key."""

_FORGOTTEN = tuple(
    _CONTROL + area
    for area in (
        *("carts", "changes", "clock", "deliveries", "faults", "hooks", "keys/", "limits"),
        *("orders", "prices", "reset", "sellers", "snapshots", "strict", "tasks"),
    )
)
"""What a reset makes as if it had never been, beside all that clients of the platform call."""

_HEAD = ("method", "path", "query", "key", "host")
_OFTEN = 256
"""Rows between two words about the progress."""


@dataclass(frozen=True, slots=True)
class Redone:
    """What opening a file brought.

    Attributes:
        rows: Calls that stood in it.
        done: Those of them that were done again; the others a reset has made void.
    """

    rows: int
    done: int


def silent(done: int, count: int) -> None:
    """Hear of the progress, and say nothing."""
    del done, count


class Journal:
    """Keeps a sandbox in a file.

    It is there as soon as this is made: the calls in the file have been done again.

    Args:
        service: The sandbox, as new.
        path: The file; it is made when it is absent or empty.
        told: Hears now and then how many calls of how many have been done again.

    Attributes:
        redone: What there was in the file.

    Raises:
        JournalError: The file is not for a sandbox that was begun like this one, is in use, is
            damaged, or its calls do not come out as they did.
    """

    def __init__(
        self, service: Service, path: Path, told: Callable[[int, int], None] = silent
    ) -> None:
        self._service, self._course, self._last = service, 0, 0
        self._under_way, self._now, self._astray = True, service.now, ""
        self._file = JournalFile(path, identity_of(service))
        try:
            service.store.listen(self._heard)
            self.redone = self._redo(told)
        except BaseException:
            self._file.close()
            raise
        self._under_way, self._now = False, service.now
        service.journal = self

    def __call__(self, call: Call) -> None:
        """Write *call* down; it is handled next.

        Raises:
            DialectError: It cannot be written; 507 of the control API, 500 of the platform's.
        """
        if self._under_way:  # no answer came of the call before: our own mistake, told as a 500
            self._broke()
        service = self._service
        row = Row(
            self._last + 1,
            self._course,
            service.now,
            service.calls,
            service.outbox.sent,
            _head(call),
            call.body,
        )
        try:
            self._see_nothing_went_around()
            self._file.append(row)
        except JournalError as wrong:
            raise _unwritten(call, wrong) from wrong
        self._last, self._under_way = row.number, True

    def answered(self, answer: Answer) -> None:
        """The handler of the latest call gave *answer*."""
        self._course = crc32(answer.body, crc32(b"%d" % answer.status, self._course))
        self._under_way, self._now = False, self._service.now

    def close(self) -> None:
        """Close the file; the sandbox does not write any more."""
        if self._service.journal is self:
            self._service.journal = None
        if self._under_way:
            self._broke()
        kept = not self._astray
        self._file.close(End(self._last, self._course, self._now) if kept else None)

    def _heard(self, change: Change) -> None:
        held, event = change.held, change.event
        text = f"{held.account}/{held.order_id}/{event.event}/{event.target}/{event.at}"
        self._course = crc32(text.encode(), self._course)
        if not self._under_way and self._service.journal is self:
            self._astray = f"order {held.order_id} took the step {event.event} around the calls"
            raise ValueError(f"{self._astray}; a sandbox kept in a file changes by calls only")

    def _see_nothing_went_around(self) -> None:
        """Rows that follow something unwritten could not be done again: rather have none."""
        if not self._astray and self._now != self._service.now:
            self._astray = "the clock was turned around the calls"
        if self._astray:
            raise JournalError(self._file.path, f"{self._astray}; start the sandbox again")

    def _broke(self) -> None:
        self._course = crc32(b"broken", self._course)
        self._under_way, self._now = False, self._service.now

    def _redo(self, told: Callable[[int, int], None]) -> Redone:
        count, reset, done = self._file.count(), self._last_reset(), 0
        void: list[int] = []
        for place, row in enumerate(self._file.rows()):
            if place % _OFTEN == 0:
                told(place, count)
            if row.number < reset and self._head(row)["path"] != _OUTLASTING:
                void.append(row.number)
                continue
            self._see_row(row, reset)
            self._again(row)
            done += 1
        told(count, count)
        self._see_end()
        self._file.drop(void)
        return Redone(count, done)

    def _last_reset(self) -> int:
        """Number of the latest row that makes those before it void, but for keys; 0 for none."""
        found = 0
        for row in self._file.rows():
            path = self._head(row)["path"]
            if path == _RESET:
                found = row.number
            elif _is_control(path) and path != _OUTLASTING and not path.startswith(_FORGOTTEN):
                return found  # who knows what a reset leaves of it
        return found

    def _see_row(self, row: Row, reset: int) -> None:
        """See that the sandbox is where it was when *row* was written."""
        if row.number <= reset:
            self._course, self._service.outbox.sent = row.course, row.sent
        elif row.number != self._last + 1:
            raise self._wrong(self._last + 1, "is missing")
        elif (row.course, row.now) != (self._course, self._service.now):
            raise self._wrong(self._last, "did not come out as it did")
        self._last = row.number

    def _see_end(self) -> None:
        end = self._file.end()
        if end is None or end.number != self._last:  # it was killed since
            return
        if (end.course, end.now) != (self._course, self._service.now):
            raise self._wrong(self._last, "did not come out as it did")

    def _again(self, row: Row) -> None:
        call = self._call(row)
        self._service.calls = row.calls
        self._under_way = True
        try:
            answer = replay(self._service, call)
        except Exception:  # noqa: BLE001  # our own mistake, made again: its client was told 500
            self._broke()
        else:
            self.answered(answer)

    def _call(self, row: Row) -> Call:
        """The call that *row* tells of."""
        head = self._head(row)
        key = self._service.accounts.named(head["key"])
        if head["key"] and key is None:
            raise self._wrong(row.number, "names a key that there is not")
        return Call(
            method=head["method"],
            path=head["path"],
            key=key,
            query=json.loads(head["query"]),
            host=head["host"],
            body=row.body,
        )

    def _head(self, row: Row) -> dict[str, str]:
        try:
            head = json.loads(row.head)
        except ValueError:
            head = None
        if not isinstance(head, dict) or head.keys() != set(_HEAD):
            raise self._wrong(row.number, "is damaged")
        return {name: str(head[name]) for name in _HEAD}

    def _wrong(self, number: int, what: str) -> JournalError:
        told = f"row {number} {what}; take the orderflow that wrote it, or name another file"
        return JournalError(self._file.path, told)


def _is_control(path: str) -> bool:
    return path.startswith(_CONTROL)


def _head(call: Call) -> str:
    """A call without its body, as JSON; of the credentials only the name of the key."""
    values = (
        call.method,
        call.path,
        json.dumps(call.query) if call.query else "{}",
        call.key.name if call.key else "",
        call.host,
    )
    return json.dumps(dict(zip(_HEAD, values, strict=True)))


def _unwritten(call: Call, wrong: JournalError) -> DialectError:
    """What a call is refused with that cannot be written; only the control API tells why."""
    if _is_control(call.path):
        return trouble(507, f"nothing was changed: {wrong}")
    return refusal(500, GENERIC, "An error has occurred")
