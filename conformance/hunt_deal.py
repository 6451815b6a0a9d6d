"""Hunts for what a fault breaks between the documents of a sale, and in each of them there.

An exhaustive search finds what documents can know of each other. What it cannot see, such as
cents, tampered documents and the rules on single orders, is looked for along the shortest ways to
everything the faulty deal can do.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Set
from dataclasses import replace
from typing import NamedTuple

from orderflow.conformance.deal_drive import AnyAct, DealDriver, DealTrouble
from orderflow.conformance.deal_explore import Walk
from orderflow.conformance.deal_failure import DealSighting, sighting_of, tell_deal
from orderflow.conformance.deal_observe import Ground, deal_record, ground_of, watch
from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import DealRule
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.drive import Start
from orderflow.conformance.faulty import FaultyDeal
from orderflow.conformance.judge import judge
from orderflow.conformance.judge_deal import judge_deal
from orderflow.conformance.prove_deal import NO_SALE, STANDSTILL, Divergence, prove_deal
from orderflow.conformance.record import Finding
from orderflow.conformance.rule import Rule
from orderflow.conformance.verdict import Failure
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import SETTLE, DealAct
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.scenario import Act
from orderflow.simulator.simulator import Refused, choose

NEAREST = 100_000
"""Configurations of a faulty deal that are visited: what it breaks, it breaks near the start."""

_MOST = 400_000
"""Configurations that are visited when messages go wrong, which may break something late."""

_RUN_ON = 20
"""Steps that platforms may take by themselves at the end of a sale."""

_SETTLED = DealAct("", Act(SETTLE))

Acts = tuple[AnyAct, ...]


class _Seen(NamedTuple):
    """Something that a sale was found to break.

    Attributes:
        trouble: What broke.
        acts: The sale.
        way: It was found on the way to something else, so there may be a shorter one.
    """

    trouble: DealTrouble
    acts: Acts
    way: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The rule, and the participant that breaks it."""
        return self.trouble.rule, self.trouble.participant


def hunt_deal(
    subject: FaultyDeal, settings: Settings, *, enough: Set[str] = frozenset()
) -> Iterator[Failure]:
    """Give what one faulty deal breaks, the nearest first.

    Args:
        subject: The deal.
        settings: Time limits.
        enough: Rules that are looked for; () for any.
    """
    bench = _Bench(subject, settings)
    best: dict[tuple[str, str], _Seen] = {}
    for seen in bench.found():
        if seen.key not in best or len(seen.acts) < len(best[seen.key].acts):
            best[seen.key] = seen
        if enough and enough <= {rule for rule, _ in best}:
            break
    for seen in sorted(best.values(), key=lambda each: len(each.acts)):
        yield bench.failure(seen)


def played_deal(subject: FaultyDeal, ground: Ground, acts: Acts) -> DealDriver:
    """Play *acts* on a new sale of a faulty deal; nothing is judged.

    Args:
        subject: The deal.
        ground: What its sales share.
        acts: What to play.
    """
    driver = _driver(subject, ground)
    for act in acts:
        driver.act(act)
    return driver


def _driver(subject: FaultyDeal, ground: Ground) -> DealDriver:
    driver = DealDriver(ground, judged=False)
    driver.begin(Start())
    for simulator in driver.simulator.simulators.values():
        simulator.tamper = subject.tamper
    return driver


def broken_in(driver: DealDriver, reference: Ground) -> tuple[DealTrouble, ...]:
    """What the driver's sale breaks as it stands, in the eyes of a sound deal."""
    simulator = driver.simulator
    watched = watch(simulator, reference)
    found = [
        _trouble(driver, name, rule, finding)
        for name, one in watched.items()
        if one.steps
        for rule, finding in judge(one.record(simulator.now)).findings
    ]
    sale = judge_deal(deal_record(simulator, reference, watched))
    found += [_trouble(driver, each.party, rule, each) for rule, each in sale.findings]
    return tuple(found)


def _trouble(
    driver: DealDriver, name: str, rule: Rule | DealRule, finding: Finding | DealFinding
) -> DealTrouble:
    events = driver.simulator.simulators[name].events
    event = events[finding.step] if events else None
    severity = rule.mild if finding.mild and rule.severity == "error" else rule.severity
    return DealTrouble(
        rule.id,
        severity,
        name,
        event.transition if event else "",
        (event.source, event.event) if event else (ABSENT, ""),
        len(driver.done),
        finding.observed,
        finding.expected,
    )


def _by_itself(driver: DealDriver) -> DealAct | None:
    """The next step that a platform takes by itself and that goes on, None when there is none."""
    sale = driver.simulator
    for name in sale.simulators:
        for event in sale.accepts(name):
            step = _step_of(sale, name, event)
            if step and step.automatic and step.target not in {step.source, "cancel"}:
                return DealAct(name, Act(event))
    return None


def _step_of(sale: DealSimulator, name: str, event: str) -> Transition | None:
    """The step that an event with the usual data would take, None when it would be refused."""
    one = sale.simulators[name]
    known = choices(event, one.order)
    data = realise(event, NONE if NONE in known else known[0], one.order)
    try:
        chosen = choose(one.plan, one.order, event, data, sale.now)
    except EventDataError:
        return None
    return None if isinstance(chosen, Refused) else chosen.taken.transition


