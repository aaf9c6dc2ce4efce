"""Rules as groups: what is evaluated one after the other at one moment, and what tells one rule from another."""

from typing import Any

from steadyline.baseline import ANY
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.promql import duration
from steadyline.vocabulary import RecordedSeries

Document = dict[str, Any]
"""A rule, or a group of rules, as Prometheus' rule file has it."""


def record(series: RecordedSeries, expression: str) -> Document:
    """One recording rule."""
    return {"record": series.name, "expr": expression}


def group(name: str, rules: list[Document]) -> Document:
    """One group; its rules read each other in this order."""
    return {"name": name, "interval": duration(LIVE.evaluation_seconds), "rules": rules}


def held(rules: list[Document], operation: Operation, target: str = ANY, **more: str) -> list[Document]:
    """The rules with their operation as a label that their series have anyway, and some that they have not."""
    labels = {"operation": operation.name} | ({} if target == ANY else {"target": target}) | more
    return [labelled(rule, **labels) for rule in rules]


def labelled(rule: Document, **labels: str) -> Document:
    """The rule with labels more; its own stand."""
    return {**rule, "labels": {**labels, **rule.get("labels", {})}}
