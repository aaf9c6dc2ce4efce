"""Before anything starts: what the exporter would refuse, and targets of the user's own that do not answer."""

from collections import Counter
from collections.abc import Callable

from exporters import connection
from exporters import plan as planning
from exporters.connection import Connection
from exporters.plan import Place, Plan
from steadyline import catalogue
from steadyline.baselines import known_baselines
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings
from steadyline.target import Target

ALLOW = "--allow-unreachable"


def checked(settings: Settings, on_away: Callable[[str], None] | None = None) -> Plan:
    """The exporter's plan, with every target of the user's own asked once; the embedded ones are not there yet.

    Args:
        settings: what is to be measured.
        on_away: told of each target that does not answer, which is no error then: the exporter asks it on.

    Raises:
        ConfigurationError: settings, baselines or caps that the exporter would refuse; all faults at once.
        UnreachableError: a target does not answer, or refuses the credentials; all of them at once.
    """
    plan = planning.make(settings, known_baselines(settings.state), catalogue)
    faults: list[str] = []
    away: list[str] = []
    for place, target in plan.targets.items():
        if target.embedded:
            continue
        try:
            _ask(plan, place, target)
        except ConfigurationError as error:
            faults += [f"targets.{place[1]}: {fault}" for fault in error.faults]
        except UnreachableError as error:
            away.append(f"targets.{place[1]}: {plan.backends[place[0]].redact(str(error), target)}")
    if faults:
        raise ConfigurationError(faults)
    if away and on_away is None:
        raise UnreachableError("\n".join([*away, f"to start all the same, and be told by their alerts: {ALLOW}"]))
    if on_away is not None:
        for sentence in away:
            on_away(sentence)
    return plan


def _ask(plan: Plan, place: Place, target: Target) -> None:
    opened: Connection = connection.connect(plan.backends[place[0]], place[1], target)
    try:
        connection.check(opened)
    finally:
        connection.close_all([opened], 0.0)


def left_out(plan: Plan) -> list[str]:
    """What the write guard leaves out, one sentence a target."""
    return [
        f"target {alias} is read-only: {count} operations that write are left out (steadyline operations shows which; "
        f"allow_writes lets them run)"
        for alias, count in Counter(alias for _, alias in plan.left_out).items()
    ]
