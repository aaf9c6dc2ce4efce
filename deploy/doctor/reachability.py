"""Who can be reached from here: targets, monitors, storage, history, whoever is told; each with its closed reason if not."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from deploy.doctor import side_by_side
from deploy.doctor.asking import Patience
from deploy.doctor.connecting import cure_of, greet, place_of, reach, reason_of
from deploy.doctor.finding import Finding, fault, ok, several, warning
from deploy.doctor.monitors import Answer, monitors
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from exporters import connection
from steadyline import catalogue
from steadyline.backend import Backend
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.outcome import Reason
from steadyline.secret_file import first_line
from steadyline.settings import Settings
from steadyline.target import Target

PAGERDUTY = "https://events.pagerduty.com"
"""Where Alertmanager sends to, unless the settings say otherwise."""
AT_START = "the exporter makes it when it starts: steadyline up"

Questions = Mapping[str, Callable[[], Answer]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Who answered, by what they are for."""

    targets: tuple[Answer, ...] = ()
    monitors: tuple[Answer, ...] = ()
    storage: tuple[Answer, ...] = ()
    history: tuple[Answer, ...] = ()
    channels: tuple[Answer, ...] = ()


def gather(scene: Scene) -> Facts:
    """Ask everybody at once."""
    kinds = {
        "targets": _targets(scene),
        "monitors": monitors(scene),
        "storage": _storage(scene.settings, scene.patience),
        "history": {"history": lambda: _history(scene.settings)},
        "channels": _channels(scene.settings, scene.patience),
    }
    questions = {(kind, name): question for kind, asked in kinds.items() for name, question in asked.items()}
    answered = side_by_side.answers(questions, scene.patience.of_a_subject)
    late = {key: Answer(key[1], f"{key[1]}: no answer in time", Reason.TIMEOUT) for key in questions}
    found = late | answered
    return Facts(**{kind: tuple(one for key, one in found.items() if key[0] == kind) for kind in kinds})


def _targets(scene: Scene) -> Questions:
    """Every target; the embedded ones while a stack runs."""
    own = [
        (catalogue.backend(backend), alias, target)
        for backend in catalogue.backends()
        for alias, target in scene.settings.targets_of(backend).items()
        if not target.embedded
    ]
    return {f"{kind.name} target {alias}": partial(_target, kind, alias, target) for kind, alias, target in own} | {
        f"embedded {backend}": partial(_connected, f"embedded {backend}", target.url.get_secret_value(), scene.patience)
        for backend in catalogue.backends()
        for target in scene.settings.targets_of(backend).values()
        if target.embedded and scene.sees_stack and backend != "sql"
    }


def _target(backend: Backend, alias: str, target: Target) -> Answer:
    """As the exporter asks it at its start, but never as one that may write: the doctor changes nothing."""
    name, began = f"{backend.name} target {alias}", time.monotonic()
    reading = target.model_copy(update={"allow_writes": False})
    try:
        opened = connection.connect(backend, alias, reading)
        try:
            connection.check(opened)
        finally:
            connection.close_all([opened], 0.0)
    except ConfigurationError as error:
        return Answer(name, backend.redact(error.faults[0], target))
    except UnreachableError as error:
        late = time.monotonic() - began >= connection.CHECK_SECONDS
        reason = Reason.TIMEOUT if late else _classified(backend, error)
        said = backend.redact(str(error), target)
        return Answer(name, said, reason, AT_START if reason is None and target.allow_writes else "")
    return Answer(name)


def _classified(backend: Backend, error: BaseException) -> Reason | None:
    """The reason of what an UnreachableError was made of; None where the target answered, and is not as it should be."""
    cause = error.__context__
    while cause is not None:
        reason = backend.classify(cause) if isinstance(cause, Exception) else None
        if reason is not None:
            return reason
        cause = cause.__context__
    return None


def _connected(name: str, url: str, patience: Patience, of: str = "") -> Answer:
    """Whether somebody accepts a connection at a URL, whose host and port alone are told."""
    place = f"{name} at {place_of(url)}"
    try:
        reach(url, patience.of_an_answer)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        return Answer(place, f"{place}: {error}", reason, cure_of(reason) + (f" ({of})" if of else ""))
    return Answer(place)


