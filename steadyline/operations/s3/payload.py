"""What the operations store: bytes that do not compress, each object's first ones telling it from all others."""

import hashlib
from functools import cache

SEGMENT_BYTES = 1_000_000
"""Source: the TAMS seed, "store 1 MB"."""
PART_BYTES = 5 * 2**20
"""The smallest part that S3 takes, but for the last one."""
STAMP_BYTES = 16


@cache
def _noise() -> bytes:
    return hashlib.shake_256(b"steadyline").digest(SEGMENT_BYTES)


def stamped(number: int, size: int) -> bytes:
    """Bytes of that size, the number in their first ones; made without a second copy of them."""
    noise = _noise()
    copies, rest = divmod(size - STAMP_BYTES, len(noise))
    return b"".join([number.to_bytes(STAMP_BYTES), *[noise] * copies, memoryview(noise)[:rest]])


def segment(number: int) -> bytes:
    """One media segment of 1 MB."""
    return stamped(number, SEGMENT_BYTES)
