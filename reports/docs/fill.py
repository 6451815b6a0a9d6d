"""What stands in a marked region: a part of a flow's page, linked to the pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from orderflow.flows.model import Flow
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.flow_parts import PARTS, View
from orderflow.reports.docs.pages import USUAL_FORMS, compared
from orderflow.reports.docs.pictures import Form
from orderflow.reports.docs.regions import filled
from orderflow.reports.docs.subject import subjects

_STRICT = frozenset({Flavor.SPHINX, Flavor.DOCUSAURUS})
"""Renderers that refuse links to places in tables of other pages: they do not see them."""


def fill(
    text: str,
    flows: Iterable[Flow],
    *,
    root: str = "",
    forms: Collection[Form] = USUAL_FORMS,
    flavor: Flavor = Flavor.PLAIN,
    file: str = "<text>",
) -> str:
    """Return the page *text* with its regions filled.

    Args:
        text: The page.
        flows: Flows that regions may be about.
        root: Path from the page to the folder of the pages: empty, or ending in a slash.
        forms: What is written in that folder.
        flavor: The renderer of the page.
        file: Name of the page, for messages.

    Raises:
        FlowFileError: Tells of every mark that is wrong, with its place.
    """
    shown = subjects(flows)
    others = compared(shown)
    known = {subject.folder: subject for subject in shown}
    known |= {subject.flow.name: subject for subject in shown}
    pictured, linked = not {Form.SVG, Form.MD}.isdisjoint(forms), Form.MD in forms

    def filling(flow: str, part: str) -> str:
        subject = known[flow]
        folder = f"{root}{subject.folder}/"
        page = f"{folder}{subject.folder}.md" if linked and flavor not in _STRICT else None
        view = View(flavor, root, folder, others, pictured)
        return PARTS[part](replace(subject, page=page), view)

    return filled(text, filling, flows=known, file=file)
