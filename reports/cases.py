"""A verdict as test cases: groups with a case for each transition and rule, for CI systems."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from orderflow.conformance.baseline import Changes, key_of
from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.reports.story import story
from orderflow.reports.suite_words import guarantee_head, not_passed, suite_sentence
from orderflow.reports.words import plain


class Outcome(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """Nobody could judge it: neither a pass nor a failure."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was asked.

    Attributes:
        group: What it belongs to, with dots between the parts.
        name: Its name within the group.
        outcome: What became of it.
        kind: What broke, or in what way it could not be judged: a rule id, ``indeterminate``.
        message: One sentence on what became of it; empty for a pass.
        text: The whole story, in lines.
        remarks: What is odd and no failure, in lines.
        failures: The errors that it stands for.
    """

    group: str
    name: str
    outcome: Outcome = Outcome.PASSED
    kind: str = ""
    message: str = ""
    text: str = ""
    remarks: str = ""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """The cases of a flow or a deal, or of the rules.

    Attributes:
        name: What they are about.
        facts: (name, value) of what a reader should know.
        cases: The cases.
    """

    name: str
    facts: tuple[tuple[str, str], ...]
    cases: tuple[Case, ...]

    def count(self, outcome: Outcome) -> int:
        """How many cases ended so."""
        return sum(case.outcome is outcome for case in self.cases)


def case_groups(verdict: Verdict, changes: Changes | None = None) -> tuple[CaseGroup, ...]:
    """Return the cases of a verdict: each flow, each deal, the rules.

    A transition never exercised counts as skipped, with the reason. A failure stands at its
    transition if it names one the run knows, else at its rule; each error in one case only.
    Failures that were counted only are one case of their flow.

    Args:
        verdict: What the run found.
        changes: The run laid beside an earlier one.
    """
    return tuple(_Arranged(verdict, changes).groups())


def visible(text: str) -> str:
    r"""Spell out what is no letter, but for line ends and tabs; every sort of blank is a blank.

    >>> print(visible("a\x00b\u202ec\u00a0d"))
    a\x00b\u202ec d
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else _spelled(char) for char in text
    )


def _spelled(char: str) -> str:
    blank = unicodedata.category(char) == "Zs"
    return " " if blank else char.encode("unicode_escape").decode()


