"""What running a suite showed, in words: figures, guarantees, and cases that show nothing."""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.conformance.verdict import SuiteFigures

_MOST = 20
_MOST_NAMED = 5


def suite_sentence(suite: SuiteFigures) -> str:
    """Return the figures of a suite as one sentence.

    >>> suite_sentence(SuiteFigures("pairs", 3, 2, 0, (("pairs-3", "no answer"),), (), 3, 24, ()))
    '2 of 3 cases passed, 1 could not be judged; 3 orders, 24 calls.'
    """
    figures = [f"{suite.passed} of {_many(suite.cases, 'case')} passed"]
    rest = {
        "failed": suite.failed,
        "could not be judged": len(suite.indeterminate),
        "left out": len(suite.left_out),
    }
    refusals = _many(suite.untried, "refusal")
    figures += [f"{count} {what}" for what, count in rest.items() if count]
    effort = f"{_many(suite.orders, 'order')}, {_many(suite.calls, 'call')}"
    untried = f"; {refusals} in them it cannot be asked for" if suite.untried else ""
    steps = f"{_many(suite.unseen, 'step')} led on before anybody saw where"
    unseen = f"; {steps}" if suite.unseen else ""
    return f"{', '.join(figures)}{untried}{unseen}; {effort}."


def not_passed(suite: SuiteFigures) -> str:
    """Return a few words on a suite that has not passed although nothing is known to be wrong."""
    if suite.failed:
        return f"{_many(suite.failed, 'case')} failed"
    if suite.indeterminate:
        return f"{_many(len(suite.indeterminate), 'case')} not judged"
    return "nothing tested"


def guarantee_head(suite: SuiteFigures) -> str:
    """Return what to write above the guarantees: they hold only when every case passed."""
    if suite.conforms and not suite.left_out:
        untried = ", but for the refusals it cannot be asked for" if suite.untried else ""
        return f"What this shows{untried}"
    lacking = suite.cases - suite.passed
    return f"What this would show, had {_many(lacking, 'more case')} passed"


def suite_lines(suite: SuiteFigures) -> list[str]:
    """Return a suite as lines for a terminal: figures, guarantees, cases that show nothing."""
    lines = [f"suite {suite.name}: {suite_sentence(suite)}"]
    if suite.guarantees:
        lines.append(f"  {guarantee_head(suite)}:".lower())
    lines += [f"    {cover}: {sentence}" for cover, sentence in suite.guarantees]
    for what, cases in (("could not be judged", suite.indeterminate), ("left out", suite.left_out)):
        told = _by_reason(cases)
        lines += [f"  {what}: {line}" for line in told[:_MOST]]
        if len(told) > _MOST:
            lines.append(f"  {what}: {len(told) - _MOST} more reasons")
    return lines


def _by_reason(cases: Iterable[tuple[str, str]]) -> list[str]:
    """Cases that show nothing, those with the same reason in one line."""
    groups: dict[str, list[str]] = {}
    for case, why in cases:
        groups.setdefault(why, []).append(case)
    return [f"{_listed(alike)}: {why}" for why, alike in groups.items()]


def _listed(cases: list[str]) -> str:
    """A few of *cases* by id, and how many more there are.

    >>> _listed(["pairs-1", "pairs-2"])
    'pairs-1, pairs-2'
    """
    more = f" and {len(cases) - _MOST_NAMED} more" if len(cases) > _MOST_NAMED else ""
    return ", ".join(cases[:_MOST_NAMED]) + more


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"
