"""A badge for a README: what an integration was asked, and whether it conforms."""

from __future__ import annotations

from html import escape

from orderflow.conformance.integration.verdict import Verdict
from orderflow.reports.marks import FONT, number
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT

_SIZE = 11.0
_HEIGHT = 20.0
_ROOM = 8.0


def badge_words(verdict: Verdict) -> tuple[str, str]:
    """The two halves of the badge."""
    kept = sum(each.outcome == "kept" for each in verdict.judged)
    if verdict.passed:
        return f"orderflow {verdict.suite}", f"conforms {kept}/{len(verdict.judged)}"
    broken = len(verdict.errors)
    told = f"deviates from {broken} rule{'s' * (broken != 1)}" if broken else "not shown"
    return f"orderflow {verdict.suite}", told


def render_badge(verdict: Verdict) -> str:
    """The badge as one SVG file that needs nothing beside it."""
    left, right = badge_words(verdict)
    first, second = (text_width(words, _SIZE) + 2 * _ROOM for words in (left, right))
    width, title = first + second, escape(f"{left}: {right}")
    colour = LIGHT.hit if verdict.passed else LIGHT.bad
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" '
        f'width="{number(width)}" height="{number(_HEIGHT)}" '
        f'viewBox="0 0 {number(width)} {number(_HEIGHT)}" font-family="{FONT}" '
        f'font-size="{number(_SIZE)}">\n<title>{title}</title>\n'
        f'<rect width="{number(width)}" height="{number(_HEIGHT)}" rx="4" fill="{LIGHT.ink}"/>\n'
        f'<path d="M{number(first)} 0H{number(width - 4)}a4 4 0 0 1 4 4V{number(_HEIGHT - 4)}'
        f'a4 4 0 0 1 -4 4H{number(first)}Z" fill="{colour}"/>\n'
        f"{_words(left, first / 2)}{_words(right, first + second / 2)}</svg>\n"
    )


def _words(text: str, x: float) -> str:
    return (
        f'<text x="{number(x)}" y="14" text-anchor="middle" fill="{LIGHT.on_bad}">'
        f"{escape(text)}</text>\n"
    )
