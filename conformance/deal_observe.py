"""What a sale of the simulator looks like to the rules: each document alone, and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orderflow.conformance.deal_record import DealRecord, Party
from orderflow.conformance.expect import Expectations
from orderflow.conformance.observe import completes, record_of, step_of, without_stuck
from orderflow.conformance.record import Record, Step
from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.deal import DealSimulator, deal_plans
from orderflow.simulator.events import Event
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from orderflow.simulator.product import Product
from orderflow.simulator.space import Space


@dataclass(frozen=True)
class Ground:
    """What all sales of one deal share, made once.

    Attributes:
        deal: One profile of a deal.
        settings: Time limits and switches.
        whole: Its configurations.
    """

    deal: Deal
    settings: Settings
    whole: Product

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """Compiled flows by participant."""
        return deal_plans(self.deal, self.settings)

    @cached_property
    def spaces(self) -> dict[str, Space]:
        """Configurations of each participant's flow."""
        return {seat.part.who.name: seat.part.space for seat in self.whole.seats}

    @cached_property
    def limits(self) -> dict[str, object]:
        """The settings that judge a simulated order."""
        return without_stuck(self.settings)

    @cached_property
    def completes(self) -> dict[str, bool]:
        """By participant, whether ``isCompleted`` means something in its flow."""
        return {each.name: completes(each.flow) for each in self.deal.participants}

    @cached_property
    def expectations(self) -> dict[str, Expectations]:
        """What each participant's flow allows."""
        return {name: Expectations(space) for name, space in self.spaces.items()}

    @cached_property
    def known_steps(self) -> dict[str, frozenset[tuple[int, str]]]:
        """By participant, (configuration, transition) of every step its flow has."""
        return {
            name: frozenset((edge.source, edge.transition) for edge in space.edges)
            for name, space in self.spaces.items()
        }

    def flow(self, name: str) -> Flow:
        """Flow of a participant."""
        return self.deal.participant[name].flow


def ground_of(
    deal: Deal, settings: Settings, *, spaces: Mapping[str, Space] | None = None
) -> Ground:
    """Search the flows of a deal and compile them.

    Raises:
        SpaceError: The configurations of one of the flows cannot be searched.
    """
    return Ground(deal, settings, Product(deal, settings, spaces=spaces, whole=True))


@dataclass
class Watched:
    """One document of a sale as far as it has been judged.

    Attributes:
        ground: What the sales of the deal share.
        name: Its participant.
        document: The document after the last step that was looked at.
        steps: Its steps so far.
        statuses: Its statuses so far.
        view: What the shopper saw of it last, None before the first step.
    """

    ground: Ground
    name: str
    document: Order
    steps: list[Step] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    view: Timeline | None = None
    _record: Record | None = None
    _placed: tuple[Order, int | None] | None = None

    def place_of(self, order: Order) -> int | None:
        """Number of the configuration an order is in."""
        if self._placed is None or self._placed[0] is not order:
            self._placed = (order, self.ground.spaces[self.name].number(order))
        return self._placed[1]

    def note(self, event: Event, document: Order) -> None:
        """Remember a step and the document after it."""
        self.steps.append(step_of(event))
        self.statuses.append(event.target)
        self.document, self._record = document, None

    def record(self, now: int) -> Record:
        """Its history as the rules for one order see it."""
        return record_of(
            self.ground.flow(self.name),
            self.document,
            self.steps,
            self.ground.limits,
            now,
            completes=self.ground.completes[self.name],
        )

    def history(self) -> Record:
        """Its history as the rules for a whole sale see it, which do not ask what time it is."""
        if self._record is None:
            self._record = self.record(self.steps[-1].at)
        return self._record


def watch(simulator: DealSimulator, ground: Ground) -> dict[str, Watched]:
    """Begin to watch every document of a sale, with whatever has happened to it already."""
    found = {}
    for name, one in simulator.simulators.items():
        found[name] = Watched(ground, name, one.order)
        for event, document in zip(one.events, one.documents, strict=True):
            found[name].note(event, document)
    return found


def deal_record(
    simulator: DealSimulator, ground: Ground, watched: Mapping[str, Watched] | None = None
) -> DealRecord:
    """A sale of the simulator as a record; documents that were never placed are left out.

    Args:
        simulator: The sale.
        ground: What the sales of its deal share.
        watched: Its documents, when they have been watched; looked up when None.
    """
    seen = watched or watch(simulator, ground)
    dismissed, deal = simulator.dismissed, ground.deal
    parties = tuple(
        Party(each.name, seen[each.name].history(), each.below, dismissed.get(each.name))
        for each in deal.participants
        if seen[each.name].steps
    )
    # one clock, so nothing is forgiven for the difference of two
    settings = {"deal_delay": ground.settings.milliseconds("deal_delay"), "tolerance": 0}
    return DealRecord(
        simulator.deal_id,
        parties,
        settings=settings,
        waiting=len(simulator.mailbox),
        now=simulator.now,
    )
