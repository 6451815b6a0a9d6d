"""Reads mapping files, and says all that is wrong with one at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from orderflow.conformance.subjects.mapping import METHODS, Ask, Header, HttpMapping, New, Shown
from orderflow.conformance.subjects.patience import Patience
from orderflow.conformance.subjects.template import as_text, placeholders
from orderflow.flows.document import Loc, Plain, YamlDocument
from orderflow.flows.errors import Findings
from orderflow.flows.loader import load_events, load_yaml, parse_yaml
from orderflow.flows.model import ABSENT
from orderflow.flows.statuses import catalogue
from orderflow.simulator.inputs import accepted_names
from orderflow.simulator.scenario import ScenarioError, milliseconds

KEYS = (
    *("subject", "base", "headers", "timeout", "new", "status", "poll", "events", "default"),
    *("advance", "awaited", "never", "says"),
)
"""Keys of a mapping file."""

_ASK_KEYS = (*METHODS, "json", "accepted", "refused")
_ABOUT_START = frozenset({"items", "replaceable", "value"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TEXT_OF_HEADER = re.compile(r"[\t\x20-\x7e]*")
_CODES = range(200, 500)
_PATH = re.compile(r"/[\x21-\x7e]*")
_ADDRESS = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:.]*")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_LONGEST_HOST = 253

PLAIN = """\
subject: http
new: {post: /orders, json: {items: "{items}", replaceable: "{replaceable}"}, id: id}
status: {get: "/orders/{id}", at: status, trigger: trigger?}
default: {post: "/orders/{id}/events", json: {event: "{event}", data: "{data}"}}
advance: {post: "/orders/{id}/clock", json: {milliseconds: "{ms}"}}
"""
"""The mapping of a system that speaks the plain protocol, which needs no mapping file."""


def load_mapping(
    path: Path, *, events: Iterable[str] = (), statuses: Iterable[str] = ()
) -> HttpMapping:
    """Read a mapping file.

    Args:
        path: The file.
        events: Events of the flow; a name that is none of them, nor in the vocabulary, is wrong.
        statuses: Statuses of the flow; what `translate` leads to must be one of them, or of the
            platform. When there are none it may lead anywhere.

    Raises:
        FlowFileError: It cannot be read, or is not a mapping file; says all that is wrong.
    """
    return _Reader(load_yaml(path), events, statuses).read()


def parse_mapping(
    text: str,
    *,
    source: str = "<text>",
    events: Iterable[str] = (),
    statuses: Iterable[str] = (),
) -> HttpMapping:
    """Read a mapping from the text of a mapping file, see :func:`load_mapping`."""
    return _Reader(parse_yaml(text, source=source), events, statuses).read()


def plain_mapping(events: Iterable[str] = ()) -> HttpMapping:
    """The mapping of a system that speaks the plain protocol."""
    return parse_mapping(PLAIN, source="plain protocol", events=events)


def wrong_url(url: str) -> str:
    """Why nothing can be below *url*, empty when something can. Never shows the URL itself."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in {"http", "https"} or port == 0 or not _is_host(parts.hostname or ""):
        return "it must be like http://127.0.0.1:8080"
    if parts.username is not None or parts.password is not None:
        return "credentials do not belong into a URL; use headers: {Authorization: {env: NAME}}"
    if not _PATH.fullmatch(parts.path or "/") or parts.query or parts.fragment:
        return "a base has no ?, no # and no blanks"
    return ""


def _is_host(name: str) -> bool:
    """Whether the network can be asked for a host of this name: what it cannot be makes trouble."""
    return bool(_ADDRESS.fullmatch(name)) or (
        len(name) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, name.split(".")))
    )


