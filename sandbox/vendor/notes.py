"""VTEX DO: notes on orders.

The reference shows the answer to a new note; a list of notes is ``items``, as public clients read
it, with ``paging`` as List orders has it (sandbox decision).
Source: domain fact sheet "HTTP surface", section 10; no permission is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    as_json,
    bad_request,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document_names import mark
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.task_list import LONGEST_NOTE, MOST_NOTES, Note, TaskList
from orderflow.sandbox.vendor.mistakes import body_of

_LONGEST, _MOST_DIGITS, _MOST_IN_ALL = 2_000, 9, 100_000


def create(service: Service, call: Call) -> Answer:
    """200 with the note; 400 for the 31st of an order, and for more than 2000 characters."""
    sent = body_of(service, call)
    required(sent, "target", "domain", "description")
    target, description = target_in(sent), text_in(sent, "description")
    if not 0 < len(description) <= LONGEST_NOTE:
        raise bad_request(f"The field description must have 1 to {LONGEST_NOTE} characters")
    found = service.part(TaskList)
    before = len(found.notes_on(call.account, str(target["id"])))
    if before >= MOST_NOTES:
        raise bad_request(f"An order has at most {MOST_NOTES} notes")
    if len(found.notes) >= _MOST_IN_ALL:
        raise bad_request(f"There are {_MOST_IN_ALL} notes already")
    note = Note(
        found.new_id(call.account, str(target["id"])),
        call.account,
        service.now,
        by_whom(call),
        target,
        text_in(sent, "domain")[:_LONGEST],
        description,
    )
    found.add_note(note)
    return as_json(_body(note))


def target_in(sent: Mapping[str, object]) -> dict[str, object]:
    """What a note or a task is about.

    Raises:
        DialectError: It has no id, or is no object.
    """
    given = sent["target"]
    if not isinstance(given, dict) or not text_in(given, "id"):
        raise bad_request("The field target must be an object with an id")
    return {name: text_in(given, name)[:_LONGEST] or None for name in ("id", "type", "url")}


def by_whom(call: Call) -> str:
    """Who makes a call, as far as it may be shown."""
    return call.key.masked if call.key else ""


def notes(service: Service, call: Call) -> Answer:
    """200 with a page of the notes on an order, newest first."""
    target_id = call.query.get("target.id")
    if not target_id:
        raise bad_request("The query parameter target.id is required")
    page, per_page = page_of(call, most=MOST_NOTES)
    found = service.part(TaskList).notes_on(call.account, target_id)
    return as_json(paged([_body(each) for each in found], page, per_page))


def note(service: Service, call: Call) -> Answer:
    """200 with a note."""
    found = service.part(TaskList).notes.get(call.parameters["noteId"])
    if found is None or found.account != call.account:
        raise refusal(404, GENERIC, "Note not found")
    return as_json(_body(found))


def page_of(call: Call, *, most: int) -> tuple[int, int]:
    """``page`` and ``perPage``, 1 and *most* when they are left out.

    Raises:
        DialectError: One of them is no number, or out of bounds.
    """
    found = []
    for name, usual, limit in (("page", 1, 10**_MOST_DIGITS), ("perPage", most, most)):
        given = call.query.get(name.lower()) or str(usual)
        if not (given.isascii() and given.isdecimal() and len(given) <= _MOST_DIGITS):
            raise bad_request(f"The query parameter {name} must be a whole number")
        if not 1 <= int(given) <= limit:
            raise bad_request(f"The query parameter {name} must be from 1 to {limit}")
        found.append(int(given))
    return found[0], found[1]


def paged(rows: Sequence[object], page: int, per_page: int) -> dict[str, object]:
    """One page of *rows*."""
    pages = -(-len(rows) // per_page)
    return {
        "items": list(rows[(page - 1) * per_page : page * per_page]),
        "paging": {
            "total": len(rows),
            "pages": pages,
            "currentPage": page,
            "perPage": per_page,
        },
    }


def _body(found: Note) -> dict[str, object]:
    return {
        "id": found.id,
        "domain": found.domain,
        "owner": mark(found.account, "owner").lower(),
        "target": dict(found.target),
        "description": found.description,
        "creationDate": iso(found.at),
        "lastUpdate": iso(found.at),
        "createdBy": {"id": None, "name": None, "email": None, "key": found.by},
    }


_NOTES = "/api/do/notes"
ROUTES: tuple[Route, ...] = (
    Route("POST", _NOTES, create),
    Route("GET", _NOTES, notes),
    Route("GET", _NOTES + "/{noteId}", note),
)
