"""Breaks that a flow file could contain: every one of each kind, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.flows.vocabulary import FACTS, PREDICATES, Predicate

POSITIVE, NEGATIVE = Sign.POSITIVE, Sign.NEGATIVE


def flow_mutants(flow: Flow) -> Iterator[Mutant]:
    """Every break of *flow*, one profile of a flow, that is a change of the flow itself.

    The order is that of the flow file, so that a listing of mutants can be compared.
    """
    for step in flow.transitions:
        yield from _redirected(flow, step)
        yield _changed(flow, step, None, Operator.DELETE, says=f"{step.id} is missing")
        yield from _swapped(flow, step)
        yield from _guards(flow, step)
    yield from _accepting(flow)
    yield from _without_timers(flow)


def _with(flow: Flow, old: Transition, new: Transition | None) -> Flow:
    """*flow* with *new* in the place of *old*."""
    steps = (new if step is old else step for step in flow.transitions)
    return replace(flow, transitions=tuple(step for step in steps if step is not None))


def _changed(
    flow: Flow, step: Transition, new: Transition | None, operator: Operator, *, says: str
) -> Mutant:
    """The mutant in which *new* stands for *step*."""
    return Mutant(
        f"{step.id}/{operator}",
        operator,
        POSITIVE,
        (step.source, step.event),
        step.id,
        step.actors,
        says,
        _with(flow, step, new),
    )


def _redirected(flow: Flow, step: Transition) -> Iterator[Mutant]:
    operator = Operator.INITIAL if step.source == ABSENT else Operator.REDIRECT
    for state in flow.states:
        if state.name != step.target:
            says = f"{step.id} leads to {state.name} instead of {step.target}"
            wrong = _changed(flow, step, replace(step, target=state.name), operator, says=says)
            yield replace(wrong, id=f"{wrong.id}/{state.name}")


def _swapped(flow: Flow, step: Transition) -> Iterator[Mutant]:
    """Events that lead nowhere else from that status: with the others two steps would compete."""
    for event in flow.events:
        if (step.source, event) not in flow.leaving:
            new = replace(step, event=event)
            says = f"{step.id} is taken by {event} instead of {step.event}"
            yield replace(
                _changed(flow, step, new, Operator.SWAP, says=says),
                id=f"{step.id}/{Operator.SWAP}/{event}",
            )


def _guards(flow: Flow, step: Transition) -> Iterator[Mutant]:
    for name in step.when:
        rest = tuple(each for each in step.when if each != name)
        dropped = _changed(
            flow,
            step,
            replace(step, when=rest),
            Operator.GUARD_DROPPED,
            says=f"{step.id} does not ask for {name}",
        )
        yield replace(dropped, id=f"{dropped.id}/{name}", sign=NEGATIVE)
        opposite = negation(name)
        if opposite is not None:
            negated = _changed(
                flow,
                step,
                replace(step, when=(*rest, opposite)),
                Operator.GUARD_NEGATED,
                says=f"{step.id} asks for {opposite} instead of {name}",
            )
            yield replace(negated, id=f"{negated.id}/{name}")


def negation(predicate: str) -> str | None:
    """The predicate of the vocabulary that holds exactly where *predicate* does not."""
    known = PREDICATES[predicate]
    others = frozenset(FACTS[known.fact].answers) - known.answers

    def opposes(each: Predicate) -> bool:
        return each.fact == known.fact and each.answers == others

    return next((each.name for each in PREDICATES.values() if opposes(each)), None)


def astray(flow: Flow) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """(status, event, who usually fires it, another or the same status), where none takes it."""
    names = tuple(state.name for state in flow.states)
    usual: dict[str, tuple[str, ...]] = {}
    for step in flow.transitions:
        usual.setdefault(step.event, step.actors)
    for source in (ABSENT, *names):
        for event in flow.events:
            if (source, event) not in flow.leaving:
                for target in names:
                    yield source, event, usual.get(event, ("platform",)), target


def _accepting(flow: Flow) -> Iterator[Mutant]:
    """Every event where it is refused, leading to every status, the same one included."""
    for source, event, actors, target in astray(flow):
        new = Transition("X", "X", source, event, target, actors)
        yield Mutant(
            f"{source}+{event}/{Operator.ACCEPT}/{target}",
            Operator.ACCEPT,
            NEGATIVE,
            (source, event),
            "",
            actors,
            f"{event} is taken in {source} and leads to {target}",
            replace(flow, transitions=(*flow.transitions, new)),
        )


def _without_timers(flow: Flow) -> Iterator[Mutant]:
    for timer in flow.timers:
        steps = flow.leaving.get((timer.state, timer.fires), ())
        taken = next((step for step in steps if step.actors == ("timer",)), None)
        if taken is None:
            continue
        yield Mutant(
            f"{taken.id}/{Operator.TIMER_OFF}",
            Operator.TIMER_OFF,
            POSITIVE,
            (timer.state, timer.fires),
            taken.id,
            taken.actors,
            f"{timer.fires} is taken in {timer.state} at any time, and no time limit brings it",
            replace(flow, timers=tuple(each for each in flow.timers if each is not timer)),
        )
