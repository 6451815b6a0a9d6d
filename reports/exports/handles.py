"""What other formats call a status or an event: its own name where they allow it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orderflow.flows.model import ABSENT, Flow

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""What every format takes: a name of XML without colon. Source: XML Names 1.0, NCName."""

NO_ORDER = "no-order"
"""Handle of the status of an order that has not been placed."""

_SHOWN = 80
"""Characters of a name that a picture shows, and of the longest handle."""


def handles(names: Iterable[str], *, kind: str = "status") -> dict[str, str]:
    """Give each name a handle that is a name in XML, too, and unlike all others.

    Args:
        names: The names, of which those that can be are their own handles.
        kind: Begins the handles of the others.

    >>> handles(["(none)", "handling", "in transit"])
    {'(none)': 'no-order', 'handling': 'handling', 'in transit': 'status-3'}
    """
    distinct = tuple(dict.fromkeys(names))
    taken = {name for name in distinct if len(name) <= _SHOWN and _NAME.fullmatch(name)}
    found: dict[str, str] = {}
    for place, name in enumerate(distinct, 1):
        found[name] = name if name in taken else _free(name, f"{kind}-{place}", taken)
        taken.add(found[name])
    return found


def _free(name: str, numbered: str, taken: set[str]) -> str:
    handle = NO_ORDER if name == ABSENT else numbered
    while handle in taken:
        handle += "-"
    return handle


def status_names(flow: Flow) -> tuple[str, ...]:
    """Every status of *flow* once, in its order; first the one of no order, when steps leave it."""
    ends = [name for step in flow.transitions for name in (step.source, step.target)]
    known = dict.fromkeys((*(state.name for state in flow.states), *ends))
    first = [ABSENT] if known.pop(ABSENT, ABSENT) is None else []
    return (*first, *known)


def spelled(text: str) -> str:
    r"""Spell out what cannot be seen: control characters, marks of direction, halves of pairs.

    >>> print(spelled("paid\x07\u202e"))
    paid\x07\u202e
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def shown(text: str) -> str:
    """Return *text* as a picture shows it: spelled out, and its end left out when it is long."""
    visible = spelled(text[: _SHOWN + 1])
    return visible if len(visible) <= _SHOWN else f"{visible[: _SHOWN - 1]}…"
