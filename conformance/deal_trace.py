"""A sale that was driven, as numbered steps of all its documents and the messages between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from orderflow.conformance.deal_drive import DealDone, DealDriver
from orderflow.conformance.failure import readable
from orderflow.conformance.observe import timeline_of
from orderflow.conformance.verdict import MessageTrace, TraceStep
from orderflow.simulator.clock import START
from orderflow.simulator.deal_scenario import Carry
from orderflow.simulator.message import DealEvent, Delivery, Lost, Sent
from orderflow.simulator.scenario import ADVANCE


def deal_trace_of(driver: DealDriver) -> tuple[TraceStep, ...]:
    """The acts played on the driver's sale as numbered steps, times counted from its beginning."""
    steps: list[TraceStep] = []
    for done in driver.done:
        for step in _steps_of(driver, done):
            steps.append(replace(step, number=len(steps) + 1))
    return tuple(steps)


def _steps_of(driver: DealDriver, done: DealDone) -> Iterator[TraceStep]:
    for entry in done.log:
        if isinstance(entry, DealEvent):
            yield _happened(driver, entry)
    if done.refused is not None:
        yield _refusal(done)
    elif not done.log and not isinstance(done.act, Carry) and done.act.act.event == ADVANCE:
        data = (("for", done.act.act.choice),)
        yield TraceStep(0, done.at - START, "clock", ADVANCE, "", "", data=data)


def _happened(driver: DealDriver, happened: DealEvent) -> TraceStep:
    event, name = happened.event, happened.participant
    document = driver.simulator.simulators[name].documents[event.seq - 1]
    statuses = driver.watched[name].statuses[: event.seq]
    stages = timeline_of(document, event.at, statuses).stages
    return TraceStep(
        0,
        event.at - START,
        event.actor,
        event.event,
        event.source,
        event.target,
        transition=event.transition,
        stage=max((stage.number for stage in stages if stage.slot != "todo"), default=0),
        data=readable(event.data),
        participant=name,
        cause=happened.message,
    )


def _refusal(done: DealDone) -> TraceStep:
    act = done.act
    refused = done.refused
    status = refused.status if refused is not None else ""
    if isinstance(act, Carry):
        name, event, choice = act.receiver, f"{act.sender}>{act.receiver}", str(act.fate)
    else:
        name, event, choice = act.participant, act.act.event, act.act.choice
    return TraceStep(
        0,
        done.at - START,
        "anyone",
        event,
        status,
        status,
        accepted=False,
        data=(("choice", choice),) if choice else (),
        participant=name,
    )


def messages_of(driver: DealDriver) -> tuple[MessageTrace, ...]:
    """The messages of the driver's sale, in the order they were sent."""
    numbers = _numbers(driver)
    found: dict[int, MessageTrace] = {}
    for entry in driver.simulator.log:
        if isinstance(entry, Sent):
            each = entry.message
            found[each.number] = MessageTrace(
                each.number,
                each.link,
                each.notice,
                each.sender,
                each.receiver,
                numbers.get(each.cause, 0),
                each.sent_at - START,
                "under way",
            )
        elif isinstance(entry, Lost):
            known = found[entry.message.number]
            if known.fate == "under way":
                found[known.number] = replace(known, fate="lost")
        elif isinstance(entry, Delivery):
            known = found[entry.message.number]
            found[known.number] = _arrived(known, entry, numbers)
    return tuple(found.values())


def _arrived(known: MessageTrace, delivery: Delivery, numbers: dict[int, int]) -> MessageTrace:
    """A message that has arrived, perhaps not for the first time."""
    heard = tuple(numbers[seq] for seq in delivery.events)
    if known.arrived_at < 0:
        return replace(known, fate=delivery.effect, arrived_at=delivery.at - START, heard=heard)
    fate = known.fate if delivery.effect == "ignored" else delivery.effect
    return replace(known, fate=fate, heard=(*known.heard, *heard), doubled=True)


def _numbers(driver: DealDriver) -> dict[int, int]:
    """By number of a step in the sale, its number in the trace."""
    found: dict[int, int] = {}
    count = 0
    for done in driver.done:
        for entry in done.log:
            if isinstance(entry, DealEvent):
                count += 1
                found[entry.seq] = count
        waited = not isinstance(done.act, Carry) and done.act.act.event == ADVANCE
        count += done.refused is not None or (not done.log and waited)
    return found
