"""Facts of invoices and of what is told of their packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from orderflow.sandbox.changes_shown import lines
from orderflow.sandbox.evidence import Facts, Sight, held_of, number, objects, word

_REQUIRED = ("type", "issuanceDate", "invoiceNumber", "invoiceValue", "items")
_REQUIRED_PII = ("type", "issuedDate", "invoiceNumber", "invoiceValue", "items")
_REQUIRED_SELLER = ("type", "invoiceNumber", "items")
_ITEM = ("id", "quantity", "price")
_ITEM_PII = ("itemIndex", "quantity", "price")
_TRACKING = ("trackingNumber", "trackingUrl", "courier")
_KINDS = {"output": "Output", "input": "Input"}
_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d([.,]\d+)?)?"
_OFFSET = r"(Z|z|[+-]\d\d:?\d\d)"
_DECIMAL = re.compile(r"-?[\d.,]*\d[.,]\d+")
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("offset", re.compile(f"{_DAY}T{_TIME}{_OFFSET}")),
    ("time", re.compile(f"{_DAY}T{_TIME}")),
    ("date", re.compile(_DAY)),
    ("sql", re.compile(rf"{_DAY} {_TIME}( ?{_OFFSET})?")),
)


def invoice_facts(sight: Sight) -> Facts:
    """POST of an invoice to the Orders API."""
    return _invoice(sight.sent(), _REQUIRED, _ITEM, "issuanceDate")


def sellers_invoice_facts(sight: Sight) -> Facts:
    """POST of an invoice from a seller outside the platform; no source asks for value and date."""
    return _invoice(sight.sent(), _REQUIRED_SELLER, _ITEM, "issuanceDate")


def personal_invoice_facts(sight: Sight) -> Facts:
    """POST of an invoice to the PII version, whose items name places in the order."""
    found = _invoice(sight.sent(), _REQUIRED_PII, _ITEM_PII, "issuedDate")
    held = held_of(sight)
    known = [line.id for line in lines(held)] if held else []
    for row, item in zip(objects(sight.sent().get("items")), objects(found["items"]), strict=True):
        place = number(row.get("itemIndex"))
        if place is not None and 0 <= place < len(known):
            item["id"] = word(known[place])  # type: ignore[index]  # made above
    return found


def _invoice(
    sent: Mapping[str, object], names: Iterable[str], item: tuple[str, ...], date: str
) -> Facts:
    rows = objects(sent.get("items"))
    absent = [name for name in names if sent.get(name) is None]
    return {
        "type": _KINDS.get(str(sent.get("type")).lower(), ""),
        "number": word(sent.get("invoiceNumber")),
        "cents": number(sent.get("invoiceValue")),
        "value_type": value_type(sent.get("invoiceValue")),
        "issued": form_of(sent.get(date)),
        "missing": absent,
        "items": [_line(row) for row in rows],
        "item_fields": _wrong_fields(rows, item),
        "tracking": any(sent.get(name) for name in _TRACKING),
    }


def _line(row: Mapping[str, object]) -> Facts:
    return {
        "id": word(row.get("id", row.get("itemId"))),
        "quantity": number(row.get("quantity")),
        "price": number(row.get("price")),
    }


def _wrong_fields(rows: Iterable[Mapping[str, object]], names: tuple[str, ...]) -> list[str]:
    """Fields of items that are not there, of a wrong type, or called ``itemId``."""
    wrong: dict[str, None] = {}
    for row in rows:
        wrong.update({name: None for name in names if not _is_right(name, row.get(name))})
        if "itemId" in row:
            wrong["itemId"] = None
    return list(wrong)


def _is_right(name: str, value: object) -> bool:
    if name == "id":
        return isinstance(value, str) and bool(value)
    if name == "itemIndex" and isinstance(value, str):  # as the published description has it
        return number(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def value_type(value: object) -> str:
    """In which form a value was sent.

    >>> [value_type(each) for each in (100, "100", 10.5, "10.50", 100.0, None, True)]
    ['integer', 'string', 'decimal', 'decimal', 'decimal', 'missing', 'other']
    """
    if isinstance(value, str):
        if number(value) is not None:
            return "string"
        return "decimal" if _DECIMAL.fullmatch(value.strip()) else "other"
    kinds = {type(None): "missing", int: "integer", float: "decimal"}
    return kinds.get(type(value), "other")


def form_of(value: object) -> str:
    """In which form a date was sent.

    >>> [form_of(each) for each in ("2026-11-23T10:00:00Z", "2026-11-23T10:00", "2026-11-23")]
    ['offset', 'time', 'date']
    >>> form_of("2026-11-23 10:00:00"), form_of("23/11/2026"), form_of(None)
    ('sql', 'other', 'missing')
    """
    if value is None or value == "":
        return "missing"
    if not isinstance(value, str):
        return "other"
    return next((name for name, form in _FORMS if form.fullmatch(value)), "other")


def number_facts(sight: Sight) -> Facts:
    """PATCH of an invoice, and a seller's POST of a package: the tracking number."""
    return {
        "number": word(sight.call.parameters.get("invoiceNumber")),
        "tracking": bool(sight.sent().get("trackingNumber")),
    }


def tracking_facts(sight: Sight) -> Facts:
    """PUT of tracking: what the carrier tells."""
    sent = sight.sent()
    delivered, events = sent.get("isDelivered"), sent.get("events")
    rows = objects(events)
    return {
        "number": word(sight.call.parameters.get("invoiceNumber")),
        "delivered": delivered if isinstance(delivered, bool) else None,
        "delivered_at": bool(sent.get("deliveredDate")),
        "events": len(rows) if isinstance(events, list) else None,
        "dated": all(bool(row.get("date")) for row in rows),
    }
