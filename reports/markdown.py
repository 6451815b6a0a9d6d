"""The verdict as a short Markdown summary, made for ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from orderflow.conformance.baseline import Changes, key_of
from orderflow.conformance.vector import DIMENSIONS
from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.reports.cases import visible
from orderflow.reports.deal_tables import all_links, all_steps
from orderflow.reports.story import story, tries
from orderflow.reports.suite_words import not_passed, suite_lines
from orderflow.reports.tables import unjudged
from orderflow.reports.words import plain

LARGEST = 512 * 1024
"""Bytes of the longest summary. GitHub refuses a step's summary above 1 MiB; there is room for
another one in the same step. Source: docs.github.com, workflow commands, job summaries."""

_IN_FIRST_TABLE = frozenset({"states", "transitions"})
_MOST = 10
_MOST_ROWS = 100
_NAME = 100
"""Letters of a name in a table."""
_LINE = 1_000
"""Letters of a sentence."""
_STORY = 20_000
"""Letters of a block."""
_SPECIAL = "\\`*_{}[]<>#|~$"


def render_summary(
    verdict: Verdict,
    deals: Mapping[str, Deal] = MappingProxyType({}),
    changes: Changes | None = None,
) -> str:
    """Return a summary: the sentence, a row for each flow and deal, each failure's story.

    It is never longer than :data:`LARGEST`: long texts are cut, and what finds no room is counted.

    Args:
        verdict: What the run found.
        deals: The deals by name, as the profile of the run sees them. Of one that is missing here
            every link counts.
        changes: The run laid beside an earlier one.
    """
    word = "✅ PASS" if verdict.passed else "❌ FAIL"
    lines = [f"## {word}: {_text(verdict.sentence, _LINE)}", ""]
    if verdict.flows or not verdict.deals:
        lines += ["| flow | verdict | transitions | statuses | pairs | refused |"]
        lines += ["| --- | --- | ---: | ---: | ---: | ---: |"]
        lines += _capped([_row(verdict, found) for found in verdict.flows])
    lines += _vectors(verdict) + _suites(verdict)
    lines += _deals(verdict, deals)
    if changes is not None:
        lines += _since(changes)
    lines += _facts(verdict)
    told = _told(verdict, changes, LARGEST - _bytes(lines) - _LINE)
    for section in told:
        lines += section
    rest = {
        "more in the report": len(verdict.failures) - len(told),
        "more counted only": verdict.left_out,
    }
    if any(rest.values()):
        lines += [", ".join(f"{n} {what}" for what, n in rest.items() if n) + ".", ""]
    return "\n".join(_fitted(lines)).rstrip("\n") + "\n"


def _fitted(lines: list[str]) -> list[str]:
    """The *lines* that find room, and whether it is all of them."""
    room, fence = LARGEST - _LINE, ""
    for number, line in enumerate(lines):
        room -= _bytes([line])
        if room < 0:
            end = [fence] if fence else []
            return [*lines[:number], *end, "", "The summary is cut here, the report has all."]
        if not fence and line.startswith("```"):
            fence = line.removesuffix("text")
        elif line == fence:
            fence = ""
    return lines


def _told(verdict: Verdict, changes: Changes | None, room: int) -> list[list[str]]:
    """The first failures, those that are new before the others, as far as there is *room*."""
    since = changes.words if changes else {}
    first = sorted(verdict.failures, key=lambda each: since.get(key_of(each)) == "known")
    told: list[list[str]] = []
    for failure in first[:_MOST]:
        section = _failure(failure, since.get(key_of(failure), ""))
        room -= _bytes(section)
        if room < 0:
            break
        told.append(section)
    return told


def _bytes(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _facts(verdict: Verdict) -> list[str]:
    """What was not judged, what was tested, and how to do it again."""
    facts = [f"target {_text(verdict.target, _LINE)}"] if verdict.target else []
    count = len(verdict.rules)
    facts += [f"seed {verdict.seed}", f"{count} rule{'s' * (count != 1)}"]
    facts += [f"orderflow {_text(verdict.version)}"]
    lines = []
    if texts := unjudged(verdict):
        told = _text(", ".join(texts), _STORY)
        lines += ["", f"{len(texts)} not judged, evidence missing: {told}."]
    again = _block(_cut(visible(verdict.command), _STORY))
    return [*lines, "", f"{', '.join(facts)}. The same run again:", "", *again, ""]


def _since(changes: Changes) -> list[str]:
    """What changed since the earlier run: a sentence, and a row for what is gone."""
    lines = ["", f"{_text(changes.sentence)}", *(f"{_text(note, _LINE)}" for note in changes.notes)]
    gone = [("fixed", failure, "") for failure in changes.fixed]
    pairs = zip(changes.unasked, changes.reasons, strict=True)
    gone += [("not asked again", failure, why) for failure, why in pairs]
    if not gone:
        return lines
    lines += ["", "| since | rule | where | what | why |", "| --- | --- | --- | --- | --- |"]
    rows = [
        f"| {word} | {_text(failure.rule)} | {_text(failure.deal or failure.flow)} "
        f"| {_text(failure.sentence, 2 * _NAME)} | {_text(why, 2 * _NAME)} |"
        for word, failure, why in gone[: _MOST_ROWS + 1]
    ]
    return lines + _capped(rows, len(gone))


def _capped(rows: list[str], count: int = 0) -> list[str]:
    """The first rows of a table, and how many more there are."""
    rest = (count or len(rows)) - _MOST_ROWS
    if rest <= 0:
        return rows
    columns = rows[0].replace("\\|", "").count("|") - 1
    return [*rows[:_MOST_ROWS], f"| {rest} more |" + " |" * (columns - 1)]


def _text(text: str, most: int = _NAME) -> str:
    """Text from outside as one line that is no markup, cut where it is long."""
    return escaped(_cut(plain(text), most))


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({len(text) - most:,} more letters)"


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
        f"| {_text(found.name)} | {word} | {taken} of {len(found.transitions)} "
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
    if not names:
        return []
    lines = ["", f"| coverage | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    rows = []
    for found in counted:
        figures = {each.name: each.figure for each in found.vector}
        row = (figures.get(name, "") for name in names)
        rows.append(f"| {_text(found.name)} | {' | '.join(row)} |")
    return lines + _capped(rows)


def _suites(verdict: Verdict) -> list[str]:
    """Return the suites that were run, as a terminal tells of them."""
    found: list[str] = []
    for suite in verdict.suites[:_MOST]:
        found += ["", *_block(_cut("\n".join(_plain_lines(suite_lines(suite))), _STORY))]
    return found


def _plain_lines(lines: Iterable[str]) -> list[str]:
    """Return *lines* without control characters, as far indented as they were."""
    return [line[: len(line) - len(line.lstrip(" "))] + _cut(plain(line), _LINE) for line in lines]


def _deals(verdict: Verdict, deals: Mapping[str, Deal]) -> list[str]:
    """Return a table of the deals and what each exhaustive search shows."""
    if not verdict.deals:
        return []
    lines = [""] * bool(verdict.flows)
    lines += ["| deal | verdict | transitions | links | messages |"]
    lines += ["| --- | --- | ---: | ---: | ---: |"]
    lines += _capped([_deal_row(verdict, each, deals.get(each.name)) for each in verdict.deals])
    proofs = [
        f"- {_text(found.name)}{f', {_text(proof.fault)}' if proof.fault else ''}: "
        f"{_text(proof.sentence, _LINE)}."
        for found in verdict.deals
        for proof in found.proofs
    ]
    rest = [f"- {len(proofs) - _MOST_ROWS} more."] if len(proofs) > _MOST_ROWS else []
    searches = ["", "Exhaustive search:", "", *proofs[:_MOST_ROWS], *rest] if proofs else []
    return [*lines, *searches]


def _deal_row(verdict: Verdict, found: DealVerdict, deal: Deal | None) -> str:
    word = _word(sum(failure.deal == found.name for failure in verdict.errors))
    steps, links = all_steps(found, deal), all_links(found, deal)
    return (
        f"| {_text(found.name)} | {word} | {steps.done} of {steps.total} "
        f"| {links.done} of {links.total} | {found.delivered} |"
    )


def _failure(failure: Failure, since: str) -> list[str]:
    at = f" at {_text(failure.transition)}" if failure.transition else ""
    if failure.deal:
        at += f" of {_text(failure.participant)} in {_text(failure.deal)}"
    if failure.fault:
        at += f" under {_text(failure.fault)}"
    title = f"### {_text(failure.rule)}{at}: {_text(failure.title, _LINE)}"
    mild = _text(failure.severity) if failure.severity != "error" else ""
    if marks := ", ".join(filter(None, (mild, since, tries(failure)))):
        title += f" ({marks})"
    text = _cut(visible(story(failure, since).rstrip("\n")), _STORY)
    return [title, "", *_block(text), ""]


def _block(text: str) -> list[str]:
    """Fence *text* with more back quotes than it holds in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", text, fence]
