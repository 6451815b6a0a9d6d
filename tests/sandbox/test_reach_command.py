"""``orderflow serve`` says how clients reach it, and what it says can be pasted."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orderflow.sandbox.tls_front import MissingTlsError, Reach, shown_by
from tests.cli.running import environment, refused
from tests.sandbox.reached import HOST, ORDERS, port_of


@contextmanager
def served(*words: str | Path, **more: str) -> Iterator[list[str]]:
    """The lines that ``orderflow serve`` prints before it waits."""
    with subprocess.Popen(
        [sys.executable, "-m", "orderflow", "serve", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONUNBUFFERED="1", **more),
    ) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline()]
            while not lines[-1].startswith("export "):
                lines.append(process.stdout.readline())
                assert lines[-1], "it ended"
            yield lines
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=15)[1] == "stopped\n"
            assert process.returncode == 0
        finally:
            process.kill()


def exported(line: str) -> dict[str, str]:
    word, *pairs = shlex.split(line)
    assert word == "export"
    return dict(pair.split("=", 1) for pair in pairs)


def test_it_prints_the_ways_in_and_what_to_set(tmp_path: Path) -> None:
    with served("--proxy", "--ca", tmp_path / "a folder") as lines:
        ready, https, proxy, export = lines
        found = exported(export)
        context = ssl.create_default_context(cafile=found["SSL_CERT_FILE"])
        link = http.client.HTTPSConnection("127.0.0.1", port_of(https.split()[1]), context=context)
        link.request("GET", "/_sandbox/health")
        status = link.getresponse().status
        link.close()

    assert ready.startswith("ready: http://127.0.0.1:")
    assert https.endswith(f" trust: {tmp_path / 'a folder' / 'orderflow-ca.pem'}\n")
    assert proxy.startswith(f"proxy: {found['HTTPS_PROXY']} for hosts of the platform only")
    assert status == 200


def test_curl_reaches_the_platforms_host_with_what_was_printed(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    with served("--proxy", XDG_CACHE_HOME=str(tmp_path)) as lines:
        words = lines[0].split()
        keys = ["-H", f"X-VTEX-API-AppKey: {words[3]}", "-H", f"X-VTEX-API-AppToken: {words[5]}"]
        told = [
            subprocess.run(
                [
                    curl,
                    "-q",
                    "-sS",
                    "-m",
                    "10",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    *keys,
                    url,
                ],
                env={**os.environ, **exported(lines[-1])},
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
            for url in (
                f"https://{HOST}{ORDERS}",
                f"http://oms.vtexcommerce.com.br{ORDERS}?an=sandbox",
                f"http://www.example.org{ORDERS}",
                "https://www.example.org/",
            )
        ]

    assert [each.stdout for each in told] == ["200", "200", "403", "000"]
    assert "403" in told[-1].stderr
    assert (tmp_path / "orderflow" / "ca" / "orderflow-ca.pem").is_file()


def test_without_a_proxy_none_is_named(tmp_path: Path) -> None:
    with served("--tls", "--ca", tmp_path) as lines:
        assert [line.split()[0] for line in lines] == ["ready:", "https:", "export"]
        assert not [name for name in exported(lines[-1]) if "proxy" in name.lower()]


def test_a_folder_without_tls_is_refused(tmp_path: Path) -> None:
    assert "--ca is for --tls or --proxy" in refused("serve", "--ca", tmp_path / "ca")
    assert not (tmp_path / "ca").exists()


def test_an_authority_that_cannot_be_used_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "orderflow-ca.key").write_text("no key")
    (tmp_path / "orderflow-ca.key").chmod(0o600)

    told = refused("serve", "--tls", "--ca", tmp_path)

    assert re.search(r"orderflow-ca\.key: no key and certificate of an authority; delete it", told)


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "orderflow.sandbox.authority", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(MissingTlsError, match=r"pip install 'orderflow-harness\[tls\]'"):
        shown_by(Reach(folder=tmp_path))
    assert "pip install" in refused("serve", "--tls", "--ca", tmp_path)
