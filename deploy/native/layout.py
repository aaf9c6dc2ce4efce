"""Which programs make up the native stack, in the order in which they start."""

import json
import math
import sys
from collections.abc import Iterable, Mapping

from deploy.native.program import HOST, Program
from exporters.ending import END_SECONDS
from steadyline.environment import PROCESSES_VARIABLE
from steadyline.settings import Settings

RETENTION_TIME = "15d"
RETENTION_SIZE = "5GB"
EXPORTER = "exporter"
"""It watches the others, and itself by itself."""
STACK_OPTION = "steadyline-stack"
"""An option of Python's `-X` that carries the stack's state folder into the command lines of its programs."""
ARENAS = "2"
"""glibc's default gives each of the exporter's threads a heap of its own that it never hands back: 6 of 97 MiB here."""
DRAIN_SECONDS = math.ceil(END_SECONDS) + 11
"""The exporter lets what is under way finish and cleans up; the margin is for a busy machine, for killed it leaves rows."""


def programs(settings: Settings, tools: Mapping[str, str]) -> tuple[Program, ...]:
    """The stack for these settings.

    Args:
        settings: ports, state folder and targets; the Trace API is left out where the user names Trace targets of their own.
        tools: full paths of `prometheus` and `alertmanager`.
    """
    embedded = any(target.embedded for target in settings.targets_of("trace").values())
    return (
        *((_trace(settings),) if embedded else ()),
        _module(settings, "receiver", "alerts.receiver", "/", "notifications that arrived here", quiet_stdout=True),
        _module(
            settings,
            EXPORTER,
            "exporters",
            "/metrics",
            "what the operations took, as Prometheus scrapes it",
            stop_seconds=DRAIN_SECONDS,
        ),
        _alertmanager(settings, tools["alertmanager"]),
        _prometheus(settings, tools["prometheus"]),
    )


def environment(settings: Settings, programs: Iterable[Program], environ: Mapping[str, str]) -> dict[str, str]:
    """What the programs inherit: our own environment, and for the exporter the stack itself as processes to watch."""
    watched = {program.name: program.watch for program in programs if program.name != EXPORTER} | dict(settings.processes)
    return {"MALLOC_ARENA_MAX": ARENAS, **environ, PROCESSES_VARIABLE: json.dumps(watched), "PYTHONUNBUFFERED": "1"}


def _module(
    settings: Settings,
    name: str,
    module: str,
    opens: str,
    tells: str,
    *arguments: str,
    quiet_stdout: bool = False,
    stop_seconds: int = 20,
) -> Program:
    # -P: a folder of the same name where the user happens to stand must not be taken for ours.
    # -X: Python ignores a name that it does not know; ours tells this stack's processes from another stack's.
    mark = f"{STACK_OPTION}={settings.state.root}"
    port: int = getattr(settings.ports, name)
    command = (sys.executable, "-X", mark, "-P", "-m", module, *arguments)
    return Program(name, command, port, f"{mark} -P -m {module}", (opens,), tells, quiet_stdout, stop_seconds)


def _trace(settings: Settings) -> Program:
    database = settings.state.data("trace") / "trace.db"
    arguments = ("--url", f"sqlite:///{database}", "--port", str(settings.ports.trace), "--allow-faults")
    tells = "the Trace API, the system that is measured"
    return _module(settings, "trace", "targets.trace", "/api/v1/projects", tells, *arguments)


def _alertmanager(settings: Settings, path: str) -> Program:
    config, port = settings.state.alertmanager_config, settings.ports.alertmanager
    command = (
        path,
        f"--config.file={config}",
        f"--storage.path={settings.state.data('alertmanager')}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}",
        "--cluster.listen-address=",  # empty: no cluster port is opened
    )
    return Program("alertmanager", command, port, command[1], ("/#/alerts",), "alerts grouped, silenced, routed")


def _prometheus(settings: Settings, path: str) -> Program:
    config, port = settings.state.prometheus_config, settings.ports.prometheus
    command = (
        path,
        f"--config.file={config}",
        f"--storage.tsdb.path={settings.state.data('prometheus')}",
        f"--storage.tsdb.retention.time={RETENTION_TIME}",
        f"--storage.tsdb.retention.size={RETENTION_SIZE}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}",
        "--web.enable-lifecycle",
    )
    pages = ("/alerts", "/classic/alerts")  # Debian 12 packs the classic pages only
    return Program("prometheus", command, port, command[1], pages, "rules, alerts and PromQL")
