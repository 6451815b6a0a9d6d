"""Runs the command line: in this process where that shows enough, else in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from orderflow.cli import orderflow

ROOT = Path(__file__).resolve().parents[2]
BROKEN = sorted((ROOT / "examples" / "broken").glob("*.yaml"))
QUICK = ("--examples", "2", "--steps", "5", "--no-prove")
"""A budget for tests that are not about what exploration finds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the command showed."""

    code: int
    out: str
    err: str


def run(*words: str | Path) -> Outcome:
    """Run ``orderflow WORDS`` here; anything it does not turn into an exit code is raised."""
    result = CliRunner().invoke(orderflow, [str(word) for word in words], prog_name="orderflow")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def refused(*words: str | Path) -> str:
    """Run what must be refused as bad input, and return the message."""
    outcome = run(*words)

    assert (outcome.code, outcome.out) == (2, ""), outcome
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    return outcome.err


def environment(**more: str) -> Mapping[str, str]:
    """The environment of a process of its own, in which ``orderflow`` is this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}


@contextmanager
def process(*words: str | Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``orderflow WORDS`` as a process beside the body; *more* goes into its environment."""
    with subprocess.Popen(
        [sys.executable, "-m", "orderflow", *map(str, words)],
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        try:
            yield running
        except BaseException:
            running.kill()
            raise


def spawned(*words: str | Path, **more: str) -> Outcome:
    """Run ``orderflow WORDS`` as a process to its end."""
    with process(*words, **more) as running:
        out, err = running.communicate(timeout=60)
    return Outcome(running.returncode, out.decode("utf-8"), err.decode("utf-8"))


def content(folder: Path) -> Mapping[str, bytes]:
    """Every file below *folder* with what it holds."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
