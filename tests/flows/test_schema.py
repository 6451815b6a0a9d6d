"""The JSON Schema and the loader accept the same shapes, and the file is what the models say.

The schema cannot know what only the whole file tells: whether a status, an edge, a row to
start from or a file to extend exists, and whether an id is given twice. So the loader's
verdict on the shape alone is compared; the rest is the loader's own.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orderflow.flows import schema
from orderflow.flows.errors import Findings
from orderflow.flows.json_schema import known_keys
from orderflow.flows.loader import bundled_names, load_yaml, parse_yaml
from orderflow.flows.schema import flow_schema, schema_text
from orderflow.flows.shape import read_shape

FOLDER = Path(schema.__file__).parent
SCHEMA = flow_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

WHOLE: dict[str, Any] = {
    "flow": "shop",
    "title": "Shop",
    "seen_by": "the store",
    "initial": "open",
    "final": {"success": ["done"], "failure": "lost", "closed": []},
    "happy_path": {"documented": ["open", "done", "open"], "observed": []},
    "states": {
        "open": None,
        "done": {"node": "Done", "waits_for": "timer", "starred": True, "entry": "undocumented"},
        "lost": {
            "profile": ["legacy"],
            "module": "m",
            "layout": {"lane": -1, "row": 2},
            "note": "",
        },
    },
    "transitions": [
        {"id": "T1", "from": "(none)", "on": "place_order", "to": "open", "note": "a"},
        {
            "id": "T2",
            "from": ["open", "done"],
            "on": ["a", "b"],
            "to": {"previous": ["open", "done"]},
            "actor": ["seller", "timer"],
            "automatic": False,
            "when": "paid",
            "undoes": [1, 5],
            "profile": "documented",
            "module": "m",
            "drawn": ["d1"],
            "source": ["obs"],
            "decision": "D-01",
        },
    ],
    "refused": [{"id": "R", "event": "x", "code": "OMS003", "http": 400, "source": "obs"}],
    "timers": [{"in": ["open"], "after": "seller_answer", "fires": "a"}],
    "diagram": [{"edge": "d1", "from": "A", "to": "B", "label": "", "line": "grey", "note": ""}],
    "events": {"a": {"actors": "seller", "meaning": "x"}, "b": None},
}
OVERLAY: dict[str, Any] = {
    "flow": "mine",
    "extends": "seller",
    "happy_path": ["open"],
    "remove": {"states": ["a"], "transitions": "all", "timers": "b", "diagram": [], "refused": []},
    "transitions": [
        {"id": "A", "like": "S01", "to": "x", "when": []},
        {"id": "B", "from": "x", "on": "y", "to": {"previous": "z"}},
    ],
}


def loader_accepts(data: object) -> bool:
    findings = Findings()
    read_shape(parse_yaml(json.dumps(data)), findings)
    return not findings.problems


def schema_accepts(data: Any) -> bool:
    return bool(VALIDATOR.is_valid(data))


def changed(document: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    result = copy.deepcopy(document)
    inner: Any = result
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return result


def test_the_file_is_what_the_models_say() -> None:
    written = (FOLDER / "flow.schema.json").read_text("utf-8")

    assert written == schema_text(), (
        "run: python -m orderflow.flows.schema > flows/flow.schema.json"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", bundled_names())
def test_both_accept_the_bundled_flows(name: str) -> None:
    data = load_yaml(FOLDER / f"{name}.yaml").data

    assert schema_accepts(data)
    assert loader_accepts(data)


@pytest.mark.parametrize("document", [WHOLE, OVERLAY])
def test_both_accept_every_key(document: dict[str, Any]) -> None:
    assert schema_accepts(document)
    assert loader_accepts(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("flow",), ""),
        (("flow",), "a\nb"),
        (("flow",), "x" * 201),
        (("title",), 404),
        (("title",), None),
        (("colour",), "red"),
        (("states", "open"), []),
        (("states", ""), None),
        (("states", "done", "starred"), "yes"),
        (("states", "done", "waits_for"), "timr"),
        (("states", "lost", "layout", "lane"), 1.5),
        (("states", "lost", "layout", "lane"), 10_001),
        (("states", "lost", "profile"), []),
        (("transitions",), {}),
        (("transitions", 0), "T1"),
        (("transitions", 0, "like"), "T2"),
        (("transitions", 0, "from"), []),
        (("transitions", 0, "from"), ["a", "a"]),
        (("transitions", 0, "to"), ["a"]),
        (("transitions", 1, "to"), {"previous": []}),
        (("transitions", 1, "to"), {"next": "a"}),
        (("transitions", 1, "when"), ["paidd"]),
        (("transitions", 1, "undoes"), [0]),
        (("transitions", 1, "undoes"), True),
        (("transitions", 1, "undoes"), [1, 1.0]),
        (("happy_path",), {"seen": []}),
        (("happy_path",), "open"),
        (("refused", 0, "http"), 99),
        (("diagram", 0, "line"), "gray"),
        (("events", "a", "actors"), ["nobody"]),
        (("extends",), None),
        (("remove",), {}),
    ],
)
def test_both_refuse(path: tuple[Any, ...], value: object) -> None:
    document = changed(WHOLE, path, value)

    assert not schema_accepts(document)
    assert not loader_accepts(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("states", "lost", "layout", "lane"), 3.0),
        (("states", "lost", "layout"), {}),
        (("transitions", 1, "undoes"), 2.0),
        (("transitions",), []),
        (("transitions", 0, "from"), ["nowhere"]),
        (("title",), "x" * 200),
    ],
)
def test_both_accept(path: tuple[Any, ...], value: object) -> None:
    document = changed(WHOLE, path, value)

    assert schema_accepts(document)
    assert loader_accepts(document)


@pytest.mark.parametrize("key", ["flow", "title", "initial", "states", "transitions"])
def test_both_want_the_keys_a_flow_cannot_do_without(key: str) -> None:
    document = {name: value for name, value in WHOLE.items() if name != key}

    assert not schema_accepts(document)
    assert not loader_accepts(document)
    assert (schema_accepts({**document, "extends": "seller"})) == (key != "flow")
    assert (loader_accepts({**document, "extends": "seller"})) == (key != "flow")


def paths(data: object) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [()]
    parts: list[tuple[Any, Any]] = []
    if isinstance(data, dict):
        parts = list(data.items())
    elif isinstance(data, list):
        parts = list(enumerate(data))
    for key, value in parts:
        found += [(key, *rest) for rest in paths(value)]
    return found


SCALARS = st.sampled_from(
    [None, True, 0, 1, -1, 2.0, 2.5, 300, "", "a", "all", "paid", "same", "seller"]
)
PARTS = st.sampled_from(
    [[], ["a"], ["a", "a"], [1], {}, {"previous": ["a"]}, {"id": "a"}, {"like": "b"}]
)


@given(st.data(), st.sampled_from([WHOLE, OVERLAY]))
def test_both_judge_every_mutation_alike(data: st.DataObject, document: dict[str, Any]) -> None:
    mutant: Any = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(paths(mutant)[1:] or [("flow",)]))
        inner = mutant
        for part in way:
            inner = inner[part]
        change = data.draw(st.sampled_from(["drop", "set", "add"]))
        if change == "drop" and last in (inner if isinstance(inner, dict) else range(len(inner))):
            del inner[last]
        elif change == "add" and isinstance(inner, dict):
            inner[data.draw(st.sampled_from(["like", "extends", "from", "x", "note"]))] = "a"
        else:
            inner[last] = copy.deepcopy(data.draw(SCALARS | PARTS))

    assert schema_accepts(mutant) == loader_accepts(mutant)


@given(st.none() | st.booleans() | st.integers() | st.lists(st.just("a"), max_size=2))
def test_both_refuse_what_is_no_mapping(data: Any) -> None:
    if data is not None:
        assert not loader_accepts(data)
    assert not schema_accepts(data)


def test_known_keys_are_those_of_the_mapping_at_a_place() -> None:
    row = known_keys(SCHEMA, ("transitions", 0, "<row>"))

    assert {"id", "from", "on", "to"} <= row
    assert "initial" not in row
    assert known_keys(SCHEMA, ("states", "anything", "layout")) == {"lane", "row"}
