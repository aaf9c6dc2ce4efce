"""Which worker runs which tests: a file's tests one after another in one worker, and the files that take minutes first."""

from itertools import chain
from typing import Any

from xdist.scheduler import LoadFileScheduling

CONTRACT = "operations/test_contract.py"
WAITING = (
    "tests/dashboards/test_living.py",
    "tests/stack/test_spine.py",
    "tests/docs/test_commands.py",
    "tests/deploy/native/test_stack.py",
    "tests/load/test_runs.py",
    "tests/deploy/test_longterm.py",
    "tests/deploy/native/test_guarded.py",
    "tests/steadyline/cli/test_load.py",
    "tests/load/test_silence.py",
    "tests/load/test_soak.py",
    "tests/examples/test_own_operations.py",
    "tests/deploy/doctor/test_real_monitors.py",
    "tests/deploy/test_prometheus_config.py",
    "tests/faults/stack/test_told.py",
)
"""What waits a minute or more for a real stack or a load, and measures meanwhile: one after another in the first worker.

Two stacks at once would make each other slow, and alerts of that are true.
"""
HEAVY = (
    "tests/steadyline/operations/test_suite_leaves_nothing.py",
    "tests/alerts/rules/test_rule_tests.py",
    "tests/targets/tams/test_openapi.py",
    "tests/load/asker/test_client.py",
    "tests/targets/vast/test_durability.py",
)
"""What computes for a minute or more: first of all in the others, as what begins last ends alone."""
WAITER = "gw0"


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests run in one worker, as what they share is made once; the contract suite's are parted by system.

    All of that suite would keep one worker busy long after the other had ended.
    xdist's own groups do nothing under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if not file.endswith(CONTRACT):
            return file
        case = test.partition("[")[2].removesuffix("]")
        system, _, operation = case.rpartition("-")
        return f"{file} on {system if '.' in operation else case}"

    def _assign_work_unit(self, node: Any) -> None:
        """The next of what the worker has to take first; when none is left, xdist's own order, by the number of tests."""
        self.workqueue.move_to_end(self._following(node.gateway.id), last=False)
        super()._assign_work_unit(node)

    def _following(self, worker: str) -> str:
        first = (*WAITING, *HEAVY) if worker == WAITER else HEAVY
        left = (file for file in self.workqueue if file not in WAITING)
        return next(chain((file for file in first if file in self.workqueue), left, self.workqueue))
