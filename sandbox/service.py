"""Everything a running sandbox knows: orders, accounts, feeds, and what was called."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from orderflow.sandbox.account import Accounts
from orderflow.sandbox.dialect import bad_request, order_not_found
from orderflow.sandbox.findings import Finding
from orderflow.sandbox.outbox import Outbox, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.queues import Queues
from orderflow.sandbox.store import Change, Held, Store
from orderflow.simulator.events import Event
from orderflow.simulator.simulator import Refused

if TYPE_CHECKING:
    from orderflow.sandbox.routes import Call

PartT = TypeVar("PartT", bound=Part)

_MOST_TRACED = 10_000
"""Calls that the trace keeps; older ones go, so that memory stays flat (sandbox decision)."""

_MOST_LEFT = 100_000
"""Pieces of work that one call may leave to its end; no real call comes near."""

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
        strict: Whether to refuse what the platform lets pass although it is a mistake.
        hosts: Hosts beside this machine's own that may be called.

    Attributes:
        accounts: Who may call.
        store: The orders.
        queues: The feeds, one an app key.
        interactions: Log lines by account and order id.
        receipts: How many there were, by account, order id and invoice number.
        not_simulated: How often each call was made for which there is no route.
        trace: The latest calls, oldest first.
        findings: The latest mistakes that were let pass, oldest first.
        outbox: What the sandbox sends to others.
        journal: Is handed each call that writes before it is answered, and may refuse it by a
            DialectError; the same calls in the same order make the same sandbox.
        until: Virtual time up to which the clock is being turned; None when it stands.
        turned: What the latest turn of the clock brought, in the order in which it was due.
        lock: Held while a call is answered, or the store is used from another thread.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        account: str = "sandbox",
        store: Store | None = None,
        strict: bool = False,
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.seed, self.strict = seed, strict
        self.accounts = Accounts(seed=seed, account=account)
        self.store = store or Store(seed=seed)
        self.queues = Queues(seed)
        self.interactions: dict[tuple[str, str], list[Interaction]] = {}
        self.receipts: Counter[tuple[str, str, str]] = Counter()
        self.not_simulated: Counter[str] = Counter()
        self.trace: deque[Traced] = deque(maxlen=_MOST_TRACED)
        self.findings: deque[Finding] = deque(maxlen=_MOST_TRACED)
        self.outbox = Outbox(hosts)
        self.journal: Callable[[Call], None] | None = None
        self._parts: dict[str, Part] = {}
        self._soon: deque[tuple[Part, object]] = deque()
        self.until: int | None = None
        self.turned: list[Change] = []
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

    def part(self, kind: type[PartT]) -> PartT:
        """The part of that kind; it comes into being when it is asked for the first time."""
        found = self._parts.get(kind.name)
        if found is None:
            found = self._parts[kind.name] = kind(self)
        assert isinstance(found, kind), f"two parts are called {kind.name}"  # noqa: S101
        return found

    def remind(self, at: int, part: Part, token: object) -> None:
        """Have ``part.due(token)`` called when it is *at*, unless the sandbox is reset before."""
        self.store.remind(at, lambda: part.due(token))

    def soon(self, part: Part, token: object) -> None:
        """Have ``part.due(token)`` called when the call that is being answered is over.

        The moment at which something befalls an order counts as a call, too.
        """
        self._soon.append((part, token))

    def settle(self) -> None:
        """Do what was left for the end of the call, and what comes of it."""
        for _ in range(_MOST_LEFT):
            if not self._soon:
                return
            part, token = self._soon.popleft()
            part.due(token)
        raise RuntimeError(f"parts keep leaving work for one another: {self._soon[0][0].name}")

    def advance(self, ms: int) -> tuple[Change, ...]:
        """Turn the clock by *ms*, or until an answer from afar is waited for.

        In the second case :attr:`until` tells the moment that is wanted; :meth:`deliver` goes on.

        Returns:
            What has changed so far, in the order in which it was due; also in :attr:`turned`.
        """
        if self.until is None:
            self.turned.clear()
        self.until = (self.now if self.until is None else self.until) + ms
        self._go_on()
        return tuple(self.turned)

    def _go_on(self) -> None:
        if self.until is None:
            return
        outbox = self.outbox
        self.turned += self.store.advance(self.until - self.now, self._paused)
        if not outbox.holds_time:
            self.until = None

    def _paused(self) -> bool:
        """Asked between two moments: what was left for the end of the first is done now."""
        self.settle()
        return self.outbox.holds_time

    def deliver(self, number: int, outcome: Outcome) -> None:
        """Let the part that sent message *number* know how its delivery went.

        The clock goes on being turned when it waited for nothing else.
        """
        message = self.outbox.take(number)
        part = None if message is None else self._parts.get(message.part)
        if message is not None and part is not None:
            part.answered(message, outcome)
        self._go_on()

    def remark(self, call: Call, code: str, message: str, order_id: str = "") -> None:
        """Write down a mistake that the platform lets pass.

        Args:
            call: The call that makes it.
            code: Its number in the fact sheet "What real clients send and read", or empty.
            message: What was wrong, and what would have been right.
            order_id: Order it was about.

        Raises:
            DialectError: The sandbox is strict.
        """
        masked = call.key.masked if call.key else ""
        self.findings.append(Finding(code, message, self.calls, self.now, masked, order_id))
        if self.strict:
            raise bad_request(f"{code + ': ' if code else ''}{message}")

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
        self.findings.clear()
        self.outbox.clear()
        self._parts.clear()
        self._soon.clear()
        self.until = None
        self.turned.clear()
        self.calls = 0

    def _heard(self, change: Change) -> None:
        self.queues.offer(change, self.accounts.keys)
        for part in tuple(self._parts.values()):
            part.heard(change)
