"""Why no rule can see a broken flow: one sentence for each that no A-rule objects to.

A rule judges what is recorded of an order: its steps and its document. What leaves no trace in
either, no rule can see, however it is written.
"""

from __future__ import annotations

from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.rule_score import THE_FLOW, Killer, Outcome
from orderflow.flows.model import Flow, Transition
from orderflow.flows.vocabulary import PREDICATES

UNEXPLAINED = "Nobody has said why no rule objects; one may be missing."

HIDDEN = {
    "stock": "whether the reservation was confirmed",
    "replacement": "whether its store allows order replacement",
    "creation": "what went wrong at its creation",
    "seller": "whether the seller's order had left the cancellation window",
    "change_seller": "whether another seller could be chosen",
}
"""Facts that no order document shows, by name, in words."""


def sentence(outcome: Outcome, flow: Flow) -> str:
    """Say why no rule objects to a broken flow; empty when one does or there is nothing to see.

    Args:
        outcome: What became of it.
        flow: The sound flow.
    """
    if outcome.killer in {Killer.RULE, Killer.EQUIVALENT}:
        return ""
    if outcome.refuses:
        return _refusal(outcome, flow)
    return _hidden(outcome.mutant, flow) or UNEXPLAINED


def _refusal(outcome: Outcome, flow: Flow) -> str:
    status, event = outcome.mutant.cell
    if outcome.noticed.invariants:
        seen = " and ".join(outcome.noticed.invariants)
        other = f"what comes of it, {seen} sees"
    elif outcome.killer is Killer.FLOW:
        other = f"a suite that tries it sees it, and {THE_FLOW} does"
    else:
        other = f"a suite that tries it sees it; {THE_FLOW} does not where a timer leads on"
    step = flow.transition.get(outcome.mutant.transition)
    asks = sorted(PREDICATES[name].meaning for name in step.when) if step else []
    under = f" when {' and '.join(asks)}" if outcome.mutant.operator == "guard-negated" else ""
    told = f"{event} is refused in {status}{under}"
    return f"A history holds what happened: that {told} leaves no trace in it; {other}."


def _hidden(mutant: Mutant, flow: Flow) -> str:
    """The sentence on a step that the flow has, under a condition that no document shows."""
    broken = next((s for s in mutant.flow.transitions if s not in flow.transitions), None)
    if broken is None:
        return ""
    row = (broken.source, broken.event, broken.target)
    likes = [s for s in flow.transitions if (s.source, s.event, s.target) == row]
    like = next((s for s in likes if s.id == broken.id), likes[0] if likes else None)
    if like is None:
        return ""
    facts = dict.fromkeys(PREDICATES[name].fact for name in _conditions(flow, like, mutant))
    unseen = [HIDDEN[fact] for fact in facts if fact in HIDDEN]
    if not unseen:
        return ""
    shown = f"the transition table has the step {like.id}, {row[0]} by {row[1]} to {row[2]}"
    return f"No order document shows {' or '.join(unseen)}: {shown}, for other orders."


def _conditions(flow: Flow, step: Transition, mutant: Mutant) -> tuple[str, ...]:
    """Predicates that decide whether a step is taken: its own, and those of its rivals."""
    if mutant.operator == "guard-dropped":
        return (mutant.id.rpartition("/")[2],)
    rivals = flow.leaving.get((step.source, step.event), ())
    return (*step.when, *(name for each in rivals for name in each.when))
