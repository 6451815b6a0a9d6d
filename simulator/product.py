"""All configurations of a whole deal as integers, and the steps between them.

A *configuration* of a deal is where each document stands (a configuration of its own flow, see
:mod:`orderflow.simulator.space`), which messages are under way, and who handles the order now.
Each is one integer made of bit fields, so that a search is a loop over integers: what a
participant can do depends only on the few fields it can see, so it is looked up by them, and its
steps add a number that does not depend on the others.

Data is abstracted as the spaces do it: an amount is a part of what is left, the rest of it, or
more; a modification changes nothing that is told apart here, so what the amounts come to once news
of one was lost or overtaken is left to random runs. A time limit is over or it is not, at
any moment. Only one that waits for somebody's answer is not over while that one may still give it,
whose own limit began earlier, or while a message can be delivered, which takes seconds where the
limit is days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orderflow.flows.deal import Deal, Link
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings
from orderflow.simulator.loners import loners
from orderflow.simulator.part import Outcome, Part, Symbol, world_of
from orderflow.simulator.seat import Arrivals, Debt, Field, Move, Row, Seat, Table
from orderflow.simulator.space import Space, search
from orderflow.simulator.words import (
    DOUBLED,
    LOST,
    MOST_WORDS,
    NO_FAULTS,
    Faults,
    ProductError,
    Step,
    Word,
    Words,
)

__all__ = ["NO_FAULTS", "Faults", "Product", "ProductError", "Seat", "Step"]


class Product:
    """The configurations of one deal and the steps between them.

    Args:
        deal: One profile of a deal.
        settings: Where the timers find their length.
        faults: What may go wrong.
        spaces: Spaces by participant, to save searching them again.
        sliced: Leave out what happens to an order after its last status: packages and returns.
        whole: Look at the orders of a group together even where each goes its way alone.
        prompt: News is faster than any time limit: none is over while a message can be delivered.
            Every way through these configurations can be played; what they leave out is that news
            comes in the very second in which a limit ends.

    Attributes:
        seats: The participants.
        start: The configuration in which nothing has been placed.
        traffic: Bits that are 0 when no message is under way.
        places: Bits that say where the documents stand.

    Raises:
        SpaceError: The configurations of one of the flows cannot be searched.
    """

    def __init__(  # noqa: PLR0913  # all but the deal and its settings have defaults
        self,
        deal: Deal,
        settings: Settings,
        *,
        faults: Faults = NO_FAULTS,
        spaces: Mapping[str, Space] | None = None,
        sliced: bool = False,
        whole: bool = False,
        prompt: bool = False,
    ) -> None:
        self.deal, self.faults, self.prompt = deal, faults, prompt
        self.world = world_of(
            deal, settings, without=faults.links, broken=faults.steps, sliced=sliced
        )
        self.words = Words(deal, self.world.links)
        self._used = 0
        self.seats = self._seated(settings, spaces or {})
        self.boxes = tuple(self._field(MOST_WORDS) for _ in self.world.channels)
        self._trouble = self._field(faults.most + 1) if faults.counted else Field(0, 0)
        self._one_more = 1 << self._trouble.shift if faults.counted else 0
        self.traffic = sum(box.bits for box in self.boxes)
        self._quick = _is_quick(self.world.links, settings) and not deal.instant
        self.places = sum(seat.place.bits for seat in self.seats)
        self.own = tuple(Table(seat, seat.mask) for seat in self.seats)
        self.inboxes = tuple(self._inboxes())
        self._loners = () if whole else tuple(loners(self.seats, self.boxes))
        self.start = 0

    def _field(self, values: int) -> Field:
        """Room for a number below *values*."""
        width = max(1, (values - 1).bit_length())
        found = Field(self._used, (1 << width) - 1)
        self._used += width
        return found

    def _seated(self, settings: Settings, spaces: Mapping[str, Space]) -> tuple[Seat, ...]:
        known: dict[object, Space] = {}
        found = []
        for number, who in enumerate(self.deal.participants):
            flow = who.flow
            more = ("paid",) if self.deal.lower(who.name) else ()
            key = (flow.name, flow.digest, flow.profile, flow.modules, more)
            space = spaces.get(who.name) or known.get(key) or search(flow, settings, more=more)
            known[key] = space
            part = Part(number, space, self.world)
            place = self._field(len(space.orders) + 1)
            found.append(Seat(part, place, self._field(len(part.lower)) if part.joins else None))
        return tuple(found)

    def _inboxes(self) -> Iterator[Table]:
        for seat in self.seats:
            for channel in seat.part.inbox:
                bits = self.boxes[channel].bits
                yield Table(seat, seat.mask | bits | self._trouble.bits, channel, bits)

    def deltas(self, code: int) -> list[int]:
        """What to add to a configuration to get to each of those that follow it."""
        if self._loners and (halves := self.apart(code)):
            return [half - code for half in halves]
        found: list[int] = []
        busy, swift = False, self.prompt
        if code & self.traffic:
            urgent: list[int] = []
            for table in self.inboxes:
                if not code & table.bits:
                    continue
                row = table.rows.get(code & table.mask) or self._row(table, code)
                arrivals = row.arrivals.get(code & row.needs) or self._arrivals(row, code)
                moves, prompt, waits = arrivals
                found += moves
                urgent += prompt
                busy = busy or waits
            if urgent:
                return urgent
        for table in self.own:
            row = table.rows.get(code & table.mask) or self._row(table, code)
            views = row.calm if (swift or row.debts) and (busy or row.owed(code)) else row.late
            view = views.get(code & row.needs)
            if view is None:
                view = self._view(row, views, code)
            found += view
        return found

    def _row(self, table: Table, code: int) -> Row:
        seat, seen = table.seat, code & table.mask
        if table.bits:
            row = Row(tuple(self._news(seat, table.channel, seen)))
        else:
            row = Row(tuple(self._acts(seat, seen)), self._debts(seat, seat.place.of(seen)))
        table.rows[seen] = row
        return row

    def _view(self, row: Row, views: dict[int, tuple[int, ...]], code: int) -> tuple[int, ...]:
        late = views is row.late
        told = self._told(row, code)
        view = tuple(delta for move, delta in told if late or not move.step.timed)
        views[code & row.needs] = view
        return view

    def _arrivals(self, row: Row, code: int) -> Arrivals:
        told = tuple(self._told(row, code))
        found = row.arrivals[code & row.needs] = Arrivals(
            tuple(delta for move, delta in told if not move.urgent),
            tuple(delta for move, delta in told if move.urgent),
            not self.faults.delayed and any(move.step.regular for move, _ in told),
        )
        return found

    def _told(self, row: Row, code: int) -> Iterator[tuple[Move, int]]:
        """What of a row there is room for, and what it adds to *code*.

        A message whose news has no room holds up those behind it.
        """
        held = False
        for move in row.moves:
            if held and move.step.fate != LOST:
                continue
            delta = self._room(move, code)
            if delta is not None:
                yield move, delta
            else:
                held = bool(move.step.sender)

    def _room(self, move: Move, code: int) -> int | None:
        """What a move adds with its news, None when there is no room for it."""
        news = 0
        for box, symbol in move.sent:
            word = box.of(code + news)
            new = self.words.push(word, symbol)
            if new < 0:
                return None
            news += (new - word) << box.shift
        return move.delta + news

    def _acts(self, seat: Seat, code: int) -> Iterator[Move]:
        """What the participant of *seat* can do by itself."""
        part = seat.part
        here = seat.here(code)
        for outcome in (*part.acts(*here), *part.limits(*here)):
            if outcome.edge is not None:
                edge = outcome.edge
                step = Step(
                    part.who.name, edge.event, edge.choice, taken=outcome.taken, timed=edge.timed
                )
                yield Move(step, seat.to(code, outcome), self._sent(outcome))

    def _sent(self, outcome: Outcome) -> tuple[tuple[Field, Symbol], ...]:
        return tuple((self.boxes[channel], symbol) for channel, symbol in outcome.sent)

    def _news(self, seat: Seat, channel: int, code: int) -> Iterator[Move]:
        """What the messages of one mailbox can do, oldest first."""
        faults, part = self.faults, seat.part
        may = not faults.counted or self._trouble.of(code) < faults.most
        word = self.words.contents[self.boxes[channel].of(code)]
        base = Step(part.who.name, sender=self.deal.names[self.world.channels[channel][0]])
        ready = 0
        for place, symbol in enumerate(word):
            if may and faults.lost and not symbol.copy:
                lost = base._replace(place=place, ready=-1, fate=LOST)
                yield Move(lost, self._without(channel, word, place) + self._one_more)
            outcome = part.hear(*seat.here(code), channel, symbol)
            if outcome is None:
                continue
            step = base._replace(place=place, ready=ready, taken=outcome.taken)
            if not ready or (may and faults.reordered):
                yield self._heard(seat, channel, code, outcome, step)
            if not ready and may and faults.doubled and not symbol.copy:
                yield self._heard(seat, channel, code, outcome, step._replace(fate=DOUBLED))
            ready += 1

    def _heard(self, seat: Seat, channel: int, code: int, outcome: Outcome, step: Step) -> Move:
        """A delivery of the message that *step* names."""
        word = self.words.contents[self.boxes[channel].of(code)]
        delta = seat.to(code, outcome) + (0 if step.regular else self._one_more)
        delta += self._without(channel, word, step.place, copy=step.fate == DOUBLED)
        prompt = self.deal.instant or not self.world.links[word[step.place].link].delay
        return Move(step, delta, self._sent(outcome), prompt and step.regular)

    def _without(self, channel: int, word: Word, place: int, *, copy: bool = False) -> int:
        """What to add to take a message out of its mailbox, or leave a copy in its stead."""
        left = (word[place]._replace(copy=True),) if copy else ()
        new = self.words.number((*word[:place], *left, *word[place + 1 :]))
        return (new - self.words.number(word)) << self.boxes[channel].shift

    def _debts(self, seat: Seat, place: int) -> tuple[Debt, ...]:
        """Where others owe the answer that a time limit at *place* waits for.

        The limit of the one below began earlier, so it is over earlier, too.
        """
        if self.faults.delayed or not self._quick:
            return ()
        part = seat.part
        timers = part.space.plan.flow.timers
        after = {timer.after for timer in timers if timer.state == part.statuses[place]}
        answers = (link.answer for link in self.world.links if link.answer)
        owing = {name for each in answers if each.within in after for name in each.statuses}
        found = []
        for lower in (self.seats[number] for number in part.lower if owing):
            places = (n for n, status in enumerate(lower.part.statuses) if status in owing)
            found.append((lower.place.bits, frozenset(n << lower.place.shift for n in places)))
        return tuple(found)

    def steps(self, code: int) -> Iterator[tuple[Step, int]]:
        """Every step out of a configuration, told in full, and where it leads."""
        told: list[tuple[Move, int]] = []
        for table in self.inboxes:
            if code & table.bits:
                row = table.rows.get(code & table.mask) or self._row(table, code)
                told += self._told(row, code)
        if any(move.urgent for move, _ in told):
            yield from ((move.step, code + delta) for move, delta in told if move.urgent)
            return
        yield from ((move.step, code + delta) for move, delta in told)
        busy = not self.faults.delayed and any(move.step.regular for move, _ in told)
        for table in self.own:
            row = table.rows.get(code & table.mask) or self._row(table, code)
            calm = (self.prompt or bool(row.debts)) and (busy or row.owed(code))
            for move, delta in self._told(row, code):
                if not (calm and move.step.timed):
                    yield move.step, code + delta

    def fired(self) -> frozenset[tuple[str, str]]:
        """(participant, transition id) of the transitions that :meth:`deltas` led along."""
        found: set[tuple[str, str]] = set()
        for table in (*self.own, *self.inboxes):
            name = table.seat.part.who.name
            for row in table.rows.values():
                for views in (row.calm, row.late, row.arrivals):
                    for seen in views:
                        for move, _ in self._told(row, seen):
                            if views is not row.calm or not move.step.timed:
                                found.update((name, each) for each in move.step.taken)
        return frozenset(found)

    def apart(self, code: int) -> tuple[int, ...]:
        """Configurations that say together what *code* says, () when it cannot be taken apart.

        An order that can neither make news for its group nor heed any goes its way alone: it is
        looked at without the others, and the others without it; what it has said to them may
        still be under way.
        """
        for bits, places, others, left, own, rest, gone in self._loners:
            if code & bits in places and code & others != left:
                return code & own | left, code & rest | gone
        return ()

    def statuses(self, code: int) -> tuple[str, ...]:
        """Status of each participant in a configuration."""
        return tuple(seat.part.statuses[seat.place.of(code)] for seat in self.seats)

    def faults_in(self, code: int) -> int:
        """How many messages were lost, doubled or reordered so far, as far as that is counted."""
        return self._trouble.of(code)

    def over(self, code: int) -> bool:
        """Whether every document has ended, or was never placed."""
        for seat in self.seats:
            status = seat.part.statuses[seat.place.of(code)]
            if status != ABSENT and status not in seat.part.space.plan.flow.final:
                return False
        return True


def _is_quick(links: Iterable[Link], settings: Settings) -> bool:
    """Whether news travels equally fast, and much faster than any answer takes.

    Only then is the time limit of the one who has to answer over before that of the one who waits.
    """
    sent = [link for link in links if link.notice]
    delays = {settings.milliseconds(link.delay) for link in sent if link.delay}
    limits = {settings.milliseconds(link.answer.within) for link in sent if link.answer}
    return len(delays) <= 1 and 2 * max(delays, default=0) < min(limits, default=0)
