"""Colours and thresholds: the severities' own levels, drawn the same on every panel."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards.queries import FAR_FASTER, LEVELS
from steadyline import colours
from steadyline.live import LIVE
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.severity import CRITICAL_DEGRADATION, STALE_IMPROVEMENT, WARNING_DEGRADATION, Severity

QUIET = colours.QUIET.name
GREY = colours.GREY.name
BLUE = colours.STALE.name
NONE = "transparent"
LEAST_SHARE = 1e-9
"""Any share at all."""
COLOURS = {severity: colour.name for severity, colour in colours.SEVERITIES.items()}
BAD, ODD = COLOURS[Severity.CRITICAL], COLOURS[Severity.WARNING]
"""Of words for a state."""


def _steps(*steps: tuple[float | None, str]) -> builders.ThresholdsConfig:
    found = [models.Threshold(value=value, color=colour) for value, colour in steps]
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(found)


def ratios() -> builders.ThresholdsConfig:
    """R: blue where the baseline is stale, green, the warning and the critical level."""
    return _steps(
        (None, BLUE),
        (STALE_IMPROVEMENT, QUIET),
        (1 + WARNING_DEGRADATION, COLOURS[Severity.WARNING]),
        (1 + CRITICAL_DEGRADATION, COLOURS[Severity.CRITICAL]),
    )


def blindness() -> builders.ThresholdsConfig:
    """The smallest slowdown that shows: beyond the factor the baseline is called stale."""
    return _steps((None, QUIET), (LIVE.blind_factor, COLOURS[Severity.WARNING]))


def memory() -> builders.ThresholdsConfig:
    """Resident memory: the budget of the stack's own processes."""
    return _steps((None, QUIET), (MEMORY_BUDGET_BYTES, COLOURS[Severity.CRITICAL]))


def share() -> builders.ThresholdsConfig:
    """A part of a budget: at 1 it breaks."""
    return _steps((None, QUIET), (1, COLOURS[Severity.CRITICAL]))


def failing() -> builders.ThresholdsConfig:
    """The share of attempts that fail: any is worth a look, beyond the limit they alert."""
    return _steps((None, QUIET), (LEAST_SHARE, COLOURS[Severity.INFO]), (LIVE.failing_fraction, COLOURS[Severity.CRITICAL]))


def samples() -> builders.ThresholdsConfig:
    """How many samples a run has: below the minimum it is not judged."""
    return _steps((None, COLOURS[Severity.WARNING]), (LIVE.minimum_samples, QUIET))


def none_wanted(severity: Severity = Severity.WARNING) -> builders.ThresholdsConfig:
    """A count that should be 0."""
    return _steps((None, QUIET), (1, COLOURS[severity]))


def one_wanted() -> builders.ThresholdsConfig:
    """1 is up, 0 is down."""
    return _steps((None, COLOURS[Severity.CRITICAL]), (1, QUIET))


def growing(faster: float) -> builders.ThresholdsConfig:
    """The exponent of a cost over its size.

    Args:
        faster: from where it grows faster than the work.
    """
    return _steps((None, QUIET), (faster, COLOURS[Severity.WARNING]))


def uncoloured() -> builders.ThresholdsConfig:
    """No colour on a background."""
    return _steps((None, NONE))


def plain() -> builders.ThresholdsConfig:
    """No level at all."""
    return _steps((None, GREY))


def levels() -> list[models.ValueMapping]:
    """Numbers of `queries.level` as words in their colours."""
    words = {number: (severity.value, COLOURS[severity]) for severity, number in LEVELS.items()} | {0: ("quiet", QUIET)}
    options = {
        str(number): models.ValueMappingResult(text=word, color=colour, index=number)
        for number, (word, colour) in words.items()
    }
    return [models.ValueMap(options=options), *absent()]


def standings() -> list[models.ValueMapping]:
    """Numbers of `queries.stands` as words in the severities' colours."""
    words = {str(number): (severity.value, COLOURS[severity]) for severity, number in LEVELS.items()}
    return words_for(words | {"0": ("within", QUIET), str(FAR_FASTER): ("far faster", BLUE)})


def absent() -> list[models.ValueMapping]:
    """What is not there has no colour: Grafana would give it the lowest threshold's."""
    options = models.DashboardSpecialValueMapOptions(
        match=models.SpecialValueMatch.NULL_AND_NAN, result=models.ValueMappingResult(color=NONE)
    )
    return [models.SpecialValueMap(options=options)]


def words_for(said: Mapping[str, tuple[str, str]]) -> list[models.ValueMapping]:
    """Values as words in a colour: `{"1": ("up", "green")}`."""
    options = {value: models.ValueMappingResult(text=text, color=colour) for value, (text, colour) in said.items()}
    return [models.ValueMap(options=options), *absent()]
