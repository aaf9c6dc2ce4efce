"""Which programs start, and how."""

import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.rules.generate import generate
from deploy import prometheus_config
from deploy.native import layout
from exporters.ending import END_SECONDS
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_JOB
from steadyline.settings import Settings
from steadyline.vocabulary import EXPORTER_JOB

TOOLS = {"prometheus": "/usr/bin/prometheus", "alertmanager": "/usr/bin/prometheus-alertmanager"}
ALL = ["trace", "s3", "vast", "receiver", "alertmanager", "tams", "exporter", "prometheus"]
OWN_TRACE = {"mine": {"backend": "trace", "url": "http://traces.example:8000"}}
KEYS = {"access_key": "me", "secret_key": "hunter2", "bucket": "b"}
OWN_S3 = {"store": {"backend": "s3", "url": "http://s3.example", **KEYS}}
OWN_VAST = {"lake": {"backend": "vast", "url": "http://vast.example", **KEYS}}
OWN_TAMS = {"media": {"backend": "tams", "url": "http://me:hunter2@tams.example"}}
SECRET = {"db": {"backend": "sql", "url": "postgresql://me:hunter2@db.example/trace"}}


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        pytest.param({}, ALL, id="embedded"),
        pytest.param(OWN_TRACE, [name for name in ALL if name != "trace"], id="a Trace API of the user's"),
        pytest.param(SECRET, ALL, id="a database of the user's"),
        pytest.param(OWN_S3, ALL, id="the TAMS API stands on the stack's own S3, whatever S3 is measured"),
        pytest.param({**OWN_S3, **OWN_TAMS}, [name for name in ALL if name != "tams"], id="VAST DB imports out of S3"),
        pytest.param(
            {**OWN_S3, **OWN_TAMS, **OWN_VAST},
            [name for name in ALL if name not in ("s3", "vast", "tams")],
            id="everything of the media side is the user's",
        ),
    ],
)
def test_programs_in_order(targets: dict[str, Any], names: list[str]) -> None:
    """What is measured starts first, who asks and judges last; an embedded target only where something needs it."""
    programs = layout.programs(Settings.model_validate({"targets": targets}), TOOLS)
    assert [program.name for program in programs] == names
    assert [program.stage for program in programs] == sorted(program.stage for program in programs)
    assert "hunter2" not in str(programs)


def test_everything_listens_on_loopback_only() -> None:
    """Prometheus and Alertmanager are given the loopback address, and Alertmanager no cluster port."""
    commands = {program.name: program.command for program in layout.programs(Settings(), TOOLS)}
    assert "--web.listen-address=127.0.0.1:9090" in commands["prometheus"]
    assert {"--web.listen-address=127.0.0.1:9093", "--cluster.listen-address="} <= set(commands["alertmanager"])


def test_alertmanager_keeps_whom_it_told() -> None:
    """Often enough on disk, and as often in containers: killed it would tell no recovery of what it forgot."""
    kept = f"--data.maintenance-interval={LIVE.told_kept_seconds:.0f}s"
    compose = yaml.safe_load((Path(__file__).parents[3] / "docker-compose.yml").read_text())
    commands = {program.name: program.command for program in layout.programs(Settings(), TOOLS)}
    assert kept in commands["alertmanager"]
    assert kept in compose["services"]["alertmanager"]["command"]


def test_exporter_watches_the_stack() -> None:
    """The exporter is told the stack's processes beside the user's own, and not itself."""
    settings = Settings(processes={"mine": "my-server"})
    environ = layout.environment(settings, layout.programs(settings, TOOLS), {"PATH": "/bin"})
    watched = json.loads(environ["STEADYLINE_PROCESSES"])
    assert set(watched) == {"mine", *ALL} - {"exporter"}
    assert environ["PATH"] == "/bin"


def test_two_stacks_are_told_apart(tmp_path: Path) -> None:
    """What one stack's exporter looks for is in its own programs' command lines, and in no other stack's."""
    one, other = (layout.programs(Settings(state_dir=tmp_path / name), TOOLS) for name in ("s", "s2"))
    for program in one:
        assert [p.name for p in one if program.watch in " ".join(p.command)] == [program.name]
        assert [p.name for p in other if program.watch in " ".join(p.command)] == []


def test_exporter_is_given_time_to_clean_up() -> None:
    """The supervisor kills the exporter only when it has had longer than its own end may take."""
    exporter = next(program for program in layout.programs(Settings(), TOOLS) if program.name == layout.EXPORTER)
    assert exporter.stop_seconds > END_SECONDS


def test_prometheus_intervals_come_from_the_live_defaults() -> None:
    """Scrapes and rules follow the live defaults; exporter and load runs have their jobs' names."""
    document = prometheus_config.document(Settings())
    assert document["global"]["scrape_interval"] == f"{LIVE.scrape_seconds:g}s"
    assert [job["job_name"] for job in document["scrape_configs"]] == [
        EXPORTER_JOB,
        LOAD_JOB,
        "prometheus",
        "alertmanager",
        prometheus_config.OWN_JOB,
    ]


def test_promtool_takes_the_configuration(tmp_path: Path) -> None:
    """Promtool accepts the configuration with the rules that are generated beside it."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on PATH")
    settings = Settings(state_dir=tmp_path)
    settings.state.generated.mkdir()
    generate(settings, settings.state.generated)
    settings.state.prometheus_config.write_text(prometheus_config.render(settings))
    done = subprocess.run(
        [promtool, "check", "config", settings.state.prometheus_config], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(settings.state.prometheus_config.read_text())["rule_files"][0] == str(settings.state.rules)


def test_a_go_program_outlives_who_reads_its_output() -> None:
    """The supervisor gone, what it started would end at its next line; as it is started it does not."""
    if not (path := shutil.which("prometheus")):
        pytest.skip("prometheus is not on PATH")
    ends = []
    for before in ((), layout.ORPHAN_PROOF):
        with subprocess.Popen(
            [*before, path, "--config.file=/nowhere"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as told:
            assert told.stdout
            told.stdout.close()
        ends.append(told.returncode)
    assert ends[0] == -signal.SIGPIPE
    assert ends[1] > 0  # it lived to say what is wrong
