"""What the sandbox sends to others: hook notifications and calls to an external seller.

A message waits here until whoever delivers it tells how that went. The orders' clock stands still
meanwhile, so the same seed and the same answers give the same course.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from orderflow.flows.errors import OrderflowError

_SCHEMES = ("http", "https")
_MINUTE, _LONGEST_PAUSE = 60_000, 3_600_000
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


class HostError(OrderflowError):
    """What was named as a host to call is none.

    Attributes:
        host: What was named.
    """

    def __init__(self, host: str) -> None:
        told = "is no host; write its name or address alone, without scheme, port and path"
        super().__init__(f"{host[:100]!r} {told}")
        self.host = host


@dataclass(frozen=True, slots=True)
class Message:
    """One request that the sandbox makes.

    Attributes:
        number: 1 for the first.
        part: Name of the part that sends it and hears of its outcome.
        token: What that part knows it by.
        method: Upper-case method.
        url: Absolute.
        headers: By name, as they are sent.
        body: Bytes of the body.
        patience: Ms of real time in which the answer must be there.
        keeps: Bytes of the answer's body that are of use.
        awaited: Whether a call waits for the outcome, which is then told as soon as it is known;
            those of other messages are told in the order of their numbers.
    """

    number: int
    part: str
    token: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    patience: int = 5_000
    keeps: int = 65_536
    awaited: bool = False

    def __repr__(self) -> str:
        """Without headers and body: those carry secrets, and values are logged."""
        return f"Message({self.number}, {self.part!r}, {self.method} {self.address!r})"

    @property
    def address(self) -> str:
        """The URL for logs and pages."""
        return shown(self.url)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery went.

    Attributes:
        status: HTTP status, 0 when there was no answer.
        body: What was answered, no more than its beginning when it is long.
        trouble: Why there was no answer, empty when there was one: ``refused``, ``timeout``,
            ``not allowed``, ``broken``.
    """

    status: int
    body: bytes = b""
    trouble: str = ""


class Outbox:
    """The messages on their way.

    Args:
        hosts: Hosts beside this machine's own that may be called.

    Attributes:
        hosts: See above, in lower case.
        sent: How many messages there have been; the next one has the number after it.
        waiting: Messages without an outcome, by number, oldest first.
        delivering: Whether somebody delivers them; time waits for the answers if so.
        changed: Told whenever there is something new on its way.
        heard: Told of each message that is put in.

    Raises:
        HostError: One of them is no host.
    """

    def __init__(self, hosts: frozenset[str] = frozenset()) -> None:
        self.hosts = frozenset(_host(each) for each in sorted(hosts))
        self.sent = 0
        self.waiting: dict[int, Message] = {}
        self.delivering = False
        self.changed: list[Callable[[], None]] = []
        self.heard: list[Callable[[Message], None]] = []

    def send(self, message: Callable[[int], Message]) -> Message:
        """Put a message in; *message* makes it from its number."""
        self.sent += 1
        made = self.waiting[self.sent] = message(self.sent)
        for heard in self.heard:
            heard(made)
        for told in self.changed:
            told()
        return made

    def take(self, number: int) -> Message | None:
        """Take out a message whose outcome is known; None when it is not there (any more)."""
        return self.waiting.pop(number, None)

    def clear(self) -> None:
        """Forget what is on its way; numbers go on, so that a late outcome finds nothing."""
        self.waiting.clear()

    @property
    def holds_time(self) -> bool:
        """Whether the clock waits for an answer."""
        return self.delivering and bool(self.waiting)

    def wrong_with(self, url: str) -> str:
        """Why *url* may not be called, empty when it may.

        Only hosts of this machine are, and those that were named when the sandbox was started.
        """
        try:
            split = urlsplit(url)
            host, scheme, _ = split.hostname or "", split.scheme.lower(), split.port
        except ValueError:
            return "it is no URL"
        if scheme not in _SCHEMES or not host:
            return "write http://HOST or https://HOST"
        if host in self.hosts or is_here(host):
            return ""
        return f"{host} is not on this machine; start the sandbox with --allow-hook-host {host}"


def _host(given: str) -> str:
    """A host as the parts of a URL name it."""
    found = given.lower().removeprefix("[").removesuffix("]")
    if _NAME.fullmatch(found) or _is_address(found):
        return found
    raise HostError(given)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def shown(url: str) -> str:
    """*url* without what carries secrets: user, password, query and fragment.

    >>> shown("https://erp:secret@localhost:8443/hook?token=secret")
    'https://localhost:8443/hook'
    """
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc.rpartition('@')[2]}{split.path}"


def pause_after(tries: int) -> int:
    """Ms of virtual time from the failed try of that number to the next.

    1, 2, 4 … minutes, an hour at most (sandbox decision: no source gives the progression).

    >>> [pause_after(tries) // 60_000 for tries in (1, 2, 3, 6, 7, 19)]
    [1, 2, 4, 32, 60, 60]
    """
    return min(_MINUTE << min(tries - 1, _LONGEST_PAUSE // _MINUTE), _LONGEST_PAUSE)


def is_here(host: str) -> bool:
    """Whether *host* is a name or an address of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
