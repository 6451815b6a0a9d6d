"""Replays with a known defect switched on: what happens is the faulty system's, what is right not.

Rules judge by the sound flow or deal. Invariants say of the faulty one what they say of every flow,
such as that a way out remains.
"""

from __future__ import annotations

from orderflow.conformance.deal_drive import DealDriver, DealTrouble
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.drive import Driver, Trouble
from orderflow.conformance.faulty import deal_subject, flow_subject
from orderflow.conformance.hunt_deal import broken_in
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import completes, record_of, without_stuck
from orderflow.conformance.trace_file import TraceFile
from orderflow.flows.deal import Deal
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.scenario import ADVANCE
from orderflow.simulator.space import search


def play_faulty_flow(
    trace: TraceFile, flow: Flow, settings: Settings
) -> tuple[Driver, tuple[Trouble, ...]]:
    """Play *trace* on *flow* with its fault; return the order and what broke.

    Raises:
        OrderflowError: There is no such fault, or it changes nothing of the flow.
    """
    fault = bundled_faults().fault(trace.fault)
    subject = flow_subject(fault, flow.name, profile=trace.profile, modules=trace.modules)
    driver = Driver(search(subject.flow, settings), settings)
    driver.begin(trace.start)
    driver.simulator.tamper = subject.tamper
    for act in trace.acts:
        driver.act(act)
    found = tuple(each for each in driver.troubles if _is_invariant(each.rule))
    return driver, (*found, *_broken_rules(driver, subject.reference))


def _broken_rules(driver: Driver, sound: Flow) -> tuple[Trouble, ...]:
    """What the rules say of the order. Time counts where it was let pass at the end."""
    settings, simulator = driver.settings, driver.simulator
    waited = bool(driver.done) and driver.done[-1].act.event == ADVANCE
    limits = dict(settings.items()) if waited else without_stuck(settings)
    known = completes(sound)
    record = record_of(sound, simulator.order, driver.steps, limits, simulator.now, completes=known)
    found = []
    for rule, finding in judge(record).findings if driver.steps else ():
        number = finding.step if finding.step >= 0 else len(driver.steps) - 1
        event = simulator.events[number]
        severity, cell = rule.severity_of(finding), (event.source, event.event)
        told = finding.observed, finding.expected
        found.append(Trouble(rule.id, severity, event.transition, cell, number, *told))
    return tuple(found)


def play_faulty_deal(
    trace: TraceFile, deal: Deal, settings: Settings
) -> tuple[DealDriver, tuple[DealTrouble, ...]]:
    """Play *trace* on *deal* with its fault; return the sale and what broke.

    Raises:
        OrderflowError: There is no such fault, or it changes nothing of the deal.
    """
    fault = bundled_faults().fault(trace.fault)
    subject = deal_subject(fault, deal.name, profile=trace.profile, modules=trace.modules)
    driver = DealDriver(ground_of(subject.deal, settings))
    driver.begin(trace.start)
    for simulator in driver.simulator.simulators.values():
        simulator.tamper = subject.tamper
    for act in trace.deal_acts:
        driver.act(act)
    found = tuple(each for each in driver.troubles if _is_invariant(each.rule))
    return driver, (*found, *broken_in(driver, ground_of(subject.reference, settings)))


def _is_invariant(rule: str) -> bool:
    return rule.startswith("I-")
