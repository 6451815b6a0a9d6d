"""The verdict as JUnit XML: a suite for each flow, a case for each transition and each rule."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from orderflow.conformance.verdict import Failure, FlowVerdict, Verdict
from orderflow.reports.story import plain, story

_KEPT = "\t\n"
_SURROGATES = range(0xD800, 0xE000)
_NOT_XML = {0xFFFE, 0xFFFF}


def render_junit(verdict: Verdict) -> str:
    """Return the document. A transition never exercised counts as skipped, with the reason.

    A failure stands at its transition if it names one the run knows, else at its rule. Failures
    that were counted only are one case of their flow. There are no times: the same seed gives
    the same bytes.
    """
    root = ET.Element("testsuites", {"name": "orderflow"})
    placed: set[str] = set()
    for found in verdict.flows:
        root.append(_flow_suite(verdict, found, placed))
    root.append(_rule_suite(verdict, placed))
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _flow_suite(verdict: Verdict, found: FlowVerdict, placed: set[str]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": _clean(found.name)})
    facts = (
        ("profile", found.profile),
        ("digest", found.digest),
        ("source", found.source),
        ("seed", str(verdict.seed)),
        ("orderflow", verdict.version),
        ("left_out", str(found.left_out)),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in facts:
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    reasons = {never.transition: never for never in found.never}
    for name, count in found.transitions:
        case = _case(suite, f"orderflow.{found.name}", name)
        broken = [f for f in verdict.errors if f.flow == found.name and f.transition == name]
        for failure in broken:
            _fail(case, failure)
            placed.add(failure.identity)
        if not count and not broken:
            never = reasons.get(name)
            reason = never.reason if never else "never exercised"
            ET.SubElement(case, "skipped", {"message": _clean(f"never exercised: {reason}")})
    if found.left_out:
        _left_out_case(suite, verdict, found)
    return _counted(suite)


def _left_out_case(suite: ET.Element, verdict: Verdict, found: FlowVerdict) -> None:
    """Add the failures that were counted only; errors come first, so one must be shown to fail."""
    name = f"{found.left_out} more distinct failure{'s' if found.left_out > 1 else ''}"
    case = _case(suite, f"orderflow.{found.name}", name)
    sentence = f"{name} with longer traces, counted only"
    if any(failure.flow == found.name for failure in verdict.errors):
        ET.SubElement(case, "failure", {"type": "left_out", "message": sentence})
    else:
        ET.SubElement(case, "system-out").text = sentence


def _rule_suite(verdict: Verdict, placed: set[str]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": "rules"})
    known = dict.fromkeys((*verdict.rules, *(failure.rule for failure in verdict.failures)))
    for rule in known:
        case = _case(suite, "orderflow.rules", rule)
        for failure in verdict.failures:
            if failure.rule != rule or failure.identity in placed:
                continue
            if failure.severity == "error":
                _fail(case, failure)
            else:
                output = ET.SubElement(case, "system-out")
                output.text = _clean(story(failure))
    return _counted(suite)


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"classname": _clean(group), "name": _clean(name)})


def _fail(case: ET.Element, failure: Failure) -> None:
    element = ET.SubElement(
        case,
        "failure",
        {"type": _clean(failure.rule), "message": _clean(plain(failure.sentence))},
    )
    element.text = _clean(story(failure))


def _counted(suite: ET.Element) -> ET.Element:
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase[failure]"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase[skipped]"))))
    return suite


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot hold. Source: XML 1.0, section 2.2 (Char)."""
    return "".join(char if _allowed(char) else "�" for char in text)


def _allowed(char: str) -> bool:
    code = ord(char)
    if char in _KEPT:
        return True
    return code >= ord(" ") and code not in _SURROGATES and code not in _NOT_XML
