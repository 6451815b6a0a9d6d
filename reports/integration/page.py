"""A certification as one HTML file: what the integration did wrong, and how it is seen again.

It works with scripts and styles blocked, on paper and offline; every text from outside is escaped.
However long the trace, the page stays small: a breach shows a few lines, a rule a few breaches.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.verdict import Judged, Verdict
from orderflow.reports.clock import clock
from orderflow.reports.html import least_widths
from orderflow.reports.integration.calls import calls_view
from orderflow.reports.integration.evidence import (
    MOST_LINES,
    Shown,
    answered,
    carried,
    doing,
    evidence,
)
from orderflow.reports.integration.order_picture import order_view
from orderflow.reports.integration.sentence import verdict_sentence
from orderflow.reports.page_text import drawn, render

MOST_PICTURED = 6
"""Rules whose breach is drawn on the order's flow; each such picture takes some 25 KB."""

MOST_BREACHES = 3
"""Breaches of one rule that the page shows; the rest is counted."""

_IN_FULL = 12
"""Rules that are shown with pictures and several breaches; of others the first breach is told."""

_MOST_RULES, _FEW_LINES = 40, 8
_FOR_STYLES: Mapping[str, object] = {"parts": (), "tiles": (), "failures": {"longest": 0}}
"""What the styles that all pages share ask for, and this page has not."""

_NO_SCENARIOS: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a trace in a table.

    Attributes:
        number: Of the line.
        clock: Virtual time since the first line that is shown.
        wall: Real ms since the trace began.
        doing: What was called, or happened.
        answered: What came of it.
        moved: Status of the order before and after, empty when it did not move.
        carried: What else is worth knowing.
        skipped: Lines that were left out before it.
        named: Whether the rule names it.
        decisive: Whether it broke the rule.
    """

    number: int
    clock: str
    wall: str
    doing: str
    answered: str
    moved: str
    carried: str
    skipped: int
    named: bool
    decisive: bool


@dataclass(frozen=True, slots=True)
class BreachPart:
    """One breach on the page.

    Attributes:
        breach: The breach.
        title: Title of its scenario, empty outside of any.
        rows: The lines that show it.
        calls: The same as a picture.
        history: Statuses of the order up to the breach.
        again: The command that plays its scenario again, empty without one.
    """

    breach: Sighting
    title: str
    rows: tuple[Row, ...]
    calls: Markup
    history: str
    again: str


@dataclass(frozen=True, slots=True)
class RulePart:
    """One broken rule on the page.

    Attributes:
        judged: The rule and its breaches.
        fails: Whether it fails the certification.
        breaches: The breaches that are shown.
        order: The first breach's order on its flow, empty when not drawn.
        drawn_at: Id of the rule at which that picture stands already, empty when it does not.
        left_out: How many breaches are counted only.
    """

    judged: Judged
    fails: bool
    breaches: tuple[BreachPart, ...]
    order: Markup
    drawn_at: str
    left_out: int


def render_page(
    verdict: Verdict,
    scenarios_for: Mapping[str, tuple[str, ...]] = _NO_SCENARIOS,
    output_tail: str = "",
) -> str:
    """The whole page.

    Args:
        verdict: What came of judging.
        scenarios_for: By rule, the names of scenarios that can show it.
        output_tail: The end of what the integration wrote, without credentials.
    """
    parts = _parts(verdict)
    pictures = [part.order for part in parts]
    pictures += [breach.calls for part in parts for breach in part.breaches]
    page = render(
        "integration.html.j2",
        verdict=verdict,
        sentence=verdict_sentence(verdict),
        told=parts,
        **_FOR_STYLES,
        widths=least_widths(pictures),
        more=verdict.broken[_MOST_RULES:],
        kept=tuple(each for each in verdict.judged if each.outcome == "kept"),
        scenarios_for=scenarios_for,
        output_tail=output_tail,
    )
    # what no HTML file can hold: half characters of a broken sender, and zero bytes
    return page.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _parts(verdict: Verdict) -> tuple[RulePart, ...]:
    seen = Seen(verdict.lines)
    failing = {each.rule.id for each in verdict.errors}
    parts: list[RulePart] = []
    pictured: dict[tuple[int, ...], str] = {}
    for number, judged in enumerate(verdict.broken[:_MOST_RULES]):
        steps = _steps(seen, judged.breaches[0])
        place = tuple(each.number for each in steps)
        known, order = pictured.get(place, ""), ""
        if not known and len(pictured) < MOST_PICTURED:
            order = order_view(steps, name=f"order-{judged.rule.id}")
        if order:
            pictured[place] = judged.rule.id
        most = MOST_BREACHES if number < _IN_FULL else 1
        told = tuple(_breaches(verdict, seen, judged, most))
        left_out = len(judged.breaches) - len(told)
        fails = judged.rule.id in failing
        parts.append(RulePart(judged, fails, told, drawn(order), known, left_out))
    return tuple(parts)


def _steps(seen: Seen, breach: Sighting) -> tuple[Line, ...]:
    """Steps of the order of a breach, up to the line at which the rule was broken."""
    last = breach.lines[-1] if breach.lines else None
    return seen.history(breach.order_id, last) if breach.order_id else ()


def _breaches(verdict: Verdict, seen: Seen, judged: Judged, most: int) -> Iterable[BreachPart]:
    """The first breaches of a rule; those of a rule shown in full are drawn, too."""
    titles = {each.name: each.title for each in verdict.played}
    for place, breach in enumerate(judged.breaches[:most]):
        shown = evidence(seen, breach, MOST_LINES if most > 1 else _FEW_LINES)
        rule, picture = judged.rule, ""
        if place == 0 and most > 1:
            name = f"calls-{rule.id}"
            picture = calls_view(shown, name=name, order_id=breach.order_id, title=rule.title)
        yield BreachPart(
            breach,
            titles.get(breach.scenario, ""),
            tuple(_row(each, shown[0].line.at) for each in shown),
            drawn(picture),
            " → ".join(each.after for each in _steps(seen, breach)),
            _again(verdict, breach),
        )


def _row(shown: Shown, first: int) -> Row:
    line, moved = shown.line, ""
    if line.kind == "call" and line.before != line.after:
        moved = f"{line.before} → {line.after}"
    return Row(
        line.number,
        clock(max(line.at - first, 0)),
        f"{line.wall:.0f}",
        doing(line),
        answered(line),
        moved,
        carried(line),
        shown.skipped,
        shown.named,
        shown.decisive,
    )


def _again(verdict: Verdict, breach: Sighting) -> str:
    """The command that plays the scenario of a breach alone."""
    if not breach.scenario or verdict.seed is None:
        return ""
    words = ["orderflow", "certify", "--suite", verdict.suite, "--scenario", breach.scenario]
    words += ["--seed", str(verdict.seed)]
    command = verdict.command.partition(" -- ")[2]
    return shlex.join(words) + (f" -- {command}" if command else "")
