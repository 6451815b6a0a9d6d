"""Makes suites: reads what is to be covered, lets generators draft it, and puts it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.scenarios import changed
from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.classes import illegal_classes
from orderflow.conformance.suites.draft import Draft
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.hsi import hsi
from orderflow.conformance.suites.negative import illegal, timers
from orderflow.conformance.suites.pinned import scenarios
from orderflow.conformance.suites.positive import pairs, states, switch, transitions
from orderflow.conformance.suites.practice import Practice, walkable
from orderflow.conformance.suites.promises import keep
from orderflow.conformance.suites.walks import MOST_CALLS, walks
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.settings import Settings
from orderflow.simulator.scenario import Act, format_items

DEFAULT_COVERS = "pairs,illegal:classes"
"""What a suite covers when nobody says."""

RESET_COST = 5
"""What a new order costs, in calls, when nobody says."""

KILL = "kill"
"""What is made of what the other cases let pass, see :mod:`orderflow.conformance.mutation.kill`."""

COVER_HELP: tuple[tuple[str, str], ...] = (
    ("states", "every status and kind of data, by the shortest ways"),
    ("transitions", "every step, with the fewest calls and orders"),
    ("pairs", "every two steps in a row, with the fewest calls and orders"),
    ("switch:N", "every N+1 steps in a row"),
    ("illegal", "every event where it is refused, every reason of the guards, every timer"),
    ("illegal:single", "the same, with one order for each refusal"),
    ("illegal:classes", "the same in every data class, and every step right after refusals"),
    ("timers", "every timer: not 1 ms early, not 1 ms late"),
    ("hsi", "shows the state after every input; for systems with as many states as the flow"),
    ("hsi:K", "the same for systems with up to K states more; many orders"),
    ("hsi-blind", "as hsi, for systems that show nothing but yes or no; also hsi-blind:K"),
    ("random:N", "N calls at random, no guarantee"),
    ("weighted:N", "N calls at random, what was done least first, no guarantee"),
    ("scenario:FILE", "the sequences of a YAML file, run first"),
    (KILL, "a shortest test for each broken system that the rest, or the usual suite, lets pass"),
)
"""What can be covered, one line each."""

_DIGITS = 7
"""Digits of the digest that an id shows, unless it takes more to tell two cases apart."""

_OPTIONS = {
    "states": "",
    "transitions": "",
    "pairs": "",
    "timers": "",
    "switch": "a number from 2, as in switch:2",
    "illegal": "nothing, 'single' or 'classes', as in illegal:classes",
    "hsi": "nothing or how many extra states, as in hsi:1",
    "hsi-blind": "nothing or how many extra states, as in hsi-blind:1",
    "random": f"a number of calls up to {MOST_CALLS}, as in random:500",
    "weighted": f"a number of calls up to {MOST_CALLS}, as in weighted:500",
    "scenario": "a file, as in scenario:pinned.yaml",
}
_LEAST_MOST = {"switch": (2, 9), "hsi": (0, 9), "hsi-blind": (0, 9)} | dict.fromkeys(
    ("random", "weighted"), (1, MOST_CALLS)
)
_OPTIONAL = {"hsi", "hsi-blind", "illegal"}


class CoverError(OrderflowError):
    """Something to cover that there is not.

    Attributes:
        problems: Everything wrong, one sentence each.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Cover(NamedTuple):
    """What a suite is to cover.

    Attributes:
        name: Name of the generator.
        option: What stands behind its colon, empty when nothing does.
    """

    name: str
    option: str = ""

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.name}:{self.option}" if self.option else self.name


def parse_covers(text: str) -> tuple[Cover, ...]:
    """Read what to cover, separated by commas; what is named twice counts once.

    Raises:
        CoverError: Tells everything in it that cannot be covered.

    >>> [str(cover) for cover in parse_covers("pairs, switch:2")]
    ['pairs', 'switch:2']
    """
    found, problems = [], []
    for word in (part.strip() for part in text.split(",")):
        name, _, option = word.partition(":")
        cover = Cover(name.strip(), option.strip())
        found.append(cover)
        problem = _problem(cover)
        if problem:
            problems.append(problem)
    if problems:
        raise CoverError(tuple(dict.fromkeys(problems)))
    return tuple(dict.fromkeys(found))


def _problem(cover: Cover) -> str:
    """What is wrong with *cover*, empty when nothing is."""
    if cover.name not in _OPTIONS:
        if cover == (KILL, ""):
            return f"{KILL} is made of what a whole suite lets pass: `orderflow suite` makes a file"
        known = ", ".join(name for name, _ in COVER_HELP)
        hint = did_you_mean(cover.name, (*_OPTIONS, KILL))
        return f"nothing covers {cover.name!r}{hint or '.'} There are: {known}"
    wanted = _OPTIONS[cover.name]
    if not wanted:
        return f"{cover.name} takes nothing behind it, got {cover.option!r}" * bool(cover.option)
    if cover.option in _allowed(cover):
        return ""
    return f"{cover.name} takes {wanted}; got {cover.option!r}"


def _allowed(cover: Cover) -> Sequence[str]:
    """The option of *cover*, if it may be that, among others."""
    least, most = _LEAST_MOST.get(cover.name, (1, 0))
    option = cover.option
    if not option:
        return ("",) if cover.name in _OPTIONAL else ()
    if cover.name == "illegal":
        return ("single", "classes")
    if cover.name == "scenario":
        return (option,)
    is_number = option.isascii() and option.isdecimal() and len(option) <= len(str(most))
    return (option,) if is_number and least <= int(option) <= most else ()


