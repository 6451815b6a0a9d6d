"""Where the literal vocabulary of the five stages fails, and how each failure is read.

The first documentation defines the stages by sets of statuses, fields and dates. This check
runs those words as they stand over the catalogue of statuses and reports what comes out wrong,
under the number (O-1 to O-16) of the oddity it belongs to.

Source: domain fact sheet "My Account timeline", sections 3.1, 4.3 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from orderflow.flows.document import Loc
from orderflow.flows.errors import Problem
from orderflow.flows.model import INCOMPLETE
from orderflow.flows.statuses import Status, catalogue
from orderflow.flows.timeline import DELIVERY, PICKUP, Package, Shipment, document, timeline

Finding = tuple[str, Loc, str]
"""Number of the oddity, where it stands in ``timeline.yaml``, and what is wrong."""

_NO_PACKAGE = Shipment((DELIVERY,), (None,))
_DELIVERED = Shipment((DELIVERY,), (None,), (Package("Output", 1, finished=True),))
_TO_PICK_UP = Shipment((PICKUP,), (None,))
_PAYING = 2  # rank of section 4.3: up to here the order is not paid
_JUDGED_BY_STATUS = 4  # stages 1 to 4; the packages decide stage 5


def vocabulary_lint() -> tuple[Problem, ...]:
    """Return every finding, by number of the oddity and then by place.

    ``Problem.check`` is the number, such as ``O-3``; the text ends with the reading adopted.

    >>> sorted({problem.check for problem in vocabulary_lint()})[:3]
    ['O-1', 'O-10', 'O-11']
    """
    oddities = _data()["oddities"]
    problems = [
        Problem(
            document().place(loc), f"{text}; read instead: {oddities[number]['reading']}", number
        )
        for number, loc, text in _findings()
    ]
    return tuple(sorted(problems, key=lambda p: (int(p.check.removeprefix("O-")), p)))


def _findings() -> Iterator[Finding]:
    for status in catalogue().statuses.values():
        yield from _fall_through(status)
        yield from _shopper_labels(status)
    yield from _causes()
    yield from _code_keys()
    yield from _stage_5_without_status()
    yield from _stage_4_never_done()
    yield from _fields()
    yield from _delivered_too_early()
    yield from _members_nobody_lists()
    yield from _told()


def _data() -> dict[str, Any]:
    return cast("dict[str, Any]", document().data)


def _fall_through(status: Status) -> Iterator[Finding]:
    """Statuses that reach "none of the above" although no later stage claims them."""
    data = _data()
    if any(status.name in members for members in data["sets"].values()):
        return
    standing = data["statuses"][status.name]
    meant = () if standing == "sticky" else timeline(status.name, _NO_PACKAGE, 0).stages
    literal = timeline(status.name, _NO_PACKAGE, 0, reading="seed").stages[:_JUDGED_BY_STATUS]
    wrong = [stage for stage in literal if not meant or stage.slot != meant[stage.number - 1].slot]
    if wrong:
        shown = ", ".join(f"{stage.number} ({stage.label})" for stage in wrong)
        told = f"{status.name!r} is in no status set and falls through to the last rule of stages"
        number = _fall_through_number(status.name, standing)
        yield number, ("statuses", status.name), f"{told} {shown}"


def _fall_through_number(name: str, standing: object) -> str:
    """The oddity a status in no set belongs to: by where it really stands."""
    if not isinstance(standing, int | float):
        return "O-15"
    if standing == 0:
        return "O-2" if name == INCOMPLETE else "O-1"
    return "O-3" if standing <= _PAYING else "O-5"


def _shopper_labels(status: Status) -> Iterator[Finding]:
    """Names the help center gives the shopper that the stages do not, or not there."""
    seen = timeline(status.name, _NO_PACKAGE, 0)
    if seen.closed:
        return
    here = {stage.label for stage in seen.stages}
    for label in (status.my_account, *(row.my_account for row in status.further)):
        told = f"the help center calls {status.name!r} {label!r}"
        if label and label not in _stage_labels():
            yield "O-14", ("statuses", status.name), f"{told}, and no stage is called so"
        elif label in here and label != seen.headline:
            told = f"{told}, the stages call it {seen.headline!r}"
            yield "O-7", ("statuses", status.name), told


def _stage_labels() -> set[str]:
    ways = [way for stage in _data()["stages"] for way in stage.values()]
    return {told["label"] for way in ways for told in way.values()}


def _rules() -> Iterator[tuple[int, dict[str, Any]]]:
    yield from enumerate(_data()["literal"])


def _causes() -> Iterator[Finding]:
    for at, rule in _rules():
        if "cause" in rule:
            told = f"stage {rule['stage']} {rule['slot']} is told by a cause and not by a status"
            yield "O-1", ("literal", at), f"{told}: {rule['cause']}"


def _code_keys() -> Iterator[Finding]:
    """Statuses the storefront code looks up that are none, and those it misses for that."""
    data = _data()
    missed = [s for members in data["sets"].values() for s in members if s not in data["ui"]]
    hidden = ", ".join(map(repr, missed)) or "nothing"
    for key in data["ui"]:
        if key not in catalogue().statuses:
            told = f"the storefront code knows {key!r}, which is no status"
            yield "O-4", ("ui", key), f"{told}, and hides the bar for {hidden}"


def _stage_5_without_status() -> Iterator[Finding]:
    last = len(_data()["stages"])
    rules = [(at, rule) for at, rule in _rules() if rule["stage"] == last]
    if any("status_in" in rule for _, rule in rules):
        return
    shown = timeline("payment-pending", _TO_PICK_UP, 0, reading="seed").stages[-1].label
    told = f"no rule of stage {last} asks for the status"
    yield (
        "O-6",
        ("literal", rules[0][0]),
        f"{told}: an unpaid pickup without a date reads {shown!r}",
    )


def _stage_4_never_done() -> Iterator[Finding]:
    fourth, fifth = timeline("invoiced", _DELIVERED, 0, reading="seed").stages[-2:]
    if fifth.slot == "done" and fourth.slot != "done":
        at = [at for at, rule in _rules() if rule["stage"] == fourth.number][-1]
        told = f"stage 5 of a delivered order reads {fifth.label!r} and stage 4 {fourth.label!r}"
        yield "O-9", ("literal", at), f"{told} for good: no status follows 'invoiced'"


def _fields() -> Iterator[Finding]:
    """Rules whose field does not exist, holds something else, or is there more than once."""
    fields = {field["name"]: field for field in _data()["fields"]}
    by_small = {name.lower(): name for name in fields}
    for at, rule in _rules():
        written = rule.get("field", "status")
        field = fields[by_small[written.lower()]]
        loc: Loc = ("literal", at)
        if rule.get("is") == "set to true" and field["holds"] != "truth":
            yield "O-8", loc, f"{written} is to be 'set to true' and holds a {field['holds']}"
        if field["name"] != written:
            yield "O-12", loc, f"there is no field {written}; the API writes {field['name']}"
        if field["one_per"] == "package":
            yield "O-12", loc, f"{written} exists once per package and the rule does not say which"
    for at, field in enumerate(fields.values()):
        if "also" in field:
            told = f"{field['name']} exists once per {field['one_per']}"
            yield "O-13", ("fields", at), f"{told}, and newer documents write {field['also']}"


def _delivered_too_early() -> Iterator[Finding]:
    stages = _data()["stages"]
    for at, stage in enumerate(stages[:-1]):
        for way, slots in stage.items():
            for slot, told in slots.items():
                if told["trigger"].endswith(".delivered"):
                    text = f"{told['trigger']} ends stage {at + 1} of {len(stages)}"
                    loc = ("stages", at, way, slot)
                    yield "O-10", loc, f"{text}: the carrier has the goods, not the shopper"


def _members_nobody_lists() -> Iterator[Finding]:
    for key, members in _data()["sets"].items():
        for at, name in enumerate(members):
            status = catalogue().statuses[name]
            if not status.in_status_table and not status.in_feed_list:
                told = f"{name!r} is in set {key}"
                text = f"{told}, but neither in the status table nor in the feed list"
                yield "O-16", ("sets", key, at), text


def _told() -> Iterator[Finding]:
    """Oddities of the wording, which no computation over the rules can show."""
    for number, oddity in _data()["oddities"].items():
        if oddity.get("told"):
            yield number, ("oddities", number), oddity["why"]
