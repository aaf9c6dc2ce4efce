"""Which programs make up the native stack, in the order in which they start."""

import json
import math
import sys
from collections.abc import Iterable, Mapping

from deploy.native.program import HOST, Program, Web
from exporters.ending import END_SECONDS
from steadyline import catalogue
from steadyline.durations import promql
from steadyline.environment import PROCESSES_VARIABLE
from steadyline.live import LIVE
from steadyline.settings import GUARDED, Settings
from steadyline.target import EMBEDDED_ACCESS_KEY, EMBEDDED_BUCKET, EMBEDDED_SECRET_KEY

EXPORTER = "exporter"
"""It watches the others, and itself by itself."""
STACK_OPTION = "steadyline-stack"
"""An option of Python's `-X` that carries the stack's state folder into the command lines of its programs."""
FLUSH_SECONDS = 10
"""How long an ending Prometheus tries to send the rest for the long term; with its own minute it would be killed meanwhile."""
ARENAS = "2"
"""glibc's default gives each of the exporter's threads a heap of its own that it never hands back: 6 of 97 MiB here."""
TAMS_BUCKET = "tams"
"""Where the embedded TAMS API keeps its tables and its media, apart from what the operations on VAST DB and S3 write."""
_BUCKETS = ("--bucket", EMBEDDED_BUCKET, "--bucket", TAMS_BUCKET)
_ON_TARGETS, _ASKING, _JUDGING = 1, 2, 3
"""Stages after the first: what stands on other targets, what asks them, and what would miss it while it starts."""
ORPHAN_PROOF = ("/bin/sh", "-c", '[ -p /proc/self/fd/1 ] && exec 9</proc/self/fd/1; exec "$0" "$@"')
"""Before a program written in Go, which ends at its next line when the supervisor that read its output is gone: it holds the
pipe's other end itself, which takes 64 KiB before anybody waits."""
DRAIN_SECONDS = math.ceil(END_SECONDS) + 11
"""The exporter lets what is under way finish and cleans up; the margin is for a busy machine, for killed it leaves rows."""


def programs(settings: Settings, tools: Mapping[str, str]) -> tuple[Program, ...]:
    """The stack for these settings: first what is measured, then what stands on it, then who asks and judges.

    Args:
        settings: ports, state folder and targets; a target of the stack's own is left out where the user names others.
        tools: full paths of `prometheus` and `alertmanager`.
    """
    embedded = targets(settings, catalogue.backends())
    return (
        *(program for program in embedded if program.stage == 0),
        _module(settings, "receiver", "alerts.receiver", "/", "notifications that arrived here", quiet_stdout=True),
        _alertmanager(settings, tools["alertmanager"]),
        *(program for program in embedded if program.stage == _ON_TARGETS),
        _module(
            settings,
            EXPORTER,
            "exporters",
            "/metrics",
            "what the operations took, as Prometheus scrapes it",
            stop_seconds=DRAIN_SECONDS,
            stage=_ASKING,
        ),
        _prometheus(settings, tools["prometheus"]),
    )


def targets(settings: Settings, backends: Iterable[str]) -> tuple[Program, ...]:
    """The embedded targets of these backends, and what they stand on; a backend for which the user names targets has none."""
    embedded = {backend for backend in backends if _is_embedded(settings, backend)}
    below = {"s3", "vast"} if "tams" in embedded else embedded & {"s3", "vast"}
    return (
        *((_trace(settings),) if "trace" in embedded else ()),
        *((_s3(settings),) if below else ()),  # VAST DB imports Parquet out of it
        *((_vast(settings),) if "vast" in below else ()),
        *((_tams(settings),) if "tams" in embedded else ()),
    )


def _is_embedded(settings: Settings, backend: str) -> bool:
    return any(target.embedded for target in settings.targets_of(backend).values())


def environment(settings: Settings, programs: Iterable[Program], environ: Mapping[str, str]) -> dict[str, str]:
    """What the programs inherit: our own environment, where the targets find each other, and for the exporter the stack."""
    watched = {program.name: program.watch for program in programs if program.name != EXPORTER} | dict(settings.processes)
    return {**of_targets(settings, environ), PROCESSES_VARIABLE: json.dumps(watched)}


