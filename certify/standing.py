"""What is to happen as soon as a call has been answered, before the next call is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from orderflow.certify.hearing import operation_of
from orderflow.certify.scenario import Step, Upon
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import READ
from orderflow.flows.errors import OrderflowError

if TYPE_CHECKING:
    from orderflow.certify.cast import Cast
    from orderflow.certify.stage import Stage


class Standing:
    """The standing orders of one scenario.

    Args:
        scenario: Its name; what happens belongs to it.
        stage: Where it is played.
        cast: What its orders are called.
        do: Does steps at once.

    Attributes:
        trouble: What went wrong while they were followed; whoever plays the scenario raises it.
    """

    def __init__(
        self, scenario: str, stage: Stage, cast: Cast, do: Callable[[Iterable[Step]], None]
    ) -> None:
        self._scenario, self._stage, self._cast, self._do = scenario, stage, cast, do
        self._waiting: list[tuple[Upon, int]] = []
        self._listens = False
        self.trouble: OrderflowError | None = None

    def add(self, order: Upon) -> None:
        """Follow *order* from now on, once."""
        self._waiting.append((order, 0))
        if not self._listens:
            self._stage.listen(self._heard)
            self._listens = True

    def close(self) -> None:
        """Follow none any more."""
        self._waiting.clear()
        if self._listens:
            self._stage.ignore(self._heard)
            self._listens = False

    def _heard(self, line: Line) -> None:
        """A call has been answered; the sandbox stands still until this returns."""
        if line.kind != "call" or not self._waiting:
            return
        left: list[tuple[Upon, int]] = []
        due: list[Upon] = []
        for order, met in self._waiting:
            now = met + self._is_meant(order, line)
            if now == order.nth and now > met:
                due.append(order)
            else:
                left.append((order, now))
        self._waiting = left
        for order in due:
            self._follow(order)

    def _follow(self, order: Upon) -> None:
        before = self._stage.scenario
        self._stage.enter(self._scenario)
        try:
            self._do(order.steps)
        except OrderflowError as wrong:  # this thread answers a call, and nobody sees it here
            self.trouble = wrong
        finally:
            self._stage.enter(before)

    def _is_meant(self, order: Upon, line: Line) -> bool:
        if not fnmatchcase(operation_of(line), order.pattern):
            return False
        ids = set(self._cast.ids(order.order)) if order.order else set[str]()
        if line.operation != READ:
            return not order.order or line.order_id in ids
        if not order.order and not order.state:
            return True
        return any(
            (not order.order or row.text("order") in ids) and order.state in ("", row.text("state"))
            for row in line.rows("items")
        )
