"""The doorway to Jinja: templates that escape every text, and what they may do to one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from orderflow.reports.clock import clock, span
from orderflow.reports.command_lines import continued
from orderflow.reports.marks import safe_id
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.words import clip, short

if TYPE_CHECKING:
    import jinja2

MOST_OF_A_COMMAND = 4000
"""Characters of a command that the page shows."""


def render(template: str, **context: object) -> str:
    """Return *template* filled with *context*."""
    return environment().get_template(template).render(context)


def drawn(svg: str) -> Markup:
    """Let a picture through that we drew ourselves, every text in it escaped."""
    return Markup(svg)  # noqa: S704


def coded(text: str) -> Markup:
    """Escape *text*, shortened, and set what stands between back quotes as code."""
    pieces = [
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece)
        for i, piece in enumerate(short(text).split("`"))
    ]
    return Markup("").join(pieces)


def _plain(text: str) -> str:
    return short(text.replace("`", ""), 300)


def _words(text: str) -> str:
    return clip(text.replace("_", " "))


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"


def _command(text: str) -> str:
    return short(text, MOST_OF_A_COMMAND) if len(text) > MOST_OF_A_COMMAND else continued(text)


@cache
def environment() -> jinja2.Environment:
    """Return the templates of this folder."""
    # Imported here: whoever may have to write a page, but does not yet, waits for none of it.
    import jinja2

    from orderflow.reports.story import tries
    from orderflow.reports.suite_words import guarantee_head, not_passed, suite_sentence

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("orderflow.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(light=LIGHT, dark=DARK)
    made.filters.update(clock=clock, span=span, coded=coded, plain=_plain, words=_words)
    made.filters.update(safe_id=safe_id, clip=clip, short=short, many=_many, whole=_command)
    made.filters.update(tries=tries, suite_sentence=suite_sentence)
    made.filters.update(guarantee_head=guarantee_head, not_passed=not_passed)
    return made
