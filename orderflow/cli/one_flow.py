"""Which flow a person means where a deal, which has several, makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from orderflow.cli.naming import deal_named, flow_named, kind_of
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow


class NotOneFlowError(OrderflowError):
    """A deal where one flow is wanted.

    Attributes:
        deal: What was named.
        flows: The flows of its documents, each once.
    """

    def __init__(self, deal: str, flows: tuple[str, ...], verb: str) -> None:
        super().__init__(
            f"{deal} is a deal, and {verb} takes one flow at a time; its documents follow: "
            f"{', '.join(flows)}. Such as: orderflow {verb} {flows[0]}"
        )
        self.deal, self.flows = deal, flows


def one_flow(verb: str) -> Callable[[str], Iterator[tuple[str, Flow]]]:
    """What finds the flow that a word means, for the *verb* that asks.

    It raises NotOneFlowError for a deal, and OrderflowError when there is no such flow.
    """

    def named(word: str) -> Iterator[tuple[str, Flow]]:
        if kind_of(word) == "deal":
            parties = deal_named(word).participants
            flows = tuple(dict.fromkeys(each.flow.name for each in parties))
            raise NotOneFlowError(word, flows, verb)
        yield word, flow_named(word)

    return named
