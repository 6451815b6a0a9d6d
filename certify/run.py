"""The run: one scenario after the other, or all of them at once, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderflow.certify.integration import Integration
from orderflow.certify.play import Pace, Play
from orderflow.certify.scenario import Scenario
from orderflow.conformance.integration.verdict import Played

if TYPE_CHECKING:
    from orderflow.certify.stage import Stage

_LOOK_AGAIN = 0.005
"""Seconds between two looks at what has happened."""

_SAY_AGAIN = 0.1
"""Seconds between two words on what is going on."""

_ARRIVAL = 20.0
"""Seconds of real time in which a program that was started calls for the first time."""

_LONGEST_POLL = 90.0
"""Seconds in which a program that has read its feed reads it once more."""

_FLOOD, _FLOOD_RATE = 2_000, 200
"""Calls in one scenario, and calls a second, from which on an integration floods the sandbox: no
scenario gives a reason for a tenth of it."""

_MANY_SECONDS = 0.001

Told = Callable[[str], None]
"""Hears what is going on."""


def print_nothing(words: str) -> None:
    """Hear nothing."""
    del words


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may take.

    Attributes:
        timeout: Seconds of real time for all of it.
        patience: By how much longer each wait is than its scenario says.
        scale: How much quicker time is for the integration than on the clock.
        arrival: Seconds in which a program that was started calls for the first time.
    """

    timeout: float = 600.0
    patience: float = 1.0
    scale: float = 60.0
    arrival: float = _ARRIVAL


