"""The real readers of our diagrams, which run in node: Mermaid and Graphviz.

Where they are installed stands in ``ORDERFLOW_NODE_MODULES``, see ``.ci/run``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

_PROGRAM = Path(__file__).resolve().parents[2] / "node" / "readers.mjs"
_NODE = shutil.which("node")
_MODULES = os.environ.get("ORDERFLOW_NODE_MODULES", "")
_SECONDS = 240

needs_node = pytest.mark.skipif(
    _NODE is None or not (Path(_MODULES) / "mermaid").is_dir() or not _MODULES,
    reason="no node here, or ORDERFLOW_NODE_MODULES names no folder with mermaid (see .ci/run)",
)


class Readers:
    """A running program that reads diagrams."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, kind: str, text: str) -> dict[str, Any]:
        """What ``mermaid`` or ``dot`` makes of *text*; ``error`` when it refuses it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"kind": kind, "text": text}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert isinstance(answer, dict)
        return answer


@contextmanager
def running() -> Iterator[Readers]:
    """Start the program, and end it with the body or when it takes too long."""
    assert _NODE is not None
    with subprocess.Popen(
        [_NODE, str(_PROGRAM), _MODULES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        watch = Timer(_SECONDS, process.kill)
        watch.start()
        try:
            yield Readers(process)
        finally:
            watch.cancel()
            process.kill()
