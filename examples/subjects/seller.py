"""A small order system of a seller, in memory: a table of steps, and books of what was invoiced.

It knows nothing of HTTP or of JSON lines; ``server.py`` and ``program.py`` put it behind both.
Times are milliseconds of a clock that only moves when it is told to; amounts are cents.
"""

MINUTE = 60_000
DAY = 24 * 60 * MINUTE

# (status, event) -> status it leads to; steps that depend on more are methods of Seller.
STEPS = {
    ("(none)", "place_order"): "order-accepted",
    ("order-accepted", "complete_checkout"): "on-order-completed-ffm",
    ("on-order-completed-ffm", "await_authorization"): "waiting-ffmt-authorization",
    ("on-order-completed-ffm", "price_divergence"): "waiting-for-manual-authorization",
    ("waiting-for-manual-authorization", "approve_divergence"): "waiting-ffmt-authorization",
    ("waiting-for-manual-authorization", "reject_divergence"): "cancel",
    ("waiting-for-manual-authorization", "authorize_manually"): "authorize-fulfillment",
    ("waiting-for-manual-authorization", "seller_cancel"): "cancel",
    ("waiting-ffmt-authorization", "authorize_dispatch"): "authorize-fulfillment",
    ("waiting-ffmt-authorization", "authorize_manually"): "authorize-fulfillment",
    ("waiting-ffmt-authorization", "payment_denied_at_marketplace"): "cancel",
    ("waiting-ffmt-authorization", "request_cancel"): "cancel",
    ("waiting-ffmt-authorization", "seller_cancel"): "cancel",
    ("authorize-fulfillment", "request_cancel"): "cancel",
    ("authorize-fulfillment", "seller_cancel"): "cancel",
    ("window-to-cancel", "request_cancel"): "cancel",
    ("window-to-cancel", "seller_cancel"): "cancel",
    ("ready-for-handling", "start_handling"): "start-handling",
    ("ready-for-handling", "request_cancel"): "cancellation-requested",
    ("ready-for-handling", "seller_cancel"): "cancellation-requested",
    ("start-handling", "begin_preparation"): "handling",
    ("cancellation-requested", "accept_cancel"): "cancel",
    ("cancel", "finish_cancel"): "canceled",
}

# status -> (how long an order may stay, event that happens then, status it leads to)
TIMERS = {
    "window-to-cancel": (30 * MINUTE, "grace_period_over", "ready-for-handling"),
    "waiting-ffmt-authorization": (30 * DAY, "authorization_timeout", "cancel"),
    "authorize-fulfillment": (30 * DAY, "authorization_timeout", "cancel"),
    "cancellation-requested": (30 * DAY, "cancel_request_timeout", "cancel"),
}

# What the shopper is shown; an order that is being canceled keeps what it showed before.
TRIGGERS = {
    "order-accepted": "order.progress.orderConfirmed",
    "on-order-completed-ffm": "order.progress.confirmingOrder",
    "waiting-ffmt-authorization": "order.progress.approvingPayment",
    "waiting-for-manual-authorization": "order.progress.approvingPayment",
    "authorize-fulfillment": "order.progress.handlingShipping",
    "window-to-cancel": "order.progress.handlingShipping",
    "ready-for-handling": "order.progress.handlingShipping",
    "start-handling": "order.progress.handlingShipping",
    "handling": "order.progress.handlingShipping",
    "invoice": "order.progress.handlingShipping",
    "invoice-after-cancellation-deny": "order.progress.handlingShipping",
    "canceled": "",
}


class RefusedError(Exception):
    """The order does not allow it; it is as it was."""


