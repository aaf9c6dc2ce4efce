"""The rule file: what is judged by which baseline, what an alert says, and that a real Prometheus evaluates it."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import tenacity
import yaml

from alerts.judgement.judged import judged
from alerts.rule_tests.series import Phase, attempts, labels
from alerts.rules.generate import COMMITTED, RULES
from alerts.rules.groups import rule_groups
from steadyline.baseline import Recorded
from steadyline.boards import Board
from steadyline.edges import own_edges
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.target import Target
from steadyline.vocabulary import RECORDED, RUN_LOG_MEAN, SLOW_LOG_MEAN, SLOW_RUNS, AlertName

BOARDS = {
    AlertName.EXPECTATION: Board.LOAD,
    AlertName.SATURATED: Board.LOAD,
    AlertName.EXPORTER_DOWN: Board.STACK,
    AlertName.NOT_STORED: Board.STACK,
    AlertName.LOG_TORN: Board.STACK,
    AlertName.WATCHDOG: Board.STACK,
    AlertName.REMOTE_WRITE_BEHIND: Board.STACK,
    AlertName.REMOTE_WRITE_REFUSED: Board.STACK,
    AlertName.MEMORY_BUDGET: Board.MEMORY,
    AlertName.BASELINES_STALE: Board.OVERVIEW,
}
"""Where the link of an alert leads that is not about one operation's figures."""
RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"
CREATE = "sql.made_create"


@pytest.fixture
def recorded(baselines):
    """A recorded baseline of one target, 2 ms, beside the sourced one of 50 ms for any."""
    runs = Recorded("2026-01-01T00:00:00Z", "host", "abc", 60, 900, 2.0, {}, (), {})
    return replace(baselines[0], target='my "own"', value=0.002, source="recorded", recorded=runs)


def _alerts(document):
    return [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]


def test_only_scheduled_operations_have_rules(operations, baselines):
    """An operation that is never probed has no group; one without a baseline is judged by budget, failing and no data."""
    groups = {group["name"]: group["rules"] for group in rule_groups(operations, baselines, Settings())["groups"]}
    assert list(groups) == ["sql.made_bulk", CREATE, "trace.made_join", "steadyline load", "steadyline"]
    names = [rule["alert"] for rule in groups["trace.made_join"] if "alert" in rule]
    assert names == [AlertName.BASELINE_DRIFT, AlertName.BUDGET, AlertName.FAILING, AlertName.NO_DATA]


def test_every_recorded_series_of_the_vocabulary_is_recorded_and_no_other(operations, baselines):
    """What boards may ask for is there."""
    groups = rule_groups(operations, baselines, Settings())["groups"]
    names = {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}
    assert names == {series.name for series in RECORDED}


def test_every_alert_has_four_annotations_its_figures_and_its_heading(operations, baselines):
    """A runbook link leads to a heading that is there."""
    headings = {line[3:].lower() for line in RUNBOOK.read_text().splitlines() if line.startswith("## ")}
    for rule in _alerts(rule_groups(operations, baselines, Settings())):
        told, figures = list(rule["annotations"])[:4], set(list(rule["annotations"])[4:])
        assert told == ["summary", "description", "runbook_url", "dashboard_url"]
        assert figures <= {"current", "baseline", "ratio", "limit"}
        place, _, heading = rule["annotations"]["runbook_url"].partition("#")
        assert place == Settings().runbook
        assert heading in headings


