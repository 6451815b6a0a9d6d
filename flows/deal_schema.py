"""The shape of deal files and of ``links.yaml``: which keys there are and what each accepts.

As with flow files, the same models become the JSON Schema that editors use. What only the whole
file and its flows can tell, such as an unknown status, is not shape: see
:mod:`orderflow.flows.deal_check`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, LiteralString, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from orderflow.flows import names
from orderflow.flows.deal import Need, Towards
from orderflow.flows.document import Loc, YamlDocument
from orderflow.flows.errors import Findings, did_you_mean
from orderflow.flows.json_schema import JsonSchema, without_noise
from orderflow.flows.schema import (
    Actor,
    EventName,
    Name,
    Names,
    SomeEvents,
    SomeNames,
)
from orderflow.flows.shape import kind_of, note_errors

NO_DELAY = "none"
"""What a link writes under ``delay`` when its news travels in no time."""

LARGEST_MAILBOX = 8
"""More messages under way from one document to another are more than a search can follow."""

_USUAL_MAILBOX = 6
_MOST = 200
_CHOICE = "[a-z-]+"
_TOLD = f"{names.EVENT}(:{_CHOICE})?"


class Relays(StrEnum):
    """What travels along with news."""

    INVOICE = "invoice"
    DATA = "data"


def _one_of(kind: LiteralString, choices: type[StrEnum]) -> Callable[[str], str]:
    def known(word: str) -> str:
        if word in tuple(choices):
            return word
        hint = did_you_mean(word, choices) or f"; known: {', '.join(choices)}"
        given = {"word": repr(word), "hint": hint}
        raise PydanticCustomError(f"unknown_{kind}", "{word} is none of its words{hint}", given)

    return known


def _word(kind: LiteralString, choices: type[StrEnum]) -> tuple[AfterValidator, WithJsonSchema]:
    schema = {"type": "string", "enum": [str(choice) for choice in choices]}
    return AfterValidator(_one_of(kind, choices)), WithJsonSchema(schema)


def _tellable(text: str) -> str:
    if re.fullmatch(_TOLD, text) is None or not names.is_typable(text.partition(":")[0]):
        told = "is an event, or an event and the data it comes with: `event:choice`"
        raise PydanticCustomError("bad_event", told)
    return text


def _plain_choice(text: str) -> str:
    if re.fullmatch(_CHOICE, text) is None:
        raise PydanticCustomError("bad_choice", "the name of a choice has small letters and -")
    return text


def _room(messages: int) -> int:
    usual = f"{_USUAL_MAILBOX} is usual"
    if messages < 1:
        told = f"a mailbox of {messages} lets no message through; {usual}"
        raise PydanticCustomError("small_mailbox", "{told}", {"told": told})
    if messages > LARGEST_MAILBOX:
        told = f"a mailbox of {messages} is too large to search; at most {LARGEST_MAILBOX}, {usual}"
        raise PydanticCustomError("large_mailbox", "{told}", {"told": told})
    return messages


def _as_list(value: object) -> object:
    return value if isinstance(value, list) or value is None else [value]


def _whole(value: object) -> object:
    # JSON Schema counts 1.0 among the integers, so the loader must.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _true(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("not_true", "a row that does not wait leaves `wait` out")
    return value


def _one_or_list(item: JsonSchema, *, unique: bool = False) -> WithJsonSchema:
    many: JsonSchema = {"type": "array", "items": item, "minItems": 1, "maxItems": _MOST}
    return WithJsonSchema({"anyOf": [item, many | ({"uniqueItems": True} if unique else {})]})


_CHOICE_SCHEMA: JsonSchema = {"type": "string", "maxLength": _MOST, "pattern": f"^{_CHOICE}$"}
_TOLD_SCHEMA: JsonSchema = {
    "type": "string",
    "maxLength": _MOST,
    "pattern": f"^{_TOLD}$",
    "not": {"pattern": f"^{names.TAKEN}(:|$)"},
}
_MAILBOX: JsonSchema = {"type": "integer", "minimum": 1, "maximum": LARGEST_MAILBOX}
_filled, _listed = Field(min_length=1, max_length=_MOST), BeforeValidator(_as_list)
_longest = Field(max_length=_MOST)

TowardsWord: TypeAlias = Annotated[str, *_word("towards", Towards)]
RelaysWord: TypeAlias = Annotated[str, *_word("relays", Relays)]
NeedWord: TypeAlias = Annotated[str, *_word("need", Need)]
ToldText: TypeAlias = Annotated[str, _longest, AfterValidator(_tellable)]
ToldTexts: TypeAlias = Annotated[list[ToldText], _filled, _listed, _one_or_list(_TOLD_SCHEMA)]
Choice: TypeAlias = Annotated[
    str, _longest, AfterValidator(_plain_choice), WithJsonSchema(_CHOICE_SCHEMA)
]
Choices: TypeAlias = Annotated[list[Choice], _filled, _listed, _one_or_list(_CHOICE_SCHEMA)]
Mailbox: TypeAlias = Annotated[
    int, BeforeValidator(_whole), AfterValidator(_room), WithJsonSchema(_MAILBOX)
]
UnderWay: TypeAlias = Annotated[int, Field(ge=0, le=LARGEST_MAILBOX), BeforeValidator(_whole)]
Sentence: TypeAlias = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CauseRow(_Part):
    """A step that makes news; what is left out may be anything."""

    flow: Name = Field(description="Flow of the document that takes the step.")
    event: SomeEvents = Field(default=[], description="Event or events.")
    in_: SomeNames = Field(default=[], alias="in", description="Statuses it stood in.")
    status: SomeNames = Field(default=[], description="Statuses it arrived at.")
    with_: Choices = Field(default=[], alias="with", description="Data the event came with.")


class AnswerRow(_Part):
    """An answer that is owed."""

    in_: SomeNames = Field(alias="in", description="Where the one who owes it stands till then.")
    within: Name = Field(description="Setting that limits how long it may take.")


def _causes(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _also_one(schema: JsonSchema) -> None:
    """Let *schema*, that of a list, take one item without a list around it."""
    many = {key: schema.pop(key) for key in ("type", "items", "minItems", "maxItems")}
    schema["anyOf"] = [many["items"], many]


Causes: TypeAlias = Annotated[list[CauseRow], _filled, BeforeValidator(_causes)]


class LinkRow(_Part):
    """What happening makes news, and who is told."""

    id: Name = Field(description="Unique name; that of a bundled link replaces it.")
    rows: Names = Field(default=[], description="Rows L.. of the fact sheet.")
    says: Sentence = Field(description="The link in one sentence.")
    cause: Causes = Field(
        description="Step or steps that make the news.", json_schema_extra=_also_one
    )
    notice: Name = Field(default="", description="The news; left out when none is sent.")
    towards: TowardsWord = Field(description="Who is told.")
    to: Name = Field(default="", description="Only to one of that flow.")
    relays: RelaysWord = Field(default="", description="What travels along.")
    delay: Name = Field(
        default="message_delay", description="Setting that says how long it travels, or none."
    )
    at_most: UnderWay = Field(default=0, description="How many may be under way; 0: any number.")
    echo: bool = Field(
        default=True, description="Also to the one whose own news made the step happen."
    )
    carrier: Names = Field(default=[], description="Calls that carry it.")
    answer: AnswerRow | None = Field(default=None, description="The answer owed.")
    sources: Names = Field(default=[], description="Citation keys.")
    decisions: Names = Field(default=[], description="Decisions, such as D-12.")


class HearRow(_Part):
    """What news means to one that stands in one of the statuses."""

    in_: SomeNames = Field(alias="in", description='Statuses; "(none)": not placed yet.')
    do: ToldTexts = Field(default=[], description="Events, one after the other.")
    as_: Actor = Field(default="", alias="as", description="Who counts as the actor.")
    answer: Name = Field(default="", description="News that goes back at once.")
    refused: Name = Field(default="", description="News that goes back when the flow refuses.")
    needs: NeedWord = Field(default="", description="What else must be so.")


class WaitRow(_Part):
    """Statuses in which news is kept until the document stands elsewhere."""

    in_: SomeNames = Field(alias="in", description='Statuses; "(none)": not placed yet.')
    wait: Annotated[bool, AfterValidator(_true), WithJsonSchema({"const": True})]


def _heard_tag(value: object) -> str:
    waits = "wait" in value if isinstance(value, dict) else isinstance(value, WaitRow)
    return "<wait>" if waits else "<hear>"


HeardRow: TypeAlias = Annotated[
    Annotated[HearRow, Tag("<hear>")] | Annotated[WaitRow, Tag("<wait>")],
    Discriminator(_heard_tag),
]
HeardRows: TypeAlias = Annotated[list[HeardRow], _filled]


class NoticeRow(_Part):
    """A piece of news, and what it means to those who hear it."""

    says: Sentence = Field(description="What it says, in the words of the sender.")
    heard: dict[Name, HeardRows] = Field(
        min_length=1, description="What it means, by flow of the hearer."
    )


class ParticipantRow(_Part):
    """One document of a sale."""

    flow: Name = Field(description="Bundled flow, or path relative to this file.")
    below: Name = Field(default="", description="Participant it handles the order for.")
    beside: Name = Field(default="", description="Participant of whose group it is.")
    joins: EventName = Field(
        default="", description="Event of the one above with which it takes over."
    )


class DealRow(_Part):
    """The documents of one sale."""

    title: Name = Field(description="Name for people.")
    participants: dict[Name, ParticipantRow] = Field(
        description="Upper ones first.", json_schema_extra={"minProperties": 2}
    )
    mailbox: Mailbox = Field(
        default=_USUAL_MAILBOX, description="Messages under way between two documents at once."
    )
    instant: bool = Field(default=False, description="News travels in no time: one document.")
    without: dict[Name, Sentence] = Field(
        default={}, description="Why no document takes a transition, by row or id."
    )


class LinksFile(_Part):
    """What documents tell each other."""

    notices: dict[Name, NoticeRow] = Field(default={}, description="News by name.")
    links: list[LinkRow] = Field(default=[], description="Who is told, and of what.")
    told: dict[Name, SomeNames] = Field(
        default={}, description="By flow, events and transitions that only news makes happen."
    )
    without: dict[Name, Sentence] = Field(
        default={}, description="Why no document of any deal takes a transition."
    )


class SomeDealsFile(LinksFile):
    """A deal file of which some deals may be missing, because their shape is wrong."""

    deals: dict[Name, DealRow] = Field(default={}, description="Sales by name.")
    remove_links: Names = Field(default=[], description="Ids of bundled links that do not apply.")


class DealsFile(SomeDealsFile):
    """A deal file: sales, and what their documents tell each other otherwise than usual."""

    deals: dict[Name, DealRow] = Field(
        description="Sales by name.", json_schema_extra={"minProperties": 1}
    )


def read_deals_shape(
    document: YamlDocument, findings: Findings
) -> tuple[YamlDocument, SomeDealsFile] | None:
    """Return what is sound of a deal file, after noting everything wrong with its shape.

    Links, notices and deals with something wrong in them are left out as a whole. It is None when
    so much is wrong that the names in the rest mean nothing.
    """
    if not isinstance(document.data, dict):
        text = f"a deal file is a mapping of keys such as deals; this is {kind_of(document.data)}"
        findings.add(document.place(()), text, "wrong-type")
        return None
    try:
        return document, DealsFile.model_validate(document.data)
    except ValidationError as error:
        note_errors(error, DealsFile, document, findings)
        wrong = {document.found(detail["loc"])[:2] for detail in error.errors(include_url=False)}
    return _sound_part(document, wrong)


def _sound_part(
    document: YamlDocument, wrong: Iterable[Loc]
) -> tuple[YamlDocument, SomeDealsFile] | None:
    """Return *document* without the links, notices and deals that are *wrong*, and what it says."""
    gone = set(wrong)
    if any(len(loc) < len(("links", 0)) for loc in gone):
        return None
    sound = document.without(gone)
    try:
        return sound, SomeDealsFile.model_validate(sound.data)
    except ValidationError:
        return None


def read_links_shape(document: YamlDocument) -> LinksFile:
    """Return what ``links.yaml`` says.

    Raises:
        FlowFileError: Something is wrong with its shape.
    """
    findings = Findings()
    try:
        return LinksFile.model_validate(document.data)
    except ValidationError as error:
        note_errors(error, LinksFile, document, findings)
    findings.refuse()
    raise AssertionError  # pragma: no cover - a refusal has something to tell


def deals_schema() -> JsonSchema:
    """Return the JSON Schema (2020-12) of deal files."""
    schema: JsonSchema = without_noise(DealsFile.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "orderflow deal file",
        **schema,
    }


def schema_text() -> str:
    """Return ``deal.schema.json``; ``python -m orderflow.flows.deal_schema`` prints it."""
    return json.dumps(deals_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
