"""Whether what is kept has room: the state folder, Prometheus' retention, and what grows without an end."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.doctor.finding import Finding, fault, ok, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject

GIB = 1024**3
MIB = 1024**2
FULL_BYTES = 200 * MIB
"""Below this Prometheus cannot compact, and databases refuse to write."""
TIGHT_BYTES = GIB
TIGHT_FRACTION = 0.05
"""Files' slots that are left, as a part of all."""
GROWN_BYTES = 500 * MIB
"""Nothing of ours cuts these files off: so large, they are from years, or something repeats itself."""
_UNITS = {"B": 1, "KB": 1024, "MB": MIB, "GB": GIB, "TB": 1024**4, "PB": 1024**5, "EB": 1024**6}


@dataclass(frozen=True, slots=True)
class Facts:
    """The file system of the state folder.

    Attributes:
        folder: the state folder.
        nearest: it, or the folder above in which it would be made.
        writable: whether we may write there.
        free_bytes: that a user may still take.
        free_slots: the part of all files' slots that is left; None where the file system has no such number.
        retention_bytes: how much Prometheus may take; None where the stack's is not here.
        kept_bytes: how much it has taken.
        grown: sizes of what grows without an end, by what it is.
    """

    folder: Path
    nearest: Path
    writable: bool
    free_bytes: int
    free_slots: float | None
    retention_bytes: int | None = None
    kept_bytes: int = 0
    grown: tuple[tuple[str, int], ...] = ()


def gather(scene: Scene) -> Facts:
    """Ask the file system."""
    state = scene.settings.state
    nearest = next(place for place in (state.root, *state.root.parents) if place.exists())
    held = os.statvfs(nearest)
    return Facts(
        folder=state.root,
        nearest=nearest,
        writable=os.access(nearest, os.W_OK | os.X_OK) and not held.f_flag & os.ST_RDONLY,
        free_bytes=held.f_bavail * held.f_frsize,
        free_slots=held.f_favail / held.f_files if held.f_files else None,
        retention_bytes=size(scene.settings.retention_size) if scene.is_native and not scene.settings.prometheus_url else None,
        kept_bytes=taken(state.data("prometheus")),
        grown=tuple(
            (name, taken(place))
            for name, place in (("notifications", state.notifications), ("logs", state.logs), ("history", state.history))
        ),
    )


def size(said: str) -> int:
    """The bytes of a size as Prometheus writes it; its units are powers of 1024."""
    number = said.rstrip("KMGTPEB")
    return int(number) * _UNITS[said.removeprefix(number)]


def taken(place: Path) -> int:
    """Bytes of a file, or of all files in a folder; what goes meanwhile counts nothing."""
    paths = [place] if place.is_file() else [Path(folder) / name for folder, _, names in os.walk(place) for name in names]
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def _told(count: float) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.0f} MiB"


def writable(facts: Facts) -> Iterator[Finding]:
    """A fault where the state folder cannot be written: nothing is kept, and no stack starts."""
    if facts.writable:
        yield ok(f"{facts.folder}")
    else:
        yield fault(
            f"{facts.nearest} cannot be written", "give this user the right, mount it writable, or set state_dir to another"
        )


def room(facts: Facts) -> Iterator[Finding]:
    """A fault with under 200 MiB free, a warning with under 1 GiB."""
    told = f"{_told(facts.free_bytes)} are free for {facts.folder}"
    cure = "make room, or set state_dir to a larger disk"
    if facts.free_bytes < FULL_BYTES:
        yield fault(told, cure)
    elif facts.free_bytes < TIGHT_BYTES:
        yield warning(told, cure)
    else:
        yield ok(told)


def slots(facts: Facts) -> Iterator[Finding]:
    """A warning where fewer than a twentieth of the file system's inodes are left; a fault where none is."""
    if facts.free_slots is None:
        yield unknown("this file system does not count inodes")
    elif facts.free_slots <= 0:
        yield fault("no inode is left: no file can be made", "delete many small files on this disk")
    elif facts.free_slots < TIGHT_FRACTION:
        yield warning(f"{facts.free_slots:.1%} of the inodes are left", "delete many small files on this disk")
    else:
        yield ok(f"{facts.free_slots:.0%} of the inodes are left")


def retention(facts: Facts) -> Iterator[Finding]:
    """A warning where Prometheus may still take more than is free."""
    if facts.retention_bytes is None:
        yield unknown("the stack's own Prometheus does not keep its samples here")
        return
    wanted = max(0, facts.retention_bytes - facts.kept_bytes)
    told = f"Prometheus has taken {_told(facts.kept_bytes)} of the {_told(facts.retention_bytes)} that it may"
    if wanted > facts.free_bytes:
        cure = "set retention_size (STEADYLINE_RETENTION_SIZE) to less, or make room"
        yield warning(f"{told}, and {_told(facts.free_bytes)} are free", cure)
    else:
        yield ok(told)


def growth(facts: Facts) -> Iterator[Finding]:
    """A warning where notifications, logs or the history have grown over 500 MiB: nothing cuts them off."""
    for name, count in facts.grown:
        if count > GROWN_BYTES:
            yield warning(
                f"{name} have grown to {_told(count)}", f"see what repeats itself; move the old ones out of {facts.folder}"
            )
    if all(count <= GROWN_BYTES for _, count in facts.grown):
        yield ok(", ".join(f"{name} {_told(count)}" for name, count in facts.grown))


SUBJECT = Subject("disk", gather, (writable, room, slots, retention, growth))
