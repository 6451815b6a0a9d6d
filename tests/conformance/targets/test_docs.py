"""docs/subjects.md says what is so: its mappings are read, and its tables are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from orderflow.conformance.subjects import mapping_file
from orderflow.conformance.subjects.mapping import Ask, outcome_of
from orderflow.conformance.subjects.mapping_file import parse_mapping, plain_mapping
from orderflow.conformance.subjects.subject import Outcome

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "subjects.md").read_text("utf-8")
PLAIN, OWN = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_plain_protocol_is_the_mapping_it_is_said_to_be() -> None:
    assert parse_mapping(PLAIN) == plain_mapping()


def test_the_mapping_that_shows_everything_can_be_read_and_uses_every_key() -> None:
    keys = re.findall(r"^([a-z]+):", OWN, re.MULTILINE)

    assert parse_mapping(OWN).patience
    assert sorted(keys) == sorted(mapping_file.KEYS)
    assert [key for key in mapping_file.KEYS if f"| `{key}` |" not in TEXT] == []


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ((200, 201, 204), Outcome.ACCEPTED),
        ((400, 409, 410, 422), Outcome.REFUSED),
        ((301, 302, 401, 403, 404, 405, 407, 408, 429, 500, 503), Outcome.INDETERMINATE),
    ],
)
def test_codes_mean_what_the_table_says(codes: tuple[int, ...], outcome: Outcome) -> None:
    assert {outcome_of(code, Ask("POST", "/"))[0] for code in codes} == {outcome}


def test_the_lines_of_the_protocol_are_json() -> None:
    rows = re.findall(r'^\| `(\{"do".*?\})` \|(.*)\|$', TEXT, re.MULTILINE)

    asked = [json.loads(line)["do"] for line, _ in rows]
    answers = [json.loads(each) for _, text in rows for each in re.findall(r"`(\{.*?\})`", text)]
    assert asked == ["hello", "begin", "fire", "advance", "look"]
    assert len(answers) == 6
