"""Everybody can read and operate the pages: WCAG 2.2 AA, by any scheme, at any width, by keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orderflow.flows.loader import bundled
from orderflow.reports.difference import as_html
from orderflow.reports.integration.write import rendered
from orderflow.reports.layout import layout
from orderflow.reports.svg import Caption, render_svg
from tests.reports.builders import (
    a_warning,
    many_failures,
    partial_invoice,
    small_flow,
    verdict,
    view,
    wrong_acceptance,
)
from tests.reports.deals import failing_deals
from tests.reports.integration.builders import failing
from tests.reports.test_difference import comparison, store
from tests.reports.viewing import Sight, needs_chromium, page_of, seen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium

LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SELLER = (view("seller"),)
FAILING = verdict((partial_invoice(), wrong_acceptance(), a_warning()), flows=SELLER)


def of_documentation() -> str:
    """A picture of the documentation, as a page holds it."""
    flow = bundled("seller").view()
    picture = render_svg(layout(flow), Caption("seller", "Seller flow", "Fifteen statuses."))
    head = (
        '<html lang="en"><title>Seller</title><meta name="viewport" content="width=device-width">'
    )
    return f"<!doctype html>{head}<main><h1>Seller</h1>{picture}</main></html>"


PAGES: Mapping[str, Callable[[], str]] = {
    "failing": lambda: page_of(FAILING),
    "passing": lambda: page_of(verdict(flows=(small_flow(), *SELLER), skip=frozenset({"S14"}))),
    "deals": lambda: page_of(failing_deals()),
    "many failures": lambda: page_of(verdict(many_failures(60), flows=SELLER)),
    "certification": lambda: rendered(failing(), "report", {}, "the end of its output"),
    "difference": lambda: as_html(comparison(store())),
    "documentation": of_documentation,
}
CONTRAST = "color-contrast"
JUDGED = """([levels, contrast]) => axe.run({
    runOnly: contrast.wanted ? [contrast.rule] : levels, resultTypes: ["violations"],
    rules: {[contrast.rule]: {enabled: contrast.wanted}},
}).then(found => found.violations.flatMap(each => each.nodes.map(
    node => each.id + ": " + node.target + " " + node.failureSummary)))"""
THINNED = """() => {
    const spare = "svg > :not(title, desc), tbody tr:nth-child(n + 5), "
        + ".p-matrix tr > :nth-child(n + 14)";
    for (const each of document.querySelectorAll(spare)) each.remove();
    for (const each of document.querySelectorAll(".p-panel")) if (!each.offsetParent) each.remove();
}"""
"""Takes away what axe-core would not judge the contrast of, drawings and what is not shown, and
rows and columns that look like those before them: it takes its time for every element."""


def violations(sight: Sight, *, contrast: bool) -> list[str]:
    """What axe-core finds by the rule on contrast, or by all others of WCAG 2.2 AA."""
    from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # has none

    if not sight.ask("() => 'axe' in window"):
        sight.ask(AXE_SCRIPT)
    found: list[str] = sight.ask(JUDGED, [LEVELS, {"rule": CONTRAST, "wanted": contrast}])
    return found


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_of_wcag_is_broken(browser: Browser, tmp_path: Path, name: str) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    path = tmp_path / "page.html"
    path.write_text(PAGES[name](), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": 1440, "height": 900}) as sight:
        assert violations(sight, contrast=False) == []
        sight.ask(THINNED)
        sight.page.set_viewport_size({"width": 500, "height": 900})
        assert violations(sight, contrast=False) == []
        for width, dark in product((1440, 500), (False, True)):
            sight.page.set_viewport_size({"width": width, "height": 900})
            sight.page.emulate_media(color_scheme="dark" if dark else "light")
            assert violations(sight, contrast=True) == [], (width, dark)


def test_what_breaks_a_rule_is_found(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    path = tmp_path / "page.html"
    text = page_of(FAILING).replace('<html lang="en">', "<html>", 1)
    path.write_text(text.replace("</style>", ".p-facts { color: #bbb }</style>", 1), "utf-8")
    with seen(browser, path.as_uri(), color_scheme="light") as sight:
        lines = [*violations(sight, contrast=False), *violations(sight, contrast=True)]

        assert {line.split(":")[0] for line in lines} == {"html-has-lang", CONTRAST}


FAINT = """() => {
    const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const light = part => part <= 10.31 ? part / 3294.6 : ((part / 255 + .055) / 1.055) ** 2.4;
    const seen = rgb => .2126 * light(rgb[0]) + .7152 * light(rgb[1]) + .0722 * light(rgb[2]);
    const colour = text => {
        const found = parts(text);
        if (text.startsWith("color(srgb")) for (const i of [0, 1, 2]) found[i] *= 255;
        return [...found.slice(0, 3), found[3] === undefined ? 1 : found[3]];
    };
    const behind = each => {
        if (!each) return [255, 255, 255];
        const [r, g, b, a] = colour(getComputedStyle(each).backgroundColor);
        if (a === 1) return [r, g, b];
        return behind(each.parentElement).map((part, i) => part * (1 - a) + [r, g, b][i] * a);
    };
    const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, home = node.parentElement;
        if (!node.data.trim() || home.closest("svg, script, style, .p-hidden")) continue;
        if (!home.getClientRects().length) continue;
        const [one, two] = [seen(colour(getComputedStyle(home).color)), seen(behind(home))];
        const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
        if (ratio < 4.5) out.push(ratio.toFixed(2) + " " + node.data.trim().slice(0, 50));
    }
    return [...new Set(out)];
}"""
"""Texts with less contrast than WCAG 1.4.3 asks for; axe-core gives up before a gradient, as our
panels have, and beside what CSS puts in front of an element, as it numbers our steps."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(browser: Browser, tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "page.html"
    value = verdict(
        (partial_invoice(), wrong_acceptance(), a_warning()),
        flows=SELLER,
        skip=frozenset({"S14", "S20p"}),
    )
    path.write_text(page_of(value), "utf-8")
    options = {"color_scheme": scheme, "viewport": {"width": 1440, "height": 900}}
    with seen(browser, path.as_uri(), **options) as sight:
        assert sight.ask(FAINT) == []

        # a row that a link leads to is tinted, though it was never exercised
        sight.ask("() => { location.hash = 'seller-S14' }")
        row = "() => getComputedStyle(document.querySelector('tbody:target tr, tr:target'))"
        assert sight.ask(f"{row}.backgroundColor") != "rgba(0, 0, 0, 0)"
        assert sight.ask(FAINT) == []
        # so is a step that is picked and is not the last one
        sight.page.locator("#failure-1-step-6 .p-pick").click()
        assert sight.ask(FAINT) == []

        sight.page.add_style_tag(content=".p-ids { color: #7f7f7f !important }")
        assert any("A-17" in text for text in sight.ask(FAINT))


