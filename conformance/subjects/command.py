"""A program in any language as a subject: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from types import TracebackType

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.errors import TargetError
from orderflow.conformance.subjects.lines import Program, SilenceError
from orderflow.conformance.subjects.patience import Patience, Reading, Seen, Time, unknown
from orderflow.conformance.subjects.subject import (
    ADVANCE,
    LOOK,
    Abilities,
    Answer,
    Call,
    Outcome,
)
from orderflow.conformance.subjects.words import in_short, is_status, plain_data, plain_start

VERSION = 1
"""Of the protocol."""

SECONDS = 5.0
"""Within which a program has to answer a line, unless somebody says otherwise."""

_SECONDS_TO_START = 30.0
_HELLO = {"do": "hello", "version": VERSION}
_MOST_STARTS = 10
_PATIENCE = Patience(2_000, 20)

_Answered = Mapping[str, object]


class CommandSubject:
    """A :class:`~orderflow.conformance.subjects.subject.Subject` that is a program.

    It is started at once, and again for the next order when it has ended or had to be stopped.

    Args:
        words: The program and its arguments.
        seconds: Within which an answer must be there; its first one may take longer.
        time: Where seconds come from, while an awaited event is waited for.

    Attributes:
        abilities: What it can be asked for.

    Raises:
        TargetError: It cannot be started, or does not answer ``hello``.
    """

    def __init__(
        self, words: Sequence[str], *, seconds: float = SECONDS, time: Time | None = None
    ) -> None:
        self._program = Program(words)
        self._seconds, self._time = seconds, time or Time()
        self._starts, self._status = 0, ""
        self._numbered, self._number = False, 0
        try:
            self.abilities = _abilities(self._launch())
        except SilenceError as error:
            self.close()
            raise TargetError(words[0], f"{error}; its first line must be a JSON object") from None

    def __enter__(self) -> CommandSubject:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop the program."""
        self.close()

    def close(self) -> None:
        """Stop the program."""
        self._program.stop()

    def begin(self, start: Start) -> Answer:
        """Prepare another order, in a new process if the last one has ended."""
        about = plain_start(start)
        asked = {"do": "begin", "items": about["items"], "replaceable": about["replaceable"]}
        try:
            if not self._program.running:
                self._launch()
            seen = _seen(self._ask(asked))
        except SilenceError as error:
            return unknown(in_short(str(error)))
        self._status = seen.status
        if not seen.status:
            return unknown(seen.told)
        return Answer(Outcome.ACCEPTED, seen.status, "", seen.trigger)

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        try:
            answer = self._fired(call)
        except SilenceError as error:
            return unknown(in_short(str(error)))
        self._status = answer.status or self._status
        return answer

    def _fired(self, call: Call) -> Answer:
        if call.event == LOOK:
            waits = self.abilities.awaited or self.abilities.awaited_in
            patience = _PATIENCE if waits else None
            reading = Reading(self._look, patience, self._time, "let it settle before it answers")
            return reading.after_acceptance(call, self._status)
        if call.event == ADVANCE:
            return _judged(self._ask({"do": "advance", "milliseconds": call.wait}), accepted=True)
        told = self._ask({"do": "fire", "event": call.event, "data": plain_data(call.data)})
        accepted = told.get("accepted")
        if not isinstance(accepted, bool):
            return unknown('an answer to "fire" needs "accepted": true or false')
        return _judged(told, accepted=accepted)

    def _look(self) -> Seen:
        return _seen(self._ask({"do": "look"}))

    def _launch(self) -> _Answered:
        """Start the program; give what it says of itself."""
        if self._starts >= _MOST_STARTS:
            raise SilenceError(f"the program was started {_MOST_STARTS} times and not again")
        self._starts += 1
        try:
            self._program.start()
        except TargetError as error:
            if self._starts == 1:
                raise
            raise SilenceError(str(error)) from None
        self._numbered = False
        told = self._ask(_HELLO, max(_SECONDS_TO_START, self._seconds))
        self._numbered = told.get("numbered") is True
        return told

    def _ask(self, question: Mapping[str, object], seconds: float | None = None) -> _Answered:
        """What the program answers.

        Raises:
            SilenceError: Nothing that can be used.
        """
        do, numbered = question["do"], self._numbered
        if numbered:
            self._number += 1
            question = {**question, "number": self._number}
        line = self._program.ask(
            json.dumps(question).encode(),
            seconds or self._seconds,
            self._is_late if numbered else None,
        )
        found = _object(line)
        if found is None:
            # Nobody knows which question a stray line belongs to.
            self._program.stop()
            told = f'its answer to "{do}" is not a JSON object; print nothing else to stdout'
            raise SilenceError(told)
        if numbered and found.get("number") != self._number:
            self._program.stop()
            told = f'its answer to "{do}" needs "number": {self._number}, that of the question'
            raise SilenceError(told)
        return found

    def _is_late(self, line: bytes) -> bool:
        """Whether a line answers an earlier question."""
        number = (_object(line) or {}).get("number")
        if isinstance(number, bool) or not isinstance(number, int):
            return False
        return 0 < number < self._number


def _object(line: bytes) -> _Answered | None:
    """The JSON object that a line is; None when it is none."""
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def split(command: str) -> tuple[str, ...]:
    """The words of a command line, as a shell would split it.

    Raises:
        TargetError: There are none, or a quote is not closed.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise TargetError(f"command:{command}", str(error).lower()) from None
    if not words:
        raise TargetError(f"command:{command}", "name a program, such as command:./shop --test")
    return words


def _seen(told: _Answered) -> Seen:
    status, trigger = told.get("status"), told.get("trigger")
    if not isinstance(status, str) or not is_status(status):
        return Seen("", told='an answer needs a "status", such as "invoiced"')
    if "trigger" in told and trigger is None:
        trigger = ""
    return Seen(status, trigger if isinstance(trigger, str) else None)


def _judged(told: _Answered, *, accepted: bool) -> Answer:
    seen = _seen(told)
    if not seen.status:
        return unknown(seen.told)
    outcome = Outcome.ACCEPTED if accepted else Outcome.REFUSED
    words = told.get("told", "")
    return Answer(outcome, seen.status, in_short(str(words)), seen.trigger)


def _abilities(told: _Answered) -> Abilities:
    """What a program says it can be asked for, everything when it does not say.

    Raises:
        SilenceError: It says so in a way that cannot be understood.
    """
    given = told.get("abilities", {})
    known = {"asked", "awaited", "turns_clock"}
    wanted = (
        '"abilities" has "asked" and "awaited", lists of events, and "turns_clock"; '
        'an awaited event may be {"event": …, "in": [statuses]}'
    )
    if not isinstance(given, dict) or not given.keys() <= known:
        raise SilenceError(wanted)
    asked, turns_clock = given.get("asked"), given.get("turns_clock", True)
    rows = given.get("awaited") or []
    somewhere = [each for each in rows if isinstance(each, dict)] if _is_list(rows) else []
    awaited = [each for each in rows if not isinstance(each, dict)] if _is_list(rows) else rows
    named = asked is None or _is_names(asked)
    if not (named and _is_names(awaited) and isinstance(turns_clock, bool)):
        raise SilenceError(wanted)
    if not all(isinstance(x.get("event"), str) and _is_names(x.get("in")) for x in somewhere):
        raise SilenceError(wanted)
    events = None if asked is None else frozenset(asked)
    pairs = frozenset((each["event"], status) for each in somewhere for status in each["in"])
    return Abilities(events, frozenset(awaited), turns_clock, pairs)


def _is_names(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(x, str) for x in given)


def _is_list(given: object) -> bool:
    return isinstance(given, list)
