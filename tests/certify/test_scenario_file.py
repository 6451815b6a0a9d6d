"""A scenario file is read as it stands, or refused with everything that is wrong and where."""

import json
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.certify import scenario_file
from orderflow.certify.scenario import Fire, PlaceOrders, Tell, Turn, Upon, WaitForLines
from orderflow.certify.scenario_file import (
    FOLDER,
    KEYS,
    OF_EXPECTATION,
    RECORDS,
    ROLES,
    UnknownScenarioError,
    bundled_scenario,
    find_scenario,
    library,
    library_names,
    load_scenario,
    parse_scenario,
)
from orderflow.certify.step_file import METHODS, QUICK, VERBS
from orderflow.flows.errors import FlowFileError
from orderflow.flows.loader import parse_yaml
from orderflow.sandbox.control.faults import FIELDS
from orderflow.sandbox.control.wishes import NAMES
from tests.certify.staged import READY, written

SCHEMA = json.loads(Path(scenario_file.__file__).with_name("scenario.schema.json").read_text())
SHAPE = jsonschema.Draft202012Validator(SCHEMA)

EVERYTHING = """\
scenario: everything
title: All that a scenario can say
roles: [feed, hook]
shows: [B-01, B-85]
mistakes: [CM-38]
patience: 2.5
lasts: 3 hours
do:
  - upon: {call: GET /api/orders/feed, order: first, state: handling, nth: 2, do: [{faults: off}]}
  - place: {name: first, status: ready-for-handling, count: 2, items: [{id: a, price: 100}]}
  - at_once: [{fault: {fault: http.error_500, times: 1, orders: [first.1]}}, {advance: 1 second}]
  - fire: {order: first.2, event: request_cancel, data: {}, actor: shopper}
  - wait: {order: first, status: handling}
  - wait: {call: "POST */start-handling", count: 3}
  - wait: {delivery: "hook *", order: first}
  - turn: {until: over, most: 1.5 days}
  - call: {post: /_sandbox/limits, body: {perMinute: 5}}
  - vendor: {delete: /api/orders/feed/config, as: integration}
  - tell: {name: sold, what: sold, id: "1", of: $first.2}
  - idle: {}
  - revoke: key
  - restore: key
  - faults: off
expect:
  - {order: first, status: [invoiced, canceled], calls: {"GET *": 1}, most: {"PUT *": 0}}
  - {order: first.1.seller, records: {what: status, value: invoiced}}
"""


def refused(text: str) -> list[str]:
    """What is wrong with it, one line each."""
    with pytest.raises(FlowFileError) as caught:
        parse_scenario(text, source="s.yaml")
    return str(caught.value).splitlines()


def test_all_that_can_be_said_is_read() -> None:
    found = parse_scenario(EVERYTHING)
    deeds = [each.deed for each in found.steps]

    assert (found.name, found.roles, found.patience) == ("everything", ("feed", "hook"), 2.5)
    assert found.lasts == 3 * 3_600_000
    assert deeds[0] == Upon("GET /api/orders/feed", "first", "handling", 2, deeds[0].steps)  # type: ignore[union-attr]
    assert isinstance(deeds[1], PlaceOrders)
    assert deeds[3] == Fire("first.2", {"event": "request_cancel", "data": {}, "actor": "shopper"})
    assert deeds[5] == WaitForLines("call", "POST */start-handling", "", 3)
    assert deeds[7] == Turn("over", 129_600_000)
    assert deeds[10] == Tell("sold", {"what": "sold", "id": "1", "of": "$first.2"})
    assert found.expects[1].record == {"status": "invoiced"}
    assert {each.verb for each in found.steps} == VERBS.keys() - {"fault", "advance"}


