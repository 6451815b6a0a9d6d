"""Whether an integration is at rest: seen in what it calls, not slept for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import READ

_ROUNDS = 2
"""Reads of a feed one after the other that bring nothing: its reader has come round."""

_LOOKS = 3
"""Quiet times without any call but reading ones, after which a client merely looks again."""

_TOO_MANY = 429
_USUAL_PAUSE = 60.0
"""Seconds for which a client keeps quiet that was told it calls too often. Source: domain fact
sheet "Conformance rules", B-75."""

_LONGEST_PAUSE = 90.0
_SLOWER, _LATER = 1.5, 0.5
"""By how much, and how many seconds, a pause may be longer than it has to be."""

_DOUBLED = 8
"""Times that a pause is doubled at most."""

_REMEMBERED = 5
"""Pauses between two reads of a feed by which it is known how long they usually are."""

_POLLS = 2.5
"""Such pauses in which one that reads a feed would have called again."""

_WARY = 2
"""Quiet times without a call after which a client is at rest that was answered by a failure: it
may be about to try again."""

_FAILED = 500


@dataclass(slots=True)
class Stillness:
    """What is known of the rest of an integration; it is told each line as it comes.

    All times are seconds of real time on one clock, which is the caller's.

    Args:
        quiet: For how long there is no call when an integration that reads no feed is at rest.
        scale: How much quicker time is for the integration than on the clock.
    """

    quiet: float = 1.0
    scale: float = 1.0
    _called: float = 0.0
    _wrote: float = 0.0
    _rounds: int = 0
    _paused_until: float = 0.0
    _refusals: int = 0
    _wary: bool = False
    _read_empty: float | None = None
    _reads_feed: bool = False
    _pauses: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def stir(self, now: float) -> None:
        """Something happened that the integration may have to do with."""
        self._called, self._wrote, self._rounds = now, now, 0

    def begin(self, now: float) -> None:
        """Another scenario begins: what the integration did before tells nothing any more."""
        self._paused_until, self._refusals, self._wary = 0.0, 0, False
        self.stir(now)

    def hear(self, lines: Iterable[Line], now: float) -> None:
        """Take note of what has been seen since the last time."""
        for line in lines:
            if line.kind == "call":
                self._heard_call(line, now)
            elif line.kind in ("delivery", "record"):
                self.stir(now)
            elif line.kind == "step":
                self._called = self._wrote = now

    def _heard_call(self, line: Line, now: float) -> None:
        if now - self._called >= self.quiet_time:
            self._wrote = now  # it was silent, and begins with something
        self._called = now
        self._wary = line.status >= _FAILED or not line.status
        self._refusals = self._refusals + 1 if line.status == _TOO_MANY else 0
        self._paused_until = now + self._pause(line) if self._refusals else 0.0
        if line.operation == READ:
            self._heard_read(line, now)
            return
        self._rounds, self._read_empty = 0, None
        if line.method != "GET":
            self._wrote = now

    def _heard_read(self, line: Line, now: float) -> None:
        if self._read_empty is not None:
            self._pauses.append(now - self._read_empty)
        self._reads_feed = self._reads_feed or line.told_success
        empty = line.told_success and not line.rows("items")
        self._read_empty = now if empty else None
        self._rounds = self._rounds + 1 if empty else 0
        if not empty:
            self._wrote = now

    def _pause(self, line: Line) -> float:
        """For how many seconds a client may keep quiet that was told by *line* to call less often.

        Each time that it is told so again it waits twice as long, if it is careful.
        """
        told = float(line.whole("retry_after") or 0)
        usual = _USUAL_PAUSE / self.scale * (1 << min(self._refusals - 1, _DOUBLED))
        return min(max(told, usual) * _SLOWER + _LATER, _LONGEST_PAUSE)

    @property
    def paused_until(self) -> float:
        """Until when the integration keeps quiet because it was told to; a call ends that."""
        return self._paused_until

    @property
    def poll_pause(self) -> float:
        """Seconds that it usually lets pass between two reads of its feed; 0 when unknown."""
        return sorted(self._pauses)[len(self._pauses) // 2] if self._pauses else 0.0

    @property
    def is_known(self) -> bool:
        """Whether it is known how often it reads its feed, if it does."""
        return bool(self._pauses) or not self._reads_feed

    @property
    def quiet_time(self) -> float:
        """Seconds without a call after which it is at rest."""
        return max(self.quiet, _POLLS * self.poll_pause)

    def at_rest(self, now: float) -> bool:
        """Whether it has nothing more to do, as far as its calls tell.

        It has read its feed empty twice and called nothing else; or it has been quiet; or it only
        looks, again and again, without anything coming of it.
        """
        if now < self._paused_until:
            return False
        if self._rounds >= _ROUNDS:
            return True
        quiet = self.quiet_time * (_WARY if self._wary else 1)
        return now - self._called >= quiet or now - self._wrote >= _LOOKS * self.quiet_time
