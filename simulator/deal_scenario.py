"""Scenarios of a whole sale: acts of its participants, and what becomes of their messages.

An act is written ``market.place_order``: a participant, a dot, and an act as in
:mod:`orderflow.simulator.scenario`. ``seller>market`` lets the next message from seller to market
arrive, waiting until it is due; ``seller>market:2`` lets the second one arrive, which overtakes
the first; ``seller>market:lost`` loses the next one, ``seller>market:2:lost`` the second one, and
``seller>market:doubled`` leaves a copy under way. ``advance:30m`` lets time pass, with all that is
due by then, and ``settle`` waits until no message is left that can arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, assert_never, cast

from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.message import LogEntry
from orderflow.simulator.sale import EndlessNewsError
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, ScenarioError, milliseconds
from orderflow.simulator.simulator import Refused

SETTLE = "settle"

Fate = Literal["", "lost", "doubled"]
"""What goes wrong with a message; empty for nothing."""

_ACT = re.compile(r"(?:([^\s,:@.>]+)\.)?([^\s,:@.>]+)(?::([a-z0-9]+))?(?:@([0-9]{1,3}))?")
_CARRY = re.compile(r"([^\s,:@.>]+)>([^\s,:@.>]+)(?::([1-9][0-9]{0,2}))?(?::(lost|doubled))?")

_MOST_MESSAGES = 10_000


@dataclass(frozen=True, slots=True)
class DealAct:
    """One thing done by a participant of a sale.

    Attributes:
        participant: Who; empty for ``advance`` and ``settle``.
        act: What.
    """

    participant: str
    act: Act

    def __str__(self) -> str:
        """The act as it is typed."""
        return f"{self.participant}.{self.act}" if self.participant else str(self.act)


@dataclass(frozen=True, slots=True)
class Carry:
    """What becomes of a message.

    Attributes:
        sender: Who sent it.
        receiver: Whom it is for.
        position: Which one, from 0: of those under way when it is lost, else of those that could
            arrive.
        fate: What goes wrong, besides overtaking others.
    """

    sender: str
    receiver: str
    position: int = 0
    fate: Fate = ""

    def __str__(self) -> str:
        """The act as it is typed."""
        place = f":{self.position + 1}" if self.position else ""
        return f"{self.sender}>{self.receiver}{place}{self.fate and f':{self.fate}'}"


def parse_deal_acts(text: str) -> tuple[DealAct | Carry, ...]:
    """Read acts separated by blanks or commas.

    Raises:
        ScenarioError: An act is not written as this module's introduction says, or there is none.
    """
    words = re.findall(r"[^\s,]+", text) or [""]
    return tuple(_parse(number, word) for number, word in enumerate(words, 1))


def _parse(number: int, word: str) -> DealAct | Carry:
    carry = _CARRY.fullmatch(word)
    if carry is not None:
        if carry[4] == "doubled" and carry[3] not in {None, "1"}:
            raise ScenarioError(f"act {number}: {word!r}: only the next message can be doubled")
        fate = cast("Fate", carry[4] or "")
        return Carry(carry[1], carry[2], int(carry[3] or 1) - 1, fate)
    match = _ACT.fullmatch(word)
    alone = match is not None and match[2] in {ADVANCE, SETTLE}
    if match is None or alone != (match[1] is None) or int(match[4] or 0) > 100:  # noqa: PLR2004
        raise ScenarioError(
            f"act {number}: {word!r} is not an act; write market.event, market.event:choice, "
            f"seller>market, advance:30m or settle"
        )
    act = Act(match[2], match[3] or NONE, int(match[4] or 50))
    if act.event == ADVANCE:
        milliseconds(act.choice)
    return DealAct(match[1] or "", act)


def format_deal_acts(acts: Iterable[DealAct | Carry]) -> str:
    """Write acts so that :func:`parse_deal_acts` reads them back."""
    return " ".join(str(act) for act in acts)


def play_deal(simulator: DealSimulator, act: DealAct | Carry) -> tuple[LogEntry, ...] | Refused:
    """Do one act.

    Returns:
        What happened, oldest first (whatever was due on the way included), or the refusal.

    Raises:
        ScenarioError: The sale has no such participant or way, or the event cannot come with the
            act's choice as the order stands.
        EndlessNewsError: Messages or time limits set each other off for ever.
    """
    before = len(simulator.log)
    try:
        refused = _carry(simulator, act) if isinstance(act, Carry) else _act(simulator, act)
    except ValueError as error:
        raise ScenarioError(f"{act}: {error}") from None
    return refused or tuple(simulator.log[before:])


def _act(simulator: DealSimulator, deal_act: DealAct) -> Refused | None:
    act = deal_act.act
    if act.event == ADVANCE and not deal_act.participant:
        simulator.advance(milliseconds(act.choice))
        return None
    if act.event == SETTLE and not deal_act.participant:
        settle(simulator)
        return None
    if act.choice == EARLY:
        return _fire(simulator, deal_act.participant, Act(act.event))
    refused = _fire(simulator, deal_act.participant, act)
    wait = _left_to_wait(simulator, deal_act) if refused else None
    if wait is None:
        return refused
    fired = simulator.advance(wait)
    if any(
        (each.participant, each.event.event) == (deal_act.participant, act.event) for each in fired
    ):
        return None
    return _fire(simulator, deal_act.participant, act)


def _left_to_wait(simulator: DealSimulator, act: DealAct) -> int | None:
    """Ms until the timer behind the event is over, None when no timer fires it here."""
    document = simulator.simulators[act.participant]
    for branch in document.plan.branches.get((document.status, act.act.event), ()):
        if branch.wait is not None:
            left = document.order.entered_at + branch.wait - simulator.now
            return left if left > 0 else None
    return None


def _fire(simulator: DealSimulator, participant: str, act: Act) -> Refused | None:
    if participant not in simulator.simulators:
        known = ", ".join(simulator.simulators)
        raise ValueError(f"{participant!r} has no part in deal {simulator.deal.name}; {known} have")
    order = simulator.simulators[participant].order
    choice = act.choice
    if not choice:  # the usual data, so that "confirm_reservation" means the stock is there
        known_choices = choices(act.event, order)
        choice = known_choices[0] if NONE not in known_choices else NONE
    data = realise(act.event, choice, order, act.draw)
    result = simulator.attempt(participant, act.event, data)
    return result if isinstance(result, Refused) else None


def _carry(simulator: DealSimulator, carry: Carry) -> Refused | None:
    sender, receiver, position, fate = carry.sender, carry.receiver, carry.position, carry.fate
    match fate:
        case "lost":
            result: object = simulator.lose(sender, receiver, position)
        case "doubled":
            _wait_for(simulator, carry)
            result = simulator.double(sender, receiver)
        case "":
            _wait_for(simulator, carry)
            result = simulator.deliver(sender, receiver, position)
        case _:
            assert_never(fate)
    return result if isinstance(result, Refused) else None


def _wait_for(simulator: DealSimulator, carry: Carry) -> None:
    """Let time pass until the message is due; meanwhile no other arrives on its way."""
    channel = (carry.sender, carry.receiver)
    ready = [each for each in simulator.deliverable() if each.channel == channel]
    if carry.position < len(ready):
        simulator.advance_to(ready[carry.position].due_at, hold=channel)


def settle(simulator: DealSimulator) -> None:
    """Let messages arrive, each when it is due, until none is left that can.

    Raises:
        EndlessNewsError: Messages set each other off for ever.
    """
    for _ in range(_MOST_MESSAGES):
        ready = [(max(each.due_at, simulator.now), each) for each in simulator.deliverable()]
        if not ready:
            return
        at, message = min(ready, key=lambda pair: (pair[0], pair[1].number))
        simulator.advance_to(at)
        channel = [each for each in simulator.deliverable() if each.channel == message.channel]
        if message in channel:  # not when a time limit that was over on the way made it wait
            simulator.deliver(*message.channel, channel.index(message))
    raise EndlessNewsError(simulator.deal.name, "while it settled")
