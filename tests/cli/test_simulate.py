"""``orderflow simulate`` writes histories that conform, breaks those it says it breaks, and no
other, and says the same in both forms."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.conformance.judge import judge
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.defects import Defects
from orderflow.simulator.history import COLUMNS, Writer
from orderflow.simulator.space import Space, search
from orderflow.simulator.workload import Walk
from tests.cli.recorded import from_csv, from_jsonl, label, orders, record
from tests.cli.running import environment, here, process, run

__all__ = ["here"]

LABELS = {
    "marketplace": {"A-12", "A-21", "A-39", "A-55", "A-64"},
    "seller": {"A-12", "A-29", "A-39", "A-55", "A-64"},
    "complete": {"A-12", "A-20", "A-29", "A-39", "A-55", "A-64"},
    "chain": {"A-12", "A-21", "A-39", "A-55", "A-64"},
}
OWN = """\
flow: own
title: Own
initial: open
final: {success: [invoiced], failure: [canceled]}
happy_path: [open, invoiced]
states: {open: , invoiced: , cancel: , canceled: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: finish, to: invoiced, actor: seller}
  - {id: T3, from: open, on: cancel_order, to: cancel}
  - {id: T4, from: cancel, on: finish_cancel, to: canceled}
events: {finish: {actors: seller}}
"""
MEASURED = """\
import pathlib, sys
from orderflow.cli import main
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(status.split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@cache
def space_of(name: str, profile: Profile) -> tuple[Flow, Space]:
    flow = bundled(name).view(profile)
    return flow, search(flow, defaults())


@pytest.mark.parametrize("profile", [Profile.DOCUMENTED, Profile.OBSERVED])
@pytest.mark.parametrize("name", bundled_names())
@settings(max_examples=5)
@given(seed=st.integers(0, 2**64), rate=st.sampled_from([0.0, 0.5, 1.0]))
def test_an_order_breaks_the_rule_on_its_label_and_nothing_else(
    name: str, profile: Profile, seed: int, rate: float
) -> None:
    flow, space = space_of(name, profile)
    walk = Walk(space, seed)
    writer = Writer(walk, defects=Defects(flow, rate, seed))
    text = "".join(writer.jsonl(walk.histories(40)))

    for order in orders(from_jsonl(text)):
        judgement = judge(record(order, flow))

        broken = [(finding.step, rule.id) for rule, finding in judgement.findings]
        assert broken == [found for found in [label(order)] if found is not None]


@pytest.mark.parametrize("name", bundled_names())
def test_every_kind_of_defect_occurs(here: Path, name: str) -> None:
    outcome = run("simulate", name, "--orders", "400", "--defects", "1")

    labels = [label(order) for order in orders(from_jsonl(outcome.out))]
    assert {found[1] for found in labels if found} == LABELS[name]
    assert sum(1 for found in labels if found) > len(labels) / 2


def test_a_share_of_the_orders_is_broken(here: Path) -> None:
    outcome = run("simulate", "seller", "--orders", "400", "--defects", "0.1")

    labels = [label(order) for order in orders(from_jsonl(outcome.out))]
    assert 10 < sum(1 for found in labels if found) < 70


def test_a_flow_of_its_own_kind_is_broken_where_it_offers_something(here: Path) -> None:
    (here / "own.yaml").write_text(OWN)

    outcome = run("simulate", "own.yaml", "--orders", "50", "--defects", "1")

    assert (outcome.code, outcome.err) == (0, "")
    labels = [label(order) for order in orders(from_jsonl(outcome.out))]
    assert {found[1] for found in labels if found} <= {"A-12", "A-55", "A-64"}


def test_a_flow_that_offers_nothing_to_break_is_told(here: Path) -> None:
    text = OWN.replace("canceled", "lost").replace("cancel", "stopped").replace("invoiced", "done")
    (here / "own.yaml").write_text(text.replace("stopped_order", "cancel_order"))

    outcome = run("simulate", "own.yaml", "--orders", "20", "--defects", "1")

    assert outcome.code == 0
    assert outcome.err == "own.yaml: --defects found nothing to break in these orders\n"
    assert all(label(order) is None for order in orders(from_jsonl(outcome.out)))


@pytest.mark.parametrize("defects", ["0", "0.5"])
def test_both_forms_say_the_same(here: Path, defects: str) -> None:
    words = ("simulate", "seller", "--orders", "60", "--seed", "3", "--defects", defects)

    lines = from_jsonl(run(*words).out)
    table = run(*words, "--format", "csv").out

    assert table.splitlines()[0] == ",".join(COLUMNS)
    told = [{name: cell for name, cell in line.items() if cell is not None} for line in lines]
    assert from_csv(table) == told


def test_a_line_holds_what_every_reader_needs(here: Path) -> None:
    lines = from_jsonl(run("simulate", "marketplace", "--orders", "20").out)

    for order in orders(lines):
        assert [line["seq"] for line in order] == list(range(1, len(order) + 1))
        assert isinstance(order[0]["value"], int)
        assert [line["from"] for line in order[1:]] == [line["status"] for line in order[:-1]]
        times = [str(line["at"]) for line in order]
        assert times == sorted(times)
        assert all(len(time) == 24 and time.endswith("Z") for time in times)


def test_the_same_seed_gives_the_same_bytes_on_stdout_and_in_a_file(here: Path) -> None:
    words = ("simulate", "chain", "--orders", "30", "--seed", "5", "--defects", "0.3")

    to_file = run(*words, "-o", "orders.jsonl")
    one, two, other = run(*words), run(*words, "-o", "-"), run(*words, "--seed", "6")

    assert (to_file.code, to_file.err) == (0, "")
    assert to_file.out == "30 orders written to orders.jsonl\n"
    assert one.out == two.out == (here / "orders.jsonl").read_text("utf-8") != other.out
    assert [path.name for path in here.iterdir()] == ["orders.jsonl"]


def test_fewer_orders_are_the_first_of_many(here: Path) -> None:
    few = run("simulate", "seller", "--orders", "5").out
    many = run("simulate", "seller", "--orders", "50").out

    assert many.startswith(few)


def test_modules_and_settings_shape_the_histories(here: Path) -> None:
    words = ("simulate", "seller", "--orders", "1000")

    with_picking = run(*words, "--module", "picking").out
    instant = run(*words, "--set", "cancellation_window=0").out
    usual = run(*words).out

    assert "ready-for-invoicing" in with_picking
    assert "ready-for-invoicing" not in usual
    assert instant != usual


def test_a_reader_that_stops_early_causes_no_trouble() -> None:
    with process("simulate", "seller", "--orders", "100000") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = running.stdout.readline()
        running.stdout.close()
        trouble = running.stderr.read()

    assert json.loads(first)["seq"] == 1
    assert trouble == b""
    assert running.returncode == 141


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_number_of_orders(tmp_path: Path) -> None:
    few, many = (peak_kib(orders, tmp_path / "orders.jsonl") for orders in (2_000, 20_000))

    assert many < 150 * 1024
    assert many - few < 8 * 1024


def peak_kib(orders: int, path: Path) -> int:
    """Most memory that a process held while it simulated so many orders."""
    words = ["simulate", "seller", "--orders", str(orders), "-o", str(path)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        env=environment(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return int(done.stderr)
