"""Whether all clocks agree: this host's, the monitors', the targets'; and whether somebody has set one meanwhile."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

import httpx
import psutil

from deploy.doctor import side_by_side
from deploy.doctor.asking import client
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from deploy.native import record
from steadyline import catalogue
from steadyline.errors import SteadylineError
from steadyline.target import Target

APART_SECONDS = 3.0
"""A Date header has whole seconds, and its answer took a moment; more than this is no matter of measuring."""
FAR_APART_SECONDS = 30.0
"""One fast window: alerts, silences and runs are placed by these clocks. S3 refuses signatures from 15 minutes on."""
STEP_SECONDS = 1.0
"""A slewed clock does not go this far while a question is asked; one that is set does."""
SAMPLES = "samples"
SYNCHRONISE = "have both hosts keep time by NTP (chrony, systemd-timesyncd)"


@dataclass(frozen=True, slots=True)
class Clock:
    """Another's clock.

    Attributes:
        name: whose.
        ahead_seconds: how far before ours it is.
        within_seconds: how exactly that is known.
    """

    name: str
    ahead_seconds: float
    within_seconds: float

    @property
    def surely_apart(self) -> float:
        """Seconds that it is off at least."""
        return max(0.0, abs(self.ahead_seconds) - self.within_seconds)


@dataclass(frozen=True, slots=True)
class Facts:
    """The clocks.

    Attributes:
        clocks: of others, that answered.
        set_seconds: by how much this host's clock was set since the stack was started; 0 where it was not, or none runs.
        stepped_seconds: by how much it moved against the monotonic one while we looked.
        future_seconds: how far Prometheus' newest sample is ahead of its clock; None where it holds none.
    """

    clocks: tuple[Clock, ...]
    set_seconds: float
    stepped_seconds: float
    future_seconds: float | None


def gather(scene: Scene) -> Facts:
    """Ask everybody for the time, side by side."""
    before = time.time() - time.monotonic()
    questions: dict[str, Callable[[], Clock | float | None]] = {**_questions(scene)}
    if scene.judges:
        questions[SAMPLES] = partial(_future, scene)
    answered = side_by_side.answers(questions, scene.patience.of_a_subject)
    future = answered.get(SAMPLES)
    return Facts(
        clocks=tuple(clock for clock in answered.values() if isinstance(clock, Clock)),
        set_seconds=_set_since_start(scene),
        stepped_seconds=time.time() - time.monotonic() - before,
        future_seconds=future if isinstance(future, float) else None,
    )


def _questions(scene: Scene) -> dict[str, Callable[[], Clock | None]]:
    """Everybody but the embedded targets, which have this host's clock."""
    settings, seconds = scene.settings, scene.patience.of_an_answer
    asked: dict[str, Callable[[], Clock | None]] = {
        "Prometheus": partial(over_http, "Prometheus", settings.prometheus, seconds),
        "Alertmanager": partial(over_http, "Alertmanager", settings.alertmanager, seconds),
    }
    for backend in catalogue.backends():
        for alias, target in settings.targets_of(backend).items():
            if not target.embedded:
                ask = _of_database if backend == "sql" else _of_server
                asked[f"{backend} {alias}"] = partial(ask, alias, target, seconds)
    return asked


def _of_server(alias: str, target: Target, seconds: float) -> Clock | None:
    return over_http(f"target {alias}", target.url.get_secret_value(), seconds)


def over_http(name: str, url: str, seconds: float) -> Clock | None:
    """The clock of a server by the Date of any answer; None where there is none."""
    place = httpx.URL(url).copy_with(username=None, password=None)
    sent = time.time()
    try:
        with client(place, seconds) as http, http.stream("GET", place) as answer:
            received, said = time.time(), answer.headers.get("date", "")
        # the header is cut off to whole seconds
        return _clock(name, parsedate_to_datetime(said).timestamp() + 0.5, sent, received, within=0.5)
    except (httpx.HTTPError, ValueError):
        return None


def _of_database(alias: str, target: Target, _seconds: float) -> Clock | None:
    from sqlalchemy import text  # noqa: PLC0415 - takes half a second, and most have no such target

    from steadyline.operations.sql.connection import WAITS, engine_of  # noqa: PLC0415

    try:
        engine = engine_of(target.model_copy(update={"allow_writes": False}), WAITS)
        if engine.dialect.name == "sqlite":
            return None
        with engine.connect() as connection:
            sent = time.time()
            at = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
            received = time.time()
    except Exception:  # noqa: BLE001 - the drivers have many; told among what can be reached
        return None
    return _clock(f"target {alias}", float(at or 0), sent, received, within=0.0)


def _clock(name: str, theirs: float, sent: float, received: float, within: float) -> Clock:
    return Clock(name, theirs - (sent + received) / 2, within + (received - sent) / 2)


def _set_since_start(scene: Scene) -> float:
    """The kernel reckons a process' start from the clock as it is set now; the stack's record has it as it was."""
    try:
        known = record.read(scene.settings.state)
        process = next(iter(known.supervisor()), None) if known else None
        return process.create_time() - known.created if process and known and known.created else 0.0
    except (SteadylineError, psutil.Error):
        return 0.0


def _future(scene: Scene) -> float | None:
    try:
        newest = scene.prometheus.newest_sample()
        return None if newest is None else newest - scene.prometheus.query("time()")[0].value
    except SteadylineError:
        return None


def agree(facts: Facts) -> Iterator[Finding]:
    """A fault for each clock that is half a minute off ours, a warning from three seconds on."""
    for one in facts.clocks:
        apart, side = one.surely_apart, "ahead of" if one.ahead_seconds > 0 else "behind"
        if apart > APART_SECONDS:
            say = fault if apart > FAR_APART_SECONDS else warning
            yield say(f"{one.name} is {abs(one.ahead_seconds):.0f} s {side} this host", SYNCHRONISE)
    good = [one.name for one in facts.clocks if one.surely_apart <= APART_SECONDS]
    if good and len(good) == len(facts.clocks):
        yield ok(f"this host, {several(good)}")
    elif not facts.clocks:
        yield unknown("nobody told the time")


def steady(facts: Facts) -> Iterator[Finding]:
    """A warning where this host's clock was set since the stack was started, or while it was looked at."""
    if abs(facts.set_seconds) > STEP_SECONDS:
        cure = "start the stack anew, so that its schedule and its record go by one clock: steadyline down, then steadyline up"
        yield warning(f"this host's clock was set by {facts.set_seconds:+.0f} s since the stack was started", cure)
    if abs(facts.stepped_seconds) > STEP_SECONDS:
        cure = "see what sets it: two that keep time at once?"
        yield warning(f"this host's clock moved by {facts.stepped_seconds:+.1f} s within the last seconds", cure)
    if abs(facts.set_seconds) <= STEP_SECONDS and abs(facts.stepped_seconds) <= STEP_SECONDS:
        yield ok("not set meanwhile")


def samples(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus holds samples of the future: its clock was set back, and it refuses what comes until then."""
    if facts.future_seconds is None:
        yield unknown("no samples to be placed in time")
    elif facts.future_seconds > APART_SECONDS:
        yield fault(
            f"Prometheus holds samples {facts.future_seconds:.0f} s ahead of its clock, and refuses older ones until then",
            "wait until its clock has caught up, or stop it and move its data away",
        )
    else:
        yield ok("none of the future")


SUBJECT = Subject("clocks", gather, (agree, steady, samples))
