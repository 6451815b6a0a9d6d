"""The integration as the runner has it: a program that it starts, or one that runs elsewhere."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from orderflow.certify.child import Child
    from orderflow.certify.stage import Stage

MOST_CRASHES = 3
"""Ends one after the other after which it is not started again."""

_TRY = 0.2
"""Seconds in which somebody who listens on this machine takes a connection."""

_LAST_WORDS = 600


class Integration:
    """What is certified.

    Args:
        stage: Where it calls.
        child: The program; None when it runs elsewhere.
        listens: URLs at which it is called without having said so itself.

    Attributes:
        happenings: What befell it, one sentence each.
    """

    def __init__(self, stage: Stage, child: Child | None, listens: Iterable[str] = ()) -> None:
        self._stage, self._child = stage, child
        self._listens = tuple(each for each in listens if each)
        self._crashes = 0
        self._told: int | None = None
        self.happenings: list[str] = []

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self._child is not None and not self._child.running

    @property
    def given_up(self) -> bool:
        """Whether it ended so often that it is not started again."""
        return self.gone and self._crashes >= MOST_CRASHES

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody else starts it."""
        return self._child is None

    def start(self) -> int:
        """Start it unless it runs; how many lines there were before.

        Raises:
            ChildError: It cannot be started.
        """
        count = self._stage.count
        if self._child is not None and not self._child.running:
            self._child.start()
            self._told = None
            facts = {"what": "started", "code": None, "count": self._child.starts}
            self._stage.note("client", facts)
            self._stage.stir()
        return count

    def has_come(self, count: int) -> bool:
        """Whether it has made a call since there were *count* lines, or listens where it should."""
        if any(line.kind == "call" for line in self._stage.since(count)):
            return not self._listens or self._is_listening()
        return bool(self._listens) and self._is_listening()

    def _is_listening(self) -> bool:
        return all(_takes_connections(url) for url in self._listens)

    def see_whether_it_ended(self, scenario: str) -> None:
        """Write down that it has ended, if it has; told once for each time it was started."""
        child = self._child
        if child is None or child.running or child.code is None or self._told == child.starts:
            return
        self._told = child.starts
        self._crashes += 1
        facts = {"what": "ended", "code": child.code, "count": child.starts}
        self._stage.note("client", facts)
        when = f"in scenario {scenario}" if scenario else "before the first scenario"
        words = child.output.strip()[-_LAST_WORDS:]
        last = f"; its last words: {words}" if words else "; it had printed nothing"
        self.happenings.append(f"The integration ended {when} {_how(child.code)}{last}")

    def lived_through(self) -> None:
        """A scenario is over, and it still runs."""
        if not self.gone:
            self._crashes = 0

    def stop(self) -> None:
        """End it, if it was started here."""
        if self._child is not None:
            self._child.stop()

    @property
    def output(self) -> str:
        """The end of what it printed; empty when it runs elsewhere."""
        return "" if self._child is None else self._child.output


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with code {code}"


def _takes_connections(url: str) -> bool:
    split = urlsplit(url)
    port = split.port or (443 if split.scheme == "https" else 80)
    try:
        socket.create_connection((split.hostname or "", port), _TRY).close()
    except OSError:
        return False
    return True
