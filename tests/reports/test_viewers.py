"""The report shows what broke in every viewer, whatever that viewer blocks.

The headers are those that the viewers send. Sources: Jenkins, "Configuring Content Security
Policy", its default; argoproj/argo-workflows#9121; go-gitea/gitea#36754;
actions/upload-artifact#14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orderflow.conformance.verdict import Verdict
from orderflow.reports.html import linked, styles_of
from orderflow.reports.palette import LIGHT
from tests.cli.running import QUICK, refused, run
from tests.reports.builders import failing, partial_invoice, verdict, view
from tests.reports.deals import failing_deals
from tests.reports.viewing import Sight, needs_chromium, page_of, seen, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium

NAME = "orderflow-report.html"
JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self'"
ARGO = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
GITEA = "sandbox allow-scripts"
A4_WIDTH = 703
"""CSS pixels between the margins of a sheet, 210 mm less 12 mm on either side."""
A4_HEIGHT = 1031
ONE_FLOW = verdict((partial_invoice(),), flows=(view("seller"),))
PAINTS = """selector => [...document.querySelectorAll(selector)].map(each => {
    const style = getComputedStyle(each);
    return style.fill + " " + style.stroke;
})"""


@contextmanager
def viewed(browser: Browser, policy: str, files: dict[str, str]) -> Iterator[Sight]:
    """Open the first of *files* as a server shows it that sends *policy*."""
    headers = {"Content-Security-Policy": policy}
    with served(files, headers) as home, seen(browser, f"{home}/{next(iter(files))}") as sight:
        yield sight


def rgb(colour: str) -> str:
    """Return ``#rrggbb`` as a browser tells it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def colourless(sight: Sight) -> list[str]:
    """Name the parts of the first failure's diagram that do not have the colour they stand for."""
    wanted = {
        "#failure-1 .of-halo": rgb(LIGHT.halo),
        "#failure-1 .of-chip-bad": rgb(LIGHT.bad),
        "#failure-1 .of-badge-step": rgb(LIGHT.ink),
        "#seller .of-box-hit": rgb(LIGHT.hit_fill),
        "#seller .of-line-bad, #seller .of-ghost": rgb(LIGHT.bad),
        "#seller .of-tip-hit": rgb(LIGHT.hit),
    }
    return [
        part
        for part, colour in wanted.items()
        for paints in (sight.ask(PAINTS, part),)
        if not paints or not all(colour in paint for paint in paints)
    ]


def unwidened(sight: Sight) -> str:
    """The width of the halo along the sixth step."""
    width: str = sight.ask(
        "() => getComputedStyle(document.querySelector('#failure-1 .of-halo .of-s6')).strokeWidth"
    )
    return width


def pick_the_sixth_step(sight: Sight) -> None:
    """Pick it, and see it open and its line thicken while the last one closes."""
    step = sight.page.locator("#failure-1-step-6")
    assert not step.locator(".p-more").is_visible()
    assert unwidened(sight) == "8px"

    step.locator(".p-pick").click()

    assert step.locator(".p-more").is_visible()
    assert not sight.page.locator("#failure-1-step-10 .p-more").is_visible()
    assert unwidened(sight) == "17px"


