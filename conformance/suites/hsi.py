"""Suites that tell every state apart after every input: harmonised state identifiers (HSI).

Go to each node, try each of its inputs (for each extra state, one input more before), and then let
the identifiers of the node that must have been reached show that it is this one.

Sources: Petrenko, Yevtushenko, Lebedev and Das, "Nondeterministic state machines in protocol
conformance testing", 1993, for the method and for partial machines; Vaandrager and Melse, "New
fault domains for conformance testing of finite state machines", CONCUR 2025, for the guarantee.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.practice import Practice
from orderflow.conformance.suites.tell import Teller
from orderflow.conformance.suites.wording import counted
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import ABSENT
from orderflow.simulator.scenario import Act

MOST_WALKS = 100_000
"""Walks beyond which no suite is made: it would take days to run, and fill the memory."""


class _Going(NamedTuple):
    """Where to go, what to try there, and what shows where that led.

    Attributes:
        start: How the order begins.
        acts: All that is done.
        tried: How many acts there are up to the input that is tried.
    """

    start: Start
    acts: tuple[Act, ...]
    tried: int


class TooManyWalksError(OrderflowError):
    """A suite of identifiers would have too many cases."""


def hsi(graph: Graph, extra: int = 0, *, blind: bool = False) -> Draft:
    """Identify the node after every input.

    Args:
        graph: The graph; all its nodes can be reached.
        extra: How many states more than the flow the system may have.
        blind: Nothing can be seen but whether a call is accepted; else the status after it, too.

    Raises:
        TooManyWalksError: There are more than :data:`MOST_WALKS`.
    """
    teller = Teller(graph, blind=blind)
    count = _count(teller, extra)
    if count > MOST_WALKS:
        raise TooManyWalksError(
            f"it would take about {count:,} orders, more than {MOST_WALKS:,}; "
            "let the status be read and take hsi, or leave out the extra states"
        )
    goings = list(_without_beginnings(_goings(teller, extra)))
    found = [_walk(graph, each, practice) for practice in [Practice(graph)] for each in goings]
    walks = tuple(walk for walk in found if walk is not None)
    lost = len(goings) - len(walks)
    cover = ("hsi-blind" if blind else "hsi") + (f":{extra}" if extra else "")
    figures = [
        ("data classes", len({arc.target for arc in graph.arcs})),
        ("inputs of every data class", sum(map(len, teller.tried))),
        ("pairs of data classes that no input tells apart", teller.alike),
    ]
    if lost:
        figures.append(("sequences no order can go", lost))
    guarantee = Guarantee(cover, _told(extra, blind=blind, alike=teller.alike), tuple(figures))
    return Draft(cover, walks, guarantee)


def _told(extra: int, *, blind: bool, alike: int) -> str:
    more = f" and {extra} more" if extra else ""
    readable = "" if blind else ", provided the status is readable after each call"
    beyond = f" plus at most {counted(extra, 'input')}" if extra else ""
    if alike:
        seen = readable.removesuffix(" after each call")
        return (
            "Each input was tried in each state, and where it leads was told from all other states "
            f"by what they answer{seen}. It would be complete for "
            f"m = n{f' + {extra}' if extra else ''} if all states could be told apart; "
            f"{counted(alike, 'pair')} of data classes cannot, so a system that takes one for the "
            "other and hides a wrong state behind it is not excluded. A state is here a status "
            "with a kind of data."
        )
    return (
        f"Complete for m = n{f' + {extra}' if extra else ''}: a system that passes and has at most "
        f"as many states as the flow{more} is equivalent to it{readable}. So is a larger one, if "
        f"every state of it is reached by an access sequence of the flow{beyond}. A state is here "
        "a status with a kind of data."
    )


def _words(teller: Teller, node: int) -> int:
    return max(len(teller.identifiers[node]), 1)


def _count(teller: Teller, extra: int) -> int:
    """How many walks there are, before those that others begin with are dropped."""
    ahead = [_words(teller, node) for node in range(len(teller.rows))]
    total = sum(ahead[node] for node in teller.nodes)
    for _ in range(extra + 1):
        ahead = [
            sum(ahead[row[symbol].target] for symbol in tried)
            for row, tried in zip(teller.rows, teller.tried, strict=True)
        ]
        total += sum(ahead[node] for node in teller.nodes)
    return total


def _goings(teller: Teller, extra: int) -> Iterator[_Going]:
    """How to go to each node, through all inputs, and show where that leads."""
    for node in teller.nodes:
        start, way = teller.graph.access(node)
        reached: list[tuple[tuple[Act, ...], int]] = [(tuple(arc.act for arc in way), node)]
        for length in range(extra + 2):
            for acts, there in reached:
                for word in teller.identifiers[there] or ((),):
                    yield _Going(start, (*acts, *teller.acts(there, word)[0]), len(acts))
            if length <= extra:
                reached = list(_further(teller, reached))


def _further(
    teller: Teller, reached: Iterable[tuple[tuple[Act, ...], int]]
) -> Iterator[tuple[tuple[Act, ...], int]]:
    """Where one input more leads."""
    for acts, node in reached:
        for symbol in teller.tried[node]:
            response = teller.rows[node][symbol]
            yield (*acts, response.act), response.target


def _without_beginnings(goings: Iterable[_Going]) -> Iterator[_Going]:
    """*goings* without those that are another one or begin it, in a fixed order."""
    numbers: dict[Act, int] = {}  # in the order in which they are first met
    found: dict[Start, dict[tuple[int, ...], int]] = {}
    for start, acts, tried in goings:
        key = tuple(numbers.setdefault(act, len(numbers)) for act in acts)
        found.setdefault(start, {}).setdefault(key, tried)
    named = list(numbers)
    for start, keys in found.items():
        ordered = sorted(keys)
        for place, key in enumerate(ordered):
            after = ordered[place + 1] if place + 1 < len(ordered) else ()
            if key and after[: len(key)] != key:
                yield _Going(start, tuple(named[number] for number in key), keys[key])


def _walk(graph: Graph, going: _Going, practice: Practice) -> Walk | None:
    """The walk, called after the last input that is tried and where; None when no order can."""
    strides = practice.walk(going.start, going.acts)
    if len(strides) < len(going.acts):
        return None
    tried = strides[max(going.tried - 1, 0)]
    status = ABSENT if tried.source is None else graph.status[tried.source]
    where = "a new order" if status == ABSENT else status
    return Walk(f"{where}: {tried.step.act}", going.start, going.acts)
