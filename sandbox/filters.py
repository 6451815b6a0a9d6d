"""Which news of an order a feed or a hook is told: filters, and how clients write them.

What evaluates expressions is imported when the first one comes: most sandboxes never see any.

Source: domain fact sheets "HTTP surface", sections 5.2 and 11 (D-A7), and "Clients", CR-42
to CR-45.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.statuses import catalogue
from orderflow.sandbox.dialect import GENERIC

Document = Callable[[], Mapping[str, object]]
"""Gives the order's document when a filter needs to see it."""


class FilterError(OrderflowError):
    """A configuration, or a call of a feed, that the platform refuses.

    Attributes:
        code: Code of the error body.
        message: What the body says.
        http: HTTP status of the answer.
    """

    def __init__(self, code: str, message: str, http: int) -> None:
        super().__init__(message)
        self.code, self.message, self.http = code, message, http


class News(NamedTuple):
    """What happened to one document of an order.

    Attributes:
        order_id: Its id.
        domain: ``Marketplace`` or ``Fulfillment``.
        state: Status now.
        last_state: Status before.
        last_change: When the status before was taken, in ms of virtual time.
        current_change: When this happened, in ms of virtual time.
        moved: Whether the status changed; False when only something else in the document did.
    """

    order_id: str
    domain: str
    state: str
    last_state: str
    last_change: int
    current_change: int
    moved: bool = True


@dataclass(frozen=True, slots=True)
class FromWorkflow:
    """Every change of status, or those to one of *statuses*, which may be misspelt."""

    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FromOrders:
    """Every change of a document for which *expression* holds.

    Attributes:
        expression: JSONata over the document with personal data.
        single_fire: An order comes once, then never again.
    """

    expression: str
    single_fire: bool = True


Filter = FromWorkflow | FromOrders


def admits(filter_: Filter, news: News, document: Document) -> bool:
    """Whether *filter_* lets *news* through; that an order came before is not looked at.

    An expression that fails on this document lets nothing through (sandbox decision).
    """
    match filter_:
        case FromWorkflow(statuses):
            return news.moved and (not statuses or news.state in statuses)
        case FromOrders(expression):
            return _holds(expression, document(), news.current_change)
        case _:
            assert_never(filter_)


def _holds(expression: str, document: Mapping[str, object], now: int) -> bool:
    from orderflow.sandbox.expression import ExpressionError, matches

    try:
        return matches(expression, document, now=now)
    except ExpressionError:
        return False


class Sieve:
    """A filter at work: with single fire it lets each order through once.

    Args:
        filter_: What it lets through.
    """

    def __init__(self, filter_: Filter) -> None:
        self.filter = filter_
        self._passed: set[str] = set()

    def replace(self, filter_: Filter) -> None:
        """Take another filter, with which orders may come once more (sandbox decision)."""
        if filter_ != self.filter:
            self._passed.clear()
        self.filter = filter_

    def forget(self, order_id: str) -> None:
        """Forget that an order went through, since it will not come again."""
        self._passed.discard(order_id)

    def admits(self, news: News, document: Document) -> bool:
        """Whether *news* goes through; *document* is asked for only when needed."""
        once = isinstance(self.filter, FromOrders) and self.filter.single_fire
        if (once and news.order_id in self._passed) or not admits(self.filter, news, document):
            return False
        if once:
            self._passed.add(news.order_id)
        return True


def parse_filter(body: object) -> Filter:
    """The filter in *body*, the value of ``filter`` in a request; None is the default.

    Names of fields are read in any case. Without a type the fields decide. ``disableSingleFire``
    beside ``FromWorkflow`` is let pass, as real clients send it (sandbox decision).

    >>> parse_filter({"type": "FromWorkflow", "status": ["ready-for-handling"]})
    FromWorkflow(statuses=('ready-for-handling',))

    Raises:
        FilterError: 409 for fields of both types together, 400 for anything else that is wrong.
    """
    given = folded(body, "filter")
    expression, statuses = given.get("expression"), given.get("status")
    kind = _kind(given)
    if (kind == "fromorders" and statuses) or (kind == "fromworkflow" and expression):
        raise FilterError(
            GENERIC, "filter: status goes with FromWorkflow, expression with FromOrders", 409
        )
    if kind == "fromworkflow":
        return FromWorkflow(_statuses(statuses))
    return _from_orders(expression, given.get("disablesinglefire"))


def _kind(given: Mapping[str, object]) -> str:
    kind = given.get("type")
    if kind is None:
        # With both fields it is a mixture, whichever type is taken.
        return "fromorders" if given.get("expression") else "fromworkflow"
    if not isinstance(kind, str) or kind.lower() not in {"fromworkflow", "fromorders"}:
        raise unusable("filter.type must be FromWorkflow or FromOrders")
    return kind.lower()


def _statuses(given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(status, str) for status in given):
        raise unusable("filter.status must be a list of texts")
    return tuple(given)


def _from_orders(expression: object, disable_single_fire: object) -> FromOrders:
    if not isinstance(expression, str) or not expression:
        raise unusable("filter.expression is needed for FromOrders: a JSONata expression")
    if disable_single_fire is not None and not isinstance(disable_single_fire, bool):
        raise unusable("filter.disableSingleFire must be true or false")
    from orderflow.sandbox.expression import ExpressionError, check

    try:
        check(expression)
    except ExpressionError as wrong:
        raise unusable(f"filter.expression cannot be read: {wrong}") from wrong
    return FromOrders(expression, single_fire=not disable_single_fire)


def unusable(message: str) -> FilterError:
    """400 for a configuration, or a call of a feed, that makes no sense."""
    return FilterError(GENERIC, message, 400)


def filter_body(filter_: Filter) -> dict[str, object]:
    """*filter_* as a response writes it."""
    match filter_:
        case FromWorkflow(statuses):
            return {"type": "FromWorkflow", "status": list(statuses)}
        case FromOrders(expression, single_fire):
            return {
                "type": "FromOrders",
                "expression": expression,
                "disableSingleFire": not single_fire,
            }
        case _:
            assert_never(filter_)


def remarks(body: object) -> tuple[str, ...]:
    """What is odd about the filter in *body* though it is accepted: typos, missing or idle fields.

    Raises:
        FilterError: As :func:`parse_filter`.
    """
    given, filter_ = folded(body, "filter"), parse_filter(body)
    found = []
    if given and given.get("type") is None:
        found.append("filter.type is missing")
    if isinstance(filter_, FromWorkflow):
        if given.get("disablesinglefire") is not None:
            found.append("filter.disableSingleFire means nothing to FromWorkflow")
        found += [_unknown(name) for name in filter_.statuses if name not in _offered()]
    return tuple(found)


def _offered() -> tuple[str, ...]:
    return tuple(name for name, status in catalogue().statuses.items() if status.in_feed_list)


def _unknown(name: str) -> str:
    return f"filter.status: no order takes {name!r}{did_you_mean(name, _offered())}"


def folded(body: object, name: str) -> dict[str, object]:
    """The object *body* with its field names in lower case; None is an object without fields.

    Raises:
        FilterError: It is something else.
    """
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise unusable(f"{name} must be an object")
    return {str(field).lower(): value for field, value in body.items()}
