"""VTEX DO: tasks.

The reference gives the fields that are sent and no schema of the answers: a task is answered as it
was sent, with what a note has beside; a list is ``items`` with ``paging`` (sandbox decision).
Source: domain fact sheet "HTTP surface", section 10; no permission is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
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
from orderflow.sandbox.task_list import STATUSES, Comment, Task, TaskList
from orderflow.sandbox.vendor.mistakes import body_of
from orderflow.sandbox.vendor.notes import by_whom, page_of, paged, target_in

_TEXTS = ("domain", "context", "name", "priority", "surrogateKey", "description", "dueDate")
_OTHERS = ("target", "assignee", "followers", "parentTaskId")
_MOST_TASKS, _LONGEST, _MOST_PER_PAGE = 100_000, 2_000, 100
_MOST_TARGETS, _MOST_COMMENTS = 50, 1_000


def create(service: Service, call: Call) -> Answer:
    """200 with the task."""
    sent = body_of(service, call)
    required(sent, *_TEXTS, *_OTHERS)
    found = service.part(TaskList)
    if len(found.tasks) >= _MOST_TASKS:
        raise bad_request(f"There are {_MOST_TASKS} tasks already")
    fields = {**{name: _text(sent, name) for name in _TEXTS}, **_rest(sent)}
    task_id = found.new_id(call.account, "")
    task = Task(task_id, call.account, service.now, service.now, by_whom(call), fields)
    found.add_task(task)
    return as_json(_body(task))


def _text(sent: dict[str, object], name: str) -> str | None:
    given = sent[name] and text_in(sent, name)
    if isinstance(given, str) and len(given) > _LONGEST:
        raise bad_request(f"The field {name} must have at most {_LONGEST} characters")
    return given if isinstance(given, str) else None


def _rest(sent: dict[str, object]) -> dict[str, object]:
    targets = sent["target"] if isinstance(sent["target"], list) else [sent["target"]]
    if not targets or len(targets) > _MOST_TARGETS:
        raise bad_request(f"The field target must be an array of 1 to {_MOST_TARGETS} objects")
    followers = sent["followers"]
    if followers is not None and not isinstance(followers, list):
        raise bad_request("The field followers must be an array of objects")
    return {
        "target": [target_in({"target": each}) for each in targets],
        "assignee": _person(sent["assignee"]),
        "followers": [_person(each) for each in (followers or [])[:_MOST_TARGETS]],
        "parentTaskId": text_in(sent, "parentTaskId") or None,
    }


def _person(given: object) -> dict[str, object] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_request("assignee and followers must be objects with id, name and email")
    return {name: text_in(given, name)[:_LONGEST] or None for name in ("id", "name", "email")}


def tasks(service: Service, call: Call) -> Answer:
    """200 with a page of tasks, newest first; by assignee, target, context and status."""
    page, per_page = page_of(call, most=_MOST_PER_PAGE)
    wanted = _filters(call.query)
    found = [
        task
        for task in service.part(TaskList).in_order(call.account)
        if all(passes(task) for passes in wanted)
    ]
    return as_json(paged([_body(each) for each in reversed(found)], page, per_page))


def _filters(query: Mapping[str, str]) -> list[Callable[[Task], bool]]:
    found: list[Callable[[Task], bool]] = []
    if query.get("assignee.email"):
        found.append(lambda task: _email(task) == query["assignee.email"].lower())
    if query.get("target.id"):
        found.append(lambda task: query["target.id"] in _targets(task))
    if query.get("context"):
        found.append(lambda task: str(task.fields["context"]).lower() == query["context"].lower())
    status = query.get("status", "").strip(" ;")
    if status:
        name, wanted = _status(status.removeprefix("-")), not status.startswith("-")
        found.append(lambda task: (task.status == name) is wanted)
    return found


def _email(task: Task) -> str:
    person = task.fields["assignee"]
    return str(person.get("email")).lower() if isinstance(person, dict) else ""


def _targets(task: Task) -> set[object]:
    rows = task.fields["target"]
    return {row.get("id") for row in rows} if isinstance(rows, list) else set()


def _status(given: str) -> str:
    """The status that is meant, whatever the case of its letters."""
    for name in STATUSES:
        if name.lower() == given.lower():
            return name
    raise bad_request(f"status {given[:40]!r}: there are {', '.join(STATUSES)}")


def task(service: Service, call: Call) -> Answer:
    """200 with a task."""
    return as_json(_body(_found(service, call)))


def change_status(service: Service, call: Call) -> Answer:
    """200 with the task; no order moves."""
    sent = body_of(service, call)
    required(sent, "status")
    status, found = _status(text_in(sent, "status")), _found(service, call)
    changed = replace(found, status=status, changed=service.now)
    service.part(TaskList).change(changed)
    return as_json(_body(changed))


def comment(service: Service, call: Call) -> Answer:
    """200 with the task and its new comment."""
    sent = body_of(service, call)
    required(sent, "text")
    text, found = text_in(sent, "text"), _found(service, call)
    if not 0 < len(text) <= _LONGEST:
        raise bad_request(f"The field text must have 1 to {_LONGEST} characters")
    if len(found.comments) >= _MOST_COMMENTS:
        raise bad_request(f"There are {_MOST_COMMENTS} comments already")
    said = Comment(service.now, by_whom(call), text)
    changed = replace(found, comments=(*found.comments, said), changed=service.now)
    service.part(TaskList).change(changed)
    return as_json(_body(changed))


def _found(service: Service, call: Call) -> Task:
    found = service.part(TaskList).tasks.get(call.parameters["taskId"])
    if found is None or found.account != call.account:
        raise _unknown()
    return found


def _unknown() -> DialectError:
    return refusal(404, GENERIC, "Task not found")


def _body(found: Task) -> dict[str, object]:
    due = found.fields["dueDate"]
    return {
        "id": found.id,
        **found.fields,
        "dueDate": iso(due) if isinstance(due, int) else due,
        "status": found.status,
        "owner": mark(found.account, "owner").lower(),
        "creationDate": iso(found.at),
        "lastUpdate": iso(found.changed),
        "createdBy": {"id": None, "name": None, "email": None, "key": found.by or None},
        "comments": [
            {
                "text": each.text,
                "date": iso(each.at),
                "createdBy": {"id": None, "name": None, "email": None, "key": each.by},
            }
            for each in found.comments
        ],
    }


_TASKS = "/api/do/tasks"
ROUTES: tuple[Route, ...] = (
    Route("POST", _TASKS, create),
    Route("GET", _TASKS, tasks),
    Route("GET", _TASKS + "/{taskId}", task),
    Route("PUT", _TASKS + "/{taskId}", change_status),
    Route("POST", _TASKS + "/{taskId}/comments", comment),
)
