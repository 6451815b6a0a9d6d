"""A trace in a file has a line for each call, whatever ends the sandbox or fills its disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from orderflow.sandbox.service import Service
from orderflow.sandbox.trace_file import TraceFile, TraceFileError
from tests.sandbox.shop import ORDERS, Shop

KILLED = """
import os, signal, sys
from pathlib import Path
from orderflow.sandbox.trace_file import TraceFile
from tests.sandbox.shop import ORDERS, Shop
shop = Shop()
TraceFile(shop.service, Path(sys.argv[1]))
for page in (1, 2, 3):
    shop.call("GET", f"{ORDERS}?page={page}")
os.kill(os.getpid(), signal.SIGKILL)
"""


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_call_is_a_line_with_both_times_and_how_long_it_took(tmp_path: Path) -> None:
    shop, path = Shop(), tmp_path / "trace.jsonl"
    kept = TraceFile(shop.service, path)
    shop.call("GET", ORDERS)
    shop.service.advance(60_000)
    shop.call("GET", f"{ORDERS}/v0-01")
    kept.close()
    shop.call("GET", ORDERS)

    one, two = lines(path)

    assert (one["status"], two["status"]) == (200, 404)
    assert (one["at"], two["at"]) == (
        "2024-01-01T00:00:00.0000000+00:00",
        "2024-01-01T00:01:00.0000000+00:00",
    )
    assert datetime.fromisoformat(str(one["wall"])) <= datetime.fromisoformat(str(two["wall"]))
    assert isinstance(one["took"], float)
    assert 0 < one["took"] < 10_000
    assert shop.service.accounts.first.token not in path.read_text("utf-8")


def test_it_goes_on_behind_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    for _ in range(2):
        shop = Shop()
        kept = TraceFile(shop.service, path)
        shop.call("GET", ORDERS)
        kept.close()

    assert [line["number"] for line in lines(path)] == [1, 1]


def test_a_reset_does_not_end_it(tmp_path: Path) -> None:
    shop, path = Shop(), tmp_path / "trace.jsonl"
    kept = TraceFile(shop.service, path)
    shop.call("GET", ORDERS)
    shop.service.reset()
    shop.call("GET", ORDERS)
    kept.close()

    assert len(lines(path)) == 2


def test_a_sandbox_that_is_killed_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert ended.returncode == -signal.SIGKILL
    assert [line["query"] for line in lines(path)] == [[["page", str(n)]] for n in (1, 2, 3)]


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match=r"cannot write the trace to .*: "):
        TraceFile(Service(), tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_stops_the_trace_and_not_the_sandbox() -> None:
    shop = Shop()
    kept = TraceFile(shop.service, Path("/dev/full"))

    assert [shop.call("GET", ORDERS).status for _ in range(2)] == [200, 200]
    assert "No space left" in kept.trouble
    kept.close()
