"""The index behind List orders: what its filters and figures need of every document, kept ready.

It says nothing that the orders do not say; it comes into being with the first list, and hears of
every step from then on. The platform's own index lags behind by minutes; this one does when told.
Source: the text of List orders in the Orders API ("approximately four minutes"), and known issue
577103.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from orderflow.sandbox.changes_shown import lines
from orderflow.sandbox.document import list_row
from orderflow.sandbox.document_shopper import email, profile
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held

_Key = tuple[int, str]
"""Creation in virtual ms, and sequence: what List orders sorts by when not told otherwise."""


@dataclass(slots=True, eq=False)
class Listed:
    """One document, as the index knows it.

    Attributes:
        held: The document itself; what stands beside it here may be older.
        steps: How many steps it had taken.
        key: What it is sorted by, the same for its whole life.
        status: Where it stood.
        origin: ``Marketplace``, ``Fulfillment`` or ``Chain``.
        value: Cents.
        units: Units of all items together.
        authorized_at: Virtual ms, None when it was not.
        invoiced_at: Virtual ms, None when it was not.
        returned: Whether something came back.
        due: Earliest shipping estimate of an item, None without one.
    """

    held: Held
    steps: int
    key: _Key
    status: str
    origin: str
    value: int
    units: int
    authorized_at: int | None
    invoiced_at: int | None
    returned: bool
    due: int | None
    _row: dict[str, object] | None = None
    _stuck: bool = False
    _text: str | None = None

    @property
    def row(self) -> dict[str, object]:
        """One of ``list[]``, drawn when it is asked for the first time.

        It is drawn again when the order has got stuck since, which is no step of it.
        """
        stuck = self.held.participant in self.held.stuck
        if self._row is None or stuck != self._stuck:
            self._row, self._stuck = list_row(self.held), stuck
        return self._row

    @property
    def text(self) -> str:
        """Order id, e-mail, document and names in small letters, one a line."""
        if self._text is None:
            client = profile(self.held, address=email(self.held)).values()
            texts = (text for text in client if isinstance(text, str))
            self._text = "\n".join((self.held.order_id, *texts)).lower()
        return self._text


Passes = Callable[[Listed], bool]
"""Whether a filter lets a document through."""


def listed(held: Held) -> Listed:
    """What the index knows of a document that has been placed."""
    order = held.order
    return Listed(
        held=held,
        steps=len(held.events),
        key=(order.created_at or 0, held.sequence),
        status=order.status,
        origin=held.origin,
        value=order.value,
        units=sum(line.quantity for line in lines(held)),
        authorized_at=held.authorized_at,
        invoiced_at=order.invoiced_at,
        returned=bool(order.inputs),
        due=min((i.estimate for i in order.items if i.estimate is not None), default=None),
    )


@dataclass(slots=True)
class Shelf:
    """The documents of one status and origin, oldest first: three lists of the same length."""

    origin: str
    keys: list[_Key] = field(default_factory=list)
    documents: list[Listed] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)

    def put(self, one: Listed) -> None:
        """Take a document in."""
        at = bisect_left(self.keys, one.key)
        self.keys.insert(at, one.key)
        self.documents.insert(at, one)
        self.values.insert(at, one.value)
        self.units.insert(at, one.units)

    def take(self, one: Listed) -> None:
        """Take a document out."""
        at = bisect_left(self.keys, one.key)
        for column in (self.keys, self.documents, self.values, self.units):
            del column[at]

    def between(self, first: int, last: int) -> Shelf:
        """Those created from *first* to *last*, both included, in virtual ms."""
        start, end = bisect_left(self.keys, (first, "")), bisect_left(self.keys, (last + 1, ""))
        return Shelf(
            self.origin,
            self.keys[start:end],
            self.documents[start:end],
            self.values[start:end],
            self.units[start:end],
        )


class ListIndex(Part):
    """Every document that has been placed, by account, status and origin."""

    name: ClassVar[str] = "list-index"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._lag = 0
        self._known: dict[tuple[str, str], Listed] = {}
        self._shelves: dict[tuple[str, str, str], Shelf] = {}
        self._changed: dict[tuple[str, str], Held] = {}
        for account in service.accounts.names:
            for held in reversed(service.store.orders(account)):
                self._put(listed(held))

    @property
    def lag(self) -> int:
        """Virtual ms by which the list is behind; nobody is when it is 0, as it is at first."""
        return self._lag

    @lag.setter
    def lag(self, ms: int) -> None:
        self._lag = ms
        if not ms:  # what was under way shows now
            for account in self.service.accounts.names:
                for held in self.service.store.orders(account):
                    self._changed[account, held.order_id] = held
        self._refresh()
        for one in self._known.values() if ms else ():
            _ = one.row  # as it is now, not as it will be when somebody asks

    def heard(self, change: Change) -> None:
        """Note that a document is not as it was."""
        held = change.held
        if not self._lag:
            self._changed[held.account, held.order_id] = held
            return
        now_so = listed(held)
        _ = now_so.row  # as above
        self.service.remind(self.service.now + self._lag, self, now_so)

    def forgot(self, held: Held) -> None:
        """Take a document out that the store no longer has."""
        place = (held.account, held.order_id)
        self._changed.pop(place, None)
        old = self._known.pop(place, None)
        if old is not None:
            self._shelf(old).take(old)

    def due(self, token: object) -> None:
        """A change has been indexed."""
        if isinstance(token, Listed) and self._is_there(token.held):
            self._replace(token)

    def _is_there(self, held: Held) -> bool:
        return self.service.store.find(held.order_id, held.account) is held

    def shelves(self, account: str) -> Iterator[tuple[str, Shelf]]:
        """(status, shelf) of all documents of *account*, up to date but for the lag."""
        self._refresh()
        for (owner, status, _), shelf in self._shelves.items():
            if owner == account and shelf.keys:
                yield status, shelf

    def _refresh(self) -> None:
        changed, self._changed = self._changed, {}
        for held in changed.values():
            self._replace(listed(held))

    def _replace(self, one: Listed) -> None:
        held = one.held
        old = self._known.get((held.account, held.order_id))
        if old is not None:
            if old.steps > one.steps:
                return  # its news was overtaken
            self._shelf(old).take(old)
        self._put(one)

    def _put(self, one: Listed) -> None:
        self._known[one.held.account, one.held.order_id] = one
        self._shelf(one).put(one)

    def _shelf(self, one: Listed) -> Shelf:
        place = (one.held.account, one.status, one.origin)
        if place not in self._shelves:
            self._shelves[place] = Shelf(one.origin)
        return self._shelves[place]


def newest_first(shelves: Iterable[Shelf], most: int) -> list[Listed]:
    """The newest *most* documents of several shelves, newest first."""
    found = [one for shelf in shelves for one in shelf.documents[-most:]]
    return sorted(found, key=_key, reverse=True)[:most]


def oldest_first(shelves: Iterable[Shelf], most: int) -> list[Listed]:
    """The oldest *most* documents of several shelves, oldest first."""
    found = [one for shelf in shelves for one in shelf.documents[:most]]
    return sorted(found, key=_key)[:most]


def _key(one: Listed) -> _Key:
    return one.key
