"""A suite file is collected like a test module: one test a case, with the user's own fixtures."""

import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from orderflow.conformance.subjects.mapping_file import PLAIN
from tests.cli.running import run
from tests.plugin.stores import CANCELS_ANYTHING, CANNOT_CANCEL, PROMPT, SILENT, ids_of, suite_text

STATES, ILLEGAL = ids_of(), ids_of("illegal")
COUNT = len(STATES)
SUITE = "--orderflow-suite=seller.suite.yaml"


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a suite, and a test of somebody's."""
    pytester.path.joinpath("seller.suite.yaml").write_text(suite_text())
    pytester.makepyfile(test_other="def test_other(): pass")
    return pytester


def listed_by(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line and " " not in line]


def test_each_case_is_a_test_with_its_own_id(folder: pytest.Pytester) -> None:
    listed = listed_by(folder.runpytest_inprocess("-q", "--collect-only", SUITE))

    cases = [line for line in listed if line.startswith("seller.suite.yaml::")]
    assert cases == [f"seller.suite.yaml::{name}" for name in STATES]
    assert "test_other.py::test_other" in listed


def test_a_file_that_nobody_names_is_not_collected(folder: pytest.Pytester) -> None:
    listed = listed_by(folder.runpytest_inprocess("-q", "--collect-only", "."))

    assert listed == ["test_other.py::test_other"]


def test_a_case_can_be_named_as_any_test_can(folder: pytest.Pytester) -> None:
    by_id = folder.runpytest_inprocess("-q", f"seller.suite.yaml::{STATES[1]}")
    by_word = folder.runpytest_inprocess("-q", SUITE, "-k", f"{STATES[1]} or test_other")
    by_mark = folder.runpytest_inprocess("-q", SUITE, "--strict-markers", "-m", "orderflow")

    by_id.assert_outcomes(passed=1)
    by_word.assert_outcomes(passed=2, deselected=COUNT - 1)
    by_mark.assert_outcomes(passed=COUNT, deselected=1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\norderflow_suite = cases/seller.suite.yaml\n"),
        ("pytest.toml", '[pytest]\norderflow_suite = ["cases/seller.suite.yaml"]\n'),
    ],
)
def test_the_ini_file_names_suites_for_runs_of_everything(
    folder: pytest.Pytester, name: str, text: str
) -> None:
    folder.path.joinpath(name).write_text(text)
    folder.mkdir("cases")
    folder.path.joinpath("seller.suite.yaml").rename(folder.path / "cases" / "seller.suite.yaml")

    everything = folder.runpytest_inprocess("-q")
    one = folder.runpytest_inprocess("-q", "test_other.py")

    everything.assert_outcomes(passed=COUNT + 1)
    one.assert_outcomes(passed=1)


def test_a_store_that_deviates_fails_and_says_how_to_see_it_again(folder: pytest.Pytester) -> None:
    folder.path.joinpath("seller.suite.yaml").write_text(suite_text("illegal"))
    folder.makeconftest(CANCELS_ANYTHING)

    result = folder.runpytest_inprocess(SUITE, "--junitxml=out.xml", "-x", "test_other.py")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"{ILLEGAL[0]}: The system took cancel_order in *",
            "expected: *",
            f"again, alone: *pytest seller.suite.yaml::{ILLEGAL[0]}",
            "seller: 1 case on Store: 1 failed",
            f"FAILED seller.suite.yaml::{ILLEGAL[0]} - {ILLEGAL[0]}: The system took *",
        ],
        consecutive=False,
    )
    assert "collect.py" not in result.stdout.str()
    properties = {
        each.attrib["name"]: each.attrib["value"]
        for each in ET.parse(folder.path / "out.xml").iter("property")  # noqa: S314  # our own
    }
    assert properties["orderflow.kind"] == "accepted-illegal"
    assert properties["orderflow.case"] == ILLEGAL[0]
    assert properties["orderflow.cover"] == "illegal"
    replayed(folder, properties["orderflow.replay"])


