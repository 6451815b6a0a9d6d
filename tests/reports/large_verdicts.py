"""Verdicts too large for a page to tell all of them: many flows, all deals, many failures."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.verdict import Verdict
from orderflow.flows.model import Flow
from tests.reports.builders import NAMES, many_failures, verdict, view
from tests.reports.deals import DEALS, deals_verdict


def everything(per_flow: tuple[int, int, int, int]) -> Verdict:
    """Return a run of all flows and all deals with so many failures in each flow."""
    found = [many_failures(n, name) for n, name in zip(per_flow, NAMES, strict=True)]
    failures = tuple(failure for each in found for failure in each)
    told = verdict(failures)
    # what ships is asked for by its name
    flows = tuple(replace(each, source=each.name) for each in told.flows)
    return replace(told, flows=flows, deals=deals_verdict(names=DEALS).deals)


def ten_flows() -> tuple[Verdict, dict[str, Flow]]:
    """Return a run of ten flows of somebody's own, with 22 failures, and the flows."""
    names = [(f"{name}-{i}", name) for i in range(3) for name in NAMES][:10]
    flows = {
        own: replace(view(name), name=own, source=f"flows of mine/{own}.yaml")
        for own, name in names
    }
    failures = tuple(
        replace(failure, flow=own, identity=f"{failure.identity}/{own}")
        for i, (own, name) in enumerate(names)
        for failure in many_failures(2 + (i < 2), name)
    )
    command = f"orderflow check {' '.join(sorted(flows))} --seed 8271 --module picking"
    return replace(verdict(failures, flows=tuple(flows.values())), command=command), flows
