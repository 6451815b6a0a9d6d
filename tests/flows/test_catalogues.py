"""The catalogues hold everything the sources name, once, and nothing else."""

import pickle
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import orderflow.flows.settings
from orderflow.flows.deal import SAME, Cause, Link, Towards
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.loader import bundled, bundled_names, parse_yaml
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.settings import SettingError, defaults, load_settings
from orderflow.flows.statuses import Alias, Status, Unknown, catalogue, resolve
from orderflow.flows.timeline import document
from orderflow.flows.vocabulary import ACTORS
from tests.flows.sheet import SHEET

FOLDER = Path(orderflow.flows.settings.__file__).parent


def read(name: str) -> dict[str, Any]:
    text = (FOLDER / name).read_text("utf-8")
    return cast("dict[str, Any]", parse_yaml(text, source=name).data)


def statuses_where(claim: str) -> set[str]:
    return {name for name, status in catalogue().statuses.items() if getattr(status, claim)}


# Statuses. Source: domain fact sheets "Order flows", section 1, and "Timers", T-52.

FEED_STRINGS = """
    order-created on-order-completed on-order-completed-ffm payment-pending
    waiting-for-order-authorization approve-payment payment-approved request-cancel
    waiting-for-seller-decision waiting-ffmt-authorization waiting-for-authorization
    waiting-for-manual-authorization authorize-fulfillment order-create-error
    order-creation-error window-to-cancel window-to-change-seller waiting-for-mkt-authorization
    waiting-seller-handling ready-for-handling start-handling handling
    invoice-after-cancellation-deny order-accepted invoice invoiced replaced
    cancellation-requested cancel canceled
"""
FEED_LIST = set(FEED_STRINGS.split())
FEED_ONLY = """
    waiting-for-order-authorization approve-payment waiting-for-seller-decision
    order-create-error order-creation-error invoice-after-cancellation-deny replaced
"""
TABLE_ONLY = "window-to-change-payment waiting-for-fulfillment ready-for-invoicing"

STATES = {
    "marketplace": """null order-created on-order-completed waiting-for-authorization
        payment-pending approve-payment payment-approved invoice invoiced request-cancel
        waiting-for-seller-decision cancel canceled window-to-change-seller
        window-to-change-payment ready-for-invoicing replaced order-create-error
        order-creation-error""",
    "seller": """order-accepted on-order-completed-ffm waiting-ffmt-authorization
        waiting-for-manual-authorization waiting-for-fulfillment authorize-fulfillment
        window-to-cancel ready-for-handling start-handling handling ready-for-invoicing invoice
        invoiced cancellation-requested invoice-after-cancellation-deny cancel canceled""",
    "complete": """null order-created on-order-completed waiting-for-authorization
        payment-pending approve-payment payment-approved authorize-fulfillment window-to-cancel
        ready-for-handling start-handling handling ready-for-invoicing invoice invoiced
        request-cancel waiting-for-seller-decision cancel canceled
        invoice-after-cancellation-deny replaced""",
    "chain": """null order-created on-order-completed waiting-for-authorization payment-pending
        waiting-for-mkt-authorization payment-approved waiting-seller-handling invoice invoiced
        request-cancel waiting-for-seller-decision cancel canceled""",
}


def test_the_status_table_has_33_rows() -> None:
    in_table = statuses_where("in_status_table")
    further = sum(len(status.further) for status in catalogue().statuses.values())

    assert len(in_table - {"null"}) == 26
    assert "null" in in_table
    assert len(catalogue().statuses["invoiced"].further) == further == 2
    assert len(catalogue().rows_without_string) == 4
    assert len(in_table) + further + len(catalogue().rows_without_string) == 33


def test_the_feed_offers_30_strings() -> None:
    assert statuses_where("in_feed_list") == FEED_LIST
    assert len(FEED_LIST) == 30


def test_table_and_feed_list_differ_in_seven_and_three() -> None:
    in_table = statuses_where("in_status_table") - {"null"}

    assert FEED_LIST - in_table == set(FEED_ONLY.split())
    assert in_table - FEED_LIST == set(TABLE_ONLY.split())


def test_four_statuses_are_starred() -> None:
    assert statuses_where("starred") == {"order-created", "cancel", "invoice", "start-handling"}


def test_marketplace_and_seller_wait_for_the_decision_under_their_own_names() -> None:
    # decision D-16
    statuses = catalogue().statuses

    assert "marketplace" in statuses["waiting-for-seller-decision"].viewed_by
    assert "seller" not in statuses["waiting-for-seller-decision"].viewed_by
    assert statuses["cancellation-requested"].viewed_by == ("seller",)


