"""What a replay showed, as lines for people and as one JSON object for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from orderflow.conformance.subjects.errors import without_password

if TYPE_CHECKING:
    from orderflow.conformance.trace_file import TraceFile
    from orderflow.conformance.verdict import MessageTrace, TraceStep

SCHEMA = "orderflow/replay/1"
ORDER = "order"
"""Name of the only document where there is no sale."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong.

    Attributes:
        severity: ``error``, ``warning`` or ``info``.
        step: Number of the act at which it broke, from 1; 0 when it is none in particular.
        observed: What happened.
        expected: What should have happened.
        rule: Id of the rule or invariant that is broken; empty where a file says otherwise.
        also: Ids of other rules that are broken by it.
        participant: Document of a sale, empty where there is but one.
    """

    severity: str
    step: int
    observed: str
    expected: str
    rule: str = ""
    also: tuple[str, ...] = ()
    participant: str = ""

    @property
    def line(self) -> str:
        """The same for people."""
        if not self.rule:
            return f"step {self.step}: {self.observed}; {self.expected}"
        who = f"{self.participant}: " if self.participant else ""
        also = f"; also {', '.join(self.also)}" if self.also else ""
        return f"{self.severity}: {who}{self.observed}; {self.expected} ({self.rule}{also})"


@dataclass(frozen=True, slots=True)
class Played:
    """One act and what came of it.

    Attributes:
        act: The act, as typed.
        status: Where it led; empty when nobody knows.
        accepted: Whether it was taken; None when it was not played, or nobody knows.
        told: Why it was refused, or what the system said.
        expected: Where the flow leads; empty on the simulator, which cannot lead elsewhere.
        trigger: Trigger that the system shows of the stage; None when it shows none.
    """

    act: str
    status: str
    accepted: bool | None
    told: str = ""
    expected: str = ""
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay showed.

    Attributes:
        conforms: Nothing that counts as an error was found, and everything was judged.
        lines: The same for people.
        steps: What was done, in order.
        wrong: What is wrong, in the order in which it is told.
        statuses: (document, status) at the end.
        unjudged: Why not everything could be judged, else empty.
        trace: What happened to the documents; () where only a system knows.
        messages: What the documents of a sale told each other.
    """

    conforms: bool
    lines: tuple[str, ...]
    steps: tuple[Played, ...]
    wrong: tuple[Wrong, ...]
    statuses: tuple[tuple[str, str], ...]
    unjudged: str = ""
    trace: tuple[TraceStep, ...] = ()
    messages: tuple[MessageTrace, ...] = ()


def differences(steps: Iterable[Played], before: Iterable[str]) -> tuple[Wrong, ...]:
    """Where acts end elsewhere than a file says, which has nothing to say where it is empty."""
    return tuple(
        Wrong("error", number, f"{step.act} now ends in {step.status}", f"the file says {then}")
        for number, (step, then) in enumerate(zip(steps, before, strict=True), 1)
        if then and step.status != then
    )


def lines_of(wrong: Iterable[Wrong], rule: str) -> Iterator[str]:
    """What is wrong, and whether the *rule* that a file is about, if any, is not broken."""
    found = tuple(wrong)
    yield from (each.line for each in found)
    if rule and rule not in broken_by(found):
        yield f"{rule}, which the file is about, is not broken"


def broken_by(wrong: Iterable[Wrong]) -> frozenset[str]:
    """Ids of all rules that are broken."""
    return frozenset(rule for each in wrong for rule in (each.rule, *each.also))


def render_replay(replayed: Replayed, trace: TraceFile, target: str = "") -> str:
    """Write what a replay showed as one JSON object, one value a line.

    The keys are ``schema``; ``flow`` or ``deal``, the other one empty; ``profile``, ``modules``,
    ``settings``, ``fault`` and ``target``, each empty where there is none; ``rule``, which a file
    is about, and ``broken``, whether it is; ``conforms``; ``unjudged``; ``statuses``, an object
    from document (``order`` where there is no sale) to status; ``steps``, each with its ``number``
    from 1 and what :class:`Played` has; ``wrong``, each as :class:`Wrong`; ``trace`` and
    ``messages`` as in a verdict, but for the data of a step, which is an object.
    """
    document: dict[str, object] = {
        "schema": SCHEMA,
        "flow": trace.flow,
        "deal": trace.deal,
        "profile": str(trace.profile),
        "modules": trace.modules,
        "settings": trace.settings,
        "fault": trace.fault,
        "target": without_password(target),
        "rule": trace.rule,
        "broken": bool(trace.rule) and trace.rule in broken_by(replayed.wrong),
        "conforms": replayed.conforms,
        "unjudged": replayed.unjudged,
        "statuses": dict(replayed.statuses),
        "steps": [{"number": n, **asdict(each)} for n, each in enumerate(replayed.steps, 1)],
        "wrong": [asdict(each) for each in replayed.wrong],
        "trace": [_step(each) for each in replayed.trace],
        "messages": [asdict(each) for each in replayed.messages],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _step(step: TraceStep) -> Mapping[str, object]:
    return {**asdict(step), "data": dict(step.data)}
