"""Flows as transactions of locust-plugins, and each flow's whole duration counted under a name of its own.

The plugin keeps every transaction of the run, on the master too; here only the latest stay, so that a soak's memory is flat.
Its pages and files show those; the counts and the histogram have all.
"""

import time
from collections.abc import Callable
from typing import Any

import locust
from locust.env import Environment
from locust_plugins.transaction_manager import TransactionManager

from load import run as runs
from load.series import Key
from steadyline.outcome import Outcome, Reason

KEPT = 1000
"""Of each name; what the plugin's pages show."""


class Transactions:
    """One user's.

    Args:
        environment: Locust's.
    """

    def __init__(self, environment: Environment) -> None:
        """None yet."""
        self._environment = environment
        listens = hasattr(TransactionManager, "runner")  # not where its environment fires no init event
        self._manager = TransactionManager() if listens else None  # type: ignore[no-untyped-call]

    def record(
        self, name: str, backend: str, target: str, work: Callable[[], Outcome], lag_seconds: float | None = None
    ) -> None:
        """Do the work as one transaction; it is as good as the outcome of its last step.

        Args:
            name: `backend.name`.
            backend: the label.
            target: alias of the target.
            work: the whole flow.
            lag_seconds: how late it began; None in the closed model.
        """
        run = runs.of(self._environment)
        series = run.series(Key(name, backend, target))
        series.started += 1
        if self._manager is not None:
            self._manager.start_transaction(name)  # type: ignore[no-untyped-call]
        start = time.perf_counter()
        reason: Reason | None = Reason.OTHER
        try:
            reason = work().reason
        except Exception:
            raise
        except BaseException:  # GreenletExit: the user is killed
            reason = Reason.CANCELLED
            raise
        finally:
            series.finish(Outcome(time.perf_counter() - start, reason), lag_seconds)
            if self._manager is not None:
                why = "" if reason is None else reason.value
                self._manager.end_transaction(name, not why, why)  # type: ignore[no-untyped-call]
                trim()


def trim(**_facts: Any) -> None:
    """Forget all but the latest; where they go to a file, write them first."""
    manager = TransactionManager
    if len(manager.transactions) > KEPT:
        if getattr(manager, "log_transactions_in_file", False) and hasattr(manager, "results_file"):
            manager._flush_to_log()  # type: ignore[no-untyped-call]  # noqa: SLF001 - as the plugin does it where it ends a transaction itself
        del manager.transactions[:-KEPT]
    for finished in manager.completed_transactions.values():
        del finished[:-KEPT]


locust.events.worker_report.add_listener(trim)  # type: ignore[no-untyped-call]
