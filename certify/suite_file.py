"""Reading suites of your own: which rules, which sides, which scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from orderflow.certify.reading import Reader, nearest
from orderflow.certify.scenario import Scenario
from orderflow.certify.scenario_file import ROLES, library, library_names
from orderflow.conformance.integration.suite import SUITES, Suite
from orderflow.flows.document import Loc, Plain
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file, read_file
from orderflow.flows.loader import parse_yaml

KEYS = ("suite", "title", "extends", "rules", "without", "roles", "strict", "scenarios")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_RANGE = re.compile(r"(B-\d\d)\s*\.\.\s*(B-\d\d)")


class UnknownSuiteError(OrderflowError):
    """What is named is neither a bundled suite nor a file.

    Attributes:
        name: What was asked for.
    """

    def __init__(self, name: str) -> None:
        told = "for one of your own give the path of its .yaml file"
        super().__init__(f"no suite {name[:100]!r}{nearest(name, SUITES)}; {told}")
        self.name = name


def every_rule() -> tuple[str, ...]:
    """Ids of all rules that a suite can name."""
    return tuple(sorted({each for suite in SUITES.values() for each in suite.rules}))


def find_suite(word: str) -> Suite:
    """The bundled suite of that name, or the one in the file at that path.

    Raises:
        UnknownSuiteError: It is neither.
        FlowFileError: It is a file with something wrong in it.
    """
    if word in SUITES:
        return SUITES[word]
    if word.endswith((".yaml", ".yml")) or is_file(Path(word)):
        return load_suite(Path(word))
    raise UnknownSuiteError(word)


def load_suite(path: Path) -> Suite:
    """Read the suite at *path*; see :func:`parse_suite`."""
    return parse_suite(read_file(path), source=str(path))


def parse_suite(text: str | bytes, *, source: str = "<text>") -> Suite:
    """Read a suite.

    Raises:
        FlowFileError: Tells everything that is wrong with it.
    """
    reader = Reader(parse_yaml(text, source=source))
    found = _suite(reader)
    reader.findings.refuse()
    return found


def scenarios_of(suite: Suite, known: Iterable[Scenario] | None = None) -> tuple[Scenario, ...]:
    """The scenarios that an integration of this suite goes through, in their order.

    Those that the suite names; else all that it can take a side in and that show one of its rules.
    """
    every = tuple(library() if known is None else known)
    if suite.scenarios:
        by_name = {each.name: each for each in every}
        return tuple(by_name[name] for name in suite.scenarios if name in by_name)
    rules, roles = set(suite.rules), set(suite.roles)
    return tuple(each for each in every if roles & set(each.roles) and rules & set(each.shows))


def _suite(reader: Reader) -> Suite:
    given = reader.keys((), reader.document.data, KEYS, ("suite", "title")) or {}
    base = _base(reader, given)
    name = reader.text(("suite",), given["suite"]) if "suite" in given else ""
    if name and not _NAME.fullmatch(name):
        told = f"{name[:100]!r}: take lower-case letters, digits and hyphens"
        reader.note(("suite",), told, "bad-name")
    rules = _rules(reader, given, base)
    strict = given.get("strict", base.strict if base else False)
    if not isinstance(strict, bool):
        reader.note(("strict",), "'strict' takes true or false", "wrong-type")
    return Suite(
        name=name,
        title=reader.text(("title",), given["title"]) if "title" in given else "",
        rules=rules,
        roles=_roles(reader, given, base),
        strict=strict is True,
        scenarios=_scenarios(reader, given, base),
    )


def _base(reader: Reader, given: Mapping[str, Plain]) -> Suite | None:
    if "extends" not in given:
        for name in ("rules", "roles"):
            if name not in given:
                reader.note((), f"{name!r} is missing, or extends", "missing-key")
        return None
    return SUITES[reader.one_of(("extends",), given["extends"], "suite", tuple(SUITES))]


def _rules(reader: Reader, given: Mapping[str, Plain], base: Suite | None) -> tuple[str, ...]:
    found = set(base.rules if base else ())
    found |= set(_ids(reader, given, "rules"))
    found -= set(_ids(reader, given, "without"))
    if not found and ("rules" in given or "without" in given):
        reader.note(("rules",), "the suite asks for no rule at all", "empty-list")
    return tuple(sorted(found))


def _ids(reader: Reader, given: Mapping[str, Plain], key: str) -> tuple[str, ...]:
    """The rules under *key*; ``B-01..B-12`` are those twelve."""
    if key not in given:
        return ()
    known, found = every_rule(), list[str]()
    for place, each in enumerate(reader.texts((key,), given[key])):
        ends = _RANGE.fullmatch(each)
        loc: Loc = (key, place) if isinstance(given[key], list) else (key,)
        if ends is not None and set(ends.groups()) <= set(known):
            found += [rule for rule in known if ends[1] <= rule <= ends[2]]
        elif each in known:
            found.append(each)
        elif each:
            reader.unknown(loc, "rule", each, known)
    return tuple(found)


def _roles(reader: Reader, given: Mapping[str, Plain], base: Suite | None) -> tuple[str, ...]:
    if "roles" not in given:
        return base.roles if base else ()
    return reader.some_of(("roles",), given["roles"], "role", ROLES)


def _scenarios(reader: Reader, given: Mapping[str, Plain], base: Suite | None) -> tuple[str, ...]:
    if "scenarios" not in given:
        return base.scenarios if base else ()
    return reader.some_of(("scenarios",), given["scenarios"], "scenario", library_names())
