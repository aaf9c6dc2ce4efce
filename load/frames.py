"""How processes of a load run speak: each message is msgpack behind its length, so that it arrives whole or not at all."""

import struct
from collections.abc import Iterator
from typing import Any

import msgpack

LENGTH = struct.Struct(">I")
MOST_BYTES = 1 << 26
"""A length above it is no message of ours: something else wrote to the wire."""


def framed(message: Any) -> bytes:
    """A message as it goes over the wire.

    Raises:
        ValueError: it is longer than MOST_BYTES.
    """
    packed: bytes = msgpack.packb(message)
    if len(packed) > MOST_BYTES:
        raise ValueError(f"a message of {len(packed)} bytes is too long for the wire")
    return LENGTH.pack(len(packed)) + packed


class Frames:
    """Puts messages together again, however the stream is cut."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The messages that are whole with this piece of the stream.

        Raises:
            ValueError: the stream is none of ours; nothing after it can be read.
        """
        self._rest += data
        while len(self._rest) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(self._rest)
            if length > MOST_BYTES:
                raise ValueError(f"the wire announces {length} bytes; {MOST_BYTES} is the most")
            end = LENGTH.size + length
            if len(self._rest) < end:
                return
            packed = bytes(self._rest[LENGTH.size : end])
            del self._rest[:end]
            yield msgpack.unpackb(packed)
