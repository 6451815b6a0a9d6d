"""What faults do to an answer that is ready, and what they answer in place of a call.

Each function here is the reproduction of one mode of the register; what exactly it writes is a
sandbox decision where the register does not tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    as_json,
    error,
    read_object,
    unauthorized,
)
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service

UNKNOWN_STATUS = "status-of-tomorrow"
"""A status that no source knows, for :func:`unknown_status`."""

PAUSE_SECONDS = "60"
"""What ``Retry-After`` says. Source: fact sheet "Timers", T-29."""

_TEXT = "text/plain; charset=utf-8"
_OK, _NEVER, _BAD_REQUEST, _CONFLICT = 200, 0, 400, 409
_USUAL_DELAY = 10_000
_STATUS_NAMES = ("status", "state")
_DESCRIPTION = "statusDescription"
_UNDESCRIBED = "Em andamento"
_ELSEWHERE = timezone(timedelta(hours=-3))
_UTC = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?\+00:00")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault strikes.

    Attributes:
        service: The sandbox.
        call: The call, with its key.
        orders: Ids of the orders that the fault is meant for; all when empty.
        milliseconds: How late an answer comes, 0 for what is usual.
        seconds: After how long a client may come again, 0 for what is usual.
    """

    service: Service
    call: Call
    orders: tuple[str, ...] = ()
    milliseconds: int = 0
    seconds: int = 0

    def wants(self, order_id: object) -> bool:
        """Whether the fault is meant for that order."""
        return not self.orders or order_id in self.orders


Instead = Callable[[Scene], Answer | None]
"""Answers in place of the call, which is not done; None to let it pass."""

Change = Callable[[Scene, Answer], Answer]
"""Changes the answer to a call that has been done."""


def _500(_: Scene) -> Answer:
    return error(500, GENERIC, "An error has occurred")


def _503(_: Scene) -> Answer:
    return Answer(503)


def _text_500(_: Scene) -> Answer:
    return Answer(500, b"Internal Server Error", _TEXT)


def _drop(_: Scene) -> Answer:
    return Answer(_NEVER, dropped=True)


def _too_many(scene: Scene) -> Answer:
    pause = str(scene.seconds or PAUSE_SECONDS)
    return _429()._replace(headers=(("retry-after", pause),))


def _too_many_silent(_: Scene) -> Answer:
    return Answer(429)


def _429() -> Answer:
    return error(429, GENERIC, "Too many requests")


def _unauthorized(scene: Scene) -> Answer:
    return unauthorized(scene.call.path)


def _double_subtract(scene: Scene) -> Answer | None:
    try:
        sent = read_object(scene.call.body)
    except DialectError:
        return None
    if str(sent.get("type")).lower() != "input":
        return None
    return error(400, GENERIC, "Unable to using the restitution Refund more than 0.0")


def _fmt010(_: Scene) -> Answer:
    return error(400, "FMT010", "Selected SLA not available")


INSTEAD: dict[str, Instead] = {
    "http.error_500": _500,
    "http.error_503": _503,
    "http.text_error": _text_500,
    "http.drop": _drop,
    "http.too_many": _too_many,
    "http.too_many_silent": _too_many_silent,
    "http.unauthorized": _unauthorized,
    "return.double_subtract": _double_subtract,
    "place.fmt010": _fmt010,
}
"""By name of the mode, what is answered in place of the call."""


def _then_500(scene: Scene, _: Answer) -> Answer:
    return _500(scene)


def _then_drop(scene: Scene, _: Answer) -> Answer:
    return _drop(scene)


def _then_delay(scene: Scene, given: Answer) -> Answer:
    return given._replace(delay=scene.milliseconds or _USUAL_DELAY)


def _refused_400(_: Scene, given: Answer) -> Answer:
    return given._replace(status=_BAD_REQUEST) if given.status == _CONFLICT else given


def unknown_status(scene: Scene, given: Answer) -> Answer:
    """Show orders in a status that no client knows."""
    return _with_status(scene, given, UNKNOWN_STATUS)


def _null_status(scene: Scene, given: Answer) -> Answer:
    return _with_status(scene, given, None)


def _with_status(scene: Scene, given: Answer, status: str | None) -> Answer:
    def change(shown: dict[str, object]) -> None:
        shown.update({name: status for name in _STATUS_NAMES if name in shown})

    return _each(scene, given, change)


def _each(scene: Scene, given: Answer, change: Callable[[dict[str, object]], None]) -> Answer:
    """Let *change* work on each order document, row of a list and item of a feed in an answer."""
    body = _body(given)
    for shown in _orders_in(body):
        if scene.wants(shown.get("orderId")):
            change(shown)
    return given if body is None else given._replace(body=as_json(body).body)


