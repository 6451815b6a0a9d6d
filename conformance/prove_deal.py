"""Exhaustive search of a whole deal: every configuration its documents can get into together.

What the search of one flow shows of each document alone holds for it in a deal as well, for a
deal takes no step that the flow does not have. Here it is asked what one document knows of the
other: the cross-flow rules, that nothing comes to a standstill, and that every document can
still end.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from orderflow.conformance.deal_properties import PROPERTIES, Property, Sight
from orderflow.flows.deal import Deal
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings
from orderflow.simulator.product import NO_FAULTS, Faults, Product, Seat, Step
from orderflow.simulator.space import Space

MOST_CONFIGURATIONS = 1_500_000
"""Configurations after which a search stops and says that it is not complete."""

STANDSTILL = "I-10"
"""Invariant that a final status can always be reached."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A shortest way to something that is wrong between the documents of a sale.

    Attributes:
        rule: Rule or invariant that breaks there.
        upper: The upper document, empty where it concerns all of them.
        lower: The lower document, empty where it concerns all of them.
        statuses: Status of each participant there.
        steps: What to do to see it.
    """

    rule: str
    upper: str
    lower: str
    statuses: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DealSearch:
    """What an exhaustive search of a deal found.

    Attributes:
        configurations: Configurations visited.
        edges: Steps between them.
        depth: Steps to the farthest one.
        complete: Nothing was left out.
        fired: (participant, transition id) of the transitions taken.
        divergences: Shortest first, one for each rule and pair of documents.
        properties: Ids of the properties that were asked.
    """

    configurations: int
    edges: int
    depth: int
    complete: bool
    fired: frozenset[tuple[str, str]]
    divergences: tuple[Divergence, ...]
    properties: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found and nothing was left out."""
        return self.complete and not self.divergences


