"""Deals with one link changed, by a line of text."""

from __future__ import annotations

from dataclasses import replace

from orderflow.flows.deal import Deal, Link, Towards


def mutant(deal: Deal, change: str) -> Deal:
    """The deal after ``drop LINK``, ``LINK says NOTICE``, ``LINK to WHOM`` or ``swap LINK LINK``.

    Raises:
        ValueError: There is no such change.
    """
    match change.split():
        case ["drop", name]:
            return replace(deal, links=tuple(each for each in deal.links if each.id != name))
        case [name, "says", notice] if notice in deal.notices:
            return _with(deal, replace(_link(deal, name), notice=notice))
        case [name, "to", whom]:
            return _with(deal, replace(_link(deal, name), towards=Towards(whom), to=""))
        case ["swap", one, other]:
            first, second = _link(deal, one), _link(deal, other)
            changed = _with(deal, replace(first, notice=second.notice, relays=second.relays))
            return _with(changed, replace(second, notice=first.notice, relays=first.relays))
        case _:
            raise ValueError(f"no such change: {change}")


def _link(deal: Deal, name: str) -> Link:
    return next(each for each in deal.links if each.id == name)


def _with(deal: Deal, link: Link) -> Deal:
    return replace(deal, links=tuple(link if each.id == link.id else each for each in deal.links))
