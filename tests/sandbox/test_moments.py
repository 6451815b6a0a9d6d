"""Dates have the form that every known client parses; all forms that clients send are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.sandbox.moments import iso, iso_or_null, moment

MILLISECONDS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
WHEN = int(datetime(2022, 11, 10, 7, 25, 43, tzinfo=UTC).timestamp()) * 1000


@given(MILLISECONDS)
def test_what_is_written_is_read_back_to_the_millisecond(ms: int) -> None:
    assert moment(iso(ms)) == ms


@given(MILLISECONDS)
def test_a_date_has_seven_fraction_digits_and_thirty_three_characters(ms: int) -> None:
    text = iso(ms)

    assert len(text) == 33
    assert text[19] == "."
    assert text[20:27].isdigit()
    assert text.endswith("+00:00")


def test_a_strict_client_parses_a_date_cut_to_microseconds() -> None:
    text = iso(WHEN + 7)

    parsed = datetime.strptime(f"{text[:26]}+00:00", "%Y-%m-%dT%H:%M:%S.%f%z")
    assert parsed == datetime(2022, 11, 10, 7, 25, 43, 7_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2022-11-10T07:25:43Z", 0),
        ("2022-11-10T07:25:43.000Z", 0),
        ("2022-11-10T07:25:43.999Z", 999),
        ("2022-11-10T07:25:43.9999999+00:00", 999),
        ("2022-11-10T04:25:43-03:00", 0),
        ("2022-11-10T07:25:43", 0),
        ("2022-11-10 07:25:43", 0),
        ("2022-11-10 07:25", -43_000),
        (" 2022-11-10 ", -(7 * 3600 + 25 * 60 + 43) * 1000),
    ],
)
def test_every_form_that_clients_send_is_read(text: str, after: int) -> None:
    assert moment(text) == WHEN + after


@pytest.mark.parametrize("text", ["", "today", "2022-13-01", "10/11/2022", "2022-11-10T25:00:00Z"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text)


def test_what_has_not_happened_is_null() -> None:
    assert iso_or_null(None) is None
    assert iso_or_null(0) == "1970-01-01T00:00:00.0000000+00:00"
