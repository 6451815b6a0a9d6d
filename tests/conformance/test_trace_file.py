"""A trace file says all there is to play a run again, and a wrong one is told all its mistakes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.drive import Start
from orderflow.conformance.strategies import starts
from orderflow.conformance.trace_file import TraceFile, load_trace, render_trace
from orderflow.conformance.verdict import Failure
from orderflow.flows.errors import FlowFileError
from orderflow.flows.model import Profile
from orderflow.simulator.scenario import Act, format_items
from tests.conformance.subjects import EXAMPLES, checked

VALID = """\
format: orderflow/trace/1
flow: seller
steps:
  - place_order
  - {do: complete_checkout, then: on-order-completed-ffm}
"""

acts = st.builds(
    Act,
    event=st.sampled_from(["place_order", "verify_invoice", "request_cancel"]),
    choice=st.sampled_from(["", "part", "rest"]),
    percent=st.integers(0, 100),
) | st.builds(Act, event=st.just("advance"), choice=st.sampled_from(["30m", "2d", "1ms"]))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


def read(text: str, folder: Path) -> TraceFile:
    file = folder / "a.trace.yaml"
    file.write_text(text, "utf-8", newline="\n")
    return load_trace(file)


def wrong(text: str, folder: Path) -> list[str]:
    with pytest.raises(FlowFileError) as caught:
        read(text, folder)
    return str(caught.value).splitlines()


def failure() -> Failure:
    return checked(str(EXAMPLES[0]))[1][0]


@pytest.fixture(autouse=True, scope="module")
def _checked_before() -> None:
    """No check begins within a test of Hypothesis: one does not nest in the other."""
    failure()


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    trace = read(VALID, tmp_path)

    assert trace.acts == (Act("place_order"), Act("complete_checkout"))
    assert trace.statuses == ("", "on-order-completed-ffm")
    assert (trace.profile, trace.modules, trace.rule) == (Profile.DOCUMENTED, (), "")
    assert trace.start == Start()


@given(
    st.lists(st.tuples(acts, st.sampled_from(["", "handling", "(none)"])), min_size=1, max_size=9),
    starts(),
    texts,
    st.sampled_from([(), (("cancellation_window", "45"), ("change_seller_window", "0.5"))]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Act, str]],
    start: Start,
    says: str,
    settings: tuple[tuple[str, str], ...],
) -> None:
    found = checked(str(EXAMPLES[0]))[0]
    written = replace(
        failure(),
        acts=tuple(str(act) for act, _ in steps),
        statuses=tuple(status for _, status in steps),
        items=format_items(start.items),
        replaceable=start.replaceable,
        sentence=says,
        settings=settings,
    )
    verdict = replace(found, modules=("picking", "wms"), profile="observed")

    trace = read(render_trace(written, verdict), tmp_path_factory.mktemp("traces"))

    assert trace.acts == tuple(act for act, _ in steps)
    assert trace.statuses == written.statuses
    assert trace.start == start
    assert (trace.flow, trace.profile) == (found.source, Profile.OBSERVED)
    assert (trace.modules, trace.rule) == (("picking", "wms"), failure().rule)
    assert trace.settings == tuple(f"{name}={value}" for name, value in settings)


def test_the_same_failure_gives_the_same_bytes() -> None:
    found, failures = checked(str(EXAMPLES[0]))

    assert render_trace(failures[0], found) == render_trace(failures[0], found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("format: orderflow/trace/9", "this version reads orderflow/trace/1"),
        ("flow: [seller]", "`flow` must be a text"),
        ("flow: ''", "`flow` must be a text"),
        ("profile: nightly", "'nightly' is not one of documented, observed, legacy"),
        ("profile: [documented]", "is not one of documented, observed, legacy"),
        ("modules: picking", "`modules` must be a list of names"),
        ("modules: [1]", "`modules` must be a list of names"),
        ("settings: [a]", "`settings` must map names to texts"),
        ("settings: {cancellation_window: 30}", "`settings` must map names to texts"),
        ("rule: 5", "`rule` must be a text"),
        ("items: 5", "'5' is not an item"),
        ("items: 1x0", "worth at least one cent"),
        ("replaceable: perhaps", "`replaceable` must be true or false"),
        ("step: [place_order]", "unknown key 'step'; known: format, flow"),
        ("steps: []", "`steps` must list at least one act"),
        ("steps: place_order", "`steps` must list at least one act"),
        ("steps: [5]", "a step is an act, or {do: act, then: status}"),
        ("steps: [{then: handling}]", "a step is an act, or {do: act, then: status}"),
        ("steps: [{do: place_order, than: x}]", "a step is an act, or {do: act, then: status}"),
        ("steps: [{do: place_order, then: 5}]", "a step is an act, or {do: act, then: status}"),
        ("steps: [place_order cancel_order]", "one act a step"),
        ("steps: [place_order@900]", "is not an act"),
        ("steps: ['']", "is not an act"),
        ("steps: [advance:soon]", "is not a duration"),
    ],
)
def test_a_wrong_file_is_told_where_and_what(line: str, message: str, tmp_path: Path) -> None:
    key = line.partition(":")[0]
    kept = VALID.split("steps:", maxsplit=1)[0] if key == "steps" else VALID
    lines = [each for each in kept.splitlines() if each.partition(":")[0] != key]

    told = wrong("\n".join([*lines, line]) + "\n", tmp_path)

    assert len(told) == 1
    assert message in told[0]
    assert "a.trace.yaml:" in told[0]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = wrong("flow: 1\nprofile: x\nmodules: y\nsteps: [5, a b]\n", tmp_path)

    assert len(told) == 5


@pytest.mark.parametrize("text", ["", "[]", "- place_order\n", "just a text\n"])
def test_a_file_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    assert len(wrong(text, tmp_path)) == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FlowFileError, match="missing"):
        load_trace(tmp_path / "missing.trace.yaml")
