"""``orderflow suite`` writes cases that read back, tells what they cost before anything runs, runs
them, and refuses what it cannot do before it touches a file."""

import json
import re
import sys
import textwrap
from pathlib import Path

import pytest

from orderflow.conformance.suites.generate import COVER_HELP, DEFAULT_COVERS
from orderflow.conformance.suites.suite_file import case_trace, load_suite, parse_suite
from tests.cli.running import content, here, refused, run

__all__ = ["here"]

QUICK = ("--cover", "states")
PROGRAM = Path(__file__).parents[2] / "examples" / "subjects" / "program.py"
OVERLAY = (
    "flow: mine\nextends: seller\ntitle: Mine\ntransitions:\n"
    "  - {id: X01, from: order-accepted, on: hurry, to: handling, actor: seller}\n"
    "events:\n  hurry: {actors: seller, meaning: Hurry up}\n"
)
YES = """\
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Outcome
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan


class Yes(Inside):
    def fire(self, call):
        answer = super().fire(call)
        return type(answer)(Outcome.ACCEPTED, answer.status, answer.told, answer.trigger)


def subject():
    return Yes(compile_plan(bundled("seller").view(), defaults()))
"""


ODD = """\
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Outcome
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan

FLOW = bundled("seller").view()
EVENTS = frozenset(FLOW.events)
CLOSED = Answer(Outcome.INDETERMINATE, "", "the shop is closed")


class Short(Inside):
    abilities = Abilities(asked=EVENTS - {"deny_cancel", "add_invoice_partial"})


class Orderless(Inside):
    abilities = Abilities(asked=EVENTS - {"place_order"})


class Dying(Inside):
    left = 300

    def fire(self, call):
        self.left -= 1
        return CLOSED if self.left < 0 else super().fire(call)


class Mute(Dying):
    left = 0


def made(kind):
    return lambda: kind(compile_plan(FLOW, defaults()))


short, orderless, dying, mute = map(made, (Short, Orderless, Dying, Mute))
"""


def test_the_suite_goes_to_stdout_and_its_cost_to_stderr(here: Path) -> None:
    outcome = run("suite", "seller", *QUICK)

    suite = parse_suite(outcome.out)
    cost = suite.cost
    assert (outcome.code, suite.flow, suite.profile) == (0, "seller", "documented")
    assert {case.cover for case in suite.cases} == {"states"}
    first, each, promise, figures = outcome.err.splitlines()
    priced = f"{cost.orders} orders, {cost.calls} calls, about "
    assert first.startswith(f"seller, documented: {priced}")
    assert first.endswith(" at 50ms a call and 2s a new order")
    assert each.startswith(f"  states: {priced}")
    assert promise.endswith(suite.guarantees[0].sentence)
    assert all(f"{name} {count}" in figures for name, count in suite.guarantees[0].figures)
    assert content(here) == {}


def test_the_estimate_is_what_a_call_and_an_order_take(here: Path) -> None:
    words = ("suite", "seller", *QUICK, "--latency", "1m", "--order-cost", "1h")

    outcome = run(*words)

    cost = parse_suite(outcome.out).cost
    minutes = cost.calls + 60 * cost.orders
    assert f"about {minutes // 60} h {minutes % 60} min at 1m a call and 1h a" in outcome.err


def test_by_itself_it_covers_pairs_and_what_is_illegal_and_is_the_same_each_time(
    here: Path,
) -> None:
    one, two = run("suite", "chain"), run("suite", "chain", "--seed", "0")

    assert one == two
    assert {case.cover for case in parse_suite(one.out).cases} == set(DEFAULT_COVERS.split(","))


def test_each_form_is_written_whole(here: Path) -> None:
    for form, name in (("yaml", "s.yaml"), ("json", "s.json"), ("pytest", "test_s.py")):
        outcome = run("suite", "seller", *QUICK, "--format", form, "-o", name)
        assert (outcome.code, outcome.out) == (0, "")
        assert outcome.err.splitlines()[-1].endswith(f" cases written to {name}")

    assert content(here).keys() == {"s.yaml", "s.json", "test_s.py"}
    suite = load_suite(here / "s.yaml")
    assert suite == load_suite(here / "s.json")
    assert json.loads((here / "s.json").read_text())["cases"][0]["steps"][0]["call"]
    compile((here / "test_s.py").read_text(), "test_s.py", "exec")
    odd = run("suite", "seller", *QUICK, "--format", "pytest", "-o", "cases.py")
    assert odd.err.splitlines()[-1].endswith("of this file tell it: pytest cases.py")


