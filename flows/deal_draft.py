"""Lays a deal file over the links that come with orderflow, before any name in it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from orderflow.flows.deal import Participant
from orderflow.flows.deal_schema import DealRow, LinkRow, LinksFile, NoticeRow, SomeDealsFile
from orderflow.flows.document import YamlDocument
from orderflow.flows.errors import Findings, Place
from orderflow.flows.model import Flow, Transition
from orderflow.flows.overlay import Declared

T = TypeVar("T")

Declarations = Mapping[str, Declared[T]]


@dataclass(frozen=True, slots=True)
class DealsDraft:
    """What a deal file and ``links.yaml`` below it declare.

    Attributes:
        deals: Deals by name.
        links: Links by id.
        notices: News by name.
        told: By family, what only news makes happen.
        without: By row or id of a transition, why no document takes it.
        misshapen: Names of news that are left out because their shape is wrong.
        below: The document of ``links.yaml``; None while that is all there is.
    """

    deals: Declarations[DealRow] = field(default_factory=dict)
    links: Declarations[LinkRow] = field(default_factory=dict)
    notices: Declarations[NoticeRow] = field(default_factory=dict)
    told: Declarations[list[str]] = field(default_factory=dict)
    without: Declarations[str] = field(default_factory=dict)
    misshapen: frozenset[str] = frozenset()
    below: YamlDocument | None = None

    def is_given(self, *declared: Declared[LinkRow] | Declared[NoticeRow]) -> bool:
        """Whether any of these comes from elsewhere than the file below."""
        return any(each.document is not self.below for each in declared)


@dataclass(frozen=True, slots=True)
class Families:
    """The flows a deal file can speak of: the bundled ones and those of its participants.

    Attributes:
        flows: Flows by family.
    """

    flows: Mapping[str, tuple[Flow, ...]]

    def statuses(self, family: str) -> tuple[str, ...]:
        """Names of all statuses of *family*, in the order of the files."""
        return self._names(family, lambda flow: (state.name for state in flow.states))

    def events(self, family: str) -> tuple[str, ...]:
        """Names of all events of *family*, in the order of the files."""
        return self._names(family, lambda flow: (step.event for step in flow.transitions))

    def steps(self, family: str) -> tuple[Transition, ...]:
        """All transitions of *family*."""
        return tuple(step for flow in self.flows.get(family, ()) for step in flow.transitions)

    def leaving(self, family: str, sources: Iterable[str]) -> tuple[Transition, ...]:
        """All transitions of *family* out of *sources*."""
        wanted = frozenset(sources)
        return tuple(step for step in self.steps(family) if step.source in wanted)

    def marks(self, family: str) -> tuple[str, ...]:
        """Events, rows and ids of all transitions of *family*."""
        return tuple(dict.fromkeys((*self.events(family), *step_names(self.steps(family)))))

    def _names(self, family: str, names: Callable[[Flow], Iterable[str]]) -> tuple[str, ...]:
        flows = self.flows.get(family, ())
        return tuple(dict.fromkeys(name for flow in flows for name in names(flow)))


def step_names(steps: Iterable[Transition]) -> tuple[str, ...]:
    """Rows and ids of *steps*, each once."""
    return tuple(dict.fromkeys(name for step in steps for name in (step.row, step.id)))


def families_of(known: Iterable[Flow], participants: Iterable[Participant]) -> Families:
    """Sort the *known* flows and those of *participants* by family."""
    pairs = [(flow.family, flow) for flow in known]
    pairs += [(each.family, each.flow) for each in participants]
    table: dict[str, dict[str, Flow]] = {}
    for family, flow in pairs:
        if family:
            table.setdefault(family, {})[flow.digest or flow.name] = flow
    return Families({family: tuple(flows.values()) for family, flows in table.items()})


def lay_links(
    file: LinksFile, document: YamlDocument, base: DealsDraft, findings: Findings
) -> DealsDraft:
    """Return *base* with the links, news and exceptions of *file* laid over it."""
    _no_twins(file.links, document, findings)
    links = {
        row.id: Declared(row, document, ("links", number)) for number, row in enumerate(file.links)
    }

    def laid(key: str, under: Declarations[T], rows: Mapping[str, T]) -> dict[str, Declared[T]]:
        over = {name: Declared(row, document, (key, name)) for name, row in rows.items()}
        return {**under, **over}

    return DealsDraft(
        deals=base.deals,
        links={**base.links, **links},
        notices=laid("notices", base.notices, file.notices),
        told=laid("told", base.told, file.told),
        without=laid("without", base.without, file.without),
        below=base.below,
    )


def lay_deals(
    file: SomeDealsFile, document: YamlDocument, base: DealsDraft, findings: Findings
) -> DealsDraft:
    """Return *base*, that of ``links.yaml``, with a deal file laid over it."""
    for number, name in enumerate(file.remove_links):
        if name not in base.links:
            place = document.place(("remove_links", number))
            findings.add_unknown(place, "link to remove", name, base.links)
    links = {name: link for name, link in base.links.items() if name not in file.remove_links}
    deals = {name: Declared(row, document, ("deals", name)) for name, row in file.deals.items()}
    below = next((link.document for link in base.links.values()), None)
    kept = DealsDraft(deals, links, base.notices, base.told, base.without, below=below)
    return lay_links(file, document, kept, findings)


def _no_twins(rows: Iterable[LinkRow], document: YamlDocument, findings: Findings) -> None:
    first: dict[str, Place] = {}
    for number, row in enumerate(rows):
        place = document.place(("links", number, "id"))
        if row.id in first:
            text = f"link id {row.id!r} is given twice; first at {first[row.id]}"
            findings.add(place, text, "duplicate-id")
        first.setdefault(row.id, place)
