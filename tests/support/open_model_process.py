"""Runs one case of the open model in a process of its own, since importing Locust changes a process; prints what happened."""

import json
import math
import sys
import time
from pathlib import Path

import gevent
from gevent.event import Event
from locust import TaskSet, constant, task
from locust.env import Environment

from load.arrivals import Arrivals, Share
from load.arriving import ArrivingUser, OpenModel, faults
from load.shapes import of_corners, shape
from load.waking import Waker


def environment_of(*user_classes, stop_timeout=1000.0) -> Environment:
    """An environment with a local runner; a stop that hangs is seen as a test that never ends."""
    environment = Environment(user_classes=list(user_classes), stop_timeout=stop_timeout)
    environment.create_local_runner()
    return environment


def spawned(environment, users: int) -> None:
    """Start so many users at once, and wait until all of them are there."""
    environment.runner.start(users, 1000)
    environment.runner.spawning_greenlet.join()
    gevent.sleep(0)


def model_of(rate, seconds=math.inf, share=None) -> OpenModel:
    """A model that begins now."""
    return OpenModel(Arrivals(shape("constant", seconds), rate), share or Share(0, 1), time.monotonic())


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def handed_out() -> dict:
    """Users enough for a steady rate over a second."""

    class Quick(ArrivingUser):
        begun = 0

        @task
        def work(self):
            Quick.begun += 1

    OpenModel.expected = True
    environment = environment_of(Quick)
    spawned(environment, 20)
    before = Quick.begun
    model = model_of(200, 1)
    model.start()
    model._dispatcher.join()
    environment.runner.stop()
    return {"before": before, "begun": Quick.begun, "intended": model.intended, "dropped": model.dropped}


def in_turn() -> dict:
    """Three users with hardly anything to do."""
    turns = []

    class Quick(ArrivingUser):
        @task
        def work(self):
            turns.append(id(self))

    OpenModel.expected = True
    environment = environment_of(Quick)
    spawned(environment, 3)
    model = model_of(30, 0.5)
    model.start()
    model._dispatcher.join()
    environment.runner.stop()
    order = list(dict.fromkeys(turns))
    return {"turns": [order.index(user) for user in turns]}


def no_free_user() -> dict:
    """One user that is busy with its first iteration, until all starts were due; then it would be free."""

    class Busy(ArrivingUser):
        begun = 0
        over = Event()

        @task
        def work(self):
            Busy.begun += 1
            Busy.over.wait()

    OpenModel.expected = True
    environment = environment_of(Busy)
    spawned(environment, 1)
    model = model_of(100, 0.5)
    model.start()
    model._dispatcher.join()
    Busy.over.set()
    gevent.sleep(0.05)
    environment.runner.stop()
    return {"begun": Busy.begun, "intended": model.intended, "dropped": model.dropped}


def own_methods() -> dict:
    """A subclass with its own on_start, on_stop and wait_time, and a task set inside."""
    seen = []

    class Own(ArrivingUser):
        wait_time = constant(1000)

        def on_start(self):
            seen.append("start")

        def on_stop(self):
            seen.append("stop")

        @task
        class Inner(TaskSet):
            @task
            def work(self):
                seen.append("work")

    OpenModel.expected = True
    environment = environment_of(Own)
    spawned(environment, 1)
    waited = list(seen)
    model = model_of(50, 0.2)
    model.start()
    model._dispatcher.join()
    gevent.sleep(0.05)
    environment.runner.stop()
    return {"waited": waited, "seen": seen, "begun": model.intended - model.dropped}


def stopped_while_waiting() -> dict:
    """A graceful stop of users that never got their first start."""
    stopped = []

    class Waiting(ArrivingUser):
        def on_stop(self):
            stopped.append(self)

        @task
        def work(self):
            stopped.append(None)

    OpenModel.expected = True
    environment = environment_of(Waiting)
    spawned(environment, 7)
    environment.runner.stop()
    return {"stopped": len(stopped), "users": environment.runner.user_count}


def stopped_in_on_start() -> dict:
    """A graceful stop of a user that is still in its on_start: it ends when that is over, and waits for no start."""
    seen = []
    entered, leave = Event(), Event()

    class Slow(ArrivingUser):
        def on_start(self):
            entered.set()
            leave.wait()
            seen.append("start")

        def on_stop(self):
            seen.append("stop")

        @task
        def work(self):
            seen.append("work")

    OpenModel.expected = True
    environment = environment_of(Slow)
    environment.runner.start(1, 1)
    entered.wait()
    stop = gevent.spawn(environment.runner.stop)
    gevent.sleep(0.05)
    leave.set()
    stop.join()
    return {"seen": seen}


def killed_with_a_start_in_hand() -> dict:
    """Users are stopped after starts were handed to them, before they could run."""

    class Never(ArrivingUser):
        begun = 0

        @task
        def work(self):
            Never.begun += 1

    OpenModel.expected = True
    environment = environment_of(Never)
    spawned(environment, 5)
    model = OpenModel(Arrivals(shape("constant", math.inf), 1000), Share(0, 1), time.monotonic() - 0.0025)
    model._hand_out(0.0025)
    for greenlet in list(environment.runner.user_greenlets):
        greenlet.kill(block=False)
    environment.runner.user_greenlets.join()
    return {"begun": Never.begun, "intended": model.intended, "dropped": model.dropped}