def test_a_suite_file_is_read_and_written_in_another_form(here: Path) -> None:
    options = ("--profile", "observed", "--module", "picking", "--set", "cancellation_window=61")
    run("suite", "seller", *QUICK, *options, "-o", "s.yaml")

    outcome = run("suite", "s.yaml", "--format", "json", "-o", "s.json")

    assert outcome.code == 0, outcome
    suite = load_suite(here / "s.json")
    assert suite == load_suite(here / "s.yaml")
    assert (suite.profile, suite.modules) == ("observed", ("picking",))
    assert suite.settings == (("cancellation_window", "61"),)


def test_the_simulator_passes_whatever_suite_it_is_given(here: Path) -> None:
    (here / "deep").mkdir()
    (here / "deep" / "mine.yaml").write_text(OVERLAY)
    run("suite", "deep/mine.yaml", *QUICK, "-o", "made.yaml")
    text = (here / "made.yaml").read_text().replace("deep/mine.yaml", "mine.yaml")
    (here / "deep" / "s.yaml").write_text(text)

    of_flow = run("suite", "seller", *QUICK, "--run", "--json", "v.json", "-o", "seller.yaml")
    of_file = run("suite", "deep/s.yaml", "--run", "--junit", "junit.xml")

    assert (of_flow.code, of_file.code) == (0, 0), (of_flow, of_file)
    assert of_flow.out.splitlines()[-1].startswith("PASS: ")
    assert json.loads((here / "v.json").read_text())["passed"] is True
    assert {"seller.yaml", "junit.xml", "v.json"} <= content(here).keys()


def test_a_system_that_takes_everything_is_found_out(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "yes_system.py").write_text(YES)
    monkeypatch.syspath_prepend(here)
    words = ("suite", "seller", "--cover", "illegal", "--budget", "60", "--run", "--json", "-")

    outcome = run(*words, "--target", "yes_system:subject")

    told = json.loads(outcome.out)
    assert outcome.code == 1
    assert told["passed"] is False
    assert told["command"] == (
        "orderflow suite seller --cover illegal --seed 0 --profile documented "
        "--budget 60 --target yes_system:subject --run"
    )


@pytest.fixture
def systems(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (here / "odd_systems.py").write_text(ODD)
    monkeypatch.syspath_prepend(here)
    monkeypatch.delitem(sys.modules, "odd_systems", raising=False)
    return here


CHECK = ("check", "seller", "--examples", "0", "--json", "-", "--report", "r.html")


def test_a_suite_is_made_for_what_the_system_can_be_asked_for(systems: Path) -> None:
    words = ("--run", "--target", "odd_systems:short", "--json", "v.json")

    outcome = run("suite", "seller", "--cover", "pairs", *words)

    assert outcome.code == 0, outcome
    assert "left out" not in outcome.out + outcome.err
    named = "it cannot be asked for add_invoice_partial, deny_cancel."
    lost = "4 of 43 transitions (S11, S19>ready-for-handling, S19>handling, S20p)"
    for told in (outcome.out, outcome.err, (systems / "v.json").read_text()):
        assert named in told
        assert lost in told
    assert outcome.out.splitlines()[-1].startswith("PASS: ")
    made = run("suite", "seller", "--cover", "pairs")
    assert "out of reach" not in made.err


def test_a_suite_file_names_what_the_system_lacks_and_what_that_costs(systems: Path) -> None:
    run("suite", "seller", "--cover", "pairs", "-o", "s.yaml")

    outcome = run("suite", "s.yaml", "--run", "--target", "odd_systems:short")

    assert outcome.code == 0
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("left out: ")]
    found = re.fullmatch(
        r"left out: (\d+) cases, for the system cannot be asked for "
        r"add_invoice_partial \((\d+) cases\), deny_cancel \((\d+) cases\)",
        line,
    )
    assert found is not None, line
    whole, one, two = map(int, found.groups())
    assert max(one, two) <= whole <= one + two
    assert f"{whole} left out" in outcome.out


