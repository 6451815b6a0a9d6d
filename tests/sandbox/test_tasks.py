"""VTEX DO keeps notes and tasks; only a decision in the Admin moves an order."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.task_list import TaskList
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, invoice

NOTES, TASKS = "/api/do/notes", "/api/do/tasks"
WANTED = {
    "target": [{"id": "v100001sbx-01", "type": "order", "url": "https://x/orders/1"}],
    "domain": "oms",
    "context": "Marketplace",
    "name": "pricing",
    "priority": "Critical",
    "surrogateKey": "505224-0",
    "description": "look at it",
    "dueDate": "2026-12-01",
    "assignee": {"id": None, "name": None, "email": "Ana@example.com"},
    "followers": [],
    "parentTaskId": None,
}


def note(target: str = "v1-01", text: str = "called the shopper") -> dict[str, object]:
    return {"target": {"id": target, "type": "order"}, "domain": "oms", "description": text}


def tasks(shop: Shop, query: str = "") -> list[dict[str, object]]:
    found = shop.get(f"{TASKS}?{query}")
    assert isinstance(found, dict)
    rows: list[dict[str, object]] = found["items"]
    return rows


def asked_to_cancel(shop: Shop, deal: str = "complete") -> Held:
    """An order whose seller has to decide about a cancellation."""
    held = shop.place("handling", deal)
    assert shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "x"}).status == 200
    return held


def with_divergence(shop: Shop) -> tuple[Held, Held]:
    """The order of a marketplace, and that of its seller with another value."""
    shop.service.store.place(deal="marketplace-seller", waits=(("seller", "await_authorization"),))
    while len(shop.service.store.orders()) < 2:
        shop.service.advance(1_000)
    seller, market = shop.service.store.orders()
    shop.service.advance(10_000)
    shop.service.fire(seller, "price_divergence")
    assert seller.status == "waiting-for-manual-authorization"
    return market, seller


def decide(shop: Shop, task: dict[str, object], decision: str) -> int:
    return shop.call("POST", f"/_sandbox/tasks/{task['id']}", {"decision": decision}).status


def test_a_note_is_answered_as_the_reference_shows_it_and_read_again() -> None:
    shop = Shop()
    made = shop.call("POST", NOTES, note())
    body = json.loads(made.body)
    assert made.status == 200
    assert list(body) == [
        "id",
        "domain",
        "owner",
        "target",
        "description",
        "creationDate",
        "lastUpdate",
        "createdBy",
    ]
    assert body["target"] == {"id": "v1-01", "type": "order", "url": None}
    assert list(body["createdBy"]) == ["id", "name", "email", "key"]
    assert shop.get(f"{NOTES}/{body['id']}") == body
    assert shop.get(f"{NOTES}?target.id=v1-01")["items"] == [body]  # type: ignore[index]


def test_notes_of_an_order_come_in_pages_newest_first() -> None:
    shop = Shop()
    for number in range(5):
        shop.call("POST", NOTES, note(text=str(number)))
    shop.call("POST", NOTES, note("v2-01"))
    found = shop.get(f"{NOTES}?target.id=v1-01&page=2&perPage=2")
    assert isinstance(found, dict)
    assert [row["description"] for row in found["items"]] == ["2", "1"]
    assert found["paging"] == {"total": 5, "pages": 3, "currentPage": 2, "perPage": 2}


def test_an_order_takes_thirty_notes_and_each_two_thousand_characters() -> None:
    shop = Shop()
    assert shop.call("POST", NOTES, note(text="x" * 2_001)).status == 400
    for _ in range(30):
        assert shop.call("POST", NOTES, note(text="x" * 2_000)).status == 200
    assert shop.call("POST", NOTES, note()).status == 400
    assert shop.call("POST", NOTES, note("v2-01")).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**note(), "target": None},
        {**note(), "target": {"type": "order"}},
        {**note(), "target": "v1-01"},
        {**note(), "description": ""},
        {**note(), "description": 7},
        {**note(), "domain": []},
        {"target": {"id": "v1-01"}, "domain": "oms"},
    ],
)
def test_a_note_that_lacks_something_is_refused(body: object) -> None:
    shop = Shop()
    assert code(shop.call("POST", NOTES, body))[0] == 400
    assert shop.get(f"{NOTES}?target.id=v1-01")["items"] == []  # type: ignore[index]


@pytest.mark.parametrize(
    "query",
    ["", "target.id=", "target.id=x&perPage=31", "target.id=x&page=0", "target.id=x&page=two"],
)
def test_a_list_of_notes_that_cannot_be_given_is_refused(query: str) -> None:
    assert code(Shop().call("GET", f"{NOTES}?{query}"))[0] == 400


def test_what_belongs_to_another_account_is_not_found() -> None:
    shop = Shop()
    made = json.loads(shop.call("POST", NOTES, note()).body)
    task = json.loads(shop.call("POST", TASKS, WANTED).body)
    other = Shop(shop.service, shop.service.accounts.add("other"), "other.local")
    for method, path, body in (
        ("GET", f"{NOTES}/{made['id']}", None),
        ("GET", f"{TASKS}/{task['id']}", None),
        ("PUT", f"{TASKS}/{task['id']}", {"status": "Closed"}),
        ("POST", f"{TASKS}/{task['id']}/comments", {"text": "x"}),
    ):
        assert other.call(method, path, body).status == 404
    assert tasks(other) == []


def test_a_task_is_kept_as_it_was_sent() -> None:
    shop = Shop()
    made = json.loads(shop.call("POST", TASKS, WANTED).body)
    assert {name: made[name] for name in WANTED} == WANTED
    assert (made["status"], made["comments"]) == ("Open", [])
    assert shop.get(f"{TASKS}/{made['id']}") == made


@pytest.mark.parametrize("name", WANTED)
def test_a_task_has_all_fields_of_the_reference(name: str) -> None:
    less = {other: value for other, value in WANTED.items() if other != name}
    assert code(Shop().call("POST", TASKS, less))[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [{"target": []}, {"target": [7]}, {"name": 7}, {"assignee": "Ana"}, {"followers": {"a": 1}}],
)
def test_a_task_with_a_field_of_a_wrong_type_is_refused(wrong: dict[str, object]) -> None:
    shop = Shop()
    assert code(shop.call("POST", TASKS, {**WANTED, **wrong}))[0] == 400
    assert tasks(shop) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("assignee.email=ana@example.com", True),
        ("assignee.email=bruno@example.com", False),
        ("target.id=v100001sbx-01", True),
        ("target.id=v100002sbx-01", False),
        ("context=marketplace&status=open", True),
        ("context=Catalog", False),
        ("status=-Closed", True),
        ("status=Closed", False),
        ("status=-Open", False),
        ("page=2", False),
    ],
)
def test_tasks_are_found_by_assignee_target_context_and_status(query: str, found: bool) -> None:
    shop = Shop()
    shop.call("POST", TASKS, WANTED)
    assert bool(tasks(shop, query)) is found


def test_a_task_changes_its_status_and_takes_comments() -> None:
    shop = Shop()
    task = json.loads(shop.call("POST", TASKS, WANTED).body)
    path = f"{TASKS}/{task['id']}"
    for status in ("InProgress", "Suspended", "Closed", "Open"):
        assert json.loads(shop.call("PUT", path, {"status": status}).body)["status"] == status
    assert code(shop.call("PUT", path, {"status": "Done"}))[0] == 400
    assert code(shop.call("PUT", path, {}))[0] == 400
    said = json.loads(shop.call("POST", f"{path}/comments", {"text": "on it"}).body)
    assert [each["text"] for each in said["comments"]] == ["on it"]
    assert code(shop.call("POST", f"{path}/comments", {"text": ""}))[0] == 400
    assert shop.get(path) == said


@pytest.mark.parametrize("deal", ["complete"])
def test_a_cancellation_request_opens_a_task_and_closing_it_moves_nothing(deal: str) -> None:
    shop = Shop()
    held = asked_to_cancel(shop, deal)
    (task,) = tasks(shop, f"target.id={held.order_id}")
    assert (task["name"], task["status"]) == ("Cancellation requested", "Open")
    before = held.events
    for status in ("InProgress", "Closed", "Open"):
        shop.call("PUT", f"{TASKS}/{task['id']}", {"status": status})
    assert held.events == before


@pytest.mark.parametrize(("decision", "status"), [("approve", "canceled"), ("reject", "handling")])
def test_deciding_a_cancellation_task_moves_the_order_and_closes_the_task(
    decision: str, status: str
) -> None:
    shop = Shop()
    held = asked_to_cancel(shop)
    (task,) = tasks(shop)
    assert decide(shop, task, decision) == 200
    assert held.status == status
    assert tasks(shop)[0]["status"] == "Closed"
    assert decide(shop, task, decision) == 409


@pytest.mark.parametrize(
    ("decision", "market", "seller"),
    [
        ("approve", "payment-pending", "waiting-ffmt-authorization"),
        ("reject", "canceled", "canceled"),
    ],
)
def test_deciding_a_price_divergence_moves_the_sellers_order(
    decision: str, market: str, seller: str
) -> None:
    shop = Shop()
    above, below = with_divergence(shop)
    (task,) = tasks(shop)
    assert task["name"] == "Authorizing an order with price divergence"
    assert decide(shop, task, decision) == 200
    shop.service.advance(60_000)
    assert (above.status, below.status) == (market, seller)


def test_a_task_is_closed_when_the_order_has_moved_on_without_it() -> None:
    shop = Shop()
    held = asked_to_cancel(shop)
    (request,) = held.order.requests
    sent = {"cancellationRequestId": request.id, "denyReason": "sent already"}
    path = f"{DOCUMENTS}/{held.order_id}/deny-cancellation-request"
    assert shop.call("POST", path, sent).status == 200
    assert [task["status"] for task in tasks(shop)] == ["Closed"]
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "again"})
    assert [task["status"] for task in tasks(shop)] == ["Open", "Closed"]


def test_a_return_opens_a_refund_task_that_moves_no_order() -> None:
    shop = Shop()
    held = shop.place("invoiced")
    sent = invoice(4_000, "R-1", type="Input")
    assert shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status == 200
    (task,) = tasks(shop)
    before = held.events
    assert task["name"] == "Refunding a payment"
    assert decide(shop, task, "approve") == 200
    assert held.events == before
    assert tasks(shop)[0]["status"] == "Closed"


def test_only_the_platforms_tasks_are_decided() -> None:
    shop = Shop()
    task = json.loads(shop.call("POST", TASKS, WANTED).body)
    assert decide(shop, task, "approve") == 409
    assert decide(shop, {"id": "nothing"}, "approve") == 404
    held = asked_to_cancel(shop)
    (open_task,) = tasks(shop, f"target.id={held.order_id}&context=Backoffice")
    assert decide(shop, open_task, "maybe") == 400
    assert held.status == "waiting-for-seller-decision"


def test_it_does_not_matter_when_the_tasks_are_looked_at_for_the_first_time() -> None:
    early, late = Shop(Service(seed=3)), Shop(Service(seed=3))
    assert tasks(early) == []
    for shop in (early, late):
        asked_to_cancel(shop)
        shop.place("ready-for-handling")
        asked_to_cancel(shop)
    assert tasks(early) == tasks(late)
    assert len(tasks(late)) == 2


def test_what_is_about_a_forgotten_order_is_gone() -> None:
    shop = Shop()
    shop.service.store.keep = 1
    held = asked_to_cancel(shop)
    shop.call("POST", NOTES, note(held.order_id))
    decide(shop, tasks(shop)[0], "approve")
    for _ in range(4):
        shop.place("canceled")
    shop.service.advance(86_400_000)
    assert shop.service.store.find(held.order_id) is None
    found = shop.service.part(TaskList)
    assert held.order_id not in {task.order_id for task in found.tasks.values()}
    assert not found.notes


def test_a_reset_forgets_notes_and_tasks() -> None:
    shop = Shop()
    asked_to_cancel(shop)
    shop.call("POST", NOTES, note())
    shop.call("POST", "/_sandbox/reset")
    assert tasks(shop) == []
    assert shop.get(f"{NOTES}?target.id=v1-01")["items"] == []  # type: ignore[index]
