"""The courier: delivers what waits in the outbox, and tells how that went."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from dataclasses import replace

from orderflow.sandbox.answering import perform
from orderflow.sandbox.exchange import exchange
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service

_AT_ONCE = 16
"""Exchanges at the same time: one slow receiver does not hold up a burst (sandbox decision)."""

_TELL_AGAIN = 0.5
"""Seconds until an outcome is told once more that could not be written down."""


class Courier:
    """Delivers the messages of one sandbox, in a thread of its own.

    Outcomes are told in the order of the messages' numbers, so that what comes of them does not
    hang on which receiver was quicker; but at once where a call waits for one, since the caller
    may be a receiver that has yet to answer.

    Args:
        service: The sandbox.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running: _Running | None = None

    def start(self) -> None:
        """Begin to deliver; from now on the orders' clock waits for the outcomes."""
        running = self._running = _Running(self._service)
        running.thread.start()
        running.up.wait()
        with self._service.lock:
            self._service.outbox.delivering = True
            self._service.outbox.changed.append(running.look)
        running.look()

    def stop(self) -> None:
        """Break off what is under way; it stays in the outbox."""
        running, self._running = self._running, None
        if running is None:
            return
        with self._service.lock:
            self._service.outbox.delivering = False
            self._service.outbox.changed.remove(running.look)
        with contextlib.suppress(RuntimeError):  # it has ended already
            running.loop.call_soon_threadsafe(running.stop.set)
        running.thread.join()


class _Running:
    """What the courier's thread works with, from start to stop.

    Attributes:
        thread: That thread.
        loop: Runs in it; there once *up* is set.
        stop: Set in the loop when it is to end.
    """

    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event

    def __init__(self, service: Service) -> None:
        self._service = service
        self._begun: dict[int, tuple[Message, asyncio.Task[Outcome]]] = {}
        self.up = threading.Event()
        self.thread = threading.Thread(target=self._live, name="orderflow-courier", daemon=True)

    def look(self) -> None:
        """Have a look at the outbox; called from any thread."""
        self.loop.call_soon_threadsafe(self._news.set)

    def _live(self) -> None:
        try:
            asyncio.run(self._run())
        finally:
            self._service.outbox.delivering = False  # nothing waits for whoever is not there

    async def _run(self) -> None:
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        self._news, self._room = asyncio.Event(), asyncio.Semaphore(_AT_ONCE)
        self.up.set()
        work = asyncio.create_task(self._work())
        stopped = asyncio.create_task(self.stop.wait())
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        tasks = [work, stopped, *(task for _, task in self._begun.values())]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work  # raises what broke it, if something did

    async def _work(self) -> None:
        while True:
            self._news.clear()
            self._begin()
            known = self._known()
            if not known:
                await self._news.wait()
            elif not await asyncio.to_thread(self._tell_all, known):
                await asyncio.sleep(_TELL_AGAIN)

    def _begin(self) -> None:
        """Begin with what is new in the outbox, and break off what is not in it any more."""
        # A copy is made in one go; the lock may be held for longer than a receiver is waited for.
        waiting = self._service.outbox.waiting.copy()
        for number, (message, task) in tuple(self._begun.items()):
            if waiting.get(number) is not message:
                task.cancel()
                del self._begun[number]
        for number, message in waiting.items():
            if number not in self._begun:
                task = asyncio.create_task(self._delivered(message))
                task.add_done_callback(lambda _: self._news.set())
                self._begun[number] = message, task

    async def _delivered(self, message: Message) -> Outcome:
        if self._service.outbox.wrong_with(message.url):
            return Outcome(0, trouble="not allowed")
        async with self._room:
            witness = self._service.witness
            if witness is None:
                return await exchange(message)
            outcome = await exchange(witness.exchanging(message))
            witness.exchanged(message, outcome)
            return replace(outcome, body=outcome.body[: message.keeps])

    def _known(self) -> tuple[tuple[Message, Outcome], ...]:
        """The outcomes that may be told now."""
        known, in_turn = [], True
        for message, task in self._begun.values():
            if not task.done():
                in_turn = in_turn and message.awaited
            elif in_turn or message.awaited:
                known.append((message, task.result()))
        return tuple(known)

    def _tell_all(self, known: tuple[tuple[Message, Outcome], ...]) -> bool:
        return all(self._tell(message, outcome) for message, outcome in known)

    def _tell(self, message: Message, outcome: Outcome) -> bool:
        """Whether the sandbox took note; not while it cannot write it down."""
        service = self._service
        told = {
            "status": outcome.status,
            "body": base64.b64encode(outcome.body).decode("ascii"),
            "trouble": outcome.trouble,
        }
        call = Call(
            "POST", f"/_sandbox/deliveries/{message.number}", body=json.dumps(told).encode("ascii")
        )
        waiting = service.outbox.waiting
        with service.lock:
            if waiting.get(message.number) is message:
                perform(service, call)
            return waiting.get(message.number) is not message
