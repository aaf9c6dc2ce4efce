"""What is kept of transactions."""

import subprocess
import sys

from load_users import ROOT

PROGRAM = """
from locust import events
from locust.env import Environment
from locust_plugins.transaction_manager import TransactionManager
from load import run as runs
from load.run import Run
from load.users.transactions import KEPT, Transactions
from steadyline.outcome import Outcome, Reason

environment = Environment(events=events)
runs.place(environment, Run())
events.init.fire(environment=environment, runner=environment.create_local_runner(), web_ui=None)
users = [Transactions(environment) for _ in range(3)]
for number in range(3 * KEPT):
    users[number % 3].record("tams.flow", "tams", "a", lambda: Outcome(0.1, Reason.AUTH if number % 2 else None))
series, = runs.of(environment).tally.series.values()
print(series.started, series.successes, series.failures)
print(len(TransactionManager.transactions), [len(one) for one in TransactionManager.completed_transactions.values()])

events.report_to_master.fire(client_id="a", data=(data := {}))
for _ in range(3):
    events.worker_report.fire(client_id="a", data=data)
print(len(TransactionManager.transactions), [len(one) for one in TransactionManager.completed_transactions.values()])
"""


def test_only_the_latest_are_kept(tmp_path):
    """Of thousands of transactions all are counted, and a bounded number is kept, on a master too."""
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.splitlines() == [
        "3000 1500 {'auth': 1500}",
        "1000 [1000]",
        "1000 [1000]",
    ]