def late_dispatcher() -> dict:
    """The hub stands still for a while: what was due meanwhile is handed out with its own time."""
    lags = []

    class Measured(ArrivingUser):
        @task
        def work(self):
            lags.append([self.take_lag(), self.take_lag()])

    OpenModel.expected = True
    environment = environment_of(Measured)
    spawned(environment, 100)
    model = model_of(100, 0.5)
    model.start()
    gevent.sleep(0.01)
    still = time.monotonic() + 0.3
    while time.monotonic() < still:
        pass
    model._dispatcher.join()
    gevent.sleep(0.05)
    environment.runner.stop()
    return {"first": [first for first, _ in lags], "second": [second for _, second in lags], "dropped": model.dropped}


def request_told_afterwards() -> dict:
    """A request that is told of when it is over, and that took longer than the run so far."""
    lags = []

    class Told(ArrivingUser):
        @task
        def work(self):
            lags.append(self.take_lag(1000.0))

    OpenModel.expected = True
    environment = environment_of(Told)
    spawned(environment, 1)
    model = model_of(1, 0.1)
    model.start()
    while not lags:
        gevent.sleep(0.01)
    environment.runner.stop()
    return {"lags": lags}


def closed_model() -> dict:
    """Without an arrival rate the users go by their own wait_time."""
    lags = []

    class Closed(ArrivingUser):
        wait_time = constant(0.01)

        @task
        def work(self):
            lags.append(self.take_lag())

    environment = environment_of(Closed)
    spawned(environment, 1)
    gevent.sleep(0.2)
    environment.runner.stop()
    return {"lags": lags[:2]}


def share_changes() -> dict:
    """A second worker leaves in the middle, and this one takes all from a number on that was announced ahead."""
    arrivals = Arrivals(shape("constant", 1), 200)
    model = OpenModel(arrivals, Share(0, 2), time.monotonic())
    model.start()
    gevent.sleep(0.2)
    model.share = Share(0, 1, 100)
    gevent.sleep(0)
    while model._dispatcher is not None and not model._dispatcher.ready():
        gevent.sleep(0.05)
    return {
        "intended": model.intended,
        "dropped": model.dropped,
        "share": [model.share.index, model.share.of, model.share.first],
    }


def share_told_too_late() -> dict:
    """A share that should have held from the start is told when 30 starts are due; the next ones are far off."""
    jump = of_corners("jump", ((0.0, 300.0), (0.1, 300.0), (0.1, 0.0), (1000.0, 0.0)))
    model = OpenModel(Arrivals(jump, 1), Share(0, 2), time.monotonic() - 0.2)
    model.start()
    gevent.sleep(0.01)
    before = model.intended
    model.share = Share(0, 1, 0)
    gevent.sleep(0.01)
    model.stop()
    return {"before": before, "intended": model.intended, "dropped": model.dropped}


def woken() -> dict:
    """Sleeps by the kernel's timer, by the hub's, until a past moment, and one in the middle of which it is killed."""
    gevent.sleep(0.001)  # the hub has its own files from now on
    files = open_files()
    early = []
    with Waker() as waker:
        for wait in (0.02, 0.001, -5.0, 0.02):
            at = time.monotonic() + wait
            waker.sleep_until(at)
            early.append(at - time.monotonic())
    waker.sleep_until(at := time.monotonic() + 0.02)  # closed, so the hub's own
    early.append(at - time.monotonic())

    def sleep_long():
        with Waker() as waker:
            waker.sleep_until(time.monotonic() + 1000)

    sleeper = gevent.spawn(sleep_long)
    gevent.sleep(0.01)
    sleeper.kill()
    gevent.sleep(0.01)  # gevent closes files a turn later
    return {"early": max(early), "left_open": open_files() - files}


def told_faults() -> dict:
    """What does not go with the open model."""

    class Foreign(ArrivingUser.__base__):
        @task
        def work(self):
            pass

    class Nested(ArrivingUser):
        @task
        class Paced(TaskSet):
            wait_time = constant(1)

            @task
            def work(self):
                pass

    class Fine(ArrivingUser):
        wait_time = constant(1)

        @task
        def work(self):
            pass

    return {
        "all": faults(0, [Foreign, Nested, Fine], total_rate_pacing=True),
        "none": faults(500, [Fine], total_rate_pacing=False),
    }


CASES = {
    case.__name__: case
    for case in (
        handed_out,
        in_turn,
        no_free_user,
        own_methods,
        stopped_while_waiting,
        stopped_in_on_start,
        killed_with_a_start_in_hand,
        late_dispatcher,
        request_told_afterwards,
        closed_model,
        share_changes,
        share_told_too_late,
        woken,
        told_faults,
    )
}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]]()))
