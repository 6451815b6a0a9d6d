"""One call as a witness sees it, from its arrival to its answer, and the facts that every call has.

A fact is what a judge needs of a call and nothing else: a number, a name on a list, whether
something is there. What stands for a body, a program or a handle is a mark: a digest under a key of
the sandbox's own, so that equal ones are known to be equal and nothing can be read from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from orderflow.sandbox.trace import shown

if TYPE_CHECKING:
    from orderflow.sandbox.account import AppKey
    from orderflow.sandbox.dialect import Answer
    from orderflow.sandbox.evidence_feed import FeedMemory
    from orderflow.sandbox.findings import Finding
    from orderflow.sandbox.routes import Call
    from orderflow.sandbox.service import Service
    from orderflow.sandbox.store import Held

Facts = dict[str, object]

_K = TypeVar("_K")
_V = TypeVar("_V")

MOST_ROWS = 200
"""Rows of a list that a fact holds."""

LONGEST = 60
"""Characters of a client's text that a fact holds."""

_ORDER_NAMES = ("orderId", "changeOrderId")
_CREDENTIALS = ("x-vtex-api-appkey", "x-vtex-api-apptoken", "vtexidclientautcookie")
_IN_BODY = (b"apptoken", b"app_token")
_TOO_MANY, _FORBIDDEN, _FAILED = 429, 403, 400
_LONGEST_NUMBER = 12


