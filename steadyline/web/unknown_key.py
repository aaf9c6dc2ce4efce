"""What to say of a key that there is not."""

import difflib
from collections.abc import Iterable


def told(key: str, known: Iterable[str]) -> str:
    """The rest of the sentence, after the key."""
    near = difflib.get_close_matches(key, list(known), n=1)
    return "unknown key" + (f"; did you mean {near[0]}?" if near else "; remove it")
