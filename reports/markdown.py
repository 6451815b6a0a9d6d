"""The verdict as a short Markdown summary, made for ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from orderflow.conformance.verdict import Failure, FlowVerdict, Verdict
from orderflow.reports.story import plain, story
from orderflow.reports.tables import unjudged

_MOST = 10
_SPECIAL = "\\`*_{}[]<>#|~$"


def render_summary(verdict: Verdict) -> str:
    """Return a summary: the sentence, one row for each flow, each failure with its story."""
    word = "✅ PASS" if verdict.passed else "❌ FAIL"
    lines = [f"## {word}: {escaped(plain(verdict.sentence))}", ""]
    lines += ["| flow | verdict | transitions | statuses | pairs | refused |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: |"]
    lines += [_row(verdict, found) for found in verdict.flows]
    facts = [f"seed {verdict.seed}", f"{len(verdict.rules)} rules", f"orderflow {verdict.version}"]
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
    errors = sum(1 for failure in verdict.errors if failure.flow == found.name)
    word = "✓ pass"
    if errors:
        word = f"✕ {errors} failure{'s' if errors > 1 else ''}"
    taken = sum(1 for _, count in found.transitions if count)
    entered = sum(1 for _, count in found.states if count)
    return (
        f"| {escaped(found.name)} | {word} | {taken} of {len(found.transitions)} "
        f"| {entered} of {len(found.states)} | {found.pairs} of {found.pairs_total} "
        f"| {found.refused} |"
    )


def _failure(failure: Failure) -> list[str]:
    at = f" at {escaped(failure.transition)}" if failure.transition else ""
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
