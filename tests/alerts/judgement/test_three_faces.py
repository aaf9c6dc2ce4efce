"""One judgement, three faces: recorded runs through a real Prometheus, the command line, and pytest-benchmark's hook.

What is claimed, over all cases, each of them a target of one operation in one Prometheus with the generated rules:

- given the same runs and the same quantile, the PromQL slow rule, `compare --against live`, the gate's rows and the hook's
  have one ratio, the same limits (to 1e-9) and the same verdict; the alert is that verdict while the last run is over its
  tolerance, and silent once it is not;
- with its own quantiles (Student's, over a family) the gate on those runs is never content where the slow rule warns: it
  says SUSPECT at least;
- the fast rule says less: it is of one run alone. Where it warns, the gate says nothing of that run (NO_DATA), SUSPECT at
  least of that run repeated, and `compare --against live`, which sees it as the last one of its runs, warns as well.
"""

import itertools
import json
import math
import random
import time
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

import pytest
import tenacity
import typer

from alerts.judgement import gate, live_rules
from alerts.judgement.gate import Family, judge
from alerts.judgement.judged import Judged, judged
from alerts.judgement.limits import Rule
from alerts.judgement.live_rules import ALARMS
from alerts.judgement.verdict import Estimate, verdict
from alerts.rules.generate import as_yaml
from alerts.rules.groups import rule_groups
from alerts.view.last_runs import last_runs
from runner.choice import Chosen, Wanted
from runner.measured import Measured, Run
from steadyline import catalogue
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.baselines import known_baselines, save_recorded
from steadyline.cli import pytest_compare, run_rows
from steadyline.cli.compare_asked import Asked
from steadyline.cli.compare_live import live
from steadyline.cli.conclude import Outlet
from steadyline.cli.live_rows import holding
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.severity import STALE_IMPROVEMENT, Severity, Verdict
from steadyline.vocabulary import (
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_ATTEMPTS,
    RUN_LOG_MEAN,
    RUN_MEAN,
    SCHEDULE_INTERVAL,
    UPPER90_SLOW,
    AlertName,
    Driver,
)

pytestmark = pytest.mark.stack

OPERATION = "sql.item_read"
CADENCE_SECONDS = 2.0
RUN_SECONDS = LIVE.fast_window_seconds(CADENCE_SECONDS)
BASELINE_SECONDS = 0.01
SOURCED = "sourced"
"""The target without a baseline of its own: its operation's constant judges."""
STRICT = ALARMS | {Verdict.SUSPECT}
EXACT = 1e-9
"""PromQL's constants have twelve digits."""


@dataclass(frozen=True)
class Case:
    """Runs of one target and what they are held to.

    Attributes:
        target: its alias, which tells the case.
        ratios: of each run's mean to the baseline, the oldest first.
        tolerance: of the baseline.
        spread: of the baseline.
        runs: of the baseline.
    """

    target: str
    ratios: tuple[float, ...]
    tolerance: float = 0.1
    spread: float = 0.03
    runs: int = LIVE.recommended_baseline_runs

    @property
    def baseline(self):
        """As it is recorded."""
        kept = Recorded("2026-01-01T00:00:00Z", "host", "abc", self.runs, 15 * self.runs, CADENCE_SECONDS, {}, (), {})
        return Baseline(
            OPERATION,
            Driver.PROBE,
            Quantity.DURATION,
            BASELINE_SECONDS,
            self.tolerance,
            self.spread,
            "made up for a test",
            target=self.target,
            recorded=kept,
        )


def replayed():
    """Noise of 2, 5 and 10 % with steps from none to 45 %, long and short baselines."""
    kinds = itertools.product((0.02, 0.05, 0.10), (0, 0.10, 0.14, 0.16, 0.25, 0.29, 0.31, 0.45))
    for seed, (noise, step) in enumerate(kinds):
        dice = random.Random(seed)
        ratios = tuple((1 + step) * math.exp(dice.gauss(0, noise)) for _ in range(LIVE.slow_runs))
        few = LIVE.minimum_baseline_runs if seed % 2 else LIVE.recommended_baseline_runs
        yield Case(f"noise-{noise:.0%}-step-{step:.0%}".replace("%", ""), ratios, (0.05, 0.1, 0.25)[seed % 3], noise, few)


