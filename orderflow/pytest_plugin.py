"""The pytest plugin: options, fixtures and hooks that cost nothing until a test uses them.

Everybody's pytest loads this file, so it imports nothing of ours and nothing heavy; what does the
work is in :mod:`orderflow.pytesting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orderflow.conformance.subjects.subject import Subject
    from orderflow.conformance.suites.case import Case
    from orderflow.flows.model import Flow
    from orderflow.flows.settings import Settings
    from orderflow.pytesting.connection import Connection
    from orderflow.sandbox.server import Sandbox
    from orderflow.simulator.simulator import Simulator

MARKER = (
    "orderflow(*, flow, cover, suite, profile, modules, settings, seed): "
    "run the test once for each case that is generated for a flow, or that stands in a suite file; "
    "the fixture orderflow_case is the case."
)

OPTIONS: tuple[tuple[str, str, Literal["paths", "string"], str], ...] = (
    ("suite", "FILE", "paths", "Collect the cases of a suite file. May be given several times."),
    ("target", "TARGET", "string", "System under test, as `orderflow suite --target` names it."),
    ("mapping", "FILE", "string", "How the events of the flow are asked of the target."),
    ("flow", "FLOW", "string", "Flow of tests that name none (default: seller)."),
    ("cover", "LIST", "string", "What cases are generated for (default: pairs,illegal:classes)."),
    ("coverage", "FILE", "string", "Add what was covered to this file."),
    (
        "require",
        "LIST",
        "string",
        "Fail below this coverage, in percent: transitions=100,pairs=90.",
    ),
    ("traces", "FOLDER", "string", "Where failing cases are written as replayable files."),
)
"""Name, metavariable, type of the ini value and help of each option."""

_ENDINGS = (".yaml", ".yml", ".json")
_PEEK = 4_096


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each of which is an ini value, too."""
    group = parser.getgroup("orderflow", "order flows (orderflow)")
    for name, metavar, kind, told in OPTIONS:
        group.addoption(
            f"--orderflow-{name}",
            action="append" if kind == "paths" else "store",
            default=None,
            metavar=metavar,
            help=told,
        )
        parser.addini(
            f"orderflow_{name}",
            f"Same as --orderflow-{name}: {told}",
            type=kind,
            default=[] if kind == "paths" else "",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and have the suite files that were asked for collected."""
    config.addinivalue_line("markers", MARKER)
    given = [config.getoption(f"orderflow_{name}") for name, *_ in OPTIONS]
    if any(given) or config.getini("orderflow_suite"):
        from orderflow.pytesting.asked import begin

        begin(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a suite file that an option, the ini file or an argument names."""
    if not file_path.name.endswith(_ENDINGS):
        return None
    config = parent.config
    asked = config.getoption("orderflow_suite") or config.getini("orderflow_suite")
    named = parent.session.isinitpath(file_path) and _is_suite(file_path)
    if not asked and not named:
        return None
    from orderflow.pytesting.collect import collector_of

    return collector_of(file_path, parent, named=named)


def _is_suite(path: Path) -> bool:
    """Whether a file says at its beginning that it is a suite."""
    with path.open("rb") as file:
        return b"orderflow-suite-" in file.read(_PEEK)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Listen to tests that use our fixtures; run those with a case once for each case."""
    if "orderflow_subject" in metafunc.fixturenames or "orderflow_case" in metafunc.fixturenames:
        from orderflow.pytesting.collect import parametrise

        parametrise(metafunc)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over what a worker of pytest-xdist covered."""
    output = getattr(node, "workeroutput", None)
    config = getattr(node, "config", None)
    if isinstance(output, dict) and "orderflow" in output and isinstance(config, pytest.Config):
        from orderflow.pytesting.covered import take_over

        take_over(config, output["orderflow"])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was covered, and fail where it is not enough."""
    from sys import modules

    if "orderflow.pytesting" in modules:
        from orderflow.pytesting.covered import finish

        finish(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the cases showed; nothing when none ran."""
    from sys import modules

    if "orderflow.pytesting" in modules or _ran(terminalreporter):
        from orderflow.pytesting.summary import write

        write(terminalreporter)


def _ran(reporter: pytest.TerminalReporter) -> bool:
    """Whether a worker has run a case: this process may know nothing of it."""
    return any(
        name == "orderflow.result"
        for reports in reporter.stats.values()
        for report in reports
        for name, _ in getattr(report, "user_properties", ())
    )


@pytest.fixture
def orderflow_flow(request: pytest.FixtureRequest) -> Flow:
    """The order flow a test is about, as its profile sees it.

    It is that of the suite file or of the marker ``orderflow``, else the one that the option
    ``--orderflow-flow`` names, else ``seller``. Override it to judge by a flow of your own.
    """
    from orderflow.pytesting.prepared import flow_for

    return flow_for(request.node)


@pytest.fixture
def orderflow_settings(request: pytest.FixtureRequest) -> Settings:
    """Time limits that a test is about: those of the suite file or the marker, else the usual."""
    from orderflow.pytesting.prepared import settings_for

    return settings_for(request.node)


@pytest.fixture
def orderflow_simulator(orderflow_flow: Flow, orderflow_settings: Settings) -> Simulator:
    """A simulator of ``orderflow_flow`` that holds an order which is not placed yet."""
    from orderflow.pytesting.prepared import simulator_for

    return simulator_for(orderflow_flow, orderflow_settings)


@pytest.fixture(scope="session")
def orderflow_connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """The system that ``--orderflow-target`` names, opened once a process and closed at its end."""
    from orderflow.pytesting.connection import connection

    with connection(request.config) as opened:
        yield opened


@pytest.fixture
def orderflow_subject(
    orderflow_connection: Connection, orderflow_flow: Flow, orderflow_settings: Settings
) -> Subject:
    """The system under test. Override it in your conftest.py to test one of your own.

    It is what ``--orderflow-target`` names; without a target it is the simulator itself, which
    obeys every flow. Yours is any object with the two methods ``begin`` and ``fire`` of
    ``orderflow.conformance.subjects.subject.Subject``.
    """
    return orderflow_connection.subject(orderflow_flow, orderflow_settings)


@pytest.fixture
def orderflow_case(request: pytest.FixtureRequest) -> Case:
    """The case of a test that runs once for each case; the marker ``orderflow`` says which.

    ``check_case(orderflow_case, orderflow_subject, orderflow_flow, orderflow_settings)`` runs it,
    see ``orderflow.conformance.suites.pytest_case``.
    """
    from orderflow.pytesting.prepared import prepared_of

    return prepared_of(request.node).case


@pytest.fixture(scope="session")
def orderflow_sandbox_server() -> Iterator[Sandbox]:
    """A sandbox that runs for the whole session; tests take ``orderflow_sandbox``."""
    from orderflow.sandbox.server import Sandbox

    with Sandbox() as running:
        yield running


@pytest.fixture
def orderflow_sandbox(orderflow_sandbox_server: Sandbox) -> Iterator[Sandbox]:
    """An order-management API on a free port of this machine, as new for each test."""
    from orderflow.pytesting.sandboxed import renewed

    with renewed(orderflow_sandbox_server) as sandbox:
        yield sandbox
