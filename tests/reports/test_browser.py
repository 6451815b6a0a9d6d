"""In a real browser the page is quiet, complete and readable, scripts and styles or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orderflow.conformance.verdict import Verdict
from orderflow.reports.html import render_html
from tests.reports.builders import failing, flows_of, passing
from tests.reports.deals import deals_of, failing_deals

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytest.importorskip("playwright", reason="the python package playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module", params=["failing", "passing", "deals"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = {"failing": failing, "passing": passing, "deals": failing_deals}
    value: Verdict = made[request.param]()
    path = tmp_path_factory.mktemp("report") / f"{request.param}.html"
    path.write_text(render_html(value, flows_of(value), deals=deals_of(value)), "utf-8")
    return path


def opened(context: BrowserContext, path: Path) -> tuple[Page, list[str]]:
    """Open *path* and collect what the console says and what is asked of the network."""
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noise.append(f"error: {error}"))
    page.on(
        "request",
        lambda request: noise.append(request.url) if request.url != path.as_uri() else None,
    )
    page.goto(path.as_uri())
    return page, noise


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_page_is_quiet_and_its_verdict_visible(
    browser: Browser, report: Path, *, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page, noise = opened(context, report)

    heading = page.locator("h1")
    sign = "PASS" if report.stem == "passing" else "FAIL"
    assert heading.is_visible()
    assert sign in heading.inner_text()
    assert sign in page.title()
    shown = page.locator("svg.of-picture:visible").first.bounding_box()
    assert shown is not None
    assert min(shown["width"], shown["height"]) > 300
    assert noise == []
    context.close()


def test_verdict_trace_and_diagram_are_above_the_fold(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_html(failing(), flows_of(failing())), "utf-8")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, _ = opened(context, path)

    for selector in ("h1", ".p-tiles", ".of-sketch", ".p-trace", "svg.of-picture"):
        box = page.locator(f"{selector}:visible").first.bounding_box()
        assert box is not None
        assert box["y"] < 640, selector
    context.close()


def test_tabs_switch_without_a_script(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_html(failing(), flows_of(failing())), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page, _ = opened(context, path)

    assert page.locator("#failure-1").is_visible()
    assert not page.locator("#failure-2").is_visible()
    page.locator(".p-tab-2").click()
    assert page.locator("#failure-2").is_visible()
    assert not page.locator("#failure-1").is_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 500, 1024, 1440, 1920])
def test_page_never_scrolls_sideways(browser: Browser, report: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, _ = opened(context, report)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_everything_shows_when_styles_are_blocked(browser: Browser, tmp_path: Path) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    text = render_html(failing(), flows_of(failing())).replace("<title>", f"{policy}<title>", 1)
    path = tmp_path / "report.html"
    path.write_text(text, "utf-8")
    context = browser.new_context()
    page, _ = opened(context, path)

    for failure in range(1, 4):
        assert page.locator(f"#failure-{failure}").is_visible()
    box = page.locator("#failure-1 svg.of-picture rect.of-box-hit").first
    assert box.evaluate("node => getComputedStyle(node).fill") == "rgb(232, 242, 250)"
    context.close()


def test_measured_width_is_what_the_browser_draws(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_html(passing(), flows_of(passing())), "utf-8")
    context = browser.new_context()
    page, _ = opened(context, path)
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg.of-picture text[class^=of-name]")]
        .filter(text => {
            const box = text.previousElementSibling.getBBox(), own = text.getBBox();
            return own.x < box.x || own.x + own.width > box.x + box.width;
        }).map(text => text.textContent)"""
    )

    assert outside == []
    context.close()


def test_texts_of_deals_stay_in_their_boxes(browser: Browser, tmp_path: Path) -> None:
    value = failing_deals()
    path = tmp_path / "report.html"
    path.write_text(render_html(value, flows_of(value), deals=deals_of(value)), "utf-8")
    context = browser.new_context()
    page, _ = opened(context, path)
    for number in range(1, len(value.failures) + 1):
        page.locator(f".p-tab-{number}").click()
        outside = page.evaluate(
            """() => [...document.querySelectorAll("svg.of-sequence text, svg.of-deal text")]
            .filter(text => {
                let box = text.previousElementSibling;
                while (box && box.tagName === "text") box = box.previousElementSibling;
                if (!box || box.tagName !== "rect" || !text.getClientRects().length) return false;
                if (!/of-box|of-chip/.test(box.getAttribute("class"))) return false;
                if (text.getAttribute("x") === "16") return false;
                const a = box.getBBox(), b = text.getBBox();
                return b.x < a.x - .5 || b.x + b.width > a.x + a.width + .5;
            }).map(text => text.textContent)"""
        )
        assert outside == []
    context.close()


def test_sequence_and_diagram_of_a_deal_show_when_styles_are_blocked(
    browser: Browser, tmp_path: Path
) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    value = failing_deals()
    text = render_html(value, flows_of(value), deals=deals_of(value))
    path = tmp_path / "report.html"
    path.write_text(text.replace("<title>", f"{policy}<title>", 1), "utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _ = opened(context, path)

    for css in ("of-sequence", "of-deal"):
        shown = page.locator(f"svg.{css}").first
        box = shown.bounding_box()
        assert box is not None
        assert box["width"] > 500
    step = page.locator("svg.of-sequence rect.of-box-hit").first
    assert step.evaluate("node => getComputedStyle(node).fill") == "rgb(232, 242, 250)"
    context.close()
