"""Colours mean the same to everybody: apart in any kind of sight, legible, and never alone.

Source of the three kinds of colour blindness: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes,
"A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE Transactions on
Visualization and Computer Graphics 15(6), 2009; its matrices of severity 1.0, for linear RGB.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from orderflow.reports.layout import layout
from orderflow.reports.palette import DARK, LIGHT, Palette
from orderflow.reports.svg import Caption, Coverage, render_svg
from orderflow.reports.tables import SIGNS
from tests.reports.builders import small_flow

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]

SIGHTS: dict[str, Matrix] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LEAST = 20.0
"""Distance in CIE Lab (1976) from which on two colours are apart at a glance, side by side or not;
about 2 can just be told from each other."""
PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: str) -> Colour:
    """``#rrggbb`` as light. Source: IEC 61966-2-1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _light(red), _light(green), _light(blue)


def _light(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def through(matrix: Matrix, colour: Colour) -> Colour:
    """What is left of a colour."""
    red, green, blue = (
        min(1.0, max(0.0, sum(map(float.__mul__, map(float, row), colour)))) for row in matrix
    )
    return red, green, blue


def lab(colour: Colour) -> Colour:
    """Lightness, red against green, and yellow against blue. Source: CIE 15, white D65."""
    red, green, blue = colour
    x = _root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
    y = _root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(part: float) -> float:
    return float(part ** (1 / 3)) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116


def distance(one: str, other: str, sight: str) -> float:
    """How far two colours are apart for somebody with this kind of *sight*."""
    matrix = SIGHTS[sight]
    a, b = (lab(through(matrix, linear(colour))) for colour in (one, other))
    return float(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5)


def contrast(one: str, other: str) -> float:
    """Contrast ratio. Source: WCAG 2.2, relative luminance."""
    dark, light = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear(one), linear(other))
    )
    return (light + 0.05) / (dark + 0.05)


def mistaken(colours: dict[str, str], sight: str) -> list[tuple[str, str]]:
    """The pairs of *colours* that are too close to each other."""
    return [
        (one, other)
        for one, other in combinations(colours, 2)
        if distance(colours[one], colours[other], sight) < LEAST
    ]


def test_distances_and_contrasts_are_those_of_the_books() -> None:
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.05)
    assert lab(linear("#ffffff")) == pytest.approx((100, 0, 0), abs=0.05)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    for matrix in SIGHTS.values():  # white stays white in every kind of sight
        assert through(matrix, (1, 1, 1)) == pytest.approx((1, 1, 1), abs=0.001)


@pytest.mark.parametrize("sight", SIGHTS)
@PALETTES
def test_classes_of_coverage_are_apart_in_every_kind_of_sight(palette: Palette, sight: str) -> None:
    colours = {name: getattr(palette, name) for name in ("hit", "bad", "never", "halo", "paper")}

    assert mistaken(colours, sight) == []


@pytest.mark.parametrize("sight", SIGHTS)
@PALETTES
def test_cells_that_matter_are_apart_in_every_kind_of_sight(palette: Palette, sight: str) -> None:
    # as report.css.j2 fills them; what was refused and what was not tried are told by their signs
    cells = {
        "exercised": palette.hit,
        "never exercised": palette.paper,
        "diverges": palette.bad,
        "frame of never exercised": palette.never,
    }

    assert mistaken(cells, sight) == []
    for quiet in (palette.hit_fill, palette.band, palette.bad_fill):
        loud = {"quiet": quiet, "exercised": palette.hit, "diverges": palette.bad}
        assert mistaken(loud, sight) == []


def test_red_and_green_are_caught() -> None:
    traffic = {"passed": "#2ca02c", "failed": "#d62728"}

    assert mistaken(traffic, "full") == []
    assert mistaken(traffic, "deuteranopia") == [("passed", "failed")]


TEXTS = (
    *(("ink", ground) for ground in ("paper", "page", "band", "hit_fill", "bad_fill")),
    *(("muted", ground) for ground in ("paper", "page", "band", "hit_fill", "bad_fill")),
    *(("never_text", ground) for ground in ("paper", "band")),
    *(("on_bad", ground) for ground in ("bad", "hit")),
    *(("hit", ground) for ground in ("paper", "page", "band", "hit_fill")),
    *(("bad", ground) for ground in ("paper", "page", "band", "bad_fill")),
    ("paper", "ink"),
)
"""Every text of pictures and pages, and what it stands on."""


@PALETTES
def test_texts_of_pictures_can_be_read(palette: Palette) -> None:
    faint = [
        (text, ground, round(ratio, 2))
        for text, ground in TEXTS
        if (ratio := contrast(getattr(palette, text), getattr(palette, ground))) < 4.5
    ]

    assert faint == []  # WCAG 2.2, 1.4.3


@PALETTES
def test_lines_and_boxes_stand_out_from_what_they_are_drawn_on(palette: Palette) -> None:
    for line in (palette.hit, palette.bad, palette.never):
        for ground in (palette.paper, palette.band):
            assert contrast(line, ground) >= 3  # WCAG 2.2, 1.4.11


def picture() -> ET.Element:
    """The shop with a line of every class."""
    counts = {"T1": 3, "T2": 3, "T4": 1, "T5": 0, "T6": 0, "T7": 0, "T8": 2, "T3": 0}
    coverage = Coverage(
        counts=counts,
        entered={"new": 3, "paid": 3, "shipped": 0, "canceled": 2},
        failing=frozenset({"T4"}),
        broken=frozenset({"canceled"}),
        trace=((("new", "paid"), (2,)),),
        reached=(("paid", (2,)),),
        last=3,
    )
    drawn = render_svg(layout(small_flow()), Caption("shop", "Shop", ""), coverage=coverage)
    return ET.fromstring(drawn)  # noqa: S314  # ours


def shape(element: ET.Element) -> tuple[str, ...]:
    """How an element is drawn, but for its colour."""
    return tuple(
        element.get(name, "none") for name in ("stroke-width", "stroke-dasharray", "stroke-linecap")
    )


@pytest.mark.parametrize(
    "classes",
    [
        ("of-line-hit", "of-line-bad", "of-line-never", "of-halo"),
        ("of-box-hit", "of-box-bad", "of-box-never"),
    ],
    ids=["lines", "boxes"],
)
def test_no_class_rests_on_colour_alone(classes: tuple[str, ...]) -> None:
    shapes: dict[str, set[tuple[str, ...]]] = {name: set() for name in classes}
    for element in picture().iter():
        for name in set(element.get("class", "").split()) & shapes.keys():
            shapes[name].add(shape(element))

    assert all(len(found) == 1 for found in shapes.values()), shapes
    assert len(set.union(*shapes.values())) == len(classes), shapes


def test_every_outcome_of_a_cell_has_a_sign_and_words_of_its_own() -> None:
    signs = [(sign, words) for _, sign, words in SIGNS.values()]

    assert len({sign for sign, _ in signs}) == len(signs)
    assert len({words for _, words in signs}) == len(signs)


def test_colours_are_written_once() -> None:
    from orderflow.reports.page_text import environment

    loader = environment().loader
    assert loader is not None
    written = {
        name: found
        for name in loader.list_templates()
        for found in (re.findall(r"#[0-9a-f]{6}\b", loader.get_source(environment(), name)[0]),)
        if found
    }

    assert written == {}  # in the palette alone, which the tests above are about
