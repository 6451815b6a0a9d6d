"""What the pages on the sandbox say happens; and what they name is there."""

from __future__ import annotations

import json
import re
import shutil
import socket
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.fault_words import switch_on
from orderflow.sandbox.routes import Absent
from orderflow.sandbox.service import Service
from tests.cli.running import ROOT
from tests.docs.pages import play

PAGES = sorted((ROOT / "docs").glob("sandbox*.md"))
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
PORTS = ("8080", "8090", "8070", "8443", "8444")
SELLERS = r"POST /pvt/orders?(Forms/simulation|/\{orderId\}/fulfill)?"
"""Calls to a seller outside, which the sandbox makes and does not take."""


def free_ports() -> dict[str, str]:
    """A free port for each of a page, no two the same."""
    with ExitStack() as held:
        found = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        return {port: str(each.getsockname()[1]) for port, each in zip(PORTS, found, strict=True)}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl, which the pages use, is missing")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_on_the_sandbox_works_as_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page.stem == "sandbox-reach" and find_spec("cryptography") is None:
        pytest.skip("the extra tls is not installed")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    assert play(page.read_text("utf-8"), tmp_path, free_ports()) == []


def test_every_call_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)", TEXT))
    calls = {each for each in named if not re.fullmatch(SELLERS, " ".join(each))}

    assert len(calls) > 15
    assert [each for each in sorted(calls) if isinstance(ALL.find(*each), Absent)] == []


def test_every_order_that_is_wished_for_can_be_had() -> None:
    bodies = re.findall(r"^\| `(\{.*?\})` \|", TEXT, re.MULTILINE)
    assert len(bodies) > 5
    for body in bodies:
        asked = Asked("POST", "/_sandbox/orders", body=body.encode())
        made = answer(Service(), asked)

        assert made.status == 201, (body, made.body)
        assert json.loads(made.body)["orders"]


def test_every_fault_that_is_named_can_be_switched_on() -> None:
    named = re.findall(r"--fault\s([\w.:=-]+)", TEXT)

    assert len(named) > 1
    switch_on(Service(), named)
