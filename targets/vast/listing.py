"""Lists in pages: by prefix or exact name, or only their length."""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from targets.vast.exchange import Headers, Request

_MOST_KEYS = 1000
"""Names in a page of which the client says nothing."""


def chosen(request: Request, names: Collection[str], *, ordered: bool = False) -> list[str]:
    """The names that are asked for, in order.

    Args:
        request: its headers say which.
        names: all there are; looked up where one is asked for by its exact name.
        ordered: keep their own order instead of the alphabet's.
    """
    exact = request.headers.get("tabular-name-exact-match")
    if exact is not None:
        return [exact] if exact in names else []
    prefix = request.headers.get("tabular-name-prefix", "")
    if ordered:
        return [name for name in names if name.startswith(prefix)]
    found = sorted(names)
    if prefix:
        begin = bisect_left(found, prefix)
        found = [name for name in found[begin:] if name.startswith(prefix)]
    return found


def page(request: Request, names: Sequence[str]) -> tuple[Sequence[str], Headers]:
    """One page of the chosen names, and the headers that say what follows.

    The key of the next page is the number of names before it: stable, because a transaction sees one moment.
    """
    begin = max(0, request.number("tabular-next-key"))
    end = begin + max(1, request.number("tabular-max-keys", _MOST_KEYS))
    is_truncated = end < len(names)
    headers = (
        (b"tabular-next-key", b"%d" % (end if is_truncated else 0)),
        (b"tabular-is-truncated", b"true" if is_truncated else b"false"),
        (b"tabular-list-count", b"%d" % len(names)),
    )
    if request.headers.get("tabular-list-count-only", "").lower() == "true":
        return (), headers
    return names[begin:end], headers
