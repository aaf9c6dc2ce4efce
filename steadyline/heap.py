"""Python's collector of garbage, kept from looking at what stays: its pauses would be measured as a target's."""

import gc


def settle() -> None:
    """Leave what is alive now out of every later collection.

    Some hundred thousand objects of imported modules take a full collection 150 ms and more, in whatever attempt it falls;
    what an attempt makes is collected as before. Call it once, when everything is imported, connected and warm:
    what it leaves out is never looked at again.
    """
    gc.collect()
    gc.freeze()
