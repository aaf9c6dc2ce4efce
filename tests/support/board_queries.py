"""The queries of a committed board, and asking a real Prometheus as Grafana would."""

import json
from typing import Any

import httpx

from dashboards.generate import GENERATED

CHOSEN = {"$__rate_interval": "1m", "$__interval": "1m", "$backend": "sql"} | dict.fromkeys(
    ("$operation", "$target", "$driver"), ".+"
)
"""Everything, and of what is one at a time the first."""


def board(file: str) -> dict[str, Any]:
    """A committed board."""
    found: dict[str, Any] = json.loads((GENERATED / file).read_text(encoding="utf-8"))
    return found


def targets(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Title and expression of each query, by a name of its own."""
    return {
        f"{panel['title']}: {target.get('legendFormat') or target['refId']}": (panel["title"], target["expr"])
        for panel in document["panels"]
        for target in panel.get("targets", [])
    }


def without_variables(expression: str) -> str:
    """The expression as Grafana would send it with everything chosen."""
    for variable, value in CHOSEN.items():
        expression = expression.replace(variable, value)
    return expression


def ask(url: str, expression: str, at: float | None = None) -> list[dict[str, Any]]:
    """The result of an instant query; a refused one fails with Prometheus' words."""
    answer = httpx.post(
        f"{url}/api/v1/query", data={"query": expression} | ({"time": at} if at else {}), trust_env=False
    ).json()
    assert answer["status"] == "success", (answer.get("error"), expression)
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def stamped(page: bytes, at: float) -> list[str]:
    """The samples of a page with their time; without the comments, which would repeat."""
    return [f"{line} {at:.3f}" for line in page.decode().splitlines() if line and not line.startswith("#")]
