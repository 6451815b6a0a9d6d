"""Does the jobs of a check side by side, in processes of their own.

Each job depends on nothing but what it is handed, so how many processes there are, and which of
them does what, makes no difference to the results.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from orderflow.conformance.check import Job, Result, one_by_one
from orderflow.flows.errors import OrderflowError

MOST = 8
"""Processes at most: each may need some hundred megabytes."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a worker says in between."""

    text: str


@dataclass(frozen=True, slots=True)
class _Refused:
    """A job that a person has to mend something for."""

    text: str


@dataclass(slots=True)
class _Worker:
    """A process and what it is at.

    Attributes:
        process: The process.
        line: Where jobs go and results come from.
        number: The job it is doing, -1 for none.
        said: What it said last.
    """

    process: BaseProcess
    line: Connection
    number: int = -1
    said: str = ""


@dataclass(slots=True)
class _Crew:
    """All workers, the jobs that are left, and the results."""

    workers: list[_Worker] = field(default_factory=list)
    left: list[tuple[int, Job]] = field(default_factory=list)
    results: dict[int, Result] = field(default_factory=dict)

    def hand_out(self, worker: _Worker) -> None:
        """Give the next job to *worker*, if there is one."""
        worker.number, worker.said = -1, ""
        if self.left:
            worker.number, job = self.left.pop(0)
            worker.line.send(job)

    def listen(self, progress: Progress) -> None:
        """Wait until somebody says something, and take it down."""
        busy = {worker.line: worker for worker in self.workers if worker.number >= 0}
        for line in wait(list(busy)):
            worker = next(one for known, one in busy.items() if known is line)
            said = worker.line.recv()
            if isinstance(said, _Told):
                worker.said = said.text
            elif isinstance(said, _Refused):
                raise OrderflowError(said.text)
            else:
                self.results[worker.number] = said
                self.hand_out(worker)
        progress("; ".join(one.said for one in self.workers if one.said))


def processors() -> int:
    """How many processes can run at once here."""
    try:
        return min(len(os.sched_getaffinity(0)), MOST)
    except AttributeError:  # not every system tells
        return min(os.cpu_count() or 1, MOST)


def side_by_side(jobs: Sequence[Job], progress: Progress) -> Iterator[Result]:
    """Do *jobs*, the biggest first, and give their results in the order of the jobs.

    Raises:
        OrderflowError: One of them cannot be done.
    """
    count = min(processors(), len(jobs))
    crew = _Crew()
    if count > 1:
        order = sorted(range(len(jobs)), key=lambda number: (-jobs[number].size, number))
        crew.left = [(number, jobs[number]) for number in order]
        with _at_work(crew, count):
            while len(crew.workers) == count and len(crew.results) < len(jobs):
                try:
                    crew.listen(progress)
                except (EOFError, OSError):  # a process is gone; what it leaves is done here
                    break
    for number, job in enumerate(jobs):
        known = crew.results.get(number)
        yield known if known is not None else next(iter(one_by_one([job], progress)))


@contextmanager
def _at_work(crew: _Crew, count: int) -> Iterator[None]:
    """Start *count* workers; where that is impossible there are fewer. They are gone at the end."""
    try:
        for _ in range(count):
            try:
                crew.workers.append(_started())
            except OSError:
                break
        if len(crew.workers) == count:
            for worker in crew.workers:
                crew.hand_out(worker)
        yield
    finally:
        for worker in crew.workers:
            worker.process.terminate()
        for worker in crew.workers:
            worker.process.join()
            worker.line.close()


def _started() -> _Worker:
    """Start a worker, which knows of no Ctrl-C: whoever started it ends it."""
    ways = multiprocessing.get_context("spawn")
    resource_tracker.ensure_running()  # it begins with the first worker, and unblocks the signal
    ours, its = ways.Pipe()
    process = ways.Process(target=work, args=(its,), daemon=True)
    # nor is anybody stopped who has begun to start one, or it would not know what it is there for
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        its.close()
    return _Worker(process, ours)


def work(line: Connection) -> None:
    """Do whatever jobs come in, one after the other, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    with suppress(EOFError, ConnectionError):
        while True:
            line.send(_outcome(line.recv(), lambda text: line.send(_Told(text))))


def _outcome(job: Job, progress: Progress) -> Result | _Refused:
    try:
        return next(iter(one_by_one([job], progress)))
    except OrderflowError as error:
        return _Refused(str(error))
