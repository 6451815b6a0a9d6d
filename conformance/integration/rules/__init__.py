"""The catalogue of rules on integrations: every B-rule by its id."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.conformance.integration.rule import IntegrationRule, Part
from orderflow.conformance.integration.rules import (
    cancelling,
    changes,
    denying,
    every,
    feed,
    handling,
    hook,
    hook_work,
    invoices,
    marketplace,
    marketplace_news,
    news,
    pace,
    polling,
    repeating,
    seller,
    tracking,
)

_MODULES: tuple[IntegrationRule, ...] = (
    *feed.RULES,
    *news.RULES,
    *polling.RULES,
    *hook.RULES,
    *hook_work.RULES,
    *handling.RULES,
    *invoices.RULES,
    *cancelling.RULES,
    *denying.RULES,
    *tracking.RULES,
    *changes.RULES,
    *marketplace.RULES,
    *marketplace_news.RULES,
    *seller.RULES,
    *pace.RULES,
    *repeating.RULES,
    *every.RULES,
)

RULES: Mapping[str, IntegrationRule] = {
    each.id: each for each in sorted(_MODULES, key=lambda rule: rule.id)
}
"""Every rule by its id, in the order of the ids."""

PARTS: Mapping[Part, str] = {
    "feed": "who follows orders by the feed",
    "hook": "who receives notifications",
    "erp": "who handles and invoices orders",
    "marketplace": "a marketplace outside the platform",
    "seller": "a seller outside the platform",
    "every": "every client",
}
"""For whom the rules of a part are, in a few words."""
