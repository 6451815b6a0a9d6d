"""A subject that the user wrote in Python, found by its name."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import cast

from orderflow.conformance.subjects.errors import TargetError
from orderflow.conformance.subjects.subject import Subject

_WANTED = "wanted is something to call without arguments that returns a subject: begin and fire"


@contextmanager
def adapted(target: str, *, folder: Path | None = None) -> Iterator[Subject]:
    """Call what *target* names and hand out the subject it makes.

    Args:
        target: ``module:callable``. The callable returns a subject, or a context manager that
            yields one and is left at the end.
        folder: Where modules are looked for first; the current folder when None.

    Raises:
        TargetError: There is no such module or callable, or what it makes is no subject.
    """
    place = folder or Path.cwd()
    with _looked_for_in(place):
        made = _called(target, _found(target, place))
        if isinstance(made, AbstractContextManager):
            with made as entered:
                yield _checked(target, entered)
        else:
            yield _checked(target, made)


def _found(target: str, folder: Path) -> object:
    """What *target* names."""
    module, _, name = target.partition(":")
    try:
        found: object = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # it is there, and imports something that is not
        told = f"there is no module {error.name!r}, neither installed nor in {folder.name}/"
        raise TargetError(target, told) from None
    for part in name.split("."):
        if not hasattr(found, part):
            raise TargetError(target, f"module {module!r} has no {name!r}; {_WANTED}")
        found = getattr(found, part)
    return found


@contextmanager
def _looked_for_in(folder: Path) -> Iterator[None]:
    """Look for modules in *folder* first, as ``python -m`` does."""
    entry = str(folder)
    sys.path.insert(0, entry)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the user's code may have put the path in order
            sys.path.remove(entry)


def _called(target: str, found: object) -> object:
    if not callable(found):
        raise TargetError(target, f"it is of type {type(found).__name__}; {_WANTED}")
    made: object = found()
    return made


def _is_subject(made: object) -> bool:
    return all(callable(getattr(made, name, None)) for name in ("begin", "fire"))


def _checked(target: str, made: object) -> Subject:
    if not _is_subject(made):
        lacks = [name for name in ("begin", "fire") if not callable(getattr(made, name, None))]
        told = f"it returned something of type {type(made).__name__} without {' and '.join(lacks)}"
        raise TargetError(target, f"{told}; {_WANTED}")
    return cast("Subject", made)
