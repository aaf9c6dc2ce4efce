"""An alert that nobody can say is mended fires on; promtool evaluates the rule as Prometheus would."""

import shutil
import subprocess

import pytest
import yaml

from alerts.rules.alerting import alert
from alerts.rules.unseen import SCRAPED, outliving
from steadyline.promql import LABELS, Selection
from steadyline.severity import Severity
from steadyline.vocabulary import SCHEDULE_INTERVAL, AlertName, Driver

OF = 'operation="made.read",backend="made",target="own",driver="probe"'
CHOSEN = Selection(("operation", "=", "made.read"), ("driver", "=", Driver.PROBE))
FAILS = "made_failures"
WELL = "24"
"""Samples of two minutes; what is looked at next lasts five, and as long again what comes after."""
GONE = {
    "the exporter is down": {
        "up": f"1x{WELL} 0x59 1x60",
        "fails": f"1x{WELL} stale _x59 0x60",
        "shown": f"2x{WELL} stale _x59 2x60",
    },
    "nothing is stored": {"up": f"1x{WELL} _x60 1x60", "fails": f"1x{WELL} _x60 0x60", "shown": f"2x{WELL} _x60 2x60"},
}
HERE = {
    "it is mended": {"up": f"1x{WELL} 1x120", "fails": f"1x{WELL} 0x120", "shown": f"2x{WELL} 2x120"},
    "it is scheduled no more": {"up": f"1x{WELL} 1x120", "fails": f"1x{WELL} stale", "shown": f"2x{WELL} stale"},
}
MINUTES_FIRING = {**dict.fromkeys(GONE, (1, 2, 4, 6)), **dict.fromkeys(HERE, (1, 2))}
MINUTES_SILENT = {**dict.fromkeys(GONE, (10,)), **dict.fromkeys(HERE, (5, 6, 10))}


@pytest.mark.parametrize("case", [*GONE, *HERE])
def test_it_fires_until_somebody_sees_that_it_is_mended(tmp_path, case) -> None:
    """While nobody measures, or nothing is kept, it fires; where somebody does it ends as ever."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not on PATH")
    fails = f"max by ({LABELS}) ({FAILS}) > 0"
    rule = outliving(alert(AlertName.FAILING, Severity.CRITICAL, fails, {"summary": "fails"}), CHOSEN)
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "one", "interval": "5s", "rules": [rule]}]}))
    shown = {**GONE, **HERE}[case]
    series = {SCRAPED: shown["up"], f"{FAILS}{{{OF}}}": shown["fails"], f"{SCHEDULE_INTERVAL.name}{{{OF}}}": shown["shown"]}
    expression = f'count(ALERTS{{alertname="{AlertName.FAILING}",alertstate="firing"}})'
    one = [{"labels": "{}", "value": 1}]
    checks = [
        {"expr": expression, "eval_time": f"{minute}m", "exp_samples": one if minute in MINUTES_FIRING[case] else []}
        for minute in (*MINUTES_FIRING[case], *MINUTES_SILENT[case])
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    tests = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "5s",
        "tests": [{"interval": "5s", "input_series": inputs, "promql_expr_test": checks}],
    }
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    done = subprocess.run(
        ["promtool", "test", "rules", str(tmp_path / "tests.yml")], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_about_nobody_measuring_is_as_it_was() -> None:
    """No data ends with the first data."""
    rule = alert(AlertName.NO_DATA, Severity.WARNING, "vector(1)", {})
    assert outliving(rule, CHOSEN) == rule
