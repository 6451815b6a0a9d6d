"""What clients send to configure a hook, read and checked.

Source: domain fact sheets "HTTP surface", section 6, and "What real clients send and read", CR-51.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from orderflow.sandbox.filters import (
    Filter,
    FromWorkflow,
    filter_body,
    folded,
    parse_filter,
    remarks,
    unusable,
)
from orderflow.sandbox.outbox import Outbox, is_here, shown

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x1f\x7f]*")
"""Source: RFC 9110, sections 5.1 and 5.5."""

_OURS = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
"""Headers that say how a request is sent, not what it says."""

_MOST_HEADERS, _MOST_LETTERS, _LONGEST_NAME = 50, 8_192, 100
_LONGEST_URL = 2_048


@dataclass(frozen=True, slots=True)
class HookSettings:
    """Where a hook tells what.

    Attributes:
        url: Where notifications go.
        headers: What is sent with each, by name; they carry secrets.
        filter: What is told.
    """

    url: str
    headers: Mapping[str, str]
    filter: Filter

    def __repr__(self) -> str:
        """The settings without secrets: values are logged."""
        return f"HookSettings({shown(self.url)!r}, {sorted(self.headers)}, {self.filter!r})"

    def body(self) -> dict[str, object]:
        """The settings as a response writes them, to whoever configured them."""
        return {
            "filter": filter_body(self.filter),
            "hook": {"url": self.url, "headers": dict(self.headers)},
        }


def parse_hook(body: object, outbox: Outbox) -> HookSettings:
    """The whole body of a hook's configuration; fields in any case.

    Headers that are absent count as none (sandbox decision).

    Raises:
        FilterError: It cannot be used; 409 for a mixed filter, otherwise 400.
    """
    given = folded(body, "the configuration")
    if given.get("filter") is None:
        raise unusable("filter is needed: its type, and status or expression")
    hook = folded(given.get("hook"), "hook")
    url = hook.get("url")
    if not isinstance(url, str) or not url:
        raise unusable("hook.url is needed: where to send the notifications")
    wanted = _filter(given["filter"])
    return HookSettings(_address(url, outbox), _headers(hook.get("headers")), wanted)


def hook_remarks(body: object) -> tuple[str, ...]:
    """What is odd about a configuration though it is accepted.

    Raises:
        FilterError: As :func:`parse_hook` for the filter.
    """
    given = folded(body, "the configuration")
    found = remarks(given.get("filter"))
    if folded(given.get("hook"), "hook").get("headers") is None:
        found += ("hook.headers is missing: send an empty object",)
    return found


def _filter(given: object) -> Filter:
    wanted = parse_filter(given)
    if isinstance(wanted, FromWorkflow):
        if not wanted.statuses:
            raise unusable("filter.status must name at least one status for FromWorkflow")
    elif folded(given, "filter").get("disablesinglefire") is None:
        raise unusable("filter.disableSingleFire is needed for FromOrders: true or false")
    return wanted


def _address(url: str, outbox: Outbox) -> str:
    """*url* if it may be called.

    Plain http on this machine is accepted, the platform takes https alone (sandbox decision: a
    receiver under test seldom has a certificate).
    """
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise unusable(
            f"Unable to check address: it is no URL of at most {_LONGEST_URL} characters"
        )
    wrong = outbox.wrong_with(url)
    if wrong:
        raise unusable(f"Unable to check address: {wrong}")
    split = urlsplit(url)
    if split.username is not None or split.password is not None:
        raise unusable("Unable to check address: credentials belong into hook.headers")
    if split.scheme.lower() != "https" and not is_here(split.hostname or ""):
        raise unusable("Only https scheme is accepted")
    return url


def _headers(given: object) -> Mapping[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise unusable("hook.headers must be an object of texts")
    wrong = sorted(name for name, value in given.items() if not is_header(name, value))
    if wrong:
        # Names only: a value may be a secret.
        told = ", ".join(repr(name[:100]) for name in wrong)
        raise unusable(f"hook.headers: {told} cannot be sent; write a header's name and its text")
    if len(given) > _MOST_HEADERS or sum(map(len, given.values())) > _MOST_LETTERS:
        raise unusable(
            f"hook.headers: at most {_MOST_HEADERS}, {_MOST_LETTERS} characters together"
        )
    return dict(given)


def is_header(name: str, value: object) -> bool:
    """Whether a client's header can go with each call to it: name, text, and not one of ours."""
    if not isinstance(value, str) or len(name) > _LONGEST_NAME or name.lower() in _OURS:
        return False
    plain = _VALUE.fullmatch(value) and value.isascii() and value == value.strip()
    return bool(plain and _NAME.fullmatch(name))
