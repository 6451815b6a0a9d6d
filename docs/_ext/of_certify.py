"""Tables of what integrations are asked, made from the scenarios and the rules with the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

from orderflow.certify.scenario_file import library
from orderflow.conformance.integration.rules import RULES
from orderflow.conformance.integration.suite import SUITES


class CertifyTables(Directive):
    """``{of-certify} scenarios``: one of the tables below."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the tables as the page's own Markdown."""
        lines = list(TABLES[self.arguments[0]]())
        holder = nodes.section()
        holder.document = self.state.document
        source = f"certify: {self.arguments[0]}"
        self.state.nested_parse(StringList(lines, source=source), self.content_offset, holder, 1)
        return holder.children


def scenarios() -> Iterator[str]:
    """The scenarios of the library."""
    yield from ("| scenario | what happens | for | can show |", "| --- | --- | --- | --- |")
    for each in library():
        shows = ", ".join((*each.shows, *each.mistakes))
        yield f"| `{each.name}` | {_cell(each.title)} | {', '.join(each.roles)} | {shows} |"
    yield ""


def rules() -> Iterator[str]:
    """The rules, with the suites that ask for them."""
    yield from ("| rule | what it asks | severity | suites |", "| --- | --- | --- | --- |")
    for rule in RULES.values():
        suites = ", ".join(name for name, suite in SUITES.items() if rule.id in suite.rules)
        yield f"| {rule.id} | {_cell(rule.statement)} | {rule.severity} | {suites} |"
    yield ""


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {"scenarios": scenarios, "rules": rules}
"""By the word that names it on a page."""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Let pages ask for the tables."""
    app.add_directive("of-certify", CertifyTables)
    return {"parallel_read_safe": True}
