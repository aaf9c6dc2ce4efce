"""Where the doctor was called to, and what of a stack can be seen from there."""

from pathlib import Path

import pytest

from deploy.compose.project import Container
from deploy.doctor import monitors
from deploy.doctor.asking import Patience
from deploy.doctor.scene import Scene
from deploy.native.stack import ProgramStatus
from steadyline.settings import Settings

NATIVE = ProgramStatus("exporter", "RUNNING", 7, "http://x", "tells", Path("/log"))
COMPOSE = Container("exporter", "running", "healthy", 0, (9464,))
INSIDE = {"hosts": {"prometheus": "prometheus"}}
ELSEWHERE = {"prometheus_url": "http://prometheus.example"}
CASES = {
    "nothing runs": ({}, {}, {"is_native", "needs_programs"}),
    "a native stack": ({}, {"programs": (NATIVE,)}, {"is_native", "needs_programs", "runs", "sees_stack"}),
    "beside docker compose": ({}, {"services": (COMPOSE,)}, {"runs"}),
    "in one of its containers": (INSIDE, {}, {"in_container", "sees_stack"}),
    "with a Prometheus elsewhere": (ELSEWHERE, {}, {"is_native"}),
}
ASPECTS = ("runs", "is_native", "in_container", "sees_stack", "needs_programs")


@pytest.mark.parametrize(("said", "there", "expected"), CASES.values(), ids=CASES)
def test_what_can_be_seen(said, there, expected):
    """Programs, ports and names are looked for only where they can be."""
    scene = Scene(Settings.model_validate(said), **there)
    assert {aspect for aspect in ASPECTS if getattr(scene, aspect)} == expected


def test_in_a_container_the_others_are_asked_by_their_names():
    """Exporter and receiver too, though no process of theirs is seen."""
    inside = Scene(Settings.model_validate(INSIDE))
    assert set(monitors.monitors(inside)) == {"Prometheus", "Alertmanager", "exporter", "receiver"}
    assert set(monitors.monitors(Scene(Settings()))) == {"Prometheus", "Alertmanager"}


def test_where_the_settings_come_from_is_told_in_words(tmp_path):
    """A file, variables, or the defaults; no value of any."""
    environ = {"STEADYLINE_STATE_DIR": "/s", "STEADYLINE_RETENTION_TIME": "1d", "OTHER": "x"}
    assert Scene(Settings(), folder=tmp_path).source == "the defaults"
    assert Scene(Settings(), environ=environ, folder=tmp_path).source == "2 variables of the environment"
    (tmp_path / "steadyline.toml").touch()
    assert Scene(Settings(), environ=environ, folder=tmp_path).source == "steadyline.toml and 2 variables of the environment"


def test_answers_are_waited_for_less_than_subjects_and_these_less_than_all():
    """So that what hangs is told of by name."""
    patience = Patience(10)
    assert 2 * patience.of_an_answer <= patience.of_a_subject + 1e-9
    assert patience.of_a_subject < patience.seconds
