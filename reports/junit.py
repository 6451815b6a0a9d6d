"""The verdict as JUnit XML: a suite for each flow and deal, a case for each transition and rule."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.reports.story import story
from orderflow.reports.suite_words import guarantee_head, not_passed, suite_sentence
from orderflow.reports.words import plain

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
    for deal in verdict.deals:
        root.append(_deal_suite(verdict, deal, placed))
    root.append(_rule_suite(verdict, placed))
    for key in ("tests", "failures", "errors", "skipped"):
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
        *((f"coverage.{each.name}", each.figure) for each in found.vector),
        *_suite_facts(verdict, found),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in facts:
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    own = [f for f in verdict.errors if f.flow == found.name and not f.deal]
    reasons = {never.transition: never for never in found.never}
    for name, count in found.transitions:
        case = _case(suite, f"orderflow.{found.name}", name)
        broken = [f for f in own if f.transition == name]
        for failure in broken:
            _fail(case, failure)
            placed.add(_key(failure))
        if not count and not broken:
            never = reasons.get(name)
            reason = never.reason if never else "never exercised"
            ET.SubElement(case, "skipped", {"message": _clean(f"never exercised: {reason}")})
    _left_out_case(suite, f"orderflow.{found.name}", found.left_out, broken=bool(own))
    _suite_cases(suite, found)
    return _counted(suite)


def _suite_facts(verdict: Verdict, found: FlowVerdict) -> Iterator[tuple[str, str]]:
    """What was tested, and how far."""
    if verdict.target:
        yield "target", verdict.target
    if found.suite is not None:
        yield "suite", found.suite.name
        yield "cases", suite_sentence(found.suite)
        for cover, sentence in found.suite.guarantees:
            yield f"guarantee.{cover}", f"{guarantee_head(found.suite)}: {sentence}"


def _suite_cases(suite: ET.Element, found: FlowVerdict) -> None:
    """Add the cases that show nothing; an error is neither a pass nor a failure."""
    figures = found.suite
    if figures is None:
        return
    group = f"orderflow.{found.name}.suite"
    for name, why in figures.indeterminate:
        case = _case(suite, group, name)
        ET.SubElement(case, "error", {"type": "indeterminate", "message": _clean(why)})
    for name, why in figures.left_out:
        ET.SubElement(_case(suite, group, name), "skipped", {"message": _clean(why)})
    if not (figures.passed or figures.failed or figures.indeterminate):
        case = _case(suite, group, figures.name)
        ET.SubElement(case, "error", {"type": "not-passed", "message": not_passed(figures)})


def _deal_suite(verdict: Verdict, found: DealVerdict, placed: set[str]) -> ET.Element:
    """Return a case for each rule asked of a deal, without a fault and under each."""
    suite = ET.Element("testsuite", {"name": _clean(f"deal {found.name}")})
    group = f"orderflow.deal.{found.name}"
    properties = ET.SubElement(suite, "properties")
    facts = ("profile", found.profile), ("digest", found.digest), ("source", found.source)
    for name, value in facts:
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    own = [failure for failure in verdict.failures if failure.deal == found.name]
    asked = [(rule, fault) for fault in ("", *verdict.faults) for rule in found.rules]
    for rule, fault in dict.fromkeys((*asked, *((f.rule, f.fault) for f in own))):
        case = _case(suite, group, rule + (f" under {fault}" if fault else ""))
        for failure in own:
            if (failure.rule, failure.fault) == (rule, fault):
                placed.add(_key(failure))
                _tell(case, failure)
    for proof in found.proofs:
        case = _case(suite, group, "search" + (f" under {proof.fault}" if proof.fault else ""))
        if proof.complete:
            ET.SubElement(case, "system-out").text = _clean(proof.sentence)
        else:
            ET.SubElement(case, "skipped", {"message": _clean(proof.sentence)})
    broken = any(failure.severity == "error" for failure in own)
    _left_out_case(suite, group, found.left_out, broken=broken)
    return _counted(suite)


def _key(failure: Failure) -> str:
    return f"{failure.deal}\n{failure.fault}\n{failure.identity}"


def _left_out_case(suite: ET.Element, group: str, left_out: int, *, broken: bool) -> None:
    """Add the failures that were counted only; errors come first, so one must be shown to fail."""
    if not left_out:
        return
    name = f"{left_out} more distinct failure{'s' if left_out > 1 else ''}"
    case = _case(suite, group, name)
    sentence = f"{name} with longer traces, counted only"
    if broken:
        ET.SubElement(case, "failure", {"type": "left_out", "message": sentence})
    else:
        ET.SubElement(case, "system-out").text = sentence


def _rule_suite(verdict: Verdict, placed: set[str]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": "rules"})
    known = dict.fromkeys((*verdict.rules, *(failure.rule for failure in verdict.failures)))
    for rule in known:
        case = _case(suite, "orderflow.rules", rule)
        for failure in verdict.failures:
            if failure.rule != rule or _key(failure) in placed:
                continue
            _tell(case, failure)
    return _counted(suite)


def _tell(case: ET.Element, failure: Failure) -> None:
    """Let *case* fail, or say what was odd when it is a warning."""
    if failure.severity == "error":
        _fail(case, failure)
    else:
        ET.SubElement(case, "system-out").text = _clean(story(failure))


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
    suite.set("errors", str(len(suite.findall("testcase[error]"))))
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
