"""Ten sellers that are wrong, each in one thing: planted, to see whether tests find it."""

from seller import RefusedError, Seller


class HandlesTooEarly(Seller):
    """start-handling is accepted while the shopper can still cancel alone."""

    def fire(self, event, data):
        if event == "start_handling" and self.status == "window-to-cancel":
            self.enter("start-handling")
        else:
            super().fire(event, data)


class CancelsInvoiced(Seller):
    """An order that is invoiced can still be canceled."""

    def request_cancel(self, data):
        return "cancel" if self.status == "invoiced" else super().request_cancel(data)


class MovesOnRefusal(Seller):
    """A cancellation asked for while an invoice is verified is refused, and carried out."""

    def request_cancel(self, data):
        if self.status == "invoice":
            self.enter("cancel")
            raise RefusedError("an invoice is being verified")
        return super().request_cancel(data)


class LosesTheStart(Seller):
    """start-handling is accepted and forgotten."""

    def fire(self, event, data):
        if event != "start_handling" or self.status != "ready-for-handling":
            super().fire(event, data)


class DeniesToReady(Seller):
    """A denied cancellation leads to ready-for-handling, wherever the order was before."""

    def deny_cancel(self, data):
        return super().deny_cancel(data) and "ready-for-handling"


class ClosesOnPartial(Seller):
    """The first partial invoice closes the order."""

    def add_invoice_partial(self, data):
        target = super().add_invoice_partial(data)
        return "invoiced" if target == "handling" else target


class NeverDenies(Seller):
    """A cancellation request cannot be denied."""

    def deny_cancel(self, data):
        return ""


class EndlessGracePeriod(Seller):
    """The time in which the shopper can cancel alone never ends."""

    def advance(self, milliseconds):
        if self.status == "window-to-cancel":
            self.now += milliseconds
        else:
            super().advance(milliseconds)


class ShowsTheWrongStage(Seller):
    """The shopper is told of the carrier as soon as the order is being prepared."""

    @property
    def trigger(self):
        return "order.progress.delivering" if self.status == "handling" else super().trigger


class InvoicesTooMuch(Seller):
    """Each invoice is checked by itself, so that two can exceed what the order is worth."""

    def exceeds(self):
        return self.invoices[-1]["value"] > self.value


WRONG = {
    "handles-too-early": HandlesTooEarly,
    "cancels-invoiced": CancelsInvoiced,
    "moves-on-refusal": MovesOnRefusal,
    "loses-the-start": LosesTheStart,
    "denies-to-ready": DeniesToReady,
    "closes-on-partial": ClosesOnPartial,
    "never-denies": NeverDenies,
    "endless-grace-period": EndlessGracePeriod,
    "shows-the-wrong-stage": ShowsTheWrongStage,
    "invoices-too-much": InvoicesTooMuch,
}


def seller_named(name):
    """The wrong seller of that name; the right one for none."""
    return WRONG[name] if name else Seller
