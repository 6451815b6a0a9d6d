"""Reading the steps of a scenario, one verb each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from orderflow.certify.reading import Reader
from orderflow.certify.scenario import (
    USUAL_MOST,
    Advance,
    AllWell,
    Ask,
    AtOnce,
    Deed,
    Fire,
    Idle,
    Method,
    PlaceOrders,
    Step,
    SwitchOn,
    Tell,
    Turn,
    TurnKey,
    Upon,
    WaitForLines,
    WaitForStatus,
)
from orderflow.flows.document import Loc, Plain
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.loader import load_events
from orderflow.flows.statuses import catalogue
from orderflow.sandbox.control.faults import FIELDS
from orderflow.sandbox.control.wishes import NAMES
from orderflow.sandbox.fault_modes import modes

NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
"""A scenario's name, or what it calls an order."""

_ORDER = re.compile(r"([a-z][a-z0-9-]{0,59})((?:\.[a-z0-9][a-z0-9-]*){0,2})")
MARK = re.compile(r"\$(?:(\$)|([a-z][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*){0,2}))")
"""``$first`` in a text stands for the id of an order, ``$$`` for a dollar sign."""

PLACES = ("url", "endpoint", "hook", "seller")
"""What else a ``$`` stands for: where the sandbox is, where the integration listens, where it takes
notifications, and what it is called as a seller."""

METHODS: tuple[Method, ...] = get_args(Method)
_MOST_STEPS = 500


@dataclass(slots=True)
class Names:
    """What the orders of a scenario are called.

    Attributes:
        counts: How many sales each name stands for.
        given: The names that have been read.
    """

    counts: Mapping[str, int]
    given: set[str] = field(default_factory=set)

    def add(self, reader: Reader, loc: Loc, value: Plain) -> str:
        """Note what new orders are called."""
        name = reader.text(loc, value)
        if name and not NAME.fullmatch(name):
            told = f"{name[:100]!r}: take lower-case letters, digits and hyphens"
            reader.note(loc, told, "bad-name")
        elif name in PLACES:
            reader.note(loc, f"{name!r} stands for an address; take another name", "bad-name")
        elif name in self.given:
            reader.note(loc, f"{name!r} is given twice", "duplicate-name")
        self.given.add(name)
        return name

    def order(self, reader: Reader, loc: Loc, value: Plain) -> str:
        """What orders are called that have been named before."""
        name = reader.text(loc, value)
        if name:
            self.see(reader, loc, name)
        return name

    def see(self, reader: Reader, loc: Loc, name: str) -> None:
        """Note when no order has that name."""
        found = _ORDER.fullmatch(name)
        if found is None or found[1] not in self.counts:
            reader.unknown(loc, "order", name, self.counts)
            return
        number = found[2].strip(".").partition(".")[0]
        if number.isdecimal() and not 0 < int(number) <= self.counts[found[1]]:
            told = f"{name!r}: there are {found[1]}.1 to {found[1]}.{self.counts[found[1]]}"
            reader.note(loc, told, "unknown-order")

    def statuses(self, reader: Reader, loc: Loc, value: Plain) -> tuple[str, ...]:
        """Statuses that there are."""
        return reader.some_of(loc, value, "status", tuple(catalogue().statuses))

    def marks(self, reader: Reader, loc: Loc, value: Plain) -> Plain:
        """*value* as it stands, with every unknown ``$name`` in it noted."""
        for at, text in _texts(loc, value):
            for found in MARK.finditer(text):
                if found[2] and found[2] not in PLACES:
                    self.see(reader, at, found[2])
        return value

    def fields(self, reader: Reader, loc: Loc, value: Plain) -> Mapping[str, Plain]:
        """*value* as an object that goes out with its ``$names`` filled in."""
        if not isinstance(value, dict):
            reader.note(loc, "takes a mapping", "wrong-type")
            return {}
        self.marks(reader, loc, value)
        return value


def declared(steps: Plain) -> Mapping[str, int]:
    """How many sales each name stands for that is given anywhere in *steps*, right or wrong."""
    found: dict[str, int] = {}
    for each in steps if isinstance(steps, list) else ():
        for verb, given in each.items() if isinstance(each, dict) else ():
            if verb == "at_once":
                found |= declared(given)
            elif verb == "upon" and isinstance(given, dict):
                found |= declared(given.get("do"))
            elif isinstance(given, dict) and isinstance(name := given.get("name"), str):
                count = given.get("count", 1)
                found[name] = count if isinstance(count, int) else 1
    return found


