"""Tables of what the sandbox answers, made from its routes and registers with the site."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

from orderflow.sandbox.control import catalogue as control
from orderflow.sandbox.evidence_words import TOLD
from orderflow.sandbox.fault_modes import modes
from orderflow.sandbox.findings import SEEN
from orderflow.sandbox.routes import Route
from orderflow.sandbox.vendor import catalogue as vendor

_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_CODE = re.compile(r"``([^`]*)``")
_PAGE = re.compile(r"/_sandbox(/page[./].*)?")
_TOLD = {
    "null": "may be null",
    "beyond": "there, although the schema does not have it",
    "missing": "not there",
    "type": "of another type",
    "no body": "the body is empty",
}


class SandboxTables(Directive):
    """``{of-sandbox} platform``: one of the tables below."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the tables as the page's own Markdown."""
        lines = list(TABLES[self.arguments[0]]())
        holder = nodes.section()
        holder.document = self.state.document
        source = f"sandbox: {self.arguments[0]}"
        self.state.nested_parse(StringList(lines, source=source), self.content_offset, holder, 1)
        return holder.children


def platform() -> Iterator[str]:
    """The routes of the platform, by area, with the permissions they ask for."""
    areas: dict[str, list[Route]] = {}
    for route in vendor.ROUTES:
        areas.setdefault(_area(route), []).append(route)
    for area, routes in areas.items():
        yield from ("", f"**{area.capitalize()}**", "")
        yield from ("| call | answers | needs one of |", "| --- | --- | --- |")
        for route in routes:
            needs = ", ".join(route.permissions) or "any key"
            yield f"| {_call(route)} | {_cell(_summary(route))} | {needs} |"
    yield ""


def operations() -> Iterator[str]:
    """The routes of the control API, without those that are the page's own."""
    yield from ("| call | what it does |", "| --- | --- |")
    for route in control.ROUTES:
        if not _PAGE.fullmatch(route.path):
            yield f"| {_call(route)} | {_cell(inspect.getdoc(route.handler) or '')} |"
    yield ""


def faults() -> Iterator[str]:
    """Every fault that can be switched on; those of orders, then those of calls."""
    yield from ("| fault | what goes wrong | where | takes | sources |", "| --- " * 5 + "|")
    for mode in modes().values():
        where = [f"deal {deal}" for deal in mode.deals] or [f"`{it}`" for it in mode.operations]
        cells = (mode.says, ", ".join(where) or "any call", _codes(mode.takes))
        row = " | ".join(map(_cell, cells))
        yield f"| `{mode.name}` | {row} | {', '.join(mode.sources)} |"
    yield ""


def mistakes() -> Iterator[str]:
    """The mistakes of clients that are written down."""
    yield from ("| code | mistake |", "| --- | --- |")
    yield from (f"| {code} | {_cell(told)} |" for code, told in SEEN.items())
    yield ""


def differences() -> Iterator[str]:
    """Where answers and calls differ from the published API documents, and why."""
    known = _deviations()
    yield from ("| operation | field | difference | why |", "| --- | --- | --- | --- |")
    for name, reasons in known["answers"].items():
        for reason in reasons:
            for what, fields in reason.items():
                if what != "why":
                    yield _difference(name, fields, _TOLD[what], reason["why"])
    for name, each in known["not required"].items():
        yield _difference(name, each["fields"], "may be left out of the call", each["why"])
    yield ""


def beyond() -> Iterator[str]:
    """Operations that no published document has, and those that the sandbox lacks."""
    known = _deviations()
    yield from ("| operation | where it is known from |", "| --- | --- |")
    for name, source in known["not published"].items():
        yield f"| `{_named(name)}` | {_cell(source)} |"
    yield ""
    lacking = known["not answered"]
    yield "Every operation of the published documents is answered." if not lacking else ""
    yield from (f"- `{_named(name)}` is not answered: {why}" for name, why in lacking.items())


def facts() -> Iterator[str]:
    """The facts of a trace's lines, by what is called."""
    for each in TOLD:
        yield from ("", f"**{each.title.capitalize()}**", "")
        if each.operations:
            yield from (_codes(each.operations), "")
        yield from ("| fact | meaning |", "| --- | --- |")
        known = {**each.facts, **each.others}
        yield from (f"| `{name}` | {_cell(told)} |" for name, told in known.items())
    yield ""


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "platform": platform,
    "control": operations,
    "faults": faults,
    "mistakes": mistakes,
    "differences": differences,
    "beyond": beyond,
    "facts": facts,
}
"""By the word that names it on a page."""


def _deviations() -> dict[str, Any]:
    text = files("orderflow.sandbox").joinpath("deviations.json").read_text("utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


def _difference(name: str, fields: Iterable[str], told: str, why: str) -> str:
    shown = _codes(each for each in fields if each)
    return f"| `{_named(name)}` | {shown} | {told} | {_cell(why)} |"


def _named(operation: str) -> str:
    """An operation of the deviations, as a reader expects it."""
    return operation.replace("{}", "{…}")


def _area(route: Route) -> str:
    return route.handler.__module__.rpartition(".")[2].replace("_", " ")


def _call(route: Route) -> str:
    return f"`{route.method} {route.path}`"


def _summary(route: Route) -> str:
    return (inspect.getdoc(route.handler) or "").partition("\n\n")[0]


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    """A docstring, or a sentence, as the Markdown of one cell."""
    plain = _CODE.sub(r"`\1`", _ROLE.sub(r"`\1`", text))
    return " ".join(plain.replace("|", "\\|").split())


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("of-sandbox", SandboxTables)
    return {"parallel_read_safe": True}