@pytest.mark.parametrize("flow", STATES)
def test_every_status_of_the_state_tables_is_in_the_catalogue(flow: str) -> None:
    assert set(STATES[flow].split()) <= set(catalogue().statuses)


@pytest.mark.parametrize("flow", bundled_names())
def test_every_status_of_the_flow_files_is_in_the_catalogue(flow: str) -> None:
    assert set(bundled(flow).state) - {ABSENT} <= set(catalogue().statuses)


def test_rows_and_aliases_mean_statuses_of_the_catalogue() -> None:
    for row in catalogue().rows_without_string:
        assert row.means in catalogue().statuses
    for alias in catalogue().aliases.values():
        assert set(alias.means) <= set(catalogue().statuses)
        assert bool(alias.means) == (alias.kind != "pseudo")


def test_every_status_is_told_in_one_line_with_its_sources() -> None:
    for status in catalogue().statuses.values():
        assert status.behaviour.endswith(".")
        assert "\n" not in status.behaviour
        assert status.sources
        assert set(status.viewed_by) <= set(bundled_names())


def test_every_status_has_a_place_in_the_timeline_and_the_reverse() -> None:
    data = cast("dict[str, Any]", document().data)

    assert set(data["statuses"]) == set(catalogue().statuses)
    assert {name for members in data["sets"].values() for name in members} <= set(data["statuses"])


@pytest.mark.parametrize(
    ("text", "kind", "means"),
    [
        ("cancelation-request", "misspelling", ("cancellation-requested", "request-cancel")),
        ("waiting-for-sellers-confirmation", "alias", ("waiting-for-authorization",)),
        ("canceling", "alias", ("cancel",)),
        ("ready-for-invoice", "misspelling", ("ready-for-invoicing",)),
        ("cancellation-request-denied", "pseudo", ()),
        ("cancellation-request-denied-ffm", "pseudo", ()),
        ("detail.state.null", "alias", ("null",)),
        ("end", "pseudo", ()),
        ("authorize-fullfilment", "misspelling", ("authorize-fulfillment",)),
        ("", "alias", ("null",)),
    ],
)
def test_strings_that_are_no_status_are_told_apart(
    text: str, kind: str, means: tuple[str, ...]
) -> None:
    found = resolve(text)

    assert isinstance(found, Alias)
    assert (found.kind, found.means) == (kind, means)


def test_no_status_at_all_resolves_to_null() -> None:
    assert resolve(None) == catalogue().statuses["null"]


@given(st.text())
def test_any_text_resolves(text: str) -> None:
    found = resolve(text)

    assert isinstance(found, Status | Alias | Unknown)


def test_an_unknown_string_names_the_nearest_status() -> None:
    assert resolve("ready-for-handeling") == Unknown("ready-for-handeling", "ready-for-handling")


# Settings. Source: domain fact sheet "Timers, limits and numbers", section 1 and R-4.

IDS = [*(f"T-{number:02}" for number in range(1, 19)), "T-15a"]

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DURATIONS = {
    "cancellation_window": 30 * MINUTE,
    "marketplace_authorization": 30 * DAY,
    "seller_answer": 30 * DAY,
    "change_seller_window": 2 * DAY,
    "gateway_callback": 5 * MINUTE,
    "replacement_reuse": 2 * DAY,
    "incomplete_reservation": 11 * DAY,
    "reservation_due_sunday_to_tuesday": 4 * DAY,
    "reservation_due_wednesday_to_friday": 5 * DAY,
    "reservation_due_saturday": 6 * DAY,
    "bank_slip_polling": 30 * MINUTE,
    "seller_event_gap": 800,
    "stuck_approve_payment": HOUR,
    "stuck_payment_pending": 7 * DAY,
    "stuck_start_handling": HOUR,
    "stuck_invoice": DAY,
    "stuck_cancel": DAY,
    "message_delay": 1_000,
    "deal_delay": HOUR,
}

WITHOUT_VALUE = """
    handling_start order_replacement price_divergence_answer marketplace_reservation
    automatic_settlement change_payment_window
"""


def test_every_timer_of_the_fact_sheet_is_a_setting() -> None:
    ids = Counter(setting.id for setting in load_settings().values())

    assert set(ids) == {*IDS, "R-3", "R-4", "D-19"}
    assert {name: ids[name] for name in ids if ids[name] > 1} == {"T-15": 2, "R-3": 2, "R-4": 5}


