"""The lines of a diagram: what leads from one status to another, and who makes it happen."""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.flows.model import Flow, Transition

_PLATFORM = frozenset({"platform", "timer", "checkout"})
"""Actors that are the platform itself. Source: flows/vocabulary.py, ACTORS."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """Transitions from one status to another that are drawn as one line.

    Attributes:
        source: Status left.
        target: Status reached.
        labels: What happens, each once.
        dashed: Another actor than the platform takes them.
    """

    source: str
    target: str
    labels: tuple[str, ...]
    dashed: bool


def other_actor(step: Transition) -> str:
    """Return the actor who usually takes *step*, or "" when that is the platform itself."""
    usual = step.actors[0] if step.actors else "platform"
    return "" if usual in _PLATFORM else usual


def label_of(flow: Flow, step: Transition) -> str:
    """Return the event in words, with its guards where they decide where the order goes."""
    words = step.event.replace("_", " ")
    apart = {other.target for other in flow.leaving[step.source, step.event]}
    guards = [guard.replace("_", " ") for guard in step.when]
    guards += [f"was {step.held}"] if step.held else []
    return f"{words} ({', '.join(guards)})" if guards and len(apart) > 1 else words


def arrows(flow: Flow) -> tuple[Arrow, ...]:
    """Merge the transitions of *flow* by where they lead and whether another actor takes them."""
    merged: dict[tuple[str, str, bool], dict[str, None]] = {}
    for step in flow.transitions:
        key = (step.source, step.target, bool(other_actor(step)))
        merged.setdefault(key, {})[label_of(flow, step)] = None
    return tuple(
        Arrow(source, target, tuple(labels), dashed)
        for (source, target, dashed), labels in merged.items()
    )
