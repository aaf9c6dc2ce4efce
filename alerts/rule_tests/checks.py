"""One case's input series and what is asked of it, for a baseline of any target and for one of a target of its own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from alerts.judgement.judged import Judged
from alerts.rule_tests.cases import Case
from alerts.rule_tests.series import STEP_SECONDS, Phase, attempts
from steadyline.baseline import ANY
from steadyline.promql import duration, quoted
from steadyline.vocabulary import AlertName

Document = dict[str, Any]


def test(name: str, inputs: list[Document], checks: list[Document]) -> Document:
    """One test of a test file."""
    return {"name": name, "input_series": inputs, "promql_expr_test": checks}


def case_label(one: Judged) -> str:
    """The label that tells cases apart: the target, or where the baseline judges one target alone, the backend."""
    return "target" if one.baseline.target == ANY else "backend"


def case_name(one: Judged, name: str) -> str:
    """What a case is called in its label."""
    return name if one.baseline.target == ANY else f"{one.baseline.target} {name}"


def matchers(one: Judged) -> tuple[str, ...]:
    """The alerts of one operation by one baseline, and not those of targets that have their own."""
    targets = [("!=", target) for target in one.other_targets]
    if one.baseline.target != ANY:
        targets = [("=", one.baseline.target)]
    profile = [] if one.profile == ANY else [f"profile={quoted(one.profile)}"]
    chosen = (f"target{sign}{quoted(target)}" for sign, target in targets)
    return f"operation={quoted(one.operation.name)}", *chosen, *profile


def inputs_of(one: Judged, name: str, phases: Sequence[Phase], step_seconds: float = STEP_SECONDS) -> list[Document]:
    """The input series of one case."""
    operation, driver = replace(one.operation, probe_every_seconds=one.cadence_seconds), one.baseline.driver
    if one.baseline.target == ANY:
        return attempts(operation, case_name(one, name), phases, step_seconds, driver=driver)
    return attempts(operation, one.baseline.target, phases, step_seconds, driver=driver, backend=case_name(one, name))


def cases_inputs(
    group: list[Judged], cases_of: Callable[[Judged], list[Case]], quiet: float, lasting: float, step_seconds: float
) -> tuple[list[Document], list[Document]]:
    """The input series of all cases of all operations of a cadence, and what each operation's cases must bring."""
    inputs, final = [], []
    for one in group:
        seconds = one.baseline.seconds_per_call(one.operation.items)
        cases = cases_of(one)
        for case in cases:
            before = [Phase(quiet, min(case.start_seconds or seconds, seconds))] if quiet else []
            inputs += inputs_of(one, case.name, [*before, Phase(lasting, case.ratio * seconds)], step_seconds)
        final.append(expected(one, quiet + lasting, cases))
    return inputs, final


def firing(*chosen: str) -> str:
    """Firing regressions, as the series that Prometheus keeps of them."""
    text = ",".join((f"alertname={quoted(AlertName.REGRESSION)}", 'alertstate="firing"', *chosen))
    return f"ALERTS{{{text}}}"


def silent(at_seconds: float, *chosen: str) -> Document:
    """No regression at one moment."""
    return {"expr": firing(*chosen), "eval_time": duration(at_seconds), "exp_samples": []}


def silence(until_seconds: float) -> list[Document]:
    """Each minute, no regression of any operation on any target."""
    return [silent(minute * 60) for minute in range(1, int(until_seconds // 60) + 1)]


def expected(one: Judged, at_seconds: float, cases: Iterable[Case]) -> Document:
    """Exactly the severities that the cases expect, on their targets."""
    label = case_label(one)
    return {
        "expr": f"count by (severity, {label}) ({firing(*matchers(one))})",
        "eval_time": duration(at_seconds),
        "exp_samples": [
            {"labels": f'{{severity="{severity}", {label}={quoted(case_name(one, case.name))}}}', "value": 1}
            for case in cases
            for severity in case.expected
        ],
    }
