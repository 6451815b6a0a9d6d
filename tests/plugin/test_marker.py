"""The marker makes tests of generated cases; fixtures give the flow and a simulator of it."""

import pytest

from orderflow.conformance.suites.generate import DEFAULT_COVERS
from orderflow.pytest_plugin import OPTIONS
from tests.plugin.stores import ids_of

CHECKS = """
    import pytest
    from orderflow.conformance.suites.pytest_case import check_case

    @pytest.mark.orderflow(%s)
    def test_store(orderflow_case, orderflow_subject, orderflow_flow, orderflow_settings):
        check_case(orderflow_case, orderflow_subject, orderflow_flow, orderflow_settings)
"""

FIXTURES = """
    import pytest

    pytestmark = pytest.mark.orderflow(flow="marketplace", modules=[])

    def test_flow_of_the_module(orderflow_flow):
        assert orderflow_flow.name == "marketplace"

    @pytest.mark.orderflow(flow="chain", profile="legacy", settings={"cancellation_window": 90})
    def test_flow_of_the_test(orderflow_flow, orderflow_settings):
        assert (orderflow_flow.name, str(orderflow_flow.profile)) == ("chain", "legacy")
        assert orderflow_settings.milliseconds("cancellation_window") == 90 * 60_000

    def test_an_order(orderflow_simulator):
        orderflow_simulator.fire("place_order")
        assert orderflow_simulator.status == "order-created"

    def test_another_order(orderflow_simulator):
        assert orderflow_simulator.status == "(none)"

    @pytest.mark.orderflow(cover="transitions")
    class TestBoth:
        @pytest.mark.orderflow(cover="states")
        def test_cover_of_the_nearest(self, orderflow_case):
            assert orderflow_case.cover == "states"
"""


def test_a_test_runs_once_for_each_case(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CHECKS % 'flow="chain", cover="states, timers"')

    result = pytester.runpytest_inprocess("-v", "--strict-markers")

    assert result.ret == 0
    for cover in ("states", "timers"):
        name = ids_of(cover, "chain")[0]
        result.stdout.fnmatch_lines([f"test_*.py::test_store[[]{name}] PASSED*"])
    result.stdout.fnmatch_lines(["chain: * cases on the simulator itself: * passed"])
    result.stdout.fnmatch_lines(["  no system of yours was tested: *"])


def test_fixtures_are_of_the_flow_that_the_nearest_marker_names(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FIXTURES)

    result = pytester.runpytest_inprocess("-q")

    assert set(result.parseoutcomes()) == {"passed"}
    assert result.parseoutcomes()["passed"] > 5


def test_a_marker_may_name_a_flow_file_beside_the_test(pytester: pytest.Pytester) -> None:
    tests = pytester.mkdir("tests")
    own = "flow: mine\nextends: seller\ntitle: My flow\n"
    tests.joinpath("mine.yaml").write_text(own)
    checks = pytester.makepyfile(CHECKS % 'flow="mine.yaml", cover="states"')
    checks.rename(tests / "test_mine.py")

    result = pytester.runpytest_inprocess("-q", "tests")

    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["mine: * cases on *"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('fow="seller"', "*marker orderflow: unknown name 'fow'; did you mean 'flow'?"),
        ('"seller"', "*marker orderflow: give names, such as flow='seller'"),
        ('cover="pears"', "*nothing covers 'pears'; did you mean 'pairs'?*"),
        ('flow="selle"', "*no flow *selle*"),
        ('suite="a.suite.yaml", seed=3', "*a suite says itself what it covers: leave out seed"),
        ('settings={"cancelation_window": 3}', "*no setting 'cancelation_window'; did you mean*"),
        ("modules=['wmss']", "*seller: no module 'wmss'*"),
    ],
)
def test_what_no_marker_can_say_is_told_without_a_traceback(
    pytester: pytest.Pytester, said: str, told: str
) -> None:
    pytester.makepyfile(CHECKS % said)

    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", "--collect-only")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting*", told])


def test_the_plugin_explains_itself(pytester: pytest.Pytester) -> None:
    options = pytester.runpytest_inprocess("--help").stdout
    fixtures = pytester.runpytest_inprocess("--fixtures", "-q").stdout
    markers = pytester.runpytest_inprocess("--markers").stdout

    options.fnmatch_lines(["order flows (orderflow):", "  --orderflow-suite=FILE"])
    options.fnmatch_lines(["  orderflow_suite (paths):*"])
    for name in ("flow", "settings", "simulator", "subject", "case"):
        fixtures.fnmatch_lines([f"orderflow_{name} -- *pytest_plugin.py:*"])
    assert "no docstring" not in fixtures.str().partition("orderflow.pytest_plugin")[2][:1_500]
    markers.fnmatch_lines(["@pytest.mark.orderflow(*, flow, cover, suite, *"])


def test_the_help_names_what_cases_are_generated_for_when_nobody_says() -> None:
    (told,) = [text for name, _, _, text in OPTIONS if name == "cover"]

    assert told.endswith(f"(default: {DEFAULT_COVERS}).")
