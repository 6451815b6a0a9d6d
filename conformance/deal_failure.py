"""From something that broke in a sale to a failure a person can read: shrunk, told, repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from orderflow.conformance.deal_drive import (
    DealDone,
    DealDriver,
    DealTrouble,
    deal_trouble_in,
    run_deal,
)
from orderflow.conformance.deal_explore import Walk
from orderflow.conformance.deal_observe import Ground
from orderflow.conformance.deal_shrink import DealActs, DealShrinker
from orderflow.conformance.deal_trace import deal_trace_of, messages_of
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.drive import Start
from orderflow.conformance.explore import simplest_start
from orderflow.conformance.failure import about
from orderflow.conformance.prove_deal import NO_SALE, STANDSTILL, Divergence
from orderflow.conformance.rules import DEAL_RULES
from orderflow.conformance.rules import rule as any_rule
from orderflow.conformance.scenarios import changed, deal_replay_command
from orderflow.conformance.verdict import Failure
from orderflow.flows.model import ABSENT
from orderflow.simulator.deal_scenario import SETTLE, Carry, DealAct
from orderflow.simulator.scenario import Act, format_items

_ROOMY = 5
"""Messages for which a mailbox is large enough in every deal that ships."""

_RUN_ON = 20
"""Steps that platforms may take by themselves at the end of a sale."""


@dataclass(slots=True)
class DealSighting:
    """One distinct trouble and the shortest sale that showed it.

    Attributes:
        trouble: What broke.
        acts: The sale.
        start: How its orders began.
        seen: How often it was met.
        fault: What was switched on, empty for nothing.
    """

    trouble: DealTrouble
    acts: DealActs
    start: Start
    seen: int = 0
    fault: str = ""


def failure_of_deal(sighting: DealSighting, ground: Ground, ways: Ways, named: str) -> Failure:
    """Shrink what was seen and tell it.

    Args:
        sighting: The trouble and the sale that showed it.
        ground: What the sales of the deal share.
        ways: Ways through the deal.
        named: How a command line names the deal.
    """
    identity = sighting.trouble.identity
    start, acts = shrunk_deal(sighting, ground, ways)
    driver = run_deal(ground, acts, start)
    trouble = deal_trouble_in(driver, identity)
    if trouble is None:  # what the exhaustive search says, and no single run can show
        return tell_deal(sighting.trouble, driver, sighting=sighting, named=named)
    return tell_deal(trouble, driver, sighting=sighting, named=named)


def shrunk_deal(sighting: DealSighting, ground: Ground, ways: Ways) -> tuple[Start, DealActs]:
    """The shortest sale with the simplest orders that shows the trouble again."""
    identity, start = sighting.trouble.identity, sighting.start
    for simple in (Start(), Start(replaceable=start.replaceable)):
        shrinker = DealShrinker(ground, ways, identity, simple)
        if shrinker.fails(sighting.acts):
            return simple, shrinker.shrink(sighting.acts)
    shrinker = DealShrinker(ground, ways, identity, start)
    if not shrinker.fails(sighting.acts):
        return start, sighting.acts
    acts = shrinker.shrink(sighting.acts)

    def fails(other: Start) -> bool:
        return DealShrinker(ground, ways, identity, other).fails(acts)

    return simplest_start(fails, start, 0), acts


def tell_deal(
    trouble: DealTrouble, driver: DealDriver, *, sighting: DealSighting, named: str
) -> Failure:
    """Put a trouble and the sale that shows it into words."""
    deal, who = driver.ground.deal, trouble.participant
    title, kind, explanation, source = about(trouble.rule)
    place = trouble.transition or "-".join(filter(None, trouble.cell))
    found = Failure(
        identity=f"{trouble.rule}/{who}/{place}/{kind}",
        rule=trouble.rule,
        title=title,
        severity=trouble.severity,
        kind=kind,
        flow=deal.participant[who].flow.name if who else "",
        transition=trouble.transition,
        sentence=_sentence(trouble, deal.name),
        expected=trouble.expected,
        observed=trouble.observed,
        explanation=explanation,
        source=", ".join(source),
        trace=deal_trace_of(driver),
        shrunk_from=len(sighting.acts),
        seen=sighting.seen,
        expected_target="",
        replay="",
        deal=deal.name,
        participant=who,
        fault=sighting.fault,
    )
    return _repeatable(found, driver, named)


def _repeatable(failure: Failure, driver: DealDriver, named: str) -> Failure:
    """The same with all that is needed to see it again."""
    deal, settings, start = driver.ground.deal, driver.ground.settings, driver.start
    acts = tuple(done.act for done in driver.done)
    return replace(
        failure,
        replay=deal_replay_command(deal, acts, start, named, settings),
        acts=tuple(str(act) for act in acts),
        statuses=tuple(statuses_after(done) for done in driver.done),
        items=format_items(start.items),
        replaceable=start.replaceable,
        settings=changed(settings),
        participants=tuple((each.name, each.flow.name) for each in deal.participants),
        messages=messages_of(driver),
    )


def _sentence(trouble: DealTrouble, deal: str) -> str:
    observed = trouble.observed[:1].upper() + trouble.observed[1:]
    return f"{observed}; {trouble.expected} ({trouble.rule}, {deal} deal)."


def statuses_after(done: DealDone) -> str:
    """What an act led to: a status, or ``name=status`` of everybody where it is nobody's own."""
    act = done.act
    name = act.receiver if isinstance(act, Carry) else act.participant
    if name in done.statuses:
        return done.statuses[name]
    return " ".join(f"{each}={status}" for each, status in done.statuses.items())


