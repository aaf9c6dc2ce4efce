"""`make release`: builds and checks a release, and puts it into dist/; it uploads nothing.

In order: the version agrees everywhere, two builds are the same, the wheel has every file, it works in an empty environment.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from deploy.release import artefacts
from deploy.release.trial import Trial
from deploy.release.version import stated
from steadyline.errors import ConfigurationError, SteadylineError

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
LOCK = ROOT / "requirements" / "runtime.txt"


def release(*, rehearse: bool) -> None:
    """Make it.

    Args:
        rehearse: say what keeps it from being a release, and go on.

    Raises:
        ConfigurationError: something is not as a release has it.
    """
    said = stated(ROOT)
    faults = [*said.faults()]
    if faults and not rehearse:
        raise ConfigurationError(faults)
    for fault in faults:
        _say(f"rehearsal: {fault}")
    with tempfile.TemporaryDirectory(prefix="steadyline-release-") as made:
        folder = Path(made)
        first = artefacts.build(ROOT, said.commit, folder / "first", said.epoch)
        unlike = artefacts.unlike(first, artefacts.build(ROOT, said.commit, folder / "second", said.epoch))
        if unlike:
            raise ConfigurationError(f"release: two builds differ: {', '.join(unlike)}")
        _say(f"built twice, the same bytes: {', '.join(path.name for path in first)}")
        (wheel,) = (path for path in first if path.suffix == ".whl")
        _refuse([*artefacts.missing(ROOT, said.commit, wheel)])
        bill = tried(Trial(folder), wheel, said.version, said.epoch)
        kept(first, said.version, bill)


def tried(trial: Trial, wheel: Path, version: str, epoch: int) -> str:
    """Install and try the wheel; the bill of materials of what it stands on."""
    trial.install(LOCK)
    bill = trial.bill(ROOT / "pyproject.toml", epoch)
    trial.add(wheel)
    _refuse([*trial.faults(version)])
    _say(f"works in an empty environment with the packages of {LOCK.name}")
    return bill


def kept(made: list[Path], version: str, bill: str) -> None:
    """Put all into dist/, with the lock to install by and the sums."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for path in made:
        shutil.copyfile(path, DIST / path.name)
    shutil.copyfile(LOCK, DIST / f"steadyline-{version}.requirements.txt")
    (DIST / f"steadyline-{version}.cdx.json").write_text(bill, encoding="utf-8")
    (DIST / artefacts.SUMS).write_text(artefacts.sums(DIST.iterdir()), encoding="utf-8")
    _say(f"{DIST.name}/: {', '.join(sorted(path.name for path in DIST.iterdir()))}; nothing was uploaded")


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ConfigurationError(faults)


def _say(words: str) -> None:
    print(f"release: {words}", flush=True)  # noqa: T201


def main() -> int:
    """Say each step; what is wrong, on standard error."""
    parser = argparse.ArgumentParser(prog="python -m deploy.release", description=__doc__)
    parser.add_argument("--rehearse", action="store_true", help="go on without tag, changelog's head and a clean tree")
    try:
        release(rehearse=parser.parse_args().rehearse)
    except SteadylineError as error:
        for fault in error.faults:
            print(f"steadyline: {fault}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
