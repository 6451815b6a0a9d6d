"""Faults on a command line: ``http.apply_then_500:times=1,operations=POST */invoice``."""

from __future__ import annotations

import json
from collections.abc import Iterable

from orderflow.sandbox.answering import perform
from orderflow.sandbox.control.faults import FIELDS, PATH
from orderflow.sandbox.fault_modes import FaultSettingError
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service

_LISTS = ("operations", "orders")
_BETWEEN = "|"
_REFUSED = 400


def parse(words: str) -> dict[str, object]:
    """What *words* say, as the control API takes it.

    Args:
        words: ``NAME`` or ``NAME:KEY=VALUE,…``; several values are written with ``|`` between them.

    Raises:
        FaultSettingError: A part has no ``=``, an unknown key, or a value that is no number.

    >>> parse("http.too_many:chance=0.1,operations=GET *|POST */invoice")
    {'fault': 'http.too_many', 'chance': 0.1, 'operations': ['GET *', 'POST */invoice']}
    """
    name, _, rest = words.partition(":")
    found: dict[str, object] = {"fault": name}
    problems: list[str] = []
    for part in rest.split(",") if rest else ():
        key, mark, value = part.partition("=")
        if not mark or key not in FIELDS[1:]:
            keys = ", ".join(FIELDS[1:])
            problems.append(f"{words}: write KEY=VALUE in place of {part!r}; keys are {keys}")
        elif key in _LISTS:
            found[key] = value.split(_BETWEEN)
        elif (number := _number(value)) is None:
            problems.append(f"{words}: {key} must be a number, not {value!r}")
        else:
            found[key] = number
    if problems:
        raise FaultSettingError(problems)
    return found


def switch_on(service: Service, every: Iterable[str]) -> None:
    """Switch on all faults that *every* tells, but those of which one of that name is on already.

    A sandbox that is kept in a file brings its faults along.

    Raises:
        FaultSettingError: Tells all that is wrong; those that are right may be on.
    """
    problems: list[str] = []
    for words in every:
        try:
            wanted = parse(words)
        except FaultSettingError as wrong:
            problems += wrong.problems
            continue
        if not service.faults.on(str(wanted["fault"])):
            given = perform(service, Call("POST", PATH, body=json.dumps(wanted).encode()))
            if given.status >= _REFUSED:
                problems.append(json.loads(given.body)["error"])
    if problems:
        raise FaultSettingError(problems)


def see_all(every: Iterable[str]) -> None:
    """See whether all faults that *every* tells can be switched on.

    Raises:
        FaultSettingError: Tells all that is wrong.
    """
    switch_on(Service(), every)


def _number(value: str) -> int | float | None:
    try:
        return int(value) if value.isdecimal() else float(value)
    except ValueError:
        return None