def sighting_of(divergence: Divergence, ground: Ground, fault: str = "") -> DealSighting:
    """Play a counterexample of the exhaustive search in a real sale.

    Where the run does not show what the search found, the trouble says so.
    """
    driver = DealDriver(ground)
    whole = Walk(driver).follow(divergence.steps)
    count = len(driver.done)
    driver.judge()
    shown = _shown(divergence, driver)
    if shown is None and whole:
        _run_on(driver)
        shown = _shown(divergence, driver)
    start, acts = driver.start, tuple(done.act for done in driver.done)
    if shown is not None:
        return DealSighting(shown, acts[: shown.act], start, 1, fault)
    late = fault == "delayed"
    why = "no act holds up one message alone" if late else "a run of it takes another turn"
    return DealSighting(_unshown(divergence, driver, why), acts[:count], start, 1, fault)


def _shown(divergence: Divergence, driver: DealDriver) -> DealTrouble | None:
    """What a sale shows of a divergence: its rule, or one that says the same more precisely."""
    wanted = {divergence.upper, divergence.lower}
    folding = {rule.id for rule in DEAL_RULES if divergence.rule in rule.folds}
    own = [each for each in driver.troubles if each.participant in wanted]
    same = (each for each in own if each.rule == divergence.rule)
    finer = (each for each in own if each.rule in folding)
    return next(same, None) or next(finer, None)


def _run_on(driver: DealDriver) -> None:
    """Let those that news waits for go on, until none is under way.

    An exhaustive search looks at orders that go their own way without the others.
    """
    for _ in range(_RUN_ON):
        driver.act(DealAct("", Act(SETTLE)))
        act = next(filter(None, map(_next_step, _waiting(driver))), None)
        if act is None:
            return
        driver.act(act)


def _waiting(driver: DealDriver) -> Iterator[tuple[DealDriver, str]]:
    """Participants for which news waits."""
    yield from dict.fromkeys((driver, each.receiver) for each in driver.simulator.mailbox)


def _next_step(who: tuple[DealDriver, str]) -> DealAct | None:
    """The most usual thing that a platform does by itself where a document stands."""
    driver, name = who
    one, deal = driver.watched[name], driver.ground.deal
    place = one.place_of(one.document)
    for edge in () if place is None else driver.ground.spaces[name].out[place]:
        step = driver.ground.flow(name).transition[edge.transition]
        free = deal.takes(step) and not deal.is_told(deal.participant[name], step)
        if free and step.automatic and step.target not in {step.source, "cancel"}:
            return DealAct(name, Act(edge.event, edge.choice))
    return None


def _unshown(divergence: Divergence, driver: DealDriver, why: str) -> DealTrouble:
    """The trouble of a divergence that no rule shows in the run that was made of it."""
    names, deal = driver.ground.deal.names, driver.ground.deal
    stands = [
        f"{name} in {status}"
        for name, status in zip(names, divergence.statuses, strict=True)
        if status != ABSENT
    ]
    told = ", ".join(stands) or "nothing placed"
    if divergence.rule == STANDSTILL:
        observed = f"there is no way on to an end with {told}"
        if deal.mailbox < _ROOMY:
            observed += f"; its mailboxes hold {deal.mailbox}, and full ones can stop both sides"
        expected, severity = "every document can still end", "error"
    elif divergence.rule == NO_SALE:
        observed = f"no run gets {divergence.upper} any farther towards success than {told}"
        expected, severity = "a sale can succeed", "error"
    else:
        observed = f"an exhaustive search finds {told}"
        expected, severity = any_rule(divergence.rule).title, any_rule(divergence.rule).severity
        observed += f"; {why}"
    open_ended = [
        name
        for name, status in zip(names, divergence.statuses, strict=True)
        if status not in {ABSENT, *deal.participant[name].flow.final}
    ]
    who = divergence.lower or divergence.upper or next(iter(open_ended), names[0])
    cell = (dict(zip(names, divergence.statuses, strict=True))[who], "")
    count = len(driver.done)
    return DealTrouble(divergence.rule, severity, who, "", cell, count, observed, expected)
