"""Asks a Prometheus over its HTTP API, for all who need to know what it holds: status, watch, baseline record, regress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from steadyline import prometheus_answers as answers
from steadyline.addresses import LOCAL_HOSTS
from steadyline.errors import UnreachableError
from steadyline.printable import printable, shortened

_NO_API = " and no answer of Prometheus' API; is it one?"
_WHO = ": say who asks, as in prometheus_url http://user:password@host"
_CURES: Mapping[int, str] = {401: _WHO, 403: _WHO, 503: ": it is not ready; ask again"}
"""What to do, by status, where the answer itself is not the API's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query.

    Attributes:
        labels: its labels, `__name__` included where Prometheus keeps it.
        value: the number; NaN and infinities as Python knows them.
    """

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a range query.

    Attributes:
        labels: its labels.
        points: (Unix time, value), in the order of time; a step without a value is left out.
    """

    labels: Mapping[str, str]
    points: list[tuple[float, float]]


class Prometheus:
    """One Prometheus server; every method but `ready` raises UnreachableError where it does not answer as it should.

    Args:
        base_url: such as http://127.0.0.1:9090; credentials in it are used and never told.
        timeout_seconds: of one question.
    """

    def __init__(self, base_url: str, timeout_seconds: float = 10) -> None:
        """Make ready to ask; nothing is sent yet."""
        url = httpx.URL(base_url.rstrip("/") + "/")
        self.host = f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
        self._http = httpx.Client(
            base_url=url,
            timeout=timeout_seconds,
            trust_env=url.host not in LOCAL_HOSTS,
            # idle connections would need closing by the caller
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def query(self, expr: str, at: float | None = None) -> list[Sample]:
        """The instant vector (or scalar) of an expression, now or at a Unix time."""
        form = {"query": expr} | ({"time": f"{at:.3f}"} if at is not None else {})
        data = self._data("POST", "api/v1/query", form)
        if isinstance(data, dict) and data.get("resultType") == "scalar":
            return [Sample({}, self._of(answers.Scalar, data).result[1])]
        return [Sample(found.metric, found.value[1]) for found in self._of(answers.Vector, data).result]

    def query_range(self, expr: str, start: float, end: float, step: float) -> list[Series]:
        """The values of an expression from start to end (Unix times, both included), one each `step` seconds."""
        form = {"query": expr, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        data = self._data("POST", "api/v1/query_range", form)
        return [Series(found.metric, found.values) for found in self._of(answers.Matrix, data).result]

    def alerts(self) -> list[dict[str, Any]]:
        """The pending and firing alerts, as /api/v1/alerts tells them: labels, annotations, state, activeAt, value."""
        data = self._data("GET", "api/v1/alerts")
        self._of(answers.Alerts, data)
        found: list[dict[str, Any]] = data["alerts"]
        return found

    def rule_groups(self) -> list[dict[str, Any]]:
        """The rule groups that it has loaded, as /api/v1/rules tells them: name, file, rules with health and lastError."""
        data = self._data("GET", "api/v1/rules")
        self._of(answers.RuleGroups, data)
        found: list[dict[str, Any]] = data["groups"]
        return found

    def targets(self) -> list[dict[str, Any]]:
        """What it scrapes, as /api/v1/targets tells it: labels, health, lastError, lastScrape and how long that took."""
        found: list[dict[str, Any]] = self._data("GET", "api/v1/targets?state=active")["activeTargets"]
        return found

    def alertmanagers(self) -> list[str]:
        """URLs of the Alertmanagers that it sends alerts to now."""
        return [str(one["url"]) for one in self._data("GET", "api/v1/alertmanagers")["activeAlertmanagers"]]

    def runtime(self) -> dict[str, Any]:
        """How it runs, as /api/v1/status/runtimeinfo tells it: startTime, reloadConfigSuccess, lastConfigTime, retention."""
        found: dict[str, Any] = self._data("GET", "api/v1/status/runtimeinfo")
        return found

    def newest_sample(self) -> float | None:
        """Time of the newest sample that it has taken in lately, Unix time; None where it holds none."""
        newest = float(self._data("GET", "api/v1/status/tsdb")["headStats"]["maxTime"]) / 1000
        return newest if newest > 0 else None

    def configuration(self) -> str:
        """The configuration that it runs with, YAML."""
        return str(self._data("GET", "api/v1/status/config")["yaml"])

    def version(self) -> str:
        """The server's version, such as 2.42.0."""
        return self._of(answers.BuildInfo, self._data("GET", "api/v1/status/buildinfo")).version

    def ready(self) -> bool:
        """Whether it answers and has finished starting; False where it cannot be reached."""
        try:
            return self._http.get("-/ready").is_success
        except httpx.HTTPError:
            return False

    def reload(self) -> None:
        """Have it read its configuration and rules again; a file that it refuses is told, and the old ones stay."""
        answer = self._send("POST", "-/reload")
        if answer.status_code in (httpx.codes.FORBIDDEN, httpx.codes.METHOD_NOT_ALLOWED):
            raise UnreachableError(f"Prometheus at {self.host} takes no reload: start it with --web.enable-lifecycle")
        if not answer.is_success:
            raise UnreachableError(
                f"Prometheus at {self.host} refused the reload: {printable(shortened(answer.text.strip()))}"
            )

    def _send(self, method: str, path: str, form: Mapping[str, str] | None = None) -> httpx.Response:
        try:
            return self._http.request(method, path, data=form)
        except httpx.TimeoutException:
            raise UnreachableError(f"Prometheus at {self.host} did not answer in time") from None
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"no Prometheus answers at {self.host} ({error}): run steadyline up, or set prometheus_url to another"
            ) from None

    def _data(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Any:
        answer = self._send(method, path, form)
        try:
            document = answer.json()
            if document["status"] == "success":
                return document["data"]
            why = printable(shortened(answers.checked(answers.Refusal, document).error))
        except (ValueError, KeyError, TypeError, RecursionError, answers.UnfitError):
            why = f"HTTP {answer.status_code}{_CURES.get(answer.status_code, _NO_API)}"
        raise UnreachableError(f"Prometheus at {self.host} refused the question: {why}")

    def _of(self, kind: type[answers.Answer], data: Any) -> answers.Answer:
        try:
            return answers.checked(kind, data)
        except answers.UnfitError as error:
            raise UnreachableError(f"Prometheus at {self.host} answers as none does ({error}); is it one?") from None
