"""How the control API reads what it is sent, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orderflow.sandbox.dialect import DialectError, as_json, read_object
from orderflow.sandbox.routes import Call


def trouble(status: int, message: str) -> DialectError:
    """What the control API says no with."""
    return DialectError(as_json({"error": message}, status), message)


def body_of(call: Call, names: Iterable[str]) -> dict[str, object]:
    """The object in the body, which has no other fields than *names*."""
    known = tuple(names)
    try:
        sent = read_object(call.body)
    except DialectError as wrong_body:
        raise trouble(400, str(wrong_body)) from wrong_body
    wrong = sorted(sent.keys() - set(known))
    if wrong:
        raise trouble(400, f"unknown: {listed(wrong)}; there are: {listed(known)}")
    return sent


def text(sent: Mapping[str, object], name: str) -> str:
    """The text called *name*, empty when it is absent or null."""
    found = sent.get(name)
    if found is not None and not isinstance(found, str):
        raise trouble(400, f"{name} must be a string")
    return found or ""


def whole(sent: Mapping[str, object], name: str, usual: int, *, most: int) -> int:
    """The whole number called *name*, from 0 to *most*; *usual* when it is absent."""
    found = sent.get(name, usual)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise trouble(400, f"{name} must be a whole number from 0 to {most}")
    return found


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(names) or "nothing"
