"""The catalogue of rules: every A-rule by its id, and the profiles that group them.

Most rules judge the history of one order: those are :data:`CATALOGUE`. The :data:`DEAL_RULES`
judge the histories of all orders of one sale side by side.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, TypedDict

from orderflow.conformance.rule import Rule, UnknownRuleError
from orderflow.conformance.rules import (
    answers,
    authorization,
    cancellation,
    chain,
    changes,
    deals,
    events,
    finality,
    handling,
    invoices,
    packages,
    payment,
    shape,
)

if TYPE_CHECKING:
    from orderflow.conformance.deal_rule import DealRule, Example

_MODULES = (
    *shape.RULES,
    *finality.RULES,
    *payment.RULES,
    *authorization.RULES,
    *handling.RULES,
    *invoices.RULES,
    *packages.RULES,
    *cancellation.RULES,
    *answers.RULES,
    *changes.RULES,
    *chain.RULES,
    *events.RULES,
)

RULES: dict[str, Rule] = {each.id: each for each in sorted(_MODULES, key=lambda rule: rule.id)}
"""Every rule on one order by its id, in the order of the ids."""

CATALOGUE: tuple[Rule, ...] = tuple(RULES.values())
"""Every rule on one order, in the order of the ids."""

DEAL_RULES: tuple[DealRule, ...] = tuple(
    sorted((*deals.RULES, *chain.DEAL_RULES), key=lambda rule: rule.id)
)
"""Every rule on the orders of one sale, in the order of the ids."""

_BOTH: tuple[Rule | DealRule, ...] = (*CATALOGUE, *DEAL_RULES)
_EVERY = {each.id: each for each in sorted(_BOTH, key=lambda rule: rule.id)}

EXAMPLES: dict[str, Example] = {
    **chain.EXAMPLES,
    **{each.id: each.example for each in DEAL_RULES},
}
"""By the id of a rule, a history that breaks it, for the rules that are explained by one."""

_SEED = (
    *("A-04", "A-05", "A-12", "A-14", "A-20", "A-29"),
    *("A-39", "A-41", "A-54", "A-56", "A-64"),
)

_DOCUMENT = (
    *("A-10", "A-25", "A-26", "A-39", "A-40", "A-46", "A-49", "A-50"),
    *("A-52", "A-60", "A-66", "A-78", "A-79", "A-80", "A-81"),
)
DOCUMENT_RULES: tuple[Rule, ...] = tuple(RULES[each] for each in _DOCUMENT)
"""Rules on what the document says at one moment. The others look at the history only: what breaks
them once stays broken, and the finding tells at which step."""


class Profiles(TypedDict):
    """Groups of rules by name.

    Attributes:
        seed: The first ones, which judge one order.
        audit: All of them.
    """

    seed: tuple[Rule, ...]
    audit: tuple[Rule | DealRule, ...]


PROFILES: Profiles = {
    "seed": tuple(RULES[each] for each in _SEED),
    "audit": tuple(_EVERY.values()),
}
"""Groups of rules by name. Source: domain fact sheet "Conformance rules", section C."""


def rule(id: str) -> Rule | DealRule:  # noqa: A002 - the word the catalogue uses
    """Return a rule by its id, be it on one order or on a sale.

    Raises:
        UnknownRuleError: There is no such rule.

    >>> rule("A-12").title, rule("A-65").title
    ('nothing follows canceled', 'both sides end')
    """
    try:
        return _EVERY[id]
    except KeyError:
        raise UnknownRuleError(id, tuple(get_close_matches(id.upper(), _EVERY, n=2))) from None
