"""A system behind a URL as a subject: requests made of calls, a status read off responses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple

import httpx2

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.deadline import Deadline
from orderflow.conformance.subjects.mapping import Ask, HttpMapping, outcome_of
from orderflow.conformance.subjects.patience import Reading, Seen, Time, unknown
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Answer, Call, Outcome
from orderflow.conformance.subjects.template import (
    MISSING,
    Found,
    Values,
    as_text,
    filled,
    filled_path,
    value_at,
)
from orderflow.conformance.subjects.words import in_short, is_status, plain_data, plain_start
from orderflow.flows.model import ABSENT
from orderflow.simulator.scenario import duration

MOST_BYTES = 1_000_000
"""Longest response that is read."""

_TOO_MANY = 429
_MOST_TRIES = 5
_LEAST_SECONDS = 0.001
_AT_REST = Answer(Outcome.ACCEPTED, ABSENT)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_UNPLACED = Call(LOOK, leads_to=ABSENT)


class Reply(NamedTuple):
    """What came back.

    Attributes:
        code: Status code, 0 when there was no response.
        body: The JSON document in it; missing when there is none.
        trouble: Why there was no response, else empty.
        pause: Seconds it asks to be left alone; empty when it does not say.
    """

    code: int
    body: Found = MISSING
    trouble: str = ""
    pause: str = ""


class HttpSubject:
    """A :class:`~orderflow.conformance.subjects.subject.Subject` behind a URL.

    Args:
        mapping: How to talk to it.
        base: URL its paths are below; that of the mapping when empty.
        secrets: Value of each header that comes from the environment, see ``target.headers_of``.
        time: Where seconds come from.

    Attributes:
        abilities: What it can be asked for.
    """

    def __init__(
        self,
        mapping: HttpMapping,
        *,
        base: str = "",
        secrets: Mapping[str, str] | None = None,
        time: Time | None = None,
    ) -> None:
        self.mapping, self.abilities = mapping, mapping.abilities
        self._base = (base or mapping.base).rstrip("/")
        self._secrets = dict(secrets or {})
        self._time, self._deadline = time or Time(), Deadline()
        headers = {each.name: each.text for each in mapping.headers}
        self._client = httpx2.Client(
            headers={"Accept-Encoding": "identity", **headers, **self._secrets},
            trust_env=False,
        )
        self._start = Start()
        self._id: str | None = None
        self._status = ABSENT

    def __enter__(self) -> HttpSubject:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        self._start, self._id, self._status = start, None, ABSENT
        return _AT_REST if self.mapping.new.at else self._create(_UNPLACED)

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        if self._id is None:
            return self._before_there_is_one(call)
        if call.event == LOOK:
            return self._noted(self._reading().after_acceptance(call, self._status))
        values = self._values(call)
        ask = self.mapping.advance if call.event == ADVANCE else self._ask(call.event)
        if ask is None:
            return self._unasked(call)
        return self._noted(self._asked(ask, call, values))

    def _before_there_is_one(self, call: Call) -> Answer:
        if call.event == self.mapping.new.at:
            return self._create(call)
        if call.event in {ADVANCE, LOOK}:
            return _AT_REST
        told = "there is no order yet, so nothing was sent"
        return Answer(Outcome.REFUSED, ABSENT, told, asked=False)

    def _unasked(self, call: Call) -> Answer:
        if call.event == self.mapping.new.at:
            # One request makes one order: to send it again would be about another one.
            told = "the order is there already, so nothing was sent"
            return replace(self._noted(self._reading().after_refusal(told)), asked=False)
        return unknown(f"the mapping has no request for {call.event}")

    def _create(self, call: Call) -> Answer:
        ask = self.mapping.new.ask
        reply = self._send(ask, plain_start(self._start))
        outcome, told = self._meaning(reply, ask)
        if outcome is Outcome.REFUSED and self.mapping.new.at:
            return Answer(outcome, ABSENT, told)
        if outcome is not Outcome.ACCEPTED:
            return unknown(told)
        found = value_at(reply.body, self.mapping.new.id)
        if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
            return unknown(f"no order id at {self.mapping.new.id!r} in the response")
        self._id = str(found)
        return self._noted(self._reading().after_acceptance(call, self._status, told))

    def _asked(self, ask: Ask, call: Call, values: Values) -> Answer:
        reply = self._send(ask, values)
        outcome, told = self._meaning(reply, ask)
        if outcome is Outcome.INDETERMINATE:
            return unknown(told)
        if outcome is Outcome.ACCEPTED:
            return self._reading().after_acceptance(call, self._status, told)
        if call.event == ADVANCE:
            return unknown(in_short(f"time does not pass: {told}"))
        return self._reading().after_refusal(told)

    def _ask(self, event: str) -> Ask | None:
        return self.mapping.events.get(event, self.mapping.default)

    def _values(self, call: Call) -> Values:
        data = plain_data(call.data)
        about = {"id": self._id, "event": call.event, "data": data, "ms": call.wait}
        return {**data, **about}

    def _noted(self, answer: Answer) -> Answer:
        """*answer*, with its status kept for the next call."""
        self._status = answer.status or self._status
        return answer

    def _reading(self) -> Reading:
        return Reading(self._read, self.mapping.patience, self._time)

    def _read(self) -> Seen:
        """Ask for the status, once."""
        shown = self.mapping.shown
        reply = self._send(shown.ask, {"id": self._id})
        outcome, told = self._meaning(reply, shown.ask)
        if outcome is not Outcome.ACCEPTED:
            soon = reply.code == HTTPStatus.NOT_FOUND
            return Seen("", told=in_short(f"status cannot be read: {told}"), soon=soon)
        if reply.body is MISSING:
            return Seen("", told="the response with the status is not JSON")
        found = value_at(reply.body, shown.at)
        if found is MISSING or isinstance(found, list | dict):
            return Seen("", told=f"no status at {shown.at!r} in the response")
        status = shown.translate.get(as_text(found), as_text(found))
        if not is_status(status):
            return Seen("", told=f"what stands at {shown.at!r} is no status")
        return Seen(status, self._trigger(reply.body))

    def _trigger(self, body: Found) -> str | None:
        shown = self.mapping.shown
        found = value_at(body, shown.trigger) if shown.trigger else MISSING
        if found is MISSING:
            return None if shown.optional or not shown.trigger else ""
        return found if isinstance(found, str) else ""

    def _meaning(self, reply: Reply, ask: Ask) -> tuple[Outcome, str]:
        """What a response says about a call, and what to tell of it."""
        if reply.trouble:
            return Outcome.INDETERMINATE, reply.trouble
        outcome, hint = outcome_of(reply.code, ask)
        said = value_at(reply.body, self.mapping.says) if self.mapping.says else MISSING
        told = f"{reply.code} {_phrase(reply.code)}".strip()
        told += f" ({hint})" if hint else ""
        told += "" if said is MISSING or isinstance(said, list | dict) else f": {as_text(said)}"
        return outcome, self._safe(told)

    def _safe(self, text: str) -> str:
        """*text* in short and without what came from the environment."""
        for header in self.mapping.headers:
            secret = self._secrets.get(header.name, "").removeprefix(header.text)
            text = text.replace(secret, "***") if secret else text
        return in_short(text)

    def _send(self, ask: Ask, values: Values) -> Reply:
        """Make a request; again after a while when it asks for that and there is time."""
        until = self._time.now() + self.mapping.timeout / 1000
        reply = self._try(ask, values, until)
        for _ in range(_MOST_TRIES):
            pause = _pause(reply) if _TOO_MANY not in ask.refused else None
            if pause is None or pause >= until - self._time.now():
                break
            self._time.sleep(pause)
            reply = self._try(ask, values, until)
        return reply

    def _try(self, ask: Ask, values: Values, until: float) -> Reply:
        """Make a request once, within the time there is *until* its end."""
        late = f"no response within {duration(self.mapping.timeout)}: slow, or stuck; see timeout"
        left = max(until - self._time.now(), _LEAST_SECONDS)
        body = filled(ask.body, values)
        sent = None if body is MISSING or body is None else body
        url = self._base + filled_path(ask.path, values)
        more = {"trace": self._deadline.note}
        try:
            with (
                self._deadline.within(left),
                self._client.stream(
                    ask.method, url, json=sent, timeout=left, extensions=more
                ) as response,
            ):
                return self._received(response)
        except httpx2.ConnectError:
            return Reply(0, trouble="no connection: is it running there?")
        except httpx2.TimeoutException:
            return Reply(0, trouble=late)
        except httpx2.RequestError as error:
            broke = f"the connection broke ({type(error).__name__})"
            return Reply(0, trouble=late if self._deadline.over else broke)

    def _received(self, response: httpx2.Response) -> Reply:
        """The response, if it is short enough."""
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MOST_BYTES:
                return Reply(0, trouble=f"the response is longer than {MOST_BYTES} bytes")
        pause = response.headers.get("retry-after", "")
        return Reply(response.status_code, _document(bytes(content)), pause=pause)


def _pause(reply: Reply) -> int | None:
    """Seconds after which to ask again; None when it does not want to be asked again.

    Source: RFC 9110, section 10.2.3 (Retry-After); a date would need the time of day.
    """
    if reply.code != _TOO_MANY or not re.fullmatch("[0-9]{1,9}", reply.pause):
        return None
    return int(reply.pause)


def _document(content: bytes) -> Found:
    """The JSON document that a response holds; missing when it holds none."""
    try:
        found: Found = json.loads(content)
    except (ValueError, RecursionError):
        return MISSING
    return found


def _phrase(code: int) -> str:
    """The usual name of a status code; never what the response calls it."""
    return _PHRASES.get(code, "")
