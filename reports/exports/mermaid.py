"""A flow as a Mermaid flowchart, for pages that draw it themselves."""

from __future__ import annotations

from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.exports.arrows import Arrow, arrows
from orderflow.reports.exports.handles import shown, status_names

_START = "start"
_ID_LENGTH = 40


def mermaid(flow: Flow) -> str:
    """Return *flow*, as one profile sees it, as the source of a Mermaid diagram.

    A dotted line is taken by another actor than the platform; a rounded box is a final status.
    Ids begin with ``s_``, because ``end``, ``style`` and others are words of Mermaid; names stand
    in quotes, with everything that Mermaid or Markdown could take for its own as a number.
    Mermaid reads at most 500 lines between statuses, unless its page sets ``maxEdges``.
    """
    ids = _ids(status_names(flow))
    ends = ",".join(ids[name] for name in ids if name in flow.final)
    title = _text(flow.title or flow.name).strip()
    lines = [
        "flowchart TB",
        *([f"  accTitle: {title}"] if title else []),  # an empty one would swallow the next line
        *(_box(flow, name, ident) for name, ident in ids.items()),
        *(_line(arrow, ids) for arrow in arrows(flow)),
    ]
    if ends:
        lines += ["  classDef ends stroke-width:3px", f"  class {ends} ends"]
    return "\n".join(lines) + "\n"


def _ids(names: tuple[str, ...]) -> dict[str, str]:
    """Short ids of letters, digits and underscores, much like the names."""
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        letters = (char if char.isascii() and char.isalnum() else "_" for char in name)
        ident = f"s_{''.join(letters)[:_ID_LENGTH]}"
        if name == ABSENT:
            ident = _START
        found[name] = ident if ident not in found.values() else f"s{place}"
    return found


def _box(flow: Flow, name: str, ident: str) -> str:
    if name == ABSENT:
        return f'  {ident}((" "))'
    text = _text(name)
    return f'  {ident}(["{text}"])' if name in flow.final else f'  {ident}["{text}"]'


def _line(arrow: Arrow, ids: dict[str, str]) -> str:
    words = "<br/>".join(map(_text, arrow.labels))
    line = "-.->" if arrow.dashed else "-->"
    return f'  {ids[arrow.source]} {line}|"{words}"| {ids[arrow.target]}'


def _text(text: str) -> str:
    """Write *text* so that nothing in it but letters, digits and a few signs stands for itself.

    >>> _text("pay {now} & end")
    'pay #123;now#125; #38; end'
    """
    visible = shown(text).strip() or " "
    written = []
    for before, char in zip(" " + visible, visible, strict=False):
        harmless = char.isalnum() or char in " (),"
        # a hyphen within a word; at the beginning it makes a list in Markdown
        joint = char == "-" and before.isalnum()
        written.append(char if harmless or joint else f"#{ord(char)};")
    return "".join(written)
