r"""A long command on several lines, so that it is read without scrolling and works when pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator

ROOM = 46
"""Characters of a line: as many as stand in the column of a failure."""

_WORD = r"(?:[^\s'\"\\]|'[^'\n]*')+"
_COMMAND = re.compile(rf"{_WORD}(?: {_WORD})*")
_WORDS = re.compile(_WORD)
_STEPS = "--steps"
"""Its value is a list apart by blanks of any kind: inside its quotes, too, a line may end."""


def continued(command: str, room: int = ROOM) -> str:
    r"""Return *command* broken before its options, with a backslash, and between its steps.

    A shell makes the same of it, but for the kind of the blanks between steps. A command that is
    short enough, or quoted in a way that is not ours, stays as it is.

    >>> print(continued("orderflow replay --flow seller --steps 'place_order cancel'", 28))
    orderflow replay \
      --flow seller \
      --steps 'place_order
      cancel'
    """
    if len(command) <= room or not _COMMAND.fullmatch(command):
        return command
    lines = [""]
    for part in _parts(_WORDS.findall(command)):
        if not lines[-1]:
            lines[-1] = part
        elif len(lines[-1]) + len(part) + len(" ") <= room - len(r" \ "):
            lines[-1] += f" {part}"
        else:
            lines.append(f"  {part}")
    return " \\\n".join("\n".join(_filled(line, room)) for line in lines)


def _parts(words: list[str]) -> Iterator[str]:
    """Put each option together with what follows it, up to the next one."""
    part = words[:1]
    for word in words[1:]:
        if word.startswith("-"):
            yield " ".join(part)
            part = []
        part.append(word)
    yield " ".join(part)


def _filled(line: str, room: int) -> Iterator[str]:
    """Break a line of steps into full ones."""
    if not line.lstrip().startswith(f"{_STEPS} '"):
        yield line
        return
    full = ""
    for step in line.strip().split(" "):
        if full and len(full) + len(step) >= room and full.strip() != _STEPS:
            yield full
            full = ""
        full = f"{full} {step}" if full else f"  {step}"
    yield full
