"""What the page on certification says happens, and what its reference names."""

from __future__ import annotations

import json
import re

import pytest

from orderflow.certify.scenario_file import KEYS
from tests.cli.running import ROOT
from tests.docs.pages import play

PAGE = ROOT / "docs" / "certify.md"
REFERENCE = (ROOT / "docs" / "reference" / "scenarios.md").read_text("utf-8")
SCHEMA = json.loads((ROOT / "certify" / "scenario.schema.json").read_text("utf-8"))
STEPS = sorted(SCHEMA["$defs"]["Step"]["properties"])


def test_an_erp_is_certified_as_the_page_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    instead = {"examples/": f"{ROOT}/examples/"}

    assert play(PAGE.read_text("utf-8"), tmp_path_factory.mktemp("page"), instead) == []


@pytest.mark.parametrize("verb", STEPS)
def test_every_step_is_in_the_reference(verb: str) -> None:
    assert re.search(rf"^\| .*`{verb}: ", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_the_reference(key: str) -> None:
    assert f"`{key}`" in REFERENCE
