"""A broken system as a subject, to be asked by whatever asks subjects."""

from __future__ import annotations

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.system import System, broken
from orderflow.conformance.subjects.subject import Answer, Call, Outcome
from orderflow.simulator.machine import Plan


class Acting:
    """A broken system as a :class:`~orderflow.conformance.subjects.subject.Subject`.

    Args:
        system: What it does.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.position = system.begin(Start())

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        self.position = self.system.begin(start)
        return self._answer(Outcome.ACCEPTED)

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        outcome, self.position = self.system.fire(self.position, call)
        return self._answer(outcome)

    def _answer(self, outcome: Outcome) -> Answer:
        at = self.position
        return Answer(outcome, at.status, trigger=self.system.trigger(at))


def subject_of(mutant: Mutant, plan: Plan) -> Acting:
    """A subject that does what *mutant* does."""
    return Acting(broken(mutant, plan).system)