def test_the_runbook_has_no_heading_without_an_alert():
    """Every name of the vocabulary has its heading, and no heading is left over."""
    headings = re.findall("^## (.*)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(name for key, name in vars(AlertName).items() if key.isupper())


def test_links_come_from_the_settings(operations, baselines):
    """The team's own Grafana and runbook are linked where they are named."""
    settings = Settings(grafana_url="https://grafana.test/", runbook_url="https://wiki.test/runbook")
    for rule in _alerts(rule_groups(operations, baselines, settings)):
        assert rule["annotations"]["runbook_url"] == f"https://wiki.test/runbook#{rule['alert'].lower()}"
        board = BOARDS.get(rule["alert"], Board.OPERATION)
        place, _, variables = rule["annotations"]["dashboard_url"].partition("?")
        assert place == f"https://grafana.test/d/{board}"
        assert bool(variables) == (board is Board.OPERATION)


def test_a_source_with_braces_is_no_template(operations, baselines, promtool, write_rules):
    """What a source says is shown, never run."""
    odd = replace(baselines[0], source='measured {{ in }} "June"')
    done = promtool("check", "rules", write_rules(operations, (odd,)) / RULES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_more_operations_ask_for_more_certainty(operations, recorded):
    """One false alarm a month over more windows moves the limits out; more allowed alarms move them in."""
    noisy = (replace(recorded, spread=0.1),)

    def margin(settings):
        return judged(operations, noisy, settings)[0].limits.budget_z

    more = {f"t{n}": Target(backend="sql", url="sqlite:///x.db") for n in range(10)}
    assert margin(Settings(targets=more)) > margin(Settings()) > margin(Settings(false_alarms_per_month=100))


@pytest.mark.parametrize(
    "case",
    [
        ('my "own"', 0.004, {"critical", "warning"}),
        ('my "own"', 0.002, set()),
        ("other", 0.004, set()),
        ("other", 0.080, {"critical", "warning"}),
    ],
    ids=["own, twice its 2 ms", "own, at its 2 ms", "other, at 4 ms of 50", "other, 1.6 times 50 ms"],
)
def test_a_targets_own_baseline_wins(write_rules, promtool, operations, recorded, case):
    """A target with a recorded baseline is judged by it alone, every other target by the sourced one."""
    target, mean, expected = case
    sourced = replace(recorded, target="*", value=0.05, recorded=None)
    folder = write_rules({CREATE: operations[CREATE]}, (sourced, recorded))
    test = {
        "interval": "5s",
        "input_series": attempts(operations[CREATE], target, [Phase(120, mean)]),
        "promql_expr_test": [
            {
                "expr": f'count by (severity) (ALERTS{{alertname="{AlertName.REGRESSION}",alertstate="firing"}})',
                "eval_time": "120s",
                "exp_samples": [{"labels": f'{{severity="{s}"}}', "value": 1} for s in sorted(expected)],
            }
        ],
    }
    path = folder / "own.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("budget", "le"), [(20.0, "20([.]0)?"), (12.3456, "12[.]35"), (1 / 3, "0[.]3333")], ids=["20", "12.3456", "1/3"]
)
def test_a_budget_is_counted_at_the_edge_that_the_histogram_has(write_rules, promtool, operations, budget, le):
    """The exposed edge is rounded, and so is the one that the rule asks for: attempts over it are seen, under it not."""
    operation = replace(operations[CREATE], budget_seconds=budget)
    folder = write_rules({CREATE: operation}, ())
    assert f'le=~"{le}"' in (folder / RULES).read_text()
    assert re.fullmatch(le, str(own_edges(None, 0, [budget])[0]))
    test = {
        "interval": "5s",
        "input_series": [
            one
            for name, factor in {"under": 0.9, "over": 1.1}.items()
            for one in attempts(operation, name, [Phase(240, factor * budget)])
        ],
        "promql_expr_test": [
            {
                "expr": f'count by (target) (ALERTS{{alertname="{AlertName.BUDGET}",alertstate="firing"}})',
                "eval_time": "240s",
                "exp_samples": [{"labels": '{target="over"}', "value": 1}],
            }
        ],
    }
    path = folder / "budget.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("gap", "runs"), [(0, 20), (60, 19), (300, 11), (600, None)], ids=["none", "a minute", "five minutes", "ten minutes"]
)
def test_a_run_is_counted_once(write_rules, promtool, operations, gap, runs):
    """After a gap the last sample of before is found for five minutes more; it is no run of the steps in the gap."""
    folder = write_rules({CREATE: operations[CREATE]}, ())
    before, after = 1200, 605 - gap
    seen = f"0+0x{before // 5 - 1} _x{gap // 5} " if gap else f"0+0x{before // 5 - 1} "
    values = seen + f"1+0x{after // 5}"
    test = {
        "interval": "5s",
        "input_series": [{"series": RUN_LOG_MEAN.name + labels(operations[CREATE], "x"), "values": values}],
        "promql_expr_test": [
            {
                "expr": f"{series.name} or vector(0)" if runs is None else f"sum({series.name})",
                "eval_time": "1805s",
                "exp_samples": [{"labels": "{}", "value": value if runs else 0}],
            }
            for series, value in ((SLOW_RUNS, runs), (SLOW_LOG_MEAN, 1))
        ],
    }
    path = folder / "gap.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_seen_over_many_runs_says_so(write_rules, operations, baselines):
    """The ratio of an info is of its last runs together, not of the present that stands beside it."""
    groups = yaml.safe_load((write_rules(operations, baselines) / RULES).read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"] if rule.get("alert") == AlertName.REGRESSION]
    told = "times its baseline over 20 runs"
    over = {rule["labels"]["severity"] for rule in rules if told in rule["annotations"]["summary"]}
    assert over == {Severity.INFO}


def test_what_an_alert_says(write_rules, promtool, operations, baselines):
    """Value, baseline, ratio, target, limits, what the baseline can see, and both links stand in the notification."""
    folder = write_rules(operations, baselines)
    labels = {"operation": CREATE, "backend": "sql", "target": "a b", "driver": "probe", "severity": "critical"}
    annotations = {
        "summary": "sql.made_create on a b is 1.70 times its baseline",
        "description": (
            "Now 85ms a call; the baseline is 50 ms a call, tolerance 10% (made for tests). R = 1.700, above 1 is worse. "
            "Critical is above 1.39 in one run of 30s, or above 1.32 over 20 runs. "
            "The baseline shows slowdowns from 1.29 times its value in one run, 1.18 over 20 runs."
        ),
        "runbook_url": "http://127.0.0.1:8025/runbook#steadylineregression",
        "dashboard_url": "http://127.0.0.1:3000/d/steadyline-operation?var-operation=sql.made_create&var-target=a+b",
        "current": "85ms a call",
        "baseline": "50 ms a call, tolerance 10% (made for tests)",
        "ratio": "1.70",
    }
    bulk = {"operation": "sql.made_bulk", "backend": "sql", "target": "a b", "driver": "probe", "severity": "critical"}
    bulk_annotations = {
        **annotations,
        "summary": "sql.made_bulk on a b is 2.00 times its baseline",
        "description": (
            "Now 100 items/s; the baseline is 200 items/s, tolerance 20%, our default (made for tests). R = 2.000, "
            "above 1 is worse. Critical is above 1.39 in one run of 150s, or above 1.32 over 20 runs. "
            "The baseline shows slowdowns from 1.35 times its value in one run, 1.23 over 20 runs."
        ),
        "dashboard_url": "http://127.0.0.1:3000/d/steadyline-operation?var-operation=sql.made_bulk&var-target=a+b",
        "current": "100 items/s",
        "baseline": "200 items/s, tolerance 20%, our default (made for tests)",
        "ratio": "2.00",
    }
    failing = {k: v for k, v in labels.items() if k != "severity"} | {"severity": "critical", "operation": "trace.made_join"}
    test = {
        "interval": "5s",
        "input_series": [
            *attempts(operations[CREATE], "a b", [Phase(300, 0.085)]),
            *attempts(operations["sql.made_bulk"], "a b", [Phase(300, 1.0)]),
            *attempts(operations["trace.made_join"], "a b", [Phase(300, 0.01, 0.5, refused=0.5)]),
        ],
        "alert_rule_test": [
            {
                "eval_time": "300s",
                "alertname": AlertName.REGRESSION,
                "exp_alerts": [
                    *({"exp_labels": {**labels, "severity": s}, "exp_annotations": a} for s, a in _milder(annotations)),
                    *({"exp_labels": {**bulk, "severity": s}, "exp_annotations": a} for s, a in _milder(bulk_annotations)),
                ],
            },
            {
                "eval_time": "300s",
                "alertname": AlertName.FAILING,
                "exp_alerts": [
                    {
                        "exp_labels": {**failing, "backend": "trace"},
                        "exp_annotations": {
                            "summary": "trace.made_join on a b fails",
                            "description": (
                                "15 failed attempts in 60s, mostly connect. An operation fails from 2 failures that are more "
                                "than 5% of its attempts, or 3 in a row. Its duration is judged by the successes alone."
                            ),
                            "runbook_url": "http://127.0.0.1:8025/runbook#steadylinefailing",
                            "dashboard_url": annotations["dashboard_url"].replace(CREATE, "trace.made_join"),
                        },
                    }
                ],
            },
        ],
    }
    path = folder / "said.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def _milder(annotations):
    """Critical, and warning with its own levels in the text."""
    text = annotations["description"]
    warning = text.replace("Critical is above 1.39", "Warning is above {}").replace("above 1.32", "above {}")
    seen = re.findall(r"slowdowns from ([\d.]+) .*, ([\d.]+) over", text)[0]
    yield "critical", annotations
    yield "warning", {**annotations, "description": warning.format(*seen)}


@pytest.mark.stack
def test_a_real_prometheus_evaluates_every_committed_rule(start_prometheus, tmp_path):
    """Not only do the rules parse: Prometheus reports each as evaluated, and the watchdog fires."""
    config = f"global: {{evaluation_interval: 1s}}\nrule_files: ['{COMMITTED / RULES}']\n"
    url = start_prometheus(config=config, folder=tmp_path)
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.5), reraise=True)
    for attempt in waiting:
        with attempt:
            groups = httpx.get(f"{url}/api/v1/rules", trust_env=False).json()["data"]["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            assert len(rules) == sum(len(g["rules"]) for g in yaml.safe_load((COMMITTED / RULES).read_text())["groups"])
            assert {rule["health"] for rule in rules} == {"ok"}, [rule for rule in rules if rule["health"] != "ok"][:1]
            watchdog = next(rule for rule in rules if rule["name"] == AlertName.WATCHDOG)
            assert watchdog["state"] == "firing"
