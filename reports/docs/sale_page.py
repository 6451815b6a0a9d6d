"""The page on linked sales: two documents, the messages between them, and every link there is."""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.conformance.verdict import MessageTrace
from orderflow.flows.deal import Deal, Link
from orderflow.reports.clock import clock
from orderflow.reports.docs.flavor import (
    Flavor,
    Picture,
    diagram_code,
    folded,
    opening,
    picture,
)
from orderflow.reports.docs.markup import (
    Md,
    code,
    codes,
    heading,
    items,
    page,
    sentence,
    table,
    words,
)
from orderflow.reports.docs.sale import SEED, Sale
from orderflow.reports.happenings import remark

FOLDER = "sale"
"""Folder of the pictures of sales."""


def sale_page(deal: Deal, sales: Iterable[Sale], flavor: Flavor) -> str:
    """Return the page on a deal and some sales of it as Markdown."""
    return page(
        [
            opening(flavor),
            heading(1, words("A sale and its messages")),
            Md(
                "A sale has a document in every store that takes part. What happens to one becomes "
                "news to another, and news takes time. Here are sales of the deal "
                f"{code(deal.name)}, simulated with seed {SEED}: time runs down, boxes are steps, "
                "arrows are messages."
            ),
            *(block for sale in sales for block in _told(deal, sale, flavor)),
            heading(2, words("Every link")),
            Md("What makes news, who is told, and by which call:"),
            _links(deal),
            heading(2, words("What the news says")),
            items(
                Md(f"{code(notice.name)}: {sentence(notice.says)}")
                for notice in deal.notices.values()
                if any(link.notice == notice.name for link in deal.links)
            ),
        ]
    )


def _told(deal: Deal, sale: Sale, flavor: Flavor) -> Iterable[Md]:
    yield heading(2, words(sale.story.title))
    again = f"orderflow simulate {deal.name} --orders {sale.number} --seed {SEED}"
    yield Md(f"{words(sale.story.told)} It is the last sale of {code(again)}.")
    yield picture(flavor, Picture(f"{FOLDER}/{sale.story.name}", in_words(sale)))
    yield _messages(deal, sale)
    yield folded(words("The source of a Mermaid diagram"), diagram_code(flavor, diagram_of(sale)))


def in_words(sale: Sale) -> str:
    """Say in a paragraph what the picture of a sale shows."""
    steps = "; ".join(
        f"{clock(step.at)} {step.participant}: {step.event.replace('_', ' ')}, to {step.target}"
        for step in sale.trace.trace
    )
    return f"Sequence of a sale. {sale.story.title}. {steps}. The table below tells the messages."


def _messages(deal: Deal, sale: Sale) -> Md:
    says = {notice.name: notice.says for notice in deal.notices.values()}
    head = ("At", "From", "To", "News", "What it says", "What it does")
    return table(head, (_cells(sale, says, each) for each in sale.trace.messages))


def _cells(sale: Sale, says: dict[str, str], message: MessageTrace) -> tuple[Md, ...]:
    steps = {step.number: step for step in sale.trace.trace}
    done = [steps[number] for number in message.heard]
    does = "; ".join(f"{step.event}, to {step.target}" for step in done) or remark(message)
    return (
        words(clock(message.sent_at)),
        words(message.sender),
        words(message.receiver),
        code(message.notice),
        sentence(says.get(message.notice, "")),
        words(does),
    )


def diagram_of(sale: Sale) -> str:
    """Return a sale as the source of a Mermaid sequence diagram."""
    people = {name: f"p{place}" for place, (name, _) in enumerate(sale.trace.participants, 1)}
    lines = [f"participant {ident} as {_label(name)}" for name, ident in people.items()]
    sent: dict[int, list[MessageTrace]] = {}
    for message in sale.trace.messages:
        sent.setdefault(message.sent, []).append(message)
    arrived = {number: m for m in sale.trace.messages for number in m.heard[:1]}
    for step in sale.trace.trace:
        news = arrived.get(step.number)
        if news:
            lines.append(f"{people[news.sender]}->>{people[news.receiver]}: {_label(news.notice)}")
        told = f"{step.event.replace('_', ' ')}, to {step.target}"
        lines.append(f"Note over {people[step.participant]}: {_label(told)}")
        lines += [
            f"{people[each.sender]}--x{people[each.receiver]}: {_label(each.notice)}"
            for each in sent.get(step.number, ())
            if not each.heard
        ]
    return "\n".join(["sequenceDiagram", *(f"  {line}" for line in lines)]) + "\n"


def _label(text: str) -> str:
    """Text of a diagram: what Mermaid could take for its own stands as a number."""
    return "".join(char if char.isalnum() or char in " -,." else f"#{ord(char)};" for char in text)


def _links(deal: Deal) -> Md:
    head = ("Link", "What happens", "News", "To", "Call", "Source")
    return table(head, map(_link_cells, deal.links))


def _link_cells(link: Link) -> tuple[Md, ...]:
    return (
        words(", ".join(link.rows) or link.id),
        sentence(link.says),
        code(link.notice) if link.notice else Md("none is sent"),
        words(f"{link.towards}: {link.to}" if link.to else str(link.towards)),
        codes(link.carrier),
        words(", ".join((*link.sources, *link.decisions))),
    )
