"""``orderflow rules``: the catalogue, explained."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches

import click

from orderflow.cli.common import form_option
from orderflow.cli.output import pour, say
from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import Example, Row, deal_of, history_of
from orderflow.conformance.integration.rules import PARTS
from orderflow.conformance.integration.rules import RULES as DUTIES
from orderflow.conformance.integration.suite import SUITES
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.record import Missing
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import EXAMPLES, PROFILES
from orderflow.conformance.rules import rule as rule_of
from orderflow.flows.errors import OrderflowError

_WIDTH = 88
_GUTTER = 10
"""Columns that the time takes."""

_SPACE = 3
"""Columns between two participants, at least."""

_INDENT = " " * _GUTTER
_LIFE = "│"
_CROSS = "✕ "

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
    example: Example | None = None
    part: str = ""
    suites: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()


def entries() -> dict[str, Entry]:
    """Rules on orders, invariants, then rules on integrations, by id."""
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
            EXAMPLES.get(rule.id),
        )
        for rule in PROFILES["audit"]
    }
    for known in INVARIANTS.values():
        found[known.id] = Entry(
            known.id, known.title, "error", order, known.statement, known.explanation, known.source
        )
    return found | _duties()


def _duties() -> dict[str, Entry]:
    return {
        duty.id: Entry(
            duty.id,
            duty.title,
            duty.severity,
            (),
            duty.statement,
            duty.explanation,
            duty.source,
            part=PARTS[duty.part],
            suites=tuple(suite.name for suite in SUITES.values() if duty.id in suite.rules),
            mistakes=duty.mistakes,
        )
        for duty in DUTIES.values()
    }


@click.command("rules")
@click.argument("rule", required=False, metavar="[ID]")
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    help="Only the rules of a group: the first ones (seed), or all that judge recorded orders "
    "(audit).",
)
@click.option(
    "--suite",
    type=click.Choice(sorted(SUITES)),
    help="Only the rules that a suite of `orderflow certify` asks an integration to keep.",
)
@form_option("text", "json")
def command(rule: str | None, profile: str | None, suite: str | None, form: str) -> None:
    """List the rules, or explain the one with this ID.

    A-rules judge the history of an order, or of all orders of a sale; I-rules say what must hold
    after every step; B-rules are the duties of an integration.

    \b
    orderflow rules
    orderflow rules A-39
    orderflow rules A-65
    orderflow rules B-28
    orderflow rules --suite hook
    orderflow rules --profile seed --format json
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    given = [name for name in (rule, profile, suite) if name is not None]
    if len(given) > 1:
        raise click.UsageError("give one of ID, --profile and --suite, not both")
    known = entries()
    if rule is not None:
        wanted = [known[_id_of(rule, known)]]
    elif profile is not None:
        group = PROFILES["seed"] if profile == "seed" else PROFILES["audit"]
        wanted = [known[each.id] for each in group]
    elif suite is not None:
        wanted = [known[name] for name in SUITES[suite].rules]
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
        "for": entry.part or None,
        "suites": list(entry.suites),
        "mistakes": list(entry.mistakes),
        "statement": entry.statement,
        "explanation": entry.explanation,
        "source": list(entry.source),
        "example": None if entry.example is None else _example(entry.id, entry.example),
    }


def _example(name: str, example: Example) -> dict[str, object]:
    """An example for programs; times are seconds, and what is empty is left out."""
    rows = ({key: value for key, value in asdict(row).items() if value} for row in example.rows)
    return {
        "participants": [asdict(role) for role in example.roles],
        "rows": [{"at": 0, **row} for row in rows],
        "breaks": [asdict(found) for found in breaks(name, example)],
    }


def _explained(entry: Entry) -> str:
    paragraphs = [
        f"{entry.id}: {entry.title} ({entry.severity})\n{_speaks_of(entry)}",
        _filled(entry.statement),
        _filled(entry.explanation),
    ]
    if entry.example is not None:
        paragraphs.append("\n".join(drawn(entry.example, breaks(entry.id, entry.example))))
    if entry.mistakes:
        paragraphs.append(f"broken by mistakes of real clients: {', '.join(entry.mistakes)}")
    return "\n\n".join((*paragraphs, f"source: {', '.join(entry.source)}"))


def _speaks_of(entry: Entry) -> str:
    """Whom a rule is about: flows, or a kind of integration and the suites that ask for it."""
    if not entry.part:
        return f"flows: {', '.join(entry.flows)}"
    return f"for: {entry.part} (suites: {', '.join(entry.suites)})"


