"""Everything that is cited anywhere is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import PROFILES
from orderflow.flows.evidence import decisions, source, sources
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.statuses import catalogue

FLOWS = Path(__file__).resolve().parents[2] / "flows"
_DECISION = re.compile(r"D-\d\d")
_ROW = re.compile(r"[A-Z]\d\d")
"""A row of the transition tables, or of the links between documents."""


def cited() -> set[str]:
    """Source keys of flows, statuses and rules."""
    steps = [step for name in bundled_names() for step in bundled(name).transitions]
    keys = {key for step in steps for key in step.cites}
    keys |= {key for each in catalogue().statuses.values() for key in each.sources}
    keys |= {key for rule in PROFILES["audit"] for key in rule.source}
    keys |= {key for each in INVARIANTS.values() for key in each.source}
    return {key for key in keys if not (_DECISION.fullmatch(key) or _ROW.fullmatch(key))}


def named() -> set[str]:
    """Decisions that any bundled file names."""
    texts = (p.read_text("utf-8") for p in FLOWS.glob("*.yaml") if p.name != "decisions.yaml")
    return {name for text in texts for name in _DECISION.findall(text)}


@pytest.mark.parametrize("key", sorted(cited()))
def test_every_cited_source_is_explained(key: str) -> None:
    assert source(key).title


def test_every_decision_that_is_named_is_explained() -> None:
    rules = {key for rule in PROFILES["audit"] for key in rule.source if _DECISION.fullmatch(key)}

    assert named() | rules <= set(decisions())
    # about the feed and the calls between stores, of which no flow file speaks
    assert set(decisions()) - named() - rules == {"D-18", "D-25"}


@pytest.mark.parametrize("decision", decisions().values(), ids=lambda each: each.id)
def test_a_decision_asks_answers_and_says_why(decision: object) -> None:
    found = decisions()[decision.id]  # type: ignore[attr-defined]

    assert found.question.endswith("?")
    assert found.choice.endswith(".")
    assert found.why.endswith(".")


def test_a_key_that_nobody_knows_is_an_error() -> None:
    assert "xx-9" not in sources()
    with pytest.raises(KeyError):
        source("xx-9")
    with pytest.raises(KeyError):
        source("hc-flows")
