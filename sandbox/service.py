"""Everything a running sandbox knows: orders, accounts, feeds, and what was called."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from orderflow.sandbox.account import Accounts
from orderflow.sandbox.dialect import Answer, bad_request, order_not_found
from orderflow.sandbox.drawn import Drawn
from orderflow.sandbox.fault_part import Faults
from orderflow.sandbox.findings import Finding
from orderflow.sandbox.outbox import Message, Outbox, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.queues import Queues
from orderflow.sandbox.store import Change, Held, Store
from orderflow.sandbox.trace import Trace, Traced, shown_path
from orderflow.sandbox.usual import KEPT
from orderflow.simulator.events import Event
from orderflow.simulator.simulator import Refused

if TYPE_CHECKING:
    from orderflow.sandbox.routes import Call
    from orderflow.sandbox.snapshots import Snapshot
    from orderflow.sandbox.witness import Witness

PartT = TypeVar("PartT", bound=Part)

_MOST_FINDINGS = 10_000
"""Mistakes that are kept; older ones go, so that memory stays flat (sandbox decision)."""

_SWEPT, _MOST_DUST = 20, 5_000
"""Forgotten sales that go with each call, as to let a thousand go at once takes too long; and how
many may wait for that."""

_MOST_LEFT = 100_000
"""Pieces of work that one call may leave to its end; no real call comes near."""

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Interaction:
    """A log line that a client left on an order."""

    at: int
    source: str
    message: str


class Journal(Protocol):
    """Keeps the calls that write: the same calls in the same order make the same sandbox."""

    def __call__(self, call: Call) -> None:
        """Write *call* down; it is handled next.

        Raises:
            DialectError: It cannot be written; the call must not be handled.
        """

    def answered(self, answer: Answer) -> None:
        """The handler of the latest call gave *answer*."""


class Service:
    """One sandbox, without the network around it.

    Args:
        seed: Decides everything that chance decides.
        account: Name of the account that is there from the beginning.
        store: Where the orders are; a new one when None.
        strict: Whether to refuse what the platform lets pass although it is a mistake.
        hosts: Hosts beside this machine's own that may be called.
        keep: How many ended sales a new store remembers, 0 for all.

    Attributes:
        seed: See above.
        strict: See above; may be changed, and a reset makes it what it was.
        calls: Calls so far; the one that is being answered has this number.
        accounts: Who may call.
        store: The orders.
        queues: The feeds, one an app key.
        interactions: Log lines by account and order id.
        receipts: How many there were, by account, order id and invoice number.
        not_simulated: How often each call was made for which there is no route.
        trace: The latest calls and deliveries, oldest first.
        snapshots: What was kept of the sandbox, by name.
        findings: The latest mistakes that were let pass, oldest first.
        outbox: What the sandbox sends to others.
        drawn: Documents that have been written out.
        journal: Where each call that writes is written down before it is handled.
        until: Virtual time up to which the clock is being turned; None when it stands.
        turned: What the latest turn of the clock brought, in the order in which it was due.
        witness: Sees what happens, for whoever is to judge it; usually there is none.
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
        keep: int = KEPT,
    ) -> None:
        self.seed, self.strict, self._usually_strict = seed, strict, strict
        self.accounts = Accounts(seed=seed, account=account)
        self.store = store or Store(seed=seed, keep=keep)
        self.queues = Queues(seed)
        self.interactions: dict[tuple[str, str], list[Interaction]] = {}
        self.receipts: Counter[tuple[str, str, str]] = Counter()
        self.not_simulated: Counter[str] = Counter()
        self.trace = Trace()
        self.findings: deque[Finding] = deque(maxlen=_MOST_FINDINGS)
        self.snapshots: dict[str, Snapshot] = {}
        self.outbox = Outbox(hosts)
        self.drawn = Drawn()
        self.journal: Journal | None = None
        self.witness: Witness | None = None
        self._parts: dict[str, Part] = {}
        self._listening: tuple[Part, ...] = ()
        self._soon: deque[tuple[Part, object]] = deque()
        self._dust: list[object] = []
        self.until: int | None = None
        self.turned: list[Change] = []
        self.lock = threading.RLock()
        self.calls = 0
        self.store.listen(self._heard)
        self.store.on_forget(self._forgot)

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

    def about(self, call: Call) -> Held | None:
        """The document that a call is about, None when it is about none that is there."""
        key, order_id = call.key, call.parameters.get("orderId")
        return self.store.find(order_id, key.account) if key is not None and order_id else None

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

    @property
    def faults(self) -> Faults:
        """The faults that are switched on."""
        return self.part(Faults)

    def part(self, kind: type[PartT]) -> PartT:
        """The part of that kind; it comes into being when it is asked for the first time."""
        found = self._parts.get(kind.name)
        if found is None:
            found = self._parts[kind.name] = kind(self)
            if kind.heard is not Part.heard:
                self._listening += (found,)
        if not isinstance(found, kind):
            raise TypeError(f"two parts are called {kind.name}")
        return found

    def remind(self, at: int, part: Part, token: object) -> None:
        """Have ``part.due(token)`` called when it is *at*, unless the sandbox is reset before."""
        self.store.remind(at, partial(part.due, token))  # no lambda: a snapshot holds it

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
            self.drawn.clear()
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
        self.drawn.clear()
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
        self.drawn.clear()
        message = self.outbox.take(number)
        if message is not None:
            newest = self.findings[-1] if self.findings else None
            struck = len(self.faults.fired)
            self._trace(message, outcome)
            part = self._parts.get(message.part)
            if part is not None:
                part.answered(message, outcome)
            if self.witness is not None:
                fired = tuple(self.faults.fired[struck:])
                self.witness.delivered(message, outcome, newest, fired)
        self._go_on()

    def _trace(self, message: Message, outcome: Outcome) -> None:
        status, trouble = outcome.status, outcome.trouble
        self.trace.append(
            Traced(
                number=self.calls,
                at=self.now,
                method=message.method,
                path=shown_path(message.address),
                status=status,
                kind="delivery",
                trouble=trouble,
            )
        )

    def remark(
        self, call: Call, code: str, message: str, order_id: str = "", *, refused: bool = False
    ) -> None:
        """Write down a mistake that the platform lets pass.

        Args:
            call: The call that makes it.
            code: Its number in the fact sheet "What real clients send and read", or empty.
            message: What was wrong, and what would have been right.
            order_id: Order it was about.
            refused: The platform refuses the call anyway, with an answer of its own: the mistake
                is only written down.

        Raises:
            DialectError: The sandbox is strict.
        """
        masked = call.key.masked if call.key else ""
        about = shown_path(order_id)  # what a client takes for an order's id may be an address
        self.findings.append(Finding(code, message, self.calls, self.now, masked, about))
        if self.strict and not refused:
            raise bad_request(f"{code + ': ' if code else ''}{message}")

    def again(self, held: Held, number: str) -> int:
        """How many receipts there were for invoice *number* of this order; there is one more."""
        place = (held.account, held.order_id, number)
        self.receipts[place] += 1
        return self.receipts[place] - 1

    def reset(self) -> None:
        """Forget all but the accounts and their keys."""
        self.forget_orders()
        self.accounts.renew()
        self.strict = self._usually_strict
        self.snapshots.clear()
        self.queues.clear()
        self.interactions.clear()
        self.receipts.clear()
        self.not_simulated.clear()
        self.trace.clear()
        self.findings.clear()
        self.outbox.clear()
        self._soon.clear()
        self.until = None
        self.turned.clear()
        self.calls = 0
        if self.witness is not None:
            self.witness.forget()

    def forget_orders(self) -> None:
        """Forget the orders at once; their memory is free after some more calls."""
        self.drawn.clear()
        self._dust += self.store.drop()
        self._dust += self._parts.values()  # goes first, else it would keep the orders
        del self._dust[:-_MOST_DUST]
        self._parts, self._listening = {}, ()

    def _skipped(self, order_id: str) -> bool:
        return bool(self.faults.every) and self.faults.strikes("feed.skips_versions", order_id)

    def wrote(self, call: Call, *, apart: bool) -> None:
        """A call was answered that may have changed something.

        Args:
            call: The call.
            apart: Whether it changes nothing that a document shows.
        """
        if apart:
            return
        held = self.about(call)
        if held is None:
            self.drawn.clear()
        else:
            self.drawn.touch(held.group)

    def begin(self) -> None:
        """Another call is to be answered; some of what a reset has forgotten goes for good."""
        self.calls += 1
        self.faults.fired.clear()
        if self._dust:
            del self._dust[-_SWEPT:]

    def _forgot(self, held: Held) -> None:
        self.queues.forget(held.order_id)
        self.interactions.pop((held.account, held.order_id), None)
        for invoice in held.papers:  # each receipt is for one of them
            self.receipts.pop((held.account, held.order_id, invoice), None)
        for part in tuple(self._parts.values()):
            part.forgot(held)

    def _heard(self, change: Change) -> None:
        if self.witness is not None:
            self.witness.moved(change)
        self.drawn.touch(change.held.group)
        self.queues.offer(change, self.accounts.keys, self._skipped)
        twice, faults = "feed.same_status_twice", self.faults
        if faults.every and faults.strikes(twice, change.held.order_id):
            self.queues.offer(change, self.accounts.keys, self._skipped)
        for part in self._listening:  # as they were: one may ask for a new one
            part.heard(change)
