"""What the sandbox answers, and how it says no: the platform's error bodies.

Source: domain fact sheet "HTTP surface", section 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from orderflow.flows.errors import OrderflowError

JSON = "application/json; charset=utf-8"
GENERIC = "001"
"""Code of the platform's error without a more special one.

That refusals whose code no source gives carry it is a sandbox decision.
"""


class Answer(NamedTuple):
    """One HTTP answer.

    Attributes:
        status: HTTP status code.
        body: Bytes of the body; empty for none.
        media: Media type of the body.
        headers: Further headers.
        delay: Ms of real time before it is sent.
        dropped: It is not sent at all: the connection is closed without a word; the status is 0.
        later: Gives the final answer once it is known, None before; this one is not sent then.
    """

    status: int
    body: bytes = b""
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay: int = 0
    dropped: bool = False
    later: Callable[[], Answer | None] | None = None


class DialectError(OrderflowError):
    """A call that is refused.

    Attributes:
        answer: What the caller gets.
    """

    def __init__(self, answer: Answer, why: str) -> None:
        super().__init__(why)
        self.answer = answer


def as_json(value: object, status: int = 200) -> Answer:
    """The answer with *value* as its body."""
    return Answer(status, written(value))


def written(value: object) -> bytes:
    """*value* as JSON without blanks.

    >>> written({"status": "handling", "value": 100})
    b'{"status":"handling","value":100}'
    """
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:  # a lone surrogate that a caller sent has no bytes of its own
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def error(status: int, code: str, message: str) -> Answer:
    """The error body of the Orders API.

    >>> error(404, "OMS007", "Order Not Found").body
    b'{"error":{"code":"OMS007","message":"Order Not Found","exception":null}}'
    """
    return as_json({"error": {"code": code, "message": message, "exception": None}}, status)


def refusal(status: int, code: str, message: str) -> DialectError:
    """The error to raise for :func:`error`."""
    return DialectError(error(status, code, message), message)


def bad_request(message: str) -> DialectError:
    """400 for a body or a query that cannot be used; the code is a sandbox decision."""
    return refusal(400, GENERIC, message)


def order_not_found() -> DialectError:
    """404 for an order that the account does not have."""
    return refusal(404, "OMS007", "Order Not Found")


def unauthorized(path: str) -> Answer:
    """401; routes on order documents say it as a problem of RFC 9457."""
    if not path.startswith("/api/orders/pvt/document/"):
        return error(401, "1", "Unauthorized access")
    # `type` and the digits of `traceId` are a sandbox decision: the schema gives none.
    problem = {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "traceId": "0" * 32,
    }
    return as_json(problem, 401)


def forbidden() -> Answer:
    """403, in the plain text that public client code expects."""
    return Answer(403, b"No authorized", "text/plain; charset=utf-8")


def read_json(body: bytes) -> object:
    """The JSON value in *body*, whatever its media type; an empty body is an empty object.

    Raises:
        DialectError: It is no JSON, or nested too deep to be read.
    """
    if not body.strip():
        return {}
    try:
        # As json.loads does it, which would make a decoder for each call.
        found: object = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as wrong:
        raise bad_request(f"The request body is not valid JSON: {_short(wrong)}") from wrong
    return found


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object in *body*; an empty body and ``[]`` count as one without fields.

    Raises:
        DialectError: It is something else.
    """
    found = read_json(body)
    if found == []:  # how PHP clients write an empty object
        return {}
    if not isinstance(found, dict):
        raise bad_request("The request body must be a JSON object")
    return found


def text_in(given: dict[str, object], name: str) -> str:
    """The text called *name*; empty when it is absent or null.

    Raises:
        DialectError: It is no text.
    """
    found = given.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise bad_request(f"The field {name} must be a string")
    return found


def required(given: dict[str, object], *names: str) -> None:
    """See that *given* has all of *names*, be they null.

    Raises:
        DialectError: Tells all that are missing.
    """
    missing = [name for name in names if name not in given]
    if missing:
        raise bad_request(f"Required fields are missing: {', '.join(missing)}")


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


_ENCODER = msgspec.json.Encoder()
_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _short(wrong: Exception) -> str:
    if isinstance(wrong, RecursionError):
        return "nested too deep"
    if "set_int_max_str_digits" in str(wrong):  # Python's own message speaks to programmers
        return "a number has too many digits"
    return str(wrong)[:200]
