"""Asking a real Prometheus the questions that Grafana asks; a refused one fails with Prometheus' words and the question."""

import math
from dataclasses import dataclass
from typing import Any

import httpx
from grafana_interpolation import Span


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer.

    Attributes:
        labels: its labels, `__name__` included where Prometheus keeps it.
        points: (Unix time, number) of those that can be drawn: no NaN, and nothing infinite.
    """

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        """The latest number."""
        return self.points[-1][1]


class Asking:
    """One Prometheus.

    Args:
        url: its base URL.
    """

    def __init__(self, url: str) -> None:
        """Make ready to ask."""
        self.url = url
        self._http = httpx.Client(
            base_url=f"{url}/api/v1/",
            trust_env=False,
            timeout=60,
            # idle connections would need closing by the caller
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def now(self, expression: str, at: float) -> list[Line]:
        """An instant query."""
        answer = self._data("POST", "query", {"query": expression, "time": f"{at:.3f}"})
        if answer["resultType"] == "scalar":
            return _drawn([Line({}, _numbers([answer["result"]]))])
        return _drawn([Line(one["metric"], _numbers([one["value"]])) for one in answer["result"]])

    def over(self, expression: str, span: Span, step: float) -> list[Line]:
        """A range query."""
        start, end = span.aligned(step)
        form = {"query": expression, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        answer = self._data("POST", "query_range", form)
        return _drawn([Line(one["metric"], _numbers(one["values"])) for one in answer["result"]])

    def samples(self, expression: str, at: float) -> list[tuple[dict[str, str], float, str]]:
        """An instant query as Prometheus writes it: labels, Unix time, and the number as text."""
        answer = self._data("POST", "query", {"query": expression, "time": f"{at:.3f}"})
        assert answer["resultType"] == "vector", f"no vector, but a {answer['resultType']}: {expression}"
        return [(one["metric"], float(one["value"][0]), one["value"][1]) for one in answer["result"]]

    def values(self, label: str, selector: str, span: Span) -> list[str]:
        """The values of a label: of the series that a selector finds in the span, or of all."""
        form = {"start": f"{span.start:.3f}", "end": f"{span.end:.3f}"} | ({"match[]": selector} if selector else {})
        found: list[str] = self._data("GET", f"label/{label}/values", form)
        return found

    def _data(self, method: str, path: str, form: dict[str, str]) -> Any:
        place = "data" if method == "POST" else "params"
        answer = self._http.request(method, path, **{place: form}).json()  # type: ignore[arg-type]
        assert answer["status"] == "success", f"{answer.get('error')} -- in: {form}"
        return answer["data"]


def _numbers(values: list[Any]) -> tuple[tuple[float, float], ...]:
    return tuple((float(at), float(text)) for at, text in values if math.isfinite(float(text)))


def _drawn(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.points]
