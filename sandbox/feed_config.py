"""What clients send to a feed, read and checked: its configuration, a lot, the handles to commit.

Source: domain fact sheets "HTTP surface", sections 5 and 11 (D-A6, D-A7), and "Timers", T-19 to
T-21 and R-3.
"""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.sandbox.filters import Filter, folded, parse_filter, remarks, unusable

MOST_AT_ONCE = 10
"""Items in a lot; handles in a commit, too, which is a sandbox decision."""

_MOST_DIGITS = len(str(MOST_AT_ONCE))
_VISIBILITY = (30, 86_400)
_VISIBILITY_OF_OLD = 43_200
_RETENTION = (345_600, 1_209_600)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How a feed keeps its items; the defaults are a sandbox decision.

    Attributes:
        visibility_seconds: How long an item is hidden once it was read.
        retention_seconds: How long an item stays, committed or not.
    """

    visibility_seconds: int = 240
    retention_seconds: int = 345_600

    def body(self) -> dict[str, object]:
        """The settings as a response writes them."""
        return {
            "visibilityTimeoutInSeconds": self.visibility_seconds,
            "MessageRetentionPeriodInSeconds": self.retention_seconds,
        }


def parse_config(body: object) -> tuple[QueueSettings, Filter]:
    """The whole body of a feed's configuration; fields in any case, absent ones by default.

    >>> parse_config({"queue": {"visibilityTimeoutInSeconds": 60}})[0].visibility_seconds
    60

    Raises:
        FilterError: It cannot be used; 409 for a mixed filter, otherwise 400.
    """
    given = folded(body, "the configuration")
    queue = folded(given.get("queue"), "queue")
    default = QueueSettings()
    settings = QueueSettings(
        _seconds(queue, "visibilityTimeoutInSeconds", default.visibility_seconds, _VISIBILITY),
        _seconds(queue, "messageRetentionPeriodInSeconds", default.retention_seconds, _RETENTION),
    )
    return settings, parse_filter(given.get("filter"))


def _seconds(queue: dict[str, object], name: str, default: int, allowed: tuple[int, int]) -> int:
    found = queue.get(name.lower())
    if found is None:
        return default
    least, most = allowed
    whole = isinstance(found, int) and not isinstance(found, bool)
    if not whole or not least <= int(str(found)) <= most:
        raise unusable(f"queue.{name} must be a whole number from {least} to {most}")
    return int(str(found))


def config_remarks(body: object) -> tuple[str, ...]:
    """What is odd about a configuration though it is accepted.

    Raises:
        FilterError: As :func:`parse_config`.
    """
    settings, _ = parse_config(body)
    found = remarks(folded(body, "the configuration").get("filter"))
    if settings.visibility_seconds > _VISIBILITY_OF_OLD:
        found += (f"visibilityTimeoutInSeconds above {_VISIBILITY_OF_OLD} was refused before",)
    return found


def parse_lot(given: str | None) -> int:
    """How many items a call asks for.

    Raises:
        FilterError: There is no number, or it is not from 1 to 10 (that it is 400: sandbox
            decision).
    """
    text = (given or "").strip()
    is_short = (
        len(text) <= _MOST_DIGITS
    )  # what is longer is too many, and may be no number to Python
    lot = int(text) if text.isascii() and text.isdigit() and is_short else 0
    if not 1 <= lot <= MOST_AT_ONCE:
        raise unusable(f"maxlot must be a whole number from 1 to {MOST_AT_ONCE}")
    return lot


def parse_handles(body: object) -> tuple[str, ...]:
    """The handles of a commit.

    Raises:
        FilterError: There are none, more than 10, or something else than texts.
    """
    found = folded(body, "the commit").get("handles")
    texts = isinstance(found, list) and all(isinstance(handle, str) for handle in found)
    if not isinstance(found, list) or not texts or not 1 <= len(found) <= MOST_AT_ONCE:
        raise unusable(f"handles must be a list of 1 to {MOST_AT_ONCE} texts")
    return tuple(found)
