"""What renderers of Markdown want written differently: pictures, comments, tables of contents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from orderflow.reports.docs.markup import Md, attribute, fence, heading, link


class Flavor(StrEnum):
    """The renderer that pages are written for."""

    PLAIN = "plain"
    """CommonMark with tables: understood everywhere."""
    GITHUB = "github"
    """GitHub and GitLab: the picture follows the reader's choice of light or dark."""
    MKDOCS = "mkdocs"
    """MkDocs; with Material the picture follows the switch of the site."""
    DOCUSAURUS = "docusaurus"
    """Docusaurus 3, which reads MDX."""
    SPHINX = "sphinx"
    """Sphinx with MyST; with furo the picture follows the switch of the site."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a page.

    Attributes:
        path: Where the light one is, as seen from the page, without ``.svg``.
        alt: What it shows, in words.
    """

    path: str
    alt: str

    @property
    def light(self) -> str:
        """Path of the picture on a light ground."""
        return f"{self.path}.svg"

    @property
    def dark(self) -> str:
        """Path of the picture on a dark ground."""
        return f"{self.path}-dark.svg"


def picture(flavor: Flavor, shown: Picture) -> Md:
    """Show a picture, light or dark as the page is."""
    alt = attribute(shown.alt)
    match flavor:
        case Flavor.PLAIN:
            return Md(f"![{alt}]({shown.light})")
        case Flavor.GITHUB:
            dark = f'<source media="(prefers-color-scheme: dark)" srcset="{shown.dark}" />'
            return Md(f'<picture>\n{dark}\n<img alt="{alt}" src="{shown.light}" />\n</picture>')
        case Flavor.MKDOCS:
            return Md(f"![{alt}]({shown.light}#only-light)\n![{alt}]({shown.dark}#only-dark)")
        case Flavor.DOCUSAURUS:
            return Md(_themed(shown, alt))
        case Flavor.SPHINX:
            return Md(f"{_directive(shown, dark=False)}\n\n{_directive(shown, dark=True)}")
        case _:
            assert_never(flavor)


def _themed(shown: Picture, alt: str) -> str:
    # Docusaurus turns an imported SVG into a component; the loader named here makes it a file.
    loader = "!!file-loader?name=assets/images/[name]-[hash].[ext]!"
    sources = ", ".join(
        f"{theme}: require('{loader}{_from_here(path)}').default"
        for theme, path in (("light", shown.light), ("dark", shown.dark))
    )
    return f'<ThemedImage alt="{alt}" sources={{{{{sources}}}}} />'


def _from_here(path: str) -> str:
    return path if path.startswith(".") else f"./{path}"


def _directive(shown: Picture, *, dark: bool) -> str:
    path = shown.dark if dark else shown.light
    css = "only-dark" if dark else "only-light"
    alt = shown.alt.replace("\\", "\\\\").replace('"', '\\"')
    return f'```{{image}} {path}\n:alt: "{" ".join(alt.split())}"\n:class: {css}\n```'


def opening(flavor: Flavor) -> Md:
    """Return what a page with pictures begins with."""
    if flavor is Flavor.DOCUSAURUS:
        return Md("import ThemedImage from '@theme/ThemedImage';")
    return Md("")


def diagram_code(flavor: Flavor, text: str) -> Md:
    """Show the source of a Mermaid diagram; renderers that know it draw it."""
    # Sphinx warns of a language that its highlighter does not know
    return fence(text, "text" if flavor is Flavor.SPHINX else "mermaid")


def folded(title: Md, body: Md) -> Md:
    """Return *body* under *title*, to be opened by the reader."""
    return Md(f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>")


def section(flavor: Flavor, level: int, text: Md) -> Md:
    """Return a heading that :func:`to_section` links to; its words make the link's name."""
    found = heading(level, text)
    # Sphinx makes no names of headings by itself
    return Md(f"({section_name(text)})=\n{found}") if flavor is Flavor.SPHINX else found


def section_name(text: str) -> str:
    """Return the name that renderers make of a heading of plain words.

    >>> section_name("Rule A-12")
    'rule-a-12'
    """
    return text.lower().replace(" ", "-")


def to_section(flavor: Flavor, text: Md, path: str, title: str) -> Md:
    """Return a link to a heading of another page.

    Args:
        flavor: The renderer.
        text: What to click on.
        path: The page, as seen from this one.
        title: The words of the heading.
    """
    name = section_name(title)
    return link(text, f"#{name}" if flavor is Flavor.SPHINX else f"{path}#{name}")


def index_name(flavor: Flavor) -> str:
    """Return the file name of the page that a folder opens with."""
    return "README.md" if flavor is Flavor.GITHUB else "index.md"


def contents(flavor: Flavor, paths: Iterable[str]) -> Md:
    """Tell Sphinx which pages belong to an index; the others find them by themselves."""
    if flavor is not Flavor.SPHINX:
        return Md("")
    names = "\n".join(path.removesuffix(".md") for path in paths)
    return Md(f"```{{toctree}}\n:hidden:\n\n{names}\n```")
