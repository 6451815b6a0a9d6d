"""Reading scenarios: what stands in a file, or everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast, get_args

from orderflow.certify.reading import Reader, nearest
from orderflow.certify.scenario import (
    USUAL_MOST,
    USUAL_PATIENCE,
    Expectation,
    Role,
    Scenario,
    Step,
)
from orderflow.certify.step_file import NAME, Names, declared, read_steps
from orderflow.flows.document import Loc, Plain
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file, read_file
from orderflow.flows.loader import parse_yaml
from orderflow.flows.yaml_text import checked_text

FOLDER = Path(__file__).with_name("scenarios")
ROLES: tuple[Role, ...] = get_args(Role)

KEYS = ("scenario", "title", "roles", "shows", "mistakes", "patience", "lasts", "do", "expect")
OF_EXPECTATION = ("order", "status", "calls", "most", "records")

RECORDS = (
    *("status", "shipment", "reservation", "stock", "modification", "invoice", "tracking"),
    *("delivery", "cancellation", "received"),
)
"""What an integration can tell of its own books."""

MOST_RULES, MOST_MISTAKES = 85, 38
_LONGEST_PATIENCE = 300.0
_NEEDED = ("scenario", "title", "roles", "shows", "do")


class UnknownScenarioError(OrderflowError):
    """There is no scenario of that name.

    Attributes:
        name: What was asked for.
    """

    def __init__(self, name: str) -> None:
        hint = nearest(name, library_names()) if library_names() else "; there are none"
        told = "for one of your own give the path of its .yaml file"
        super().__init__(f"no scenario {name[:100]!r}{hint}; {told}")
        self.name = name


def parse_scenario(text: str | bytes, *, source: str = "<text>", name: str = "") -> Scenario:
    """Read a scenario.

    Args:
        text: The text of the file; bytes have to be UTF-8.
        source: File name for messages.
        name: What it must be called, anything when empty.

    Raises:
        FlowFileError: Tells everything that is wrong with it.
    """
    plain = checked_text(text, source)
    reader = Reader(parse_yaml(plain, source=source))
    found = _scenario(reader, plain, name)
    reader.findings.refuse()
    return found


def load_scenario(path: Path) -> Scenario:
    """Read the scenario at *path*, which is called like its file; see :func:`parse_scenario`."""
    return parse_scenario(read_file(path), source=str(path), name=path.stem)


@cache
def library_names() -> tuple[str, ...]:
    """Names of the scenarios that come with orderflow, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def bundled_scenario(name: str) -> Scenario:
    """The scenario of that name that comes with orderflow.

    Raises:
        UnknownScenarioError: There is none.
    """
    if name not in library_names():
        raise UnknownScenarioError(name)
    text = (FOLDER / f"{name}.yaml").read_bytes()
    return parse_scenario(text, source=f"{name}.yaml", name=name)


def library() -> tuple[Scenario, ...]:
    """All scenarios that come with orderflow, by their names."""
    return tuple(bundled_scenario(name) for name in library_names())


def find_scenario(word: str) -> Scenario:
    """The bundled scenario of that name, or the one in the file at that path.

    Raises:
        UnknownScenarioError: It is neither.
        FlowFileError: It is a file with something wrong in it.
    """
    if word in library_names():
        return bundled_scenario(word)
    if word.endswith((".yaml", ".yml")) or is_file(Path(word)):
        return load_scenario(Path(word))
    raise UnknownScenarioError(word)


def _scenario(reader: Reader, text: str, name: str) -> Scenario:
    data = reader.document.data
    given = reader.keys((), data, KEYS, _NEEDED) or {}
    names = Names(declared(given.get("do")))
    steps: tuple[Step, ...] = ()
    if "do" in given:
        steps = read_steps(reader, ("do",), given["do"], names)
    return Scenario(
        name=_name(reader, given, name),
        title=reader.text(("title",), given["title"]) if "title" in given else "",
        roles=_roles(reader, given),
        shows=_ids(reader, given, "shows", "B", MOST_RULES),
        mistakes=_ids(reader, given, "mistakes", "CM", MOST_MISTAKES),
        steps=steps,
        expects=_expectations(reader, given.get("expect"), names),
        patience=_patience(reader, given),
        lasts=reader.span(("lasts",), given["lasts"]) if "lasts" in given else USUAL_MOST,
        text=text,
    )


