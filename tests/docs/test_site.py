"""The documentation site builds without a warning or a network, and holds what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import pytest

from orderflow.cli import orderflow
from orderflow.conformance.rules import PROFILES
from orderflow.flows.loader import bundled, bundled_names
from orderflow.sandbox.answering import ALL
from orderflow.sandbox.fault_modes import modes
from orderflow.sandbox.findings import SEEN
from tests.cli.running import ROOT, environment, run

pytest.importorskip("sphinx", reason="the site's tools are not installed")
pytest.importorskip("furo", reason="the site's theme is not installed")

DOCS = ROOT / "docs"
DEVIATIONS = json.loads((ROOT / "sandbox" / "deviations.json").read_text("utf-8"))
_LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"([^\"]+)\"")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: any warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-q", "-W", "--keep-going", "-d", folder / "trees", DOCS, folder / "html"]
    command = [sys.executable, "-m", "sphinx", *map(str, words)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def text_of(page: Path) -> str:
    article = page.read_text("utf-8").partition("<article")[2].partition("</article")[0]
    return unescape(re.sub(r"<[^>]+>", "", article))


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = {
        (page.name, place)
        for page in site.rglob("*.html")
        for place in _LOADED.findall(page.read_text("utf-8"))
    }

    assert loaded
    assert [each for each in loaded if re.match(r"(?:https?:)?//", each[1])] == []


def test_every_page_is_reached_from_the_first(site: Path) -> None:
    def links(page: Path) -> Iterator[Path]:
        for place in re.findall(r'href="([^"#]+\.html)', page.read_text("utf-8")):
            if "//" not in place:
                yield (page.parent / place).resolve()

    reached, todo = set(), [(site / "index.html").resolve()]
    while todo:
        page = todo.pop()
        if page not in reached and page.exists():
            reached.add(page)
            todo += links(page)

    pages = {page.resolve() for page in site.rglob("*.html") if "_static" not in page.parts}
    assert pages - reached == set()


def test_every_verb_is_told_with_every_option(site: Path) -> None:
    told = text_of(site / "reference" / "commands.html")
    context = click.Context(orderflow)

    for name in orderflow.list_commands(context):
        command = orderflow.get_command(context, name)
        assert command is not None
        for option in command.params:
            for word in option.opts if isinstance(option, click.Option) else ():
                assert word in told, (name, word)


def test_every_status_transition_and_rule_has_its_place(site: Path) -> None:
    rules = text_of(site / "flows" / "rules.html")

    for rule in PROFILES["audit"]:
        assert rule.id in rules
    for name in bundled_names():
        told = text_of(site / "flows" / name / f"{name}.html")
        flow = bundled(name).view()
        for word in (*flow.state, *flow.transition):
            assert word in told, (name, word)


def test_every_format_has_its_keys_told(site: Path) -> None:
    told = text_of(site / "reference" / "formats.html")

    for key in ("guarantees", "identity", "shrunk_from", "cells"):
        assert key in told


def test_every_route_fault_and_mistake_of_the_sandbox_has_its_place(site: Path) -> None:
    told = text_of(site / "reference" / "sandbox.html")
    shown = [route for route in ALL.all if not route.path.startswith("/_sandbox/page")]

    for route in shown:
        assert f"{route.method} {route.path}" in told
    for word in (*modes(), *SEEN):
        assert word in told
    for source in DEVIATIONS["not published"].values():
        assert source in told
    for reasons in DEVIATIONS["answers"].values():
        assert all(reason["why"] in told for reason in reasons)


def test_pages_about_flows_are_as_they_would_be_made_now() -> None:
    outcome = run("docs", DOCS / "flows", "--check")

    assert outcome.code == 0, outcome
