"""Markdown that shows any text as text, in every renderer: the pieces that pages are made of.

Everything that could mean something to a renderer is written as a character reference, which
CommonMark, Python-Markdown, MyST and MDX all turn back into the character and into nothing else.
A pipe, a brace or a backquote of a name can so neither end a cell nor begin an expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NewType

Md = NewType("Md", str)
"""Text that is Markdown already: what came from outside is escaped in it."""

NOTHING = Md("")
LINE_BREAK = Md("<br />")

_SPECIAL = re.compile(
    r"""[^\w \u0080-\U0010ffff.,;:()/'"!?%=+-]|_|--+|==+|:(?! |$)|(?<=www)\.|^[ =+-]|^\d+[.)]| $"""
)
_PLAIN_CODE = re.compile(r"""[\w .:/@>=(),"'#;!%*~+?&^$\[\]{}-]+""", re.ASCII)
_TEMPLATE = re.compile(r"\{[{%#/]|[}%#/]\}")
"""What programs that fill templates look for, in code, too."""


def visible(text: str) -> str:
    r"""Return *text* on one line, with what cannot be seen, or turns what can, spelled out.

    >>> print(visible("one\n\u202etwo"))
    one \u202etwo
    """
    return "".join(map(_seen, " ".join(text.split())))


def _seen(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004


def words(text: str) -> Md:
    """Return *text* as Markdown that shows just it.

    >>> words("a|b {{ c }} <img>")
    'a&#124;b &#123;&#123; c &#125;&#125; &#60;img&#62;'
    """
    return Md(_SPECIAL.sub(_references, visible(text)))


def _references(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(char)};" for char in found[0])


def code(text: str) -> Md:
    """Return *text* in type of equal width.

    >>> code("waiting-for-authorization"), code("a`b")
    ('`waiting-for-authorization`', '<code>a&#96;b</code>')
    """
    is_plain = _PLAIN_CODE.fullmatch(text) and not _TEMPLATE.search(text)
    if is_plain and text == " ".join(text.split()):
        return Md(f"`{text}`")
    return Md(f"<code>{words(text)}</code>")


def codes(texts: Iterable[str]) -> Md:
    """Return *texts* in type of equal width, separated by commas."""
    return joined(map(code, texts))


def joined(parts: Iterable[Md], between: str = ", ") -> Md:
    """Return *parts* one after the other."""
    return Md(between.join(parts))


def sentence(text: str) -> Md:
    """Return *text* with what it has between back quotes in type of equal width."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return words(text)
    shown = (code(part) if at % 2 else _with_blanks(part) for at, part in enumerate(parts))
    return Md("".join(shown))


def _with_blanks(part: str) -> str:
    """*part* as words, its blanks at both ends kept: they stand inside of a line."""
    head = " " if part[:1].isspace() else ""
    tail = " " if part[-1:].isspace() and part.strip() else ""
    return f"{head}{words(part)}{tail}"


def strong(text: Md) -> Md:
    """Return *text* in bold."""
    return Md(f"<strong>{text}</strong>")


def anchor(name: str) -> Md:
    """Return a place that ``#name`` leads to; *name* is one that :func:`names_of` made."""
    return Md(f'<a id="{name}"></a>')


def to_anchor(text: Md, name: str) -> Md:
    """Return a link to a place on the same page.

    It is written in HTML: tools that check the links of Markdown do not know places in tables.
    """
    return Md(f'<a href="#{name}">{_in_html(text)}</a>')


def _in_html(text: Md) -> Md:
    """Code inside of an HTML link is written in HTML, too: some renderers want it so."""
    inner = text[1:-1]
    whole = text == f"`{inner}`" and "`" not in inner
    return Md(f"<code>{words(inner)}</code>") if whole else text


def link(text: Md, path: str) -> Md:
    """Return a link to a file; *path* has nothing but letters, digits and ``-_./#``."""
    return Md(f"[{text}]({path})")


def heading(level: int, text: Md) -> Md:
    """Return a heading."""
    return Md(f"{'#' * level} {text}")


def table(head: Sequence[str], rows: Iterable[Sequence[Md]]) -> Md:
    """Return a table, or a sentence that there is nothing when it has no rows."""
    body = [f"| {' | '.join(cell or '–' for cell in row)} |" for row in rows]  # noqa: RUF001
    if not body:
        return Md("None.")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body]
    return Md("\n".join(lines))


def items(rows: Iterable[Md]) -> Md:
    """Return a list, or a sentence that there is nothing when it has no items."""
    return Md("\n".join(f"- {row}" for row in rows) or "None.")


def fence(text: str, language: str) -> Md:
    """Return *text* as it stands, in a block that nothing in it can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return Md(f"{mark}{language}\n{text.rstrip()}\n{mark}")


def page(blocks: Iterable[Md]) -> str:
    """Return *blocks* as one page, with a blank line between two of them."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def attribute(text: str) -> str:
    """Return *text* for an attribute between double quotes, in HTML and JSX alike.

    >>> attribute('a "b" {c}')
    'a &#34;b&#34; &#123;c&#125;'
    """
    return re.sub(r"""[&<>"'{}`\\|*_\[\]]""", _references, visible(text))


def names_of(prefix: str, texts: Iterable[str]) -> dict[str, str]:
    """Return for each of *texts* a name for links, unlike those of the others.

    >>> names_of("status", ["a b", "a-b"])
    {'a b': 'status-a-b', 'a-b': 'status-a-b-2'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        base = name = f"{prefix}-{slug(text)}"
        number = 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        found[text] = name
    return found


def slug(text: str) -> str:
    """Return *text* as a name for files and links: letters and digits of ASCII, and ``-``.

    >>> slug("S14@authorize-fulfillment"), slug("</script>"), slug("…")
    ('S14-authorize-fulfillment', 'script', 'unnamed')
    """
    return re.sub(r"[^0-9A-Za-z]+", "-", text).strip("-")[:80].rstrip("-") or "unnamed"
