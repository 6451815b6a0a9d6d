"""What a YAML text may be made of, and what its plain words mean; no YAML library here."""

from __future__ import annotations

import re

from orderflow.flows.document import Plain
from orderflow.flows.errors import FlowFileError, Place, Problem

MAX_BYTES = 1_000_000
"""Largest file that is read."""

_UNPRINTABLE = re.compile(
    "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 100
_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


def plain_value(word: str) -> Plain:
    """Return what an unquoted *word* means by the YAML 1.2 core schema.

    A number of more than 100 characters stays text: nothing here counts that far.
    Source: YAML 1.2.2, section 10.3.2 (Tag Resolution).

    >>> [plain_value(word) for word in ("on", "NO", "30:00", "012", "0x10", "~", "1e3")]
    ['on', 'NO', '30:00', 12, 16, None, 1000.0]
    """
    if word in _WORDS:
        return _WORDS[word]
    if len(word) > _LONGEST_NUMBER:
        return word
    if _INT.fullmatch(word):
        return int(word)
    if _OCTAL_OR_HEX.fullmatch(word):
        return int(word[2:], 8 if word[1] == "o" else 16)
    return float(word) if _FLOAT.fullmatch(word) else word


def checked_text(text: str | bytes, source: str) -> str:
    """Return *text* if it can be YAML at all.

    Raises:
        FlowFileError: It is too big, not UTF-8, marked with a BOM, or holds control characters.
    """
    check_size(len(text), source)
    plain = text if isinstance(text, str) else _decode(text, source)
    if plain.startswith("\ufeff"):
        told = "starts with a byte order mark; save the file as UTF-8 without BOM"
        raise one_problem(Place(source, 1, 1), told, "byte-order-mark")
    odd = _UNPRINTABLE.search(plain)
    if odd:
        told = f"character U+{ord(odd.group()):04X} is not text; is this a YAML file?"
        raise one_problem(_place_of(plain[: odd.start()], source), told, "not-text")
    return plain


def check_size(size: int, source: str) -> None:
    """Raise :class:`FlowFileError` when *size* bytes are more than is read."""
    if size > MAX_BYTES:
        told = f"has {size:,} bytes; at most {MAX_BYTES:,} are read"
        raise one_problem(Place(source), told, "too-big")


def one_problem(place: Place, text: str, check: str) -> FlowFileError:
    """Return the error of a file with one problem."""
    return FlowFileError((Problem(place, text, check),))


def _decode(data: bytes, source: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        told = "is UTF-16; save the file as UTF-8"
        raise one_problem(Place(source, 1, 1), told, "not-utf-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place_of(data[: error.start].decode("utf-8"), source)
        told = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise one_problem(place, told, "not-utf-8") from None


def _place_of(before: str, source: str) -> Place:
    lines = before.count("\n")
    return Place(source, lines + 1, len(before) - (before.rfind("\n") + 1) + 1)
