"""The registry of routes: which call is answered by what, and which permission it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.service import Service

_NONE: Mapping[str, str] = {}


class Call(NamedTuple):
    """One call, as a handler sees it.

    Attributes:
        method: Upper-case method.
        path: Path without a trailing slash, decoded.
        key: Whose credentials came with it; None for the control API, which asks for none.
        parameters: What stands in the path, by name.
        query: Parameters of the query by lower-case name, the first of each; of those
            that the platform takes several times, all of them with commas between.
        body: Bytes of the body.
        host: Host the caller named, with port.
    """

    method: str
    path: str
    key: AppKey | None = None
    parameters: Mapping[str, str] = _NONE
    query: Mapping[str, str] = _NONE
    body: bytes = b""
    host: str = ""

    @property
    def caller(self) -> AppKey:
        """The key, for handlers of the platform's calls: those come with one."""
        if self.key is None:
            raise ValueError(f"{self.path}: a call without a key belongs to no account")
        return self.key

    @property
    def account(self) -> str:
        """Account that the call is about."""
        return self.caller.account


Handler = Callable[[Service, Call], Answer]
"""Answers a call. May raise :class:`orderflow.sandbox.dialect.DialectError`."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    Attributes:
        method: Upper-case method.
        path: With ``{name}`` for each part that varies.
        handler: What answers it.
        permissions: One of them is needed; none when empty.
        reads: Whether the call changes nothing that must be remembered; None for what its method
            says: GET reads, all others write.
        apart: Whether the call changes nothing that a document shows.
        writes: Whether the call changes something that must be remembered.
    """

    method: str
    path: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    reads: bool | None = None
    apart: bool = False
    writes: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what each call asks."""
        writes = self.method != "GET" if self.reads is None else not self.reads
        object.__setattr__(self, "writes", writes)


class Found(NamedTuple):
    """A route, and what the path of a call says of its parameters."""

    route: Route
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Absent:
    """No route for a call.

    Attributes:
        methods: Methods with which the path would have been known, sorted.
    """

    methods: tuple[str, ...] = ()


class Routes:
    """All routes, found by method and path.

    Raises:
        ValueError: Two routes answer the same calls.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.all = tuple(routes)
        self._first = _Node(0)
        for route in self.all:
            node = self._first
            for part in _parts(route.path):
                node = node.after(part)
            if route.method in node.routes:
                raise ValueError(f"{route.method} {route.path} is there twice")
            names = tuple((place, _name(part)) for place, part in enumerate(_parts(route.path)))
            node.routes[route.method] = (route, tuple(each for each in names if each[1]))

    def find(self, method: str, path: str) -> Found | Absent:
        """The route for a call; a path with fewer parts that vary goes first."""
        parts = path.strip("/").split("/")
        known: set[str] = set()
        for node in self._fitting(parts):
            found = node.routes.get(method)
            if found is not None:
                route, names = found
                return Found(route, {name: parts[place] for place, name in names})
            known |= node.routes.keys()
        return Absent(tuple(sorted(known)))

    def _fitting(self, parts: list[str]) -> list[_Node]:
        """The ends of all paths that *parts* may be, those with fewer parts that vary first."""
        found = [self._first]
        for part in parts:
            if not part:
                return []
            further = []
            for node in found:
                if part in node.next:
                    further.append(node.next[part])
                if node.any is not None:
                    further.append(node.any)
            found = further
        if len(found) > 1:
            found.sort(key=_by_what_varies)
        return found


class _Node:
    """A place in a path: the routes that end there, and where it goes on.

    Attributes:
        varied: How many parts vary up to here.
        next: Where it goes on, by a part that does not vary.
        any: Where it goes on with any part, None for nowhere.
        routes: By method, with the places and the names of the parts that vary.
    """

    __slots__ = ("any", "next", "routes", "varied")

    def __init__(self, varied: int) -> None:
        self.varied = varied
        self.next: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.routes: dict[str, tuple[Route, tuple[tuple[int, str], ...]]] = {}

    def after(self, part: str) -> _Node:
        """Where it goes on with *part* of a route's path; made if it is not there yet."""
        if not _name(part):
            return self.next.setdefault(part, _Node(self.varied))
        if self.any is None:
            self.any = _Node(self.varied + 1)
        return self.any


def _by_what_varies(node: _Node) -> int:
    return node.varied


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _name(part: str) -> str:
    """Name of a part that varies, empty for one that does not."""
    return part[1:-1] if part.startswith("{") else ""
