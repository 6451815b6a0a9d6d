"""The words of the flow files, explained: all of it from the files themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orderflow.flows.evidence import decisions, sources
from orderflow.flows.loader import load_events
from orderflow.flows.model import EventKind
from orderflow.flows.settings import load_settings
from orderflow.flows.statuses import Status, catalogue
from orderflow.flows.vocabulary import ACTORS, PREDICATES
from orderflow.reports.docs.markup import (
    LINE_BREAK,
    Md,
    code,
    codes,
    heading,
    joined,
    page,
    sentence,
    table,
    words,
)
from orderflow.reports.docs.stages_part import stage_words
from orderflow.reports.docs.subject import Subject

_MARKS = {
    "source": "the sources say so",
    "derived": "after a call or field",
    "invented": "ours; the sources have no name",
    "sandbox": "ours; the sources are silent",
}


def glossary_page(subjects: Iterable[Subject]) -> str:
    """Return the glossary as Markdown."""
    own = [kind for subject in subjects for kind in subject.flow.own_events]
    return page(
        [
            heading(1, words("Glossary")),
            *_section(
                "Statuses", ("API status", "Admin", "Shopper", "Seen by", "Meaning"), _statuses()
            ),
            *_section("Other spellings", ("Text", "Kind", "Stands for", "Where"), _aliases()),
            *_section("Events", ("Event", "Meaning", "Fired by", "Name", "Calls"), _events(own)),
            *_section("Actors", ("Actor", "Who that is"), _told(ACTORS.items())),
            *_section("Stages", ("Stage", "To come", "Going on", "Over"), stage_words()),
            *_section(
                "Guards",
                ("Guard", "Meaning"),
                _told((each.name, each.meaning) for each in PREDICATES.values()),
            ),
            *_section(
                "Time limits and switches", ("Setting", "Default", "Begins", "Ends"), _settings()
            ),
            *_section("Decisions", ("Number", "Question", "Decision", "Why"), _decisions()),
            *_section(
                "Sources",
                ("Key", "What it is"),
                _told((each.key, each.title) for each in sources().values()),
            ),
        ]
    )


def _section(title: str, head: tuple[str, ...], rows: Iterable[tuple[Md, ...]]) -> Iterator[Md]:
    yield heading(2, words(title))
    yield table(head, rows)


def _told(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[Md, ...]]:
    return ((code(name), sentence(text)) for name, text in rows)


def _statuses() -> Iterator[tuple[Md, ...]]:
    return map(_status, catalogue().statuses.values())


def _status(status: Status) -> tuple[Md, ...]:
    return (
        code(status.name),
        words(status.label),
        words(status.my_account),
        words(", ".join(status.viewed_by)),
        sentence(status.behaviour),
    )


def _aliases() -> Iterator[tuple[Md, ...]]:
    for alias in catalogue().aliases.values():
        yield code(alias.text), words(alias.kind), codes(alias.means), sentence(alias.where)


def _events(own: Iterable[EventKind]) -> Iterator[tuple[Md, ...]]:
    for kind in {**load_events(), **{each.name: each for each in own}}.values():
        yield (
            code(kind.name),
            sentence(kind.meaning),
            words(", ".join(kind.actors)),
            words(_MARKS.get(kind.mark, kind.mark)),
            joined((code(each.call) for each in kind.endpoints), LINE_BREAK),
        )


def _settings() -> Iterator[tuple[Md, ...]]:
    for setting in load_settings().values():
        value = "" if setting.default is None else f"{setting.default} {setting.unit}"
        yield code(setting.name), words(value), sentence(setting.starts), sentence(setting.ends)


def _decisions() -> Iterator[tuple[Md, ...]]:
    for each in decisions().values():
        yield code(each.id), sentence(each.question), sentence(each.choice), sentence(each.why)
