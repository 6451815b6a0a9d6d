"""Flows nobody would draw by hand: the picture of each must still be readable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random

from orderflow.flows.model import ABSENT, Flow, Profile, State, Transition

MOST_STATES = 40
MOST_STEPS = 90
HINTED = 0.2

Pairs = list[tuple[str, str]]
_WORDS = (
    "order", "payment", "invoice", "cancellation", "window", "approve", "ready", "handling",
    "waiting", "seller", "decision", "authorisation", "fulfilment", "picked", "settled", "return",
)  # fmt: skip


def random_flow(number: int) -> Flow:
    """Return flow *number*: always the same one, its shape and size drawn from the number."""
    chance = Random(number)
    shape = SHAPES[number % len(SHAPES)]
    names = _names(chance, chance.randint(2, MOST_STATES))
    pairs = shape(chance, names)[:MOST_STEPS]
    ends = chance.sample(names, min(len(names), 3))
    path = _walk(chance, names[0], pairs) if chance.random() < 0.4 else ()
    flow = Flow(
        name=f"random-{number}",
        title=f"Random {number}",
        initial=names[0],
        states=tuple(map(State, names)),
        transitions=_steps(chance, pairs),
        success=tuple(ends[:1]),
        failure=tuple(ends[1:2]),
        closed=tuple(ends[2:]) if chance.random() < 0.5 else (),
        happy_paths=((Profile.DOCUMENTED, path),) if path else (),
    )
    return _hinted(chance, flow) if chance.random() < HINTED else flow


def random_ghosts(number: int) -> tuple[tuple[str, str], ...]:
    """Return steps of flow *number* that are said to be observed: mostly none."""
    chance = Random(-number - 1)
    names = [state.name for state in random_flow(number).states]
    count = chance.choice((0, 0, 1, 2))
    return tuple(dict.fromkeys((chance.choice(names), chance.choice(names)) for _ in range(count)))


def random_stage(number: int) -> Callable[[str], int]:
    """Return stages for flow *number*: none, or by the place of a status in the flow."""
    names = [state.name for state in random_flow(number).states]
    if number % 3:
        return lambda _state: 0
    return lambda state: 1 + 4 * names.index(state) // len(names) if state in names else 0


def _names(chance: Random, count: int) -> list[str]:
    """Name statuses: short, hyphenated, or one long word."""
    kind = chance.choice(("short", "words", "words", "mixed"))
    names = []
    for i in range(count):
        words = chance.sample(_WORDS, 1 if kind == "short" else chance.randint(1, 5))
        if kind == "mixed" and chance.random() < 0.2:
            words = ["x" * chance.randint(10, 60)]
        names.append("-".join((*words, str(i))))
    return names


def _steps(chance: Random, pairs: Pairs) -> tuple[Transition, ...]:
    steps = []
    for i, (source, target) in enumerate(pairs):
        event = "_".join(chance.sample(_WORDS, chance.randint(1, 3)))
        if chance.random() < 0.02:
            event = "y" * chance.randint(30, 80)
        steps.append(Transition(f"T{i}", f"T{i}", source, event, target))
    return tuple(steps)


def _walk(chance: Random, start: str, pairs: Pairs) -> tuple[str, ...]:
    path = [start]
    while True:
        onward = [t for s, t in pairs if s == path[-1] and t not in path and t != ABSENT]
        if not onward or chance.random() < 0.08:
            return tuple(path)
        path.append(chance.choice(onward))


def _hinted(chance: Random, flow: Flow) -> Flow:
    """Ask for odd cells: far away, twice the same, half a hint."""

    def hint(state: State) -> State:
        if chance.random() < 0.7:
            return state
        lane = chance.choice((None, -2, -1, 0, 1, 2, 50))
        return replace(state, lane=lane, row=chance.choice((None, 0, 1, 3, 10**6)))

    return replace(flow, states=tuple(map(hint, flow.states)))


def _any_pair(chance: Random, names: list[str]) -> tuple[str, str]:
    return chance.choice(names), chance.choice(names)


def _chain(chance: Random, names: list[str]) -> Pairs:
    """Build an order that moves on, with exceptions that mostly end the same way."""
    half = max(2, len(names) * 2 // 3)
    pairs = [(ABSENT, names[0]), *pairwise(names[:half])]
    for name in names[half:]:
        pairs.append((chance.choice(names[:half]), name))
        pairs.append((name, chance.choice((names[-1], names[half - 1], chance.choice(names)))))
    return pairs + [_any_pair(chance, names) for _ in range(chance.randint(0, 12))]


def _hubs(chance: Random, names: list[str]) -> Pairs:
    """Let nearly everything lead to a few statuses, and these to many."""
    hubs = names[-chance.randint(1, 3) :]
    pairs = [(name, chance.choice(hubs)) for name in names]
    pairs += [(chance.choice(hubs), chance.choice(names)) for _ in names]
    return pairs + list(pairwise(names))[: len(names) // 2]


def _ladder(chance: Random, names: list[str]) -> Pairs:
    """Put two ways beside each other, with steps across in both directions."""
    half = len(names) // 2
    left, right = names[:half], names[half:]
    pairs = [*pairwise(left), *pairwise(right)]
    rungs = list(zip(left, right, strict=False))
    pairs += rungs + [(b, a) for a, b in rungs if chance.random() < 0.5]
    return pairs


def _dense(chance: Random, names: list[str]) -> Pairs:
    """Lead from anywhere to anywhere."""
    few = names[: chance.randint(2, 18)]
    return [_any_pair(chance, few) for _ in range(chance.randint(10, MOST_STEPS))]


def _parts(chance: Random, names: list[str]) -> Pairs:
    """Fall into components that know nothing of each other, some of one status."""
    pairs: Pairs = []
    rest = names
    while rest:
        size = chance.randint(1, 9)
        part, rest = rest[:size], rest[size:]
        pairs += pairwise(part)
        pairs += [_any_pair(chance, part) for _ in range(chance.randint(0, len(part)))]
        pairs += [(ABSENT, part[0])] * (chance.random() < 0.5)
    return pairs


def _loops(chance: Random, names: list[str]) -> Pairs:
    """Keep the status nearly everywhere, and lead back often."""
    pairs = [(name, name) for name in names] + list(pairwise(names))
    return pairs + [_any_pair(chance, names) for _ in range(len(names) // 2)]


def _parallel(chance: Random, names: list[str]) -> Pairs:
    """Have many events between the same two statuses, in both directions."""
    pairs = [pair for pair in pairwise(names) for _ in range(3)]
    back = [(b, a) for a, b in pairs if chance.random() < 0.4]
    return (pairs + back)[: MOST_STEPS - 6] + [_any_pair(chance, names) for _ in range(6)]


def _tree(chance: Random, names: list[str]) -> Pairs:
    """Branch again and again, and end in many places."""
    pairs = [(names[(i - 1) // chance.choice((1, 2, 3))], names[i]) for i in range(1, len(names))]
    return pairs + [(ABSENT, chance.choice(names)) for _ in range(chance.randint(1, 4))]


SHAPES: tuple[Callable[[Random, list[str]], Pairs], ...] = (
    _chain,
    _hubs,
    _ladder,
    _dense,
    _parts,
    _loops,
    _parallel,
    _tree,
)
