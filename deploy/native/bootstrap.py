"""`python3 -m deploy.native.bootstrap`: what the Makefile needs before there is a venv, on a bare Python >= 3.11.

It finds all that is missing at once (the venv module, Prometheus, Alertmanager, packages for the tests), installs it as
root with apt-get, and otherwise prints the one command that does.
"""

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence

from deploy.native.interruption import INTERRUPTED, interruptible
from deploy.native.machine import Machine
from deploy.native.packages import can_install, install, needed_packages
from deploy.native.programs import survey
from steadyline.errors import SteadylineError


def venv_packages(machine: Machine, *, has_ensurepip: bool, version: tuple[int, int] = sys.version_info[:2]) -> list[str]:
    """The package that `python -m venv` lacks here: Debian keeps ensurepip apart from python3."""
    if has_ensurepip:
        return []
    system = machine.root / "usr/bin/python3"
    names_this = system.exists() and system.resolve().name == f"python{version[0]}.{version[1]}"
    return ["python3-venv" if names_this else f"python{version[0]}.{version[1]}-venv"]


def tell(percent: float, doing: str) -> None:
    """Progress: rewritten in place on a terminal, else one line for each run of apt-get."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{percent:3.0f} % {doing[:100]}")
    elif doing.startswith("apt-get"):
        sys.stderr.write(f"{doing}\n")
    sys.stderr.flush()


def provide(machine: Machine, *, lacking: Sequence[str], stack: bool) -> None:
    """Install what is missing.

    Args:
        machine: where to look and install.
        lacking: packages that the venv needs.
        stack: whether Prometheus and Alertmanager are needed now; without it they are named and installed beside the
            venv's packages, to spare a second errand, but do not hold up the venv.

    Raises:
        ConfigurationError: something is missing and cannot be installed from here, or is too old.
    """
    found = survey(machine)
    packages = needed_packages(found, lacking)
    if packages and (lacking or stack or can_install(machine)):
        if can_install(machine):
            said = f"steadyline: installing {' '.join(packages)} (as root, with apt-get; none of their services is started)"
            sys.stderr.write(f"{said}\n")
        install(packages, machine, tell)
        sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
        found = survey(machine)
    if stack:
        found.paths()


def main(arguments: Sequence[str]) -> int:
    """Find and install; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m deploy.native.bootstrap", description=__doc__)
    parser.add_argument("--venv", action="store_true", help="make sure that a venv can be made")
    parser.add_argument("--stack", action="store_true", help="make sure that Prometheus and Alertmanager are there")
    wanted = parser.parse_args(arguments)
    machine = Machine.of(os.environ)
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    try:
        with interruptible():
            lacking = venv_packages(machine, has_ensurepip=has_ensurepip) if wanted.venv else []
            provide(machine, lacking=lacking, stack=wanted.stack)
    except SteadylineError as error:
        sys.stderr.write(f"steadyline: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("steadyline: stopped before everything was installed\n")
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
