"""Somebody with a browser runs the sandbox by its page: by eye, by keys, without a script."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Literal

import pytest

from orderflow.sandbox.server import Sandbox
from orderflow.simulator.order import Item
from tests.reports.test_accessibility import THINNED, violations
from tests.reports.viewing import Sight, browser, needs_chromium, seen
from tests.sandbox.changing import Desk, some

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

    from orderflow.sandbox.held import Held

__all__ = ["browser"]

pytestmark = needs_chromium

WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 500, "height": 900}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTH = "() => document.documentElement.scrollWidth"
SOON = 8_000
"""Ms in which what happens in the sandbox must be on the page."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def anew(sandbox: Sandbox) -> None:
    sandbox.reset()


def page_of(sandbox: Sandbox, order_id: str = "") -> str:
    return f"{sandbox.url}/_sandbox/" + (f"page/order?id={order_id}" if order_id else "")


def call(sandbox: Sandbox, path: str, body: object = None) -> None:
    """Call as a program does: POST with a body, else GET."""
    sent = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(sandbox.url + path, sent, sandbox.headers)  # noqa: S310
    urllib.request.urlopen(asked, timeout=30).close()  # noqa: S310  # our own server


def clean(sight: Sight, sandbox: Sandbox) -> None:
    """Nothing went wrong in the page, and it asked nobody else."""
    assert sight.errors == []
    assert [text for text in sight.console if "Content Security Policy" in text] == []
    assert [url for url in sight.requests if not url.startswith((sandbox.url, "data:"))] == []


def stands(sight: Sight, status: str) -> None:
    """Wait until the page says that the order is in *status*."""
    sight.page.locator(f"#graph .s-status:text-is('{status}')").wait_for(timeout=SOON)


def test_an_order_is_placed_and_led_to_its_end(browser: Browser, sandbox: Sandbox) -> None:
    with seen(browser, page_of(sandbox), viewport=WIDE) as sight:
        page = sight.page
        page.select_option("#to", "ready-for-handling")
        page.click("#place-it")
        page.locator("#told", has_text="An order was placed.").wait_for(timeout=SOON)
        page.click("#orders tbody a")
        page.locator("#graph svg").wait_for(timeout=SOON)
        assert page.locator("#graph .s-status").inner_text() == "ready-for-handling"
        before = page.locator("#graph .s-here").bounding_box()

        page.click("#fire-start_handling")
        stands(sight, "handling")
        page.locator("#fire-verify_invoice").wait_for(timeout=SOON)
        assert page.locator("#graph .s-here").bounding_box() != before
        page.fill("#verify_invoice-value", "9999")
        page.click("#fire-verify_invoice")
        page.locator("#history td", has_text="value 9999").wait_for(timeout=SOON)

        clean(sight, sandbox)
    (held,) = sandbox.service.store.orders()
    assert held.order.invoiced == 9999


def test_what_others_do_is_seen_at_once(browser: Browser, sandbox: Sandbox) -> None:
    held = sandbox.place(to="ready-for-handling")
    with seen(browser, page_of(sandbox, held.order_id), viewport=WIDE) as sight:
        call(sandbox, f"/api/oms/pvt/orders/{held.order_id}/start-handling", {})

        stands(sight, "handling")
        assert sight.page.title() == f"{held.order_id}: handling"
        sight.page.goto(page_of(sandbox))
        assert "start-handling" in sight.page.locator("#trace").inner_text()
        clean(sight, sandbox)


def test_the_clock_is_turned_and_the_graph_follows(browser: Browser, sandbox: Sandbox) -> None:
    held = sandbox.place(to="window-to-cancel")
    with seen(browser, page_of(sandbox, held.order_id), viewport=WIDE) as sight:
        sight.page.fill("#length", "1")
        sight.page.select_option("#unit", "days")
        sight.page.click("#turn")

        stands(sight, "ready-for-handling")
        assert "2024-01-02" in sight.page.locator("#facts").inner_text()
        clean(sight, sandbox)


def test_what_is_refused_is_said_and_nothing_is_lost(browser: Browser, sandbox: Sandbox) -> None:
    held = sandbox.place(to="handling")
    with seen(browser, page_of(sandbox, held.order_id), viewport=WIDE) as sight:
        sight.page.fill("#verify_invoice-value", "99999999")
        sight.page.fill("#verify_invoice-number", "NF-7")
        sight.page.click("#fire-verify_invoice")

        sight.page.locator("#told.s-trouble", has_text="refused").wait_for(timeout=SOON)
        assert sight.page.input_value("#verify_invoice-number") == "NF-7"
        sandbox.service.fire(held, "request_cancel")
        sight.page.wait_for_timeout(1_700)  # longer than between two looks
        assert sight.page.input_value("#verify_invoice-number") == "NF-7"


def test_keys_alone_are_enough(browser: Browser, sandbox: Sandbox) -> None:
    held = sandbox.place(to="ready-for-handling")
    with seen(browser, page_of(sandbox, held.order_id), viewport=WIDE) as sight:
        keyboard = sight.page.keyboard
        for _ in range(40):
            keyboard.press("Tab")
            if sight.ask("() => document.activeElement.id") == "fire-start_handling":
                break
        ring = "() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
        assert sight.ask(ring) >= 2
        keyboard.press("Enter")

        stands(sight, "handling")
        sight.page.locator("#fire-verify_invoice").wait_for(timeout=SOON)
        assert sight.ask("() => document.activeElement !== document.body")


def test_updates_can_be_paused(browser: Browser, sandbox: Sandbox) -> None:
    with seen(browser, page_of(sandbox), viewport=WIDE) as sight:
        sight.page.click("#live")
        sandbox.place()
        sight.page.wait_for_timeout(1_700)  # longer than between two looks
        assert sight.page.locator("#orders tbody tr").count() == 0
        sight.page.click("#live")
        sight.page.locator("#orders tbody tr").first.wait_for(timeout=SOON)


