"""An ERP that follows orders by a hook: takes notifications at once, and works them off afterwards.

    ORDERFLOW_URL=… (and the rest as for erp.py) ORDERFLOW_PORT=8090 python hook_receiver.py

A notification that was answered with 200 never comes again, so it is in the books before the
answer goes out; what goes wrong later is repeated from there. What it says is only a hint: the
order is read before anything is done, as with the feed.
"""

import hmac
import os
import secrets
import threading
import time

from books import Books
from erp import FOLLOWED, NO_ACCESS_PAUSE, OPEN
from fulfillment import Fulfillment
from listener import Caller, listen, parsed
from orders_api import NoAccessError, OrdersApi

HOOK = "/api/orders/hook/config"
WATCH = 2 * 60  # seconds after which to see whether the hook is still there
OWN_HEADER = "X-Example-Secret"


class HookReceiver(Fulfillment):
    def __init__(self, api, books, url):
        super().__init__(api, books)
        self.url, self.secret, self.rung = url, secrets.token_hex(16), threading.Event()

    # While the platform waits for an answer

    def told(self, path, headers, body):
        """Answer 200 to whatever the platform says, before anything is done about it."""
        if path != "/hook":
            return super().told(path, headers, body)
        if not hmac.compare_digest((headers.get(OWN_HEADER) or "").encode(), self.secret.encode()):
            return 401, None
        self.take(parsed(body))
        return 200, None

    def take(self, news):
        """Put a notification in the books."""
        ours = {"Account": self.api.account, "Key": self.api.headers["X-VTEX-API-AppKey"]}
        if not isinstance(news.get("OrderId"), str) or news.get("Origin") != ours:
            return  # a ping, or not for us
        event = f"{news.get('State')} {news.get('LastChange')} {news.get('CurrentChange')}"
        if self.books.enter(news["OrderId"], "notification", event):  # it may come twice
            self.books.put_off(news["OrderId"])
            self.rung.set()

    # Afterwards

    def run(self):
        watched = -WATCH
        while True:
            try:
                if time.monotonic() - watched > WATCH / self.api.scale:
                    watched = time.monotonic()
                    self.watch()
                self.look_again()
            except NoAccessError as wrong:
                print(f"asking nobody for a while: {wrong}", flush=True)
                self.api.pause(NO_ACCESS_PAUSE)
            self.rung.wait(1 / self.api.scale)
            self.rung.clear()

    def watch(self):
        """Have a hook: the platform removes one that has nothing to tell for days."""
        known = self.api.call("GET", HOOK)
        if known.status == 404 or (known.ok and self.secret not in known.body.decode()):
            hook = {"url": self.url, "headers": {OWN_HEADER: self.secret}}
            self.api.call("POST", HOOK, {"filter": FOLLOWED, "hook": hook})
            for order_id in self.api.listed(*OPEN):  # what happened while nobody told us
                self.books.put_off(order_id)


def main(receiver=HookReceiver, api=OrdersApi, caller=Caller):
    port = int(os.environ["ORDERFLOW_PORT"])
    url = os.environ.get("ORDERFLOW_HOOK_URL") or f"http://127.0.0.1:{port}/hook"
    worker = receiver(api.from_environment(), Books.from_environment(), url)
    listen(port, worker.told, caller)
    worker.run()


if __name__ == "__main__":
    main()
