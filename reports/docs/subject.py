"""A flow as a page speaks of it: its view, its folder, and names for links to its parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from orderflow.flows.loader import load_events
from orderflow.flows.model import ABSENT, ALL_PROFILES, EventKind, Flow, State, Transition
from orderflow.reports.docs.markup import (
    NOTHING,
    Md,
    anchor,
    code,
    link,
    names_of,
    slug,
    to_anchor,
    words,
)

RESERVED = frozenset({"glossary", "index", "official", "readme", "rules", "sale"})
"""Names that pages of other kinds have."""


@dataclass(frozen=True)
class Subject:
    """One flow and what links to it.

    Attributes:
        flow: The flow with all its profiles and modules.
        folder: Name of its folder, which is also that of the files in it.
        page: Where its tables stand, as seen from the page that is written: empty for that very
            page, None where nothing can be linked to.
    """

    flow: Flow
    folder: str
    page: str | None = ""

    @cached_property
    def seen(self) -> Flow:
        """The flow as the usual profile sees it: what is drawn."""
        return self.flow.view() if self.flow.profile is None else self.flow

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Names for links to statuses."""
        return names_of("status", (state.name for state in self.flow.states))

    @cached_property
    def steps(self) -> dict[str, str]:
        """Names for links to transitions."""
        return names_of("transition", (step.id for step in self.flow.transitions))

    @cached_property
    def events(self) -> dict[str, EventKind]:
        """What is known of the events of the flow."""
        return {**load_events(), **{kind.name: kind for kind in self.flow.own_events}}

    def title(self) -> str:
        """Name for people."""
        return self.flow.title or self.flow.name

    def status(self, name: str) -> Md:
        """A status, with a link to its row."""
        if name == ABSENT:
            return Md("(none)")
        return self._linked(code(name), self.statuses.get(name, ""))

    def step(self, step: Transition) -> Md:
        """The id of a transition, with a link to its row."""
        return self._linked(words(step.id), self.steps.get(step.id, ""))

    def _linked(self, text: Md, name: str) -> Md:
        if not name or self.page is None:
            return text
        return link(text, f"{self.page}#{name}") if self.page else to_anchor(text, name)

    def place(self, name: str) -> Md:
        """What a link to *name* leads to, on the page where the tables stand."""
        return anchor(name) if self.page == "" else NOTHING

    def out(self, name: str) -> tuple[Transition, ...]:
        """The ways out of a status: those of the usual profile, or all where it has none."""
        if name in self.seen.state:
            return self.seen.out.get(name, ())
        return self.flow.out.get(name, ())


def subjects(flows: Iterable[Flow]) -> tuple[Subject, ...]:
    """Give every flow a folder of its own."""
    found: list[Subject] = []
    taken = set(RESERVED)
    for flow in flows:
        base = folder = slug(flow.name).lower()
        number = 2
        while folder in taken:
            folder, number = f"{base}-{number}", number + 1
        taken.add(folder)
        found.append(Subject(flow, folder))
    return tuple(found)


def only_in(thing: State | Transition) -> str:
    """Say where a part of a flow exists when it is not everywhere; empty when it is.

    >>> only_in(State("ready-for-invoicing", module="picking"))
    'module picking'
    """
    parts = []
    if thing.profiles != ALL_PROFILES:
        parts.append(", ".join(sorted(thing.profiles)))
    if thing.module:
        parts.append(f"module {thing.module}")
    return "; ".join(parts)