class Seller:
    """One order.

    ``fire`` does what an event says or raises RefusedError, ``advance`` lets time pass, ``status``
    and ``trigger`` tell where the order stands. Wrong sellers (``wrong.py``) change one method.
    """

    def __init__(self, items):
        self.value = sum(item["quantity"] * item["price"] for item in items)
        self.pickup = all(item["channel"] == "pickup-in-point" for item in items)
        self.status, self.shown = "(none)", ""
        self.now = self.entered = 0
        self.invoices = []  # {"number", "value", "accepted", "tracking", "moves", "delivered"}
        self.returned = 0
        self.held = ""  # status in which a cancellation was asked for

    @property
    def invoiced(self):
        return sum(invoice["value"] for invoice in self.invoices)

    @property
    def trigger(self):
        if self.status != "invoiced":
            return self.shown
        if all(invoice["delivered"] for invoice in self.invoices):
            return "order.state.pickedUp" if self.pickup else "order.progress.shipped"
        if self.pickup:
            return "order.state.ready-for-pickup"
        moving = all(invoice["moves"] for invoice in self.invoices)
        return "order.progress.shipping" if moving else "order.progress.delivering"

    def fire(self, event, data):
        """Let an event happen, or raise RefusedError."""
        step = getattr(self, event, None) if event in self.CAREFUL else None
        target = step(data) if step else STEPS.get((self.status, event)) or self.in_time(event)
        if not target:
            raise RefusedError(f"no {event} in {self.status}")
        self.enter(target)

    def enter(self, status):
        if status == self.status:
            return
        if status == "cancellation-requested":
            self.held = self.status
        self.status, self.entered = status, self.now
        self.shown = TRIGGERS.get(status, self.shown)

    def in_time(self, event):
        """Status that an event leads to which only time brings about, if it is over."""
        after, name, target = TIMERS.get(self.status, (0, "", ""))
        return target if name == event and self.now >= self.entered + after else ""

    def advance(self, milliseconds):
        """Let time pass; what is over on the way happens when it is over."""
        until = self.now + milliseconds
        while self.status in TIMERS and self.entered + TIMERS[self.status][0] <= until:
            after, _, target = TIMERS[self.status]
            self.now = max(self.now, self.entered + after)
            self.enter(target)
        self.now = until

    # Steps that depend on the books. Each returns the status it leads to; "" refuses.
    CAREFUL = (
        "confirm_reservation",
        "verify_invoice",
        "add_invoice_partial",
        "add_invoice_full",
        "request_cancel",
        "seller_cancel",
        "cancel_order",
        "deny_cancel",
        "modify_order",
        "update_tracking",
        "add_return_invoice",
    )

    def confirm_reservation(self, data):
        if self.status != "authorize-fulfillment":
            return ""
        return self.status if data.get("stock") == "gone" else "window-to-cancel"

    def waiting(self):
        """An invoice was posted and not yet verified."""
        return any(not invoice["accepted"] for invoice in self.invoices)

    def exceeds(self):
        """More is invoiced than the order is worth."""
        return self.invoiced > self.value

    def post(self, data):
        """Post an invoice."""
        value, number = data["value"], data.get("number") or f"no-{len(self.invoices) + 1}"
        taken = {invoice["number"] for invoice in self.invoices}
        if not isinstance(value, int) or value < 1 or self.waiting() or number in taken:
            raise RefusedError("this invoice cannot be posted")
        blank = {"accepted": False, "tracking": "", "moves": 0, "delivered": False}
        self.invoices.append({"number": number, "value": value, **blank})

    def verify_invoice(self, data):
        if self.status not in ("handling", "invoice-after-cancellation-deny"):
            return ""
        if "value" in data:
            self.post(data)
        if self.waiting() and not self.exceeds():
            return "invoice"
        if "value" in data:
            self.invoices.pop()
        return ""

    def add_invoice_partial(self, data):
        return self.add_invoice(data, full=False, verified="handling")

    def add_invoice_full(self, data):
        if data.get("settlement", "settled") not in ("settled", "refused"):
            return ""
        return self.add_invoice(data, full=True, verified="invoiced")

    def add_invoice(self, data, full, verified):
        """The result of a verification or, while a request waits, an invoice that denies it."""
        if self.status == "invoice" and "value" not in data:
            if (self.invoiced == self.value) != full or self.invoiced > self.value:
                return ""
            for invoice in self.invoices:
                invoice["accepted"] = True
            return verified
        if self.status == "cancellation-requested" and "value" in data:
            self.post(data)
            fits = self.invoiced == self.value if full else self.invoiced < self.value
            if fits:
                return "invoice-after-cancellation-deny"
            self.invoices.pop()
        return ""

    def request_cancel(self, data):
        if self.status == "handling":
            return "" if self.invoices else "cancellation-requested"
        return STEPS.get((self.status, "request_cancel"), "")

    def seller_cancel(self, data):
        if self.status == "handling":
            return self.request_cancel(data)
        return STEPS.get((self.status, "seller_cancel"), "")

    def cancel_order(self, data):
        verified = any(invoice["accepted"] for invoice in self.invoices)
        return "cancel" if self.status == "invoice" and not verified else ""

    def deny_cancel(self, data):
        return self.held if self.status == "cancellation-requested" else ""

    def modify_order(self, data):
        delta = data.get("delta", 0)
        if self.status != "handling" or self.invoices or self.value + delta < 0:
            return ""
        self.value += delta
        return self.status

    def update_tracking(self, data):
        number = data.get("package", 1)
        if self.status != "invoiced" or not 1 <= number <= len(self.invoices):
            return ""
        package = self.invoices[number - 1]
        if data.get("movement") and package["delivered"]:
            return ""
        moves = package["moves"] + bool(data.get("movement"))
        tracking = data.get("number", package["tracking"])
        delivered = data.get("delivered", package["delivered"])
        if (moves or delivered) and not tracking:
            return ""  # a package moves only with a tracking number
        package.update(moves=moves, tracking=tracking, delivered=delivered)
        return self.status

    def add_return_invoice(self, data):
        value = data.get("value", self.invoiced)
        if self.status != "invoiced" or value < 1 or self.returned + value > self.invoiced:
            return ""
        self.returned += value
        return self.status
