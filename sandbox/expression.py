"""JSONata expressions over an order document: the one doorway of jsonata-python and regex.

Whatever somebody sends as an expression, evaluating it ends: the work is counted (evaluations and
the size of what they make), so the same expression always stops at the same place; regular
expressions, and everything together, have a wall of seconds besides.

Functions that cannot be bounded or repeated are refused, which is a sandbox decision: ``$eval``,
``$random``, ``$shuffle``, ``$formatInteger``, ``$parseInteger``, and pictures in ``$toMillis``.
``$now`` and ``$millis`` give the virtual time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]  # no types, nor do the next ones have any

from orderflow.flows.errors import OrderflowError

_RECURSION_LIMIT = sys.getrecursionlimit()

# After the line above, which has to see what was there before the library came.
from jsonata.functions import Functions  # type: ignore[import-untyped]  # noqa: E402
from jsonata.jexception import JException  # type: ignore[import-untyped]  # noqa: E402
from jsonata.jsonata import Jsonata  # type: ignore[import-untyped]  # noqa: E402
from jsonata.regex_engine import RegexFlags  # type: ignore[import-untyped]  # noqa: E402

# The import above raises it for the whole process, and programs notice.
sys.setrecursionlimit(_RECURSION_LIMIT)

LONGEST_EXPRESSION = 10_000
LONGEST_DOCUMENT = 1_000_000
MOST_WORK = 200_000
DEEPEST = 80
LONGEST_RANGE = 10_000
MOST_DISTINCT = 1_000
REGEX_SECONDS = 0.2
ALL_SECONDS = 2.0

_EVALUATION = 10
_CHARACTERS = 64
_MAKES_NOTHING = frozenset({"name", "string", "number", "value", "variable", "parent", "lambda"})
_REFUSED = ("eval", "random", "shuffle", "formatInteger", "parseInteger")

_PICTURE = 200
_WIDE = regex.compile(r"\[[^\]]*,[^\]]*\d{3}")

Arguments = Sequence[object]


class ExpressionError(OrderflowError):
    """An expression that cannot be read or evaluated.

    Attributes:
        code: Code of the JSONata language, such as ``S0201``; empty when it has none.
        position: Characters into the expression where the trouble stands; -1 when unknown.
    """

    def __init__(self, message: str, code: str = "", position: int = -1) -> None:
        where = f" at character {position}" if position >= 0 else ""
        super().__init__(f"{message}{where}")
        self.code, self.position = code, position


def check(expression: str) -> None:
    """Read *expression* without evaluating it.

    Raises:
        ExpressionError: It is no JSONata, or too long.
    """
    _compiled(expression)


def matches(expression: str, document: Mapping[str, object], *, now: int = 0) -> bool:
    """Whether *expression* holds for *document*; what is not a boolean counts as ``$boolean`` says.

    >>> matches('status = "invoiced" and value > 100', {"status": "invoiced", "value": 2499})
    True

    Args:
        expression: JSONata, at most :data:`LONGEST_EXPRESSION` characters.
        document: A JSON object.
        now: Virtual time in ms since the Unix epoch, for ``$now()`` and ``$millis()``.

    Raises:
        ExpressionError: It cannot be read, fails, or takes too long.
    """
    return _holds(expression, document, now)


def try_out(expression: str, document: str, *, now: int = 0) -> bool:
    """Whether *expression* holds for the JSON text *document*.

    Raises:
        ExpressionError: As :func:`matches`, or *document* is no JSON or too long.
    """
    if len(document) > LONGEST_DOCUMENT:
        raise ExpressionError(f"a document has at most {LONGEST_DOCUMENT} characters")
    try:
        found = json.loads(document, parse_constant=_no_constant)
    except (ValueError, RecursionError) as wrong:
        raise ExpressionError(f"the document is no JSON: {wrong}") from wrong
    return _holds(expression, found, now)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _holds(expression: str, document: object, now: int) -> bool:
    compiled = _compiled(expression)
    frame = compiled.create_frame()
    budget = _Budget()
    frame.set_evaluate_entry_callback(budget.enter)
    frame.set_evaluate_exit_callback(budget.leave)
    compiled.virtual = now
    # The library evaluates on the expression read last in this thread; ours alone has the bounds.
    Jsonata.CURRENT.jsonata = compiled
    try:
        return bool(Functions.to_boolean(compiled.evaluate(document, frame)))
    except Exception as trouble:
        raise _explained(trouble) from trouble


@lru_cache(maxsize=256)
def _compiled(expression: str) -> _Bounded:
    if len(expression) > LONGEST_EXPRESSION:
        raise ExpressionError(f"an expression has at most {LONGEST_EXPRESSION} characters")
    try:
        compiled = _Bounded(expression, _Pattern)
    except Exception as trouble:
        raise _explained(trouble) from trouble
    compiled.set_validate_input(False)  # documents are JSON by the time they come here
    compiled.set_output_convert_nulls(False)  # it would write into the document
    for name, guard in _GUARDED:
        compiled.environment.bind(name, _Guarded(name, guard))
    return compiled


def _explained(trouble: Exception) -> ExpressionError:
    """Say in our words what the library raises: its own errors, or Python's beneath it."""
    if isinstance(trouble, ExpressionError):
        return trouble
    if isinstance(trouble, JException):
        position = trouble.location if isinstance(trouble.location, int) else -1
        return ExpressionError(str(trouble), str(trouble.error), position)
    if isinstance(trouble, RecursionError):
        return ExpressionError("the expression is nested too deep")
    if isinstance(trouble, TimeoutError):
        return ExpressionError("a regular expression takes too long")
    return ExpressionError(f"the expression fails: {trouble}")


