"""A hook behaves as a list of notifications, each tried again after minutes from a table."""

from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orderflow.sandbox.filters import FromWorkflow
from orderflow.sandbox.hook import CURRENT, OLDER
from orderflow.sandbox.hook_config import HookSettings
from orderflow.sandbox.hooks import Hooks
from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change

MINUTE, DAY = 60_000, 86_400_000
WAITS = {
    "current": (1, 2, 4, 8, 16, 32, *(60,) * 13),  # 20 tries
    "older": (1, 2, 4, 8, 16),  # the next would come 63 minutes after the first
}
SETTINGS = HookSettings("http://localhost:1/", {}, FromWorkflow(("handling",)))
OUTCOMES = (Outcome(500), Outcome(202), Outcome(0, trouble="timeout"), Outcome(200))
STEPS = (0, 1, MINUTE - 1, MINUTE, 3 * MINUTE, 61 * MINUTE, 2 * DAY, 3 * DAY - 1, 3 * DAY)


@dataclass
class Modelled:
    """A notification that was not answered with 200: when it is tried next, how often it was."""

    order: str
    due: int
    tries: int = 1


class HookAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.service = Service()
        self.service.outbox.delivering = True
        self.key = self.service.accounts.first
        self.happened: list[Change] = []
        self.service.store.listen(self.happened.append)
        self.service.store.place(to="handling")
        self.sent: list[tuple[int, str]] = []
        self.wanted: list[tuple[int, str]] = []
        self.model: list[Modelled] = []
        self.outcome = OUTCOMES[0]
        self.law = "current"
        self.there = False
        self.news_at = self.failures = self.failing_since = 0

    @initialize(older=st.booleans(), outcome=st.sampled_from(OUTCOMES))
    def begin(self, older: bool, outcome: Outcome) -> None:
        self.outcome = outcome
        self.law = "older" if older else "current"
        self.service.part(Hooks).follow(OLDER if older else CURRENT)
        self.save()

    @rule()
    def save(self) -> None:
        save = self.service.part(Hooks).save(self.key, SETTINGS)
        self.service.deliver(save.number, Outcome(200))
        if not self.there:
            self.model, self.failures = [], 0
        self.there, self.news_at = True, self.service.now

    @precondition(lambda self: self.there)
    @rule(really=st.integers(0, 4))
    def delete(self, really: int) -> None:
        if really:
            return
        self.service.part(Hooks).delete(self.key)
        self.there, self.model = False, []

    @rule(outcome=st.sampled_from(OUTCOMES))
    def receiver_changes(self, outcome: Outcome) -> None:
        self.outcome = outcome

    @rule(count=st.sampled_from([0, 1, 2, 30]), step=st.sampled_from(STEPS))
    def news_and_time(self, count: int, step: int) -> None:
        self._news(count)
        self._wait(step)

    def _news(self, count: int) -> None:
        now = self.service.now
        change = self.happened[-1]
        for _ in range(count):
            self.service.part(Hooks).heard(change)
        if self.there and count:
            self.news_at = now
            rows = [Modelled(change.held.order_id, now) for _ in range(count)]
            self.wanted += [(now, row.order) for row in rows]
            for row in rows:
                self._judge(row)
        self._answer()

    def _wait(self, step: int) -> None:
        until = self.service.now + step
        self.service.advance(step)
        self._answer()
        self._wait_in_model(until)

    @invariant()
    def told_the_same_at_the_same_time(self) -> None:
        assert self.sent == self.wanted

    @invariant()
    def there_or_not_and_as_much_left_to_tell(self) -> None:
        hook = self.service.part(Hooks).of(self.key)
        assert (hook is not None) == self.there
        if hook is not None:
            left = sorted((each.news.order_id, each.tries, each.again) for each in hook.notices)
            assert left == sorted((row.order, row.tries, row.due) for row in self.model)

    def _answer(self) -> None:
        """Give every message the same answer; what comes of it may send more."""
        while self.service.outbox.waiting:
            message = next(iter(self.service.outbox.waiting.values()))
            self.sent.append((self.service.now, message.token))
            self.service.deliver(message.number, self.outcome)

    def _wait_in_model(self, until: int) -> None:
        while self.there:
            gone = self.news_at + 3 * DAY if self.law == "current" else until + 1
            row = min(self.model, key=lambda row: row.due, default=None)
            if row is not None and row.due <= min(until, gone):
                self.wanted.append((row.due, row.order))
                self.model.remove(row)
                row.tries += 1
                self._judge(row)
            elif gone <= until:
                self.there, self.model = False, []
            else:
                return

    def _judge(self, row: Modelled) -> None:
        if not self.there:
            return
        if self.outcome.status == 200:
            self.failures = 0
            return
        self.failing_since = row.due if self.failures == 0 else self.failing_since
        self.failures += 1
        waits, now = WAITS[self.law], row.due
        if row.tries <= len(waits):
            row.due += waits[row.tries - 1] * MINUTE
            self.model.append(row)
        older = self.law == "older"
        if older and (self.failures == 100 or now - self.failing_since > 4 * DAY):
            self.there, self.model = False, []


HookAgainstModel.TestCase.settings = settings(
    max_examples=45, stateful_step_count=40, deadline=None, derandomize=True
)
HookStaysWithModel = HookAgainstModel.TestCase
