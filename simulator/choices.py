"""The few kinds of data an event can meaningfully come with, by name.

A choice such as ``part`` stands for all partial invoices: the canonical one is half of what is
left, a random run draws any amount in range. So a scenario can be short ("verify_invoice:part"),
and a finite search sees every kind of data without counting cents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orderflow.simulator.inputs import OUTPUT_EVENTS
from orderflow.simulator.order import Order

Draw = Callable[[int, int], int]
"""Returns a whole number between two bounds, both included."""

NONE = ""
"""The choice that brings no data."""

_FIXED: dict[str, dict[str, dict[str, object]]] = {
    "confirm_reservation": {"reserved": {"stock": "reserved"}, "gone": {"stock": "gone"}},
    "create_error": {
        "creation": {"cause": "creation"},
        "gateway": {"cause": "gateway"},
        "callback": {"cause": "callback"},
    },
    "notify_seller": {"inside": {"seller": "inside-window"}, "past": {"seller": "past-window"}},
    "seller_cancel": {"other": {"other_seller": True}, "alone": {"other_seller": False}},
    "update_tracking": {
        "number": {"number": "TRACK-1"},
        "movement": {"movement": "on its way"},
        "delivered": {"delivered": True},
    },
}


_TIMED = {"create_error": "callback"}


def timer_choice(event: str) -> str:
    """The data that *event* comes with when a timer fires it, see ``simulator.timer_data``."""
    return _TIMED.get(event, NONE)


def middle(low: int, high: int) -> int:
    """The canonical draw: half-way between the bounds."""
    return (low + high) // 2


def every_choice(event: str) -> tuple[str, ...]:
    """Names of all data *event* can ever come with, whatever the order is like.

    >>> every_choice("confirm_reservation")
    ('reserved', 'gone')
    """
    if event in _FIXED:
        return tuple(_FIXED[event])
    if event == "modify_order":
        return ("more", "less")
    if event == "add_return_invoice":
        return ("part", "rest", "over")
    if event not in OUTPUT_EVENTS:
        return ()
    return (
        "part",
        "rest",
        "over",
        *(("settled", "refused") if event == "add_invoice_full" else ()),
    )


def choices(event: str, order: Order) -> tuple[str, ...]:
    """Names of the data *event* can come with when the order is like this, usual ones first."""
    if event == "update_tracking" and any(o.finished for o in order.outputs):
        return ("number", "delivered")  # nothing moves a package that has arrived
    if event in _FIXED:
        return tuple(_FIXED[event])
    if event in OUTPUT_EVENTS:
        return _invoice_choices(event, order)
    if event == "add_return_invoice":
        left = order.invoiced - order.returned
        return (*(("part",) if left > 1 else ()), *(("rest",) if left > 0 else ()), "over")
    if event == "modify_order":
        return ("more", "less") if order.value > 1 else ("more",)
    return (NONE,)


def _invoice_choices(event: str, order: Order) -> tuple[str, ...]:
    if order.waiting:
        return ("settled", "refused") if event == "add_invoice_full" else (NONE,)
    left = order.value - order.invoiced
    rest = ("rest",) if left > 0 else ()
    part = ("part",) if left > 1 else ()
    usual = (*part, *rest) if event != "add_invoice_full" else (*rest, *part)
    return (*usual, "over", NONE)


def realise(event: str, choice: str, order: Order, draw: Draw = middle) -> dict[str, object]:
    """Return the data that *choice* stands for.

    Args:
        event: Event name.
        choice: One of :func:`choices`.
        order: The order as it is.
        draw: Picks amounts.

    Raises:
        ValueError: The choice does not exist for this event and order.
    """
    if choice == NONE:
        return {}
    possible = choices(event, order)
    if choice not in possible:
        known = ", ".join(name or "(none)" for name in possible)
        raise ValueError(f"{event} cannot come with {choice!r} here; it can with: {known}")
    return _meaning(event, choice, order, draw)


def name_of(event: str, data: Mapping[str, object], order: Order) -> str:
    """The first of :func:`choices` that *data* has all of, :data:`NONE` when there is none."""
    for name in choices(event, order):
        meant = {} if name == NONE else _meaning(event, name, order, middle)
        if meant and meant.items() <= data.items():
            return name
    return NONE


def _meaning(event: str, choice: str, order: Order, draw: Draw) -> dict[str, object]:
    if event in _FIXED:
        return dict(_FIXED[event][choice])
    if choice in {"settled", "refused"}:
        return {"settlement": choice}
    if event == "modify_order":
        return {"delta": cents(choice, order.value, draw)}
    returns = event == "add_return_invoice"
    left = order.invoiced - order.returned if returns else order.value - order.invoiced
    return {"value": cents(choice, left, draw)}


def cents(choice: str, left: int, draw: Draw = middle) -> int:
    """Cents that the amount called *choice* comes to.

    Args:
        choice: ``part``, ``rest`` or ``over`` of what is left, ``more`` or ``less`` than it.
        left: Cents not invoiced yet, or not returned, or the value of the order to be modified.
        draw: Picks the amount.

    Raises:
        KeyError: *choice* is not an amount.
    """
    low, high, sign = {
        "part": (1, left - 1, 1),
        "rest": (left, left, 1),
        "over": (max(left, 0) + 1, max(left, 0) + 100, 1),
        "more": (1, left, 1),
        "less": (1, left - 1, -1),
    }[choice]
    return sign * draw(low, high)
