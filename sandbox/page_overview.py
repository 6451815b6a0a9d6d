"""What the page shows of the whole sandbox: orders, queues, faults, mistakes, keys, calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from orderflow.sandbox.account import PERMISSIONS
from orderflow.sandbox.control import hooks
from orderflow.sandbox.deals import deal_called, deal_names
from orderflow.sandbox.fault_modes import modes
from orderflow.sandbox.page_decisions import open_tasks
from orderflow.sandbox.page_order import Row, row_of
from orderflow.sandbox.page_text import HOME
from orderflow.sandbox.page_words import place_of, time

if TYPE_CHECKING:
    from orderflow.sandbox.held import Held
    from orderflow.sandbox.routes import Call
    from orderflow.sandbox.service import Service
    from orderflow.sandbox.trace import Traced

_ON_A_PAGE = 25
_MOST_CALLS, _MOST_FINDINGS, _MOST_NEXT = 40, 20, 3
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are asked for.

    Attributes:
        account: Whose.
        text: What their id, group or sequence holds; empty for any.
        status: Where they stand; empty for anywhere.
        page: 1 for the newest.
    """

    account: str
    text: str = ""
    status: str = ""
    page: int = 1

    def at(self, page: int) -> str:
        """The address of another page of the same orders."""
        named = {"account": self.account, "q": self.text, "status": self.status, "page": page}
        said = {name: each for name, each in named.items() if each}
        return f"{HOME}?{urlencode(said, errors='replace')}"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the orders that are asked for, newest first.

    Attributes:
        rows: The orders.
        total: How many there are in all pages.
        older: Address of the page after this one, empty when there is none.
        newer: Address of the page before this one, empty when there is none.
        statuses: Each status in which an order of the account stands, and how many do, by name.
    """

    rows: tuple[Row, ...]
    total: int
    older: str
    newer: str
    statuses: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """The feed of one key.

    Attributes:
        key: End of the key's name.
        account: Its account.
        quantity: Items in it.
        age: Seconds for which the oldest has been there.
        next: What waits longest: order, place of its page or empty, status, whether it is hidden.
    """

    key: str
    account: str
    quantity: int
    age: float
    next: tuple[tuple[str, str, str, bool], ...]


def wanted(call: Call, account: str) -> Wanted:
    """Which orders a call asks for; what makes no sense counts as not said."""
    query = call.query
    given = query.get("page", "")
    sensible = given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS
    page = max(int(given), 1) if sensible else 1
    return Wanted(account, query.get("q", "").strip(), query.get("status", ""), page)


def overview_facts(service: Service, call: Call, account: str) -> dict[str, object]:
    """All that the first page shows."""
    asked = wanted(call, account)
    tasks, unclosed = open_tasks(service, account)
    return {
        "account": account,
        "asked": asked,
        "found": found(service, asked),
        "deals": deal_choices(),
        "statuses": status_choices(),
        "queues": tuple(_queues(service)),
        "hooks": json.loads(hooks.hooks(service, call).body)["hooks"],
        "tasks": tasks,
        "unclosed": unclosed,
        "snapshots": tuple(
            (each.name, each.orders, time(each.at)) for each in service.snapshots.values()
        ),
        "faults": service.faults.every,
        "modes": tuple(modes().values()),
        "findings": tuple(islice(reversed(service.findings), _MOST_FINDINGS)),
        "mistakes": len(service.findings),
        "keys": tuple(
            (key, service.accounts.is_revoked(key), len(key.permissions))
            for key in service.accounts.keys
        ),
        "every_permission": len(PERMISSIONS),
        "unknown": service.not_simulated.most_common(_MOST_FINDINGS),
        "calls": tuple(_called(service, each) for each in _latest(service)),
        "most_calls": _MOST_CALLS,
    }


def found(service: Service, asked: Wanted) -> Found:
    """The orders that are asked for."""
    every = service.store.orders(asked.account)
    statuses = Counter(held.status for held in every)
    chosen = tuple(_chosen(every, asked)) if asked.text or asked.status else every
    first = (asked.page - 1) * _ON_A_PAGE
    more = first + _ON_A_PAGE < len(chosen)
    return Found(
        tuple(row_of(held) for held in chosen[first : first + _ON_A_PAGE]),
        len(chosen),
        asked.at(asked.page + 1) if more else "",
        asked.at(asked.page - 1) if asked.page > 1 else "",
        tuple(sorted(statuses.items())),
    )


def _chosen(every: tuple[Held, ...], asked: Wanted) -> Iterator[Held]:
    text = asked.text.lower()
    for held in every:
        if asked.status in ("", held.status) and (
            text in held.order_id.lower() or text in held.group.lower() or text == held.sequence
        ):
            yield held


@cache
def deal_choices() -> tuple[tuple[str, str], ...]:
    """Name and title of each deal of which an order can be placed, the usual one first."""
    names = sorted(deal_names(), key=lambda name: name != "complete")
    return tuple((name, deal_called(name).title) for name in names)


@cache
def status_choices() -> tuple[str, ...]:
    """Every status that the main document of a deal can have, in the order of the flows."""
    flows = (deal_called(name).view().participants[0].flow for name, _ in deal_choices())
    return tuple(dict.fromkeys(state.name for flow in flows for state in flow.states))


def _queues(service: Service) -> Iterator[Queue]:
    for key in service.accounts.keys:
        feed = service.queues.of(key, service.now)
        if feed is None:
            continue
        facts = feed.facts(service.now)
        yield Queue(
            key.masked,
            key.account,
            facts.quantity,
            facts.oldest_age_seconds,
            tuple(
                (news.order_id, _place(service, news.order_id, key.account), news.state, hidden)
                for news, hidden in feed.oldest(service.now, _MOST_NEXT)
            ),
        )


def _latest(service: Service) -> Iterator[Traced]:
    """The latest calls, newest first."""
    trace = service.trace
    return (trace[-place] for place in range(1, min(len(trace), _MOST_CALLS) + 1))


def _called(service: Service, record: Traced) -> tuple[Traced, str, str]:
    """A record, its moment, and the page of its order."""
    return record, time(record.at), _place(service, record.order_id, record.account)


def _place(service: Service, order_id: str, account: str) -> str:
    held = service.store.find(order_id, account) if order_id and account else None
    return "" if held is None else place_of(held)
