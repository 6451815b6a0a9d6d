"""The sandbox as a runner sees it: what it asks for, what it is told, what has been seen so far."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlsplit

from orderflow.certify.stillness import Stillness
from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.account import AppKey
from orderflow.sandbox.answering import perform
from orderflow.sandbox.control.clock import PATH as CLOCK
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.exchange import exchange
from orderflow.sandbox.hooks import Hooks
from orderflow.sandbox.interlude import clear, next_moment, queued
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.routes import Call

if TYPE_CHECKING:
    from orderflow.conformance.integration.line import Kind, Line
    from orderflow.sandbox.held import Held
    from orderflow.sandbox.server import Sandbox
    from orderflow.sandbox.witness import Witness

_T = TypeVar("_T")

_REFUSED = 400
_FIRST_SEQUENCE, _ORDERS_EACH = 100_001, 1_000
"""Where the numbers of orders begin, and how many a scenario has for itself."""

_PATIENCE = 5_000
"""Ms of real time in which the integration answers what it is told."""

Clock = Callable[[], float]
"""Seconds of real time, from any beginning."""


SELLER = "integration"
"""Id of the seller that the integration plays (sandbox decision)."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the integration listens, as far as it does.

    Attributes:
        endpoint: What it names as its endpoint when it is a marketplace.
        hook: URL for notifications.
        seller: Base URL of an external seller.
        tell: URL at which its own people tell it something.
    """

    endpoint: str = ""
    hook: str = ""
    seller: str = ""
    tell: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking the sandbox.

    Attributes:
        status: HTTP status.
        data: The body, read as JSON; None when there is none.
        later: Gives the final reply once it is known, None before; this one means nothing then.
    """

    status: int
    data: object = None
    later: Callable[[], Reply | None] | None = field(default=None, compare=False)

    @property
    def refused(self) -> bool:
        """Whether the sandbox said no."""
        return self.status >= _REFUSED

    @property
    def why(self) -> str:
        """Why it said no, in its words."""
        told = self.data.get("error", self.data) if isinstance(self.data, dict) else self.data
        if isinstance(told, dict):
            told = told.get("message", told)
        return str(told)[:500]


