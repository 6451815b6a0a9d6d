"""The result of a run as one frozen value; the same seed gives the same: no time, no duration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orderflow.conformance.figures import ProofFigures, SuiteFigures
from orderflow.conformance.sentence import sentence_of
from orderflow.conformance.vector import Dimension

__all__ = [
    "CellOutcome",
    "DealProof",
    "DealVerdict",
    "Dimension",
    "Failure",
    "FlowVerdict",
    "MessageTrace",
    "Never",
    "ProofFigures",
    "SuiteFigures",
    "TraceStep",
    "Verdict",
]


class CellOutcome(StrEnum):
    """What is known of one status/event cell."""

    EXERCISED = "exercised"
    """Allowed by the flow, and taken in this run."""
    NOT_EXERCISED = "not-exercised"
    """Allowed by the flow, never taken in this run."""
    REFUSED = "refused"
    """Not allowed, tried, and refused with nothing changed."""
    DIVERGES = "diverges"
    """A failure of this run lies in this cell."""
    UNTRIED = "untried"
    """Not allowed and not tried."""


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a counterexample.

    Attributes:
        number: 1 for the first.
        at: Virtual ms since the start of the trace.
        actor: Who acted.
        event: Event fired; ``advance`` for time that passes.
        source: Status before.
        target: Status after (same as *source* when it was refused).
        accepted: Whether the subject took the event.
        transition: Id of the transition taken, empty when none was.
        stage: My Account stage (1 to 5) reached after the step, 0 when none.
        data: What came with the event, (name, value) pairs.
        participant: Document of a sale that took the step, empty where there is but one.
        cause: Number of the message that made it happen, 0 when none did.
    """

    number: int
    at: int
    actor: str
    event: str
    source: str
    target: str
    accepted: bool = True
    transition: str = ""
    stage: int = 0
    data: tuple[tuple[str, str], ...] = ()
    participant: str = ""
    cause: int = 0


