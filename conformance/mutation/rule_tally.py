"""What the rules are worth: what became of each broken flow, counted in the ways people ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.judge import applicable
from orderflow.conformance.mutation.blind import sentence
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.rule_score import Killer, Outcome
from orderflow.conformance.rules import CATALOGUE
from orderflow.flows.model import Flow

_SANDBOX = "sandbox decision"


def apart(mutant: Mutant, flow: Flow) -> str:
    """Say why a broken flow changes nothing that is documented; empty when it does.

    A step is documented when it cites a source, nothing about it is a sandbox decision (told by
    its note, its sources or its decisions), and neither of its statuses is undocumented. What is
    refused in a status is documented with the status.
    """
    states = [flow.state.get(mutant.cell[0])]
    step = flow.transition.get(mutant.transition)
    if step is not None:
        states.append(flow.state.get(step.target))
        if not step.cites:
            return "no source"
        if any(_SANDBOX in text for text in (step.note, *step.cites, *step.decisions)):
            return _SANDBOX
    if any(state is not None and state.entry == "undocumented" for state in states):
        return "undocumented status"
    return ""


@dataclass(frozen=True, slots=True)
class Line:
    """Broken flows of one kind.

    Attributes:
        name: Their kind.
        mutants: All of them.
        equivalent: Those that no run can tell from the sound flow.
        rules: Those that an A-rule notices.
        invariants: Those that only an invariant notices.
        flow: Those that only the comparison with the flow notices.
        survived: Those that nothing notices.
    """

    name: str
    mutants: int
    equivalent: int
    rules: int
    invariants: int
    flow: int
    survived: int

    @property
    def score(self) -> float:
        """Share of the A-rules among those that can be noticed; 1 when there is none."""
        return _share(self.rules, self.mutants - self.equivalent)


@dataclass(frozen=True, slots=True)
class Blind:
    """Broken flows that no A-rule notices, for one reason.

    Attributes:
        why: The reason, one sentence.
        ids: Their ids.
    """

    why: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleTally:
    """What the rules are worth on one flow.

    Attributes:
        name: The flow.
        lines: One for each operator, of what changes a documented behaviour.
        signs: The same for each sign.
        total: All of that.
        apart: One line for each reason not to count the others.
        blind: What no rule notices, the most frequent reason first.
        alone: (rule, broken flows it notices, those that no other rule objects to there).
        silent: Rules for such flows that never were among the first to object.
        itself: What rules or invariants notice without the right flow to judge by, of ...
        itself_of: ... so many.
        itself_rules: Of the former, what an A-rule notices.
    """

    name: str
    lines: tuple[Line, ...]
    signs: tuple[Line, ...]
    total: Line
    apart: tuple[Line, ...]
    blind: tuple[Blind, ...]
    alone: tuple[tuple[str, int, int], ...]
    silent: tuple[str, ...]
    itself: int
    itself_of: int
    itself_rules: int

    @property
    def scores(self) -> dict[str, float]:
        """What a gate may ask for, by name: all, each sign, each operator."""
        return {line.name: line.score for line in (self.total, *self.signs, *self.lines)}


def tally(outcomes: Iterable[Outcome], flow: Flow) -> RuleTally:
    """Count what became of the broken flows.

    Args:
        outcomes: What became of each.
        flow: The sound flow.
    """
    every = tuple(outcomes)
    why = {each.mutant.id: apart(each.mutant, flow) for each in every}
    counted = tuple(each for each in every if not why[each.mutant.id])
    own = [each.itself for each in counted if each.itself is not None]
    alone = _alone(every)
    known = {name for name, _, _ in alone}
    return RuleTally(
        name=flow.name,
        lines=_by([(str(each.mutant.operator), each) for each in counted]),
        signs=_by([(str(each.mutant.sign), each) for each in counted]),
        total=_line("all", counted),
        apart=_by([(why[each.mutant.id], each) for each in every if why[each.mutant.id]]),
        blind=_blind(every, flow),
        alone=alone,
        silent=tuple(id_ for _, _, id_ in applicable(CATALOGUE, flow.family) if id_ not in known),
        itself=sum(bool(each.rules or each.invariants) for each in own),
        itself_of=len(own),
        itself_rules=sum(bool(each.rules) for each in own),
    )


def _by(named: list[tuple[str, Outcome]]) -> tuple[Line, ...]:
    """One line for each name, in the order in which they come first."""
    names = dict.fromkeys(name for name, _ in named)
    return tuple(_line(name, [each for other, each in named if other == name]) for name in names)


def _line(name: str, outcomes: Iterable[Outcome]) -> Line:
    count = Counter(each.killer for each in outcomes)
    return Line(
        name,
        count.total(),
        count[Killer.EQUIVALENT],
        count[Killer.RULE],
        count[Killer.INVARIANT],
        count[Killer.FLOW],
        count[Killer.NOTHING],
    )


def _blind(outcomes: Iterable[Outcome], flow: Flow) -> tuple[Blind, ...]:
    found: dict[str, list[str]] = {}
    for each in outcomes:
        why = sentence(each, flow)
        if why:
            found.setdefault(why, []).append(each.mutant.id)
    reasons = [Blind(why, tuple(ids)) for why, ids in found.items()]
    return tuple(sorted(reasons, key=lambda each: -len(each.ids)))


def _alone(outcomes: Iterable[Outcome]) -> tuple[tuple[str, int, int], ...]:
    noticed, alone = Counter[str](), Counter[str]()
    for each in outcomes:
        noticed.update(each.noticed.rules)
        if len(each.noticed.rules) == 1:
            alone.update(each.noticed.rules)
    return tuple((name, noticed[name], alone[name]) for name in sorted(noticed))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
