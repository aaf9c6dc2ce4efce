"""`steadyline load`: Locust, started, watched, and its result held to the baselines of its profile."""

import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from deploy.native.own_targets import is_stack_up, served
from deploy.native.readiness import ending
from load.result import write as write_result
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.addresses import LOOPBACK, local_url
from steadyline.baselines import known_baselines, write_whole
from steadyline.cli import load_baselines, load_keeping, load_page, load_result, load_rows, load_summary
from steadyline.cli import run_options as options
from steadyline.cli.conclude import STANDARD_OUTPUT
from steadyline.cli.load_command import TAKES_HOST, USERS, WEB_PORT, Asked, Ordered, again, ordered, worker_command
from steadyline.cli.load_page import Watch
from steadyline.cli.load_process import Child, started
from steadyline.cli.load_result import Result
from steadyline.cli.load_screen import LoadScreen
from steadyline.cli.operation_table import terminal
from steadyline.cli.run import SIGNALLED
from steadyline.cli.run_rows import REGRESSION
from steadyline.environment import variable
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError, UnreachableError
from steadyline.settings import Settings
from steadyline.target import EMBEDDED_BACKENDS

ROOM_BYTES = 1 << 20
"""A result takes some hundred kilobytes; a run that finds no room for it at its end was for nothing."""
_TOLD_CODES = (ConfigurationError.exit_code, NoDataError.exit_code, UnreachableError.exit_code)

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[USERS]... [-- LOCUST'S OPTIONS]", help=f"User classes: {', '.join(USERS)}. Default: TraceUser."),
]
Host = Annotated[str | None, typer.Option("--host", help=f"What {TAKES_HOST} asks. Default: the settings' target.")]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="low|medium|high", help="10, 50 or 200 users. Default: low, unless --users is given."),
]
Shape = Annotated[
    str | None,
    typer.Option("--shape", metavar="SHAPE", help="constant, ramp, step, spike, soak or breakpoint. Default: constant."),
]
Users = Annotated[int | None, typer.Option("--users", "-u", min=1, help="Users at full load, the open model's pool.")]
SpawnRate = Annotated[
    float | None, typer.Option("--spawn-rate", help="Users started per second. Default: the profile's, or all within 10 s.")
]
Duration = Annotated[str | None, typer.Option("--duration", metavar="SPAN", help="How long, as 30s or 5m.")]
Rate = Annotated[
    float | None, typer.Option("--arrival-rate", metavar="PER_SECOND", help="Open model: so many starts per second.")
]
Expect = Annotated[
    list[str] | None, typer.Option("--expect", metavar="CRITERION", help="'trace.item_create p95 < 80ms for 30s'; several.")
]
Operations = Annotated[list[str] | None, typer.Option("--operation", metavar="GLOB", help="Only these operations; several.")]
Writes = Annotated[bool, typer.Option("--allow-writes", help="The host may be written to; one on this machine may anyway.")]
Silence = Annotated[bool, typer.Option("--silence", help="Silence the probes' alerts meanwhile.")]
Processes = Annotated[
    int | None, typer.Option("--processes", metavar="N", help="So many workers here; -1: one for each core.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", "--expect-workers", min=1, metavar="N", help="Be the master of N workers elsewhere, and wait for them."
    ),
]
WorkerOf = Annotated[str | None, typer.Option("--worker-of", metavar="HOST[:PORT]", help="Be a worker of the master there.")]
Web = Annotated[bool, typer.Option("--web", help="Start runs on Locust's own page, on this machine alone.")]
WebPort = Annotated[int, typer.Option("--web-port", min=1, max=65535, help="Where that page is.")]
MetricsPort = Annotated[
    int | None, typer.Option("--metrics-port", min=1, max=65535, help="Where the run's /metrics is served.")
]
ResultFile = Annotated[Path | None, typer.Option("--result", metavar="FILE", help="Write the run's result there.")]
Record = Annotated[bool, typer.Option("--record", help="Record the profile's baselines from this run.")]
Locustfile = Annotated[Path | None, typer.Option("-f", "--locustfile", metavar="FILE", help="A locustfile of your own.")]