def _filled(text: str, first: str = "", rest: str = "") -> str:
    """Fill lines with *text*; statuses, which have hyphens, stay whole."""
    return textwrap.fill(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def breaks(name: str, example: Example) -> tuple[DealFinding, ...]:
    """What the rule called *name* says of an example; the rule itself is asked."""
    rule = rule_of(name)
    if not isinstance(rule, Rule):
        sale = rule.check(deal_of(example))
        return () if isinstance(sale, Missing) else sale
    alone = example.roles[0]
    outcome = rule.check(history_of(example, alone))
    if isinstance(outcome, Missing):
        return ()
    return tuple(
        DealFinding(alone.name, found.step, found.observed, found.expected, found.mild)
        for found in outcome
    )


def drawn(example: Example, findings: tuple[DealFinding, ...]) -> Iterator[str]:
    """Draw an example: a column for each participant, a line for each step and message.

    A cross marks the step that breaks the rule. Where that shows only once all news has arrived,
    it stands at the end, and the last line tells where everybody is by then.
    """
    lines = _lines(example, findings)
    left = _columns(example, lines)
    names = {role.name: role.name for role in example.roles}
    yield (_INDENT + _beside(left, names)).rstrip()
    told = -1
    begun: set[str] = set()
    for line in lines:
        time = "" if line.at == told else _clock(line.at)
        told, begun = line.at, begun | line.cells.keys()
        lives = {name: line.cells.get(name, _LIFE if name in begun else "") for name in left}
        body = _beside(left, lives)
        if line.message is not None:
            body = _with_arrow(body, left, line.message)
        yield (time.ljust(_GUTTER) + body + line.margin).rstrip()
    for found in findings:
        arrived = "" if example.ended is None else "all news has arrived: "
        words = f"{arrived}{found.observed}; expected: {found.expected}"
        yield from _filled(words, _INDENT[: -len(_CROSS)] + _CROSS, _INDENT).splitlines()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(slots=True)
class _Line:
    """One line of a drawing: what stands in the columns, and what right of them."""

    at: int
    cells: dict[str, str]
    margin: str = ""
    message: Row | None = None


def _lines(example: Example, findings: tuple[DealFinding, ...]) -> list[_Line]:
    late = example.ended is not None
    crossed = {(found.party, -1 if late else found.step) for found in findings}
    stands: dict[str, str] = {}
    taken: Counter[str] = Counter()
    lines: list[_Line] = []
    for row in example.rows:
        if row.to:
            lines.append(_Line(row.at, {}, message=row))
        elif not row.party:
            marked = {name: _marked(stands[name], (name, -1) in crossed) for name in stands}
            lines.append(_Line(row.at, marked))
        else:
            stands[row.party] = row.status
            text = _marked(row.status, (row.party, taken[row.party]) in crossed)
            taken[row.party] += 1
            if not (row.event or row.at) and lines:  # where everybody stands in the beginning
                lines[0].cells[row.party] = text
            else:
                lines.append(_Line(row.at, {row.party: text}, row.event))
    return lines


def _marked(status: str, crossed: bool) -> str:
    return _CROSS + status if crossed else status


def _columns(example: Example, lines: list[_Line]) -> dict[str, int]:
    """Where the column of each participant begins, counted from the first."""
    names = [role.name for role in example.roles]
    left: dict[str, int] = {}
    at = 0
    for place, name in enumerate(names):
        left[name] = at
        beside = names[place + 1 : place + 2]
        texts = (len(line.cells.get(name, "")) + _SPACE for line in lines)
        arrows = (
            len(_arrow(line.message, 0)) + 2
            for line in lines
            if line.message
            and [name, *beside]
            == [each for each in names if each in {line.message.party, line.message.to}]
        )
        at += max(len(name) + _SPACE, *texts, *arrows)
    left[""] = at
    return left


def _beside(left: dict[str, int], texts: dict[str, str]) -> str:
    """Put texts in their columns."""
    body = ""
    for name, at in left.items():
        body = body.ljust(at) + texts.get(name, "")
    return body


def _with_arrow(body: str, left: dict[str, int], message: Row) -> str:
    start, end = sorted((left[message.party], left[message.to]))
    arrow = _arrow(message, end - start - 1, backwards=left[message.to] < left[message.party])
    return body[: start + 1] + arrow + body[end:]


def _arrow(message: Row, width: int, *, backwards: bool = False) -> str:
    """An arrow of at least *width* columns that says what the news is, and whether it is lost."""
    if message.lost:
        text = f"── {message.news} ── lost"
        return f"lost ── {message.news} ──".rjust(width) if backwards else text.ljust(width)
    if backwards:
        return "◀" + f" {message.news} ──".rjust(width - 1, "─")
    return f"── {message.news} ".ljust(width - 1, "─") + "▶"
