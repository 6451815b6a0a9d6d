"""The error of a system under test that cannot be had, and how such a system may be called."""

from __future__ import annotations

import re

from orderflow.flows.errors import OrderflowError


class TargetError(OrderflowError):
    """What was named as the system under test is not one, or cannot be started.

    Attributes:
        target: What was named, without anything secret.
    """

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"target {target!r}: {reason}")
        self.target = target


def without_password(target: str) -> str:
    """*target* without what might be a password in it; for whatever is written or shown.

    >>> without_password("https://me:secret@shop.test/api")
    'https://***@shop.test/api'
    """
    return re.sub(r"//[^/@]*@", "//***@", target)
