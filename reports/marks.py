"""The smallest pieces of our SVG: numbers, ids, boxes and lines with rounded corners."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from orderflow.reports.geometry import Point, Rect
from orderflow.reports.palette import LIGHT

FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
_RADIUS = 6.0
_SMALLEST = 0.9
"""A picture is scrolled rather than drawn smaller than this part of its size."""
_BUCKET = 20
_STAGES = {1: "Placed", 2: "Payment", 3: "Handling", 4: "Shipping", 5: "Delivery"}


def stage_name(stage: int) -> str:
    """Return a stage with its number: ``3 Handling``."""
    return f"{stage} {_STAGES[stage]}" if stage in _STAGES else ""


def safe_id(text: str) -> str:
    """Return *text* with everything but letters, digits, ``-`` and ``_`` turned into ``-``.

    >>> safe_id("S14@authorize-fulfillment")
    'S14-authorize-fulfillment'
    """
    return "".join(char if char.isalnum() or char in "-_" else "-" for char in text)


def anchor_of(flow: str, transition: str) -> str:
    """Return the anchor of a transition in the tables of a page."""
    return f"{safe_id(flow)}-{safe_id(transition)}"


def number(value: float) -> str:
    """Write a coordinate as short as it can be."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def step_numbers(numbers: tuple[int, ...]) -> str:
    """Write step numbers, leaving out the middle of a long list.

    >>> step_numbers((2, 5, 9, 12))
    '2 · 5 … 12'
    """
    few = 3
    if len(numbers) <= few:
        return " · ".join(map(str, numbers))
    return f"{numbers[0]} · {numbers[1]} … {numbers[-1]}"


def width_class(width: float) -> str:
    """Return the class that keeps a picture so wide from being shrunk until nobody can read it.

    >>> width_class(951.3)
    'p-min-840'
    """
    return f"p-min-{int(width * _SMALLEST) // _BUCKET * _BUCKET}"


def opening(
    css: str,
    ident: str,
    size: tuple[float, float],
    title: str,
    desc: str = "",
    *,
    role: str = "img",
) -> str:
    """Open an ``svg`` element that says in words what it shows.

    Args:
        css: Classes.
        ident: Beginning of the ids of its texts.
        size: Width and height.
        title: Its name.
        desc: The same facts in a sentence.
        role: ``img``, or ``group`` when there are links in it.
    """
    width, height = map(number, size)
    told = f" {ident}-d" if desc else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{css}" role="{role}" '
        f'aria-labelledby="{ident}-t{told}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONT}">'
        f'<title id="{ident}-t">{escape(title)}</title>'
        + (f'<desc id="{ident}-d">{escape(desc)}</desc>' if desc else "")
    )


def tips(ident: str, kinds: Iterable[str] = ("hit", "bad")) -> str:
    """Define the arrowheads of a picture: ``hit``, ``bad`` or ``never``."""
    colours = {"hit": LIGHT.hit, "bad": LIGHT.bad, "never": LIGHT.never}
    marks = (
        f'<marker id="{ident}-{kind}" markerUnits="userSpaceOnUse" markerWidth="10" '
        f'markerHeight="10" viewBox="0 0 10 10" refX="9.4" refY="5" orient="auto">'
        f'<path class="of-tip-{kind}" d="M0 1L10 5L0 9z" fill="{colours[kind]}"/></marker>'
        for kind in kinds
    )
    return f"<defs>{''.join(marks)}</defs>"


def box(css: str, rect: Rect, radius: float) -> str:
    """Open a ``rect`` element; the caller adds its paint and closes it."""
    rounded = f' rx="{number(radius)}"' if radius else ""
    return (
        f'<rect class="{css}" x="{number(rect.x)}" y="{number(rect.y)}" '
        f'width="{number(rect.width)}" height="{number(rect.height)}"{rounded}'
    )


def way(points: tuple[Point, ...]) -> str:
    """Return the path through *points* with rounded corners."""
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _distance(before, corner) / 2, _distance(corner, after) / 2)
        one, two = _toward(corner, before, radius), _toward(corner, after, radius)
        parts.append(f"L{number(one[0])} {number(one[1])}")
        parts.append(f"Q{number(corner[0])} {number(corner[1])} {number(two[0])} {number(two[1])}")
    parts.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(parts)


def _distance(one: Point, two: Point) -> float:
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _toward(start: Point, goal: Point, length: float) -> Point:
    whole = _distance(start, goal) or 1.0
    return (
        start[0] + (goal[0] - start[0]) * length / whole,
        start[1] + (goal[1] - start[1]) * length / whole,
    )
