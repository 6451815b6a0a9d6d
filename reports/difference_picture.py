"""Two versions of a flow in one picture: what was added, what is gone, what is otherwise now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from orderflow.flows.difference import Change, Difference, Fate, Part
from orderflow.flows.model import Flow, Transition
from orderflow.reports.layout import layout
from orderflow.reports.marks import FONT, number
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import DARK, LIGHT, Palette
from orderflow.reports.svg import Caption, Coverage, render_svg

SIGNS = {Fate.ADDED: "+", Fate.REMOVED: "\N{MINUS SIGN}", Fate.CHANGED: "~"}
"""In front of what was added, is gone, or is otherwise now."""

_LEGEND = 34.0
_SIZE = 11.5


def difference_picture(found: Difference, *, dark: bool = False) -> str:
    """Draw both versions as one ``svg`` element with a legend.

    Added lines are thick, removed ones dotted, changed ones have a halo; every label of a line
    that differs begins with a sign, so that nothing rests on colour. A transition that leads
    elsewhere now is drawn twice, as it was and as it is.
    """
    union = _union(found)
    fates = _fates_of(found, union)

    def label(steps: tuple[Transition, ...]) -> tuple[str, str]:
        met = {fates.get(step.id) for step in steps}
        fate = met.pop() if len(met) == 1 else Fate.CHANGED
        text = steps[0].event.replace("_", " ")
        return (f"{SIGNS[fate]} {text}" if fate else text), ""

    palette = _palette(DARK if dark else LIGHT)
    drawn = layout(union, labels=label)
    caption = Caption("difference", _title(found), in_words(found))
    inner = render_svg(drawn, caption, coverage=_coverage(found, union, fates), palette=palette)
    return _with_legend(inner, max(drawn.width, _legend_width()), drawn.height, palette)


def in_words(found: Difference) -> str:
    """What the picture shows, for those who cannot see it.

    >>> from orderflow.flows.difference import difference
    >>> from orderflow.flows.loader import bundled
    >>> in_words(difference(bundled("seller"), bundled("seller")))
    'Nothing differs.'
    """
    shown = [each for each in found.changes if each.part in {Part.STATUS, Part.TRANSITION}]
    told = [f"{each.fate}: {name_of(each)}" for each in shown if each.behaves]
    return f"{'; '.join(told)}." if told else "Nothing differs."


def name_of(change: Change) -> str:
    """A change's part by name, with what it is about.

    >>> name_of(Change(Part.TRANSITION, "S17", Fate.ADDED, "handling, request_cancel, cancel"))
    'transition S17 (handling, request_cancel, cancel)'
    """
    about = f" ({change.says})" if change.says and change.part is not Part.STATUS else ""
    return f"{change.part} {change.name}{about}"


def _title(found: Difference) -> str:
    return f"{found.new.title or found.new.name}: what differs"


def _palette(usual: Palette) -> Palette:
    """Quiet colours for what stayed; blue for what came, vermilion for what went."""
    return replace(
        usual,
        hit=usual.muted,
        hit_fill=usual.paper,
        bad=usual.hit,
        bad_fill=usual.hit_fill,
        on_bad=usual.paper,
        never=usual.bad,
        never_text=usual.bad,
    )


def _union(found: Difference) -> Flow:
    """A flow with everything that either version has, the new one's parts first."""
    old, new = found.old, found.new
    fates = found.fates(Part.STATUS)
    gone = tuple(state for state in old.states if fates.get(state.name) is Fate.REMOVED)
    return replace(
        new,
        states=(*new.states, *gone),
        transitions=(*new.transitions, *_as_they_were(found)),
        success=tuple(dict.fromkeys((*new.success, *old.success))),
        failure=tuple(dict.fromkeys((*new.failure, *old.failure))),
        closed=tuple(dict.fromkeys((*new.closed, *old.closed))),
        diagram=(),
    )


def _as_they_were(found: Difference) -> tuple[Transition, ...]:
    """Transitions that are gone, and the old way of those that lead elsewhere now."""
    fates = found.fates(Part.TRANSITION)
    was = {step.id: step for step in found.old.transitions}
    gone = [step for step in was.values() if fates.get(step.id) is Fate.REMOVED]
    moved = [
        replace(was[step.id], id=f"{step.id} (before)")
        for step in found.new.transitions
        if step.id in was and _line(step) != _line(was[step.id])
    ]
    return (*gone, *moved)


def _line(step: Transition) -> tuple[str, str, str]:
    return step.source, step.event, step.target


def _fates_of(found: Difference, union: Flow) -> dict[str, Fate]:
    """What became of each transition of the picture that differs, by its id there."""
    fates = found.fates(Part.TRANSITION)
    before = {step.id for step in union.transitions} - {step.id for step in found.new.transitions}
    moved = {name.removesuffix(" (before)") for name in before} & fates.keys()
    came = {name: Fate.ADDED for name in moved if fates[name] is Fate.CHANGED}
    return fates | came | dict.fromkeys(before, Fate.REMOVED)


def _coverage(found: Difference, union: Flow, fates: dict[str, Fate]) -> Coverage:
    states = found.fates(Part.STATUS)
    halo = [
        ((step.source, step.target), ())
        for step in union.transitions
        if fates.get(step.id) is Fate.CHANGED
    ]
    return Coverage(
        counts={step.id: int(fates.get(step.id) is not Fate.REMOVED) for step in union.transitions},
        entered={
            state.name: int(states.get(state.name) is not Fate.REMOVED) for state in union.states
        },
        failing=frozenset(name for name, fate in fates.items() if fate is Fate.ADDED),
        broken=frozenset(name for name, fate in states.items() if fate is Fate.ADDED),
        trace=tuple(halo),
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    """One entry of the legend: how a line looks, and what that means."""

    text: str
    stroke: str
    style: str
    halo: str = ""


def _samples(palette: Palette) -> tuple[_Sample, ...]:
    return (
        _Sample("as before", palette.hit, 'stroke-width="1.5"'),
        _Sample("+ added", palette.bad, 'stroke-width="3"'),
        _Sample(
            f"{SIGNS[Fate.REMOVED]} removed",
            palette.never,
            'stroke-width="1.4" stroke-dasharray="2 4"',
        ),
        _Sample("~ changed", palette.hit, 'stroke-width="1.5"', palette.halo),
    )


def _legend_width() -> float:
    return 24 + sum(text_width(each.text, _SIZE) + 58 for each in _samples(LIGHT))


def _with_legend(inner: str, width: float, height: float, palette: Palette) -> str:
    """Put the legend on top of a finished picture."""
    size = f'width="{number(width)}" height="{number(height + _LEGEND)}"'
    view = f'viewBox="0 0 {number(width)} {number(height + _LEGEND)}"'
    paper = f'<rect width="100%" height="100%" fill="{palette.paper}"/>'
    parts, x = [], 16.0
    for each in _samples(palette):
        line = f'd="M{number(x)} 18h30" fill="none"'
        if each.halo:
            parts.append(f'<path {line} stroke="{each.halo}" stroke-width="8"/>')
        parts.append(f'<path {line} stroke="{each.stroke}" {each.style}/>')
        parts.append(
            f'<text x="{number(x + 37)}" y="22" font-size="{_SIZE}" fill="{palette.ink}">'
            f"{escape(each.text)}</text>"
        )
        x += text_width(each.text, _SIZE) + 58
    body = inner.replace("<svg ", f'<svg y="{number(_LEGEND)}" ', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} font-family="{FONT}">'
        f"{paper}{''.join(parts)}\n{body}\n</svg>"
    )
