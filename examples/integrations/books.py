"""The books of an integration, in SQLite: what it knows of orders, did, and has yet to do.

What is written here was not only thought of: after a crash it stands. ``ORDERFLOW_BOOKS`` names the
file. Where ``ORDERFLOW_RECORDS`` is set, whoever certifies the integration is told of the entries,
so that what no call shows can be judged, too.
"""

import contextlib
import json
import os
import sqlite3
import threading
from datetime import UTC, datetime
from urllib.request import Request, urlopen

TABLES = """
create table if not exists orders (id text primary key, status text);
create table if not exists entries (
    order_id text, what text, name text, value text, primary key (order_id, what, name));
create table if not exists todo (order_id text primary key, due real);
"""
TOLD = {
    *("shipment", "stock", "invoice", "delivery", "cancellation", "modification"),
    *("reservation", "tracking"),
}


class Books:
    """One place for all threads; *tell* hears ``(order id, what, value)`` of each new entry."""

    def __init__(self, path=":memory:", tell=None):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript(TABLES)
        self.lock = threading.Lock()
        self.tell = tell or (lambda order_id, what, value: None)

    @classmethod
    def from_environment(cls):
        records = os.environ.get("ORDERFLOW_RECORDS")
        return cls(os.environ.get("ORDERFLOW_BOOKS", ":memory:"), tell_certifier(records))

    def ask(self, statement, *values):
        with self.lock:
            return self.db.execute(statement, values).fetchall()

    def note_status(self, order_id, status):
        """Write down where an order stands."""
        known = self.ask("select 1 from orders where id = ? and status = ?", order_id, status)
        self.ask("insert or replace into orders values (?, ?)", order_id, status)
        if not known:
            self.tell(order_id, "status", status)

    def enter(self, order_id, what, name, value=""):
        """Write something down once; True when it is new."""
        statement = "insert or ignore into entries values (?, ?, ?, ?) returning 1"
        new = bool(self.ask(statement, order_id, what, name, value))
        if new and what in TOLD:
            self.tell(order_id, what, name)
        return new

    def value(self, order_id, what, name):
        """What was written down first under that name, None when nothing was."""
        statement = "select value from entries where order_id = ? and what = ? and name = ?"
        found = self.ask(statement, order_id, what, name)
        return found[0][0] if found else None

    def values(self, order_id, what):
        """What was written down of that kind, the first first."""
        statement = "select value from entries where order_id = ? and what = ? order by rowid"
        return [value for (value,) in self.ask(statement, order_id, what)]

    def names(self, order_id, what):
        """Under which names something of that kind was written down, the first first."""
        statement = "select name from entries where order_id = ? and what = ? order by rowid"
        return [name for (name,) in self.ask(statement, order_id, what)]

    def has(self, order_id, what):
        """Whether anything of that kind was written down."""
        return bool(
            self.ask("select 1 from entries where order_id = ? and what = ?", order_id, what)
        )

    def put_off(self, order_id, seconds=0.0):
        """Look at an order, again, in so many seconds."""
        self.ask("insert or replace into todo values (?, ?)", order_id, now() + seconds)

    def due(self):
        """(order id, when) of what is to be looked at now, the longest waiting first."""
        return self.ask("select order_id, due from todo where due <= ? order by due", now())

    def looked_at(self, order_id, due):
        """It was; it stays to do if it was put off, or asked for again, meanwhile."""
        self.ask("delete from todo where order_id = ? and due = ?", order_id, due)


def now():
    """Seconds since 1970, which outlive a restart."""
    return datetime.now(UTC).timestamp()


def tell_certifier(url):
    """Tells the entries to that address, None without one."""
    if not url:
        return None

    def tell(order_id, what, value):
        body = json.dumps({"orderId": order_id, "what": what, "value": value}).encode()
        request = Request(url, data=body, headers={"Content-Type": "application/json"})
        with contextlib.suppress(OSError):  # the work goes on, whether or not somebody watches
            urlopen(request, timeout=10).close()

    return tell
