"""The pictures beside the pages, in every form that is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from orderflow.flows.model import Flow
from orderflow.reports.docs.official_page import FOLDER as OFFICIAL
from orderflow.reports.docs.official_page import official
from orderflow.reports.docs.sale import Sale
from orderflow.reports.docs.sale_page import FOLDER as SALE
from orderflow.reports.docs.sale_page import diagram_of
from orderflow.reports.docs.subject import Subject
from orderflow.reports.exports.dot import dot
from orderflow.reports.exports.graphml import graphml
from orderflow.reports.exports.mermaid import mermaid
from orderflow.reports.exports.picture import flow_svg
from orderflow.reports.exports.png import png
from orderflow.reports.exports.scxml import scxml
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.sequence import sale_view


class Form(StrEnum):
    """A form in which a flow is written."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    PNG = "png"
    GRAPHML = "graphml"
    SCXML = "scxml"
    MD = "md"
    """The pages, with the pictures that they show."""


_TEXTS: Mapping[Form, tuple[str, Callable[[Flow], str]]] = MappingProxyType(
    {
        Form.MERMAID: (".mmd", mermaid),
        Form.DOT: (".dot", dot),
        Form.GRAPHML: (".graphml", graphml),
        Form.SCXML: (".scxml", scxml),
    }
)

Files = dict[str, bytes]
"""What stands in each file, by its path below the folder of the pages."""


def pictures_of(subject: Subject, forms: Collection[Form]) -> Files:
    """Draw a flow in every form."""
    base = f"{subject.folder}/{subject.folder}"
    files = {
        f"{base}{ending}": written(subject.seen).encode()
        for form, (ending, written) in _TEXTS.items()
        if form in forms
    }
    return files | _drawn(base, flow_svg(subject.seen), flow_svg(subject.seen, dark=True), forms)


def pictures_of_drawings(subjects: Iterable[Subject], forms: Collection[Form]) -> Files:
    """Draw the official drawings."""
    files: Files = {}
    for subject in subjects:
        drawing = official(subject.flow)
        base = f"{OFFICIAL}/{subject.folder}"
        light, dark = (flow_svg(drawing, dark=dark, drawing=True) for dark in (False, True))
        files |= _drawn(base, light, dark, forms)
    return files


def pictures_of_sales(sales: Iterable[Sale], forms: Collection[Form]) -> Files:
    """Draw sales."""
    files: Files = {}
    for sale in sales:
        base = f"{SALE}/{sale.story.name}"
        light = sale_view(sale.trace, name=f"sale-{sale.story.name}")
        files |= _drawn(base, light, darkened(light), forms)
        if Form.MERMAID in forms:
            files[f"{base}.mmd"] = diagram_of(sale).encode()
    return files


def _drawn(base: str, light: str, dark: str, forms: Collection[Form]) -> Files:
    files: Files = {}
    if Form.SVG in forms:
        files[f"{base}.svg"] = light.encode()
        files[f"{base}-dark.svg"] = dark.encode()
    if Form.PNG in forms:
        files[f"{base}.png"] = png(light)
    return files


_DARK = {
    LIGHT.ink: DARK.ink,
    LIGHT.muted: DARK.muted,
    LIGHT.hit: DARK.hit,
    LIGHT.hit_fill: DARK.hit_fill,
    LIGHT.never: DARK.never,
    LIGHT.never_text: DARK.never_text,
    LIGHT.paper: DARK.paper,
    LIGHT.band: DARK.band,
    LIGHT.line: DARK.line,
}


def darkened(svg: str) -> str:
    """Return a light picture of ours on a dark ground.

    Only colours of attributes are changed; a text cannot hold the quote that ends one.
    """
    return re.sub(
        r' (fill|stroke)="(#[0-9a-f]{6})"',
        lambda found: f' {found[1]}="{_DARK.get(found[2], found[2])}"',
        svg,
    )
