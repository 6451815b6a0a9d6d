"""A small shop, and systems that do not do what it says, for the tests of learning."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from orderflow.conformance.drive import Start
from orderflow.conformance.learned_flow import Matter, matter_of
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.graph import graph_of
from orderflow.flows.loader import bundled, parse_flow
from orderflow.flows.model import Flow, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import Branch, Plan
from orderflow.simulator.space import search

SHOP = """\
flow: shop
title: Shop
initial: open
final: {success: [invoiced], failure: [canceled]}
states: {open: , handling: , invoice: , invoiced: , canceled: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: grace_period_over, to: handling, actor: timer}
  - {id: T3, from: handling, on: verify_invoice, to: invoice,
     when: [invoice_posted, not_over_invoiced]}
  - {id: T4, from: invoice, on: add_invoice_partial, to: handling, when: invoiced_partially}
  - {id: T5, from: invoice, on: add_invoice_full, to: invoiced, when: invoiced_fully}
  - {id: T6, from: [open, handling], on: cancel_order, to: canceled}
timers:
  - {in: open, after: cancellation_window, fires: grace_period_over}
"""

Branches = dict[tuple[str, str], tuple[Branch, ...]]


@cache
def matter(name: str = "shop", *, every: bool = False) -> Matter:
    return matter_of(graph_of(search(flow(name), defaults())), every=every)


def flow(name: str = "shop") -> Flow:
    return (parse_flow(SHOP) if name == "shop" else bundled(name)).view()


def sound(name: str = "shop") -> Inside:
    return Inside(matter(name).graph.space.plan, shows=None)


def wrong(name: str, edit: Callable[[Branches], object]) -> Inside:
    """A system whose plan was edited."""
    plan = matter(name).graph.space.plan
    branches = dict(plan.branches)
    edit(branches)
    return Inside(Plan(plan.flow, branches), shows=None)


def step(source: str, event: str, target: str) -> Callable[[Branches], object]:
    """A step that the system takes whatever comes with it."""

    def edit(branches: Branches) -> None:
        taken = Transition("X1", "X1", source, event, target)
        branches[source, event] = (Branch(taken, (), None),)

    return edit


class Spoilt:
    """A system whose answers are changed on the way; *spoil* sees how many there were before."""

    def __init__(self, inner: Inside, spoil: Callable[[int, Call, Answer], Answer]) -> None:
        self.inner, self.spoil, self.calls = inner, spoil, 0
        self.abilities = Abilities()

    def begin(self, start: Start) -> Answer:
        return self.inner.begin(start)

    def fire(self, call: Call) -> Answer:
        answer = self.spoil(self.calls, call, self.inner.fire(call))
        self.calls += 1
        return answer


def silent(answer: Answer) -> Answer:
    return Answer(Outcome.INDETERMINATE, "", f"no answer in time after {answer.outcome}")
