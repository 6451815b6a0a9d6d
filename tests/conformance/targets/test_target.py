"""What a person names as the system under test is found, or it is said what would have been."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.errors import TargetError
from orderflow.conformance.subjects.mapping_file import PLAIN, parse_mapping
from orderflow.conformance.subjects.subject import Call, Outcome
from orderflow.conformance.subjects.target import headers_of, open_subject
from orderflow.flows.errors import FlowFileError
from tests.conformance.targets.loopback import EXAMPLES, Scripted, serving

SHOP = {
    "POST /orders": [Scripted(201, {"id": "1"})],
    "GET /orders/1": [Scripted(200, {"status": "(none)"})],
}

ADAPTERS = """
from contextlib import contextmanager
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.conformance.subjects.inside import Inside
from orderflow.simulator.machine import compile_plan

log = []

def made():
    import beside  # looked for where this module was
    return Inside(compile_plan(bundled("seller").view(), defaults()))

@contextmanager
def opened():
    log.append("opened")
    yield made()
    log.append("closed")

@contextmanager
def nothing():
    yield None

class Shop:
    subject = staticmethod(made)

number = 7
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "shop_adapters.py").write_text(ADAPTERS)
    (tmp_path / "shop_broken.py").write_text("import there_is_no_such_module\n")
    (tmp_path / "beside.py").write_text("")
    for name in ("shop_adapters", "shop_broken", "beside"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def begins(target: str, mapping: Path | None = None) -> bool:
    with open_subject(target, mapping) as subject:
        return subject.begin(Start()).outcome is Outcome.ACCEPTED


def test_a_url_speaks_the_plain_protocol_or_what_a_mapping_says(here: Path) -> None:
    (here / "shop.yaml").write_text(PLAIN.replace("/orders", "/sales"))
    sales = {key.replace("orders", "sales"): each for key, each in SHOP.items()}
    with serving(SHOP | sales) as shop:
        assert begins(shop.url)
        assert begins(shop.url + "/", here / "shop.yaml")

    assert [each.path for each in shop.asked] == ["/orders", "/orders/1", "/sales", "/sales/1"]


def test_a_mapping_file_may_be_the_target(here: Path) -> None:
    with serving(SHOP) as shop:
        (here / "shop.yaml").write_text(f"base: {shop.url}\n{PLAIN}")

        assert begins("shop.yaml")


def test_a_url_goes_ahead_of_the_base_of_a_mapping(here: Path) -> None:
    (here / "shop.yaml").write_text(f"base: http://127.0.0.1:1\n{PLAIN}")
    with serving(SHOP) as shop:
        assert begins(shop.url, here / "shop.yaml")


def test_a_command(here: Path) -> None:
    assert begins(f"command:{sys.executable} {EXAMPLES / 'program.py'}")


@pytest.mark.parametrize("name", ["made", "opened", "Shop.subject"])
def test_a_callable_in_the_current_folder(here: Path, name: str) -> None:
    before = list(sys.path)

    assert begins(f"shop_adapters:{name}")
    assert sys.path == before


def test_a_context_manager_is_left_at_the_end(here: Path) -> None:
    with open_subject("shop_adapters:opened"):
        log = sys.modules["shop_adapters"].log
        assert log == ["opened"]

    assert log == ["opened", "closed"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("no_such_module:made", "no module 'no_such_module'"),
        ("shop_adapters.more:made", "no module 'shop_adapters.more'"),
        ("shop_adapters:gone", "module 'shop_adapters' has no 'gone'"),
        ("shop_adapters:number", "it is of type int; wanted is something to call"),
        ("shop_adapters:dict", "has no 'dict'"),
        ("shop_adapters:log.copy", "it returned something of type list without begin and fire"),
        ("shop_adapters:nothing", "it returned something of type NoneType without begin and fire"),
        ("seller", "a target is a URL such as"),
        ("", "a target is a URL such as"),
        ("command:", "name a program"),
        ("ftp://shop", "a target is a URL such as"),
        ("http://shop:0", "it must be like"),
        ("shop.yaml", "it names no base"),
    ],
)
def test_what_cannot_be_had(here: Path, target: str, told: str) -> None:
    (here / "shop.yaml").write_text(PLAIN)

    with pytest.raises(TargetError) as caught:
        begins(target)
    assert told in str(caught.value)


def test_an_adapter_that_lacks_something_says_so_itself(here: Path) -> None:
    with pytest.raises(TargetError, match="it needs the module 'there_is_no_such_module'"):
        begins("shop_broken:made")


def test_an_adapter_that_breaks_down_is_no_traceback_and_no_pass(here: Path) -> None:
    (here / "shop_bad.py").write_text("def made():\n    raise RuntimeError('secret')\n")
    (here / "shop_typo.py").write_text("def made(:\n")
    (here / "shop_later.py").write_text(
        "class Shop:\n"
        "    def begin(self, start):\n        raise KeyError('secret')\n"
        "    def fire(self, call):\n        return 'yes'\n"
    )

    for target, told in (("shop_bad:made", "RuntimeError at"), ("shop_typo:made", "SyntaxError")):
        with pytest.raises(TargetError, match=told) as caught:
            begins(target)
        assert "secret" not in str(caught.value)
    with open_subject("shop_later:Shop") as subject:
        answers = subject.begin(Start()), subject.fire(Call("place_order"))
    assert [answer.outcome for answer in answers] == [Outcome.INDETERMINATE] * 2
    assert "KeyError at shop_later.py:3" in answers[0].told
    assert "returned a str" in answers[1].told
    assert "secret" not in answers[0].told


def test_a_mapping_goes_with_a_url_only(here: Path) -> None:
    with pytest.raises(TargetError, match="only a URL goes with a mapping file"):
        begins("shop_adapters:made", here / "shop.yaml")


def test_a_mapping_file_that_is_not_there(here: Path) -> None:
    with pytest.raises(FlowFileError, match="there is no such file"):
        begins("gone.yaml")


def test_a_password_is_not_repeated(here: Path) -> None:
    for target in ("http://me:hunter2@shop", "ftp://me:hunter2@shop"):
        with pytest.raises(TargetError) as caught:
            begins(target)

        assert "hunter2" not in str(caught.value) + caught.value.target


def test_a_secret_that_is_missing_is_named_and_one_that_is_there_is_not() -> None:
    mapping = parse_mapping(
        PLAIN + "headers: {X-Key: {env: SHOP_KEY, prefix: 'Key '}, X-Two: {env: TWO}, X-Three: a}\n"
    )

    assert headers_of(mapping, {"SHOP_KEY": "s3cret", "TWO": "2"}) == {
        "X-Key": "Key s3cret",
        "X-Two": "2",
    }
    with pytest.raises(TargetError, match="set in the environment: SHOP_KEY, TWO"):
        headers_of(mapping, {"TWO": ""})
    with pytest.raises(TargetError, match=r"cannot be sent.*: SHOP_KEY") as caught:
        headers_of(mapping, {"SHOP_KEY": "s3cret\n", "TWO": "2"})
    assert "s3cret" not in str(caught.value)


def test_the_secret_comes_from_the_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "shop.yaml").write_text(PLAIN + "headers: {X-Key: {env: SHOP_KEY}}\n")
    monkeypatch.setenv("SHOP_KEY", "s3cret")
    with serving(SHOP) as shop:
        assert begins(shop.url, here / "shop.yaml")

    assert {each.headers["X-Key"] for each in shop.asked} == {"s3cret"}
