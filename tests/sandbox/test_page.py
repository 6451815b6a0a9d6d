"""The page shows what is in the sandbox to whoever looks at it, and to nobody what is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import ClassVar
from urllib.parse import urlencode

import pytest

from orderflow.flows.loader import load_events
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer, DialectError
from orderflow.sandbox.page_fields import PREFIX, data_of, fields_of, sent_form
from orderflow.sandbox.page_graph import order_graph
from orderflow.sandbox.page_order import order_facts
from orderflow.sandbox.page_overview import Wanted, found
from orderflow.sandbox.page_text import page
from orderflow.sandbox.placed import Marketplace, Placed
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.task_list import TaskList
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import accepted_names, draft
from orderflow.simulator.order import Item
from tests.sandbox.changing import HOUR, Desk, some
from tests.sandbox.shop import ORDERS, Shop
from tests.sandbox.test_tasks import WANTED

HOST = {"host": "localhost:8080"}
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"'\">{SCRIPT}\0\ud800"
OPENED = "<script>alert(2)"
HEAD = {"heading": HOSTILE, "now": "", "accounts": ("shop",), "strict": False} | {
    "units": (),
    "back": "",
}


@pytest.fixture
def service() -> Service:
    return Service(account="shop")


def look(service: Service, path: str = "/_sandbox/", **query: str) -> Answer:
    return answer(service, Asked("GET", path, urlencode(query), HOST))


def send(service: Service, form: str, **fields: str) -> Answer:
    return sent(service, form, fields, HOST)


def sent(
    service: Service, form: str, fields: Mapping[str, str], headers: Mapping[str, str]
) -> Answer:
    body = urlencode(fields).encode()
    return answer(service, Asked("POST", f"/_sandbox/page/{form}", "", headers, body))


def text(given: Answer) -> str:
    return given.body.decode()


def order_page(service: Service, order_id: str) -> str:
    return text(look(service, "/_sandbox/page/order", id=order_id))


def test_an_order_is_placed_shown_and_led_on_by_forms(service: Service) -> None:
    made = send(service, "orders", deal="complete", status="handling", count="1")
    (held,) = service.store.orders("shop")
    assert (made.status, dict(made.headers)["location"]) == (303, "/_sandbox/")
    assert held.order_id in text(look(service))

    back = f"/_sandbox/page/order?id={held.order_id}"
    fields = {"id": held.order_id, "event": "verify_invoice", f"{PREFIX}value": "2500"}
    fired = send(service, "events", back=back, **fields)

    assert dict(fired.headers)["location"] == back
    assert held.order.invoiced == 2500
    shown = order_page(service, held.order_id)
    assert "value 2500" in shown
    assert f'id="step-{len(held.events)}"' in shown


def test_time_turns_faults_and_strictness_switch_and_all_is_forgotten(service: Service) -> None:
    start = service.now
    send(service, "clock", length="2", unit="hours")
    send(service, "faults/on", fault="http.apply_then_500", times="2")
    send(service, "strict", strict="true")
    assert (service.now - start, service.strict) == (7_200_000, True)
    assert [fault.setting.times for fault in service.faults.every] == [2]
    assert "Switch off" in text(look(service))

    send(service, "faults/off", number="1")
    assert service.faults.every == []
    send(service, "reset")
    assert service.now == start


@pytest.mark.parametrize(
    ("form", "fields", "words"),
    [
        ("orders", {"status": "no-such"}, "no-such"),
        ("orders", {"count": "many"}, "whole number"),
        ("events", {"id": "v1-01", "event": "x"}, "v1-01"),
        ("events", {"id": "a/b", "event": "x"}, "a/b"),
        ("events", {"event": "x"}, "no order"),
        ("changes", {"id": "v1-01", "change": "x", "to": "done"}, "v1-01"),
        ("changes", {"id": "v1-01", "to": "done"}, "no modification"),
        ("tasks", {"task": "none", "decision": "approve"}, "no such task"),
        ("tasks", {"task": "a/../reset"}, "a/../reset"),
        ("snapshots", {"name": "a/b"}, "slash"),
        ("snapshots/use", {"name": "none"}, "none"),
        ("snapshots/use", {"name": "a/restore/b", "do": "forget"}, "a/restore/b"),
        ("clock", {"length": "1", "unit": "years"}, "years"),
        ("clock", {"unit": "days"}, "whole number"),
        ("faults/on", {"fault": "no-such"}, "no-such"),
        ("faults/off", {"number": "7"}, "7"),
    ],
)
def test_what_cannot_be_done_is_told_on_a_page(
    service: Service, form: str, fields: dict[str, str], words: str
) -> None:
    given = send(service, form, **fields)

    assert given.status in {400, 404, 409}
    trouble = re.search(r'id="trouble">([^<]*)<', text(given))
    assert trouble is not None
    assert words in trouble[1]
    assert service.store.orders("shop") == ()


def test_the_sandbox_goes_back_to_a_snapshot_and_forgets_one(service: Service) -> None:
    send(service, "orders", status="handling")
    send(service, "snapshots", name="before the sale")
    send(service, "orders", status="handling")
    assert len(service.store.orders("shop")) == 2
    assert "before the sale" in text(look(service))

    send(service, "snapshots/use", name="before the sale", do="restore")
    assert len(service.store.orders("shop")) == 1
    send(service, "snapshots/use", name="before the sale", do="forget")
    assert "before the sale" not in text(look(service))
    assert len(service.store.orders("shop")) == 1


@pytest.mark.parametrize(("decision", "then"), [("approve", "canceled"), ("reject", "handling")])
def test_what_a_task_asks_is_decided_by_a_form(service: Service, decision: str, then: str) -> None:
    shop = Shop(service)
    held = service.store.place(account="shop", to="handling")[0]
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "x"})
    (task,) = service.part(TaskList).tasks.values()
    shown = text(look(service)).partition('id="tasks"')[2].partition("</section>")[0]
    assert all(each in shown for each in ("1 not closed", held.order_id, "Cancellation requested"))

    send(service, "tasks", task=task.id, decision=decision)
    service.advance(60_000)

    assert held.status == then
    assert task.id not in text(look(service))


def test_a_task_of_somebody_else_asks_nothing(service: Service) -> None:
    made = Shop(service).call("POST", "/api/do/tasks", {**WANTED, "name": "call them"})
    assert made.status == 200

    shown = text(look(service)).partition('id="tasks"')[2].partition("</section>")[0]
    assert "call them" in shown
    assert "<button" not in shown


def test_modifications_are_shown_at_every_level_and_moved_by_a_form() -> None:
    desk = Desk()
    held = desk.handled()
    request_id = desk.change(held, remove=some("sku-2"))
    waits = order_page(desk.service, held.order_id)
    assert all(each in waits for each in ("preparing", "not known yet", "wanted"))

    send(desk.service, "changes", id=held.order_id, change=request_id, to="done")
    desk.service.advance(HOUR)

    for each in (held, desk.market_of(held)):
        shown = order_page(desk.service, each.order_id).partition('id="changes"')[2]
        rows = shown.partition("</section>")[0]
        assert all(word in rows for word in ("1 modification", "done", "-5.00", "wanted")), rows
        assert "<form" not in rows


def test_modifications_of_the_older_operation_and_by_hand_are_shown() -> None:
    desk = Desk()
    held = desk.handled()
    assert desk.legacy(held, discountValue=550).status == 200
    desk.finish()  # until the marketplace has heard of it
    send(desk.service, "events", id=held.order_id, event="modify_order", **{f"{PREFIX}delta": "7"})

    shown = order_page(desk.service, held.order_id).partition('id="changes"')[2]

    rows = shown.partition("</section>")[0]
    assert all(word in rows for word in ("2 modifications", "-5.50", ">0.07<"))


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join([b"a=1"] * 100)])
def test_what_is_no_form_is_refused(service: Service, body: bytes) -> None:
    given = answer(service, Asked("POST", "/_sandbox/page/orders", "", HOST, body))

    assert given.status == 400
    assert service.store.orders("shop") == ()


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/_sandbox/x\r\nset-cookie: a=b", "/api"]
)
def test_a_form_leads_back_to_the_page_and_nowhere_else(service: Service, back: str) -> None:
    given = send(service, "clock", length="1", unit="minutes", back=back)

    assert dict(given.headers)["location"] == "/_sandbox/"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:80", "origin": "https://evil.example"},
        {"host": "localhost:80", "origin": "null"},
        {"host": "localhost:80", "origin": "http://localhost:81"},
        {"host": "localhost:80", "origin": "http://[::1"},
        {"host": "localhost:80", "sec-fetch-site": "cross-site"},
        {"host": "localhost:80", "sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/_sandbox/reset", "/_sandbox/page/reset", "/_sandbox/orders"])
def test_no_page_of_another_site_changes_anything(
    service: Service, headers: dict[str, str], path: str
) -> None:
    service.store.place(account="shop")
    orders = service.store.orders("shop")

    given = answer(service, Asked("POST", path, "", headers, b"{}"))

    assert given.status == 403
    assert service.store.orders("shop") == orders
    assert answer(service, Asked("GET", "/_sandbox", "", headers)).status == 200


def test_our_own_page_and_programs_may_change_things(service: Service) -> None:
    own = {"host": "LOCALHOST:80", "origin": "http://localhost:80", "sec-fetch-site": "same-origin"}

    assert sent(service, "reset", {}, own).status == 303
    assert answer(service, Asked("POST", "/_sandbox/reset", "", {}, b"")).status == 204


def test_a_page_that_has_not_changed_is_not_sent_again(service: Service) -> None:
    service.store.place(account="shop")
    version = re.search(r'data-seen="(\w+)"', text(look(service)))
    assert version is not None

    assert look(service, seen=version[1]).status == 204
    service.store.advance(1000)
    assert look(service, seen=version[1]).status == 200


def test_nothing_secret_is_on_the_page(service: Service) -> None:
    shop = Shop(service)
    held = shop.service.store.place(account="shop", to="handling")[0]
    shop.call("POST", "/api/orders/feed/config", {"filter": {"type": "FromWorkflow", "status": []}})
    other = service.accounts.add("shop", ())
    shop.get("/api/oms/pvt/orders?q=ana@example.com")

    pages = text(look(service)) + order_page(service, held.order_id)

    for key in (service.accounts.first, other):
        assert key.masked in pages
        assert key.token not in pages
        assert key.name not in pages
    assert "ana@example.com" not in pages


def test_no_name_becomes_markup(service: Service) -> None:
    shop = Shop(service)
    outside = Marketplace("ABC", HOSTILE, "http://localhost")
    items = (Item(HOSTILE, 1, 100),)
    said = Placed(items, marketplace=outside, lines=({"name": HOSTILE},))
    held = service.store.place(deal="external-marketplace", account="shop", parts=(said,))[0]
    shop.call("GET", "/" + HOSTILE)
    service.remark(Call("GET", "/x"), "", HOSTILE)

    shop.call("POST", "/_sandbox/snapshots", {"name": f"'\">{OPENED}"})
    shop.call("POST", "/api/do/tasks", {**WANTED, "name": HOSTILE})

    pages = [
        look(service),
        look(service, q=SCRIPT, status=SCRIPT),
        look(service, account=SCRIPT),
        answer(service, Asked("GET", "/_sandbox/page/order", f"id={SCRIPT}", HOST)),
        page("order", "order.html.j2", "", {**HEAD, **order_facts(service, held, HOSTILE)}),
        send(service, "events", id=held.order_id.replace("\ud800", ""), event=SCRIPT),
    ]

    for given in pages:
        assert b"<script>alert" not in given.body
        assert b"\0" not in given.body
    assert all(escape(SCRIPT).encode() in pages[place].body for place in (0, 1, 4))
    assert pages[0].body.count(escape(OPENED).encode()) >= 4


def test_every_answer_forbids_scripts_of_others(service: Service) -> None:
    held = service.store.place(account="shop")[0]
    given = [
        look(service),
        look(service, "/_sandbox/page/order", id=held.order_id),
        look(service, "/_sandbox/page.js"),
        send(service, "events", id="none"),
        send(service, "reset"),
    ]

    for each in given:
        policy = dict(each.headers)["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "style=" not in text(each)
        assert not re.search(r"<script>|<style|\son\w+=|(src|href|action)=.https?:", text(each))


def test_a_graph_shows_the_way_of_the_order_and_where_it_is(service: Service) -> None:
    held = service.store.place(account="shop", to="ready-for-handling")[0]
    before = order_graph(held)

    service.fire(held, "start_handling")
    after = order_graph(held)

    assert before.count('class="s-here"') == after.count('class="s-here"') == 1
    here = re.compile(r'class="s-here" [^>]*')
    assert here.findall(before) != here.findall(after)
    assert f"#step-{len(held.events)}" in after
    assert f"#step-{len(held.events)}" not in before


def test_every_event_of_every_flow_has_its_fields(service: Service) -> None:
    order = service.store.place(account="shop", to="handling")[0].order
    for event in load_events():
        fields = fields_of(event, order)

        assert {field.name for field in fields} == accepted_names(event)
        assert all(field.choices for field in fields if field.kind == "choice")
    (value, _) = fields_of("verify_invoice", order)
    assert (value.name, value.value, value.needed) == ("value", str(order.value), True)


def test_the_choices_of_a_form_are_those_that_the_order_takes(service: Service) -> None:
    order = service.store.place(account="shop", to="handling")[0].order
    fields = [(event, field) for event in load_events() for field in fields_of(event, order)]
    chosen = [
        (event, field) for event, field in fields if field.choices and "true" not in field.choices
    ]

    assert len({field.name for _, field in chosen}) == 4
    for event, field in chosen:
        needed = {"value": 1} if "value" in accepted_names(event) else {}
        with pytest.raises(EventDataError) as refused:
            draft(order, event, {**needed, field.name: "no such"}, 0)
        known = str(refused.value).partition("is not one of ")[2].split(", ")
        assert sorted(field.choices) == sorted(known), field


def test_a_form_is_read_as_what_it_means() -> None:
    form = sent_form(
        b"data.value=+12&data.delivered=false&data.reason=a%20b&data.number=&data.value=9"
    )

    assert data_of(form) == {"value": 12, "delivered": False, "reason": "a b"}
    with pytest.raises(DialectError, match="whole number"):
        data_of({f"{PREFIX}delta": "1.5"})


def test_orders_are_found_by_what_is_typed_and_paged(service: Service) -> None:
    for _ in range(30):
        service.store.place(account="shop", to="handling")
    last = service.store.place(account="shop", to="invoiced")[0]

    first = found(service, Wanted("shop"))
    second = found(service, Wanted("shop", page=2))

    assert first.rows[0].order_id == last.order_id
    assert (len(first.rows), len(second.rows), first.total) == (25, 6, 31)
    assert (bool(first.older), bool(first.newer)) == (True, False)
    assert (bool(second.older), bool(second.newer)) == (False, True)
    assert found(service, Wanted("shop", status="invoiced")).total == 1
    assert found(service, Wanted("shop", text=last.order_id.upper())).total == 1
    assert found(service, Wanted("shop", text=last.sequence)).total >= 1
    assert found(service, Wanted("shop", text="no such")).rows == ()
    assert dict(first.statuses) == {"handling": 30, "invoiced": 1}


def test_feeds_show_how_much_waits_and_what_comes_next(service: Service) -> None:
    shop = Shop(service)
    rule = {"type": "FromWorkflow", "status": ["handling"]}
    shop.call("POST", "/api/orders/feed/config", {"filter": rule})
    held = service.store.place(account="shop", to="handling")[0]
    queue = text(look(service)).partition('id="feeds"')[2].partition("</section>")[0]
    assert "1 item," in queue
    assert held.order_id in queue
    assert "hidden" not in queue

    shop.get("/api/orders/feed?maxlot=1")

    assert "hidden" in text(look(service)).partition('id="feeds"')[2].partition("</section>")[0]


def test_a_form_is_remembered_as_the_call_that_a_program_makes(service: Service) -> None:
    class Journal:
        paths: ClassVar[list[str]] = []

        def __call__(self, call: Call) -> None:
            self.paths.append(call.path)

        def answered(self, answer: Answer) -> None:
            assert answer.status == 201

    service.journal = Journal()
    send(service, "orders", status="handling")
    look(service)

    assert Journal.paths == ["/_sandbox/orders"]


def test_looking_changes_nothing(service: Service) -> None:
    held = service.store.place(account="shop", to="handling")[0]
    events, traced = held.events, len(service.trace)

    look(service)
    order_page(service, held.order_id)

    assert (held.events, len(service.trace), service.findings.maxlen) == (events, traced, 10_000)
