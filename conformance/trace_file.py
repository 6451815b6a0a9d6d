"""Counterexamples as files (``*.trace.yaml``): written by a check, read by a replay.

The file names the flow, how the order begins and the acts; what the acts led to is written
beside them, so that two files can be compared line by line and a replay can tell where today's
run differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from orderflow.conformance.drive import Start
from orderflow.conformance.verdict import Failure, FlowVerdict
from orderflow.flows.document import Loc, YamlDocument
from orderflow.flows.errors import FlowFileError, Problem
from orderflow.flows.loader import load_yaml
from orderflow.flows.model import Profile
from orderflow.simulator.scenario import Act, ScenarioError, parse_acts, parse_items

FORMAT = "orderflow/trace/1"
_KEYS = (
    *("format", "flow", "profile", "modules", "settings", "rule", "says"),
    *("items", "replaceable", "steps"),
)


@dataclass(frozen=True, slots=True)
class TraceFile:
    """A counterexample as read.

    Attributes:
        flow: Name of a bundled flow, or path of a flow file.
        profile: Profile to view it in.
        modules: Optional modules switched on.
        rule: Rule it broke, empty when it does not say.
        start: How the order begins.
        acts: What to do to it.
        statuses: Status after each act when the file was written, empty where it does not say.
        settings: Limits and switches that are not the usual ones, as ``NAME=NUMBER``.
    """

    flow: str
    profile: Profile
    modules: tuple[str, ...]
    rule: str
    start: Start
    acts: tuple[Act, ...]
    statuses: tuple[str, ...]
    settings: tuple[str, ...] = ()


def render_trace(failure: Failure, verdict: FlowVerdict) -> str:
    """Write *failure* as a trace file."""
    quoted = json.dumps
    lines = [
        f"format: {FORMAT}",
        f"flow: {quoted(verdict.source)}",
        f"profile: {verdict.profile}",
        *([f"modules: {quoted(list(verdict.modules))}"] if verdict.modules else []),
        *([f"settings: {quoted(dict(failure.settings))}"] if failure.settings else []),
        f"rule: {failure.rule}",
        f"says: {quoted(failure.sentence, ensure_ascii=False)}",
        f"items: {quoted(failure.items)}",
        f"replaceable: {quoted(failure.replaceable)}",
        "steps:",
    ]
    for act, status in zip(failure.acts, failure.statuses, strict=True):
        lines.append(f"  - {{do: {quoted(act)}, then: {quoted(status)}}}")
    return "\n".join(lines) + "\n"


def load_trace(path: Path) -> TraceFile:
    """Read a trace file.

    Raises:
        FlowFileError: It cannot be read, or is not a trace file; says all that is wrong.
    """
    return _Reader(load_yaml(path)).read()


class _Reader:
    """Collects everything that is wrong with one file."""

    def __init__(self, document: YamlDocument) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def read(self) -> TraceFile:
        data = self.document.data
        if not isinstance(data, dict):
            self.wrong((), "a trace file is a mapping with `flow` and `steps`")
            raise FlowFileError(tuple(self.problems))
        for key in data:
            if key not in _KEYS:
                self.wrong((key,), f"unknown key {key!r}; known: {', '.join(_KEYS)}")
        if data.get("format", FORMAT) != FORMAT:
            self.wrong(("format",), f"this version reads {FORMAT}")
        acts, statuses = self.steps(data.get("steps"))
        found = TraceFile(
            flow=self.text(data, "flow", required=True),
            profile=self.profile(data),
            modules=self.modules(data),
            rule=self.text(data, "rule"),
            start=self.start(data),
            acts=acts,
            statuses=statuses,
            settings=self.settings(data),
        )
        if self.problems:
            raise FlowFileError(tuple(sorted(self.problems)))
        return found

    def wrong(self, loc: Loc, text: str) -> None:
        self.problems.append(Problem(self.document.place(loc), text))

    def text(self, data: Mapping[str, object], key: str, *, required: bool = False) -> str:
        given = data.get(key, None if required else "")
        if not isinstance(given, str) or (required and not given):
            self.wrong((key,), f"`{key}` must be a text")
            return ""
        return given

    def profile(self, data: Mapping[str, object]) -> Profile:
        given = data.get("profile", "documented")
        if not isinstance(given, str) or given not in set(Profile):
            self.wrong(("profile",), f"{given!r} is not one of {', '.join(Profile)}")
            return Profile.DOCUMENTED
        return Profile(given)

    def modules(self, data: Mapping[str, object]) -> tuple[str, ...]:
        given = data.get("modules", [])
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            self.wrong(("modules",), "`modules` must be a list of names")
            return ()
        return tuple(str(name) for name in given)

    def settings(self, data: Mapping[str, object]) -> tuple[str, ...]:
        given = data.get("settings", {})
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            self.wrong(("settings",), '`settings` must map names to texts, such as {limit: "30"}')
            return ()
        return tuple(f"{name}={value}" for name, value in given.items())

    def start(self, data: Mapping[str, object]) -> Start:
        usual = Start()
        replaceable = data.get("replaceable", True)
        if not isinstance(replaceable, bool):
            self.wrong(("replaceable",), "`replaceable` must be true or false")
            replaceable = True
        if "items" not in data:
            return Start(usual.items, replaceable)
        try:
            return Start(parse_items(str(data["items"])), replaceable)
        except ScenarioError as error:
            self.wrong(("items",), str(error))
            return usual

    def steps(self, given: object) -> tuple[tuple[Act, ...], tuple[str, ...]]:
        if not isinstance(given, list) or not given:
            self.wrong(("steps",), "`steps` must list at least one act, such as `- place_order`")
            return (), ()
        acts: list[Act] = []
        statuses: list[str] = []
        for number, entry in enumerate(given):
            row = {"do": entry} if isinstance(entry, str) else entry
            if not _is_step(row):
                self.wrong(("steps", number), "a step is an act, or {do: act, then: status}")
                continue
            try:
                acts.append(_one(row["do"]))
            except ScenarioError as error:
                self.wrong(("steps", number), str(error))
            statuses.append(row.get("then", ""))
        return tuple(acts), tuple(statuses)


def _is_step(row: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(row, dict)
        and "do" in row
        and set(row) <= {"do", "then"}
        and all(isinstance(text, str) for text in row.values())
    )


def _one(text: str) -> Act:
    act, *more = parse_acts(text)
    if more:
        raise ScenarioError(f"{text!r}: one act a step")
    return act
