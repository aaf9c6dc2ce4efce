"""What the load run and its publisher say to each other: dictionaries, packed by msgpack, each behind its length.

The run says `open` (the facts), `begin`, `delta`, `gauges`, `steady`, `end`; the publisher answers `ready`, `note`, `held`,
`error`. The key `kind` says which.
"""

import struct
from collections.abc import Iterator
from typing import Any

import msgpack

Frame = dict[str, Any]
KIND = "kind"
_LENGTH = struct.Struct(">I")
LARGEST_BYTES = 64 * 1024 * 1024
"""No frame of ours comes near; more is a stream that is none of ours."""


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


def packed(frame: Frame) -> bytes:
    """The frame as it goes over the pipe."""
    body: bytes = msgpack.packb(frame)
    return _LENGTH.pack(len(body)) + body


class Unpacker:
    """Puts frames together from the pieces in which a pipe gives them."""

    def __init__(self) -> None:
        """With nothing read yet."""
        self._read = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """The frames that are whole with this piece.

        Raises:
            ValueError: what comes is no frame.
        """
        self._read += piece
        while len(self._read) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._read)
            if length > LARGEST_BYTES:
                raise ValueError(f"a frame of {length} bytes: the other side speaks something else")
            end = _LENGTH.size + length
            if len(self._read) < end:
                return
            frame = msgpack.unpackb(bytes(self._read[_LENGTH.size : end]), strict_map_key=False)
            del self._read[:end]
            yield frame
