"""What ``orderflow mutate`` found, as text for people, as JSON, and as a matrix."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import floor

from orderflow.cli.mutate_gates import Reached, left_out
from orderflow.cli.mutate_work import Job, Measured
from orderflow.conformance.mutation.mutant import Operator, Sign
from orderflow.conformance.mutation.reach import Word
from orderflow.conformance.mutation.tally import Fate, Judged, Score, Tally
from orderflow.simulator.scenario import format_acts

SCHEMA = "orderflow/mutation/1"
MATRIX_SCHEMA = "orderflow/kill-matrix/1"

_MOST_TOLD = 15
"""Tests for survivors that are told on a terminal."""

_COLUMNS = ("mutants", "killed", "score", "equivalent", "undecided", "errors")


def text_of(job: Job, measured: Measured, gates: Iterable[Reached]) -> str:
    """All about one flow."""
    return "\n".join(_lines(job, measured, gates))


def _lines(job: Job, measured: Measured, gates: Iterable[Reached]) -> Iterator[str]:
    score, cost = measured.score, measured.cost
    covers = "its own suite" if job.suite is not None else job.covers
    reread = "status read again" if score.reread else "status not read again"
    yield f"{score.flow}: {covers}, {cost.orders} orders, {cost.calls} calls, {reread}"
    signs: dict[Operator, Sign] = {each.operator: each.sign for each in score.judged}
    rows = [(str(name), str(signs[name]), each) for name, each in score.operators.items()]
    apart = f"without {left_out()}"
    rows += [
        (f"all {sign}", apart * (sign is Sign.POSITIVE), tally)
        for sign, tally in score.signs.items()
        if tally.mutants
    ]
    yield from LEGEND
    yield ""
    yield from _table(("operator", "sign"), rows)
    yield from _table(("participant", ""), [(n, "", t) for n, t in score.participants.items()])
    yield from _survivors(score)
    yield from _unknown(score)
    yield _redundant(len(score.redundant), len(score.cases))
    yield _closing(score)
    for each in gates:
        yield f"  {_gate(each)}"


LEGEND = (
    "  A mutant is a system that does what the flow says but for one thing; it is killed when a",
    "  case of the suite fails on it. Positive: something allowed goes wrong. Negative: something",
    "  forbidden happens. Equivalent: nothing tells it from the flow, so it does not count.",
    "  Undecided: nobody knows whether anything does. Score: killed of those that count.",
)
"""What the columns mean, to who reads them for the first time."""


def _redundant(number: int, cases: int) -> str:
    if not number:
        return f"  each of the {cases} cases notices a mutant that no other case notices"
    return (
        f"  {number} of {cases} cases notice no mutant that another case does not notice as well: "
        "any one of them can be left out; of several, look again"
    )


def _closing(score: Score) -> str:
    """What the figures come to, in a sentence."""
    total = score.total
    real = total.mutants - total.equivalent
    if not real:
        return "  no mutant can be told from the flow, so nothing is known of the suite"
    told = f"  the suite notices {total.killed:,} of {real:,} wrong systems ({percent(total)})"
    missed = len(score.survivors)
    if not missed:
        return told
    return f"{told}; --kill-survivors FILE writes tests for the {missed:,} that it misses"


def _gate(reached: Reached) -> str:
    """Whether a gate is met, and why not when there is nothing to judge by."""
    gate, tally = reached.gate, reached.tally
    if not tally.mutants and not reached.met:
        return (
            f"MISSED: {gate.name}: there is no such mutant among those that were tried, which "
            "shows nothing; try more kinds with --operator, or leave this gate out"
        )
    sign = "met" if reached.met else "MISSED"
    return f"{sign}: {gate.name} {percent(tally)} of at least {100 * gate.least:.2f} %"


def _table(heads: tuple[str, str], rows: Sequence[tuple[str, str, Tally]]) -> Iterator[str]:
    cells: list[tuple[str, ...]] = [(*heads, *_COLUMNS)]
    cells += [(name, more, *_cells(tally)) for name, more, tally in rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    for row in cells:
        told = [row[0].ljust(widths[0]), *([row[1].ljust(widths[1])] if widths[1] else [])]
        told += [row[place].rjust(widths[place]) for place in range(2, len(row))]
        yield "  " + "  ".join(told)
    yield ""


def _cells(tally: Tally) -> tuple[str, ...]:
    counted = (tally.equivalent, tally.undecided, tally.errors)
    return str(tally.mutants), str(tally.killed), percent(tally), *map(str, counted)


def percent(tally: Tally) -> str:
    """The score, rounded down, so that 100 % means all."""
    return f"{floor(tally.score * 10_000) / 100:.2f} %"


def _survivors(score: Score) -> Iterator[str]:
    groups: dict[Word, list[Judged]] = {}
    for each in score.survivors:
        if each.word is not None:
            groups.setdefault(each.word, []).append(each)
    if groups:
        told = f"{len(score.survivors)} survive; {len(groups)} tests would notice them"
        yield f"  {told}:"
    for word, found in list(groups.items())[:_MOST_TOLD]:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield f"    {found[0].id}: {found[0].says}{more}"
        yield f"      {command_of(score.flow, word)}"
    if len(groups) > _MOST_TOLD:
        yield f"    {len(groups) - _MOST_TOLD} more; --json tells all, --kill-survivors writes them"
    if groups:
        yield ""


def _unknown(score: Score) -> Iterator[str]:
    for each in score.judged:
        if each.fate in {Fate.UNDECIDED, Fate.ERROR}:
            yield f"  {each.fate}: {each.id}: {each.says}: {each.why}"


def command_of(flow: str, word: Word) -> str:
    """The command line that plays *word*."""
    words = ["orderflow", "replay", "--flow", flow, "--steps", format_acts(word.acts)]
    return shlex.join([*words, *([] if word.start.replaceable else ["--no-replacement"])])


def json_of(found: Sequence[tuple[Measured, Sequence[Reached]]]) -> str:
    """Everything about all flows."""
    document = {
        "schema": SCHEMA,
        "passed": all(each.met for _, gates in found for each in gates),
        "flows": [_document(measured, gates) for measured, gates in found],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _document(measured: Measured, gates: Sequence[Reached]) -> Mapping[str, object]:
    score, cost = measured.score, measured.cost
    kills = zip(score.cases, score.kills, strict=True)
    return {
        "flow": score.flow,
        "reread": score.reread,
        "orders": cost.orders,
        "calls": cost.calls,
        "total": _counts(score.total),
        "signs": {str(name): _counts(each) for name, each in score.signs.items()},
        "operators": {str(name): _counts(each) for name, each in score.operators.items()},
        "participants": {name: _counts(each) for name, each in score.participants.items()},
        "cases": [{"id": case, "kills": of, "alone": own} for case, (of, own) in kills],
        "redundant": list(score.redundant),
        "gates": [
            {"name": g.gate.name, "least": g.gate.least, "score": g.tally.score, "met": g.met}
            for g in gates
        ],
        "mutants": [_mutant(each) for each in score.judged if each.fate is not Fate.KILLED],
    }


def _counts(tally: Tally) -> Mapping[str, object]:
    return {
        "mutants": tally.mutants,
        "killed": tally.killed,
        "score": tally.score,
        "equivalent": tally.equivalent,
        "undecided": tally.undecided,
        "errors": tally.errors,
    }


def _mutant(judged: Judged) -> Mapping[str, object]:
    document: dict[str, object] = {
        "id": judged.id,
        "operator": str(judged.operator),
        "sign": str(judged.sign),
        "participant": judged.participant,
        "says": judged.says,
        "fate": str(judged.fate),
    }
    if judged.why:
        document["why"] = judged.why
    if judged.word is not None:
        document["steps"] = format_acts(judged.word.acts)
        document["replaceable"] = judged.word.start.replaceable
    return document


def matrix_of(scores: Sequence[Score], *, as_csv: bool) -> str:
    """Which case notices which mutants: CSV has a line for each pair, JSON names them once."""
    if as_csv:
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("flow", "case", "mutant"))
        for score in scores:
            for case, found in score.matrix().items():
                writer.writerows((score.flow, case, each) for each in found)
        return file.getvalue()
    flows = {score.flow: score.matrix() for score in scores}
    return (
        json.dumps({"schema": MATRIX_SCHEMA, "flows": flows}, ensure_ascii=False, indent=1) + "\n"
    )