class Marks:
    """Makes marks.

    Args:
        seed: Of the sandbox; marks of another seed are others.
    """

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"{seed}/marks".encode(), digest_size=32).digest()

    def of(self, what: bytes | str, digits: int = 12) -> str:
        """The mark of *what*, empty for nothing."""
        if not what:
            return ""
        read = what.encode(errors="replace") if isinstance(what, str) else what
        return blake2b(read, key=self._key, digest_size=digits // 2).hexdigest()


@dataclass(slots=True)
class Sight:
    """One call.

    Attributes:
        service: The sandbox.
        call: What was called.
        operation: Method and path of its route, empty when there is none.
        marks: Makes marks.
        feeds: What is known of the items that feeds have given.
        began: When it came in, on the monotonic clock in seconds.
        number: Its number among all calls of the sandbox.
        newest: The latest mistake that had been written down when it came in.
        key: Whose credentials came with it, None when nobody's.
        auth: How it showed who it is.
        agent: Mark of the program that called.
        before: Status of its order when it came in.
        foretold: Facts that are not there any more once it is answered.
        faults: Names of the faults that struck.
        mistakes: Those that were written down while it was answered.
        done: What its handler gave, None when a fault or a refusal came first.
        given: What is answered.
    """

    service: Service
    call: Call
    operation: str
    marks: Marks
    feeds: FeedMemory
    began: float
    number: int
    newest: Finding | None
    key: AppKey | None = None
    auth: str = "ok"
    agent: str = ""
    before: str = ""
    foretold: Facts = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    mistakes: tuple[Finding, ...] = ()
    done: Answer | None = None
    given: Answer = None  # type: ignore[assignment]  # there before anybody reads it

    @property
    def key_name(self) -> str:
        """Whole name of the key, empty without one."""
        return self.key.name if self.key else ""

    @property
    def worked(self) -> bool:
        """Whether the sandbox did what was asked for."""
        return self.done is not None and self.done.status in range(200, 300)

    def sent(self) -> Mapping[str, object]:
        """The object in the body; empty when there is none."""
        found = read(self.call.body)
        return found if isinstance(found, dict) else {}

    def answered(self) -> Mapping[str, object]:
        """The object in the answer, as it is sent; empty when there is none."""
        found = read(self.given.body)
        return found if isinstance(found, dict) else {}

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """The objects of the array in the answer, as it is sent."""
        return objects(read(self.given.body))


def keep_newest(known: dict[_K, _V], most: int) -> None:
    """Let go of what was put in first, until there are *most*."""
    while len(known) > most:
        del known[next(iter(known))]


def read(body: bytes) -> object:
    """The JSON value in *body*, None when there is none."""
    if not body:
        return None
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found


def objects(found: object) -> tuple[Mapping[str, object], ...]:
    """The objects in an array."""
    rows = found if isinstance(found, list) else ()
    return tuple(each for each in rows[:MOST_ROWS] if isinstance(each, dict))


def inner(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object called *name*, an empty one when there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def folded(found: Mapping[str, object]) -> Mapping[str, object]:
    """The same with names in lower case."""
    return {name.lower(): value for name, value in found.items()}


def word(value: object) -> str:
    """A client's text as a fact holds it; empty when it is none."""
    return shown(value, LONGEST) if isinstance(value, str) else ""


def words(value: object) -> list[str]:
    """The texts in an array."""
    rows = value if isinstance(value, list) else []
    return [word(each) for each in rows[:MOST_ROWS] if isinstance(each, str)]


def number(value: object) -> int | None:
    """A whole number, also of a text; None when it is none.

    >>> number(7), number("7"), number(7.0), number("7.5"), number(True)
    (7, 7, 7, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 10**_LONGEST_NUMBER else None
    if isinstance(value, str):
        digits = value.strip().removeprefix("-")
        short = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
        return int(value) if short else None
    return value if isinstance(value, int) and abs(value) < 10**_LONGEST_NUMBER else None


def missing(found: Mapping[str, object], names: Iterable[str]) -> list[str]:
    """Those of *names* that are not there; null is."""
    return [name for name in names if name not in found]


def held_of(sight: Sight) -> Held | None:
    """The order whose id stands in the path of a call; None when its account has none of it."""
    named = name_of(sight)
    if sight.key is None or not named:
        return None
    return sight.service.store.find(named, sight.key.account)


def name_of(sight: Sight) -> str:
    """The order id in the path of a call, empty when there is none."""
    given = (sight.call.parameters.get(name, "") for name in _ORDER_NAMES)
    return next((each for each in given if each), "")


def auth_of(sight: Sight, headers: Mapping[str, str]) -> str:
    """How a call shows who it is: ``ok``, ``none``, ``wrong``, ``body`` or ``revoked``."""
    if sight.key is not None:
        return "ok"
    named = headers.get("x-vtex-api-appkey", "")
    accounts = sight.service.accounts
    if any(each.name == named and accounts.is_revoked(each) for each in accounts.keys):
        return "revoked"
    if (
        any(headers.get(name) for name in _CREDENTIALS)
        or _CREDENTIALS[-1] in headers.get("cookie", "").lower()
    ):
        return "wrong"
    return "body" if any(each in sight.call.body.lower() for each in _IN_BODY) else "none"


def agent_of(sight: Sight, headers: Mapping[str, str]) -> str:
    """Mark of the program that calls."""
    return sight.marks.of(headers.get("user-agent", ""), 8)


def call_facts(sight: Sight) -> Facts:
    """The facts that every call has."""
    given, body = sight.given, sight.call.body
    found: Facts = {
        "code": code_in(given) if given.status >= _FAILED else "",
        "done": given.status if sight.done is None else sight.done.status,
        "body": sight.marks.of(body),
        "auth": "forbidden" if _is_refused(sight) else sight.auth,
        "agent": sight.agent,
        "mistakes": mistakes_in(sight.mistakes),
        "media": bool(given.body) and given.media.startswith("application/json"),
    }
    if body.strip():
        found["json"] = read(body) is not None or body.strip() == b"null"
    pause = dict(given.headers).get("retry-after", "")
    if given.status == _TOO_MANY and pause.isdigit():
        found["retry_after"] = int(pause)
    return found


def _is_refused(sight: Sight) -> bool:
    return sight.auth == "ok" and sight.given.status == _FORBIDDEN


def code_in(given: Answer) -> str:
    """The code of an error, in any of the platform's error bodies; empty when there is none."""
    found = read(given.body)
    if not isinstance(found, dict):
        return ""
    errors = objects(found.get("errors"))
    places = (inner(found, "error"), *errors[:1], found)
    codes = (str(each["code"]) for each in places if isinstance(each.get("code"), str | int))
    return word(next(codes, ""))


def mistakes_in(found: Iterable[Finding]) -> list[Facts]:
    """Mistakes as a line tells them."""
    return [{"code": each.code, "message": shown(each.message)} for each in found]
