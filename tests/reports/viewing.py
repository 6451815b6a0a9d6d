"""Shows pages in a real browser, served with exactly the headers that a viewer sends."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from orderflow.conformance.verdict import Verdict
from orderflow.reports.html import render_html
from tests.reports.builders import flows_of
from tests.reports.deals import deals_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    pytest.importorskip("playwright", reason="the python package playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@cache
def page_of(verdict: Verdict) -> str:
    """The report on *verdict*, written once however many tests look at it."""
    return render_html(verdict, flows_of(verdict), deals=deals_of(verdict))


@dataclass(frozen=True, slots=True)
class Sight:
    """A page in the browser, and what it caused.

    Attributes:
        page: The page.
        console: What it said there, or was said about it.
        errors: What went wrong in its script.
        requests: What was asked of the network, the page itself apart.
    """

    page: Page
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def ask(self, script: str, *arguments: object) -> Any:
        """What *script*, a function of JavaScript, returns in the page."""
        return self.page.evaluate(script, *arguments)


@contextmanager
def seen(browser: Browser, url: str, **options: Any) -> Iterator[Sight]:
    """Open *url* in a context with these *options*."""
    context = browser.new_context(**options)
    try:
        sight = Sight(context.new_page())
        sight.page.on("console", lambda message: sight.console.append(message.text))
        sight.page.on("pageerror", lambda error: sight.errors.append(str(error)))
        sight.page.on(
            "request",
            lambda request: sight.requests.append(request.url) if request.url != url else None,
        )
        sight.page.goto(url)
        yield sight
    finally:
        context.close()


@contextmanager
def served(files: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[str]:
    """Serve *files* by path on a free port of this machine, each with *headers*; gives the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = files.get(self.path.lstrip("/"))
            body = (text or "").encode()
            # every browser asks for the icon of a site, which is no matter of the page
            missing = 204 if self.path == "/favicon.ico" else 404
            self.send_response(missing if text is None else 200)
            kind = "text/css" if self.path.endswith(".css") else "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
