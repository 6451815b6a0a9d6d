"""What can be told of a deal without running it: its documents, who tells whom, what is closed."""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.deal_reach import closed, ways
from orderflow.flows.errors import Place, Problem


def facts(deal: Deal) -> Iterator[str]:
    """What a person wants to know of *deal*, as lines."""
    cast = (_introduced(each) for each in deal.participants)
    yield f"deal {deal.name}: {', '.join(cast)}"
    applying = {way.link.id for way in ways(deal)}
    idle = [link.id for link in deal.links if link.id not in applying]
    rest = f", {len(idle)} do not: {', '.join(idle)}" if idle else ""
    yield f"  {len(deal.links) - len(idle)} of {len(deal.links)} links apply{rest}"
    rows: dict[tuple[str, str], list[str]] = {}
    for each in closed(deal):
        rows.setdefault((each.participant, each.why), []).append(each.row)
    for (name, why), closed_rows in rows.items():
        yield f"  {name} never takes {', '.join(closed_rows)}: {why}"


def _introduced(each: Participant) -> str:
    place = f" below {each.below}" if each.below else ""
    place += f" beside {each.beside}" if each.beside else ""
    joins = f", joins with {each.joins}" if each.joins else ""
    return f"{each.name} ({each.flow.name} flow{place}{joins})"


def lint_deal(deal: Deal) -> tuple[Problem, ...]:
    """What is allowed to be written but can hardly be meant."""
    known = ways(deal)
    heard = {way.receiver.name for way in known}
    told = {way.sender.name for way in known}
    return tuple(
        Problem(
            Place(deal.source),
            f"nothing that happens to {each.name!r} of deal {deal.name!r} matters to another "
            f"document, nor the other way round; it is a sale of its own",
            "stranger",
        )
        for each in deal.participants
        if each.name not in heard | told and len(deal.participants) > 1
    )
