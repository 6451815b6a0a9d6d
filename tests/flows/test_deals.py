"""A deal file says which documents a sale has and what they tell each other, and every mistake in
it is told with its place and with what would have worked.

Whatever the text, the answer is deals or a FlowFileError.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orderflow.flows import deal_loops, deal_schema
from orderflow.flows.deal import Deal, Hearing, Need, Told, Towards
from orderflow.flows.deal_loader import (
    UnknownDealError,
    bundled_deal,
    bundled_deal_names,
    find_deal,
    load_deals,
    parse_deals,
)
from orderflow.flows.deal_loops import endless
from orderflow.flows.errors import FlowFileError, OrderflowError, Problem
from orderflow.flows.loader import bundled, load_yaml
from orderflow.simulator.choices import every_choice

FOLDER = Path(deal_schema.__file__).parent
BUNDLED = [bundled_deal(name) for name in bundled_deal_names()]

SALE = """\
deals:
  sale:
    title: Sale
    participants:
      market: {flow: marketplace}
      seller: {flow: seller, below: market}
"""
BOUNCE = """\
notices:
  moved:
    says: It moved.
    heard:
      seller: [{in: invoiced, do: "update_tracking:relayed"}]
links:
  - id: back-to-seller
    says: The seller hears where its own package is.
    cause: {flow: marketplace, event: update_tracking}
    notice: moved
    towards: below
"""


def deal_of(text: str) -> Deal:
    (deal,) = parse_deals(text)
    return deal


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(FlowFileError) as caught:
        parse_deals(text, source="sale.yaml", choices_of=every_choice)
    return caught.value.problems


def split_mark(text: str) -> tuple[str, tuple[int, int]]:
    """Take out the ¶ before what is wrong; return the text and the line and column of the rest."""
    before, mark, after = text.partition("¶")
    assert mark
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


# What comes with orderflow


def test_there_are_five_deals_whose_names_are_in_the_order_of_the_file() -> None:
    assert bundled_deal_names() == (
        "marketplace-seller",
        "marketplace-chain-seller",
        "complete",
        "split-order",
        "seller-change",
    )


@pytest.mark.parametrize("deal", BUNDLED, ids=lambda deal: deal.name)
def test_a_bundled_deal_has_the_bundled_flows_and_all_links(deal: Deal) -> None:
    links = load_yaml(FOLDER / "links.yaml").data

    assert isinstance(links, dict)
    assert [each.flow for each in deal.participants] == [
        bundled(each.flow.name) for each in deal.participants
    ]
    assert len(deal.links) == len(links["links"] or ())  # type: ignore[arg-type]  # a list
    assert set(deal.notices) == set(links["notices"] or ())  # type: ignore[arg-type]  # a mapping
    assert deal.source == "orderflow/flows/deals.yaml"
    assert len(deal.digest) == 16


@pytest.mark.parametrize("deal", BUNDLED, ids=lambda deal: deal.name)
def test_no_news_of_a_bundled_deal_goes_on_for_ever(deal: Deal) -> None:
    assert endless(deal) == ()


def test_the_bundled_deals_name_no_data_that_an_event_cannot_come_with() -> None:
    text = (FOLDER / "deals.yaml").read_text("utf-8")

    deals = parse_deals(text, choices_of=every_choice)

    assert [deal.participants for deal in deals] == [deal.participants for deal in BUNDLED]


def test_a_row_becomes_the_value_it_describes() -> None:
    deal = bundled_deal("marketplace-chain-seller")
    links = {link.id: link for link in deal.links}
    out = deal.notices["out"].heard["marketplace"]

    assert deal.names == ("market", "chain", "seller")
    assert deal.participant["seller"].below == "chain"
    assert links["order-placed"].to == "seller"
    assert links["order-placed"].delay == "message_delay"
    assert links["group-paid"].delay == ""
    assert links["package-news"].at_most == 1
    assert links["package-news"].echo
    assert links["cancel-requested"].answer is not None
    assert links["cancel-requested"].answer.within == "seller_answer"
    assert links["capture-refused"].towards is Towards.NOBODY
    assert "order-created" in deal.notices["out"].waits["marketplace"]
    assert out[-1] == Hearing(("waiting-for-seller-decision",), (Told("accept_cancel"),))
    assert [hearing.needs for hearing in out if hearing.needs] == [Need.ANOTHER_SELLER]
    assert {"M20", "M25", "S28"} <= set(deal.without)
    assert "H15" in deal.told["chain"]


def test_only_one_deal_is_of_one_document() -> None:
    assert [deal.name for deal in BUNDLED if deal.instant] == ["complete"]


def test_who_counts_as_actor_does_so_only_for_events_that_it_can_fire() -> None:
    heard = bundled_deal("marketplace-seller").notices["deciding"].heard["marketplace"]

    (hearing,) = (each for each in heard if each.statuses == ("payment-approved",))

    assert hearing.do == (Told("request_cancel", "", "seller"), Told("notify_seller", "past"))


# A file of one's own


def test_a_file_needs_nothing_but_deals() -> None:
    deal = deal_of(SALE)

    assert (deal.name, deal.title, deal.mailbox, deal.instant) == ("sale", "Sale", 6, False)
    assert deal.names == ("market", "seller")
    assert deal.links == BUNDLED[0].links
    assert deal.notices == BUNDLED[0].notices


def test_a_file_adds_to_the_bundled_links_and_replaces_and_removes_them() -> None:
    deal = deal_of(
        SALE
        + """\
    without: {M12: not here}
    mailbox: 2
    instant: true
