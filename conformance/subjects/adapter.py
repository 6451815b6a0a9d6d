"""A subject that the user wrote in Python, found by its name."""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import cast

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.errors import TargetError
from orderflow.conformance.subjects.subject import (
    Answer,
    Call,
    Outcome,
    Subject,
    abilities_of,
)

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
            raise TargetError(target, f"it needs the module {error.name!r}") from error
        told = f"there is no module {error.name!r}, neither installed nor in {folder.name}/"
        raise TargetError(target, told) from None
    except Exception as error:  # code of somebody else
        raise TargetError(target, f"cannot be imported: {_broke(error)}") from error
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
    try:
        made: object = found()
    except Exception as error:  # code of somebody else
        raise TargetError(target, f"broke down: {_broke(error)}") from error
    return made


def _broke(error: Exception) -> str:
    """What went wrong in code of somebody else, by kind and place; its words may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


class Guarded:
    """A subject made by somebody else: what breaks down in it is an answer that did not come.

    Args:
        made: The subject.
    """

    def __init__(self, made: Subject) -> None:
        self.made, self.abilities = made, abilities_of(made)

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        return self._answer(lambda: self.made.begin(start))

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        return self._answer(lambda: self.made.fire(call))

    def _answer(self, ask: Callable[[], object]) -> Answer:
        try:
            answer = ask()
        except Exception as error:  # noqa: BLE001  # code of somebody else
            return Answer(Outcome.INDETERMINATE, "", f"the adapter broke down: {_broke(error)}")
        if isinstance(answer, Answer):
            return answer
        told = f"the adapter returned a {type(answer).__name__}, not an Answer"
        return Answer(Outcome.INDETERMINATE, "", told)


def _is_subject(made: object) -> bool:
    return all(callable(getattr(made, name, None)) for name in ("begin", "fire"))


def _checked(target: str, made: object) -> Subject:
    if not _is_subject(made):
        lacks = [name for name in ("begin", "fire") if not callable(getattr(made, name, None))]
        told = f"it returned something of type {type(made).__name__} without {' and '.join(lacks)}"
        raise TargetError(target, f"{told}; {_WANTED}")
    return Guarded(cast("Subject", made))
