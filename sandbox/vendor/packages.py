"""What came with invoices and tracking that the order of the simulator does not hold.

The flow knows number, kind and value of an invoice; carrier, addresses and keys stay among the
papers of the sale, and the packages of the order document show them.
"""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.store import Held

INVOICE_TEXTS = (
    "courier",
    "trackingNumber",
    "trackingUrl",
    "invoiceUrl",
    "invoiceKey",
    "embeddedInvoice",
    "cfop",
)
"""Fields of an invoice that its package shows as they were sent."""

_NO_PAPERS: Mapping[str, object] = {}


def papers_of(held: Held, number: str) -> Mapping[str, object]:
    """What is known of invoice *number* beyond the order, by the names a package has."""
    return held.papers.get(number, _NO_PAPERS)


def add_papers(held: Held, number: str, sent: Mapping[str, object]) -> None:
    """Remember *sent* about invoice *number*, for all documents of the sale."""
    held.papers[number] = {**papers_of(held, number), **sent}
