"""Whatever an integration does, a certification ends in time, and says what it did."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from orderflow.certify.certification import Certified, Wanted, certify, from_trace
from orderflow.certify.child import ChildError
from orderflow.certify.environment import ConfigError, render, write_config
from orderflow.certify.run import Limits
from orderflow.certify.scenario_file import parse_scenario
from orderflow.certify.stage import Addresses
from orderflow.conformance.integration.suite import Suite
from orderflow.conformance.integration.verdict import Played
from orderflow.flows.errors import OrderflowError
from tests.certify.staged import READY, written

ERP = str(Path(__file__).with_name("small_erp.py"))
SUITE = Suite("small", "What a small ERP does", ("B-01", "B-02", "B-28"), ("feed",))
INVOICED = "[{order: first, status: [invoiced]}]"
HAPPY = written(READY, expect=INVOICED, name="happy", patience="3")
FAILING = written(
    'fault: {fault: http.error_500, operations: ["POST */start-handling"], times: 1}',
    READY,
    expect=INVOICED,
    name="failing",
    patience="1",
)
QUICK = Limits(timeout=60, patience=1, scale=60, arrival=5)


def wanted(*texts: str, bent: str = "", **more: object) -> Wanted:
    """A small ERP, going through scenarios of a test."""
    scenarios = tuple(parse_scenario(each) for each in texts)
    command = (sys.executable, ERP, bent)
    given: dict[str, object] = {"command": command, "limits": QUICK, "quiet": 0.3, **more}
    return Wanted(SUITE, scenarios, **given)  # type: ignore[arg-type]


def certified(*texts: str, bent: str = "", **more: object) -> Certified:
    return certify(wanted(*texts, bent=bent, **more))


def endings(done: Certified) -> dict[str, str]:
    return {each.name: each.ending for each in done.verdict.played}


def outcome(done: Certified, rule: str) -> str:
    return next(each.outcome for each in done.verdict.judged if each.rule.id == rule)


def test_who_does_it_right_reaches_all_scenarios() -> None:
    done = certified(HAPPY, FAILING)

    assert endings(done) == {"happy": "reached", "failing": "reached"}
    assert done.verdict.passed
    assert done.verdict.happenings == ()
    assert "working with ***" in done.output


def test_who_reads_its_feed_rarely_is_waited_for() -> None:
    impatient = [each.replace("patience: 3", "patience: 1") for each in (HAPPY, FAILING)]
    done = certified(*impatient, bent="0.8")

    assert endings(done) == {"happy": "reached", "failing": "reached"}


def test_who_gives_up_after_a_failure_is_caught() -> None:
    done = certified(FAILING, bent="gives-up")

    assert outcome(done, "B-28") == "broken"
    assert not done.verdict.passed


def test_who_never_commits_is_caught_in_bounded_time() -> None:
    began = time.monotonic()
    done = certified(HAPPY, bent="never-commits")

    assert outcome(done, "B-01") == "broken"
    assert time.monotonic() - began < 30


def test_all_scenarios_at_once() -> None:
    done = certified(HAPPY, FAILING, interleave=True)

    assert endings(done) == {"happy": "reached", "failing": "reached"}
    orders = [set(each.order_ids) for each in done.verdict.played]
    assert orders[0].isdisjoint(orders[1])
    for played in done.verdict.played:
        about = {each.scenario for each in done.verdict.lines if each.order_id in played.order_ids}
        assert about == {played.name}


def test_who_crashes_is_started_again_and_not_for_ever() -> None:
    texts = [HAPPY.replace("happy", f"happy-{number}") for number in range(5)]
    done = certified(*texts, bent="crashes")

    assert [*endings(done).values()] == ["missed"] * 3 + ["not-run"] * 2
    told = "\n".join(done.verdict.happenings)
    assert "ended in scenario happy-0 with code 1; its last words: working with ***" in told
    assert "cannot read this" in told
    assert "The integration kept ending, and was not started any more." in told
    started = [each for each in done.verdict.lines if each.text("what") == "started"]
    assert len(started) == 3


def test_who_ends_before_it_calls_is_told() -> None:
    done = certified(HAPPY, bent="ends")

    assert endings(done) == {"happy": "not-run"}
    assert "ended before the first scenario with code 1" in done.verdict.happenings[0]
    assert not done.verdict.passed


def test_who_never_calls_is_not_waited_for_for_ever() -> None:
    began = time.monotonic()
    done = certified(HAPPY, bent="silent", limits=Limits(60, 1, 60, arrival=0.5))

    assert endings(done) == {"happy": "not-run"}
    assert "never called" in done.verdict.happenings[0]
    assert time.monotonic() - began < 10


def test_who_hangs_misses_the_scenario_and_keeps_nobody() -> None:
    began = time.monotonic()
    done = certified(HAPPY.replace("patience: 3", "patience: 0.5"), bent="hangs")

    assert endings(done) == {"happy": "missed"}
    assert time.monotonic() - began < 20


def test_a_flood_is_survived_and_told() -> None:
    done = certified(
        written("wait: {call: nothing like this}", name="flooded", patience="4"), bent="floods"
    )
    calls = sum(1 for each in done.verdict.lines if each.kind == "call")

    assert calls > 1_000
    told = [each for each in done.verdict.happenings if "flooded the sandbox in flooded" in each]
    assert told or calls < 3_000  # busy processors let it make fewer


def test_garbage_and_a_thousand_connections_are_survived() -> None:
    play = wanted(HAPPY)
    sockets: list[socket.socket] = []

    def disturb(words: str) -> None:
        port = int(words.partition("http://127.0.0.1:")[2].split()[0])
        for number in range(300):
            made = socket.create_connection(("127.0.0.1", port), 5)
            made.sendall(b"\x00\xff GARBAGE \r\n\r\n" if number % 2 else b"POST / HTTP/1.1\r\n")
            sockets.append(made)

    try:
        done = certify(play, announce=disturb)
    finally:
        for each in sockets:
            each.close()

    assert endings(done) == {"happy": "reached"}


def test_the_whole_run_ends_in_time() -> None:
    texts = [
        written("wait: {call: nothing}", name=f"waits-{number}", patience="60") for number in (1, 2)
    ]
    done = certified(*texts, limits=Limits(3, 1, 60, 5))

    assert endings(done) == {"waits-1": "out-of-time", "waits-2": "not-run"}
    assert done.verdict.played[0].why.startswith("there was no more time while it waited for")
    assert done.verdict.played[1].why == "there was no time to begin it"


def test_what_is_broken_off_by_hand_tells_what_was_judged_so_far() -> None:
    texts = [HAPPY, written("wait: {call: nothing}", name="waits", patience="60"), FAILING]

    def stop_in_the_second(words: str) -> None:
        if "waits: for nothing" in words and not stopped:
            stopped.append(words)
            signal.raise_signal(signal.SIGINT)

    stopped: list[str] = []
    done = certify(wanted(*texts), stop_in_the_second)

    assert isinstance(done.interrupted, KeyboardInterrupt)
    assert endings(done) == {"happy": "reached", "waits": "out-of-time", "failing": "not-run"}
    assert outcome(done, "B-01") == "kept"


def test_an_integration_elsewhere_is_waited_for_and_told_where_to_call() -> None:
    told: list[str] = []
    done: list[Certified] = []
    heard = threading.Event()

    def announce(words: str) -> None:
        told.append(words)
        heard.set()

    play = wanted(HAPPY, command=(), limits=Limits(20, 1, 60, 5))
    running = threading.Thread(target=lambda: done.append(certify(play, announce=announce)))
    running.start()
    assert heard.wait(10)
    variables = dict(line.removeprefix("export ").split("=", 1) for line in told[0].splitlines())
    process = os.posix_spawn(sys.executable, [sys.executable, ERP], {**os.environ, **variables})
    running.join(30)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)

    assert endings(done[0]) == {"happy": "reached"}


def test_a_trace_is_judged_like_the_run_that_wrote_it(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    done = certified(HAPPY, FAILING, trace=trace)
    again = from_trace(SUITE, trace)

    first, second = done.verdict, again
    assert [(each.rule.id, each.outcome, each.kept) for each in first.judged] == [
        (each.rule.id, each.outcome, each.kept) for each in second.judged
    ]
    assert first.played == second.played
    assert second.seed is None


def test_a_recorded_trace_without_scenarios_has_none(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    certified(HAPPY, trace=trace)
    kept = [each for each in trace.read_text().splitlines() if '"kind": "scenario"' not in each]
    trace.write_text("\n".join(kept))

    assert from_trace(SUITE, trace).played == ()


def test_a_trace_that_is_cut_says_so(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    certified(HAPPY, trace=trace)
    kept = [each for each in trace.read_text().splitlines() if '"kind": "end"' not in each]
    trace.write_text("\n".join(kept))

    (played,) = from_trace(SUITE, trace).played
    assert isinstance(played, Played)
    assert (played.ending, played.why) == ("out-of-time", "the trace ends before it does")


def test_the_same_seed_makes_the_same_orders_and_digests() -> None:
    one, two = certified(HAPPY, seed=3).verdict, certified(HAPPY, seed=3).verdict

    assert one.played == two.played
    assert dict(one.digests)["scenarios"] == dict(two.digests)["scenarios"]
    assert dict(one.digests)["suite"] == dict(two.digests)["suite"]


def test_what_is_not_simulated_is_told(tmp_path: Path) -> None:
    program = tmp_path / "odd.py"
    program.write_text(
        Path(ERP)
        .read_text()
        .replace("def main() -> None:", "def main() -> None:\n    ask('GET', '/api/nothing')")
    )
    done = certify(wanted(HAPPY, command=(sys.executable, str(program))))

    assert done.verdict.happenings == (
        "The integration called what is not simulated: GET /api/nothing (once).",
    )


def test_a_program_that_is_none_is_refused() -> None:
    with pytest.raises(ChildError, match="/no/such/erp"):
        certified(HAPPY, command=("/no/such/erp",))


def test_a_wrong_scenario_stops_the_run_and_names_its_place() -> None:
    with pytest.raises(OrderflowError, match=r"<text>:6:5: place: value must be at least 1 cent"):
        certified(written("place: {name: first, value: 0}"))


def test_a_configuration_is_filled_in_for_its_owner_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "t", tmp_path / "c"
    source.write_text("url=${ORDERFLOW_URL} price=$$5")

    write_config(source, target, {"ORDERFLOW_URL": "http://x"})

    assert target.read_text() == "url=http://x price=$5"
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${ORDERFLOW_URI}", r"\$\{ORDERFLOW_URI\}: there are ORDERFLOW_URL"),
        ("costs 5$ and more", r"write \$\$ for a dollar sign"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        render(text, {"ORDERFLOW_URL": "x"}, Path("t"))


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/x", "http://[::1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(OrderflowError, match="http"):
        certified(HAPPY, addresses=Addresses(tell=url))
