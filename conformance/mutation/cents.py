"""Guards that compare amounts, and what it takes to see one of them wrong by a cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderflow.flows.vocabulary import PREDICATES
from orderflow.simulator.choices import choices
from orderflow.simulator.guards import Guard, guard
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import Act

AWAY = {
    -1: "when a cent is missing",
    0: "when it comes out to the cent",
    1: "when it is a cent too much",
}
"""Amounts that a comparison may get wrong, as cents beyond its border, and in words."""

_CLOSEST = {"over": 0, "part": 100}
"""The percent at which an amount lies a cent beside all that is left, by choice."""

_FAR = 2
"""From so many cents beside a border on, it makes no difference how far an amount is."""


@dataclass(frozen=True)
class _Border:
    """The amount at which the answer to a question changes.

    Attributes:
        beyond: Cents by which an order is beyond it; negative below it.
        answers: The answer a cent below it, exactly there and a cent beyond it.
    """

    beyond: Callable[[Order], int]
    answers: tuple[str, str, str]


# Whether anything is invoiced at all asks for an invoice, and compares no amounts.
_BORDERS = {
    "invoiced": _Border(lambda o: o.invoiced - o.value, ("partial", "full", "over")),
    "returns": _Border(lambda o: o.returned - o.invoiced, ("within", "within", "above")),
}
"""The borders of those facts of an order that compare amounts, by fact."""


def wrong_at(predicate: str) -> dict[int, bool]:
    """Amounts at which *predicate* can be wrong by a cent, each with what it says then.

    An amount is told as cents beyond the border. Nothing for what compares no amounts.

    >>> wrong_at("not_over_invoiced"), wrong_at("paid")
    ({0: False, 1: True}, {})
    """
    known = PREDICATES[predicate]
    if known.fact not in _BORDERS:
        return {}
    answers = _BORDERS[known.fact].answers
    below, there, beyond = (answer in known.answers for answer in answers)
    found = {-1: not below, 0: not there, 1: not beyond}
    sides = {-1: below != there, 0: below != there or there != beyond, 1: there != beyond}
    return {cents: says for cents, says in found.items() if sides[cents]}


def cent_off(predicate: str, cents: int) -> Guard:
    """*predicate* as a system judges it that is wrong at one amount, see :func:`wrong_at`."""
    holds, says = guard(predicate), wrong_at(predicate)[cents]
    beyond = _BORDERS[PREDICATES[predicate].fact].beyond
    return lambda order: says if beyond(order) == cents else holds(order)


def beside(order: Order) -> tuple[int, ...]:
    """How far *order* is beyond each border: so much that a cent makes no difference, or less."""
    return tuple(max(-_FAR, min(_FAR, each.beyond(order))) for each in _BORDERS.values())


def closest(event: str, order: Order) -> tuple[Act, ...]:
    """Acts by which *event* comes with an amount a cent beside all that is left."""
    known = choices(event, order)
    return tuple(Act(event, each, _CLOSEST[each]) for each in known if each in _CLOSEST)
