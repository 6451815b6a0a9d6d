"""What one participant of a deal does and hears, as numbers: the half of a search that is local.

Nothing here depends on what is under way: a step is where it leads and which news it sends, and
whether there is room for the news is decided in :mod:`orderflow.simulator.product`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from orderflow.flows.deal import (
    RELAYED,
    SAME,
    TAKING_OVER,
    Deal,
    Hearing,
    Link,
    Need,
    Notice,
    Participant,
    Towards,
)
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.choices import realise
from orderflow.simulator.inputs import OUTPUT_EVENTS
from orderflow.simulator.order import Order
from orderflow.simulator.space import Edge, Space

Sent = tuple[int, "Symbol"]
"""A message and the number of the channel it goes into."""


_NUMBERED = OUTPUT_EVENTS | {"add_return_invoice", "modify_order"}
"""Events that bring an invoice or a modification, which has a number and counts once."""


class Symbol(NamedTuple):
    """A message under way, as far as a search tells messages apart.

    Attributes:
        link: Number of the link that sent it.
        event: Event that made it, where the hearer needs to know.
        data: What came with it, where the hearer needs to know.
        copy: It has been delivered before.
    """

    link: int
    event: str = ""
    data: tuple[tuple[str, object], ...] = ()
    copy: bool = False


class Outcome(NamedTuple):
    """Where a step leads.

    Attributes:
        place: Configuration of the participant after it.
        phase: How many have taken over below it.
        sent: News, in the order it is sent.
        taken: Ids of the transitions.
        edge: The step of an act, None for a delivery.
    """

    place: int
    phase: int
    sent: tuple[Sent, ...]
    taken: tuple[str, ...]
    edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What all participants of a deal share.

    Attributes:
        deal: The deal.
        links: Its links, those left out that a fault has broken.
        channels: (sender, receiver) numbers of every way a message can go.
        switched: The marketplace gives time to choose another seller.
        broken: (family, transition id or row) of the steps that a fault has broken.
        sliced: Steps of an ended order are left out.
    """

    deal: Deal
    links: tuple[Link, ...]
    channels: tuple[tuple[int, int], ...]
    switched: bool
    broken: frozenset[tuple[str, str]] = frozenset()
    sliced: bool = False

    def channel(self, sender: int, receiver: int) -> int:
        """Number of the way from one participant to another."""
        return self.channels.index((sender, receiver))


def world_of(
    deal: Deal,
    settings: Settings,
    *,
    without: frozenset[str] = frozenset(),
    broken: frozenset[tuple[str, str]] = frozenset(),
    sliced: bool = False,
) -> World:
    """Number the channels and links of a deal."""
    index = {name: number for number, name in enumerate(deal.names)}
    channels = tuple((index[sender], index[receiver]) for sender, receiver in deal.channels)
    links = tuple(link for link in deal.links if link.id not in without)
    switched = settings.milliseconds("change_seller_window") > 0
    return World(deal, links, channels, switched, broken, sliced)


def _share(amount: object, event: str, order: Order) -> str:
    """Whether a relayed amount is a part of what is left of *order*, the rest of it, or more."""
    returns = event == "add_return_invoice"
    left = order.invoiced - order.returned if returns else order.value - order.invoiced
    if not isinstance(amount, int) or amount > left:
        return "over"
    return "rest" if amount == left else "part"


