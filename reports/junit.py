"""The verdict as JUnit XML, in the form that Jenkins and GitLab read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Verdict
from orderflow.reports.cases import Case, CaseGroup, Outcome, case_groups, visible

_TAGS = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}
_COUNTS = {Outcome.FAILED: "failures", Outcome.ERROR: "errors", Outcome.SKIPPED: "skipped"}


def render_junit(verdict: Verdict, changes: Changes | None = None) -> str:
    """Return the document; see :func:`orderflow.reports.cases.case_groups` for its cases.

    A case has at most one failure, error or skip, for some readers take only the first. What XML
    cannot hold, and what would not be seen, is spelled out. There are no times: the same seed
    gives the same bytes.

    Source: the XSD of the Jenkins xUnit plugin, junit-10.xsd.
    """
    return render_groups(case_groups(verdict, changes))


def render_groups(groups: Sequence[CaseGroup]) -> str:
    """Return the document of *groups* of cases."""
    root = ET.Element("testsuites", {"name": "orderflow"})
    root.set("tests", str(sum(len(group.cases) for group in groups)))
    for outcome in (Outcome.FAILED, Outcome.ERROR):
        root.set(_COUNTS[outcome], str(sum(group.count(outcome) for group in groups)))
    root.extend(_suite(group) for group in groups)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(group: CaseGroup) -> ET.Element:
    suite = ET.Element("testsuite", {"name": visible(group.name), "tests": str(len(group.cases))})
    for outcome, name in _COUNTS.items():
        suite.set(name, str(group.count(outcome)))
    if group.facts:
        properties = ET.SubElement(suite, "properties")
        for name, value in group.facts:
            ET.SubElement(properties, "property", {"name": visible(name), "value": visible(value)})
    suite.extend(_case(case) for case in group.cases)
    return suite


def _case(case: Case) -> ET.Element:
    element = ET.Element("testcase", {"classname": visible(case.group), "name": visible(case.name)})
    if case.outcome in _TAGS:
        told = ET.SubElement(element, _TAGS[case.outcome], {"message": visible(case.message)})
        if case.kind:
            told.set("type", visible(case.kind))
        told.text = visible(case.text) or None
    if case.remarks:
        ET.SubElement(element, "system-out").text = visible(case.remarks)
    return element
