"""A sandbox with all its ways in, and the ways as the tests name them."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

pytest.importorskip("cryptography", reason="the extra tls is not installed")

from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.tls_front import Front, Reach

HOST = "sandbox.vtexcommercestable.com.br"
ORDERS = "/api/oms/pvt/orders"
WAYS = ("plain", "tls", "tunnel", "absolute")
"""The port itself, TLS, ``CONNECT`` and then TLS, and a target in absolute form to the proxy."""


@dataclass(frozen=True)
class Reached:
    """A running sandbox and how clients find it."""

    sandbox: Sandbox

    @property
    def front(self) -> Front:
        assert self.sandbox.front
        return self.sandbox.front

    @property
    def proxy(self) -> str:
        assert self.front.proxy_url
        return self.front.proxy_url

    def base(self, way: str) -> str:
        """The URL that a client has written in it."""
        here = {"plain": self.sandbox.url, "tls": self.front.https_url}
        return here.get(way) or f"http{'s' if way == 'tunnel' else ''}://{HOST}"

    @property
    def trust(self) -> ssl.SSLContext:
        """As careful as a client can be: Python 3.13 is so by itself."""
        context = ssl.create_default_context(cafile=str(self.front.trusted))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    @contextmanager
    def client(self, way: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx2.Client]:
        """A client that goes that way, with the usual credentials."""
        with httpx2.Client(
            base_url=self.base(way),
            headers=self.sandbox.headers if headers is None else dict(headers),
            proxy=self.proxy if way in ("tunnel", "absolute") else None,
            verify=self.trust,
            trust_env=False,
            timeout=10,
        ) as made:
            yield made


@contextmanager
def reached(folder: Path) -> Iterator[Reached]:
    with Sandbox(reach=Reach(proxy=0, folder=folder)) as sandbox:
        yield Reached(sandbox)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def control(sandbox: Sandbox, path: str, **sent: object) -> object:
    answer = httpx2.post(f"{sandbox.url}/_sandbox/{path}", json=sent, trust_env=False, timeout=10)
    assert answer.is_success, answer.text
    return json.loads(answer.content) if answer.content else None
