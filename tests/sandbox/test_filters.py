"""Configurations are read as real clients write them, and refused as the platform refuses them."""

import pytest

from orderflow.sandbox.feed_config import (
    QueueSettings,
    config_remarks,
    parse_config,
    parse_handles,
    parse_lot,
)
from orderflow.sandbox.filters import (
    Filter,
    FilterError,
    FromOrders,
    FromWorkflow,
    filter_body,
    parse_filter,
    remarks,
)

EXPRESSION = 'status = "invoiced" and origin="Fulfillment"'
ACCEPTED: tuple[tuple[object, Filter], ...] = (
    (None, FromWorkflow()),
    ({}, FromWorkflow()),
    ({"type": "FromWorkflow", "status": ["handling"]}, FromWorkflow(("handling",))),
    ({"status": ["handling"]}, FromWorkflow(("handling",))),  # without a type
    ({"Type": "fromworkflow", "STATUS": ["typo"]}, FromWorkflow(("typo",))),
    ({"type": "FromWorkflow", "expression": "", "disableSingleFire": False}, FromWorkflow()),
    ({"type": "FromOrders", "expression": EXPRESSION}, FromOrders(EXPRESSION)),
    ({"type": "FromOrders", "expression": EXPRESSION, "status": []}, FromOrders(EXPRESSION)),
    (
        {"type": "FromOrders", "expression": EXPRESSION, "disableSingleFire": True},
        FromOrders(EXPRESSION, single_fire=False),
    ),
    ({"expression": "value > 100"}, FromOrders("value > 100")),
)
REFUSED: tuple[tuple[object, int, str], ...] = (
    ({"type": "FromOrders", "expression": "a", "status": ["handling"]}, 409, "goes with"),
    ({"type": "FromWorkflow", "expression": "a"}, 409, "goes with"),
    ({"expression": "a", "status": ["handling"]}, 409, "goes with"),
    ({"type": "FromOrders", "status": ["handling"]}, 409, "goes with"),
    ({"type": "FromOrders"}, 400, "expression is needed"),
    ({"type": "FromOrders", "expression": 5}, 400, "expression is needed"),
    ({"type": "FromOrders", "expression": "status ="}, 400, "cannot be read.*character 8"),
    ({"type": "FromOrders", "expression": "a", "disableSingleFire": "no"}, 400, "true or false"),
    ({"type": "FromOrder"}, 400, "FromWorkflow or FromOrders"),
    ({"type": ["FromOrders"]}, 400, "FromWorkflow or FromOrders"),
    ({"status": "handling"}, 400, "list of texts"),
    ({"status": [None]}, 400, "list of texts"),
    ("FromWorkflow", 400, "must be an object"),
    ([], 400, "must be an object"),
)


@pytest.mark.parametrize(("body", "wanted"), ACCEPTED)
def test_a_filter_is_read_in_any_spelling(body: object, wanted: Filter) -> None:
    assert parse_filter(body) == wanted


@pytest.mark.parametrize(("body", "http", "text"), REFUSED)
def test_a_wrong_filter_is_refused_for_its_reason(body: object, http: int, text: str) -> None:
    with pytest.raises(FilterError, match=text) as refused:
        parse_filter(body)

    assert (refused.value.http, refused.value.message) == (http, str(refused.value))


@pytest.mark.parametrize("wanted", [wanted for _, wanted in ACCEPTED])
def test_a_filter_reads_back_from_its_own_body(wanted: Filter) -> None:
    assert parse_filter(filter_body(wanted)) == wanted


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"type": "FromWorkflow", "status": ["handling"]}, ()),
        (None, ()),
        ({"status": ["handling"]}, ("type is missing",)),
        (
            {"type": "FromWorkflow", "status": ["handeling"], "disableSingleFire": False},
            ("means nothing", "did you mean 'handling'"),
        ),
    ],
)
def test_what_is_odd_is_remarked_and_accepted(body: object, texts: tuple[str, ...]) -> None:
    found = remarks(body)

    assert len(found) == len(texts)
    assert all(text in remark for text, remark in zip(texts, found, strict=True))


@pytest.mark.parametrize("name", ["Message", "message"])
def test_a_configuration_is_read_in_both_spellings(name: str) -> None:
    queue = {"visibilityTimeoutInSeconds": 30, f"{name}RetentionPeriodInSeconds": 1_209_600}

    assert parse_config({"filter": {"type": "FromWorkflow"}, "queue": queue}) == (
        QueueSettings(30, 1_209_600),
        FromWorkflow(),
    )
    assert parse_config({"queue": QueueSettings(30, 1_209_600).body()})[0].retention_seconds > 1e6


def test_an_empty_configuration_gets_the_defaults() -> None:
    assert parse_config({}) == (QueueSettings(240, 345_600), FromWorkflow())


@pytest.mark.parametrize("wrong", [29, 86_401, "60", 60.5, True, [], 10**400])
def test_a_visibility_beyond_its_limits_is_refused(wrong: object) -> None:
    with pytest.raises(FilterError, match=r"visibilityTimeoutInSeconds .* 30 to 86400") as refused:
        parse_config({"queue": {"visibilityTimeoutInSeconds": wrong}})

    assert refused.value.http == 400


@pytest.mark.parametrize("wrong", [345_599, 1_209_601])
def test_a_retention_beyond_its_limits_is_refused(wrong: int) -> None:
    with pytest.raises(FilterError, match="345600 to 1209600"):
        parse_config({"queue": {"MessageRetentionPeriodInSeconds": wrong}})


def test_a_visibility_that_was_refused_once_is_remarked() -> None:
    def configured(seconds: int) -> tuple[str, ...]:
        queue = {"visibilityTimeoutInSeconds": seconds}
        return config_remarks({"filter": {"type": "FromWorkflow"}, "queue": queue})

    assert configured(43_200) == ()
    assert "43200" in configured(43_201)[0]


@pytest.mark.parametrize(("text", "lot"), [("1", 1), ("10", 10), (" 05 ", 5)])
def test_a_lot_is_read(text: str, lot: int) -> None:
    assert parse_lot(text) == lot


@pytest.mark.parametrize("text", [None, "", "0", "11", "-1", "ten", "1.0", "٣", "9" * 5000])
def test_a_wrong_lot_is_refused(text: str | None) -> None:
    with pytest.raises(FilterError, match="from 1 to 10") as refused:
        parse_lot(text)

    assert refused.value.http == 400


def test_handles_are_read() -> None:
    assert parse_handles({"Handles": ["a", "b"]}) == ("a", "b")


@pytest.mark.parametrize("handles", [None, [], "a", [1], ["a"] * 11, [["a"]]])
def test_wrong_handles_are_refused(handles: object) -> None:
    with pytest.raises(FilterError, match="1 to 10") as refused:
        parse_handles({"handles": handles})

    assert refused.value.http == 400
