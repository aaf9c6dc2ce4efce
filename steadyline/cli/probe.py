"""`steadyline probe`: one attempt right now, by the same path as the exporter's."""

import json
import os
import signal
import sys
import traceback
from dataclasses import asdict
from types import FrameType
from typing import Annotated, Any

import typer

from exporters.connection import Connection, check, close_all, connect
from exporters.server import read_plan
from exporters.single import Single, attempt_once
from steadyline.baseline import Baseline, most_specific
from steadyline.errors import UnreachableError
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.vocabulary import Driver

UNREACHABLE = frozenset({Reason.DNS, Reason.CONNECT, Reason.TLS})
"""The target went away after its check."""


def probe(
    operation: Annotated[str, typer.Argument(help="Its name, as in sql.item_create; steadyline operations lists all.")],
    target: Annotated[str | None, typer.Option(help="Alias from the settings; needed where there are several.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Each step with its timing, and the cause of a failure.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Attempt one operation now: what it took, what it moved, and how that compares with its baseline.

    Exit codes: 0 ok, 1 the operation failed, 2 unknown or not allowed, 4 the target did not answer.
    """
    plan = read_plan(os.environ)
    chosen, alias = plan.choose(operation, target)
    baseline = most_specific(plan.baselines, chosen.name, alias, Driver.PROBE)
    connection = connect(plan.backends[chosen.backend], alias, plan.targets[chosen.backend, alias])
    signal.signal(signal.SIGTERM, _ended)
    try:
        check(connection)
        single = attempt_once(connection, chosen, chosen.timeout_seconds, lambda o, e: _bug(connection, o, e, debug=debug))
    finally:
        close_all([connection], 0.0)
    if as_json:
        typer.echo(json.dumps(document(single, baseline), indent=2))
    else:
        typer.echo("\n".join(lines(single, baseline, debug=debug)))
    _exit(single)


def document(single: Single, baseline: Baseline | None) -> dict[str, Any]:
    """All that is known of the attempt, as `--json` prints it."""
    outcome = single.outcome
    seconds = baseline.seconds_per_call(single.operation.items) if baseline else None
    return {
        "operation": single.operation.name,
        "target": single.alias,
        "ok": outcome.ok,
        "verified": outcome.ok and single.operation.verify is not None,
        "reason": outcome.reason,
        "cause": outcome.detail or None,
        "duration_seconds": outcome.duration_seconds,
        "items": outcome.items,
        "bytes_sent": outcome.bytes_sent,
        "bytes_received": outcome.bytes_received,
        "phases": single.phases,
        "baseline_seconds": seconds,
        "ratio": outcome.duration_seconds / seconds if seconds and outcome.ok else None,
        "budget_seconds": single.operation.budget_seconds,
        "steps": [asdict(step) for step in single.steps],
    }


def lines(single: Single, baseline: Baseline | None, *, debug: bool) -> list[str]:
    """The attempt for a human; with `debug` its steps too."""
    facts = document(single, baseline)
    text = list(single.lines()) if debug else [f"{facts['operation']} on target {facts['target']}: {facts['reason'] or 'ok'}"]
    if facts["ok"]:
        text.append(f"  took {_milliseconds(facts['duration_seconds'])}, {'' if facts['verified'] else 'not '}verified")
    if not debug:
        text += [f"  {phase} {_milliseconds(seconds)}" for phase, seconds in facts["phases"].items()]
        text.append(f"  items {facts['items']}, sent {facts['bytes_sent']} B, received {facts['bytes_received']} B")
    if facts["cause"] and not debug:
        text.append(f"  cause: {' '.join(facts['cause'].split())}")
    if facts["ratio"] is not None:
        text.append(f"  baseline {_milliseconds(facts['baseline_seconds'])}, ratio {facts['ratio']:.2f} (above 1 is worse)")
    elif facts["baseline_seconds"] is None:
        text.append(f"  no baseline: judged by its budget of {facts['budget_seconds']:g} s alone")
    return text


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def _bug(connection: Connection, operation: Operation, error: Exception, *, debug: bool) -> None:
    """Say that the backend knows no reason for the error; where the account is asked for, say where it arose."""
    text = "".join(traceback.format_exception(error)) if debug else f"{type(error).__name__}"
    typer.echo(connection.redact(f"{operation.name}: a bug, not a failure of the target: {text}"), err=True)


def _ended(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends like Ctrl-C: what the attempt wrote is deleted first."""
    sys.exit(128 + signal.SIGTERM)


def _exit(single: Single) -> None:
    if single.outcome.reason in UNREACHABLE:
        raise typer.Exit(UnreachableError.exit_code)
    if not single.outcome.ok:
        raise typer.Exit(1)
