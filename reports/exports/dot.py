"""A flow as a DOT graph, for Graphviz and all that reads its files."""

from __future__ import annotations

from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.exports.arrows import Arrow, arrows
from orderflow.reports.exports.handles import handles, shown, status_names

_LOOK = (
    "  rankdir=TB;",
    '  node [shape=box, style=rounded, fontname="Arial", fontsize=11];',
    '  edge [fontname="Arial", fontsize=9];',
)


def dot(flow: Flow) -> str:
    """Return *flow*, as one profile sees it, as the text of a directed graph.

    Boxes are called as the statuses are, where the name is a plain one. A dashed line is taken by
    another actor than the platform; a final status has a double border.
    """
    ids = handles(status_names(flow))
    lines = [
        f"digraph {_quoted(flow.name)} {{",
        f"  label={_label(flow.title or flow.name)};",
        *_LOOK,
        *(_box(flow, name, ident) for name, ident in ids.items()),
        *(_line(arrow, ids) for arrow in arrows(flow)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _box(flow: Flow, name: str, ident: str) -> str:
    if name == ABSENT:
        return f'  "{ident}" [shape=point, width=0.12, label=""];'
    double = ", peripheries=2" if name in flow.final else ""
    return f'  "{ident}" [label={_label(name)}{double}];'


def _line(arrow: Arrow, ids: dict[str, str]) -> str:
    ends = f'"{ids[arrow.source]}" -> "{ids[arrow.target]}"'
    dashed = ", style=dashed" if arrow.dashed else ""
    return f"  {ends} [label={_label(*arrow.labels)}{dashed}];"


def _quoted(text: str) -> str:
    return '"' + shown(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(*lines: str) -> str:
    r"""Quote text that Graphviz draws: ``&`` begins an entity there, a backslash a command.

    >>> print(_label('say "no"', r"\N & <b>"))
    "say \"no\"\n\\N &amp; <b>"
    """
    return '"' + r"\n".join(_quoted(line)[1:-1].replace("&", "&amp;") for line in lines) + '"'
