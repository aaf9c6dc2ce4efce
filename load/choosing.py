"""What a run is to be, out of Locust's options and ours: said once, checked at once."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from locust import User

from load import arriving
from load.options import expectations
from load.profiles import Size, checked, size
from load.shapes import CONSTANT
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings


@dataclass(frozen=True, slots=True)
class Chosen:
    """One run as it was asked for.

    Attributes:
        size: how many users, how long, of which profile.
        shape: of the load.
        criteria: what it has to keep, in normal form.
        arrival_rate: starts per second of the open model at full load; None in the closed model.
    """

    size: Size
    shape: str
    criteria: tuple[str, ...]
    arrival_rate: float | None


def chosen(options: Any, profile: str | None, user_classes: Iterable[type[User]], settings: Settings) -> Chosen:
    """Read the options as they are now; the web page changes them from run to run.

    Args:
        options: Locust's parsed options.
        profile: as Locust's environment has it.
        user_classes: those that will run.
        settings: expectations that hold for every run.

    Raises:
        ConfigurationError: all that is wrong with them.
    """
    faults: list[str] = []
    shape = options.shape or CONSTANT

    def attempt(work: Any, *arguments: Any, **facts: Any) -> Any:
        try:
            return work(*arguments, **facts)
        except ConfigurationError as error:
            faults.extend(error.faults)
            return None

    rate = attempt(_rate, options)
    criteria = attempt(expectations, options.expect or (), settings.expectations)
    name = attempt(checked, profile)
    sized = attempt(
        size, name, shape, users=options.num_users, spawn_rate=options.spawn_rate, run_time=_seconds(options.run_time)
    )
    if rate is not None:
        faults += arriving.faults(rate, user_classes, total_rate_pacing=bool(options.ips))
    if faults:
        raise ConfigurationError(faults)
    return Chosen(sized, shape, criteria, rate)


def _seconds(run_time: Any) -> float | None:
    return float(run_time) if run_time else None


def _rate(options: Any) -> float | None:
    """The open model's rate; what comes from the web page is text."""
    said = options.arrival_rate
    if said in (None, ""):
        return None
    try:
        rate = float(said)
    except ValueError:
        rate = math.nan
    if math.isnan(rate):
        raise ConfigurationError(f"--arrival-rate {said}: give starts per second, as in --arrival-rate 500")
    return rate
