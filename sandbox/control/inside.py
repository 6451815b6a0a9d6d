"""What the sandbox is and what was asked of it; keys; and a new beginning."""

from __future__ import annotations

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.account import PERMISSIONS
from orderflow.sandbox.control.asking import body_of, text, trouble
from orderflow.sandbox.dialect import Answer, DialectError, as_json
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service


def health(service: Service, call: Call) -> Answer:
    """What the sandbox is, and what time it is there."""
    del call
    return as_json(
        {
            "status": "ready",
            "now": iso(service.now),
            "accounts": list(service.accounts.names),
            "orders": sum(len(service.store.orders(name)) for name in service.accounts.names),
            "calls": service.calls,
        }
    )


def reset(service: Service, call: Call) -> Answer:
    """Forget everything but accounts and keys."""
    del call
    service.reset()
    return Answer(204)


def unknown(service: Service, call: Call) -> Answer:
    """Which calls were made that the sandbox has no route for, and how often."""
    del call
    return as_json({"calls": dict(sorted(service.not_simulated.items()))})


def add_key(service: Service, call: Call) -> Answer:
    """Make a key with some permissions, for a new account too; ``{"permissions": [...]}``."""
    sent = body_of(call, ("account", "permissions"))
    wanted = sent.get("permissions", list(PERMISSIONS))
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise trouble(400, "permissions must be an array of names")
    try:
        key = service.accounts.add(text(sent, "account") or service.accounts.first.account, wanted)
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    return as_json({"account": key.account, "key": key.name, "token": key.token}, 201)


def keys(service: Service, call: Call) -> Answer:
    """All keys, oldest first, without what they open with."""
    del call
    return as_json(
        {
            "keys": [
                {
                    "account": key.account,
                    "key": key.masked,
                    "permissions": [name for name in PERMISSIONS if name in key.permissions],
                    "revoked": service.accounts.is_revoked(key),
                }
                for key in service.accounts.keys
            ]
        }
    )


def revoke(service: Service, call: Call) -> Answer:
    """Let a key open nothing until the next reset; its calls are answered 401."""
    if not service.accounts.revoke(call.parameters["key"]):
        raise _no_key()
    return Answer(204)


def log_in(service: Service, call: Call) -> Answer:
    """Make a user's token that may do what the key may, for 24 hours of virtual time."""
    made = service.accounts.log_in(call.parameters["key"], service.now)
    if made is None:
        raise _no_key()
    token, until = made
    return as_json({"token": token, "expires": iso(until)}, 201)


def _no_key() -> DialectError:
    return trouble(404, "there is no such key; write its whole name, as it was made")


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/health", health),
    Route("POST", "/_sandbox/keys", add_key),
    Route("POST", "/_sandbox/reset", reset),
    Route("GET", "/_sandbox/keys", keys),
    Route("DELETE", "/_sandbox/keys/{key}", revoke),
    Route("POST", "/_sandbox/keys/{key}/tokens", log_in),
    Route("GET", "/_sandbox/not-simulated", unknown),
)
