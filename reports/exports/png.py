"""An SVG picture as PNG: the doorway of resvg, which comes with the extra ``png``."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from orderflow.flows.errors import OrderflowError

_FONTS = Path(__file__).parent / "fonts"
_FILES = ("OrderflowSans-Regular.ttf", "OrderflowSans-Bold.ttf")
_FAMILY = "Orderflow Sans"
_OWN = re.compile(
    "[\n\t -~\xa0-\u024f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f"
    "\u2010\u2012-\u2015\u2018-\u201e\u2020-\u2022\u2026\u20ac\u2190-\u2195\u2212]"
)
"""Characters that the fonts beside this module have."""

_TEXT = re.compile(r"<(?:text|tspan)\b[^>]*>([^<]*)")
_FAMILIES = re.compile(r'font-family="[^"]*"')
_MISSING = "\U0010fffe"
"""A character that no font has; how it is drawn is how every missing one is."""


class PictureError(OrderflowError):
    """A picture cannot be made."""


class MissingGlyphsError(PictureError):
    """No font of this machine has some characters of a picture.

    Attributes:
        characters: Those characters, in the order of the picture.
    """

    def __init__(self, characters: tuple[str, ...]) -> None:
        told = ", ".join(f"{char} (U+{ord(char):04X})" for char in characters[:5])
        more = f" and {len(characters) - 5} more" if len(characters) > 5 else ""  # noqa: PLR2004
        super().__init__(
            f"PNG: no font here has {told}{more}; install one, such as the Noto fonts "
            "(apt-get install fonts-noto-core fonts-noto-cjk), or take SVG"
        )
        self.characters = characters


def png(svg: str, *, scale: float = 2) -> bytes:
    """Render *svg* as PNG.

    Latin, Greek and Cyrillic text is drawn with a font that comes along, as wide as Arial, so it
    looks the same on every machine; the bytes are those of the installed resvg. Other text is drawn
    with the fonts of the machine.

    Args:
        svg: A picture whose colours are attributes.
        scale: Pixels for each pixel of the picture.

    Raises:
        PictureError: The extra ``png`` or our fonts are not installed, or *svg* cannot be drawn.
        MissingGlyphsError: No font has some character of it.
        ValueError: *scale* is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"scale must be above 0, not {scale}")
    require_png()
    text = unescape("".join(_TEXT.findall(svg)))
    others = dict.fromkeys(char for char in text if not _OWN.match(char))
    missing = tuple(char for char in others if not _has_glyph(char))
    if missing:
        raise MissingGlyphsError(missing)
    own = _FAMILIES.sub(f'font-family="{_FAMILY}"', svg)
    return _render(own, scale, machine_fonts=bool(others))


def require_png() -> None:
    """Make sure that pictures can be rendered.

    Raises:
        PictureError: The extra ``png``, or a font that comes along, is not installed.
    """
    lost = [name for name in _FILES if not (_FONTS / name).is_file()]
    if lost:  # resvg would draw the picture without text, and say nothing
        raise PictureError(f"PNG: {_FONTS} lacks {', '.join(lost)}; install orderflow anew")
    try:
        import resvg_py  # noqa: F401
    except ImportError:
        raise PictureError(
            "PNG needs an optional part: pip install 'orderflow-harness[png]'"
        ) from None


def _has_glyph(char: str) -> bool:
    return _alone(char) not in {_alone(" "), _alone(_MISSING)}


def _alone(char: str) -> bytes:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
        f'<text x="8" y="20" font-size="16" font-family="{_FAMILY}">{char}</text></svg>'
    )
    return _render(svg, 1, machine_fonts=True)


def _render(svg: str, scale: float, *, machine_fonts: bool) -> bytes:
    import resvg_py

    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                zoom=scale,
                skip_system_fonts=not machine_fonts,
                font_files=[str(_FONTS / name) for name in _FILES],
                font_family=_FAMILY,
            )
        )
    except ValueError as error:
        raise PictureError(f"PNG: cannot be drawn: {error}") from None