def load(  # noqa: PLR0917 - Typer calls it by name
    words: Words = None,
    host: Host = None,
    profile: Profile = None,
    shape: Shape = None,
    users: Users = None,
    spawn_rate: SpawnRate = None,
    duration: Duration = None,
    arrival_rate: Rate = None,
    expect: Expect = None,
    operation: Operations = None,
    allow_writes: Writes = False,
    silence: Silence = False,
    processes: Processes = None,
    workers: Workers = None,
    worker_of: WorkerOf = None,
    web: Web = False,
    web_port: WebPort = WEB_PORT,
    metrics_port: MetricsPort = None,
    result: ResultFile = None,
    as_json: options.Json = None,
    record: Record = False,
    locustfile: Locustfile = None,
) -> None:
    """Put a system under load with Locust, and say how it kept up.

    The embedded targets are those of the running stack; where none runs, they are served for this run alone. What stands
    after -- goes to Locust as it is. A run of a profile that has recorded baselines is held to them.

    Exit codes: 0 passed, 1 a criterion or check failed, requests failed or something got slower, 2 usage or settings, 3 the
    generator was the bottleneck or nothing can be said, 4 a target never answered, 130 ended early.
    """
    asked = Asked(
        words=tuple(words or ()),
        host=host,
        profile=profile,
        shape=shape,
        users=users,
        spawn_rate=spawn_rate,
        duration=duration,
        arrival_rate=arrival_rate,
        expect=tuple(expect or ()),
        operation=tuple(operation or ()),
        allow_writes=allow_writes,
        silence=silence,
        processes=processes,
        workers=workers,
        web=web,
        web_port=web_port,
        metrics_port=metrics_port,
        locustfile=locustfile,
        record=record,
    )
    settings = settings_module.load(os.environ)
    if worker_of is not None:
        command = worker_command(asked, worker_of)
        os.execv(command[0], command)  # noqa: S606 - a worker has nothing to show: Locust takes this process's place
    run = ordered(asked, settings.expectations)
    file = result or settings.state.load_results / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.json"
    _try(file, "" if result else "; set state_dir to a folder that can")
    if as_json not in (None, STANDARD_OUTPUT):
        _try(as_json)
    file.unlink(missing_ok=True)
    _finish(settings, run, _made(settings, run, file), as_json)


def _try(path: Path, remedy: str = "") -> None:
    """See that a file can be written there before a run is made for it.

    Raises:
        ConfigurationError: it cannot; the text says why, and what to do.
    """
    try:
        is_taken = path.exists() and not path.is_file()  # by a directory, or a device, whose place a file would take
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent) as room:
            room.write(bytes(ROOM_BYTES))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}{remedy}") from None
    if is_taken:
        raise ConfigurationError(f"{path}: cannot be written: there is something that is no file")


@dataclass(frozen=True, slots=True)
class Done:
    """A run that came to a result: Locust's exit code, or the signal that ended it early; and the result's file."""

    code: int
    file: Path


def _made(settings: Settings, run: Ordered, file: Path) -> Done:
    """Run it.

    Raises:
        SteadylineError: it did not come to a result; the text shows the log's last lines.
    """
    console = Console(stderr=True, highlight=False)
    screen = LoadScreen(console, run.size.duration_seconds if run.has_end else float("inf"))
    log = settings.state.load_results / file.with_suffix(".log").name
    port = run.asked.metrics_port or settings.ports.load
    command = run.command(file, port, _free_port())
    with (
        _reached(settings, run, screen) as environment,
        started(command, environment, log, screen.say) as child,
    ):
        if run.asked.web:
            screen.say(f"Locust's page: {local_url(run.asked.web_port)}; Ctrl-C ends it")
        _follow(child, port, screen, settings)
    if not file.exists():
        raise _no_result(child, run)
    document = json.loads(file.read_text(encoding="utf-8"))
    write_result(file, {**document, "command": again(run.asked)})  # Locust's side knows its own command line alone
    is_early = child.signal is not None and run.has_end
    return Done(SIGNALLED + child.signal if is_early and child.signal else child.code, file)


