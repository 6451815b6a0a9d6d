"""A sandbox is ready before anything is loaded that only some of them ever need."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = ("jinja2", "networkx", "jsonata", "regex", "cryptography")
HELD = """
import sys
from orderflow.cli import serve
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.server import Sandbox

with Sandbox() as sandbox:
    key = sandbox.key
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    {then}
    print(*(name for name in sys.argv[1:] if name in sys.modules))
"""
PAGE = 'answer(sandbox.service, Asked("GET", "/_sandbox/"))'
ORDER = """
    held = sandbox.place(to="handling")
    answer(sandbox.service, Asked("GET", f"/api/oms/pvt/orders/{held.order_id}", "", headers))
"""
EXPRESSION = """
    body = b'{"filter": {"type": "FromOrders", "expression": "value > 1"}}'
    answer(sandbox.service, Asked("POST", "/api/orders/feed/config", "", headers, body))
"""


def loaded(then: str) -> list[str]:
    """Which of the modules that come late a sandbox has loaded after *then*."""
    program = HELD.replace("{then}", then.strip() or "pass")
    run = subprocess.run(
        [sys.executable, "-c", program, *LATE], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


@pytest.mark.parametrize("then", ["", ORDER])
def test_a_sandbox_that_shows_orders_has_loaded_none_of_it(then: str) -> None:
    assert loaded(then) == []


def test_the_page_loads_what_fills_it() -> None:
    assert loaded(PAGE) == ["jinja2"]


def test_an_expression_loads_what_evaluates_it() -> None:
    assert loaded(EXPRESSION) == ["jsonata", "regex"]
