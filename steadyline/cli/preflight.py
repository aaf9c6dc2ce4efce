"""Before anything starts: what the exporter would refuse, and targets of the user's own that do not answer."""

from collections import Counter

from exporters import connection
from exporters import plan as planning
from exporters.connection import Connection
from exporters.plan import Place, Plan
from steadyline import catalogue
from steadyline.baselines import known_baselines
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings
from steadyline.target import Target


def checked(settings: Settings) -> Plan:
    """The exporter's plan, with every target of the user's own asked once; the embedded ones are not there yet.

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
    if away:
        raise UnreachableError("\n".join(away))
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
