"""Makes a failing sequence of acts short, using the flow's own graph.

Where a general shrinker deletes and retries blindly, this one knows shortest ways: it replaces
whole stretches of the sequence by the shortest legal path between the two places, cuts loops,
and only then tries to leave out single acts. A few runs instead of thousands.
"""

from __future__ import annotations

from collections.abc import Sequence

from orderflow.conformance.drive import Done, Driver, Start, Trouble
from orderflow.flows.settings import Settings
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import Space

Acts = tuple[Act, ...]

MOST_RUNS = 4_000
"""Runs of the subject after which a shrink settles for what it has."""


def run(space: Space, settings: Settings, acts: Sequence[Act], start: Start) -> Driver:
    """Play *acts* on a new order and judge it; the driver tells what broke."""
    driver = Driver(space, settings)
    driver.begin(start)
    for act in acts:
        driver.act(act)
    driver.judge()
    return driver


def trouble_in(driver: Driver, identity: tuple[str, str]) -> Trouble | None:
    """The trouble of that identity, or None."""
    for trouble in driver.troubles:
        if trouble.identity == identity:
            return trouble
    return None


class Shrinker:
    """Shrinks one failing sequence.

    Args:
        space: The flow's configurations.
        settings: Time limits.
        identity: Rule and transition the short sequence must still break.
        start: How the order begins.

    Attributes:
        runs: How often the subject was run.
    """

    def __init__(
        self, space: Space, settings: Settings, identity: tuple[str, str], start: Start
    ) -> None:
        self.space, self.settings, self.identity, self.start = space, settings, identity, start
        self.runs = 0
        self._to_status: dict[str, Acts] = {}

    def fails(self, acts: Acts) -> bool:
        """Whether *acts* still break the same rule at the same transition."""
        if self.runs >= MOST_RUNS:
            return False
        self.runs += 1
        driver = run(self.space, self.settings, acts, self.start)
        return trouble_in(driver, self.identity) is not None

    def shrink(self, acts: Acts) -> Acts:
        """Return the shortest failing sequence this finds; *acts* itself must fail."""
        acts = self._plain(acts)
        acts = self._cut_end(acts)
        while True:
            shorter = self._splice(acts) or self._short_cut(acts) or self._drop_one(acts)
            if shorter is None:
                return acts
            acts = shorter

    def _plain(self, acts: Acts) -> Acts:
        """Prefer the canonical amounts, if they fail as well."""
        plain = tuple(Act(act.event, act.choice) for act in acts)
        return plain if plain != acts and self.fails(plain) else acts

    def _cut_end(self, acts: Acts) -> Acts:
        """Drop what follows the failing step."""
        driver = run(self.space, self.settings, acts, self.start)
        trouble = trouble_in(driver, self.identity)
        if trouble is None:
            return acts
        kept = acts[: acts_until(driver.done, trouble)]
        return kept if self.fails(kept) else acts

    def _places(self, acts: Acts) -> list[int | None]:
        """Configuration before each act, and after the last."""
        driver = Driver(self.space, self.settings, judged=False)
        driver.begin(self.start)
        places = [driver.place]
        for act in acts:
            driver.act(act)
            places.append(driver.place)
        return places

    def _splice(self, acts: Acts) -> Acts | None:
        """Replace one stretch by the shortest way between its ends, the longest gain first."""
        places = self._places(acts)
        offers: list[tuple[int, Acts]] = []
        for left in range(len(acts)):
            for right in range(len(acts), left + 1, -1):
                way = self._way(places[left], places[right])
                if way is not None and len(way) < right - left:
                    offers.append((right - left - len(way), (*acts[:left], *way, *acts[right:])))
        offers.sort(key=lambda offer: -offer[0])
        return next((candidate for _, candidate in offers if self.fails(candidate)), None)

    def _short_cut(self, acts: Acts) -> Acts | None:
        """Begin with the shortest way to some later status, whatever else the order then is."""
        ways = self._ways()
        for left, place in reversed(list(enumerate(self._places(acts)))):
            way = None if place is None else ways.get(self.space.orders[place].status)
            if way is not None and len(way) < left:
                candidate = (*way, *acts[left:])
                if self.fails(candidate):
                    return candidate
        return None

    def _ways(self) -> dict[str, Acts]:
        """A shortest way from the start to each status."""
        if not self._to_status:
            driver = Driver(self.space, self.settings, judged=False)
            driver.begin(self.start)
            for number, order in enumerate(self.space.orders):
                way = self._way(driver.place, number)
                known = self._to_status.get(order.status)
                if way is not None and (known is None or len(way) < len(known)):
                    self._to_status[order.status] = way
        return self._to_status

    def _way(self, source: int | None, target: int | None) -> Acts | None:
        if source is None or target is None:
            return None
        path = self.space.path(source, target)
        return None if path is None else tuple(Act(edge.event, edge.choice) for edge in path)

    def _drop_one(self, acts: Acts) -> Acts | None:
        candidates = (acts[:i] + acts[i + 1 :] for i in range(len(acts)))
        return next((candidate for candidate in candidates if self.fails(candidate)), None)


def acts_until(done: Sequence[Done], trouble: Trouble) -> int:
    """Number of acts up to and including the one that brought *trouble*.

    All of them when it is about none in particular, such as time that passed.
    """
    seen = 0
    for count, played in enumerate(done, 1):
        seen += len(played.events)
        if trouble.event < 0:
            refused = played.refused
            if refused is not None and (refused.status, refused.event) == trouble.cell:
                return count
        elif seen > trouble.event:
            return count
    return len(done)
