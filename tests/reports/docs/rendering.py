"""What readers see of a page: rendered by the real renderers, then read back from the HTML."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown  # type: ignore[import-untyped]  # ships no types
import pytest
from markdown_it import MarkdownIt

_NODE = shutil.which("node")
_MODULES = os.environ.get("ORDERFLOW_NODE_MODULES", "")
_WANTED = ("@mdx-js/mdx", "remark-gfm", "react", "react-dom")
_HAS_MDX = bool(_MODULES) and all((Path(_MODULES) / name).is_dir() for name in _WANTED)

needs_mdx = pytest.mark.skipif(
    _NODE is None or not _HAS_MDX,
    reason=f"no node here, or ORDERFLOW_NODE_MODULES has not all of {', '.join(_WANTED)}",
)


def by_commonmark(text: str) -> str:
    """HTML of a page, as CommonMark with tables has it."""
    return str(MarkdownIt("commonmark").enable("table").render(text))


def by_python_markdown(text: str) -> str:
    """HTML of a page, as MkDocs makes it."""
    return str(markdown.markdown(text, extensions=["tables", "fenced_code", "toc"]))


def by_mdx(text: str) -> str:
    """HTML of a page, as the compiler of MDX and React make it."""
    return _by_node("mdx.mjs", json.dumps({"text": text}))


def by_mermaid(text: str) -> dict[str, Any]:
    """What Mermaid reads in a sequence diagram: its type, actors and messages."""
    found = json.loads(_by_node("sequence.mjs", text))
    assert isinstance(found, dict)
    return found


def _by_node(program: str, text: str) -> str:
    assert _NODE is not None
    done = subprocess.run(
        [_NODE, str(Path(__file__).with_name(program)), _MODULES],
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


Renderer = Callable[[str], str]

RENDERERS = [
    pytest.param(by_commonmark, id="commonmark"),
    pytest.param(by_python_markdown, id="python-markdown"),
    pytest.param(by_mdx, id="mdx", marks=needs_mdx),
]


@dataclass
class Seen(HTMLParser):
    """A page read back.

    Attributes:
        tags: Names of all elements.
        handlers: Attributes that would run something.
        ids: Places that can be linked to.
        links: Where links lead.
        pictures: (address, words) of the pictures.
        tables: By heading, the rows of the tables below it, as the text of their cells.
        words: All text.
    """

    tags: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._heading = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if (tag, values.get("rel"), values.get("as")) == ("link", "preload", "image"):
            return  # React wants pictures early
        self.tags.append(tag)
        self.handlers += [name for name in values if name.startswith("on")]
        self.ids += [values[name] for name in values if name == "id"]
        self.links += [values[name] for name in values if name == "href"]
        if tag == "img":
            self.pictures.append((values.get("src", ""), values.get("alt", "")))
        if tag in {"h1", "h2", "h3"}:
            self._heading = ""
        if tag == "tr":
            self.tables.setdefault(" ".join(self._heading.split()), []).append([])
        if tag in {"td", "th"}:
            self._row().append("")
        if tag == "br":
            self.handle_data("\n")
        elif tag not in {"img", "source", "hr", "meta", "link", "input"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.words += data
        if {"h1", "h2", "h3"}.intersection(self._open):
            self._heading += data
        elif {"td", "th"}.intersection(self._open):
            self._row()[-1] += data

    def _row(self) -> list[str]:
        return self.tables[" ".join(self._heading.split())][-1]


def seen(html: str) -> Seen:
    """Read HTML back."""
    page = Seen()
    page.feed(html)
    page.close()
    return page


def plain(text: str) -> str:
    """Text with every run of blanks as one, as a browser shows it."""
    return " ".join(text.split())
