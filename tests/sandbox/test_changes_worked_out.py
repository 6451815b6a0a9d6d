"""What a modification makes of an order's lines: units, prices, places and identities."""

from __future__ import annotations

import pytest

from orderflow.sandbox.changes_amendment import Line
from orderflow.sandbox.changes_asked import ChangeRequest, Operation, Wanted, read_request
from orderflow.sandbox.changes_worked_out import Outcome, Standing, work_out

LINES = (Line("a", "A", 2, 1_000), Line("b", "B", 1, 500), Line("a", "C", 1, 900))


def outcome(*operations: Operation, compensates: bool = True) -> Outcome:
    return work_out(
        Standing(LINES, "home", "m-1", compensates), ChangeRequest("x", tuple(operations))
    )


def shown(found: Outcome) -> list[tuple[str, str, int, int]]:
    """(SKU, identity, units, price) of each line; a new identity is called ``new``."""
    known = {line.unique_id for line in LINES}
    return [
        (line.id, line.unique_id if line.unique_id in known else "new", line.quantity, line.price)
        for line in found.lines
    ]


def replaced(goes: Wanted, *comes: Wanted) -> Operation:
    return Operation("replace", (goes,), comes)


def test_units_that_go_leave_the_line_where_it_is() -> None:
    found = outcome(Operation("remove", (Wanted("a", 1, "A"),)))

    assert shown(found) == [("a", "A", 1, 1_000), ("b", "B", 1, 500), ("a", "C", 1, 900)]
    assert found.items == found.total == -1_000


def test_a_line_goes_with_its_last_unit() -> None:
    assert shown(outcome(Operation("remove", (Wanted("b", 1),)))) == [
        ("a", "A", 2, 1_000),
        ("a", "C", 1, 900),
    ]


def test_units_of_the_same_price_join_their_line() -> None:
    found = outcome(Operation("add", comes=(Wanted("b", 2),)))

    assert shown(found)[1] == ("b", "B", 3, 500)
    assert found.steps[0].comes[0].unique_id == "B"


def test_another_price_makes_another_line() -> None:
    assert shown(outcome(Operation("add", comes=(Wanted("b", 2, price=400),))))[3:] == [
        ("b", "new", 2, 400)
    ]


@pytest.mark.parametrize(
    ("comes", "line", "kind"),
    [
        (Wanted("b", 4), ("b", "B", 4, 500), "QuantityChange"),
        (Wanted("b", 1, price=450), ("b", "B", 1, 450), "PriceChange"),
        (Wanted("b", 1, multiplier=0.5), ("b", "B", 1, 500), "WeightChange"),
        (Wanted("c", 1), ("c", "new", 1, 500), "ItemReplacement"),
    ],
)
def test_a_replacement_takes_the_place_of_what_it_replaces(
    comes: Wanted, line: tuple[object, ...], kind: str
) -> None:
    found = outcome(replaced(Wanted("b", 1), comes))

    assert shown(found)[1] == line
    assert found.steps[0].type == kind


def test_half_a_line_may_be_replaced_and_the_rest_keeps_its_identity() -> None:
    found = outcome(replaced(Wanted("a", 1, "A"), Wanted("a", 1, price=800)))

    assert sorted(shown(found)) == [
        ("a", "A", 1, 1_000),
        ("a", "C", 1, 900),
        ("a", "new", 1, 800),
        ("b", "B", 1, 500),
    ]


def test_two_new_lines_have_two_identities() -> None:
    found = outcome(
        replaced(Wanted("b", 1), Wanted("b", 1, price=1), Wanted("b", 1, price=2)),
        Operation("add", comes=(Wanted("d", 1), Wanted("e", 1))),
    )

    assert len({line.unique_id for line in found.lines}) == len(found.lines) == 6


def test_a_weight_moves_the_price_of_a_unit_and_not_the_nominal_one() -> None:
    found = outcome(replaced(Wanted("b", 1), Wanted("b", 2, multiplier=0.75)))
    line = found.lines[1]

    assert (line.price, line.selling_price, line.value) == (500, 375, 750)
    assert found.items == 250


def test_what_nobody_knows_the_price_of_costs_as_much_as_the_sample_item() -> None:
    assert outcome(Operation("add", comes=(Wanted("z", 1),))).items == 10_000


def test_shipping_costs_more_unless_it_is_compensated() -> None:
    body: dict[str, object] = {
        "reason": "x",
        "add": {
            "items": [{"id": "b", "quantity": 1}],
            "shippingData": {
                "logisticsInfo": [
                    {
                        "itemIndex": 0,
                        "selectedSla": "Normal",
                        "selectedDeliveryChannel": "pickup-in-point",
                        "addressId": "home",
                        "price": 70,
                    }
                ]
            },
        },
    }
    asked = read_request(body)
    dear = work_out(Standing(LINES, "home", "m-1", compensates=False), asked)
    free = work_out(Standing(LINES, "home", "m-1", compensates=True), asked)

    assert (dear.total, free.total) == (570, 500)
    assert dear.lines[-1].channel == "pickup-in-point"


def test_manual_values_of_items_and_of_the_request_add_up() -> None:
    item = {"id": "b", "quantity": 1, "manualDiscountValue": 3, "manualIncrementValue": 1}
    asked = read_request(
        {"reason": "x", "add": [{"items": [item]}, {"items": [item]}], "manualDiscountValue": 10}
    )
    found = work_out(Standing(LINES, "home", "m-1", compensates=True), asked)

    assert (found.discount, found.increment) == (16, 2)
    assert dict(found.moved) == {"Items": 1_000, "Discounts": -14, "Shipping": 0}
    assert found.total == 986
