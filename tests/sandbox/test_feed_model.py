"""A feed behaves as a list of items that are hidden, kept and removed, looked at one by one."""

import random
from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from orderflow.sandbox.feed import MOST_DELIVERIES, Feed
from orderflow.sandbox.feed_config import QueueSettings
from orderflow.sandbox.filters import FromWorkflow, News

SETTINGS = (QueueSettings(30, 345_600), QueueSettings(240, 400_000), QueueSettings(86_400, 345_600))
FILTERS = (FromWorkflow(), FromWorkflow(("handling",)))
STEPS = (0, 1, 29_999, 30_000, 240_000, 86_400_000, 345_599_999, 345_600_000)


@dataclass
class Modelled:
    """What the model knows of an item: a row of a list, without any index."""

    name: str
    entered: int
    gone_at: int
    handle: str = ""
    visible_at: int = 0
    deliveries: int = 0


class FeedAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now, self.count = 1_000, 0
        self.settings, self.filter = SETTINGS[0], FILTERS[0]
        self.feed = Feed(self.settings, self.filter, rng=random.Random(7), now=self.now)
        self.model: list[Modelled] = []
        self.handles: list[str] = ["no such handle"]

    @rule(state=st.sampled_from(["handling", "invoiced"]), moved=st.booleans())
    def offer(self, state: str, moved: bool) -> None:
        self.count += 1
        news = News(f"order-{self.count}", "Fulfillment", state, "", 0, self.now, moved)
        entered = self.feed.offer(news, dict, self.now)
        wanted = moved and state in (self.filter.statuses or (state,))

        assert entered == wanted
        if wanted:
            until = self.now + self.settings.retention_seconds * 1000
            self.model.append(Modelled(news.order_id, self.now, until))

    @rule(lot=st.integers(1, 10))
    def read(self, lot: int) -> None:
        got = self.feed.read(self.now, lot)
        self._forget()
        self.model = [
            m for m in self.model if m.deliveries < MOST_DELIVERIES or m.visible_at > self.now
        ]
        wanted = [m for m in self.model if m.visible_at <= self.now][:lot]

        assert [item.news.order_id for item in got] == [m.name for m in wanted]
        for item, modelled in zip(got, wanted, strict=True):
            modelled.handle = item.handle
            modelled.deliveries += 1
            modelled.visible_at = self.now + self.settings.visibility_seconds * 1000
            self.handles.append(item.handle)

    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        sent = data.draw(st.lists(st.sampled_from(self.handles), min_size=1, max_size=10))
        removed = self.feed.commit(sent, self.now)
        self._forget()
        done = [m for m in self.model if m.handle in sent and self.now < m.visible_at]

        assert removed == len(done)
        self.model = [m for m in self.model if m not in done]

    @rule(step=st.sampled_from(STEPS))
    def wait(self, step: int) -> None:
        self.now += step

    @rule(chosen=st.sampled_from(SETTINGS), wanted=st.sampled_from(FILTERS))
    def reconfigure(self, chosen: QueueSettings, wanted: FromWorkflow) -> None:
        self.settings, self.filter = chosen, wanted
        self.feed.reconfigure(chosen, wanted, self.now)

    @precondition(lambda self: self.model)
    @rule()
    def never_commit(self) -> None:
        for _ in range(MOST_DELIVERIES):
            self.read(10)
            self.now += 30_000

    @invariant()
    def same_quantity_and_age(self) -> None:
        facts = self.feed.facts(self.now)
        self._forget()

        assert facts.quantity == len(self.model)
        oldest = self.now - self.model[0].entered if self.model else 0
        assert facts.oldest_age_seconds == oldest / 1000

    def _forget(self) -> None:
        self.model = [m for m in self.model if m.gone_at > self.now]


FeedAgainstModel.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
FeedStaysWithModel = FeedAgainstModel.TestCase