def borderline(settings):
    """Equal runs whose limit lies a ten-millionth to either side of each line of the table."""
    plain = Case("plain", ())
    (limits,) = [one.limits for one in judged(operations(), [plain.baseline], settings)]
    detect, grade = (math.exp(q * limits.spread * limits.error(Rule.SLOW)) for q in _quantiles(limits))
    lines = {
        "warning": limits.tolerated * detect,
        "critical": limits.critical * grade,
        "suspect": limits.tolerated,
        "inconclusive": limits.tolerated / grade,
        "info": limits.info,
        "sure": detect,
        "improved": STALE_IMPROVEMENT / grade,
    }
    for (name, ratio), (where, side) in itertools.product(lines.items(), (("under", -1), ("over", 1))):
        yield Case(f"{name}-{where}", (ratio * (1 + side * 1e-7),) * LIVE.slow_runs)


def _quantiles(limits):
    chosen = live_rules.quantiles(limits, Rule.SLOW)
    return chosen.detect, chosen.grade


def alone():
    """Last runs that differ from those before, too few runs, and a constant of a source."""
    good, slow = 1.0, 1.5
    yield Case("mended", (slow,) * 19 + (good,))
    yield Case("last-warning", (good,) * 19 + (1.45,), tolerance=0.25)
    yield Case("last-critical", (good,) * 19 + (2.5,))
    yield Case("last-critical-of-slow", (1.25,) * 19 + (2.5,))
    yield Case("last-just-under", (good,) * 19 + (1.15 * 1.03,))
    yield Case("two-levels", (good, slow) * 10)
    yield Case("ten-runs", (1.6,) * LIVE.minimum_slow_runs)
    yield Case("too-few-runs", (1.6,) * (LIVE.minimum_slow_runs - 2))
    yield Case("sole-run", (2.5,))
    yield Case(SOURCED, (2.6,) * 20)


def operations():
    """The catalogue's, with what it has to do with others left out."""
    return {OPERATION: catalogue.named(OPERATION)}


def labels(target):
    """Of everything that is of a case."""
    return f'operation="{OPERATION}",backend="sql",target="{target}",driver="{Driver.PROBE}"'


def history(cases, now):
    """The runs as the rules would have recorded them, one at each of the slow rule's steps."""
    newest = math.floor(now / RUN_SECONDS) * RUN_SECONDS
    for case in cases:
        for age, ratio in zip(range(len(case.ratios) - 1, -1, -1), case.ratios, strict=True):
            at, mean = newest - age * RUN_SECONDS, ratio * BASELINE_SECONDS
            yield f"{RUN_LOG_MEAN.name}{{{labels(case.target)}}} {math.log(mean)!r} {at}"
            yield f"{RUN_ATTEMPTS.name}{{{labels(case.target)}}} {LIVE.samples_per_run} {at}"
        yield f"{RUN_MEAN.name}{{{labels(case.target)}}} {case.ratios[-1] * BASELINE_SECONDS!r} {newest}"
        yield f"{SCHEDULE_INTERVAL.name}{{{labels(case.target)}}} {CADENCE_SECONDS} {newest}"


@dataclass(frozen=True)
class Replay:
    """Everything that Prometheus said at one moment, and what it said it of."""

    settings: Settings
    prometheus: Prometheus
    cases: dict[str, Case]
    judged: list[Judged]
    at: float

    def series(self, series):
        """The values of a recorded series by case."""
        found = self.prometheus.query(f'{series.name}{{operation="{OPERATION}"}}', self.at)
        return {one.labels["target"]: one.value for one in found}

    def alerts(self, severity):
        """The cases of which the alert speaks, be it pending."""
        alert = f'ALERTS{{alertname="{AlertName.REGRESSION}",severity="{severity}"}}'
        return {one.labels["target"] for one in self.prometheus.query(alert, self.at)}

    def runs(self):
        """The runs of each case."""
        found = last_runs(self.prometheus, RUN_SECONDS, self.at)
        return {target: found[OPERATION, target] for target in self.cases}

    def held(self, target):
        """What a case is held to, with its limits."""
        return holding(self.judged, OPERATION, target)


