"""All breaks of a flow: those a flow file could contain, and those that only a system can have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from orderflow.conformance.mutation.cents import AWAY, wrong_at
from orderflow.conformance.mutation.flow_operators import astray, flow_mutants
from orderflow.conformance.mutation.mutant import DataClass, Mutant, Operator, Quirk, Sign
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.flows.model import Flow, Transition
from orderflow.flows.timeline import Shipment, timeline
from orderflow.simulator.space import key_of

POSITIVE, NEGATIVE = Sign.POSITIVE, Sign.NEGATIVE

MOST_TIMES = 4
"""How often a transition works at most before a broken counter refuses it."""

MOST_BETWEEN = 1
"""Steps between an arrival and the step that a broken memory of it spoils."""


def mutants(graph: Graph) -> Iterator[Mutant]:
    """Every break of the flow of *graph*, in the order of the flow file, kind by kind."""
    flow = graph.space.plan.flow
    yield from flow_mutants(flow)
    yield from _cents_off(flow)
    yield from _moved(flow)
    yield from _in_one_class(graph)
    for step in flow.transitions:
        yield _quirky(flow, step, Operator.LOST, Quirk(), f"{step.id} leaves the order as it was")
    yield from _timers(graph)
    yield from _counters(graph)
    yield from _histories(graph)
    yield from _poisoned(flow)
    yield from _projections(flow)


def _quirky(flow: Flow, step: Transition, operator: Operator, quirk: Quirk, says: str) -> Mutant:
    """The mutant in which *step* goes wrong in a way that no flow can say."""
    name, cell = f"{step.id}/{operator}", (step.source, step.event)
    return Mutant(name, operator, POSITIVE, cell, step.id, step.actors, says, flow, quirk)


def _cents_off(flow: Flow) -> Iterator[Mutant]:
    """Guards that compare amounts and are a cent too generous, or a cent too strict."""
    for step in flow.transitions:
        for name in step.when:
            for cents, generous in wrong_at(name).items():
                kind = Operator.GUARD_GENEROUS if generous else Operator.GUARD_STRICT
                holds = "holds" if generous else "does not hold"
                says = f"in {step.id}, {name} {holds} {AWAY[cents]}"
                wrong = _quirky(flow, step, kind, Quirk(guard=name, cents=cents), says)
                sign = NEGATIVE if generous else POSITIVE
                yield replace(wrong, id=f"{wrong.id}/{name}/{cents}", sign=sign)


def _moved(flow: Flow) -> Iterator[Mutant]:
    """Every event where no transition takes it, moving the order to every other status."""
    for source, event, actors, target in astray(flow):
        if target != source:
            yield Mutant(
                f"{source}+{event}/{Operator.MOVED}/{target}",
                Operator.MOVED,
                NEGATIVE,
                (source, event),
                "",
                actors,
                f"{event} is refused in {source}, and the order goes to {target}",
                flow,
                Quirk(to=target),
            )


def _in_one_class(graph: Graph) -> Iterator[Mutant]:
    """Every event that a node refuses, taken there alone, where a status has several nodes.

    The order stays where it is, so that only the answer gives it away, or goes elsewhere.
    """
    flow, usual = graph.space.plan.flow, _usual_actors(graph.space.plan.flow)
    many, met = Counter(graph.status), Counter[str]()
    for node, status in enumerate(graph.status):
        met[status] += 1
        if many[status] == 1:
            continue  # nothing but the kind in which all orders of the status take it
        where = _class_of(graph, node)
        name = status if met[status] == 1 else f"{status} ({met[status]})"
        for event in _refused_by(graph, node):
            for target in dict.fromkeys((status, _another(flow, status))):
                yield Mutant(
                    f"{name}+{event}/{Operator.ONE_CLASS}/{target}",
                    Operator.ONE_CLASS,
                    NEGATIVE,
                    (status, event),
                    "",
                    usual.get(event, ("platform",)),
                    f"{event} is taken in {name}, one data class of {many[status]} there, "
                    f"and leads to {target}",
                    flow,
                    Quirk(to=target, where=where),
                )


def _class_of(graph: Graph, node: int) -> DataClass:
    """The orders of *node*."""
    facts, orders = graph.space.facts, graph.space.orders
    places = zip(orders, graph.node_of, strict=True)
    return DataClass(facts, frozenset(key_of(each, facts) for each, of in places if of == node))


def _refused_by(graph: Graph, node: int) -> tuple[str, ...]:
    """Events that *node* takes with no data whatever, and that no time limit brings about."""
    taken = {arc.event for arc in graph.out[node]}
    timed = {event for _, event in graph.space.plan.alarms.get(graph.status[node], ())}
    events = dict.fromkeys(event for event, _ in graph.refused[node])
    return tuple(event for event in events if event not in taken | timed)


def _usual_actors(flow: Flow) -> dict[str, tuple[str, ...]]:
    """Who fires each event, in the transition that comes first in the flow."""
    found: dict[str, tuple[str, ...]] = {}
    for step in flow.transitions:
        found.setdefault(step.event, step.actors)
    return found


def _another(flow: Flow, *statuses: str) -> str:
    """The first status of *flow* that is none of *statuses*; empty when there is none."""
    return next((state.name for state in flow.states if state.name not in statuses), "")


def _timers(graph: Graph) -> Iterator[Mutant]:
    """Timers that are a millisecond off."""
    plan = graph.space.plan
    for step in plan.flow.transitions:
        row = plan.branches[step.source, step.event]
        wait = next(branch.wait for branch in row if branch.step.id == step.id)
        if wait is None:
            continue
        says = f"{step.id} is taken 1 ms late"
        yield _quirky(plan.flow, step, Operator.TIMER_LATE, Quirk(shift=1), says)
        if wait:
            says = f"{step.id} is taken 1 ms early"
            early = _quirky(plan.flow, step, Operator.TIMER_EARLY, Quirk(shift=-1), says)
            yield replace(early, sign=NEGATIVE)


def _counters(graph: Graph) -> Iterator[Mutant]:
    """Transitions that can be taken again and again, and at some time are not."""
    flow = graph.space.plan.flow
    for step in flow.transitions:
        if not _repeats(graph, graph.by_transition.get(step.id, ())):
            continue
        for times in range(1, MOST_TIMES + 1):
            says = f"{step.id} is refused after it was taken {times} times"
            quirk = Quirk(after=step.id, times=times)
            broken = _quirky(flow, step, Operator.COUNTER, quirk, says.replace("1 times", "once"))
            yield replace(broken, id=f"{broken.id}/{times}")


def _repeats(graph: Graph, arcs: tuple[Arc, ...]) -> bool:
    """Whether one order can take some of *arcs*, which realise one transition, for ever."""
    return any(graph.way(arc.target, arc.source) is not None for arc in arcs)


def _histories(graph: Graph) -> Iterator[Mutant]:
    """Steps that go wrong once another one has been taken, shortly before at the earliest."""
    flow = graph.space.plan.flow
    for first in flow.transitions:
        soon = _soon(graph, first.id)
        for step in flow.transitions:
            if step.id not in soon:
                continue
            for to in dict.fromkeys(("", _another(flow, step.source, step.target))):
                how = f"leads to {to} instead of {step.target}" if to else "is refused"
                quirk = Quirk(to=to, after=first.id, times=1)
                says = f"{step.id} {how} once {first.id} was taken"
                broken = _quirky(flow, step, Operator.HISTORY, quirk, says)
                yield replace(broken, id=f"{broken.id}/{first.id}{'>' if to else ''}{to}")


def _soon(graph: Graph, first: str) -> frozenset[str]:
    """Ids of the transitions an order can take within a few steps after *first*."""
    nodes = {arc.target for arc in graph.by_transition.get(first, ())}
    found: set[str] = set()
    for _ in range(MOST_BETWEEN + 1):
        arcs = [arc for node in sorted(nodes) for arc in graph.out[node]]
        found.update(arc.transition for arc in arcs)
        nodes |= {arc.target for arc in arcs}
    return frozenset(found)


def _poisoned(flow: Flow) -> Iterator[Mutant]:
    """Steps out of a status that go wrong once an event was refused there."""
    refused: dict[str, list[str]] = {}
    for source, event, _, _ in astray(flow):
        if event not in refused.setdefault(source, []):
            refused[source].append(event)
    for step in flow.transitions:
        for event in refused.get(step.source, ()):
            for to in dict.fromkeys(("", _another(flow, step.source, step.target))):
                how = f"leads to {to} instead of {step.target}" if to else "is refused"
                says = f"{step.id} {how} once {event} was refused in {step.source}"
                quirk = Quirk(to=to, refused=event, times=1)
                broken = _quirky(flow, step, Operator.POISON, quirk, says)
                yield replace(broken, id=f"{broken.id}/{event}{'>' if to else ''}{to}")


def _projections(flow: Flow) -> Iterator[Mutant]:
    """Statuses in which the shopper is shown a stage that is not the usual one there."""
    usual = {state.name: _usual_trigger(state.name) for state in flow.states}
    known = tuple(dict.fromkeys(trigger for trigger in usual.values() if trigger))
    for state in flow.states:
        for trigger in known:
            if trigger == usual[state.name]:
                continue
            yield Mutant(
                f"{state.name}/{Operator.PROJECTION}/{trigger}",
                Operator.PROJECTION,
                POSITIVE,
                (state.name, ""),
                "",
                ("platform",),
                f"the trigger {trigger} is shown in {state.name}",
                flow,
                Quirk(shown=trigger),
            )


def _usual_trigger(status: str) -> str:
    """Trigger of the stage that an order in *status* is in before anything was sent."""
    stages = timeline(status, Shipment(("delivery",)), 0, history=(status,)).stages
    return next((each.trigger for each in reversed(stages) if each.slot != "todo"), "")
