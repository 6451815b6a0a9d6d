"""Who may change something by the control API: no page of another site, whoever opens it.

The control API asks for no key, so a page that somebody happens to look at could otherwise make
their browser reset the sandbox. A program that is no browser sends none of these headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

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
    """
    if method in _HARMLESS:
        return False
    if headers.get("sec-fetch-site", "") not in _OWN_SITES:
        return True
    origin = headers.get("origin")
    return origin is not None and _host(origin) != headers.get("host", "").lower()


def _host(origin: str) -> str | None:
    """Host and port of an origin; None for ``null`` and for what is none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