def _free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _no_result(child: Child, run: Ordered) -> SteadylineError:
    """Why there is none, in Locust's own words.

    Raises:
        Exit: it was ended before it began, or nobody began one on the page.
    """
    if child.signal is not None:
        raise typer.Exit(SIGNALLED + child.signal if run.has_end else child.code)
    error = SteadylineError(f"the load run ended without a result (exit code {child.code}); {ending(child.log)}")
    error.exit_code = child.code if child.code in _TOLD_CODES else ConfigurationError.exit_code
    return error


def _follow(child: Child, port: int, screen: LoadScreen, settings: Settings) -> None:
    """Show what the run's page says until the run has ended."""
    began, watch = time.time(), Watch()
    with screen.live(), httpx.Client(timeout=load_page.ASK_SECONDS, **settings.asking()) as client:
        for now in child.seconds():
            for note in child.notes():
                screen.say(note)
            seen = load_page.glance(load_page.fetched(client, local_url(port, settings.web_scheme)))
            if seen is not None and seen.start >= began:  # an earlier run keeps its last values there for a while
                screen.show(now, seen, watch.take(now, seen))


@contextmanager
def _reached(settings: Settings, run: Ordered, screen: LoadScreen) -> Iterator[Mapping[str, str]]:
    """The environment in which the run finds its targets; those that nobody serves are served meanwhile."""
    backends = run.backends
    embedded = [one for one in backends if any(target.embedded for target in settings.targets_of(one).values())]
    is_own = bool(embedded) and not is_stack_up(settings)
    if is_own and run.asked.workers is not None:
        raise ConfigurationError(
            f"workers elsewhere do not reach the embedded targets of this run ({', '.join(embedded)}): give --host, "
            "name targets in the settings, or start the stack (steadyline up)"
        )
    with served(settings, backends) as reached:
        if not is_own:
            yield os.environ
            return
        screen.say(f"No stack is up: {', '.join(embedded)} served for this run alone")
        ports = {variable(("ports", one)): str(getattr(reached.ports, one)) for one in EMBEDDED_BACKENDS if one != "sql"}
        yield {**os.environ, **ports, **(_own_state(settings, reached) if "sql" in embedded else {})}


def _own_state(settings: Settings, reached: Settings) -> dict[str, str]:
    """The embedded SQL is a file in the state folder; the baselines, by which buckets are cut, come along."""
    if settings.state.baselines.exists():
        write_whole(reached.state.baselines, settings.state.baselines.read_text(encoding="utf-8"))
    return {variable(("state_dir",)): str(reached.state.root)}


def _finish(settings: Settings, run: Ordered, done: Done, as_json: Path | None) -> None:
    """Judge, show, keep, and exit."""
    result = load_result.read(done.file)
    found = load_rows.judged(result, known_baselines(settings.state), catalogue.operations())
    code = found.exit_code(done.code)
    if as_json == STANDARD_OUTPUT:
        typer.echo(_text(found, code, done.file), nl=False)
    else:
        out = terminal()
        load_summary.show(out, result, found, code)
        for line in load_summary.links(result, settings, done.file):
            out.print(line, soft_wrap=True, markup=False, style="dim")
    for line in load_keeping.kept(settings, result, found, interrupted=done.code > SIGNALLED):
        Console(stderr=True, highlight=False).print(line, soft_wrap=True, markup=False)
    if as_json not in (None, STANDARD_OUTPUT):
        try:
            write_whole(as_json, _text(found, code, done.file))
        except OSError as error:
            raise ConfigurationError(f"{as_json}: cannot be written: {error.strerror}") from None
    if run.asked.record:
        _record(settings, result, code)
    raise typer.Exit(code)


def _record(settings: Settings, result: Result, code: int) -> None:
    """A run that did not pass is no line to hold others to; one that only got slower is the new one, when that is wanted."""
    if code not in (0, REGRESSION) or result.exit_code:
        Console(stderr=True, highlight=False).print("Nothing was recorded: the run did not pass.")
        return
    load_baselines.record(settings, [result])


def _text(found: load_rows.Judged, code: int, file: Path) -> str:
    """The result file's document, and what the gate says of it."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    judged = [load_rows.plain(row) for row in found.rows]
    return json.dumps({**document, "exit_code": code, "refused": found.refused, "judged": judged}, indent=2) + "\n"
