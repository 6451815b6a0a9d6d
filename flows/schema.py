"""The shape of a flow file: which keys there are and what each accepts, as pydantic models.

:func:`flow_schema` turns the same models into the JSON Schema that editors use, so the two
cannot disagree. What only the whole file can tell, such as an unknown status, is not shape.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from orderflow.flows import names
from orderflow.flows.json_schema import JsonSchema, without_noise
from orderflow.flows.model import Line, Profile
from orderflow.flows.vocabulary import ACTORS, PREDICATES

CHOICES: dict[str, tuple[str, ...]] = {
    "actor": tuple(ACTORS),
    "predicate": tuple(PREDICATES),
    "profile": tuple(Profile),
    "line": tuple(Line),
    "entry": ("undocumented",),
}
"""Words a flow file may use where the choice is closed."""

_NAME: JsonSchema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "not": {"pattern": names.HIDDEN},
}
_EVENT: JsonSchema = {
    "type": "string",
    "maxLength": 100,
    "pattern": f"^{names.EVENT}$",
    "not": {"const": names.TAKEN},
}


def _printable(name: str) -> str:
    if not names.is_plain(name):
        raise PydanticCustomError("bad_name", "a name holds no control characters")
    return name


def _typable(name: str) -> str:
    if not names.is_typable(name):
        raise PydanticCustomError(
            "bad_event", "an event name has letters, digits, . _ and -, and is not 'advance'"
        )
    return name


def _one_of(kind: str) -> Callable[[str], str]:
    def known(word: str) -> str:
        if word not in CHOICES[kind]:
            raise PydanticCustomError("not_a_choice", "unknown word", {"kind": kind})
        return word

    return known


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, dict)) or value is None else [value]


def _distinct(values: list[Any]) -> list[Any]:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise PydanticCustomError("named_twice", "{twice} is named twice", {"twice": repr(twice)})
    return values


def _whole(value: object) -> object:
    # JSON Schema counts 1.0 among the integers, so the loader must.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _choice(kind: str) -> JsonSchema:
    return {"type": "string", "enum": list(CHOICES[kind])}


def _one_or_list(item: JsonSchema, least: int = 0) -> WithJsonSchema:
    many = {"type": "array", "items": item, "uniqueItems": True, "maxItems": _MOST}
    return WithJsonSchema({"anyOf": [item, many | ({"minItems": least} if least else {})]})


_MOST = 200
_STAGE: JsonSchema = {"type": "integer", "minimum": 1, "maximum": 5}
_short, _filled = Field(max_length=_MOST), Field(min_length=1, max_length=_MOST)
_listed, _unique = BeforeValidator(_as_list), AfterValidator(_distinct)

Name: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(_printable),
    WithJsonSchema(_NAME),
]
EventName: TypeAlias = Annotated[
    str, Field(max_length=100), AfterValidator(_typable), WithJsonSchema(_EVENT)
]
Actor: TypeAlias = Annotated[
    str, AfterValidator(_one_of("actor")), WithJsonSchema(_choice("actor"))
]
Predicate: TypeAlias = Annotated[str, AfterValidator(_one_of("predicate"))]
ProfileName: TypeAlias = Annotated[str, AfterValidator(_one_of("profile"))]
LineName: TypeAlias = Annotated[
    str, AfterValidator(_one_of("line")), WithJsonSchema(_choice("line"))
]
Entry: TypeAlias = Annotated[
    str, AfterValidator(_one_of("entry")), WithJsonSchema(_choice("entry"))
]
Whole: TypeAlias = Annotated[int, Field(ge=-10_000, le=10_000), BeforeValidator(_whole)]
Stage: TypeAlias = Annotated[int, Field(ge=1, le=5), BeforeValidator(_whole)]

Names: TypeAlias = Annotated[list[Name], _short, _listed, _unique, _one_or_list(_NAME)]
Events: TypeAlias = Annotated[list[EventName], _short, _listed, _unique, _one_or_list(_EVENT)]
SomeEvents: TypeAlias = Annotated[
    list[EventName], _filled, _listed, _unique, _one_or_list(_EVENT, 1)
]
SomeNames: TypeAlias = Annotated[list[Name], _filled, _listed, _unique, _one_or_list(_NAME, 1)]
Actors: TypeAlias = Annotated[
    list[Actor], _filled, _listed, _unique, _one_or_list(_choice("actor"), 1)
]
Predicates: TypeAlias = Annotated[
    list[Predicate], _short, _listed, _unique, _one_or_list(_choice("predicate"))
]
Profiles: TypeAlias = Annotated[
    list[ProfileName], _filled, _listed, _unique, _one_or_list(_choice("profile"), 1)
]
Stages: TypeAlias = Annotated[list[Stage], _short, _listed, _unique, _one_or_list(_STAGE)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Layout(_Part):
    """Where a state is drawn."""

    lane: Whole | None = Field(default=None, description="Column; 0 is the spine.")
    row: Whole | None = Field(default=None, description="Row, counted from the top.")


class StateRow(_Part):
    """What is known of a status."""

    node: str = Field(default="", description="Name in the official diagram.")
    waits_for: Actor = Field(default="", description="Who must act for the order to leave.")
    starred: bool = Field(default=False, description="No change and no cancellation here.")
    entry: Entry = Field(
        default="", description="undocumented: no source says how an order gets here."
    )
    profile: Profiles = Field(default=[], description="Profiles it exists in; absent means all.")
    module: Name = Field(default="", description="Optional part of the platform it belongs to.")
    layout: Layout = Layout()
    note: str = ""


class Previous(_Part):
    """Back to the status held before, when it was one of these."""

    previous: SomeNames


def _target_tag(value: object) -> str:
    return "<previous>" if isinstance(value, (dict, Previous)) else "<name>"


Target: TypeAlias = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[Previous, Tag("<previous>")],
    Discriminator(_target_tag),
]


class _RowDetails(_Part):
    id: Name = Field(description="Unique row id, such as S11.")
    actor: Actors = Field(
        default=[], description="Who fires it; absent: as the event's catalogue says."
    )
    automatic: bool = Field(default=False, description="The platform moves on by itself.")
    when: Predicates = Field(default=[], description="Predicates that must all hold.")
    undoes: Stages = Field(default=[], description="Timeline stages it may take back.")
    profile: Profiles = Field(default=[], description="Profiles it exists in; absent means all.")
    module: Name = Field(default="", description="Optional part of the platform it belongs to.")
    drawn: Names = Field(default=[], description="Edges of the diagram it realises.")
    source: Names = Field(default=[], description="Citation keys.")
    decision: Names = Field(default=[], description="Numbered decisions, such as D-09.")
    note: str = ""


class Row(_RowDetails):
    """A row of the transition table."""

    from_: SomeNames = Field(
        alias="from", description='Status or statuses; "(none)": no order yet.'
    )
    on: SomeEvents = Field(description="Event or events.")
    to: Target = Field(description="Status, `same`, or {previous: [...]}.")


class LikeRow(_RowDetails):
    """A row of an overlay that starts from a row of the file it extends."""

    like: Name = Field(description="Id of the row to start from.")
    from_: SomeNames = Field(default=[], alias="from")
    on: Events = []
    to: Target = ""


def row_tag(value: object) -> str:
    """Tell a row of an overlay that starts from another one from a row of its own."""
    return "<like>" if isinstance(value, dict) and "like" in value else "<row>"


OverlayRow: TypeAlias = Annotated[
    Annotated[Row, Tag("<row>")] | Annotated[LikeRow, Tag("<like>")], Discriminator(row_tag)
]


class RefusedRow(_Part):
    """A call the platform answers with an error whatever the status."""

    id: Name
    event: EventName
    code: str = ""
    http: Annotated[int, Field(ge=100, le=599), BeforeValidator(_whole)] = 0
    source: Names = []
    note: str = ""


class TimerRow(_Part):
    """A time limit of a status."""

    in_: SomeNames = Field(alias="in", description="Status or statuses it runs in.")
    after: Name = Field(description="Name of a duration in the settings.")
    fires: EventName = Field(description="Event fired when the time is over.")


class EdgeRow(_Part):
    """An edge of the official drawing."""

    edge: Name
    from_: Name = Field(alias="from", description="Node it leaves.")
    to: Name = Field(description="Node it reaches.")
    label: str = ""
    line: LineName = Line.SOLID.value
    note: str = ""


class EventRow(_Part):
    """An event of this flow's own."""

    actors: Actors = []
    meaning: str = ""