class _Reader:
    """Collects everything that is wrong with one file."""

    def __init__(
        self, document: YamlDocument, events: Iterable[str], statuses: Iterable[str]
    ) -> None:
        self.document = document
        self.findings = Findings()
        self.events = frozenset({*load_events(), *events})
        own = tuple(statuses)
        self.statuses = frozenset((ABSENT, *catalogue().statuses, *own)) if own else frozenset()
        self.data_names = frozenset(name for each in self.events for name in accepted_names(each))

    def read(self) -> HttpMapping:
        data = self.table((), self.document.data, KEYS, "a mapping file")
        if self.findings.problems and not data:
            self.findings.refuse()
        if data.get("subject", "http") != "http":
            self.wrong(("subject",), "only `subject: http` has a mapping file")
        of_event = {"id", "event", "data", *self.data_names}
        default = data.get("default")
        advance = data.get("advance")
        found = HttpMapping(
            new=self.new(data.get("new")),
            shown=self.shown(data.get("status")),
            base=self.base(data),
            headers=self.headers(data.get("headers", {})),
            timeout=self.ms(("timeout",), data.get("timeout", "2s"), least=1),
            events=self.requests(data.get("events", {})),
            default=None if default is None else self.ask(("default",), default, of_event),
            advance=None if advance is None else self.ask(("advance",), advance, {"id", "ms"}),
            patience=self.patience(data.get("poll")),
            awaited=self.awaited(data),
            awaited_in=self.awaited_in(data),
            never=self.names("never", data),
            says=self.text(("says",), data.get("says", ""), needed=False),
            vocabulary=self.events,
        )
        self.together(found)
        self.findings.refuse()
        return found

    def together(self, found: HttpMapping) -> None:
        """Notes what does not go together."""
        if (found.awaited or found.awaited_in) and found.patience is None:
            self.wrong(("awaited",), "awaited events need `poll`, such as {for: 2s, every: 50ms}")
        for name in sorted(found.awaited & (found.never | found.events.keys())):
            self.wrong(("awaited",), f"{name} is asked for or never happens, and cannot be awaited")
        for name in sorted({event for event, _ in found.awaited_in} & found.never):
            self.wrong(("awaited",), f"{name} never happens, and cannot be awaited")
        for name in sorted(found.never & found.events.keys()):
            self.wrong(("never",), f"{name} has a request under `events`")
        if found.new.at and found.new.at in found.never | found.awaited:
            self.wrong(("new", "at"), f"{found.new.at} has to be asked for")
        if found.default is None and not found.events:
            self.wrong((), "no event can be asked for: give `default`, `events` or both")

    def wrong(self, loc: Loc, text: str, check: str = "bad-mapping") -> None:
        self.findings.add(self.document.place(loc), text, check)

    def table(self, loc: Loc, given: Plain, keys: Iterable[str], what: str) -> Mapping[str, Plain]:
        """A mapping with some of *keys*; anything else counts as an empty one."""
        if not isinstance(given, dict):
            self.wrong(loc, f"{what} is a mapping with some of: {', '.join(keys)}")
            return {}
        for key in given:
            if key not in keys:
                place = self.document.place((*loc, key), key=True)
                self.findings.add_unknown(place, "key", key, keys)
        return given

    def text(self, loc: Loc, given: Plain, *, needed: bool = True) -> str:
        if isinstance(given, str) and (given or not needed):
            return given
        self.wrong(loc, f"`{loc[-1]}` must be a text")
        return ""

    def base(self, data: Mapping[str, Plain]) -> str:
        given = self.text(("base",), data.get("base", ""), needed=False)
        trouble = wrong_url(given) if given else ""
        if trouble:
            self.wrong(("base",), trouble)
        return given.rstrip("/")

    def ms(self, loc: Loc, given: Plain, *, least: int = 0) -> int:
        """A duration such as ``2s``, in ms."""
        try:
            found = milliseconds(given if isinstance(given, str) else str(given))
        except ScenarioError as error:
            self.wrong(loc, str(error))
            return max(least, 1)
        if found < least:
            self.wrong(loc, f"must be at least {least}ms")
        return found

    def ask(
        self, loc: Loc, given: Plain, known: Iterable[str], *more: str, body: bool = True
    ) -> Ask:
        """A request; *known* are its placeholders, *more* the keys that stand beside it."""
        keys = (*_ASK_KEYS, *more) if body else (*METHODS, *more)
        data = self.table(loc, given, keys, "a request")
        methods = [key for key in METHODS if key in data]
        if len(methods) != 1:
            told = f"a request has one of {', '.join(METHODS)}, such as {{post: /orders}}"
            self.wrong(loc, told)
            return Ask("GET", "/")
        path = self.text((*loc, methods[0]), data[methods[0]])
        if path and not _PATH.fullmatch(path):
            told = "a path begins with / and has no blanks; what is ahead of it is `base`"
            self.wrong((*loc, methods[0]), told)
        self.known(loc, known, **{methods[0]: path, "json": data.get("json")})
        accepted, refused = (self.codes((*loc, key), data.get(key)) for key in _ASK_KEYS[-2:])
        for code in sorted(accepted & refused):
            self.wrong((*loc, "refused"), f"{code} cannot mean both yes and no")
        return Ask(methods[0].upper(), path, data.get("json"), accepted, refused)

    def known(self, loc: Loc, known: Iterable[str], **templates: Plain) -> None:
        """Notes placeholders that stand for nothing."""
        for key, template in templates.items():
            for name in sorted(placeholders(template) - frozenset(known)):
                place = self.document.place((*loc, key))
                self.findings.add_unknown(place, "placeholder", name, sorted(known))

    def codes(self, loc: Loc, given: Plain) -> frozenset[int]:
        listed = given if isinstance(given, list) else [] if given is None else [given]
        codes = [each for each in listed if isinstance(each, int) and each in _CODES]
        if len(codes) < len(listed):
            self.wrong(loc, "status codes are numbers from 200 to 499: 5xx says that nobody knows")
        return frozenset(codes)

    def new(self, given: Plain) -> New:
        loc = ("new",)
        ask = self.ask(loc, given, _ABOUT_START, "id", "at")
        data = given if isinstance(given, dict) else {}
        at = self.text((*loc, "at"), data.get("at", ""), needed=False)
        if at:
            self.event((*loc, "at"), at)
        return New(ask, self.text((*loc, "id"), data.get("id")), at)

    def shown(self, given: Plain) -> Shown:
        loc = ("status",)
        ask = self.ask(loc, given, {"id"}, "at", "translate", "trigger", body=False)
        data = given if isinstance(given, dict) else {}
        translate = data.get("translate", {})
        if not isinstance(translate, dict):
            self.wrong((*loc, "translate"), "`translate` maps what it calls a status to its name")
            translate = {}
        statuses = {
            key: self.status((*loc, "translate", key), each) for key, each in translate.items()
        }
        trigger = self.text((*loc, "trigger"), data.get("trigger", ""), needed=False)
        at = self.text((*loc, "at"), data.get("at"))
        return Shown(ask, at, statuses, trigger.removesuffix("?"), trigger.endswith("?"))

    def status(self, loc: Loc, given: Plain) -> str:
        """The status of the flow that a name of the system's own stands for."""
        status = self.text(loc, given)
        if status and self.statuses and status not in self.statuses:
            place = self.document.place(loc)
            self.findings.add_unknown(place, "status", status, sorted(self.statuses))
        return status

    def headers(self, given: Plain) -> tuple[Header, ...]:
        if not isinstance(given, dict):
            self.wrong(("headers",), "`headers` maps names to texts, or to {env: VARIABLE}")
            return ()
        return tuple(self.header(name, each) for name, each in given.items())

    def header(self, name: str, given: Plain) -> Header:
        loc = ("headers", name)
        if not _HEADER.fullmatch(name):
            self.wrong(loc, f"{name!r} cannot be the name of a header")
        variable, text = "", given
        if isinstance(given, dict):
            data = self.table(loc, given, ("env", "prefix"), "a header")
            variable, text = self.text((*loc, "env"), data.get("env")), data.get("prefix", "")
            if variable and not _VARIABLE.fullmatch(variable):
                self.wrong((*loc, "env"), f"{variable!r} cannot be the name of a variable")
        plain = as_text(text)
        if isinstance(text, list | dict) or not _TEXT_OF_HEADER.fullmatch(plain):
            self.wrong(loc, "the value of a header is a text without line breaks")
        return Header(name, plain, variable)

    def patience(self, given: Plain) -> Patience | None:
        if given is None:
            return None
        data = self.table(("poll",), given, ("for", "every", "refused"), "`poll`")
        total = self.ms(("poll", "for"), data.get("for", "2s"), least=1)
        every = self.ms(("poll", "every"), data.get("every", "50ms"), least=1)
        return Patience(total, every, self.ms(("poll", "refused"), data.get("refused", "0s")))

    def requests(self, given: Plain) -> dict[str, Ask]:
        if not isinstance(given, dict):
            self.wrong(("events",), "`events` maps events to requests")
            return {}
        for name in given:
            self.event(("events", name), name, key=True)
        return {
            name: self.ask(("events", name), each, self.names_with(name))
            for name, each in given.items()
        }

    def names_with(self, event: str) -> frozenset[str]:
        """Placeholders of the request of one event."""
        return frozenset({"id", "event", "data", *accepted_names(event)})

    def awaited(self, data: Mapping[str, Plain]) -> frozenset[str]:
        """Events that are awaited wherever they come about."""
        given = data.get("awaited", [])
        if not isinstance(given, list):
            self.wrong(("awaited",), "`awaited` lists events")
            return frozenset()
        names = ((place, each) for place, each in enumerate(given) if not isinstance(each, dict))
        return frozenset(self.event(("awaited", place), each) for place, each in names)

    def awaited_in(self, data: Mapping[str, Plain]) -> frozenset[tuple[str, str]]:
        """Events that are awaited in some statuses, and asked for in the others."""
        given, found = data.get("awaited", []), set[tuple[str, str]]()
        for place, each in enumerate(given if isinstance(given, list) else []):
            if isinstance(each, dict):
                loc = ("awaited", place)
                row = self.table(loc, each, ("event", "in"), "an awaited event")
                event, where = self.event((*loc, "event"), row.get("event")), row.get("in")
                if not isinstance(where, list) or not where:
                    self.wrong(loc, "`in` lists the statuses in which the event is awaited")
                    continue
                found.update(
                    (event, self.status((*loc, "in", n), name)) for n, name in enumerate(where)
                )
        return frozenset(found)

    def names(self, key: str, data: Mapping[str, Plain]) -> frozenset[str]:
        """A list of events."""
        given = data.get(key, [])
        if not isinstance(given, list):
            self.wrong((key,), f"`{key}` lists events")
            return frozenset()
        return frozenset(self.event((key, place), each) for place, each in enumerate(given))

    def event(self, loc: Loc, given: Plain, *, key: bool = False) -> str:
        if not isinstance(given, str) or given not in self.events:
            place = self.document.place(loc, key=key)
            self.findings.add_unknown(place, "event", str(given), sorted(self.events))
        return str(given)
