"""A defect changes one thing of one order, names the rule it breaks, and spares the others."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import pytest

from orderflow.simulator.defects import Defects
from orderflow.simulator.history import Writer
from orderflow.simulator.workload import Walk
from tests.simulator.runs import space_of, viewed

ORDERS = 600


def orders_of(name: str, rate: float, seed: int = 3) -> list[list[dict[str, Any]]]:
    walk = Walk(space_of(name), seed)
    defects = Defects(viewed(name), rate, seed)
    texts = Writer(walk, defects=defects).jsonl(walk.histories(ORDERS))
    found = map(json.loads, texts)
    return [list(lines) for _, lines in groupby(found, lambda line: line["order_id"])]


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_a_broken_order_names_one_rule_and_the_others_are_as_they_were(name: str) -> None:
    sound, mixed = orders_of(name, 0), orders_of(name, 0.5)
    labels = [[line["defect"] for line in lines if "defect" in line] for lines in mixed]

    assert 0 < sum(map(bool, labels)) < ORDERS
    assert {len(found) for found in labels} == {0, 1}
    for before, after, label in zip(sound, mixed, labels, strict=True):
        assert (before == after) is not bool(label)
        assert [line["seq"] for line in after] == list(range(1, len(after) + 1))
        assert after[0]["value"] == before[0]["value"]


def test_no_rate_breaks_nothing_and_the_same_seed_breaks_the_same() -> None:
    assert not [line for lines in orders_of("seller", 0) for line in lines if "defect" in line]
    assert orders_of("seller", 0.3) == orders_of("seller", 0.3) != orders_of("seller", 0.3, 4)
