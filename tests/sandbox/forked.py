"""Starts sandboxes quickly, each in a process of its own that can be killed.

Run as a program it reads the path of a file from each line, forks, and serves a sandbox that is
kept in that file; it says the process, the URL and the key, and a line more when that has ended.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from orderflow.sandbox.server import Sandbox


def serve(path: Path) -> None:
    with Sandbox(db=path) as sandbox:
        print(os.getpid(), sandbox.url, sandbox.key.name, sandbox.key.token, flush=True)  # noqa: T201
        threading.Event().wait()


def main() -> None:
    with Sandbox() as warm:  # what is loaded and worked out here is there in each child
        warm.place(to="invoiced")
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            serve(Path(line.strip()))
        os.waitpid(process, 0)
        print("ended", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
