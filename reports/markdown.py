"""The verdict as a short Markdown summary, made for ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from orderflow.conformance.vector import DIMENSIONS
from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.reports.deal_tables import all_links, all_steps
from orderflow.reports.story import story
from orderflow.reports.suite_words import not_passed, suite_lines
from orderflow.reports.tables import unjudged
from orderflow.reports.words import plain

_IN_FIRST_TABLE = frozenset({"states", "transitions"})
_MOST = 10
_SPECIAL = "\\`*_{}[]<>#|~$"


def render_summary(verdict: Verdict, deals: Mapping[str, Deal] = MappingProxyType({})) -> str:
    """Return a summary: the sentence, a row for each flow and deal, each failure's story.

    Args:
        verdict: What the run found.
        deals: The deals by name, as the profile of the run sees them. Of one that is missing here
            every link counts.
    """
    word = "✅ PASS" if verdict.passed else "❌ FAIL"
    lines = [f"## {word}: {escaped(plain(verdict.sentence))}", ""]
    if verdict.flows or not verdict.deals:
        lines += ["| flow | verdict | transitions | statuses | pairs | refused |"]
        lines += ["| --- | --- | ---: | ---: | ---: | ---: |"]
        lines += [_row(verdict, found) for found in verdict.flows]
    lines += _vectors(verdict) + _suites(verdict)
    lines += _deals(verdict, deals)
    facts = [f"target {escaped(plain(verdict.target))}"] if verdict.target else []
    facts += [f"seed {verdict.seed}", f"{len(verdict.rules)} rules", f"orderflow {verdict.version}"]
    if texts := unjudged(verdict):
        lines += ["", f"{len(texts)} not judged, evidence missing: {escaped(', '.join(texts))}."]
    lines += ["", f"{', '.join(facts)}. The same run again:", "", *_block(verdict.command), ""]
    for failure in verdict.failures[:_MOST]:
        lines += _failure(failure)
    rest = {
        "more in the report": max(0, len(verdict.failures) - _MOST),
        "more counted only": verdict.left_out,
    }
    if any(rest.values()):
        lines += [", ".join(f"{n} {what}" for what, n in rest.items() if n) + ".", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def escaped(text: str) -> str:
    r"""Escape what Markdown or a table would take for markup.

    >>> escaped("a|b <img>")
    'a\\|b \\<img\\>'
    """
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


def _row(verdict: Verdict, found: FlowVerdict) -> str:
    word = _word(sum(f.flow == found.name and not f.deal for f in verdict.errors))
    if word == _word(0) and found.suite and not found.suite.conforms:
        word = f"✕ {not_passed(found.suite)}"
    taken = sum(1 for _, count in found.transitions if count)
    entered = sum(1 for _, count in found.states if count)
    return (
        f"| {escaped(found.name)} | {word} | {taken} of {len(found.transitions)} "
        f"| {entered} of {len(found.states)} | {found.pairs} of {found.pairs_total} "
        f"| {found.refused} |"
    )


def _word(errors: int) -> str:
    return f"✕ {errors} failure{'s' if errors > 1 else ''}" if errors else "✓ pass"


def _vectors(verdict: Verdict) -> list[str]:
    """Return a table of what the first one does not tell of the coverage vectors."""
    counted = [found for found in verdict.flows if found.vector]
    if not counted:
        return []
    known = {each.name for found in counted for each in found.vector}
    names = [name for name in DIMENSIONS if name in known and name not in _IN_FIRST_TABLE]
    lines = ["", f"| coverage | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for found in counted:
        figures = {each.name: each.figure for each in found.vector}
        row = (figures.get(name, "") for name in names)
        lines.append(f"| {escaped(found.name)} | {' | '.join(row)} |")
    return lines


def _suites(verdict: Verdict) -> list[str]:
    """Return the suites that were run, as a terminal tells of them."""
    found: list[str] = []
    for suite in verdict.suites:
        found += ["", *_block("\n".join(_plain_lines(suite_lines(suite))))]
    return found


def _plain_lines(lines: Iterable[str]) -> list[str]:
    """Return *lines* without control characters, as far indented as they were."""
    return [line[: len(line) - len(line.lstrip())] + plain(line) for line in lines]


def _deals(verdict: Verdict, deals: Mapping[str, Deal]) -> list[str]:
    """Return a table of the deals and what each exhaustive search shows."""
    if not verdict.deals:
        return []
    lines = [""] * bool(verdict.flows)
    lines += ["| deal | verdict | transitions | links | messages |"]
    lines += ["| --- | --- | ---: | ---: | ---: |"]
    lines += [_deal_row(verdict, found, deals.get(found.name)) for found in verdict.deals]
    proofs = [
        f"- {escaped(found.name)}{f', {escaped(proof.fault)}' if proof.fault else ''}: "
        f"{escaped(proof.sentence)}."
        for found in verdict.deals
        for proof in found.proofs
    ]
    return [*lines, *(["", "Exhaustive search:", "", *proofs] if proofs else [])]


def _deal_row(verdict: Verdict, found: DealVerdict, deal: Deal | None) -> str:
    word = _word(sum(failure.deal == found.name for failure in verdict.errors))
    steps, links = all_steps(found, deal), all_links(found, deal)
    return (
        f"| {escaped(found.name)} | {word} | {steps.done} of {steps.total} "
        f"| {links.done} of {links.total} | {found.delivered} |"
    )


def _failure(failure: Failure) -> list[str]:
    at = f" at {escaped(failure.transition)}" if failure.transition else ""
    if failure.deal:
        at += f" of {escaped(failure.participant)} in {escaped(failure.deal)}"
    if failure.fault:
        at += f" under {escaped(failure.fault)}"
    title = f"### {escaped(failure.rule)}{at}: {escaped(plain(failure.title))}"
    if failure.severity != "error":
        title += f" ({escaped(failure.severity)})"
    return [title, "", *_block(story(failure).rstrip("\n")), ""]


def _block(text: str) -> list[str]:
    """Fence *text* with more back quotes than it holds in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", text, fence]
