"""What was asked of the sandbox and what it asked of others, one record each.

A record holds what is on an allow-list and nothing else: no body, no header but the end of the
key's name, no value of a query parameter that a person may have typed, nothing with a ``@`` in it.
Time in it is the virtual one; a witness (:mod:`orderflow.sandbox.witness`) tells that of the wall,
and what a judge has to know beside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal, NamedTuple

MOST_TRACED = 10_000
"""Calls that the trace keeps; older ones go, so that memory stays flat (sandbox decision)."""

HIDDEN = "…"
"""Stands for what is left out."""

_SHOWN_PARAMETERS = frozenset(
    {"page", "per_page", "perpage", "orderby", "maxlot", "f_status", "f_creationdate"}
    | {"f_authorizeddate", "f_invoiceddate", "f_shippingestimate", "f_saleschannel", "f_haserror"}
    | {"f_affiliateid", "f_sellernames", "f_isinstore", "sc", "affiliateid"}
)
_LONGEST = 200

Kind = Literal["call", "delivery"]


class Traced(NamedTuple):
    """One call, or one delivery.

    Attributes:
        number: Of the call, 1 for the first; of the call that was being answered for a delivery.
        at: Virtual time in ms.
        method: Upper-case method.
        path: Path, without the query; of a delivery the address.
        status: HTTP status of the answer; 0 when there was none.
        account: Account it was about, empty when unknown.
        key: End of the key's name, empty without one.
        order_id: Order it was about, empty for none.
        before: Status of that order before the call.
        after: Status of that order after the call.
        kind: ``call``, or ``delivery`` for what the sandbox sent.
        faults: Names of the faults that struck, in the order in which they did.
        query: Names of the query's parameters with their values, ``…`` where those are hidden.
        trouble: Why there was no answer to a delivery, empty when there was.
    """

    number: int
    at: int
    method: str
    path: str
    status: int
    account: str = ""
    key: str = ""
    order_id: str = ""
    before: str = ""
    after: str = ""
    kind: Kind = "call"
    faults: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    trouble: str = ""

    def body(self) -> dict[str, object]:
        """The record as JSON has it."""
        return self._asdict()


class Trace:
    """The latest records, oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Traced] = deque(maxlen=MOST_TRACED)

    def append(self, record: Traced) -> None:
        """Keep *record*."""
        self._kept.append(record)

    def clear(self) -> None:
        """Forget the records."""
        self._kept.clear()

    def __iter__(self) -> Iterator[Traced]:
        """The records, oldest first."""
        return iter(self._kept)

    def __len__(self) -> int:
        """How many records are kept."""
        return len(self._kept)

    def __getitem__(self, place: int) -> Traced:
        """One record."""
        return self._kept[place]


def chosen(
    records: Iterable[Traced],
    *,
    order_id: str = "",
    status: int | None = None,
    since: int = -1,
    most: int = MOST_TRACED,
) -> tuple[Traced, ...]:
    """Those of *records* that are asked for; what is left empty may be anything.

    Args:
        records: Oldest first.
        order_id: Order they are about.
        status: HTTP status, or its hundreds when below 10: ``5`` for all server errors.
        since: Number of a call; those after it.
        most: How many at most, the oldest of them.
    """
    found = (
        record
        for record in records
        if record.number > since
        and order_id in ("", record.order_id)
        and status in (None, record.status, record.status // 100)
    )
    return tuple(islice(found, most))


def shown_path(path: str) -> str:
    """*path* for a record: cut, and without parts that look like an e-mail address.

    >>> shown_path("/api/dataentities/CL/ana@example.com")
    '/api/dataentities/CL/…'
    """
    short = path[:_LONGEST]
    if "@" not in short and "%40" not in short:
        return short
    return "/".join(HIDDEN if _is_address(part) else part for part in short.split("/"))


def _is_address(text: str) -> bool:
    """Whether *text* looks like an e-mail address, or holds one; it may be encoded twice."""
    return "@" in text or "%40" in text


def shown_query(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parameters of a query for a record.

    >>> shown_query({"page": "2", "q": "ana@example.com"})
    (('page', '2'), ('q', '…'))
    """
    if not query:
        return ()
    return tuple((shown(name), _shown_value(name, value)) for name, value in query.items())


def _shown_value(name: str, value: str) -> str:
    return shown(value) if name in _SHOWN_PARAMETERS else HIDDEN


def shown(text: str, most: int = _LONGEST) -> str:
    """*text* for a record: its first *most* characters, nothing of one that holds an address.

    >>> shown("NF-1"), shown("ana@example.com")
    ('NF-1', '…')
    """
    short = text[:most]
    return HIDDEN if _is_address(short) else short
