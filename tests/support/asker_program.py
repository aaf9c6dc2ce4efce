"""A load of one of the asker's user classes in this process.

    python asker_program.py CLASS ATTEMPTS [Locust's options …]

It ends when so many attempts were made, and prints what was counted as JSON.
"""

import json
import math
import sys
import time

import gevent
import locust
from locust import events
from locust.argument_parser import parse_options
from locust.env import Environment
from locust.runners import STATE_STOPPED

from load import options as own
from load import run as runs
from load.arrivals import Arrivals, Share
from load.arriving import OpenModel
from load.asker import client
from load.run import Run
from load.series import Series
from load.shapes import shape
from load.users import s3, sql, vast


def main(name: str, attempts: str, *arguments: str) -> None:
    """Run until so many attempts were made, or all users ended."""
    events.init_command_line_parser.add_listener(own.add)
    user_class = {"SqlUser": sql.SqlUser, "S3User": s3.S3User, "VastUser": vast.VastUser}[name]
    user_class.wait_time = locust.constant(0.01)
    parsed = parse_options(args=["--headless", *arguments])
    environment = Environment(user_classes=[user_class], events=events, parsed_options=parsed)
    run = Run()
    runs.place(environment, run)
    events.request.add_listener(run.on_request)
    runner = environment.create_local_runner()
    events.init.fire(environment=environment, runner=runner, web_ui=None)
    if parsed.arrival_rate:
        OpenModel.expected = True
    runner.start(parsed.num_users or 1, 100)
    if parsed.arrival_rate:
        OpenModel(Arrivals(shape("constant", math.inf), parsed.arrival_rate), Share(0, 1), time.monotonic()).start()
    counted = run.tally.series
    with gevent.Timeout(60, False):
        while runner.state != STATE_STOPPED and sum(one.started for one in counted.values()) < int(attempts):
            gevent.sleep(0.01)
    pids = client.pids()
    runner.quit()
    events.quit.fire(exit_code=0)
    print(json.dumps({"series": [shown(series) for series in counted.values()], "pids": pids}))


def shown(series: Series) -> dict[str, object]:
    """One name's counts."""
    return {
        **series.key._asdict(),
        "started": series.started,
        "successes": series.successes,
        "failures": series.failures,
        "responses": series.response.count,
        "queued_ns": series.response.total_ns - series.duration.total_ns,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
