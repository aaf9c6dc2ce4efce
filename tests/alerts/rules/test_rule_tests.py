"""The generated unit tests: the rules pass them, and rules that are a little wrong do not."""

import json
from dataclasses import replace

import pytest
import yaml

from alerts.rules.generate import RULE_TESTS, RULES, SLOW_RULE_TESTS
from steadyline.baseline import Recorded
from steadyline.vocabulary import SLOW_RUNS

SINGLE, BULK = "sql.made_create", "sql.made_bulk"
FAST, SLOW, MENDED, FEW, HEALTH = "fast rule", "slow rule", "mended", "few successes", "budget"
OVER, FAILING, NO_DATA, DRIFT = (f"{HEALTH}: {part}" for part in ("budget", "failing", "no-data", "drift"))
"""Parts of the one test of health, by the beginning of their targets: each alone takes a fraction of all."""

MUTATIONS = {
    "warning level 1 % higher": (FAST, "fast_lower99{X} > 1.15", "fast_lower99{X} > 1.1615"),
    "warning level 1 % lower": (FAST, "fast_lower99{X} > 1.15", "fast_lower99{X} > 1.1385"),
    "critical level 1 % higher": (FAST, "fast_lower90{X} > 1.3", "fast_lower90{X} > 1.313"),
    "critical level 1 % lower": (FAST, "fast_lower90{X} > 1.3", "fast_lower90{X} > 1.287"),
    "baseline 1 % higher": (FAST, "run_mean{X} / 0.05", "run_mean{X} / 0.0505"),
    "baseline 1 % lower": (FAST, "run_mean{X} / 0.05", "run_mean{X} / 0.0495"),
    "throughput 1 % lower": (FAST, "200 * sum", "198 * sum"),
    "throughput upside down": (FAST, "200 * sum", "1 / 200 * sum"),
    "detect margin 1 % wider": (FAST, "ratio:fast{X} / 1.123", "ratio:fast{X} / 1.134"),
    "grade margin 1 % narrower": (FAST, "ratio:fast{X} / 1.066", "ratio:fast{X} / 1.055"),
    "milder kept as long as critical": (MENDED, "keep_firing_for: 30s", "keep_firing_for: 60s"),
    "kept for ever": (MENDED, "keep_firing_for: 60s", "keep_firing_for: 1h"),
    "budget twice as long": (OVER, 'le=~"20([.]0)?"', 'le=~"60([.]0)?"'),
    "a timeout is not over budget": (OVER, 'reason="timeout"', 'reason="auth"'),
    "once over the budget is enough": (OVER, " > 1.5\n      or", " > 0.5\n      or"),
    "rarely failing is failing": (FAILING, "> 0.05\n      or", "> 0.04\n      or"),
    "often failing is not": (FAILING, "> 0.05\n      or", "> 0.06\n      or"),
    "a streak of two": (FAILING, ">= 3\n", ">= 2\n"),
    "a streak of four": (FAILING, ">= 3\n", ">= 4\n"),
    "skipped starts are forgotten": (NO_DATA, "steadyline_runs_skipped_total", "steadyline_runs_skipped_never"),
    "no data from twelve": (NO_DATA, "starts:run{X} >= 10", "starts:run{X} >= 12"),
    "no data from eight": (NO_DATA, "starts:run{X} >= 10", "starts:run{X} >= 8"),
    "another baseline id": (DRIFT, 'id!="', 'id!="f'),
    "stale 2 % later": (HEALTH, "(steadyline:baseline_blind:factor > 2)", "(steadyline:baseline_blind:factor > 2.04)"),
    "stale 2 % sooner": (HEALTH, "(steadyline:baseline_blind:factor > 2)", "(steadyline:baseline_blind:factor > 1.96)"),
    "an exporter not scraped is none": (HEALTH, "absent(up", "absent(vector(1) + up"),
    "slow warning level 1 % higher": (SLOW, "slow_lower99{X} > 1.15", "slow_lower99{X} > 1.1615"),
    "slow warning level 1 % lower": (SLOW, "slow_lower99{X} > 1.15", "slow_lower99{X} > 1.1385"),
    "slow critical level 1 % higher": (SLOW, "slow_lower90{X} > 1.3", "slow_lower90{X} > 1.313"),
    "slow baseline 1 % lower": (SLOW, "slow_log_mean{X}) / 0.05", "slow_log_mean{X}) / 0.0495"),
    "suspect 1 % higher": (SLOW, "ratio:slow{X} > 1.15 and", "ratio:slow{X} > 1.1615 and"),
    "info 1 % higher": (SLOW, "ratio:slow{X} > 1.1 and", "ratio:slow{X} > 1.111 and"),
    "info past its upper limit": (SLOW, "slow_upper90{X} <= 1.15", "slow_upper90{X} <= 1.1615"),
    "the spread of the runs is ignored": (SLOW, "clamp_min(steadyline", "clamp_min(0 * steadyline"),
    "a spread of all there is, not of a sample": (SLOW, " * sqrt({S} / ({S} - 1))", ""),
    "mended only when twenty runs are": (SLOW, " and steadyline:operation_ratio:fast{X} > 1.1", ""),
    "one success is a mean": (FEW, " > 2.5", " > 0.5"),
    "too slow to be judged": (FEW, "[80s]", "[30s]"),
    "a hung attempt is alive": (NO_DATA, " > 0\n    for: 30s", " >= 0\n    for: 30s"),
    "the slow rule judges too soon": (SLOW, "[600s:30s]) >= 10", "[600s:30s]) >= 2"),
}  # fmt: skip


