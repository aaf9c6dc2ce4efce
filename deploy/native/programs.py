"""Prometheus and Alertmanager: found on PATH, old enough ones refused. Needs no package: no venv yet."""

import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy.native.machine import Machine
from steadyline.errors import ConfigurationError

VERSION_SECONDS = 10
"""Longest wait for `--version`."""


@dataclass(frozen=True, slots=True)
class Need:
    """A program that the stack cannot do without.

    Attributes:
        name: how we call it.
        commands: the names it has on PATH, the preferred one first.
        minimum: the oldest version that does (what Debian 12 has).
        package: the Debian package that brings it.
    """

    name: str
    commands: tuple[str, ...]
    minimum: tuple[int, int]
    package: str

    @property
    def at_least(self) -> str:
        """Name and oldest version, for messages."""
        return f"{self.name} >= {dotted(self.minimum)}"


PROMETHEUS = (2, 42)
ALERTMANAGER = (0, 25)
NEEDS = (
    Need("prometheus", ("prometheus",), PROMETHEUS, "prometheus"),
    Need("promtool", ("promtool",), PROMETHEUS, "prometheus"),
    Need("alertmanager", ("alertmanager", "prometheus-alertmanager"), ALERTMANAGER, "prometheus-alertmanager"),
    Need("amtool", ("amtool",), ALERTMANAGER, "prometheus-alertmanager"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A program on PATH; version is None where it would not say one."""

    path: str
    version: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What of NEEDS is there, and what is not or is too old."""

    good: Mapping[str, Found]
    missing: Sequence[Need]
    unfit: Mapping[str, str]

    def paths(self) -> dict[str, str]:
        """The programs' full paths by our names.

        Raises:
            ConfigurationError: some are too old; each with the version found and needed.
        """
        if self.unfit:
            raise ConfigurationError(self.unfit.values())
        return {name: found.path for name, found in self.good.items()}

    @property
    def packages(self) -> tuple[str, ...]:
        """The Debian packages that bring what is missing."""
        return tuple(dict.fromkeys(need.package for need in self.missing))


def dotted(version: Iterable[int]) -> str:
    """A version as people write it."""
    return ".".join(str(part) for part in version)


def parse_version(text: str) -> tuple[int, ...] | None:
    """The version in what `--version` prints, or None where there is none."""
    match = re.search(r"version v?(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in match.group(1).split(".")) if match else None


def survey(machine: Machine) -> Survey:
    """Look for everything in NEEDS."""
    good: dict[str, Found] = {}
    missing: list[Need] = []
    unfit: dict[str, str] = {}
    for need in NEEDS:
        candidates = _candidates(need, machine)
        fit = [found for found in candidates if found.version and found.version >= need.minimum]
        if fit:
            good[need.name] = fit[0]
        elif candidates:
            unfit[need.name] = _unfit(need, candidates[0])
        else:
            missing.append(need)
    return Survey(good, missing, unfit)


def _candidates(need: Need, machine: Machine) -> list[Found]:
    paths = [path for command in need.commands if (path := machine.which(command))]
    return [Found(path, _version(path)) for path in paths]


def _version(path: str) -> tuple[int, ...] | None:
    try:
        said = subprocess.run(  # noqa: S603  the path comes from PATH, as for any command
            [path, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(said.stdout + said.stderr)


def _unfit(need: Need, found: Found) -> str:
    what = f"is version {dotted(found.version)}" if found.version else "does not say its version"
    return f"{need.name}: {found.path} {what}; {dotted(need.minimum)} or newer is needed: put one first on PATH"
