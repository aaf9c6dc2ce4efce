from hypothesis import given
from hypothesis import strategies as st

from runner.effort import FAST, MOST_ATTEMPTS, THOROUGH, Effort, attempts, share

COSTS = st.dictionaries(st.tuples(st.text(max_size=3), st.just("main")), st.floats(0.0001, 5), min_size=1, max_size=80)


def keyed(*costs):
    """Costs by made-up operations."""
    return {(f"sql.{number}", "main"): cost for number, cost in enumerate(costs)}


def test_each_as_many_as_its_share_allows():
    """Without a bound on the whole, each operation is asked for so many seconds; a dear one once, a free one not for ever."""
    effort = Effort(seconds_each=1.0)
    assert list(attempts(keyed(0.1, 0.3, 7.0, 0.0, 1e-6), effort).values()) == [10, 3, 1, MOST_ATTEMPTS, MOST_ATTEMPTS]


def test_dear_ones_leave_less_to_the_others():
    """What costs more than its share is asked once, and the others divide what is left of the round."""
    effort = Effort(rounds=5, seconds_each=10.0, seconds_in_all=50.0)
    assert share(keyed(4.0, 0.1, 0.1), effort) == 3.0
    assert share(keyed(2.0, 0.1, 0.1), effort) == 10.0 / 3


@given(costs=COSTS, rounds=st.integers(1, 20), in_all=st.floats(0.1, 100))
def test_bounded_whole(costs, rounds, in_all):
    """All rounds together keep within the bound, unless single attempts alone are more than that."""
    effort = Effort(rounds, 100.0, in_all)
    counts = attempts(costs, effort)
    singles = sum(costs.values())
    asked = sum(costs[key] * count for key, count in counts.items())
    assert min(counts.values()) >= 1
    assert asked <= max(in_all / rounds, singles) + 1e-6


def test_nothing_to_ask():
    """No operation has no share."""
    assert attempts({}, FAST) == {}
    assert attempts({}, THOROUGH) == {}
