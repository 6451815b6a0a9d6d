"""Where the documents of a store are found: by id, group, marketplace, and the newest first."""

from __future__ import annotations

from bisect import bisect_left, insort

from orderflow.sandbox.held import Held


class Shelf:
    """The documents that have been placed."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], Held] = {}
        self._by_group: dict[tuple[str, str], list[Held]] = {}
        self._by_marketplace: dict[tuple[str, str], Held] = {}
        self._by_date: dict[str, list[tuple[int, str]]] = {}
        self._newest: dict[str, tuple[Held, ...]] = {}

    def take_away(self, held: Held) -> None:
        """Let a document not be found any more."""
        account, marketplace = held.account, held.placed.marketplace
        del self._by_id[account, held.order_id], self._by_id[account, f"seq{held.sequence}"]
        group = self._by_group[account, held.group]
        group.remove(held)
        if not group:
            del self._by_group[account, held.group]
        if marketplace and self._by_marketplace.get((account, marketplace.order_id)) is held:
            del self._by_marketplace[account, marketplace.order_id]
        by_date = self._by_date[account]
        del by_date[bisect_left(by_date, (held.events[0].at, held.order_id))]
        self._newest.pop(account, None)

    def show(self, held: Held, at: int) -> None:
        """Let a document that was placed *at* (virtual ms) be found."""
        account, marketplace = held.account, held.placed.marketplace
        self._by_id[account, held.order_id] = held
        self._by_id[account, f"seq{held.sequence}"] = held
        self._by_group.setdefault((account, held.group), []).append(held)
        if marketplace is not None:
            self._by_marketplace[account, marketplace.order_id] = held
        insort(self._by_date.setdefault(account, []), (at, held.order_id))
        self._newest.pop(account, None)

    def find(self, order_id: str, account: str) -> Held | None:
        """The document of that id, or of that sequence when *order_id* is ``seq100001``."""
        return self._by_id.get((account, order_id))

    def of_marketplace(self, marketplace_order_id: str, account: str) -> Held | None:
        """The newest order that a marketplace outside the platform calls so."""
        return self._by_marketplace.get((account, marketplace_order_id))

    def group(self, group: str, account: str) -> tuple[Held, ...]:
        """The documents of a group, in the order of placement."""
        return tuple(self._by_group.get((account, group), ()))

    def orders(self, account: str) -> tuple[Held, ...]:
        """All documents of an account, newest first."""
        if account not in self._newest:
            by_date = reversed(self._by_date.get(account, ()))
            self._newest[account] = tuple(self._by_id[account, order_id] for _, order_id in by_date)
        return self._newest[account]