def test_a_check_of_a_target_is_made_for_it_and_priced_by_it(systems: Path) -> None:
    outcome = run(*CHECK, "--target", "odd_systems:short")

    assert outcome.code == 0, outcome
    verdict = json.loads(outcome.out)
    assert verdict["flows"][0]["suite"]["left_out"] == []
    first = outcome.err.splitlines()[0]
    assert re.fullmatch(
        r"seller, documented: [\d,]+ orders, [\d,]+ calls, about .+ at \S+ a call and \S+ a new "
        r"order, as measured just now",
        first,
    )
    assert "deny_cancel" in verdict["flows"][0]["suite"]["guarantees"][-1][1]


def test_what_was_typed_counts_more_than_what_was_measured(systems: Path) -> None:
    words = (*QUICK, "--run", "--target", "odd_systems:short", "--latency", "3s")

    told = run("suite", "seller", *words).err.splitlines()[0]

    assert told.endswith(" at 3s a call and 2s a new order")


@pytest.mark.parametrize(
    "words", [CHECK, ("suite", "seller", "--run"), ("suite", "s.yaml", "--run")]
)
def test_a_target_that_is_not_there_is_told_at_once_and_leaves_nothing(
    systems: Path, words: tuple[str, ...]
) -> None:
    run("suite", "seller", *QUICK, "-o", "s.yaml")
    before = content(systems)

    mute = refused(*words, "--target", "odd_systems:mute")
    gone = refused(*words, "--target", "http://127.0.0.1:9")

    assert mute == (
        "target 'odd_systems:mute': none of 3 new orders got an answer (step 1, place_order: the "
        "shop is closed), so nothing was tested; start it, or name the system that is running; "
        "see docs/subjects.md\n"
    )
    assert gone.startswith("target 'http://127.0.0.1:9': none of 3 new orders got an answer, asked")
    assert "no connection" in gone
    assert content(systems) == before


def test_a_system_on_which_no_order_can_be_placed_is_no_pass(systems: Path) -> None:
    told = refused("suite", "seller", "--run", "--target", "odd_systems:orderless")

    assert told.startswith("target 'odd_systems:orderless': no order can be placed")
    assert "it cannot be asked for place_order" in told


def test_a_system_that_dies_keeps_what_it_showed_and_does_not_pass(systems: Path) -> None:
    words = ("suite", "seller", "--cover", "pairs", "--run", "--json", "-")

    outcome = run(*words, "--target", "odd_systems:dying")

    suite = json.loads(outcome.out)["flows"][0]["suite"]
    assert outcome.code == 1
    assert 0 < suite["passed"] < suite["cases"]
    assert suite["calls"] < 310
    assert len(suite["indeterminate"]) == suite["cases"] - suite["passed"]


def test_a_case_keeps_its_id_when_others_come_or_go(here: Path) -> None:
    run("suite", "seller", "--cover", "pairs", "-o", "one.yaml")
    run("suite", "seller", "--cover", "timers,pairs,illegal", "-o", "two.yaml")

    one, two = load_suite(here / "one.yaml"), load_suite(here / "two.yaml")
    ids = {case.steps: case.id for case in two.cases}
    assert [ids[case.steps] for case in one.cases] == [case.id for case in one.cases]
    assert all(re.fullmatch(r"pairs-[0-9a-f]{7}", case.id) for case in one.cases)


def test_a_suite_with_ids_that_count_is_run_as_before(here: Path) -> None:
    run("suite", "seller", *QUICK, "-o", "s.yaml")
    numbers = iter(range(1, 100))
    text = (here / "s.yaml").read_text()
    text = re.sub(r"id: states-[0-9a-f]+", lambda _: f"id: states-{next(numbers):03}", text)
    (here / "s.yaml").write_text(text)

    assert load_suite(here / "s.yaml").cases[0].id == "states-001"
    assert run("suite", "s.yaml", "--run").code == 0


def test_one_of_something_is_told_as_one(here: Path) -> None:
    (here / "one.yaml").write_text(
        "flow: one\ntitle: One\nseen_by: nobody\ninitial: bought\n"
        "final: {success: [bought], failure: []}\nstates: {bought: {}}\ntransitions:\n"
        "  - {id: T1, from: (none), on: place_order, to: bought, actor: shopper}\n"
    )

    outcome = run("suite", "one.yaml", *QUICK, "-o", "s.yaml")

    assert "one.yaml, documented: 1 order, 1 call, about 2.0 s" in outcome.err
    assert outcome.err.endswith("\n1 case written to s.yaml\n")


