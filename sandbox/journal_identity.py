"""What a sandbox's file was begun with: told by its first page, without touching the file."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from orderflow.flows.errors import OrderflowError
from orderflow.flows.expand import digest
from orderflow.flows.settings import Settings, defaults
from orderflow.sandbox.release import own_version
from orderflow.sandbox.service import Service

APPLICATION = int.from_bytes(b"oflw")
"""``application_id`` of the file: it is one of ours."""

_MAGIC = b"SQLite format 3\0"
_FORMAT = 1
_OF_IDENTITY = 24
"""Bits of ``user_version`` that tell one identity from another; those above them are the format."""

HEADER = 100
"""Bytes of the part of the file that tells what it is."""

_MARK, _APPLICATION_PLACE = 60, 68
"""Where ``user_version`` and ``application_id`` stand. Source: sqlite.org/fileformat2.html, 1.3."""


class JournalError(OrderflowError):
    """A file in which a sandbox cannot be kept.

    Attributes:
        path: The file.
        why: What is wrong with it, and what would have worked.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides, beside the calls, what becomes of a sandbox.

    Attributes:
        version: Of orderflow.
        flows: Digest of the bundled flows, deals and settings.
        seed: Where chance begins.
        account: Name of the first account.
        strict: Whether mistakes are refused from the beginning.
        hosts: Hosts that may be called, sorted.
        keep: How many finished sales are remembered; 0 for all.
    """

    version: str
    flows: str
    seed: int
    account: str
    strict: bool = False
    hosts: tuple[str, ...] = ()
    keep: int = 0

    @property
    def facts(self) -> dict[str, str]:
        """Each part in words, by name."""
        parts = {name: str(value) for name, value in asdict(self).items()}
        return {**parts, "strict": "yes" if self.strict else "no", "hosts": " ".join(self.hosts)}

    @property
    def mark(self) -> int:
        """Format and identity as the one number that stands in the first page of the file."""
        text = json.dumps(self.facts, sort_keys=True).encode()
        own = int.from_bytes(sha256(text).digest()[: _OF_IDENTITY // 8])
        return _FORMAT << _OF_IDENTITY | own


def identity_of(service: Service) -> Identity:
    """What *service*, which is as new, was begun with."""
    return Identity(
        version=own_version(),
        flows=_flows(service.store.settings),
        seed=service.seed,
        account=service.accounts.first.account,
        strict=service.strict,
        hosts=tuple(sorted(service.outbox.hosts)),
        keep=service.store.keep,
    )


def _flows(settings: Settings) -> str:
    """Digest of everything bundled that decides a course, and of the settings if they are other."""
    found = sorted(files("orderflow.flows").iterdir(), key=lambda each: each.name)
    texts = [each.read_text("utf-8") for each in found if each.name.endswith(".yaml")]
    return digest(texts if settings == defaults() else [*texts, repr(settings)])


def see_header(path: Path, header: bytes, identity: Identity) -> None:
    """See by the first bytes of a file whether it can be used; touch nothing.

    Args:
        path: The file.
        header: Its first :data:`HEADER` bytes; an empty file can become anything.
        identity: What the sandbox is begun with.

    Raises:
        JournalError: The file is not for a sandbox that was begun like this.
    """
    if not header:
        return
    if not header.startswith(_MAGIC) or _number(header, _APPLICATION_PLACE) != APPLICATION:
        why = "holds something else, and was left as it is; name a file that does not exist yet"
        raise JournalError(path, why)
    mark = _number(header, _MARK)
    if mark >> _OF_IDENTITY != _FORMAT:
        why = f"has format {mark >> _OF_IDENTITY}, this orderflow knows format {_FORMAT}"
        raise JournalError(path, f"{why}; take the orderflow that wrote it, or name another file")
    if mark != identity.mark:
        raise JournalError(path, _other(path, identity))


def _number(header: bytes, place: int) -> int:
    return int.from_bytes(header[place : place + 4])


def _other(path: Path, identity: Identity) -> str:
    """In what the file was begun differently."""
    kept, own = _facts(path), identity.facts
    differences = [
        f"{name} {kept.get(name) or 'none'} (now {own[name] or 'none'})"
        for name in own
        if kept.get(name) != own[name]
    ]
    told = ", ".join(differences) if kept else "something else"
    return f"was begun with {told}; begin with the same, or name another file"


def _facts(path: Path) -> dict[str, str]:
    """What the file was begun with; empty when that cannot be read without touching it."""
    with suppress(sqlite3.Error):
        link = sqlite3.connect(uri(path, "mode=ro&immutable=1"), uri=True)
        try:
            found = link.execute("SELECT name, value FROM facts WHERE name <> 'end'").fetchall()
            return {str(name): str(value) for name, value in found}
        finally:
            link.close()
    return {}


def uri(path: Path, how: str) -> str:
    """*path* as SQLite takes it, with parameters."""
    return f"file:{quote(os.fsencode(path))}?{how}"
