"""The proxy reads what it is asked without harm, and lets only hosts of the platform through."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from orderflow.sandbox.proxy import Forward, Refusal, Tunnel, asked
from orderflow.sandbox.tls_names import PLATFORM

LABEL = st.from_regex(r"[a-zA-Z0-9_]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?", fullmatch=True)
PORT = st.integers(1, 65_535)
OWN = (8320, 8443)


def connect(host: str, port: object = 443) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


@given(LABEL, st.sampled_from(PLATFORM), PORT)
def test_a_host_of_the_platform_is_let_through_on_any_port(
    label: str, domain: str, port: int
) -> None:
    target = f"https://{label}.{domain.upper()}:{port}/a%20b?c=d"
    line, host = f"GET {target} HTTP/1.1\r\n", f"{label}.{domain.upper()}:{port}"

    assert asked(connect(f"{label}.{domain}", port), ()) == Tunnel()
    assert asked(f"{line}Host: x\r\n\r\n".encode(), ()) == Forward(
        f"{line}Host: {host}\r\nConnection: close\r\n\r\n".encode()
    )


@given(st.lists(LABEL, min_size=1, max_size=5), st.sampled_from(["", *PLATFORM]), PORT)
@example(["www", "vtexcommercestable"], "", 443)
@example(["evilmyvtex", "com"], "", 443)
@example(["a", "b"], "myvtex.com", 443)
@example([], "myvtex.com", 443)
def test_every_other_host_is_refused(labels: list[str], domain: str, port: int) -> None:
    host = ".".join([*labels, domain]) if domain else ".".join(labels)
    assume(not domain or len(labels) != 1)  # that is the platform's own
    assume(not host.lower().endswith("localhost"))

    for head in (connect(host, port), f"GET http://{host}:{port}/ HTTP/1.1\r\n\r\n".encode()):
        found = asked(head, OWN)
        assert isinstance(found, Refusal)
        assert found.status == 403
        assert f"{host.lower()}:{port}"[:100] in found.told


@pytest.mark.parametrize(
    "host",
    [
        "shop.myvtex.com@www.example.org",
        "www.example.org#.myvtex.com",
        "www.example.org/.myvtex.com",
        "www.example.org?.myvtex.com",
        "shop.myvtex.com.example.org",
        "0.0.0.0",  # noqa: S104
        "[::]",
        "169.254.169.254",
    ],
)
def test_a_host_that_only_looks_like_one_is_refused(host: str) -> None:
    for head in (connect(host), f"GET http://{host}/ HTTP/1.1\r\n\r\n".encode()):
        assert isinstance(asked(head, (80, 443)), Refusal)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "LOCALHOST", "127.1.2.3"])
def test_this_machine_is_reached_on_the_sandboxs_ports_only(host: str) -> None:
    assert [asked(connect(host, port), OWN) for port in OWN] == [Tunnel(), Tunnel()]
    found = asked(connect(host, 9000), OWN)
    assert isinstance(found, Refusal)
    assert "NO_PROXY" in found.told


@given(st.binary(max_size=200))
@example(b"GET http://[ HTTP/1.1\r\n\r\n")
@example(b"GET http://shop.myvtex.com:99999/ HTTP/1.1\r\n\r\n")
@example(b"CONNECT shop.myvtex.com:443x HTTP/1.1\r\n\r\n")
@example(b"CONNECT http://shop.myvtex.com:443 HTTP/1.1\r\n\r\n")
@example(b"GET http://user:secret@shop.myvtex.com/ HTTP/1.1\r\n\r\n")
@example(b"GET ftp://shop.myvtex.com/ HTTP/1.1\r\n\r\n")
@example(b"GET shop.myvtex.com:443 HTTP/1.1\r\n\r\n")
@example(b"")
def test_whatever_comes_is_refused_and_never_breaks_it(head: bytes) -> None:
    assert isinstance(asked(head, OWN), Refusal)


def test_headers_for_the_proxy_go_no_further_and_all_others_stay_as_they_are() -> None:
    head = (
        b"POST https://shop.myvtex.com/x HTTP/1.1\r\nHost: shop.myvtex.com\r\n"
        b"Proxy-Authorization: Basic c2VjcmV0\r\nproxy-connection: keep-alive\r\n"
        b"Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nX-vtex-API-AppKey: a\r\n"
        b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    )

    assert asked(head, ()) == Forward(
        b"POST https://shop.myvtex.com/x HTTP/1.1\r\nHost: shop.myvtex.com\r\n"
        b"X-vtex-API-AppKey: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
        b"Connection: close\r\n\r\n"
    )
