"""Orders moving through flows: document, guards, clock, machine, workload.

Names are loaded when they are first asked for, so that importing one part costs only that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.simulator.clock import START, Clock
    from orderflow.simulator.deal import DealSimulator
    from orderflow.simulator.deal_scenario import parse_deal_acts, play_deal
    from orderflow.simulator.deal_workload import DealWalk
    from orderflow.simulator.errors import EventDataError, RefusedEventError
    from orderflow.simulator.events import Event
    from orderflow.simulator.message import DealEvent, Delivery, Message
    from orderflow.simulator.order import Invoice, Item, Order
    from orderflow.simulator.scenario import Act, parse_acts, play
    from orderflow.simulator.simulator import Refused, Simulator, new_order
    from orderflow.simulator.space import Space, search
    from orderflow.simulator.workload import Walk

_HOMES = {
    "clock": ("Clock", "START"),
    "deal": ("DealSimulator",),
    "deal_scenario": ("parse_deal_acts", "play_deal"),
    "deal_workload": ("DealWalk",),
    "errors": ("EventDataError", "RefusedEventError"),
    "events": ("Event",),
    "message": ("DealEvent", "Delivery", "Message"),
    "order": ("Invoice", "Item", "Order"),
    "scenario": ("Act", "parse_acts", "play"),
    "simulator": ("Refused", "Simulator", "new_order"),
    "space": ("Space", "search"),
    "workload": ("Walk",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # constants, classes, functions
    "START",
    "Act",
    "Clock",
    "DealEvent",
    "DealSimulator",
    "DealWalk",
    "Delivery",
    "Event",
    "EventDataError",
    "Invoice",
    "Item",
    "Message",
    "Order",
    "Refused",
    "RefusedEventError",
    "Simulator",
    "Space",
    "Walk",
    "new_order",
    "parse_acts",
    "parse_deal_acts",
    "play",
    "play_deal",
    "search",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"orderflow.simulator has no {name!r}")
    return getattr(import_module(f"orderflow.simulator.{_HOME[name]}"), name)
