"""The baselines there are: the sourced numbers that ship with the package, and the recorded ones of the state folder."""

import os
import tempfile
import tomllib
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from steadyline import catalogue
from steadyline.baseline import Baseline, Quantity
from steadyline.baseline_format import Strict, read, refused, text_of
from steadyline.errors import ConfigurationError
from steadyline.file_lock import locked
from steadyline.live import LIVE
from steadyline.named_file import content_of
from steadyline.state import State

SOURCED = Path(__file__).parent / "data" / "baselines.toml"
_SOURCED_CURE = "steadyline operations lists the known ones"
_RECORDED_CURE = "name its file in the setting operations, or forget it: steadyline baseline remove {name}"


class _SourcedBaseline(Strict):
    operations: list[str]
    value: float = Field(gt=0)
    quantity: Quantity = Quantity.DURATION
    tolerance: float | None = Field(default=None, ge=0, lt=1)
    source: str


class _SourcedFile(Strict):
    default_tolerance: float = Field(ge=0, lt=1)
    drivers: list[str]
    sources: dict[str, str]
    baseline: list[_SourcedBaseline]


def _unknown(path: Path, names: Iterable[str], known: Container[str], cure: str) -> list[str]:
    """A sentence for each name that no operation has: a baseline that judges nothing is a mistake, not an extra."""
    unknown = sorted({name for name in names if name not in known})
    return [f"{path}: baseline of the unknown operation {name!r}; {cure.format(name=name)}" for name in unknown]


def default_tolerance() -> float:
    """The tolerance of a baseline whose source gives none."""
    return _sourced_file(SOURCED).default_tolerance


def _sourced_file(path: Path) -> _SourcedFile:
    try:
        return _SourcedFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise refused(path, error) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None


def load_sourced(path: Path = SOURCED) -> tuple[Baseline, ...]:
    """The sourced numbers, each a constant with an assumed spread; of operations that ship, whatever the user's own are.

    Raises:
        ConfigurationError: a negative number, an unknown key, source or operation; all faults at once.
    """
    file = _sourced_file(path)
    missing = sorted({b.source for b in file.baseline} - set(file.sources))
    if missing:
        raise ConfigurationError(f"{path}: source {name!r} is not under [sources]; add it there" for name in missing)
    named = (name for b in file.baseline for name in b.operations)
    if faults := _unknown(path, named, catalogue.shipped(), _SOURCED_CURE):
        raise ConfigurationError(faults)
    return tuple(
        Baseline(
            operation=name,
            driver=driver,
            quantity=entry.quantity,
            value=entry.value,
            tolerance=file.default_tolerance if entry.tolerance is None else entry.tolerance,
            tolerance_is_default=entry.tolerance is None,
            spread=LIVE.assumed_spread,
            source=file.sources[entry.source],
        )
        for entry in file.baseline
        for name in entry.operations
        for driver in file.drivers
    )


def load_recorded(path: Path, *, unknown_too: bool = False) -> tuple[Baseline, ...]:
    """The recorded baselines of one state folder; none where the file is not there.

    Args:
        path: their file.
        unknown_too: those of operations that are not there any more as well, so that they can be removed.

    Raises:
        ConfigurationError: the file is cut off, of a newer format, or holds a value that cannot be or an unknown operation.
    """
    try:
        refuse_device(path)
        content = content_of(path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    found = read(content, path)
    if not unknown_too and (faults := of_unknown(path, found)):
        raise ConfigurationError(faults)
    return found


def refuse_device(path: Path) -> None:
    """Read nothing that may have no end.

    Raises:
        ConfigurationError: it is a device.
    """
    if path.is_char_device() or path.is_block_device():
        raise ConfigurationError(f"{path}: is a device; name a file")


def of_unknown(path: Path, recorded: Iterable[Baseline]) -> list[str]:
    """A sentence with its cure for each operation of these recorded baselines that is not there.

    Raises:
        ConfigurationError: the user's own operations cannot be used.
    """
    return _unknown(path, (b.operation for b in recorded), catalogue.operations(), _RECORDED_CURE)


def known_baselines(state: State) -> tuple[Baseline, ...]:
    """Sourced and recorded ones together; `most_specific` chooses among them."""
    return load_sourced() + load_recorded(state.baselines)


def save_recorded(path: Path, baselines: Iterable[Baseline]) -> None:
    """Write the recorded baselines, wholly or not at all: a full disk loses no earlier one.

    Raises:
        ConfigurationError: the folder cannot be written.
    """
    _written(path, text_of(baselines))


def change_recorded(
    path: Path, change: Callable[[Sequence[Baseline]], Iterable[Baseline]], previous: Path | None = None
) -> tuple[Baseline, ...]:
    """Change what a file holds by what it holds at that moment: nobody who writes it at the same time loses anything.

    Args:
        path: the file.
        change: from the baselines that are there, those of unknown operations among them, to those that shall be.
        previous: where the file is copied to first.

    Returns:
        The baselines that are there now.

    Raises:
        ConfigurationError: it cannot be read or written; nothing was changed.
    """
    with locked(path):
        changed = tuple(change(load_recorded(path, unknown_too=True)))
        if previous is not None and path.exists():
            _written(previous, path.read_text(encoding="utf-8"))
        save_recorded(path, changed)
    return changed


def _written(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from None


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file in one step: readers see the old text or the new, never a part, nor with wider rights than `mode`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