def test_all_works_without_a_script(browser: Browser, sandbox: Sandbox) -> None:
    with seen(browser, page_of(sandbox), viewport=NARROW, java_script_enabled=False) as sight:
        page = sight.page
        assert not page.locator("#live").is_visible()
        page.select_option("#to", "handling")
        page.click("#place-it")
        page.click("#orders tbody a")
        page.fill("#verify_invoice-value", "99999999")
        page.click("#fire-verify_invoice")
        assert "refused" in page.locator("#trouble").inner_text()
        page.click("text=Back")
        page.fill("#verify_invoice-value", "10000")
        page.click("#fire-verify_invoice")
        assert page.locator("#graph .s-status").inner_text() != "handling"


def test_somebody_goes_back_to_how_it_was(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.place(to="handling")
    with seen(browser, page_of(sandbox), viewport=WIDE) as sight:
        page, rows = sight.page, sight.page.locator("#orders tbody tr")
        page.fill("#snapshot", "before the sale")
        page.click("#keep")
        page.locator("#snapshots b", has_text="before the sale").wait_for(timeout=SOON)
        page.click("#place-it")
        rows.nth(1).wait_for(timeout=SOON)

        page.click("#restore-1")

        rows.nth(1).wait_for(state="detached", timeout=SOON)
        assert rows.count() == 1
        clean(sight, sandbox)
    assert len(sandbox.service.store.orders()) == 1


def test_people_decide_without_a_script(browser: Browser, sandbox: Sandbox) -> None:
    held, changed = asked_to_cancel(sandbox), modified(sandbox)
    with seen(browser, page_of(sandbox), viewport=NARROW, java_script_enabled=False) as sight:
        page = sight.page
        page.fill("#snapshot", "undecided")
        page.click("#keep")
        page.click("#tasks button:has-text('Reject')")
        assert held.status == "handling"
        page.goto(page_of(sandbox, changed.order_id))
        page.click("#move-1")
        assert page.locator("#changes tbody .s-status").inner_text() == "done"
        assert changed.order.value == 20_000

        page.goto(page_of(sandbox))
        page.click("#restore-1")
        assert page.locator("#tasks button").count() == 2
        page.click("#forget-1")
        assert page.locator("#snapshots form").count() == 1


def test_names_of_others_are_text(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.place(items=(Item("<img src=x onerror=alert(1)>", 1, 100),), to="handling")
    with pytest.raises(urllib.error.HTTPError):
        call(sandbox, "/%3Cimg%20src=x%20onerror=alert(1)%3E")
    with seen(browser, page_of(sandbox), viewport=WIDE) as sight:
        sight.page.on("dialog", lambda dialog: sight.errors.append(dialog.message))
        assert "<img src=x" in sight.page.locator("#trace").inner_text()
        sight.page.click("#orders tbody a")
        sight.page.click("#document summary")
        assert "<img src=x" in sight.page.locator("#document pre").inner_text()
        assert sight.page.locator("img").count() == 0
        clean(sight, sandbox)


def asked_to_cancel(sandbox: Sandbox) -> Held:
    """An order whose seller has to decide about a cancellation."""
    held = sandbox.place(to="handling")
    call(sandbox, f"/api/oms/pvt/orders/{held.order_id}/cancel", {"reason": "too late"})
    return held


def modified(sandbox: Sandbox) -> Held:
    """A seller's order with a modification that has begun."""
    desk = Desk(sandbox.service)
    held = desk.handled()
    desk.change(held, remove=some("sku-2"))
    return held


def full(sandbox: Sandbox) -> str:
    """Fill every part of the page, and give the id of an order."""
    asked_to_cancel(sandbox)
    changed = modified(sandbox)
    call(sandbox, "/_sandbox/snapshots", {"name": "before the sale"})
    filters = {"filter": {"type": "FromWorkflow", "status": ["handling", "invoiced"]}}
    call(sandbox, "/api/orders/feed/config", filters)
    call(sandbox, "/_sandbox/orders", {"deal": "split-order"})
    call(sandbox, "/_sandbox/orders", {"status": "handling", "count": 30})
    call(sandbox, "/api/orders/feed?maxlot=1")
    call(sandbox, "/_sandbox/faults", {"fault": "http.apply_then_500"})
    return changed.order_id


def test_no_rule_of_wcag_is_broken_at_any_width_in_any_scheme(
    browser: Browser, sandbox: Sandbox
) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    order_id = full(sandbox)
    for url in (page_of(sandbox), page_of(sandbox, order_id), page_of(sandbox, "none")):
        # the policy of the page lets no script of ours in
        with seen(browser, url, viewport=WIDE, bypass_csp=True) as sight:
            if sight.page.locator("#live").count():
                sight.page.click("#live")
            assert violations(sight, contrast=False) == [], url
            assert sight.ask(WIDTH) <= WIDE["width"], url
            sight.page.set_viewport_size(NARROW)
            assert violations(sight, contrast=False) == [], url
            assert sight.ask(WIDTH) <= NARROW["width"], url
            sight.ask(THINNED)
            for size, scheme in product((WIDE, NARROW), SCHEMES):
                sight.page.set_viewport_size(size)
                sight.page.emulate_media(color_scheme=scheme)
                assert violations(sight, contrast=True) == [], (url, size, scheme)


def test_what_breaks_a_rule_would_be_found(browser: Browser, sandbox: Sandbox) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    with seen(browser, page_of(sandbox), viewport=WIDE, bypass_csp=True) as sight:
        sight.ask("() => document.querySelector('label[for=length]').remove()")

        assert any("label" in text for text in violations(sight, contrast=False))
