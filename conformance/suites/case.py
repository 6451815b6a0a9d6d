"""What a suite is made of: cases of one order each, their steps, costs and guarantees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from orderflow.conformance.drive import Start
from orderflow.simulator.scenario import Act


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to the order of a case, and what must come of it.

    Attributes:
        act: What is done; an event that only a timer fires waits for its timer.
        then: Status the order must be in afterwards.
        refused: The act must be refused, and *then* is the status it was in before.
        trigger: Trigger shown of the stage the order must be in; empty when it is in none.
        transition: Id of the transition taken, empty for a refusal and for mere waiting.
    """

    act: Act
    then: str
    refused: bool = False
    trigger: str = ""
    transition: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: what is done to one order, step by step.

    Attributes:
        id: Unique in the suite, such as ``pairs-4f2a81c``: a generated one is made of what is done,
            so that it stays the same whatever other cases there are.
        title: What it is about, in a few words.
        cover: Name of the generator that made it, such as ``pairs``.
        steps: What is done, in this order.
        start: How the order begins.
        tags: Requirements it covers, sorted.
    """

    id: str
    title: str
    cover: str
    steps: tuple[Step, ...]
    start: Start = Start()  # noqa: RUF009  # frozen
    tags: tuple[str, ...] = ()

    @property
    def calls(self) -> int:
        """Calls that running it takes, without placing a new order and reading the status."""
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What a suite that passes shows.

    Attributes:
        cover: Name of the generator.
        sentence: What a subject that passes cannot be.
        figures: (name, count) pairs, such as ("transitions", 43), of what is covered.
    """

    cover: str
    sentence: str
    figures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What running a suite takes.

    Attributes:
        orders: New orders.
        calls: Calls about them, waiting included.
    """

    orders: int
    calls: int

    def seconds(self, *, call: float, order: float) -> float:
        """Estimated seconds, when a call and the making of a new order take so long."""
        return self.calls * call + self.orders * order


@dataclass(frozen=True)
class Suite:
    """Cases for one profile of one flow.

    Attributes:
        flow: How a command line names the flow.
        digest: Digest of the flow's text.
        profile: Profile the flow is viewed in.
        cases: The cases, in the order in which to run them.
        guarantees: What each generator promises.
        modules: Optional modules that are switched on.
        settings: (name, value) of the limits that are not the usual ones.
    """

    flow: str
    digest: str
    profile: str
    cases: tuple[Case, ...]
    guarantees: tuple[Guarantee, ...] = ()
    modules: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    @cached_property
    def case(self) -> dict[str, Case]:
        """Cases by id."""
        return {case.id: case for case in self.cases}

    @property
    def cost(self) -> Cost:
        """What running it takes."""
        return Cost(len(self.cases), sum(case.calls for case in self.cases))
