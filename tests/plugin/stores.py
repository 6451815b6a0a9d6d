"""Stores that somebody's tests might test, and suites for them, as files of a folder."""

from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.conformance.suites.suite_file import parse_suite
from orderflow.conformance.suites.suite_text import render_suite
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search

CANCELS_ANYTHING = """
    import dataclasses
    import pytest
    from orderflow.conformance.subjects.subject import Outcome

    class Store:
        def __init__(self, inner):
            self.inner = inner

        def begin(self, start):
            return self.inner.begin(start)

        def fire(self, call):
            answer = self.inner.fire(call)
            if call.event == "cancel_order":
                return dataclasses.replace(answer, outcome=Outcome.ACCEPTED)
            return answer

    @pytest.fixture
    def orderflow_subject(orderflow_subject):
        return Store(orderflow_subject)
"""
"""A conftest.py with a store that says yes to every cancellation."""

SILENT = CANCELS_ANYTHING.replace(
    'call.event == "cancel_order"', 'call.event == "start_handling"'
).replace("outcome=Outcome.ACCEPTED", 'outcome=Outcome.INDETERMINATE, told="no answer in 5 s"')
"""A conftest.py with a store that does not answer when handling starts."""

CANNOT_CANCEL = """
    import pytest
    from orderflow.conformance.subjects.subject import Abilities

    class Store:
        abilities = Abilities(asked=frozenset({"place_order", "complete_checkout"}))

        def __init__(self, inner):
            self.begin, self.fire = inner.begin, inner.fire

    @pytest.fixture
    def orderflow_subject(orderflow_subject):
        return Store(orderflow_subject)
"""
"""A conftest.py with a store that can be asked for the first two events only."""


PROMPT = """
    import pytest
    from orderflow.conformance.subjects.subject import LOOK, Abilities, Call

    class Store:
        abilities = Abilities(awaited=frozenset({"complete_checkout", "await_authorization"}))

        def __init__(self, inner):
            self.begin, self.inner = inner.begin, inner

        def fire(self, call):
            self.inner.fire(call)
            for event in sorted(self.abilities.awaited, reverse=True):
                self.inner.simulator.attempt(event)
            return self.inner.fire(Call(LOOK))

    @pytest.fixture
    def orderflow_subject(orderflow_subject):
        return Store(orderflow_subject)
"""
"""A conftest.py with a store that has completed the checkout before anybody can look."""


def suite_text(cover: str = "states", flow: str = "seller") -> str:
    """A suite of a bundled flow as a file holds it."""
    seen = bundled(flow).view(Profile.DOCUMENTED, ())
    return render_suite(generate(graph_of(search(seen, defaults())), cover, named=flow))


def ids_of(cover: str = "states", flow: str = "seller") -> list[str]:
    """Ids of the cases of such a suite, in its order."""
    return [case.id for case in parse_suite(suite_text(cover, flow)).cases]
