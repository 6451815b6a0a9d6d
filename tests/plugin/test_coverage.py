"""What was covered is summed up the same in one process and in several, and can be required."""

import json

import pytest

from tests.plugin.stores import CANCELS_ANYTHING, ids_of, suite_text

SUITE = "--orderflow-suite=seller.suite.yaml"
ILLEGAL = ids_of("illegal")


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.path.joinpath("seller.suite.yaml").write_text(suite_text("illegal"))
    pytester.makeconftest(CANCELS_ANYTHING)
    return pytester


def ours(result: pytest.RunResult) -> list[str]:
    """The lines of our section."""
    lines = iter(result.outlines)
    next(line for line in lines if line.strip("= ") == "orderflow")
    found = []
    for line in lines:
        if line.startswith("==") or " in " in line.split(",")[-1]:
            break
        found.append(line)
    return found


def test_two_workers_tell_the_same_as_one_process(folder: pytest.Pytester) -> None:
    alone = folder.runpytest_inprocess(SUITE, "--orderflow-coverage=alone.json")
    both = folder.runpytest_subprocess(SUITE, "--orderflow-coverage=both.json", "-n2")

    assert alone.parseoutcomes()["failed"] > 0
    assert both.parseoutcomes()["failed"] == alone.parseoutcomes()["failed"]
    assert ours(both) == ours(alone)
    assert any("cells" in line for line in ours(alone))
    assert folder.path.joinpath("both.json").read_bytes() == (
        folder.path.joinpath("alone.json").read_bytes()
    )


def test_a_requirement_that_is_not_met_fails_the_run(folder: pytest.Pytester) -> None:
    folder.path.joinpath("conftest.py").unlink()
    met = folder.runpytest_inprocess("-q", SUITE, "--orderflow-require=cells=100")
    unmet = folder.runpytest_inprocess(
        "-q", SUITE, "--orderflow-require=cells=100,transitions=100", "-k", ILLEGAL[0]
    )

    assert met.ret == 0
    assert unmet.ret == pytest.ExitCode.TESTS_FAILED
    assert unmet.parseoutcomes()["passed"] == 1
    unmet.stdout.fnmatch_lines(["not as required:", "  seller *: cells * 100 % wanted"])


def test_a_requirement_of_the_ini_file_is_for_runs_with_cases(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\norderflow_require = cells=100\n")
    pytester.makepyfile("def test_other(): pass")

    quiet = pytester.runpytest_inprocess("-q")
    typed = pytester.runpytest_inprocess("-q", "--orderflow-require=cells=100")

    assert quiet.ret == 0
    assert "orderflow" not in quiet.stdout.str()
    assert typed.ret == pytest.ExitCode.TESTS_FAILED
    typed.stdout.fnmatch_lines(["  no case was run, so nothing is covered; cells=100 wanted"])


def test_a_requirement_of_the_ini_file_is_not_for_runs_of_some_tests(
    folder: pytest.Pytester,
) -> None:
    folder.path.joinpath("conftest.py").unlink()
    folder.makeini("[pytest]\norderflow_require = pairs=100\n")

    everything = folder.runpytest_inprocess("-q", SUITE)
    some = folder.runpytest_inprocess("-q", SUITE, "-k", ILLEGAL[0])
    one = folder.runpytest_inprocess("-q", f"seller.suite.yaml::{ILLEGAL[0]}")

    assert (some.ret, one.ret) == (0, 0)
    assert everything.ret == pytest.ExitCode.TESTS_FAILED


def test_a_coverage_file_grows_over_runs_and_counts(folder: pytest.Pytester) -> None:
    folder.path.joinpath("conftest.py").unlink()
    options = ("-q", SUITE, "--orderflow-coverage=c.json")
    folder.runpytest_inprocess(*options, "-k", ILLEGAL[0])
    few = covered(folder)
    folder.runpytest_inprocess(*options, "-k", ILLEGAL[1])

    assert few < covered(folder)


def covered(folder: pytest.Pytester) -> set[str]:
    (flow,) = json.loads(folder.path.joinpath("c.json").read_text())["flows"]
    return set(flow["dimensions"]["cells"]["covered"])


def test_a_run_in_which_every_case_was_left_out_is_not_green(folder: pytest.Pytester) -> None:
    folder.makeconftest(
        """
        import pytest
        from orderflow.conformance.subjects.subject import Abilities, Answer, Outcome

        class Deaf:
            abilities = Abilities(asked=frozenset(), turns_clock=False)

            def begin(self, start):
                return Answer(Outcome.ACCEPTED, "(none)")

            def fire(self, call):
                raise AssertionError("nothing can be asked")

        @pytest.fixture
        def orderflow_subject():
            return Deaf()
        """
    )
    result = folder.runpytest_inprocess("-q", SUITE)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  every case was left out, nothing was tested: it cannot be *"])