@pytest.fixture(scope="module")
def replay(start_prometheus, tmp_path_factory):
    """All cases in one Prometheus, once its rules have judged them."""
    folder = tmp_path_factory.mktemp("faces")
    bare = Settings(state_dir=folder / "state")
    cases = {case.target: case for case in (*replayed(), *borderline(bare), *alone())}
    save_recorded(bare.state.baselines, [case.baseline for case in cases.values() if case.target != SOURCED])
    rules = rule_groups(catalogue.operations(), known_baselines(bare.state), bare)
    ours = {"groups": [group for group in rules["groups"] if group["name"] == OPERATION]}
    (folder / "rules.yml").write_text(as_yaml(ours))
    text = "\n".join([*history(cases.values(), time.time()), "# EOF\n"])
    config = "global: {scrape_interval: 5s}\nrule_files: [rules.yml]\n"
    url = start_prometheus(config=config, history=text, folder=folder)
    settings = bare.model_copy(update={"prometheus_url": url})
    prometheus = Prometheus(url)
    found = judged(catalogue.operations(), known_baselines(bare.state), bare)
    return Replay(settings, prometheus, cases, found, _judged_at(prometheus))


@tenacity.retry(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.2), reraise=True)
def _judged_at(prometheus):
    """When the rules last judged all; of its alerts Prometheus records nothing in its first evaluation."""
    (group,) = prometheus.rule_groups()
    begun = datetime.fromisoformat(group["lastEvaluation"]).timestamp()
    newest = prometheus.query(f'max(timestamp(ALERTS{{alertname="{AlertName.REGRESSION}"}}))', begun)
    assert newest, "the rules have recorded no alert yet"
    return newest[0].value


@pytest.fixture(scope="module")
def command_line(replay, tmp_path_factory):
    """The rows of `compare --against live` at that moment, by case."""
    file = tmp_path_factory.mktemp("compared") / "live.json"
    wanted = Wanted(pattern="sql.*")
    asked = Asked(replay.settings, wanted, GATE_RUNS, 0, Severity.WARNING, Outlet(as_json=file), "steadyline compare")
    with pytest.raises(typer.Exit) as ended:
        live(asked, now=lambda: replay.at)
    assert ended.value.exit_code == run_rows.REGRESSION
    return {row["target"]: row for row in json.loads(file.read_text())["operations"]}


def estimates(replay, *series):
    """The recorded R and its limits, by case."""
    values = [replay.series(one) for one in series]
    return {target: tuple(value[target] for value in values) for target in values[0]}


def gate_row(replay, target, means):
    """The row of `steadyline run` and `compare`, had they measured these runs."""
    chosen = Chosen(catalogue.named(OPERATION), target, None)
    found = Measured(chosen, [Run((mean,)) for mean in means])
    return run_rows.row(found, replay.held(target).baseline, Family(len(replay.cases)))


def hook_row(replay, target, means):
    """The row of pytest-benchmark's hook, had these runs been a benchmark's."""
    chosen = Chosen(catalogue.named(OPERATION), target, None)
    against = SimpleNamespace(baselines=(_of_runner(replay.held(target).baseline),))
    comparison = pytest_compare.Comparison(None, replay.settings, against, pytest_compare.Forced(host=True, version=True))
    (row,), refused = comparison.rows([pytest_compare.measured(chosen, means, len(means))])
    assert not refused
    return row


def _of_runner(held):
    """The same, as if the suite runner had recorded it."""
    return Baseline(
        held.operation,
        Driver.BENCH,
        held.quantity,
        held.value,
        held.tolerance,
        held.spread,
        held.source,
        held.target,
        recorded=held.recorded,
    )


def figures(row):
    """R and its limits."""
    return row.ratio, row.lower99, row.lower90, row.upper90


