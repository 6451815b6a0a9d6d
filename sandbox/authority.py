"""A certificate authority of one's own, whose certificates are good for the sandbox's names only.

It is the doorway of cryptography, which comes with the extra ``tls``. Whoever trusts the authority
trusts it for hosts of the platform and for this machine: name constraints keep its certificates
from being good for any other host, whoever gets hold of the key (sandbox decision).
"""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.tls_names import ADDRESSES, HERE, LOOPBACK, PLATFORM

CERTIFICATE = "orderflow-ca.pem"
"""File that clients are told to trust."""

KEY = "orderflow-ca.key"
"""File with the authority's key and certificate; only its owner may read it."""

_YEARS = timedelta(days=3650)
_DAYS = timedelta(days=397)
"""How long a server's certificate is good; some clients take none of more than 825 days."""

_CLOCKS = timedelta(days=1)
"""How far the clock of a client may be behind."""

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orderflow sandbox authority")])
_SERVER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orderflow sandbox")])

_SIGNS = ("key_cert_sign", "crl_sign")
_SERVES = ("digital_signature",)
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class AuthorityError(OrderflowError):
    """A folder cannot hold the authority, or what it holds cannot be used.

    Attributes:
        path: Folder or file.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority as it is kept in a folder.

    Attributes:
        file: Its certificate, for clients to trust.
    """

    file: Path
    _certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    def context(self) -> ssl.SSLContext:
        """A new certificate, and its key, for a server to show; nothing of it stays on a disk."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        key = ec.generate_private_key(ec.SECP256R1())
        shown = _shown(self._certificate, self._key, key)
        with tempfile.TemporaryDirectory(prefix="orderflow-") as folder:  # ssl reads only files
            both = Path(folder) / "server.pem"
            both.touch(0o600)
            both.write_bytes(_pem(key, shown, self._certificate))
            context.load_cert_chain(both)
        return context


def usual_folder() -> Path:
    """The folder of this user's authority.

    Source: XDG Base Directory Specification 0.8.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return cache / "orderflow" / "ca"


def authority_in(folder: Path) -> Authority:
    """The authority of *folder*; one is made, and the folder too, where there is none.

    Raises:
        AuthorityError: The folder cannot be written to, others can read the key, or the key or its
            certificate is none that is made here, or has come to its end.
    """
    kept, shown = folder / KEY, folder / CERTIFICATE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not kept.exists():
            _put(kept, _new())
        authority = _read(kept, shown)
        told = authority._certificate.public_bytes(serialization.Encoding.PEM)  # noqa: SLF001
        if not shown.is_file() or shown.read_bytes() != told:
            _replace(shown, told)
    except OSError as wrong:
        why = f"{wrong.strerror or wrong}; name a folder that you may write to"
        raise AuthorityError(folder, why) from wrong
    return authority


def _read(kept: Path, shown: Path) -> Authority:
    """What *kept* holds.

    Raises:
        AuthorityError: It cannot be used.
    """
    if stat.S_IMODE(kept.stat().st_mode) & 0o077:
        raise AuthorityError(kept, f"others can read this key: chmod 600 {kept}, or delete it")
    text = kept.read_bytes()
    try:
        key = serialization.load_pem_private_key(text, None)
        certificate = x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError) as wrong:  # TypeError: the key has a password
        raise AuthorityError(kept, "no key and certificate of an authority; delete it") from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not _fits(certificate, key):
        raise AuthorityError(kept, "not an authority that is made here; delete it for a new one")
    if certificate.not_valid_after_utc < datetime.now(UTC) + _DAYS:
        end = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        raise AuthorityError(kept, f"the authority is good until {end}; delete it for a new one")
    return Authority(shown, certificate, key)


def _fits(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bool:
    """Whether the certificate is of that key, and for the names that are served today."""
    try:
        limits = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return certificate.public_key() == key.public_key() and limits.value == _limits()


def _new() -> bytes:
    """A new authority: its key and its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(key, _NAME, _YEARS)
        .issuer_name(_NAME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(_SIGNS), critical=True)
        .add_extension(_limits(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(key, certificate)


def _shown(
    above: x509.Certificate,
    signing: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """A server's certificate for *key*."""
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    return (
        _builder(key, _SERVER, _DAYS)
        .issuer_name(above.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(_SERVES), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(_names(), critical=False)
        .sign(signing, hashes.SHA256())
    )


def _builder(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, lasts: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)  # clients compare with theirs: no virtual clock would do
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(now + lasts)
        .add_extension(mark, critical=False)
    )


def _usage(uses: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in uses for use in _USES})


def _limits() -> x509.NameConstraints:
    """Names that certificates of the authority are good for."""
    names = [x509.DNSName(name) for name in (HERE, *PLATFORM)]
    addresses = [x509.IPAddress(network) for network in LOOPBACK]
    return x509.NameConstraints([*names, *addresses], None)


def _names() -> x509.SubjectAlternativeName:
    names = [HERE, *(f"*.{domain}" for domain in PLATFORM)]
    addresses = [x509.IPAddress(ip_address(address)) for address in ADDRESSES]
    return x509.SubjectAlternativeName([*map(x509.DNSName, names), *addresses])


def _pem(key: ec.EllipticCurvePrivateKey, *chain: x509.Certificate) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)


def _put(path: Path, text: bytes) -> None:
    """Write a new file that only its owner can read; if somebody was first, theirs stays."""
    written = _written(path, text)
    try:
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink()


def _replace(path: Path, text: bytes) -> None:
    """Write a file that everybody may read, whole or not at all."""
    written = _written(path, text)
    try:
        written.chmod(0o644)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _written(path: Path, text: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".orderflow-")
    with os.fdopen(handle, "wb") as file:  # mkstemp: nobody else can read it
        file.write(text)
    return Path(name)
