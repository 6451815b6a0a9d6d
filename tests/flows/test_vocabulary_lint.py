"""The literal vocabulary of the stages is reported wherever it fails, under the right number."""

from collections import defaultdict
from typing import Any, cast

from orderflow.flows.statuses import catalogue
from orderflow.flows.timeline import document
from orderflow.flows.vocabulary_lint import vocabulary_lint


def findings() -> dict[str, list[str]]:
    found = defaultdict(list)
    for problem in vocabulary_lint():
        found[problem.check].append(problem.text)
    return dict(found)


def named(check: str) -> set[str]:
    """Statuses that a check reports, which stand in quotes at the start of its texts."""
    return {text.split("'")[1] for text in findings()[check] if text.startswith("'")}


def test_every_oddity_is_reported_in_the_order_of_its_number() -> None:
    checks = [problem.check for problem in vocabulary_lint()]

    assert list(dict.fromkeys(checks)) == [f"O-{number}" for number in range(1, 17)]


def test_only_one_oddity_is_stated_and_not_computed() -> None:
    oddities = cast("dict[str, Any]", document().data)["oddities"]

    told = [name for name, row in oddities.items() if row.get("told")]

    assert told == ["O-11"]


IN_NO_SET = """
    null on-order-completed-ffm order-accepted order-create-error order-creation-error
    waiting-for-authorization waiting-for-order-authorization payment-denied
    window-to-change-payment waiting-ffmt-authorization waiting-for-manual-authorization
    waiting-for-fulfillment waiting-for-mkt-authorization window-to-change-seller
    waiting-seller-handling start-handling ready-for-invoicing
    invoice-after-cancellation-deny request-cancel waiting-for-seller-decision
    cancellation-requested cancel canceled replaced
"""


def test_every_status_in_no_set_is_reported_once() -> None:
    fallen = [p.text.split("'")[1] for p in vocabulary_lint() if "falls through" in p.text]

    assert sorted(fallen) == sorted(IN_NO_SET.split())


def test_statuses_stand_under_the_oddity_of_their_place() -> None:
    assert named("O-1") == {"order-create-error", "order-creation-error"}
    assert named("O-2") == {"null"}
    assert "waiting-for-authorization" in named("O-3")
    assert "start-handling" in named("O-5")
    assert {"canceled", "payment-denied", "replaced", "cancel"} <= named("O-15")
    assert named("O-16") == {"order-completed", "release-to-fulfillment"}


def test_a_finding_names_the_stages_it_spoils() -> None:
    (text,) = findings()["O-2"]

    assert "2 (Payment approved), 3 (Package handled), 4 (Delivered to carrier)" in text
    assert "1 (" not in text


def test_the_misspelt_key_of_the_code_is_reported_with_what_it_hides() -> None:
    (text,) = findings()["O-4"]

    assert "'authorize-fullfilment'" in text
    assert "'authorize-fulfillment'" in text


def test_labels_of_the_help_center_are_compared() -> None:
    assert "'payment-approved' 'Payment approved'" in findings()["O-7"][0]
    assert len(findings()["O-7"]) == 1
    assert [text.split("'")[3] for text in findings()["O-14"]] == [
        "Delivering order",
        "In transit to carrier",
    ]


def test_every_finding_says_where_it_stands_and_how_to_read_it() -> None:
    for problem in vocabulary_lint():
        assert problem.place.file == "timeline.yaml"
        assert problem.place.line > 0
        assert "; read instead: " in problem.text
        assert "None" not in problem.text


def test_the_stages_use_21_strings_in_30_slots() -> None:
    stages = cast("dict[str, Any]", document().data)["stages"]
    ways = [stage.get(way, stage["delivery"]) for stage in stages for way in ("delivery", "pickup")]
    triggers = [told["trigger"] for way in ways for told in way.values()]

    assert len(triggers) == 30
    assert len(set(triggers)) == 21
    assert sum(trigger.startswith("order.state.") for trigger in set(triggers)) == 2


def test_help_center_names_lead_to_labels_of_the_stages() -> None:
    data = cast("dict[str, Any]", document().data)
    labels = {
        t["label"] for stage in data["stages"] for way in stage.values() for t in way.values()
    }
    invoiced = catalogue().statuses["invoiced"]

    assert set(data["help_center"]) == {
        invoiced.my_account,
        *(row.my_account for row in invoiced.further),
    }
    assert {label for known in data["help_center"].values() for label in known} <= labels
