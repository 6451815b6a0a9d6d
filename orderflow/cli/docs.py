"""``orderflow docs``: diagrams and pages of flows, made from the flow files, and kept fresh."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from orderflow.cli.common import noted, refuse
from orderflow.cli.docs_folder import last_record, present, refuse_foreign, told_standing, write
from orderflow.cli.naming import flow_named
from orderflow.cli.output import Progress, check_folder, say, writable
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.files import read_file
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow
from orderflow.reports.docs.fill import fill
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.pages import USUAL_FORMS, pages
from orderflow.reports.docs.pictures import Form
from orderflow.reports.docs.record import RECORD, Record, render_record, standing


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    folder: Path
    flows: tuple[str, ...]
    check: bool
    formats: str
    flavor: str | None
    fill: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made.

    Attributes:
        record: How; its files are those that were made before.
        flows: Of what.
        own: Pages of a person whose regions are to be filled, by path.
    """

    record: Record
    flows: tuple[Flow, ...]
    own: Mapping[Path, str]


@click.command("docs")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when something is stale.")
@click.option(
    "--formats",
    default="",
    metavar="LIST",
    help=f"What to write, separated by commas: {', '.join(Form)}. md are the pages, with the "
    f"pictures they show.  [default: {','.join(USUAL_FORMS)}]",
)
@click.option(
    "--flavor",
    type=click.Choice([str(flavor) for flavor in Flavor]),
    help="The renderer that the pages are for.  [default: plain]",
)
@click.option(
    "--fill",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Fill the marked regions of a page of your own. May be given several times.",
)
def command(**given: Any) -> None:
    """Write pages and diagrams of flows to DIR: what the flow files say, for people.

    FLOW is the name of a flow that ships, or a flow file; without any, all four that ship. What is
    not given is as it was when DIR was last written; orderflow-docs.json in DIR tells that, and
    which files are ours. Other files in DIR are never touched.

    \b
    orderflow docs flow-pages
    orderflow docs flow-pages --check
    orderflow docs site seller my-store.yaml --flavor mkdocs
    orderflow docs pictures seller --formats svg,png,scxml
    orderflow docs handbook --flavor github --fill handbook.md

    --fill puts a part of a page between <!-- orderflow:seller.diagram --> and <!-- /orderflow -->
    in FILE, each on a line of its own, and leaves all else as it is. Parts: summary, diagram,
    stages, statuses, transitions, cancellation, forbidden, differences, mermaid.

    Exits with 1 when --check finds a file that is stale, missing or superfluous.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    plan = _planned(chosen)
    with Progress() as progress:
        progress.say("drawing")
        wanted, own = _made(chosen.folder, plan)
    ours = plan.record.files
    found = standing(wanted, present(chosen.folder, (*wanted, *ours)), ours)
    stale = {path: text for path, text in own.items() if text != plan.own[path]}
    if chosen.check:
        for line in told_standing(chosen.folder, found, stale):
            say(line)
        sys.exit(0 if found.current and not stale else 1)
    refuse_foreign(chosen.folder, found)
    write(chosen.folder, wanted, found, stale)
    _tell(chosen, wanted, len(found.missing) + len(found.stale), len(found.superfluous))


def _planned(chosen: Chosen) -> Plan:
    """Everything a run needs, or everything that is wrong with it at once."""
    errors: list[OrderflowError] = []
    last: Record | None = None
    forms: tuple[Form, ...] = ()
    flows: list[Flow] = []
    own: dict[Path, str] = {}
    with noted(errors):
        check_folder("DIR", chosen.folder)
        last = last_record(chosen.folder)
    with noted(errors):
        forms = _forms(chosen.formats)
    words = tuple(dict.fromkeys(chosen.flows or _words(chosen.folder, last)))
    for word in words:
        with noted(errors):
            flows.append(flow_named(word))
    for path in chosen.fill:
        with noted(errors):
            own[path] = _own(chosen, path, last)
    with noted(errors):
        _refuse_namesakes(flows)
    refuse(errors)
    record = Record(
        tuple(_kept(chosen.folder, word) for word in words),
        forms or (last.forms if last else USUAL_FORMS),
        Flavor(chosen.flavor or (last.flavor if last else Flavor.PLAIN)),
        last.files if last else (),
    )
    return Plan(record, tuple(flows), own)


def _forms(given: str) -> tuple[Form, ...]:
    """What ``--formats`` asks for, in the usual order; () when nothing is said."""
    asked = [word.strip() for word in given.split(",") if word.strip()]
    wrong = [word for word in asked if word not in list(Form)]
    if wrong:
        raise OrderflowError(
            "\n".join(
                f"--formats: no format {word!r}{did_you_mean(word, Form) or ';'} "
                f"formats: {', '.join(Form)}"
                for word in wrong
            )
        )
    return tuple(form for form in Form if form in asked)


def _words(folder: Path, last: Record | None) -> Iterable[str]:
    """The flows that the last run was about, or all that ship."""
    if last is None:
        return bundled_names()
    return (
        word if word in bundled_names() else os.path.normpath(folder / word) for word in last.flows
    )


def _kept(folder: Path, word: str) -> str:
    """How a record names a flow: a file as seen from the folder, so that both can be moved."""
    return word if word in bundled_names() else Path(os.path.relpath(word, folder)).as_posix()


def _own(chosen: Chosen, path: Path, last: Record | None) -> str:
    """The text of a page whose regions are to be filled.

    Raises:
        OrderflowError: It cannot be read or written, or is a page that this command makes.
    """
    data = read_file(path)
    made = [*(last.files if last else ()), RECORD]
    if any(path.resolve() == (chosen.folder / name).resolve() for name in made):
        raise OrderflowError(f"--fill {path}: is made by this command; name a page of your own")
    if not chosen.check:
        writable(path)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        told = f"{path}: is not UTF-8: byte {error.start + 1} is {data[error.start]:#04x}"
        raise OrderflowError(told) from None


def _refuse_namesakes(flows: Iterable[Flow]) -> None:
    """Raise when two flows have one name: a region could not tell them apart."""
    seen: dict[str, str] = {}
    for flow in flows:
        if flow.name in seen:
            told = f"{flow.source}: a flow called {flow.name!r} came with {seen[flow.name]}, too"
            raise OrderflowError(told)
        seen[flow.name] = flow.source


def _made(folder: Path, plan: Plan) -> tuple[Mapping[str, bytes], Mapping[Path, str]]:
    """All files of the folder, by path below it, and a person's pages with their regions filled."""
    forms, flavor = plan.record.forms, plan.record.flavor
    files = pages(plan.flows, forms=forms, flavor=flavor)
    record = Record(plan.record.flows, forms, flavor, tuple(files))
    own: dict[Path, str] = {}
    errors: list[OrderflowError] = []
    for path, text in plan.own.items():
        root = _way(path, folder)
        with noted(errors):
            own[path] = fill(
                text, plan.flows, root=root, forms=forms, flavor=flavor, file=str(path)
            )
    refuse(errors)
    return files | {RECORD: render_record(record).encode()}, own


def _way(page: Path, folder: Path) -> str:
    """The path from a page to a folder, for links: empty, or ending in a slash."""
    way = Path(os.path.relpath(folder.resolve(), page.resolve().parent)).as_posix()
    return "" if way == "." else f"{quote(way)}/"


def _tell(chosen: Chosen, wanted: Mapping[str, bytes], written: int, removed: int) -> None:
    first = next((name for name in ("index.md", "README.md") if name in wanted), "")
    begin = f"; begin with {chosen.folder / first}" if first else ""
    gone = f", {removed} removed" if removed else ""
    say(f"{chosen.folder}: {len(wanted)} files, {written} written{gone}{begin}")