def _name(reader: Reader, given: Mapping[str, Plain], wanted: str) -> str:
    if "scenario" not in given:
        return ""
    found = reader.text(("scenario",), given["scenario"])
    if found and not NAME.fullmatch(found):
        told = f"{found[:100]!r}: take lower-case letters, digits and hyphens"
        reader.note(("scenario",), told, "bad-name")
    elif found and wanted and found != wanted:
        told = f"is called {found!r}, and its file {wanted!r}; give both one name"
        reader.note(("scenario",), told, "bad-name")
    return found


def _roles(reader: Reader, given: Mapping[str, Plain]) -> tuple[Role, ...]:
    if "roles" not in given:
        return ()
    found = reader.some_of(("roles",), given["roles"], "role", ROLES)
    if not found and given["roles"] == []:
        reader.note(("roles",), f"names none; there are {', '.join(ROLES)}", "empty-list")
    return cast("tuple[Role, ...]", found)


def _patience(reader: Reader, given: Mapping[str, Plain]) -> float:
    if "patience" not in given:
        return USUAL_PATIENCE
    return reader.seconds(("patience",), given["patience"], most=_LONGEST_PATIENCE)


def _ids(
    reader: Reader, given: Mapping[str, Plain], key: str, letters: str, most: int
) -> tuple[str, ...]:
    """Ids such as B-01, each of which there is."""
    if key not in given:
        return ()
    found = reader.texts((key,), given[key])
    for place, each in enumerate(found):
        number = re.fullmatch(letters + r"-(\d{2})", each)
        if each and (number is None or not 0 < int(number[1]) <= most):
            loc: Loc = (key, place) if isinstance(given[key], list) else (key,)
            told = f"{each[:100]!r} is none; there are {letters}-01 to {letters}-{most}"
            reader.note(loc, told, f"unknown-{key}")
    return tuple(dict.fromkeys(found))


def _expectations(reader: Reader, value: Plain, names: Names) -> tuple[Expectation, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        told = "'expect' takes a list, such as - {order: first, status: [invoiced]}"
        reader.note(("expect",), told, "wrong-type")
        return ()
    rows = (
        _expectation(reader, ("expect", place), each, names) for place, each in enumerate(value)
    )
    return tuple(each for each in rows if each is not None)


def _expectation(reader: Reader, loc: Loc, value: Plain, names: Names) -> Expectation | None:
    given = reader.keys(loc, value, OF_EXPECTATION)
    if given is None:
        return None
    order = names.order(reader, (*loc, "order"), given["order"]) if "order" in given else ""
    statuses: tuple[str, ...] = ()
    if "status" in given:
        statuses = names.statuses(reader, (*loc, "status"), given["status"])
        if not order:
            reader.note(loc, "status says of which order: add order", "missing-key")
    calls = reader.counts((*loc, "calls"), given["calls"]) if "calls" in given else {}
    most = reader.counts((*loc, "most"), given["most"]) if "most" in given else {}
    if not {"status", "calls", "most", "records"} & given.keys():
        reader.note(loc, "expects nothing; add status, calls, most or records", "missing-key")
    return Expectation(order, statuses, calls, most, _record(reader, loc, given))


def _record(reader: Reader, loc: Loc, given: Mapping[str, Plain]) -> Mapping[str, Plain]:
    if "records" not in given:
        return {}
    at = (*loc, "records")
    found = reader.keys(at, given["records"], ("what", "value"), ("what", "value"))
    if found is None or not {"what", "value"} <= found.keys():
        return {}
    return {reader.one_of((*at, "what"), found["what"], "record", RECORDS): found["value"]}
