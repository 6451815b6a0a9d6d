"""Fills in what is sent to a system, and finds what is looked for in what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final, Literal
from urllib.parse import quote

from orderflow.flows.document import Plain


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""What is found where there is nothing, not even ``null``."""

Found = Plain | Literal[_Missing.MISSING]

Values = Mapping[str, Plain]
"""What placeholders stand for, by name."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_]+)\}")


def placeholders(template: Plain) -> frozenset[str]:
    """Names of all placeholders in a text, or in the texts of a document.

    >>> sorted(placeholders({"id": "{id}", "lines": ["{{not this}}", "no. {number}"]}))
    ['id', 'number']
    """
    return frozenset(
        match[1] for text in _texts(template) for match in _PLACEHOLDER.finditer(text) if match[1]
    )


def _texts(template: Plain) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, list):
        for each in template:
            yield from _texts(each)
    elif isinstance(template, dict):
        for each in template.values():
            yield from _texts(each)


def filled(template: Plain, values: Values) -> Found:
    """A document with its placeholders filled in.

    A placeholder that is the whole text becomes the value as it is, so numbers stay numbers; one
    without a value makes its entry go away. Inside a longer text it becomes text, or nothing.

    >>> filled({"sum": "{value}", "note": "no. {number}", "x": "{gone}"}, {"value": 5, "number": 7})
    {'sum': 5, 'note': 'no. 7'}
    """
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        if whole is not None and whole[1]:
            return values.get(whole[1], MISSING)
        return _PLACEHOLDER.sub(lambda match: _text_for(match, values), template)
    if isinstance(template, list):
        return [made for each in template if (made := filled(each, values)) is not MISSING]
    if isinstance(template, dict):
        entries = ((key, filled(each, values)) for key, each in template.items())
        return {key: made for key, made in entries if made is not MISSING}
    return template


def filled_path(template: str, values: Values) -> str:
    """A path with its placeholders filled in, each as one piece: a ``/`` in a value is escaped.

    >>> filled_path("/orders/{id}", {"id": "a/b"})
    '/orders/a%2Fb'
    """
    return _PLACEHOLDER.sub(lambda match: quote(_text_for(match, values), safe=""), template)


def _text_for(match: re.Match[str], values: Values) -> str:
    if not match[1]:
        return match[0][0]
    return as_text(values.get(match[1], ""))


def as_text(value: Plain) -> str:
    """A value as text: texts as they are, all others as JSON writes them."""
    return value if isinstance(value, str) else json.dumps(value)


def value_at(body: Found, where: str) -> Found:
    """What a document holds at a dotted path, or at a JSON pointer if *where* begins with ``/``.

    Source: RFC 6901 (JSON Pointer).

    >>> value_at({"orders": [{"state": "open"}]}, "orders.0.state")
    'open'
    >>> value_at({"a.b": None}, "/a.b"), value_at({}, "status") is MISSING
    (None, True)
    """
    for part in _parts(where):
        if isinstance(body, dict):
            body = body.get(part, MISSING)
        elif isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        else:
            return MISSING
    return body


def _parts(where: str) -> list[str]:
    if not where.startswith("/"):
        return where.split(".")
    return [part.replace("~1", "/").replace("~0", "~") for part in where[1:].split("/")]
