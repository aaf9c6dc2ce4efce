"""Shapes run by Locust itself, headless, with users that only sleep."""

from shaped_run import headless


def users_of(facts: list[dict]) -> list[int]:
    """The levels of a run, as Locust was told them."""
    return [fact["users"] for fact in facts if "users" in fact]


def test_a_shape_moves_the_users():
    """The users go by the shape over --users and --run-time, and the run ends with it, stopped once."""
    facts = headless("--shape", "step", "--users", "10", "--spawn-rate", "100", "--run-time", "5s")
    levels = users_of(facts)
    assert levels == sorted(levels)
    assert set(levels) <= {2, 4, 6, 8, 10}
    assert (levels[0], levels[-1]) == (2, 10)
    assert [fact for fact in facts if "stopped" in fact] == facts[-1:]


def test_a_ramp_spawns_as_fast_as_it_rises():
    """On a rising stretch the spawn rate follows the slope where --spawn-rate would lag behind."""
    facts = headless("--shape", "ramp", "--users", "40", "--spawn-rate", "1", "--run-time", "4s")
    rates = {fact["spawn_rate"] for fact in facts if "users" in fact and fact["users"] < 40}
    assert rates == {20.0}
    assert users_of(facts)[-1] == 40


def test_without_a_shape_locust_goes_its_own_way():
    """No --shape, or constant, leaves spawning, the keys and the run time to Locust."""
    for chosen in ([], ["--shape", "constant"]):
        facts = headless(*chosen, "--users", "3", "--spawn-rate", "10", "--run-time", "1s")
        assert users_of(facts) == [3]
        assert [fact["shape_class"] for fact in facts if "shape_class" in fact] == [None]


def test_a_breakpoint_ends_past_the_knee():
    """Two steps past what the target carries the run ends, long before the top."""
    facts = headless(
        "--shape", "breakpoint", "--users", "100", "--spawn-rate", "100", "--run-time", "12s", TEST_SATURATES_AT="20"
    )
    levels = users_of(facts)
    assert levels[:2] == [10, 20]
    assert 40 <= levels[-1] < 100


def test_in_the_open_model_the_users_are_a_pool():
    """With an arrival rate the users are there in full from the start, whatever the shape does to the rate."""
    facts = headless("--shape", "ramp", "--users", "30", "--spawn-rate", "1", "--run-time", "2s", "--arrival-rate", "5")
    assert users_of(facts) == [30]
    assert facts[-1] == {"stopped": True}
