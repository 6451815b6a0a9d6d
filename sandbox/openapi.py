"""The sandbox as an OpenAPI 3.1 document, made from the routes themselves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping

from orderflow.sandbox.openapi_known import KNOWN, PARAMETERS, Kind, Known
from orderflow.sandbox.routes import Route

Json = dict[str, object]

_CONTROL = "/_sandbox"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PAGE = re.compile(rf"{_CONTROL}(/page.*)?")
_NAMED = re.compile(r"\{(\w+)\}")
_ASKED = re.compile(r"``\?([^`]*)``")
_EXAMPLE = re.compile(r"``([\[{][^`]*[\]}])``")
_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_NO_CONTENT, _SEE_OTHER = 204, 303

_TYPES: Mapping[Kind, Json] = {
    "text": {"type": "string"},
    "whole": {"type": "integer", "minimum": 0},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
    "objects": {"type": "array", "items": {"type": "object"}},
    "any": {},
}
_TOLD = {
    400: "What was sent makes no sense, or not here; the body says why.",
    401: "Credentials are missing or wrong.",
    403: "The key may not do this, or belongs to another account.",
    404: "There is no such thing.",
    409: "Not as things stand.",
    413: "The body is too long.",
    429: "Too many calls, as the rate limit says.",
    500: "A fault that was asked for, or a disk that is full.",
    507: "The disk is full; nothing was done.",
}
_PLATFORM = "The platform's API, as its own reference describes it. "
_ABOUT = (
    "What a running sandbox answers: the platform's operations under their own paths, and under "
    "/_sandbox what the platform does not have. Money is in cents, time is that of the sandbox."
)


def document(routes: Iterable[Route], version: str) -> Json:
    """The document.

    Args:
        routes: Every operation, in the order in which they are listed.
        version: Of this package.
    """
    every = tuple(routes)
    paths: dict[str, Json] = {}
    for route in every:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    tags = dict.fromkeys(map(_tag, every))
    return {
        "openapi": "3.1.0",
        "info": {"title": "orderflow sandbox", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {"securitySchemes": _keys(), "schemas": _errors()},
    }


def operation_id(route: Route) -> str:
    """Name of an operation that no other has.

    >>> from orderflow.sandbox.dialect import Answer
    >>> operation_id(Route("GET", "/api/do/tasks/{taskId}", lambda s, c: Answer(200)))
    'get_api_do_tasks_taskId'
    """
    words = re.findall(r"\w+", route.path)
    return "_".join([route.method.lower(), *words]).replace("__", "_")


def _operation(route: Route) -> Json:
    known = KNOWN.get(f"{route.method} {route.path}", Known())
    told = _plain(inspect.getdoc(route.handler) or "")
    summary, _, more = told.partition("\n\n")
    found: Json = {
        "operationId": operation_id(route),
        "tags": [_tag(route)],
        "summary": " ".join(summary.split()),
        "parameters": [*_in_path(route), *_in_query(route, known)],
        "responses": _responses(route, known),
    }
    about = ("" if _is_ours(route) else _PLATFORM) + " ".join(more.split())
    if about.strip():
        found["description"] = about.strip()
    if route.permissions:
        found["description"] = f"{about.strip()} Needs one of: {', '.join(route.permissions)}."
    if not _is_ours(route):
        found["security"] = [{"appKey": [], "appToken": []}, {"userToken": []}]
    if route.method in {"POST", "PUT", "PATCH"}:
        found["requestBody"] = _body(route, known)
    return found


def _is_ours(route: Route) -> bool:
    return route.path.startswith(_CONTROL)


def _is_page(route: Route) -> bool:
    return _PAGE.fullmatch(route.path) is not None


def _tag(route: Route) -> str:
    area = route.handler.__module__.rpartition(".")[2].replace("_", " ")
    return f"{'sandbox' if _is_ours(route) else 'platform'}: {area}"


def _plain(text: str) -> str:
    """A docstring without its marks."""
    return _ROLE.sub(r"\1", text).replace("``", "`")


def _in_path(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            **_described(name),
        }
        for name in _NAMED.findall(route.path)
    ]


def _in_query(route: Route, known: Known) -> list[Json]:
    """The parameters that are known, and those of which the handler speaks as ``?name=``."""
    told = _ASKED.findall(inspect.getdoc(route.handler) or "")
    spoken = (pair.partition("=")[0] for each in told for pair in each.split("&"))
    names = dict.fromkeys((*known.query, *spoken))
    return [
        {"name": name, "in": "query", "schema": {"type": "string"}, **_described(name)}
        for name in names
    ]


def _described(name: str) -> Json:
    return {"description": PARAMETERS[name]} if name in PARAMETERS else {}


def _body(route: Route, known: Known) -> Json:
    if _is_page(route):
        return {"content": {_FORM: {"schema": {"type": "object"}}}}
    schema: Json = {"description": "Any JSON; the operation says what it looks at."}
    if known.fields:
        fields = {name: _TYPES[kind] for name, kind in known.fields.items()}
        schema = {"type": "object", "properties": fields}
    if known.whole:
        schema["additionalProperties"] = False
    content: Json = {"schema": schema}
    example = _example(route)
    if example is not None and known.fields:
        content["example"] = example
    return {"content": {_JSON: content}}


def _example(route: Route) -> object:
    """The first body that the handler's own words give, None when they give none."""
    for text in _EXAMPLE.findall(inspect.getdoc(route.handler) or ""):
        try:
            return json.loads(text)
        except ValueError:  # shortened for the reader
            continue
    return None


