"""What is new, known and fixed since an earlier run."""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.conformance.verdict import Failure, Verdict


@dataclass(frozen=True, slots=True)
class Changes:
    """One run laid beside an earlier one, failure by failure.

    Attributes:
        new: Identities of failures the earlier run did not meet, in the order of this run.
        known: Identities both runs met, in the order of this run.
        fixed: Failures of the earlier run that this one could have met and did not.
        unasked: Failures of the earlier run whose flow or deal this one did not check.
    """

    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    fixed: tuple[Failure, ...] = ()
    unasked: tuple[Failure, ...] = ()


def compare(verdict: Verdict, earlier: Verdict) -> Changes:
    """Lay *verdict* beside an *earlier* one."""
    met = dict.fromkeys(failure.identity for failure in verdict.failures)
    before = dict.fromkeys(failure.identity for failure in earlier.failures)
    asked = {flow.name for flow in verdict.flows} | {deal.name for deal in verdict.deals}
    gone = tuple(failure for failure in earlier.failures if failure.identity not in met)
    return Changes(
        new=tuple(identity for identity in met if identity not in before),
        known=tuple(identity for identity in met if identity in before),
        fixed=tuple(failure for failure in gone if (failure.deal or failure.flow) in asked),
        unasked=tuple(failure for failure in gone if (failure.deal or failure.flow) not in asked),
    )