def test_same_runs_and_same_quantile_are_the_same_verdict(replay, command_line, monkeypatch):
    """PromQL's slow rule, the command line, the gate and the hook: one ratio, the same limits, one verdict."""
    recorded = estimates(replay, RATIO_SLOW, LOWER99_SLOW, LOWER90_SLOW, UPPER90_SLOW)
    assert len(recorded) > len(replay.cases) - 5
    found = set()
    for target, runs in replay.runs().items():
        held = replay.held(target)
        by_slow = live_rules.slow(runs.means, held.baseline, 1, held.limits)
        assert (by_slow.verdict is not Verdict.NO_DATA) == (target in recorded)
        if target not in recorded:
            continue
        by_rule = verdict(Estimate(*recorded[target]), held.baseline.tolerance)
        monkeypatch.setattr(gate, "quantiles", lambda *_, limits=held.limits: live_rules.quantiles(limits, Rule.SLOW))
        faces = [gate_row(replay, target, runs.means), hook_row(replay, target, runs.means)]
        if not command_line[target]["reason"].startswith("the last run alone"):
            faces.append(SimpleNamespace(**command_line[target]))
        for row in faces:
            assert figures(row) == pytest.approx(recorded[target], rel=EXACT)
            assert row.verdict == by_rule, target
        found.add(by_rule)
    assert found == set(Verdict) - {Verdict.NO_DATA}


def test_alert_is_the_verdict(replay, command_line):
    """The alert's severities are those of both rules' verdicts; the slow rule's part is silent once the last run is good."""
    alerts = {severity: replay.alerts(severity) for severity in Severity}
    for target, runs in replay.runs().items():
        held = replay.held(target)
        facts = (held.baseline, 1, held.limits)
        by_slow, by_fast = live_rules.slow(runs.means, *facts), live_rules.fast(runs.last, *facts)
        lets_go = live_rules.is_mended(runs.last, held.baseline, 1)
        said = {by_fast.verdict} & ALARMS | (set() if lets_go else {by_slow.verdict} & STRICT)
        is_said = {one for one in Severity if target in alerts[one]} - {Severity.INFO}
        expected = {Severity(one.lower()) for one in said & ALARMS}
        assert is_said == (expected | {Severity.WARNING} if expected else set()), target
        is_slight = by_slow.estimate and (by_slow.ratio > held.limits.tolerated or by_slow.verdict is Verdict.INFO)
        assert (target in alerts[Severity.INFO]) == bool(is_slight and not lets_go)
        if expected:
            assert command_line[target]["verdict"] in {Verdict.CRITICAL, Verdict.WARNING}
            assert (command_line[target]["verdict"] == Verdict.CRITICAL) == (Severity.CRITICAL in expected)
        if lets_go and by_slow.verdict in ALARMS:
            assert command_line[target]["reason"].endswith("its alert lets go")


def test_gate_is_never_content_where_the_slow_rule_warns(replay):
    """By its own quantiles, over the family of all cases: at least in doubt."""
    warned, runs = 0, replay.runs()
    for target, limits in estimates(replay, RATIO_SLOW, LOWER99_SLOW, LOWER90_SLOW, UPPER90_SLOW).items():
        if verdict(Estimate(*limits), replay.held(target).baseline.tolerance) not in ALARMS:
            continue
        warned += 1
        for row in (face(replay, target, runs[target].means) for face in (gate_row, hook_row)):
            assert row.verdict in STRICT, target
    assert warned > 10


def test_single_run_says_less_never_the_opposite(replay, command_line):
    """Where the fast rule warns: no data of that run alone, doubt at least of it repeated, and a warning on what runs now."""
    recorded = estimates(replay, RATIO_FAST, LOWER99_FAST, LOWER90_FAST)
    assert set(recorded) == set(replay.cases)
    warned, runs = set(), replay.runs()
    for target, limits in recorded.items():
        held, mean = replay.held(target), runs[target].last
        by_fast = live_rules.fast(mean, held.baseline, 1, held.limits)
        assert (by_fast.ratio, by_fast.estimate.lower99, by_fast.estimate.lower90) == pytest.approx(limits, rel=EXACT)
        by_rule = verdict(Estimate.symmetric(*limits), held.baseline.tolerance)
        assert by_rule is by_fast.verdict
        if by_rule in ALARMS:
            warned.add(target)
            assert judge([mean], held.baseline, 1).verdict is Verdict.NO_DATA
            assert judge([mean] * GATE_RUNS, held.baseline, 1, Family(len(recorded))).verdict in STRICT
            assert command_line[target]["verdict"] in {Verdict.CRITICAL, Verdict.WARNING}
    assert {"last-warning", "last-critical", "last-critical-of-slow", "sole-run", SOURCED} <= warned
    assert not {"last-just-under", "mended"} & warned
