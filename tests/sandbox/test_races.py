"""Of two clients that race for an order or an item one wins, in a state that the rules allow."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orderflow.conformance.judge import judge
from orderflow.conformance.observe import completes, record_of, step_of, without_stuck
from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.store import Held
from orderflow.simulator.events import Event
from tests.sandbox.keeping import CONFIG, FEED, OMS, invoice_of, kept

ROUNDS = 40
_FEW = 10

Act = Callable[["Racer"], int]


@pytest.fixture(scope="module", params=["memory", "file"])
def sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    db = tmp_path_factory.mktemp("races") / "shop.db" if request.param == "file" else None
    with Sandbox(db=db) as running:
        yield running


class Racer:
    """A client with a connection of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        parts = urlsplit(sandbox.url)
        assert parts.hostname
        self.link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        self.link.connect()
        self._headers = sandbox.headers

    def send(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        self.link.request(method, path, json.dumps(body), self._headers)
        answer = self.link.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@pytest.fixture
def racers(sandbox: Sandbox) -> Iterator[tuple[Racer, Racer]]:
    both = Racer(sandbox), Racer(sandbox)
    yield both
    for racer in both:
        racer.link.close()


def race(racers: tuple[Racer, Racer], acts: tuple[Act, Act], turn: int) -> tuple[int, int]:
    """What both are answered who start at once; who comes first by design changes with *turn*."""
    barrier, answers = threading.Barrier(2), [0, 0]

    def run(place: int) -> None:
        barrier.wait()
        answers[place] = acts[place](racers[place])

    threads = [threading.Thread(target=run, args=(place,)) for place in (turn % 2, 1 - turn % 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    return answers[0], answers[1]


def broken_rules(sandbox: Sandbox, held: Held, *more: Event) -> tuple[str, ...]:
    """Rules that the history of an order breaks."""
    found = judge(
        record_of(
            held.flow,
            held.order,
            [step_of(event) for event in (*held.events, *more)],
            without_stuck(sandbox.service.store.settings),
            sandbox.service.now,
            completes=completes(held.flow),
        )
    )
    assert len(found.evaluated) > _FEW
    return found.broken


def handling(order_id: str) -> Act:
    return lambda racer: racer.send("POST", f"{OMS}/{order_id}/start-handling")[0]


def cancelling(order_id: str) -> Act:
    return lambda racer: racer.send("POST", f"{OMS}/{order_id}/cancel", {"reason": "late"})[0]


def invoicing(order_id: str, value: int) -> Act:
    return lambda racer: racer.send("POST", f"{OMS}/{order_id}/invoice", invoice_of(value))[0]


def test_of_two_who_begin_to_handle_one_does(sandbox: Sandbox, racers: tuple[Racer, Racer]) -> None:
    for turn in range(ROUNDS):
        held = sandbox.place(to="ready-for-handling")
        act = handling(held.order_id)

        answers = race(racers, (act, act), turn)

        assert sorted(answers) == [204, 409]
        assert held.status == "handling"
        assert [each.event for each in held.events].count("start_handling") == 1
        assert broken_rules(sandbox, held) == ()


def test_a_seller_invoices_or_agrees_to_cancel_and_never_both(
    sandbox: Sandbox, racers: tuple[Racer, Racer]
) -> None:
    ends = set()
    for turn in range(ROUNDS):
        held = sandbox.place(to="handling")
        assert cancelling(held.order_id)(racers[0]) == 200  # the shopper asks
        acts = (invoicing(held.order_id, held.order.value), cancelling(held.order_id))

        answers = race(racers, acts, turn)

        invoiced = answers[0] == 200
        assert sorted(answers) == ([200, 400] if invoiced else [200, 409])
        assert held.status == ("invoiced" if invoiced else "canceled")
        assert bool(held.order.invoices) == invoiced
        assert broken_rules(sandbox, held) == ()
        ends.add(held.status)

    assert ends == {"invoiced", "canceled"}  # else there was no race


def test_an_invoice_answers_a_request_to_cancel_or_comes_before_it(
    sandbox: Sandbox, racers: tuple[Racer, Racer]
) -> None:
    ends = set()
    for turn in range(ROUNDS):
        held = sandbox.place(to="handling")
        acts = (invoicing(held.order_id, held.order.value), cancelling(held.order_id))

        answers = race(racers, acts, turn)

        requests = held.order.requests
        assert answers == (200, 200 if requests else 400)
        assert held.status == "invoiced"
        assert held.order.open_request is None
        assert broken_rules(sandbox, held) == ()
        ends.add(len(requests))

    assert ends == {0, 1}  # else there was no race


def test_a_feed_item_is_committed_once_by_whomever(
    sandbox: Sandbox, racers: tuple[Racer, Racer]
) -> None:
    first, _ = racers
    assert first.send("POST", FEED + "/config", CONFIG)[0] == 200
    sandbox.place(to="handling")
    sandbox.place(to="handling")
    for turn in range(ROUNDS):
        sandbox.place(to="handling")
        sandbox.advance(CONFIG_VISIBLE)
        _, items = first.send("GET", FEED + "?maxlot=10")
        assert isinstance(items, list)
        body = {"handles": [items[0]["handle"]]}

        answers = race(racers, (committing(body), committing(body)), turn)

        assert answers == (200, 200)  # the loser's handle has no effect
        _, told = first.send("GET", FEED + "/config")
        assert isinstance(told, dict)
        assert told["quantity"] == len(items) - 1


CONFIG_VISIBLE = 240_000


def committing(body: object) -> Act:
    return lambda racer: racer.send("POST", FEED, body)[0]


def test_handling_begins_or_a_request_to_cancel_is_open(
    sandbox: Sandbox, racers: tuple[Racer, Racer]
) -> None:
    for turn in range(ROUNDS):
        held = sandbox.place(to="ready-for-handling")

        answers = race(racers, (handling(held.order_id), cancelling(held.order_id)), turn)

        assert answers in ((204, 200), (409, 200))
        assert held.status == "waiting-for-seller-decision"
        assert broken_rules(sandbox, held) == ()


def test_calls_of_many_threads_are_done_again_as_they_were_handled(tmp_path: Path) -> None:
    filed = kept(tmp_path / "threads.db")
    orders = [filed.place() for _ in range(10)]
    filed.feed()

    def work(place: int) -> None:
        for order_id in orders[place:] + orders[:place]:
            filed.start_handling(order_id)
            filed.advance(seconds=1)
            filed.call("GET", FEED)
            filed.cancel(order_id)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(orders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    filed.journal.close()

    again = kept(tmp_path / "threads.db")

    assert again.everything() == filed.everything()
    again.journal.close()


def test_a_history_of_both_would_be_noticed(sandbox: Sandbox) -> None:
    held = sandbox.place(to="invoiced")
    last = held.events[-1]

    twice = last._replace(event="cancel_order", source="invoiced", target="canceled")

    assert broken_rules(sandbox, held, twice)
