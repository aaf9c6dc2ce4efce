"""An attempt whose prepare is metered too: clients meter only what is timed, and a cap carries all that a call moves."""

from dataclasses import replace
from typing import Any

from steadyline.attempt import Attempt
from steadyline.operation import Operation
from steadyline.outcome import Call, Outcome, current_call


def metered(attempt: Attempt, operation: Operation) -> tuple[Outcome, int]:
    """A second attempt's outcome, and the payload bytes of its prepare and body; what lasts is made by the first."""
    preparing = Call(operation.name)

    def prepare(client: Any) -> Any:
        token = current_call.set(preparing)
        try:
            return operation.prepare and operation.prepare(client)
        finally:
            current_call.reset(token)

    attempt(operation)
    outcome = attempt(replace(operation, prepare=prepare))
    return outcome, sum(part.bytes_sent + part.bytes_received for part in (preparing, outcome))
