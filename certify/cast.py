"""Who is who in a scenario: the orders behind its names, and texts in which the names stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from orderflow.certify.stage import SELLER
from orderflow.certify.step_file import MARK

if TYPE_CHECKING:
    from orderflow.certify.stage import Stage
    from orderflow.sandbox.held import Held


class Cast:
    """The orders of one scenario.

    Args:
        stage: Where they are.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._placed: dict[str, tuple[str, ...]] = {}
        self._outside: dict[str, str] = {}

    def add(self, name: str, rows: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
        """Note the sales that were placed; *rows* tell their documents, the main one first."""
        mains: dict[str, str] = {}
        for row in rows:
            mains.setdefault(str(row["orderGroup"]), str(row["orderId"]))
        self._placed[name] = tuple(mains.values())
        return self._placed[name]

    def expect(self, name: str, marketplace_order_id: str) -> None:
        """Note what a marketplace outside calls the order that the integration will place."""
        self._outside[name] = marketplace_order_id

    def ids(self, name: str) -> tuple[str, ...]:
        """Ids of the orders called *name*, none as long as there are none.

        ``first`` is the main document of each sale of that name, ``first.2`` that of the second
        one, ``first.seller`` the documents of the participant ``seller``.
        """
        base, *rest = name.split(".")
        found = self._mains(base)
        if rest and rest[0].isdecimal():
            number = int(rest.pop(0))
            found = found[number - 1 : number]
        if not rest:
            return found
        return tuple(
            each.order_id
            for main in found
            for each in self._documents(main)
            if each.participant == rest[0]
        )

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Ids of all orders that have a name."""
        names = (*self._placed, *self._outside)
        return tuple(dict.fromkeys(each for name in names for each in self._mains(name)))

    def _mains(self, base: str) -> tuple[str, ...]:
        if base in self._placed:
            return self._placed[base]
        held = self._stage.of_marketplace(self._outside[base]) if base in self._outside else None
        return () if held is None else (held.order_id,)

    def _documents(self, order_id: str) -> tuple[Held, ...]:
        held = self._stage.held(order_id)
        return () if held is None else self._stage.group(held.group)

    def filled(self, value: object) -> object:
        """*value* with the ids of orders, and addresses, in the place of their names."""
        if isinstance(value, str):
            return MARK.sub(lambda found: self._word(found[2]) if found[2] else "$", value)
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        return value

    def _word(self, name: str) -> str:
        addresses = self._stage.addresses
        places = {
            "url": self._stage.url,
            "endpoint": addresses.endpoint,
            "hook": addresses.hook,
            "seller": SELLER,
        }
        if name in places:
            return places[name]
        return next(iter(self.ids(name)), "")
