"""What the Makefile asks before there is a venv."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.native.bootstrap import provide, venv_packages
from deploy.native.machine import Machine
from steadyline.errors import ConfigurationError

MakeMachine = Callable[..., Machine]
ROOT = Path(__file__).parents[3]


def test_needs_no_package() -> None:
    """It runs on a Python without any package installed."""
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import deploy.native.bootstrap",
    ]
    assert subprocess.run(command, check=False, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize(
    ("python3_is", "version", "package"),
    [
        pytest.param("python3.11", (3, 11), "python3-venv", id="the distribution's"),
        pytest.param("python3.11", (3, 13), "python3.13-venv", id="another beside it"),
        pytest.param(None, (3, 12), "python3.12-venv", id="no python3"),
    ],
)
def test_package_of_the_venv_module(
    make_machine: MakeMachine, python3_is: str | None, version: tuple[int, int], package: str
) -> None:
    """The package named brings the venv module of the very Python that will be used."""
    machine = make_machine({})
    if python3_is:
        (machine.root / "usr/bin").mkdir()
        (machine.root / "usr/bin" / python3_is).touch()
        (machine.root / "usr/bin/python3").symlink_to(python3_is)
    assert venv_packages(machine, has_ensurepip=False, version=version) == [package]
    assert venv_packages(machine, has_ensurepip=True, version=version) == []


def test_all_that_is_missing_is_named_together(make_machine: MakeMachine) -> None:
    """A user who cannot make the venv hears of Prometheus and Alertmanager in the same command."""
    machine = make_machine({}, apt="#!/bin/sh\n")
    with pytest.raises(
        ConfigurationError, match="install -y --no-install-recommends python3-venv prometheus prometheus-alertmanager'"
    ):
        provide(machine, lacking=["python3-venv"], stack=False)


def test_venv_does_not_wait_for_prometheus(make_machine: MakeMachine) -> None:
    """Where only Prometheus is missing and cannot be installed, the venv is made all the same."""
    provide(make_machine({}), lacking=[], stack=False)
