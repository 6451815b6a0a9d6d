"""Writes suites: as YAML for people, as JSON for runners in any language, and a case as a trace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.subject import Call
from orderflow.conformance.suites.case import Case, Guarantee, Step, Suite
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.yaml_text import plain_value
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import format_items

FORMAT = "orderflow-suite-1"
"""What the format of a suite is called."""

Form = Literal["yaml", "json"]

_TRACE = "orderflow/trace/1"
_PLAIN = re.compile(r"[A-Za-z(](?:[\w().:/@-]*[\w()/-])?", re.ASCII)
_USUAL = Start()


def render_suite(suite: Suite, form: Form = "yaml", plan: Plan | None = None) -> str:
    """Write a suite so that :func:`~orderflow.conformance.suites.suite_file.load_suite` reads it.

    Args:
        suite: The suite.
        form: ``yaml`` for people; ``json`` has, beside the same, what a runner in another language
            needs: the order of each case and the concrete call of each step.
        plan: The compiled flow, from which those are worked out; needed for ``json`` only.

    Raises:
        ScenarioError: An event of the suite cannot come with its choice.
        ValueError: JSON without a plan.
    """
    if form == "yaml":
        return "".join(_yaml(suite))
    if plan is None:
        raise ValueError("JSON holds concrete calls: give the plan of the flow")
    return "".join(_json(suite, plan))


def case_trace(case: Case, suite: Suite) -> str:
    """Write one case as a trace file, which ``orderflow replay FILE`` plays."""
    lines = [
        f"format: {_TRACE}",
        *_about(suite),
        f"says: {quoted(f'{case.id}: {case.title}')}",
        f"items: {quoted(format_items(case.start.items))}",
        f"replaceable: {quoted(case.start.replaceable)}",
        "steps:",
        *(f"  - {{do: {word(str(each.act))}, then: {word(each.then)}}}" for each in case.steps),
    ]
    return "\n".join(lines) + "\n"


def quoted(value: object) -> str:
    r"""Write a value so that YAML and JSON both read it back, on one line, hiding nothing.

    >>> quoted("a \u2028 \x7f é")
    '"a \\u2028 \\u007f é"'
    """
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char > "\uffff" else f"\\u{ord(char):04x}" for char in text
    )


def word(text: str) -> str:
    """Write a text for YAML, in quotes only where it would be read as something else.

    >>> word("verify_invoice:part@70"), word("a, b"), word("true")
    ('verify_invoice:part@70', '"a, b"', '"true"')
    """
    return text if _PLAIN.fullmatch(text) and plain_value(text) == text else quoted(text)


def _yaml(suite: Suite) -> Iterator[str]:
    lines = [f"format: {FORMAT}", *_about(suite, digest=True)]
    lines.append(f"cost: {{orders: {suite.cost.orders}, calls: {suite.cost.calls}}}")
    lines.append("guarantees:" if suite.guarantees else "guarantees: []")
    for each in suite.guarantees:
        lines.append(f"  - cover: {word(each.cover)}")
        lines.append(f"    says: {quoted(each.sentence)}")
        if each.figures:
            lines.append(f"    figures: {_mapping(each.figures)}")
    yield "\n".join([*lines, "cases:" if suite.cases else "cases: []"]) + "\n"
    for case in suite.cases:
        yield "\n".join(_yaml_case(case)) + "\n"


def _about(suite: Suite, *, digest: bool = False) -> Iterator[str]:
    """What a suite is for, as lines of YAML."""
    yield f"flow: {word(suite.flow)}"
    if digest:
        yield f"digest: {quoted(suite.digest)}"
    yield f"profile: {word(suite.profile)}"
    if suite.modules:
        yield f"modules: [{', '.join(map(word, suite.modules))}]"
    if suite.settings:
        yield f"settings: {_mapping(suite.settings)}"


def _mapping(pairs: Iterable[tuple[str, object]]) -> str:
    rows = (f"{word(name)}: {quoted(value)}" for name, value in pairs)
    return f"{{{', '.join(rows)}}}"


def _yaml_case(case: Case) -> Iterator[str]:
    yield f"  - id: {word(case.id)}"
    yield f"    title: {quoted(case.title)}"
    yield f"    cover: {word(case.cover)}"
    if case.start.items != _USUAL.items:
        yield f"    items: {quoted(format_items(case.start.items))}"
    if not case.start.replaceable:
        yield "    replaceable: false"
    if case.tags:
        yield f"    tags: [{', '.join(map(word, case.tags))}]"
    yield "    steps:"
    before = ""
    for step in case.steps:
        led = "refused" if step.refused else "then"
        stage = f", stage: {word(step.trigger)}" if step.trigger != before else ""
        yield f"      - {{do: {word(str(step.act))}, {led}: {word(step.then)}{stage}}}"
        before = step.trigger


def _json(suite: Suite, plan: Plan) -> Iterator[str]:
    head: dict[str, object] = {
        "format": FORMAT,
        "flow": suite.flow,
        "digest": suite.digest,
        "profile": suite.profile,
        "modules": suite.modules,
        "settings": dict(suite.settings),
        "cost": {"orders": suite.cost.orders, "calls": suite.cost.calls},
        "guarantees": [_json_guarantee(each) for each in suite.guarantees],
    }
    yield "{\n"
    for key, value in head.items():
        yield f"  {quoted(key)}: {quoted(value)},\n"
    yield '  "cases": ['
    for number, case in enumerate(suite.cases):
        yield ",\n" if number else "\n"
        yield from _json_case(case, plan)
    yield "\n  ]\n}\n" if suite.cases else "]\n}\n"


def _json_guarantee(guarantee: Guarantee) -> Mapping[str, object]:
    told = {"cover": guarantee.cover, "says": guarantee.sentence}
    return {**told, "figures": dict(guarantee.figures)} if guarantee.figures else told


def _json_case(case: Case, plan: Plan) -> Iterator[str]:
    """A case: a line for what it is, and one for each step, so that differences can be read."""
    start = case.start
    head: dict[str, object] = {"id": case.id, "title": case.title, "cover": case.cover}
    if start.items != _USUAL.items:
        head["items"] = format_items(start.items)
    if not start.replaceable:
        head["replaceable"] = False
    if case.tags:
        head["tags"] = case.tags
    head["order"] = [_json_item(item) for item in start.items]
    rehearsed = rehearse(plan, start, (step.act for step in case.steps))
    yield f'    {quoted(head)[:-1]}, "steps": [\n'
    yield ",\n".join(
        f"      {quoted(_json_step(step, each.call))}"
        for step, each in zip(case.steps, rehearsed, strict=True)
    )
    yield "\n    ]}"


def _json_item(item: Item) -> Mapping[str, object]:
    told = {"id": item.id, "quantity": item.quantity, "price": item.price, "channel": item.channel}
    return told if item.estimate is None else {**told, "estimate": item.estimate}


def _json_step(step: Step, call: Call) -> Mapping[str, object]:
    asked = {"event": call.event, "data": dict(call.data), "wait": call.wait}
    led = "refused" if step.refused else "then"
    return {"do": str(step.act), led: step.then, "stage": step.trigger, "call": asked}