def replayed(folder: pytest.Pytester, command: str) -> None:
    """The command works where the tests ran, and shows what the flow does."""
    words = shlex.split(command)
    assert words[:2] == ["orderflow", "replay"]
    assert Path(words[2]).parts[:3] == (".pytest_cache", "d", "orderflow")

    outcome = run(*words[1:])
    assert outcome.code == 0, outcome
    assert "cancel_order  refused in" in outcome.out


SHOP = """
    import contextlib
    import pathlib
    from orderflow.conformance.subjects.subject import Answer, Outcome

    class Shop:
        def begin(self, start):
            return Answer(Outcome.ACCEPTED, "(none)")

        def fire(self, call):
            return Answer(Outcome.REFUSED, "(none)", "not today")

    @contextlib.contextmanager
    def opened():
        with pathlib.Path("opened.txt").open("a") as file:
            file.write("opened ")
            yield Shop()
            file.write("closed ")
"""


def test_steps_of_which_nobody_saw_where_they_led_are_counted(folder: pytest.Pytester) -> None:
    folder.makeconftest(PROMPT)
    name = f"seller.suite.yaml::{STATES[-1]}"
    prompt = folder.runpytest_inprocess("-q", name, "--junitxml=out.xml")
    folder.path.joinpath("conftest.py").unlink()
    slow = folder.runpytest_inprocess("-q", name)

    prompt.assert_outcomes(passed=1)
    line = "  * not seen: the order had gone on by itself before it was read"
    prompt.stdout.fnmatch_lines([line])
    slow.stdout.no_fnmatch_line(line)
    assert "orderflow.unseen" in folder.path.joinpath("out.xml").read_text("utf-8")


def test_a_target_is_opened_once_and_a_failure_is_replayed_on_it(folder: pytest.Pytester) -> None:
    folder.makepyfile(shop=SHOP)
    result = folder.runpytest_inprocess(
        SUITE, "--orderflow-target=shop:opened", "--orderflow-traces=failures", "test_other.py"
    )

    result.assert_outcomes(passed=1, failed=COUNT)
    assert folder.path.joinpath("opened.txt").read_text() == "opened closed "
    assert len(list(folder.path.joinpath("failures").glob("*.trace.yaml"))) == COUNT
    result.stdout.fnmatch_lines(["*orderflow replay failures/*.yaml --target shop:opened"])


def again_in(result: pytest.RunResult) -> list[str]:
    """The words of the first command that runs a failing case again."""
    lines = (line for line in result.outlines if line.startswith("again, alone:"))
    return shlex.split(next(lines).partition(":")[2])


