"""How an integration is told where the sandbox is: by its environment, or a file it reads."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from orderflow.certify.stage import Addresses
from orderflow.flows.errors import OrderflowError

RECORDS = "/_sandbox/records"
_LOOPBACK = "127.0.0.1"
_PRIVATE = 0o600
_MOST_TEMPLATE = 1_000_000


class ConfigError(OrderflowError):
    """A configuration cannot be written for the integration.

    Attributes:
        path: The template, or the file.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"--config: {path}: {why}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Told:
    """What an integration has to know.

    Attributes:
        url: Where the sandbox is.
        account: Name of the account.
        key: Its app key.
        token: Its app token.
        port: Where the integration is to listen, if it does.
        scale: How much quicker time is for it than on the clock.
        suite: Name of the suite.
    """

    url: str
    account: str
    key: str
    token: str
    port: int
    scale: float
    suite: str

    @property
    def variables(self) -> Mapping[str, str]:
        """By the names under which it finds them in its environment."""
        return {
            "ORDERFLOW_URL": self.url,
            "ORDERFLOW_ACCOUNT": self.account,
            "ORDERFLOW_APP_KEY": self.key,
            "ORDERFLOW_APP_TOKEN": self.token,
            "ORDERFLOW_PORT": str(self.port) if self.port else "",
            "ORDERFLOW_TIME_SCALE": f"{self.scale:g}",
            "ORDERFLOW_RECORDS": self.url + RECORDS,
            "ORDERFLOW_SUITE": self.suite,
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is shown nowhere but to the integration."""
        return (self.token, self.key)


def addresses_at(port: int) -> Addresses:
    """Where an integration listens that has *port* on this machine."""
    base = f"http://{_LOOPBACK}:{port}"
    return Addresses(f"{base}/market", f"{base}/hook", f"{base}/seller", f"{base}/tell")


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server((_LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


def render(template: str, variables: Mapping[str, str], source: Path) -> str:
    """*template* with ``${ORDERFLOW_URL}`` and the like filled in; ``$$`` is a dollar sign.

    Raises:
        ConfigError: It names something that there is not; tells all of it.
    """
    filled = Template(template)
    if not filled.is_valid():
        raise ConfigError(source, "a $ stands alone; write $$ for a dollar sign")
    unknown = sorted(set(filled.get_identifiers()) - variables.keys())
    if unknown:
        names = ", ".join(f"${{{name}}}" for name in unknown)
        raise ConfigError(source, f"{names}: there are {', '.join(variables)}")
    return filled.substitute(variables)


def write_config(source: Path, target: Path, variables: Mapping[str, str]) -> None:
    """Fill the template in *source* in, and write it to *target*, which only its owner can read.

    Raises:
        ConfigError: It cannot be read, filled in or written.
    """
    try:
        text = source.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise ConfigError(source, getattr(wrong, "strerror", "") or "is not UTF-8") from None
    if len(text) > _MOST_TEMPLATE:
        raise ConfigError(source, "is longer than a million characters")
    done = render(text, variables, source)
    try:
        with os.fdopen(_opened(target), "w", encoding="utf-8") as file:
            file.write(done)
    except OSError as wrong:
        raise ConfigError(target, f"cannot be written: {wrong.strerror}") from None


def _opened(target: Path) -> int:
    return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
