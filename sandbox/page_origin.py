"""Who may change something by the control API: no page of another site, whoever opens it.

The control API asks for no key, so a page that somebody happens to look at could otherwise make
their browser reset the sandbox. A program that is no browser sends none of these headers. Neither
is a page trusted whose own name can be made to lead to this machine after it was opened: the
sandbox's page has an address, a name of the platform, or one that no public name is.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from orderflow.sandbox.tls_names import is_platform, is_this_machine

_OWN_SITES = frozenset({"", "same-origin", "none"})
"""``none`` is what somebody asks for by hand. Source: W3C Fetch Metadata Request Headers, 2.3."""

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a call would change something for a page that the sandbox did not give out.

    Args:
        method: Upper-case method.
        headers: By lower-case name.

    >>> is_foreign("POST", {"host": "localhost:8080", "origin": "http://localhost:8080"})
    False
    >>> is_foreign("POST", {"host": "localhost:8080", "origin": "https://shop.example"})
    True
    >>> is_foreign("POST", {"host": "localhost:8080"})
    False
    >>> is_foreign("POST", {"host": "evil.example:8080", "origin": "http://evil.example:8080"})
    True
    """
    if method in _HARMLESS:
        return False
    if headers.get("sec-fetch-site", "") not in _OWN_SITES:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    host = _host(origin)
    return host is None or host != headers.get("host", "").lower() or _is_public(host)


def _is_public(host: str) -> bool:
    """Whether somebody else decides where *host* leads."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return True
    if is_this_machine(name) or is_platform(name) or "." not in name.removesuffix("."):
        return False
    try:
        ip_address(name)
    except ValueError:
        return True
    return False


def _host(origin: str) -> str | None:
    """Host and port of an origin; None for ``null`` and for what is none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
