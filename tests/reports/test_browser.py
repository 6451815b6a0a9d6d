"""In a real browser the page is quiet, complete and readable, scripts and styles or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orderflow.conformance.verdict import Verdict
from tests.reports.builders import (
    failing,
    many_failures,
    partial_invoice,
    passing,
    verdict,
)
from tests.reports.deals import failing_deals
from tests.reports.viewing import needs_chromium, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = needs_chromium


@pytest.fixture(scope="module", params=["failing", "passing", "deals"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = {"failing": failing, "passing": passing, "deals": failing_deals}
    value: Verdict = made[request.param]()
    path = tmp_path_factory.mktemp("report") / f"{request.param}.html"
    path.write_text(page_of(value), "utf-8")
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
    path.write_text(page_of(failing()), "utf-8")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, _ = opened(context, path)

    for selector in ("h1", ".p-tiles", ".of-sketch", ".p-trace", "svg.of-picture"):
        box = page.locator(f"{selector}:visible").first.bounding_box()
        assert box is not None
        assert box["y"] < 640, selector
    context.close()


def test_tabs_switch_without_a_script(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page_of(failing()), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page, _ = opened(context, path)

    assert page.locator("#failure-1").is_visible()
    assert not page.locator("#failure-2").is_visible()
    page.locator(".p-tab-2").click()
    assert page.locator("#failure-2").is_visible()
    assert not page.locator("#failure-1").is_visible()
    context.close()


def written(folder: Path, value: Verdict) -> Path:
    path = folder / "report.html"
    path.write_text(page_of(value), "utf-8")
    return path


def strokes(page: Page, selector: str) -> list[str]:
    widths: list[str] = page.locator(selector).evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).strokeWidth)"
    )
    return widths


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_picked_step_opens_and_thickens_its_line_and_status(
    browser: Browser, tmp_path: Path, *, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page, _ = opened(context, written(tmp_path, verdict((partial_invoice(),))))
    step = page.locator("#failure-1-step-6")

    assert not step.locator(".p-more").is_visible()
    assert page.locator("#failure-1-step-10 .p-more").is_visible()
    assert strokes(page, "#failure-1 .of-halo .of-s6") == ["8px"]
    step.locator(".p-pick").click()
    assert step.locator(".p-more").is_visible()
    assert not page.locator("#failure-1-step-10 .p-more").is_visible()
    assert strokes(page, "#failure-1 .of-halo .of-s6") == ["17px"]
    assert strokes(page, "#failure-1 .of-frames .of-f6") == ["4px"]
    assert strokes(page, "#failure-1 .of-frames .of-f7") == ["0px"]
    page.keyboard.press("ArrowDown")
    assert page.locator("#failure-1-step-7 .p-more").is_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_number_in_the_diagram_leads_to_its_step(
    browser: Browser, tmp_path: Path, *, scripts: bool
) -> None:
    context = browser.new_context(
        java_script_enabled=scripts, viewport={"width": 1440, "height": 1600}
    )
    page, _ = opened(context, written(tmp_path, verdict((partial_invoice(),))))

    page.locator('#failure-1 a[href="#failure-1-step-4"]').click()
    assert page.locator("#failure-1-step-4 .p-more").is_visible()
    assert strokes(page, "#failure-1 .of-halo .of-s4") == ["17px"]
    context.close()


def test_only_this_trace_fades_the_rest_without_a_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, _ = opened(context, written(tmp_path, verdict((partial_invoice(),))))

    def opacity(selector: str) -> float:
        shown = page.locator(f"#failure-1 {selector}").first
        return float(shown.evaluate("node => getComputedStyle(node).opacity"))

    assert (opacity(".of-base-lines"), opacity(".of-own")) == (1, 0)
    page.locator("#failure-1 .p-focus-input").check()
    assert opacity(".of-base-lines") < 0.2
    assert opacity(".of-own") == 1
    assert opacity(".of-halo") == 1
    context.close()


def test_diagram_scrolls_on_a_narrow_screen_and_is_not_shrunk(
    browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 500, "height": 900})
    page, _ = opened(context, written(tmp_path, failing()))

    for selector in ("#failure-1 svg.of-picture", "#seller svg.of-picture"):
        drawn, natural, room, content = page.locator(selector).first.evaluate(
            """svg => [svg.getBoundingClientRect().width, +svg.getAttribute("width"),
            svg.parentNode.clientWidth, svg.parentNode.scrollWidth]"""
        )
        assert drawn > 0.85 * natural
        assert content > room
    context.close()


def test_paper_shows_all_failures_steps_and_folds(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 720, "height": 1000})
    page, _ = opened(context, written(tmp_path, failing()))
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    for number in range(1, 4):
        assert page.locator(f"#failure-{number}").is_visible()
    assert page.locator(".p-more").evaluate_all("all => all.every(each => each.offsetHeight > 0)")
    assert page.locator("details").evaluate_all("all => all.every(each => each.open)")
    assert page.locator("#failure-1 .p-legend").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    for picture in page.locator("svg.of-picture").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] <= 720
        assert box["height"] <= 930  # an A4 page less its margins
    context.close()


def test_folds_are_open_on_paper_without_a_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, _ = opened(context, written(tmp_path, passing()))
    table = page.locator("#chain table.p-steps")

    assert not table.is_visible()
    page.emulate_media(media="print")
    box = table.bounding_box()
    assert box is not None
    assert box["height"] > 200
    context.close()


def test_script_steps_filters_copies_and_lights_up(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1200})
    page, noise = opened(context, written(tmp_path, failing()))

    page.keyboard.press("k")
    assert page.locator("#failure-1-step-9 .p-more").is_visible()
    page.keyboard.press("j")
    assert page.locator("#failure-1-step-10 .p-more").is_visible()
    rows = page.locator("#seller .p-steps tbody tr")
    count = rows.count()
    page.locator('#seller input[type="search"]').last.fill("deny cancel")
    left = rows.filter(visible=True)
    assert 0 < left.count() < count
    assert "deny cancel" in left.first.inner_text()
    left.first.hover()
    lit = page.locator("#seller path.p-lit")
    assert lit.count() >= 1
    assert page.locator(".p-copy").count() == page.locator(".p-command").count()
    assert noise == []
    context.close()


def test_panel_that_is_linked_to_is_shown(browser: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, failing())
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{path.as_uri()}#failure-2")
        assert page.locator("#failure-2").is_visible()
        context.close()


def test_page_of_five_thousand_failures_opens(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page, noise = opened(context, written(tmp_path, verdict(many_failures(5000))))

    assert page.locator("#failure-1 .p-trace").is_visible()
    last = page.locator("#p-more tbody tr").last
    last.scroll_into_view_if_needed()
    assert "orderflow replay" in last.inner_text()
    assert noise == []
    context.close()


@pytest.mark.parametrize("width", [360, 500, 1024, 1440, 1920])
def test_page_never_scrolls_sideways(browser: Browser, report: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, _ = opened(context, report)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_everything_shows_when_styles_are_blocked(browser: Browser, tmp_path: Path) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    text = page_of(failing()).replace("<title>", f"{policy}<title>", 1)
    path = tmp_path / "report.html"
    path.write_text(text, "utf-8")
    context = browser.new_context()
    page, _ = opened(context, path)

    for failure in range(1, 4):
        assert page.locator(f"#failure-{failure}").is_visible()
    halo = page.locator("#failure-1 svg.of-picture .of-halo")
    assert halo.evaluate("node => getComputedStyle(node).stroke") == "rgb(242, 193, 78)"
    # what the picture takes from the diagram of the flow has a size, so it is drawn
    for layer in ("lines", "nodes", "labels"):
        box = page.locator(f"#failure-1 use.of-base-{layer}").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 300
    status = page.locator("#seller svg.of-picture .of-box-hit rect").first
    assert status.evaluate("node => getComputedStyle(node).fill") == "rgb(232, 242, 250)"
    assert page.locator("#failure-1 .p-more").first.is_visible()
    context.close()


def test_measured_width_is_what_the_browser_draws(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page_of(passing()), "utf-8")
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
    path.write_text(page_of(value), "utf-8")
    context = browser.new_context()
    page, _ = opened(context, path)
    for number in range(1, len(value.failures) + 1):
        page.locator(f".p-tab-{number}").click()
        outside = page.evaluate(
            """() => [...document.querySelectorAll("svg.of-sequence, svg.of-deal")].flatMap(svg => {
                if (!svg.getClientRects().length) return [];
                const boxes = [...svg.querySelectorAll("rect")].filter(
                    rect => /of-box|of-chip/.test(rect.closest("[class]").getAttribute("class"))
                ).map(rect => rect.getBBox());
                return [...svg.querySelectorAll("text")].flatMap(text => {
                    const b = text.getBBox(), x = b.x + b.width / 2, y = b.y + b.height / 2;
                    const a = boxes.find(a => a.x < x && x < a.x + a.width
                        && a.y < y && y < a.y + a.height);
                    if (!a || /^\\d+$/.test(text.textContent)) return [];  // numbers of steps
                    const fits = b.x >= a.x - .5 && b.x + b.width <= a.x + a.width + .5;
                    return [fits ? "fits" : text.textContent];
                });
            })"""
        )
        assert outside.count("fits") > 20
        assert set(outside) == {"fits"}
    context.close()


def test_sequence_and_diagram_of_a_deal_show_when_styles_are_blocked(
    browser: Browser, tmp_path: Path
) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    value = failing_deals()
    text = page_of(value)
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
