"""How the workers of a load share a target's cap, which is one of all connections to it together."""


def share(concurrency: int, workers: int) -> int:
    """How many of a target's connections each of so many workers may open; one at least."""
    return max(1, concurrency // max(1, workers))
