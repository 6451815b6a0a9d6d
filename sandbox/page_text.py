"""The page as text: its templates filled, its styles and its script, and how each is sent.

Templates are those of the folder ``page``; what they may do to a text, and that every text is
escaped, is settled where the reports are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from orderflow.reports.page_text import drawn, environment
from orderflow.sandbox.dialect import Answer

HOME = "/_sandbox/"
"""Where the page is."""

_STYLES = '{% include "report.css.j2" %}{% include "pictures.css.j2" %}'
_WIDTHS = tuple(range(0, 2001, 20))
"""Least widths of pictures that the styles know, in pixels."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_GUARDED = (
    ("content-security-policy", _POLICY),
    # Not no-referrer: browsers would then send the forms without an origin.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
)


def page(title: str, template: str, seen: str, context: Mapping[str, object]) -> Answer:
    """One page: what *template* makes of *context*, in the frame that all have.

    Args:
        title: Title of the page.
        template: File in the folder ``page``.
        seen: Version that the browser shows; the answer is 204 when nothing has changed.
        context: What the templates ask for.
    """
    head = filled("head.html.j2", **context)
    body = filled(template, head=drawn(head), **context)
    version = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:16]
    if seen == version:
        return Answer(204, headers=_GUARDED)
    return _html(filled("frame.html.j2", title=title, body=drawn(body), version=version))


def told(status: int, title: str, message: str, back: str = HOME) -> Answer:
    """A page that says why something was not done."""
    context = {"title": title, "message": message, "back": back}
    body = filled("refused.html.j2", **context)
    text = filled("frame.html.j2", title=title, body=drawn(body), version="")
    return _html(text, status)


def gone_to(place: str) -> Answer:
    """The answer to a form: look there."""
    return Answer(303, headers=(("location", place), *_GUARDED))


def styles() -> Answer:
    """The styles: those of the reports, and what is the page's own."""
    return Answer(200, _styles(), "text/css; charset=utf-8", _GUARDED)


def script() -> Answer:
    """The script, without which the page works and stands still."""
    return Answer(200, _file("page.js").encode(), "text/javascript; charset=utf-8", _GUARDED)


def filled(template: str, **context: object) -> str:
    """What *template* makes of *context*."""
    return _template(template)(context)


@cache
def _styles() -> bytes:
    shared = environment().from_string(_STYLES).render(widths=_WIDTHS, failures={"longest": 0})
    return (shared + _file("page.css")).encode()


@cache
def _template(name: str) -> Callable[[Mapping[str, object]], str]:
    return environment().from_string(_file(name)).render


def _file(name: str) -> str:
    return (files("orderflow.sandbox") / "page" / name).read_text("utf-8")


def _html(text: str, status: int = 200) -> Answer:
    # what no HTML can hold: half characters of a broken sender, and zero bytes
    whole = text.encode("utf-8", "replace").replace(b"\0", "\ufffd".encode())
    return Answer(status, whole, "text/html; charset=utf-8", _GUARDED)
