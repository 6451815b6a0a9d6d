"""Every public defect is either a mode that changes flows, deals or documents, or is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import rule
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.errors import FlowFileError, Problem
from orderflow.flows.fault_loader import bundled_faults, faulty_deal, faulty_flow, parse_faults
from orderflow.flows.faults import (
    Fault,
    FaultNotShownError,
    FaultPlaceError,
    UnknownFaultError,
)
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.simulator.tampering import TAMPERINGS
from tests.flows.sheet import SHEET

ISSUES = SHEET.with_name("known-issues.md")
BOOK = bundled_faults()
FLOWS = [(fault, name) for fault in BOOK.faults.values() for name in fault.flows]
DEALS = [(fault, name) for fault in BOOK.faults.values() for name in fault.deals]


@dataclass(frozen=True)
class Row:
    area: str
    fault: str
    issue: str
    mode: str
    rules: frozenset[str]


def rows_of_the_sheet() -> tuple[Row, ...]:
    found, area = [], ""
    for line in ISSUES.read_text("utf-8").splitlines():
        head = re.match(r"### 2\.([A-F]) ", line)
        area = head[1] if head else "" if line.startswith("## ") else area
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if area and re.match(r"F-\d+", cells[0]):
            rules = frozenset(re.findall(r"A-\d\d", cells[7]))
            found.append(Row(area, cells[0], cells[1].strip("`"), cells[5].strip("`"), rules))
    return tuple(found)


sheet = pytest.mark.skipif(not ISSUES.is_file(), reason="the fact sheets are not beside us")


def named(pair: object) -> str:
    return pair.name if isinstance(pair, Fault) else str(pair)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(FlowFileError) as caught:
        parse_faults(text, source="mine.yaml", functions=TAMPERINGS)
    return caught.value.problems


@sheet
def test_every_mode_of_the_sheet_is_a_mode_here_or_is_left_out() -> None:
    wanted = {row.mode for row in rows_of_the_sheet() if row.area in "ABCDE"}

    told = {name for name, fault in BOOK.faults.items() if fault.area != "K"}
    told |= {name for name, out in BOOK.left_out.items() if out.area != "H"}
    assert len(wanted) == 60
    assert told == wanted


@sheet
def test_modes_name_the_faults_issues_and_areas_of_the_sheet() -> None:
    rows: dict[str, list[Row]] = {}
    for row in rows_of_the_sheet():
        rows.setdefault(row.mode, []).append(row)

    for name, of_sheet in rows.items():
        mode = BOOK.faults.get(name) or BOOK.left_out.get(name)
        if mode is None:
            continue
        assert mode.faults == tuple(row.fault for row in of_sheet), name
        assert {row.area for row in of_sheet} == {mode.area}, name
        if isinstance(mode, Fault) and of_sheet[0].issue != "-":
            assert mode.issues == tuple(row.issue for row in of_sheet), name


@sheet
def test_each_rule_the_sheet_names_detects_the_mode_or_is_told_to_miss_it() -> None:
    for row in rows_of_the_sheet():
        fault = BOOK.faults.get(row.mode)
        if fault is not None:
            told = {*fault.detects, *fault.misses}
            assert row.rules <= told, (row.mode, row.rules - told)
            assert not set(fault.detects) & set(fault.misses), row.mode


def test_every_rule_a_mode_names_exists() -> None:
    for fault in BOOK.faults.values():
        for name in (*fault.detects, *fault.misses):
            assert name in INVARIANTS or rule(name).id == name


def test_every_function_a_mode_names_exists_and_every_function_is_named() -> None:
    used = {row.does for fault in BOOK.faults.values() for row in fault.document}

    assert used == set(TAMPERINGS)


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize(("fault", "name"), FLOWS, ids=named)
def test_a_faulty_flow_can_be_read_and_is_another_flow_or_another_document(
    fault: Fault, name: str, profile: Profile
) -> None:
    flow, sound = faulty_flow(fault, name), bundled(name)

    assert flow.view(profile).transitions
    assert (flow.name, flow.family) == (sound.name, sound.family)
    assert (flow.digest != sound.digest) or fault.document


@pytest.mark.parametrize(("fault", "name"), DEALS, ids=named)
def test_a_faulty_deal_can_be_read_and_is_another_deal_or_another_document(
    fault: Fault, name: str
) -> None:
    deal, sound = faulty_deal(fault, name), bundled_deal(name)

    assert deal.names == sound.names
    assert deal.view(Profile.OBSERVED).participants
    assert deal.digest != sound.digest or fault.document or fault.news


def test_an_overlay_for_a_participant_spares_the_others() -> None:
    deal = faulty_deal(BOOK.faults["split.gift_survives"], "split-order")

    assert deal.participant["order-b"].flow.transition["M07"].target == "payment-pending"
    assert deal.participant["order-a"].flow == bundled("marketplace")


def test_a_mode_that_does_not_break_a_deal_says_where_it_can_be_seen() -> None:
    with pytest.raises(FaultPlaceError, match="it is shown by split-order"):
        faulty_deal(BOOK.faults["split.gift_survives"], "marketplace-seller")


def test_a_mode_that_is_left_out_says_why() -> None:
    with pytest.raises(FaultNotShownError, match=r"mail\.duplicate \(F-14\) .* concerns e-mails"):
        BOOK.fault("mail.duplicate")
    with pytest.raises(FaultNotShownError, match=r"concerns the feed.* orderflow serve"):
        BOOK.fault("feed.skips_versions")


def test_an_unknown_mode_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownFaultError, match=r"did you mean 'cancel\.seller_stuck'"):
        BOOK.fault("cancel.seler_stuck")
    with pytest.raises(UnknownFaultError, match="did you mean 'real-world'"):
        BOOK.profile("realworld")


def test_the_real_world_has_four_modes_that_show_and_two_that_do_not() -> None:
    shown, left_out = BOOK.profile("real-world")

    assert [each.faults for each in shown] == [("F-17",), ("F-21",), ("F-32",), ("F-37",)]
    assert [each.faults for each in left_out] == [("F-52",), ("F-54",)]


BROKEN = """\
faults:
  mine.broken:
    fault: [F-00]
    issue: []
    area: A
    says: Something is wrong.
    where: {flows: [sellers]}
    flows:
      seller:
        transitions:
          - {id: S23, like: S23, to: nowhere}
    document:
      - {status: [cancel], do: drop-reasons}
    news: late
    detect: [A-15]
