"""The pages of a flow say what the flow says, in every renderer, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath

import pytest

from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT
from orderflow.flows.statuses import catalogue
from orderflow.reports.docs.flavor import Flavor, section_name
from orderflow.reports.docs.index_page import MOST_BESIDE, PAGES
from orderflow.reports.docs.markup import visible
from orderflow.reports.docs.pages import pages
from orderflow.reports.docs.pictures import Files, Form
from orderflow.reports.docs.subject import subjects
from tests.reports.builders import NAMES
from tests.reports.docs.rendering import (
    RENDERERS,
    Renderer,
    Seen,
    by_commonmark,
    plain,
    seen,
)
from tests.reports.docs.sites import hostile, site

OF_TEXT = {
    "a",
    "br",
    "code",
    "details",
    "em",
    "h1",
    "h2",
    "h3",
    "li",
    "p",
    "pre",
    "strong",
    "summary",
}
OF_TABLES = {"table", "tbody", "td", "th", "thead", "tr", "ul"}
OF_PICTURES = {"img", "picture", "source", "themedimage"}
OURS = OF_TEXT | OF_TABLES | OF_PICTURES
"""Elements that pages are made of."""


@cache
def page(name: str, flavor: Flavor = Flavor.PLAIN, render: Renderer = by_commonmark) -> Seen:
    return seen(render(site(flavor)[name].decode()))


def rows(found: Seen, heading: str) -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in found.tables[heading][1:]]


@pytest.mark.parametrize("name", NAMES)
def test_every_status_has_a_row_that_links_lead_to(name: str) -> None:
    found, flow = page(f"{name}/{name}.md"), bundled(name)

    told = rows(found, "Statuses")
    assert [row[0].split(" only:")[0] for row in told] == [state.name for state in flow.states]
    known = catalogue().statuses
    for row, state in zip(told, flow.states, strict=True):
        assert row[1] == (known[state.name].label or "–")  # noqa: RUF001
        assert visible(known[state.name].behaviour) in row[4]
        assert (f"waits for {state.waits_for}" in row[2]) == bool(state.waits_for)
        assert ("final" in row[2]) == (state.name in flow.final)
        assert f"status-{state.name}" in found.ids
    assert told[0][3] == ("1" if name == "seller" else "–")  # noqa: RUF001


@pytest.mark.parametrize("name", NAMES)
def test_every_transition_has_a_row_with_all_its_facts(name: str) -> None:
    found, flow = page(f"{name}/{name}.md"), bundled(name)

    told = rows(found, "Transitions")
    for row, step in zip(told, flow.transitions, strict=True):
        stays = step.source == step.target
        assert row[0].split(" only:")[0] == step.id
        assert row[1] == step.source
        assert row[2].split(" after ")[0] == step.event
        assert row[3] == ", ".join(step.actors)
        assert [word for word in row[4].split() if word in step.when] == list(step.when)
        assert row[5] == ("stays" if stays else step.target)
        assert all(key in row[7] for key in (*step.cites, *step.decisions))
    assert len({row[0] for row in told}) == len(flow.transitions)


def test_a_call_stands_where_it_means_the_event_and_only_there() -> None:
    calls = {row[0]: row[6] for row in rows(page("complete/complete.md"), "Transitions")}

    assert calls["C11"] == "POST /api/oms/pvt/orders/{orderId}/start-handling"
    assert calls["C16"] == "POST /api/oms/pvt/orders/{orderId}/cancel"
    assert calls["C13"] == "POST /api/oms/pvt/orders/{orderId}/invoice"
    assert calls["C01"] == "PUT /api/checkout/pub/orders"
    nobody = "–"  # noqa: RUF001
    assert (calls["C23"], calls["C14"], calls["C12"]) == (nobody, nobody, nobody), calls
    seller = {row[0].split()[0]: row[6] for row in rows(page("seller/seller.md"), "Transitions")}
    assert seller["S01"] == "POST /api/fulfillment/pvt/orders"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_nine_parts(name: str) -> None:
    text = site(Flavor.PLAIN)[f"{name}/{name}.md"].decode()

    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "The flow",
        "What the shopper sees",
        "Statuses",
        "Transitions",
        "Cancellation",
        "What must not happen",
        "Differences from the other flows",
        "As text",
    ]
    summary = text.split("\n\n")[1]
    assert bundled(name).seen_by in summary
    assert seen(by_commonmark(summary)).words.strip().count(". ") == 1
    alt = page(f"{name}/{name}.md").pictures[0][1]
    assert all(state in alt for state in bundled(name).view().happy_path)


@pytest.mark.parametrize("flavor", Flavor)
def test_every_link_leads_somewhere(flavor: Flavor) -> None:
    files = site(flavor)
    for path, text in texts(files):
        found = page(path, flavor)
        targets = {f"#{name}" for name in found.ids}
        for href in found.links:
            there, _, name = href.partition("#")
            if not there:
                assert href in targets or flavor is Flavor.SPHINX, (path, href)
                continue
            other = str(PurePosixPath(path).parent / there)
            normal = re.sub(r"[^/]+/\.\./", "", other)
            assert normal in files, (path, href)
            titles = re.findall(r"^### (.*)$", files[normal].decode(), re.MULTILINE)
            assert not name or name in map(section_name, titles), (path, href)
        for name in re.findall(r"(?:src=\"|srcset=\"|\]\(|image\} |!)([\w./-]+\.svg)", text):
            normal = re.sub(r"[^/]+/\.\./", "", str(PurePosixPath(path).parent / name))
            assert normal in files, (path, name)


def texts(files: Files) -> Iterator[tuple[str, str]]:
    return ((path, data.decode()) for path, data in files.items() if path.endswith(".md"))


@pytest.mark.parametrize("render", RENDERERS)
def test_hostile_names_are_shown_as_text(render: Renderer) -> None:
    flow = hostile()
    folder = subjects([flow])[0].folder

    flavor = Flavor.DOCUSAURUS if "mdx" in render.__name__ else Flavor.PLAIN
    found = page(f"{folder}/{folder}.md", flavor, render)

    names = [plain(visible(state.name)) for state in flow.states]
    assert [row[0] for row in rows(found, "Statuses")] == names
    events = [plain(visible(step.event)) for step in flow.transitions]
    told = [row[2].split(" after cancellation_window")[0] for row in rows(found, "Transitions")]
    assert told == events
    assert OURS.issuperset(found.tags), set(found.tags) - OURS
    assert found.handlers == []
    assert {src.split("/")[-1].split("-dark")[0] for src, _ in found.pictures} <= {
        f"{folder}.svg",
        folder,
    }


@pytest.mark.parametrize("path", ["index.md", "official.md", "glossary.md"])
@pytest.mark.parametrize("render", RENDERERS)
def test_hostile_names_are_text_on_the_shared_pages(render: Renderer, path: str) -> None:
    flavor = Flavor.DOCUSAURUS if "mdx" in render.__name__ else Flavor.PLAIN

    found = page(path, flavor, render)

    assert plain(visible(hostile().title)) in plain(found.words)
    assert OURS.issuperset(found.tags)
    assert found.handlers == []


@pytest.mark.parametrize("flavor", Flavor)
def test_nothing_that_a_page_shows_can_run(flavor: Flavor) -> None:
    for path, text in texts(site(flavor)):
        found = page(path, flavor)
        assert OURS.issuperset(found.tags), (path, set(found.tags) - OURS)
        assert found.handlers == []
        assert "\u202e" not in text
        assert "{{ 7" not in re.sub(r"`+[^`]*`+", "", text), path


def test_mdx_pages_hold_no_comment_and_no_brace_outside_of_code() -> None:
    for path, text in texts(site(Flavor.DOCUSAURUS)):
        bare = re.sub(
            r"(`+)(?:(?!`).)+?\1", "", re.sub(r"(`{3,}).*?\n\1", "", text, flags=re.DOTALL)
        )
        braces = [line for line in bare.splitlines() if "{" in line]
        assert all(line.startswith("<ThemedImage ") for line in braces), (path, braces[:2])


def test_four_flows_take_less_than_three_seconds_and_come_out_alike() -> None:
    began = time.process_time()
    one = pages(map(bundled, NAMES))
    took = time.process_time() - began

    assert took < 3, took
    assert pages(map(bundled, NAMES)) == one
    assert list(one) == sorted(one)


def test_every_format_comes_out_alike() -> None:
    assert pages([bundled("chain")], forms=tuple(Form)) == pages(
        [bundled("chain")], forms=tuple(Form)
    )


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("mermaid", "mmd"),
        ("dot", "dot"),
        ("graphml", "graphml"),
        ("scxml", "scxml"),
        ("png", "png"),
    ],
)
def test_each_format_is_written_when_it_is_asked_for(form: str, ending: str) -> None:
    alone = pages([bundled("chain")], forms=[Form(form)])

    assert f"chain/chain.{ending}" in alone
    assert {path.rpartition(".")[2] for path in alone} == {ending}


def test_pages_bring_the_pictures_that_they_show() -> None:
    files = pages([bundled("chain")], forms=[Form.MD])

    assert {"chain/chain.md", "chain/chain.svg", "chain/chain-dark.svg"} <= set(files)
    assert "sale.md" not in files  # its seller is not there


def test_flows_whose_names_come_to_the_same_folder_stay_apart() -> None:
    flows = [replace(bundled("chain"), name=name) for name in ("a b", "a-b", "Rules", "…")]

    assert [each.folder for each in subjects(flows)] == ["a-b", "a-b-2", "rules-2", "unnamed"]


def test_the_index_leads_to_everything() -> None:
    found = page("index.md")

    wanted = {f"{name}/{name}.md" for name in NAMES} | set(PAGES)
    assert wanted <= set(found.links)
    assert found.tables["Side by side"][0][1:5] == [bundled(name).title for name in NAMES]


def index_of(count: int) -> Seen:
    """The index of so many flows."""
    names = [f"own{i}" for i in range(count)]
    flows = [replace(bundled("seller"), name=name, title=f"Own {name}") for name in names]
    return seen(by_commonmark(pages(flows, forms=[Form.MD])["index.md"].decode()))


def test_many_flows_stand_one_below_another() -> None:
    few, many = index_of(MOST_BESIDE), index_of(MOST_BESIDE + 4)

    for heading in ("Side by side", "An undisturbed order, stage by stage"):
        assert len(few.tables[heading][0]) == 1 + MOST_BESIDE
        assert len(many.tables[heading][0]) <= 8
        assert [row[0] for row in many.tables[heading][1:]] == [f"Own own{i}" for i in range(10)]
    assert {f"own{i}/own{i}.md" for i in range(10)} <= set(many.links)
    assert many.tables["Side by side"][0][:3] == ["Flow", "Seen by", "Statuses"]
    assert many.tables["Side by side"][1][2] == few.tables["Side by side"][2][1]
    stages = many.tables["An undisturbed order, stage by stage"]
    assert stages[0] == ["Flow", "Stage 1", "Stage 2", "Stage 3", "Stage 4"]
    assert stages[1][4] == "invoiced"


@pytest.mark.parametrize("name", NAMES)
def test_an_undisturbed_order_is_told_stage_by_stage(name: str) -> None:
    found = page("index.md")
    place = found.tables["An undisturbed order, stage by stage"][0].index(bundled(name).title)

    told = [row[place] for row in found.tables["An undisturbed order, stage by stage"][1:]]

    assert "\n".join(told).replace("–", "").split() == list(bundled(name).view().happy_path)  # noqa: RUF001


def test_a_status_that_begins_nowhere_is_none() -> None:
    found = page("seller/seller.md")

    assert rows(found, "Transitions")[0][1] == ABSENT
