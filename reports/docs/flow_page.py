"""The page of one flow."""

from __future__ import annotations

from pathlib import PurePath

from orderflow.reports.docs.flavor import folded, opening
from orderflow.reports.docs.flow_parts import PARTS, View
from orderflow.reports.docs.markup import Md, heading, link, page, words
from orderflow.reports.docs.subject import Subject

_TITLES = {
    "diagram": "The flow",
    "stages": "What the shopper sees",
    "statuses": "Statuses",
    "transitions": "Transitions",
    "cancellation": "Cancellation",
    "forbidden": "What must not happen",
    "differences": "Differences from the other flows",
}
_LONGEST_TITLE = 120


def flow_page(subject: Subject, view: View) -> str:
    """Return the page of a flow as Markdown."""
    parts = {name: part(subject, view) for name, part in PARTS.items()}
    return page(
        [
            opening(view.flavor),
            heading(1, words(subject.title()[:_LONGEST_TITLE])),
            parts["summary"],
            *(
                block
                for name, title in _TITLES.items()
                for block in (heading(2, words(title)), parts[name])
            ),
            heading(2, words("As text")),
            folded(words("The source of a Mermaid diagram"), parts["mermaid"]),
            made_from(subject, view),
        ]
    )


def made_from(subject: Subject, view: View) -> Md:
    """Say where a page comes from, and that changes by hand do not last."""
    file = words(PurePath(subject.flow.source).name)
    terms = link(words("glossary"), f"{view.root}glossary.md")
    return Md(
        f"Made from {file} by `orderflow docs`, which overwrites what is changed here by hand. "
        f"Events, guards, actors and sources are explained in the {terms}."
    )
