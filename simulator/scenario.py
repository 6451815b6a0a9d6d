"""Scenarios: a sequence of acts on one order, short enough to type on a command line.

An act is written ``event``, ``event:choice`` or ``event:choice@percent``; the percent picks the
amount in the range the choice allows (50 when left out). ``advance:30m`` lets time pass. An
event that a timer fires waits for its timer; ``event:early`` fires it without waiting.
Items are written ``QUANTITYxCENTS``, with ``:pickup`` behind it for a pickup point and
``@HOURS`` for a shipping estimate that many hours after the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.flows.errors import OrderflowError
from orderflow.flows.settings import LONGEST
from orderflow.simulator.choices import NONE, choices, realise, timer_choice
from orderflow.simulator.clock import START
from orderflow.simulator.events import Event
from orderflow.simulator.order import Channel, Item
from orderflow.simulator.simulator import Refused, Simulator

ADVANCE = "advance"
EARLY = "early"
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(\d{1,15})(ms|s|m|h|d)", re.ASCII)
_ACT = re.compile(r"([^\s,:@]+)(?::([a-z0-9]+))?(?:@([0-9]{1,3}))?")
_ITEM = re.compile(r"(\d{1,6})x(\d{1,12})(:pickup)?(?:@(-?\d{1,6}))?", re.ASCII)


class ScenarioError(OrderflowError):
    """A scenario cannot be read or played as written."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to an order.

    Attributes:
        event: Event name, or ``advance``.
        choice: Which data it comes with; for ``advance`` the duration, such as ``30m``.
        percent: Where in the allowed range an amount lies, 0 to 100.
    """

    event: str
    choice: str = NONE
    percent: int = 50

    def __str__(self) -> str:
        """The act as it is typed."""
        text = f"{self.event}:{self.choice}" if self.choice else self.event
        return text if self.percent == 50 else f"{text}@{self.percent}"  # noqa: PLR2004

    def draw(self, low: int, high: int) -> int:
        """The amount this act picks between two bounds."""
        return low + (high - low) * self.percent // 100


def milliseconds(text: str) -> int:
    """Read a duration such as ``30m`` or ``2d``.

    Raises:
        ScenarioError: It is not a whole number followed by ms, s, m, h or d, or it is longer
            than any time limit can be.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ScenarioError(f"{text!r} is not a duration; write it like 90s, 30m, 4h or 2d")
    length = int(match[1]) * _UNITS[match[2]]
    if length > LONGEST:
        raise ScenarioError(f"{text!r} is too long; at most {duration(LONGEST)}")
    return length


def duration(milliseconds: int) -> str:
    """Write a duration so that :func:`milliseconds` reads it back."""
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _UNITS[unit] == 0:
            return f"{milliseconds // _UNITS[unit]}{unit}"
    return f"{milliseconds}ms"


def parse_acts(text: str) -> tuple[Act, ...]:
    """Read acts separated by blanks or commas.

    Raises:
        ScenarioError: An act is not written as this module's introduction says, or there is none.
    """
    acts = []
    for number, word in enumerate(re.findall(r"[^\s,]+", text) or [""], 1):
        match = _ACT.fullmatch(word)
        if match is None or int(match[3] or 0) > 100:  # noqa: PLR2004
            raise ScenarioError(
                f"act {number}: {word!r} is not an act; write event, event:choice or event:part@50"
            )
        act = Act(match[1], match[2] or NONE, int(match[3] or 50))
        if act.event == ADVANCE:
            milliseconds(act.choice)
        acts.append(act)
    return tuple(acts)


def format_acts(acts: Iterable[Act]) -> str:
    """Write acts so that :func:`parse_acts` reads them back."""
    return " ".join(str(act) for act in acts)


def parse_items(text: str) -> tuple[Item, ...]:
    """Read order lines such as ``2x4990,1x1500:pickup``.

    Raises:
        ScenarioError: A line is not written so, or the order would be worth nothing.
    """
    items = []
    for number, word in enumerate(text.split(","), 1):
        match = _ITEM.fullmatch(word.strip())
        if match is None:
            raise ScenarioError(
                f"item {number}: {word!r} is not an item; write 2x4990 or 1x1500:pickup"
            )
        estimate = None if match[4] is None else START + int(match[4]) * _UNITS["h"]
        channel: Channel = "pickup-in-point" if match[3] else "delivery"
        items.append(Item(f"item-{number}", int(match[1]), int(match[2]), channel, estimate))
    if sum(item.quantity * item.price for item in items) < 1:
        raise ScenarioError(f"{text!r}: the order must be worth at least one cent")
    return tuple(items)


def format_items(items: Iterable[Item]) -> str:
    """Write order lines so that :func:`parse_items` reads them back."""
    words = []
    for item in items:
        word = f"{item.quantity}x{item.price}"
        word += ":pickup" if item.channel == "pickup-in-point" else ""
        if item.estimate is not None:
            word += f"@{(item.estimate - START) // _UNITS['h']}"
        words.append(word)
    return ",".join(words)


def play(simulator: Simulator, act: Act) -> tuple[Event, ...] | Refused:
    """Do one act.

    Returns:
        What happened, oldest first (timers that were over on the way included), or the refusal.

    Raises:
        ScenarioError: The event cannot come with the act's choice as the order stands.
    """
    if act.event == ADVANCE:
        return simulator.advance(milliseconds(act.choice))
    if act.choice == EARLY:
        return _fire(simulator, Act(act.event, timer_choice(act.event)))
    result = _fire(simulator, act)
    if not isinstance(result, Refused):
        return result
    wait = _left_to_wait(simulator, act.event)
    return result if wait is None else simulator.advance(wait) or _fire(simulator, act)


def _left_to_wait(simulator: Simulator, event: str) -> int | None:
    """Ms until the timer behind *event* is over, None when no timer fires it here."""
    for branch in simulator.plan.branches.get((simulator.status, event), ()):
        if branch.wait is not None:
            left = simulator.order.entered_at + branch.wait - simulator.now
            return left if left > 0 else None
    return None


def _fire(simulator: Simulator, act: Act) -> tuple[Event, ...] | Refused:
    choice = act.choice
    if not choice:  # the usual data, so that "confirm_reservation" means the stock is there
        known = choices(act.event, simulator.order)
        choice = known[0] if NONE not in known else NONE
    try:
        data = realise(act.event, choice, simulator.order, act.draw)
    except ValueError as error:
        raise ScenarioError(str(error)) from None
    result = simulator.attempt(act.event, data)
    return result if isinstance(result, Refused) else (result,)
