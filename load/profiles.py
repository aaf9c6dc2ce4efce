"""Profiles: low, medium and high, the three sizes of a run that have baselines of their own.

Locust has the option `--profile` as free text that groups runs; here the three names have a meaning and no other is taken.
What is said with --users, --spawn-rate and --run-time goes before the profile's figures.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from load.shapes import SHAPES
from steadyline.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of a named size.

    Attributes:
        users: how many there are at the full load.
        spawn_rate: how many of them start per second.
        duration_seconds: how long a run lasts.
    """

    users: int
    spawn_rate: float
    duration_seconds: float


PROFILES: Mapping[str, Profile] = {
    "low": Profile(10, 5.0, 180.0),
    "medium": Profile(50, 10.0, 240.0),
    "high": Profile(200, 20.0, 300.0),
}
"""Each lasts long enough for as many windows of the steady phase as the gate needs."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big and how long one run is.

    Attributes:
        profile: its name, None without one.
        users: at the full load.
        spawn_rate: users started per second.
        duration_seconds: infinite when nothing ends the run.
    """

    profile: str | None
    users: int
    spawn_rate: float
    duration_seconds: float


def checked(name: str | None) -> str | None:
    """The profile's name, None for none (Locust's form sends an empty text for that).

    Raises:
        ConfigurationError: there is no such profile.
    """
    if not name:
        return None
    if name not in PROFILES:
        raise ConfigurationError(f"there is no profile {name!r}; --profile takes {', '.join(PROFILES)}")
    return name


def size(
    profile: str | None,
    shape: str,
    *,
    users: int | None = None,
    spawn_rate: float | None = None,
    run_time: float | None = None,
) -> Size:
    """The size of a run: what was said, else the profile's figures, else one user as in Locust.

    A duration that was not said is the shape's own where a shorter one would defeat it (soak, breakpoint), else the profile's,
    else the shape's usual one; `constant` without any has no end.

    Raises:
        ConfigurationError: there is no such profile.
    """
    name = checked(profile)
    named = PROFILES.get(name) if name else None
    form = SHAPES[shape]
    usual = form.usual_seconds if form.usual_seconds is not None else math.inf
    return Size(
        profile=name,
        users=users if users is not None else named.users if named else 1,
        spawn_rate=spawn_rate if spawn_rate is not None else named.spawn_rate if named else 1.0,
        duration_seconds=run_time or (named.duration_seconds if named and not form.own_duration else usual),
    )


def described() -> str:
    """All profiles, for `--help`."""
    return ", ".join(f"{name}: {one.users} users" for name, one in PROFILES.items())