def _storage(settings: Settings, patience: Patience) -> Questions:
    url = settings.remote_write.url
    return {"remote write": lambda: _connected("remote write", url, patience, "remote_write.url")} if url else {}


def _history(settings: Settings) -> Answer:
    """Read it, and nothing of it: what it holds began in the past."""
    if settings.history_url is None and not settings.state.history.exists():
        return Answer("history (none yet: the first run begins it)")
    from alerts.history.store import History  # noqa: PLC0415 - SQLAlchemy takes half a second

    try:
        history = History(settings)
        next(history.runs(since=time.time() + 1), None)
    except SteadylineError as error:
        return Answer("history", error.faults[0], Reason.CONNECT if isinstance(error, UnreachableError) else None)
    return Answer(f"history in {history.place}")


def _channels(settings: Settings, patience: Patience) -> Questions:
    notify = settings.notify
    urls = {"webhook_url": notify.webhook_url, "heartbeat_url": notify.heartbeat_url}
    if notify.pagerduty.routing_key_file:
        urls["pagerduty.url"] = notify.pagerduty.url or PAGERDUTY
    found: dict[str, Callable[[], Answer]] = {
        key: partial(_connected, f"notify.{key}", url, patience, f"notify.{key}") for key, url in urls.items() if url
    }
    if notify.email.to:
        found["email"] = lambda: _mail(settings, patience)
    if notify.slack.url_file:
        found["slack"] = lambda: _slack(settings, patience)
    return found


def _mail(settings: Settings, patience: Patience) -> Answer:
    email = settings.notify.email
    place = f"notify.email.smarthost {email.smarthost}"
    try:
        wrong = greet(email, patience.of_an_answer)
    except OSError as error:
        reason = reason_of(error)
        return Answer(place, f"{place}: {error}", reason, f"{cure_of(reason)} (notify.email.smarthost)")
    return Answer(place, f"{place}: {wrong}" if wrong else "")


def _slack(settings: Settings, patience: Patience) -> Answer:
    file = settings.notify.slack.url_file
    try:
        url = first_line(file, "notify.slack.url_file", "the incoming webhook's URL") if file else ""
    except ConfigurationError as error:
        return Answer("notify.slack", error.faults[0])
    return _connected("notify.slack", url, patience, "the URL in notify.slack.url_file")


def targets(facts: Facts) -> Iterator[Finding]:
    """A fault for each target of the settings that does not answer, refuses who asks, or is not what it should be."""
    yield from _told(facts.targets)


def monitoring(facts: Facts) -> Iterator[Finding]:
    """A fault where the Prometheus, Alertmanager, exporter, receiver or Grafana of the settings does not answer."""
    yield from _told(facts.monitors)


def remote_write(facts: Facts) -> Iterator[Finding]:
    """A fault where the storage for the long term cannot be reached from here; quiet where none is named."""
    yield from _told(facts.storage)


def history(facts: Facts) -> Iterator[Finding]:
    """A fault where the history of runs cannot be read: no database, a refused user, a damaged file."""
    yield from _told(facts.history)


def notify_channels(facts: Facts) -> Iterator[Finding]:
    """A fault for each webhook, mail server, Slack or PagerDuty of the settings that cannot be reached from here."""
    yield from _told(facts.channels)


def _told(answers: tuple[Answer, ...]) -> Iterator[Finding]:
    for one in answers:
        if one.problem:
            yield _ill(one)
    good = [one.name for one in answers if not one.problem]
    if good:
        yield ok(f"answering: {several(good, 9)}")


def _ill(one: Answer) -> Finding:
    """The cure is in the sentence of whoever found the problem, after a semicolon, where it has none of its own."""
    if one.cure == AT_START:
        return warning(one.problem, AT_START)
    found, _, cure = one.problem.partition("; ")
    return fault(one.problem if one.cure else found, one.cure or cure or cure_of(one.reason), one.reason)


CHECKS: tuple[Callable[[Any], Iterator[Finding]], ...] = (targets, monitoring, remote_write, history, notify_channels)
SUBJECT = Subject("reachability", gather, CHECKS)
