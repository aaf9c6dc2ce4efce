"""Which version of an operation a number is of: eight hex digits that change when what is timed, prepared or verified does.

Told from the source's syntax tree, so that comments, docstrings, annotations and layout do not count, and the Python that
runs does not either.
"""

import ast
import functools
import hashlib
import inspect
import json
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name
from types import FunctionType
from typing import Any

from steadyline.operation import Operation, Sized

SHIPPED = "steadyline.operations"
"""What an operation of ours calls is followed within here; a user's within the package or file that holds it."""
_UNTIMED = frozenset({"annotation", "returns", "type_comment", "type_params", "ctx", "kind"})
"""Fields of the tree that change nothing that runs; some are not in every Python."""
_DIGITS = 8
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_PLAIN = (int, float, str, bytes, bool, type(None))


def version_of(operation: Operation) -> str:
    """Eight hex digits, the same wherever and whenever the same operation is asked for.

    Taken in are body, prepare, verify and cleanup; the functions, classes and constants that they name, in their own module
    and in others of `SHIPPED` (a user's: of the same package); and how much one call handles. What they ask of their client
    is not followed: the client is part of what is measured.
    """
    parts: dict[str, Any] = {"items": operation.items, "size": operation.size, "concurrency": operation.concurrency}
    for step in ("body", "prepare", "verify", "cleanup"):
        parts[step] = _parts_of(getattr(operation, step))
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def _parts_of(step: object) -> Any:
    """What a step, or what its closure holds, is made of."""
    if isinstance(step, _PLAIN):
        return ascii(step)
    if isinstance(step, Sized | functools.partial):
        inner = [step.prepare] if isinstance(step, Sized) else [step.func, *step.args, *step.keywords.items()]
        return [_parts_of(one) for one in inner]
    if isinstance(step, tuple | list):
        return [_parts_of(one) for one in step]
    function = inspect.unwrap(step) if callable(step) else None
    if isinstance(function, FunctionType):
        return _of_function(function)
    return type(step).__qualname__


def _of_function(function: FunctionType) -> Any:
    source = _source_of(function.__code__.co_filename, function.__module__)
    closed = [_parts_of(one) for one in _enclosed(function)]
    nodes = source.at(function) if source else []
    if not source or not nodes:  # made without a source: nothing but its name can be told
        return [function.__qualname__, closed]
    followed: dict[tuple[str, str], Any] = {}
    for node in nodes:
        _follow(node, source, followed)
    reached = {f"{module}.{name}": form for (module, name), form in followed.items()}
    return [[_canonical(_undecorated(node)) for node in nodes], closed, reached]


def _enclosed(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled
            continue


@dataclass(frozen=True, slots=True)
class _Source:
    """One module's text.

    Attributes:
        module: its name.
        functions: all in it, by the line where each begins.
        defined: what stands at its top, by name.
        imported: the module and name of what it takes from others by name.
    """

    module: str
    functions: Mapping[int, list[_Function]]
    defined: Mapping[str, ast.stmt]
    imported: Mapping[str, tuple[str, str]]

    def at(self, function: FunctionType) -> list[_Function]:
        """Where a function is written; several where lambdas share a line."""
        is_lambda = function.__name__ == "<lambda>"
        there = self.functions.get(function.__code__.co_firstlineno, ())
        return [node for node in there if isinstance(node, ast.Lambda) is is_lambda]


def _first_line(node: _Function) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min(one.lineno for one in (node, *decorators))


def _source_of(path: str, module: str) -> _Source | None:
    linecache.checkcache(path)
    text = "".join(linecache.getlines(path, vars(sys.modules[module]) if module in sys.modules else None))
    return _parsed(module, text) if text else None


@functools.cache
def _parsed(module: str, text: str) -> _Source:
    tree = ast.parse(text)
    functions: dict[int, list[_Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            functions.setdefault(_first_line(node), []).append(node)
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, tuple[str, str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            origin = resolve_name("." * statement.level + (statement.module or ""), module.rpartition(".")[0] or module)
            imported |= {one.asname or one.name: (origin, one.name) for one in statement.names}
        else:
            defined |= dict.fromkeys(_names_given(statement), statement)
    return _Source(module, functions, defined, imported)


def _names_given(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [node.id for target in targets if target for node in ast.walk(target) if isinstance(node, ast.Name)]


def _follow(node: ast.AST, source: _Source, followed: dict[tuple[str, str], Any]) -> None:
    """Put what a node names, and what that names, to `followed`."""
    for name in _named(_undecorated(node)):
        found = _definition(name, source)
        if found is None or (found[0].module, found[1]) in followed:
            continue
        at, own = found
        followed[at.module, own] = _canonical(at.defined[own])
        _follow(at.defined[own], at, followed)


def _definition(name: str, source: _Source) -> tuple[_Source, str] | None:
    if name in source.defined:
        return source, name
    origin, own = source.imported.get(name, ("", ""))
    module = sys.modules.get(origin)
    if not module or not _is_at_home(origin, source.module) or not module.__file__:
        return None
    other = _source_of(module.__file__, origin)
    return (other, own) if other and own in other.defined else None


def _is_at_home(module: str, of: str) -> bool:
    home = SHIPPED if f"{of}.".startswith(f"{SHIPPED}.") else of.partition(".")[0]
    return f"{module}.".startswith(f"{home}.")


def _named(node: ast.AST) -> Iterator[str]:
    for child, _ in _timed(node):
        if isinstance(child, ast.Name):
            yield child.id
        yield from _named(child)


def _timed(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for field, value in ast.iter_fields(node):
        if field not in _UNTIMED:
            yield from ((one, field) for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST))


def _undecorated(node: ast.AST) -> ast.AST:
    """An operation without its decorator, which tells of cadence and budget too."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node
    fields: Callable[..., ast.AST] = type(node)
    return fields(**{**dict(ast.iter_fields(node)), "decorator_list": []})


def _canonical(node: Any) -> Any:
    """Lists and text that say what a node does, alike in every Python: empty and missing fields are the same."""
    if isinstance(node, list):
        return [_canonical(one) for one in node if not _is_remark(one)]
    if not isinstance(node, ast.AST):
        return ascii(node)
    if isinstance(node, ast.JoinedStr):  # some Pythons put empty text between its parts
        node = ast.JoinedStr([one for one in node.values if getattr(one, "value", None) != ""])
    fields = ((name, value) for name, value in ast.iter_fields(node) if name not in _UNTIMED)
    return [type(node).__name__, {name: _canonical(value) for name, value in fields if value is not None and value != []}]


def _is_remark(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
