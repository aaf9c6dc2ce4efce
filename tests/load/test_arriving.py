"""The open model over Locust's own runner; each case in a process of its own (tests/support/open_model_process.py)."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

SUPPORT = Path(__file__).parents[1] / "support"
ROOT = SUPPORT.parents[1]


@cache
def case(name: str) -> dict:
    """What happened in the case; nothing may be logged as an error."""
    command = [sys.executable, "-P", SUPPORT / "open_model_process.py", name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    return json.loads(run.stdout)


def test_every_start_is_begun_or_dropped():
    """All that the schedule says comes due, and what was not dropped was begun; nothing begins before."""
    seen = case("handed_out")
    assert seen["before"] == 0
    assert seen["intended"] == 200
    assert seen["begun"] == seen["intended"] - seen["dropped"] > 0


def test_users_take_turns():
    """The user that has been free the longest takes the next start, so that no connection idles and no class goes short."""
    turns = case("in_turn")["turns"]
    assert len(turns) > 6
    assert turns == [number % 3 for number in range(len(turns))]


def test_a_start_without_a_free_user_is_dropped():
    """A user that comes free after a start was due does not take it."""
    assert case("no_free_user") == {"begun": 1, "intended": 50, "dropped": 49}


def test_a_subclass_keeps_its_methods():
    """A class with its own on_start, on_stop and wait_time waits for its first start after on_start, and by starts only."""
    seen = case("own_methods")
    assert seen["waited"] == ["start"]
    assert seen["seen"] == ["start", *["work"] * seen["begun"], "stop"]
    assert seen["begun"] > 1


def test_waiting_users_can_be_stopped():
    """A graceful stop ends users that wait for their first start, and their on_stop is called."""
    assert case("stopped_while_waiting") == {"stopped": 7, "users": 0}


def test_a_stop_during_on_start():
    """A user that is told to stop while it is in on_start ends after it, and begins nothing."""
    assert case("stopped_in_on_start") == {"seen": ["start", "stop"]}


def test_a_start_in_hand_is_accounted_for():
    """A start whose user is ended before it could begin counts as dropped."""
    assert case("killed_with_a_start_in_hand") == {"begun": 0, "intended": 3, "dropped": 3}


def test_a_late_dispatcher_is_measured():
    """When the hub stands still, the starts that were due meanwhile begin with their delay; only first requests carry one."""
    seen = case("late_dispatcher")
    assert len(seen["first"]) == 50 - seen["dropped"]
    late = sorted(seen["first"], reverse=True)
    assert late[0] > 0.2
    assert sum(lag > 0.05 for lag in late) >= 20
    assert set(seen["second"]) == {0.0}


def test_a_request_that_is_told_of_afterwards():
    """The time that a request took itself is no delay of its start."""
    assert case("request_told_afterwards") == {"lags": [0.0]}


def test_the_closed_model():
    """Without an open model there is no lag, and users go by their own wait_time."""
    assert case("closed_model") == {"lags": [None, None]}


def test_a_share_that_changes():
    """Until the announced number the old share holds, from it on the new one; without users every start is dropped."""
    assert case("share_changes") == {"intended": 150, "dropped": 150, "share": [0, 1, 100]}


def test_a_share_that_is_told_too_late():
    """Numbers that were due before their share was told are dropped and counted, not forgotten."""
    assert case("share_told_too_late") == {"before": 15, "intended": 30, "dropped": 30}


def test_nobody_is_woken_early():
    """A sleeper is woken at its moment or after it, and leaves no file open, not even when it is killed."""
    seen = case("woken")
    assert seen["early"] < 1e-5
    assert seen["left_open"] == 0


def test_what_does_not_go_with_it():
    """All that contradicts the open model is told at once, each with how to mend it."""
    seen = case("told_faults")
    assert seen["none"] == []
    assert seen["all"] == [
        "--arrival-rate 0 starts nothing; give a rate above 0, as in --arrival-rate 500",
        "--ips and --arrival-rate both pace the users; give one of them (only --arrival-rate keeps its rate)",
        "Foreign knows no --arrival-rate; derive it from load.arriving.ArrivingUser",
        "Paced of Nested has a wait_time of its own, which --arrival-rate replaces; remove it",
    ]
