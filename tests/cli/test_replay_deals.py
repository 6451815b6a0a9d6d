"""``orderflow replay`` plays a sale with one column for each document, and says whether what the
documents know of each other conforms."""

import json
from pathlib import Path

import pytest

from tests.cli.running import here, refused, run
from tests.simulator.sales import HAPPY, NAMES

__all__ = ["here"]

LOST = (
    "market.place_order market>seller market.create_error:creation seller>market "
    "market.cancel_order market>seller:lost market.finish_cancel"
)
TRACE = """\
deal: marketplace-seller
rule: A-65
steps:
  - {do: market.place_order, then: order-created}
  - {do: "market>seller", then: order-accepted}
  - {do: settle, then: market=order-created seller=order-accepted}
"""


def replayed(acts: str, name: str = "marketplace-seller") -> str:
    outcome = run("replay", "--deal", name, "--steps", acts)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out


@pytest.mark.parametrize("name", NAMES)
def test_a_sale_that_conforms_is_shown_in_columns(name: str) -> None:
    told = replayed(HAPPY[name], name)

    assert "✕" not in told
    assert told.splitlines()[-1].startswith("conforms")
    assert "stands in invoiced" in told


def test_a_refused_act_says_why() -> None:
    told = replayed("market.place_order seller.start_handling")

    assert "seller.start_handling is refused in (none): " in told


def test_what_breaks_between_documents_is_told_and_exits_with_1() -> None:
    outcome = run("replay", "--deal", "marketplace-seller", "--steps", LOST)

    assert outcome.code == 1
    assert "called-off, lost" in outcome.out
    last = outcome.out.splitlines()[-1]
    assert last.startswith("error: seller: market stands in canceled and seller in order-accepted")
    assert last.endswith("(A-65)")


def test_a_name_may_say_that_it_is_a_deal() -> None:
    acts = "main.place_order"

    assert replayed(acts, "deal:complete") == replayed(acts, "complete")


def test_a_file_is_played_and_compared(here: Path) -> None:
    (here / "a.trace.yaml").write_text(TRACE)
    (here / "b.trace.yaml").write_text(TRACE.replace("seller=order-accepted", "seller=handling"))

    same, other = run("replay", "a.trace.yaml"), run("replay", "b.trace.yaml")

    assert (same.code, other.code) == (0, 1)
    assert "A-65, which the file is about, is not broken" in same.out
    assert "step 3: settle now ends in market=order-created seller=order-accepted; " in other.out


def test_a_deal_file_is_found_beside_the_trace(here: Path) -> None:
    folder = here / "deep"
    folder.mkdir()
    (folder / "deals.yaml").write_text(
        "deals:\n  own:\n    title: Own\n    participants:\n      market: {flow: marketplace}\n"
        "      seller: {flow: seller, below: market}\n"
    )
    for number, word in enumerate(("deals.yaml", "deals.yaml:own")):
        text = TRACE.replace("marketplace-seller", f'"{word}"')
        (folder / f"{number}.trace.yaml").write_text(text)

        assert run("replay", folder / f"{number}.trace.yaml").code == 0


def test_profile_settings_and_items_are_those_given() -> None:
    words = ("--set", "message_delay=90", "--items", "2x4990", "--profile", "observed")

    outcome = run(
        *("replay", "--deal", "marketplace-seller", *words),
        *("--steps", "market.place_order settle"),
    )

    assert outcome.code == 0
    assert "01:30" in outcome.out


def test_a_fault_is_switched_on_and_judged_by_what_is_sound() -> None:
    words = ("--fault", "create.stuck_after_completed")

    flow = run("replay", "--flow", "seller", *words, "--steps", "place_order")
    sound = run("replay", "--flow", "seller", "--steps", "place_order")

    assert (flow.code, sound.code) == (1, 0)
    assert "(I-10)" in flow.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--deal marketplace-seler --steps settle", "did you mean 'marketplace-seller'?"),
        ("--deal marketplace-seller", "give FILE, or --flow and --steps, or --deal and --steps"),
        ("--deal a --flow b --steps c", "give FILE, or --flow and --steps, or --deal and --steps"),
        ("--deal complete --steps place_order", "write market.event"),
        ("--deal complete --steps man.place_order", "'man' has no part in complete; did you mean"),
        ("--deal complete --steps main.place_ordr", "step 1: 'place_ordr' is not an event of"),
        ("--deal complete --steps main>shop", "no news goes main>shop in complete; it goes"),
        ("--deal complete --steps main.verify_invoice:x", "never comes with 'x'; it may: early"),
        ("--deal complete --fault message.los --steps settle", "did you mean 'message.lost'?"),
        ("--flow chain --fault message.lost --steps place_order", "changes nothing of chain"),
        ("none.yaml --deal complete --fault x", "leave out --deal, --fault"),
    ],
)
def test_what_cannot_be_played_is_answered_with_what_would_have_worked(
    here: Path, words: str, told: str
) -> None:
    assert told in refused("replay", *words.split())


def test_a_sale_is_one_json_object_for_programs() -> None:
    outcome = run("replay", "--deal", "marketplace-seller", "--steps", LOST, "--format", "json")
    found = json.loads(outcome.out)

    assert outcome.code == 1
    assert (found["deal"], found["flow"]) == ("marketplace-seller", "")
    assert found["statuses"] == {"market": "canceled", "seller": "order-accepted"}
    assert [step["act"] for step in found["steps"]] == LOST.split()
    assert [(each["rule"], each["participant"]) for each in found["wrong"]][-1] == (
        "A-65",
        "seller",
    )
    assert {each["fate"] for each in found["messages"]} >= {"lost"}
    assert {step["participant"] for step in found["trace"]} == {"market", "seller"}
