"""A suite of your own says which rules, sides and scenarios; whatever is wrong is told at once."""

from pathlib import Path

import pytest

from orderflow.certify.scenario_file import parse_scenario
from orderflow.certify.suite_file import (
    UnknownSuiteError,
    every_rule,
    find_suite,
    parse_suite,
    scenarios_of,
)
from orderflow.conformance.integration.suite import SUITES, Suite
from orderflow.flows.errors import FlowFileError
from tests.certify.staged import READY, written


def test_there_are_85_rules_to_name() -> None:
    assert len(every_rule()) == 85


def test_a_suite_of_its_own() -> None:
    found = parse_suite(
        "suite: mine\ntitle: What we need\nrules: [B-01..B-03, B-75]\nroles: [feed]\nstrict: true\n"
    )

    assert found == Suite(
        "mine", "What we need", ("B-01", "B-02", "B-03", "B-75"), ("feed",), strict=True
    )


def test_a_suite_that_goes_on_from_a_bundled_one() -> None:
    found = parse_suite("suite: mine\ntitle: x\nextends: hook\nwithout: [B-24]\nrules: [B-01]\n")

    assert found.roles == SUITES["hook"].roles
    assert set(found.rules) == {*SUITES["hook"].rules, "B-01"} - {"B-24"}


def test_everything_wrong_is_told_at_once() -> None:
    text = "suite: Mine!\nrule: [B-01]\nextends: hok\nrules: [B-99]\nroles: [fed]\nstrict: 3\n"
    with pytest.raises(FlowFileError) as caught:
        parse_suite(text, source="m.yaml")

    for part in (
        "m.yaml:1:1: 'title' is missing",
        "m.yaml:1:8: 'Mine!': take",
        "m.yaml:2:1: unknown key 'rule'; did you mean 'rules'?",
        "m.yaml:3:10: unknown suite 'hok'; did you mean 'hook'?",
        "m.yaml:4:9: unknown rule 'B-99'",
        "m.yaml:5:9: unknown role 'fed'; did you mean 'feed'?",
        "m.yaml:6:9: 'strict' takes true or false",
    ):
        assert part in str(caught.value), part


def test_a_suite_that_asks_for_nothing_is_refused() -> None:
    with pytest.raises(FlowFileError, match="asks for no rule at all"):
        parse_suite("suite: mine\ntitle: x\nroles: [feed]\nrules: []\n")


def test_a_suite_is_found_by_name_or_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("suite: mine\ntitle: x\nextends: hook\n")

    assert find_suite("hook") is SUITES["hook"]
    assert find_suite(str(path)).name == "mine"
    with pytest.raises(UnknownSuiteError, match="did you mean 'erp-basic'"):
        find_suite("erp-basik")


def test_scenarios_of_a_suite_take_its_side_and_show_its_rules() -> None:
    def scene(name: str, role: str, rule: str) -> str:
        text = written(READY, name=name).replace("[feed]", f"[{role}]")
        return text.replace("[B-01]", f"[{rule}]")

    known = [
        parse_scenario(scene(*each))
        for each in (("a", "feed", "B-01"), ("b", "hook", "B-01"), ("c", "feed", "B-20"))
    ]
    suite = Suite("mine", "x", ("B-01",), ("feed",))

    assert [each.name for each in scenarios_of(suite, known)] == ["a"]
    named = Suite("mine", "x", ("B-01",), ("feed",), scenarios=("c", "b"))
    assert [each.name for each in scenarios_of(named, known)] == ["c", "b"]