def drafts(
    graph: Graph, covers: Iterable[Cover], *, seed: int = 0, reset_cost: int = RESET_COST
) -> tuple[Draft, ...]:
    """Let the generators draft what is to be covered, in the order of *covers*.

    Args:
        graph: The graph.
        covers: What to cover, see :func:`parse_covers`.
        seed: Where chance begins, for the random ones.
        reset_cost: What a new order costs, in calls.

    Raises:
        SequencesError: There are too many sequences for a switch cover.
        TooManyWalksError: There are too many walks for an hsi cover.
        FlowFileError: A file of scenarios has something wrong in it.
    """
    ground = walkable(graph)
    return tuple(_drafted(ground, cover, seed, reset_cost) for cover in covers)


def _drafted(graph: Graph, cover: Cover, seed: int, reset_cost: int) -> Draft:
    name, option = cover
    number = int(option) if option.isdecimal() and name != "scenario" else 0
    makers = {
        "states": lambda: states(graph),
        "transitions": lambda: transitions(graph, reset_cost),
        "pairs": lambda: pairs(graph, reset_cost),
        "switch": lambda: switch(graph, number, reset_cost),
        "illegal": lambda: _illegal(graph, option),
        "timers": lambda: timers(graph),
        "hsi": lambda: hsi(graph, number),
        "hsi-blind": lambda: hsi(graph, number, blind=True),
        "random": lambda: walks(graph, number, seed),
        "weighted": lambda: walks(graph, number, seed, weighted=True),
        "scenario": lambda: scenarios(graph, Path(option)),
    }
    return makers[name]()


def _illegal(graph: Graph, option: str) -> Draft:
    if option == "classes":
        return illegal_classes(graph)
    return illegal(graph, single=option == "single")


def assemble(
    drafts: Iterable[Draft], graph: Graph, *, named: str, settings: Settings | None = None
) -> Suite:
    """Rehearse every walk, and make a suite of those that no earlier one repeats.

    Args:
        drafts: What the generators, or others, made; scenarios come first in the suite.
        graph: The graph they were made from.
        named: How a command line names the flow.
        settings: Time limits the flow was compiled with; the usual ones when None.

    Raises:
        BrokenPromiseError: A draft does not cover what it says.
    """
    ordered = sorted(drafts, key=lambda draft: not draft.cover.startswith("scenario"))
    practice, flow = Practice(graph), graph.space.plan.flow
    seen: set[tuple[Start, tuple[Act, ...]]] = set()
    cases: list[Case] = []
    for draft in ordered:
        walked = [practice.walk(walk.start, walk.acts) for walk in draft.walks]
        keep(graph, draft, walked)
        for walk, strides in zip(draft.walks, walked, strict=True):
            if (walk.start, walk.acts) not in seen:
                seen.add((walk.start, walk.acts))
                steps = tuple(stride.step for stride in strides)
                cases.append(Case("", walk.title, draft.cover, steps, walk.start, walk.tags))
    return Suite(
        named,
        flow.digest,
        str(flow.profile or ""),
        tuple(named_cases(cases)),
        tuple(draft.guarantee for draft in ordered),
        flow.modules,
        changed(settings) if settings is not None else (),
    )


def named_cases(cases: Sequence[Case]) -> Iterable[Case]:
    """*cases* with ids: the name of the generator, and a digest of what is done to the order.

    So a case keeps its id whatever cases stand before it. Where two digests begin alike, as much
    of both is shown as tells them apart.
    """
    digests = [_digest(case) for case in cases]
    length = _DIGITS
    shown = dict.fromkeys(digests, length)
    while alike := _alike(shown):
        length += 1
        shown |= dict.fromkeys(alike, length)
    for case, digest in zip(cases, digests, strict=True):
        yield replace(case, id=f"{_prefix(case.cover)}-{digest[: shown[digest]]}")


def _digest(case: Case) -> str:
    """A digest of how the order begins and of everything done to it."""
    start = case.start
    acts = (str(step.act) for step in case.steps)
    words = (format_items(start.items), str(start.replaceable), *acts)
    return sha256("\n".join(words).encode()).hexdigest()


def _alike(shown: Mapping[str, int]) -> list[str]:
    """The digests of which no more is shown than of another one."""
    first: dict[str, list[str]] = {}
    for digest, length in shown.items():
        first.setdefault(digest[:length], []).append(digest)
    return [digest for same in first.values() if len(same) > 1 for digest in same]


def _prefix(cover: str) -> str:
    """What the ids of a generator's cases begin with."""
    name, _, option = cover.partition(":")
    if option.isascii() and option.isdecimal():
        return f"{name}{option}"
    return f"{name}-{option}" if name == "illegal" and option else name


def generate(
    graph: Graph,
    text: str = DEFAULT_COVERS,
    *,
    named: str,
    seed: int = 0,
    settings: Settings | None = None,
) -> Suite:
    """The suite that covers what *text* says; see :func:`parse_covers` and :func:`drafts`."""
    return assemble(
        drafts(graph, parse_covers(text), seed=seed), graph, named=named, settings=settings
    )