@dataclass(slots=True)
class _Pair:
    """Two participants and what must hold for them.

    Attributes:
        upper: The upper one.
        lower: The lower one.
        properties: What must hold.
        mask: Bits that decide it.
        known: By those bits, rules broken always, and those broken when nothing is under way.
    """

    upper: Seat
    lower: Seat
    properties: tuple[Property, ...]
    mask: int
    known: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    def judged(self, seen: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rules that are broken, by whether a message under way may mend it."""
        upper, lower = self.upper, self.lower
        places = upper.place.of(seen), lower.place.of(seen)
        if places[0] == upper.part.gone or places[1] == lower.part.gone:
            return (), ()
        former = upper.part.lower[: upper.phase_of(seen)] if upper.part.joins else ()
        sight = Sight(
            upper.part.space.orders[places[0]],
            lower.part.space.orders[places[1]],
            lower.part.number in former,
        )
        broken = [each for each in self.properties if each.broken(sight)]
        return (
            tuple(each.rule for each in broken if not each.quiet),
            tuple(each.rule for each in broken if each.quiet),
        )


def _pairs(product: Product) -> Iterator[_Pair]:
    seats = product.seats
    for lower in seats:
        upper = lower
        direct = True
        while upper.part.upper >= 0:
            upper = seats[upper.part.upper]
            top = upper.part.upper < 0
            kept = tuple(
                each
                for each in PROPERTIES
                if upper.part.who.family in each.above
                and lower.part.who.family in each.below
                and (top if each.top else direct)
            )
            if kept:
                mask = upper.place.bits | lower.place.bits
                mask |= upper.phase.bits if upper.phase else 0
                yield _Pair(upper, lower, kept, mask)
            direct = False


class _Search:
    """The state of one search."""

    def __init__(self, product: Product, limit: int) -> None:
        self.product, self.limit = product, limit
        self.codes = [product.start]
        self.numbers = {product.start: 0}
        self.parents = array("l", [-1])
        self.targets = array("L")
        self.ends = array("L")
        self.pairs = tuple(_pairs(product))
        self.found: dict[tuple[str, str, str], int] = {}
        self.complete = True
        self.grouped = any(seat.part.beside for seat in product.seats)

    def run(self) -> None:
        """Visit everything, nearest first."""
        codes, numbers, parents = self.codes, self.numbers, self.parents
        targets, ends, traffic = self.targets, self.ends, self.product.traffic
        tables = [(seat.mask, seat.views, seat) for seat in self.product.seats]
        judged = [(pair.mask, pair.known, pair) for pair in self.pairs]
        view_of, grouped, limit = self.product.view, self.grouped, self.limit
        at = 0
        while at < len(codes):
            code = codes[at]
            for mask, known, pair in judged:
                seen = code & mask
                verdict = known.get(seen)
                if verdict is None:
                    verdict = known[seen] = pair.judged(seen)
                if verdict[0] or (verdict[1] and not code & traffic):
                    self._note(at, pair, verdict, quiet=not code & traffic)
            deltas: list[int] = []
            urgent: list[int] = []
            timers: list[int] = []
            busy = False
            for mask, views, seat in tables:
                seen = code & mask
                view = views.get(seen)
                if view is None:
                    view = views[seen] = view_of(seat, seen)
                moves, limits, guarded, prompt, waits = view
                deltas += moves
                if prompt:
                    urgent += prompt
                if waits:
                    busy = True
                elif not busy:
                    timers += limits
                    for debts, delta in guarded:
                        if all(code & owing not in places for owing, places in debts):
                            timers.append(delta)
            if urgent:
                deltas = urgent
            elif not busy:
                deltas += timers
            if grouped and (apart := self.product.apart(code)):
                deltas = [each - code for each in apart]
            for delta in deltas:
                target = code + delta
                number = numbers.get(target)
                if number is None:
                    number = numbers[target] = len(codes)
                    codes.append(target)
                    parents.append(at)
                targets.append(number)
            ends.append(len(targets))
            at += 1
            if len(codes) > limit:
                self.complete = False
                return

    def _note(
        self, at: int, pair: _Pair, verdict: tuple[tuple[str, ...], tuple[str, ...]], *, quiet: bool
    ) -> None:
        for rule in (*verdict[0], *(verdict[1] if quiet else ())):
            key = (rule, pair.upper.part.who.name, pair.lower.part.who.name)
            self.found.setdefault(key, at)

    def stuck(self) -> int | None:
        """The nearest configuration from which not every document can end, None when there is none.

        A configuration that was taken apart ends when both its halves do.
        """
        product, targets, ends = self.product, self.targets, self.ends
        good = bytearray(product.over(code) for code in self.codes)
        changed = True
        while changed:
            changed = False
            for number in range(len(ends) - 1, -1, -1):
                if good[number]:
                    continue
                start = ends[number - 1] if number else 0
                if any(good[targets[place]] for place in range(start, ends[number])):
                    good[number] = changed = True
        bad = good.find(0)
        return None if bad < 0 else bad

    def depth(self) -> int:
        """Steps to the farthest configuration."""
        deep, number = 0, len(self.codes) - 1
        while self.parents[number] >= 0:
            number, deep = self.parents[number], deep + 1
        return deep

    def way(self, number: int) -> tuple[Step, ...]:
        """The steps of a shortest way to a configuration."""
        steps: list[Step] = []
        while self.parents[number] >= 0:
            before = self.parents[number]
            wanted = self.codes[number]
            for step, after in self.product.steps(self.codes[before]):
                if after == wanted:
                    steps.append(step)
                    break
            number = before
        return tuple(reversed(steps))


def prove_deal(
    deal: Deal,
    settings: Settings,
    *,
    faults: Faults = NO_FAULTS,
    spaces: Mapping[str, Space] | None = None,
    sliced: bool | None = None,
    limit: int = MOST_CONFIGURATIONS,
) -> DealSearch:
    """Search every configuration of a deal.

    Args:
        deal: One profile of a deal.
        settings: Time limits.
        faults: What may go wrong.
        spaces: Spaces of the flows by participant.
        sliced: Leave out what happens to an order after its last status; by default where there
            are more than two documents.
        limit: Configurations after which to stop.
    """
    thin = len(deal.participants) > 2 if sliced is None else sliced  # noqa: PLR2004
    product = Product(deal, settings, faults=faults, spaces=spaces, sliced=thin)
    search = _Search(product, limit)
    search.run()
    found = dict(search.found)
    stuck = search.stuck() if search.complete else None
    if stuck is not None:
        found[STANDSTILL, "", ""] = stuck
    return DealSearch(
        configurations=len(search.codes),
        edges=len(search.targets),
        depth=search.depth(),
        complete=search.complete,
        fired=_fired(product),
        divergences=tuple(
            Divergence(*key, product.statuses(search.codes[at]), search.way(at))
            for key, at in sorted(found.items(), key=lambda item: item[1])
        ),
        properties=tuple(
            dict.fromkeys(each.rule for pair in search.pairs for each in pair.properties)
        ),
    )


def _fired(product: Product) -> frozenset[tuple[str, str]]:
    """Transitions that some visited configuration takes."""
    found: set[tuple[str, str]] = set()
    for seat in product.seats:
        for seen in seat.views:
            if seat.place.of(seen) == seat.part.gone:
                continue
            here = (seat.place.of(seen), seat.phase_of(seen))
            for outcome in (*seat.part.acts(*here), *seat.part.limits(*here)):
                found.update((seat.part.who.name, name) for name in outcome.taken)
        for outcome in seat.part.heard():
            found.update((seat.part.who.name, name) for name in outcome.taken)
    return frozenset(found)
