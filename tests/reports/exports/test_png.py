"""A PNG shows what its SVG shows, text included, on every machine the same."""

from __future__ import annotations

import struct
import sys
import zlib
from html import escape
from pathlib import Path

import pytest

from orderflow.flows.model import Profile
from orderflow.reports.exports import png as module
from orderflow.reports.exports.picture import flow_svg
from orderflow.reports.exports.png import MissingGlyphsError, PictureError, png
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import DARK, LIGHT
from tests.reports.builders import small_flow
from tests.reports.exports.flows import shipped

pytest.importorskip("resvg_py", reason="the extra png is not installed")

FONTS = Path(module.__file__).parent / "fonts"


def size_of(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)


def first_pixel(data: bytes) -> str:
    """Colour of the upper left pixel: every PNG filter leaves it as it is."""
    start, found = 8, b""
    while start < len(data):
        (length,) = struct.unpack(">I", data[start : start + 4])
        if data[start + 4 : start + 8] == b"IDAT":
            found += data[start + 8 : start + 8 + length]
        start += 12 + length
    return "#" + zlib.decompress(found)[1:4].hex()


def word(text: str, *, font: str = "Arial", weight: str = "normal", width: int = 400) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="30">'
        f'<rect width="{width}" height="30" fill="#ffffff"/>'
        f'<text x="8" y="20" font-size="16" font-family="{font}" font-weight="{weight}">'
        f"{text}</text></svg>"
    )


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_has_its_size_and_its_ground(dark: bool) -> None:
    svg = flow_svg(small_flow(), dark=dark)
    data = png(svg, scale=1.5)
    wide, high = (float(svg.split(f'{side}="')[1].split('"')[0]) for side in ("width", "height"))

    assert size_of(data) == pytest.approx((wide * 1.5, high * 1.5), abs=1)
    assert first_pixel(data) == (DARK if dark else LIGHT).paper


def test_text_is_drawn_in_both_weights() -> None:
    nothing = png(word(""))

    assert png(word("handling")) != nothing
    assert png(word("handling", weight="bold")) not in {nothing, png(word("handling"))}


def test_no_font_of_the_machine_is_asked_for_latin_text() -> None:
    text = "état Straße Ωμέγα статус “×…→"  # noqa: RUF001

    assert png(word(text)) == png(word(text, font="No such font anywhere"))
    assert module._render(word(text, font="Orderflow Sans"), 2, machine_fonts=False) == png(
        word(text)
    )


def alone(char: str) -> bytes:
    """One character, with no other font at hand than ours."""
    return module._render(
        word(escape(char), font="Orderflow Sans", width=30), 1, machine_fonts=False
    )


def test_the_font_has_what_the_module_says_it_has() -> None:
    own = [char for char in map(chr, range(0x21, 0x3000)) if module._OWN.match(char)]
    nothing = {alone(" "), alone(module._MISSING)}

    assert len(nothing) == 2  # a character that is missing is drawn as an empty box
    assert len(own) > 700
    assert [char for char in own if char not in "\xa0\xad" and alone(char) in nothing] == []


def tables(data: bytes) -> dict[str, bytes]:
    """The tables of a font file. Source: OpenType 1.9, Organization of an OpenType Font."""
    (count,) = struct.unpack(">H", data[4:6])
    found = {}
    for place in range(12, 12 + 16 * count, 16):
        tag, _, start, length = struct.unpack(">4sIII", data[place : place + 16])
        found[tag.decode()] = data[start : start + length]
    return found


def widths(data: bytes) -> dict[str, float]:
    """Width of each printable ASCII character, in thousandths of the font size."""
    font = tables(data)
    (unit,) = struct.unpack(">H", font["head"][18:20])
    (full,) = struct.unpack(">H", font["hhea"][34:36])
    glyphs = glyphs_of(font["cmap"])
    found = {}
    for code in range(0x20, 0x7F):
        place = 4 * min(glyphs[code], full - 1)
        (wide,) = struct.unpack(">H", font["hmtx"][place : place + 2])
        found[chr(code)] = wide * 1000 / unit
    return found


def glyphs_of(cmap: bytes) -> dict[int, int]:
    """Glyph of each printable ASCII character, from the subtable of format 4."""
    (count,) = struct.unpack(">H", cmap[2:4])
    starts = [struct.unpack(">I", cmap[8 + 8 * i : 12 + 8 * i])[0] for i in range(count)]
    table = next(cmap[start:] for start in starts if cmap[start : start + 2] == b"\0\4")
    (twice,) = struct.unpack(">H", table[6:8])

    def column(number: int) -> tuple[int, ...]:
        start = 14 + number * twice + (2 if number else 0)
        return struct.unpack(f">{twice // 2}H", table[start : start + twice])

    ends, begins, deltas, offsets = map(column, range(4))
    found = {}
    for code in range(0x20, 0x7F):
        segment = next(i for i, end in enumerate(ends) if end >= code)
        if not offsets[segment]:
            found[code] = (code + deltas[segment]) % 0x10000
            continue
        start = 16 + 3 * twice + 2 * segment + offsets[segment] + 2 * (code - begins[segment])
        found[code] = struct.unpack(">H", table[start : start + 2])[0]
    return found


@pytest.mark.parametrize(("name", "bold"), [("Regular", False), ("Bold", True)])
def test_the_font_is_as_wide_as_the_layout_believes(name: str, bold: bool) -> None:
    data = (FONTS / f"OrderflowSans-{name}.ttf").read_bytes()

    for char, wide in widths(data).items():
        assert wide == pytest.approx(text_width(char, 1000, bold=bold), abs=0.6), char


def test_the_font_comes_with_its_licence_under_a_name_that_is_not_reserved() -> None:
    licence = (FONTS / "OFL.txt").read_text("utf-8")

    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "with Reserved Font Name Liberation" in licence
    for font in FONTS.glob("*.ttf"):
        names = tables(font.read_bytes())["name"].decode("utf-16-be", "replace")
        assert "Liberation" not in names
        assert "Liberation" not in font.name


def test_a_character_that_no_font_has_is_named() -> None:
    with pytest.raises(MissingGlyphsError) as caught:
        png(word("\U0001d173 paid \ue0ff \ue0ff"))

    assert "\ue0ff" in caught.value.characters
    assert "U+E0FF" in str(caught.value)
    assert "install" in str(caught.value)


def test_without_the_extra_the_message_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)

    with pytest.raises(PictureError, match=r"pip install 'orderflow-harness\[png\]'"):
        png(flow_svg(small_flow()))


def test_no_picture_without_text_comes_of_lost_fonts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FONTS", tmp_path)

    with pytest.raises(PictureError, match=r"lacks OrderflowSans-Regular\.ttf, Orderflow"):
        png(flow_svg(small_flow()))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureError, match="cannot be drawn"):
        png("<svg")
    with pytest.raises(ValueError, match="scale"):
        png(flow_svg(small_flow()), scale=0)


def test_the_same_picture_twice_is_the_same_bytes() -> None:
    svg = flow_svg(shipped("chain", Profile.DOCUMENTED, ()))

    assert png(svg, scale=1) == png(svg, scale=1)
