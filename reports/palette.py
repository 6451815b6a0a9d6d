"""The colours of pictures and pages, light and dark: never red against green."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours.

    Attributes:
        ink: Text.
        muted: Secondary text and counts.
        hit: Exercised.
        hit_fill: Box of an exercised status.
        bad: Failing.
        bad_fill: Box of a status where something failed.
        never: Never exercised.
        halo: The failing trace.
        paper: Background of cards, pictures and label chips.
        band: Every other stage.
        on_bad: Text on the failing colour.
        page: Background of the page.
        line: Hairlines.
        never_text: Labels of what was never exercised.
    """

    ink: str
    muted: str
    hit: str
    hit_fill: str
    bad: str
    bad_fill: str
    never: str
    halo: str
    paper: str
    band: str
    on_bad: str
    page: str
    line: str
    never_text: str


LIGHT = Palette(
    ink="#1f2937",
    muted="#5b6472",
    hit="#0072b2",
    hit_fill="#e8f2fa",
    bad="#c2410c",
    bad_fill="#fdece2",
    never="#808b9e",
    halo="#f2c14e",
    paper="#ffffff",
    band="#f4f6fb",
    on_bad="#ffffff",
    page="#f3f4f6",
    line="#e2e5ea",
    never_text="#667085",
)
DARK = Palette(
    ink="#e6e9ee",
    muted="#a3adbb",
    hit="#5db3e8",
    hit_fill="#16303f",
    bad="#ff8d57",
    bad_fill="#3d2116",
    never="#6b7684",
    halo="#7a6114",
    paper="#171b21",
    band="#1c2129",
    on_bad="#1b1007",
    page="#0f1216",
    line="#2b323c",
    never_text="#98a3b1",
)
