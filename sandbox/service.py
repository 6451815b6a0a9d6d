"""Everything a running sandbox knows: orders, accounts, feeds, and what was called."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

from orderflow.sandbox.account import Accounts
from orderflow.sandbox.dialect import order_not_found
from orderflow.sandbox.queues import Queues
from orderflow.sandbox.store import Change, Held, Store
from orderflow.simulator.events import Event
from orderflow.simulator.simulator import Refused

_MOST_TRACED = 10_000
"""Calls that the trace keeps; older ones go, so that memory stays flat (sandbox decision)."""

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Traced:
    """One call, as the trace remembers it.

    Attributes:
        number: 1 for the first call.
        at: Virtual time in ms.
        method: Upper-case method.
        path: Path, without the query.
        status: HTTP status of the answer.
        account: Account it was about, empty when unknown.
        key: End of the key's name, empty without one.
        order_id: Order it was about, empty for none.
        before: Status of that order before the call.
        after: Status of that order after the call.
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


@dataclass(frozen=True, slots=True)
class Interaction:
    """A log line that a client left on an order."""

    at: int
    source: str
    message: str


class Service:
    """One sandbox, without the network around it.

    Args:
        seed: Decides everything that chance decides.
        account: Name of the account that is there from the beginning.
        store: Where the orders are; a new one when None.

    Attributes:
        accounts: Who may call.
        store: The orders.
        queues: The feeds, one an app key.
        interactions: Log lines by account and order id.
        receipts: How many there were, by account, order id and invoice number.
        not_simulated: How often each call was made for which there is no route.
        trace: The latest calls, oldest first.
        lock: Held while a call is answered, or the store is used from another thread.
    """

    def __init__(
        self, *, seed: int = 0, account: str = "sandbox", store: Store | None = None
    ) -> None:
        self.accounts = Accounts(seed=seed, account=account)
        self.store = store or Store(seed=seed)
        self.queues = Queues(seed)
        self.interactions: dict[tuple[str, str], list[Interaction]] = {}
        self.receipts: Counter[tuple[str, str, str]] = Counter()
        self.not_simulated: Counter[str] = Counter()
        self.trace: deque[Traced] = deque(maxlen=_MOST_TRACED)
        self.lock = threading.RLock()
        self.calls = 0
        self.store.listen(self._heard)

    @property
    def now(self) -> int:
        """Virtual time in ms."""
        return self.store.now

    def order(self, order_id: str, account: str) -> Held:
        """The document called *order_id*.

        Raises:
            DialectError: The account has none of that name.
        """
        held = self.store.find(order_id, account)
        if held is None:
            raise order_not_found()
        return held

    def fire(
        self,
        held: Held,
        event: str,
        data: Mapping[str, object] = _NOTHING,
        *,
        actor: str | None = None,
    ) -> Event | Refused:
        """Let *event* happen to *held*, see :meth:`orderflow.sandbox.store.Store.fire`."""
        return self.store.fire(held, event, data, actor=actor)

    def again(self, held: Held, number: str) -> int:
        """How many receipts there were for invoice *number* of this order; there is one more."""
        place = (held.account, held.order_id, number)
        self.receipts[place] += 1
        return self.receipts[place] - 1

    def reset(self) -> None:
        """Forget all but the accounts and their keys."""
        self.store.reset()
        self.queues.clear()
        self.interactions.clear()
        self.receipts.clear()
        self.not_simulated.clear()
        self.trace.clear()
        self.calls = 0

    def _heard(self, change: Change) -> None:
        self.queues.offer(change, self.accounts.keys)
