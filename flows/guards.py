"""Decides by counting whether guards of the same step overlap or leave a gap.

A guard is a set of predicates, each of which allows some answers to one fact, so it allows
a set of answers to each fact it speaks of. The status held before the cancellation request
counts as one more fact, whose answers are the statuses the steps name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod

from orderflow.flows.model import Transition
from orderflow.flows.vocabulary import FACTS, PREDICATES

HELD = "status held before"

MOST_CASES = 100_000
"""Most pairs of a case and a step that are looked at in search of a gap: a fraction of a second."""

Allowed = Mapping[str, frozenset[str]]
"""Answers under which a guard holds, by fact; a fact that is not named may have any answer."""

Answers = tuple[tuple[str, str], ...]
"""One answer to each of some facts."""


def allowed(step: Transition) -> Allowed:
    """Return the answers under which *step* may be taken; an empty set means never."""
    answers: dict[str, frozenset[str]] = {HELD: frozenset({step.held})} if step.held else {}
    for name in step.when:
        predicate = PREDICATES[name]
        before = answers.get(predicate.fact, predicate.answers)
        answers[predicate.fact] = before & predicate.answers
    return answers


def never_holds(step: Transition) -> bool:
    """Whether no order whatsoever satisfies the guard of *step*."""
    return any(not answers for answers in allowed(step).values())


def overlap(one: Transition, other: Transition) -> Answers | None:
    """Return answers under which both guards hold, or None when there are none."""
    first, second = allowed(one), allowed(other)
    common: dict[str, frozenset[str]] = {}
    for fact in {**first, **second}:
        both = first.get(fact, second.get(fact)), second.get(fact, first.get(fact))
        common[fact] = (both[0] or frozenset()) & (both[1] or frozenset())
    if any(not answers for answers in common.values()):
        return None
    return tuple((fact, _usual(fact, answers)) for fact, answers in common.items())


def gap(steps: Sequence[Transition]) -> Answers | None:
    """Return answers under which none of *steps* may be taken, or None when one always may.

    What all guards ask alike is a condition of the event, not a choice between the steps:
    where it fails the event is simply refused. Steps that speak of so many facts that there
    are more than ``MOST_CASES`` to look at are taken to leave no gap.
    """
    guards = [allowed(step) for step in steps]
    facts = list(dict.fromkeys(fact for guard in guards for fact in guard))
    shared = [fact for fact in facts if len({guard.get(fact) for guard in guards}) == 1]
    facts = [fact for fact in facts if fact not in shared]
    guards = [{f: answers for f, answers in guard.items() if f in facts} for guard in guards]
    if not all(guards):
        return None
    helds = tuple(dict.fromkeys(step.held for step in steps if step.held))
    choices = [helds if fact == HELD else FACTS[fact].answers for fact in facts]
    if prod(len(answers) for answers in choices) * len(steps) > MOST_CASES:
        return None
    for answers in product(*choices):
        case = dict(zip(facts, answers, strict=True))
        if not any(_holds(guard, case) for guard in guards):
            return tuple(case.items())
    return None


def _holds(guard: Allowed, case: Mapping[str, str]) -> bool:
    return all(case[fact] in answers for fact, answers in guard.items())


def _usual(fact: str, answers: Iterable[str]) -> str:
    """Return the most usual of *answers*, so that two runs tell the same."""
    found = set(answers)
    known = FACTS[fact].answers if fact in FACTS else sorted(found)
    return next(answer for answer in known if answer in found)
