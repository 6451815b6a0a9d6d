"""Which faults a sandbox can switch on, where each strikes, and what may be said of it.

The modes themselves, with their sources, stand in the register ``flows/faults.yaml``, which
``orderflow faults`` lists. Those that change flows, deals or documents concern the orders that are
placed while they are on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from orderflow.flows.errors import did_you_mean
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.faults import FaultNotShownError
from orderflow.sandbox.fault_answers import CHANGES, INSTEAD
from orderflow.sandbox.fault_orders import deals_broken_by
from orderflow.sandbox.fault_part import Setting
from orderflow.sandbox.problems import ProblemsError
from orderflow.sandbox.routes import Route

_ORDERS = ("GET */orders", "GET */orders/{orderId}", "GET */order-group/{orderGroup}")
_DOCUMENTS = (*_ORDERS, "GET */document/{orderId}", "GET /api/orders/feed")
_LISTS = ("GET /api/oms/pvt/orders", "POST */extendsearch/orders")

_PLACES: Mapping[str, tuple[str, ...]] = {
    "handling.refused_400": ("POST */start-handling",),
    "answer.unknown_status": _DOCUMENTS,
    "answer.null_status": _DOCUMENTS,
    "answer.empty_arrays": (*_ORDERS[1:], "GET */document/{orderId}"),
    "answer.other_offset": _DOCUMENTS,
    "list.portuguese_description": (*_ORDERS, "GET */document/{orderId}", *_LISTS),
    "list.float_value": _LISTS,
    "list.no_paging": ("GET /api/oms/user/orders",),
    "list.delivery_flag_missing": _LISTS,
    "invoice.description_rewritten": ("GET */orders/{orderId}", "GET */document/{orderId}"),
    "return.double_subtract": ("POST */invoice", "POST */invoices"),
    "place.fmt010": ("POST /api/fulfillment/pvt/orders", "POST /api/order-integration/orders"),
}
"""Calls that a mode strikes when it cannot strike any."""

_ALWAYS = ("lasts",)
_COUNTED = ("orders", "chance", "after", "times", *_ALWAYS)
_INSIDE: Mapping[str, tuple[str, ...]] = {
    "feed.skips_versions": _COUNTED,
    "feed.duplicate": ("chance", *_ALWAYS),
    "feed.disorder": ("chance", *_ALWAYS),
    "feed.short_batch": ("chance", *_ALWAYS),
    "feed.same_status_twice": _COUNTED,
    "hook.from_orders_missing": _COUNTED,
    "hook.duplicate": _COUNTED,
    "hook.late": (*_COUNTED, "milliseconds"),
    "hook.wrong_origin": _COUNTED,
    "hook.unknown_status": _COUNTED,
    "hook.null_status": _COUNTED,
    "seller.answer_lost": _COUNTED,
    "list.stale_status": ("milliseconds", *_ALWAYS),
}
"""By mode that works inside the sandbox, what can be said of it."""

_LATE = frozenset({"http.apply_then_delay", "hook.late", "list.stale_status"})

_PAUSING = frozenset({"http.too_many"})


class FaultSettingError(ProblemsError):
    """A fault that cannot be switched on so."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One fault that can be switched on.

    Attributes:
        name: Its name.
        says: What goes wrong, in one sentence.
        sources: Ids of what tells of it.
        takes: What can be said of it when it is switched on.
        operations: Patterns of the calls it strikes; any when empty.
        decisions: What no source says of it.
    """

    name: str
    says: str
    sources: tuple[str, ...]
    takes: tuple[str, ...]
    operations: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()

    @property
    def deals(self) -> tuple[str, ...]:
        """Deals whose new orders it breaks, none for a mode that is not of flows and deals.

        Worked out when it is asked for: it takes every deal with every fault.
        """
        return deals_broken_by(self.name) if self.name in bundled_faults().faults else ()

    @property
    def is_of_answers(self) -> bool:
        """Whether it strikes calls as they are answered."""
        return self.name in INSTEAD or self.name in CHANGES


@cache
def modes() -> Mapping[str, Mode]:
    """Every fault that can be switched on, by name, in the order of the register."""
    book = bundled_faults()
    found = {
        name: Mode(
            name,
            fault.says,
            (*fault.faults, *fault.issues),
            _ALWAYS,
            decisions=fault.decisions,
        )
        for name, fault in book.faults.items()
        if not fault.news
    }
    for name, each in book.served.items():
        answers = name in INSTEAD or name in CHANGES
        late = ("milliseconds",) if name in _LATE else ()
        late = ("seconds",) if name in _PAUSING else late
        takes = ("operations", *_COUNTED, *late) if answers else _INSIDE[name]
        sources = (*each.faults, *each.issues)
        places = _PLACES.get(name, ())
        found[name] = Mode(name, each.says, sources, takes, places, each.decisions)
    return found


def chosen(name: str) -> tuple[Mode, ...]:
    """The mode of that name, or those of a profile that can be switched on.

    Raises:
        OrderflowError: There is none, or a sandbox cannot show it.
    """
    book, known = bundled_faults(), modes()
    if name in known:
        return (known[name],)
    if name in book.profiles:
        return tuple(known[each] for each in book.profiles[name] if each in known)
    if name in book.left_out:
        raise FaultNotShownError(book.left_out[name])
    if name in book.faults:
        why = "a sandbox delivers what documents of a sale tell each other as it should"
        raise FaultSettingError([f"{name} cannot be switched on: {why}"])
    every = (*known, *book.profiles)
    hint = did_you_mean(name, every) or f"; there are {', '.join(every)}"
    raise FaultSettingError([f"no fault {name!r}{hint}"])


def checked(mode: Mode, setting: Setting, said: Iterable[str], routes: Iterable[Route]) -> Setting:
    """*setting* with the calls it strikes.

    Args:
        mode: What is switched on.
        setting: How.
        said: Names of what was said of it.
        routes: Every operation of the platform.

    Raises:
        FaultSettingError: Tells everything that is wrong.
    """
    operations = tuple(operation(route) for route in routes)
    problems = [
        f"{mode.name} takes no {name}; it takes {', '.join(mode.takes)}"
        for name in said
        if name not in mode.takes
    ]
    problems += [_nowhere(each, mode, operations) for each in setting.operations]
    problems = [each for each in problems if each]
    if problems:
        raise FaultSettingError(problems)
    if setting.operations or mode.operations:
        asked = (setting.operations, mode.operations)
        struck = tuple(each for each in operations if all(_fits(each, own) for own in asked))
        return replace(setting, operations=struck)
    return setting


def operation(route: Route) -> str:
    """How a route is named: ``GET /api/oms/pvt/orders/{orderId}``."""
    return f"{route.method} {route.path}"


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, each) for each in patterns)


def _nowhere(pattern: str, mode: Mode, operations: tuple[str, ...]) -> str:
    """Why *pattern* names no call that *mode* strikes, empty when it names some."""
    own = [each for each in operations if _fits(each, mode.operations)]
    if any(fnmatchcase(each, pattern) for each in own):
        return ""
    hint = did_you_mean(pattern, own) or f"; there are {', '.join(own)}"
    return f"operations: {pattern!r} names no call that {mode.name} strikes{hint}"
