"""The search through all configurations of a deal, nearest first, and what is asked of each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from orderflow.conformance.deal_properties import PROPERTIES, Property, Sight
from orderflow.flows.model import ABSENT
from orderflow.simulator.product import Product, Seat, Step

MOST_CONFIGURATIONS = 1_500_000
"""Configurations after which a search stops and says that it is not complete."""

_TOLD_EVERY = 100_000
"""Configurations after which a search says how far it is."""


_SOON = 10_000
"""Configurations after which it is no longer worth asking of one alone whether it can end."""


@dataclass(slots=True)
class _Pair:
    """Two participants and what must hold for them.

    Attributes:
        upper: The upper one.
        lower: The lower one.
        properties: What must hold.
        mask: Bits that decide it.
        known: By those bits, ids of the rules that are broken.
    """

    upper: Seat
    lower: Seat
    properties: tuple[Property, ...]
    mask: int
    known: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def judged(self, code: int) -> tuple[str, ...]:
        """Rules that are broken."""
        upper, lower = self.upper, self.lower
        (above, phase), (below, _) = upper.here(code), lower.here(code)
        if above == upper.part.gone or below == lower.part.gone:
            broken: tuple[str, ...] = ()
        else:
            former = upper.part.lower[:phase] if upper.part.joins else ()
            orders = upper.part.space.orders[above], lower.part.space.orders[below]
            sight = Sight(*orders, lower.part.number in former)
            broken = tuple(each.rule for each in self.properties if each.broken(sight))
        self.known[code & self.mask] = broken
        return broken


def _pairs(product: Product, *, quiet: bool) -> Iterator[_Pair]:
    """Pairs of which something is asked only when no message is under way, or always."""
    for lower in product.seats:
        upper, direct = lower, True
        while upper.part.upper >= 0:
            upper = product.seats[upper.part.upper]
            top = upper.part.upper < 0
            kept = tuple(
                each
                for each in PROPERTIES
                if each.quiet is quiet
                and upper.part.who.family in each.above
                and lower.part.who.family in each.below
                and (top if each.top else direct)
            )
            if kept:
                yield _Pair(upper, lower, kept, upper.mask | lower.place.bits)
            direct = False


class Search:
    """The state of one search of a deal.

    Args:
        product: The configurations.
        limit: Configurations after which to stop.
        progress: Told now and then how far it is.

    Attributes:
        codes: Configurations visited, nearest first.
        numbers: Where each stands in *codes*.
        complete: Nothing was left out.
        found: By (rule, upper, lower), number of the nearest configuration that breaks it.
    """

    def __init__(
        self,
        product: Product,
        limit: int = MOST_CONFIGURATIONS,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.product, self.limit, self.progress = product, limit, progress
        self.codes = [product.start]
        self.numbers = {product.start: 0}
        self.complete = False
        self.found: dict[tuple[str, str, str], int] = {}
        self._parents = array("I", [0])
        self._targets = array("I")
        self._ends = array("I", [0])
        self._always = tuple(_pairs(product, quiet=False))
        self._quiet = (*self._always, *_pairs(product, quiet=True))

    @property
    def visited(self) -> int:
        """Configurations whose steps were looked at."""
        return len(self._ends) - 1

    @property
    def edges(self) -> int:
        """Steps between the configurations visited."""
        return len(self._targets)

    @property
    def properties(self) -> tuple[str, ...]:
        """Ids of the properties that are asked, in the order of the rules."""
        asked = {each.rule for pair in self._quiet for each in pair.properties}
        return tuple(dict.fromkeys(each.rule for each in PROPERTIES if each.rule in asked))

    def run(self) -> None:
        """Visit everything, nearest first."""
        codes, numbers = self.codes, self.numbers
        reach, came, lead = codes.append, self._parents.append, self._targets.append
        deltas, traffic = self.product.deltas, self.product.traffic
        always, quiet = self._always, self._quiet
        pause = self._pause(0)
        for at, code in enumerate(codes):  # which grows meanwhile
            for pair in always if code & traffic else quiet:
                broken = pair.known.get(code & pair.mask)
                if broken is None:
                    broken = pair.judged(code)
                if broken:
                    self._note(at, pair, broken)
            for delta in deltas(code):
                target = code + delta
                number = numbers.get(target)
                if number is None:
                    number = numbers[target] = len(codes)
                    reach(target)
                    came(at)
                lead(number)
            self._ends.append(len(self._targets))
            if len(codes) > pause:
                if len(codes) > self.limit:
                    break
                pause = self._pause(at + 1)
        self.complete = self.visited == len(codes)

    def _pause(self, done: int) -> int:
        """Say how far it is, and how many configurations may be found until next time."""
        if self.progress and done:
            waiting = len(self.codes) - done
            self.progress(f"{done:,} configurations visited, {waiting:,} waiting")
        return min(self.limit, len(self.codes) + _TOLD_EVERY)

    def _note(self, at: int, pair: _Pair, broken: tuple[str, ...]) -> None:
        for rule in broken:
            key = (rule, pair.upper.part.who.name, pair.lower.part.who.name)
            self.found.setdefault(key, at)

    def stuck(self) -> int | None:
        """The nearest configuration from which not every document can end, None when there is none.

        A configuration that was taken apart can end when both its halves can. A search that is not
        complete cannot tell.
        """
        if not self.complete:
            return None
        good, halved = self._over(), self._halved()
        left = [number for number, ends in enumerate(good) if not ends]
        while left:
            # now from the far end and now from the near one: most ways lead on, but some lead back
            left.reverse()
            waiting = [each for each in left if not self._can_end(each, good, all_=each in halved)]
            nearest = min(waiting, default=-1)
            if waiting and (len(waiting) == len(left) or self._is_doomed(nearest, good)):
                return nearest
            left = waiting
        return None

    def unsold(self) -> Iterator[tuple[str, int]]:
        """Participants that no run leads to success, and where each comes nearest to it.

        Asked of those that nobody is above; the rules see to it that the others follow. A search
        that is not complete cannot tell.
        """
        for seat in self.product.seats if self.complete else ():
            if seat.part.upper >= 0:
                continue
            flow, nearest = seat.part.space.plan.flow, dict[str, int]()
            for number, code in enumerate(self.codes):
                nearest.setdefault(seat.part.statuses[seat.place.of(code)], number)
            if nearest.keys().isdisjoint(flow.success):
                reached = [each for each in (ABSENT, *flow.happy_path) if each in nearest]
                yield seat.part.who.name, nearest[reached[-1]]

    def _over(self) -> bytearray:
        """By configuration, whether all documents have ended."""
        known: dict[int, bool] = {}
        places = self.product.places
        found = bytearray()
        for code in self.codes:
            over = known.get(code & places)
            if over is None:
                over = known[code & places] = self.product.over(code)
            found.append(over)
        return found

    def _halved(self) -> frozenset[int]:
        """Numbers of the configurations that were taken apart."""
        if not any(seat.part.beside for seat in self.product.seats):
            return frozenset()
        apart = self.product.apart
        return frozenset(number for number, code in enumerate(self.codes) if apart(code))

    def _can_end(self, number: int, good: bytearray, *, all_: bool) -> bool:
        """Whether a configuration leads to one that is *good*, or to good ones only."""
        for target in self._targets[self._ends[number] : self._ends[number + 1]]:
            if bool(good[target]) is not all_:
                good[number] = not all_
                return not all_
        good[number] = all_
        return all_

    def _is_doomed(self, number: int, good: bytearray) -> bool:
        """Whether it is seen soon that no way leads from a configuration to a *good* one."""
        seen = {number}
        for at in (queue := [number]):
            for target in self._targets[self._ends[at] : self._ends[at + 1]]:
                if good[target] or len(queue) > _SOON:
                    return False
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return True

    def depth(self) -> int:
        """Steps to the farthest configuration."""
        return len(self._line(len(self.codes) - 1))

    def way(self, number: int) -> tuple[Step, ...]:
        """The steps of a shortest way to a configuration."""
        steps: list[Step] = []
        before = 0
        for at in self._line(number):
            code, wanted = self.codes[before], self.codes[at]
            if wanted not in self.product.apart(code):
                steps.append(next(s for s, after in self.product.steps(code) if after == wanted))
            before = at
        return tuple(steps)

    def _line(self, number: int) -> list[int]:
        """Numbers of the configurations on the way to one, the first left out."""
        line = []
        while number:
            line.append(number)
            number = self._parents[number]
        return line[::-1]