def test_everything_wrong_is_told_at_once_with_place_and_nearest_word() -> None:
    told = refused(
        "scenario: A b\n"
        "titl: x\n"
        "roles: [fed]\n"
        "shows: [B-86]\n"
        "do:\n"
        "  - placee: {name: x}\n"
        "  - place: {name: first, sttatus: handling, status: handeling}\n"
        "  - fire: {order: firzt, event: request_cancle}\n"
        "  - fault: {fault: http.eror_500}\n"
        "  - wait: {order: first, call: a, status: handling}\n"
        "  - call: {post: /api/oms}\n"
        "  - at_once: [{idle: {}}]\n"
        "  - advance: 2 ours\n"
        "expect: [{order: first.2}]\n"
    )

    assert [line.partition(": ")[0] for line in told] == sorted(
        (line.partition(": ")[0] for line in told),
        key=lambda at: [int(n) for n in at.split(":")[1:]],
    )
    for part in (
        "s.yaml:1:1: 'title' is missing",
        "s.yaml:1:11: 'A b': take lower-case letters",
        "s.yaml:2:1: unknown key 'titl'; did you mean 'title'?",
        "s.yaml:3:9: unknown role 'fed'; did you mean 'feed'?",
        "s.yaml:4:9: 'B-86' is none; there are B-01 to B-85",
        "s.yaml:6:5: unknown verb 'placee'; did you mean 'place'?",
        "s.yaml:7:26: unknown key 'sttatus'; did you mean 'status'?",
        "s.yaml:7:53: unknown status 'handeling'; did you mean 'handling'?",
        "s.yaml:8:19: unknown order 'firzt'; did you mean 'first'?",
        "s.yaml:8:33: unknown event 'request_cancle'; did you mean 'request_cancel'?",
        "s.yaml:9:20: unknown fault 'http.eror_500'; did you mean 'http.error_500'?",
        "s.yaml:10:11: waits for one of status, call and delivery",
        "s.yaml:11:18: '/api/oms': the path of a call begins with /_sandbox/",
        "s.yaml:12:16: 'idle' takes time",
        "s.yaml:13:14: 'advance' takes a length of time, such as",
        "s.yaml:14:10: expects nothing",
        "s.yaml:14:18: 'first.2': there are first.1 to first.1",
    ):
        assert any(line.startswith(part) for line in told), (part, told)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([READY, READY], "'first' is given twice"),
        (["place: {name: hook}"], "'hook' stands for an address"),
        (["vendor: {post: /x/$firzt}", READY], "unknown order 'firzt'"),
        (["tell: {name: sold, what: sold}"], "'id' is missing"),
        (["wait: {status: handling}"], "'order' is missing"),
        (["turn: {until: idl}"], "unknown word 'idl'; did you mean 'idle'?"),
        (["idle: {for: 3}"], "idle takes nothing"),
        (["{place: {name: first}, idle: {}}"], "a step has one verb"),
        (["vendor: {post: /x, put: /x}"], "has one of get, post"),
        (["vendor: {post: /x, as: me}"], "unknown word 'me'"),
        (["advance: 4000 days"], "up to 3650 days"),
    ],
)
def test_wrong_step_is_told(steps: list[str], told: str) -> None:
    assert any(told in line for line in refused(written(*steps)))


def test_a_file_and_its_scenario_have_one_name(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(written(READY))

    with pytest.raises(FlowFileError, match="is called 'scene', and its file 'other'"):
        load_scenario(path)


def test_dollar_signs_of_their_own_are_no_names() -> None:
    parse_scenario(written('vendor: {post: /x, body: {price: "$5", code: "$$firzt"}}'))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*KEYS, *VERBS, "name", "order", "status", "call", "what", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_in_a_file_is_read_or_refused(value: object) -> None:
    with suppress(FlowFileError):
        assert parse_scenario(json.dumps(value)).steps


def test_schema_and_reader_know_the_same_words() -> None:
    kinds = SCHEMA["$defs"]

    assert tuple(SCHEMA["properties"]) == KEYS
    assert kinds["Step"]["properties"].keys() == VERBS.keys()
    assert tuple(kinds["QuickSteps"]["items"]["properties"]) == QUICK
    assert kinds["Place"]["properties"].keys() == {"name", *NAMES}
    assert kinds["Fault"]["properties"].keys() == set(FIELDS)
    assert kinds["Vendor"]["properties"].keys() == {*METHODS, "body", "as"}
    assert kinds["Expectation"]["properties"].keys() == set(OF_EXPECTATION)
    assert SCHEMA["properties"]["roles"]["items"]["enum"] == list(ROLES)
    assert kinds["Expectation"]["properties"]["records"]["properties"]["what"]["enum"] == list(
        RECORDS
    )


@pytest.mark.parametrize("text", [EVERYTHING, written(READY)], ids=["everything", "little"])
def test_what_is_read_fits_the_schema(text: str) -> None:
    SHAPE.validate(parse_yaml(text).data)


@pytest.mark.parametrize(
    "text",
    [
        written(READY, colour="red"),
        written("placee: {name: x}"),
        written("place: {}"),
        written("wait: {order: first}", READY),
        written(READY, expect="[{}]"),
        written("at_once: [{idle: {}}]"),
        written(READY).replace("roles: [feed]", "roles: [fed]"),
        written(READY).replace("title: A scene\n", ""),
    ],
)
def test_what_the_reader_refuses_by_its_shape_the_schema_refuses_too(text: str) -> None:
    assert refused(text)
    assert not SHAPE.is_valid(parse_yaml(text).data)


def test_bundled_scenarios_can_be_read_and_fit_the_schema() -> None:
    assert [each.name for each in library()] == sorted(library_names())
    for name in library_names():
        SHAPE.validate(parse_yaml((FOLDER / f"{name}.yaml").read_bytes()).data)


def test_a_scenario_is_found_by_name_or_path(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(written(READY))

    assert find_scenario(str(path)).name == "scene"
    assert find_scenario(library_names()[0]) is bundled_scenario(library_names()[0])
    with pytest.raises(UnknownScenarioError, match=r"no scenario 'happy-pat'; did you mean"):
        find_scenario("happy-pat")