def of_targets(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """What the embedded targets inherit: our own environment, and where they find each other."""
    return {"MALLOC_ARENA_MAX": ARENAS, **environ, **between_targets(settings), "PYTHONUNBUFFERED": "1"}


def between_targets(settings: Settings) -> dict[str, str]:
    """Where the TAMS API finds VAST DB and S3, and the keys that these two take; a command line shows no key."""
    return {
        "VAST_ENDPOINT": settings.url_of("vast"),
        "VAST_ACCESS_KEY": EMBEDDED_ACCESS_KEY,
        "VAST_SECRET_KEY": EMBEDDED_SECRET_KEY,
        "VAST_BUCKET": TAMS_BUCKET,
        "VAST_SCHEMA": TAMS_BUCKET,
        "S3_ENDPOINT_URL": settings.url_of("s3"),
        "S3_ACCESS_KEY_ID": EMBEDDED_ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": EMBEDDED_SECRET_KEY,
        "S3_BUCKET_NAME": TAMS_BUCKET,
    }


def _module(
    settings: Settings,
    name: str,
    module: str,
    opens: str,
    tells: str,
    *arguments: str,
    quiet_stdout: bool = False,
    stop_seconds: int = 20,
    stage: int = 0,
) -> Program:
    # -P: a folder of the same name where the user happens to stand must not be taken for ours.
    # -X: Python ignores a name that it does not know; ours tells this stack's processes from another stack's.
    mark = f"{STACK_OPTION}={settings.state.root}"
    port: int = getattr(settings.ports, name)
    command = (sys.executable, "-X", mark, "-P", "-m", module, *arguments)
    web = Web(settings.web_scheme, settings.web_client) if name in GUARDED else Web()
    return Program(name, command, port, f"{mark} -P -m {module}", (opens,), tells, quiet_stdout, stop_seconds, stage, web)


def _trace(settings: Settings) -> Program:
    database = settings.state.data("trace") / "trace.db"
    arguments = ("--url", f"sqlite:///{database}", "--port", str(settings.ports.trace), "--allow-faults")
    tells = "the Trace API, the system that is measured"
    return _module(settings, "trace", "targets.trace", "/api/v1/projects", tells, *arguments)


def _s3(settings: Settings) -> Program:
    arguments = ("--port", str(settings.ports.s3), *_BUCKETS, "--allow-faults")
    return _module(settings, "s3", "targets.s3", "/-/ready", "an S3, kept in memory, that is measured", *arguments)


def _vast(settings: Settings) -> Program:
    folder = settings.state.data("vast")
    place = ("--port", str(settings.ports.vast), "--directory", str(folder), "--s3-url", settings.url_of("s3"))
    tells = "a VAST DB endpoint, that is measured"
    return _module(settings, "vast", "targets.vast", "/-/ready", tells, *place, *_BUCKETS, "--allow-faults")


def _tams(settings: Settings) -> Program:
    arguments = ("--port", str(settings.ports.tams), "--allow-faults")
    tells = "the TAMS API on VAST DB and S3, that is measured"
    return _module(settings, "tams", "targets.tams", "/service", tells, *arguments, stage=_ON_TARGETS)


def _alertmanager(settings: Settings, path: str) -> Program:
    named, port = f"--config.file={settings.state.alertmanager_config}", settings.ports.alertmanager
    command = (
        *ORPHAN_PROOF,
        path,
        named,
        f"--storage.path={settings.state.data('alertmanager')}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}",
        "--cluster.listen-address=",  # empty: no cluster port is opened
        f"--data.maintenance-interval={promql(LIVE.told_kept_seconds)}",
    )
    return Program("alertmanager", command, port, named, ("/#/alerts",), "alerts grouped, silenced, routed")


def _prometheus(settings: Settings, path: str) -> Program:
    named, port = f"--config.file={settings.state.prometheus_config}", settings.ports.prometheus
    command = (
        *ORPHAN_PROOF,
        path,
        named,
        f"--storage.tsdb.path={settings.state.data('prometheus')}",
        f"--storage.tsdb.retention.time={settings.retention_time}",
        f"--storage.tsdb.retention.size={settings.retention_size}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}",
        "--web.enable-lifecycle",
        f"--storage.remote.flush-deadline={FLUSH_SECONDS}s",
    )
    pages = ("/alerts", "/classic/alerts")  # Debian 12 packs the classic pages only
    return Program("prometheus", command, port, named, pages, "rules, alerts and PromQL", stage=_JUDGING)
