"""Rules on seller authorisation, the grace period and order replacement.

Source: domain fact sheet "Conformance rules", section A.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    CANC,
    COMPLETE,
    CREATE,
    MARKETPLACE,
    SELLER,
    Rule,
    breach,
    overstays,
    setting,
    span,
    tolerance,
    unprepared,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

_AUTHORIZE = frozenset({"authorize-fulfillment"})
_READY = frozenset({"ready-for-handling"})
_WAITS = (
    "waiting-ffmt-authorization",
    "waiting-for-manual-authorization",
    "waiting-for-fulfillment",
)
_TIMED = ("waiting-for-fulfillment", "authorize-fulfillment", "waiting-ffmt-authorization")
_AFTER_WINDOW = CANC | {"ready-for-handling", "replaced"}
_AFTER_MANUAL = frozenset({"authorize-fulfillment", "waiting-ffmt-authorization", "cancel"})
_NOT_REPLACEABLE = CREATE | {
    "invoice",
    "invoiced",
    "request-cancel",
    "cancellation-requested",
    "cancel",
    "canceled",
}


def _seller_waits(record: Record) -> Outcome:
    expected = "the seller waits for the marketplace's authorisation first"
    return unprepared(record, _AUTHORIZE, _WAITS, expected)


def _window_in_place(record: Record) -> Outcome:
    path = record.path
    for stay in record.visits.get("window-to-cancel", ()):
        if path[stay - 1] != "authorize-fulfillment" if stay else record.whole:
            return (breach(record, stay, "window-to-cancel follows authorize-fulfillment"),)
        if stay + 1 < len(path) and path[stay + 1] not in _AFTER_WINDOW:
            expected = "window-to-cancel leads to ready-for-handling or a cancellation"
            return (breach(record, stay + 1, expected),)
    expected = "ready-for-handling comes after window-to-cancel"
    return unprepared(record, _READY, ("window-to-cancel",), expected)


def _window_length(record: Record) -> Outcome:
    visits, path = record.visits.get("window-to-cancel"), record.path
    if visits is None:
        return ()
    ended = [k for k in visits if k + 1 < len(path) and path[k + 1] == "ready-for-handling"]
    if not ended:
        return ()
    window = setting(record, "cancellation_window")
    if window is None:
        return Missing("the setting cancellation_window")
    least = window - tolerance(record)
    found: list[Finding] = []
    for stay in ended:
        spent = record.spent(stay)
        if spent is not None and spent < least:
            seen = f"the cancellation window was left after {span(spent)}"
            expected = f"it stays open for {span(window)}"
            found.append(Finding(record.step_of(stay + 1), seen, expected))
    return tuple(found)


def _replaceable(record: Record) -> Outcome:
    visits = record.visits.get("replaced")
    if visits is None:
        return ()
    return tuple(
        breach(record, stay, f"an order in {record.path[stay - 1] or 'null'} is not replaced")
        for stay in visits
        if stay and record.path[stay - 1] in _NOT_REPLACEABLE
    )


def _authorization_timeout(record: Record) -> Outcome:
    path = record.path
    stays = [
        stay
        for status in _TIMED
        for stay in record.visits.get(status, ())
        if stay + 1 == len(path) or path[stay + 1] not in CANC
    ]
    if not stays:
        return ()
    expected = "without the marketplace's authorisation the order is cancelled by then"
    return overstays(record, stays, "marketplace_authorization", expected)


def _divergence_decided(record: Record) -> Outcome:
    visits, path = record.visits.get("waiting-for-manual-authorization"), record.path
    if visits is None:
        return ()
    return tuple(
        breach(record, stay + 1, "a person authorises or rejects the diverging price")
        for stay in visits
        if stay + 1 < len(path) and path[stay + 1] not in _AFTER_MANUAL
    )


RULES = (
    Rule(
        id="A-27",
        title="the seller waits for the marketplace",
        severity="warning",
        families=SELLER,
        statement="A waiting status comes before authorize-fulfillment.",
        source=("diag-sel", "hc-flow"),
        explanation="The seller order was authorised without ever waiting for the marketplace. "
        "The seller may be preparing an order nobody has paid for. Usual cause: the waiting "
        "step is missing from the record, or the connector authorises on placement.",
        check=_seller_waits,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-29",
        title="cancellation window before handling",
        severity="error",
        families=SELLER | COMPLETE,
        statement="window-to-cancel directly follows authorize-fulfillment, leads to "
        "ready-for-handling or a cancellation (complete: or replaced), and comes before "
        "ready-for-handling.",
        source=("diag-sel", "diag-cpl"),
        explanation="The time in which the shopper may cancel alone was skipped or lies in the "
        "wrong place. A shopper who cancels inside the promised time would find the order in "
        "handling. Usual cause: the window's timer was bypassed by a direct call.",
        check=_window_in_place,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-30",
        title="the window lasts as configured",
        severity="warning",
        families=SELLER | COMPLETE,
        statement="window-to-cancel lasts at least cancellation_window, less the tolerance, "
        "unless the order is cancelled or replaced in it.",
        source=("hc-grace", "hc-flow", "ki-656815"),
        explanation="The order left the cancellation window too early, so shoppers had less "
        "time to cancel than they were promised. Usual cause: the setting was changed, or "
        "the timer counts from another moment.",
        check=_window_length,
        folds=("A-83",),
    ),
    Rule(
        id="A-31",
        title="no replacement after invoice or cancellation",
        severity="error",
        families=MARKETPLACE | COMPLETE,
        statement="replaced is not entered from creation, invoice, invoiced, request-cancel, "
        "cancellation-requested, cancel or canceled.",
        source=("hc-replace",),
        explanation="An order was replaced when it was too late for that: it is being invoiced "
        "or cancelled. The shopper may receive and pay both orders. Usual cause: the offer to "
        "replace was shown from a stale copy of the order.",
        check=_replaceable,
        folds=("A-04", "A-12", "A-14", "A-15", "A-82"),
    ),
    Rule(
        id="A-32",
        title="unauthorised orders are cancelled",
        severity="warning",
        families=SELLER | COMPLETE,
        statement="An order that stays in waiting-for-fulfillment, authorize-fulfillment or "
        "waiting-ffmt-authorization longer than marketplace_authorization is cancelled.",
        source=("hc-flow", "ki-416936"),
        explanation="The seller order has waited for the marketplace longer than the platform "
        "allows, 30 days, and still stands. It holds stock that nobody will buy. Usual cause: "
        "the time-out did not fire, or the order is stuck in error.",
        check=_authorization_timeout,
        folds=("A-84",),
    ),
    Rule(
        id="A-33",
        title="a person decides on diverging prices",
        severity="error",
        families=SELLER,
        statement="waiting-for-manual-authorization is left only to authorize-fulfillment, "
        "waiting-ffmt-authorization or cancel.",
        source=("dp-em-status", "hc-divergence"),
        explanation="The prices of marketplace and seller differ and a person was to decide, "
        "but the order went elsewhere. It may be sold at a price nobody agreed to. Usual cause: "
        "an integration moved the order on without the decision.",
        check=_divergence_decided,
        folds=("A-04", "A-82"),
    ),
)