def test_defaults_are_those_of_the_sources() -> None:
    others = {"bank_slip_attempts": 336, "anti_fraud_attempts": 24}
    switch = {"allow_cancel_after_return": False}

    assert dict(defaults()) == DURATIONS | others | switch | dict.fromkeys(WITHOUT_VALUE.split())


def test_the_change_seller_window_is_bounded() -> None:
    window = load_settings()["change_seller_window"]

    assert (window.minimum, window.maximum, window.unit) == (0, 30, "days")


def test_limits_without_a_source_are_marked_as_decisions() -> None:
    ours = {name for name, s in load_settings().items() if s.source == ("sandbox decision",)}

    assert ours == {name for name in DURATIONS if name.startswith(("stuck_", "message_", "deal_"))}


@pytest.mark.parametrize("name", load_settings())
def test_every_default_can_be_given_again(name: str) -> None:
    setting = load_settings()[name]
    if setting.default is None:
        assert not setting.accepts(None)
    else:
        assert defaults().override({name: setting.default}) == defaults()


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.none())
@example(10**400)
@example(float("nan"))
@example(30.0)
def test_an_override_stays_within_the_range(given_value: Any) -> None:
    if load_settings()["change_seller_window"].accepts(given_value):
        changed = defaults().override({"change_seller_window": given_value})
        assert 0 <= changed.milliseconds("change_seller_window") <= 30 * DAY
    else:
        with pytest.raises(SettingError, match="0 to 30 days"):
            defaults().override({"change_seller_window": given_value})


@pytest.mark.parametrize("name", load_settings())
@pytest.mark.parametrize(
    "absurd", [10**400, float("inf"), 1e308, float("nan"), -1, 1e-300, "1", None]
)
def test_no_setting_takes_an_absurd_value(name: str, absurd: Any) -> None:
    setting = load_settings()[name]
    counts, may_be_zero = setting.unit == "attempts", setting.minimum == 0

    assert not setting.accepts(absurd) or (counts and absurd > 1) or (may_be_zero and absurd < 1)


def test_an_override_changes_nothing_else_and_not_the_original() -> None:
    before = dict(defaults())

    changed = defaults().override({"seller_answer": 0.5, "allow_cancel_after_return": True})

    assert dict(defaults()) == before
    assert dict(changed) == before | {
        "seller_answer": 43_200_000,
        "allow_cancel_after_return": True,
    }
    assert hash(changed) != hash(defaults())
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301 - our own bytes


