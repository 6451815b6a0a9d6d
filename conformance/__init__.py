"""Judging: rules, invariants, exploration, shrinking, verdicts.

Names are loaded when they are first asked for, so that importing one part costs only that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.conformance.check import Subject
    from orderflow.conformance.explore import Budget
    from orderflow.conformance.judge import Judgement
    from orderflow.conformance.record import Evidence, Record, Step
    from orderflow.conformance.rules import RULES
    from orderflow.conformance.trace_file import load_trace, render_trace
    from orderflow.conformance.verdict import Failure, FlowVerdict, Verdict

_HOMES = {
    "check": ("Subject",),
    "explore": ("Budget",),
    "judge": ("Judgement",),
    "record": ("Evidence", "Record", "Step"),
    "rules": ("RULES",),
    "trace_file": ("load_trace", "render_trace"),
    "verdict": ("Failure", "FlowVerdict", "Verdict"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # constants, classes, functions
    "RULES",
    "Budget",
    "Evidence",
    "Failure",
    "FlowVerdict",
    "Judgement",
    "Record",
    "Step",
    "Subject",
    "Verdict",
    "load_trace",
    "render_trace",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"orderflow.conformance has no {name!r}")
    return getattr(import_module(f"orderflow.conformance.{_HOME[name]}"), name)
