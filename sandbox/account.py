"""Accounts of the sandbox, their app keys, and what each key may do.

The names of the permissions are those of the platform's License Manager resources. Source: domain
fact sheet "HTTP surface", sections 1 to 5. That keys and tokens are made from the seed, and what
they look like, is a sandbox decision; they open nothing but this sandbox.
"""

from __future__ import annotations

import hmac
import random
import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from orderflow.sandbox.problems import ProblemsError

VIEW_ORDER = "View order"
LIST_ORDERS = "List Orders"
ORDERS_FULL_ACCESS = "Orders Full Access"
CHANGE_STATUS = "Change order workflow status"
CANCEL_ORDER = "Cancel order"
CHANGE_ORDER = "Change order"
NOTIFY_INVOICE = "Notify invoice"
NOTIFY_REFUND = "Notify refund"
NOTIFY_PAYMENT = "Notify payment"
FEED_VIEW = "Feed v3 and Hook view only"
FEED_ADMIN = "Feed v3 and Hook Admin"

PERMISSIONS = (
    VIEW_ORDER,
    LIST_ORDERS,
    ORDERS_FULL_ACCESS,
    CHANGE_STATUS,
    CANCEL_ORDER,
    CHANGE_ORDER,
    NOTIFY_INVOICE,
    NOTIFY_REFUND,
    NOTIFY_PAYMENT,
    FEED_VIEW,
    FEED_ADMIN,
)
"""Everything a key can be allowed."""

_KEY_HEADER, _TOKEN_HEADER = "x-vtex-api-appkey", "x-vtex-api-apptoken"
_USER_TOKEN = "vtexidclientautcookie"  # noqa: S105  # the name of a header
_TOKEN_LETTERS, _KEY_LETTERS, _SHOWN = 64, 6, 4
_MOST_NAME = 100
_DAY = 86_400_000
_MOST_USERS = 1_000
"""Tokens of users that are known at once; older ones go (sandbox decision)."""


class AccountError(ProblemsError):
    """A key that cannot be made."""


@dataclass(frozen=True, slots=True)
class AppKey:
    """A key of an account.

    Attributes:
        name: What is sent as ``X-VTEX-API-AppKey``.
        token: What is sent as ``X-VTEX-API-AppToken``, or as the user's token.
        account: Account it belongs to.
        permissions: What it may do.
    """

    name: str
    token: str
    account: str
    permissions: frozenset[str] = frozenset(PERMISSIONS)

    def __repr__(self) -> str:
        """The key without its token: values are logged."""
        return f"AppKey({self.masked!r})"

    @property
    def masked(self) -> str:
        """The name with all but its last letters hidden, for traces and logs."""
        return "…" + self.name[-_SHOWN:]

    def may(self, permissions: Collection[str]) -> bool:
        """Whether one of *permissions* is enough; nothing is asked for when there is none."""
        return not permissions or not self.permissions.isdisjoint(permissions)


@dataclass(frozen=True, slots=True)
class _User:
    """Somebody who has logged in."""

    key: AppKey
    until: int