def test_opened_as_a_file_one_file_is_all_it_takes(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(page_of(failing()), "utf-8")

    with seen(browser, path.as_uri(), offline=True) as sight:
        assert "FAIL" in sight.page.locator("h1").inner_text()
        assert colourless(sight) == []
        pick_the_sixth_step(sight)
        sight.page.locator(".p-tab-2").click()
        assert sight.page.locator("#failure-2").is_visible()
        assert (sight.console, sight.errors, sight.requests) == ([], [], [])


def test_a_file_beside_it_would_be_noticed(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(linked(page_of(ONE_FLOW), "orderflow-report.css"), "utf-8")

    with seen(browser, path.as_uri()) as sight:
        assert sight.requests == [(tmp_path / "orderflow-report.css").as_uri()]


@pytest.mark.parametrize("found", [failing(), failing_deals()], ids=["flows", "deals"])
def test_jenkins_shows_everything_in_plain_type(browser: Browser, found: Verdict) -> None:
    with viewed(browser, JENKINS, {NAME: page_of(found)}) as sight:
        assert "FAIL" in sight.page.locator("h1").inner_text()
        assert "FAIL" in sight.page.title()
        for number in range(1, len(found.failures) + 1):
            assert sight.page.locator(f"#failure-{number}").is_visible()
        hidden = """selector => [...document.querySelectorAll(selector)]
            .filter(each => !each.getClientRects().length).map(each => each.id || each.className)"""
        for part in (".p-trace > li", ".p-more", ".p-command", ".p-matrix", ".p-coverage"):
            assert sight.page.locator(part).count() > 0
            assert sight.ask(hidden, part) == []
        small = """() => [...document.querySelectorAll("svg.of-picture")].filter(each => {
            const box = each.getBoundingClientRect();
            return box.width < 400 || box.height < 200;
        }).map(each => each.outerHTML.slice(0, 90))"""
        assert sight.ask(small) == []
        opened = sight.page.locator("details[open]").count()
        sight.page.locator("details:not([open]) summary").first.click()
        assert sight.page.locator("details[open]").count() == opened + 1
        assert sight.requests == []
        assert all(map(told_as_blocked, sight.console)), sight.console


def told_as_blocked(line: str) -> bool:
    """Whether a line of the console says what a policy forbade, and nothing else."""
    return bool(re.match("(Applying inline style|Executing inline script|Blocked script)", line))


def test_jenkins_shows_the_diagram_in_colour(browser: Browser) -> None:
    with viewed(browser, JENKINS, {NAME: page_of(ONE_FLOW)}) as sight:
        assert colourless(sight) == []


def test_colours_that_rest_on_styles_are_caught(browser: Browser) -> None:
    text = page_of(ONE_FLOW)
    bare = re.sub(r'(<g class="of-box-hit"[^>]*?) fill="#\w+"', r"\1", text)
    assert bare != text

    with viewed(browser, JENKINS, {NAME: bare}) as sight:
        assert colourless(sight) == ["#seller .of-box-hit"]


def test_jenkins_with_a_file_of_styles_gives_the_look_and_the_picking_back(
    browser: Browser,
) -> None:
    text = page_of(failing())
    files = {NAME: linked(text, "orderflow-report.css"), "orderflow-report.css": styles_of(text)}

    with viewed(browser, JENKINS, files) as sight:
        back = sight.ask("() => getComputedStyle(document.body).backgroundColor")
        assert back == rgb(LIGHT.page)
        assert not sight.page.locator("#failure-2").is_visible()
        pick_the_sixth_step(sight)
        sight.page.locator(".p-tab-2").click()
        assert sight.page.locator("#failure-2").is_visible()
        assert not sight.page.locator("#failure-1").is_visible()
        assert all(map(told_as_blocked, sight.console)), sight.console


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("check", "chain", *QUICK), "orderflow-report"),
        (("check", "chain", *QUICK, "--report", "deep.v2.html"), "deep.v2"),
        (("suite", "chain", "--cover", "states", "--run", "--report", "s"), "s"),
    ],
    ids=["usual name", "own name", "suite"],
)
def test_command_line_writes_the_styles_beside_the_report(
    here: Path, words: tuple[str, ...], name: str
) -> None:
    plain = run(*words)
    page = min(here.iterdir())
    alone = page.read_text("utf-8")

    outcome = run(*words, "--sidecar-css")

    styles = (here / f"{name}.css").read_text("utf-8")
    assert (plain.code, outcome.code) == (0, 0)
    assert sorted(here.iterdir()) == sorted([page, here / f"{name}.css"])
    assert page.read_text("utf-8") == linked(alone, f"{name}.css")
    assert styles == styles_of(alone)
    assert styles.startswith(":root {")
    assert f"sidecar-css: {name}.css" in outcome.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("check", "chain", "--report", "-"), "goes beside the report; name it with --report"),
        (("suite", "chain", "--run"), "goes beside the report; name it with --report"),
        (("suite", "chain"), "add --run"),
        (("check", "chain", "--report", "a.css"), "--sidecar-css a.css: --report goes there, too"),
        (("check", "chain", "--json", "orderflow-report.css"), "--json goes there, too"),
    ],
    ids=range(5),
)
def test_styles_that_have_no_place_are_refused(
    here: Path, words: tuple[str, ...], why: str
) -> None:
    assert why in " ".join(refused(*words, "--sidecar-css").split())
    assert list(here.iterdir()) == []


def test_name_of_the_styles_is_escaped_in_the_page() -> None:
    page = linked(page_of(ONE_FLOW), 'a "b" & javascript:<c>.css')

    assert '<link rel="stylesheet" href="a%20%22b%22%20%26%20javascript%3A%3Cc%3E.css">' in page


def test_argo_lets_steps_and_tabs_be_picked_without_scripts(browser: Browser) -> None:
    with viewed(browser, ARGO, {NAME: page_of(failing())}) as sight:
        assert "FAIL" in sight.page.locator("h1").inner_text()
        assert colourless(sight) == []
        pick_the_sixth_step(sight)
        sight.page.locator(".p-tab-2").click()
        assert sight.page.locator("#failure-2").is_visible()
        sight.page.locator(".p-tab-1").click()
        sight.page.locator("#failure-1 .p-focus-input").check()
        own = "() => getComputedStyle(document.querySelector('#failure-1 .of-own')).opacity"
        assert sight.ask(own) == "1"
        assert sight.page.locator(".p-copy").count() == 0
        assert all(map(told_as_blocked, sight.console)), sight.console


def test_gitea_gives_no_storage_and_the_script_misses_none(browser: Browser) -> None:
    with viewed(browser, GITEA, {NAME: page_of(failing())}) as sight:
        throws = "() => { try { localStorage; return ''; } catch (error) { return error.name; } }"
        assert sight.ask(throws) == "SecurityError"
        assert colourless(sight) == []
        sight.page.keyboard.press("k")
        assert sight.page.locator("#failure-1-step-9 .p-more").is_visible()
        assert sight.page.locator('input[type="search"]').count() > 0
        pick_the_sixth_step(sight)
        assert (sight.errors, sight.requests) == ([], [])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("found", [failing(), failing_deals()], ids=["flows", "deals"])
