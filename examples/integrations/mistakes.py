"""What the broken integrations have in common: a table of them, by the mistake that each makes."""

import re
from dataclasses import dataclass

from erp import Erp
from orders_api import NotDoneError, OrdersApi


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    ``example`` is the correct integration it is made in, ``breaks`` are exactly the rules by which
    it is caught, ``scenario`` is where it shows. Without rules it shows by what is not reached.
    """

    example: str
    says: str
    breaks: tuple
    scenario: str
    worker: type


MISTAKES = {}


def mistake(code, says, *breaks, scenario, example="erp"):
    """Put a class into the table; it says in its first words what the integration does wrong."""

    def keep(worker):
        MISTAKES[code] = Mistake(example, says, breaks, scenario, worker)
        return worker

    return keep


QUIET = ("payment-approved", "window-to-cancel")


class ByEvent(Erp):
    """Goes by what an event says; the first two of an order say nothing that is to be done."""

    def handle(self, event):
        if event["state"] in QUIET:
            return True
        return super().handle(event)


class OneTry(OrdersApi):
    """Does not try again by itself."""

    def insist(self, call, is_done):
        answer = call()
        if not answer.ok:
            raise NotDoneError(f"answered {answer.status}")


class Blind(OrdersApi):
    """Tries again without having looked."""

    def insist(self, call, is_done):
        return super().insist(call, lambda: False)


def digits(text):
    return re.sub(r"\D", "", text)
