"""``docs`` writes pages of flows, keeps them fresh, and touches nothing that is not its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderflow.reports.docs.record import RECORD
from tests.cli.running import content, here, refused, run

__all__ = ["here"]

QUICK = ("chain", "--formats", "dot")
"""A run that writes one small file besides the record."""

OWN = """
flow: my-store
extends: chain
title: My store
"""
MARKED = "# Mine\r\n\r\n<!-- orderflow:chain.summary -->\r\n<!-- /orderflow -->\r\nmore"


def test_without_a_name_all_four_flows_are_written(here: Path) -> None:
    outcome = run("docs", "pages")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "pages: 43 files, 43 written; begin with pages/index.md\n"
    names = {path.name for path in (here / "pages").rglob("*.md")}
    assert names == {
        *("index.md", "official.md", "sale.md", "rules.md", "glossary.md"),
        *("marketplace.md", "seller.md", "complete.md", "chain.md"),
    }
    before = content(here)
    assert run("docs", "pages", "--check").code == 0
    assert run("docs", "pages").out.startswith("pages: 43 files, 0 written")
    assert content(here) == before


def test_check_names_every_file_that_is_not_fresh_and_writes_nothing(here: Path) -> None:
    run("docs", "pages", "chain", "--formats", "svg,dot,mermaid")
    (here / "pages/chain/chain.dot").write_text("old")
    (here / "pages/chain/chain.mmd").unlink()
    before = content(here)

    outcome = run("docs", "pages", "chain", "--check", "--formats", "mermaid,dot")

    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "missing: pages/chain/chain.mmd",
        "stale: pages/chain/chain.dot",
        f"stale: pages/{RECORD}",
        *(
            f"superfluous: pages/{path}"
            for path in (
                *("chain/chain-dark.svg", "chain/chain.svg"),
                *("official/chain-dark.svg", "official/chain.svg"),
            )
        ),
        "pages: 7 files are not fresh; `orderflow docs pages` mends that",
    ]
    assert content(here) == before


def test_what_is_not_asked_for_any_more_is_removed_and_only_that(here: Path) -> None:
    run("docs", "pages", "chain", "--formats", "svg,dot")
    (here / "pages/chain/notes.txt").write_text("mine")

    outcome = run("docs", "pages", "--formats", "dot")

    assert outcome.code == 0
    assert "4 removed" in outcome.out
    assert {path.name for path in (here / "pages").rglob("*") if path.is_file()} == {
        *("chain.dot", "notes.txt", RECORD),
    }
    assert not (here / "pages/official").exists()


def test_what_is_not_given_is_as_it_was(here: Path) -> None:
    (here / "flows").mkdir()
    (here / "flows/own.yaml").write_text(OWN)
    run("docs", "out/pages", "flows/own.yaml", "--formats", "dot", "--flavor", "github")

    assert json.loads((here / "out/pages" / RECORD).read_text())["flows"] == [
        "../../flows/own.yaml"
    ]
    assert run("docs", "out/pages", "--check").code == 0
    (here / "flows/own.yaml").write_text(OWN.replace("My store", "Your store"))
    outcome = run("docs", "out/pages", "--check")
    assert (outcome.code, outcome.out.splitlines()[0]) == (
        1,
        "stale: out/pages/my-store/my-store.dot",
    )
    assert run("docs", "out/pages").code == 0
    assert "Your store" in (here / "out/pages/my-store/my-store.dot").read_text()


def test_another_flavor_moves_the_first_page(here: Path) -> None:
    run("docs", "pages", "chain", "--formats", "md")

    outcome = run("docs", "pages", "--flavor", "github")

    assert outcome.out.endswith("begin with pages/README.md\n")
    assert not (here / "pages/index.md").exists()
    assert "<picture>" in (here / "pages/chain/chain.md").read_text()


def test_a_file_of_somebody_else_is_in_the_way_and_stays(here: Path) -> None:
    (here / "pages/chain").mkdir(parents=True)
    (here / "pages/chain/chain.dot").write_text("mine")
    before = content(here)

    told = refused("docs", "pages", *QUICK)

    assert told == (
        "pages/chain/chain.dot: was not made by orderflow docs; move it away, or name another "
        "folder\n"
    )
    assert run("docs", "pages", *QUICK, "--check").out.splitlines()[-2:] == [
        "in the way: pages/chain/chain.dot",
        "pages: 2 files are not fresh; `orderflow docs pages` mends that",
    ]
    assert content(here) == before


def test_an_equal_file_is_taken_over(here: Path) -> None:
    run("docs", "pages", *QUICK)
    (here / "pages" / RECORD).unlink()

    assert run("docs", "pages", *QUICK).code == 0


def test_regions_of_a_page_are_filled_in_place(here: Path) -> None:
    (here / "own").mkdir()
    page = here / "own/page.md"
    page.write_bytes(MARKED.encode())

    assert run("docs", "pages", "chain", "--fill", "own/page.md", "--check").code == 1
    assert page.read_bytes() == MARKED.encode()
    assert run("docs", "pages", "chain", "--fill", "own/page.md").code == 0
    text = page.read_bytes().decode()
    assert text.startswith(MARKED.split("<!-- /", maxsplit=1)[0])
    assert text.endswith("<!-- /orderflow -->\r\nmore")
    assert "](../pages/chain/chain.md#status-order-created)" in text
    assert "\n" not in text.replace("\r\n", "")
    assert run("docs", "pages", "--fill", "own/page.md", "--check").code == 0


def test_a_wrong_region_is_told_with_its_place_and_nothing_is_written(here: Path) -> None:
    (here / "a.md").write_text("<!-- orderflow:chian.summary -->\n<!-- /orderflow -->\n")
    (here / "b.md").write_text("text\n <!-- /orderflow -->\n")

    told = refused("docs", "pages", *QUICK, "--fill", "a.md", "--fill", "b.md").splitlines()

    assert told[0].startswith(
        "a.md:1:1: unknown region 'chian.summary'; did you mean 'chain.summary'"
    )
    assert told[1].startswith("b.md:2:2: ends a region, and none is open")
    assert not (here / "pages").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pages", "sellr"), "no flow 'sellr'; did you mean 'seller'?"),
        (("pages", "--formats", "svgg"), "--formats: no format 'svgg'; did you mean 'svg'?"),
        (("file.txt",), "DIR file.txt: is a file; name a folder"),
        (("pages", "--fill", "none.md"), "none.md: there is no such file"),
        (("pages", "--fill", "bytes.md"), "bytes.md: is not UTF-8: byte 3 is 0xff"),
        (("pages", "chain", "own.yaml", "chain"), ""),
        (("pages", "chain", "chain.yaml"), "a flow called 'chain' came with"),
        (("old", "chain"), f"old/{RECORD}: is not a list of files of ours"),
    ],
)
def test_bad_input_is_told(here: Path, words: tuple[str, ...], told: str) -> None:
    (here / "file.txt").write_text("x")
    (here / "own.yaml").write_text(OWN)
    (here / "chain.yaml").write_text(OWN.replace("my-store", "chain"))
    (here / "bytes.md").write_bytes(b"ab\xff")
    (here / "old").mkdir()
    (here / "old" / RECORD).write_text("{}")
    if not told:
        assert run("docs", *words, "--formats", "dot").code == 0
        return

    assert told in refused("docs", *words)
    assert not (here / "pages").exists()


def test_a_page_that_it_makes_is_not_filled(here: Path) -> None:
    run("docs", "pages", "chain", "--formats", "md")

    assert "is made by this command" in refused("docs", "pages", "--fill", "pages/rules.md")


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(here: Path) -> None:
    (here / "pages").mkdir()
    (here / "pages/chain").write_text("a file where a folder belongs")
    before = content(here)

    told = refused("docs", "pages", *QUICK)

    assert "pages/chain: cannot be made" in told
    assert content(here) == before
