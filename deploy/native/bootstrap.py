"""`python3 -m deploy.native.bootstrap`: what the Makefile needs before there is a venv, on a bare Python >= 3.11.

It finds all that is missing at once (the venv module, Prometheus, Alertmanager, packages for the tests), installs it as
root with apt-get, and otherwise prints the one command that does.
"""

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.native.interruption import interruptible
from deploy.native.machine import Machine
from deploy.native.packages import can_install, install, instruction, needed_packages
from deploy.native.programs import survey
from steadyline.errors import SteadylineError


def venv_packages(machine: Machine, *, has_ensurepip: bool, version: tuple[int, int] = sys.version_info[:2]) -> list[str]:
    """The package that `python -m venv` lacks here: Debian keeps ensurepip apart from python3."""
    if has_ensurepip:
        return []
    system = machine.root / "usr/bin/python3"
    names_this = system.exists() and system.resolve().name == f"python{version[0]}.{version[1]}"
    return ["python3-venv" if names_this else f"python{version[0]}.{version[1]}-venv"]


def missing(machine: Machine, *, venv: bool, stack: bool) -> tuple[str, ...]:
    """The packages that are missing, of those asked about."""
    lacking = venv_packages(machine, has_ensurepip=importlib.util.find_spec("ensurepip") is not None) if venv else []
    return needed_packages(survey(machine), lacking) if stack else tuple(lacking)


def tell(percent: float, doing: str) -> None:
    """One line of progress; rewritten in place on a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{percent:3.0f} % {doing[:100]}")
    elif percent == 0:
        sys.stderr.write(f"{doing}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    """Find and install; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m deploy.native.bootstrap", description=__doc__)
    parser.add_argument("--venv", type=Path, help="the venv that will be made; nothing is needed where it is there")
    parser.add_argument("--stack", action="store_true", help="Prometheus and Alertmanager are needed")
    wanted = parser.parse_args(arguments)
    machine = Machine.of(os.environ)
    makes_venv = wanted.venv is not None and not (wanted.venv / "bin/python").exists()
    packages = missing(machine, venv=makes_venv, stack=wanted.stack)
    if not packages:
        return 0
    try:
        if not can_install(machine):
            sys.stderr.write(f"steadyline: {instruction(packages, machine)}\n")
            return 2
        sys.stderr.write(f"steadyline: installing {' '.join(packages)} (as root, with apt-get; no service is started)\n")
        with interruptible():
            install(packages, machine, tell)
    except SteadylineError as error:
        sys.stderr.write(f"\nsteadyline: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\nsteadyline: stopped before the packages were installed\n")
        return 130
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
