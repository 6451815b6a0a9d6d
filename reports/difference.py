"""Tells how two versions of a flow differ, and which cases of a suite that concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import jinja2
from markupsafe import Markup

from orderflow.conformance.suites.affected import Affected
from orderflow.conformance.suites.wording import counted
from orderflow.flows.difference import Change, Detail, Difference, Fate, Part
from orderflow.reports.difference_picture import SIGNS, difference_picture
from orderflow.reports.markdown import escaped
from orderflow.reports.palette import LIGHT
from orderflow.reports.words import plain

FORMAT = "orderflow-difference/1"
"""Name and version of the JSON format."""

_HEADS = {
    Part.FLOW: "flow",
    Part.STATUS: "statuses",
    Part.TRANSITION: "transitions",
    Part.TIMER: "timers",
    Part.REFUSAL: "events refused everywhere",
}
_COUNTED = ((Part.STATUS, ("status", "statuses")), (Part.TRANSITION, ("transition",)))
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a flow, and what the step from one to the other means for a suite.

    Attributes:
        old: How a command line names the old version.
        new: How a command line names the new one.
        difference: What differs.
        suite: What the suite is called.
        cases: How many cases it has.
        affected: The cases that the change concerns, in the order of the suite.
        untaken: Ids of transitions that are new and that no case takes.
        remedy: Command line that makes a suite for the new version.
    """

    old: str
    new: str
    difference: Difference
    suite: str
    cases: int
    affected: tuple[Affected, ...]
    untaken: tuple[str, ...]
    remedy: str

    @property
    def breaking(self) -> tuple[Affected, ...]:
        """Cases that fail on a system which follows the new version."""
        return tuple(each for each in self.affected if each.breaks)

    @property
    def touched(self) -> tuple[Affected, ...]:
        """Cases that pass, and take what changed."""
        return tuple(each for each in self.affected if not each.breaks)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """What differs, by kind of part."""
        changes = self.difference.changes
        groups = ((_HEADS[part], tuple(c for c in changes if c.part is part)) for part in Part)
        return tuple((head, found) for head, found in groups if found)

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        if not self.difference.changes:
            return f"{self.old} and {self.new} are the same."
        if not self.difference.behaves:
            return f"{self.old} and {self.new} differ in words only: no order can tell them apart."
        counts = (
            f"{counted(self.difference.count(part, fate), *words)} {fate}"
            for part, words in _COUNTED
            for fate in Fate
            if self.difference.count(part, fate)
        )
        told = ", ".join(counts) or "limits or refusals differ"
        return f"From {self.old} to {self.new}: {told}; {self.on_suite}."

    @property
    def on_suite(self) -> str:
        """What it means for the suite, in a few words."""
        broken = len(self.breaking)
        cases = counted(self.cases, "case")
        fail = "fails" if broken == 1 else "fail"
        return f"{broken} of {cases} of {self.suite} {fail} on the new version"


def as_text(told: Comparison) -> Iterator[str]:
    """The comparison as lines for a terminal."""
    for head, changes in told.groups:
        yield head
        for change in changes:
            about = f"  {change.about}" if change.about else ""
            yield f"  {SIGNS[change.fate]} {change.name}{about}"
            yield from (f"      {plain(_said(each))}" for each in change.details)
        yield ""
    if told.breaking:
        yield f"cases of {told.suite} that fail on the new version"
        yield from (f"  ✕ {_broken(each)}" for each in told.breaking)
        yield ""
    if told.touched:
        yield f"cases of {told.suite} that pass, and take what changed"
        yield from (f"  ~ {each.case.id}  {', '.join(each.over)}" for each in told.touched)
        yield ""
    if told.untaken:
        yield f"no case takes {', '.join(told.untaken)}; cases that do: {told.remedy}"
        yield ""
    yield told.sentence


def _said(detail: Detail) -> str:
    return f"{detail.what}: {detail.before or _NOTHING} → {detail.after or _NOTHING}"


def _broken(each: Affected) -> str:
    act = each.case.steps[each.step].act
    return f"{each.case.id}  step {each.step + 1}, {act}: {each.was} → {each.now}"


def as_markdown(told: Comparison) -> str:
    """The comparison for a review: tables of what differs and of the cases concerned."""
    lines = [f"**{escaped(plain(told.sentence))}**", ""]
    for head, changes in told.groups:
        lines += [f"| {head} | | what |", "| --- | --- | --- |"]
        lines += [_row(change) for change in changes]
        lines.append("")
    if told.affected:
        lines += [f"| case of {escaped(plain(told.suite))} | on the new version |", "| --- | --- |"]
        lines += [_case_row(each) for each in told.affected]
        lines.append("")
    if told.untaken:
        names = escaped(plain(", ".join(told.untaken)))
        lines += [f"No case takes {names}: `{told.remedy}`", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(change: Change) -> str:
    details = "; ".join(map(_said, change.details))
    about = ": ".join(filter(None, (change.about, details)))
    return f"| {SIGNS[change.fate]} | {escaped(plain(change.name))} | {escaped(plain(about))} |"


def _case_row(each: Affected) -> str:
    over = f"passes, takes {', '.join(each.over)}"
    told = _broken(each).partition("  ")[2] if each.breaks else over
    return f"| {escaped(each.case.id)} | {'✕ ' if each.breaks else ''}{escaped(plain(told))} |"


def as_json(told: Comparison) -> str:
    """The comparison for programs."""
    data = {
        "format": FORMAT,
        "old": {"name": told.old, "digest": told.difference.old.digest},
        "new": {"name": told.new, "digest": told.difference.new.digest},
        "sentence": told.sentence,
        "behaves_alike": not told.difference.behaves,
        "changes": [_change_facts(change) for change in told.difference.changes],
        "suite": {
            "name": told.suite,
            "cases": told.cases,
            "breaking": [_break_facts(each) for each in told.breaking],
            "touched": [{"case": each.case.id, "takes": each.over} for each in told.touched],
            "untaken": told.untaken,
        },
    }
    return json.dumps(data, indent=2) + "\n"


def _change_facts(change: Change) -> dict[str, object]:
    return {
        "part": str(change.part),
        "name": change.name,
        "fate": str(change.fate),
        "about": change.says,
        "behaves": change.behaves,
        "details": [
            {"what": each.what, "before": each.before, "after": each.after}
            for each in change.details
        ],
    }


def _break_facts(each: Affected) -> dict[str, object]:
    return {
        "case": each.case.id,
        "step": each.step + 1,
        "act": str(each.case.steps[each.step].act),
        "before": each.was,
        "now": each.now,
        "takes": each.over,
    }


def as_html(told: Comparison) -> str:
    """The comparison as one page with its picture, which needs nothing beside it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("orderflow.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    picture = Markup(difference_picture(told.difference))  # noqa: S704  # it escapes what it is given
    page = environment.get_template("difference.html.j2")
    return page.render(told=told, picture=picture, signs=SIGNS, said=_said, light=LIGHT)
