"""What is new, known and fixed since an earlier run, and what this run cannot say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.asked import Asked
from orderflow.conformance.verdict import Failure, Verdict

Key = tuple[str, str, str, str]
"""What two runs call one failure by: deal, flow, fault and identity."""


def key_of(failure: Failure) -> Key:
    """Return what another run would call the same failure by."""
    return failure.deal, failure.flow, failure.fault, failure.identity


@dataclass(frozen=True, slots=True)
class Changes:
    """One run laid beside an earlier one, failure by failure.

    Attributes:
        new: Failures of this run that the earlier one did not tell, in the order of this run; one
            that was a mere warning then and is an error now is among them.
        known: Failures that both runs tell, as this run tells them.
        fixed: Failures of the earlier run that this one would have met, and did not.
        unasked: Failures of the earlier run that this one did not meet, and need not have met.
        reasons: Why nobody knows about each of *unasked*, in the same order.
        notes: What makes the two runs hard to compare, in sentences.
    """

    new: tuple[Failure, ...] = ()
    known: tuple[Failure, ...] = ()
    fixed: tuple[Failure, ...] = ()
    unasked: tuple[Failure, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How many of each, in one sentence.

        >>> Changes().sentence
        'Since the earlier run: 0 new, 0 known, 0 fixed.'
        """
        told = f"{len(self.new)} new, {len(self.known)} known, {len(self.fixed)} fixed"
        rest = f", {len(self.unasked)} not asked again" if self.unasked else ""
        return f"Since the earlier run: {told}{rest}."

    @property
    def words(self) -> dict[Key, str]:
        """``new`` or ``known`` for each failure of this run, by :func:`key_of`."""
        return {
            **{key_of(failure): "known" for failure in self.known},
            **{key_of(failure): "new" for failure in self.new},
        }


def compare(verdict: Verdict, earlier: Verdict) -> Changes:
    """Lay *verdict* beside an *earlier* one.

    What the earlier run met and this one did not is only *fixed* when this run asked at least what
    would have shown it: the same flow, view and settings, no less of chance and of the search, and
    the same place was reached. All else is *unasked*.
    """
    before, met = _by_key(earlier.failures), _by_key(verdict.failures)
    known = tuple(failure for failure in verdict.failures if _is_known(failure, before))
    gone = tuple(failure for key, failure in before.items() if key not in met)
    asked = Asked(verdict, earlier)
    reasons = {key_of(failure): asked.doubt(failure) for failure in gone}
    doubtful = tuple(failure for failure in gone if reasons[key_of(failure)])
    return Changes(
        new=tuple(failure for failure in verdict.failures if not _is_known(failure, before)),
        known=known,
        fixed=tuple(failure for failure in gone if not reasons[key_of(failure)]),
        unasked=doubtful,
        reasons=tuple(reasons[key_of(failure)] for failure in doubtful),
        notes=asked.notes,
    )


def _by_key(failures: Iterable[Failure]) -> dict[Key, Failure]:
    """The failures by what they are called; of two, such as of two profiles, the graver one."""
    found: dict[Key, Failure] = {}
    for failure in failures:
        told = found.setdefault(key_of(failure), failure)
        if told.severity != "error" and failure.severity == "error":
            found[key_of(failure)] = failure
    return found


def _is_known(failure: Failure, before: dict[Key, Failure]) -> bool:
    told = before.get(key_of(failure))
    return told is not None and (told.severity == "error" or failure.severity != "error")


def only_known(verdict: Verdict, changes: Changes) -> bool:
    """Whether nothing fails in *verdict* but what the earlier run told already.

    Errors that were counted only may be new, and a case that could not be judged is not known to
    anybody: with either there is more than what is known.
    """
    if any(failure.severity == "error" or failure.fault for failure in changes.new):
        return False
    if any(_errors_left_out(verdict, name, deal=deal) for name, deal in _with_more(verdict)):
        return False
    return all(
        suite.conforms
        or (not suite.indeterminate and suite.failed and any(f.flow == name for f in changes.known))
        for name, suite in ((flow.name, flow.suite) for flow in verdict.flows)
        if suite is not None
    )


def _with_more(verdict: Verdict) -> Iterable[tuple[str, bool]]:
    """The flows and deals of which failures were counted only; True for deals."""
    yield from ((flow.name, False) for flow in verdict.flows if flow.left_out)
    yield from ((deal.name, True) for deal in verdict.deals if deal.left_out)


def _errors_left_out(verdict: Verdict, name: str, *, deal: bool) -> bool:
    """Whether what was counted only may be errors: those are told first, before any warning."""
    told = [f for f in verdict.failures if not f.fault and (f.deal if deal else f.flow) == name]
    own = told if deal else [failure for failure in told if not failure.deal]
    return all(failure.severity == "error" for failure in own)
