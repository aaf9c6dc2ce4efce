"""What Prometheus' HTTP API answers, as far as it is used here: whatever else listens there may answer anything."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from steadyline.printable import printable, shortened

Point = tuple[float, float]
"""(Unix time, value); NaN and infinities are values."""
Labels = dict[str, str]


class InstantSeries(BaseModel):
    """One series at one moment."""

    metric: Labels
    value: Point


class RangeSeries(BaseModel):
    """One series over time."""

    metric: Labels
    values: list[Point]


class Vector(BaseModel):
    """What an instant query finds."""

    result: list[InstantSeries]


class Scalar(BaseModel):
    """What an instant query of a number alone finds."""

    result: Point


class Matrix(BaseModel):
    """What a range query finds."""

    result: list[RangeSeries]


class Alert(BaseModel):
    """One that is pending or fires."""

    labels: Labels
    annotations: Labels = Field(default_factory=dict)


class Alerts(BaseModel):
    """Of /api/v1/alerts."""

    alerts: list[Alert]


class Rule(BaseModel):
    """Recording or alerting."""

    name: str
    health: str
    lastError: str = ""  # noqa: N815 - Prometheus' name


class RuleGroup(BaseModel):
    """Rules that are evaluated together."""

    name: str
    rules: list[Rule]


class RuleGroups(BaseModel):
    """Of /api/v1/rules."""

    groups: list[RuleGroup]


class BuildInfo(BaseModel):
    """Of /api/v1/status/buildinfo."""

    version: str


class Refusal(BaseModel):
    """What is answered where a question is refused."""

    error: str


_OBJECT, _ARRAY = "Input should be an object", "Input should be an array"
_IN_JSON: Mapping[str, str] = {"model_type": _OBJECT, "dict_type": _OBJECT, "list_type": _ARRAY, "tuple_type": _ARRAY}
"""By pydantic's name of the fault: it speaks of Python's types otherwise."""
Answer = TypeVar("Answer", bound=BaseModel)


class UnfitError(Exception):
    """An answer that is none of the API's; the text says where and why."""


def checked(kind: type[Answer], data: Any) -> Answer:
    """The answer, if it is of its kind; what the kind does not name may be anything.

    Raises:
        UnfitError: it is not.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(["data", *map(str, fault["loc"])])
        raise UnfitError(printable(shortened(f"{place}: {_IN_JSON.get(fault['type'], fault['msg'])}"))) from None
