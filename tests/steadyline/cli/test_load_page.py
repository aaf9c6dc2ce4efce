"""What is shown while a load run is under way, from pages as its publisher renders them."""

import io

import pytest
from rich.console import Console

from load.publisher.page import Page, Run
from load.series import Key, Tally
from steadyline.cli.load_page import LATELY_SECONDS, Watch, glance
from steadyline.cli.load_screen import ENDED, LINE_SECONDS, LoadScreen
from steadyline.outcome import Outcome, Reason

START = 1000.0
CRITERION = {"criterion": "* p95 < 1s", "operation": "*", "statistic": "p95", "limit": 1.0}
GAUGES = {
    "users": {"TraceUser": 3, "SqlUser": 1},
    "target_users": 5,
    "arrival_rate": None,
    "phase": "steady",
    "workers": {"0": {"saturated": 0}, "1": {"saturated": 1}},
    "criteria": [{**CRITERION, "value": 0.02, "met": 1}],
}


@pytest.fixture
def page():
    """A page of a run that began; `page.count(seconds, times)` counts successes."""
    found = Page()
    found.begin(Run("r", "low", "constant", "abc", START))
    found.take(GAUGES)
    return found


def count(page, seconds, times, own_edges=(), operation="trace.item_read"):
    """Attempts that took so long."""
    tally, key = Tally(), Key(operation, "trace", "embedded")
    series = tally.declare(key, own_edges)
    for _ in range(times):
        series.finish(Outcome(seconds), None)
    page.add(tally.delta())


def seen(page):
    """What the page says now."""
    return glance(page.render().decode())


def test_a_page_without_a_run_shows_nothing():
    """Before the run, after it, and where nobody serves one; a page that is cut off shows nothing either."""
    assert glance("") is None
    assert glance(Page().render().decode()) is None
    assert glance('steadyline_run_start_timestamp_seconds{driver="lo') is None


def test_all_that_is_shown_is_on_the_page(page):
    """Users of all classes, phase, who is the bottleneck, criteria with their value."""
    found = seen(page)
    assert (found.start, found.phase, found.users, found.target_users, found.saturated) == (START, "steady", 4, 5, ("1",))
    assert found.criteria == {"* p95 < 1s": (0.02, True)}
    assert not found.has_ended


def test_what_the_end_cut_short_is_no_failure(page):
    """A user that is ended in the middle of a request did not fail."""
    tally, key = Tally(), Key("trace.item_read", "trace", "embedded")
    series = tally.declare(key)
    for reason in (Reason.TIMEOUT, Reason.CANCELLED):
        series.finish(Outcome(1.0, reason), None)
    page.add(tally.delta())
    assert seen(page).failed == 1


def test_operations_with_edges_of_their_own_are_summed(page):
    """Over the ladder, which all have."""
    count(page, 0.005, 3)
    count(page, 0.005, 4, own_edges=(0.0049, 0.0051), operation="trace.item_create")
    assert seen(page).successes == 7


def test_a_flow_is_no_request_beside_its_steps(page):
    """Neither its success nor its failure."""
    count(page, 0.05, 3, operation="trace.crud_flow")
    count(page, 0.05, 4)
    tally, key = Tally(), Key("trace.crud_flow", "trace", "embedded")
    tally.declare(key).finish(Outcome(1.0, Reason.TIMEOUT), None)
    page.add(tally.delta())
    assert (seen(page).successes, seen(page).failed) == (4, 0)


def test_the_last_seconds_are_shown_and_not_the_whole_run(page):
    """What was slow a minute ago is not slow now."""
    watch = Watch()
    count(page, 2.0, 100)
    first = watch.take(START + 10, seen(page))
    assert first.per_second == pytest.approx(10)
    assert first.p95 > 1
    count(page, 0.005, 50)
    lately = watch.take(START + 10 + LATELY_SECONDS, seen(page))
    assert lately.per_second == pytest.approx(5)
    assert lately.p99 < 0.01


def test_a_run_that_begins_anew_is_seen_from_its_beginning(page):
    """On Locust's own page one run follows another."""
    watch = Watch()
    count(page, 2.0, 100)
    watch.take(START + 10, seen(page))
    page.begin(Run("r2", "low", "constant", "abc", START + 100))
    page.take(GAUGES)
    count(page, 0.005, 10)
    assert watch.take(START + 102, seen(page)).per_second == pytest.approx(5)


@pytest.fixture
def written():
    """What is written, no terminal."""
    return io.StringIO()


def show(written, page, *ages):
    """The page at such ages of the run."""
    screen, watch = LoadScreen(Console(file=written, width=200, highlight=False), 60.0), Watch()
    with screen.live():
        for age in ages:
            found = seen(page)
            screen.show(START + age, found, watch.take(START + age, found))


def test_without_a_terminal_there_is_a_line_each_ten_seconds(page, written):
    """Not one each second; what went wrong stands below."""
    count(page, 0.005, 10)
    page.take({**GAUGES, "criteria": [{**CRITERION, "value": 1.5, "met": 0}]})
    show(written, page, *range(1, int(LINE_SECONDS) + 2))
    lines = written.getvalue().splitlines()
    assert len([line for line in lines if "4 of 5 users" in line]) == 2
    assert "        * p95 < 1s: BROKEN, now 1.5s" in lines
    assert "        worker 1 is the bottleneck itself: do not trust the latencies" in lines


def test_an_open_model_shows_what_it_asks_for(page, written):
    """And how many starts were dropped."""
    page.take({**GAUGES, "arrival_rate": 500.0, "dropped": {"no_free_user": 3, "worker_lost": 0}})
    show(written, page, 1)
    assert "500 starts/s asked for, 3 dropped" in written.getvalue()


def test_a_run_that_ended_says_why_it_is_still_there(page, written):
    """Once."""
    page.run.end = START + 60
    show(written, page, 61, 62, 63)
    assert written.getvalue().splitlines() == [ENDED]


def test_a_terminal_has_a_panel(page):
    """Phase, time left, figures and each criterion."""
    written = io.StringIO()
    screen = LoadScreen(Console(file=written, width=160, force_terminal=True, color_system=None), 60.0)
    with screen.live():
        found = seen(page)
        screen.show(START + 20, found, Watch().take(START + 20, found))
    text = written.getvalue()
    assert "steady" in text
    assert "40 s left" in text
    assert "* p95 < 1s: met, now 20ms" in text


def test_a_panel_goes_with_its_run(page):
    """While the last values are waited for, nothing says any more that there is time left."""
    written = io.StringIO()
    screen = LoadScreen(Console(file=written, width=160, force_terminal=True, color_system=None), 60.0)
    with screen.live():
        for age, end in ((59, None), (61, START + 60)):
            page.run.end = end
            found = seen(page)
            screen.show(START + age, found, Watch().take(START + age, found))
    _, _, after = written.getvalue().rpartition(ENDED)
    assert "1 s left" in written.getvalue()
    assert after.count("s left") <= 1  # the panel is drawn once more below the line, then it is gone
