"""Rest is seen in what an integration calls: empty reads, silence, or looking without effect."""

from orderflow.certify.stillness import Stillness
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import READ, START


def call(operation: str, status: int = 200, **facts: object) -> Line:
    return Line(
        1, "call", operation=operation, method=operation[:4].strip(), status=status, facts=facts
    )


def empty() -> Line:
    return call(READ, items=[])


def begun() -> Stillness:
    still = Stillness(quiet=1.0, scale=60.0)
    still.begin(0.0)
    return still


def test_two_empty_reads_are_rest_at_once() -> None:
    still = begun()
    still.hear([empty()], 0.1)
    once = still.at_rest(0.1)
    still.hear([empty()], 0.2)

    assert (once, still.at_rest(0.2)) == (False, True)


def test_any_other_call_and_any_item_begins_the_count_anew() -> None:
    for between in (call(START, 204), call(READ, items=[{"order": "a"}]), call(READ, 500)):
        still = begun()
        still.hear([empty(), between, empty()], 0.1)

        assert not still.at_rest(0.2)


def test_something_that_happens_begins_the_count_anew() -> None:
    still = begun()
    still.hear([empty(), empty()], 0.1)
    still.stir(0.2)

    assert not still.at_rest(0.3)


def test_silence_is_rest() -> None:
    still = begun()
    still.hear([call(START, 204)], 5.0)

    assert not still.at_rest(5.9)
    assert still.at_rest(6.0)


def test_only_looking_again_and_again_is_rest_after_a_while() -> None:
    still = begun()
    for tenth in range(40):
        still.hear([call("GET /api/oms/pvt/orders")], tenth / 10)

    assert not still.at_rest(2.9)
    assert still.at_rest(3.95)


def test_looking_after_a_silence_is_a_beginning() -> None:
    still = begun()
    still.hear([call("GET /api/oms/pvt/orders")], 5.0)

    assert not still.at_rest(5.1)


def test_who_reads_its_feed_rarely_is_given_time_to() -> None:
    still = begun()
    for second in (3, 6, 9):
        still.hear([empty()], second)
    still.hear([call(START, 204)], 9.5)

    assert (still.poll_pause, still.quiet_time) == (3, 7.5)
    assert not still.at_rest(16.9)
    assert still.at_rest(17.0)


def test_one_long_pause_is_not_the_usual_one() -> None:
    still = begun()
    for second in (1.0, 1.1, 1.2, 9.0, 9.1):
        still.hear([empty()], second)

    assert 0 < still.poll_pause < 0.2


def test_how_often_a_feed_is_read_is_known_after_two_reads() -> None:
    still = begun()
    known = [still.is_known]
    for _ in range(2):
        still.hear([empty()], 1.0)
        known.append(still.is_known)

    assert known == [True, False, True]


def test_a_feed_that_is_not_there_is_not_read() -> None:
    still = begun()
    still.hear([call(READ, 404)], 1.0)

    assert still.is_known


def test_who_was_told_to_keep_quiet_is_not_at_rest_for_half_as_long_again() -> None:
    still = begun()
    still.hear([call(READ, 429, retry_after=7)], 1.0)

    assert not still.at_rest(11.9)
    assert still.at_rest(12.0)


def test_who_calls_again_keeps_quiet_no_longer() -> None:
    still = begun()
    still.hear([call(READ, 429, retry_after=7), empty(), empty()], 1.0)

    assert still.at_rest(1.1)


def test_without_a_number_of_seconds_the_pause_is_a_scaled_minute() -> None:
    still = begun()
    still.hear([call(READ, 429)], 1.0)

    assert still.paused_until == 3.0


def test_pauses_double_as_long_as_each_call_is_refused() -> None:
    still = begun()
    until = []
    for _ in range(3):
        still.hear([call(READ, 429)], 1.0)
        until.append(still.paused_until)
    still.hear([call(START, 204), call(READ, 429)], 1.0)

    assert until == [3.0, 4.5, 7.5]
    assert still.paused_until == 3.0


def test_no_pause_is_waited_for_for_ever() -> None:
    still = begun()
    still.hear([call(READ, 429, retry_after=10**9)], 0.0)

    assert still.paused_until == 90.0


def test_who_was_answered_by_a_failure_may_be_about_to_try_again() -> None:
    for status in (500, 503, 0):
        still = begun()
        still.hear([call(START, status)], 5.0)

        assert not still.at_rest(6.9)
        assert still.at_rest(7.0)
