"""Calls of the Orders API, with the manners that the platform asks of every client.

It waits when it is told that there were too many calls, takes every form of answer, and repeats
nothing by itself that might have been done already: who calls looks first, see ``insist``.
"""

import json
import os
import random
import time
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

PAUSES = (1, 4, 15)  # seconds before another try
TOO_MANY_PAUSE, LONGEST_PAUSE = (
    60,
    15 * 60,
)  # seconds after a 429 that tells none; doubled each time
TIMEOUT = 10  # seconds
LIST_PAGE, LIST_PAGES = 100, 30  # what the platform gives at most


class NoAccessError(Exception):
    """The credentials are not accepted; calling again at once would not help."""


class NotDoneError(Exception):
    """It could not be done now; it must be tried later."""


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when nothing did, so that nobody knows what happened there."""

    status: int
    body: bytes = b""
    retry_after: str = ""

    @property
    def ok(self):
        return 200 <= self.status < 300

    @property
    def json(self):
        """The body, None when it is no JSON: errors come as text, too, or without a body."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class OrdersApi:
    """The API of one account.

    ``scale`` says how much faster than usual time passes where it is tested.
    """

    def __init__(self, url, account, key, token, *, scale=1.0):
        self.url, self.account, self.scale = url.rstrip("/"), account, scale
        self.headers = {
            "X-VTEX-API-AppKey": key,
            "X-VTEX-API-AppToken": token,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "example-integration/1.0",
        }

    @classmethod
    def from_environment(cls):
        found = os.environ
        return cls(
            found["ORDERFLOW_URL"],
            found["ORDERFLOW_ACCOUNT"],
            found["ORDERFLOW_APP_KEY"],
            found["ORDERFLOW_APP_TOKEN"],
            scale=float(found.get("ORDERFLOW_TIME_SCALE") or 1),
        )

    def pause(self, seconds):
        """Wait, a little longer each time than the next client would."""
        time.sleep(seconds / self.scale * random.uniform(1, 1.2))

    def call(self, method, path, body=None):
        """What one call is answered, once there is room for it.

        Raises NoAccessError.
        """
        refused = 0
        while (answer := self.send(method, path, body)).status == 429:
            self.make_room(answer, refused)
            refused += 1
        if answer.status in (401, 403):
            raise NoAccessError(f"{method} {path} was answered {answer.status}")
        return answer

    def make_room(self, answer, refused):
        """Wait as long as a 429 asks for, and twice as long each time."""
        told = int(answer.retry_after) if answer.retry_after.isdigit() else 0
        usual = min(TOO_MANY_PAUSE * 2**refused, LONGEST_PAUSE)
        self.pause(max(told * self.scale, usual))  # what the platform tells is real time

    def send(self, method, path, body=None):
        """What one call is answered, whatever that is."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data=data, headers=self.headers, method=method)
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:
                return Answer(answer.status, answer.read())
        except HTTPError as wrong:
            with wrong:
                return Answer(wrong.code, wrong.read(), wrong.headers.get("Retry-After") or "")
        except (OSError, HTTPException):
            return Answer(0)

    def insist(self, call, is_done):
        """Make a call until it works, or *is_done* tells that nothing is left to do.

        An answer that says no, or none at all, may hide that it was done: so look, then repeat.
        Raises NotDoneError.
        """
        for seconds in PAUSES:
            answer = call()
            if answer.ok or is_done():
                return
            self.pause(seconds)
        raise NotDoneError(f"answered {answer.status}")

    def order(self, order_id):
        """The order as it is now, None when there is none.

        Raises NotDoneError.
        """
        for seconds in PAUSES:
            answer = self.call("GET", orders(order_id))
            if answer.ok and isinstance(answer.json, dict):
                return answer.json
            if answer.status == 404:
                return None
            self.pause(seconds)
        raise NotDoneError(f"order {order_id} cannot be read: {answer.status}")

    def listed(self, *statuses):
        """Ids of orders in these statuses, the oldest first; for catching up, not for polling."""
        for page in range(1, LIST_PAGES + 1):
            query = f"f_status={','.join(statuses)}&orderBy=creationDate,asc"
            found = self.call("GET", f"{orders()}?{query}&per_page={LIST_PAGE}&page={page}").json
            if not isinstance(found, dict):
                return
            yield from (row["orderId"] for row in found["list"])
            if page >= found["paging"]["pages"]:
                return


def orders(*parts):
    """Path of the orders, or of something of one of them."""
    return "/".join(("/api/oms/pvt/orders", *(quote(part, safe="") for part in parts)))
