"""Any text stands on a page as itself: no renderer takes a part of it for something else."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from orderflow.reports.docs.markup import (
    Md,
    attribute,
    code,
    fence,
    heading,
    items,
    names_of,
    sentence,
    slug,
    table,
    visible,
    words,
)
from tests.reports.docs.rendering import (
    Renderer,
    by_commonmark,
    by_mdx,
    by_python_markdown,
    needs_mdx,
    plain,
    seen,
)
from tests.reports.exports.flows import TEXTS

SHORT = [text for text in TEXTS if len(text) < 500]
MORE = (
    *("1. a", "1) a", "+ a", "= b", "==", "a\n---", "a\n===", "> b", "# h", "#", "::: note", ":a:"),
    *("http://x.example a", "www.x.example", "a@x.example", "a__b__c", "~~a~~", "$x$", "[a]: b"),
    *("[^1]", "!!! note", "??? x", "[TOC]", "{: .a}", "%%", "&copy;", "a  \nb", "\\", "`", "``a`"),
    *("{% x %}", "{/* x */}", "import x", "export x", "<!--", "<?", "<a", "(x)=", "+++", "***"),
)
ANY = st.one_of(st.sampled_from([*SHORT, *MORE]), st.text(st.characters(exclude_categories=())))
PYTHON = [by_commonmark, by_python_markdown]


def shown(render: Renderer, text: Md) -> str:
    return plain(seen(render(text)).words)


@pytest.mark.parametrize("render", PYTHON)
@settings(max_examples=150, deadline=None)
@given(text=ANY)
@example(text="- x")
@example(text="a\u202eb")
def test_text_is_shown_as_it_is(render: Renderer, text: str) -> None:
    wanted = plain(visible(text))

    assert shown(render, words(text)) == wanted
    assert shown(render, code(text)) == wanted
    assert shown(render, heading(2, words(text))) == wanted
    assert shown(render, items([words(text), code(text)])) == plain(f"{wanted} {wanted}")


@pytest.mark.parametrize("render", PYTHON)
@settings(max_examples=100, deadline=None)
@given(one=ANY, two=ANY)
def test_a_cell_holds_its_text_and_no_more(render: Renderer, one: str, two: str) -> None:
    assume(plain(visible(one)) and plain(visible(two)))

    page = seen(render(table(("a", "b"), [(words(one), code(two)), (code(one), words(two))])))

    rows = [[plain(cell) for cell in row] for row in page.tables[""]]
    assert rows == [["a", "b"], *[[plain(visible(one)), plain(visible(two))]] * 2]
    assert not {"script", "img"}.intersection(page.tags)


@needs_mdx
def test_mdx_shows_text_as_it_is() -> None:
    texts = [text for text in (*SHORT, *MORE) if plain(visible(text))]

    page = seen(by_mdx(table(("a", "b"), ((words(text), code(text)) for text in texts))))

    rows = [[plain(cell) for cell in row] for row in page.tables[""][1:]]
    assert rows == [[plain(visible(text))] * 2 for text in texts]


@pytest.mark.parametrize("render", PYTHON)
def test_the_words_of_a_picture_stay_words(render: Renderer) -> None:
    for text in (*SHORT, *MORE):
        page = seen(render(f"![{attribute(text)}](a.svg)"))
        alone = seen(render(f'<img alt="{attribute(text)}" src="a.svg" />'))

        wanted = [("a.svg", plain(visible(text)))]
        assert [(src, plain(alt)) for src, alt in page.pictures] == wanted
        assert [(src, plain(alt)) for src, alt in alone.pictures] == wanted
        assert page.handlers + alone.handlers == []


def test_code_in_a_sentence_is_code_and_a_lone_back_quote_is_one() -> None:
    assert sentence("say `undoes` there") == "say `undoes` there"
    assert shown(by_commonmark, sentence("a ` b | c")) == "a ` b | c"


def test_nothing_in_a_block_ends_it() -> None:
    text = "a\n```\n````\n<script>\n"

    html = by_commonmark(fence(text, "text"))

    assert seen(html).tags == ["pre", "code"]
    assert seen(html).words.strip() == text.strip()


def test_what_turns_text_around_is_spelled_out() -> None:
    assert visible("a\u202eb\u2067c\x00\ud800\U000e0001") == (
        "a\\u202eb\\u2067c\\u0000\\ud800\\U000e0001"
    )


@given(st.lists(ANY, unique=True, max_size=6))
def test_names_for_links_are_safe_and_unlike(texts: list[str]) -> None:
    names = list(names_of("status", texts).values())

    assert len(set(names)) == len(texts)
    assert all(slug(name) == name and len(name) < 120 for name in names)
