"""Whatever is called in whatever order, an order's money adds up and a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from orderflow.sandbox.changes import Changes
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.store import Held
from tests.sandbox.changing import HOUR, SECOND, Desk, some
from tests.sandbox.outside_seller import broken_rules
from tests.sandbox.shop import ORDERS, invoice

SKUS = st.sampled_from(["sku-1", "sku-2", "sku-3"])
CENTS = st.one_of(st.integers(0, 2_000), st.integers(-1, 25_000))
ITEM = st.builds(lambda sku, n, price: some(sku, n, price=price), SKUS, st.integers(1, 3), CENTS)
GOES = st.builds(some, SKUS, st.sampled_from([1, 1, 1, 2, 0]))
FIELDS: list[dict[str, st.SearchStrategy[object]]] = [
    {"add": ITEM},
    {"remove": st.just(some("sku-1"))},
    {"remove": GOES},
    {"replace": st.lists(st.fixed_dictionaries({"from": GOES, "to": ITEM}), max_size=2)},
    {"manualDiscountValue": CENTS},
    {"manualIncrementValue": CENTS, "add": ITEM},
    {"add": ITEM, "remove": GOES, "manualDiscountValue": CENTS},
]
OPERATIONS = st.sampled_from(FIELDS)
CHANGE = OPERATIONS.flatmap(
    lambda fields: st.fixed_dictionaries({"reason": st.just("wanted"), **fields})
)
LEGACY = st.fixed_dictionaries(
    {
        "requestId": st.sampled_from(["a", "b", "c"]),
        "reason": st.sampled_from(["wanted", ""]),
        "discountValue": CENTS,
        "incrementValue": CENTS,
    }
)
STAGES = ("preparing", "waiting-acknowledgement", "waiting-confirmation", "canceling", "done")
WHAT: Mapping[str, st.SearchStrategy[object]] = {
    "change": CHANGE,
    "retry": st.one_of(st.none(), CHANGE),
    "cancel_change": st.just({"reason": "no"}),
    "legacy": LEGACY,
    "move": st.sampled_from((*STAGES, "done", "canceled")),
    "wait": st.sampled_from([0, SECOND, 3 * SECOND, HOUR, HOUR]),
    "invoice": st.sampled_from([1, 2]),
    "cancel_order": st.none(),
}
OFTEN = ["change"] * 5 + ["wait"] * 4 + ["move"] * 3 + ["retry", "cancel_change", "invoice"]
NAMES = st.sampled_from([*OFTEN, *OFTEN, "legacy", "cancel_order"])
ACTS = NAMES.flatmap(lambda name: st.tuples(st.just(name), WHAT[name]))


class Story:
    """An order and everything that is called about it; each document is looked at in between.

    Args:
        above: Whether the calls name the marketplace's document.
    """

    def __init__(self, *, above: bool = False) -> None:
        self.desk = Desk()
        seller = self.desk.handled()
        self.held = self.desk.market_of(seller) if above else seller
        self.count = 0

    def documents(self) -> tuple[Held, ...]:
        return self.desk.service.store.group(self.held.group)

    def seen(self) -> list[bytes]:
        """All that can be read of the sale."""
        found = []
        for each in self.documents():
            found.append(self.desk.call("GET", f"{ORDERS}/{each.order_id}").body)
            path = f"/_sandbox/orders/{each.order_id}/changes"
            found.append(self.desk.call("GET", path).body)
        return found

    def latest(self) -> str:
        known = self.desk.service.part(Changes).of(self.held)
        return known[-1].request_id if known else "none"

    def act(self, name: str, what: object) -> None:
        before = self.seen()
        given = self._called(name, what)
        if given is not None and given.status >= 400:
            assert self.seen() == before
        self.check()

    def _called(self, name: str, what: object) -> Answer | None:
        desk, held = self.desk, self.held
        if name == "wait":
            desk.service.advance(what if isinstance(what, int) else 0)
            return None
        calls: Mapping[str, Callable[[], Answer]] = {
            "change": lambda: desk.ask(held, what),
            "retry": lambda: desk.ask(held, what, f"/{self.latest()}/retry", "POST"),
            "cancel_change": lambda: desk.ask(held, what, f"/{self.latest()}/cancel", "POST"),
            "legacy": lambda: desk.call("POST", f"{ORDERS}/{held.order_id}/changes", what),
            "move": lambda: desk.put(held, self.latest(), str(what)),
            "invoice": lambda: self.invoiced(what if isinstance(what, int) else 1),
            "cancel_order": lambda: desk.call(
                "POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "no"}
            ),
        }
        return calls[name]()

    def invoiced(self, part: int) -> Answer:
        """An invoice of the whole rest, or of half of it."""
        self.count += 1
        cents = (self.held.order.value - self.held.order.invoiced) // part
        sent = invoice(cents, f"NF-{self.count}")
        return self.desk.call("POST", f"{ORDERS}/{self.held.order_id}/invoice", sent)

    def check(self) -> None:
        """The promises that hold after every call."""
        for each in self.documents():
            document = self.desk.document(each)
            items, totals = document["items"], self.desk.totals(each)
            assert isinstance(items, list)
            worth = sum(item["quantity"] * item["sellingPrice"] for item in items)
            assert document["value"] == each.order.value == sum(totals.values()) >= 0
            assert totals["Items"] == worth
            assert each.order.invoiced <= each.order.value
            assert len({item["uniqueId"] for item in items}) == len(items) > 0
        names = [self.desk.service.part(Changes).of(each) for each in self.documents()]
        assert sum(not change.is_over for changes in names for change in changes) <= 1


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(ACTS, min_size=6, max_size=20), st.sampled_from([False, False, False, True]))
def test_money_adds_up_and_refusals_change_nothing(
    acts: list[tuple[str, object]], above: bool
) -> None:
    story = Story(above=above)
    for name, what in acts:
        story.act(name, what)
    story.desk.service.advance(HOUR)

    story.check()
    assert [broken_rules(each) for each in story.documents()] == [(), ()]


def test_the_calls_of_the_model_reach_what_they_are_about() -> None:
    """Else the promises above would hold of orders to which nothing happens."""
    story = Story()
    story.act("change", {"reason": "x", "add": some("sku-3", 1, price=5)})
    story.act("move", "done")
    story.act("change", {"reason": "x", "remove": some("sku-1", 1)})
    story.act("wait", HOUR)
    story.act("invoice", 2)
    story.act("invoice", 1)

    stages = [change.stage for change in story.desk.service.part(Changes).of(story.held)]
    assert stages == ["done", "done"]
    assert story.held.status == "invoiced"
    assert story.held.order.value == 20_500 + 5 - 10_000
    assert len(story.held.order.invoices) == 2


def test_lines_that_do_not_follow_a_modification_are_noticed() -> None:
    story = Story()
    story.act("change", {"reason": "x", "remove": some("sku-1", 1)})
    story.act("wait", HOUR)
    ((seq, amendment),) = story.held.amendments.items()
    assert amendment.lines is not None
    story.held.amendments[seq] = replace(amendment, lines=amendment.lines[:1])
    story.desk.service.drawn.clear()  # no call did that

    with pytest.raises(AssertionError):
        story.check()
