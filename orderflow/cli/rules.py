"""``orderflow rules``: the catalogue, explained."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from difflib import get_close_matches

import click

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import PROFILES, RULES
from orderflow.flows.errors import OrderflowError


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule or invariant as it is shown."""

    id: str
    title: str
    severity: str
    flows: tuple[str, ...]
    statement: str
    explanation: str
    source: tuple[str, ...]


def entries() -> dict[str, Entry]:
    """Rules, then invariants, by id."""
    order = ("marketplace", "seller", "complete", "chain")
    found = {
        rule.id: Entry(
            rule.id,
            rule.title,
            rule.severity,
            tuple(name for name in order if name in rule.families),
            rule.statement,
            rule.explanation,
            tuple(rule.source),
        )
        for rule in RULES.values()
    }
    for known in INVARIANTS.values():
        found[known.id] = Entry(
            known.id, known.title, "error", order, known.statement, known.explanation, known.source
        )
    return found


@click.command("rules")
@click.argument("rule", required=False, metavar="[ID]")
@click.option("--profile", type=click.Choice(sorted(PROFILES)), help="Only the rules of a group.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(rule: str | None, profile: str | None, form: str) -> None:
    r"""List the rules, or explain the one with this ID.

    A-rules judge the history of an order, I-rules what must hold after every step.

    \b
    orderflow rules
    orderflow rules A-39
    orderflow rules --profile seed --format json
    """
    known = entries()
    if profile is not None:
        wanted = {each.id for each in PROFILES[profile]}
        known = {name: entry for name, entry in known.items() if name in wanted}
    if rule is not None:
        known = {rule.upper(): _one(rule, known)}
    if form == "json":
        rows = [_plain(entry) for entry in known.values()]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rule is not None:
        click.echo(_explained(known[rule.upper()]))
    else:
        for entry in known.values():
            click.echo(f"{entry.id}  {entry.severity:7}  {entry.title}: {entry.statement}")


def _one(rule: str, known: dict[str, Entry]) -> Entry:
    if rule.upper() in known:
        return known[rule.upper()]
    near = get_close_matches(rule.upper(), known, n=1, cutoff=0.0)
    raise OrderflowError(
        f"there is no rule {rule!r}; the nearest is {near[0]}, see `orderflow rules`"
    )


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "title": entry.title,
        "severity": entry.severity,
        "flows": list(entry.flows),
        "statement": entry.statement,
        "explanation": entry.explanation,
        "source": list(entry.source),
    }


def _explained(entry: Entry) -> str:
    return "\n".join(
        (
            f"{entry.id}: {entry.title} ({entry.severity})",
            f"flows: {', '.join(entry.flows)}",
            "",
            textwrap.fill(entry.statement, 88),
            "",
            textwrap.fill(entry.explanation, 88),
            "",
            f"source: {', '.join(entry.source)}",
        )
    )
