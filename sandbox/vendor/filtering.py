"""What the filters of List orders let pass."""

from __future__ import annotations

from collections.abc import Callable

from orderflow.sandbox.dialect import bad_request
from orderflow.sandbox.document import list_row
from orderflow.sandbox.document_shopper import email, profile
from orderflow.sandbox.moments import moment
from orderflow.sandbox.routes import Call
from orderflow.sandbox.store import Held

Passes = Callable[[Held], bool]

_DAY = 86_400_000
_ALIAS = {"waiting-for-sellers-confirmation": "waiting-for-authorization"}
_INCOMPLETE = frozenset({"(none)", "null", "order-create-error", "order-creation-error"})
_SWITCHES = {"true": True, "false": False}

_DATES: dict[str, Callable[[Held], int | None]] = {
    "f_creationdate": lambda held: held.order.created_at,
    "f_authorizeddate": lambda held: held.order.authorized_at,
    "f_invoiceddate": lambda held: held.order.invoiced_at,
}
_ROW_FIELDS = {
    "f_saleschannel": "salesChannel",
    "saleschannelid": "salesChannel",
    "f_affiliateid": "affiliateId",
    "f_paymentnames": "paymentNames",
    "f_callcenteroperatorname": "callCenterOperatorName",
}


def filters_of(call: Call, now: int) -> tuple[Passes, ...]:
    """The filters that a call asks for.

    Filters on what no order of the sandbox has (seller and campaign names, rates and benefits,
    in-store sales) are not among them and let everything pass (sandbox decision).

    Raises:
        DialectError: A value cannot be read.
    """
    query = {name: value for name, value in call.query.items() if value}
    found = [_completeness(query.get("incompleteorders", "false"))]
    if "f_status" in query:
        found.append(_status(query["f_status"]))
    found += [_between(read, query[name]) for name, read in _DATES.items() if name in query]
    if "f_hasinputinvoice" in query:
        found.append(_returned(query["f_hasinputinvoice"]))
    if "f_shippingestimate" in query:
        found.append(_shipping(query["f_shippingestimate"], now))
    found += [_row(field, query[name]) for name, field in _ROW_FIELDS.items() if name in query]
    if "q" in query:
        found.append(_text(query["q"]))
    return tuple(found)


def _completeness(given: str) -> Passes:
    """Incomplete orders are listed only when they are asked for, and then alone."""
    wanted = _switch("incompleteOrders", given)
    return lambda held: (held.status in _INCOMPLETE) is wanted


def _status(given: str) -> Passes:
    names = {name.strip().lower() for name in given.split(",")}
    wanted = {_ALIAS.get(name, name) for name in names}
    return lambda held: held.status in wanted


def _between(read: Callable[[Held], int | None], given: str) -> Passes:
    """``creationDate:[A TO B]``, both ends included; the name before the colon is not needed."""
    text = given.partition("[")[2].partition("]")[0]
    first, mark, last = text.partition(" TO ")
    try:
        start, end = _moment(first, 0), _moment(last, 2**62)
    except ValueError as wrong:
        raise bad_request(f"{given[:80]!r}: {wrong}") from wrong
    if not mark:
        raise bad_request(f"{given[:80]!r}: write creationDate:[A TO B], two UTC timestamps")

    def passes(held: Held) -> bool:
        at = read(held)
        return at is not None and start <= at <= end

    return passes


def _moment(given: str, otherwise: int) -> int:
    return otherwise if given.strip() == "*" else moment(given.strip())


def _returned(given: str) -> Passes:
    wanted = _switch("f_hasInputInvoice", given)
    return lambda held: bool(held.order.inputs) is wanted


def _shipping(given: str, now: int) -> Passes:
    """``2.days``: due within as many days; ``-1.days``: late (sandbox reading of both)."""
    days, mark, unit = given.partition(".")
    if not mark or unit != "days" or not days.removeprefix("-").isdecimal():
        raise bad_request(f"f_shippingEstimate {given[:40]!r}: write 7.days, 0.days or -1.days")
    late, limit = days.startswith("-"), now + min(int(days[:9]), 10**6) * _DAY

    def passes(held: Held) -> bool:
        due = [item.estimate for item in held.order.items if item.estimate is not None]
        return bool(due) and (min(due) < now if late else now <= min(due) <= limit)

    return passes


def _row(field: str, given: str) -> Passes:
    wanted = {each.strip().lower() for each in given.split(",")}
    return lambda held: str(list_row(held).get(field) or "").lower() in wanted


def _text(given: str) -> Passes:
    """Order id, sequence, e-mail, document or name, in whole or in part (sandbox decision)."""
    wanted = given.strip().lower()

    def passes(held: Held) -> bool:
        if wanted in held.order_id.lower() or wanted.removeprefix("seq") == held.sequence:
            return True
        client = profile(held, address=email(held)).values()
        return any(wanted in text.lower() for text in client if isinstance(text, str))

    return passes


def _switch(name: str, given: str) -> bool:
    if given.lower() not in _SWITCHES:
        raise bad_request(f"The query parameter {name} must be true or false, got {given[:40]!r}")
    return _SWITCHES[given.lower()]
