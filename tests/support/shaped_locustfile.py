"""A locustfile for the shapes alone: users that only sleep, our options, and figures of steps as a test gives them.

Each test_start, and each change of the users there should be, is told on a line of its own, as JSON.
"""

import json
import os

import gevent
from locust import User, constant, events, task

from load import options
from load.knee import Step
from load.shape_class import install
from steadyline.errors import ConfigurationError

SATURATES_AT = int(os.environ.get("TEST_SATURATES_AT", "1000000"))


class Sleeper(User):
    """Asks nothing of anyone."""

    wait_time = constant(1)

    @task
    def sleep(self):
        """For a moment."""
        gevent.sleep(0.01)


def tell(**facts) -> None:
    """Say so on a line."""
    print("told: " + json.dumps(facts), flush=True)


def steps_of(seen: list[int]) -> list[Step]:
    """What a target that carries so many users would have shown at each level so far."""
    return [Step(users, float(min(users, SATURATES_AT)), 0.01, 0.0) for users in seen]


def check_of(environment):
    """A check that refuses one rate."""

    def check():
        if environment.parsed_options.arrival_rate == "13":
            raise ConfigurationError("13 is not liked here")

    return check


events.init_command_line_parser.add_listener(options.add)


@events.init.add_listener
def begin(environment, runner, **_facts):
    """Install the shape where the run is led, and tell what happens."""
    if not hasattr(runner, "start_shape") or environment.parsed_options.worker:
        return
    levels: list[int] = []
    install(environment, runner, lambda: steps_of(levels), check_of(environment))
    start = runner.start

    def told(user_count, spawn_rate, *arguments, **named):
        if not levels or levels[-1] != user_count:
            levels.append(user_count)
            tell(users=user_count, spawn_rate=spawn_rate)
        return start(user_count, spawn_rate, *arguments, **named)

    runner.start = told

    @environment.events.test_start.add_listener
    def started(environment, **_facts):
        levels[:] = []
        said = environment.parsed_options
        shape_class = type(environment.shape_class).__name__ if environment.shape_class else None
        tell(
            shape=said.shape,
            shape_class=shape_class,
            rate=said.arrival_rate,
            profile=environment.profile,
            run_time=said.run_time,
        )

    @environment.events.test_stop.add_listener
    def stopped(**_facts):
        tell(stopped=True)