def test_the_command_that_runs_a_case_again_needs_nothing_beside_it(
    folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the run was started is not where the ini file is."""
    folder.makepyfile(shop=SHOP)
    folder.makeini("[pytest]\n")
    folder.syspathinsert()
    below = folder.mkdir("below")
    monkeypatch.chdir(below)
    suite = "--orderflow-suite=../seller.suite.yaml"
    first = folder.runpytest_inprocess(suite, "--orderflow-target", "shop:opened", "..")
    program, *words = again_in(first)
    again = folder.runpytest_inprocess(*words)

    assert program == "pytest"
    assert words[:2] == ["--orderflow-target", "shop:opened"]
    assert words[-1] == f"../seller.suite.yaml::{STATES[0]}"
    again.assert_outcomes(failed=1)
    assert f"{STATES[0]}: The system refused" in again.stdout.str()
    assert again_in(again) == [program, *words]


def test_a_target_of_the_ini_file_is_not_repeated(folder: pytest.Pytester) -> None:
    folder.makepyfile(shop=SHOP)
    folder.makeini("[pytest]\norderflow_target = shop:opened\n")
    folder.syspathinsert()
    _, *words = again_in(folder.runpytest_inprocess(SUITE))
    again = folder.runpytest_inprocess(*words)

    assert words == [f"seller.suite.yaml::{STATES[0]}"]
    again.assert_outcomes(failed=1)


def test_the_mapping_of_a_target_is_repeated_as_it_was_typed(folder: pytest.Pytester) -> None:
    folder.path.joinpath("shop.yaml").write_text(PLAIN)
    words = ("--orderflow-target=http://127.0.0.1:9", "--orderflow-mapping=shop.yaml")
    result = folder.runpytest_inprocess(SUITE, *words, f"seller.suite.yaml::{STATES[0]}")

    assert again_in(result)[1:-1] == [
        "--orderflow-target",
        "http://127.0.0.1:9",
        "--orderflow-mapping",
        "shop.yaml",
    ]


def test_a_target_that_there_is_not_is_told_once_a_test_without_a_traceback(
    folder: pytest.Pytester,
) -> None:
    result = folder.runpytest_inprocess(
        "--orderflow-target=https://ada:secret@shop.invalid", f"seller.suite.yaml::{STATES[0]}"
    )

    result.assert_outcomes(errors=1)
    assert "secret" not in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_a_generated_module_uses_the_same_fixture(folder: pytest.Pytester) -> None:
    folder.makeconftest(CANCELS_ANYTHING)
    made = run("suite", "seller", "--cover", "illegal", "--format", "pytest", "-o", "test_made.py")
    result = folder.runpytest_inprocess("-q", "-x", "test_made.py")

    assert made.code == 0
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*illegal-*: The system took cancel_order in *"])
    result.stdout.fnmatch_lines(["seller: 1 case on Store: 1 failed"])


def test_only_what_failed_is_run_again(folder: pytest.Pytester) -> None:
    folder.makeconftest(SILENT)
    first = folder.runpytest_inprocess("-q", SUITE).parseoutcomes()
    again = folder.runpytest_inprocess("-q", SUITE, "--lf")

    assert 0 < first["failed"] < COUNT
    again.assert_outcomes(failed=first["failed"])
    again.stdout.fnmatch_lines(["states-* could not be judged: step *no answer in 5 s"])
    again.stdout.fnmatch_lines([f"seller: * on Store: {first['failed']} could not be judged"])


def test_what_cannot_be_asked_is_skipped_with_the_reason(folder: pytest.Pytester) -> None:
    folder.makeconftest(CANNOT_CANCEL)

    result = folder.runpytest_inprocess("-q", "-rs", SUITE)

    assert result.ret == pytest.ExitCode.TESTS_FAILED  # nothing of the suite was tested
    assert result.parseoutcomes()["skipped"] > 0
    result.stdout.fnmatch_lines(
        ["SKIPPED * seller.suite.yaml*: left out: it cannot be asked for *"]
    )
    result.stdout.fnmatch_lines(["  * left out: it cannot be asked for *"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("then: order-accepted", "then: order-acepted", f"*seller.suite.yaml:*:*{STATES[0]}*"),
        ("    title:", "    titles:", "*seller.suite.yaml:*:*: unknown key 'titles'*"),
        ("flow: seller", "flow: no-such-flow", "*no flow 'no-such-flow'*"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_without_a_traceback(
    folder: pytest.Pytester, old: str, new: str, told: str
) -> None:
    folder.path.joinpath("seller.suite.yaml").write_text(suite_text().replace(old, new, 1))

    result = folder.runpytest_inprocess("-q", SUITE)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting seller.suite.yaml*", told])
    assert "Traceback" not in result.stdout.str()
    assert ".py:" not in result.stdout.str()


def test_options_that_cannot_be_are_told_together(folder: pytest.Pytester) -> None:
    result = folder.runpytest_inprocess(
        "--orderflow-suite=none.yaml", "--orderflow-mapping=no.yaml", "--orderflow-require=pears=1"
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*none.yaml: there is no such suite file", "*no.yaml: *", "*give --orderflow-target*"]
    )
    result.stderr.fnmatch_lines(["--orderflow-require: no dimension 'pears'*"])


def test_without_the_plugin_the_option_is_unknown(folder: pytest.Pytester) -> None:
    result = folder.runpytest_inprocess("-p", "no:orderflow", SUITE)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --orderflow-suite*"])
