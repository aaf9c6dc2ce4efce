"""The rules of load runs: a profile's own baselines and no other's, the steady phase and no other, and expectations."""

from dataclasses import replace

import pytest
import yaml

from alerts.rule_tests.load import run_of
from alerts.rule_tests.series import Phase, attempts, labels
from alerts.rules.generate import RULE_TESTS, RULES, SLOW_RULE_TESTS
from alerts.rules.load import GROUP, load_group
from steadyline.baseline import LoadShape, Recorded
from steadyline.edges import LADDER
from steadyline.load_vocabulary import LOAD_DROPPED, LOAD_RECORDED, LOAD_RESPONSE
from steadyline.settings import Settings
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, RECORDED, AlertName, Driver

HIGH = LoadShape(200)
CREATE, BULK = "sql.made_create", "sql.made_bulk"


@pytest.fixture
def loaded(baselines):
    """The probe's and the gate's, and those of two profiles: one of any target, one of a target's own, and a throughput."""
    runs = Recorded("2026-01-01T00:00:00Z", "host", "abc", 60, 900, None, {}, (), {}, HIGH)
    high = replace(baselines[0], driver=Driver.LOAD, profile="high", value=0.2, recorded=runs)
    own = replace(high, target="own", value=0.3)
    few = replace(runs, load=LoadShape(10, 50.0))
    low = replace(high, profile="low", value=0.1, recorded=few)
    return *baselines, high, own, low, replace(baselines[1], driver=Driver.LOAD, profile="low", recorded=few)


@pytest.fixture
def ask(write_rules, promtool):
    """`ask(operations, baselines, settings, inputs, checks)` runs one test of ours on rules made so."""

    def run(operations, baselines, settings, inputs, checks):
        folder = write_rules(operations, baselines, settings)
        test = {"interval": "5s", "input_series": inputs, "promql_expr_test": checks}
        path = folder / "asked.yml"
        path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
        done = promtool("test", "rules", path)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def fires(alert, at, *firing, by="target"):
    """Exactly these values of a label, at a moment in seconds."""
    return {
        "expr": f'count by ({by}) (ALERTS{{alertname="{alert}",alertstate="firing",severity="critical"}})',
        "eval_time": f"{at}s",
        "exp_samples": [{"labels": f'{{{by}="{one}"}}' if one else "{}", "value": 1} for one in firing],
    }


def of_load(path, count):
    """The test file with its tests of load alone, which are so many."""
    document = yaml.safe_load(path.read_text())
    document["tests"] = [test for test in document["tests"] if test["name"].startswith("load")]
    assert len(document["tests"]) == count
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("tests", [RULE_TESTS, SLOW_RULE_TESTS])
def test_the_rules_of_a_profile_pass_their_own_tests(write_rules, operations, loaded, promtool, tests):
    """Each limit of each baseline under its profile, and silence in the ramp and under another profile."""
    path = of_load(write_rules(operations, loaded) / tests, 10 if tests == RULE_TESTS else 2)
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


GATE = "steadyline:load_steady:window"
MUTATIONS = {
    "a baseline 1 % lower": ("{X} / 0.2\n", "{X} / 0.198\n"),
    "any profile": (GATE + '{profile="high",load="200 users",', GATE + '{load="200 users",'),
    "more users": (
        "(max_over_time(steadyline_load_target_users[30s]) < 200.2)",
        '(steadyline_load_phase{phase="steady"} == 1)',
    ),
    "the ramp too": ('phase="steady"', 'phase="ramp"'),
    "not even a window": ("offset 30s == 1", "offset 5s == 1"),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=list(MUTATIONS))
def test_wrong_load_rules_fail(write_rules, operations, loaded, promtool, mutation):
    """Without a gate, or with a figure that is 1 % off, a test fails."""
    folder = write_rules({CREATE: operations[CREATE]}, [one for one in loaded if one.profile in ("*", "high")])
    tests = of_load(folder / RULE_TESTS, 5)
    text, chosen = (
        (folder / RULES).read_text(),
        f'{{operation="{CREATE}",driver="load",target!="own",profile="high",load="200 users"}}',
    )
    old, new = (part.replace("{X}", chosen) for part in mutation)
    assert old in text
    (folder / RULES).write_text(text.replace(old, new))
    done = promtool("test", "rules", tests)
    assert done.returncode == 1, done.stdout
    assert "exp:" in done.stdout + done.stderr


def test_neither_judges_the_other(ask, operations, loaded):
    """A probe at a load's latency breaks the probe's baseline alone; a load at four times the probe's breaks none."""
    create = {CREATE: operations[CREATE]}
    inputs = [
        *attempts(operations[CREATE], "probed", [Phase(300, 0.2)]),
        *attempts(operations[CREATE], "loaded", [Phase(300, 0.2)], driver=Driver.LOAD),
        *run_of("high", 0, 300, load=HIGH),
    ]
    ask(create, loaded, Settings(), inputs, [fires(AlertName.REGRESSION, 300, "probed")])


