"""Makes tests of cases: one for each case of a suite file, or of what a marker asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from orderflow.conformance.suites.pytest_case import (
    DeviationError,
    UnjudgedError,
    check_case,
    plain,
)
from orderflow.flows.errors import OrderflowError
from orderflow.pytesting.asked import asked
from orderflow.pytesting.cases import listen
from orderflow.pytesting.prepared import PREPARED, cases_of_file, cases_of_marker

if TYPE_CHECKING:
    from orderflow.conformance.subjects.subject import Subject
    from orderflow.conformance.suites.case import Case
    from orderflow.flows.model import Flow
    from orderflow.flows.settings import Settings


def run_case(
    orderflow_case: Case,
    orderflow_subject: Subject,
    orderflow_flow: Flow,
    orderflow_settings: Settings,
) -> None:
    """What every case of a suite file does."""
    __tracebackhide__ = True
    check_case(orderflow_case, orderflow_subject, orderflow_flow, orderflow_settings)


class CaseItem(pytest.Function):
    """One case of a suite file as a test."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """It stands in the suite file, not in ours."""
        return self.path, 0, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]
        """Words only: the frames would be ours."""
        error = excinfo.value
        if isinstance(error, DeviationError | UnjudgedError):
            return "\n".join((str(error), *getattr(error, "__notes__", ())))
        return super().repr_failure(excinfo)


class SuiteFile(pytest.Module):
    """A suite file: to fixtures it is a module like any other."""

    def _getobj(self) -> ModuleType:
        return ModuleType(self.path.name.replace(".", "_"), "Cases of a suite file.")

    def collect(self) -> Iterator[CaseItem]:
        """One test for each case, in the order of the file."""
        try:
            found = cases_of_file(self.path)
        except OrderflowError as error:
            raise self.CollectError(plain(str(error))) from None
        for prepared in found:
            item = CaseItem.from_parent(self, name=prepared.case.id, callobj=run_case)
            item.add_marker(pytest.mark.orderflow)
            item.stash[PREPARED] = prepared
            yield item


def collector_of(path: Path, parent: pytest.Collector, *, named: bool) -> SuiteFile | None:
    """The collector of a suite file that was asked for, None for any other file.

    Args:
        path: The file.
        parent: Where it was found.
        named: An argument names it.
    """
    wanted = {each.resolve() for each in asked(parent.config).suites}
    if not named and path.resolve() not in wanted:
        return None
    listen(parent.config)
    return SuiteFile.from_parent(parent, path=path)


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Listen to a test, and run it once for each case that its markers ask for."""
    listen(metafunc.config)
    if "orderflow_case" not in metafunc.fixturenames:
        return
    try:
        found = cases_of_marker(metafunc.definition)
    except OrderflowError as error:
        pytest.fail(plain(str(error)), pytrace=False)
    ids = [prepared.case.id for prepared in found]
    metafunc.parametrize("orderflow_case", found, ids=ids, indirect=True)
