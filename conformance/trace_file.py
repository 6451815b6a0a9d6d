"""Counterexamples as files (``*.trace.yaml``): written by a check, read by a replay.

The file names the flow or the deal, how the order begins and the acts; what the acts led to is
written beside them, so that two files can be compared line by line and a replay can tell where
today's run differs. After an act of nobody, such as ``settle``, it says where every document of a
sale stands: ``market=invoiced seller=invoiced``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard, TypeVar

from orderflow.conformance.drive import Start
from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict
from orderflow.flows.document import Loc, YamlDocument
from orderflow.flows.errors import FlowFileError, Problem
from orderflow.flows.loader import load_yaml
from orderflow.flows.model import Profile
from orderflow.simulator.deal_scenario import Carry, DealAct, parse_deal_acts
from orderflow.simulator.scenario import Act, ScenarioError, parse_acts, parse_items

FORMAT = "orderflow/trace/1"
_KEYS = (
    *("format", "flow", "deal", "profile", "modules", "settings", "rule", "fault", "says"),
    *("items", "replaceable", "steps"),
)


_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class TraceFile:
    """A counterexample as read.

    Attributes:
        flow: Name of a bundled flow, or path of a flow file; empty when it is about a sale.
        profile: Profile to view it in.
        modules: Optional modules switched on.
        rule: Rule it broke, empty when it does not say.
        start: How the order begins.
        acts: What to do to it; () when it is about a sale.
        statuses: Status after each act when the file was written, empty where it does not say.
        settings: Limits and switches that are not the usual ones, as ``NAME=NUMBER``.
        deal: Name of a bundled deal, or path of a deal file; empty when it is about one order.
        deal_acts: What to do to a sale.
        fault: Name of what was switched on, empty for nothing.
    """

    flow: str
    profile: Profile
    modules: tuple[str, ...]
    rule: str
    start: Start
    acts: tuple[Act, ...]
    statuses: tuple[str, ...]
    settings: tuple[str, ...] = ()
    deal: str = ""
    deal_acts: tuple[DealAct | Carry, ...] = ()
    fault: str = ""


def render_trace(
    failure: Failure, verdict: FlowVerdict | DealVerdict, modules: tuple[str, ...] = ()
) -> str:
    """Write *failure* as a trace file.

    Args:
        failure: What broke, in an order or in a sale.
        verdict: The result it is from.
        modules: Optional modules that were switched on in a deal; a flow's result knows its own.
    """
    quoted = json.dumps
    on = modules if isinstance(verdict, DealVerdict) else verdict.modules
    lines = [
        f"format: {FORMAT}",
        f"{'deal' if isinstance(verdict, DealVerdict) else 'flow'}: {quoted(verdict.source)}",
        f"profile: {verdict.profile}",
        *([f"modules: {quoted(list(on))}"] if on else []),
        *([f"settings: {quoted(dict(failure.settings))}"] if failure.settings else []),
        f"rule: {failure.rule}",
        *([f"fault: {quoted(failure.fault)}"] if failure.fault else []),
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
            self.wrong((), "a trace file is a mapping with `flow` or `deal`, and `steps`")
            raise FlowFileError(tuple(self.problems))
        for key in data:
            if key not in _KEYS:
                self.wrong((key,), f"unknown key {key!r}; known: {', '.join(_KEYS)}")
        if data.get("format", FORMAT) != FORMAT:
            self.wrong(("format",), f"this version reads {FORMAT}")
        of_deal = "deal" in data
        if of_deal and "flow" in data:
            self.wrong(("deal",), "`flow` and `deal` exclude each other")
        rows = self.steps(data.get("steps"))
        found = TraceFile(
            flow="" if of_deal else self.text(data, "flow", required=True),
            profile=self.profile(data),
            modules=self.modules(data),
            rule=self.text(data, "rule"),
            start=self.start(data),
            acts=() if of_deal else self.acts(rows, parse_acts),
            statuses=tuple(status for _, _, status in rows),
            settings=self.settings(data),
            deal=self.text(data, "deal", required=True) if of_deal else "",
            deal_acts=self.acts(rows, parse_deal_acts) if of_deal else (),
            fault=self.text(data, "fault"),
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

    def steps(self, given: object) -> list[tuple[int, str, str]]:
        """(number, act, status after it) of every step that is written as it should be."""
        if not isinstance(given, list) or not given:
            self.wrong(("steps",), "`steps` must list at least one act, such as `- place_order`")
            return []
        rows = []
        for number, entry in enumerate(given):
            row = {"do": entry} if isinstance(entry, str) else entry
            if _is_step(row):
                rows.append((number, row["do"], row.get("then", "")))
            else:
                self.wrong(("steps", number), "a step is an act, or {do: act, then: status}")
        return rows

    def acts(
        self, rows: Iterable[tuple[int, str, str]], parse: Callable[[str], tuple[_Parsed, ...]]
    ) -> tuple[_Parsed, ...]:
        found: list[_Parsed] = []
        for number, text, _ in rows:
            try:
                found.append(_one(text, parse))
            except ScenarioError as error:
                self.wrong(("steps", number), str(error))
        return tuple(found)


def _is_step(row: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(row, dict)
        and "do" in row
        and set(row) <= {"do", "then"}
        and all(isinstance(text, str) for text in row.values())
    )


def _one(text: str, parse: Callable[[str], tuple[_Parsed, ...]]) -> _Parsed:
    act, *more = parse(text)
    if more:
        raise ScenarioError(f"{text!r}: one act a step")
    return act
