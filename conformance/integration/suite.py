"""Which rules an integration of one kind is asked to keep.

Source: domain fact sheet "Conformance rules", section C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suite:
    """Rules that go together.

    Attributes:
        name: Its name on the command line.
        title: What it asks for, in a few words.
        rules: Ids, in the order of the catalogue.
        roles: Which sides the integration takes: ``feed``, ``hook``, ``seller``, ``marketplace``;
            scenarios that need another one are left out.
        strict: Whether warnings fail, too.
        scenarios: Names of the scenarios to run; all that show one of its rules when empty.
    """

    name: str
    title: str
    rules: tuple[str, ...]
    roles: tuple[str, ...]
    strict: bool = False
    scenarios: tuple[str, ...] = ()


def _ids(*spans: int | tuple[int, int]) -> tuple[str, ...]:
    """Ids of rules from their numbers: ``_ids((1, 3), 7)`` is B-01, B-02, B-03 and B-07."""
    numbers: list[int] = []
    for span in spans:
        first, last = span if isinstance(span, tuple) else (span, span)
        numbers += range(first, last + 1)
    return tuple(f"B-{number:02}" for number in numbers)


SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "erp-basic",
            "An ERP that follows orders by the feed",
            _ids((1, 12), (26, 31), (33, 36), (39, 43), 75),
            ("feed",),
        ),
        Suite(
            "erp-strict",
            "An ERP that follows orders by the feed, in every respect",
            _ids((1, 15), (26, 55), (74, 85)),
            ("feed",),
            strict=True,
        ),
        # B-08 is not in the fact sheet's profile: without it nobody notices a receiver that answers
        # 200 and does nothing (CM-14, CM-15).
        Suite("hook", "A receiver of hook notifications", _ids(8, (16, 25), 75), ("hook",)),
        Suite(
            "marketplace-connector",
            "A connector of a marketplace outside the platform",
            _ids((16, 25), (56, 65), 75),
            ("marketplace", "hook"),
            scenarios=(
                *("market-burst", "market-canceled", "market-price-divergence", "market-sale"),
                *("market-service-error", "market-told-twice", "market-too-many", "market-unpaid"),
                *("hook-burst", "hook-silence", "hook-unknown-status", "hook-wrong-origin"),
            ),
        ),
        Suite(
            "seller-connector",
            "A connector of a seller outside the platform",
            _ids((31, 38), (66, 73), 75),
            ("seller",),
        ),
    )
}
"""The bundled suites by name."""
