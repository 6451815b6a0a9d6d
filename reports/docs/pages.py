"""All pages and pictures of some flows, as bytes by path: same flows, same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow
from orderflow.reports.docs.flavor import Flavor, index_name
from orderflow.reports.docs.flow_page import flow_page
from orderflow.reports.docs.flow_parts import View
from orderflow.reports.docs.glossary_page import glossary_page
from orderflow.reports.docs.index_page import PAGES, index_page
from orderflow.reports.docs.official_page import official_page
from orderflow.reports.docs.pictures import (
    Files,
    Form,
    pictures_of,
    pictures_of_drawings,
    pictures_of_sales,
)
from orderflow.reports.docs.rules_page import rules_page
from orderflow.reports.docs.sale import Sale, sales_of
from orderflow.reports.docs.sale_page import sale_page
from orderflow.reports.docs.subject import Subject, subjects

DEAL = "marketplace-seller"
"""The deal that the page on sales shows."""

USUAL_FORMS = (Form.SVG, Form.MERMAID, Form.DOT, Form.MD)
"""What is written when nobody asks for anything else."""


def compared(shown: Sequence[Subject]) -> tuple[Subject, ...]:
    """Return what a flow is compared with: the others that are shown, and those that ship."""
    names = {subject.flow.name for subject in shown}
    rest = (bundled(name) for name in bundled_names() if name not in names)
    return (*shown, *subjects(rest))


def pages(
    flows: Iterable[Flow],
    *,
    forms: Collection[Form] = USUAL_FORMS,
    flavor: Flavor = Flavor.PLAIN,
) -> Files:
    """Write everything about *flows*.

    Args:
        flows: The flows, with all their profiles.
        forms: What to write; with pages come the pictures that they show.
        flavor: The renderer of the pages.

    Returns:
        What stands in each file, by its path, in the order of the paths.
    """
    forms = {*forms, Form.SVG} if Form.MD in forms else forms
    shown = subjects(flows)
    drawn = tuple(subject for subject in shown if subject.flow.diagram)
    sales = _sales(shown)
    files: Files = {}
    for subject in shown:
        files |= pictures_of(subject, forms)
    files |= pictures_of_drawings(drawn, forms)
    files |= pictures_of_sales(sales, forms)
    if Form.MD in forms:
        files |= _texts(shown, drawn, sales, flavor)
    return dict(sorted(files.items()))


def _sales(shown: Iterable[Subject]) -> tuple[Sale, ...]:
    """Sales to show, where the flows of the documents that take part in one are shown."""
    deal = bundled_deal(DEAL).view()
    known = {(subject.flow.name, subject.flow.digest) for subject in shown}
    taking_part = {(each.flow.name, each.flow.digest) for each in deal.participants}
    return tuple(sales_of(deal)) if taking_part <= known else ()


def _texts(
    shown: tuple[Subject, ...],
    drawn: tuple[Subject, ...],
    sales: tuple[Sale, ...],
    flavor: Flavor,
) -> Files:
    others = compared(shown)
    view = View(flavor, "../", "", others)
    texts = {f"{each.folder}/{each.folder}.md": flow_page(each, view) for each in shown}
    if drawn:
        texts["official.md"] = official_page(drawn, flavor)
    if sales:
        texts["sale.md"] = sale_page(bundled_deal(DEAL).view(), sales, flavor)
    texts["rules.md"] = rules_page(flavor)
    texts["glossary.md"] = glossary_page(shown)
    more = [name for name in PAGES if name in texts]
    texts[index_name(flavor)] = index_page(shown, flavor, more)
    return {path: text.encode() for path, text in texts.items()}
