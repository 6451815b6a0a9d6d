"""Reads what is sound of a flow file whose shape is wrong in places, to check the names in it.

What is wrong is left out, never guessed at; a name that is given, such as that of a status
with a wrong description, stays known, so that nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    create_model,
)

from orderflow.flows.document import Loc, YamlDocument
from orderflow.flows.errors import did_you_mean
from orderflow.flows.schema import (
    EdgeRow,
    EventName,
    EventRow,
    Events,
    FlowFile,
    LikeRow,
    Name,
    Names,
    OverlayFile,
    Row,
    StateRow,
    Target,
    TimerRow,
    row_tag,
)

_MOST_ERRORS = 1000
_MOST_ROUNDS = 8
"""Leaving something out may empty what it stood in, and so on upwards; files are not deeper."""


class _SomeRow(Row):
    id: Name = ""
    from_: Names = Field(default=[], alias="from")
    on: Events = Field(default=[])
    to: Target = ""


class _SomeLikeRow(LikeRow):
    id: Name = ""


class _SomeTimerRow(TimerRow):
    in_: Names = Field(default=[], alias="in")
    after: Name = ""
    fires: EventName = ""


class _SomeEdgeRow(EdgeRow):
    edge: Name = ""
    from_: Name = Field(default="", alias="from")
    to: Name = ""


def _mapping_or_nothing(value: object) -> object:
    return value if isinstance(value, dict) else None


_SomeState: TypeAlias = Annotated[StateRow | None, BeforeValidator(_mapping_or_nothing)]
_SomeEvent: TypeAlias = Annotated[EventRow | None, BeforeValidator(_mapping_or_nothing)]
_SomeOverlayRow: TypeAlias = Annotated[
    Annotated[_SomeRow, Tag("<row>")] | Annotated[_SomeLikeRow, Tag("<like>")],
    Discriminator(row_tag),
]

_SomeFlow: type[FlowFile] = create_model(
    "_SomeFlow",
    __base__=FlowFile,
    flow=(Name, ""),
    title=(Name, ""),
    initial=(Name, ""),
    states=(dict[Name, _SomeState], ...),
    transitions=(list[_SomeRow], []),
    timers=(list[_SomeTimerRow], []),
    diagram=(list[_SomeEdgeRow], []),
    events=(dict[EventName, _SomeEvent], {}),
)
_SomeOverlay: type[OverlayFile] = create_model(
    "_SomeOverlay",
    __base__=OverlayFile,
    flow=(Name, ""),
    states=(dict[Name, _SomeState], {}),
    transitions=(list[_SomeOverlayRow], []),
    timers=(list[_SomeTimerRow], []),
    diagram=(list[_SomeEdgeRow], []),
    events=(dict[EventName, _SomeEvent], {}),
)


def sound_part(document: YamlDocument) -> tuple[YamlDocument, FlowFile | OverlayFile | None]:
    """Return *document* without what has a wrong shape, and what it says then.

    It says nothing, None, when so much is missing that the names in the rest mean nothing:
    the statuses as a whole, or what an overlay extends or removes.
    """
    given = document.data
    if not isinstance(given, dict):
        return document, None
    model = _SomeOverlay if "extends" in given else _SomeFlow
    gone: set[Loc] = set()
    for _ in range(_MOST_ROUNDS):
        try:
            file = model.model_validate(document.data)
        except ValidationError as error:
            if error.error_count() > _MOST_ERRORS:
                break
            wrong = {document.found(d["loc"]) for d in error.errors(include_url=False)}
            if () in wrong or not _can_do_without(wrong, model, given.keys()):
                break
            gone |= wrong
            document = document.without(wrong)
        else:
            return document, _without_drawn(file) if _unsure_of_edges(file, gone) else file
    return document, None


def _can_do_without(wrong: Iterable[Loc], model: type[BaseModel], given: Iterable[str]) -> bool:
    """Whether the names in the rest mean something without what is *wrong*."""
    kinds = {loc[0] for loc in wrong if len(loc) == 1}
    if kinds & {"states", "extends"} or any(loc[0] == "remove" for loc in wrong):
        return False
    # An unknown key may be the wrong spelling of one of these.
    unknown = kinds - set(model.model_fields)
    if model is _SomeFlow:
        return not any(did_you_mean(str(key), ["extends"]) for key in unknown)
    return not unknown or {"states", "remove"} <= set(given)


def _unsure_of_edges(file: FlowFile | OverlayFile, gone: Iterable[Loc]) -> bool:
    """Whether there may be edges of which the name is not known."""
    kinds = {loc[0] for loc in gone if len(loc) == 1}
    rows_gone = any(loc[0] == "diagram" and isinstance(loc[-1], int) for loc in gone)
    misspelt = "diagram" not in file.model_fields_set and not kinds <= set(type(file).model_fields)
    nameless = any(not row.edge for row in file.diagram)
    return "diagram" in kinds or rows_gone or misspelt or nameless


def _without_drawn(file: FlowFile | OverlayFile) -> FlowFile | OverlayFile:
    rows = [row.model_copy(update={"drawn": []}) for row in file.transitions]
    return file.model_copy(update={"transitions": rows})