class Stage:
    """A running sandbox with its witness.

    Args:
        sandbox: It runs already, and has this witness.
        witness: Sees what the integration does.
        stillness: Learns from it whether the integration is at rest.
        addresses: Where the integration listens.
        clock: Seconds of real time.

    Attributes:
        stillness: See above.
        addresses: See above.
        other: Key of somebody who is not the integration.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        witness: Witness,
        stillness: Stillness,
        addresses: Addresses,
        clock: Clock = time.monotonic,
    ) -> None:
        self._sandbox, self._witness, self._clock = sandbox, witness, clock
        self.stillness, self.addresses = stillness, addresses
        self._looked = 0
        self._seed = sandbox.service.seed
        self.other: AppKey = self._held(lambda: sandbox.service.accounts.add(self.key.account))

    @property
    def key(self) -> AppKey:
        """The integration's key."""
        return self._sandbox.key

    @property
    def url(self) -> str:
        """Where the sandbox is."""
        return self._sandbox.url

    @property
    def now(self) -> int:
        """Virtual time in ms."""
        return self._sandbox.service.now

    @property
    def clock(self) -> float:
        """Real time in seconds."""
        return self._clock()

    def look(self) -> None:
        """Learn what has happened since the last look."""
        self.stillness.hear(self._unseen(), self.clock)

    def _unseen(self) -> tuple[Line, ...]:
        lines = self.since(self._looked)
        self._looked += len(lines)
        return lines

    def since(self, count: int) -> tuple[Line, ...]:
        """What was seen behind the first *count* lines."""
        return self._held(lambda: self._witness.since(count))

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._witness)

    @property
    def calls(self) -> int:
        """How many calls there were, those included of which no line was kept."""
        return self._sandbox.service.calls

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that was seen."""
        return self._held(lambda: self._witness.lines)

    @property
    def overflow(self) -> int:
        """How many lines were not kept, because there were too many."""
        return self._witness.overflow

    def note(self, kind: Kind, facts: Mapping[str, object], order_id: str = "") -> None:
        """Add a line of our own to what is seen."""
        self._held(lambda: self._witness.note(kind, order_id, facts))

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while nobody else may come in between."""
        return self._sandbox.service.lock

    def listen(self, heard: Callable[[Line], None]) -> None:
        """Let *heard* know of each line as it is made, before another call is answered."""
        self._held(lambda: self._witness.listeners.append(heard))

    def ignore(self, heard: Callable[[Line], None]) -> None:
        """Let *heard* know of no more lines."""
        self._held(lambda: self._witness.listeners.remove(heard))

    @property
    def scenario(self) -> str:
        """What happens now belongs to this scenario."""
        return self._witness.scenario

    def enter(self, scenario: str) -> None:
        """What happens from now on belongs to *scenario*, to none when it is empty."""

        def named() -> None:
            self._witness.scenario = scenario

        self._held(named)

    def clear(self, name: str, place: int) -> None:
        """Forget the orders of the scenario before, for the one called *name*.

        Args:
            name: What chance decides in it follows from its name and the seed.
            place: Where it stands in the run, from 0; the numbers of its orders follow from that.
        """
        digest = hashlib.sha256(f"{self._seed}/{name}".encode()).digest()
        chance = int.from_bytes(digest[:6], "big")
        first = _FIRST_SEQUENCE + place * _ORDERS_EACH
        self._held(lambda: clear(self._sandbox.service, chance, first))
        self.stir()

    def stir(self) -> None:
        """Something happens that the integration may have to do with."""
        self.look()
        self.stillness.stir(self.clock)

    def ask(
        self, method: str, path: str, body: object = None, *, key: AppKey | None = None
    ) -> Reply:
        """Make a call that the integration did not make, and that nobody sees.

        Args:
            method: Method in any case.
            path: Path with its query.
            body: Body; None without one.
            key: With whose key it is made; None for the control API.

        Raises:
            OrderflowError: The sandbox has no such operation.
        """
        split = urlsplit(path)
        call = Call(
            method.upper(),
            split.path,
            key,
            query={name.lower(): value for name, value in parse_qsl(split.query)},
            body=b"" if body is None else json.dumps(body).encode(),
            host=urlsplit(self.url).netloc,
        )
        try:
            return self._reply(self._held(lambda: perform(self._sandbox.service, call)))
        except ValueError as wrong:
            raise OrderflowError(str(wrong)) from wrong

    def _reply(self, given: Answer) -> Reply:
        later, data = given.later, json.loads(given.body) if given.body else None
        if later is None:
            return Reply(given.status, data)

        def final() -> Reply | None:
            found = self._held(later)
            return None if found is None else self._reply(found)

        return Reply(given.status, data, final)

    def advance(self, ms: int) -> Reply:
        """Turn the clock."""
        self.stir()
        return self.ask("POST", CLOCK, {"milliseconds": ms})

    def tell(self, body: object) -> Outcome:
        """Tell the integration something as its own people do, and wait for its answer."""
        message = Message(
            number=0,
            part="",
            token="",  # a field of the outbox, empty here
            method="POST",
            url=self.addresses.tell,
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
            patience=_PATIENCE,
        )
        return asyncio.run(exchange(message))

    def held(self, order_id: str) -> Held | None:
        """The order of that id."""
        store, account = self._sandbox.service.store, self.key.account
        return self._held(lambda: store.find(order_id, account))

    def of_marketplace(self, order_id: str) -> Held | None:
        """The order that a marketplace outside the platform calls so."""
        store, account = self._sandbox.service.store, self.key.account
        return self._held(lambda: store.of_marketplace(order_id, account))

    def group(self, group: str) -> tuple[Held, ...]:
        """The documents of a sale."""
        store, account = self._sandbox.service.store, self.key.account
        return self._held(lambda: store.group(group, account))

    def history(self, order_id: str) -> tuple[str, ...]:
        """Every status that an order has had, the present one last."""
        held = self.held(order_id)
        if held is None:
            return ()
        return self._held(lambda: (*(each.target for each in held.events), held.status))

    def revoke(self) -> None:
        """Let the integration's key open nothing any more."""
        self._held(lambda: self._sandbox.service.accounts.revoke(self.key.name))

    def restore(self) -> None:
        """Let it be good again."""
        self._held(self._sandbox.service.accounts.renew)

    @property
    def has_hook(self) -> bool:
        """Whether a hook of the integration's is configured."""
        hooks = self._held(lambda: self._sandbox.service.part(Hooks).all)
        return any(each.key is self.key for each in hooks)

    @property
    def next_moment(self) -> int | None:
        """When something happens by itself next, in virtual ms; None when nothing does."""
        return self._held(lambda: next_moment(self._sandbox.service))

    @property
    def queued(self) -> tuple[int, int]:
        """How many feed items can be read, and how many wait to be committed."""
        return self._held(lambda: queued(self._sandbox.service))

    @property
    def under_way(self) -> bool:
        """Whether a call is being answered, or a delivery is under way."""
        return self._held(lambda: self._witness.in_flight) > 0

    @property
    def not_simulated(self) -> Mapping[str, int]:
        """How often each call was made for which there is no route."""
        return self._held(lambda: dict(self._sandbox.service.not_simulated))

    def _held(self, do: Callable[[], _T]) -> _T:
        with self._sandbox.service.lock:
            return do()