STOP = """() => {
    const each = document.activeElement;
    if (!each || each === document.body) return null;
    const shown = each.matches(".p-tab-input") ? document.querySelector(`[for="${each.id}"]`)
        : each.matches(".p-pick input") ? each.closest(".p-pick") : each;
    const box = shown.getBoundingClientRect(), style = getComputedStyle(shown);
    const kinds = [["tile", ".p-tile"], ["tab", ".p-tab-input"], ["step", ".p-pick input"],
        ["copy", ".p-copy"], ["focus", ".p-focus-input"], ["filter", "input[type=search]"],
        ["fold", "summary"], ["diagram", ".p-canvas"]];
    const kind = (kinds.find(pair => each.matches(pair[1])) || [each.tagName.toLowerCase()])[0];
    const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const place = box.width > 4 && box.bottom > 0 && box.top < innerHeight;
    return {kind, ringed, place, text: shown.outerHTML.slice(0, 120)};
}"""


def test_tab_reaches_everything_in_the_order_of_the_page(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(FAILING), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": 1440, "height": 900}) as sight:
        stops = []
        for _ in range(400):
            sight.page.keyboard.press("Tab")
            stop = sight.ask(STOP)
            if stop is None:
                break
            stops.append(stop)

        assert len(stops) < 400  # nothing holds on to the keyboard
        assert [stop["text"] for stop in stops if not stop["ringed"]] == []
        assert [stop["text"] for stop in stops if not stop["place"]] == []
        first = list(dict.fromkeys(stop["kind"] for stop in stops))
        wanted = ["tile", "tab", "step", "copy", "fold", "focus", "diagram", "filter"]
        assert [kind for kind in first if kind in wanted] == wanted
        # a group of radio buttons is one stop; arrow keys go on within it
        assert [stop["kind"] for stop in stops].count("tab") == 1


def test_arrow_keys_go_through_failures_and_steps(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(FAILING), "utf-8")
    with seen(browser, path.as_uri(), java_script_enabled=False) as sight:
        page = sight.page
        page.locator("#tab-1").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#failure-2").is_visible()
        assert not page.locator("#failure-1").is_visible()
        page.keyboard.press("ArrowLeft")
        page.locator("#failure-1-step-10 input").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        assert page.locator("#failure-1-step-8 .p-more").is_visible()
        assert not page.locator("#failure-1-step-10 .p-more").is_visible()


def test_letters_that_are_typed_into_the_filter_move_no_step(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(FAILING), "utf-8")
    with seen(browser, path.as_uri()) as sight:
        field = sight.page.locator('#seller input[type="search"]').last
        field.focus()
        sight.page.keyboard.type("kjk")

        assert field.input_value() == "kjk"
        assert sight.page.locator("#failure-1-step-10 input").is_checked()
        sight.page.locator("#failure-1 .p-focus-input").focus()
        sight.page.keyboard.press("k")
        assert sight.page.locator("#failure-1-step-9 input").is_checked()


def test_tab_of_a_failure_far_down_the_list_is_shown_when_it_is_reached(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES["many failures"](), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": 500, "height": 900}) as sight:
        sight.page.locator("#tab-1").focus()
        for _ in range(12):
            sight.page.keyboard.press("ArrowRight")
        inside = """() => {
            const list = document.querySelector(".p-shelves").getBoundingClientRect();
            const tab = document.querySelector("[for=tab-13]").getBoundingClientRect();
            return list.top <= tab.top && tab.bottom <= list.bottom;
        }"""

        assert sight.page.locator("#failure-13").is_visible()
        assert sight.ask(inside)
