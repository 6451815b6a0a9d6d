"""A hook's configuration is read as clients write it, and refused before anything is called."""

from __future__ import annotations

import pytest

from orderflow.sandbox.filters import FilterError, FromOrders, FromWorkflow
from orderflow.sandbox.hook_config import hook_remarks, parse_hook
from orderflow.sandbox.outbox import Outbox

URL = "http://localhost:8080/hook"
STATUSES = {"type": "FromWorkflow", "status": ["handling"]}
EXPRESSION = {"type": "FromOrders", "expression": "value > 1", "disableSingleFire": False}
OUTBOX = Outbox(frozenset({"erp.example"}))


def body(filter_: object = STATUSES, **hook: object) -> dict[str, object]:
    return {"filter": filter_, "hook": {"url": URL, "headers": {}, **hook}}


def test_both_kinds_of_filter_are_read_and_written_back_as_they_were_sent() -> None:
    by_status, by_expression = body(headers={"key": "v"}), body(EXPRESSION)

    assert parse_hook(by_status, OUTBOX).filter == FromWorkflow(("handling",))
    assert parse_hook(by_expression, OUTBOX).filter == FromOrders("value > 1")
    assert [parse_hook(each, OUTBOX).body() for each in (by_status, by_expression)] == [
        by_status,
        by_expression,
    ]


def test_names_of_fields_are_read_in_any_case_those_of_headers_are_kept() -> None:
    sent = {"Filter": {"Type": "FromWorkflow", "Status": ["handling"]},
            "HOOK": {"Url": URL, "Headers": {"X-Demo-Hook-Secret": "s"}}}  # fmt: skip

    assert parse_hook(sent, OUTBOX).headers == {"X-Demo-Hook-Secret": "s"}


@pytest.mark.parametrize(
    ("sent", "http", "told"),
    [
        (None, 400, "filter is needed"),
        ({"hook": {"url": URL}}, 400, "filter is needed"),
        ({"filter": STATUSES}, 400, "hook.url is needed"),
        (body(url=7), 400, "hook.url is needed"),
        ({"filter": STATUSES, "hook": [URL]}, 400, "hook must be an object"),
        (body({"type": "FromWorkflow"}), 400, "at least one status"),
        (body({"type": "FromWorkflow", "status": []}), 400, "at least one status"),
        (body({"type": "FromOrders", "expression": "a"}), 400, "disableSingleFire is needed"),
        (body({"type": "FromOrders", "disableSingleFire": True}), 400, "expression is needed"),
        (body({**EXPRESSION, "status": ["handling"]}), 409, "status goes with FromWorkflow"),
        (body({**STATUSES, "expression": "a"}), 409, "status goes with FromWorkflow"),
        (body({"type": "Everything"}), 400, "FromWorkflow or FromOrders"),
        (body(url="http://erp.example/hook"), 400, "Only https scheme is accepted"),
        (body(url="ftp://localhost/"), 400, "Unable to check address"),
        (body(url="https://other.example/"), 400, "--allow-hook-host other.example"),
        (body(url="http://10.0.0.1/"), 400, "not on this machine"),
        (body(url="http://me:pw@localhost/"), 400, "credentials belong into hook.headers"),
        (body(url="http://localhost/a b"), 400, "no URL"),
        (body(url="http://localhost/\r\nX: 1"), 400, "no URL"),
        (body(url="http://localhost/" + "x" * 3_000), 400, "no URL"),
        (body(headers=[]), 400, "an object of texts"),
        (body(headers={"key": 7}), 400, "'key' cannot be sent"),
        (body(headers={"key": "a\r\nX: 1"}), 400, "'key' cannot be sent"),
        (body(headers={"key": "\u00e9"}), 400, "'key' cannot be sent"),
        (body(headers={"a b": "c"}), 400, "'a b' cannot be sent"),
        (body(headers={"": "c"}), 400, "'' cannot be sent"),
        (body(headers={"Content-Length": "0"}), 400, "'Content-Length' cannot be sent"),
        (body(headers={"key": "x" * 9_000}), 400, "8192 characters together"),
        (body(headers={f"h{n}": "" for n in range(51)}), 400, "at most 50"),
    ],
)
def test_what_cannot_be_used_is_refused(sent: object, http: int, told: str) -> None:
    with pytest.raises(FilterError, match=None) as refused:
        parse_hook(sent, OUTBOX)

    assert (refused.value.http, told in str(refused.value)) == (http, True), str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://erp.example/hook", "https://localhost/", "http://[::1]:9/", "HTTP://LOCALHOST"]
)
def test_https_to_a_named_host_and_anything_on_this_machine_is_accepted(url: str) -> None:
    assert parse_hook(body(url=url), OUTBOX).url == url


def test_no_secret_of_a_header_is_in_an_error_or_in_the_value_as_logged() -> None:
    with pytest.raises(FilterError) as refused:
        parse_hook(body(headers={"key": "s3cret\n"}), OUTBOX)
    kept = parse_hook(body(url=URL + "?token=s3cret", headers={"key": "s3cret"}), OUTBOX)

    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(kept)
    assert "key" in repr(kept)


def test_what_is_odd_is_told_and_what_is_not_is_not() -> None:
    odd = {"filter": {"status": ["reddy-for-handling"]}, "hook": {"url": URL}}

    assert hook_remarks(body()) == ()
    assert [told.split(":")[0] for told in hook_remarks(odd)] == [
        "filter.type is missing",
        "filter.status",
        "hook.headers is missing",
    ]
