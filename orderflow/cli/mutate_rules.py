"""``orderflow mutate --rules``: which broken flows would our rules not notice?"""

from __future__ import annotations

import json as json_file
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from orderflow.cli.output import STDOUT, Progress, pour, say, whole
from orderflow.conformance.mutation.flow_operators import flow_mutants
from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.conformance.mutation.rule_score import Outcome, measure
from orderflow.conformance.mutation.rule_tally import Line, RuleTally, tally
from orderflow.conformance.mutation.rule_ways import ground_of
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings

SCHEMA = "orderflow/rule-score/1"

_EXAMPLES = 3
_EVERY = 500
"""Broken flows between two words on how far it is."""

_HEADS = ("operator", "mutants", "equivalent", "A-rules", "invariants", "only I-09", "survived")


class GateError(OrderflowError):
    """A gate that no score has the name of.

    Attributes:
        name: What was asked for.
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = tuple(known)
        hint = did_you_mean(name, names) or f"; there are {', '.join(names)}"
        super().__init__(f"no score is called {name!r}{hint}")
        self.name = name


def run_rules(
    flows: Mapping[str, Flow],
    settings: Settings,
    *,
    json: Path | None = None,
    gates: Mapping[str, float] = MappingProxyType({}),
) -> bool:
    """Measure the rules on broken flows and print what they are worth.

    Args:
        flows: Sound flows, each one profile, by the words that named them.
        settings: Time limits.
        json: Where to write the same as JSON; stdout leaves out the words for people.
        gates: Least share that the A-rules must notice, by ``all``, sign or operator.

    Returns:
        Whether every flow passes every gate.

    Raises:
        GateError: A gate has a name that no score has.
    """
    known = ("all", *map(str, (*Sign, *Operator)))
    for name in gates:
        if name not in known:
            raise GateError(name, known)
    with Progress() as progress:
        tallies = [tally(_measured(flow, settings, progress), flow) for flow in flows.values()]
    failed = [line for found in tallies for line in _below(found, gates)]
    if json != STDOUT:
        for found in tallies:
            say("\n".join(_told(found)))
    if json is not None:
        _write(json, tallies)
    for line in failed:
        say(line, err=True)
    return not failed


def _measured(flow: Flow, settings: Settings, progress: Progress) -> Iterator[Outcome]:
    progress.say(f"{flow.name}: finding every situation an order can be in")
    mutants = tuple(flow_mutants(flow))

    def counted() -> Iterator[Mutant]:
        for number, mutant in enumerate(mutants):
            if number % _EVERY == 0:
                progress.say(f"{flow.name}: broken flow {number} of {len(mutants)}")
            yield mutant

    return measure(ground_of(flow, settings), counted())


def _below(found: RuleTally, gates: Mapping[str, float]) -> Iterator[str]:
    for name, least in gates.items():
        score = found.scores.get(name)
        if score is not None and score < least:
            yield (
                f"{found.name}: the A-rules notice {_percent(score)} of {name}, "
                f"and {_percent(least)} is asked for"
            )


def _told(found: RuleTally) -> Iterator[str]:
    yield f"{found.name}: the A-rules notice {_percent(found.total.score)} of the broken flows"
    yield ""
    yield from _table((*found.lines, *found.signs, found.total))
    if found.apart:
        yield ""
        yield "Not counted above, as no source documents what they change:"
        yield from _table(found.apart)
    yield ""
    yield (
        f"Without the right flow to judge by, rules and invariants notice at least {found.itself} "
        f"of {found.itself_of} ({_percent(found.itself / max(found.itself_of, 1))}), "
        f"the A-rules {found.itself_rules}."
    )
    yield from _reasons(found)
    yield from _rules(found)
    yield ""


def _table(lines: Iterable[Line]) -> Iterator[str]:
    rows = [[*_HEADS, "score"]]
    for line in lines:
        counts = (line.mutants, line.equivalent, line.rules)
        rest = (line.invariants, line.flow, line.survived)
        rows.append([line.name, *map(str, (*counts, *rest)), _percent(line.score)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join((row[0].ljust(widths[0]), *cells))


def _reasons(found: RuleTally) -> Iterator[str]:
    if found.blind:
        yield ""
        yield "What no A-rule notices, and why:"
    for each in found.blind:
        more = f" and {len(each.ids) - _EXAMPLES} more" if len(each.ids) > _EXAMPLES else ""
        yield f"  {len(each.ids):4}  {each.why}"
        yield f"        {', '.join(each.ids[:_EXAMPLES])}{more}"


def _rules(found: RuleTally) -> Iterator[str]:
    alone = [f"{name} {count}" for name, _, count in found.alone if count]
    never = [name for name, _, count in found.alone if not count]
    yield ""
    yield "At the first place where a rule objects, only it does: " + (", ".join(alone) or "none")
    yield "Never without another one, most often A-04 or A-82: " + (", ".join(never) or "none")
    yield "Never among the first: " + (", ".join(found.silent) or "none")


def _percent(share: float) -> str:
    """Rounded down, so that 100 % means all.

    >>> _percent(0.99999), _percent(1.0)
    ('99.9 %', '100.0 %')
    """
    return f"{int(share * 1000 + 1e-9) / 10:.1f} %"


def _write(path: Path, tallies: Iterable[RuleTally]) -> None:
    flows = [asdict(each) | {"scores": each.scores} for each in tallies]
    text = json_file.dumps({"schema": SCHEMA, "flows": flows}, indent=2, ensure_ascii=False) + "\n"
    if path == STDOUT:
        pour((text,))
        return
    with whole(path) as file:
        file.write(text)
