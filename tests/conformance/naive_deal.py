"""The search of a deal once more, as plainly as possible: tuples, no tables, nothing remembered.

It is written from what `flows/deal.py` says of deals, and shares with the real search only the
configurations of single flows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from orderflow.conformance.deal_properties import PROPERTIES, Sight
from orderflow.flows.deal import RELAYED, SAME, Deal, Link, Participant, Towards
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import defaults
from orderflow.simulator.choices import realise
from orderflow.simulator.inputs import OUTPUT_EVENTS
from orderflow.simulator.order import Order
from orderflow.simulator.product import NO_FAULTS, Faults
from orderflow.simulator.space import Edge, Space

T = TypeVar("T")

NUMBERED = OUTPUT_EVENTS | {"add_return_invoice", "modify_order"}


class Letter(NamedTuple):
    link: str
    event: str = ""
    data: tuple[tuple[str, object], ...] = ()
    copy: bool = False


class State(NamedTuple):
    """Configuration and number of takeovers of each participant, mailboxes, and faults so far."""

    places: tuple[int, ...]
    phases: tuple[int, ...]
    boxes: tuple[tuple[Letter, ...], ...]
    faults: int = 0


def put(row: tuple[T, ...], at: int, value: T) -> tuple[T, ...]:
    return (*row[:at], value, *row[at + 1 :])


@dataclass
class Naive:
    deal: Deal
    spaces: dict[str, Space]
    faults: Faults = NO_FAULTS
    distance: dict[State, int] = field(default_factory=dict)
    edges: int = 0

    @property
    def start(self) -> State:
        nobody = (0,) * len(self.deal.names)
        return State(nobody, nobody, ((),) * len(self.deal.channels))

    def search(self) -> None:
        self.distance = {self.start: 0}
        for state in (queue := [self.start]):
            for after in self.after(state):
                self.edges += 1
                if after not in self.distance:
                    self.distance[after] = self.distance[state] + 1
                    queue.append(after)

    def status(self, state: State, name: str) -> str:
        place = state.places[self.deal.names.index(name)]
        return self.spaces[name].orders[place].status

    def after(self, state: State) -> list[State]:
        """Every state that follows, once for each way."""
        heard = [each for way in self.deal.channels for each in self.deliveries(state, way)]
        if any(urgent for _, urgent, _ in heard):
            return [after for after, urgent, _ in heard if urgent]
        busy = any(regular for _, _, regular in heard) and not self.faults.delayed
        found = [after for after, _, _ in heard]
        for who in self.deal.participants:
            place = state.places[self.deal.names.index(who.name)]
            for edge in self.spaces[who.name].out[place]:
                told = self.deal.is_told(who, who.flow.transition[edge.transition])
                late = edge.timed and self.answers(state, who) and (busy or self.owed(state, who))
                if not told and not late and (after := self.take(state, who, edge)):
                    found.append(after)
        return found

    def answers(self, state: State, who: Participant) -> frozenset[str]:
        """Where those below stand while they owe the answer that a limit of *who* waits for."""
        here = self.status(state, who.name)
        after = {timer.after for timer in who.flow.timers if timer.state == here}
        if self.faults.delayed or not self.deal.lower(who.name) or not self.quick():
            return frozenset()
        return frozenset(
            status
            for link in self.deal.links
            if link.answer and link.answer.within in after
            for status in link.answer.statuses
        )

    def quick(self) -> bool:
        """Whether all news takes the same time, and answers take more than there and back."""
        settings, news = defaults(), [link for link in self.deal.links if link.notice]
        times = [settings.milliseconds(link.delay) for link in news if link.delay]
        return (
            not self.deal.instant
            and len(set(times)) < 2
            and all(
                2 * time < settings.milliseconds(link.answer.within)
                for time in times
                for link in news
                if link.answer
            )
        )

    def owed(self, state: State, who: Participant) -> bool:
        """Whether one below owes the answer whose time limit the one of *who* repeats."""
        owing = self.answers(state, who)
        return any(self.status(state, each.name) in owing for each in self.deal.lower(who.name))

    def kept(self, who: Participant, edge: Edge) -> bool:
        step = who.flow.transition[edge.transition]
        return self.deal.takes(step) and (edge.event, edge.choice) != ("modify_order", "less")

    def take(self, state: State, who: Participant, edge: Edge, echo: str = "") -> State | None:
        """After one step with its news; *echo* has said what made it happen."""
        if not self.kept(who, edge):
            return None
        number, step = self.deal.names.index(who.name), who.flow.transition[edge.transition]
        lower = self.deal.lower(who.name)
        joins = {each.joins for each in lower if each.joins}
        former = ""
        if step.event in (joins or {"change_seller"}):
            if not joins or state.phases[number] + 1 >= len(lower):
                return None
            former = lower[state.phases[number]].name
            state = state._replace(phases=put(state.phases, number, state.phases[number] + 1))
        state = state._replace(places=put(state.places, number, edge.target))
        for link in self.deal.links:
            if not link.notice or not link.fits(who.family, step, edge.choice):
                continue
            for other in self.told(state, who, link, former):
                if other.name == echo and not link.echo:
                    continue
                sent = self.send(state, who.name, other.name, self.letter(who, edge, link))
                if sent is None:
                    return None
                state = sent
        return state

    def told(
        self, state: State, who: Participant, link: Link, former: str
    ) -> Iterator[Participant]:
        """Who hears of a step by which *former*, if anybody, has to leave."""
        lower, phase = self.deal.lower(who.name), state.phases[self.deal.names.index(who.name)]
        changing = any(each.joins for each in lower)
        reached: dict[Towards, tuple[Participant, ...]] = {
            Towards.BELOW: lower[phase : phase + 1] if changing else lower,
            Towards.ABOVE: (self.deal.participant[who.below],) if who.below else (),
            Towards.BESIDE: self.deal.beside(who.name),
            Towards.FORMER: tuple(each for each in lower if each.name == former),
        }
        for each in reached.get(link.towards, ()):
            if each.family in self.deal.notices[link.notice].heard and link.to in {"", each.family}:
                yield each

    def letter(self, who: Participant, edge: Edge, link: Link) -> Letter:
        order = self.spaces[who.name].orders[edge.source]
        rows = [row for rows in self.deal.notices[link.notice].heard.values() for row in rows]
        same = any(told.event == SAME for row in rows for told in row.do)
        data = realise(edge.event, edge.choice, order)
        if link.relays == "invoice":
            waiting = sum(each.value for each in order.outputs if not each.accepted)
            value = data.get("value", waiting)
            return Letter(link.id, edge.event if same else "", (("value", value),))
        if link.relays == "data" or same:
            return Letter(link.id, edge.event if same else "", tuple(sorted(data.items())))
        return Letter(link.id)

    def send(self, state: State, sender: str, receiver: str, letter: Letter) -> State | None:
        way = self.deal.channels.index((sender, receiver))
        box = state.boxes[way]
        link = next(each for each in self.deal.links if each.id == letter.link)
        alike = sum(each.link == link.id for each in box)
        if len(box) >= self.deal.mailbox or (link.at_most and alike >= link.at_most):
            return None
        return state._replace(boxes=put(state.boxes, way, (*box, letter)))

    def deliveries(self, state: State, way: tuple[str, str]) -> Iterator[tuple[State, bool, bool]]:
        """(state after, it takes no time, all is as it should be) of what can become of news."""
        number = self.deal.channels.index(way)
        box, faults = state.boxes[number], self.faults
        may = not faults.counted or state.faults < faults.most
        wrong = state._replace(faults=state.faults + 1) if faults.counted else state
        ready, held = 0, False
        for at, letter in enumerate(box):
            boxes = put(state.boxes, number, (*box[:at], *box[at + 1 :]))
            if may and faults.lost and not letter.copy:
                yield wrong._replace(boxes=boxes), False, False
            if held or self.waits(state, way, letter):
                continue
            after = self.hear(state._replace(boxes=boxes), way, letter)
            if after is None:  # no room for its news
                held = True
                continue
            link = next(each for each in self.deal.links if each.id == letter.link)
            if ready == 0:
                yield after, self.deal.instant or not link.delay, True
                if may and faults.doubled and not letter.copy:
                    again = (*box[:at], letter._replace(copy=True), *box[at + 1 :])
                    boxes = put(state.boxes, number, again)
                    twice = self.hear(wrong._replace(boxes=boxes), way, letter)
                    assert twice is not None
                    yield twice, False, False
            elif may and faults.reordered:
                yield after._replace(faults=wrong.faults), False, False
            ready += 1

    def notice(self, letter: Letter) -> str:
        return next(each.notice for each in self.deal.links if each.id == letter.link)

    def dismissed(self, state: State, upper: str, lower: str) -> bool:
        below = self.deal.lower(upper)
        if not any(each.joins for each in below):
            return False
        phase = state.phases[self.deal.names.index(upper)]
        return lower in {each.name for each in below[:phase]}

    def waits(self, state: State, way: tuple[str, str], letter: Letter) -> bool:
        sender, name = way
        waits = self.deal.notices[self.notice(letter)].waits
        kept = waits.get(self.deal.participant[name].family, frozenset())
        return self.status(state, name) in kept and not self.dismissed(state, name, sender)

    def hear(self, state: State, way: tuple[str, str], letter: Letter) -> State | None:
        """After a delivery, None when there is no room for its news."""
        sender, name = way
        who, here = self.deal.participant[name], self.status(state, name)
        if self.dismissed(state, name, sender):
            return state
        rows = self.deal.notices[self.notice(letter)].heard.get(who.family, ())
        for row in rows:
            if here in row.statuses and (row.needs is None or self.another(state, name)):
                break
        else:
            return state
        numbered = [each for each in row.do if each.event in NUMBERED]
        if letter.copy and RELAYED in {each.choice for each in numbered}:
            return state  # an invoice of this number is there
        answer, first = row.answer, True
        for told in row.do:
            relayed = told.event == SAME or told.choice == RELAYED
            event = letter.event if told.event == SAME else told.event
            edge = self.step(state, who, event, None if relayed else told.choice, letter)
            if edge is None:
                answer = row.refused if first else ""
                break
            after = self.take(state, who, edge, echo=sender)
            if after is None:
                return None
            state, first = after, False
        if answer:
            link = next(each for each in self.deal.links if each.notice == answer)
            return self.send(state, name, sender, Letter(link.id))
        return state

    def another(self, state: State, name: str) -> bool:
        lower = self.deal.lower(name)
        phase = state.phases[self.deal.names.index(name)]
        return any(each.joins for each in lower) and phase + 1 < len(lower)

    def step(
        self, state: State, who: Participant, event: str, choice: str | None, letter: Letter
    ) -> Edge | None:
        """The step that news makes happen; *choice* is None when its data came along."""
        space, place = self.spaces[who.name], state.places[self.deal.names.index(who.name)]
        for edge in space.out[place]:
            if edge.event != event or not self.kept(who, edge):
                continue
            order = space.orders[place]
            if choice is not None:
                fits = choice in {"", edge.choice}
            elif letter.data and letter.data[0][0] == "value":
                fits = self.amount_fits(edge, order, letter.data[0][1])
            else:
                data = realise(edge.event, edge.choice, order)
                fits = all(data.get(key) == value for key, value in letter.data)
            if fits:
                return edge
        return None

    def amount_fits(self, edge: Edge, order: Order, amount: object) -> bool:
        """Whether the choice of *edge* stands for so much of what *order* has left."""
        assert isinstance(amount, int)
        back = sum(each.value for each in order.invoices if each.kind == "Input")
        billed = sum(each.value for each in order.invoices if each.kind == "Output")
        left = billed - back if edge.event == "add_return_invoice" else order.value - billed
        kinds = {"part": amount < left, "rest": amount == left, "over": amount > left}
        return kinds.get(edge.choice, False)

    def broken(self, state: State) -> set[tuple[str, str, str]]:
        """(rule, upper, lower) of the properties that do not hold."""
        quiet = not any(state.boxes)
        found = set()
        for lower in self.deal.participants:
            upper, direct = lower, True
            while upper.below:
                upper = self.deal.participant[upper.below]
                numbers = [self.deal.names.index(each.name) for each in (upper, lower)]
                above, below = (
                    self.spaces[each.name].orders[state.places[number]]
                    for each, number in zip((upper, lower), numbers, strict=True)
                )
                sight = Sight(above, below, self.dismissed(state, upper.name, lower.name))
                for each in PROPERTIES:
                    asked = upper.family in each.above and lower.family in each.below
                    near = not upper.below if each.top else direct
                    if asked and near and (quiet or not each.quiet) and each.broken(sight):
                        found.add((each.rule, upper.name, lower.name))
                direct = False
        return found

    def stuck(self) -> int | None:
        """Steps to the nearest state from which not every document can end."""
        back: dict[State, list[State]] = {}
        good = []
        for state in self.distance:
            for after in self.after(state):
                back.setdefault(after, []).append(state)
            if all(
                self.status(state, each.name) in {ABSENT, *each.flow.final}
                for each in self.deal.participants
            ):
                good.append(state)
        ends = set(good)
        for state in good:
            for before in back.get(state, ()):
                if before not in ends:
                    ends.add(before)
                    good.append(before)
        return min((far for state, far in self.distance.items() if state not in ends), default=None)
