"""What a flow is: the definitions as YAML, their model, loader, lint and timeline.

Names are loaded when they are first asked for, so that importing one part costs only that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.flows.deal import Deal, Link, Notice, Participant
    from orderflow.flows.deal_loader import (
        bundled_deal,
        bundled_deal_names,
        find_deal,
        load_deals,
        parse_deals,
    )
    from orderflow.flows.errors import FlowFileError, OrderflowError, Place, Problem
    from orderflow.flows.fault_loader import bundled_faults
    from orderflow.flows.faults import Fault, FaultBook
    from orderflow.flows.lint import lint_file
    from orderflow.flows.loader import bundled, bundled_names, find_flow, load_flow, parse_flow
    from orderflow.flows.model import ABSENT, INCOMPLETE, Flow, Profile, State, Timer, Transition
    from orderflow.flows.settings import Settings, defaults
    from orderflow.flows.timeline import Package, Shipment, StageView, Timeline

_HOMES = {
    "deal": ("Deal", "Link", "Notice", "Participant"),
    "deal_loader": (
        *("bundled_deal", "bundled_deal_names", "find_deal"),
        *("load_deals", "parse_deals"),
    ),
    "errors": ("FlowFileError", "OrderflowError", "Place", "Problem"),
    "fault_loader": ("bundled_faults",),
    "faults": ("Fault", "FaultBook"),
    "lint": ("lint_file",),
    "loader": ("bundled", "bundled_names", "find_flow", "load_flow", "parse_flow"),
    "model": ("ABSENT", "Flow", "INCOMPLETE", "Profile", "State", "Timer", "Transition"),
    "settings": ("Settings", "defaults"),
    "timeline": ("Package", "Shipment", "StageView", "Timeline"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # constants, classes, functions
    "ABSENT",
    "INCOMPLETE",
    "Deal",
    "Fault",
    "FaultBook",
    "Flow",
    "FlowFileError",
    "Link",
    "Notice",
    "OrderflowError",
    "Package",
    "Participant",
    "Place",
    "Problem",
    "Profile",
    "Settings",
    "Shipment",
    "StageView",
    "State",
    "Timeline",
    "Timer",
    "Transition",
    "bundled",
    "bundled_deal",
    "bundled_deal_names",
    "bundled_faults",
    "bundled_names",
    "defaults",
    "find_deal",
    "find_flow",
    "lint_file",
    "load_deals",
    "load_flow",
    "parse_deals",
    "parse_flow",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"orderflow.flows has no {name!r}")
    return getattr(import_module(f"orderflow.flows.{_HOME[name]}"), name)