@pytest.mark.parametrize(
    "case",
    [
        ("high", LoadShape(200), ("loaded",)),
        ("high", LoadShape(100), ()),
        ("high", LoadShape(200, 50.0), ()),
        ("low", LoadShape(10, 50.0), ("loaded",)),
        ("low", LoadShape(10, 60.0), ()),
        ("low", LoadShape(10), ()),
    ],
    ids=["its own", "fewer users", "an open model", "its own open model", "another rate", "a closed model"],
)
def test_a_profile_of_another_size_is_not_judged(ask, operations, loaded, case):
    """What was said with --users or --arrival-rate goes before the profile's figures, and its baselines are of those."""
    profile, load, fired = case
    inputs = [
        *attempts(operations[CREATE], "loaded", [Phase(180, 5)], driver=Driver.LOAD),
        *run_of(profile, 0, 180, load=load),
    ]
    ask({CREATE: operations[CREATE]}, loaded, Settings(), inputs, [fires(AlertName.REGRESSION, 180, *fired)])


def test_without_a_profile_no_baseline_judges(ask, operations, loaded):
    """One that names no profile judges no run of a profile, and a run of none is judged by no profile's."""
    no_profile = (replace(loaded[3], profile="*"),)
    inputs = [*attempts(operations[CREATE], "loaded", [Phase(300, 5)], driver=Driver.LOAD), *run_of("high", 0, 300, load=HIGH)]
    ask({CREATE: operations[CREATE]}, no_profile, Settings(), inputs, [fires(AlertName.REGRESSION, 300)])
    inputs = [*attempts(operations[CREATE], "loaded", [Phase(300, 5)], driver=Driver.LOAD), *run_of("", 0, 300, load=HIGH)]
    ask({CREATE: operations[CREATE]}, loaded, Settings(), inputs, [fires(AlertName.REGRESSION, 300)])


def test_a_budget_holds_in_every_phase_of_every_run(ask, operations):
    """Without profile, in the ramp: attempts over the operation's own budget break it, those under it do not."""
    inputs = [
        *attempts(operations[CREATE], "over", [Phase(180, 21)], driver=Driver.LOAD),
        *attempts(operations[BULK], "within", [Phase(180, 21)], driver=Driver.LOAD),
        *run_of("", 180, 0),
    ]
    ask(operations, (), Settings(), inputs, [fires(AlertName.BUDGET, 180, "over")])


def test_every_series_that_load_rules_record_is_of_the_vocabulary(operations, loaded):
    """And the gate among them."""
    document = load_group(operations, loaded, Settings())
    assert document["name"] == GROUP
    names = {rule["record"] for rule in document["rules"] if "record" in rule}
    assert names == {series.name for series in (*RECORDED, *LOAD_RECORDED)}


def counted(operation, target, per_second, *, failing=0.0, response=0.0, driver=Driver.LOAD):
    """Counters that rise steadily, each second so many of so many seconds; failures and later starts beside them."""
    label = labels(operation, target, driver=driver)
    found = []
    for metric, late in ((OPERATION_DURATION, 0.0), (LOAD_RESPONSE, response)):
        edges = sorted({*LADDER, 0.08})
        took = sorted((seconds + late, count) for seconds, count in per_second.items())
        rates = [("_count", label, sum(count for _, count in took)), ("_sum", label, sum(s * n for s, n in took))]
        for edge in edges:
            within = sum(count for seconds, count in took if seconds <= edge)
            rates.append(("_bucket", labels(operation, target, driver=driver, le=str(edge)), within))
        rates.append(("_bucket", labels(operation, target, driver=driver, le="+Inf"), rates[0][2]))
        found += [(f"{metric.name}{suffix}{text}", rate) for suffix, text, rate in rates]
    found.append((f"{OPERATION_FAILURES.name}{labels(operation, target, driver=driver, reason='timeout')}", failing))
    return [{"series": name, "values": f"0+{rate * 5:.12g}x60"} for name, rate in found]


EXPECTED = {
    "sql.made_create p95 < 80ms for 30s": ["slow"],
    "sql.made_create p95 > 80ms for 30s": ["even", "quick"],
    "sql.made_create p90 < 80ms for 30s": [],
    "sql.made_create response p90 < 80ms for 30s": ["slow"],
    "sql.made_create mean < 20ms for 30s": ["slow"],
    "sql.made_create mean > 2ms for 30s": ["quick"],
    "sql.made_create rate >= 20.5/s for 60s": ["quick"],
    "sql.made_create failures < 4%": None,
    "sql.made_create failures < 4% for 30s": ["even", "slow"],
    "sql.made_create failures <= 5% for 30s": [],
    "* p95 < 56.23ms for 30s": [""],
    "* p50 < 56.23ms for 30s": [],
    "* rate > 60.5/s for 30s": [""],
    "* rate > 59.5/s for 30s": [],
    "* drops < 1/s for 30s": [""],
    "* drops < 5/s for 30s": [],
    "sql.other p95 < 80ms for 30s": [],
}
"""Which targets break it: on `even` 19 of 20 take no longer than 80 ms, on `slow` 18, on `quick` all; two fail 1 of 21."""