def read_steps(
    reader: Reader, loc: Loc, value: Plain, names: Names, known: Sequence[str] = ()
) -> tuple[Step, ...]:
    """The steps under *loc*; what is wrong with them is noted.

    Args:
        reader: The document.
        loc: Where they stand.
        value: What stands there.
        names: What its orders are called.
        known: Verbs that may be used, all when empty.
    """
    if not isinstance(value, list) or not value:
        reader.note(loc, "'do' takes a list of steps, such as - place: {…}", "wrong-type")
        return ()
    if len(value) > _MOST_STEPS:
        reader.note(loc, f"'do' has more than {_MOST_STEPS} steps", "too-long")
        return ()
    found = (
        _step(reader, (*loc, place), each, names, known or tuple(VERBS))
        for place, each in enumerate(value)
    )
    return tuple(each for each in found if each is not None)


def _step(
    reader: Reader, loc: Loc, value: Plain, names: Names, known: Sequence[str]
) -> Step | None:
    if not isinstance(value, dict) or len(value) != 1:
        reader.note(loc, f"a step has one verb: {', '.join(known)}", "wrong-type")
        return None
    ((verb, given),) = value.items()
    if verb in VERBS and verb not in known:
        told = f"{verb!r} takes time: here stands what happens at once: {', '.join(known)}"
        reader.note((*loc, verb), told, "takes-time", key=True)
        return None
    if verb not in VERBS:
        reader.unknown((*loc, verb), "verb", verb, known, key=True)
        return None
    deed = VERBS[verb](reader, (*loc, verb), given, names)
    return None if deed is None else Step(verb, deed, reader.place((*loc, verb), key=True))


