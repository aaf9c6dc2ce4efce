"""The first attempts of an operation, which are no samples: they make what later ones find, and tell what one costs."""

from collections.abc import Callable, Iterator

from steadyline.attempt import Clock

WARM_UP_ATTEMPTS = 3
"""At most. The first one makes data sets and connections, so that its cost says nothing."""
CHEAP_SECONDS = 1.0
"""What costs more is not asked a third time: it is asked once a round in any case."""


def costs(ask: Callable[[], object], clock: Clock) -> Iterator[float]:
    """Make the first attempts; after each, what an attempt costs as far as is known.

    That is the least of those after the first: a collection of garbage, or a moment of another's, would have a quick operation
    asked twice a round instead of forty times, and its runs would say next to nothing.

    Args:
        ask: makes one attempt.
        clock: seconds, monotonic.

    Yields:
        seconds of one whole attempt, what it prepares and deletes included.
    """
    least = None
    for number in range(WARM_UP_ATTEMPTS):
        start = clock()
        ask()
        cost = clock() - start
        if number:
            least = cost if least is None else min(least, cost)
        yield cost if least is None else least
        if least is not None and least > CHEAP_SECONDS:
            break
