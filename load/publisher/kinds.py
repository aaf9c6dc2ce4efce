"""What the load run and its publisher say to each other, as `load.frames`: dictionaries, whose key `kind` says which.

The run says `open` (the facts), `begin`, `delta`, `gauges`, `steady`, `end`; the publisher answers `ready`, `note`, `held`,
`error`.
"""

from typing import Any

Frame = dict[str, Any]
KIND = "kind"


class Kind:
    """The kinds of frames, and what each holds beside `kind`."""

    OPEN = "open"
    """The `Facts` as a dictionary; the first frame."""
    BEGIN = "begin"
    """A run begins: run, profile, shape, revision, start (Unix time), silence."""
    DELTA = "delta"
    """series: what `load.series.Tally.delta` made."""
    GAUGES = "gauges"
    """What holds now: `load.publisher.page.Page.gauges` lists the keys."""
    STEADY = "steady"
    """at: when the load stopped rising, Unix time."""
    END = "end"
    """at: when the run ended, Unix time; all its deltas went before."""

    READY = "ready"
    """url: where the page is."""
    NOTE = "note"
    """text: one line for the user."""
    HELD = "held"
    """run: whose last values; by: one of `load.publisher.holding.Held`."""
    ERROR = "error"
    """text, code: why there is no publisher, and the exit code that it asks for."""
