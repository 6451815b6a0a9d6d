"""The sandbox for tests: one server a process, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orderflow.sandbox.server import Sandbox


@contextmanager
def renewed(running: Sandbox) -> Iterator[Sandbox]:
    """A sandbox that runs, without what earlier tests left in it."""
    running.reset()
    yield running
