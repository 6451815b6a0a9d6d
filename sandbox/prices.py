"""What items cost in a sandbox, which has no catalogue, and what to do about other prices.

An item costs what was set for it; where nothing was set it costs what the order says, or an amount
made from its id when the order says nothing (sandbox decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

from orderflow.sandbox.document_names import digits
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service

Rule = Literal["deny", "task", "authorize"]
"""What a store has decided to do about an order whose value differs from its own.

``deny`` stands for a store without a rule, too (fact sheet "HTTP surface", decision D-A14);
``task`` lets a person decide.
"""

RULES: Mapping[str, Rule] = {name: name for name in get_args(Rule)}

_DIGITS = 4


class Prices(Part):
    """Prices and rules of the accounts.

    Attributes:
        rules: By account, what is done about a price that differs; ``deny`` where none is set.
    """

    name: ClassVar[str] = "prices"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.rules: dict[str, Rule] = {}
        self._set: dict[tuple[str, str], int | None] = {}

    def set(self, account: str, sku: str, price: int | None) -> None:
        """Let an item cost *price* cents a unit; None when it cannot be bought."""
        self._set[account, sku] = price

    def known(self, account: str, sku: str) -> int | None:
        """The price that was set for an item, None when none was."""
        return self._set.get((account, sku))

    def sells(self, account: str, sku: str) -> bool:
        """Whether an item can be bought."""
        return self._set.get((account, sku), 0) is not None

    def of(self, account: str, sku: str) -> int:
        """What one unit costs, in cents, when the order does not say."""
        known = self.known(account, sku)
        return int(digits(_DIGITS, sku, "price")) if known is None else known
