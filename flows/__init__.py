"""What a flow is: the definitions as YAML, their model, loader, lint and timeline.

Names are loaded when they are first asked for, so that importing one part costs only that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.flows.errors import FlowFileError, OrderflowError, Place, Problem
    from orderflow.flows.lint import lint_file
    from orderflow.flows.loader import bundled, bundled_names, find_flow, load_flow, parse_flow
    from orderflow.flows.model import ABSENT, INCOMPLETE, Flow, Profile, State, Timer, Transition
    from orderflow.flows.settings import Settings, defaults
    from orderflow.flows.timeline import Package, Shipment, StageView, Timeline

_HOMES = {
    "errors": ("FlowFileError", "OrderflowError", "Place", "Problem"),
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
    "Flow",
    "FlowFileError",
    "OrderflowError",
    "Package",
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
    "bundled_names",
    "defaults",
    "find_flow",
    "lint_file",
    "load_flow",
    "parse_flow",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"orderflow.flows has no {name!r}")
    return getattr(import_module(f"orderflow.flows.{_HOME[name]}"), name)
