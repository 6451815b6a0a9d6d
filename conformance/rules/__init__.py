"""The catalogue of rules: every A-rule by its id, and the profiles that group them.

Rules on several orders of one sale (A-28, A-38, A-53, A-58, A-65, A-69, A-70) and on chains
(section A.8) judge more than one record and are not in this catalogue.
"""

from __future__ import annotations

from difflib import get_close_matches

from orderflow.conformance.rule import Rule, UnknownRuleError
from orderflow.conformance.rules import (
    answers,
    authorization,
    cancellation,
    changes,
    finality,
    handling,
    invoices,
    packages,
    payment,
    shape,
)

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
)

RULES: dict[str, Rule] = {each.id: each for each in sorted(_MODULES, key=lambda rule: rule.id)}
"""Every rule by its id, in the order of the ids."""

CATALOGUE: tuple[Rule, ...] = tuple(RULES.values())
"""Every rule, in the order of the ids."""

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

PROFILES: dict[str, tuple[Rule, ...]] = {
    "seed": tuple(RULES[each] for each in _SEED),
    "audit": CATALOGUE,
}
"""Groups of rules by name. Source: domain fact sheet "Conformance rules", section C."""


def rule(id: str) -> Rule:  # noqa: A002 - the word the catalogue uses
    """Return a rule by its id.

    Raises:
        UnknownRuleError: There is no such rule.

    >>> rule("A-12").title
    'nothing follows canceled'
    """
    try:
        return RULES[id]
    except KeyError:
        raise UnknownRuleError(id, tuple(get_close_matches(id.upper(), RULES, n=2))) from None
