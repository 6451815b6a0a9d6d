"""Shortest ways through the configurations of a deal: to every transition of every participant."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice

from orderflow.conformance.deal_observe import Ground
from orderflow.flows.model import ABSENT
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.order import Order
from orderflow.simulator.product import Product, Step

Goal = tuple[str, str]
"""A participant, and a transition of its flow by id."""

Way = tuple[Step, ...]

_SPOTS = 8
"""Configurations remembered for each goal: exploration takes one or another."""

_NEAR = 120
"""Configurations that a look around visits."""

_FAR = 4_000
"""Configurations that a search for what happens after the end of an order visits."""

_MOST = 400_000
"""Configurations after which the search of a large deal has seen enough to walk by."""


class Ways:
    """Ways from the beginning of a sale, and from where one stands.

    Args:
        ground: What the sales of the deal share.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground, self.deal = ground, ground.deal
        self._near: dict[int, dict[Goal, Way]] = {}
        self._made: dict[tuple[int, Step], Way] = {}

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """Every transition that some participant can take, as far as is known."""
        return tuple(
            (each.name, step.id)
            for each in self.deal.participants
            for step in each.flow.transitions
            if (each.name, step.id) in self.spots or (each.name, step.id) in self.late
        )

    @cached_property
    def search(self) -> Atlas:
        """Every configuration from the beginning, those of ended orders left out in large deals."""
        large = len(self.deal.participants) > 2  # noqa: PLR2004
        product = Product(
            self.deal, self.ground.settings, spaces=self.ground.spaces, sliced=large, prompt=True
        )
        return Atlas(product, _MOST)

    @cached_property
    def spots(self) -> dict[Goal, tuple[tuple[int, Step], ...]]:
        """By goal, nearest first: number of a configuration and the step out of it."""
        found: dict[Goal, list[tuple[int, Step]]] = {}
        news, product = _News(self.search.product), self.search.product
        for number, code in enumerate(self.search.codes):
            if news.are_in(code):
                for step, _ in in_time(product, code):
                    for name in step.taken:
                        known = found.setdefault((step.participant, name), [])
                        if len(known) < _SPOTS:
                            known.append((number, step))
        for goal in sorted(product.fired() - found.keys()):  # where waiting mail hid them
            found[goal] = [*islice(self._takes(goal), 1)]
        return {goal: tuple(known) for goal, known in found.items() if known}

    def _takes(self, goal: Goal) -> Iterator[tuple[int, Step]]:
        """Where a transition is taken that did not show at first sight."""
        name, wanted = goal
        product = self.search.product
        seat = next(each for each in product.seats if each.part.who.name == name)
        source = self.ground.flow(name).transition[wanted].source
        places = {n for n, status in enumerate(seat.part.statuses) if status == source}
        for number, code in enumerate(self.search.codes):
            if seat.place.of(code) in places or source == ABSENT:
                steps = (step for step, _ in in_time(product, code) if step.participant == name)
                yield from ((number, step) for step in steps if wanted in step.taken)

    @cached_property
    def late(self) -> dict[Goal, Way]:
        """Ways to what only happens once an order has ended, where the search leaves that out."""
        found: dict[Goal, Way] = {}
        wanted = set(self._after_the_end())
        for number, code in enumerate(self.search.codes):
            if not wanted:
                break
            if not code & self.search.product.traffic and self._ends_anew(code, wanted):
                for goal, way in self._around(code, _FAR, wanted).items():
                    found[goal] = (*self.search.way(number), *way)
                    wanted.discard(goal)
                self._tried.add(self._standing(code))
        return found

    @cached_property
    def _tried(self) -> set[tuple[str, ...]]:
        return set()

    def _standing(self, code: int) -> tuple[str, ...]:
        return self.search.product.statuses(code)

    def _after_the_end(self) -> Iterator[Goal]:
        for each in self.deal.participants:
            for step in each.flow.transitions:
                ended = step.source == step.target and step.source in each.flow.final
                if ended and (each.name, step.id) not in self.spots:
                    yield each.name, step.id

    def _ends_anew(self, code: int, wanted: set[Goal]) -> bool:
        """Whether an order of which something is wanted stands at its end, and all others exist."""
        statuses = self._standing(code)
        if statuses in self._tried:
            return False
        stands = dict(zip(self.deal.names, statuses, strict=True))
        sources = {(name, self.ground.flow(name).transition[step].source) for name, step in wanted}
        return any(stands[name] == source for name, source in sources)

    def from_start(self, goal: Goal, choose: Callable[[int], int] = lambda _: 0) -> Way | None:
        """A way from the beginning that ends with a goal, None when none is known.

        Args:
            goal: What to do last.
            choose: Picks one of so many ways, the shortest being number 0.
        """
        spots = self.spots.get(goal, ())
        if not spots:
            return self.late.get(goal)
        spot = spots[choose(len(spots))]
        if spot not in self._made:
            number, step = spot
            self._made[spot] = (*self.search.way(number), step)
        return self._made[spot]

    def here(self, simulator: DealSimulator, place_of: Callable[[str, Order], int | None]) -> int:
        """Configuration of a sale in which nothing is under way, -1 when it is not known.

        Args:
            simulator: The sale.
            place_of: Number of the configuration in which the order of a participant is.
        """
        if simulator.mailbox:
            return -1
        code, dismissed = 0, simulator.dismissed
        for seat in self.ground.whole.seats:
            name = seat.part.who.name
            place = place_of(name, simulator.simulators[name].order)
            if place is None:
                return -1
            code |= place << seat.place.shift
            if seat.phase is not None:
                gone = sum(each.name in dismissed for each in self.deal.lower(name))
                code |= gone << seat.phase.shift
        return code

    def near(self, code: int) -> dict[Goal, Way]:
        """Shortest ways to the transitions that can be taken around a configuration."""
        found = self._near.get(code)
        if found is None:
            found = self._near[code] = self._around(code, _NEAR)
        return found

    def _around(self, code: int, most: int, wanted: set[Goal] | None = None) -> dict[Goal, Way]:
        product, came = self.ground.whole, {code: -1}
        news, queue = _News(product), deque([code])
        found: dict[Goal, Way] = {}
        for _ in range(most):
            if not queue:
                break
            here = queue.popleft()
            if news.are_in(here):
                for step, _target in in_time(product, here):
                    for name in step.taken:
                        goal = (step.participant, name)
                        if goal not in found and (wanted is None or goal in wanted):
                            found[goal] = (*_back(product, came, here), step)
            for after in following(product, here):
                if after not in came:
                    came[after] = here
                    queue.append(after)
        return found


