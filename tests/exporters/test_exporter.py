"""The exporter over far ends that hang, raise, refuse and come back."""

import logging
from collections.abc import Iterator

import pytest
import tenacity
from prometheus_client.parser import text_string_to_metric_families

from exporters.exporter import Exporter
from steadyline import heap
from steadyline import vocabulary as names
from steadyline.baseline import Baseline, Quantity
from steadyline.errors import ConfigurationError, UnreachableError

SOON = {"probe_every_seconds": 0.05}


def samples(exporter) -> dict[tuple[str, ...], float]:
    """The page: name and label values (in the labels' alphabetical order) to value."""
    page = exporter.page.render().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def total(exporter, metric: str, *values: str) -> float:
    """The sum of one metric over all series that have these label values."""
    return sum(v for key, v in samples(exporter).items() if key[0] == metric and set(values) <= set(key))


def until(condition) -> None:
    """Wait for what threads do."""
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(20), wait=tenacity.wait_fixed(0.02), reraise=True):
        with attempt:
            assert condition()


@pytest.fixture
def opened(house) -> Iterator[Exporter]:
    """Opens and starts an exporter after the test has set up its house."""
    made = Exporter(house.plan)
    yield made
    for far in house.far.values():
        far.hang.set()
    made.close()


COUNT = f"{names.OPERATION_DURATION.name}_count"


def test_zero_series_exist_from_the_start(house, exporter) -> None:
    """Every scheduled operation has its delay, skips, interval and budget before its first attempt."""
    for name in house.catalogue.known:
        house.change(name.name, probe_every_seconds=name.probe_every_seconds and 3600.0)
    exporter.reload()
    found = samples(exporter)
    for key in [("sql", "probe", "sql.answers", "main"), ("trace", "probe", "trace.hangs", "api")]:
        assert found[names.RUNS_SKIPPED.name, *key] == 0
        assert found[f"{names.SCHEDULE_DELAY.name}_count", *key] == 0
        assert found[names.SCHEDULE_INTERVAL.name, *key] == 3600
        assert found[names.BASELINE_BUDGET.name, *key] == 20
        assert found[COUNT, *key] == 0


def test_collector_leaves_out_what_is_there_before_the_first_attempt(house, exporter, monkeypatch) -> None:
    """A collection of all that was imported would be in some attempt's time."""
    house.only("sql.answers")
    settled = []
    monkeypatch.setattr(heap, "settle", lambda: settled.append(total(exporter, COUNT)))
    exporter.start()
    assert settled == [0]


def test_hanging_target_costs_its_own_series_only(house, opened) -> None:
    """A hanging target's attempts are timeouts at once, while the other target's go on."""
    house.only("sql.answers", "trace.hangs")
    house.change("sql.answers", **SOON)
    house.change("trace.hangs", **SOON)
    opened.open()
    opened.start()
    until(lambda: total(opened, names.OPERATION_FAILURES.name, "trace.hangs", "timeout") >= 2)
    before = total(opened, COUNT, "sql.answers")
    until(lambda: total(opened, COUNT, "sql.answers") > before + 2)
    until(lambda: total(opened, names.RUNS_SKIPPED.name, "trace.hangs") > 0)
    assert total(opened, COUNT, "trace.hangs") == 0


def test_failures_have_the_backends_reason(house, opened, caplog) -> None:
    """An error that the backend knows is a failure with its reason, and nothing is logged of it."""
    caplog.set_level(logging.INFO)
    house.only("sql.refuses", "sql.answers")
    house.change("sql.refuses", **SOON)
    opened.open()
    opened.start()
    until(lambda: total(opened, names.OPERATION_FAILURES.name, "sql.refuses", "server_error") >= 2)
    assert "refuse" not in caplog.text.lower()
    assert max(record.levelno for record in caplog.records) == logging.INFO


def test_bug_is_loud_once(house, opened, caplog) -> None:
    """An exception that no backend knows counts as other each time, and is logged once with its traceback."""
    house.only("sql.has_a_bug")
    house.change("sql.has_a_bug", **SOON)
    opened.open()
    opened.start()
    until(lambda: total(opened, names.OPERATION_FAILURES.name, "other") >= 3)
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info[0] for record in logged] == [ZeroDivisionError]


def test_unreachable_target_does_not_stop_it(house, opened, caplog) -> None:
    """A target that does not answer the check is logged without its secret, and asked all the same."""
    house.far["sql"].check_raises = UnreachableError(f"far: refused (postgresql://me:{house.secret}@far/db)")
    house.change("sql.answers", **SOON)
    opened.open()
    opened.start()
    until(lambda: total(opened, COUNT, "sql.answers") > 0)
    assert "trying on" in caplog.text
    assert house.secret not in caplog.text


