"""A client with a host of the platform written in it reaches the sandbox, whichever way it goes."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from orderflow.pytesting.sandboxed import renewed
from orderflow.sandbox.server import ListenError, Sandbox
from orderflow.sandbox.tls_front import Reach
from tests.sandbox.reached import HOST, ORDERS, WAYS, Reached, control, port_of, reached


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    with reached(tmp_path_factory.mktemp("ca")) as found:
        yield found


@pytest.fixture
def way_in(running: Reached) -> Iterator[Reached]:
    with renewed(running.sandbox):
        yield running


@pytest.mark.parametrize("way", WAYS)
def test_the_same_orders_are_there_by_every_way(way_in: Reached, way: str) -> None:
    order_id = way_in.sandbox.place(to="ready-for-handling").order_id

    with way_in.client(way) as client:
        handled = client.post(f"{ORDERS}/{order_id}/start-handling")
        read = client.get(f"{ORDERS}/{order_id}")
        listed = client.get(ORDERS, params={"f_status": "handling"})

    assert handled.status_code == 204
    assert read.json()["status"] == "handling"
    assert [row["orderId"] for row in listed.json()["list"]] == [order_id]


@pytest.mark.parametrize("way", WAYS)
def test_a_chunked_body_arrives_by_every_way(way_in: Reached, way: str) -> None:
    order_id = way_in.sandbox.place(to="ready-for-handling").order_id
    pieces = [b'{"source": "erp",', b' "message": "hello"}']

    with way_in.client(way) as client:
        answer = client.post(f"{ORDERS}/{order_id}/interactions", content=iter(pieces))

    assert answer.status_code == 200
    lines = way_in.sandbox.service.interactions["sandbox", order_id]
    assert [(line.source, line.message) for line in lines] == [("erp", "hello")]


@pytest.mark.parametrize("way", WAYS)
def test_much_goes_through_in_both_directions(way_in: Reached, way: str) -> None:
    for _ in range(100):
        way_in.sandbox.place()

    with way_in.client(way) as client:
        refused = client.post("/api/orders/feed/config", content=b"x" * 3_000_000)
        long = client.get(ORDERS, params={"per_page": 100})
        trace = client.get("/_sandbox/trace")

    assert refused.status_code == 413
    assert len(long.json()["list"]) == 100
    assert len(long.content) > 100_000
    assert trace.status_code == 200


@pytest.mark.parametrize("way", ["plain", "tls", "tunnel"])
def test_a_connection_is_used_again(way_in: Reached, way: str) -> None:
    url = {"plain": way_in.sandbox.url, "tls": way_in.front.https_url}.get(way, way_in.proxy)
    link = http.client.HTTPConnection("127.0.0.1", port_of(url), timeout=5)
    if way != "plain":
        link = http.client.HTTPSConnection(
            "127.0.0.1", port_of(url), timeout=5, context=way_in.trust
        )
    if way == "tunnel":
        link.set_tunnel(HOST, 443)

    link.request("GET", ORDERS, headers=way_in.sandbox.headers)
    link.getresponse().read()
    first = link.sock
    link.request("GET", ORDERS, headers=way_in.sandbox.headers)
    answer = link.getresponse()
    answer.read()

    assert answer.status == 200
    assert first is not None
    assert link.sock is first
    link.close()


def test_one_host_after_another_on_a_connection_to_the_proxy(way_in: Reached) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port_of(way_in.proxy), timeout=5)
    seen = []
    for host in (HOST, "www.example.org", "oms.vtexcommerce.com.br"):
        link.request("GET", f"http://{host}{ORDERS}?an=sandbox", headers=way_in.sandbox.headers)
        answer = link.getresponse()
        answer.read()
        seen.append((answer.status, answer.getheader("connection")))
    link.close()

    assert seen == [(200, "close"), (403, "close"), (200, "close")]


@pytest.mark.parametrize("way", WAYS)
def test_the_account_is_the_label_of_the_host(way_in: Reached, way: str) -> None:
    control(way_in.sandbox, "keys", account="other")

    with way_in.client(way) as client:
        own = client.get(ORDERS, headers={"Host": HOST})
    with httpx2.Client(
        proxy=way_in.proxy, verify=way_in.trust, headers=way_in.sandbox.headers, trust_env=False
    ) as client:
        elsewhere = [
            client.get(f"{scheme}://other.vtexcommercestable.com.br{ORDERS}").status_code
            for scheme in ("http", "https")
        ]

    assert own.status_code == 200
    assert elsewhere == [403, 403]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_another_host_is_refused_with_a_reason(way_in: Reached, scheme: str) -> None:
    with httpx2.Client(proxy=way_in.proxy, verify=way_in.trust, trust_env=False) as client:
        if scheme == "https":
            with pytest.raises(httpx2.ProxyError, match="403 The sandbox is no proxy for this"):
                client.get("https://www.example.org/")
        else:
            answer = client.post("http://www.example.org/", content=b"x" * 1_000_000)
            assert answer.status_code == 403
            assert "www.example.org:80 is no host of the platform" in answer.text
            assert "nothing is handed on" in answer.text
    assert not way_in.sandbox.service.not_simulated


def test_a_refusal_is_heard_by_a_client_that_still_sends(way_in: Reached) -> None:
    head = b"POST http://www.example.org/ HTTP/1.1\r\nContent-Length: 16000000\r\n\r\n"

    answer = said(way_in.proxy, head + b"x" * 16_000_000)

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"nothing is handed on elsewhere\n")


def test_only_the_sandboxs_own_ports_of_this_machine_are_reached(way_in: Reached) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        port = other.getsockname()[1]
        with httpx2.Client(proxy=way_in.proxy, verify=way_in.trust, trust_env=False) as client:
            own = client.get(f"{way_in.front.https_url}/_sandbox/health")
            plain = client.get(f"{way_in.sandbox.url}/_sandbox/health")
            foreign = client.get(f"http://127.0.0.1:{port}/_sandbox/health")
        with pytest.raises(TimeoutError):
            other.accept()

    assert (own.status_code, plain.status_code) == (200, 200)
    assert foreign.status_code == 403
    assert "NO_PROXY" in foreign.text


def test_a_tunnel_may_be_used_without_tls(way_in: Reached) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port_of(way_in.proxy), timeout=5)
    link.set_tunnel("oms.vtexcommerce.com.br", 80)
    link.request("GET", ORDERS, headers=way_in.sandbox.headers)
    answer = link.getresponse()
    answer.read()
    link.close()

    assert answer.status == 200


def test_a_client_that_speaks_before_it_is_answered_is_heard(way_in: Reached) -> None:
    connect = f"CONNECT {HOST}:80 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    wish = "GET /_sandbox/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = said(way_in.proxy, (connect + wish).encode())

    assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_a_request_may_come_in_small_pieces(way_in: Reached) -> None:
    order_id = way_in.sandbox.place(to="handling").order_id
    keys = "".join(f"{name}: {value}\r\n" for name, value in way_in.sandbox.headers.items())
    line = f"POST http://{HOST}{ORDERS}/{order_id}/interactions HTTP/1.1\r\n"
    body = '{"source": "erp", "message": "hi"}'

    with socket.create_connection(("127.0.0.1", port_of(way_in.proxy)), timeout=5) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in f"{line}Content-Length: {len(body)}\r\n{keys}\r\n{body}".encode():
            link.send(bytes([byte]))
        answer = link.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    (written,) = way_in.sandbox.service.interactions["sandbox", order_id]
    assert written.message == "hi"


def said(url: str, sent: bytes) -> bytes:
    """All that comes back until the connection is closed from the other side."""
    with socket.create_connection(("127.0.0.1", port_of(url)), timeout=5) as link:
        link.sendall(sent)
        return link.makefile("rb").read()


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET /_sandbox/health HTTP/1.1\r\nHost: x\r\n\r\n", b"400 Bad Request"),
        (b"GET " + b"/" * 80_000 + b" HTTP/1.1\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"\x00\xff\r\n\r\n", b"400 Bad Request"),
        (b"CONNECT " + HOST.encode() + b" HTTP/1.1\r\n\r\n", b"400 Bad Request"),
    ],
)
def test_what_is_no_request_to_a_proxy_is_refused(
    way_in: Reached, sent: bytes, answer: bytes
) -> None:
    assert said(way_in.proxy, sent).startswith(b"HTTP/1.1 " + answer)
    with way_in.client("tunnel") as client:
        assert client.get(ORDERS).status_code == 200


def test_plain_http_on_the_port_of_tls_is_no_answer_and_no_harm(way_in: Reached) -> None:
    assert b"HTTP/1.1 200" not in said(way_in.front.https_url, b"GET / HTTP/1.1\r\n\r\n")
    with way_in.client("tls") as client:
        assert client.get(ORDERS).status_code == 200


def test_a_client_that_does_not_trust_the_authority_goes_away(way_in: Reached) -> None:
    stranger = httpx2.Client(verify=ssl.create_default_context(), trust_env=False)
    with stranger, pytest.raises(httpx2.ConnectError, match="certificate"):
        stranger.get(way_in.front.https_url)
    with way_in.client("tls") as client:
        assert client.get(ORDERS).status_code == 200


@pytest.mark.parametrize("way", ["tls", "tunnel", "absolute"])
def test_a_fault_hangs_up_by_every_way(way_in: Reached, way: str) -> None:
    control(way_in.sandbox, "faults", fault="http.drop")

    with (
        way_in.client(way) as client,
        pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)),
    ):
        client.get(ORDERS)


def test_a_fault_finds_its_client_whatever_the_client_says_it_is(way_in: Reached) -> None:
    control(way_in.sandbox, "faults", fault="http.drop")
    headers = {**way_in.sandbox.headers, "X-Forwarded-For": "192.0.2.1"}

    with way_in.client("plain", headers) as client, pytest.raises(httpx2.RemoteProtocolError):
        client.get(ORDERS, timeout=3)


def test_credentials_for_the_proxy_reach_nobody(way_in: Reached) -> None:
    proxy = way_in.proxy.replace("http://", "http://user:pass-word@")

    with httpx2.Client(proxy=proxy, headers=way_in.sandbox.headers, trust_env=False) as client:
        assert client.get(f"http://{HOST}{ORDERS}").status_code == 200
        trace = client.get(f"http://{HOST}/_sandbox/trace").text

    assert "pass-word" not in trace
    assert "dXNlcjpwYXNzLXdvcmQ" not in trace  # the same in Base64


def test_many_clients_at_once_get_their_own_answers(way_in: Reached) -> None:
    order_ids = [way_in.sandbox.place().order_id for _ in range(8)]

    def read(number: int) -> bool:
        order_id = order_ids[number % len(order_ids)]
        with way_in.client(WAYS[number % len(WAYS)]) as client:
            answers = [client.get(f"{ORDERS}/{order_id}") for _ in range(5)]
        return all(answer.json()["orderId"] == order_id for answer in answers)

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(read, range(32)))


def test_the_environment_is_all_that_other_libraries_need(
    way_in: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in way_in.front.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it remembers the environment
    wish = urllib.request.Request(f"https://{HOST}{ORDERS}", headers=way_in.sandbox.headers)

    with urllib.request.urlopen(wish, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200
    with pytest.raises(urllib.error.URLError, match="403 The sandbox is no proxy"):
        urllib.request.urlopen("https://www.example.org/", timeout=5)
    with httpx2.Client(headers=way_in.sandbox.headers) as client:
        assert client.get(f"https://{HOST}{ORDERS}").status_code == 200
        assert client.get(f"{way_in.sandbox.url}{ORDERS}").status_code == 200  # not by the proxy


def test_requests_needs_no_more_either(way_in: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    for name, value in way_in.front.environment.items():
        monkeypatch.setenv(name, value)

    assert requests.get(f"https://{HOST}{ORDERS}", headers=way_in.sandbox.headers).ok
    assert requests.get(f"http://{HOST}{ORDERS}", headers=way_in.sandbox.headers).ok


def test_an_environment_without_a_proxy_names_none(tmp_path: Path) -> None:
    with Sandbox(reach=Reach(folder=tmp_path)) as sandbox:
        assert sandbox.front
        assert sandbox.front.proxy_url is None
        assert not [name for name in sandbox.front.environment if "proxy" in name.lower()]
        assert set(sandbox.front.environment.values()) == {str(tmp_path / "orderflow-ca.pem")}


def test_an_address_in_brackets_is_served_alike(tmp_path: Path) -> None:
    try:
        sandbox = Sandbox(host="::1", reach=Reach(proxy=0, folder=tmp_path))
        sandbox.start()
    except ListenError:
        pytest.skip("this machine has no IPv6")
    try:
        found = Reached(sandbox)
        for way in WAYS:
            with found.client(way) as client:
                assert client.get(ORDERS).status_code == 200
    finally:
        sandbox.stop()


def test_stopping_ends_every_connection_and_frees_every_port(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with reached(tmp_path) as found:
        ports = [port_of(url) for url in (found.front.https_url, found.proxy)]
        silent = [socket.create_connection(("127.0.0.1", port)) for port in ports]
        tunnel = socket.create_connection(("127.0.0.1", ports[1]))
        tunnel.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        assert b"200" in tunnel.recv(1000)
        link = http.client.HTTPSConnection("127.0.0.1", ports[0], context=found.trust, timeout=5)
        link.request("GET", "/_sandbox/health")
        assert link.getresponse().status == 200  # and the connection stays open
        began = time.monotonic()

    assert time.monotonic() - began < 5
    assert set(threading.enumerate()) == before
    for opened in (*silent, tunnel):
        opened.settimeout(5)
        assert opened.recv(1) == b""
        opened.close()
    link.close()
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_taken_port_of_the_proxy_leaves_no_other_port_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        free = spare.getsockname()[1]
        spare.close()
        sandbox = Sandbox(reach=Reach(tls=free, proxy=taken.getsockname()[1], folder=tmp_path))
        with pytest.raises(ListenError, match=str(taken.getsockname()[1])):
            sandbox.start()

        socket.create_server(("127.0.0.1", free)).close()


def test_it_starts_again_with_the_ways_it_had(tmp_path: Path) -> None:
    sandbox = Sandbox(reach=Reach(proxy=0, folder=tmp_path))
    for _ in range(2):
        with sandbox, Reached(sandbox).client("tunnel") as client:
            assert client.get(ORDERS).status_code == 200
        assert sandbox.front is None
