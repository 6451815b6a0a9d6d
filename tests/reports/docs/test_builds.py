"""Sites are built of the pages by MkDocs and Sphinx themselves, as strictly as they can be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.markup import visible
from orderflow.reports.docs.subject import subjects
from tests.reports.builders import NAMES
from tests.reports.docs.rendering import plain, seen
from tests.reports.docs.sites import hostile, site

MKDOCS = """
site_name: Flows
plugins: []
markdown_extensions: [md_in_html, attr_list]
validation: {anchors: warn, links: {anchors: warn, not_found: warn, unrecognized_links: warn}}
"""
SPHINX = """
project = "Flows"
extensions = ["myst_parser"]
html_theme = "furo"
smartquotes = False  # else the quotes of a name look otherwise, as those of all text
"""


def written(folder: Path, flavor: Flavor) -> Path:
    for path, data in site(flavor).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def done(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", *words]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.fixture(scope="module")
def mkdocs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mkdocs")
    written(folder / "docs", Flavor.MKDOCS)
    (folder / "mkdocs.yml").write_text(MKDOCS)
    done(folder, "mkdocs", "build", "--strict", "--quiet", "--no-directory-urls")
    return folder / "site"


@pytest.fixture(scope="module")
def sphinx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sphinx")
    written(folder / "docs", Flavor.SPHINX)
    (folder / "docs" / "conf.py").write_text(SPHINX)
    done(folder, "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "site")
    return folder / "site"


@pytest.mark.parametrize("tool", ["mkdocs", "sphinx"])
def test_a_site_shows_every_flow_with_its_pictures(
    tool: str, request: pytest.FixtureRequest
) -> None:
    built: Path = request.getfixturevalue(tool)

    for name in NAMES:
        page = built / name / f"{name}.html"
        found = seen(page.read_text("utf-8"))
        shown = [src for src, _ in found.pictures if name in src]
        assert len(shown) == 2, shown
        assert all((page.parent / src.partition("#")[0]).is_file() for src in shown)
        assert f"status-{'order-accepted' if name == 'seller' else 'order-created'}" in found.ids
        assert "flowchart TB" in found.words


@pytest.mark.parametrize("tool", ["mkdocs", "sphinx"])
def test_hostile_names_stay_text_in_a_built_site(tool: str, request: pytest.FixtureRequest) -> None:
    built: Path = request.getfixturevalue(tool)
    folder = subjects([hostile()])[0].folder

    found = seen((built / folder / f"{folder}.html").read_text("utf-8"))

    cells = {plain(row[0]) for row in found.tables[_heading(found.tables, "Statuses")][1:]}
    assert {plain(visible(state.name)) for state in hostile().states} == cells
    assert found.handlers == []
    assert {plain(alt)[:15] for src, alt in found.pictures if folder in src} == {"State diagram: "}


def _heading(tables: dict[str, list[list[str]]], begin: str) -> str:
    """The heading that begins so: themes put a sign for links behind it."""
    return next(title for title in tables if title.startswith(begin))
