"""Order documents are written once, and again when anything has happened to the sale."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.drawn import Drawn
from orderflow.sandbox.held import Held
from orderflow.sandbox.service import Service


class Counting:
    """Counts how often something is drawn."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> bytes:
        self.count += 1
        return b"drawn"


@pytest.fixture
def service() -> Service:
    return Service()


def placed(service: Service) -> Held:
    (held,) = service.store.place(to="ready-for-handling")
    return held


def call(service: Service, method: str, path: str, body: bytes = b"") -> bytes:
    key = service.accounts.first
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    return answer(service, Asked(method, path, headers=headers, body=body)).body


def test_a_document_is_drawn_once_for_each_reader(service: Service) -> None:
    held, draw, drawn = placed(service), Counting(), Drawn()
    for kind, host in (("", "a"), ("", "a"), ("PII", "a"), ("", "b"), ("", "b")):
        assert drawn.of(held, kind, host, draw) == b"drawn"
    assert draw.count == 3 + 5  # the fixture of this folder draws once more each time to compare


@pytest.mark.parametrize("happens", ["touch", "clear"])
def test_what_happens_to_a_sale_has_it_drawn_again(service: Service, happens: str) -> None:
    held, drawn = placed(service), Drawn()
    bodies = iter([b"old", b"old", b"new", b"new"])
    draw: Callable[[], bytes] = lambda: next(bodies)  # noqa: E731
    assert drawn.of(held, "", "", draw) == b"old"
    if happens == "touch":
        drawn.touch(held.group)
    else:
        drawn.clear()
    assert drawn.of(held, "", "", draw) == b"new"


def test_a_document_shows_what_a_call_has_done_to_it(service: Service) -> None:
    held = placed(service)
    path = f"/api/oms/pvt/orders/{held.order_id}"
    before = call(service, "GET", path)
    call(service, "POST", path + "/start-handling")
    after = call(service, "GET", path)
    assert b'"status":"ready-for-handling"' in before
    assert b'"status":"handling"' in after


def test_the_check_of_this_folder_sees_a_stale_document(service: Service) -> None:
    bodies = iter([b"old", b"old", b"new"])
    held, drawn = placed(service), Drawn()
    draw: Callable[[], bytes] = lambda: next(bodies)  # noqa: E731
    drawn.of(held, "", "", draw)
    with pytest.raises(AssertionError, match="stale"):
        drawn.of(held, "", "", draw)
