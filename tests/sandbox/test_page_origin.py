"""Which pages may change something by the control API."""

from __future__ import annotations

import pytest

from orderflow.sandbox.page_origin import is_foreign


@pytest.mark.parametrize(
    "host",
    [
        *("localhost:8080", "127.0.0.1:8080", "[::1]:8080", "10.0.0.7:80", "sandbox:8080"),
        *("shop.localhost", "mystore.vtexcommercestable.com.br", "mystore.myvtex.com:443"),
    ],
)
def test_the_page_of_the_sandbox_may(host: str) -> None:
    assert not is_foreign("POST", {"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "https://shop.example"),
        ("localhost:8080", "http://localhost:9090"),
        ("localhost:8080", "null"),
        ("localhost:8080", "http://[::1"),
        ("evil.example:8080", "http://evil.example:8080"),  # its name leads here by now
        ("127.0.0.1.evil.example", "http://127.0.0.1.evil.example"),
        ("vtexcommercestable.com.br.evil.example", "http://vtexcommercestable.com.br.evil.example"),
    ],
)
def test_the_page_of_somebody_else_may_not(host: str, origin: str) -> None:
    assert is_foreign("POST", {"host": host, "origin": origin})
    assert not is_foreign("GET", {"host": host, "origin": origin})


def test_a_program_that_is_no_browser_may() -> None:
    assert not is_foreign("POST", {"host": "evil.example:8080"})
