"""Text from outside as plain lines: no control characters, broken where a name has a joint."""

from __future__ import annotations

import re

_JOINTS = re.compile(r"[^ _-]*[ _-]?")


def plain(text: str) -> str:
    """Return *text* on one line, without back quotes and without control characters."""
    words = "".join(char if char.isprintable() else " " for char in text.replace("`", ""))
    return " ".join(words.split())


def clip(text: str, most: int = 80) -> str:
    """Return a name that has room in a picture or a cell: of a longer one the beginning.

    >>> clip("waiting-for-seller-decision", 12)
    'waiting-for…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def short(text: str, most: int = 600) -> str:
    """Return *text*, of a longer one the beginning and how much there is.

    >>> short("abcdefgh", 3)
    'abc… (the first 3 of 8 characters)'
    """
    if len(text) <= most:
        return text
    return f"{text[:most]}… (the first {most:,} of {len(text):,} characters)"


def jointed(text: str) -> tuple[str, ...]:
    """Take *text* apart behind its blanks, hyphens and underscores.

    >>> jointed("stays in start-handling")
    ('stays ', 'in ', 'start-', 'handling')
    """
    return tuple(filter(None, _JOINTS.findall(text)))


def fold(text: str, room: int, *, hang: int = 0) -> list[str]:
    """Break *text* into lines of at most *room* characters, at blanks, hyphens and underscores.

    Args:
        text: What is to be broken; what has no joint is cut.
        room: Characters of a line.
        hang: Blanks before every line but the first.

    >>> fold("→ invoice-after-cancellation-deny", 18, hang=2)
    ['→ invoice-after-', '  cancellation-', '  deny']
    """
    lines = [""]
    for joined in jointed(text):
        piece = joined
        while piece:
            free = room - len(lines[-1])
            if len(piece.rstrip(" ")) <= free:
                lines[-1] += piece
                break
            if lines[-1].strip() or (free < 1 and lines[-1] != " " * hang):
                lines.append(" " * hang)
                continue
            lines[-1] += piece[: max(free, 1)]
            piece = piece[max(free, 1) :]
    return [line.rstrip() for line in lines if line.strip()]