def _responses(route: Route, known: Known) -> Json:
    right = (_SEE_OTHER,) if _is_page(route) and route.method == "POST" else ()
    done = right or (known.status, *known.others)
    found: Json = {str(status): _done(route, status, empty=known.empty) for status in done}
    for status in _refusals(route):
        found.setdefault(str(status), _refused(route, status))
    return found


def _done(route: Route, status: int, *, empty: bool) -> Json:
    if status == _SEE_OTHER:
        return {"description": "Done; the page is the place to look at."}
    if empty or status == _NO_CONTENT:
        return {"description": "Done; the body is empty."}
    return {"description": "Done.", "content": _content(route, {})}


def _content(route: Route, schema: Json) -> Json:
    kind = _JSON
    if _is_page(route):
        kinds = {"css": "text/css", "js": "text/javascript"}
        kind = kinds.get(route.path.rpartition(".")[2], "text/html")
    return {kind: {"schema": schema if kind == _JSON else {"type": "string"}}}


def _refusals(route: Route) -> tuple[int, ...]:
    if _is_ours(route):
        changes = route.method != "GET"
        return (400, 403, 404, 409, 413, 507) if changes else (400, 404, 413)
    return (400, 401, 403, 404, 409, 413, 429, 500)


def _refused(route: Route, status: int) -> Json:
    """How an operation says no; the platform does so in plain text now and then."""
    ours = _is_ours(route)
    name = "SandboxError" if ours else "PlatformError"
    schema: Json = {"$ref": f"#/components/schemas/{name}"}
    content = _content(route, schema) if status not in {403, 413} else {_JSON: {"schema": {}}}
    if not ours and status == 403:  # noqa: PLR2004  # see dialect.forbidden
        content = {"text/plain": {"schema": {"type": "string"}}}
    return {"description": _TOLD[status], "content": content}


def _keys() -> Json:
    return {
        "appKey": {"type": "apiKey", "in": "header", "name": "X-VTEX-API-AppKey"},
        "appToken": {"type": "apiKey", "in": "header", "name": "X-VTEX-API-AppToken"},
        "userToken": {"type": "apiKey", "in": "header", "name": "VtexIdclientAutCookie"},
    }


def _errors() -> Json:
    return {
        "SandboxError": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "string"}},
        },
        "PlatformError": {
            "description": "An error body of the platform; its form differs by operation.",
            "type": ["object", "array", "string"],
        },
    }
