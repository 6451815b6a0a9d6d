"""``orderflow replay --deal``: play the acts of a sale, show them side by side, and judge them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from orderflow.cli.replayed import Played, Replayed, Wrong, differences, lines_of
from orderflow.cli.way_out import is_dead_end
from orderflow.conformance.deal_drive import AnyAct, DealDone, DealDriver, DealTrouble, run_deal
from orderflow.conformance.deal_failure import statuses_after
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.deal_trace import deal_trace_of, messages_of
from orderflow.conformance.trace_file import TraceFile
from orderflow.conformance.verdict import Failure
from orderflow.flows.deal import Deal
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.loader import load_events
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import Settings
from orderflow.reports.columns import sequence
from orderflow.simulator.choices import NONE, every_choice
from orderflow.simulator.deal_scenario import Carry
from orderflow.simulator.scenario import EARLY, Act

WAY_OUT = "I-10"
"""Invariant that every document can still end."""

Place = Callable[[int], object]
"""Where the act of a number stands, for a message."""


def play_deal(trace: TraceFile, deal: Deal, settings: Settings) -> Replayed:
    """Play the acts of *trace* and judge them."""
    if trace.fault:
        from orderflow.cli.replay_fault import play_faulty_deal

        driver, troubles = play_faulty_deal(trace, deal, settings)
    else:
        driver = run_deal(ground_of(deal, settings), trace.deal_acts, trace.start)
        troubles = tuple(driver.troubles)
    troubles += _dead_end(driver, {trouble.rule for trouble in troubles})
    steps = tuple(_step(done) for done in driver.done)
    wrong = (*differences(steps, trace.statuses), *map(_wrong_of, troubles))
    conforms = not any(each.severity == "error" for each in wrong)
    told = (*_refusals(steps, driver), *lines_of(wrong, trace.rule))
    end = (_ended(deal, driver),) if conforms else ()
    return Replayed(
        conforms,
        (*_columns(deal, driver), "", *told, *end),
        steps,
        wrong,
        tuple(driver.simulator.statuses.items()),
        trace=deal_trace_of(driver),
        messages=messages_of(driver),
    )


def _step(done: DealDone) -> Played:
    told = "" if done.refused is None else done.refused.reason
    return Played(str(done.act), statuses_after(done), done.refused is None, told)


def _wrong_of(trouble: DealTrouble) -> Wrong:
    who = "" if trouble.rule == WAY_OUT else trouble.participant
    told = trouble.observed, trouble.expected, trouble.rule
    return Wrong(trouble.severity, trouble.act, *told, participant=who)


def refuse_unknown_acts(trace: TraceFile, deal: Deal, place: Place) -> None:
    """Raise for acts that no sale of *deal* knows; those merely refused are played.

    Raises:
        OrderflowError: Tells every such act.
    """
    wrong = [
        f"{place(number)}: {told}"
        for number, act in enumerate(trace.deal_acts)
        for told in _wrong(deal, trace.deal, act)
    ]
    if wrong:
        raise OrderflowError("\n".join(wrong))


def _wrong(deal: Deal, word: str, act: AnyAct) -> Iterator[str]:
    if isinstance(act, Carry):
        ways = [f"{one}>{other}" for one, other in deal.channels]
        asked = f"{act.sender}>{act.receiver}"
        if asked not in ways:
            yield f"no news goes {asked} in {word}; it goes {', '.join(ways)}"
    elif act.participant in deal.participant:
        yield from _wrong_event(deal.participant[act.participant].flow, act.act)
    elif act.participant:
        hint = did_you_mean(act.participant, deal.names) or f"; it has {', '.join(deal.names)}"
        yield f"{act.participant!r} has no part in {word}{hint}"


def _wrong_event(flow: Flow, act: Act) -> Iterator[str]:
    refused = (refusal.event for refusal in flow.refusals)
    known = {*flow.events, *refused, *load_events()}
    offered = {NONE, EARLY, *every_choice(act.event)}
    if act.event not in known:
        hint = did_you_mean(act.event, sorted(known))
        yield f"{act.event!r} is not an event of {flow.name}{hint}"
    elif act.choice not in offered:
        names = ", ".join(sorted(offered - {NONE}))
        yield f"{act.event} never comes with {act.choice!r}; it may: {names}"


def _dead_end(driver: DealDriver, broken: set[str]) -> tuple[DealTrouble, ...]:
    """What is wrong when no way leads on to an end of the sale; () when one does."""
    if WAY_OUT in broken or not driver.done or not is_dead_end(driver):
        return ()
    statuses = driver.simulator.statuses.items()
    stands = ", ".join(f"{name} in {status}" for name, status in statuses if status != ABSENT)
    observed = f"there is no way on to an end with {stands or 'nothing placed'}"
    last = next(reversed(driver.simulator.statuses))
    told = observed, "every document can still end"
    return (DealTrouble(WAY_OUT, "error", last, "", ("", ""), len(driver.done), *told),)


def _ended(deal: Deal, driver: DealDriver) -> str:
    """Where the documents stand, in words."""
    statuses = {name: s for name, s in driver.simulator.statuses.items() if s != ABSENT}
    stands = [f"{name} stands in {status}" for name, status in statuses.items()]
    mail = len(driver.simulator.mailbox)
    if mail:
        stands.append(f"{mail} message{'s' * (mail != 1)} under way")
    over = not mail and all(s in deal.participant[n].flow.final for n, s in statuses.items())
    word = "conforms" if over else "conforms so far"
    return f"{word}: {', '.join(stands) or 'nothing has been placed'}"


def _columns(deal: Deal, driver: DealDriver) -> list[str]:
    """The sequence, without the mark for a last step that broke something."""
    return [
        f"   {line[3:].replace('✕', '●', 1)}" if line.startswith("  ✕") else line
        for line in sequence(_as_failure(deal, driver))
    ]


def _as_failure(deal: Deal, driver: DealDriver) -> Failure:
    """The sale in the form in which sequences are drawn."""
    return Failure(
        *("", "", "", "", "", "", "", "", "", "", "", ""),
        trace=deal_trace_of(driver),
        shrunk_from=0,
        seen=1,
        expected_target="",
        replay="",
        deal=deal.name,
        participants=tuple((each.name, each.flow.name) for each in deal.participants),
        messages=messages_of(driver),
    )


def _refusals(steps: Iterable[Played], driver: DealDriver) -> Iterator[str]:
    for step, done in zip(steps, driver.done, strict=True):
        if done.refused is not None:
            yield f"{step.act} is refused in {done.refused.status}: {step.told}"
