"""A process is known again by its id and its beginning, however the clock was set between."""

import subprocess
import sys

import psutil
import pytest

from deploy.native import process_identity
from deploy.native.record import Record

HOUR = 3600.0


@pytest.fixture(params=[-HOUR, -1.0, 0.0, 1.0, HOUR], ids="{:+g} s".format)
def set_clock(request, monkeypatch):
    """Set the clock: the kernel says then that the machine has begun at another time."""
    began = psutil.boot_time()
    return lambda: monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: began + request.param)


def test_it_is_found_after_the_clock_was_set(set_clock):
    """By number, by name, and as a stack's supervisor."""
    own = psutil.Process()
    began, name, stack = process_identity.since_boot(own), process_identity.name(own), Record("", ()).of(own.pid)
    set_clock()
    assert process_identity.find(own.pid, began) == own
    assert process_identity.find_named(name) == own
    assert stack.alive


def test_what_ended_is_not_found():
    """Neither while its parent has not taken note, nor after."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = process_identity.name(psutil.Process(process.pid))
        assert process_identity.find_named(name)
        process.kill()
        process.wait()
    assert process_identity.find_named(name) is None


def test_another_with_its_id_is_not_it():
    """The beginning tells them apart."""
    own = psutil.Process()
    assert process_identity.find(own.pid, process_identity.since_boot(own) - 1) is None


@pytest.mark.parametrize("text", ["", "lost+found", "12", "12-", "-1", "12-x", "99999999-1.0"])
def test_what_is_no_name(text):
    """It is nobody's."""
    assert process_identity.find_named(text) is None
