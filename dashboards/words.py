"""What several panels say in the same words: why there is no data, which command mends it, what a reason points at."""

from steadyline.outcome import Reason

NO_RUN = "No load run in the time shown."
NO_RUN_AT_ZOOM = "No load run in the time shown, or it ended since the last point: zoom in."
NO_TWO_RUNS = "Needs two load runs that this Prometheus still has."
NO_PROCESS = "No process is watched."
NO_FAILURES = "No failures."
RECORD = "`steadyline baseline record`"
REASONS = (
    f"The reason says where to look: {Reason.DNS}, {Reason.CONNECT} and {Reason.TLS} at the network, {Reason.AUTH} at "
    f"credentials, {Reason.TIMEOUT} and {Reason.SERVER_ERROR} at the target, {Reason.THROTTLED} and {Reason.POOL_EXHAUSTED} "
    f"at its limits, {Reason.CLIENT_ERROR} and {Reason.CONFLICT} at what is asked, {Reason.INTEGRITY} at a wrong answer; "
    f"{Reason.CANCELLED} is what the end of a run cut short, and in no failed share."
)
