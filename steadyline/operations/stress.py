"""What every operation under stress has in common."""

from functools import partial

from steadyline.operation import PARALLEL_BUDGET_SECONDS, Suite, operation

stress = partial(
    operation,
    suite=Suite.STRESS,
    writes=True,
    probe_every_seconds=None,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
)
"""`operation` for what puts a target under stress: run when it is asked for, never probed."""
