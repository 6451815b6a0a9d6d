"""What ``serve`` is told and cannot do is refused before any file is begun or written to."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.running import run


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--fault", "http.drop", "--fault", "http.nothing"), "no fault 'http.nothing'"),
        (("--fault", "http.drop", "--fault", "http.drop:times=x"), "times must be a number"),
        (("--trace", "absent/calls.jsonl"), "cannot write the trace to"),
        (("--trace", "shop.db"), "a trace needs a file of its own"),
        (("--trace", "./folder/../shop.db"), "a trace needs a file of its own"),
        (("--allow-hook-host", "https://erp.example"), "is no host"),
        (("--account", "a b"), "take lower-case letters"),
    ],
)
def test_nothing_is_left_of_a_start_that_is_refused(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()

    found = run("serve", "--db", "shop.db", *words)

    assert (found.code, found.out) == (2, "")
    assert told in found.err
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_a_port_that_is_taken_is_told_before_any_file_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = run(
            *("serve", "--port", str(port), "--db", tmp_path / "shop.db"),
            *("--trace", tmp_path / "calls.jsonl"),
        )

    assert found.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in found.err
    assert not list(tmp_path.iterdir())
