"""Attributes and text of XML that read back to the same characters."""

from __future__ import annotations

from collections.abc import Mapping

_NEEDS_NAME = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


_HELD = (
    ("\t", "\n"),
    ("\r", "\r"),
    (" ", "\ud7ff"),
    ("\ue000", "\ufffd"),
    ("\U00010000", "\U0010ffff"),
)
"""First and last of the characters that XML can hold. Source: XML 1.0, section 2.2 (Characters)."""


def marked(text: str) -> str:
    r"""Write *text* for an attribute in double quotes, or between tags.

    What cannot be seen is written as a number, so that no mark of direction turns the file
    around; what XML cannot hold at all, such as a control character, is spelled out.

    >>> print(marked('a<b "c"\u202e\x00'))
    a&lt;b &quot;c&quot;&#8238;\x00
    """
    return "".join(map(_character, text))


def _character(char: str) -> str:
    if char in _NEEDS_NAME:
        return _NEEDS_NAME[char]
    if char.isprintable():
        return char
    if any(first <= char <= last for first, last in _HELD):
        return f"&#{ord(char)};"
    return char.encode("unicode_escape").decode("ascii")


def attributes(values: Mapping[str, str]) -> str:
    """Return those of *values* that are not empty as attributes, each after a blank."""
    return "".join(f' {name}="{marked(value)}"' for name, value in values.items() if value)
