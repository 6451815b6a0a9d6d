"""Hooks: their configuration, which is kept once its address has answered a ping.

Source: domain fact sheet "HTTP surface", section 6.
"""

from __future__ import annotations

from orderflow.sandbox.account import FEED_ADMIN, FEED_VIEW
from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    as_json,
    error,
    refusal,
)
from orderflow.sandbox.filters import FilterError
from orderflow.sandbox.hook_config import HookSettings, hook_remarks, parse_hook
from orderflow.sandbox.hooks import Hooks, Save
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.mistakes import body_of

_PATH = "/api/orders/hook/config"
_CHECKED = Answer(202)
"""What a save is before its ping is answered; no client sees it."""


def get_config(service: Service, call: Call) -> Answer:
    """200 with the configuration, its headers as they were sent; 404 without one."""
    hook = service.part(Hooks).of(call.caller)
    if hook is None:
        raise _none()
    return as_json(hook.settings.body())


def set_config(service: Service, call: Call) -> Answer:
    """200 once the ping was answered with 200, otherwise 400 and all stays as it was.

    The answer's body is empty: what the reference shows for it is a notification, and there is
    nothing to notify of (sandbox decision).
    """
    settings = _settings(service, call)
    save = service.part(Hooks).save(call.caller, settings)
    return Answer(_CHECKED.status, later=lambda: _saved(service, save))


def delete_config(service: Service, call: Call) -> Answer:
    """200, 404 without a configuration."""
    if not service.part(Hooks).delete(call.caller):
        raise _none()
    return Answer(200)


def _settings(service: Service, call: Call) -> HookSettings:
    sent = body_of(service, call)
    try:
        settings, odd = parse_hook(sent, service.outbox), hook_remarks(sent)
    except FilterError as wrong:
        raise refusal(wrong.http, wrong.code, str(wrong)) from wrong
    for told in odd:
        service.remark(call, "", told)
    return settings


def _saved(service: Service, save: Save) -> Answer | None:
    """What the save came to; None while the ping's outcome is waited for."""
    if save.accepted:
        return Answer(200)
    outbox = service.outbox
    if save.outcome is None and outbox.delivering and save.number in outbox.waiting:
        return None
    outcome = save.outcome
    why = "no answer" if outcome is None else outcome.trouble or f"status {outcome.status}"
    told = f"Unable to check address: the ping must be answered with status 200; there was {why}"
    return error(400, GENERIC, told)


def _none() -> DialectError:
    return refusal(404, GENERIC, "There is no hook configuration for this app key")


ROUTES: tuple[Route, ...] = (
    Route("GET", _PATH, get_config, (FEED_VIEW, FEED_ADMIN)),
    Route("POST", _PATH, set_config, (FEED_ADMIN,)),
    Route("DELETE", _PATH, delete_config, (FEED_ADMIN,)),
)
"""By method and path. Who may save and delete is not said: as for the feed (sandbox decision)."""
