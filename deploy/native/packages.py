"""Missing programs as system packages, none of their services started. Needs no package itself: no venv yet."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.native.machine import Machine
from deploy.native.programs import NEEDS, Survey, survey
from steadyline.errors import ConfigurationError

Progress = Callable[[float, str], None]
"""Told a percentage and what is being done."""

POLICY_MARK = "# written by steadyline while it installs packages; remove it if no installation is under way"
POLICY = f"#!/bin/sh\n{POLICY_MARK}\nexit 101\n"
"""invoke-rc.d asks this script before it starts a service; 101 is its "forbidden"."""
KEPT_SUFFIX = ".kept-by-steadyline"
LOCK_SECONDS = 120
"""How long apt-get waits for another package manager to finish."""
INSTALL = ("install", "-y", "--no-install-recommends")
SERVICES = frozenset(need.package for need in NEEDS)
"""These packages bring a service of the same name."""
DISABLE = {
    "deb-systemd-helper": ("disable", "{service}.service"),
    "update-rc.d": ("{service}", "disable"),
}
"""Debian's own two tools for it, both in every installation, however small."""
_TAIL = 5


def ensure_programs(machine: Machine, progress: Progress) -> dict[str, str]:
    """Find Prometheus and Alertmanager, installing what is missing where that is possible.

    Returns:
        full paths by the names in `programs.NEEDS`.

    Raises:
        ConfigurationError: something is missing and cannot be installed from here, or is too old.
    """
    found = survey(machine)
    if found.missing and not found.unfit:
        install(found.packages, machine, progress)
        found = survey(machine)
    if found.missing:
        raise ConfigurationError([*found.unfit.values(), instruction(found.packages, machine)])
    return found.paths()


def needed_packages(found: Survey, also: Sequence[str] = ()) -> tuple[str, ...]:
    """The packages for all that is missing, without repeats."""
    return tuple(dict.fromkeys([*also, *found.packages]))


def can_install(machine: Machine) -> bool:
    """Whether packages can be installed from here: as root, with apt-get."""
    return machine.superuser and machine.which("apt-get") is not None


def instruction(packages: Sequence[str], machine: Machine) -> str:
    """One instruction that names everything missing at once."""
    names = " ".join(packages)
    if machine.which("apt-get") is None:
        wanted = [need.at_least for need in NEEDS if need.package in packages]
        others = [package for package in packages if package not in SERVICES]
        return f"missing: {', '.join([*others, *wanted])}; install them and put them on PATH, then run this again"
    command = f"apt-get update && apt-get {' '.join(INSTALL)} {names}"
    services = [package for package in packages if package in SERVICES]
    if services and machine.which("systemctl"):
        command += f" && systemctl disable --now {' '.join(services)}"
    return f"missing: {', '.join(packages)}; run this once, then try again:  sudo sh -c '{command}'"


def install(packages: Sequence[str], machine: Machine, progress: Progress) -> None:
    """Install packages with apt-get, none of their services started now or at the next boot.

    Raises:
        ConfigurationError: not root, no apt-get, or apt-get failed; the text says what to do by hand.
    """
    apt_get = machine.which("apt-get")
    if apt_get is None or not machine.superuser:
        raise ConfigurationError(instruction(packages, machine))
    with no_services(machine.root):
        # Any one source that does not answer fails an update, though the packages come from another: install decides.
        _, said = _apt([apt_get, "update"], machine, progress)
        status, more = _apt([apt_get, *INSTALL, *packages], machine, progress)
    if status != 0:
        last = " | ".join([*said, *more][-_TAIL:])
        raise ConfigurationError(f"apt-get could not install {' '.join(packages)} (exit {status}): {last}")
    _disable([package for package in packages if package in SERVICES], machine)


@contextmanager
def no_services(root: Path) -> Iterator[None]:
    """Forbid package scripts to start services; an existing policy is kept aside and put back."""
    policy = root / "usr/sbin/policy-rc.d"
    kept = policy.with_name(policy.name + KEPT_SUFFIX)
    ours = policy.exists() and POLICY_MARK in policy.read_text(encoding="utf-8", errors="replace")
    if (policy.exists() or policy.is_symlink()) and not ours:
        policy.rename(kept)
    try:
        policy.write_text(POLICY, encoding="utf-8")
        policy.chmod(0o755)
        yield
    finally:
        policy.unlink(missing_ok=True)
        if kept.exists() or kept.is_symlink():
            kept.rename(policy)


def _apt(command: Sequence[str], machine: Machine, progress: Progress) -> tuple[int, list[str]]:
    """Run apt-get, telling its progress; answer its exit code and last lines.

    It has a session of its own, so that Ctrl-C reaches it through us alone: it ends a download at once but finishes
    what dpkg has begun, and the policy goes only after it.
    """
    reader, writer = os.pipe()
    environ = {**os.environ, "PATH": machine.search_path, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    options = ["-q", "-o", f"APT::Status-Fd={writer}", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
    with os.fdopen(reader, encoding="utf-8", errors="replace") as lines:
        process = subprocess.Popen(  # noqa: S603  fixed words and package names of ours
            [command[0], *options, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            env=environ,
            start_new_session=True,
        )
        os.close(writer)
        try:
            last = _follow(lines, command[1], progress)
            return process.wait(), last
        except BaseException:
            process.send_signal(signal.SIGINT)
            deque(lines, maxlen=0)  # a closed pipe would break dpkg off in the middle
            process.wait()
            raise


def _follow(lines: Iterable[str], doing: str, progress: Progress) -> list[str]:
    """Read what apt-get says: lines of status (`pmstatus:package:percent:text`) among plain ones."""
    last: deque[str] = deque(maxlen=_TAIL)
    progress(0.0, f"apt-get {doing}")
    for line in lines:
        parts = line.rstrip("\n").split(":", 3)
        if parts[0] in ("dlstatus", "pmstatus") and len(parts) == 4:  # noqa: PLR2004  four fields, see above
            progress(_percent(parts[2]), parts[3])
        elif line.strip():
            last.append(line.strip())
    return list(last)


def _percent(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _disable(services: Sequence[str], machine: Machine) -> None:
    """Keep freshly installed services from taking our ports at the next boot; works in a container without systemd too."""
    for tool, arguments in DISABLE.items():
        path = machine.which(tool)
        for service in services if path else ():
            words = [argument.format(service=service) for argument in arguments]
            subprocess.run([str(path), *words], check=False, capture_output=True)  # noqa: S603
