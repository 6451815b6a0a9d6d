"""Hunts for what a fault breaks: every rule that detects it, each with a shortest scenario.

The faulty flow or deal says what can happen, the sound one what is right. Whatever is found is
played again before it is reported, on the faulty system, where it has to show, and on the sound
one, where it must not.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace

from orderflow.conformance.check import Sighting
from orderflow.conformance.drive import Driver, Start, Trouble
from orderflow.conformance.failure import tell
from orderflow.conformance.faulty import FaultyFlow, deal_subject, flow_subject
from orderflow.conformance.hunt_deal import hunt_deal
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import completes, record_of, without_stuck
from orderflow.conformance.prove import Counterexample, prove, resting
from orderflow.conformance.record import Finding
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import DEAL_RULES
from orderflow.conformance.verdict import Failure
from orderflow.flows.faults import Fault
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import LONGEST, Settings
from orderflow.simulator.scenario import ADVANCE, Act, duration
from orderflow.simulator.space import Space, search

NEAREST = 6_000
"""Situations of a faulty flow that are visited. What it breaks, it breaks near its beginning."""

_WAY_OUT = "I-10"

_ON_SALES = frozenset(rule.id for rule in DEAL_RULES)

Progress = Callable[[str], None]
"""Told in a few words what is going on."""

Acts = tuple[Act, ...]


def _quiet(_: str) -> None:
    pass


def hunt(  # noqa: PLR0913  # all but the fault and the settings have defaults
    fault: Fault,
    settings: Settings,
    *,
    profile: Profile = Profile.DOCUMENTED,
    modules: tuple[str, ...] = (),
    flows: Iterable[str] | None = None,
    deals: Iterable[str] | None = None,
    enough: Set[str] = frozenset(),
    progress: Progress = _quiet,
) -> tuple[Failure, ...]:
    """Return what a fault breaks, one failure for each rule and flow or participant.

    Args:
        fault: The fault.
        settings: Time limits.
        profile: Profile of the flows.
        modules: Modules that are switched on, in the flows that have them.
        flows: Flows to look at, of those that show it; all of them when None.
        deals: Deals to look at, of those that show it; all of them when None.
        enough: Rules that are looked for: once all are found, what is left is not visited.
            () for any.
        progress: Told what is going on.

    Raises:
        FaultPlaceError: One of the flows or deals does not show the fault.
    """
    found: list[Failure] = []
    for name in fault.flows if flows is None else flows:
        progress(f"{fault.name}: {name} flow")
        left = enough - {each.rule for each in found} - _ON_SALES
        flow = flow_subject(fault, name, profile=profile, modules=modules)
        found += hunt_flow(flow, settings, enough=left)
    for name in fault.deals if deals is None else deals:
        if enough and enough <= {each.rule for each in found}:
            break
        progress(f"{fault.name}: {name} deal")
        deal = deal_subject(fault, name, profile=profile, modules=modules)
        found += hunt_deal(deal, settings, enough=enough)
    return tuple(found)


def hunt_flow(
    subject: FaultyFlow, settings: Settings, *, enough: Set[str] = frozenset()
) -> Iterator[Failure]:
    """Give what one faulty flow breaks, the nearest first.

    Args:
        subject: The flow.
        settings: Time limits.
        enough: Rules that are looked for; () for any.
    """
    space = search(subject.flow, settings)
    waits = _waits(settings)
    proof = prove(
        space,
        settings,
        reference=subject.reference,
        tamper=subject.tamper,
        enough=enough,
        patience=waits[-1],
        limit=NEAREST,
    )
    bench = _Bench(subject, space, settings)
    told: set[str] = set()
    for found in _without_echoes(proof.counterexamples):
        if found.rule in told:
            continue
        for acts in _shorter(found.acts, waits):
            failure = bench.failure(replace(found, acts=acts))
            if failure is not None:
                told.add(found.rule)
                yield failure
                break


def _waits(settings: Settings) -> tuple[int, ...]:
    """How long to let an order wait so that some limit is surely over, the shortest first."""
    names = [name for name, _ in settings.items() if name.startswith("stuck_")]
    limits = (settings.milliseconds(name) for name in (*names, "marketplace_authorization"))
    return tuple(sorted({min(2 * limit, LONGEST) for limit in limits if limit}))


def _shorter(acts: Acts, waits: tuple[int, ...]) -> Iterator[Acts]:
    """Give *acts* with each wait it may end with, the shortest first."""
    if acts[-1].event != ADVANCE:
        yield acts
        return
    for wait in waits:
        yield (*acts[:-1], Act(ADVANCE, duration(wait)))


def _without_echoes(found: Iterable[Counterexample]) -> tuple[Counterexample, ...]:
    """What was found, without invariants that only repeat what a rule says of the same step."""
    every = tuple(found)
    told = {each.transition for each in every if not each.rule.startswith("I-")}
    return tuple(
        each
        for each in every
        if not each.rule.startswith("I-") or each.rule == _WAY_OUT or each.transition not in told
    )


class _Bench:
    """Plays scenarios on a faulty flow and on the sound one."""

    def __init__(self, subject: FaultyFlow, space: Space, settings: Settings) -> None:
        self.subject, self.space, self.settings = subject, space, settings
        self.sound = search(subject.reference, settings)

    def failure(self, found: Counterexample) -> Failure | None:
        """Tell a counterexample; None when the faulty system does not show it, or the sound does.

        An invariant is taken from the search, which looked at every step.
        """
        start = Start(replaceable=self.space.orders[found.root].replaceable)
        driver = played(self.subject, self.space, self.settings, found.acts, start)
        trouble = self._searched(driver, found)
        if not found.rule.startswith("I-"):
            seen = [each for each in broken_by(driver, self._reference) if each.rule == found.rule]
            if not seen or self._is_usual(found, start):
                return None
            trouble = seen[0]
        sighting = Sighting(trouble, found.acts, start, 1)
        named = self.subject.reference.name
        told = tell(trouble, driver, found.acts, sighting=sighting, named=named)
        return _of_fault(told, self.subject.fault)

    @property
    def _reference(self) -> Flow:
        return self.subject.reference

    def _is_usual(self, found: Counterexample, start: Start) -> bool:
        """Whether the sound flow breaks the rule as well.

        Where something takes a sound order on, it does not wait as the faulty one does.
        """
        driver = Driver(self.sound, self.settings, judged=False)
        driver.begin(start)
        for act in found.acts:
            if act.event == ADVANCE and driver.place not in resting(self.sound):
                return False
            driver.act(act)
        return any(each.rule == found.rule for each in broken_by(driver, self._reference))

    def _searched(self, driver: Driver, found: Counterexample) -> Trouble:
        step = self.subject.flow.transition[found.transition]
        cell, place = (step.source, step.event), len(driver.steps) - 1
        told = found.observed, found.expected
        return Trouble(found.rule, found.severity, found.transition, cell, place, *told)


def played(
    subject: FaultyFlow, space: Space, settings: Settings, acts: Acts, start: Start
) -> Driver:
    """Play *acts* on a new order of a faulty flow; nothing is judged."""
    driver = Driver(space, settings, judged=False)
    driver.begin(start)
    driver.simulator.tamper = subject.tamper
    for act in acts:
        driver.act(act)
    return driver


def broken_by(driver: Driver, reference: Flow) -> tuple[Trouble, ...]:
    """What the driver's order breaks in the eyes of a sound flow.

    Time counts where it was let pass at the end.
    """
    if not driver.steps:
        return ()
    waited = driver.done[-1].act.event == ADVANCE
    record = record_of(
        reference,
        driver.simulator.order,
        driver.steps,
        dict(driver.settings.items()) if waited else without_stuck(driver.settings),
        driver.simulator.now,
        completes=completes(reference),
    )
    return tuple(_trouble(driver, rule, finding) for rule, finding in judge(record).findings)


def _trouble(driver: Driver, rule: Rule, finding: Finding) -> Trouble:
    number = finding.step if finding.step >= 0 else len(driver.steps) - 1
    event = driver.simulator.events[number]
    cell, severity = (event.source, event.event), rule.severity_of(finding)
    told = finding.observed, finding.expected
    return Trouble(rule.id, severity, event.transition, cell, number, *told)


def _of_fault(failure: Failure, fault: Fault) -> Failure:
    """Return *failure* as what a fault caused."""
    replay = f"orderflow replay --fault {shlex.quote(fault.name)} "
    return replace(
        failure,
        identity=f"{failure.identity}/{fault.name}",
        fault=fault.name,
        replay=failure.replay.replace("orderflow replay ", replay, 1),
    )
