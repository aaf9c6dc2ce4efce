"""supervisord's configuration."""

from pathlib import Path

import pytest

from deploy.native.program import Program
from deploy.native.supervisord_config import check_path, render
from steadyline.errors import ConfigurationError
from steadyline.state import State

GOLDEN = Path(__file__).parent / "golden/supervisord.conf"
PROGRAMS = (
    Program("receiver", ("python", "-m", "alerts.receiver"), 8025, "", ("/",), "", quiet_stdout=True),
    Program("exporter", ("python", "-m", "exporters"), 9464, "", ("/metrics",), "", stop_seconds=30),
    Program("prometheus", ("/usr/bin/prometheus", "--config.file=/a folder/100%/p.yml"), 9090, "", ("/alerts",), ""),
)


def test_golden() -> None:
    """Nothing starts by itself, everything restarts, logs are rotated, the socket is ours alone; odd paths are quoted."""
    text = render(PROGRAMS, State(Path("/a folder/100%")), Path("/run/user/0/s/supervisor.sock"), user="root")
    assert text == GOLDEN.read_text()


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("/a/[b]", id="wildcard"),
        pytest.param("/a #b", id="comment"),
        pytest.param("/50% off", id="percent"),
        pytest.param("/a\nb", id="line break"),
    ],
)
def test_unusable_folders_are_refused(folder: str) -> None:
    """A state folder that a configuration file cannot carry is refused by the setting's name."""
    with pytest.raises(ConfigurationError, match=r"^state_dir: "):
        check_path(Path(folder))
