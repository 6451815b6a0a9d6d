"""Filters of List orders on what only the whole document shows.

Source: the parameters of List orders in the Orders API (`searchField`, `f_sellerNames`,
`f_UtmSource`, `f_RnB`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from orderflow.sandbox.document import order_document
from orderflow.sandbox.list_index import Listed, Passes

Reader = Callable[[dict[str, object]], Iterator[object]]
"""Finds values in an order document."""


def shows(read: Reader, given: str) -> Passes:
    """*given* is among what *read* finds in the document, in any case."""
    sought = given.strip().lower()

    def passes(one: Listed) -> bool:
        found = read(order_document(one.held, host=""))
        return any(sought == str(each).lower() for each in found if each is not None)

    return passes


def search(given: Mapping[str, str]) -> Passes:
    """``searchField=sku_Ids&sku_Ids=25``: the first names the second, which says what is sought.

    Without the second, the first is what is sought, in any of the fields (sandbox decision).
    """
    name = given["searchfield"].strip().lower()
    if name in _SEARCHED:
        return shows(_SEARCHED[name], given.get(name, ""))

    def anywhere(document: dict[str, object]) -> Iterator[object]:
        for read in _SEARCHED.values():
            yield from read(document)

    return shows(anywhere, name)


def _payments(document: dict[str, object]) -> Iterator[Mapping[str, object]]:
    for transaction in _each(document, "paymentData", "transactions"):
        yield from _objects(transaction.get("payments"))


def _skus(document: dict[str, object]) -> Iterator[object]:
    yield from (item.get("id") for item in _objects(document.get("items")))


def _transactions(document: dict[str, object]) -> Iterator[object]:
    yield from (
        each.get("transactionId") for each in _each(document, "paymentData", "transactions")
    )


def _connector(document: dict[str, object]) -> Iterator[object]:
    yield from (payment.get("tid") for payment in _payments(document))


def _payment_ids(document: dict[str, object]) -> Iterator[object]:
    yield from (payment.get("id") for payment in _payments(document))


def _seller_names(document: dict[str, object]) -> Iterator[object]:
    yield from (seller.get("name") for seller in _objects(document.get("sellers")))


def _campaign(document: dict[str, object]) -> Iterator[object]:
    marketing = document.get("marketingData")
    yield marketing.get("utmSource") if isinstance(marketing, dict) else None


def _benefits(document: dict[str, object]) -> Iterator[object]:
    rates = _each(document, "ratesAndBenefitsData", "rateAndBenefitsIdentifiers")
    yield from (rate.get("name") for rate in rates)


def _nothing(document: dict[str, object]) -> Iterator[object]:
    """Gift lists, and numbers that only a connector knows: no order of the sandbox has any."""
    del document
    return iter(())


FIELDS: dict[str, Reader] = {
    "f_sellernames": _seller_names,
    "f_utmsource": _campaign,
    "f_rnb": _benefits,
}
"""Where the values of a filter stand in the document, by the filter's name in small letters."""

_SEARCHED: dict[str, Reader] = {
    "sku_ids": _skus,
    "tid": _transactions,
    "pci_tid": _connector,
    "paymentid": _payment_ids,
    "listid": _nothing,
    "nsu": _nothing,
}


def _each(document: dict[str, object], *path: str) -> Iterator[Mapping[str, object]]:
    found: object = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    yield from _objects(found)


def _objects(found: object) -> Iterator[Mapping[str, object]]:
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict):
            yield each
