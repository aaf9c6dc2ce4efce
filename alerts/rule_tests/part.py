"""One alert's share of the rules' unit test: its input series, and what is asked of them."""

from dataclasses import dataclass
from typing import Any

from steadyline.promql import duration, quoted

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One alert's input series and what is asked of them."""

    inputs: list[Document]
    checks: list[Document]


def firing(alert: str) -> str:
    """The series of an alert that fires."""
    return f'ALERTS{{alertname={quoted(alert)},alertstate="firing"}}'


def is_one(expression: str, at_seconds: float) -> Document:
    """The expression is 1 at that time."""
    return {"expr": expression, "eval_time": duration(at_seconds), "exp_samples": [{"labels": "{}", "value": 1}]}
