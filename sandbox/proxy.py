"""What a client asks of the sandbox as its proxy, and what becomes of it.

Nothing is ever handed on to another machine: hosts of the platform are the sandbox itself, all
others are refused. Source: RFC 9110, sections 7.6.1 and 9.3.6; RFC 9112, section 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from orderflow.sandbox.tls_names import PLATFORM, is_platform, is_this_machine

_LINE = re.compile(rb"([A-Z]+) ([!-~]+) HTTP/1\.[01]")
_PORTS = {"http": 80, "https": 443}
_OURS = frozenset({b"connection", b"host", b"keep-alive"})
_PROXY = b"proxy-"
_HOSTS = ", ".join(f"*.{domain}" for domain in PLATFORM)


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The client wants to speak with the sandbox itself, through the connection it has."""


@dataclass(frozen=True, slots=True)
class Forward:
    """One request in absolute form.

    Attributes:
        head: What to send instead of its head.
    """

    head: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not.

    Attributes:
        status: HTTP status.
        reason: Its phrase, the only thing that most clients show of an answer to ``CONNECT``.
        told: The whole of it.
    """

    status: int
    reason: str
    told: str


def asked(head: bytes, own: Collection[int]) -> Tunnel | Forward | Refusal:
    r"""Read what a client asks.

    What goes on has the host of its target as ``Host``, whatever the client said.

    Args:
        head: The request up to its empty line, that one included.
        own: Ports of this machine that are the sandbox.

    >>> asked(b"CONNECT shop.myvtex.com:443 HTTP/1.1\r\n\r\n", ())
    Tunnel()
    >>> asked(b"GET http://shop.myvtex.com/ HTTP/1.1\r\n\r\n", ()).head.splitlines()[1:]
    [b'Host: shop.myvtex.com', b'Connection: close', b'']
    >>> asked(b"CONNECT www.example.org:443 HTTP/1.1\r\n\r\n", ()).reason
    'The sandbox is no proxy for this host'
    """
    line, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    found = _LINE.fullmatch(line)
    if found is None:
        return Refusal(400, "Bad Request", "this is no request of HTTP/1.1 to a proxy")
    place = _place(found[1], found[2].decode("ascii"))
    if place is None:
        return Refusal(400, "Bad Request", f"this port is a proxy, for CONNECT and http://{_HOSTS}")
    host, port = place
    if not is_platform(host) and not (is_this_machine(host) and port in own):
        return _foreign(host, port)
    return Tunnel() if found[1] == b"CONNECT" else Forward(_last(line, fields, found[2]))


def _place(method: bytes, target: str) -> tuple[str, int] | None:
    """Host and port that a request is for, None when its target names none."""
    try:
        parts = urlsplit(f"//{target}" if method == b"CONNECT" else target)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if bool(parts.scheme) == (method == b"CONNECT") or "@" in parts.netloc or port is None:
        return None
    if not parts.hostname:
        return None
    return parts.hostname, port


def _foreign(host: str, port: int) -> Refusal:
    """The sandbox is not the way to that host."""
    where = f"{host[:100]}:{port}"
    if is_this_machine(host):
        told = f"{where} is not the sandbox: name its host in NO_PROXY"
    else:
        told = f"{where} is no host of the platform ({_HOSTS}), and nothing is handed on elsewhere"
    return Refusal(403, "The sandbox is no proxy for this host", told)


def _last(line: bytes, fields: list[bytes], target: bytes) -> bytes:
    """The head of a request after which the connection ends, since the next may be elsewhere."""
    host = b"Host: " + urlsplit(target).netloc
    kept = [field for field in fields if not _is_replaced(field)]
    return b"\r\n".join([line, host, *kept, b"Connection: close", b"", b""])


def _is_replaced(field: bytes) -> bool:
    """Whether a header is for the proxy alone; one of them carries credentials."""
    name = field.partition(b":")[0].strip().lower()
    return name in _OURS or name.startswith(_PROXY)