class _Arranged:
    """Puts each failure into one case."""

    def __init__(self, verdict: Verdict, changes: Changes | None) -> None:
        self.verdict, self.changes = verdict, changes
        self._since = changes.words if changes else {}
        self._placed: set[int] = set()

    def groups(self) -> Iterator[CaseGroup]:
        """The groups, the rules last: theirs is what found no other place."""
        for found in self.verdict.flows:
            yield CaseGroup(found.name, tuple(self._facts(found)), tuple(self._of_flow(found)))
        for deal in self.verdict.deals:
            facts = ("profile", deal.profile), ("digest", deal.digest), ("source", deal.source)
            yield CaseGroup(f"deal {deal.name}", facts, tuple(self._of_deal(deal)))
        yield CaseGroup("rules", tuple(self._since_facts()), tuple(self._of_rules()))

    def _since_facts(self) -> Iterator[tuple[str, str]]:
        """How many failures are new, known and fixed, and which are fixed."""
        if self.changes is None:
            return
        changes = self.changes
        yield "baseline", changes.sentence
        for name, failures in (("fixed", changes.fixed), ("not asked again", changes.unasked)):
            for failure in failures:
                where = failure.deal or failure.flow
                yield f"baseline.{name}", f"{where}: {plain(failure.sentence)}"

    def _facts(self, found: FlowVerdict) -> Iterator[tuple[str, str]]:
        yield "profile", found.profile
        yield "digest", found.digest
        yield "source", found.source
        yield "seed", str(self.verdict.seed)
        yield "orderflow", self.verdict.version
        yield "left_out", str(found.left_out)
        yield from ((f"coverage.{each.name}", each.figure) for each in found.vector)
        if self.verdict.target:
            yield "target", self.verdict.target
        if found.suite is not None:
            yield "suite", found.suite.name
            yield "cases", suite_sentence(found.suite)
            for cover, sentence in found.suite.guarantees:
                yield f"guarantee.{cover}", f"{guarantee_head(found.suite)}: {sentence}"

    def _of_flow(self, found: FlowVerdict) -> Iterator[Case]:
        group = f"orderflow.{found.name}"
        own = [f for f in self.verdict.errors if f.flow == found.name and not f.deal]
        reasons = {never.transition: never.reason for never in found.never}
        for name, count in found.transitions:
            broken = [failure for failure in own if failure.transition == name]
            if broken or count:
                yield self._judged(group, name, broken)
                continue
            told = f"never exercised: {reasons.get(name, 'never exercised')}"
            yield Case(group, name, Outcome.SKIPPED, message=told)
        yield from _left_out(group, found.left_out, broken=bool(own))
        yield from _unjudged_cases(found)

    def _of_deal(self, found: DealVerdict) -> Iterator[Case]:
        """A case for each rule asked of a deal, without a fault and under each."""
        group = f"orderflow.deal.{found.name}"
        own = [failure for failure in self.verdict.failures if failure.deal == found.name]
        faults = ("", *self.verdict.faults)
        asked = [(rule, fault) for fault in faults for rule in found.rules]
        for rule, fault in dict.fromkeys((*asked, *((f.rule, f.fault) for f in own))):
            here = [failure for failure in own if (failure.rule, failure.fault) == (rule, fault)]
            yield self._judged(group, rule + (f" under {fault}" if fault else ""), here)
        for proof in found.proofs:
            name = "search" + (f" under {proof.fault}" if proof.fault else "")
            if proof.complete:
                yield Case(group, name, remarks=proof.sentence)
            else:
                yield Case(group, name, Outcome.SKIPPED, message=proof.sentence)
        broken = any(failure.severity == "error" for failure in own)
        yield from _left_out(group, found.left_out, broken=broken)

    def _of_rules(self) -> Iterator[Case]:
        failures = [each for each in self.verdict.failures if id(each) not in self._placed]
        told = (failure.rule for failure in self.verdict.failures)
        for rule in dict.fromkeys((*self.verdict.rules, *told)):
            here = [failure for failure in failures if failure.rule == rule]
            yield self._judged("orderflow.rules", rule, here)

    def _judged(self, group: str, name: str, failures: Iterable[Failure]) -> Case:
        """A case that failed if one of its failures is an error; warnings are remarks."""
        errors: list[Failure] = []
        mild: list[Failure] = []
        for failure in failures:
            self._placed.add(id(failure))
            (errors if failure.severity == "error" else mild).append(failure)
        remarks = "\n".join(map(self._story, mild))
        if not errors:
            return Case(group, name, remarks=remarks)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return Case(
            group,
            name,
            Outcome.FAILED,
            errors[0].rule,
            plain(errors[0].sentence) + more,
            "\n".join(map(self._story, errors)),
            remarks,
            tuple(errors),
        )

    def _story(self, failure: Failure) -> str:
        return story(failure, self._since.get(key_of(failure), ""))


def _left_out(group: str, left_out: int, *, broken: bool) -> Iterator[Case]:
    """The failures that were counted only; errors come first, so one must be shown to fail."""
    if not left_out:
        return
    name = f"{left_out} more distinct failure{'s' if left_out > 1 else ''}"
    sentence = f"{name} with longer traces, counted only"
    if broken:
        yield Case(group, name, Outcome.FAILED, "left_out", sentence)
    else:
        yield Case(group, name, remarks=sentence)


def _unjudged_cases(found: FlowVerdict) -> Iterator[Case]:
    """The cases of a suite that show nothing."""
    suite, group = found.suite, f"orderflow.{found.name}.suite"
    if suite is None:
        return
    for name, why in suite.indeterminate:
        yield Case(group, name, Outcome.ERROR, "indeterminate", why)
    for name, why in suite.left_out:
        yield Case(group, name, Outcome.SKIPPED, message=why)
    if not (suite.passed or suite.failed or suite.indeterminate):
        yield Case(group, suite.name, Outcome.ERROR, "not-passed", not_passed(suite))
