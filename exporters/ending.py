"""How long the end may take; whoever stops an exporter must wait at least this long before killing it."""

ANSWER_SECONDS = 1
"""Requests that are being answered."""
DRAIN_SECONDS = 4.0
"""Attempts that are under way; what they wrote can be deleted only once they are over."""
CLOSE_SECONDS = 4.0
"""Deleting what was written, and disconnecting; all targets at a time."""
END_SECONDS = ANSWER_SECONDS + DRAIN_SECONDS + CLOSE_SECONDS
"""All of it, one after the other: under the 10 s that most supervisors wait."""