class _Bench:
    """Plays sales of a faulty deal and of the sound one."""

    def __init__(self, subject: FaultyDeal, settings: Settings) -> None:
        self.subject, self.settings = subject, settings
        self.ground = ground_of(subject.deal, settings)
        self.sound = ground_of(subject.reference, settings)

    def found(self) -> Iterator[_Seen]:
        """Give everything that breaks, what the search finds first."""
        subject = self.subject
        if subject.is_altered or subject.fault.news:
            most = _MOST if subject.fault.news else NEAREST
            search = prove_deal(
                subject.deal, self.settings, faults=subject.news, prompt=True, limit=most
            )
            for divergence in search.divergences:
                if divergence.rule != NO_SALE:  # that no sale succeeds follows from the others
                    yield from self._played(divergence)
        people = subject.fault.overlays.keys() - set(bundled_names())
        if subject.tamper is not None or people:
            yield from self._on_the_ways()

    def _played(self, divergence: Divergence) -> Iterator[_Seen]:
        """Play what the search found.

        That nothing can end, no run can show, nor that news is slower than a time limit: these are
        told as the search saw them.
        """
        driver = _driver(self.subject, self.ground)
        Walk(driver).follow(divergence.steps)
        acts = tuple(done.act for done in driver.done)
        pair = {divergence.upper, divergence.lower}
        there = [each for each in broken_in(driver, self.sound) if each.participant in pair]
        told = [each for each in there if each.rule == divergence.rule]
        beyond = divergence.rule == STANDSTILL or self.subject.news.delayed
        if told or (beyond and not there):  # else a rule that says more took the place of this one
            yield _Seen(told[0] if told else self._searched(divergence), acts)

    def _searched(self, divergence: Divergence) -> DealTrouble:
        """What the search found, as no run can show it."""
        trouble = sighting_of(divergence, self.ground).trouble
        if not self.subject.news.delayed:
            return trouble
        pairs = zip(self.subject.deal.names, divergence.statuses, strict=True)
        stands = ", ".join(f"{name} is in {status}" for name, status in pairs if status != ABSENT)
        return replace(trouble, observed=f"when news is slower than a time limit, {stands}")

    def _on_the_ways(self) -> Iterator[_Seen]:
        ways = Ways(self.ground)
        every = sorted((ways.from_start(goal) or () for goal in ways.spots), key=len)
        for way in every:
            driver = _driver(self.subject, self.ground)
            Walk(driver).follow(way)
            yield from self._broken_only_here(driver)
            driver.act(_SETTLED)
            yield from self._broken_only_here(driver)
            for _ in range(_RUN_ON):
                act = _by_itself(driver)
                if act is None or driver.act(act).refused:
                    break
                driver.act(_SETTLED)
                yield from self._broken_only_here(driver)

    def _broken_only_here(self, driver: DealDriver) -> Iterator[_Seen]:
        acts = tuple(done.act for done in driver.done)
        troubles = broken_in(driver, self.sound)
        usual = self._usual(acts) if troubles else frozenset()
        for trouble in troubles:
            if (trouble.rule, trouble.participant) not in usual:
                yield _Seen(trouble, acts, way=True)

    def _usual(self, acts: Acts) -> frozenset[tuple[str, str]]:
        """What a sound sale breaks when the same is done to it."""
        driver = DealDriver(self.sound, judged=False)
        for act in acts:
            driver.act(act)
        return frozenset((one.rule, one.participant) for one in broken_in(driver, self.sound))

    def _shows(self, seen: _Seen, acts: Acts) -> _Seen | None:
        """What was seen as *acts* show it, None when they do not."""
        driver = played_deal(self.subject, self.ground, acts)
        if any(done.refused for done in driver.done):
            return None
        for trouble in broken_in(driver, self.sound):
            if (trouble.rule, trouble.participant) == seen.key:
                return _Seen(trouble, acts, way=True)
        return None

    def _shortened(self, seen: _Seen) -> _Seen:
        """Leave out one act after another, as long as the rest shows the same."""
        place = len(seen.acts)
        while place:
            place -= 1
            shorter = self._shows(seen, (*seen.acts[:place], *seen.acts[place + 1 :]))
            if shorter is not None:
                seen, place = shorter, min(place, len(shorter.acts))
        return seen

    def failure(self, seen: _Seen) -> Failure:
        """Tell what was seen."""
        length, fault = len(seen.acts), self.subject.fault
        seen = self._shortened(seen) if seen.way else seen
        driver = played_deal(self.subject, self.ground, seen.acts)
        sighting = DealSighting(seen.trouble, seen.acts, driver.start, 1, fault.name)
        named = self.subject.reference.name
        told = tell_deal(seen.trouble, driver, sighting=sighting, named=named)
        identity = f"{told.identity}/{fault.name}"
        if fault.news:  # the acts themselves say what goes wrong, but for a delay no run can make
            return replace(
                told, identity=identity, replay="" if fault.news == "delayed" else told.replay
            )
        replay = f"orderflow replay --fault {shlex.quote(fault.name)} "
        told = replace(told, identity=identity, shrunk_from=length)
        return replace(told, replay=told.replay.replace("orderflow replay ", replay, 1))
