"""The generated inventory: no board's series, alert, or command's option is missing from its page."""

import re

import pytest
import typer.main

from dashboards.shipped import shipped
from docs import boards, command_line, rules
from steadyline.cli import main
from steadyline.vocabulary import AlertName

ALERTS = [value for name, value in vars(AlertName).items() if name.isupper()]


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("sum(rate(steadyline_operation_duration_seconds_bucket[1m])) by (le)", ["steadyline_operation_duration_seconds"]),
        ("steadyline_runs_skipped_total > 0", ["steadyline_runs_skipped_total"]),
        ('ALERTS{alertname="up"} unless steadyline:operation_ratio:fast', ["ALERTS", "steadyline:operation_ratio:fast"]),
        ("max(up) by (job) * vector(1)", ["up"]),
        ("nobody_knows_this_total", []),
    ],
)
def test_a_query_asks_for(expression, series):
    """The series that it names: a histogram's parts are one, and what stands in quotes is none."""
    assert boards.asked([expression]) == series


@pytest.mark.parametrize("uid", shipped())
def test_each_panel_says_what_it_asks_for(uid):
    """Whatever a panel asks, its line names a series."""
    for _, panel in boards._panels(shipped()[uid]):
        assert not panel.get("targets") or boards.asked(one["expr"] for one in panel["targets"]), panel["title"]


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_a_meaning(alert):
    """The runbook's first words on it."""
    assert len(rules.meaning(alert)) > 40


def test_the_alerts_of_the_vocabulary_are_all_there():
    """Each has its line and its heading."""
    assert set(re.findall(r"^### (\w+)$", rules.page(), re.MULTILINE)) == set(ALERTS)


@pytest.mark.parametrize(("times", "told"), [(["10s", "10s"], "10s"), (["150s", "30s", "60s"], "30s to 150s")])
def test_durations(times, told):
    """One where all are alike, else from the shortest to the longest, by number and not by letter."""
    assert rules.spread(times) == told


def test_a_template_as_it_reads():
    """A label by its name, a number as dots."""
    assert rules.said('{{ $labels.target }} is {{ $value | printf "%.2f" }} times') == "*target* is … times"


def test_every_command_and_option():
    """Each command has its section, and each of its options a line."""
    page = command_line.page()
    for name, command in command_line._walk(typer.main.get_command(main.build()), "steadyline"):
        _, _, section = page.partition(f"\n## {name}\n")
        section = section.partition("\n## ")[0]
        options = [word for parameter in command.params for word in parameter.opts if word.startswith("-")]
        missing = [word for word in options if word not in section]
        assert section, name
        assert not missing, name


def test_no_terminal_changes_the_page(monkeypatch):
    """However wide the terminal is, and whatever is set, the page is the same."""
    before = command_line.page()
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("STEADYLINE_PORTS_PROMETHEUS", "9")
    assert command_line.page() == before
