"""The catalogue of rules as a page: what each says, why, and where that is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orderflow.conformance.integration.rules import PARTS
from orderflow.conformance.integration.rules import RULES as DUTIES
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import CATALOGUE, DEAL_RULES
from orderflow.reports.docs.flavor import Flavor, section
from orderflow.reports.docs.flow_parts import rule_title
from orderflow.reports.docs.markup import Md, heading, items, page, sentence, strong, words

_FAMILIES = ("marketplace", "seller", "complete", "chain")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule, invariant or duty as the page tells it."""

    id: str
    title: str
    facts: str
    statement: str
    why: str
    source: tuple[str, ...]


def _entries() -> Iterator[tuple[str, list[_Entry]]]:
    for title, rules in (
        ("Rules on one order", CATALOGUE),
        ("Rules on the orders of a sale", DEAL_RULES),
    ):
        yield (
            title,
            [
                _Entry(
                    rule.id,
                    rule.title,
                    f"{rule.severity}; flows: "
                    + ", ".join(name for name in _FAMILIES if name in rule.families),
                    rule.statement,
                    rule.explanation,
                    tuple(rule.source),
                )
                for rule in rules
            ],
        )
    yield (
        "What holds after every step",
        [
            _Entry(each.id, each.title, each.kind, each.statement, each.explanation, each.source)
            for each in INVARIANTS.values()
        ],
    )
    yield (
        "Duties of an integration",
        [
            _Entry(
                each.id,
                each.title,
                f"{each.severity}; for: {PARTS[each.part]}",
                each.statement,
                each.explanation,
                each.source,
            )
            for each in DUTIES.values()
        ],
    )


def rules_page(flavor: Flavor) -> str:
    """Return the catalogue of rules as Markdown."""
    return page(
        [
            heading(1, words("Rules")),
            Md(
                "A-rules judge the history of an order, or of all orders of a sale; I-rules say "
                "what must hold after every step; B-rules are the duties of an integration. "
                "`orderflow rules A-12` tells the same of one."
            ),
            *_sections(flavor, _entries()),
        ]
    )


def _sections(flavor: Flavor, groups: Iterable[tuple[str, list[_Entry]]]) -> Iterator[Md]:
    for title, entries in groups:
        yield heading(2, words(title))
        for entry in entries:
            yield section(flavor, 3, words(rule_title(entry.id)))
            yield Md(f"{strong(words(entry.title))}: {sentence(entry.statement)}")
            yield sentence(entry.why)
            source = ", ".join(entry.source)
            yield items([words(f"Severity: {entry.facts}"), words(f"Source: {source}")])