@pytest.mark.parametrize(("text", "broken"), EXPECTED.items(), ids=list(EXPECTED))
def test_an_expectation_is_asked_of_prometheus(ask, operations, text, broken):
    """Counted at its limit exactly, by target or all together, over its window of the steady phase; the probe is not asked."""
    create = operations[CREATE]
    inputs = [
        *counted(create, "even", {0.01: 19, 0.09: 1}, failing=1, response=0.001),
        *counted(create, "slow", {0.08: 18, 0.2: 2}, failing=1, response=0.001),
        *counted(create, "quick", {0.001: 18}),
        *counted(create, "probe", {9: 99}, failing=99, driver=Driver.PROBE),
        {"series": f'{LOAD_DROPPED.name}{{reason="no_free_user"}}', "values": "0+20x60"},
        *run_of("", 60, 240),
    ]
    first = 60 + (60 if "for 60s" in text else 30)
    checks = [fires(AlertName.EXPECTATION, at) for at in (60, first - 5)]
    checks.append(fires(AlertName.EXPECTATION, first + 5, *(broken or ())))
    ask({CREATE: create}, (), Settings(expectations=(text,)), inputs, checks)


def test_a_name_with_braces_and_quotes_is_no_template(write_rules, promtool, operations):
    """A route of one's own is shown, and asked for, as it is."""
    text = 'GET /items/{{id}}?q="x" p95 < 80ms for 30s'
    folder = write_rules({CREATE: operations[CREATE]}, (), Settings(expectations=(text,)))
    own = replace(operations[CREATE], name='GET /items/{{id}}?q="x"')
    test = {
        "interval": "5s",
        "input_series": [*counted(own, "one", {0.09: 1}), *run_of("", 0, 120)],
        "promql_expr_test": [fires(AlertName.EXPECTATION, 60, text.replace('"', '\\"'), by="criterion")],
    }
    path = folder / "braces.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_a_broken_expectation_says(write_rules, promtool, operations):
    """The criterion, its value, where; of one that only the run knows, the value and the limit that it shows."""
    text, own = "sql.made_create p95 < 80ms for 30s", "sql.made_create failures < 1%"
    folder = write_rules({CREATE: operations[CREATE]}, (), Settings(expectations=(text,)))
    shown = {"value": 0.25, "limit": 0.01, "met": 0}
    criterion = f'criterion="{own}",operation="{CREATE}",statistic="failures"'
    same = f'criterion="{text}",operation="{CREATE}",statistic="p95"'
    inputs = [
        *counted(operations[CREATE], "one", {0.01: 10, 0.09: 10}),
        *run_of("", 0, 120),
        *({"series": f"steadyline_load_criterion_{n}{{{criterion}}}", "values": f"{v}+0x60"} for n, v in shown.items()),
        {"series": f"steadyline_load_criterion_met{{{same}}}", "values": "0+0x60"},
    ]
    links = {
        "runbook_url": "http://127.0.0.1:8025/runbook#steadylineexpectationbroken",
        "dashboard_url": "http://127.0.0.1:3000/d/steadyline-load",
    }
    common = {"operation": CREATE, "driver": "load", "severity": "critical"}
    expected = [
        {
            "exp_labels": {**common, "backend": "sql", "target": "one", "criterion": text, "statistic": "p95"},
            "exp_annotations": {
                "summary": f"A load run breaks {text} on one",
                "description": (
                    "Over 30 s of the steady phase p95 of sql.made_create was 98ms. The limit stands in the settings, and "
                    "does not depend on any baseline."
                ),
                **links,
            },
        },
        {
            "exp_labels": {**common, "criterion": own, "statistic": "failures"},
            "exp_annotations": {
                "summary": f"A load run breaks {own}",
                "description": (
                    "The latest value is 0.25, the limit 0.01 (seconds, a fraction of the attempts, or per second). What was "
                    "broken once stays so until the run ends."
                ),
                **links,
            },
        },
    ]
    asked = {"eval_time": "100s", "alertname": AlertName.EXPECTATION, "exp_alerts": expected}
    test = {"interval": "5s", "input_series": inputs, "alert_rule_test": [asked]}
    path = folder / "said.yml"
    path.write_text(yaml.safe_dump({"rule_files": [RULES], "evaluation_interval": "5s", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr
