"""PromQL of how cost grows with size: over operations of one family, whose names differ in the size at their end alone."""

from dashboards.queries import OPERATION, TARGET, rate, select
from runner.growth import WORDS
from steadyline.durations import promql
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_ITEMS

OVER_SECONDS = 1800.0
"""What is asked each minute has some thirty calls in it: over less, an exponent is of the noise."""
FAMILY = "family"
SIZE = "size"
FASTER = WORDS[-2][0]
"""The exponent from which cost grows faster than the work, as `steadyline run` says it."""
LEAST_VARIANCE = 0.01
"""Of the logarithms of a family's items per call; less is one size, give or take a fifth."""
_OVER = promql(OVER_SECONDS)
_LABELS = f"{OPERATION}, {TARGET}"
_OF_FAMILY = f"{FAMILY}, {TARGET}"
_NAMED = "(.+)_([0-9]+)"


def items_per_call(*matchers: str) -> str:
    """How many items one call handles."""
    return _named(_quotient(_items(matchers), _part("_count", matchers)))


def seconds_per_call(*matchers: str) -> str:
    """The mean of one call."""
    return _named(_quotient(_part("_sum", matchers), _part("_count", matchers)))


def seconds_per_item(*matchers: str) -> str:
    """The mean of one item."""
    return _named(_quotient(_part("_sum", matchers), _items(matchers)))


def exponent(*matchers: str) -> str:
    """The slope of log seconds over log items, by least squares, of each family with sizes that differ."""
    x, y = f"ln({items_per_call(*matchers)})", f"ln({seconds_per_call(*matchers)})"
    variance = f"({_mean(f'{x} * {x}')} - {_mean(x)} ^ 2)"
    return f"({_mean(f'{x} * {y}')} - {_mean(x)} * {_mean(y)}) / ({variance} > {LEAST_VARIANCE:g})"


def exponent_of_each(*matchers: str) -> str:
    """The same, for each of the family's operations."""
    return f"({seconds_per_call(*matchers)} > bool -1) * on ({_OF_FAMILY}) group_left () ({exponent(*matchers)})"


def _named(expression: str) -> str:
    """With family and size as labels."""
    family = f'label_replace({expression}, "{FAMILY}", "$1", "{OPERATION}", "{_NAMED}")'
    return f'label_replace({family}, "{SIZE}", "$2", "{OPERATION}", "{_NAMED}")'


def _mean(expression: str) -> str:
    return f"avg by ({_OF_FAMILY}) ({expression})"


def _quotient(upper: str, lower: str) -> str:
    """Of what was asked at all."""
    return f"({upper} > 0) / ({lower} > 0)"


def _part(suffix: str, matchers: tuple[str, ...]) -> str:
    return rate(_LABELS, select(OPERATION_DURATION, *_sized(matchers), suffix=suffix), _OVER)


def _items(matchers: tuple[str, ...]) -> str:
    return rate(_LABELS, select(OPERATION_ITEMS, *_sized(matchers)), _OVER)


def _sized(matchers: tuple[str, ...]) -> tuple[str, ...]:
    return (*matchers, f'{OPERATION}=~"{_NAMED}"')
