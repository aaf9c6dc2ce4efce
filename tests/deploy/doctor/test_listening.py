"""Ports: judged over facts, and gathered of a port that another program holds."""

import socket

import pytest

from deploy.compose.project import Container
from deploy.doctor import listening
from deploy.doctor.finding import Health
from deploy.doctor.listening import Facts, Port
from deploy.doctor.scene import Scene
from steadyline import settings

FREE = Port("exporter", 9464, free=True, ours=False, holder="", cure="set STEADYLINE_PORTS_EXPORTER to another port")
OURS = Port("exporter", 9464, free=False, ours=True, holder="python (pid 7)", cure="")
TAKEN = Port("exporter", 9464, free=False, ours=False, holder="nginx (pid 7)", cure="set STEADYLINE_PORTS_EXPORTER")

CASES = {
    "free": (Facts((FREE,)), Health.OK, "free: 9464"),
    "ours": (Facts((OURS,), running=("exporter",)), Health.OK, "held by this stack: 9464"),
    "another's": (Facts((TAKEN,)), Health.FAULT, "taken by nginx (pid 7)"),
    "another's while ours runs": (Facts((TAKEN,), running=("exporter",)), Health.FAULT, "taken by nginx"),
    "deaf": (Facts((FREE,), running=("exporter",)), Health.FAULT, "does not listen on port 9464"),
    "compose": (Facts(published=(Container("exporter", "running", "", 0, (9464,)),)), Health.OK, "1 ports are published"),
    "in a container": (Facts(elsewhere=True), Health.UNKNOWN, "containers of their own"),
}


@pytest.mark.parametrize(("facts", "health", "found"), CASES.values(), ids=CASES)
def test_each_port_is_free_or_ours(facts, health, found):
    """Anything else is a fault."""
    (finding,) = listening.port(facts)
    assert finding.health is health
    assert found in finding.found


def test_who_holds_a_port_is_found(tmp_path, free_port):
    """The program is named with its pid, and the setting that moves ours."""
    environ = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in settings.Ports.model_fields}
    found = settings.load(environ | {"STEADYLINE_STATE_DIR": str(tmp_path)})
    with socket.create_server(("127.0.0.1", found.ports.exporter)):
        (finding,) = listening.port(listening.gather(Scene(found)))
    assert finding.health is Health.FAULT
    assert f"port {found.ports.exporter} (exporter) is taken by" in finding.found
    assert "STEADYLINE_PORTS_EXPORTER" in finding.cure
