"""The names under which the sandbox is reached as if it were the platform, or as what it is."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

PLATFORM = (
    "myvtex.com",
    "vtex.com.br",
    "vtexcommerce.com.br",
    "vtexcommercestable.com.br",
    "vtexpayments.com.br",
)
"""Domains of the platform, each host of which is one label more. Source: domain fact sheet "What
real clients send", CT-01 to CT-03, and the hosts of the platform's order documents."""

HERE = "localhost"
LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
ADDRESSES = ("127.0.0.1", "::1")


def is_platform(host: str) -> bool:
    """Whether *host* is a host of the platform that has its place in a certificate.

    >>> is_platform("Shop.vtexcommercestable.com.br"), is_platform("vtexcommercestable.com.br")
    (True, False)
    >>> is_platform("a.b.myvtex.com"), is_platform("shop.notmyvtex.com")
    (False, False)
    """
    label, _, domain = host.lower().removesuffix(".").partition(".")
    return bool(label) and domain in PLATFORM


def is_this_machine(host: str) -> bool:
    """Whether *host* can be nobody but this machine.

    >>> is_this_machine("127.0.0.1"), is_this_machine("::1"), is_this_machine("shop.localhost")
    (True, True, True)
    >>> is_this_machine("127.0.0.1.example"), is_this_machine("10.0.0.1")
    (False, False)
    """
    lower = host.lower().removesuffix(".")
    if lower == HERE or lower.endswith(f".{HERE}"):
        return True
    try:
        return ip_address(lower).is_loopback
    except ValueError:
        return False
