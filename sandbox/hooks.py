"""The hooks of all app keys: who is told what, when it is tried again, and how it went.

Several notifications may be on their way at once, since no source promises an order. The orders'
clock waits for all of them, and their outcomes are told in the order of their numbers.

Source: domain fact sheet "HTTP surface", section 6.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.document import pii_document
from orderflow.sandbox.filters import News
from orderflow.sandbox.findings import Finding
from orderflow.sandbox.hook import CURRENT, Hook, HookRules, Notice
from orderflow.sandbox.hook_config import HookSettings
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.queues import news_of
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held

PING = b'{"hookConfig":"ping"}'
PATIENCE = 5_000
"""Ms of real time in which a receiver must have answered."""

_OK = 200
_SUCCESSES = range(200, 300)
_MISSING = "payment-approved"
"""What a hook by expression misses with the fault ``hook.from_orders_missing``."""

_LATE = 600_000
"""Ms of virtual time by which the fault ``hook.late`` usually makes a notification late."""

_WRONG_ORIGIN = {"Account": "other-account", "Key": "other-key"}
"""What the fault ``hook.wrong_origin`` tells (sandbox decision)."""

_WRONG_STATES: Mapping[str, str | None] = {
    "hook.unknown_status": "status-of-tomorrow",
    "hook.null_status": None,
}
"""By fault, the status that is told (sandbox decision)."""

_MOST_LINES = 10_000
"""Lines that the log keeps; older ones go, so that memory stays flat (sandbox decision)."""


@dataclass(frozen=True, slots=True)
class HookLine:
    """What happened to a hook, as its log has it.

    Attributes:
        at: Virtual time in ms.
        account: Account of its key.
        key: End of that key's name.
        what: ``ping``, ``notification`` or ``configuration``.
        outcome: Status of the answer, why there was none, or what became of the configuration.
        order_id: Order that was told of, empty for none.
        state: Status that was told, empty for none.
        attempt: 1 for the first try of a notification, 0 for what is none.
        again: When it is tried again, in virtual ms; None when it is not.
    """

    at: int
    account: str
    key: str
    what: str
    outcome: str
    order_id: str = ""
    state: str = ""
    attempt: int = 0
    again: int | None = None


@dataclass(slots=True)
class Save:
    """A configuration that becomes one as soon as its ping is answered with 200.

    Attributes:
        key: Whose hook it is.
        settings: The new settings.
        number: Of the message that is the ping.
        outcome: How that went; None while it is not known.
    """

    key: AppKey
    settings: HookSettings
    number: int
    outcome: Outcome | None = None

    @property
    def accepted(self) -> bool:
        """Whether the ping was answered with 200."""
        return self.outcome is not None and self.outcome.status == _OK


@dataclass(frozen=True, slots=True)
class _Try:
    """Another try of a notification is due, or one is under way."""

    hook: Hook
    notice: Notice


@dataclass(frozen=True, slots=True)
class _Idle:
    """A hook may have had nothing to tell for so long that it is deleted."""

    hook: Hook
    at: int


class Hooks(Part):
    """One hook for each app key that has configured one.

    Attributes:
        rules: When notifications are given up and configurations deleted.
        log: The latest things that happened, oldest first.
    """

    name = "hooks"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.rules = CURRENT
        self.log: deque[HookLine] = deque(maxlen=_MOST_LINES)
        self._hooks: dict[str, Hook] = {}
        self._saves: dict[int, Save] = {}
        self._tries: dict[int, _Try] = {}
        self._armed: dict[Hook, int] = {}

    @property
    def all(self) -> tuple[Hook, ...]:
        """The hooks, in the order in which their keys were first configured."""
        return tuple(self._hooks.values())

    def of(self, key: AppKey) -> Hook | None:
        """The hook of *key*, None when there is no configuration, or none any more."""
        return self._hooks.get(key.name)

    def save(self, key: AppKey, settings: HookSettings) -> Save:
        """Send the ping on whose answer it depends whether *settings* become the configuration."""
        number = self._send(settings, PING, "ping", awaited=True)
        save = self._saves[number] = Save(key, settings, number)
        return save

    def delete(self, key: AppKey, why: str = "deleted") -> bool:
        """Drop the hook of *key* with all that waits in it; false when there is none."""
        hook = self._hooks.pop(key.name, None)
        if hook is None:
            return False
        self._armed.pop(hook, None)
        self._write(key, "configuration", why)
        return True

    def take_over(self, former: Iterable[Hook]) -> None:
        """Begin with the configurations of *former*, and with nothing that waits in them."""
        for each in former:
            hook = self._hooks[each.key.name] = Hook(each.key, each.settings, self.service.now)
            self._arm(hook)

    def follow(self, rules: HookRules) -> None:
        """Go by other rules from now on."""
        self.rules = rules
        self._armed.clear()
        for hook in self.all:
            self._arm(hook)

    def heard(self, change: Change) -> None:
        """Notify the hooks of the document's account."""
        for hook in self.all:
            if hook.key.account == change.held.account:
                self._offer(hook, change.held, news_of(change))

    def _offer(self, hook: Hook, held: Held, news: News) -> None:
        faults, order_id, now = self.service.faults, held.order_id, self.service.now
        missing = hook.by_expression and news.state == _MISSING
        if missing and faults.strikes("hook.from_orders_missing", order_id):
            return
        notice = hook.offer(news, lambda: pii_document(held), now)
        if notice is None:
            return
        notices = [notice]
        if faults.strikes("hook.duplicate", order_id):
            notices.append(hook.repeat(notice))
        late = faults.strikes("hook.late", order_id)
        for each in notices:
            if late:
                hook.put_off(each, now + faults.delay("hook.late", _LATE))
                self._try_again(hook, each)
            else:
                self._notify(hook, each)

    def forgot(self, held: Held) -> None:
        """Keep nothing by the id of an order that is not there any more."""
        for hook in self.all:
            hook.forget(held.order_id)

    def due(self, token: object) -> None:
        """Try again, or see whether a hook had anything to tell lately."""
        match token:
            case _Try(hook, notice) if self._lives(hook) and notice in hook.notices:
                hook.begin(notice)
                self._notify(hook, notice)
            case _Idle(hook, at) if self._armed.get(hook) == at:
                self._look_at(hook)

    def answered(self, message: Message, outcome: Outcome) -> None:
        """A receiver answered, or did not."""
        save, attempt = self._saves.pop(message.number, None), self._tries.pop(message.number, None)
        if save is not None:
            save.outcome = outcome
            self._pinged(save, outcome)
        elif attempt is not None:
            self._told(attempt.hook, attempt.notice, outcome)

    def _pinged(self, save: Save, outcome: Outcome) -> None:
        self._write(save.key, "ping", _words(outcome))
        self._observe(save.key, outcome)
        if not save.accepted:
            return
        hook, now = self.of(save.key), self.service.now
        if hook is None:
            hook = self._hooks[save.key.name] = Hook(save.key, save.settings, now)
        else:
            hook.reconfigure(save.settings, now)
        self._write(save.key, "configuration", "saved")
        self._arm(hook)

    def _told(self, hook: Hook, notice: Notice, outcome: Outcome) -> None:
        lives, words = self._lives(hook), _words(outcome)
        keep = True
        if outcome.status == _OK:
            hook.went_well(notice)
        else:
            keep = hook.failed(notice, self.service.now, self.rules)
            words += "" if notice in hook.notices else ", given up"
        again = notice.again if lives and keep else None
        line, news = self._line(hook.key, "notification", words), notice.news
        self.log.append(
            replace(
                line, order_id=news.order_id, state=news.state, attempt=notice.tries, again=again
            )
        )
        if notice.tries == 1:
            self._observe(hook.key, outcome, notice.news.order_id)
        if again is not None:
            self._try_again(hook, notice)
        if lives and not keep:
            self.delete(hook.key, "removed: too many tries failed")

    def _look_at(self, hook: Hook) -> None:
        ends = hook.ends(self.rules)
        if ends is not None and ends <= self.service.now:
            self.delete(hook.key, "removed: no news for 3 days")
        else:
            self._arm(hook)

    def _arm(self, hook: Hook) -> None:
        """Look at *hook* when it would have had nothing to tell for too long."""
        ends = hook.ends(self.rules)
        if ends is not None and self._armed.get(hook) != ends:
            self._armed[hook] = ends
            self.service.remind(ends, self, _Idle(hook, ends))

    def _lives(self, hook: Hook) -> bool:
        return self.of(hook.key) is hook

    def _try_again(self, hook: Hook, notice: Notice) -> None:
        if notice.again is not None:
            self.service.remind(notice.again, self, _Try(hook, notice))

    def _notify(self, hook: Hook, notice: Notice) -> None:
        order_id = notice.news.order_id
        wrong = self.service.faults.strikes("hook.wrong_origin", order_id)
        body = hook.payload(notice, _WRONG_ORIGIN if wrong else hook.origin)
        for name, state in _WRONG_STATES.items():
            if self.service.faults.strikes(name, order_id):
                body = _with_state(body, state)
        number = self._send(hook.settings, body, order_id)
        self._tries[number] = _Try(hook, notice)

    def _send(
        self, settings: HookSettings, body: bytes, token: str, *, awaited: bool = False
    ) -> int:
        headers = _with_type(settings.headers)
        return self.service.outbox.send(
            lambda number: Message(
                number=number,
                part=self.name,
                token=token,
                method="POST",
                url=settings.url,
                headers=headers,
                body=body,
                patience=PATIENCE,
                keeps=0,  # what is answered beside the status may repeat the headers
                awaited=awaited,
            )
        ).number

    def _line(self, key: AppKey, what: str, outcome: str) -> HookLine:
        return HookLine(self.service.now, key.account, key.masked, what, outcome)

    def _write(self, key: AppKey, what: str, outcome: str) -> None:
        self.log.append(self._line(key, what, outcome))

    def _observe(self, key: AppKey, outcome: Outcome, order_id: str = "") -> None:
        """Write down the receiver's mistake to take any success for the one that is asked for."""
        if outcome.status in _SUCCESSES and outcome.status != _OK:
            told = f"a hook answered with {outcome.status}; only 200 counts"
            service = self.service
            service.findings.append(
                Finding("CM-29", told, service.calls, service.now, key.masked, order_id)
            )


def _with_type(headers: Mapping[str, str]) -> Mapping[str, str]:
    """*headers* with the type of the body, unless they name one."""
    if any(name.lower() == "content-type" for name in headers):
        return headers
    return {"Content-Type": "application/json", **headers}


def _with_state(body: bytes, state: str | None) -> bytes:
    """A notification that tells of another status."""
    told = {**json.loads(body), "State": state}
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def _words(outcome: Outcome) -> str:
    return str(outcome.status) if outcome.status else outcome.trouble or "no answer"
