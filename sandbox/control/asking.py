"""How the control API reads what it is sent, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orderflow.sandbox.dialect import DialectError, as_json, read_object
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held

_SHOWN = 100


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


def account_called(service: Service, name: str) -> str:
    """The account that is meant: the one called *name*, the first one when it is empty."""
    account, known = name or service.accounts.first.account, service.accounts.names
    if account not in known:
        raise trouble(404, f"no account {account[:_SHOWN]!r}; there are: {listed(known)}")
    return account


def order_called(service: Service, order_id: str, account: str) -> Held:
    """The document of that id in an account, empty for the first one."""
    account = account or service.accounts.first.account
    held = service.store.find(order_id, account)
    if held is None:
        raise trouble(404, f"account {account[:_SHOWN]!r} has no order {order_id[:_SHOWN]!r}")
    return held


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(names) or "nothing"