def test_configuration_fault_stops_it(house) -> None:
    """What the user must mend stops the start, and what was opened is closed again."""
    house.far["sql"].check_raises = ConfigurationError("targets.main.url: no such database")
    with pytest.raises(ConfigurationError, match=r"targets\.main\.url"):
        Exporter(house.plan).open()
    assert [far.closed for far in house.far.values()] == [1, 1]


def test_left_out_operations_are_logged_once(house, opened, caplog) -> None:
    """The write guard's work is said at the start."""
    house.retarget(allow_writes=False)
    with caplog.at_level(logging.INFO):
        opened.open()
    said = [record.getMessage() for record in caplog.records if "read-only" in record.getMessage()]
    assert said == ["target main is read-only; left out because they write: sql.writes"]


def test_janitor_sweeps_and_counts(house, opened) -> None:
    """At the start leftovers are swept and counted; a target that raises has no leaked series, the other has."""
    house.far["sql"].left_by_a_crash = 7
    house.far["trace"].sweep_raises = RuntimeError("not today")
    opened.open()
    opened.start()
    until(lambda: samples(opened).get((names.SWEPT_ARTEFACTS.name, "sql", "main")) == 7)
    found = samples(opened)
    assert found[names.LEAKED_ARTEFACTS.name, "sql", "main"] == 0
    assert found[names.SWEPT_ARTEFACTS.name, "trace", "api"] == 0
    assert (names.LEAKED_ARTEFACTS.name, "trace", "api") not in found


def test_janitor_writes_nothing_on_a_read_only_target(house, opened) -> None:
    """Sweeping is writing: a read-only target is not swept."""
    house.far["sql"].left_by_a_crash = 7
    house.retarget(allow_writes=False)
    opened.open()
    opened.start()
    until(lambda: (names.SWEPT_ARTEFACTS.name, "trace", "api") in samples(opened))
    assert house.far["sql"].left_by_a_crash == 7


def test_close_deletes_what_was_written(house, opened) -> None:
    """After the end no artefact is left."""
    house.change("sql.writes", **SOON)
    opened.open()
    opened.start()
    until(lambda: house.far["sql"].rows > 0)
    opened.close()
    assert (house.far["sql"].rows, house.far["sql"].closed) == (0, 1)


BASELINE = Baseline("sql.answers", "probe", Quantity.THROUGHPUT, 200.0, 0.1, 0.05, "the source")


def test_good_reload_loses_no_counter(house, opened) -> None:
    """Baselines, edges and schedule change; counts go on; the connection of an unchanged target stays."""
    house.only("sql.answers", "sql.refuses")
    house.change("sql.answers", **SOON)
    opened.open()
    opened.start()
    until(lambda: total(opened, COUNT, "sql.answers") >= 3)
    house.baselines = (BASELINE,)
    house.only("sql.answers")
    before = total(opened, COUNT, "sql.answers")
    opened.reload()
    found = samples(opened)
    key = ("sql", "probe", "sql.answers", "main")
    assert found[COUNT, *key] >= before
    assert found[names.BASELINE_VALUE.name, *key] == 0.005
    assert found[names.RELOAD_SUCCESS.name,] == 1
    assert any(value == 1 and BASELINE.id in label for label, value in found.items())
    assert any(label[0].endswith("duration_seconds_bucket") and "0.00575" in label for label in found)
    assert not any("sql.refuses" in label for label in found)
    assert house.far["sql"].connected == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ConfigurationError("steadyline.toml: not TOML"), id="settings"),
        pytest.param(ConfigurationError(["baselines.json: value", "baselines.json: source"]), id="baselines"),
        pytest.param(RuntimeError("a bug of ours"), id="bug"),
    ],
)
def test_refused_reload_changes_nothing(house, opened, fault) -> None:
    """The earlier plan holds, its attempts go on, and the metric says that the reload was refused."""
    house.change("sql.answers", **SOON)
    opened.open()
    opened.start()
    plan = opened.plan
    house.raises = fault
    with pytest.raises(type(fault)):
        opened.reload()
    assert opened.plan is plan
    before = total(opened, COUNT, "sql.answers")
    until(lambda: total(opened, COUNT, "sql.answers") > before)
    assert samples(opened)[names.RELOAD_SUCCESS.name,] == 0


def test_changed_target_is_connected_anew(house, opened) -> None:
    """A target whose settings changed gets a new connection; the old one is cleaned and closed."""
    opened.open()
    opened.start()
    house.retarget(concurrency=5)
    opened.reload()
    until(lambda: (house.far["sql"].connected, house.far["sql"].closed) == (2, 1))
    assert house.far["trace"].connected == 1


def test_port_stays(house, opened) -> None:
    """A port cannot change while it listens: said, not ignored."""
    opened.open()
    ports = house.settings.ports.model_copy(update={"exporter": 9999})
    house.settings = house.settings.model_copy(update={"ports": ports})
    with pytest.raises(ConfigurationError, match=r"ports\.exporter: changed; restart"):
        opened.reload()
