"""The error of a system under test that cannot be had."""

from __future__ import annotations

from orderflow.flows.errors import OrderflowError


class TargetError(OrderflowError):
    """What was named as the system under test is not one, or cannot be started.

    Attributes:
        target: What was named, without anything secret.
    """

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"target {target!r}: {reason}")
        self.target = target
