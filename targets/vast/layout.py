"""Flatbuffers of our own, written forward in one pass: the answers' tables have all their fields, so each kind has one layout.

The SDK asks for such lists several times in each transaction, and the flatbuffers package's builder costs more than all else
about them.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

_SIZES = {"q": 8, "Q": 8, "o": 4, "H": 2, "?": 1}
_ORDER = "qQoH?"
_U32 = struct.Struct("<I")


class Layout:
    """How a table of one kind lies in memory.

    Each letter of `kinds` is a slot: q and Q are 64-bit integers, H a 16-bit one, ? a boolean, o a reference to a text, to a
    table (a `Node`), or to a list of tables.
    """

    __slots__ = ("_fields", "_plain", "_references", "_vtable")

    def __init__(self, kinds: str) -> None:
        """Place the fields, the widest first, so that each is aligned when the table begins 4 bytes off an 8-byte boundary."""
        order = sorted(range(len(kinds)), key=lambda slot: _ORDER.index(kinds[slot]))
        places, at = {}, 4
        for slot in order:
            places[slot] = at
            at += _SIZES[kinds[slot]]
        self._fields = struct.Struct("<i" + "".join("4x" if kinds[slot] == "o" else kinds[slot] for slot in order))
        self._plain = [slot for slot in order if kinds[slot] != "o"]
        self._references = [(slot, places[slot]) for slot in order if kinds[slot] == "o"]
        offsets = [places[slot] for slot in range(len(kinds))]
        self._vtable = struct.pack(f"<HH{len(kinds)}H", 4 + 2 * len(kinds), at, *offsets)

    def append(self, out: bytearray, values: "Sequence[Value]") -> int:
        """Append a table and all it refers to; answers where the table is. A reference of None is left out."""
        vtable = self._vtable if None not in values else self._without(values)
        out += bytes(-(len(out) + len(vtable) + 4) % 8)
        out += vtable
        at = len(out)
        out += self._fields.pack(len(vtable), *[values[slot] for slot in self._plain])
        for slot, place in self._references:
            value = values[slot]
            if value is not None:
                _U32.pack_into(out, at + place, _append(out, value) - at - place)
        return at

    def _without(self, values: "Sequence[Value]") -> bytes:
        """The vtable, without the references that are None."""
        vtable = bytearray(self._vtable)
        for slot, _ in self._references:
            if values[slot] is None:
                vtable[4 + 2 * slot : 6 + 2 * slot] = b"\0\0"
        return bytes(vtable)


class Node(NamedTuple):
    """A table to write."""

    layout: Layout
    values: "tuple[Value, ...]"


Value = int | str | Node | list[Node] | None


def _append(out: bytearray, value: Value) -> int:
    """Append what a reference points to; answers where it is."""
    if isinstance(value, Node):
        return value.layout.append(out, value.values)
    out += bytes(-len(out) % 4)
    at = len(out)
    if isinstance(value, str):
        encoded = value.encode()
        out += b"%b%b\0" % (_U32.pack(len(encoded)), encoded)
        return at
    assert isinstance(value, list)
    out += _U32.pack(len(value)) + bytes(4 * len(value))
    for index, node in enumerate(value):
        place = at + 4 + 4 * index
        _U32.pack_into(out, place, node.layout.append(out, node.values) - place)
    return at


def finished(node: Node) -> bytes:
    """A whole flatbuffer with this table as its root."""
    out = bytearray(4)
    _U32.pack_into(out, 0, node.layout.append(out, node.values))
    return bytes(out)