def test_a_budget_keeps_the_strongest_cases(here: Path) -> None:
    run("suite", "chain", "--cover", "transitions", "-o", "all.yaml")

    outcome = run("suite", "all.yaml", "--budget", "20", "-o", "some.yaml")

    whole, part = load_suite(here / "all.yaml"), load_suite(here / "some.yaml")
    assert outcome.code == 0
    assert 0 < part.cost.calls <= 20 < whole.cost.calls
    assert {case.steps for case in part.cases} <= {case.steps for case in whole.cases}
    assert "Within 20 calls" in outcome.err


def test_a_budget_below_a_single_case_is_refused(here: Path) -> None:
    run("suite", "seller", "--cover", "illegal", "-o", "all.yaml")
    shortest = min(case.calls for case in load_suite(here / "all.yaml").cases)
    assert shortest > 1

    told = refused("suite", "all.yaml", "--budget", str(shortest - 1))

    assert told == f"--budget {shortest - 1}: the shortest case takes {shortest} calls\n"


def test_kill_adds_what_the_other_covers_let_pass(here: Path) -> None:
    outcome = run("suite", "chain", "--cover", "kill,transitions")

    suite = parse_suite(outcome.out)
    assert outcome.code == 0
    assert [each.cover for each in suite.guarantees] == ["transitions", "kill"]
    assert {case.cover for case in suite.cases} == {"transitions", "kill"}
    assert "none of those broken systems that the other cases let pass" in outcome.err


def test_kill_alone_comes_with_the_usual_suite_which_it_completes(here: Path) -> None:
    outcome = run("suite", "chain", "--cover", "kill")

    covers = [each.cover for each in parse_suite(outcome.out).guarantees]
    assert outcome.code == 0
    assert covers == ["pairs", "illegal:classes", "kill"]


def test_a_case_of_a_suite_replays(here: Path) -> None:
    suite = parse_suite(run("suite", "seller", *QUICK).out)
    case = max(suite.cases, key=lambda each: each.calls)
    (here / "case.trace.yaml").write_text(case_trace(case, suite))

    outcome = run("replay", "case.trace.yaml")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1] == f"conforms: the order stands in {case.steps[-1].then}"


def test_a_stale_suite_is_told_case_by_case(here: Path) -> None:
    (here / "mine.yaml").write_text(OVERLAY)
    run("suite", "mine.yaml", "--cover", "transitions", "-o", "s.yaml")
    (here / "mine.yaml").write_text(OVERLAY.replace("to: handling", "to: invoice"))

    told = refused("suite", "s.yaml", "--run").splitlines()

    assert re.match(
        r"s\.yaml:\d+:9: case transitions-[0-9a-f]+ step \d+, hurry: now leads to inv", told[0]
    )
    assert "mine.yaml has changed" in told[-1]
    again = told[-1].partition("; generate it anew: orderflow ")[2]
    assert run(*again.split(), "-o", "s.yaml").code == 0
    assert run("suite", "s.yaml", "--run").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("suite", "Missing argument 'FLOW|SUITE-FILE'"),
        ("suite seler", "no flow or deal 'seler'; did you mean 'seller'?"),
        ("suite none.yaml", "none.yaml: there is no such file"),
        ("suite marketplace-seller", "a suite is for one flow; its flows: marketplace, seller"),
        ("suite deals", "a suite is for one flow"),
        ("suite seller --cover pears", "nothing covers 'pears'; did you mean 'pairs'?"),
        ("suite seller --cover pairs,kil", "nothing covers 'kil'; did you mean 'kill'? There are"),
        ("suite seller --cover pears", "scenario:FILE, kill"),
        ("suite seller --cover switch:1", "switch takes a number from 2"),
        ("suite seller --cover scenario:none.yaml", "none.yaml: there is no such file"),
        ("suite seller --budget 0", "0 is not in the range x>=1"),
        ("suite seller --latency soon", "'soon' is not a duration; write it like 90s, 30m"),
        ("suite seller --format xml", "'xml' is not one of 'yaml', 'json', 'pytest'"),
        ("suite seller --module pack", "no module 'pack'; modules: picking, wms"),
        ("suite seller -o no/where.yaml", "there is no folder no"),
        ("suite seller --target http://x --json -", "--target, --json: the suite is only written"),
        ("suite seller --run --mapping x", "--mapping: says how to ask a system; name it with"),
        ("suite seller --run --format json", "--format: no suite is written; say where with -o"),
        ("suite seller --run -o -", "what the run shows goes to stdout; name a file"),
        ("suite seller --run --json a --junit a", "--junit a: --json goes there, too"),
        ("suite seller --run --json a -o a", "--json a: -o goes there, too"),
        ("suite seller --run --traces here.txt", "--traces here.txt: is a file; name a folder"),
        ("suite seller --run --require pears=1", "pears"),
        ("suite s.yaml -o s.yaml", "-o s.yaml: is read by this command; name another file"),
        ("suite mine.yaml -o mine.yaml", "-o mine.yaml: is read by this command; name another"),
        ("suite s.yaml -o mine.yaml", "-o mine.yaml: is read by this command; name another file"),
        ("suite seller --cover scenario:s.yaml -o s.yaml", "-o s.yaml: is read by this command"),
        ("suite s.yaml --cover pairs --set a=1", "leave out --cover, --set"),
        ("suite bad.yaml", "bad.yaml:4:1: unknown key 'casess'; did you mean 'cases'?"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    here: Path, words: str, told: str
) -> None:
    (here / "mine.yaml").write_text(OVERLAY)
    (here / "here.txt").write_text("x")
    (here / "bad.yaml").write_text(
        "format: orderflow-suite-1\nflow: seller\nprofile: observed\ncasess: []\n"
    )
    (here / "s.yaml").write_text(
        "format: orderflow-suite-1\nflow: mine.yaml\nprofile: documented\ncases: []\n"
    )
    before = content(here)

    assert told in refused(*words.split())
    assert content(here) == before


