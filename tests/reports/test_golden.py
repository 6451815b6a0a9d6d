"""What a failing and a passing run look like in every form, to the letter.

Renew the files with ``ORDERFLOW_GOLDEN=write pytest tests/reports/test_golden.py``, and read the
difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from orderflow.cli.telling import told
from orderflow.conformance.baseline import Changes, compare
from orderflow.conformance.verdict import Verdict
from orderflow.reports.ctrf import render_ctrf
from orderflow.reports.jsonfile import render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from tests.reports.small_verdicts import the_failing, the_one_before, the_passing

GOLDEN = Path(__file__).parent / "golden"


def on_a_terminal(verdict: Verdict, changes: Changes | None) -> str:
    return told(verdict, {"report": "report.html"}, {}, {}, changes) + "\n"


FORMS: dict[str, Callable[[Verdict, Changes | None], str]] = {
    "json": lambda verdict, changes: render_json(verdict, changes=changes),
    "xml": render_junit,
    "md": lambda verdict, changes: render_summary(verdict, changes=changes),
    "ctrf.json": render_ctrf,
    "txt": on_a_terminal,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["failing", "passing"])
def test_the_form_is_as_it_was_read_and_found_good(name: str, form: str) -> None:
    value = the_failing() if name == "failing" else the_passing()
    changes = compare(value, the_one_before()) if name == "failing" else None
    text = FORMS[form](value, changes)
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("ORDERFLOW_GOLDEN") == "write":
        path.write_text(text, "utf-8")

    assert text == path.read_text("utf-8"), f"see {path.name}: renew it if this is better"


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{name}.{form}" for name in ("failing", "passing") for form in FORMS}

    assert {path.name for path in GOLDEN.iterdir()} == wanted


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_first_sentence(form: str) -> None:
    text = FORMS[form](the_failing(), None)

    assert the_failing().sentence in text.replace("\\", "")