def test_paper_holds_everything_and_cuts_nothing(
    browser: Browser, tmp_path: Path, found: Verdict, *, scripts: bool
) -> None:
    path = tmp_path / NAME
    path.write_text(page_of(found), "utf-8")
    sheet = {"width": A4_WIDTH, "height": A4_HEIGHT}
    with seen(browser, path.as_uri(), viewport=sheet, java_script_enabled=scripts) as sight:
        sight.page.emulate_media(media="print")

        for part in (".p-panel", ".p-trace > li", ".p-more", ".p-lanes", "table.p-steps", "pre"):
            assert sight.ask(UNSEEN, part) == [], part
        assert sight.ask(CUT, A4_WIDTH) == []
        pictures = sight.page.locator("svg.of-picture").all()
        assert pictures
        for picture in pictures:
            box = picture.bounding_box()
            assert box is not None
            assert box["width"] <= A4_WIDTH
            assert 150 < box["height"] < A4_HEIGHT - 60  # its legend has room on the same sheet
        for legend in sight.page.locator(".p-figure .p-legend").all():
            assert legend.is_visible()


UNSEEN = """selector => [...document.querySelectorAll(selector)].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width < 5 || box.height < 5;
}).map(each => each.id || each.className)"""
CUT = """width => {
    const SKIPPED = ".p-hidden, script, style, title, desc, td i";
    const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
        const node = walker.currentNode, home = node.parentElement;
        if (!node.data.trim() || home.closest(SKIPPED)) continue;
        range.selectNodeContents(node);
        for (const box of range.getClientRects())
            if (box.left < -.5 || box.right > width + .5) out.push(node.data.trim().slice(0, 60));
        for (let each = home; each && !each.closest("svg"); each = each.parentElement)
            if (getComputedStyle(each).overflowX !== "visible"
                && each.scrollWidth > each.clientWidth + 1) out.push("in " + each.className);
    }
    return [...new Set(out)];
}"""


def test_text_that_leaves_the_sheet_is_caught(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / NAME
    wide = ".p-matrix { zoom: 1 !important; }</style>"
    path.write_text(page_of(ONE_FLOW).replace("</style>", wide, 1), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": A4_WIDTH, "height": 900}) as sight:
        sight.page.emulate_media(media="print")

        assert "update tracking" in sight.ask(CUT, A4_WIDTH)


def sheets(sight: Sight) -> int:
    """So many sheets of A4 the page takes."""
    return len(re.findall(rb"/Type /Page\b", sight.page.pdf(format="A4")))


def test_no_sheet_is_spent_on_a_heading_alone(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(page_of(ONE_FLOW), "utf-8")
    with seen(browser, path.as_uri()) as sight:
        count = sheets(sight)
        assert 5 <= count <= 9

        # the heading of a flow shares its sheet with the diagram, which may not be parted from it
        sight.page.add_style_tag(
            content="@media print { .p-figure { break-before: page !important } }"
        )
        assert sheets(sight) == count + 1


@pytest.mark.parametrize("width", [360, 500])
@pytest.mark.parametrize("found", [failing(), failing_deals()], ids=["flows", "deals"])
def test_pictures_stay_readable_on_a_telephone(
    browser: Browser, tmp_path: Path, found: Verdict, width: int
) -> None:
    path = tmp_path / NAME
    path.write_text(page_of(found), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": width, "height": 800}) as sight:
        for number in range(1, len(found.failures) + 1):
            sight.page.locator(f".p-tab-{number}").click()
            assert sight.ask(SMALL) == []
        inside = """() => [...document.querySelectorAll(".p-canvas")].filter(each =>
            each.offsetParent).map(each => each.scrollWidth > each.clientWidth)"""
        assert any(sight.ask(inside))
        assert sight.ask("() => document.documentElement.scrollWidth") <= width


SMALL = """() => [...new Set([...document.querySelectorAll("svg text")].filter(text =>
    text.textContent.trim() && text.getClientRects().length).map(text => {
        const scale = text.getScreenCTM(), size = parseFloat(getComputedStyle(text).fontSize);
        return [size * Math.hypot(scale.a, scale.b), text.textContent];
    }).filter(([size]) => size < 9.99).map(([size, text]) => size.toFixed(1) + " " + text))]"""


def test_pictures_shrunk_to_the_screen_are_caught(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / NAME
    shrunk = ".p-canvas svg { min-width: 0 !important; max-width: 100% !important; }</style>"
    path.write_text(page_of(ONE_FLOW).replace("</style>", shrunk, 1), "utf-8")
    with seen(browser, path.as_uri(), viewport={"width": 500, "height": 800}) as sight:
        assert len(sight.ask(SMALL)) > 20
