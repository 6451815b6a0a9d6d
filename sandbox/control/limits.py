"""How strict the sandbox is: rate limit, mistakes it lets pass, and those it has seen."""

from __future__ import annotations

from dataclasses import asdict

from orderflow.sandbox.control.asking import body_of, trouble, whole
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.findings import SEEN
from orderflow.sandbox.limits import USUAL, Limits
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_MOST_CALLS = 10**9


def limit(service: Service, call: Call) -> Answer:
    """How many calls a minute an account has for reading orders; 0 for as many as come."""
    del call
    return as_json({"perMinute": service.part(Limits).per_minute, "usual": USUAL})


def set_limit(service: Service, call: Call) -> Answer:
    """Limit the reading of orders; ``{"perMinute": 6000}``, 0 to let all pass again."""
    sent = body_of(call, ("perMinute",))
    service.part(Limits).per_minute = whole(sent, "perMinute", USUAL, most=_MOST_CALLS)
    return limit(service, call)


def strictness(service: Service, call: Call) -> Answer:
    """Whether mistakes are refused that the platform lets pass."""
    del call
    return as_json({"strict": service.strict})


def set_strictness(service: Service, call: Call) -> Answer:
    """Refuse mistakes from now on, or let them pass; ``{"strict": true}``."""
    strict = body_of(call, ("strict",)).get("strict")
    if not isinstance(strict, bool):
        raise trouble(400, 'write {"strict": true}, or false')
    service.strict = strict
    return strictness(service, call)


def findings(service: Service, call: Call) -> Answer:
    """The mistakes that clients have made, oldest first; ``?code=CM-34`` for one kind."""
    code = call.query.get("code", "")
    if code and code not in SEEN:
        raise trouble(400, f"no mistake {code[:40]!r}; there are: {', '.join(SEEN)}")
    found = [each for each in service.findings if code in ("", each.code)]
    return as_json(
        {
            "strict": service.strict,
            "findings": [{**asdict(each), "at": iso(each.at)} for each in found],
            "seen": dict(SEEN),
        }
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/limits", limit),
    Route("POST", "/_sandbox/limits", set_limit),
    Route("GET", "/_sandbox/strict", strictness),
    Route("POST", "/_sandbox/strict", set_strictness),
    Route("GET", "/_sandbox/findings", findings),
)