def _body(given: Answer) -> object:
    """The JSON value of a good answer, None for any other answer."""
    if given.status != _OK or not given.body or not given.media.startswith("application/json"):
        return None
    found: object = json.loads(given.body)
    return found


def _orders_in(body: object) -> Iterator[dict[str, object]]:
    rows = body.get("list") if isinstance(body, dict) else body
    for shown in rows if isinstance(rows, list) else [body]:
        if isinstance(shown, dict) and "orderId" in shown:
            yield shown


def _float_value(scene: Scene, given: Answer) -> Answer:
    def change(shown: dict[str, object]) -> None:
        cents = shown.get("totalValue")
        if isinstance(cents, int):
            shown["totalValue"] = float(round(cents, -2))

    return _each(scene, given, change)


def _no_delivery(scene: Scene, given: Answer) -> Answer:
    def change(shown: dict[str, object]) -> None:
        flags = ("isAllDelivered", "isAnyDelivered")
        shown.update({name: False for name in flags if name in shown})

    return _each(scene, given, change)


def _no_paging(_: Scene, given: Answer) -> Answer:
    body = _body(given)
    if not isinstance(body, dict):
        return given
    kept = {name: value for name, value in body.items() if name != "paging"}
    return given._replace(body=as_json(kept).body)


def _description(scene: Scene, given: Answer) -> Answer:
    """Source: known issue 1330069: only if an invoice is worth the order or more."""

    def change(shown: dict[str, object]) -> None:
        items, packed = shown.get("items"), shown.get("packageAttachment")
        packages = packed.get("packages") if isinstance(packed, dict) else None
        for package in packages if isinstance(packages, list) else []:
            if _cents(package.get("invoiceValue")) >= _cents(shown.get("value")):
                _rename(package.get("items"), items)

    return _each(scene, given, change)


def _cents(value: object) -> int:
    return value if isinstance(value, int) else 0


def _rename(lines: object, items: object) -> None:
    """Give each line of a package the name of its item."""
    known = items if isinstance(items, list) else []
    for line in lines if isinstance(lines, list) else []:
        place = line.get("itemIndex")
        if isinstance(place, int) and 0 <= place < len(known):
            line["description"] = known[place].get("name")


def _in_portuguese(scene: Scene, given: Answer) -> Answer:
    def change(shown: dict[str, object]) -> None:
        if _DESCRIPTION in shown:
            shown[_DESCRIPTION] = shown[_DESCRIPTION] or _UNDESCRIBED

    return _each(scene, given, change)


def _empty_arrays(scene: Scene, given: Answer) -> Answer:
    def change(shown: dict[str, object]) -> None:
        for section, name in (("paymentData", "transactions"), ("packageAttachment", "packages")):
            found = shown.get(section)
            if isinstance(found, dict):
                shown[section] = {**found, name: []}

    return _each(scene, given, change)


def _other_offset(scene: Scene, given: Answer) -> Answer:
    def change(shown: dict[str, object]) -> None:
        shown.update({name: _moved(value) for name, value in shown.items()})

    return _each(scene, given, change)


def _moved(value: object) -> object:
    """The same with every moment of it seen from elsewhere."""
    if isinstance(value, dict):
        return {name: _moved(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_moved(each) for each in value]
    date = _UTC.fullmatch(value) if isinstance(value, str) else None
    if date is None:
        return value
    there = datetime.fromisoformat(f"{date[1]}+00:00").astimezone(_ELSEWHERE)
    return f"{there:%Y-%m-%dT%H:%M:%S}{date[2] or ''}-03:00"


CHANGES: dict[str, Change] = {
    "http.apply_then_500": _then_500,
    "http.apply_then_drop": _then_drop,
    "http.apply_then_delay": _then_delay,
    "handling.refused_400": _refused_400,
    "answer.unknown_status": unknown_status,
    "answer.null_status": _null_status,
    "answer.empty_arrays": _empty_arrays,
    "answer.other_offset": _other_offset,
    "list.portuguese_description": _in_portuguese,
    "list.float_value": _float_value,
    "list.no_paging": _no_paging,
    "list.delivery_flag_missing": _no_delivery,
    "invoice.description_rewritten": _description,
}
"""By name of the mode, what it does to an answer that is ready."""

ROW_BY_ROW = frozenset(
    {"answer.unknown_status", "answer.null_status", "invoice.description_rewritten"}
    | {"list.float_value", "list.delivery_flag_missing", "list.portuguese_description"}
    | {"answer.empty_arrays", "answer.other_offset"}
)
"""Modes that change what is shown of some orders, also among others."""
