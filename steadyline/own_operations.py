"""Operations of the user's own: Python files that the settings name, and modules that installed packages offer.

A file is run anew each time the settings are loaded, so that a reload takes what changed in it; a package's module is
imported once, as Python does it. What is wrong with any of them is told at once.
"""

import contextlib
import hashlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from steadyline.errors import ConfigurationError
from steadyline.named_file import content_of
from steadyline.operation import Operation, found_in
from steadyline.operation_faults import faults
from steadyline.printable import shortened
from steadyline.redaction import redact

GROUP = "steadyline.operations"
"""The entry-point group; each entry names a module that holds operations."""
NOTHING = "there is no operation in it; decorate a function with @operation(...), of steadyline.operation"

Shipped = Callable[[Iterable[str]], Mapping[str, Operation]]
"""The operations of the backends of these names that come with the package."""


@dataclass(frozen=True, slots=True)
class Own:
    """One operation of the user's own.

    Attributes:
        operation: it.
        defined_in: the file, or the package's module.
        place: that too, with the line where it is known.
    """

    operation: Operation
    defined_in: str
    place: str


class OwnOperations:
    """The files and packages of the settings that were loaded last; nothing before any were.

    Args:
        shipped: asked where a name may be taken already.
    """

    def __init__(self, shipped: Shipped) -> None:
        """Know nothing yet."""
        self._shipped = shipped
        self._files: tuple[Path, ...] | None = None
        self._found: dict[str, Own] | None = None

    def take(self, files: Iterable[Path]) -> None:
        """From now on these files hold them, and what packages offer; they are read when somebody asks for operations."""
        self._files, self._found = tuple(files), None

    def by_name(self) -> Mapping[str, Own]:
        """Them all.

        Raises:
            ConfigurationError: a file or package cannot be used, or an operation in it; all faults at once.
        """
        if self._files is None:
            return {}
        if self._found is None:
            self._found = _read(self._files, self._shipped)
        return self._found


def _read(files: Iterable[Path], shipped: Shipped) -> dict[str, Own]:
    found: dict[str, Own] = {}
    wrong: list[str] = []
    for load in _sources(files):
        try:
            defined_in, module = load()
        except ConfigurationError as error:
            wrong += error.faults
        else:
            wrong += _collected(defined_in, module, found, shipped)
    if wrong:
        raise ConfigurationError(wrong)
    return found


def _sources(files: Iterable[Path]) -> Iterator[Callable[[], tuple[str, ModuleType]]]:
    """How to load each; a file that is named twice is loaded once."""
    for entry in _offered():
        yield lambda entry=entry: (entry.value, _imported(entry))  # type: ignore[misc]
    for path in {file.resolve(): file for file in files}.values():
        yield lambda path=path: (shown(path), _run(path))  # type: ignore[misc]


def _collected(defined_in: str, module: ModuleType, found: dict[str, Own], shipped: Shipped) -> list[str]:
    """Put a module's operations to those found; its faults."""
    there = list({id(operation): operation for operation in found_in(module)}.values())  # some have two names there
    known = shipped({operation.backend for operation in there})
    new = [operation for operation in there if known.get(operation.name) is not operation]
    wrong = [] if new else [f"{defined_in}: {NOTHING}"]
    for operation in new:
        place, name = _place(defined_in, module, operation), operation.name
        wrong += [f"{place}: operation {operation.family}: {fault}" for fault in faults(operation)]
        if name in known:
            wrong.append(f"{place}: operation {name}: Steadyline has one of this name; give yours another")
        elif (other := found.setdefault(name, Own(operation, defined_in, place))).operation is not operation:
            wrong.append(f"{place}: operation {name}: one of this name is in {other.place}; rename one")
    return list(dict.fromkeys(wrong))  # what is wrong with a family is wrong with each of its sizes


def _place(defined_in: str, module: ModuleType, operation: Operation) -> str:
    """Where an operation is written, with its line where that is known."""
    code = getattr(operation.body, "__code__", None)
    return f"{defined_in}:{code.co_firstlineno}" if code and code.co_filename == module.__file__ else defined_in


@cache
def _offered() -> tuple[EntryPoint, ...]:
    """What installed packages offer; a package that is on the path twice offers the same once."""
    return tuple({(entry.name, entry.value): entry for entry in entry_points(group=GROUP)}.values())


def _imported(entry: EntryPoint) -> ModuleType:
    of = f" of the package {entry.dist.name}" if entry.dist else ""
    place = f"entry point {entry.name}{of}"
    if entry.attr:
        raise ConfigurationError(f"{place}: it names {entry.value}; name the module alone, {entry.module}")
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what a program prints is for programs to read
            return importlib.import_module(entry.module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever that module does is a fault to be told
        raise ConfigurationError(_told(place, error)) from None


def _run(path: Path) -> ModuleType:
    """The file's module, made anew without touching `sys.path` or leaving compiled files.

    Raises:
        ConfigurationError: there is no such file, or it cannot be run; the text says in which line.
    """
    try:
        code = compile(content_of(path), str(path), "exec", dont_inherit=True)
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise ConfigurationError(f"{shown(path)}: {why}; the setting operations names it") from None
    except SyntaxError as error:
        raise ConfigurationError(f"{_line(path, error.lineno)}: syntax error: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ConfigurationError(f"{shown(path)}: not Python: nested too deeply") from None
    except ValueError as error:
        raise ConfigurationError(f"{shown(path)}: not Python: {error}") from None
    module = ModuleType(f"own_operations_{hashlib.sha256(bytes(path.resolve())).hexdigest()[:12]}")
    module.__file__ = str(path)
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module  # dataclasses look their module up there
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(code, module.__dict__)  # noqa: S102 - to run it is what its owner named it for
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the file does is a fault to be told
        sys.modules.pop(module.__name__)
        if before is not None:
            sys.modules[module.__name__] = before
        raise ConfigurationError(_told(_line(path, _line_of(error, path)), error)) from None
    return module


def shown(path: Path) -> str:
    """A path as the user would write it here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _line(path: Path, number: int | None) -> str:
    return f"{shown(path)}:{number}" if number else shown(path)


def _line_of(error: BaseException, path: Path) -> int | None:
    """The line of the file that was running."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None


def _told(place: str, error: BaseException) -> list[str]:
    """What running a module raised, without secrets in URLs."""
    if isinstance(error, ConfigurationError):
        return [f"{place}: {fault}" for fault in error.faults]
    text = ""
    with contextlib.suppress(Exception):  # one that cannot even say what it is
        text = shortened(" ".join(redact(str(error)).split()))
    cure = "; only what is installed can be imported" if isinstance(error, ModuleNotFoundError) else ""
    return [f"{place}: {type(error).__name__}{': ' if text else ''}{text}{cure}"]
