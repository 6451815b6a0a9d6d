"""Mistakes of a client that show only when two of its calls are seen together.

Source: domain fact sheet "What real clients send and read", section 4.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from orderflow.sandbox.dialect import DialectError, read_object
from orderflow.sandbox.order_statuses import ASKED_TO_CANCEL, CANCELED
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held

_NARROW = 86_400_000
"""Ms of creation dates below which a list sees the newest orders only (sandbox decision)."""

_OFTEN = 3
"""Narrow lists by one key that count as polling (sandbox decision)."""

_OVER = ASKED_TO_CANCEL | CANCELED | {"request-cancel"}


class Mistakes(Part):
    """What is remembered of a client's calls, to know the next one for a mistake.

    Attributes:
        start_refused: By account and order id, the status in which start handling was refused.
        invoiced_early: Accounts and order ids whose invoice came before the handling.
        narrow_lists: How often each key listed orders by a short range of creation dates.
    """

    name: ClassVar[str] = "mistakes"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.start_refused: dict[tuple[str, str], str] = {}
        self.invoiced_early: set[tuple[str, str]] = set()
        self.narrow_lists: Counter[str] = Counter()

    def forgot(self, held: Held) -> None:
        """Nothing more will be called for that order."""
        place = (held.account, held.order_id)
        self.start_refused.pop(place, None)
        self.invoiced_early.discard(place)


def body_of(service: Service, call: Call) -> dict[str, object]:
    """The object in the body of a call.

    Raises:
        DialectError: There is none; that it is no JSON at all is written down, too.
    """
    try:
        return read_object(call.body)
    except DialectError as wrong:
        service.remark(call, "CM-23", str(wrong), call.parameters.get("orderId", ""), refused=True)
        raise


def start_refused(service: Service, call: Call, held: Held) -> None:
    """Write down why start handling was refused, and remember that it was."""
    known, order = service.part(Mistakes), (held.account, held.order_id)
    if held.status in _OVER:
        code, told = "CM-19", "start handling after somebody asked for a cancellation"
    elif known.start_refused.get(order) == held.status:
        code, told = "CM-09", f"start handling again in {held.status}, which refused it before"
    elif order in known.invoiced_early:
        code, told = "CM-11", "start handling after the invoice; it comes before"
    else:
        code, told = "CM-03", f"start handling in {held.status}; wait for ready-for-handling"
    known.start_refused[order] = held.status
    service.remark(call, code, told, held.order_id, refused=True)


def start_accepted(service: Service, call: Call, held: Held) -> None:
    """Forget an earlier refusal; tell when an invoice was sent before."""
    known, order = service.part(Mistakes), (held.account, held.order_id)
    known.start_refused.pop(order, None)
    if order in known.invoiced_early:
        known.invoiced_early.discard(order)
        told = "the invoice came before start handling, and was refused; send it again now"
        service.remark(call, "CM-11", told, held.order_id, refused=True)


def invoice_refused(service: Service, call: Call, held: Held) -> None:
    """Write down why an invoice came at the wrong time."""
    if held.status == "ready-for-handling":
        service.part(Mistakes).invoiced_early.add((held.account, held.order_id))
        told = "an invoice without start handling; call that first"
        service.remark(call, "CM-12", told, held.order_id, refused=True)
    elif held.status in _OVER:
        told = "an invoice for an order that is cancelled"
        service.remark(call, "CM-19", told, held.order_id, refused=True)


def committed(service: Service, call: Call, order_ids: tuple[str, ...]) -> None:
    """See whether an item is committed whose order could not be started.

    Raises:
        DialectError: One is, and the sandbox is strict.
    """
    known = service.part(Mistakes).start_refused
    for order_id in order_ids if known else ():
        status = known.get((call.account, order_id))
        held = service.store.find(order_id, call.account)
        if status is not None and held is not None and held.status == status not in _DONE:
            told = f"committed although start handling was refused in {status}: the order is lost"
            service.remark(call, "CM-02", told, order_id)


_DONE = _OVER | {"start-handling", "handling", "invoice", "invoiced", "ready-for-invoicing"}
"""Where nothing is lost: the order is handled already, or is not to be."""


def listed_by_date(service: Service, call: Call, created: tuple[int, int]) -> None:
    """See whether a key polls the list by a short range of creation dates.

    Raises:
        DialectError: It does, and the sandbox is strict.
    """
    if call.key is None or created[1] - created[0] >= _NARROW:
        return
    counts = service.part(Mistakes).narrow_lists
    counts[call.key.name] += 1
    if counts[call.key.name] >= _OFTEN:
        told = "polls List orders by creation date: an order paid later is never seen; use the feed"
        service.remark(call, "CM-13", told)