def test_all_bad_overrides_are_told_at_once_with_what_would_do() -> None:
    wrong: Mapping[str, Any] = {
        "cancelation_window": 3,
        "change_seller_window": 31,
        "seller_answer": 0,
        "handling_start": 3,
        "bank_slip_attempts": 2.5,
        "allow_cancel_after_return": 1,
        "stuck_cancel": True,
    }

    with pytest.raises(SettingError) as caught:
        defaults().override(wrong)

    assert caught.value.problems == (
        "there is no setting 'cancelation_window'; did you mean 'cancellation_window'?",
        "'change_seller_window' cannot be 31; allowed: 0 to 30 days (T-04)",
        "'seller_answer' cannot be 0; allowed: more than 0, to 36525 days (T-03)",
        "'handling_start' cannot be 3; allowed: nothing: it is not a length of time (T-06)",
        "'bank_slip_attempts' cannot be 2.5; allowed: more than 0 attempts (T-15)",
        "'allow_cancel_after_return' cannot be 1; allowed: true or false (D-19)",
        "'stuck_cancel' cannot be True; allowed: more than 0, to 36525 days (R-4)",
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cancelation_window", "did you mean 'cancellation_window'"),
        ("xyzzy", r"no setting 'xyzzy'; orderflow/flows/settings.yaml lists all"),
        ("handling_start", "gives no length of time"),
        ("automatic_settlement", "gives no length of time"),
        ("bank_slip_attempts", "gives no length of time"),
    ],
)
def test_a_length_of_time_is_asked_of_durations_only(name: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        defaults().milliseconds(name)


# Links. Source: domain fact sheet "Order flows", section 7.

NEWS = """
    L01 marketplace place_order > seller place_order
    L02 marketplace place_order > chain place_order
    L02 chain place_order > seller place_order
    L03 seller place_order > marketplace seller_confirmed
    L04 marketplace payment_approved > seller authorize_dispatch
    L05 marketplace payment_approved > chain authorize_mkt_order
    L06 chain authorize_mkt_order > seller authorize_dispatch
    L07 marketplace deny_payment > seller payment_denied_at_marketplace
    L07 marketplace deny_payment > chain deny_payment
    L08 marketplace request_cancel > seller request_cancel
    L08 seller request_cancel > marketplace accept_cancel
    L09 marketplace request_cancel > seller request_cancel
    L09 seller request_cancel > marketplace notify_seller
    L10 seller accept_cancel > marketplace accept_cancel
    L11 seller deny_cancel > marketplace deny_cancel
    L12 seller add_invoice_full > marketplace deny_cancel
    L12 seller add_invoice_partial > marketplace deny_cancel
    L13 seller seller_cancel > marketplace seller_cancel
    L14 marketplace change_seller > seller request_cancel
    L14 marketplace change_seller > seller place_order
    L15 seller add_invoice_partial > marketplace verify_invoice
    L16 seller add_invoice_full > marketplace verify_invoice
    L17 marketplace settlement_failed > nobody
    L18 seller update_tracking > marketplace update_tracking
    L18 seller update_tracking > chain update_tracking
    L18 chain update_tracking > marketplace update_tracking
    L19 seller add_invoice_full > outside
    L20 seller accept_cancel > outside
    L20 seller seller_cancel > outside
    L20 seller authorization_timeout > outside
    L21 seller modify_order > marketplace modify_order
    L22 seller authorize_dispatch > nobody
    L22 seller confirm_reservation > nobody
    L22 seller grace_period_over > nobody
    L22 seller start_handling > nobody
    L22 seller begin_preparation > nobody
"""
"""What the sheet says of each row: an event in one flow, and what it makes happen in another."""

DEAL = bundled_deal("marketplace-seller")
ROWS = [f"L{number:02}" for number in range(1, 23)]


def makers(cause: Cause) -> tuple[Transition, ...]:
    """The transitions that make the news of *cause*, whatever data they come with."""
    choice = next(iter(cause.choices), "")
    steps = bundled(cause.family).transitions
    return tuple(step for step in steps if cause.fits(cause.family, step, choice))


def effects(link: Link) -> Iterator[str]:
    """What *link* makes happen to whom, in words; its direction when nobody hears of it."""
    if not link.notice:
        yield link.towards
        return
    for family, hearings in DEAL.notices[link.notice].heard.items():
        if link.to in {"", family}:
            yield from (f"{family} {told.event}" for each in hearings for told in each.do)


def news(row: str) -> set[str]:
    return {
        f"{row} {cause.family} {step.event} > {effect}"
        for link in DEAL.links
        if row in link.rows
        for cause in link.causes
        for step in makers(cause)
        for effect in effects(link)
    }


def test_every_row_of_the_sheet_is_a_link() -> None:
    rows = {row for link in DEAL.links for row in link.rows}

    assert sorted(rows) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_what_the_sheet_says_of_a_row_happens(row: str) -> None:
    told = {line.strip() for line in NEWS.splitlines() if line.strip().startswith(row)}

    assert told
    assert told <= news(row)


def test_a_link_that_stands_for_no_row_is_a_sandbox_decision() -> None:
    assert {link.id for link in DEAL.links if not link.rows} == {
        link.id for link in DEAL.links if "sandbox decision" in link.decisions and not link.rows
    }


@pytest.mark.parametrize("link", DEAL.links, ids=lambda link: link.id)
def test_every_cause_of_a_link_can_happen(link: Link) -> None:
    assert link.sources
    assert link.says.endswith(".")
    for cause in link.causes:
        happening = makers(cause)
        assert {step.event for step in happening} >= set(cause.events)
        assert {step.source for step in happening} >= set(cause.sources)
        assert {step.target for step in happening} >= set(cause.targets)


@pytest.mark.parametrize("name", DEAL.notices)
def test_what_news_makes_happen_can_happen_wherever_it_is_heard(name: str) -> None:
    notice = DEAL.notices[name]

    assert notice.says.endswith(".")
    for family, hearings in notice.heard.items():
        leaving = bundled(family).leaving
        for hearing in hearings:
            for status in hearing.statuses if hearing.do else ():
                first = hearing.do[0].event
                assert first == SAME or (status, first) in leaving, (family, status)
        assert notice.waits[family] <= {ABSENT, *bundled(family).state}


def test_every_piece_of_news_is_sent_or_given_as_an_answer() -> None:
    sent = {link.notice for link in DEAL.links}
    answers = {
        name
        for notice in DEAL.notices.values()
        for hearings in notice.heard.values()
        for hearing in hearings
        for name in (hearing.answer, hearing.refused)
    }

    assert set(DEAL.notices) <= sent | answers


def test_only_a_failed_settlement_and_the_seller_s_progress_are_told_to_nobody() -> None:
    untold = {link.id: link.rows for link in DEAL.links if link.towards is Towards.NOBODY}

    assert untold == {"capture-refused": ("L17",), "seller-progress": ("L22",)}
    assert {link.rows for link in DEAL.links if link.towards is Towards.OUTSIDE} == {
        ("L19",),
        ("L20",),
    }


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_the_calls_and_sources_of_the_sheet(row: str) -> None:
    if not SHEET.is_file():
        pytest.skip("the fact sheet on order flows does not lie beside this checkout")
    (line,) = (ln for ln in SHEET.read_text("utf-8").splitlines() if ln.startswith(f"| {row} |"))
    calls, sources = (re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[4:6])
    links = [link for link in DEAL.links if row in link.rows]

    carriers = {carrier for link in links for carrier in link.carrier}
    for call in calls:
        path = call.removeprefix("POST ").replace("{host}", "").replace("...", "")
        end = path.replace("PUT ", "").partition("?")[0]
        assert any(plain(carrier).endswith(plain(end)) for carrier in carriers), call
    assert set(sources) <= {source for link in links for source in link.sources}


def plain(call: str) -> str:
    """A call without the names of what it is about, and without the tracking of an invoice."""
    return re.sub(r"{(?!base|marketplaceServ)[^}]*}", "{}", call)


# Events. Source: domain fact sheet "Order flows", sections 0.3 and 2 to 5.

EVENTS = {
    "source": """approve_payment payment_approved deny_payment start_handling add_invoice_partial
        add_invoice_full request_cancel accept_cancel deny_cancel seller_cancel create_error
        replace_order""",
    "derived": """place_order authorize_dispatch authorize_mkt_order change_seller update_tracking
        cancel_order""",
    "invented": """complete_checkout open_flow seller_confirmed authorize_manually
        confirm_reservation grace_period_over begin_preparation verify_invoice notify_seller
        finish_cancel change_seller_timeout authorization_timeout cancel_request_timeout
        price_divergence approve_divergence reject_divergence settlement_failed
        add_return_invoice await_authorization await_mkt_authorization picking_packing_done
        payment_denied_at_marketplace change_payment""",
    "sandbox": "modify_order",
}

ACTORS_OF = {
    "place_order": {"shopper", "marketplace"},
    "seller_confirmed": {"seller", "platform"},
    "payment_approved": {"platform", "gateway"},
    "authorize_manually": {"seller"},
    "verify_invoice": {"platform"},
    "deny_payment": {"gateway", "marketplace"},
    "authorize_dispatch": {"marketplace", "platform"},
    "add_invoice_partial": {"platform", "seller"},
    "add_invoice_full": {"platform", "seller"},
    "request_cancel": {"shopper", "marketplace", "seller"},
    "accept_cancel": {"seller", "platform"},
    "cancel_order": {"shopper", "marketplace", "seller", "support", "platform"},
    "update_tracking": {"seller", "carrier"},
    "settlement_failed": {"gateway"},
    "picking_packing_done": {"picking"},
    "modify_order": {"marketplace", "seller"},
}
TIMED = """
    grace_period_over change_seller_timeout authorization_timeout cancel_request_timeout
"""


def events() -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", read("events.yaml")["events"])


def test_every_event_is_there_with_its_mark() -> None:
    marks = {name: mark for mark, names in EVENTS.items() for name in names.split()}

    assert {name: row["mark"] for name, row in events().items()} == marks
    assert len(marks) == 42


def test_events_are_told_and_fired_by_known_actors() -> None:
    for row in events().values():
        assert set(row) - {"endpoints"} == {"mark", "meaning", "actors"}
        assert row["meaning"].endswith(".")
        assert row["actors"]
        assert set(row["actors"]) <= set(ACTORS)


@pytest.mark.parametrize("event", ACTORS_OF)
def test_an_event_has_the_actors_of_the_transition_tables(event: str) -> None:
    assert set(events()[event]["actors"]) == ACTORS_OF[event]


def test_the_end_of_a_time_limit_is_fired_by_the_timer_alone() -> None:
    assert [events()[name]["actors"] for name in TIMED.split()] == [["timer"]] * 4


@pytest.mark.parametrize("flow", bundled_names())
def test_no_flow_file_lets_anybody_else_fire_an_event(flow: str) -> None:
    for step in bundled(flow).transitions:
        assert set(step.actors) <= set(events()[step.event]["actors"]), step.id


@pytest.mark.parametrize("flow", bundled_names())
def test_every_timer_of_a_flow_file_has_a_length(flow: str) -> None:
    for timer in bundled(flow).timers:
        assert defaults().milliseconds(timer.after) > 0