class FinalRow(_Part):
    """Where an order's story ends."""

    success: Names = Field(default=[], description="The sale went through.")
    failure: Names = Field(default=[], description="It did not.")
    closed: Names = Field(default=[], description="Ends this document without deciding the sale.")


PathList: TypeAlias = Annotated[list[Name], Field(max_length=_MOST)]


class HappyPaths(_Part):
    """The undisturbed way through the flow, for each profile."""

    documented: PathList = []
    observed: PathList = []
    legacy: PathList = []


def _path_tag(value: object) -> str:
    return "<paths>" if isinstance(value, (dict, HappyPaths)) else "<path>"


HappyPath: TypeAlias = Annotated[
    Annotated[PathList, Tag("<path>")] | Annotated[HappyPaths, Tag("<paths>")],
    Discriminator(_path_tag),
]


class RemoveRow(_Part):
    """What an overlay takes away: names, or `all`."""

    states: Names = []
    transitions: Names = []
    timers: Names = Field(default=[], description="Statuses whose timers go.")
    diagram: Names = []
    refused: Names = []


class _AnyFile(_Part):
    flow: Name = Field(description="Short unique name.")
    seen_by: str = Field(default="", description="Who sees orders of this flow.")
    final: FinalRow = FinalRow()
    happy_path: HappyPath = []
    refused: list[RefusedRow] = []
    timers: list[TimerRow] = []
    diagram: list[EdgeRow] = []
    events: dict[EventName, EventRow | None] = Field(
        default={}, description="Events of this flow's own."
    )


class FlowFile(_AnyFile):
    """A flow that stands by itself."""

    title: Name = Field(description="Name for people.")
    initial: Name = Field(description="First status of an order.")
    states: dict[Name, StateRow | None]
    transitions: list[Row]


class OverlayFile(_AnyFile):
    """A flow that is another flow with differences."""

    extends: Name = Field(description="Bundled flow, or path relative to this file.")
    remove: RemoveRow = RemoveRow()
    title: Name = ""
    initial: Name = ""
    states: dict[Name, StateRow | None] = {}
    transitions: list[OverlayRow] = []


def flow_schema() -> JsonSchema:
    """Return the JSON Schema (2020-12) of flow files."""
    _, shared = models_json_schema([(FlowFile, "validation"), (OverlayFile, "validation")])
    parts: JsonSchema = without_noise(shared["$defs"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "orderflow flow file",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/OverlayFile"},
        "else": {"$ref": "#/$defs/FlowFile"},
        "$defs": parts,
    }


def schema_text() -> str:
    """Return what ``flow.schema.json`` holds; ``python -m orderflow.flows.schema`` prints it."""
    return json.dumps(flow_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
