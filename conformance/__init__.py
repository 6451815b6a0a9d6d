"""Judging: rules, invariants, exploration, shrinking, verdicts.

Names are loaded when they are first asked for, so that importing one part costs only that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.conformance.check import DealTask, FlowTask
    from orderflow.conformance.covered import assert_covered
    from orderflow.conformance.deal_check import check_deal
    from orderflow.conformance.deal_record import DealRecord, Party
    from orderflow.conformance.explore import Budget
    from orderflow.conformance.hunt import hunt
    from orderflow.conformance.judge import Judgement
    from orderflow.conformance.judge_deal import DealJudgement, judge_deal
    from orderflow.conformance.prove_deal import prove_deal
    from orderflow.conformance.record import Evidence, Record, Step
    from orderflow.conformance.rules import DEAL_RULES, RULES
    from orderflow.conformance.trace_file import load_trace, render_trace
    from orderflow.conformance.vector import Vector
    from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict

_HOMES = {
    "check": ("DealTask", "FlowTask"),
    "covered": ("assert_covered",),
    "deal_check": ("check_deal",),
    "deal_record": ("DealRecord", "Party"),
    "explore": ("Budget",),
    "hunt": ("hunt",),
    "judge": ("Judgement",),
    "judge_deal": ("DealJudgement", "judge_deal"),
    "prove_deal": ("prove_deal",),
    "record": ("Evidence", "Record", "Step"),
    "rules": ("DEAL_RULES", "RULES"),
    "trace_file": ("load_trace", "render_trace"),
    "vector": ("Vector",),
    "verdict": ("DealVerdict", "Failure", "FlowVerdict", "Verdict"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # constants, classes, functions
    "DEAL_RULES",
    "RULES",
    "Budget",
    "DealJudgement",
    "DealRecord",
    "DealTask",
    "DealVerdict",
    "Evidence",
    "Failure",
    "FlowTask",
    "FlowVerdict",
    "Judgement",
    "Party",
    "Record",
    "Step",
    "Vector",
    "Verdict",
    "assert_covered",
    "check_deal",
    "hunt",
    "judge_deal",
    "load_trace",
    "prove_deal",
    "render_trace",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"orderflow.conformance has no {name!r}")
    return getattr(import_module(f"orderflow.conformance.{_HOME[name]}"), name)
