"""The monitors themselves asked: Prometheus, Alertmanager, and what else of the stack runs or is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from deploy.doctor.asking import client
from deploy.doctor.connecting import cure_of
from deploy.doctor.scene import Scene
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.grafana import Grafana, RefusedError
from steadyline.operations.http.failures import reason_of, reason_of_status
from steadyline.outcome import Reason
from steadyline.settings import Settings

GRAFANA = "grafana"
READY = "/-/ready"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking somebody.

    Attributes:
        name: whom, without secrets.
        problem: what is wrong, in a sentence that names whom; nothing where all is well.
        reason: of one that does not answer, or refuses; None where it answers and something else is wrong.
        cure: what to do, where the sentence does not say.
    """

    name: str
    problem: str = ""
    reason: Reason | None = None
    cure: str = ""


def monitors(scene: Scene) -> Mapping[str, Callable[[], Answer]]:
    """Prometheus and Alertmanager always; the others where a stack runs here, and Grafana where it does or is named."""
    settings, seconds = scene.settings, scene.patience.of_an_answer
    urls = {"Prometheus": settings.prometheus, "Alertmanager": settings.alertmanager}
    found: dict[str, Callable[[], Answer]] = {name: partial(_ready, name, url, seconds) for name, url in urls.items()}
    if scene.sees_stack:
        found |= {name: partial(_guarded, name, settings, seconds) for name in ("exporter", "receiver")}
    composed = any(one.service == GRAFANA for one in scene.services)
    if settings.grafana_url or settings.grafana_token_file or composed:
        found["Grafana"] = lambda: _grafana(settings.grafana, seconds)
    return found


def _guarded(name: str, settings: Settings, seconds: float) -> Answer:
    """One of ours, behind the web config where there is one."""
    try:
        asking = settings.asking()
    except ConfigurationError as error:
        return Answer(name, str(error), Reason.OTHER, "mend the setting")
    return _ready(name, settings.url_of(name), seconds, asking)


def _ready(name: str, url: str, seconds: float, asking: Mapping[str, Any] | None = None) -> Answer:
    place = httpx.URL(url)
    told = f"{name} at {place.host}:{place.port or place.scheme}"
    try:
        with client(url, seconds, asking) as http:
            answer = http.get(url + READY)
    except httpx.HTTPError as error:
        reason = reason_of(error) or Reason.OTHER
        return Answer(told, f"{told} does not answer: {error or type(error).__name__}", reason, _cure(name, reason))
    if answer.is_success:
        return Answer(told)
    reason = reason_of_status(answer.status_code)
    return Answer(told, f"{told} answers {answer.status_code} when asked whether it is ready", reason, cure_of(reason))


def _cure(name: str, reason: Reason) -> str:
    setting = {"Prometheus": " (prometheus_url names another)", "Alertmanager": " (alertmanager_url names another)"}
    return ("start it: steadyline up" if reason is Reason.CONNECT else cure_of(reason)) + setting.get(name, "")


def _grafana(url: str, seconds: float) -> Answer:
    grafana = Grafana(url, timeout_seconds=seconds)
    try:
        grafana.version()
    except RefusedError as error:
        return Answer("Grafana", str(error), reason_of_status(error.status), "see its log")
    except UnreachableError as error:
        return Answer("Grafana", str(error), Reason.CONNECT, "start it, or mend grafana_url")
    return Answer(f"Grafana at {grafana.host}")
