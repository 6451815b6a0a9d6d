"""Orders brought to where a test wants them, by acts as one types them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import parse_acts, play
from orderflow.simulator.simulator import Refused, Simulator, new_order
from orderflow.simulator.space import Space, search

MODULES = ("picking", "wms", "change-payment")
VIEWS = [(name, profile) for name in bundled_names() for profile in Profile]
MINUTE, DAY = 60_000, 86_400_000

CREATED = "place_order complete_checkout open_flow seller_confirmed "
PAID = CREATED + "payment_approved "
WINDOW = {
    "seller": "place_order complete_checkout await_authorization authorize_dispatch "
    "confirm_reservation ",
    "complete": PAID + "authorize_dispatch confirm_reservation ",
}
READY = {name: acts + "grace_period_over " for name, acts in WINDOW.items()}
# Acts after which an invoice may be posted.
BILLABLE = {
    **{name: acts + "start_handling begin_preparation " for name, acts in READY.items()},
    "marketplace": PAID,
    "chain": CREATED + "authorize_mkt_order ",
}


@cache
def viewed(name: str, profile: Profile = Profile.DOCUMENTED) -> Flow:
    """A bundled flow with every optional module switched on."""
    return bundled(name).view(profile, MODULES)


@cache
def planned(name: str, profile: Profile = Profile.DOCUMENTED) -> Plan:
    return compile_plan(viewed(name, profile), defaults())


@cache
def space_of(name: str, profile: Profile = Profile.DOCUMENTED) -> Space:
    return search(viewed(name, profile), defaults())


def unplaced(
    name: str,
    profile: Profile = Profile.DOCUMENTED,
    *,
    value: int = 10_000,
    settings: Settings | None = None,
    **more: object,
) -> Simulator:
    """An order worth *value* cents before its placement."""
    order = new_order(viewed(name, profile), "o", (Item("item-1", 1, value),), **more)
    plan = planned(name, profile) if settings is None else None
    return Simulator(viewed(name, profile), order=order, plan=plan, settings=settings)


def started(
    name: str,
    acts: str,
    profile: Profile = Profile.DOCUMENTED,
    *,
    value: int = 10_000,
    settings: Settings | None = None,
) -> Simulator:
    """An order that went through *acts*, none of which was refused."""
    simulator = unplaced(name, profile, value=value, settings=settings)
    go(simulator, acts)
    return simulator


def error_of(call: Callable[[], object]) -> OrderflowError | None:
    """What *call* raises of our own errors, None when it succeeds."""
    try:
        call()
    except OrderflowError as error:
        return error
    return None


def go(simulator: Simulator, acts: str) -> str:
    """Play *acts*, none of which may be refused; return the status they lead to."""
    for act in parse_acts(acts):
        result = play(simulator, act)
        assert not isinstance(result, Refused), f"{act}: {result.reason}"
    return simulator.status
