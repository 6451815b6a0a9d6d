"""What the filters of List orders let pass.

Source: the parameters of List orders in the Orders API; domain fact sheet "HTTP surface",
section 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from orderflow.sandbox.dialect import DialectError, bad_request
from orderflow.sandbox.list_index import Listed, Passes, Shelf
from orderflow.sandbox.moments import moment
from orderflow.sandbox.order_statuses import NOT_AN_ORDER
from orderflow.sandbox.vendor.searching import FIELDS, search, shows

_DAY = 86_400_000
_ALIAS = {"waiting-for-sellers-confirmation": "waiting-for-authorization"}

_SWITCHES = {"true": True, "false": False}
_ALL_TIME = (-(2**62), 2**62)

_DATES: dict[str, Callable[[Listed], int | None]] = {
    "f_authorizeddate": lambda one: one.authorized_at,
    "f_invoiceddate": lambda one: one.invoiced_at,
}
_ROW_FIELDS = {
    "f_saleschannel": "salesChannel",
    "saleschannelid": "salesChannel",
    "f_affiliateid": "affiliateId",
    "f_paymentnames": "paymentNames",
    "f_callcenteroperatorname": "callCenterOperatorName",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The orders that somebody asks for.

    Attributes:
        statuses: Where they stand, None for anywhere.
        incomplete: Whether they are incomplete orders; the others are not listed then.
        created: From and to, in virtual ms, both included.
        filters: What else they have to pass.
    """

    statuses: frozenset[str] | None = None
    incomplete: bool = False
    created: tuple[int, int] = _ALL_TIME
    filters: tuple[Passes, ...] = ()

    def among(self, shelves: Iterable[tuple[str, Shelf]]) -> tuple[Shelf, ...]:
        """Those of them that stand on *shelves*, given with their statuses."""
        return tuple(
            self._chosen(shelf.between(*self.created))
            for status, shelf in shelves
            if (status in NOT_AN_ORDER) is self.incomplete
            and (self.statuses is None or status in self.statuses)
        )

    def _chosen(self, shelf: Shelf) -> Shelf:
        if not self.filters:
            return shelf
        found = shelf.documents
        for passes in self.filters:
            found = [one for one in found if passes(one)]
        return Shelf(
            shelf.origin,
            [one.key for one in found],
            found,
            [one.value for one in found],
            [one.units for one in found],
        )


def wanted(query: Mapping[str, str], now: int) -> Wanted:
    """What the parameters of List orders ask for, by lower-case name; empty ones ask for nothing.

    Raises:
        DialectError: A value cannot be read.
    """
    given = {name: value for name, value in query.items() if value}
    return Wanted(
        statuses=statuses_of(given["f_status"].split(",")) if "f_status" in given else None,
        incomplete=switch("incompleteOrders", given.get("incompleteorders", "false")),
        created=span(given["f_creationdate"]) if "f_creationdate" in given else _ALL_TIME,
        filters=tuple(_filters(given, now)),
    )


def _filters(given: Mapping[str, str], now: int) -> Iterator[Passes]:
    for name, read in _DATES.items():
        if name in given:
            yield _between(read, span(given[name]))
    if "f_hasinputinvoice" in given:
        yield _returned(switch("f_hasInputInvoice", given["f_hasinputinvoice"]))
    if "f_shippingestimate" in given:
        yield _shipping(given["f_shippingestimate"], now)
    for name, field in _ROW_FIELDS.items():
        if name in given:
            yield _row(field, given[name])
    yield from _rarely_used(given)
    if "q" in given:
        yield text(given["q"])


def _rarely_used(given: Mapping[str, str]) -> Iterator[Passes]:
    """Filters on what a row does not show; the document says it."""
    if "f_isinstore" in given and switch("f_isInstore", given["f_isinstore"]):
        yield nobody  # no order of the sandbox is made in a store (sandbox decision)
    for name, read in FIELDS.items():
        if name in given:
            yield shows(read, given[name])
    if "searchfield" in given:
        yield search(given)


def nobody(one: Listed) -> bool:
    """Lets no order through: what is asked for has none in a sandbox."""
    del one
    return False


def statuses_of(names: Iterable[str]) -> frozenset[str]:
    """The statuses that *names* mean, in any case."""
    lower = {name.strip().lower() for name in names}
    return frozenset(_ALIAS.get(name, name) for name in lower)


def span(given: str) -> tuple[int, int]:
    """``creationDate:[A TO B]``, in ms; the name before the colon is not needed.

    Raises:
        DialectError: It is none.
    """
    inside = given.partition("[")[2].partition("]")[0]
    first, mark, last = inside.partition(" TO ")
    try:
        start, end = _moment(first, _ALL_TIME[0]), _moment(last, _ALL_TIME[1])
    except (ValueError, OverflowError) as wrong:
        raise _no_span(given) from wrong
    if not mark:
        raise _no_span(given)
    return start, end


def _no_span(given: str) -> DialectError:
    return bad_request(f"{given[:80]!r}: write creationDate:[A TO B], two UTC timestamps")


def _moment(given: str, otherwise: int) -> int:
    return otherwise if given.strip() == "*" else moment(given.strip())


def _between(read: Callable[[Listed], int | None], limits: tuple[int, int]) -> Passes:
    start, end = limits

    def passes(one: Listed) -> bool:
        at = read(one)
        return at is not None and start <= at <= end

    return passes


def _returned(is_wanted: bool) -> Passes:
    return lambda one: one.returned is is_wanted


def _shipping(given: str, now: int) -> Passes:
    """``2.days``: due within as many days; ``-1.days``: late (sandbox reading of both)."""
    days, mark, unit = given.partition(".")
    if not mark or unit != "days" or not days.removeprefix("-").isdecimal():
        raise bad_request(f"f_shippingEstimate {given[:40]!r}: write 7.days, 0.days or -1.days")
    late, limit = days.startswith("-"), now + min(int(days[:9]), 10**6) * _DAY

    def passes(one: Listed) -> bool:
        return one.due is not None and (one.due < now if late else now <= one.due <= limit)

    return passes


def _row(field: str, given: str) -> Passes:
    names = {each.strip().lower() for each in given.split(",")}
    return lambda one: str(one.row.get(field) or "").lower() in names


def text(given: str) -> Passes:
    """Order id, sequence, e-mail, document or name, in whole or in part (sandbox decision)."""
    part = given.strip().lower()
    number = part.removeprefix("seq")
    return lambda one: part in one.text or number == one.held.sequence


def switch(name: str, given: str) -> bool:
    """True or false, as a parameter says it.

    Raises:
        DialectError: It says neither.
    """
    if given.lower() not in _SWITCHES:
        raise bad_request(f"The query parameter {name} must be true or false, got {given[:40]!r}")
    return _SWITCHES[given.lower()]
