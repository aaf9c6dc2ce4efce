"""What several panels say in the same words: why there is no data, and which command mends it."""

NO_RUN = "No load run in the time shown."
NO_TWO_RUNS = "Needs two load runs that this Prometheus still has."
NO_PROCESS = "No process is watched."
NO_FAILURES = "No failures."
RECORD = "`steadyline baseline record`"