remove_links: [package-news]
without: {M13: neither}
told: {seller: [place_order]}
notices:
  accepted: {says: Yes., heard: {marketplace: {in}}}
  hello: {says: Hello., heard: {marketplace: [{in: invoiced, answer: accepted}]}}
links:
  - {id: order-accepted, says: s, cause: {flow: seller}, notice: hello, towards: above, delay: none}
  - {id: more, says: s, cause: {flow: seller, status: invoiced}, towards: nobody, sources: own}
""".replace("{in}", "[{in: waiting-for-authorization, do: seller_confirmed}]")
    )
    before = [link.id for link in BUNDLED[0].links]
    ids = [link.id for link in deal.links]

    assert ids == [each for each in before if each != "package-news"] + ["more"]
    assert deal.links[ids.index("order-accepted")].notice == "hello"
    assert deal.links[ids.index("order-accepted")].delay == ""
    assert deal.links[-1].sources == ("own",)
    assert set(deal.notices) == {*BUNDLED[0].notices, "hello"}
    assert deal.notices["accepted"].waits == {"marketplace": frozenset()}
    assert deal.told == {**BUNDLED[0].told, "seller": frozenset({"place_order"})}
    assert deal.without == {**BUNDLED[0].without, "M13": "neither", "M12": "not here"}
    assert (deal.mailbox, deal.instant) == (2, True)


def test_a_flow_of_one_s_own_lies_beside_the_deal_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("flow: mine\nextends: seller\n", "utf-8")
    path = tmp_path / "sale.yaml"
    path.write_text(SALE.replace("flow: seller", "flow: mine.yaml"), "utf-8")

    (deal,) = load_deals(path)

    assert deal.participant["seller"].flow.name == "mine"
    assert deal.participant["seller"].family == "seller"
    assert deal.source == str(path)


def test_a_flow_with_mistakes_is_told_with_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("flow: mine\nextends: seler\n", "utf-8")
    path = tmp_path / "sale.yaml"
    path.write_text(SALE.replace("flow: seller", "flow: mine.yaml"), "utf-8")

    with pytest.raises(FlowFileError) as caught:
        load_deals(path)

    assert [problem.check for problem in caught.value.problems] == ["unknown-base", "broken-flow"]
    assert str(caught.value).startswith(f"{tmp_path / 'mine.yaml'}:2:10: no bundled flow 'seler'")


def test_the_digest_changes_with_the_text_and_not_with_the_line_ends() -> None:
    assert deal_of(SALE).digest == deal_of(SALE.replace("\n", "\r\n")).digest
    assert deal_of(SALE).digest != deal_of(SALE + "# more\n").digest


def test_the_digest_changes_with_a_flow(tmp_path: Path) -> None:
    flow, path = tmp_path / "mine.yaml", tmp_path / "sale.yaml"
    path.write_text(SALE.replace("flow: seller", "flow: mine.yaml"), "utf-8")
    digests = set()
    for title in ("one", "two"):
        flow.write_text(f"flow: mine\nextends: seller\ntitle: {title}\n", "utf-8")
        digests.add(load_deals(path)[0].digest)

    assert len(digests) == 2


TWO = SALE + SALE.removeprefix("deals:\n").replace("sale:", "return:")


def test_a_deal_is_found_by_name_by_path_and_by_path_and_name(tmp_path: Path) -> None:
    one, two, odd = tmp_path / "one.yaml", tmp_path / "two.yml", tmp_path / "odd"
    one.write_text(SALE, "utf-8")
    two.write_text(TWO, "utf-8")
    odd.write_text(SALE, "utf-8")

    assert find_deal("complete") is bundled_deal("complete")
    assert find_deal(str(one)).name == "sale"
    assert find_deal(f"{one}:sale").name == "sale"
    assert find_deal(f"{two}:return").name == "return"
    assert find_deal(str(odd)).name == find_deal(f"{odd}:sale").name == "sale"


def test_a_deal_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(TWO, "utf-8")

    with pytest.raises(UnknownDealError, match="did you mean 'seller-change'"):
        find_deal("seler-change")
    with pytest.raises(UnknownDealError, match="There are: marketplace-seller, "):
        bundled_deal("xyzzy")
    with pytest.raises(UnknownDealError, match=r"several deals; name one: .*:sale, .*:return"):
        find_deal(str(path))
    with pytest.raises(UnknownDealError, match=r"did you mean '.*two.yaml:return'"):
        find_deal(f"{path}:retourn")
    with pytest.raises(FlowFileError, match="no such file"):
        find_deal(str(tmp_path / "none.yaml"))


# Mistakes


def notice(heard: str, more: str = "") -> str:
    return f"{SALE}notices:\n  n:\n    says: s\n    heard:\n      {heard}\n{more}"


def link(rest: str, mark: str = "") -> str:
    return f"{SALE}links:\n  - {mark}{{id: mine, says: s, {rest}}}\n"


def cast(*rows: str) -> str:
    return "deals:\n  d:\n    title: D\n    participants:\n" + "".join(
        f"      {row}\n" for row in rows
    )


M, S = "m: {flow: marketplace}", "s: {flow: seller, below: m}"
T = "t: {flow: seller, below: m, joins: change_seller}"
MANY = [f"s{number}: {{flow: seller, below: m}}" for number in range(8)]
OUT = "notice: out, towards: above"

WRONG = {
    "unknown flow": (
        SALE.replace("flow: marketplace", "flow: ¶marketplce"),
        "unknown-flow",
        "no bundled flow 'marketplce'; did you mean 'marketplace'?",
    ),
    "flow file that is not there": (
        SALE.replace("flow: marketplace", "flow: ¶mine.yaml"),
        "unknown-flow",
        "'mine.yaml' is a path, and this text lies in no folder to start from",
    ),
    "event of a cause": (
        link(f"cause: {{flow: seller, event: ¶start_handeling}}, {OUT}"),
        "unknown-seller-event",
        "unknown seller event 'start_handeling'; did you mean 'start_handling'?",
    ),
    "status of a cause": (
        link(f"cause: [{{flow: seller}}, {{flow: seller, in: [handling, ¶handlinge]}}], {OUT}"),
        "unknown-seller-status",
        "did you mean 'handling'?",
    ),
    "arrival of a cause": (
        link(f"cause: {{flow: seller, status: ¶(none)}}, {OUT}"),
        "unknown-seller-status",
        "unknown seller status '(none)'",
    ),
    "cause that cannot be": (
        link(f"cause: ¶{{flow: seller, event: start_handling, in: handling}}, {OUT}"),
        "never-happens",
        "no step of the seller flow fits this",
    ),
    "flow of a cause": (
        link(f"cause: {{flow: ¶seler}}, {OUT}"),
        "unknown-flow",
        "did you mean 'seller'?",
    ),
    "data of a cause": (
        link(f"cause: {{flow: chain, event: notify_seller, with: ¶pst}}, {OUT}"),
        "unknown-choice",
        "unknown choice 'pst'; did you mean 'past'?",
    ),
    "receiving flow": (
        link("cause: {flow: marketplace}, notice: out, towards: below, to: ¶chian"),
        "unknown-flow",
        "did you mean 'chain'?",
    ),
    "notice of a link": (
        link("cause: {flow: seller}, notice: ¶axcepted, towards: above"),
        "unknown-notice",
        "did you mean 'accepted'?",
    ),
    "no notice": (
        link("cause: {flow: seller}, towards: above", "¶"),
        "missing-key",
        "'notice' is missing",
    ),
    "notice to nobody": (
        link("cause: {flow: seller}, notice: ¶out, towards: nobody"),
        "unheard",
        "leave `notice` out",
    ),
    "towards": (
        link("cause: {flow: seller}, notice: out, towards: ¶abovve"),
        "unknown-towards",
        "'towards': 'abovve' is none of its words; did you mean 'above'?",
    ),
    "relays": (
        link(f"cause: {{flow: seller}}, {OUT}, relays: ¶invoices"),
        "unknown-relays",
        "did you mean 'invoice'?",
    ),
    "delay": (
        link(f"cause: {{flow: seller}}, {OUT}, delay: ¶mesage_delay"),
        "unknown-setting",
        "did you mean 'message_delay'?",
    ),
    "delay that is no time": (
        link(f"cause: {{flow: seller}}, {OUT}, delay: ¶bank_slip_attempts"),
        "unknown-setting",
        "unknown setting 'bank_slip_attempts'",
    ),
    "limit of an answer": (
        link(f"cause: {{flow: seller}}, {OUT}, answer: {{in: cancel, within: ¶seler_answer}}"),
        "unknown-setting",
        "did you mean 'seller_answer'?",
    ),
    "status of an answer": (
        link(f"cause: {{flow: seller}}, {OUT}, answer: {{in: ¶canccel, within: seller_answer}}"),
        "unknown-status",
        "did you mean 'cancel'?",
    ),
    "two links of one id": (
        link(f"cause: {{flow: seller}}, {OUT}")
        + f"  - {{id: ¶mine, says: s, cause: {{flow: seller}}, {OUT}}}\n",
        "duplicate-id",
        "link id 'mine' is given twice; first at sale.yaml:8:10",
    ),
    "link to remove": (
        f"{SALE}remove_links: [order-placed, ¶order-axcepted]\n",
        "unknown-link-to-remove",
        "did you mean 'order-accepted'?",
    ),
    "link to those that cannot hear": (
        link("cause: {flow: marketplace}, notice: deciding, towards: below", "¶"),
        "unheard",
        (
            "news 'deciding' of link 'mine' reaches seller, where it means nothing; "
            "it is heard by marketplace, chain, complete"
        ),
    ),
    "link to a flow that cannot hear": (
        link("cause: {flow: seller}, notice: dismissed, towards: above, to: marketplace", "¶"),
        "unheard",
        "it is heard by seller",
    ),
    "hearer": (
        notice("¶seler: [{in: handling, answer: denial}]"),
        "unknown-flow",
        "did you mean 'seller'?",
    ),
    "status of a hearer": (
        notice("seller: [{in: [(none), ¶request-cancel], answer: denial}]"),
        "unknown-seller-status",
        "unknown seller status 'request-cancel'",
    ),
    "status told above": (
        notice("seller: [{in: handling, wait: true}, {in: ¶handling, do: request_cancel}]"),
        "heard-twice",
        "a row above says what happens in 'handling', at sale.yaml:11:21",
    ),
    "nothing happens": (
        notice("seller: [¶{in: handling}]"),
        "nothing-happens",
        "give `do`, `answer` or `wait: true`",
    ),
    "refused by nobody": (
        notice("seller: [{in: handling, answer: denial, refused: ¶denial}]"),
        "nothing-happens",
        "'refused' means nothing without `do`",
    ),
    "answer": (
        notice("seller: [{in: handling, answer: ¶denil}]"),
        "unknown-notice",
        "did you mean 'denial'?",
    ),
    "refused": (
        notice("seller: [{in: handling, do: request_cancel, refused: ¶denil}]"),
        "unknown-notice",
        "did you mean 'denial'?",
    ),
    "wait for": (
        notice("seller: [{in: handling, wait: ¶false}]"),
        "not-true",
        "a row that does not wait leaves `wait` out",
    ),
    "event that is not the hearer's": (
        notice("seller: [{in: handling, do: ¶request_canccel}]"),
        "unknown-seller-event",
        "did you mean 'request_cancel'?",
    ),
    "event that cannot happen there": (
        notice("seller: [{in: [invoiced, canceled], do: ¶start_handling}]"),
        "cannot-happen",
        (
            "no seller transition takes 'start_handling' out of invoiced, canceled; it can happen "
            "in ready-for-handling; what can happen there: update_tracking, add_return_invoice"
        ),
    ),
    "event that cannot follow": (
        notice("seller: [{in: handling, do: [request_cancel, accept_cancel, ¶deny_cancel]}]"),
        "cannot-happen",
        (
            "out of cancel; it can happen in cancellation-requested; what can happen there: "
            "finish_cancel"
        ),
    ),
    "event that is none": (
        notice('seller: [{in: handling, do: ¶"request cancel"}]'),
        "bad-event",
        "an event and the data it comes with",
    ),
    "data of an event": (
        notice('chain: [{in: request-cancel, do: ¶"notify_seller:inzide"}]'),
        "unknown-choice-of-notify_seller",
        "did you mean 'inside'?",
    ),
    "told data is missing": (
        notice("seller: [{in: invoiced, do: ¶update_tracking}]"),
        "choice-missing",
        "say with what 'update_tracking' comes: number, movement, delivered, relayed",
    ),
    "told amount is missing": (
        notice('seller: [{in: handling, do: ["verify_invoice:part", ¶add_invoice_partial]}]'),
        "choice-missing",
        "say with what 'add_invoice_partial' comes: part, rest, over, relayed",
    ),
    "told what time brings": (
        notice("seller: [{in: [handling, window-to-cancel], do: ¶grace_period_over}]"),
        "timer-event",
        "'grace_period_over' happens when a time limit is over, not because of news",
    ),
    "told what time brings later": (
        notice("seller: [{in: handling, do: [request_cancel, ¶cancel_request_timeout]}]"),
        "timer-event",
        "'cancel_request_timeout' happens when a time limit is over",
    ),
    "told a decision": (
        notice("marketplace: [{in: payment-pending, do: ¶change_seller}]"),
        "decision",
        "'change_seller' is somebody's decision; news cannot make it",
    ),
    "need": (
        notice("seller: [{in: handling, do: request_cancel, needs: ¶another-seler}]"),
        "unknown-need",
        "did you mean 'another-seller'?",
    ),
    "actor": (
        notice("seller: [{in: handling, do: request_cancel, as: ¶shoper}]"),
        "unknown-actor",
        "did you mean 'shopper'?",
    ),
    "actor of something else": (
        notice("seller: [{in: handling, do: request_cancel, as: ¶carrier}]"),
        "actor-cannot-fire",
        "'carrier' fires none of these events here; marketplace, shopper, seller can",
    ),
    "told flow": (f"{SALE}told: {{¶seler: [S01]}}\n", "unknown-flow", "did you mean 'seller'?"),
    "told transition": (
        f"{SALE}told: {{seller: [S01, place_order, ¶place_oder]}}\n",
        "unknown-seller-transition",
        "did you mean 'place_order'?",
    ),
    "transition without": (
        f"{SALE}without: {{M20: x, ¶M99: x}}\n",
        "unknown-transition",
        "unknown transition 'M99'",
    ),
    "transition a deal is without": (
        f"{SALE}    without: {{S28: x, ¶C25: x}}\n",
        "unknown-transition",
        "unknown transition 'C25'",
    ),
    "no deal": ("deals: ¶{}\n", "no-deals", "there is no deal here"),
    "one participant": (
        "deals: {d: {title: D, participants: ¶{m: {flow: seller}}}}\n",
        "too-few",
        "at least two participants",
    ),
    "nine participants": (
        cast(M, *MANY).replace("m: {", "¶m: {", 1),
        "too-many",
        "a deal has at most 8 participants, this one 9",
    ),
    "below and beside": (
        cast(M, S, "n: {flow: marketplace, below: m, beside: ¶m}"),
        "below-and-beside",
        "'n' is below one order and beside another; a group is of first orders",
    ),
    "joins one of two": (
        cast(M, S, "z: {flow: seller, below: m}", T.replace("joins: ", "joins: ¶")),
        "joins-several",
        "several are below 'm' from the beginning; whom 't' follows is not told",
    ),
    "joins before another one": (
        cast(M, S, T.replace("joins: ", "joins: ¶"), "z: {flow: seller, below: m}"),
        "joins-several",
        "several are below 'm' from the beginning",
    ),
    "two of one name": (
        cast(M, "¶m: {flow: seller, below: m}"),
        "duplicate-key",
        "key 'm' is given twice",
    ),
    "participant below": (
        cast(M, "s: {flow: seller, below: ¶k}", "s2: {flow: seller, below: m}"),
        "unknown-participant",
        "unknown participant 'k'; known: m",
    ),
    "participant that comes later": (
        cast("s: {flow: seller, below: ¶m}", M),
        "later",
        "'m' comes later; upper participants stand before those below them",
    ),
    "circle": (
        cast(M, "a: {flow: chain, below: ¶b}", "b: {flow: chain, below: a}"),
        "circle",
        "'b' goes in a circle: a -> b -> a",
    ),
    "below itself": (
        cast(M, "a: {flow: chain, below: ¶a}"),
        "circle",
        "'a' goes in a circle: a -> a",
    ),
    "beside one that is beside": (
        cast(M, "n: {flow: marketplace, beside: m}", "o: {flow: marketplace, beside: ¶n}"),
        "later",
        "'n' is beside 'm'; name that one here",
    ),
    "stands alone": (
        cast(M, S, "n: ¶{flow: marketplace}"),
        "stands-alone",
        "'n' stands alone; it goes `below` or `beside` one of: m, s",
    ),
    "joins with": (
        cast(M, S, "t: {flow: seller, below: m, joins: ¶change_seler}"),
        "unknown-marketplace-event",
        "did you mean 'change_seller'?",
    ),
    "joins nobody": (
        cast(M, "t: {flow: seller, below: m, joins: ¶change_seller}"),
        "joins-nobody",
        "nobody before 't' is below 'm'",
    ),
    "joins those beside": (
        cast(M, "n: {flow: marketplace, beside: m, joins: ¶place_order}"),
        "joins-nobody",
        "who joins is `below` somebody",
    ),
    "no mailbox": (
        f"{SALE}    mailbox: ¶0\n",
        "small-mailbox",
        "a mailbox of 0 lets no message through; 6 is usual",
    ),
    "large mailbox": (f"{SALE}    mailbox: ¶9\n", "large-mailbox", "at most 8, 6 is usual"),
    "key": (SALE.replace("title", "¶tytle"), "unknown-key", "did you mean 'title'?"),
    "no mapping": ("¶- a\n", "wrong-type", "a deal file is a mapping of keys such as deals"),
    "message for ever": (
        SALE + BOUNCE.replace("- id: back", "- ¶id: back"),
        "endless-news",
        "news of deal 'sale' never ends, though nobody acts: ",
    ),
    "answer for ever": (
        notice("marketplace: [{in: invoiced, answer: n}]").replace("says", "¶says")
        + "      seller: [{in: invoiced, answer: n}]\n"
        + "links:\n  - {id: l, says: s, cause: {flow: seller}, notice: n, towards: above}\n",
        "endless-news",
        "n (market to seller)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_at_its_place_with_what_would_have_worked(name: str) -> None:
    marked, check, told = WRONG[name]
    text, at = split_mark(marked)

    found = [problem for problem in problems(text) if problem.check == check]

    assert [(each.place.file, each.place.line, each.place.column) for each in found] == [
        ("sale.yaml", *at)
    ]
    assert told in found[0].text


@pytest.mark.parametrize("name", [name for name in WRONG if name not in {"key", "circle"}])
def test_a_mistake_is_told_once_and_nothing_beside_it(name: str) -> None:
    assert len(problems(split_mark(WRONG[name][0])[0])) == 1


def test_all_that_join_do_so_with_one_event() -> None:
    other = "u: {flow: seller, below: m, joins: cancel_order}"

    found = problems(cast(M, S, T, other))

    assert [(each.check, each.place.line, each.place.column) for each in found] == [
        ("joins-differently", 7, 42),
        ("joins-differently", 8, 42),
    ]
    for each in found:
        assert each.text.startswith("all that join below 'm' do so with one event")
    assert len(deal_of(cast(M, S, T, other.replace("cancel_order", "change_seller"))).names) == 4


def test_a_deal_of_eight_and_a_told_event_with_its_data_are_right() -> None:
    assert len(deal_of(cast(M, *MANY[:7])).names) == 8
    for event in ("update_tracking:number", "update_tracking:relayed"):
        text = notice(f'seller: [{{in: invoiced, do: "{event}"}}]')
        assert parse_deals(text, choices_of=every_choice)


def test_those_that_join_below_different_orders_may_do_so_with_different_events() -> None:
    lower = "c: {flow: chain, below: m}", "d: {flow: seller, below: c}"
    joins = "e: {flow: seller, below: c, joins: request_cancel}"

    deal = deal_of(cast(M, *lower, "f: {flow: chain, below: m, joins: change_seller}", joins))

    assert [each.name for each in deal.lower("m")] == ["c", "f"]
    assert [each.name for each in deal.lower("c")] == ["d", "e"]


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    text = link("cause: {flow: seler}, notice: axcepted, towards: above, delay: soon")
    text = text.replace("flow: marketplace", "flow: marketplce") + "told: {seller: [X1]}\n"

    assert [problem.check for problem in problems(text)] == [
        "unknown-flow",
        "unknown-flow",
        "unknown-notice",
        "unknown-setting",
        "unknown-seller-transition",
    ]


def test_a_wrong_shape_hides_no_other_mistake_and_makes_no_new_one() -> None:
    text = link("cause: {flow: seller}, notice: n, towards: abovve") + "told: {seller: [X1]}\n"
    text += "  \nnotices:\n  n: {say: s, heard: {seller: [{in: handling, answer: denial}]}}\n"
    text += "  o: {says: s, heard: {seller: [{in: handling, answer: n}]}}\n"

    assert [problem.check for problem in problems(text)] == [
        "unknown-towards",
        "unknown-seller-transition",
        "missing-key",
        "unknown-key",
    ]


# News that never ends


def test_endless_news_names_the_links_it_goes_through() -> None:
    (problem,) = problems(SALE + BOUNCE)

    assert (
        "package-news (seller to market) -> back-to-seller (market to seller) -> and so on"
        in problem.text
    )


@pytest.mark.parametrize(
    ("instead", "of"),
    [
        ("in: handling, do: request_cancel", 'in: invoiced, do: "update_tracking:relayed"'),
        ("event: add_return_invoice", "event: update_tracking"),
        ("towards: nobody", "notice: moved\n    towards: below"),
        ("towards: below\n    echo: false", "towards: below"),
    ],
)
def test_news_that_moves_a_document_or_is_not_sent_on_comes_to_an_end(
    instead: str, of: str
) -> None:
    assert deal_of(SALE + BOUNCE.replace(of, instead)).name == "sale"


def test_a_transition_that_no_document_takes_carries_no_news() -> None:
    assert deal_of(f"{SALE}    without: {{S29: never}}\n{BOUNCE}").name == "sale"


def test_endless_news_is_found_by_values_alone() -> None:
    before = deal_of(SALE)
    down = before.links[0]
    there = {"seller": (Hearing(("invoiced",), (Told("update_tracking", "relayed"),)),)}
    news = replace(before.notices["out"], name="moved", heard=there, waits={})
    event = replace(down.causes[0], events=("update_tracking",))
    bounce = replace(down, id="bounce", causes=(event,), notice="moved")

    after = replace(
        before, links=(*before.links, bounce), notices={**before.notices, "moved": news}
    )

    assert endless(before) == ()
    assert sorted(message.via for message in endless(after)) == ["bounce", "package-news"]
    assert {message.notice for message in endless(after)} == {"moved", "on-its-way"}


def test_a_search_in_which_too_many_documents_talk_comes_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deal_loops, "MOST_MOMENTS", 1)

    assert deal_of(SALE + BOUNCE).name == "sale"


# The schema

SCHEMA = deal_schema.deals_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
WHOLE: dict[str, Any] = {
    "deals": {
        "sale": {
            "title": "Sale",
            "participants": {
                "m": {"flow": "marketplace"},
                "s": {"flow": "seller", "below": "m"},
                "t": {"flow": "seller", "below": "m", "joins": "change_seller"},
                "n": {"flow": "marketplace", "beside": "m"},
            },
            "mailbox": 2,
            "instant": False,
            "without": {"M12": "x"},
        }
    },
    "remove_links": ["order-called-off"],
    "without": {"M13": "x"},
    "told": {"seller": "place_order"},
    "notices": {
        "hello": {
            "says": "Hello.",
            "heard": {
                "seller": [
                    {"in": "handling", "wait": True},
                    {"in": ["(none)"], "answer": "out"},
                    {
                        "in": ["ready-for-handling"],
                        "do": ["request_cancel", "accept_cancel"],
                        "as": "seller",
                        "refused": "out",
                        "needs": "another-seller",
                    },
                    {"in": "invoiced", "do": "update_tracking:number"},
                ]
            },
        }
    },
    "links": [
        {
            "id": "l",
            "rows": "L01",
            "says": "s",
            "cause": {
                "flow": "marketplace",
                "event": ["notify_seller"],
                "in": "request-cancel",
                "status": "waiting-for-seller-decision",
                "with": ["inside", "past"],
            },
            "notice": "hello",
            "towards": "below",
            "to": "seller",
            "relays": "data",
            "delay": "none",
            "at_most": 1,
            "echo": False,
            "carrier": ["POST /x"],
            "answer": {"in": "cancel", "within": "seller_answer"},
            "sources": [],
            "decisions": "sandbox decision",
        },
        {"id": "k", "says": "s", "cause": [{"flow": "seller"}], "towards": "outside"},
    ],
}


def loader_accepts(data: object) -> bool:
    try:
        parse_deals(json.dumps(data), choices_of=every_choice)
    except FlowFileError:
        return False
    return True


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    result = copy.deepcopy(WHOLE)
    inner: Any = result
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return result


def test_the_schema_file_is_what_the_models_say() -> None:
    written = (FOLDER / "deal.schema.json").read_text("utf-8")

    assert written == deal_schema.schema_text(), (
        "run: python -m orderflow.flows.deal_schema > flows/deal.schema.json"
    )


def test_it_is_a_schema_and_the_bundled_deals_name_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    first = (FOLDER / "deals.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=deal.schema.json"


def test_schema_and_loader_accept_every_key_and_the_bundled_deals() -> None:
    for data in (WHOLE, load_yaml(FOLDER / "deals.yaml").data):
        assert VALIDATOR.is_valid(data)
        assert loader_accepts(data)


def test_links_yaml_has_the_same_shape_and_only_lacks_deals() -> None:
    links = load_yaml(FOLDER / "links.yaml").data
    assert isinstance(links, dict)

    assert not VALIDATOR.is_valid(links)
    assert VALIDATOR.is_valid({**links, "deals": WHOLE["deals"]})


LINK, HEARD = ("links", 0), ("notices", "hello", "heard", "seller")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("deals",), {}),
        (("deals",), []),
        (("deals", "sale", "title"), ""),
        (("deals", "sale", "participants"), {"m": {"flow": "marketplace"}}),
        (("deals", "sale", "participants", "s", "flow"), 1),
        (("deals", "sale", "participants", "t", "joins"), "a b"),
        (("deals", "sale", "mailbox"), 0),
        (("deals", "sale", "mailbox"), 9),
        (("deals", "sale", "mailbox"), True),
        (("deals", "sale", "instant"), "yes"),
        (("deals", "sale", "colour"), "red"),
        (("links",), {}),
        ((*LINK, "id"), ""),
        ((*LINK, "cause"), []),
        ((*LINK, "cause"), "seller"),
        ((*LINK, "cause", "event"), []),
        ((*LINK, "cause", "event"), ["a:b"]),
        ((*LINK, "cause", "with"), "Past"),
        ((*LINK, "towards"), "sideways"),
        ((*LINK, "relays"), "money"),
        ((*LINK, "at_most"), -1),
        ((*LINK, "echo"), "no"),
        ((*LINK, "answer"), {"in": "cancel"}),
        ((*HEARD, 0, "wait"), False),
        ((*HEARD, 0, "do"), "request_cancel"),
        ((*HEARD, 2, "do"), "advance"),
        ((*HEARD, 2, "do"), "a:b:c"),
        ((*HEARD, 2, "as"), "nobody"),
        ((*HEARD, 2, "needs"), "luck"),
        ((*HEARD, 2, "in"), []),
        (("notices", "hello", "heard"), {}),
        (HEARD, []),
        (("told", "seller"), []),
        (("without", "M13"), ""),
        (("remove_links",), [1]),
        (("link",), []),
    ],
)
def test_schema_and_loader_refuse(path: tuple[Any, ...], value: object) -> None:
    document = changed(path, value)

    assert not VALIDATOR.is_valid(document)
    assert not loader_accepts(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("deals", "sale", "mailbox"), 8.0),
        ((*LINK, "answer"), None),
        ((*LINK, "carrier"), "POST /x"),
        ((*LINK, "cause"), [{"flow": "marketplace", "event": "place_order"}]),
        (("links",), []),
        (("told",), {}),
    ],
)
def test_schema_and_loader_accept(path: tuple[Any, ...], value: object) -> None:
    document = changed(path, value)

    assert VALIDATOR.is_valid(document)
    assert loader_accepts(document)


# Any text at all


@given(st.text() | st.binary())
@example("deals: {a: {title: A, participants: {a: {flow: a}}}}")
@example("deals:")
@example("deals: {'': }")
@example("links: [{id: }]")
def test_any_text_gives_deals_or_one_kind_of_error(text: str | bytes) -> None:
    found: tuple[object, ...]
    try:
        found = parse_deals(text, source="any.yaml", choices_of=every_choice)
    except FlowFileError as error:
        found = error.problems

    assert found


@given(st.text())
@example("a\0.yaml")
@example(":" * 3)
@example(".yaml:x")
def test_any_name_gives_a_deal_or_an_error_for_people(name: str) -> None:
    try:
        found = find_deal(name).name
    except OrderflowError as error:
        found = str(error)

    assert found


def paths(data: object) -> Iterator[tuple[Any, ...]]:
    yield ()
    if isinstance(data, dict):
        for key, value in data.items():
            yield from ((key, *rest) for rest in paths(value))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from ((number, *rest) for rest in paths(value))


VALUES = st.sampled_from(
    [None, True, 0, 2.5, "", "a", "same", "a:b", "seller", "m", "s", [], ["a"], {}, {"flow": "a"}]
)


@given(st.data())
def test_what_the_schema_refuses_the_loader_refuses_and_nothing_breaks(
    data: st.DataObject,
) -> None:
    mutant: Any = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(paths(mutant))[1:] or [("deals",)]))
        inner = mutant
        for part in way:
            inner = inner[part]
        if data.draw(st.booleans()):
            del inner[last]
        else:
            inner[last] = copy.deepcopy(data.draw(VALUES))

    accepted = loader_accepts(mutant)

    assert VALIDATOR.is_valid(mutant) or not accepted
