"""The tests that a suite lacks: for each mutant that survives, a shortest one that kills it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.product import Product
from orderflow.conformance.mutation.reach import Word
from orderflow.conformance.mutation.score import Bench, sound_scripts
from orderflow.conformance.mutation.tally import Score, bits
from orderflow.conformance.suites.case import Case, Guarantee, Suite
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.execute import Script
from orderflow.conformance.suites.generate import named_cases
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import ADVANCE, Act

KILL = "kill"
"""Name of this generator."""


@dataclass
class _Found:
    """What is known of the mutants that nothing notices yet.

    Attributes:
        mutants: Those that can be told from the flow.
        words: Tests that together notice all of them.
        equivalent: How many cannot be told from it.
        undecided: Of how many nobody knows.
    """

    mutants: list[Mutant] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    equivalent: int = 0
    undecided: int = 0


def kill_draft(graph: Graph, suite: Suite | None = None) -> Draft:
    """Tests for all mutants of a flow that *suite* does not notice.

    Args:
        graph: The graph of the flow.
        suite: What there is already; None for nothing.

    Raises:
        MutationError: A sound system does not pass the suite.
    """
    plan = graph.space.plan
    found = _searched(graph, () if suite is None else sound_scripts(suite, plan))
    return _draft(plan, found, alone=suite is None)


def survivors_draft(score: Score, graph: Graph) -> Draft:
    """Tests for all mutants that survive in *score*, of the flow of *graph*."""
    words = {each.id: each.word for each in score.survivors if each.word is not None}
    surviving = [each for each in mutants(graph) if each.id in words]
    total = score.total
    found = _Found(surviving, list(words.values()), total.equivalent, total.undecided)
    return _draft(graph.space.plan, found, alone=False)


def cases_of(draft: Draft, plan: Plan) -> tuple[Case, ...]:
    """The walks of *draft* with what must come of them."""
    cases = [
        Case(
            "",
            walk.title,
            draft.cover,
            tuple(each.step for each in rehearse(plan, walk.start, walk.acts)),
            walk.start,
            walk.tags,
        )
        for walk in draft.walks
    ]
    return tuple(named_cases(cases))


def _searched(graph: Graph, given: Sequence[Script]) -> _Found:
    plan, product, found = graph.space.plan, Product(graph.space), _Found()
    bench, own = Bench(given, plan), Bench((), plan)
    for mutant in mutants(graph):
        if bench.notices(mutant):
            continue
        if not own.notices(mutant):
            word = product.word(mutant)
            if not isinstance(word, Word):
                found.equivalent += word is None
                found.undecided += word is not None
                continue
            own.add(_script(word, plan))
            found.words.append(word)
        found.mutants.append(mutant)
    return found


def _script(word: Word, plan: Plan) -> Script:
    rehearsed = rehearse(plan, word.start, word.acts)
    case = Case("word", "", KILL, tuple(each.step for each in rehearsed), word.start)
    return Script(case, rehearsed)


def _draft(plan: Plan, found: _Found, *, alone: bool) -> Draft:
    """Few walks that kill every mutant that was *found*."""
    words = _joined(plan, found.words)
    bench = Bench((_script(word, plan) for word in words), plan)
    kills = [0] * len(words)
    for number, mutant in enumerate(found.mutants):
        killers, _ = bench.killers(mutant)
        for place in bits(killers):
            kills[place] |= 1 << number
    kept = _covering(kills, [len(word.acts) for word in words])
    walks = tuple(_walk(words[place], kills[place], found.mutants) for place in kept)
    return Draft(KILL, walks, _guarantee(found, alone=alone))


def _walk(word: Word, kills: int, found: Sequence[Mutant]) -> Walk:
    first = found[(kills & -kills).bit_length() - 1]
    more = kills.bit_count() - 1
    also = f", and {more} more" if more else ""
    return Walk(f"notices when {first.says}{also}", word.start, word.acts)


def _joined(plan: Plan, words: Iterable[Word]) -> list[Word]:
    """Longer words instead of many short ones: what is refused leaves the order where it was.

    So words that take the same steps become one, with all that any of them is refused between
    those; and so does a word with another one that takes its steps and more.
    """
    found: dict[Word, _Refusals] = {}
    for word in dict.fromkeys(words):
        stem, refusals = _parted(plan, word)
        into = found.setdefault(stem, {})
        for place, acts in refusals.items():
            into.setdefault(place, {}).update(acts)
    for stem in sorted(found, key=lambda each: len(each.acts)):
        longer = next((each for each in found if _begins(stem, each)), None)
        if longer is not None:
            for place, acts in found.pop(stem).items():
                found[longer].setdefault(place, {}).update(acts)
    return [_whole(stem, refusals) for stem, refusals in found.items()]


_Refusals = dict[int, dict[Act, None]]
"""What is refused, by the number of steps that were taken before."""


def _parted(plan: Plan, word: Word) -> tuple[Word, _Refusals]:
    """The steps that *word* takes, and what it is refused between them."""
    taken: list[Act] = []
    refusals: _Refusals = {}
    for each in rehearse(plan, word.start, word.acts):
        if each.step.refused and each.call.event != ADVANCE:
            refusals.setdefault(len(taken), {})[each.step.act] = None
        else:
            taken.append(each.step.act)
    return Word(word.start, tuple(taken)), refusals


def _begins(stem: Word, other: Word) -> bool:
    """Whether *other* takes all steps of *stem* first, and more."""
    length = len(stem.acts)
    return (
        len(other.acts) > length and other.start == stem.start and other.acts[:length] == stem.acts
    )


def _whole(stem: Word, refusals: _Refusals) -> Word:
    """The steps of *stem*, with the refusals between them."""
    acts: list[Act] = []
    for place in range(len(stem.acts) + 1):
        acts += [*refusals.get(place, ()), *stem.acts[place : place + 1]]
    return Word(stem.start, tuple(acts))


def _covering(kills: Sequence[int], prices: Sequence[int]) -> list[int]:
    """Places of few sets that hold together what all hold, the most for its price first."""
    left, kept = 0, []
    for each in kills:
        left |= each
    while left:
        new = [(each & left).bit_count() for each in kills]
        best = max(range(len(kills)), key=lambda place: (new[place] / prices[place], -place))
        kept.append(best)
        left &= ~kills[best]
    return sorted(kept)


def _guarantee(found: _Found, *, alone: bool) -> Guarantee:
    whom = "those broken systems that the other cases let pass"
    if alone:
        whom = "the broken systems that can be told from the flow"
    figures = (
        ("mutants to be noticed", len(found.mutants)),
        ("equivalent", found.equivalent),
        ("undecided", found.undecided),
    )
    return Guarantee(KILL, f"A subject that passes is none of {whom}.", figures)
