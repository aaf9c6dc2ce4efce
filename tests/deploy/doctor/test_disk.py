"""Disk: judged over facts, and gathered of a folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.doctor import disk
from deploy.doctor.disk import GIB, MIB, Facts
from deploy.doctor.finding import Health
from deploy.doctor.scene import Scene
from steadyline.settings import Settings

GOOD = Facts(
    Path("/s"), Path("/s"), writable=True, free_bytes=10 * GIB, free_slots=0.5, retention_bytes=5 * GIB, kept_bytes=GIB
)
CASES = {
    "read-only": (replace(GOOD, writable=False), disk.writable, Health.FAULT),
    "full": (replace(GOOD, free_bytes=100 * MIB), disk.room, Health.FAULT),
    "tight": (replace(GOOD, free_bytes=500 * MIB), disk.room, Health.WARNING),
    "no inodes": (replace(GOOD, free_slots=0.0), disk.slots, Health.FAULT),
    "few inodes": (replace(GOOD, free_slots=0.04), disk.slots, Health.WARNING),
    "inodes are not counted": (replace(GOOD, free_slots=None), disk.slots, Health.UNKNOWN),
    "retention over what is free": (replace(GOOD, free_bytes=3 * GIB), disk.retention, Health.WARNING),
    "retention just fits": (replace(GOOD, free_bytes=4 * GIB), disk.retention, Health.OK),
    "kept elsewhere": (replace(GOOD, retention_bytes=None), disk.retention, Health.UNKNOWN),
    "grown": (replace(GOOD, grown=(("logs", 501 * MIB),)), disk.growth, Health.WARNING),
}


@pytest.mark.parametrize("check", disk.SUBJECT.checks, ids=lambda check: check.__name__)
def test_room_enough_is_well(check):
    """A state folder with room, inodes and retention that fits."""
    assert [finding.health for finding in check(GOOD)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health"), CASES.values(), ids=CASES)
def test_what_runs_out_is_told(facts, check, health):
    """With a cure, where it is wrong."""
    (finding,) = check(facts)
    assert finding.health is health
    assert finding.cure or health in (Health.OK, Health.UNKNOWN)


@pytest.mark.parametrize(("said", "count"), [("5GB", 5 * GIB), ("512MB", 512 * MIB), ("7B", 7)])
def test_sizes_are_prometheus_own(said, count):
    """Its units are powers of 1024."""
    assert disk.size(said) == count


def test_a_folder_that_is_not_there_yet_is_told_of_the_one_above(tmp_path):
    """Nothing is made by asking."""
    state = tmp_path / "none" / "state"
    found = disk.gather(Scene(Settings(state_dir=state)))
    assert (found.folder, found.nearest) == (state, tmp_path)
    assert found.free_bytes > 0
    assert not state.exists()