def _place(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    given = reader.keys(loc, value, ("name", *NAMES), ("name",))
    if given is None:
        return None
    if "count" in given:
        reader.whole((*loc, "count"), given["count"], least=1)
    if isinstance(given.get("status"), str):
        names.statuses(reader, (*loc, "status"), given["status"])
    wish = {name: each for name, each in given.items() if name != "name"}
    names.marks(reader, loc, wish)
    name = names.add(reader, (*loc, "name"), given["name"]) if "name" in given else ""
    return PlaceOrders(name, wish)


def _fault(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    given = reader.keys(loc, value, FIELDS, ("fault",))
    if given is None:
        return None
    if "fault" in given:
        known = (*modes(), *bundled_faults().profiles)
        reader.one_of((*loc, "fault"), given["fault"], "fault", known)
    if "orders" in given:
        for place, each in enumerate(reader.texts((*loc, "orders"), given["orders"])):
            if each:
                names.see(reader, (*loc, "orders", place), each)
    return SwitchOn(given)


def _faults(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    del names
    reader.one_of(loc, value, "word", ("off",))
    return AllWell()


def _fire(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    given = reader.keys(loc, value, ("order", "event", "data", "actor"), ("order", "event"))
    if given is None:
        return None
    order = names.order(reader, (*loc, "order"), given["order"]) if "order" in given else ""
    if "event" in given:
        reader.one_of((*loc, "event"), given["event"], "event", tuple(load_events()))
    body = {name: each for name, each in given.items() if name != "order"}
    names.marks(reader, loc, body)
    return Fire(order, body)


_WAITED = ("order", "status", "call", "delivery", "count")


def _wait(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    given = reader.keys(loc, value, _WAITED)
    if given is None:
        return None
    kinds = [name for name in ("status", "call", "delivery") if name in given]
    if len(kinds) != 1:
        reader.note(loc, "waits for one of status, call and delivery", "missing-key")
        return None
    order = names.order(reader, (*loc, "order"), given["order"]) if "order" in given else ""
    kind = kinds[0]
    if kind == "status":
        if "order" not in given:
            reader.note(loc, "'order' is missing", "missing-key")
        if "count" in given:
            reader.note((*loc, "count"), "'count' goes with call and delivery", "unknown-key")
        return WaitForStatus(order, names.statuses(reader, (*loc, kind), given[kind]))
    count = reader.whole((*loc, "count"), given["count"], least=1) if "count" in given else 1
    pattern = reader.text((*loc, kind), given[kind])
    return WaitForLines(cast("Literal['call', 'delivery']", kind), pattern, order, count)


def _advance(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    del names
    return Advance(reader.span(loc, value))


def _turn(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    del names
    given = reader.keys(loc, value, ("until", "most"))
    if given is None:
        return None
    until = reader.one_of((*loc, "until"), given.get("until", "idle"), "word", ("idle", "over"))
    most = reader.span((*loc, "most"), given["most"]) if "most" in given else USUAL_MOST
    return Turn(cast("Literal['idle', 'over']", until), most)


def _call(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    return _asked(reader, loc, value, names, "call")


def _vendor(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    return _asked(reader, loc, value, names, "vendor")


def _asked(
    reader: Reader, loc: Loc, value: Plain, names: Names, who: Literal["call", "vendor"]
) -> Deed | None:
    given = reader.keys(loc, value, (*METHODS, "body", *(("as",) if who == "vendor" else ())))
    if given is None:
        return None
    methods: list[Method] = [each for each in METHODS if each in given]
    if len(methods) != 1:
        reader.note(loc, f"has one of {', '.join(METHODS)}, with a path", "missing-key")
        return None
    path = reader.text((*loc, methods[0]), given[methods[0]])
    inside = path.startswith("/_sandbox/")
    if path and (not path.startswith("/") or inside != (who == "call")):
        told = "begins with /_sandbox/" if who == "call" else "is one of the platform"
        reader.note((*loc, methods[0]), f"{path[:100]!r}: the path of a {who} {told}", "bad-path")
    names.marks(reader, loc, dict(given))
    own = "as" in given and bool(reader.one_of((*loc, "as"), given["as"], "word", ("integration",)))
    return Ask(who, methods[0], path, given.get("body"), own)


def _tell(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    body = names.fields(reader, loc, value)
    for needed in ("what", *(("id",) if "name" in body else ())):
        if isinstance(value, dict) and needed not in value:
            reader.note(loc, f"{needed!r} is missing", "missing-key")
    name = ""
    if "name" in body:
        name = names.add(reader, (*loc, "name"), body["name"])
    return Tell(name, {key: each for key, each in body.items() if key != "name"})


def _idle(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    del names
    if value not in ({}, None):
        reader.note(loc, "idle takes nothing: write idle: {}", "wrong-type")
    return Idle()


def _revoke(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    del names
    reader.one_of(loc, value, "word", ("key",))
    return TurnKey("revoke")


def _restore(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    del names
    reader.one_of(loc, value, "word", ("key",))
    return TurnKey("restore")


def _at_once(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed:
    return AtOnce(read_steps(reader, loc, value, names, QUICK))


_OF_UPON = ("call", "order", "state", "nth", "do")


def _upon(reader: Reader, loc: Loc, value: Plain, names: Names) -> Deed | None:
    given = reader.keys(loc, value, _OF_UPON, ("call", "do"))
    if given is None or not {"call", "do"} <= given.keys():
        return None
    states = names.statuses(reader, (*loc, "state"), given["state"]) if "state" in given else ()
    return Upon(
        pattern=reader.text((*loc, "call"), given["call"]),
        order=names.order(reader, (*loc, "order"), given["order"]) if "order" in given else "",
        state="".join(states[:1]),
        nth=reader.whole((*loc, "nth"), given["nth"], least=1) if "nth" in given else 1,
        steps=read_steps(reader, (*loc, "do"), given["do"], names, QUICK),
    )


VERBS: Mapping[str, Callable[[Reader, Loc, Plain, Names], Deed | None]] = {
    "place": _place,
    "fault": _fault,
    "faults": _faults,
    "fire": _fire,
    "wait": _wait,
    "advance": _advance,
    "turn": _turn,
    "call": _call,
    "vendor": _vendor,
    "tell": _tell,
    "idle": _idle,
    "revoke": _revoke,
    "restore": _restore,
    "at_once": _at_once,
    "upon": _upon,
}
"""How each verb is read."""

QUICK = (
    *("place", "fault", "faults", "fire", "call", "vendor", "tell", "advance"),
    *("revoke", "restore"),
)
"""Verbs that take no time, or need not be waited for."""


def _texts(loc: Loc, value: Plain) -> Iterator[tuple[Loc, str]]:
    """Every text in *value*, with its place."""
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts((*loc, name), each)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _texts((*loc, place), each)