class Accounts:
    """The keys of all accounts.

    Args:
        seed: Keys and tokens are made from it.
        account: Name of the account that is there from the beginning.

    Attributes:
        first: The key of that account, which may do everything.
        keys: All keys, oldest first.
        names: Names of the accounts, oldest first.

    >>> accounts = Accounts(seed=1, account="shop")
    >>> accounts.first.account
    'shop'
    >>> accounts.find({"x-vtex-api-appkey": accounts.first.name}) is None
    True
    """

    def __init__(self, *, seed: int = 0, account: str = "sandbox") -> None:
        self._seed = seed
        self._keys: dict[str, AppKey] = {}
        self.keys: tuple[AppKey, ...] = ()
        self.names: tuple[str, ...] = ()
        self._revoked: set[str] = set()
        self._users: dict[str, _User] = {}
        self._logins = 0
        self.first = self.add(account)

    def named(self, name: str) -> AppKey | None:
        """The key of that name, revoked or not; None when there is none."""
        return self._keys.get(name)

    def add(self, account: str, permissions: Iterable[str] = PERMISSIONS) -> AppKey:
        """Make another key for *account*, which begins to exist if it is new.

        Raises:
            AccountError: The name cannot be part of a host name, or there is no such permission.
        """
        wanted = tuple(permissions)
        problems = [f"no permission {name!r}" for name in wanted if name not in PERMISSIONS]
        if problems:
            problems.append(f"there are: {', '.join(PERMISSIONS)}")
        if not _is_label(account):
            problems.append(f"account {account!r}: take lower-case letters, digits and hyphens")
        if problems:
            raise AccountError(problems)
        chance = random.Random(f"{self._seed}/{account}/{len(self._keys)}")
        letters = "".join(chance.choices(string.ascii_uppercase, k=_KEY_LETTERS))
        token = "".join(chance.choices(string.ascii_uppercase, k=_TOKEN_LETTERS))
        key = AppKey(f"vtexappkey-{account}-{letters}", token, account, frozenset(wanted))
        self._keys[key.name] = key
        self.keys = tuple(self._keys.values())
        self.names = tuple(dict.fromkeys(each.account for each in self.keys))
        return key

    def revoke(self, name: str) -> bool:
        """Let a key open nothing any more; false when there is none of that name."""
        self._revoked |= {name} & self._keys.keys()
        return name in self._keys

    def is_revoked(self, key: AppKey) -> bool:
        """Whether a key has been revoked."""
        return key.name in self._revoked

    def log_in(self, name: str, now: int) -> tuple[str, int] | None:
        """Make a user's token that may do what the key called *name* may.

        Returns:
            The token, and the virtual time in ms at which its 24 hours are over; None when there
            is no such key. Source: domain fact sheet "Timers", T-33.
        """
        key = self._keys.get(name)
        if key is None:
            return None
        self._logins += 1
        chance = random.Random(f"{self._seed}/{name}/user/{self._logins}")
        token = "".join(chance.choices(string.ascii_letters, k=_TOKEN_LETTERS))
        self._users[token] = _User(key, now + _DAY)
        if len(self._users) > _MOST_USERS:
            del self._users[next(iter(self._users))]
        return token, now + _DAY

    def renew(self) -> None:
        """Give back the keys that were revoked, and forget the tokens of users."""
        self._revoked.clear()
        self._users.clear()
        self._logins = 0

    def find(
        self, headers: Mapping[str, str], cookies: Mapping[str, str] | None = None, now: int = 0
    ) -> AppKey | None:
        """The key whose credentials came with a call, None when they are missing or wrong.

        Args:
            headers: By lower-case name.
            cookies: By lower-case name. The token of a key, sent as a user's token, counts as the
                key (sandbox decision); it lives as long as the key does.
            now: Virtual time in ms; a user's token is good until its time is over.
        """
        named = self._keys.get(headers.get(_KEY_HEADER, ""))
        if named is not None:
            right = _same(named.token, headers.get(_TOKEN_HEADER, ""))
            return named if right and not self.is_revoked(named) else None
        found = self._user(headers.get(_USER_TOKEN) or (cookies or {}).get(_USER_TOKEN, ""), now)
        return None if found is None or self.is_revoked(found) else found

    def _user(self, token: str, now: int) -> AppKey | None:
        user = self._users.get(token)
        if user is not None:
            return user.key if now < user.until else None
        return next((key for key in self.keys if _same(key.token, token)), None)


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def _is_label(account: str) -> bool:
    """Whether *account* can be the first label of a host name."""
    allowed = set(string.ascii_lowercase + string.digits + "-")
    return 0 < len(account) <= _MOST_NAME and set(account) <= allowed and account[0] != "-"
