"""The hooks of the sandbox: what they wait for, how deliveries went, by which rules they end."""

from __future__ import annotations

from orderflow.sandbox.control.asking import body_of, listed, text, trouble
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.filters import filter_body
from orderflow.sandbox.hook import CURRENT, OLDER, Hook, HookRules
from orderflow.sandbox.hooks import HookLine, Hooks
from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.outbox import shown
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_RULES = {rules.name: rules for rules in (CURRENT, OLDER)}


def hooks(service: Service, call: Call) -> Answer:
    """Each hook with what waits to be told again; of its headers the names only."""
    del call
    part = service.part(Hooks)
    found = [_facts(hook, part.rules) for hook in part.all]
    return as_json({"rules": part.rules.name, "hooks": found})


def log(service: Service, call: Call) -> Answer:
    """What happened to the hooks lately, oldest first."""
    del call
    return as_json({"log": [_line(each) for each in service.part(Hooks).log]})


def follow(service: Service, call: Call) -> Answer:
    """Choose when notifications are given up and hooks removed; ``{"rules": "older"}``.

    ``current``: a hook without news for 3 days is removed. ``older``, as it once was: what was
    not answered with 200 within an hour is lost, and a hook is removed after 100 failed tries, or
    4 days of them.
    """
    name = text(body_of(call, ("rules",)), "rules")
    if name not in _RULES:
        raise trouble(400, f"no rules {name!r}; there are: {listed(_RULES)}")
    service.part(Hooks).follow(_RULES[name])
    return as_json({"rules": name})


def _facts(hook: Hook, rules: HookRules) -> dict[str, object]:
    return {
        "account": hook.key.account,
        "key": hook.key.masked,
        "url": shown(hook.settings.url),
        "headers": sorted(hook.settings.headers),
        "filter": filter_body(hook.settings.filter),
        "lastNews": iso(hook.last_news),
        "removed": iso_or_null(hook.ends(rules)),
        "waiting": [
            {
                "orderId": each.news.order_id,
                "state": each.news.state,
                "attempts": each.tries,
                "nextTry": iso_or_null(each.again),
            }
            for each in hook.notices
        ],
    }


def _line(line: HookLine) -> dict[str, object]:
    return {
        "at": iso(line.at),
        "account": line.account,
        "key": line.key,
        "what": line.what,
        "outcome": line.outcome,
        "orderId": line.order_id,
        "state": line.state,
        "attempt": line.attempt,
        "nextTry": iso_or_null(line.again),
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/hooks", hooks),
    Route("GET", "/_sandbox/hooks/log", log),
    Route("POST", "/_sandbox/hooks/rules", follow),
)