def in_time(product: Product, code: int) -> Iterator[tuple[Step, int]]:
    """Steps out of a configuration and where they lead, as a sale takes them whose news is prompt.

    A search lets time limits be over while messages are under way; there, they arrive first.
    """
    steps = tuple(product.steps(code))
    busy = any(step.regular for step, _ in steps)
    return ((step, after) for step, after in steps if not (busy and step.timed))


def following(product: Product, code: int) -> Iterable[int]:
    """Configurations that follow, see :func:`in_time`."""
    waits = code & product.traffic and any(
        seat.part.limits(*seat.here(code)) for seat in product.seats
    )
    if waits and not product.apart(code):
        return (after for _, after in in_time(product, code))
    return (code + delta for delta in product.deltas(code))


class Atlas:
    """Configurations of a deal from its beginning, nearest first, and shortest ways to them.

    Args:
        product: The configurations.
        most: So many are visited at the most.

    Attributes:
        codes: Configurations visited.
        numbers: Where each stands in *codes*.
    """

    def __init__(self, product: Product, most: int) -> None:
        self.product = product
        self.codes = [product.start]
        self.numbers = {product.start: 0}
        self._came = {product.start: -1}
        for code in self.codes:  # which grows meanwhile
            if len(self.codes) > most:
                break
            for after in following(product, code):
                if after not in self.numbers:
                    self.numbers[after] = len(self.codes)
                    self._came[after] = code
                    self.codes.append(after)

    def way(self, number: int) -> Way:
        """The steps of a shortest way to a configuration."""
        return _back(self.product, self._came, self.codes[number])


class _News:
    """Tells which configurations show a participant or a mailbox in a new light."""

    def __init__(self, product: Product) -> None:
        self.traffic = product.traffic
        seats = product.seats
        self.masks = tuple(seat.mask for seat in seats)
        self.boxes = tuple(
            seat.mask | product.boxes[channel].bits for seat in seats for channel in seat.part.inbox
        )
        self.bits = tuple(
            product.boxes[channel].bits for seat in seats for channel in seat.part.inbox
        )
        self.seen: set[tuple[int, int]] = set()

    def are_in(self, code: int) -> bool:
        """Whether something can be new in what happens next, and remember it."""
        before, full = len(self.seen), 0
        if code & self.traffic:
            full = sum(1 << number for number, bits in enumerate(self.bits) if code & bits)
        for number, mask in enumerate(self.masks):
            self.seen.add((number << len(self.bits) | full, code & mask))
        if full:
            for number, mask in enumerate(self.boxes):
                if code & self.bits[number]:
                    self.seen.add((-number - 1, code & mask))
        return len(self.seen) > before


def _back(product: Product, came: dict[int, int], code: int) -> Way:
    steps: list[Step] = []
    while (before := came[code]) >= 0:
        steps += [step for step, after in in_time(product, before) if after == code][:1]
        code = before
    return tuple(reversed(steps))
