"""Examples in the help of a command are code on the site, not lines of a poem."""

from __future__ import annotations

from itertools import groupby

import click
from sphinx.application import Sphinx

_VERSE = "| "


def as_code(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Turn each run of verse lines, which click's backslash-b becomes, into a code block."""
    del app, context
    told: list[str] = []
    for verse, group in groupby(lines, lambda line: line.startswith(_VERSE)):
        if verse:
            told += ["", ".. code-block:: text", ""]
            told += [f"   {line.removeprefix(_VERSE)}" for line in group]
            told.append("")
        else:
            told += group
    lines[:] = told


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to what sphinx-click reads of each command."""
    app.connect("sphinx-click-process-description", as_code)
    return {"parallel_read_safe": True}
