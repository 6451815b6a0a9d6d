"""Histories as files: JSON Lines and CSV, one event a line, written as they come.

Required in every line: ``order_id``, ``status`` and ``at`` (RFC 3339, UTC). The others are
``seq``, ``flow``, ``event``, ``actor``, ``from``, ``transition``, ``value`` (order value in
cents, on the first line of an order and on each that changed it), ``invoice`` (cents on the
invoice that came with the step) and ``defect`` (the rule that the line breaks, in histories
broken on purpose). Histories of sales add ``deal_id``, ``participant`` and ``cause``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from orderflow.flows.model import ABSENT, INCOMPLETE
from orderflow.simulator.defects import Defects, Entry
from orderflow.simulator.workload import History, Money, Walk, money_of

if TYPE_CHECKING:
    from orderflow.simulator.deal import DealSimulator

COLUMNS = (
    "order_id",
    "seq",
    "at",
    "flow",
    "status",
    "event",
    "actor",
    "from",
    "transition",
    "value",
    "invoice",
    "defect",
)
"""Columns of the CSV form, in order; a cell is empty where the JSON form has nothing or null."""

_DAY_MS = 86_400_000
_days: dict[int, str] = {}


def rfc3339(milliseconds: int) -> str:
    """Write a time as RFC 3339 in UTC with milliseconds.

    >>> rfc3339(1_704_067_200_123)
    '2024-01-01T00:00:00.123Z'
    """
    day, rest = divmod(milliseconds, _DAY_MS)
    date = _days.get(day)
    if date is None:
        date = _days[day] = _date(day)
    seconds, ms = divmod(rest, 1_000)
    minutes, s = divmod(seconds, 60)
    return f"{date}T{minutes // 60:02}:{minutes % 60:02}:{s:02}.{ms:03}Z"


def _date(day: int) -> str:
    """Days since 1970-01-01 as YYYY-MM-DD (proleptic Gregorian)."""
    era, of_era = divmod(day + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004  # the year began in March
    year = year_of_era + era * 400 + (month <= 2)  # noqa: PLR2004
    return f"{year:04}-{month:02}-{of_year - (153 * shifted + 2) // 5 + 1:02}"


class Writer:
    """Turns the histories of one walk into lines.

    Args:
        walk: Where the histories come from.
        defects: Breaks some of them; none when None.
    """

    def __init__(self, walk: Walk, *, defects: Defects | None = None) -> None:
        self.walk, self.defects = walk, defects
        flow = walk.space.plan.flow
        self._flow = flow.name
        self._suffix = re.sub("[^a-z0-9]", "", flow.name.lower())[:4] + "-01"
        self._steps = [flow.transition[edge.transition] for edge in walk.edges]
        self._texts = [self._fixed(number) for number in range(len(walk.edges))]

    def _fixed(self, number: int) -> tuple[str, str]:
        """The parts of an edge's JSON line that never change: head up to the time, and tail."""
        step = self._steps[number]
        fields = {
            "flow": self._flow,
            "status": _status(step.target),
            "event": step.event,
            "actor": step.actors[0],
            "from": _status(step.source),
            "transition": step.id,
        }
        cells = ("" if v is None else str(v) for v in fields.values())
        return json.dumps(fields, ensure_ascii=False)[1:-1], ",".join(map(_cell, cells))

    def jsonl(self, histories: Iterable[History]) -> Iterator[str]:
        """One JSON object a line."""
        return self._lines(histories, self._json_line, self._json_entry)

    def csv(self, histories: Iterable[History]) -> Iterator[str]:
        """RFC 4180 with a header line; lines end in a line feed."""
        yield ",".join(COLUMNS) + "\n"
        yield from self._lines(histories, self._csv_line, self._csv_entry)

    def _lines(
        self,
        histories: Iterable[History],
        line: Callable[[str, int, int, int, int, int], str],
        entry_line: Callable[[Mapping[str, object]], str],
    ) -> Iterator[str]:
        defects = self.defects
        for history in histories:
            order = f"v{history.number:08}{self._suffix}"
            money = money_of(self.walk, history)
            if defects is not None and defects.due():
                entries = defects.applied(self._entries(history, money))
                yield from map(entry_line, self._broken(order, entries))
                continue
            values, invoices = money.values, money.invoices
            for seq, (edge, at, _) in enumerate(history.rows, 1):
                yield line(order, seq, edge, int(at), values.get(seq, 0), invoices.get(seq, 0))

    def _broken(self, order: str, entries: Iterable[Entry]) -> Iterator[Mapping[str, object]]:
        before: str | None = None
        for seq, entry in enumerate(entries, 1):
            yield {
                "order_id": order,
                "seq": seq,
                "at": rfc3339(entry.at),
                "flow": self._flow,
                "status": _status(entry.status),
                "event": entry.event,
                "actor": entry.actor,
                "from": before,
                "transition": entry.transition or None,
                **({"value": entry.value} if entry.value else {}),
                **({"invoice": entry.invoice} if entry.invoice else {}),
                **({"defect": entry.defect} if entry.defect else {}),
            }
            before = _status(entry.status)

    def _entries(self, history: History, money: Money) -> Iterator[Entry]:
        for seq, (edge, at, _) in enumerate(history.rows, 1):
            step = self._steps[edge]
            entry = Entry(step.target, int(at), step.event, step.actors[0], step.id)
            value, invoice = money.values.get(seq, 0), money.invoices.get(seq, 0)
            yield replace(entry, value=value, invoice=invoice)

    def _json_entry(self, fields: Mapping[str, object]) -> str:
        return json.dumps(fields, ensure_ascii=False) + "\n"

    def _csv_entry(self, fields: Mapping[str, object]) -> str:
        cells = (fields.get(name) for name in COLUMNS)
        return ",".join("" if cell is None else _cell(str(cell)) for cell in cells) + "\n"

    def _json_line(self, order: str, seq: int, edge: int, at: int, value: int, invoice: int) -> str:
        more = f', "value": {value}' if value else ""
        more += f', "invoice": {invoice}' if invoice else ""
        fixed = self._texts[edge][0]
        return f'{{"order_id": "{order}", "seq": {seq}, "at": "{rfc3339(at)}", {fixed}{more}}}\n'

    def _csv_line(self, order: str, seq: int, edge: int, at: int, value: int, invoice: int) -> str:
        money = f"{value or ''},{invoice or ''}"
        return f"{order},{seq},{rfc3339(at)},{self._texts[edge][1]},{money},\n"


def deal_lines(sales: Iterable[DealSimulator]) -> Iterator[str]:
    """One JSON object a line for each step of every sale, in the order in which they happened."""
    for sale in sales:
        for _, participant, event, _ in sale.events:
            documents = sale.simulators[participant].documents[: event.seq]
            values = [document.value for document in documents[-2:]]
            fields: dict[str, object] = {
                "deal_id": sale.deal_id,
                "participant": participant,
                "order_id": event.order_id,
                "seq": event.seq,
                "at": rfc3339(event.at),
                "flow": event.flow,
                "status": _status(event.target),
                "event": event.event,
                "actor": event.actor,
                "from": _status(event.source),
                "transition": event.transition,
                "cause": event.cause,
                **({"value": values[-1]} if len(set(values)) == len(values) else {}),
            }
            if "value" in (data := dict(event.data)):
                fields["invoice"] = data["value"]
            yield json.dumps(fields, ensure_ascii=False) + "\n"


def _status(name: str) -> str | None:
    """The status as the API writes it: an incomplete or unplaced order has none."""
    return None if name in {ABSENT, INCOMPLETE} else name


def _cell(text: str) -> str:
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