class Run:
    """A run of scenarios.

    Args:
        stage: Where they are played.
        integration: Who goes through them.
        scenarios: In their order.
        limits: How long it may take.
        told: Hears what is going on.

    Attributes:
        played: How the scenarios went so far; those that were not begun stand behind, ``not-run``.
        happenings: What no rule speaks of.
        interrupted: What broke it off, None when nothing did.
    """

    def __init__(
        self,
        stage: Stage,
        integration: Integration,
        scenarios: Sequence[Scenario],
        limits: Limits | None = None,
        told: Told = print_nothing,
    ) -> None:
        self._stage, self._integration = stage, integration
        self._scenarios, self._limits, self._say = tuple(scenarios), limits or Limits(), told
        self._ends = stage.clock + self._limits.timeout
        self._pace = Pace(self._limits.patience, lambda: integration.gone, self._limits.scale)
        self._over: dict[str, Played] = {}
        self._reason = "there was no time to begin it"
        self._said = 0.0
        self.happenings: list[str] = []
        self.interrupted: KeyboardInterrupt | None = None

    @property
    def played(self) -> tuple[Played, ...]:
        """See the class."""
        return tuple(
            self._over.get(each.name)
            or Played(each.name, each.title, "not-run", self._reason, each.shows)
            for each in self._scenarios
        )

    def go(self, *, interleave: bool = False) -> None:
        """Play all, one after the other or at once; Ctrl-C ends it with what there is.

        Raises:
            ScenarioError: A scenario asks for what the sandbox cannot do.
            ChildError: The integration cannot be started.
        """
        try:
            if not self._has_arrived():
                return
            rounds = [self._scenarios] if interleave else [(each,) for each in self._scenarios]
            for place, scenarios in enumerate(each for each in rounds if each):
                if self._is_late or not self._is_there():
                    return
                self._round(place, scenarios)
        except KeyboardInterrupt as stop:
            self.interrupted = stop
            self._reason = "the run was broken off"
            self.happenings.append("The run was broken off by hand.")

    @property
    def _is_late(self) -> bool:
        return self._stage.clock >= self._ends

    def _has_arrived(self) -> bool:
        """Wait for the integration, which may be started by hand; false when it does not come."""
        count = self._integration.start()
        limit = self._ends if self._integration.is_elsewhere else self._limits.arrival
        until = limit if self._integration.is_elsewhere else self._stage.clock + limit
        self._say("waiting for the integration's first call")
        while not self._integration.has_come(count):
            self._stage.look()
            if self._integration.gone:
                self._integration.see_whether_it_ended("")
                self._reason = "the integration ended before it called"
                return False
            if self._stage.clock >= min(until, self._ends):
                self._stage.note("client", {"what": "silent", "code": None, "count": 0})
                self._reason = "the integration never called"
                self.happenings.append(
                    "The integration never called, and nobody listened where it should."
                )
                return False
            time.sleep(_LOOK_AGAIN)
        self._settle()
        return True

    def _settle(self) -> None:
        """Let it finish what it does when it begins, and see how often it reads its feed."""
        began, stillness = self._stage.clock, self._stage.stillness
        calls = self._stage.calls
        while self._stage.clock < self._ends and not self._integration.gone:
            self._stage.look()
            now = self._stage.clock
            longest = self._limits.arrival if stillness.is_known else _LONGEST_POLL
            if now - began > longest:
                self._see_flood("before the first scenario", self._stage.calls - calls, began)
                return
            if stillness.is_known and not self._stage.under_way and stillness.at_rest(now):
                return
            time.sleep(_LOOK_AGAIN)

    def _is_there(self) -> bool:
        """Start it again if it has ended; false when that has happened too often."""
        if not self._integration.gone:
            return True
        if self._integration.given_up:
            self._reason = "the integration kept ending"
            self.happenings.append("The integration kept ending, and was not started any more.")
            return False
        self._bring_back()
        return True

    def _bring_back(self) -> None:
        """Start it again, and wait until it has come."""
        count = self._integration.start()
        until = min(self._stage.clock + self._limits.arrival, self._ends)
        while not self._integration.has_come(count) and not self._integration.gone:
            self._stage.look()
            if self._stage.clock >= until:
                break
            time.sleep(_LOOK_AGAIN)
        self._settle()

    def _round(self, place: int, scenarios: Sequence[Scenario]) -> None:
        """Play *scenarios* at once, each of which goes on when it can."""
        stage, alone = self._stage, len(scenarios) == 1
        stage.clear(scenarios[0].name if alone else "interleaved", place)
        stage.stillness.begin(stage.clock)
        began, calls = stage.clock, stage.calls
        plays = [Play(each, stage, self._pace) for each in scenarios]
        why = "there was no more time"
        try:
            self._side_by_side(plays, alone=alone)
        except KeyboardInterrupt:
            why = "the run was broken off"
            raise
        finally:
            name = ", ".join(each.name for each in scenarios) if alone else "all of them"
            self._integration.see_whether_it_ended(name)
            self._see_flood(f"in {name}", stage.calls - calls, began)
            for play in plays:
                stage.enter(play.scenario.name)
                if play.scenario.name not in self._over:
                    play.end(why)
                    self._over[play.scenario.name] = play.played
            stage.enter("")
        self._integration.lived_through()

    def _side_by_side(self, plays: Iterable[Play], *, alone: bool) -> None:
        going: list[tuple[Play, Iterator[None]]] = [(each, each.go()) for each in plays]
        while going:
            self._stage.look()
            for play, steps in tuple(going):
                self._stage.enter(play.scenario.name)
                try:
                    next(steps)
                except StopIteration:
                    going.remove((play, steps))
                    play.end()
                    self._over[play.scenario.name] = play.played
                if not alone:
                    self._stage.enter("")
            self._tell([play for play, _ in going])
            if self._is_late:
                self._reason = "there was no time to begin it"
                return
            if going:
                time.sleep(_LOOK_AGAIN)

    def _tell(self, plays: Sequence[Play]) -> None:
        if plays and self._stage.clock - self._said >= _SAY_AGAIN:
            self._said = self._stage.clock
            at = len(self._over) + 1
            play = plays[0]
            name, doing = play.scenario.name, play.doing
            self._say(f"{at}/{len(self._scenarios)} {name}: {doing}"[:150])

    def _see_flood(self, where: str, calls: int, began: float) -> None:
        """Tell of a flood: so many *calls* since the moment *began*."""
        rate = round(calls / max(self._stage.clock - began, _MANY_SECONDS))
        if calls < _FLOOD or rate < _FLOOD_RATE:
            return
        self._stage.note("client", {"what": "flood", "code": None, "count": calls})
        self.happenings.append(
            f"The integration flooded the sandbox {where}: {calls} calls, {rate} a second."
        )
