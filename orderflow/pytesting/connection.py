"""Opens the system under test that the options name, once in a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from orderflow.conformance.subjects.inside import Inside
from orderflow.pytesting.asked import Asked, asked
from orderflow.pytesting.prepared import told
from orderflow.simulator.machine import compile_plan

if TYPE_CHECKING:
    import pytest

    from orderflow.conformance.subjects.subject import Subject
    from orderflow.flows.model import Flow
    from orderflow.flows.settings import Settings


class Connection:
    """The system under test, as the flows of the tests need it.

    Args:
        wanted: What the options say.
        closing: Closes what was opened.
    """

    def __init__(self, wanted: Asked, closing: ExitStack) -> None:
        self.wanted, self.closing = wanted, closing
        self.opened: dict[tuple[str, ...], Subject] = {}

    def subject(self, flow: Flow, settings: Settings) -> Subject:
        """The system that the options name, the simulator itself when they name none."""
        wanted = self.wanted
        if not wanted.target:
            return Inside(compile_plan(flow, settings))
        if flow.events not in self.opened:
            from orderflow.conformance.subjects.target import open_subject

            with told():
                opening = open_subject(
                    wanted.target, wanted.mapping, events=flow.events, statuses=flow.state
                )
                self.opened[flow.events] = self.closing.enter_context(opening)
        return self.opened[flow.events]


@contextmanager
def connection(config: pytest.Config) -> Iterator[Connection]:
    """The system that the options name, to be opened when a test asks for it."""
    with ExitStack() as closing:
        yield Connection(asked(config), closing)
