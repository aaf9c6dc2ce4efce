"""A load of one user class in this process, without the rest of the room; what was counted is told as JSON.

python load_program.py CLASS SECONDS [Locust's options …]
"""

import json
import signal
import sys
from typing import Any

import gevent
from locust import events
from locust.argument_parser import parse_options
from locust.env import Environment
from locust_plugins.transaction_manager import TransactionManager

from load import options as own
from load import run as runs
from load.run import Run
from load.users import tams, trace


def main(name: str, seconds: str, *arguments: str) -> None:
    """Run for so long, until all users ended, or until SIGTERM."""
    events.init_command_line_parser.add_listener(own.add)
    user_class = getattr(trace if hasattr(trace, name) else tams, name)
    parsed = parse_options(args=["--headless", *arguments])
    environment = Environment(
        user_classes=[user_class],
        events=events,
        host=parsed.host,
        parsed_options=parsed,
        stop_timeout=float(parsed.stop_timeout or 0),
    )
    run = Run()
    runs.place(environment, run)
    events.request.add_listener(run.on_request)
    runner = environment.create_local_runner()
    events.init.fire(environment=environment, runner=runner, web_ui=None)
    runner.start(parsed.num_users or 1, parsed.spawn_rate or 100)
    gevent.signal_handler(signal.SIGTERM, runner.quit)
    with gevent.Timeout(float(seconds), False):
        runner.greenlet.join()
    runner.quit()
    events.quit.fire(exit_code=0)
    print(
        json.dumps(
            {
                "series": [shown(series) for series in run.tally.series.values()],
                "transactions": TransactionManager._get_transactions_summary(),
                "kept": [len(TransactionManager.transactions), *map(len, TransactionManager.completed_transactions.values())],
            }
        )
    )


def shown(series: Any) -> dict[str, Any]:
    """One name's counts."""
    return {
        **series.key._asdict(),
        "started": series.started,
        "successes": series.successes,
        "failures": series.failures,
        "received": series.received,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
