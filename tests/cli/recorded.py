"""Reads the lines of ``orderflow simulate`` back into records, knowing only what they say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from orderflow.conformance.record import Evidence, Record, Step
from orderflow.flows.model import Flow
from orderflow.flows.settings import defaults
from orderflow.simulator.order import Invoice

Line = Mapping[str, str | int | None]
_NUMBERS = frozenset({"seq", "value", "invoice"})
_SALES = frozenset({"verify_invoice", "add_invoice_full", "add_invoice_partial"})


def from_jsonl(text: str) -> list[Line]:
    """The lines of the JSON form."""
    return [json.loads(line) for line in text.splitlines()]


def from_csv(text: str) -> list[Line]:
    """The lines of the CSV form, with what an empty cell stands for left out."""
    return [
        {name: int(cell) if name in _NUMBERS else cell for name, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(text))
    ]


def orders(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each order."""
    for _, group in groupby(lines, key=lambda line: line["order_id"]):
        yield list(group)


def label(order: Sequence[Line]) -> tuple[int, str] | None:
    """Index of the line that is said to break a rule, and the rule; None when none is."""
    found = [(place, str(line["defect"])) for place, line in enumerate(order) if "defect" in line]
    assert len(found) <= 1
    return found[0] if found else None


def record(order: Sequence[Line], flow: Flow) -> Record:
    """The lines of one order as a record to judge."""
    return Record(
        order_id=str(order[0]["order_id"]),
        family=flow.family,
        steps=tuple(_step(line) for line in order),
        evidence=Evidence(value=_value(order), invoices=tuple(_invoices(order))),
        flow=flow,
        settings={
            name: value
            for name, value in defaults().items()
            if value is not None and not name.startswith("stuck_")  # nobody says how long it lay
        },
    )


def _step(line: Line) -> Step:
    event, actor, transition = (_text(line, name) for name in ("event", "actor", "transition"))
    return Step(_text(line, "status") or "null", _at(line), event, actor, transition)


def _text(line: Line, name: str) -> str | None:
    value = line.get(name)
    return None if value is None else str(value)


def _at(line: Line) -> int:
    return round(datetime.fromisoformat(str(line["at"])).timestamp() * 1_000)


def _value(order: Sequence[Line]) -> int:
    """The last value that a line tells."""
    return [value for line in order if isinstance(value := line.get("value"), int)][-1]


def _invoices(order: Sequence[Line]) -> Iterator[Invoice]:
    for number, line in enumerate(order):
        cents = line.get("invoice")
        if isinstance(cents, int):
            sold = line["event"] in _SALES
            yield Invoice(str(number), "Output" if sold else "Input", cents, _at(line))
