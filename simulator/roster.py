"""Who handles whose order in a sale, and who is told of a step."""

from __future__ import annotations

from orderflow.flows.deal import Deal, Link, Towards
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
        self._handling, self._waiting = deal.handling, deal.waiting
        self.dismissed: dict[str, int] = {}

    def below(self, name: str) -> tuple[str, ...]:
        """Participants that handle the order of *name* now."""
        return self._handling[name]

    def someone_waits(self, name: str) -> bool:
        """Whether somebody could handle the order of *name* instead."""
        return bool(self._waiting[name])

    def has_joined(self, name: str) -> bool:
        """Whether *name* is in the sale, or was."""
        who = self._deal.participant[name]
        waiting = self._waiting.get(who.below, ()) if who.joins else ()
        return all(each.name != name for each in waiting)

    def changes(self, name: str, event: str) -> bool:
        """Whether somebody else handles the order of *name* after *event*."""
        return event in self._deal.taking_over[name]

    def newcomer(self, name: str, event: str) -> str:
        """Who takes over from those below *name* with its *event*, empty for nobody."""
        for each in self._waiting[name]:
            if each.joins == event:
                return each.name
        return ""

    def take_over(self, name: str, newcomer: str, now: int) -> None:
        """Let *newcomer* handle the order of *name* from now on."""
        self.dismissed.update(dict.fromkeys(self._handling[name], now))
        waiting = tuple(each for each in self._waiting[name] if each.name != newcomer)
        self._handling = {**self._handling, name: (newcomer,)}
        self._waiting = {**self._waiting, name: waiting}

    def parcels(self, name: str, move: Move, teller: str = "") -> tuple[Parcel, ...]:
        """The news that *name* would send with a step, in the order of the links.

        Args:
            name: Who takes the step.
            move: The step.
            teller: Whose news makes it happen, empty for nobody's.
        """
        step, choice = move.step, move.choice
        news = self._deal.news_of(name, step, choice)
        if not news:
            return ()
        newcomer = self.newcomer(name, step.event)
        wanted_by = move.wanted_by
        parcels = [
            Parcel(link, name, receiver, step.event, choice, _relayed(link, move), wanted_by)
            for link, receiver in news
            if link.echo or receiver != teller
            if self._is_there(name, link, receiver, newcomer)
        ]
        return tuple(parcels)

    def _is_there(self, name: str, link: Link, receiver: str, newcomer: str) -> bool:
        """Whether *receiver* has the place that *link* is for, when *newcomer* takes over."""
        match link.towards:
            case Towards.BELOW:
                return receiver == newcomer if newcomer else receiver in self._handling[name]
            case Towards.FORMER:
                return bool(newcomer) and receiver in self._handling[name]
            case _:
                return True


def _relayed(link: Link, move: Move) -> Data:
    if link.relays == "data":
        return tuple(sorted(move.data.items()))
    invoice = move.invoice if link.relays == "invoice" else None
    return (("number", invoice.number), ("value", invoice.value)) if invoice else ()