class _Budget:
    """What one evaluation may still cost."""

    def __init__(self) -> None:
        self.work = 0
        self.depth = 0
        self.until = time.monotonic() + ALL_SECONDS

    def enter(self, *_: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(f"the expression is nested deeper than {DEEPEST} evaluations")
        self.spend(_EVALUATION)
        if time.monotonic() > self.until:
            raise ExpressionError("the expression takes too long")

    def leave(self, node: Any, _input: object, _frame: object, result: object) -> None:
        self.depth -= 1
        if node.type not in _MAKES_NOTHING and isinstance(result, str | list | dict):
            self.weigh(result)

    def weigh(self, made: object) -> None:
        """Spend what *made* is worth, counting a part as often as it can be reached."""
        waiting = [made]
        while waiting:
            part = waiting.pop()
            self.spend(1 + len(part) // _CHARACTERS if isinstance(part, str) else 1)
            if isinstance(part, list):
                waiting.extend(part)
            elif isinstance(part, dict):
                waiting.extend(part.values())

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > MOST_WORK:
            raise ExpressionError("the expression takes too much work")


class _Bounded(Jsonata):  # type: ignore[misc]  # the library has no types
    """An expression whose single steps are bounded, too.

    Attributes:
        virtual: What ``$now()`` and ``$millis()`` say, in ms since the Unix epoch.
    """

    virtual = 0

    @property
    def timestamp(self) -> int:
        return self.virtual

    @timestamp.setter
    def timestamp(self, _wall: int) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Let the library set the time of the wall, and forget it."""

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        whole = isinstance(lhs, int) and isinstance(rhs, int)
        if whole and rhs - lhs >= LONGEST_RANGE:
            raise ExpressionError(f"a range has at most {LONGEST_RANGE} numbers", "D2014")
        return super().evaluate_range_expression(lhs, rhs)

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        _fits(sum(len(side) for side in (lhs, rhs) if isinstance(side, str)))
        return str(super().evaluate_string_concat(lhs, rhs))


class _Guarded(Jsonata.JNativeFunction):  # type: ignore[misc]
    """A function of the language whose arguments *guard* looks at first."""

    def __init__(self, name: str, guard: Callable[[Arguments], None]) -> None:
        # Not built anew: it is the library's own function in all but its call.
        known: Any = Jsonata.static_frame
        self.__dict__.update(vars(known.lookup(name)))
        self.guard = guard

    def call(self, input: object, args: Any) -> Any:  # noqa: A002  # their name
        self.guard((*args, None, None, None, None))
        return super().call(input, args)


class _Pattern:
    """A regular expression whose every search ends in time.

    Raises:
        TimeoutError: By each method, after :data:`REGEX_SECONDS`.
    """

    def __init__(self, pattern: str, flags: RegexFlags) -> None:
        chosen = regex.IGNORECASE if flags.case_insensitive else 0
        chosen |= regex.MULTILINE if flags.multiline else 0
        self.compiled = regex.compile(pattern, chosen)

    def search(self, string: str) -> Any:
        return self.compiled.search(string, timeout=REGEX_SECONDS)

    def finditer(self, string: str) -> Any:
        return self.compiled.finditer(string, timeout=REGEX_SECONDS)

    def sub(self, repl: Any, string: str, count: int = 0) -> str:
        return str(self.compiled.sub(repl, string, count=count, timeout=REGEX_SECONDS))

    def split(self, string: str, maxsplit: int = 0) -> Any:
        return self.compiled.split(string, maxsplit=maxsplit, timeout=REGEX_SECONDS)


def _fits(characters: float) -> None:
    if characters > LONGEST_DOCUMENT:
        raise ExpressionError(f"a text has at most {LONGEST_DOCUMENT} characters")


def _text_length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


def _pad(given: Arguments) -> None:
    if isinstance(given[1], int | float):
        _fits(abs(given[1]))


def _join(given: Arguments) -> None:
    texts = given[0] if isinstance(given[0], list) else [given[0]]
    _fits(sum(_text_length(text) + _text_length(given[1]) for text in texts))


def _replace(given: Arguments) -> None:
    text, _, by, limit = given[:4]
    # At worst every character is replaced, and every `$0` stands for the whole text.
    groups = by.count("$") if isinstance(by, str) else 0
    _fits((_text_length(text) + 1) * (_text_length(by) + 1 + groups))
    if isinstance(limit, int | float):
        _fits(limit * (_text_length(text) + 1))


def _distinct(given: Arguments) -> None:
    if isinstance(given[0], list) and len(given[0]) > MOST_DISTINCT:
        raise ExpressionError(f"$distinct takes at most {MOST_DISTINCT} values here")


def _to_millis(given: Arguments) -> None:
    if given[1] is not None:
        raise ExpressionError("$toMillis takes no picture here, only ISO 8601")


def _picture(picture: object) -> None:
    if isinstance(picture, str) and (len(picture) > _PICTURE or _WIDE.search(picture)):
        raise ExpressionError(
            f"a picture has at most {_PICTURE} characters, and widths of two digits"
        )


def _refused(name: str) -> Callable[[Arguments], None]:
    def refuse(_: Arguments) -> None:
        raise ExpressionError(f"${name} is refused here: it has no bound or no fixed answer")

    return refuse


_GUARDED: tuple[tuple[str, Callable[[Arguments], None]], ...] = (
    ("pad", _pad),
    ("join", _join),
    ("replace", _replace),
    ("distinct", _distinct),
    ("toMillis", _to_millis),
    ("now", lambda given: _picture(given[0])),
    ("fromMillis", lambda given: _picture(given[1])),
    ("formatNumber", lambda given: _picture(given[1])),
    *((name, _refused(name)) for name in _REFUSED),
)
