"""Who handles whose order in a sale, and who is told of a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from orderflow.flows.deal import TAKING_OVER, Deal, Link, Towards
from orderflow.simulator.events import Data
from orderflow.simulator.mailbox import Parcel
from orderflow.simulator.reaction import Move


class Roster:
    """Who is in the sale at the moment.

    Attributes:
        dismissed: Participants whose place another one has taken, with the virtual time in ms.
    """

    __slots__ = ("_deal", "_handling", "_waiting", "dismissed")

    def __init__(self, deal: Deal) -> None:
        self._deal = deal
        lower = {name: deal.lower(name) for name in deal.names}
        self._handling = {
            name: tuple(each.name for each in below if not each.joins)
            for name, below in lower.items()
        }
        self._waiting = {
            name: tuple(each for each in below if each.joins) for name, below in lower.items()
        }
        self.dismissed: dict[str, int] = {}

    def below(self, name: str) -> tuple[str, ...]:
        """Participants that handle the order of *name* now."""
        return self._handling[name]

    def someone_waits(self, name: str) -> bool:
        """Whether somebody could handle the order of *name* instead."""
        return bool(self._waiting[name])

    def has_joined(self, name: str) -> bool:
        """Whether *name* is in the sale, or was."""
        return all(name != each.name for waiting in self._waiting.values() for each in waiting)

    def changes(self, name: str, event: str) -> bool:
        """Whether somebody else handles the order of *name* after *event*."""
        joins = {each.joins for each in self._deal.lower(name) if each.joins}
        return event in (joins or {TAKING_OVER})

    def newcomer(self, name: str, event: str) -> str:
        """Who takes over from those below *name* with its *event*, empty for nobody."""
        return next((each.name for each in self._waiting[name] if each.joins == event), "")

    def take_over(self, name: str, newcomer: str, now: int) -> None:
        """Let *newcomer* handle the order of *name* from now on."""
        self.dismissed.update(dict.fromkeys(self._handling[name], now))
        self._handling[name] = (newcomer,)
        self._waiting[name] = tuple(each for each in self._waiting[name] if each.name != newcomer)

    def parcels(self, name: str, move: Move, teller: str = "") -> tuple[Parcel, ...]:
        """The news that *name* would send with a step, in the order of the links.

        Args:
            name: Who takes the step.
            move: The step.
            teller: Whose news makes it happen, empty for nobody's.
        """
        links = self._deal.news_of(name, move.step, move.choice)
        if not links:
            return ()
        return tuple(
            each
            for each in self._parcels(name, move, links)
            if each.link.echo or each.receiver != teller
        )

    def _parcels(self, name: str, move: Move, links: tuple[Link, ...]) -> Iterator[Parcel]:
        deal, event = self._deal, move.step.event
        for link in links:
            heard = deal.notices[link.notice].heard
            for receiver in self._reached(name, link, event):
                other = deal.participant[receiver].family
                if other in heard and link.to in {"", other}:
                    yield Parcel(link, name, receiver, event, move.choice, _relayed(link, move))

    def _reached(self, name: str, link: Link, event: str) -> tuple[str, ...]:
        newcomer = self.newcomer(name, event)
        match link.towards:
            case Towards.BELOW:
                return (newcomer,) if newcomer else self.below(name)
            case Towards.ABOVE:
                above = self._deal.participant[name].below
                return (above,) if above else ()
            case Towards.BESIDE:
                return tuple(each.name for each in self._deal.beside(name))
            case Towards.FORMER:
                return self.below(name) if newcomer else ()
            case Towards.OUTSIDE | Towards.NOBODY:
                return ()
            case _:
                assert_never(link.towards)


def _relayed(link: Link, move: Move) -> Data:
    if link.relays == "data":
        return tuple(sorted(move.data.items()))
    invoice = move.invoice if link.relays == "invoice" else None
    return (("number", invoice.number), ("value", invoice.value)) if invoice else ()
