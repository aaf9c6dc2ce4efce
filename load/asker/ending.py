"""How long an asker's end may take; whoever ends one must wait at least this long before killing it."""

DRAIN_SECONDS = 4.0
"""For attempts that are under way at the end; what they wrote can be deleted only once they are over."""
CLOSE_SECONDS = 20.0
"""For deleting what a run wrote, data sets of several tables on a far target among it; all targets at a time."""
END_SECONDS = DRAIN_SECONDS + CLOSE_SECONDS
"""Both, one after the other."""