@dataclass(frozen=True, slots=True)
class MessageTrace:
    """One message between two documents of a sale, as a trace shows it.

    Attributes:
        number: 1 for the first of the trace.
        link: Id of the link that sent it.
        notice: What it says, such as ``cancel-request``.
        sender: Participant that sent it.
        receiver: Participant it goes to.
        sent: Number of the trace step that made it.
        sent_at: Virtual ms since the start of the trace.
        fate: ``acted``, ``ignored``, ``refused``, ``lost`` or ``under way``.
        arrived_at: Virtual ms since the start of the trace, -1 when it has not arrived.
        heard: Numbers of the trace steps it made happen.
        doubled: It arrived more than once.
    """

    number: int
    link: str
    notice: str
    sender: str
    receiver: str
    sent: int
    sent_at: int
    fate: str
    arrived_at: int = -1
    heard: tuple[int, ...] = ()
    doubled: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One distinct thing that is wrong, with its shortest trace.

    Attributes:
        identity: Stable name: rule, transition and kind joined with ``/``.
        rule: Rule id (``A-39``, ``I-03``) that was broken.
        title: The rule's title.
        severity: ``error`` or ``warning``.
        kind: ``rule``, ``invariant``, ``agreement`` or ``refusal``.
        flow: Name of the flow.
        transition: Id of the transition at which it broke, or empty.
        sentence: One sentence in domain words: what happened and what the rule says.
        expected: What should have happened.
        observed: What happened.
        explanation: Why the rule exists, for a tired person.
        source: Where the rule comes from.
        trace: The shrunk counterexample; its last step is the one that broke the rule.
        shrunk_from: Number of steps before shrinking.
        seen: How often the run met this failure.
        expected_target: Status the last step should have led to, or empty.
        replay: Command line that shows it again.
        acts: What to do to an order to see it, as typed on a command line.
        statuses: Status after each act.
        items: Lines of that order, as typed on a command line.
        replaceable: Order replacement is switched on in its store.
        settings: (name, value) of the limits and switches that were not the usual ones, each in
            its own unit.
        deal: Name of the sale, empty for a single order. *flow* is then that of *participant*.
        participant: Document at which it broke.
        participants: (name, flow name) of all documents of the sale.
        messages: Messages of the trace, in the order they were sent.
        fault: Name of the defect that was switched on and caused it, or empty.
        tried: How often the trace was played again on new orders of the system under test, answers
            that did not come left out; 0 means not tried.
        again: How often the failure came again then; less than *tried* for a flaky one.
    """

    identity: str
    rule: str
    title: str
    severity: str
    kind: str
    flow: str
    transition: str
    sentence: str
    expected: str
    observed: str
    explanation: str
    source: str
    trace: tuple[TraceStep, ...]
    shrunk_from: int
    seen: int
    expected_target: str
    replay: str
    acts: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    items: str = "1x10000"
    replaceable: bool = True
    settings: tuple[tuple[str, str], ...] = ()
    deal: str = ""
    participant: str = ""
    participants: tuple[tuple[str, str], ...] = ()
    messages: tuple[MessageTrace, ...] = ()
    fault: str = ""
    tried: int = 0
    again: int = 0


@dataclass(frozen=True, slots=True)
class Never:
    """A transition the run did not exercise.

    Attributes:
        transition: Its id.
        reason: ``unreachable``, ``guard never true``, ``budget`` or ``the system cannot be asked
            for it``.
        command: Command line that covers it, or empty when it cannot be reached.
    """

    transition: str
    reason: str
    command: str


@dataclass(frozen=True, slots=True)
class FlowVerdict:
    """What the run found for one flow.

    Attributes:
        name: Flow name.
        title: Flow title.
        profile: Profile checked.
        digest: Digest of the flow's text.
        source: File name of the flow.
        transitions: (transition id, times taken), in the order of the flow.
        states: (status, times entered), in the order of the flow.
        pairs: Transition pairs taken.
        pairs_total: Transition pairs the flow allows.
        cells: (status, event, outcome), statuses and events in the order of the flow.
        guards: (transition id, predicate, times true, times false).
        triggers: (timeline trigger, times shown).
        actors: (actor, times acted).
        orders: Orders placed.
        steps: Steps taken or refused.
        refused: Events refused as they must be.
        never: Transitions not exercised.
        modules: Optional modules switched on.
        rules: Ids of the rules and invariants that were evaluated at least once.
        left_out: Distinct failures beyond those the verdict shows, the ones with longer traces.
        missing: Rules that could not be judged, each with the evidence that is missing.
        proof: Figures of the exhaustive search, None when there was none.
        elsewhere: The same of the flow's other profiles, by their names.
        vector: What was covered and what is missing, by dimension; () when it was not counted.
        suite: What running a suite showed, None when there was none.
    """

    name: str
    title: str
    profile: str
    digest: str
    source: str
    transitions: tuple[tuple[str, int], ...]
    states: tuple[tuple[str, int], ...]
    pairs: int
    pairs_total: int
    cells: tuple[tuple[str, str, CellOutcome], ...]
    guards: tuple[tuple[str, str, int, int], ...]
    triggers: tuple[tuple[str, int], ...]
    actors: tuple[tuple[str, int], ...]
    orders: int
    steps: int
    refused: int
    never: tuple[Never, ...]
    modules: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    left_out: int = 0
    missing: tuple[tuple[str, str], ...] = ()
    proof: ProofFigures | None = None
    elsewhere: tuple[tuple[str, ProofFigures], ...] = ()
    vector: tuple[Dimension, ...] = ()
    suite: SuiteFigures | None = None


@dataclass(frozen=True, slots=True)
class DealProof:
    """How far an exhaustive search of one deal went.

    Attributes:
        fault: Message fault or defect that was switched on, empty for none.
        configurations: Configurations visited.
        edges: Steps between them.
        depth: Steps to the farthest one.
        complete: Nothing was left out.
        holds: Properties that hold in all of them.
        fails: Properties that do not, each with the length of the shortest way to see it.
    """

    fault: str
    configurations: int
    edges: int
    depth: int
    complete: bool
    holds: tuple[str, ...]
    fails: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """What the search shows, in one sentence."""
        reach = f"{self.configurations:,} configurations and {self.edges:,} steps"
        reach += f", {self.depth} deep"
        if not self.complete:
            return f"not finished after {reach}: nothing is shown beyond them"
        broken = ", ".join(f"{name} after {length} steps" for name, length in self.fails)
        return f"all of {reach}; " + (f"broken: {broken}" if broken else "no rule is broken")


@dataclass(frozen=True, slots=True)
class DealVerdict:
    """What the run found for one deal.

    Attributes:
        name: Its name.
        title: Its title.
        digest: Digest of its text.
        source: How a command line names it.
        profile: Profile of its flows.
        participants: (name, flow name), upper ones first.
        pairs: (upper, lower) participants.
        transitions: (participant, transition id, times taken), in the order of the flows.
        silent: (participant, transition id, why) of the transitions that no run can take.
        links: (link id, times its news was delivered).
        deals: Deals begun.
        steps: Steps taken or refused.
        delivered: Messages delivered.
        rules: Ids of the rules that were evaluated at least once.
        missing: Rules that could not be judged, each with the evidence that is missing.
        proofs: Exhaustive searches, without a fault first.
        left_out: Distinct failures beyond those the verdict shows.
    """

    name: str
    title: str
    digest: str
    source: str
    profile: str
    participants: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[str, str], ...]
    transitions: tuple[tuple[str, str, int], ...]
    silent: tuple[tuple[str, str, str], ...]
    links: tuple[tuple[str, int], ...]
    deals: int
    steps: int
    delivered: int
    rules: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    proofs: tuple[DealProof, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one ``orderflow check``.

    Attributes:
        flows: One entry for each flow checked, in the order asked for.
        failures: Distinct failures, errors first, then in the order of *flows*.
        rules: Ids of the rules and invariants that were evaluated at least once.
        seed: Seed of the run.
        settings: (name, value) pairs that a person would need to repeat the run.
        command: Command line that repeats the run.
        version: Version of orderflow.
        deals: One entry for each deal checked.
        faults: Names of the faults that were switched on, one at a time.
        target: What was tested, empty when it was the simulator.
    """

    flows: tuple[FlowVerdict, ...]
    failures: tuple[Failure, ...]
    rules: tuple[str, ...]
    seed: int
    settings: tuple[tuple[str, str], ...]
    command: str
    version: str
    deals: tuple[DealVerdict, ...] = ()
    faults: tuple[str, ...] = ()
    target: str = ""

    @property
    def left_out(self) -> int:
        """Distinct failures that are counted only: the ones with the longest traces."""
        return sum(f.left_out for f in self.flows) + sum(d.left_out for d in self.deals)

    @property
    def errors(self) -> tuple[Failure, ...]:
        """Failures that make the run fail."""
        return tuple(failure for failure in self.failures if failure.severity == "error")

    @property
    def suites(self) -> tuple[SuiteFigures, ...]:
        """Figures of the suites that were run."""
        return tuple(flow.suite for flow in self.flows if flow.suite is not None)

    @property
    def passed(self) -> bool:
        """Whether nothing counts as an error, no fault broke anything, and every suite passed.

        A case that could not be judged is not a pass, and neither is a suite of which none passed.
        """
        broken = self.errors or any(failure.fault for failure in self.failures)
        return not broken and all(suite.conforms for suite in self.suites)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence: the first failure's, or what was shown to hold."""
        return sentence_of(self)
