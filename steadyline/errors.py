"""The error tree: what a user may have got wrong, each with the exit code that the command line gives it.

::

    SteadylineError
    ├── ConfigurationError   2  settings, baselines, arguments: something to mend in a file or on the command line
    ├── NoDataError          3  nothing to judge: no samples, or fewer runs than the minimum
    └── UnreachableError     4  a backend, Prometheus or Alertmanager did not answer

A failed operation is no error: it is an `Outcome`. A bug is any other exception, and it is loud.
"""

import sys
from collections.abc import Iterable


class SteadylineError(Exception):
    """Something the user can mend; its text says what (file, key, host) and how, and holds no secret."""

    exit_code = 1

    @property
    def faults(self) -> list[str]:
        """One sentence each, so that they can be listed."""
        return [str(self)]


class ConfigurationError(SteadylineError):
    """One or more faults in what the user wrote, all at once.

    Args:
        faults: one sentence each, naming the file and key and what to do.
    """

    exit_code = 2

    def __init__(self, faults: str | Iterable[str]) -> None:
        """Keep the faults apart."""
        self._faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self._faults))

    @property
    def faults(self) -> list[str]:
        """One sentence each."""
        return self._faults


class NoDataError(SteadylineError):
    """There is too little data to answer, and nothing is wrong with the question."""

    exit_code = 3


class UnreachableError(SteadylineError):
    """A host did not answer as it should; the text names it without credentials."""

    exit_code = 4


def complain(error: SteadylineError) -> int:
    """Tell it on standard error, a line for each fault, as a process without a terminal does; answer the exit code."""
    for fault in error.faults:
        print(f"steadyline: {fault}", file=sys.stderr)  # noqa: T201 - rich would cost a small process more than itself
    return error.exit_code
