"""The page that all others are found from: the flows side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from orderflow.reports.docs.flavor import Flavor, contents
from orderflow.reports.docs.markup import (
    LINE_BREAK,
    Md,
    attribute,
    code,
    codes,
    heading,
    items,
    joined,
    link,
    page,
    table,
    words,
)
from orderflow.reports.docs.stages_part import stage_told
from orderflow.reports.docs.subject import Subject

PAGES = {
    "official.md": "The official drawings, and what is added to them",
    "sale.md": "A sale and its messages",
    "rules.md": "Rules: what must hold, and why",
    "glossary.md": "Glossary: statuses, events, actors, stages, guards, decisions, sources",
}
"""Pages besides those of flows, and what they are about."""
MOST_BESIDE = 6
"""So many flows stand in columns side by side; more of them stand one below another."""


def index_page(subjects: Sequence[Subject], flavor: Flavor, pages: Sequence[str]) -> str:
    """Return the index as Markdown.

    Args:
        subjects: The flows.
        flavor: The renderer.
        pages: Those of :data:`PAGES` that there are.
    """
    paths = [f"{subject.folder}/{subject.folder}.md" for subject in subjects]
    return page(
        [
            heading(1, words("Order flows")),
            Md("Every status, every step and every rule, made from the flow files themselves."),
            heading(2, words("Side by side")),
            _side_by_side(subjects),
            heading(2, words("An undisturbed order, stage by stage")),
            _stages(subjects),
            heading(2, words("More")),
            items(link(words(PAGES[name]), name) for name in pages),
            contents(flavor, [*paths, *pages]),
            Md("Made by `orderflow docs`, which overwrites what is changed here by hand."),
        ]
    )


def _side_by_side(subjects: Sequence[Subject]) -> Md:
    rows: dict[str, Callable[[Subject], Md]] = {
        "Seen by": lambda each: words(each.flow.seen_by),
        "Statuses": lambda each: Md(str(len(each.seen.states))),
        "Transitions": lambda each: Md(str(len(each.seen.transitions))),
        "Begins in": lambda each: code(each.flow.initial),
        "Sale made": lambda each: codes(each.flow.success),
        "No sale": lambda each: codes((*each.flow.failure, *each.flow.closed)),
        "Waits for": _waiting,
    }
    if len(subjects) > MOST_BESIDE:
        return _one_below_another(subjects, rows)
    head = ["", *map(_head, subjects)]
    told = (rows | {"Picture": _thumbnail}).items()
    return table(head, ([Md(name), *map(tell, subjects)] for name, tell in told))


def _one_below_another(
    subjects: Sequence[Subject], columns: Mapping[str, Callable[[Subject], Md]]
) -> Md:
    """Give each flow a row, for many columns have no room beside each other."""
    rows = ([_head(each), *(tell(each) for tell in columns.values())] for each in subjects)
    return table(["Flow", *columns], rows)


def _head(subject: Subject) -> Md:
    return link(words(subject.title()), f"{subject.folder}/{subject.folder}.md")


def _waiting(subject: Subject) -> Md:
    names = dict.fromkeys(state.waits_for for state in subject.seen.states if state.waits_for)
    return words(", ".join(names))


def _thumbnail(subject: Subject) -> Md:
    path = f"{subject.folder}/{subject.folder}"
    return Md(f"[![Diagram: {attribute(subject.title())}]({path}.svg)]({path}.md)")


def _stages(subjects: Sequence[Subject]) -> Md:
    numbers = [stage for stage in map(str, range(1, 6)) if any(_at(s, stage) for s in subjects)]
    if len(subjects) > MOST_BESIDE:
        columns = {f"Stage {number}": partial(_at, stage=number) for number in numbers}
        return _one_below_another(subjects, columns)
    rows = ([Md(number), *(_at(each, number) for each in subjects)] for number in numbers)
    return table(["Stage", *(words(each.title()) for each in subjects)], rows)


def _at(subject: Subject, stage: str) -> Md:
    """The statuses of an undisturbed order in one stage."""
    path = subject.seen.happy_path
    return joined((code(name) for name in path if stage_told(name) == stage), LINE_BREAK)
