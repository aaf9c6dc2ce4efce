"""The options of a load run beside Locust's and locust-plugins' own; each is a field of Locust's parsed options."""

from collections.abc import Sequence
from typing import Any

from load.profiles import PROFILES
from load.shapes import SHAPES, described
from steadyline.criterion import parse
from steadyline.errors import ConfigurationError

GROUP = "Steadyline"
DESCRIPTION = (
    "Exact metrics of the run at /metrics for Prometheus; the profiles of --profile are "
    + ", ".join(PROFILES)
    + ". Exit codes: 0 passed, 1 a check or criterion failed, 2 usage, 3 saturated or no data, 4 a target never answered."
)


def add(parser: Any) -> None:
    """Add them to Locust's parser; each has an environment variable too."""
    group = parser.add_argument_group(GROUP, DESCRIPTION)
    shape = group.add_argument(
        "--shape",
        choices=list(SHAPES),
        default=None,
        env_var="STEADYLINE_LOAD_SHAPE",
        help="how the load changes: " + described(),
    )
    rate = group.add_argument(
        "--arrival-rate",
        type=float,
        default=None,
        metavar="PER_SECOND",
        env_var="STEADYLINE_LOAD_ARRIVAL_RATE",
        help="open model: so many iterations per second begin, over all workers, whatever the answers take; "
        "without a free user one is dropped and counted. --users are the pool",
    )
    group.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="CRITERION",
        env_var="STEADYLINE_LOAD_EXPECT",
        help="what must hold, else the exit code is 1; may be given several times: 'trace.item_create p95 < 80ms for 30s', "
        "'* failures < 1%%', 'trace.item_read response p99 < 0.2s'",
    )
    group.add_argument(
        "--operation",
        action="append",
        default=[],
        metavar="GLOB",
        env_var="STEADYLINE_LOAD_OPERATION",
        help="only these operations of the catalogue; may be given several times",
    )
    group.add_argument(
        "--allow-writes",
        action="store_true",
        default=False,
        env_var="STEADYLINE_LOAD_ALLOW_WRITES",
        help="the --host may be written to; one on this machine may anyway",
    )
    silence = group.add_argument(
        "--silence",
        action="store_true",
        default=False,
        env_var="STEADYLINE_LOAD_SILENCE",
        help="silence the alerts of the probes on what is under load, in Alertmanager, while the run goes on",
    )
    group.add_argument(
        "--metrics-port",
        type=int,
        default=None,
        help="where /metrics is served on 127.0.0.1; the settings' ports.load where not given (9646)",
    )
    group.add_argument(
        "--result",
        default=None,
        metavar="FILE",
        env_var="STEADYLINE_LOAD_RESULT",
        help="write the run's result there as JSON; in the state folder where not given",
    )
    for shown in (shape, rate, silence):
        # Locust's form shows what its own parser marks so; a group's options are not marked.
        shown.include_in_web_ui = True
        shown.is_secret = shown.is_required = shown.is_multiple = False


def expectations(given: Sequence[str], settings: Sequence[str]) -> tuple[str, ...]:
    """The run's criteria in normal form: those of the settings, and those of the command line.

    Raises:
        ConfigurationError: all that cannot be understood, each with an example that can.
    """
    texts, faults = [], []
    for text in (*settings, *given):
        try:
            texts.append(parse(text).text)
        except ConfigurationError as error:
            faults += [f"--expect: {fault}" if text in given else fault for fault in error.faults]
    if faults:
        raise ConfigurationError(faults)
    return tuple(dict.fromkeys(texts))
