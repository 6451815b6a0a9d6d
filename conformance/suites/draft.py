"""What a generator hands over: walks through the graph, and what they promise together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Guarantee
from orderflow.simulator.scenario import Act


class Walk(NamedTuple):
    """What is done to one order; what must come of it is found out by rehearsal.

    Attributes:
        title: What it is about, in a few words.
        start: How the order begins.
        acts: What is done, in this order.
        tags: Requirements it covers, sorted.
    """

    title: str
    start: Start
    acts: tuple[Act, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The walks of one generator.

    Attributes:
        cover: Name of the generator, with its option: ``pairs``, ``switch:2``.
        walks: The walks, in the order in which to run them.
        guarantee: What a subject that passes all of them cannot be.
    """

    cover: str
    walks: tuple[Walk, ...]
    guarantee: Guarantee
