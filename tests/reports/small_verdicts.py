"""Two short verdicts on a shop of three statuses, one that fails and one that passes, and the run
before, for files that a person can read."""

from __future__ import annotations

from dataclasses import replace

from orderflow.conformance.verdict import (
    CellOutcome,
    Dimension,
    Failure,
    FlowVerdict,
    Never,
    ProofFigures,
    TraceStep,
    Verdict,
)

SHOP = FlowVerdict(
    name="shop",
    title="Shop",
    profile="documented",
    digest="0123456789abcdef",
    source="shop.yaml",
    transitions=(("T1", 12), ("T2", 9), ("T3", 0)),
    states=(("new", 12), ("paid", 9), ("shipped", 0)),
    pairs=1,
    pairs_total=2,
    cells=(
        ("new", "pay", CellOutcome.EXERCISED),
        ("new", "ship", CellOutcome.DIVERGES),
        ("paid", "pay", CellOutcome.REFUSED),
        ("paid", "ship", CellOutcome.NOT_EXERCISED),
    ),
    guards=(),
    triggers=(),
    actors=(("shopper", 21),),
    orders=12,
    steps=30,
    refused=9,
    never=(Never("T3", "guard never true", ""),),
    rules=("A-39", "I-01"),
    proof=ProofFigures(4, 5, 2, complete=True, stuck=()),
    vector=(Dimension("pairs", ("T1 T2",), ("T2 T3",)),),
)
SHIPPED_UNPAID = Failure(
    identity="I-01/new-ship/refusal",
    rule="I-01",
    title="What the flow does not allow is refused",
    severity="error",
    kind="refusal",
    flow="shop",
    transition="",
    sentence="ship was taken in new; it must be refused there (I-01, shop flow).",
    expected="it must be refused there",
    observed="ship was taken in new",
    explanation="Nothing may be shipped that nobody has paid.",
    source="shop.yaml",
    trace=(
        TraceStep(1, 0, "shopper", "place", "(none)", "new", transition="T1", stage=1),
        TraceStep(2, 90_000, "anyone", "ship", "new", "shipped", data=(("parcel", "1"),)),
    ),
    shrunk_from=7,
    seen=4,
    expected_target="",
    replay="orderflow replay --flow shop.yaml --steps 'place ship'",
    acts=("place", "ship"),
    statuses=("new", "shipped"),
    tried=3,
    again=2,
)
LATE = Failure(
    identity="A-39/T2/rule",
    rule="A-39",
    title="What is paid is invoiced in time",
    severity="warning",
    kind="rule",
    flow="shop",
    transition="T2",
    sentence="An order was not invoiced for 3 days (A-39, shop flow).",
    expected="an invoice within 2 days",
    observed="none for 3 days",
    explanation="The shopper waits.",
    source="",
    trace=(),
    shrunk_from=0,
    seen=1,
    expected_target="",
    replay="",
)
PAID_TWICE = replace(
    SHIPPED_UNPAID,
    identity="I-01/T2/refusal",
    transition="T2",
    sentence="pay was taken in paid; it must be refused there (I-01, shop flow).",
    tried=0,
    again=0,
)
ELSEWHERE = replace(LATE, flow="other", sentence="An order of another flow was late.")


def the_failing() -> Verdict:
    """An error that is new, and a warning."""
    return Verdict(
        flows=(SHOP,),
        failures=(SHIPPED_UNPAID, LATE),
        rules=("A-39", "I-01"),
        seed=7,
        settings=(("examples", "2"), ("moves", "5"), ("exhaustive search", "on")),
        command="orderflow check shop.yaml --seed 7 --examples 2 --steps 5",
        version="1.2.3",
    )


def the_passing() -> Verdict:
    """Nothing is wrong, all was taken."""
    flow = replace(
        SHOP,
        transitions=(("T1", 12), ("T2", 9), ("T3", 5)),
        states=(("new", 12), ("paid", 9), ("shipped", 5)),
        cells=(("new", "pay", CellOutcome.EXERCISED), ("new", "ship", CellOutcome.REFUSED)),
        pairs=2,
        never=(),
        vector=(),
    )
    return replace(the_failing(), flows=(flow,), failures=())


def the_one_before() -> Verdict:
    """The run before: the warning, an error that is fixed, and something else."""
    other = replace(SHOP, name="other")
    failures = (PAID_TWICE, LATE, ELSEWHERE)
    return replace(the_failing(), flows=(SHOP, other), failures=failures)
