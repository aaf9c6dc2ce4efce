"""Where recorded baselines are kept: in the state folder, where they judge, or in a file that is reviewed first."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alerts.record.baseline import replacing
from steadyline.baseline import Baseline
from steadyline.baselines import change_recorded, load_recorded
from steadyline.cli.applied import spread
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Place:
    """Looked at before anything is measured, so that a broken file costs no time.

    Attributes:
        settings: the settings.
        out: the file; None for the state folder's.
    """

    settings: Settings
    out: Path | None = None

    def keep(self, new: Iterable[Baseline], previous: Path | None = None) -> list[str]:
        """Put these beside the others, in place of those of the same key; a sentence for whatever did not take them.

        Args:
            new: the baselines.
            previous: where the file is copied to first.

        Raises:
            ConfigurationError: it cannot be written; what was there is there still.
        """
        fresh = list(new)
        change_recorded(self.out or self.settings.state.baselines, lambda there: replacing(there, fresh), previous)
        if self.out is not None or all(one.driver == Driver.BENCH for one in fresh):  # no rule hangs on them
            return []
        return spread(self.settings)

    @property
    def remark(self) -> str:
        """What to do with a file; empty where the baselines judge already."""
        if self.out is None:
            return ""
        return f"Written to {self.out}, judging nothing yet: steadyline baseline diff {self.out}, then promote {self.out}."


def place(settings: Settings, out: Path | None) -> Place:
    """Look at what is there.

    Raises:
        ConfigurationError: it cannot be read, or is no such file.
    """
    if out is not None and not out.parent.is_dir():
        raise ConfigurationError(f"--out {out}: there is no folder {out.parent}")
    if out is not None and out.exists() and not (out.is_file() or out.is_dir()):
        raise ConfigurationError(f"--out {out}: is no regular file, and baselines are kept in one; name a file")
    load_recorded(out or settings.state.baselines)
    return Place(settings, out)


def named(path: Path, *, unknown_too: bool = False) -> tuple[Baseline, ...]:
    """The baselines of a file that was named, which has to be there; `unknown_too` as in `load_recorded`.

    Raises:
        ConfigurationError: there is none, or it is broken.
    """
    if not path.exists():
        raise ConfigurationError(f"{path}: no such file; steadyline baseline record --out {path} writes one")
    return load_recorded(path, unknown_too=unknown_too)