def test_all_that_is_wrong_is_told_together(here: Path) -> None:
    words = ("--cover", "pears", "--module", "x", "-o", "no/where", "--set", "a")

    told = refused("suite", "seller", *words)

    assert [line.split(" ")[0] for line in told.splitlines()] == [
        "seller:",
        "--set",
        "no/where:",
        "nothing",
    ]


def test_a_suite_without_cases_is_written_and_never_passes(here: Path) -> None:
    text = "format: orderflow-suite-1\nflow: seller\nprofile: documented\ncases: []\n"
    (here / "s.yaml").write_text(text)

    assert run("suite", "s.yaml").code == 0
    assert "there is no case to run" in run("suite", "s.yaml", "--run").err
    assert run("suite", "s.yaml", "--run").code == 2


def test_a_password_in_a_target_is_not_repeated(here: Path) -> None:
    words = ("suite", "seller", *QUICK, "--run", "--json", "v.json")

    outcome = run(*words, "--target", "http://me:secret@127.0.0.1:9")

    shown = outcome.out + outcome.err + "".join(str(each) for each in content(here).values())
    assert outcome.code in {1, 2}
    assert "secret" not in shown


def test_a_password_in_the_command_of_a_failing_program_stands_in_no_result(here: Path) -> None:
    program = f"{sys.executable} {PROGRAM} --wrong loses-the-start"
    target = f"command:sh -c 'exec {program}' http://me:secret@shop.test"
    results = {"--json": "v.json", "--report": "r.html", "--junit": "j.xml", "--ctrf": "c.json"}
    words = [word for each in results.items() for word in each]

    outcome = run("suite", "seller", "--cover", "transitions", "--run", "--target", target, *words)

    assert outcome.code == 1, outcome.err
    assert "//***@shop.test" in outcome.out
    assert all("shop.test" in (here / name).read_text() for name in results.values())
    shown = [outcome.out, outcome.err, *((here / name).read_text() for name in results.values())]
    assert [text for text in shown if "secret" in text] == []


def test_the_help_names_everything_that_can_be_covered() -> None:
    told = run("suite", "--help").out

    assert all(f"\n  {name} " in told for name, _ in COVER_HELP)


def test_the_scenarios_that_the_help_shows_can_be_run_and_are_counted_as_a_requirement(
    here: Path,
) -> None:
    shown = re.search(r"^  scenarios:\n(?:    .*\n)+", run("suite", "--help").out, re.MULTILINE)
    assert shown is not None
    (here / "mine.yaml").write_text(textwrap.dedent(shown[0]))

    outcome = run("suite", "seller", "--cover", "scenario:mine.yaml", "--run")

    assert outcome.code == 0, outcome.err
    assert "PASS: 1 of 1 case passed" in outcome.out
    (case,) = parse_suite(run("suite", "seller", "--cover", "scenario:mine.yaml").out).cases
    assert case.tags == ("REQ-7",)
    assert case.title == "early-cancel: Canceled before it is authorized"
    assert case.steps[-1].then == "canceled"
    assert [item.quantity for item in case.start.items] == [2]
