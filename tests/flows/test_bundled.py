"""The four flows say what their sources say: every row, edge, path, guard and decision."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from orderflow.flows.lint import lint
from orderflow.flows.loader import bundled, bundled_names, load_events
from orderflow.flows.model import ABSENT, Flow, Line, Profile, Transition
from orderflow.flows.settings import defaults
from orderflow.flows.statuses import catalogue
from orderflow.flows.vocabulary import ACTORS
from orderflow.simulator.space import Space, search
from tests.flows import sheet

FLOWS = bundled_names()
LEGACY_EDGES = {"dm8", "dc18", "dh8"}
VIEWS = [(flow, profile) for flow in FLOWS for profile in Profile]

every_flow = pytest.mark.parametrize("name", FLOWS)
every_view = pytest.mark.parametrize(("name", "profile"), VIEWS)


def steps(flow: Flow, row: str) -> tuple[Transition, ...]:
    found = tuple(step for step in flow.transitions if step.row == row)
    assert found, f"{flow.name} has no row {row}"
    return found


def step(name: str, transition: str) -> Transition:
    return bundled(name).transition[transition]


def rows(flow: Flow) -> list[str]:
    return list(dict.fromkeys(step.row for step in flow.transitions))


def space(name: str, profile: Profile = Profile.DOCUMENTED, modules: tuple[str, ...] = ()) -> Space:
    return search(bundled(name).view(profile, modules), defaults())


def pairs(flow: Flow) -> set[tuple[str, str]]:
    return {(step.source, step.target) for step in flow.transitions}


# Rows


@every_flow
def test_a_flow_has_the_rows_of_its_table_and_those_we_split_off(name: str) -> None:
    flow = bundled(name)
    expected = f"{sheet.ROWS[name]} {sheet.OWN_ROWS[name]}".split()

    found = rows(flow) + [refusal.row for refusal in flow.refusals]

    assert sorted(found) == sorted(expected)
    assert len(set(expected)) == len(expected)


@every_flow
def test_the_platform_moves_on_by_itself_except_where_somebody_has_to_act(name: str) -> None:
    active = {step.row for step in bundled(name).transitions if not step.automatic}

    assert active == set(sheet.ACTIVE[name].split())


@every_flow
def test_every_row_names_its_sources(name: str) -> None:
    assert [step.id for step in bundled(name).transitions if not step.cites] == []


@every_flow
def test_a_legacy_row_sends_a_denied_request_back_to_the_payment(name: str) -> None:
    # decision D-01
    legacy = [s for s in bundled(name).transitions if s.profiles == {Profile.LEGACY}]

    assert {s.row for s in legacy} == {row for row in rows(bundled(name)) if row.endswith("L")}
    for found in legacy:
        assert (found.event, found.target) == ("deny_cancel", "payment-pending")


# Drawings


@every_flow
def test_the_drawing_is_the_official_one(name: str) -> None:
    diagram = bundled(name).diagram

    found = [(e.id, e.source, e.target, bool(e.label), e.line) for e in diagram]

    assert found == list(sheet.edges(name))


LABELS = {
    "dm1": "Beginning of the order flow",
    "dm4": "Payment denied",
    "dm5": "Cancellation grace period (seen by the seller)",
    "dm6": "Invoice added partially",
    "dm7": "Invoice added successfully",
    "dm8": "Request denied",
    "dm9": "Request accepted",
}


def test_labels_are_those_of_the_drawings() -> None:
    above = {edge.id: edge.label for edge in bundled("marketplace").diagram if edge.label}
    chain = {edge.id: edge.label for edge in bundled("chain").diagram if edge.label}
    others = {e.id: e.label for f in ("seller", "complete") for e in bundled(f).diagram if e.label}

    assert above == LABELS
    assert chain == {id_.replace("dm", "dh"): label for id_, label in LABELS.items()}
    assert others == {
        "ds1": LABELS["dm1"],
        "ds8": LABELS["dm7"],
        "ds9": LABELS["dm6"],
        "dc1": LABELS["dm1"],
        "dc10": LABELS["dm7"],
        "dc11": LABELS["dm6"],
        "dc18": LABELS["dm8"],
    }


@every_flow
def test_every_edge_is_realised_where_its_nodes_stand(name: str) -> None:
    flow = bundled(name)
    for edge in flow.diagram:
        drawn = [step for step in flow.transitions if edge.id in step.drawn]
        sources = {flow.state[s.source].node for s in drawn if s.source != ABSENT}
        targets = {flow.state[s.target].node for s in drawn}

        assert edge.target in targets
        # dc18 leaves a junction of lines, and a status without a node may stand for its neighbour
        assert edge.source in sources or "" in sources or edge.id == "dc18"


@every_view
def test_a_view_realises_its_whole_drawing(name: str, profile: Profile) -> None:
    flow = bundled(name)
    drawn = {edge for step in flow.view(profile).transitions for edge in step.drawn}
    missing = {edge.id for edge in flow.diagram} - drawn

    # observed orders skip waiting-for-authorization, and with it two or three edges
    skipped = {f"{e}{n}" for e in ("dm", "dc", "dh") for n in (1, 2)} | {"dm11", "dh11"}
    allowed = {
        Profile.DOCUMENTED: LEGACY_EDGES,
        Profile.OBSERVED: LEGACY_EDGES | skipped,
        Profile.LEGACY: set(),
    }

    assert missing == allowed[profile] & {edge.id for edge in flow.diagram}


def test_the_denial_that_leads_back_to_the_payment_is_legacy_only() -> None:
    every_step = [step for name in FLOWS for step in bundled(name).transitions]

    drawing = [step for step in every_step if LEGACY_EDGES & set(step.drawn)]

    assert [step.id for step in drawing] == ["M16L", "C21L", "H14L"]
    assert {step.profiles for step in drawing} == {frozenset({Profile.LEGACY})}


@every_flow
def test_steps_draw_known_edges_only(name: str) -> None:
    flow = bundled(name)
    known = {edge.id for edge in flow.diagram}

    assert {edge for step in flow.transitions for edge in step.drawn} <= known


# Paths and ends


@pytest.mark.parametrize(("name", "profile"), sheet.HAPPY_PATHS)
def test_the_happy_path_is_the_canonical_one(name: str, profile: str) -> None:
    view = bundled(name).view(Profile(profile))

    assert view.happy_path == tuple(sheet.HAPPY_PATHS[name, profile].split())


@every_flow
def test_the_legacy_happy_path_is_the_documented_one(name: str) -> None:
    flow = bundled(name)

    assert flow.view(Profile.LEGACY).happy_path == flow.view(Profile.DOCUMENTED).happy_path


@every_view
def test_the_happy_path_can_be_walked(name: str, profile: Profile) -> None:
    view = bundled(name).view(profile)

    assert set(pairwise((ABSENT, *view.happy_path))) <= pairs(view)


@every_flow
def test_the_sale_ends_invoiced_or_canceled(name: str) -> None:
    flow = bundled(name)

    assert flow.success == ("invoiced",)
    assert flow.failure == ("canceled",)
    assert flow.closed == (("replaced",) if name in {"marketplace", "complete"} else ())


@every_flow
def test_nothing_leads_out_of_a_final_status(name: str) -> None:
    flow = bundled(name)

    assert {t for s, t in pairs(flow) if s in flow.final and t != s} == set()


def test_orders_begin_where_their_flow_does() -> None:
    assert {name: bundled(name).initial for name in FLOWS} == {
        "marketplace": "order-created",
        "seller": "order-accepted",
        "complete": "order-created",
        "chain": "order-created",
    }


@every_flow
def test_an_order_of_any_view_can_always_end(name: str) -> None:
    for profile in Profile:
        found = space(name, profile)
        back: dict[int, set[int]] = {}
        for edge in found.edges:
            back.setdefault(edge.target, set()).add(edge.source)
        ended = {n for n, o in enumerate(found.orders) if o.status in bundled(name).final}
        waiting = list(ended)
        while waiting:
            new = back.get(waiting.pop(), set()) - ended
            ended |= new
            waiting.extend(new)

        assert ended == set(range(len(found.orders)))


# Guards

GUARDS = {
    "M08": "invoice_posted not_over_invoiced",
    "M09": "invoiced_partially",
    "M10": "invoiced_fully settled",
    "M11": "settlement_refused",
    "M13": "no_output_invoice",
    "M15": "seller_past_window",
    "M15p": "seller_inside_window",
    "M16": "seller_past_window",
    "M16L": "",
    "M20": "no_accepted_invoice",
    "M21": "change_seller_possible no_output_invoice",
    "M22": "change_seller_impossible no_output_invoice",
    "M23": "paid",
    "M28": "replacement_on",
    "M29": "callback_failed",
    "S06": "stock_reserved",
    "S06x": "stock_gone",
    "S08": "",
    "S10": "invoice_posted not_over_invoiced",
    "S11": "invoiced_partially",
    "S12": "invoiced_fully",
    "S15": "",
    "S16": "",
    "S17": "no_output_invoice",
    "S19": "",
    "S20": "invoice_posted invoiced_fully",
    "S20p": "invoice_posted invoiced_partially",
    "S22": "no_accepted_invoice",
    "S28": "no_output_invoice",
    "S29": "trackable",
    "S30": "returns_within_invoiced",
    "C09": "stock_reserved",
    "C13": "invoice_posted not_over_invoiced",
    "C14": "invoiced_partially",
    "C15": "invoiced_fully settled",
    "C18": "no_output_invoice",
    "C23": "no_accepted_invoice",
    "H07": "invoice_posted not_over_invoiced",
    "H08": "invoiced_partially",
    "H09": "invoiced_fully",
    "H13": "seller_past_window",
    "H13p": "seller_inside_window",
    "H14": "paid",
    "H14w": "seller_past_window",
    "H15i": "no_accepted_invoice",
}
FLOW_OF = {"M": "marketplace", "S": "seller", "C": "complete", "H": "chain"}


@pytest.mark.parametrize("row", GUARDS)
def test_a_row_is_guarded_as_its_table_says(row: str) -> None:
    guards = {step.when for step in steps(bundled(FLOW_OF[row[0]]), row)}

    assert guards == {tuple(GUARDS[row].split())}


STEPS = {
    "S08": ("ready-for-handling", "start_handling", "start-handling"),
    "S10": ("handling", "verify_invoice", "invoice"),
    "S11": ("invoice", "add_invoice_partial", "handling"),
    "S12": ("invoice", "add_invoice_full", "invoiced"),
    "S15": ("window-to-cancel", "request_cancel", "cancel"),
    "M10": ("invoice", "add_invoice_full", "invoiced"),
    "M16": ("waiting-for-seller-decision", "deny_cancel", "payment-approved"),
    "M20": ("invoice", "cancel_order", "cancel"),
    "C15": ("invoice", "add_invoice_full", "invoiced"),
    "C17": ("window-to-cancel", "request_cancel", "cancel"),
    "H05": ("payment-pending", "authorize_mkt_order", "payment-approved"),
    "H06o": ("waiting-for-mkt-authorization", "authorize_mkt_order", "waiting-seller-handling"),
}


@pytest.mark.parametrize("row", STEPS)
def test_a_row_leads_where_its_table_says(row: str) -> None:
    (found,) = steps(bundled(FLOW_OF[row[0]]), row)

    assert (found.source, found.event, found.target) == STEPS[row]


def test_handling_can_start_in_one_status_only() -> None:
    for name in ("seller", "complete"):
        starts = {s.source for s in bundled(name).transitions if s.event == "start_handling"}

        assert starts == {"ready-for-handling"}


# Cancellation

ASKING = {"request_cancel", "cancel_order", "seller_cancel", "modify_order", "replace_order"}


@every_flow
def test_nothing_can_be_asked_of_an_order_in_a_starred_status(name: str) -> None:
    # decision D-05: support alone, and only while no invoice was accepted
    flow = bundled(name)
    starred = {state.name for state in flow.states if state.starred}

    asked = [s for s in flow.transitions if s.source in starred and s.event in ASKING]

    assert [(s.source, s.event, s.actors, s.when) for s in asked] == [
        ("invoice", "cancel_order", ("support",), ("no_accepted_invoice",))
    ]


@every_flow
def test_starred_statuses_are_those_of_the_status_table(name: str) -> None:
    found = {state.name: state.starred for state in bundled(name).states}

    assert found == {status: catalogue().statuses[status].starred for status in found}


@pytest.mark.parametrize(("name", "row"), [("seller", "S19"), ("complete", "C21")])
def test_a_denial_leads_back_to_the_status_held_before(name: str, row: str) -> None:
    flow = bundled(name)
    found = space(name)

    targets = {(s.held, s.target) for s in steps(flow, row)}
    taken = [e for s in steps(flow, row) for e in found.by_transition[s.id]]
    asked = [found.orders[edge.source].open_request for edge in taken]
    after = [found.orders[edge.target].status for edge in taken]

    assert targets == {(held, held) for held in ("ready-for-handling", "handling")}
    assert [request.held for request in asked if request] == after
    assert set(after) == {"ready-for-handling", "handling"}


def test_a_denial_above_the_seller_leads_to_the_approved_payment() -> None:
    # decision D-01
    for name in ("marketplace", "chain"):
        for profile in (Profile.DOCUMENTED, Profile.OBSERVED):
            view = bundled(name).view(profile)

            denials = {s.target for s in view.transitions if s.event == "deny_cancel"}

            assert denials == {"payment-approved"}


def test_inside_the_window_nobody_is_asked_and_later_the_seller_is() -> None:
    for row in ("M15", "H13"):
        flow = bundled(FLOW_OF[row[0]])
        (asked,), (unasked,) = steps(flow, row), steps(flow, f"{row}p")

        assert (asked.actors, asked.automatic) == (("seller",), False)
        assert (unasked.actors, unasked.automatic) == (("platform",), True)
        assert asked.source == unasked.source == "waiting-for-seller-decision"
        assert asked.target == unasked.target == "cancel"


def test_requests_have_the_name_of_their_flow() -> None:
    # decisions D-12, D-14 and D-16
    waiting = {"marketplace", "complete", "chain"}
    for name in FLOWS:
        states = set(bundled(name).state)

        assert ({"request-cancel", "waiting-for-seller-decision"} <= states) == (name in waiting)
        assert ("cancellation-requested" in states) == (name == "seller")


def test_cancellations_that_are_not_drawn_are_allowed() -> None:
    # decisions D-06 and D-08
    assert ("payment-approved", "request-cancel") in pairs(bundled("marketplace"))
    assert ("ready-for-handling", "cancellation-requested") in pairs(bundled("seller"))
    assert not step("marketplace", "M13").drawn
    assert not step("seller", "S16").drawn


def test_an_invoice_answers_a_request_by_way_of_its_own_status() -> None:
    # decision D-11
    for name, asked in (
        ("seller", "cancellation-requested"),
        ("complete", "waiting-for-seller-decision"),
    ):
        found = pairs(bundled(name))

        assert (asked, "invoice-after-cancellation-deny") in found
        assert ("invoice-after-cancellation-deny", "invoice") in found
        assert (asked, "invoice") not in found


# Invoices


@pytest.mark.parametrize(
    ("name", "profile", "target"),
    [
        ("marketplace", "documented", "payment-approved"),
        ("marketplace", "observed", "payment-approved"),
        ("seller", "documented", "handling"),
        ("seller", "observed", "handling"),
        ("complete", "documented", "handling"),
        ("complete", "observed", "handling"),
        ("chain", "documented", "payment-approved"),
        ("chain", "observed", "waiting-seller-handling"),
    ],
)
def test_a_partial_invoice_leads_back(name: str, profile: str, target: str) -> None:
    # decisions D-09 and D-13
    view = bundled(name).view(Profile(profile))

    found = [s.target for s in view.leaving["invoice", "add_invoice_partial"]]

    assert found == [target]


@every_flow
def test_an_invoiced_order_keeps_its_status(name: str) -> None:
    # decision D-19
    kept = {s.event for s in bundled(name).transitions if s.source == "invoiced"}

    assert kept == {"update_tracking", "add_return_invoice"}


# Chain


def test_a_chain_order_refuses_handling_and_modification() -> None:
    chain = bundled("chain")

    refused = [(r.row, r.event, r.code, r.http) for r in chain.refusals]

    assert refused == [
        ("H16", "start_handling", "OMS003", 400),
        ("H17", "modify_order", "CHK0095", 400),
    ]
    assert not {s.event for s in chain.transitions} & {"start_handling", "modify_order"}
    assert [name for name in FLOWS if bundled(name).refusals] == ["chain"]


def test_the_marketplace_and_not_a_gateway_pays_a_chain_order() -> None:
    actors = {actor for step in bundled("chain").transitions for actor in step.actors}

    assert "gateway" not in actors
    assert step("chain", "H05").actors == step("chain", "H10").actors == ("marketplace",)


# Profiles and modules


@pytest.mark.parametrize("name", ["marketplace", "complete", "chain"])
def test_observed_orders_skip_the_seller_s_confirmation(name: str) -> None:
    # decision D-04
    seen, told = (bundled(name).view(p) for p in (Profile.OBSERVED, Profile.DOCUMENTED))

    assert "waiting-for-authorization" not in seen.state
    assert ("on-order-completed", "payment-pending") in pairs(seen)
    assert ("on-order-completed", "payment-pending") not in pairs(told)
    assert ("on-order-completed", "waiting-for-authorization") in pairs(told)


def test_an_observed_seller_order_begins_completed() -> None:
    # decision D-02
    seen = bundled("seller").view(Profile.OBSERVED)

    assert "order-accepted" not in seen.state
    assert [s.target for s in seen.transitions if s.creates] == ["on-order-completed-ffm"]


def test_an_observed_chain_order_waits_above_and_below() -> None:
    # decision D-13
    seen, told = (bundled("chain").view(p) for p in (Profile.OBSERVED, Profile.DOCUMENTED))
    waits = {"waiting-for-mkt-authorization", "waiting-seller-handling"}

    assert waits <= set(seen.state)
    assert not waits & set(told.state)
    assert {
        ("payment-pending", "waiting-for-mkt-authorization"),
        ("waiting-for-mkt-authorization", "waiting-seller-handling"),
        ("waiting-seller-handling", "invoice"),
    } <= pairs(seen)


def test_approval_is_one_step_on_paper_and_two_in_records() -> None:
    for name in ("marketplace", "complete"):
        for profile, direct in ((Profile.DOCUMENTED, True), (Profile.OBSERVED, False)):
            found = pairs(bundled(name).view(profile))

            assert (("payment-pending", "payment-approved") in found) == direct
            assert ("payment-pending", "approve-payment") in found


MODULES: dict[str, dict[str, set[str]]] = {
    "marketplace": {
        "change-payment": {"window-to-change-payment"},
        "picking": {"ready-for-invoicing"},
    },
    "seller": {"wms": {"waiting-for-fulfillment"}, "picking": {"ready-for-invoicing"}},
    "complete": {"picking": {"ready-for-invoicing"}},
    "chain": {},
}
"""Optional modules and the statuses that come with them (decision D-21)."""


@every_flow
def test_modules_are_off_unless_asked_for(name: str) -> None:
    flow = bundled(name)
    optional = {state.name for state in flow.states if state.module}
    modules = {flow.state[name].module for name in optional}
    modules |= {step.module for step in flow.transitions if step.module}

    assert modules == set(MODULES[name])
    for profile in Profile:
        assert not optional & set(flow.view(profile).state)
        assert not [step for step in flow.view(profile).transitions if step.module]
        for module, statuses in MODULES[name].items():
            assert statuses <= set(flow.view(profile, (module,)).state)


def test_a_status_whose_entry_no_source_tells_is_entered_by_no_step() -> None:
    entered = {}
    for name in FLOWS:
        flow = bundled(name)
        silent = {state.name for state in flow.states if state.entry == "undocumented"}
        entered[name] = silent
        assert not {s.target for s in flow.transitions if s.target != s.source} & silent

    assert entered == {
        "marketplace": {"window-to-change-payment", "ready-for-invoicing"},
        "seller": {"waiting-for-fulfillment"},
        "complete": set(),
        "chain": set(),
    }


# Waits, timers, decisions


@every_flow
def test_a_status_says_for_whom_it_waits(name: str) -> None:
    states = bundled(name).states

    assert {s.name: s.waits_for for s in states if s.waits_for} == sheet.WAITS[name]


@every_flow
def test_timers_are_those_of_the_tables(name: str) -> None:
    flow = bundled(name)

    assert {f"{t.state} {t.after} {t.fires}" for t in flow.timers} == sheet.TIMERS[name]
    for timer in flow.timers:
        fired = {s.actors for s in flow.leaving[timer.state, timer.fires]}
        assert ("timer",) in fired


@pytest.mark.parametrize("number", [f"D-{n:02}" for n in range(1, 27)])
def test_a_decision_is_cited_where_it_bites(number: str) -> None:
    cited = {s.row for n in FLOWS for s in bundled(n).transitions if number in s.decisions}

    assert cited == set(sheet.DECISIONS.get(number, "").split())


@every_flow
def test_the_note_of_a_status_cites_the_decisions_about_it(name: str) -> None:
    notes = {s.name: set(re.findall(r"D-\d\d", s.note)) for s in bundled(name).states}

    assert {k: found for k, found in notes.items() if found} == sheet.STATUS_DECISIONS[name]


def test_decisions_cited_nowhere_are_not_about_statuses_and_steps() -> None:
    cited = set(sheet.DECISIONS)
    for statuses in sheet.STATUS_DECISIONS.values():
        cited |= {number for numbers in statuses.values() for number in numbers}

    # order of two calls, body of a call, and the meaning of a line (in a comment of each file)
    assert {f"D-{n:02}" for n in range(1, 27)} - cited == {"D-18", "D-25", "D-26"}


# Vocabulary


@every_flow
def test_every_event_is_in_the_vocabulary_with_its_actors(name: str) -> None:
    events = load_events()
    for found in bundled(name).transitions:
        assert set(found.actors) <= set(events[found.event].actors), found.id


def test_the_vocabulary_holds_no_event_and_no_actor_that_no_flow_uses() -> None:
    used: dict[str, set[str]] = {}
    for name in FLOWS:
        for found in bundled(name).transitions:
            used.setdefault(found.event, set()).update(found.actors)

    assert used == {name: set(kind.actors) for name, kind in load_events().items()}


@every_flow
def test_every_status_is_in_the_catalogue(name: str) -> None:
    flow = bundled(name)
    ends = {status for pair in pairs(flow) for status in pair} - {ABSENT}

    assert ends <= set(flow.state) <= set(catalogue().statuses)


# Whole flows


@every_flow
def test_a_bundled_flow_has_no_lint(name: str) -> None:
    assert lint(bundled(name)) == ()


@every_view
def test_every_step_of_a_view_can_be_taken(name: str, profile: Profile) -> None:
    found = space(name, profile)

    assert set(found.by_transition) == {step.id for step in found.plan.flow.transitions}


@every_flow
def test_with_all_modules_only_undocumented_entries_keep_steps_out_of_reach(name: str) -> None:
    flow = bundled(name)
    silent = {state.name for state in flow.states if state.entry}
    found = space(name, modules=tuple(MODULES[name]))

    missed = {s.source for s in found.plan.flow.transitions if s.id not in found.by_transition}

    assert missed <= silent


# The sheet itself, where it lies beside the checkout


def read_sheet() -> str:
    if not sheet.SHEET.is_file():
        pytest.skip("the fact sheet on order flows does not lie beside this checkout")
    return sheet.SHEET.read_text("utf-8")


def family(row: sheet.SheetRow) -> list[Transition]:
    """Return the steps of the row and of those split off from rows of its number."""
    own = sheet.OWN_ROWS[row.flow].split()
    number = row.id[:3]
    ids = {row.id, *(id_ for id_ in own if id_[:3] == number)}
    return [step for step in bundled(row.flow).transitions if step.row in ids]


def exact(row: sheet.SheetRow) -> list[Transition]:
    return [step for step in bundled(row.flow).transitions if step.row == row.id]


SOURCE, EVENT, TARGET, ACTOR, MOVES, DRAWN, CITED = 1, 2, 3, 4, 6, 7, 8
REFUSED = {"H16", "H17"}
WORDS = {"ERP": "seller", "store": "seller"} | {actor: actor for actor in ACTORS}
OTHER_ACTORS = {
    "M15": {"seller"},  # the platform has row M15p
    "M20": {"support"},  # decision D-05
    "M29": {"timer"},  # the platform has rows M29n, M29g and M29c
    "C30": {"seller", "carrier"},  # as S29, which the row refers to
}


def sheet_rows() -> list[sheet.SheetRow]:
    return [row for row in sheet.read_tables(read_sheet(), "2") if row.id not in REFUSED]


def test_the_sheet_s_rows_are_those_of_the_flows() -> None:
    found: dict[str, list[str]] = {name: [] for name in FLOWS}
    for row in sheet.read_tables(read_sheet(), "2"):
        found[row.flow].append(row.id)

    assert {name: sorted(ids) for name, ids in found.items()} == {
        name: sorted(ids.split()) for name, ids in sheet.ROWS.items()
    }


def test_steps_are_those_of_the_sheet_s_rows() -> None:
    for row in sheet_rows():
        ours, own = family(row), exact(row)
        sources, events, targets = row.words(SOURCE), row.words(EVENT), row.words(TARGET)
        if row.cells[SOURCE].startswith("any "):
            sources = set()
        if row.id == "M29":
            targets -= {"canceled"}  # named as what follows cancel, by row M18
        assert sources <= {s.source for s in ours}, row.id
        assert events <= {s.event for s in ours}, row.id
        assert targets <= {s.target for s in ours}, row.id
        assert {s.source for s in own} <= sources or not sources, row.id
        assert {s.event for s in own} <= (events or {"modify_order"}), row.id
        assert {s.target for s in own} <= targets or not targets, row.id


def test_who_moves_the_order_agrees_with_the_sheet() -> None:
    for row in sheet_rows():
        told = re.sub(
            r"\(same store\)|platform (?=timer)|via checkout|, not the .*", "", row.cells[ACTOR]
        )
        actors = {WORDS[word] for word in re.findall(r"\w+", told) if word in WORDS}
        moves = {s.automatic for s in exact(row)}

        assert {a for s in exact(row) for a in s.actors} == OTHER_ACTORS.get(row.id, actors), row.id
        if row.cells[MOVES] in {"A", "X"}:
            assert moves == {row.cells[MOVES] == "A"}, row.id
        elif row.cells[MOVES].startswith("A inside"):
            assert {s.automatic for s in family(row)} == {True, False}, row.id


def test_sources_and_decisions_agree_with_the_sheet() -> None:
    for row in sheet_rows():
        cell = re.sub(r"\([^)]*\)", "", row.cells[CITED])
        keys = set(re.findall(r"`([^`]+)`", cell))
        numbers = set(re.findall(r"D-\d\d", row.cells[CITED]))

        assert keys <= {cite for s in family(row) for cite in s.cites}, row.id
        assert numbers <= {d for s in family(row) for d in s.decisions}, row.id


def test_edges_of_the_sheet_s_rows_are_drawn_by_them_in_their_line() -> None:
    for row in sheet_rows():
        lines = {edge.id: edge.line for edge in bundled(row.flow).diagram}
        edges = set(re.findall(r"\bd[mhsc]\d+", row.cells[DRAWN]))

        assert edges <= {edge for s in family(row) for edge in s.drawn}, row.id
        assert {edge for s in exact(row) for edge in s.drawn} <= edges, row.id
        assert {lines[edge] for edge in edges} <= {sheet.LINES.get(row.cells[DRAWN][0])}, row.id


def test_edges_are_those_of_the_sheet_s_drawings() -> None:
    found: dict[str, list[tuple[str, str, str, Line]]] = {}
    for row in sheet.read_tables(read_sheet(), "1"):
        edge, source, target, _, line = row.cells
        nodes = [node.removesuffix(" (dark diamond)") for node in (source, target)]
        nodes = [node.partition(" (where")[0] for node in nodes]
        found.setdefault(row.flow, []).append((edge, nodes[0], nodes[1], sheet.LINES[line]))

    for name, drawing in found.items():
        ours = [(e.id, e.source, e.target, e.line) for e in bundled(name).diagram]
        assert ours == drawing
    # section 5.1 draws the chain as the marketplace
    assert set(found) == set(FLOWS) - {"chain"}


def test_happy_paths_are_those_of_the_sheet() -> None:
    text = read_sheet()
    section = text.partition("## 9. ")[2]
    for name in FLOWS:
        line = re.search(rf"^\| {name} \|(.*)\|(.*)\|$", section, re.MULTILINE)
        assert line is not None
        for profile, cell in zip(("documented", "observed"), line.groups(), strict=True):
            told = re.findall(r"`([^`]+)`", cell)
            assert tuple(told) == bundled(name).view(Profile(profile)).happy_path
