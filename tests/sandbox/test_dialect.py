"""Bodies are read as the standard library reads them, and written without blanks."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from orderflow.sandbox.dialect import DialectError, as_json, read_json, written

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")


@given(VALUES, st.sampled_from(ENCODINGS), st.booleans())
def test_a_body_is_read_as_the_standard_library_reads_it(
    value: object, encoding: str, ascii_only: bool
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode(encoding, "surrogatepass")

    assert repr(read_json(body)) == repr(json.loads(body))


@pytest.mark.parametrize(
    "body", [b"{", b"NaN", b'{"a": -Infinity}', b"\xff", b"[" * 100_000, b"1 2", b"'a'"]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(DialectError, match="not valid JSON"):
        read_json(body)


def test_half_a_character_is_read_and_written() -> None:
    value = read_json(b'{"a": "\xed\xa0\x80", "b": "\\ud800"}')

    assert value == {"a": "\ud800", "b": "\ud800"}
    assert written(value) == b'{"a":"\\ud800","b":"\\ud800"}'


@given(VALUES)
def test_what_is_written_reads_back(value: object) -> None:
    assert json.loads(written(value)) == value
    assert as_json(value).body == written(value)
