"""What a process of ours says in its log: one line a record, and no secret."""

import logging
from collections.abc import Callable

from steadyline.redaction import redact as without_secrets


class Lines(logging.Formatter):
    """One line a record (a traceback adds its own), without any target's secret, nor one in the URL of a target unknown yet.

    Args:
        redact: takes out the secrets of the targets that are known.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        """Redact by this and by the general rules."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message on one line."""
        return super().formatMessage(record).replace("\n", " | ")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback where there is one."""
        return without_secrets(self._redact(super().format(record)))
