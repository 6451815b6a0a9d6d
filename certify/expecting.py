"""Whether what a scenario expects has been reached, or has gone too far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orderflow.certify.scenario import Expectation

if TYPE_CHECKING:
    from orderflow.certify.cast import Cast
    from orderflow.certify.hearing import Hearing
    from orderflow.certify.stage import Stage

_NONE = "?"
"""Stands for an order that there is not."""


class Expecting:
    """What one scenario expects.

    Args:
        expects: All of it.
        stage: Where the orders are.
        cast: What they are called.
        hearing: What was called.
    """

    def __init__(
        self, expects: Sequence[Expectation], stage: Stage, cast: Cast, hearing: Hearing
    ) -> None:
        self._expects, self._stage = tuple(expects), stage
        self._cast, self._hearing = cast, hearing

    @property
    def any(self) -> bool:
        """Whether anything is expected that has to be waited for."""
        return any(each.statuses or each.calls or each.record for each in self._expects)

    def missing(self) -> str:
        """What has not been reached, empty when all has."""
        for each, order_id in self._asked():
            told = self._lacks(each, order_id)
            if told:
                return told
        return ""

    def too_often(self) -> str:
        """What was called more often than is right, empty for nothing."""
        for each, order_id in self._asked():
            for pattern, most in each.most.items():
                count = self._hearing.count("call", pattern, order_id)
                if count > most:
                    return f"{_called(pattern, order_id, count)}, and not {most} at most"
        return ""

    def facts(self) -> list[dict[str, object]]:
        """What was expected of which order."""
        return [
            {**facts_of(each), "order_id": order_id.strip(_NONE)}
            for each, order_id in self._asked()
        ]

    def _asked(self) -> Iterator[tuple[Expectation, str]]:
        """Each expectation with each order that it is about; the mark where there is no such."""
        for each in self._expects:
            for order_id in (self._cast.ids(each.order) or (_NONE,)) if each.order else ("",):
                yield each, order_id

    def _lacks(self, each: Expectation, order_id: str) -> str:
        if order_id == _NONE:
            return f"there is no order {each.order}"
        status = "".join(self._stage.history(order_id)[-1:]) if each.statuses else ""
        if each.statuses and status not in each.statuses:
            return f"order {order_id} is {status or 'gone'}, and not {' or '.join(each.statuses)}"
        for pattern, least in each.calls.items():
            count = self._hearing.count("call", pattern, order_id)
            if count < least:
                return f"{_called(pattern, order_id, count)}, and not {least}"
        return self._books_lack(each, order_id)

    def _books_lack(self, each: Expectation, order_id: str) -> str:
        for what, value in each.record.items() if self._hearing.tells_records else ():
            found = self._hearing.record(order_id, what)
            if found != value:
                return f"its own books say {found!r} of the {what} of {order_id}, and not {value!r}"
        return ""


def facts_of(each: Expectation) -> dict[str, object]:
    """An expectation as a line of the trace has it."""
    return {
        "order": each.order,
        "status": list(each.statuses),
        "calls": dict(each.calls),
        "most": dict(each.most),
    }


def _called(pattern: str, order_id: str, count: int) -> str:
    about = f" about {order_id}" if order_id else ""
    many = "once" if count == 1 else f"{count} times"
    return f"{pattern} was called {many}{about}"
