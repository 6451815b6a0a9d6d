"""The registry of routes: which call is answered by what, and which permission it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.service import Service


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as a handler sees it.

    Attributes:
        method: Upper-case method.
        path: Path without a trailing slash, decoded.
        key: Whose credentials came with it; None for the control API, which asks for none.
        parameters: What stands in the path, by name.
        query: Parameters of the query by lower-case name, the first of each.
        body: Bytes of the body.
        host: Host the caller named, with port.
    """

    method: str
    path: str
    key: AppKey | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = ""

    @property
    def account(self) -> str:
        """Account that the call is about."""
        if self.key is None:
            raise ValueError(f"{self.path}: a call without a key belongs to no account")
        return self.key.account


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
    """

    method: str
    path: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    reads: bool | None = None

    @property
    def writes(self) -> bool:
        """Whether the call changes something that must be remembered."""
        return self.method != "GET" if self.reads is None else not self.reads


@dataclass(frozen=True, slots=True)
class Found:
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
        by_shape: dict[_Shape, dict[str, Route]] = {}
        for route in self.all:
            shape = tuple("" if _name(part) else part for part in _parts(route.path))
            methods = by_shape.setdefault(shape, {})
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} is there twice")
            methods[route.method] = route
        self._by_length: dict[int, list[tuple[_Shape, dict[str, Route]]]] = {}
        for shape in sorted(by_shape, key=lambda shape: shape.count("")):
            self._by_length.setdefault(len(shape), []).append((shape, by_shape[shape]))

    def find(self, method: str, path: str) -> Found | Absent:
        """The route for a call; a path with fewer parts that vary goes first."""
        parts = _parts(path)
        known: set[str] = set()
        for shape, methods in self._by_length.get(len(parts), ()):
            if not _fits(shape, parts):
                continue
            if method in methods:
                route = methods[method]
                named = zip(_parts(route.path), parts, strict=True)
                return Found(route, {_name(at): part for at, part in named if _name(at)})
            known |= methods.keys()
        return Absent(tuple(sorted(known)))


_Shape = tuple[str, ...]
"""The parts of a path, empty where they vary."""


def _fits(shape: _Shape, parts: _Shape) -> bool:
    return all(part and wanted in ("", part) for wanted, part in zip(shape, parts, strict=True))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _name(part: str) -> str:
    """Name of a part that varies, empty for one that does not."""
    return part[1:-1] if part.startswith("{") else ""
