"""``orderflow check`` says of deals what it says of flows: what was taken, what was proved, what
broke; and how many processes it uses makes no difference."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path

import pytest

from orderflow.cli import workers
from orderflow.cli.workers import side_by_side
from orderflow.conformance.check import DealTask, FlowTask, check
from orderflow.conformance.explore import Budget
from orderflow.flows.deal_loader import bundled_deal, bundled_deal_names
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled
from orderflow.reports.jsonfile import read_json, render_json
from tests.cli.running import QUICK, content, here, process, refused, run

__all__ = ["here"]

BROKEN = """\
remove_links: [order-called-off]
deals:
  deaf:
    title: Nobody tells the seller
    participants:
      market: {flow: marketplace}
      seller: {flow: seller, below: market}
    mailbox: 6
"""
TWO = """\
deals:
  one:
    title: One
    participants:
      market: {flow: marketplace}
      seller: {flow: seller, below: market}
  two:
    title: Two
    participants:
      main: {flow: complete}
      rest: {flow: seller, below: main}
    instant: true
"""


def test_a_deal_is_told_in_a_line_and_its_search_in_another(here: Path) -> None:
    outcome = run("check", "deal:complete", "--examples", "2", "--steps", "5")

    deal, search, _, report, verdict = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert re.fullmatch(
        r"deal complete: (\d+) of \1 transitions, \d+ of \d+ links, \d+ messages, "
        r"\d+ sales, \d+ steps",
        deal,
    )
    assert search.startswith("  every configuration: all of ")
    assert search.endswith("; no rule is broken")
    assert report == "report: orderflow-report.html"
    assert verdict.startswith("PASS: 1 deal proved, ")


def test_every_result_knows_the_deal(here: Path) -> None:
    outcome = run(
        *("check", "marketplace-seller", *QUICK, "--report", "r.html", "--json", "v.json"),
        *("--junit", "j.xml", "--summary", "s.md"),
    )

    assert outcome.code == 0
    files = content(here)
    verdict = read_json(files["v.json"].decode())
    assert [deal.name for deal in verdict.deals] == ["marketplace-seller"]
    assert verdict.flows == ()
    assert "A-65" in verdict.rules
    assert all(b"marketplace-seller" in files[name] for name in ("r.html", "j.xml", "s.md"))
    ET.fromstring(files["j.xml"].decode())  # noqa: S314  # ours


def test_a_file_stands_for_all_its_deals(here: Path) -> None:
    (here / "deals.yaml").write_text(TWO)

    every = run("check", "deals.yaml", *QUICK, "--json", "-")
    one = run("check", "deals.yaml:two", *QUICK, "--json", "-")

    sources = [deal["source"] for deal in json.loads(every.out)["deals"]]
    assert sources == ["deals.yaml:one", "deals.yaml:two"]
    assert [deal["source"] for deal in json.loads(one.out)["deals"]] == ["deals.yaml:two"]


def test_what_breaks_between_documents_can_be_seen_again(here: Path) -> None:
    (here / "deaf.yaml").write_text(BROKEN)

    budget = ("--examples", "2", "--steps", "5")

    outcome = run("check", "deaf.yaml", *budget, "--traces", "deep/traces")

    assert outcome.code == 1
    assert "; broken: A-65 after " in outcome.out
    assert "(A-65, deaf deal)" in outcome.out
    commands = re.findall(r"^  replay    (.*)$", outcome.out, re.MULTILINE)
    assert commands
    for command in commands:
        assert run(*shlex.split(command)[1:]).code == 1
    traces = list((here / "deep" / "traces").iterdir())
    assert len(traces) == len(commands)
    assert all(run("replay", trace).code == 1 for trace in traces)


def test_flows_and_deals_of_one_name_are_checked_together(here: Path) -> None:
    told = run("check", "complete", "deal:complete", *QUICK).out

    assert [line.split(":")[0] for line in told.splitlines()[:2]] == ["complete", "deal complete"]


def test_the_command_in_the_verdict_repeats_it_byte_for_byte(here: Path) -> None:
    words = ("--seed", "5", "--set", "message_delay=2", "--profile", "observed")
    run("check", "deal:complete", "chain", *QUICK, *words, "--json", "one.json")
    command = json.loads((here / "one.json").read_text())["command"]

    run(*shlex.split(command)[1:], "--json", "two.json")

    assert (here / "one.json").read_bytes() == (here / "two.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("split-oder", "no flow or deal 'split-oder'; did you mean 'split-order'?"),
        ("deals.yaml:one more.yaml:one", "a deal called 'one' came with deals.yaml:one, too"),
        ("deals.yaml:three", "no deal 'deals.yaml:three'; did you mean 'deals.yaml:"),
        ("deals.yaml --report deals.yaml", "is read by this command; name another file"),
        ("deals.yaml:one --json deals.yaml", "is read by this command; name another file"),
    ],
)
def test_what_cannot_be_checked_is_told(here: Path, words: str, told: str) -> None:
    (here / "deals.yaml").write_text(TWO)
    (here / "more.yaml").write_text(TWO)

    message = refused("check", *words.split())

    assert told in message


def tasks() -> list[FlowTask | DealTask]:
    return [
        FlowTask(bundled("chain").view(), "chain"),
        DealTask(bundled_deal("complete").view(), "complete"),
        FlowTask(bundled("seller").view(), "seller"),
    ]


def test_several_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(2, 5, 3, False)
    told: list[str] = []
    monkeypatch.setattr(workers, "processors", lambda: 2)

    alone = check(tasks(), budget=budget)
    together = check(tasks(), budget=budget, runner=side_by_side, progress=told.append)

    assert render_json(alone) == render_json(together)
    assert told


def test_where_no_process_can_be_started_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(workers, "processors", lambda: 2)
    monkeypatch.setattr(workers, "_started", fail)

    verdict = check(tasks(), budget=Budget(0, 1, 0, False), runner=side_by_side)

    assert [flow.name for flow in verdict.flows] == ["chain", "seller"]


def test_what_a_person_has_to_mend_is_told_as_by_one_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    wrong = [FlowTask(bundled("chain").view(), "chain", "message.lost")] * 2

    with pytest.raises(OrderflowError, match="changes nothing of chain"):
        check(wrong, budget=Budget(0, 1, 0, False), runner=side_by_side)


@pytest.mark.skipif(sys.platform != "linux", reason="signals, and reads /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_no_process_behind(
    here: Path, number: signal.Signals, code: int
) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("started where Ctrl-C means nothing, and so is every process from here")
    begun: list[int] = []
    with process("check", "deals", "--examples", "100000", TMPDIR=str(here)) as running:
        while running.poll() is None and len(begun := children(running.pid)) < 2:
            with suppress(subprocess.TimeoutExpired):
                running.wait(timeout=0.05)
        for pid in (running.pid, *begun):  # as Ctrl-C in a terminal reaches all of them
            os.kill(pid, number if pid == running.pid else signal.SIGINT)
        out, err = running.communicate(timeout=60)

    assert running.returncode in {code, -number}  # a shell makes one of the other
    assert (out, err) == (b"", b"stopped\n")
    assert list(here.iterdir()) == []
    assert not any(Path(f"/proc/{pid}/fd/0").exists() for pid in begun)


def children(pid: int) -> list[int]:
    """Processes that a process has started; it may not be there any more."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_all_deals_that_ship_have_a_name_together(here: Path) -> None:
    told = run("check", "deals", "--examples", "0", "--no-prove").out

    names = [line.split(":")[0] for line in told.splitlines()]
    assert names[:5] == [f"deal {name}" for name in bundled_deal_names()]
