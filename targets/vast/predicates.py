"""Predicates: parsed into conditions, and these evaluated into masks; null is neither true nor false, as in SQL.

The SDK sends and[or[call…]…], where the calls of one `or` are about one column; an IN arrives as an `or` of thousands of
`equal`, and `startswith` as a range of bytes.
"""

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targets.vast import literals
from targets.vast.columns import Column
from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import Table

DEEPEST = 32
"""Levels of and and or."""
_LITERAL, _FIELD_REF, _CALL = 1, 2, 3
_FIELD_INDEX = 5
_U32 = struct.Struct("<I")
_COMPARISONS = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})
_SET_AT_LEAST = 4
"""From so many alternatives on, looking values up in a set is faster than comparing with each."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column against a literal; `function` is Arrow's name."""

    column: Column
    function: str
    value: pa.Scalar


@dataclass(frozen=True, slots=True)
class Membership:
    """A column's value is one of many."""

    column: Column
    values: pa.Array


@dataclass(frozen=True, slots=True)
class ListComparison:
    """A fixed-size list against a literal of as many items, item by item."""

    column: Column
    function: str
    items: tuple[pa.Scalar, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """A column's value is, or is not, null."""

    column: Column
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Containment:
    """A text column holds a text."""

    column: Column
    text: str


@dataclass(frozen=True, slots=True)
class Compound:
    """Conditions that all (`and_kleene`) or of which one (`or_kleene`) must hold."""

    function: str
    parts: tuple["Condition", ...]


Condition = Comparison | Membership | ListComparison | Presence | Containment | Compound


def parse(expression: Table, columns: Sequence[Column], depth: int = 0) -> Condition | None:
    """The condition that an Expression states; None where it states none (an empty `and`).

    Raises:
        InvalidArgument: not a predicate that the SDK sends, an unknown column, or a literal of the wrong type.
    """
    call = _implementation(expression, _CALL)
    name = call.text(0)
    arguments = list(call.tables(1))
    if name in {"and", "or"}:
        return _compound(name, arguments, columns, depth + 1)
    if name is None or not arguments:
        raise InvalidArgument("a function of the filter has no name or no arguments")
    return _call(name, _column(arguments[0], columns), arguments[1:])


def _implementation(expression: Table, kind: int) -> Table:
    if expression.byte(0) != kind:
        raise InvalidArgument("the filter is not made of functions of one column and a literal")
    return expression.needed(1)


def _compound(name: str, arguments: list[Table], columns: Sequence[Column], depth: int) -> Condition | None:
    if depth > DEEPEST:
        raise InvalidArgument("the filter is nested too deeply")
    if name == "or":
        if not arguments:
            raise InvalidArgument("an empty 'or' in the filter")
        if len(arguments) >= _SET_AT_LEAST and (condition := _membership(arguments, columns)) is not None:
            return condition
    parts = [part for argument in arguments if (part := parse(argument, columns, depth)) is not None]
    if name == "or" and len(parts) < len(arguments):
        return None  # one alternative is always true
    if len(parts) < 2:  # noqa: PLR2004 - one is no compound
        return parts[0] if parts else None
    return Compound(f"{name}_kleene", tuple(parts))


def _column(expression: Table, columns: Sequence[Column]) -> Column:
    reference = _implementation(expression, _FIELD_REF)
    if reference.byte(0) != _FIELD_INDEX:
        raise InvalidArgument("columns are named by their position")
    position = reference.needed(1).whole(0, _U32)
    if position >= len(columns):
        raise InvalidArgument(f"there is no column {position} in the query's schema")
    column = columns[position]
    if not (column.in_structs or column.item_of):
        raise InvalidArgument(f"column {column.name}: values within lists and maps cannot be filtered by")
    return column


def _call(name: str, column: Column, rest: list[Table]) -> Condition:
    if name in {"is_null", "is_valid"} and not rest:
        return Presence(column, name == "is_valid")
    if len(rest) != 1:
        raise InvalidArgument("a function of the filter has the wrong number of arguments")
    literal = _implementation(rest[0], _LITERAL)
    if name == "match_substring":
        return _containment(column, literal)
    if name not in _COMPARISONS:
        raise InvalidArgument("a function of the filter is not known")
    if column.item_of is not None:
        return ListComparison(column, name, tuple(_operands(literals.items(literal, column.item_of), column)))
    return Comparison(column, name, _operands([literals.value(literal, column.field.type)], column)[0])


def _operands(values: Sequence[Any], column: Column) -> pa.Array:
    return literals.comparable(literals.array(values, column.field.type))


def _containment(column: Column, literal: Table) -> Containment:
    if column.field.type != pa.string():
        raise InvalidArgument(f"column {column.name} is no text")
    text: bytes = literals.value(literal, column.field.type)
    return Containment(column, text.decode())


def _membership(arguments: list[Table], columns: Sequence[Column]) -> Membership | None:
    """The set of values where all alternatives are `equal` of one column with plain values, else None."""
    values: list[Any] = []
    column: Column | None = None
    for argument in arguments:
        call = _implementation(argument, _CALL)
        pair = list(call.tables(1))
        if call.blob(0) != b"equal" or len(pair) != 2:  # noqa: PLR2004 - a column and a literal
            return None
        this = _column(pair[0], columns)
        column = column or this
        if this is not column or this.item_of is not None:
            return None
        values.append(literals.value(_implementation(pair[1], _LITERAL), this.field.type))
    assert column is not None
    if pa.types.is_floating(column.field.type):
        return None  # a set holds NaN equal to itself, and 0.0 apart from -0.0
    return Membership(column, _operands(values, column))


def mask(condition: Condition, rows: pa.RecordBatch) -> pa.BooleanArray:
    """Which rows meet the condition: true, false or null each."""
    match condition:
        case Comparison(column, function, value):
            return pc.call_function(function, [literals.comparable(_values(column, rows)), value])
        case Membership(column, values):
            return pc.is_in(literals.comparable(_values(column, rows)), value_set=values)
        case Presence(column, is_valid):
            found = _values(column, rows)
            return pc.is_valid(found) if is_valid else pc.is_null(found)
        case Containment(column, text):
            return pc.match_substring(_values(column, rows), text)
        case ListComparison(column, function, items):
            return _compare_lists(_values(column, rows), function, items)
        case Compound(function, parts):
            masks = [mask(part, rows) for part in parts]
            return functools.reduce(lambda a, b: pc.call_function(function, [a, b]), masks)


def _values(column: Column, rows: pa.RecordBatch) -> pa.Array:
    """One value a row; a fixed-size list itself where its item is named."""
    top = rows.column(column.name)
    return top if not column.steps or column.item_of is not None else pc.struct_field(top, list(column.steps))


def _compare_lists(lists: pa.FixedSizeListArray, function: str, items: Sequence[pa.Scalar]) -> pa.BooleanArray:
    """Lexicographically, the first items first; null for a list that is null."""
    size = lists.type.list_size
    start = lists.offset * size
    flat = literals.comparable(lists.values.slice(start, len(lists) * size))
    equal = less = None
    for index, item in enumerate(items):
        these = flat.take(pa.array(np.arange(index, len(flat), size)))
        is_less, is_equal = pc.less(these, item), pc.equal(these, item)
        less = is_less if less is None else pc.or_kleene(less, pc.and_kleene(equal, is_less))
        equal = is_equal if equal is None else pc.and_kleene(equal, is_equal)
    result = _of_order(function, less, equal)
    return pc.if_else(pc.is_valid(lists), result, pa.scalar(None, pa.bool_())) if lists.null_count else result


def _of_order(function: str, less: pa.BooleanArray, equal: pa.BooleanArray) -> pa.BooleanArray:
    match function:
        case "equal":
            return equal
        case "not_equal":
            return pc.invert(equal)
        case "less":
            return less
        case "less_equal":
            return pc.or_kleene(less, equal)
        case "greater":
            return pc.invert(pc.or_kleene(less, equal))
        case _:
            return pc.invert(less)


def names(condition: Condition | None) -> frozenset[str]:
    """The top-level columns that a condition looks at."""
    if condition is None:
        return frozenset()
    if isinstance(condition, Compound):
        return frozenset().union(*map(names, condition.parts))
    return frozenset({condition.column.name})
