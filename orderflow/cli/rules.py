"""``orderflow rules``: the catalogue, explained."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

import click

from orderflow.cli.common import form_option
from orderflow.cli.output import pour, say
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import PROFILES, RULES
from orderflow.flows.errors import OrderflowError

_ID = re.compile(r"([A-Za-z])-?([0-9]{1,4})")


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
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    help="Only the rules of a group: the first ones (seed), or all that judge recorded orders "
    "(audit).",
)
@form_option("text", "json")
def command(rule: str | None, profile: str | None, form: str) -> None:
    """List the rules, or explain the one with this ID.

    A-rules judge the history of an order, I-rules what must hold after every step.

    \b
    orderflow rules
    orderflow rules A-39
    orderflow rules --profile seed --format json
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    if rule is not None and profile is not None:
        raise click.UsageError("give ID or --profile, not both")
    known = entries()
    if rule is not None:
        wanted = [known[_id_of(rule, known)]]
    elif profile is not None:
        wanted = [known[each.id] for each in PROFILES[profile]]
    else:
        wanted = list(known.values())
    if form == "json":
        pour([json.dumps([_plain(entry) for entry in wanted], indent=2) + "\n"])
    elif rule is not None:
        say(_explained(wanted[0]))
    else:
        lines = (f"{e.id}  {e.severity:7}  {e.title}: {e.statement}" for e in wanted)
        say("\n".join(lines))


def _id_of(typed: str, known: Collection[str]) -> str:
    """The id a person means by ``A-39``, ``a39`` or ``a-4``.

    Raises:
        OrderflowError: There is no such rule.
    """
    parts = _ID.fullmatch(typed.strip())
    name = f"{parts[1]}-{int(parts[2]):02}".upper() if parts else typed.upper()
    if name in known:
        return name
    near = get_close_matches(name[:20], known, n=1, cutoff=0.0)
    raise OrderflowError(
        f"there is no rule {typed!r}; the nearest is {near[0]}, `orderflow rules` lists all"
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
