"""The tables of a deal as plain rows: coverage, news, what cannot happen, what was proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rule import UnknownRuleError
from orderflow.conformance.rules import rule
from orderflow.conformance.verdict import DealProof, DealVerdict, Failure, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.deal_reach import closed_steps, ways
from orderflow.flows.model import ABSENT
from orderflow.reports.deal_news import news_of
from orderflow.reports.tables import Share


def title_of(name: str) -> str:
    """Return the title of a rule or invariant, empty when there is none of that id."""
    if name in INVARIANTS:
        return INVARIANTS[name].title
    try:
        return rule(name).title
    except UnknownRuleError:
        return ""


def deal_shares(found: DealVerdict, deal: Deal | None) -> tuple[Share, ...]:
    """Return the coverage of one deal: transitions of each document, then links."""
    names = (name for name, _ in found.participants)
    return (*(steps_of(name, found, deal) for name in names), all_links(found, deal))


def steps_of(name: str, found: DealVerdict, deal: Deal | None) -> Share:
    """Return how many transitions of one document were taken, of those that can be."""
    counts = [(step, count) for who, step, count in _open_steps(found, deal) if who == name]
    return _share(f"transitions of {name}", counts)


def all_steps(found: DealVerdict, deal: Deal | None) -> Share:
    """Return how many transitions were taken, of those that can be."""
    return _share("transitions", [(step, count) for _, step, count in _open_steps(found, deal)])


def _open_steps(found: DealVerdict, deal: Deal | None) -> Iterator[tuple[str, str, int]]:
    """Return the transitions of a deal without those that no run of it can take."""
    silent = {(who, step) for who, step, _ in found.silent}
    silent |= closed_steps(deal) if deal else frozenset()
    return (row for row in found.transitions if row[2] or row[:2] not in silent)


def all_links(found: DealVerdict, deal: Deal | None) -> Share:
    """Return how many links delivered news, of those that apply to the deal."""
    applying = {way.link.id for way in ways(deal)} if deal else dict(found.links).keys()
    return _share("links delivered", [row for row in found.links if row[1] or row[0] in applying])


def _share(name: str, counts: Sequence[tuple[str, int]]) -> Share:
    missing = tuple(thing for thing, count in counts if not count)
    return Share(name, len(counts) - len(missing), len(counts), missing)


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One piece of news, in words.

    Attributes:
        notice: The notice.
        says: What it says.
        sender: Who sends it.
        starts: Where the sender stands then.
        receiver: Who hears it.
        acts: Where the receiver does something about it.
        links: (link id, times its news was delivered).
    """

    notice: str
    says: str
    sender: str
    starts: tuple[str, ...]
    receiver: str
    acts: tuple[str, ...]
    links: tuple[tuple[str, int], ...]


def news_rows(deal: Deal | None, found: DealVerdict) -> tuple[NewsRow, ...]:
    """Return all news of a deal: what its picture shows, as a table."""
    if deal is None:
        return ()
    counts = dict(found.links)
    return tuple(
        NewsRow(
            each.notice,
            deal.notices[each.notice].says,
            each.sender,
            each.starts,
            each.receiver,
            tuple("not there yet" if state == ABSENT else state for state in each.acts),
            tuple((link, counts.get(link, 0)) for link in each.links),
        )
        for each in news_of(deal, found)
    )


@dataclass(frozen=True, slots=True)
class SilentRow:
    """Transitions that no run of a deal can take, for one reason.

    Attributes:
        participant: The document.
        steps: Rows of the flow they come from.
        count: How many transitions that are.
        why: The reason.
    """

    participant: str
    steps: tuple[str, ...]
    count: int
    why: str


def silent_rows(found: DealVerdict) -> tuple[SilentRow, ...]:
    """Return the transitions that cannot happen, those with one reason together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for participant, step, why in found.silent:
        rows.setdefault((participant, why), []).append(step)
    return tuple(
        SilentRow(who, _rows(steps), len(steps), why) for (who, why), steps in rows.items()
    )


def _rows(steps: Iterable[str]) -> tuple[str, ...]:
    """Return what stands before the ``@`` of the ids, each once."""
    return tuple(dict.fromkeys(step.partition("@")[0] for step in steps))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a search says of one property.

    Attributes:
        css: Short class.
        sign: ``✓``, ``✕`` or ``·``.
        text: The same in words.
        steps: Length of the shortest scenario that breaks it, 0 when none does.
    """

    css: str
    sign: str
    text: str
    steps: int = 0


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One property and what each search says of it.

    Attributes:
        name: Id of the rule or invariant.
        title: Its title.
        cells: One for each search.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]


def property_rows(found: DealVerdict) -> tuple[PropertyRow, ...]:
    """Return which properties hold without a fault and under each."""
    names = {
        name
        for proof in found.proofs
        for name in (*proof.holds, *(broken for broken, _ in proof.fails))
    }
    return tuple(
        PropertyRow(name, title_of(name), tuple(_cell(name, proof) for proof in found.proofs))
        for name in sorted(names)
    )


def _cell(name: str, proof: DealProof) -> Cell:
    steps = dict(proof.fails).get(name)
    if steps is not None:
        return Cell("d", "✕", "broken", steps)
    if name not in proof.holds:
        return Cell("u", "·", "not asked")
    return Cell("e", "✓", "holds") if proof.complete else Cell("n", "✓", "holds as far as seen")


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """The failures under one fault.

    Attributes:
        name: The fault, empty for none.
        what: What it is, in words.
        failures: The failures.
    """

    name: str
    what: str
    failures: tuple[Failure, ...]


def by_fault(verdict: Verdict, faults: Mapping[str, str]) -> tuple[FaultGroup, ...]:
    """Group the failures by the fault that was switched on, those without one first.

    Args:
        verdict: What the run found.
        faults: What each fault is, by its name.
    """
    names = dict.fromkeys(("", *verdict.faults, *(f.fault for f in verdict.failures)))
    groups = (
        FaultGroup(name, faults.get(name, ""), tuple(_of(verdict.failures, name))) for name in names
    )
    return tuple(group for group in groups if group.failures)


def _of(failures: Iterable[Failure], fault: str) -> Iterable[Failure]:
    return (failure for failure in failures if failure.fault == fault)