"""


def test_everything_wrong_with_a_file_is_told_with_its_place() -> None:
    told = {(each.place.line, each.text.partition(";")[0]) for each in problems(BROKEN)}

    assert told == {
        (7, "unknown flow 'sellers'"),
        (13, "unknown document function 'drop-reasons'"),
        (14, "unknown message fault 'late'"),
        (15, "unknown key 'detect'"),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "a fault file is a mapping"),
        ("faults: []", "faults is a mapping"),
        ("faults:\n  a.b: {fault: F-01}", "fault is a list of names"),
        ("faults:\n  a.b: {says: [no]}", "says is a text"),
        ("faults:\n  a.b: {flows: {buyer: {}}}", "unknown key 'buyer'"),
        ("faults:\n  a.b: {document: {do: it}}", "document is a list of rows"),
        ("profiles: {all: [a.b]}", "unknown fault 'a.b'"),
        ("left_out: {a.b: {}}", "why is a text"),
    ],
)
def test_what_is_no_fault_file_is_refused(text: str, told: str) -> None:
    assert any(told in each.text for each in problems(text))


def test_a_mode_is_not_shown_and_left_out_at_once() -> None:
    text = "faults: {a.b: {}}\nleft_out: {a.b: {}}"

    assert "'a.b' is shown as well" in {each.text for each in problems(text)}


def test_what_is_wrong_with_an_overlay_is_told_in_the_line_of_the_fault_file() -> None:
    text = "\n".join(
        line
        for line in BROKEN.replace("sellers", "seller").splitlines()
        if not re.search("document:|drop-reasons|news:|detect:", line)
    )
    fault = parse_faults(text, source="mine.yaml").faults["mine.broken"]

    with pytest.raises(FlowFileError) as caught:
        faulty_flow(fault, "seller")
    (problem,) = caught.value.problems
    assert (problem.place.file, problem.place.line) == ("mine.yaml", 11)
    assert "nowhere" in problem.text


def test_what_is_wrong_with_a_link_is_told_in_the_line_of_the_fault_file(tmp_path: Path) -> None:
    text = """\
faults:
  mine.link:
    fault: [F-00]
    issue: []
    area: A
    says: Something is wrong.
    where: {deals: [complete]}
    links:
      remove_links:
        - main-paid
        - no-such-link
"""
    fault = parse_faults(text, source="mine.yaml").faults["mine.link"]

    with pytest.raises(FlowFileError) as caught:
        faulty_deal(fault, "complete")
    (problem,) = caught.value.problems
    assert (problem.place.file, problem.place.line) == ("mine.yaml", 11)
