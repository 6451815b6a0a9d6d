"""A scenario does what it says, waits as long as it says, and tells what was not reached."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from orderflow.certify.deeds import ScenarioError
from orderflow.certify.play import Play
from orderflow.certify.scenario_file import parse_scenario
from orderflow.certify.stage import Addresses
from orderflow.sandbox.server import Sandbox
from tests.certify.staged import READY, Playing, Theatre, written

START = "/api/oms/pvt/orders/{}/start-handling"


@pytest.fixture
def theatre() -> Theatre:
    return Theatre()


def only(theatre: Theatre) -> str:
    """Id of the one order there is."""
    (held,) = theatre.sandbox.service.store.orders()
    return held.order_id


def test_scenario_is_reached_when_the_integration_does_what_is_expected(theatre: Theatre) -> None:
    playing = theatre.play(READY, expect="[{order: first, status: [handling]}]")

    assert not playing.run(0.5)
    theatre.call("POST", START.format(only(theatre)))
    assert playing.run(3)
    assert playing.result == ("reached", "")
    assert [line.kind for line in theatre.witness.lines if line.kind in ("scenario", "end")] == [
        "scenario",
        "end",
    ]
    assert theatre.kinds("end")[0].text("ending") == "reached"


def test_scenario_is_missed_when_nothing_comes_and_nothing_is_due(theatre: Theatre) -> None:
    playing = theatre.play(READY, expect="[{order: first, status: [invoiced]}]")

    assert playing.run(3)
    assert playing.result == (
        "missed",
        f"order {only(theatre)} is ready-for-handling, and not invoiced",
    )


def test_waiting_ends_with_patience_and_breaks_off_what_follows(theatre: Theatre) -> None:
    playing = theatre.play(
        READY,
        'wait: {call: "POST */start-handling", order: first}',
        "fire: {order: first, event: request_cancel}",
        patience="4",
    )

    assert not playing.run(3.9)
    assert playing.run(6)
    ending, why = playing.result
    assert ending == "missed"
    assert "waited in vain for POST */start-handling about first" in why
    assert theatre.sandbox.service.store.orders()[0].status == "ready-for-handling"


def test_waiting_is_over_as_soon_as_what_is_waited_for_has_come(theatre: Theatre) -> None:
    playing = theatre.play(
        READY,
        'wait: {call: "POST */start-handling", order: first, count: 2}',
        "wait: {order: first, status: handling}",
    )

    playing.run(0.2)
    theatre.call("POST", START.format(only(theatre)))
    assert not playing.run(1)
    theatre.call("POST", START.format(only(theatre)))
    assert playing.run(3)
    assert playing.result == ("reached", "")


def test_what_stands_upon_a_call_happens_before_the_next_one(theatre: Theatre) -> None:
    theatre.follow("ready-for-handling")
    playing = theatre.play(
        "upon: {call: GET /api/orders/feed, order: first, state: ready-for-handling, "
        "do: [{fire: {order: first, event: request_cancel}}]}",
        READY,
    )

    playing.run(0.1)
    before = theatre.sandbox.service.store.orders()[0].status
    items = theatre.read()
    status, _ = theatre.call("POST", START.format(only(theatre)))

    assert before == "ready-for-handling"
    assert [each["state"] for each in items] == ["ready-for-handling"]
    assert status == 409
    assert [line.text("what") for line in theatre.kinds("act")][-1] == "fire"


def test_what_stands_upon_the_second_call_leaves_the_first_alone(theatre: Theatre) -> None:
    playing = theatre.play(
        'upon: {call: "GET */orders/{orderId}", nth: 2, do: [{advance: 2 minutes}]}', READY
    )
    playing.run(0.1)
    began = theatre.stage.now

    times = []
    for _ in range(3):
        theatre.call("GET", f"/api/oms/pvt/orders/{only(theatre)}")
        times.append(theatre.stage.now - began)

    assert times == [0, 120_000, 120_000]


def test_what_goes_wrong_upon_a_call_is_raised_where_the_scenario_is_played(
    theatre: Theatre,
) -> None:
    playing = theatre.play(
        'upon: {call: "GET */orders/{orderId}", do: [{place: {name: second, count: 99999}}]}',
        READY,
        "idle: {}",
    )
    playing.run(0.1)

    status, _ = theatre.call("GET", f"/api/oms/pvt/orders/{only(theatre)}")

    assert status == 200
    with pytest.raises(ScenarioError, match="count must be a whole number"):
        playing.run(5)


def test_a_scenario_that_the_sandbox_cannot_play_is_refused_with_its_place(
    theatre: Theatre,
) -> None:
    playing = theatre.play("place: {name: first, value: 0}")

    with pytest.raises(ScenarioError, match=r"<text>:6:5: place: value must be at least 1 cent"):
        playing.run(1)


def test_an_event_that_comes_too_late_is_the_integrations_doing(theatre: Theatre) -> None:
    playing = theatre.play(
        READY,
        'wait: {call: "POST */start-handling"}',
        "fire: {order: first, event: start_handling}",
    )
    playing.run(0.1)
    theatre.call("POST", START.format(only(theatre)))

    assert playing.run(5)
    ending, why = playing.result
    assert ending == "missed"
    assert "fire in line 8 came too late" in why


def test_calls_of_others_are_no_calls_of_the_integration(theatre: Theatre) -> None:
    theatre.follow("handling")
    count = len(theatre.kinds("call"))
    playing = theatre.play(
        READY,
        "vendor: {post: /api/oms/pvt/orders/$first/start-handling, body: {}}",
        "vendor: {delete: /api/orders/feed/config, as: integration}",
        expect="[{order: first, status: [handling]}]",
    )

    assert playing.run(5)
    assert playing.result == ("reached", "")
    assert len(theatre.kinds("call")) == count
    assert theatre.call("GET", "/api/orders/feed?maxlot=1")[0] == 404


def test_called_too_often_is_told(theatre: Theatre) -> None:
    playing = theatre.play(READY, expect='[{order: first, most: {"GET */orders/{orderId}": 1}}]')
    playing.run(0.1)
    for _ in range(3):
        theatre.call("GET", f"/api/oms/pvt/orders/{only(theatre)}")

    assert playing.run(5)
    told = f"GET */orders/{{orderId}} was called 3 times about {only(theatre)}, and not 1 at most"
    assert playing.result == ("missed", told)


def test_nobody_listening_skips_the_scenario(theatre: Theatre) -> None:
    playing = theatre.play("tell: {what: sold, id: '1'}", "wait: {call: anything}")

    assert playing.run(5)
    assert playing.result[0] == "skipped"


def test_clock_is_turned_for_what_is_expected_and_comes_back_to_the_feed(theatre: Theatre) -> None:
    theatre.follow("ready-for-handling")
    playing = theatre.play(READY, expect="[{order: first, status: [handling]}]")
    playing.run(0.1)
    began = theatre.stage.now
    (left,) = theatre.read()  # and nothing done with it

    assert not playing.run(1.2)
    assert theatre.stage.now > began
    (again,) = theatre.read()
    assert again["eventId"] == left["eventId"]
    theatre.call("POST", START.format(again["orderId"]))
    theatre.commit(again)
    assert playing.run(5)
    assert playing.result == ("reached", "")


def test_clock_is_turned_only_when_the_integration_is_at_rest(theatre: Theatre) -> None:
    theatre.follow("ready-for-handling")
    playing = theatre.play(READY, "advance: 1 hour")
    playing.run(0)
    began = theatre.stage.now

    playing.run(3)
    before = theatre.stage.now
    theatre.commit(*theatre.read())
    playing.run(3)

    assert (before - began, theatre.stage.now - began) == (0, 3_600_000)


def test_turning_over_a_span_takes_all_of_it(theatre: Theatre) -> None:
    playing = theatre.play("turn: {until: over, most: 3 days}")
    playing.run(0)
    began = theatre.stage.now

    assert playing.run(5)
    assert theatre.stage.now - began == 3 * 86_400_000


def test_books_are_expected_only_of_who_tells_of_them(theatre: Theatre) -> None:
    expect = "[{order: first, records: {what: status, value: invoiced}}]"
    silent = theatre.play(READY, expect=expect)
    assert silent.run(5)

    telling = theatre.play(READY, expect=expect)
    telling.run(0.1)
    body = {"orderId": only(theatre), "what": "status", "value": "handling"}
    theatre.call("POST", "/_sandbox/records", body)
    assert telling.run(5)

    assert silent.result == ("reached", "")
    assert telling.result[0] == "missed"
    assert "its own books say 'handling' of the status" in telling.result[1]


def test_a_revoked_key_is_good_again_when_the_scenario_says_so(theatre: Theatre) -> None:
    playing = theatre.play("revoke: key", "idle: {}", "restore: key")
    playing.run(0.1)
    refused, _ = theatre.call("GET", "/api/oms/pvt/orders")

    assert playing.run(5)
    assert (refused, theatre.call("GET", "/api/oms/pvt/orders")[0]) == (401, 200)


def test_only_the_scenarios_own_faults_are_switched_off(theatre: Theatre) -> None:
    playing = theatre.play("fault: {fault: http.error_500}", "faults: off")
    theatre.sandbox.fail("hook.late")
    playing.run(3)

    on = [each.setting.name for each in theatre.sandbox.service.faults.every]
    assert on == ["hook.late"]


def steps_of(theatre: Theatre) -> list[tuple[str, str, str]]:
    lines = [each for each in theatre.kinds("step") if each.scenario == "scene"]
    return [(each.order_id, each.before, each.after) for each in lines]


@pytest.mark.parametrize("busy", [False, True])
def test_a_scenario_is_the_same_whatever_happened_before(busy: bool) -> None:
    theatre = Theatre(seed=7)
    theatre.follow("ready-for-handling")
    if busy:
        theatre.sandbox.place(to="handling")
        theatre.sandbox.fail("feed.disorder:chance=0.5")
        theatre.sandbox.advance(2 * 86_400_000 + 12_345)
    theatre.play("place: {name: batch, status: ready-for-handling, count: 3}").run(0.1)

    seen = [(each["eventId"], each["orderId"]) for each in theatre.read()]

    fresh = Theatre(seed=7)
    fresh.follow("ready-for-handling")
    fresh.play("place: {name: batch, status: ready-for-handling, count: 3}").run(0.1)
    assert seen == [(each["eventId"], each["orderId"]) for each in fresh.read()]
    assert steps_of(theatre) == steps_of(fresh)


def test_another_seed_makes_another_course() -> None:
    seen = set()
    for seed in (1, 2):
        theatre = Theatre(seed=seed)
        theatre.follow("ready-for-handling")
        theatre.play(READY).run(0.1)
        seen.add(theatre.read()[0]["eventId"])

    assert len(seen) == 2


def test_names_stand_for_orders_and_addresses(theatre: Theatre) -> None:
    playing = theatre.play(
        "place: {name: pair, deal: marketplace-seller, status: payment-approved, count: 2}",
        "fire: {order: pair.2, event: request_cancel}",
        expect="[{order: pair.1.seller, status: [ready-for-handling, window-to-cancel]}]",
    )
    playing.run(0.1)
    cast = playing.play._deeds.cast

    assert len(cast.ids("pair")) == 2
    assert cast.ids("pair.1") + cast.ids("pair.2") == cast.ids("pair")
    assert cast.ids("pair.2.seller") == (f"00-{cast.ids('pair.2')[0]}",)
    assert cast.filled(["$pair.2!", "$$x", "$url"]) == [
        f"{cast.ids('pair.2')[0]}!",
        "$x",
        Sandbox().url,
    ]


def test_two_scenarios_have_chances_of_their_own() -> None:
    seen = set()
    for name in ("one", "other"):
        theatre = Theatre(seed=7)
        theatre.follow("ready-for-handling")
        theatre.play(READY, name=name).run(0.1)
        seen.add(theatre.read()[0]["eventId"])

    assert len(seen) == 2


def test_who_has_something_to_read_is_not_at_rest_until_patience_is_over(theatre: Theatre) -> None:
    theatre.follow("ready-for-handling")
    playing = theatre.play(READY, "idle: {}", patience="4")

    assert not playing.run(3.8)
    assert playing.run(9)


def test_who_is_being_called_is_not_at_rest(theatre: Theatre) -> None:
    hook = {
        "filter": {"type": "FromWorkflow", "status": ["handling"]},
        "hook": {"url": "http://127.0.0.1:9/hook", "headers": {}},
    }
    playing = theatre.play("idle: {}", patience="4")
    theatre.call("POST", "/api/orders/hook/config", hook)  # its ping is never delivered here

    assert not playing.run(3.8)
    assert playing.run(9)


def test_a_hook_scenario_is_skipped_where_no_hook_is_configured(theatre: Theatre) -> None:
    theatre.stage.clear("scene", 0)
    text = written("idle: {}").replace("[feed]", "[hook]")
    play = Play(parse_scenario(text), theatre.stage)

    assert Playing(theatre, play, play.go()).run(5)
    assert (play.played.ending, play.played.why) == ("skipped", "no hook is configured")


@contextmanager
def listening(status: int) -> Iterator[tuple[str, list[bytes]]]:
    """Somebody who answers whatever comes with *status*; where, and what came."""
    heard: list[bytes] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tell", heard
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "ending", "why"),
    [
        (200, "reached", ""),
        (404, "skipped", "nobody listens at"),
        (500, "missed", "the integration answered 500 to what it was told"),
    ],
)
def test_what_is_told_is_sent_and_its_answer_counts(status: int, ending: str, why: str) -> None:
    with listening(status) as (url, heard):
        theatre = Theatre(addresses=Addresses(tell=url))
        playing = theatre.play(READY, "tell: {what: sold, id: '7', of: $first}")
        end = time.monotonic() + 20
        while not playing.run(0) and time.monotonic() < end:
            theatre.time += 0.0 if playing.play.doing.endswith("told") else 0.1
            time.sleep(0.001)

    (sent,) = heard
    assert json.loads(sent) == {"what": "sold", "id": "7", "of": only(theatre)}
    assert playing.result[0] == ending
    assert why in playing.result[1]
    assert [each.text("said") for each in theatre.kinds("act")][-1] == "sold"