class Part:
    """One participant of a deal.

    Args:
        number: Its place in the deal.
        space: Configurations of its flow.
        world: What it shares with the others.

    Attributes:
        who: The participant.
        lower: Numbers of the participants below, in the order of taking over.
        upper: Number of the one above, -1 for none.
        beside: Numbers of the others of its group.
        joined: One below waits to take over.
        inbox: Numbers of the channels to it.
        gone: Number of the place that means it is looked at elsewhere.
    """

    def __init__(self, number: int, space: Space, world: World) -> None:
        deal = world.deal
        index = {name: place for place, name in enumerate(deal.names)}
        self.number, self.space, self.world = number, space, world
        self.who: Participant = deal.participants[number]
        below = deal.lower(self.who.name)
        self.lower = tuple(index[each.name] for each in below)
        self.upper = index.get(self.who.below, -1)
        self.beside = tuple(index[each.name] for each in deal.beside(self.who.name))
        self.joins = frozenset(each.joins for each in below if each.joins)
        self.inbox = tuple(n for n, pair in enumerate(world.channels) if pair[1] == number)
        self.outbox = tuple(n for n, pair in enumerate(world.channels) if pair[0] == number)
        self.gone = len(space.orders)
        self.statuses = (*(order.status for order in space.orders), ABSENT)
        self._heard: dict[tuple[int, int, int, Symbol], Outcome | None] = {}
        self._acts: dict[tuple[int, int], tuple[Outcome, ...]] = {}
        self._limits: dict[tuple[int, int], tuple[Outcome, ...]] = {}
        self._fitting: dict[tuple[str, str], tuple[int, ...]] = {}

    @property
    def flow_steps(self) -> Mapping[str, Transition]:
        """Transitions of its flow by id."""
        return self.space.plan.flow.transition

    @cached_property
    def _edges(self) -> dict[tuple[int, str], tuple[Edge, ...]]:
        """By configuration and event, the steps it can take in a deal."""
        found: dict[tuple[int, str], tuple[Edge, ...]] = {}
        for place, edges in enumerate(self.space.out):
            for edge in edges:
                if self._kept(edge):
                    found[place, edge.event] = (*found.get((place, edge.event), ()), edge)
        return found

    @cached_property
    def _own(self) -> tuple[tuple[Edge, ...], ...]:
        """By configuration, the steps that no news is needed for."""
        deal, steps = self.world.deal, self.flow_steps
        rows: list[list[Edge]] = [[] for _ in self.space.orders]
        for (place, _), edges in self._edges.items():
            rows[place] += [e for e in edges if not deal.is_told(self.who, steps[e.transition])]
        order = {edge: number for edges in self.space.out for number, edge in enumerate(edges)}
        return tuple(tuple(sorted(row, key=order.__getitem__)) for row in rows)

    def _kept(self, edge: Edge) -> bool:
        step, world = self.flow_steps[edge.transition], self.world
        if not world.deal.takes(step) or self._finer(edge):
            return False
        family = self.who.family
        if {(family, step.id), (family, step.row)} & world.broken:
            return False
        ended = step.source == step.target and step.source in self.space.plan.flow.final
        return not (world.sliced and ended)

    def _finer(self, edge: Edge) -> bool:
        """Whether *edge* is finer than what a search of a deal tells apart."""
        return edge.event == "modify_order" and edge.choice != "more"

    def acts(self, place: int, phase: int) -> tuple[Outcome, ...]:
        """What can happen to it without news and without time passing."""
        return self._taken(self._acts, place, phase, timed=False)

    def limits(self, place: int, phase: int) -> tuple[Outcome, ...]:
        """What happens to it when a time limit is over."""
        return self._taken(self._limits, place, phase, timed=True)

    def _taken(
        self,
        known: dict[tuple[int, int], tuple[Outcome, ...]],
        place: int,
        phase: int,
        *,
        timed: bool,
    ) -> tuple[Outcome, ...]:
        found = known.get((place, phase))
        if found is None:
            edges = self._own[place] if place != self.gone else ()
            steps = (self._take(edge, phase) for edge in edges if edge.timed == timed)
            found = known[place, phase] = tuple(step for step in steps if step is not None)
        return found

    def _take(self, edge: Edge, phase: int) -> Outcome | None:
        """The step *edge*, None when nobody waits to take over as it asks."""
        step = self.flow_steps[edge.transition]
        if step.event in (self.joins or {TAKING_OVER}):
            if not self.joins or phase + 1 >= len(self.lower):
                return None
            phase += 1
            return Outcome(edge.target, phase, self._news(edge, phase, phase - 1), (step.id,), edge)
        return Outcome(edge.target, phase, self._news(edge, phase), (step.id,), edge)

    def _news(self, edge: Edge, phase: int, left: int = -1) -> tuple[Sent, ...]:
        """What a step sends; *left* is the place of the one below that it makes leave."""
        return tuple(
            (self.world.channel(self.number, receiver), self._symbol(edge, number))
            for number in self._links(edge)
            for receiver in self._receivers(self.world.links[number], phase, left)
        )

    def _links(self, edge: Edge) -> tuple[int, ...]:
        key = (edge.transition, edge.choice)
        if key not in self._fitting:
            step = self.flow_steps[edge.transition]
            self._fitting[key] = tuple(
                number
                for number, link in enumerate(self.world.links)
                if link.notice and link.fits(self.who.family, step, edge.choice)
            )
        return self._fitting[key]

    def _receivers(self, link: Link, phase: int, left: int) -> Iterator[int]:
        reached = {
            Towards.BELOW: self.lower[phase : phase + 1] if self.joins else self.lower,
            Towards.ABOVE: (self.upper,) if self.upper >= 0 else (),
            Towards.BESIDE: self.beside,
            Towards.FORMER: self.lower[left : left + 1] if left >= 0 else (),
        }.get(link.towards, ())
        heard = self.world.deal.notices[link.notice].heard
        for number in reached:
            family = self.world.deal.participants[number].family
            if family in heard and link.to in {"", family}:
                yield number

    def _symbol(self, edge: Edge, number: int) -> Symbol:
        link = self.world.links[number]
        order = self.space.orders[edge.source]
        heard = self.world.deal.notices[link.notice].heard.values()
        same = any(told.event == SAME for rows in heard for row in rows for told in row.do)
        event = edge.event if same else ""
        if link.relays == "invoice":
            value: object = sum(i.value for i in order.outputs if not i.accepted)
            value = realise(edge.event, edge.choice, order).get("value", value)
            return Symbol(number, event, (("value", value),))
        if link.relays == "data" or same:
            data = realise(edge.event, edge.choice, order)
            return Symbol(number, event, tuple(sorted(data.items())))
        return Symbol(number)

    def hear(self, place: int, phase: int, channel: int, symbol: Symbol) -> Outcome | None:
        """What a message makes happen; None when it has to wait."""
        key = (place, phase, channel, symbol)
        if key not in self._heard:
            self._heard[key] = self._react(place, phase, channel, symbol)
        return self._heard[key]

    def heard(self) -> Iterator[Outcome]:
        """Everything that messages were found to make happen so far."""
        return (outcome for outcome in self._heard.values() if outcome is not None)

    def _react(self, place: int, phase: int, channel: int, symbol: Symbol) -> Outcome | None:
        nothing = Outcome(place, phase, (), ())
        sender = self.world.channels[channel][0]
        if place == self.gone or (self.joins and sender in self.lower[:phase]):
            return nothing
        notice = self.world.deal.notices[self.world.links[symbol.link].notice]
        status = self.statuses[place]
        if status in notice.waits.get(self.who.family, frozenset()):
            return None
        for row in notice.heard.get(self.who.family, ()):
            if status in row.statuses and self._met(phase, row.needs):
                return self._do(nothing, row, channel, symbol)
        return nothing

    def _met(self, phase: int, needs: Need | None) -> bool:
        if needs is None:
            return True
        return bool(self.joins) and phase + 1 < len(self.lower) and self.world.switched

    def _do(self, here: Outcome, row: Hearing, channel: int, symbol: Symbol) -> Outcome:
        """What *row* makes happen, one step after the other, and what it answers."""
        answer = row.answer
        if symbol.copy and any(t.choice == RELAYED and t.event in _NUMBERED for t in row.do):
            return here  # the number of the invoice is known already
        for told in row.do:
            relayed = told.event == SAME or told.choice == RELAYED
            event = symbol.event if told.event == SAME else told.event
            edge = self._told(here.place, event, told.choice, symbol if relayed else None)
            step = self._take(edge, here.phase) if edge else None
            if step is None:
                answer = row.refused if not here.taken else ""
                break
            sent = (*here.sent, *(each for each in step.sent if not self._echoes(each, channel)))
            here = Outcome(step.place, step.phase, sent, (*here.taken, *step.taken))
        back = self.world.channel(self.number, self.world.channels[channel][0])
        for number, link in enumerate(self.world.links):
            if answer and link.notice == answer:
                return here._replace(sent=(*here.sent, (back, Symbol(number))))
        return here  # nothing to answer, or a fault has broken the way

    def _echoes(self, sent: Sent, channel: int) -> bool:
        """Whether news would tell the one that made it happen what it knows."""
        back = self.world.channels[sent[0]] == tuple(reversed(self.world.channels[channel]))
        return back and not self.world.links[sent[1].link].echo

    def _told(self, place: int, event: str, choice: str, news: Symbol | None) -> Edge | None:
        """The step that news makes happen, None when the flow refuses it."""
        order = self.space.orders[place]
        for edge in self._edges.get((place, event), ()):
            if news is None:
                fits = choice in {"", edge.choice}
            elif (amount := dict(news.data).get("value")) is not None:
                fits = edge.choice == _share(amount, event, order)
            else:
                data = realise(edge.event, edge.choice, order)
                fits = all(data.get(name) == value for name, value in news.data)
            if fits:
                return edge
        return None

    @cached_property
    def past(self) -> frozenset[int]:
        """Places from which it can neither make news for its group nor heed any."""
        if not self.beside:
            return frozenset()
        ahead = [self._ahead(place) for place in range(self.gone)]
        tied = {place for place in range(self.gone) if self._tied(place)}
        grown = True
        while grown:
            more = {place for place in range(self.gone) if ahead[place] & tied} - tied
            tied |= more
            grown = bool(more)
        return frozenset(range(self.gone)) - tied

    def _ahead(self, place: int) -> frozenset[int]:
        """Places it can come to next, by itself or by any news."""
        found = {edge.target for edge in self._own[place]}
        for notice in self.world.deal.notices.values():
            for row in notice.heard.get(self.who.family, ()):
                here = {place} if self.statuses[place] in row.statuses else set()
                for told in row.do:
                    here = {edge.target for p in here for edge in self._ways(p, told.event, notice)}
                    found |= here
        return frozenset(found)

    def _ways(self, place: int, event: str, notice: Notice) -> Iterator[Edge]:
        causes = [c for link in self.world.links if link.notice == notice.name for c in link.causes]
        events = {event} if event != SAME else {name for cause in causes for name in cause.events}
        for name in sorted(events):
            yield from self._edges.get((place, name), ())

    def _tied(self, place: int) -> bool:
        """Whether it can make news for its group, or heed such news, where it stands."""
        edges = [e for (where, _), found in self._edges.items() if where == place for e in found]
        links = [n for n, link in enumerate(self.world.links) if link.towards == Towards.BESIDE]
        sends = any(number in self._links(edge) for edge in edges for number in links)
        notices = self.world.deal.notices
        told = {self.world.links[number].notice for number in links}
        rows = [row for name in told for found in notices[name].heard.values() for row in found]
        told |= {name for row in rows for name in (row.answer, row.refused) if name}
        return sends or any(self._heeds(place, notices[name]) for name in told)

    def _heeds(self, place: int, notice: Notice) -> bool:
        """Whether news has an effect, or is kept, where it stands."""
        family, status = self.who.family, self.statuses[place]
        heard = any(status in row.statuses for row in notice.heard.get(family, ()))
        return heard or status in notice.waits.get(family, frozenset())
