"""Listens while tests run cases: counts them, tells reports of them, writes those that fail."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import pytest

from orderflow.conformance.scenarios import changed
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Result
from orderflow.conformance.suites.pytest_case import (
    Checked,
    DeviationError,
    LeftOutError,
    UnjudgedError,
    listening,
    replay_of,
    shortest,
    word_for,
)
from orderflow.conformance.suites.suite_text import case_trace
from orderflow.flows.loader import bundled_names
from orderflow.pytesting.asked import Asked, asked
from orderflow.pytesting.covered import note

NAME = "orderflow-cases"
"""Name under which pytest knows the listener."""

_LONGEST_NAME = 150


def listen(config: pytest.Config) -> None:
    """Listen to all tests from now on."""
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(Cases(), NAME)


class Cases:
    """Hooks around each test."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Listen to one test, and say how to see again what fails in it."""
        __tracebackhide__ = True
        with listening(lambda checked: _noted(item, checked)):
            try:
                return (yield)
            except (DeviationError, UnjudgedError) as error:
                for line in _again(item, error.checked):
                    error.add_note(line)
                raise
            except LeftOutError as error:
                raise pytest.skip.Exception(str(error), _use_item_location=True) from None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the one line of a failure say what deviates, and not what raised it."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        crash = getattr(report.longrepr, "reprcrash", None)
        if isinstance(error, DeviationError | UnjudgedError) and crash is not None:
            crash.message = str(error)
        return report


def _noted(item: pytest.Item, checked: Checked) -> None:
    """Put what a case showed where the reports, the summary and the coverage find it."""
    run, case = checked.run, checked.script.case
    found = run.deviations[0] if run.deviations else None
    subject = "the simulator itself" if checked.subject == Inside.__name__ else checked.subject
    told = {
        "flow": checked.flow.name,
        "case": case.id,
        "cover": case.cover,
        "subject": subject,
        "result": str(run.result),
        "kind": str(found.kind) if found else "",
        "rule": checked.told[0].rule if checked.told else "",
        "why": run.why,
        "unseen": str(len(run.unseen) or ""),
        "replay": _replay(item, checked) if run.result is Result.FAILED else "",
    }
    item.user_properties += [(f"orderflow.{name}", text) for name, text in told.items() if text]
    note(item.config, checked)


def _again(item: pytest.Item, checked: Checked) -> Iterator[str]:
    """How to see a failing case again, a line each."""
    if checked.run.result is Result.FAILED:
        yield f"as a file:          {_replay(item, checked)}"
    yield f"again, alone:       {again_of(item)}"


def again_of(item: pytest.Item) -> str:
    """The command that runs one test again on the same system, from where this run was started."""
    config = item.config
    here = config.invocation_params.dir
    _, colons, name = item.nodeid.partition("::")
    file = os.path.relpath(item.path, here)
    typed = {name: config.getoption(f"orderflow_{name}") for name in _DECIDE}
    words = [word for name, value in typed.items() if value for word in (f"--{_OF}-{name}", value)]
    return _line(["pytest", *_usual(config), *words, f"{file}{colons}{name}"])


_OF = "orderflow"
_DECIDE = ("target", "mapping", "flow", "cover")
"""Options that decide what a test does; what the ini file says of them is read again."""


def _usual(config: pytest.Config) -> Iterator[str]:
    """Options of pytest itself without which it might find another test, or none."""
    for option, name in (("-c", "inifilename"), ("--rootdir", "rootdir")):
        value = config.getoption(name, default=None)
        yield from (option, str(value)) if value else ()
    plugins = config.getoption("plugins", default=None) or ()
    yield from (word for name in plugins if not name.startswith("no:") for word in ("-p", name))


def _line(words: Iterable[str]) -> str:
    """*words* as a command line, without what may be a password in a URL."""
    return re.sub(r"//[^/@\s]*@", "//***@", shlex.join(words))


def _replay(item: pytest.Item, checked: Checked) -> str:
    """The command that replays a failing case: from a file, if one can be written."""
    wanted, here = asked(item.config), item.config.invocation_params.dir
    folder = wanted.traces or _cache(item.config)
    path = folder and _written(item, checked, folder)
    words = shlex.split(replay_of(checked))
    if path is not None:
        words = ["orderflow", "replay", os.path.relpath(path, here)]
    return _line([*words, *_target(wanted, here)])


def _written(item: pytest.Item, checked: Checked, folder: Path) -> Path | None:
    """The file in *folder* that holds a failing case; None when it cannot be written."""
    path = folder / file_name(item.nodeid, checked.script.case.id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(trace_of(checked), "utf-8")
        part.replace(path)
    except OSError:
        return None
    return path


def _target(wanted: Asked, here: Path) -> list[str]:
    """What makes a replay play on the system that was tested, and not on the simulator."""
    if not wanted.target:
        return []
    mapping = [] if wanted.mapping is None else ["--mapping", os.path.relpath(wanted.mapping, here)]
    return ["--target", wanted.target, *mapping]


def _cache(config: pytest.Config) -> Path | None:
    """The folder of ours in pytest's cache; None when it keeps none."""
    cache = getattr(config, "cache", None)
    return None if cache is None else Path(cache.mkdir("orderflow"))


def file_name(nodeid: str, case: str) -> str:
    """Name of the trace file of a failing case.

    >>> file_name("tests/test_store.py::test_store[pairs-001]", "pairs-001")
    'tests-test_store.py-test_store-pairs-001.trace.yaml'
    """
    stem = re.sub(r"[^\w.]+", "-", nodeid).strip("-.")
    name = re.sub(r"[^\w.]+", "-", case).strip("-.")
    stem = stem[: -len(name)].strip("-") if stem.endswith(name) else stem
    return f"{stem[-_LONGEST_NAME:]}-{name[-_LONGEST_NAME:]}.trace.yaml"


def trace_of(checked: Checked) -> str:
    """The way to what deviates as a trace file, which can be replayed from any folder."""
    flow, case = checked.flow, shortest(checked)
    word = word_for(flow)
    suite = Suite(
        flow=word if word in bundled_names() else str(Path(word).absolute()),
        digest=flow.digest,
        profile=str(flow.profile or ""),
        cases=(case,),
        modules=flow.modules,
        settings=changed(checked.settings),
    )
    return case_trace(case, suite)
