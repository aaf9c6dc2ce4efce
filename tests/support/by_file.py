"""Which worker runs which tests: a file's tests one after another in one worker, and the files that take minutes first."""

from typing import Any

from xdist.scheduler import LoadFileScheduling

CONTRACT = "operations/test_contract.py"
LONG = (
    "tests/dashboards/test_living.py",
    "tests/stack/test_spine.py",
    "tests/steadyline/operations/test_suite_leaves_nothing.py",
    "tests/steadyline/cli/test_load.py",
    "tests/deploy/test_longterm.py",
    "tests/deploy/native/test_guarded.py",
    "tests/load/test_runs.py",
    "tests/deploy/native/test_stack.py",
    "tests/alerts/rules/test_rule_tests.py",
    "tests/load/asker/test_client.py",
    "tests/load/test_soak.py",
    "tests/targets/vast/test_durability.py",
    "tests/examples/test_own_operations.py",
)
"""What takes a minute or more on a machine of two cores, the longest waits first: one that began last would end alone."""


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
        """The next of the long ones; when none is left, xdist's own order, by the number of tests."""
        following = next((file for file in LONG if file in self.workqueue), None)
        if following:
            self.workqueue.move_to_end(following, last=False)
        super()._assign_work_unit(node)
