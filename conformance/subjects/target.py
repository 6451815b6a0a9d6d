"""Opens the system under test that a person named: a URL, a command, or a Python callable."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from orderflow.conformance.subjects.adapter import adapted
from orderflow.conformance.subjects.command import CommandSubject, split
from orderflow.conformance.subjects.errors import TargetError, without_password
from orderflow.conformance.subjects.mapping import HttpMapping
from orderflow.conformance.subjects.mapping_file import load_mapping, plain_mapping, wrong_url
from orderflow.conformance.subjects.subject import Subject
from orderflow.flows.files import is_file

_COMMAND = "command:"
_URL = re.compile(r"https?://", re.IGNORECASE)
_CALLABLE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*", re.ASCII)
_KINDS = (
    "a target is a URL such as http://127.0.0.1:8080, a command such as 'command:./shop --test', "
    "a Python callable such as shop.testing:subject, or a mapping file with a base"
)


@contextmanager
def open_subject(
    target: str,
    mapping: Path | None = None,
    *,
    events: Iterable[str] = (),
    statuses: Iterable[str] = (),
) -> Iterator[Subject]:
    """Open the system under test, and close it at the end.

    Args:
        target: ``http://…``, ``command:PROGRAM ARGS``, ``module:callable``, or the path of a
            mapping file that names its own base.
        mapping: Mapping file of a URL; the plain protocol when None.
        events: Events of the flow, which a mapping may name besides those of the vocabulary.
        statuses: Statuses of the flow, which a mapping may translate to besides the platform's.

    Raises:
        TargetError: It is none of these, or cannot be had.
        FlowFileError: The mapping file is wrong.
    """
    if mapping is not None and not _URL.match(target):
        raise TargetError(without_password(target), "only a URL goes with a mapping file")
    if _URL.match(target):
        trouble = wrong_url(target)
        if trouble:
            raise TargetError(without_password(target), trouble)
        found = plain_mapping(events)
        if mapping is not None:
            found = load_mapping(mapping, events=events, statuses=statuses)
        with _behind(found, target) as subject:
            yield subject
    elif target.startswith(_COMMAND):
        with CommandSubject(split(target.removeprefix(_COMMAND))) as program:
            yield program
    elif is_file(Path(target)) or target.endswith((".yaml", ".yml")):
        found = load_mapping(Path(target), events=events, statuses=statuses)
        if not found.base:
            told = f"it names no base; give a URL as the target and {target} as its mapping"
            raise TargetError(target, told)
        with _behind(found, found.base) as subject:
            yield subject
    elif _CALLABLE.fullmatch(target):
        with adapted(target) as made:
            yield made
    else:
        raise TargetError(without_password(target), _KINDS)


@contextmanager
def _behind(mapping: HttpMapping, base: str) -> Iterator[Subject]:
    # httpx2 is slow to import, and who tests a program or a callable does not need it.
    from orderflow.conformance.subjects.http import HttpSubject

    with HttpSubject(mapping, base=base, secrets=headers_of(mapping, os.environ)) as subject:
        yield subject


def headers_of(mapping: HttpMapping, environment: Mapping[str, str]) -> dict[str, str]:
    """Values of the headers that come from the environment.

    Raises:
        TargetError: Variables are not set, or hold what cannot be sent; names all of them, and
            never what they hold.
    """
    needed = [each for each in mapping.headers if each.variable]
    missing = sorted({each.variable for each in needed if not environment.get(each.variable)})
    if missing:
        raise TargetError(mapping.base or "http", f"set in the environment: {', '.join(missing)}")
    values = {each.name: each.text + environment[each.variable] for each in needed}
    unfit = sorted(h.variable for h in needed if not re.fullmatch(r"[\x20-\x7e]+", values[h.name]))
    if unfit:
        told = f"cannot be sent, with line breaks or other than ASCII in it: {', '.join(unfit)}"
        raise TargetError(mapping.base or "http", told)
    return values
