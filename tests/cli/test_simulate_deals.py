"""``orderflow simulate`` writes histories of whole sales in which every document, and what the
documents know of each other, conforms."""

import json
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from orderflow.conformance.deal_observe import Ground, deal_record, ground_of
from orderflow.conformance.judge import judge
from orderflow.conformance.judge_deal import judge_deal
from orderflow.flows.deal_loader import bundled_deal, bundled_deal_names
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_workload import COLUMNS, DealWalk
from tests.cli.recorded import from_csv, from_jsonl
from tests.cli.running import here, process, refused, run

__all__ = ["here"]

OWN = """\
deals:
  mine:
    title: My sale
    participants:
      shop: {flow: marketplace}
      store: {flow: seller, below: shop}
"""


@cache
def ground(name: str, profile: Profile) -> Ground:
    return ground_of(bundled_deal(name).view(profile), defaults())


@pytest.mark.parametrize("profile", [Profile.DOCUMENTED, Profile.OBSERVED])
@pytest.mark.parametrize("name", bundled_deal_names())
def test_a_sale_breaks_no_rule(name: str, profile: Profile) -> None:
    known = ground(name, profile)
    for sale in DealWalk(known.deal, 5, defaults()).sales(40):
        record = deal_record(sale, known)

        assert judge_deal(record).findings == ()
        for party in record.parties:
            broken = judge(party.record).findings
            assert [rule.id for rule, found in broken if rule.severity_of(found) == "error"] == []


@pytest.mark.parametrize("name", bundled_deal_names())
def test_all_kinds_of_sales_are_mixed(name: str) -> None:
    sales = list(DealWalk(bundled_deal(name).view(), 1, defaults()).sales(150))

    ends = Counter(next(iter(sale.statuses.values())) for sale in sales)
    events = Counter(each.event.event for sale in sales for each in sale.events)
    assert ends["invoiced"] > 40
    assert ends["canceled"] > 10
    assert set(ends) == {"invoiced", "canceled"}
    assert all(events[wanted] for wanted in ("request_cancel", "accept_cancel", "seller_cancel"))
    if name != "complete":  # where one document has few ways to be billed in parts
        assert events["add_invoice_partial"]
        assert events["deny_cancel"]
    assert not any(sale.mailbox for sale in sales)


def test_a_seller_drops_out_and_another_one_takes_over() -> None:
    sales = DealWalk(bundled_deal("seller-change").view(), 1, defaults()).sales(60)

    ends = Counter(tuple(sale.statuses.values()) for sale in sales)
    assert ends["invoiced", "canceled", "invoiced"] > 0


def test_the_same_seed_gives_the_same_bytes(here: Path) -> None:
    words = ("simulate", "split-order", "--orders", "8", "--seed", "3")

    to_file = run(*words, "-o", "sales.jsonl")
    one, two, other = run(*words), run(*words), run(*words, "--seed", "4")

    assert to_file.out == "8 sales written to sales.jsonl\n"
    assert one.out == two.out != other.out
    assert one.out.startswith(run(*words, "--orders", "2").out)


def test_both_forms_say_the_same() -> None:
    words = ("simulate", "marketplace-chain-seller", "--orders", "5")

    lines = from_jsonl(run(*words).out)
    table = run(*words, "--format", "csv").out

    assert table.splitlines()[0] == ",".join(COLUMNS)
    assert from_csv(table) == [{k: v for k, v in each.items() if v is not None} for each in lines]


def test_a_line_says_whose_step_it_is_and_what_made_it_happen() -> None:
    lines = from_jsonl(run("simulate", "marketplace-seller", "--orders", "3").out)

    assert {str(line["participant"]) for line in lines} == {"market", "seller"}
    assert {str(line["deal_id"]) for line in lines} == {"s00000001", "s00000002", "s00000003"}
    assert {str(line["cause"]).split()[0] for line in lines} == {"call", "message", "timer"}


def test_a_name_that_a_flow_shares_means_the_flow_unless_it_says_deal() -> None:
    flow = from_jsonl(run("simulate", "complete", "--orders", "1").out)
    deal = from_jsonl(run("simulate", "deal:complete", "--orders", "1").out)

    assert all("deal_id" not in line for line in flow)
    assert all("deal_id" in line for line in deal)


def test_modules_profiles_and_settings_shape_the_sales() -> None:
    words = ("simulate", "marketplace-seller", "--orders", "20")

    usual = run(*words).out
    assert run(*words, "--profile", "observed").out != usual
    assert run(*words, "--set", "message_delay=600").out != usual
    picked = run("simulate", "deal:complete", "--orders", "40", "--module", "picking").out
    assert "ready-for-invoicing" in picked


def test_a_deal_of_ones_own_is_simulated(here: Path) -> None:
    (here / "own.yaml").write_text(OWN)

    assert run("simulate", "own.yaml", "--orders", "2").code == 0
    assert "deal 'own:mine'" not in run("simulate", "own.yaml:mine", "--orders", "2").err
    assert "is the flow file" in refused("simulate", "own.yaml:mine", "-o", "own.yaml")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("split-order --defects 0.1", "--defects breaks single orders; `orderflow faults` lists"),
        ("deals", "several deals to simulate; name one: marketplace-seller, "),
        ("deal:comple", "no deal 'comple'; did you mean 'complete'?"),
        ("split-oder", "no flow or deal 'split-oder'; did you mean 'split-order'?"),
        ("split-order --module x", "no module 'x'; modules: "),
    ],
)
def test_what_cannot_be_simulated_is_told(words: str, told: str) -> None:
    assert told in refused("simulate", *words.split())


def test_a_reader_that_stops_early_causes_no_trouble() -> None:
    with process("simulate", "marketplace-seller", "--orders", "100000") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = list(islice(running.stdout, 3))
        running.stdout.close()
        trouble = running.stderr.read()

    assert [json.loads(line)["seq"] for line in first] == [1, 1, 2]
    assert trouble == b""
    assert running.returncode == 141
