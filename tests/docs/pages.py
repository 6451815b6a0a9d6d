"""Runs a page of the documentation as its reader would: files are written, commands typed.

A block whose first line is a comment with a file name is that file. In a ``console`` block every
line behind a prompt is a command, and the lines below are what it must show, in this order: blanks
count once, and ``…`` stands for anything. A command that cannot do what it is asked for, which
exit codes from 2 tell, is wrong as well, unless the next one is ``echo $?``, which shows the code.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.cli.running import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"(?:#|<!--) (\S+\.\w+)(?: -->)?\n")
_PROMPT = "$ "
_MARK = "=== command {} ==="
_ENDED = re.compile(r"\n=== ended with (\d+) ===\n")
_CODE = "echo $?"
_TROUBLE = 2
_MOST_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Typed:
    """One command of a page.

    Attributes:
        command: What is typed.
        shown: Lines that the page shows of its output.
    """

    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One file that a page lets its reader write."""

    name: str
    text: str


def steps_of(page: str) -> Iterator[Typed | Written]:
    """What a reader of *page* does, in this order."""
    for language, body in _BLOCK.findall(page):
        named = _FILE.match(body)
        if language == "console":
            yield from _typed(body)
        elif named:
            yield Written(named[1], body)


def _typed(body: str) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.replace("\\\n", " ").splitlines()
        yield Typed(command, tuple(line for line in shown if line.strip()))


def play(page: str, folder: Path, instead: Mapping[str, str] | None = None) -> list[str]:
    """Do in *folder* what a page says and return what does not come out as it shows.

    Args:
        page: Its text.
        folder: An empty folder.
        instead: What to type instead of a part of a command, such as a port that is free.
    """
    done = list(steps_of(page))
    (folder / ".page.sh").write_text(_script(done, instead or {}), "utf-8")
    out = _run(folder)
    parts = re.split(r"^=== command \d+ ===\n", out, flags=re.MULTILINE)[1:]
    typed = [step for step in done if isinstance(step, Typed)]
    if len(parts) != len(typed):
        return [f"only {len(parts)} of {len(typed)} commands were run:\n{out}"]
    after = [*typed[1:], None]
    told = (_wrong(*each) for each in zip(typed, parts, after, strict=True))
    return [line for line in told if line]


def _script(done: list[Typed | Written], instead: Mapping[str, str]) -> str:
    """One shell for the whole page, so that ``cd``, ``&`` and ``$?`` mean what a reader expects."""
    lines = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT", "last=0"]
    number = 0
    for step in done:
        if isinstance(step, Written):
            lines += [f"cat > {step.name} <<'END_OF_FILE'", f"{step.text}END_OF_FILE"]
            continue
        command = step.command
        for old, new in instead.items():
            command = command.replace(old, new)
        lines += [f"echo '{_MARK.format(number)}'", "(exit $last)", command, "last=$?"]
        lines += ['printf "\\n=== ended with $last ===\\n"']  # not every output ends its line
        number += 1
    return "\n".join(lines) + "\n"


def _run(folder: Path) -> str:
    binaries = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "100",
    }
    shell = subprocess.Popen(
        ["bash", ".page.sh"],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return shell.communicate(timeout=_MOST_SECONDS)[0]
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()


def _wrong(step: Typed, out: str, after: Typed | None) -> str:
    """What does not come out as a page shows, of one command and the one typed *after* it."""
    ended = _ENDED.search(out)
    out = _ENDED.sub("\n", out)
    told = after is not None and after.command == _CODE
    if ended and int(ended[1]) >= _TROUBLE and not told:
        return f"$ {step.command}\nends with {ended[1]}; it shows:\n{out}"
    return _missing(step, out)


def _missing(step: Typed, out: str) -> str:
    """What a page shows that did not come, with what came instead; empty when all came."""
    lines = iter(_squeezed(line) for line in out.splitlines())
    for shown in step.shown:
        wanted = _pattern(_squeezed(shown))
        if wanted != "*" and not any(fnmatchcase(line, wanted) for line in lines):
            return f"$ {step.command}\nshows no line {shown!r} there; it shows:\n{out}"
    return ""


def _squeezed(line: str) -> str:
    return " ".join(line.split())


def _pattern(line: str) -> str:
    escaped = "".join(f"[{char}]" if char in "*?[" else char for char in line)
    return escaped.replace("…", "*")
