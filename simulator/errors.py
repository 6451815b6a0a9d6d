"""What the simulator says when it will not do as told."""

from __future__ import annotations

from orderflow.flows.errors import OrderflowError


class RefusedEventError(OrderflowError):
    """An event is not accepted where the order stands. The order is as it was before.

    Attributes:
        event: What was asked for.
        status: Where the order stood.
        allowed: Events that could have been accepted there, sorted.
        reason: Why it was refused, one clause.
    """

    def __init__(self, event: str, status: str, allowed: tuple[str, ...], reason: str) -> None:
        choices = ", ".join(allowed) or "nothing"
        super().__init__(f"{event!r} refused in {status!r}: {reason}; accepted here: {choices}")
        self.event, self.status, self.allowed, self.reason = event, status, allowed, reason


class EndlessTimersError(OrderflowError):
    """The timers of a flow set each other off without end.

    Attributes:
        flow: Name of the flow.
        event: Event that a timer fired last.
        status: Where the order stood then.
    """

    def __init__(self, flow: str, event: str, status: str) -> None:
        super().__init__(
            f"the {flow} flow: timers set each other off without end, {event!r} now leads to "
            f"{status!r}; give one of them a length of time or another target"
        )
        self.flow, self.event, self.status = flow, event, status


class EventDataError(OrderflowError):
    """What came with an event makes no sense: an unknown name or a value out of range.

    Attributes:
        event: The event.
        name: Name of the offending value.
        reason: What is wrong with it and what would have worked.
    """

    def __init__(self, event: str, name: str, reason: str) -> None:
        super().__init__(f"{event!r}: {name}: {reason}")
        self.event, self.name, self.reason = event, name, reason
