"""Histories of whole sales, from one seed.

Somebody acts when it is their turn: what the happy paths need, now and then something else. Until
then time passes, so that messages arrive and time limits are over on the way. How often something
else happens differs from sale to sale: most run smoothly, in some nearly everything goes wrong.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from random import Random
from typing import NamedTuple

from orderflow.flows.deal import Deal
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealSimulator, deal_plans
from orderflow.simulator.history import deal_lines
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

COLUMNS = (
    *("deal_id", "participant", "order_id", "seq", "at", "flow", "status", "event", "actor"),
    *("from", "transition", "cause", "value", "invoice"),
)
"""Columns of the CSV form, in order; a cell is empty where the JSON form has nothing or null."""

_MOODS = (0.0, 0.0, 0.02, 0.02, 0.06, 0.3)
"""Chance that somebody does something else than the happy path asks for, one for each kind of
sale: a sandbox choice."""

_GOES_ON = 0.4
"""Chance that something more happens once every document has ended."""

_PART, _WHOLE = 1, 3
"""How often a seller bills a part of an order, and how often all that is left."""

_CHANGES = 12
"""How often a seller drops out, and another one takes over, where one waits for that."""

_CHANGES_MIND = 8
"""How often a shopper wants to cancel."""

_PATIENCE_MS = 3_600_000
"""For what comes by itself in this time everybody waits."""

_MOST_ACTS = 200
"""A sale is cut off here; chance makes longer ones practically impossible."""

_MOST_TRIES = 40
"""Acts that may be refused in a row before time passes instead."""

_MEAN_MS = {
    "platform": 800,
    "checkout": 1_000,
    "gateway": 3_000,
    "marketplace": 60_000,
    "shopper": 600_000,
    "picking": 3_600_000,
    "seller": 7_200_000,
    "carrier": 43_200_000,
    "support": 86_400_000,
}
"""How long each actor takes on average: a sandbox choice, as for single orders."""

_MACHINES = frozenset({"platform", "checkout", "gateway"})
"""Actors that act without being asked."""

_BETWEEN_SALES_MS = 1_000
_LEAST_VALUE, _VALUES = 10_000, 490_000


class _Choice(NamedTuple):
    """Something a participant may do.

    Attributes:
        participant: Who.
        event: What.
        choice: Data it comes with, see :mod:`orderflow.simulator.choices`.
        usual: The happy path asks for it, or it belongs to a module that is switched on; where
            there is nothing like that, the platform does it.
        automatic: The platform does it by itself.
        weight: How often it is done, compared with others of its kind.
        mean: How long whoever does it takes on average, in ms.
    """

    participant: str
    event: str
    choice: str
    usual: bool
    automatic: bool
    weight: int
    mean: int


class DealWalk:
    """Draws sales of one deal.

    Args:
        deal: One profile of a deal.
        seed: Decides everything.
        settings: Time limits.
    """

    def __init__(self, deal: Deal, seed: int, settings: Settings) -> None:
        self.deal, self.settings = deal, settings
        self._random = Random(seed)
        self._plans = deal_plans(deal, settings)
        self._joins = frozenset(each.joins for each in deal.participants if each.joins)
        self._happy = {
            each.flow.name: frozenset(pairwise((ABSENT, *each.flow.happy_path)))
            for each in deal.participants
        }

    def sales(self, count: int) -> Iterator[DealSimulator]:
        """Draw *count* sales, one after the other, in constant memory."""
        for number in range(1, count + 1):
            value = _LEAST_VALUE + self._random.randrange(_VALUES)
            sale = DealSimulator(
                self.deal,
                settings=self.settings,
                items=(Item("item-1", 1, value),),
                now=START + number * _BETWEEN_SALES_MS,
                plans=self._plans,
                deal_id=f"s{number:08}",
            )
            self._live(sale, self._random.choice(_MOODS))
            yield sale

    def _live(self, sale: DealSimulator, mood: float) -> None:
        """Let everybody act until all documents have ended, or nobody can do anything."""
        for _ in range(_MOST_ACTS):
            over = self._is_over(sale)
            if over and self._random.random() >= _GOES_ON:
                return
            if not self._act(sale, 1.0 if over else mood) and not _wait(sale):
                return

    def _is_over(self, sale: DealSimulator) -> bool:
        """Whether every document that was placed has ended, and all have heard of it."""
        if sale.mailbox or not sale.events:
            return False
        placed = ((n, s) for n, s in sale.statuses.items() if s != ABSENT)
        return all(s in self.deal.participant[name].flow.final for name, s in placed)

    def _act(self, sale: DealSimulator, mood: float) -> bool:
        """Do something, or let happen what comes before; return whether there was anything."""
        open_choices = self._choices(sale)
        for _ in range(_MOST_TRIES):
            due = sale.next_due()
            patient = due is not None and due - sale.now <= _PATIENCE_MS
            chosen = self._drawn(open_choices, mood, patient=patient)
            if chosen is None:
                return False
            at = sale.now + int(chosen.mean * (0.2 + 1.6 * self._random.random()))
            if due is not None and due <= at:
                sale.advance(due - sale.now)
                return True
            if self._done(sale, chosen, at):
                return True
            open_choices.remove(chosen)
        return False

    def _drawn(self, found: list[_Choice], mood: float, *, patient: bool) -> _Choice | None:
        """Draw what is done next; None when nobody wants to do anything but wait."""
        usual = [each for each in found if each.usual]
        other = [each for each in found if not each.usual]
        strays = bool(other) and self._random.random() < mood
        kind = other if strays or not (usual or patient) else usual
        if not kind:
            return None
        return self._random.choices(kind, [each.weight for each in kind])[0]

    def _done(self, sale: DealSimulator, chosen: _Choice, at: int) -> bool:
        """Let time pass until *at* and do it; return whether it was allowed."""
        order = sale.simulators[chosen.participant].order
        data = realise(chosen.event, chosen.choice, order, self._random.randint)
        if at > sale.now:
            sale.advance(at - sale.now)
        return not isinstance(sale.attempt(chosen.participant, chosen.event, data), Refused)

    def _choices(self, sale: DealSimulator) -> list[_Choice]:
        """Everything that somebody may do now, as far as can be seen without trying."""
        found: list[_Choice] = []
        for name in self.deal.names:
            ways = [each for event in sale.accepts(name) for each in self._ways(sale, name, event)]
            if not any(each.usual for each in ways):
                ways = [each._replace(usual=each.automatic) for each in ways]
            found += ways
        return found

    def _ways(self, sale: DealSimulator, name: str, event: str) -> Iterator[_Choice]:
        """What *event* may come with; none for what only time brings about."""
        document = sale.simulators[name]
        branches = document.plan.branches[document.status, event]
        if all(branch.wait is not None for branch in branches):
            return
        steps = [branch.step for branch in branches]
        happy = self._happy[document.flow.name]
        usual = any((step.source, step.target) in happy or step.module for step in steps)
        automatic = any(step.automatic and step.actors[0] in _MACHINES for step in steps)
        offered = [each for each in choices(event, document.order) if each != "over"]
        offered = [each for each in offered if each != NONE] or offered
        for place, choice in enumerate(offered):
            billed = choice in {"part", "rest"}
            first = billed or place == 0
            mean = _MEAN_MS.get("seller" if billed else steps[0].actors[0], 0)
            weight = self._weight(event, choice)
            yield _Choice(name, event, choice, usual and first, automatic and first, weight, mean)

    def _weight(self, event: str, choice: str) -> int:
        changes = event in self._joins or (bool(self._joins) and choice == "other")
        usual = _CHANGES_MIND if event == "request_cancel" else _WHOLE
        return _CHANGES if changes else _PART if choice == "part" else usual


def _wait(sale: DealSimulator) -> bool:
    """Let time pass until something happens by itself; return whether anything does."""
    due = sale.next_due()
    if due is None:
        return False
    sale.advance(due - sale.now)
    return True


def deal_csv(sales: Iterable[DealSimulator]) -> Iterator[str]:
    """RFC 4180 with a header line; lines end in a line feed."""
    yield ",".join(COLUMNS) + "\n"
    for line in deal_lines(sales):
        fields: Mapping[str, object] = json.loads(line)
        cells = (fields.get(name) for name in COLUMNS)
        row = io.StringIO()
        csv.writer(row, lineterminator="\n").writerow("" if c is None else c for c in cells)
        yield row.getvalue()
