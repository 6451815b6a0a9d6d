"""An ERP that follows orders by the feed.

    ORDERFLOW_URL=… ORDERFLOW_ACCOUNT=… ORDERFLOW_APP_KEY=… ORDERFLOW_APP_TOKEN=… python erp.py

It commits an event only when what had to be done is done, or written into its own books: an event
that is committed never comes again, and one that is not comes again by itself.
"""

import os

from books import Books
from fulfillment import Fulfillment
from listener import listen
from orders_api import NoAccessError, OrdersApi

CONFIGURATION = "/api/orders/feed/config"
FOLLOWED = {
    "type": "FromWorkflow",
    "status": [
        "payment-approved",
        "window-to-cancel",
        "ready-for-handling",
        "handling",
        "waiting-for-seller-decision",
        "cancellation-requested",
        "cancel",
        "canceled",
        "invoiced",
    ],
}
QUEUE = {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345600}
OPEN = ("payment-approved", "ready-for-handling", "handling", "invoiced")
POLL, NO_ACCESS_PAUSE = 5, 2 * 60  # seconds


class Erp(Fulfillment):
    def run(self):
        while True:
            try:
                if not self.poll():
                    self.api.pause(POLL)
                self.look_again()
            except NoAccessError as wrong:
                print(f"asking nobody for a while: {wrong}", flush=True)
                self.api.pause(NO_ACCESS_PAUSE)

    def poll(self):
        """Take a few events from the feed; False when there were none."""
        answer = self.api.call("GET", "/api/orders/feed?maxlot=10")
        if answer.status == 404:
            self.follow()
        events = answer.json if answer.ok and isinstance(answer.json, list) else []
        for event in events:
            if self.handle(event):
                self.commit(event["handle"])
        return bool(events)

    def follow(self):
        """Have a feed, and catch up on what happened while there was none."""
        self.api.call("POST", CONFIGURATION, {"filter": FOLLOWED, "queue": QUEUE})
        for order_id in self.api.listed(*OPEN):
            self.books.put_off(order_id)

    def handle(self, event):
        """Do what an event calls for, whatever its state was; False when it must come again."""
        return self.done_with(event["orderId"])

    def commit(self, *handles):
        """Take events out of the feed; one that stays there comes again, which does no harm."""
        self.api.call("POST", "/api/orders/feed", {"handles": handles})


def main(erp=Erp, api=OrdersApi):
    worker = erp(api.from_environment(), Books.from_environment())
    if "ORDERFLOW_PORT" in os.environ:
        listen(int(os.environ["ORDERFLOW_PORT"]), worker.told)
    worker.run()


if __name__ == "__main__":
    main()
