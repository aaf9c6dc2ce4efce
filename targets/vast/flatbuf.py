"""Flatbuffers from outside, read with every offset checked and the work bounded.

The generated readers trust their input: they index out of bounds, read from the end where an offset is negative, and visit
what is shared as often as it is named, so that a small body can ask for hours of work.
"""

import functools
import struct
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from targets.vast.errors import InvalidArgument

P = ParamSpec("P")
T = TypeVar("T")

_U16 = struct.Struct("<H").unpack_from
_U32 = struct.Struct("<I").unpack_from
_I32 = struct.Struct("<i").unpack_from

_WORK_PER_BYTE = 8
_WORK_AT_LEAST = 4096
_TABLE_WORK = 8


class _Work:
    """What may still be read of a body: a real client names each byte a few times at most."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = size * _WORK_PER_BYTE + _WORK_AT_LEAST

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise InvalidArgument("the flatbuffer names the same data too often")


class Table:
    """One table of a flatbuffer; a slot is a field's number in its declaration. Use within a function that is `refusing`."""

    __slots__ = ("_body", "_fields_end", "_position", "_vtable", "_work")

    def __init__(self, body: bytes, position: int, work: _Work) -> None:
        """Find the vtable at its checked place."""
        work.spend(_TABLE_WORK)
        vtable = position - _I32(body, position)[0]
        if vtable < 0:
            raise InvalidArgument("the flatbuffer points outside itself")
        self._body, self._position, self._vtable, self._work = body, position, vtable, work
        self._fields_end = vtable + _U16(body, vtable)[0]

    def _at(self, slot: int) -> int:
        """Where the field is, 0 where it is absent."""
        entry = self._vtable + 4 + 2 * slot
        if entry + 2 > self._fields_end:
            return 0
        offset: int = _U16(self._body, entry)[0]
        return offset and self._position + offset

    def _target(self, slot: int) -> int:
        """What the field refers to, 0 where it is absent."""
        at = self._at(slot)
        return at and at + int(_U32(self._body, at)[0])

    def number(self, slot: int, kind: struct.Struct, default: float = 0) -> int | float:
        """A scalar field as `kind` unpacks it."""
        at = self._at(slot)
        value: int | float = kind.unpack_from(self._body, at)[0] if at else default
        return value

    def whole(self, slot: int, kind: struct.Struct, default: int = 0) -> int:
        """An integer field as `kind` unpacks it."""
        return int(self.number(slot, kind, default))

    def byte(self, slot: int) -> int:
        """An unsigned byte, 0 where it is absent: enumerations, the type of a union, booleans."""
        at = self._at(slot)
        return self._body[at] if at else 0

    def blob(self, slot: int) -> bytes | None:
        """A vector of bytes or the bytes of a string; None where it is absent."""
        at = self._target(slot)
        if not at:
            return None
        size = _U32(self._body, at)[0]
        end = at + 4 + size
        if end > len(self._body):
            raise InvalidArgument("the flatbuffer points outside itself")
        self._work.spend(size + 4)
        return self._body[at + 4 : end]

    def text(self, slot: int) -> str | None:
        """A string; None where it is absent."""
        blob = self.blob(slot)
        return None if blob is None else blob.decode()

    def table(self, slot: int) -> "Table | None":
        """A table within; None where it is absent."""
        at = self._target(slot)
        return Table(self._body, at, self._work) if at else None

    def needed(self, slot: int) -> "Table":
        """A table within that has to be there."""
        found = self.table(slot)
        if found is None:
            raise InvalidArgument("the flatbuffer lacks a part that it has to have")
        return found

    def excerpt(self, slot: int) -> tuple[bytes, int]:
        """A table within as a body of its own, and where in that it is: so what recurs in requests can be parsed once.

        Builders write back to front, so that all it refers to comes after it.
        """
        at = self._target(slot)
        if not at:
            raise InvalidArgument("the flatbuffer lacks a part that it has to have")
        begin = min(at, max(0, at - _I32(self._body, at)[0]))
        self._work.spend(len(self._body) - begin)
        return self._body[begin:], at - begin

    def tables(self, slot: int) -> "Iterator[Table]":
        """The tables of a vector, none where it is absent."""
        at = self._target(slot)
        if not at:
            return
        for place in range(at + 4, at + 4 + 4 * _U32(self._body, at)[0], 4):
            yield Table(self._body, place + _U32(self._body, place)[0], self._work)


def root(body: bytes) -> Table:
    """The root table of a body."""
    return table_at(body, _U32(body, 0)[0])


def table_at(body: bytes, position: int) -> Table:
    """The table at a position of a body."""
    return Table(body, position, _Work(len(body)))


def refusing(read: Callable[P, T]) -> Callable[P, T]:
    """Make what goes wrong while reading a body an InvalidArgument."""

    @functools.wraps(read)
    def refuse(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (struct.error, IndexError):
            raise InvalidArgument("the flatbuffer points outside itself") from None
        except UnicodeDecodeError:
            raise InvalidArgument("a name in the flatbuffer is not UTF-8") from None
        except RecursionError:
            raise InvalidArgument("the flatbuffer is nested too deeply") from None

    return refuse