@pytest.fixture
def only(write_rules, operations, baselines):
    """`only(operation, subject)` writes the rules and the tests of one operation and one subject; answers both paths."""

    def write(operation, subject):
        folder = write_rules({operation: operations[operation]}, baselines)
        path = folder / (SLOW_RULE_TESTS if subject == SLOW else RULE_TESTS)
        document = yaml.load(path.read_text(), yaml.CSafeLoader)
        name, _, part = subject.partition(": ")
        document["tests"] = [_of(part, test) for test in document["tests"] if test["name"].startswith(name)]
        assert document["tests"]
        path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
        return folder / RULES, path

    return write


def _of(part, test):
    """The test, or what of it concerns the targets of one part."""
    if not part:
        return test
    inputs = [one for one in test["input_series"] if f'target="{part}' in one["series"]]
    checks = [one for one in test["promql_expr_test"] if f'target=~"{part}' in one["expr"]]
    assert inputs
    assert checks
    return {**test, "input_series": inputs, "promql_expr_test": checks}


@pytest.mark.parametrize("tests", [RULE_TESTS, SLOW_RULE_TESTS])
def test_the_rules_pass_their_own_tests(write_rules, operations, baselines, promtool, tests):
    """Rules and tests are made in different ways, and agree."""
    done = promtool("test", "rules", write_rules(operations, baselines) / tests)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("cadence", [3.0, 15.0])
def test_the_rules_of_a_users_own_cadence_pass_their_tests(write_rules, operations, baselines, promtool, cadence):
    """Operations of one's own, beside those that ship, are probed as seldom as their owner likes; the same rules judge."""
    own = replace(operations[SINGLE], name="sql.own", probe_every_seconds=cadence)
    runs = Recorded("2026-01-01T00:00:00Z", "host", "abc", 60, 900, cadence, {}, (), {})
    held = replace(baselines[0], operation=own.name, target="embedded", recorded=runs)
    folder = write_rules({SINGLE: operations[SINGLE], own.name: own}, (*baselines, held))
    done = promtool("test", "rules", folder / RULE_TESTS, folder / SLOW_RULE_TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def recorded(baselines):
    """A quiet and a noisy baseline of two targets, each faster than the 2 ms that cases begin at, beside the sourced ones."""
    runs = Recorded("2026-01-01T00:00:00Z", "host", "abc", 60, 900, 2.0, {}, (), {})
    quiet = replace(baselines[0], target='my "own"', value=0.0015, spread=0.03, recorded=runs)
    noisy = replace(quiet, target="noisy", value=0.001, spread=0.2)
    return *baselines, quiet, noisy, replace(baselines[1], target="noisy", recorded=runs)


@pytest.mark.parametrize("tests", [RULE_TESTS, SLOW_RULE_TESTS])
def test_a_targets_own_baselines_are_tested_too(write_rules, operations, recorded, promtool, tests):
    """Each recorded baseline has its cases, which carry its target's name, and the rules pass them."""
    path = write_rules(operations, recorded) / tests
    assert 'backend=\\"my \\\\\\"own\\\\\\" warning-plus\\"' in json.dumps(yaml.safe_load(path.read_text()))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_rule_of_a_targets_own_baseline_fails(write_rules, operations, recorded, promtool):
    """A recorded baseline 1 % off is seen by its own cases."""
    folder = write_rules({SINGLE: operations[SINGLE]}, recorded)
    text = (folder / RULES).read_text()
    assert " / 0.0015\n" in text
    (folder / RULES).write_text(text.replace(" / 0.0015\n", " / 0.001515\n"))
    assert promtool("test", "rules", folder / RULE_TESTS).returncode == 1


@pytest.mark.parametrize("part", [OVER, FAILING, NO_DATA, DRIFT])
def test_the_rules_pass_each_part_alone(only, promtool, part):
    """A part of the tests of health stands without the others, so that what fails it below is the rule."""
    _, tests = only(SINGLE, part)
    done = promtool("test", "rules", tests)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("subject", "old", "new"), MUTATIONS.values(), ids=list(MUTATIONS))
def test_wrong_rules_fail(only, promtool, subject, old, new):
    """A threshold that is 1 % off, a term left out, a wait of another length: a test sees each."""
    operation = BULK if old.startswith("200") else SINGLE
    chosen = f'{{operation="{operation}",driver="probe"}}'
    old, new = (text.replace("{S}", SLOW_RUNS.name + chosen).replace("{X}", chosen) for text in (old, new))
    rules, tests = only(operation, subject)
    text = rules.read_text()
    assert old in text
    rules.write_text(text.replace(old, new))
    assert promtool("check", "rules", rules).returncode == 0
    done = promtool("test", "rules", tests)
    assert done.returncode == 1, done.stdout
    assert "exp:" in done.stdout + done.stderr
