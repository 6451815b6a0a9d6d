"""The certificate authority lasts, stays secret, and is good for the sandbox's names only."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="the extra tls is not installed")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from orderflow.sandbox import authority as made_by
from orderflow.sandbox.authority import (
    CERTIFICATE,
    KEY,
    Authority,
    AuthorityError,
    authority_in,
    usual_folder,
)
from orderflow.sandbox.tls_names import PLATFORM
from tests.sandbox.reached import port_of, reached

NAMES = (
    *("localhost", "127.0.0.1", "::1"),
    *(f"shop.{domain}" for domain in PLATFORM),
)


def shakes_hands(context: ssl.SSLContext, trusted: Path, name: str) -> None:
    """Let a careful client and a server agree, without a network.

    Raises:
        ssl.SSLCertVerificationError: The client does not take the certificate for *name*.
    """
    careful = ssl.create_default_context(cafile=str(trusted))
    careful.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = careful.wrap_bio(to_client, to_server, server_hostname=name)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    assert not waiting


@pytest.mark.parametrize("name", NAMES)
def test_its_certificate_is_good_for_every_name_of_the_sandbox(tmp_path: Path, name: str) -> None:
    found = authority_in(tmp_path)

    shakes_hands(found.context(), found.file, name)


@pytest.mark.parametrize(
    "name", ["www.example.org", "a.b.myvtex.com", "myvtex.com", "10.0.0.1", "127.0.0.2"]
)
def test_and_for_no_other(tmp_path: Path, name: str) -> None:
    found = authority_in(tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        shakes_hands(found.context(), found.file, name)


def signed(found: Authority, *names: x509.GeneralName, tmp_path: Path) -> ssl.SSLContext:
    """What somebody could make who has got hold of the key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(found._key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(found._certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(above, critical=False)
        .sign(found._key, hashes.SHA256())
    )
    file = tmp_path / "stolen.pem"
    file.write_bytes(made_by._pem(key, certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_whoever_steals_the_key_can_be_no_other_host(tmp_path: Path) -> None:
    found = authority_in(tmp_path)
    own, bank = x509.DNSName("shop.myvtex.com"), x509.DNSName("www.example.org")

    shakes_hands(signed(found, own, tmp_path=tmp_path), found.file, "shop.myvtex.com")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shakes_hands(signed(found, bank, tmp_path=tmp_path), found.file, "www.example.org")


def test_it_is_there_again_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    first = authority_in(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}

    again = authority_in(folder)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert set(files) == {CERTIFICATE, KEY}
    shakes_hands(again.context(), first.file, "shop.myvtex.com")


def test_only_its_owner_can_read_the_key_and_clients_never_get_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        found = authority_in(tmp_path / "ca")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "ca" / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca").stat().st_mode) == 0o700
    assert stat.S_IMODE(found.file.stat().st_mode) == 0o644
    assert b"PRIVATE" not in found.file.read_bytes()
    assert "PRIVATE" not in repr(found)


def test_of_a_servers_key_nothing_stays_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = authority_in(tmp_path / "ca")

    found.context()

    assert [path.name for path in tmp_path.iterdir()] == ["ca"]


def test_several_that_begin_at_once_agree_on_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(authority_in, [tmp_path] * 16))

    assert len({each._certificate.serial_number for each in found}) == 1
    assert {path.name for path in tmp_path.iterdir()} == {CERTIFICATE, KEY}


def test_a_file_for_clients_that_is_gone_or_changed_is_written_again(tmp_path: Path) -> None:
    file = authority_in(tmp_path).file
    text = file.read_bytes()
    for broken in (file.unlink, lambda: file.write_bytes(b"other")):
        broken()

        assert authority_in(tmp_path).file.read_bytes() == text


def others_may_read(kept: Path) -> None:
    kept.chmod(0o640)


def is_no_key(kept: Path) -> None:
    kept.write_bytes(b"nothing of the kind")


def has_a_password(kept: Path) -> None:
    key = serialization.load_pem_private_key(kept.read_bytes(), None)
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )


def is_of_another_key(kept: Path) -> None:
    certificate = kept.read_bytes().partition(b"-----BEGIN CERTIFICATE")
    key = ec.generate_private_key(ec.SECP256R1())
    kept.write_bytes(made_by._pem(key) + certificate[1] + certificate[2])


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (others_may_read, "others can read this key: chmod 600"),
        (is_no_key, "no key and certificate of an authority; delete it"),
        (has_a_password, "no key and certificate of an authority; delete it"),
        (is_of_another_key, "not an authority that is made here"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_and_left_as_it_is(
    tmp_path: Path, breaks: Callable[[Path], None], told: str
) -> None:
    authority_in(tmp_path)
    kept = tmp_path / KEY
    breaks(kept)
    before = kept.read_bytes()

    with pytest.raises(AuthorityError, match=told) as wrong:
        authority_in(tmp_path)

    assert wrong.value.path == kept
    assert kept.read_bytes() == before


def test_one_that_is_good_for_other_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr(made_by, "PLATFORM", ("example.org",))
        authority_in(tmp_path)

    with pytest.raises(AuthorityError, match="not an authority that is made here"):
        authority_in(tmp_path)


def test_one_that_ends_before_its_certificates_do_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(made_by, "_YEARS", timedelta(days=396))
        with pytest.raises(AuthorityError, match=r"good until 20\d\d-\d\d-\d\d; delete it"):
            authority_in(tmp_path)


@pytest.mark.parametrize("place", ["/proc/orderflow", "/dev/null/ca"])
def test_a_folder_that_cannot_be_written_to_is_said(place: str) -> None:
    with pytest.raises(AuthorityError, match="name a folder that you may write to"):
        authority_in(Path(place))


def test_the_usual_folder_is_with_the_users_cached_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert usual_folder() == Path("/somewhere/orderflow/ca")
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert usual_folder() == Path.home() / ".cache" / "orderflow" / "ca"


def test_what_a_client_trusted_yesterday_it_trusts_today(tmp_path: Path) -> None:
    with reached(tmp_path) as found:
        yesterday = found.trust
    with reached(tmp_path) as found:
        link = ssl_link(yesterday, port_of(found.front.https_url))

    assert link == "TLSv1.3"


def ssl_link(context: ssl.SSLContext, port: int) -> str | None:
    plain = socket.create_connection(("127.0.0.1", port), timeout=5)
    with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
        return link.version()
