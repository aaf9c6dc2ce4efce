"""The page of a run and of a load run: what it says first, what it shows, and that it needs nothing else."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import load_results
import pytest
import run_results
from run_results import GROWTH, RUN, row

from steadyline.baseline import Baseline, LoadShape, Quantity, Recorded
from steadyline.catalogue import operations
from steadyline.cli import load_result, load_rows, run_result
from steadyline.cli.report_page import of_load, of_run
from steadyline.cli.report_page.page import html
from steadyline.cli.report_page.tones import Tone

EVIL = "<script>alert(1)</script>\"'><img src=x>"
LOADS = ("src", "href", "data", "action", "poster", "srcset", "xlink:href")


class Read(HTMLParser):
    """What a page holds: its elements with their attributes, and its text; every element that is opened is closed."""

    EMPTY = frozenset({"meta", "link"})

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], [], []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        """Opened, but for those that hold nothing."""
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Opened and closed."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Closed, and it was the last one opened."""
        assert self._open.pop() == tag

    def handle_data(self, data):
        """Text between."""
        self.texts.append(data.strip())

    def all(self, tag, **wanted):
        """The attributes of such elements; `class_` is one of theirs."""
        return [found for name, found in self.elements if name == tag and all(found.get(k) == v for k, v in wanted.items())]

    @property
    def text(self):
        """All of it."""
        return " ".join(filter(None, self.texts))


def page(*rows, **facts):
    """Of a run with these results."""
    return of_run.page(run_result.read(run_results.text(*rows, **facts), Path("results.json")))


def read(*rows, **facts):
    """The same page, as HTML that was read."""
    return Read(html(page(*rows, **facts)))


def recorded(value, operation=load_results.READ):
    """A load baseline of ten users."""
    facts = Recorded("2026-11-20", "here", "abc", 6, 600, None, {}, (), {}, LoadShape(10))
    return Baseline(operation, "load", Quantity.DURATION, value, 0.1, 0.03, "recorded", "embedded", "low", recorded=facts)


def load_page(tmp_path, *baselines, **facts):
    """Of a load run with this result."""
    result = load_result.read(load_results.written(tmp_path / "run.json", **facts))
    found = load_rows.judged(result, baselines, operations())
    return of_load.page(result, found, found.exit_code(result.exit_code or 0))


@pytest.mark.parametrize(
    ("rows", "facts", "tone", "verdict"),
    [
        pytest.param([row()], {}, Tone.QUIET, "As fast as it was", id="as it was"),
        pytest.param([row(), row("sql.y", 1.6)], {}, Tone.CRITICAL, "1 got slower", id="slower"),
        pytest.param([row(factor=1.22)], {}, Tone.WARNING, "1 got slower", id="a warning"),
        pytest.param([row(factor=1.11)], {}, Tone.INFO, "1 is a little slower, within what is tolerated", id="a little"),
        pytest.param([row(failures=2), row("sql.y", 1.6)], {}, Tone.CRITICAL, "1 operation fails, 1 got slower", id="failing"),
        pytest.param([row(budget=0.05)], {}, Tone.CRITICAL, "1 breaks its limit", id="over its budget"),
        pytest.param([row()], {"unreachable": ["s3: refused"]}, Tone.CRITICAL, "1 target did not answer", id="no answer"),
        pytest.param([row(means=(0.1,))], {}, Tone.UNSURE, "Not settled: 1 of 1 operations", id="too few rounds"),
        pytest.param([row(means=(0.05, 0.2, 0.1, 0.3, 0.04))], {}, Tone.UNSURE, "Not settled: 1 of 1 operations", id="noise"),
        pytest.param([row(baseline=None)], {}, Tone.GREY, "Measured; no baseline to hold it to yet", id="no baseline"),
        pytest.param([], {}, Tone.GREY, "Nothing was measured", id="nothing"),
    ],
)
def test_verdict(rows, facts, tone, verdict):
    """It is the worst there is, in words; what is open is no pass."""
    found = page(*rows, **facts)
    assert (found.tone, found.verdict) == (tone, verdict)
    read_page = Read(html(found))
    assert read_page.texts.index(verdict, 2) < min(
        (read_page.texts.index(one.operation) for one in found.rows), default=len(read_page.texts)
    )


def test_reasons_say_what_got_slower_by_how_much():
    """With the means, the ratio and its lower limit; what is fine is only counted."""
    told = [(one.word, one.about, one.text) for one in page(row(), row("sql.y", 1.6)).reasons]
    assert told[0][:2] == ("CRITICAL", "sql.y on main")
    assert re.fullmatch(r"161 ms instead of 100 ms ±10%: 1\.61 x its baseline, surely more than 1\.5\d x", told[0][2])
    assert told[1:] == [("OK", "", "1 operation: as fast as the baseline")]


def test_worst_first():
    """What fails, what got much slower, slower, a little; what is not settled; faster, as before, not judged."""
    rows = [
        row("sql.bare", baseline=None),
        row("sql.same"),
        row("sql.faster", 0.5),
        row("sql.few", means=(0.1,)),
        row("sql.little", 1.11),
        row("sql.slower", 1.22),
        row("sql.slow", 1.6),
        row("sql.slowest", 2.5),
        row("sql.broken", failures=1),
    ]
    shown = [one.operation.removeprefix("sql.") for one in page(*rows).rows]
    assert shown == ["broken", "slowest", "slow", "slower", "little", "few", "faster", "same", "bare"]


def test_every_operation_has_a_plot_that_its_row_leads_to():
    """With a dot for each round, its mean, and its baseline; also one that was never measured has one that says so."""
    rows = [row(f"sql.x{number}", 1 + number / 10) for number in range(12)] + [row("sql.none", means=())]
    found = read(*rows)
    anchors = {one["id"] for one in found.all("figure")}
    assert len(anchors) == len(rows)
    assert {one["href"] for one in found.all("a")} == {f"#{anchor}" for anchor in anchors}
    plots = [one for one in found.all("svg") if one.get("class", "").startswith("plot")]
    assert len(plots) == len(rows)
    assert all(one["role"] == "img" and one["aria-label"] for one in plots)
    assert len(found.all("circle", **{"class": "dot", "r": "4"})) == 12 * 5
    assert len(found.all("line", **{"class": "line-baseline"})) == 12
    assert "nothing was measured" in found.text


def test_what_is_fine_is_folded():
    """A long list shows its alarms; a short one all of it."""
    many = read(row("sql.y", 1.6), *(row(f"sql.x{number}") for number in range(12)))
    assert [("open" in one) for one in many.all("details")] == [True, False]
    assert [("open" in one) for one in read(row("sql.y", 1.6), row()).all("details")] == [True, True]


def test_plots_of_many_are_folded():
    """Each group shows its first, which the reasons lead to, and folds the others; none is lost."""
    text = html(page(*(row(f"sql.x{number}", 1.6) for number in range(40)), *(row(f"sql.y{number}") for number in range(5))))
    slower, fine = text.split('<details class="group quiet"')
    above, folded = slower.split('<details class="more">')
    assert (above.count("<figure"), folded.count("<figure"), fine.count("<figure")) == (12, 28, 5)
    assert "<summary>28 more plots</summary>" in folded
    leading = re.findall(r'<a href="#([^"]+)">', above.partition("<section>")[0])
    assert leading
    assert all(f'<figure id="{anchor}"' in above for anchor in leading)


def test_limits_are_drawn_where_they_are():
    """Tolerance, warning and critical as zones under a value that is above all of them; the budget only where it is near."""
    (near,) = page(row(factor=1.6, budget=0.2)).rows
    assert [zone.kind for zone in near.plot.zones] == ["quiet", "warning", "critical"]
    assert [line.label for line in near.plot.lines] == [
        "baseline 100 ms",
        "+15% warning",
        "+30% critical",
        "budget 200 ms",
    ]
    heights = [line.at for line in near.plot.lines]
    assert heights == sorted(heights, reverse=True)
    critical = near.plot.lines[2].at
    assert all(dot.y < critical for dot in near.plot.dots)
    assert near.plot.mean is not None
    assert near.plot.mean.high < near.plot.mean.y < near.plot.mean.low
    (far,) = page(row()).rows
    assert "budget" not in {line.kind for line in far.plot.lines}
    assert all(dot.y > far.plot.lines[1].at for dot in far.plot.dots)


def test_text_is_escaped():
    """Whatever a file says is text: names, targets, causes, hosts, commands."""
    made = dict.fromkeys(("host", "revision", "targets", "command", "driver"), EVIL)
    rows = [row(EVIL, 1.6, alias=EVIL, failures=1, detail=EVIL)]
    facts = {
        "run": {**run_results.MADE, **made, "versions": {EVIL: EVIL}},
        "unreachable": [EVIL],
        "left_out": [{"operation": EVIL, "target": EVIL, "why": EVIL}],
        "growth": [{**GROWTH, "family": EVIL, "target": EVIL}],
    }
    found = read(*rows, **facts)
    assert not found.all("script")
    assert not found.all("img")
    assert found.text.count(EVIL) > 10


def test_nothing_from_elsewhere():
    """No script, and no address but anchors and data: it is as good from a mail as from a server."""
    text = html(page(row("sql.y", 1.6), row(), growth=[GROWTH]))
    found = Read(text)
    assert not found.all("script")
    addresses = {one[name] for _, one in found.elements for name in LOADS if name in one}
    assert {address for address in addresses if not address.startswith(("#", "data:"))} == set()
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)


def test_it_is_the_same_for_the_same_results():
    """No moment and no chance is in it."""
    assert html(page(row(), row("sql.y", 1.6))) == html(page(row(), row("sql.y", 1.6)))


def test_results_of_old_show():
    """Those that say nothing of versions, command, exit code and what was left out; the page leaves it out too."""
    document = run_results.document(row(factor=1.6), run=RUN)
    del document["exit_code"], document["left_out"]
    found = of_run.page(run_result.read(json.dumps(document), Path("old.json")))
    assert found.verdict == "1 got slower"
    text = Read(html(found)).text
    assert "abc123" in text
    assert not {"Versions", "Again", "exit code"} & {word for word in ("Versions", "Again", "exit code") if word in text}


def test_facts():
    """Where, of what, when, how long, by what, and how to do it again."""
    text = read(row(), left_out=[{"operation": "s3.x", "target": "main", "why": "the target is read-only"}]).text
    for told in (
        "A processor, 4 cores",
        "abc123",
        "2026-11-20T10:00:00+00:00",
        "2 min 5 s",
        "sql on main (1)",
        "python 3.11.7",
        "steadyline run --rounds 5 --seed 7",
        "1 operation: the target is read-only",
    ):
        assert told in text


def test_growth():
    """A family has a plot with both axes logarithmic, a dot a size, and its exponent in words."""
    found = page(growth=[GROWTH])
    (curve,) = found.curves
    assert curve.words == "~ size^0.90, grows as the work does"
    (x1, y1), (x2, y2), (x3, y3) = ((dot.x, dot.y) for dot in curve.dots)
    assert (x2 - x1, y1 - y2) == pytest.approx((x3 - x2, y2 - y3), abs=0.2)
    assert len(read(growth=[GROWTH]).all("svg", **{"class": "plot growth"})) == 1


def test_a_hundred_and_fifty_operations_stay_small():
    """With twenty rounds each."""
    rows = [row(f"sql.operation_{number}", 1 + number / 100, means=STEADY_TWENTY) for number in range(150)]
    assert len(html(page(*rows)).encode()) < 3_000_000


STEADY_TWENTY = run_results.STEADY * 4


def test_load_run(tmp_path):
    """Windows are plotted as rounds are, quantiles beside the limits of criteria, criteria with their values."""
    criterion = {"operation": load_results.READ, "statistic": "p95", "limit": 0.015}
    criteria = [{**criterion, "criterion": "trace.item_read p95 < 15ms", "value": 0.02, "met": 0}]
    found = load_page(
        tmp_path,
        recorded(0.005),
        criteria=criteria,
        exit_code=1,
        reasons=["broken: trace.item_read p95 < 15ms: at worst 20ms"],
    )
    assert (found.tone, found.verdict) == (Tone.CRITICAL, "It did not keep up")
    (one,) = found.rows
    assert (one.state, len(one.plot.dots)) == ("CRITICAL", 6)
    assert found.spans is not None
    (spanned,) = found.spans.rows
    assert [name for name, _ in spanned.dots] == ["p50", "p95", "p99"]
    assert spanned.dots[0][1].x < spanned.limits[0].x < spanned.dots[1][1].x
    (shown,) = found.criteria
    assert (shown.word, shown.value) == ("BROKEN", "20ms")
    text = Read(html(found)).text
    assert text.index("It did not keep up") < text.index("at worst 20ms") < text.index("CRITICAL")


def test_facts_of_a_load_run(tmp_path):
    """Where, with what, and how to do it again; files of old say nothing of it, and show."""
    made = {"host": "A processor, 4 cores", "versions": {"locust": "2.0", "python": "3.11"}}
    told = load_page(tmp_path, **made, command="steadyline load --profile low")
    assert (told.facts["Host"], told.facts["Versions"]) == ("A processor, 4 cores", "locust 2.0, python 3.11")
    assert "Again steadyline load --profile low" in Read(html(told)).text
    old = load_page(tmp_path)
    assert not {"Host", "Versions"} & old.facts.keys()
    assert "Again" not in Read(html(old)).text


def test_course_of_a_load_run(tmp_path):
    """Users, rates and quantiles over the same time; where nothing was answered the line is broken; old files have none."""
    times = [(0.01, 0.02), (None, None), (0.012, 0.03), (0.011, 0.04)]
    course = [
        {"seconds": 2.0 * at, "users": at, "per_second": 10.0, "failed_per_second": 1.0, "p50": p50, "p95": p95, "p99": p95}
        for at, (p50, p95) in enumerate(times, start=1)
    ]
    users, rates, quantiles = load_page(tmp_path, course=course).courses
    assert [trace.label for trace in (*users.traces, *rates.traces)] == ["users", "attempts", "failed"]
    heights = [y for _, y in users.traces[0].stretches[0]]
    assert heights == sorted(heights, reverse=True)
    assert [len(stretch) for stretch in quantiles.traces[0].stretches] == [1, 2]
    assert quantiles.says == ("Service time, logarithmic over 8 s: p50 10 ms to 12 ms, p95 20 ms to 40 ms, p99 20 ms to 40 ms")
    assert load_page(tmp_path).courses == ()


def test_course_beside_what_was_wanted(tmp_path):
    """Users in both models; of the open one starts, drops and response times too."""
    point = {"users": 8, "per_second": 30.0, "failed_per_second": 0.0, "p50": 0.01, "p95": 0.02, "p99": 0.03}
    closed = {"target_users": 10, "wanted_per_second": None, "dropped_per_second": None, "response_p95": None}
    opened = {"target_users": 10, "wanted_per_second": 40.0, "dropped_per_second": 10.0, "response_p95": 0.5}

    def drawn(wanted):
        course = [{"seconds": 2.0 * at, **point, **wanted} for at in (1, 2, 3)]
        found = load_page(tmp_path, course=course)
        assert not re.search(r'class="trace-[^"]* [^"]*"', html(found))
        return {one.title: [trace.label for trace in one.traces] for one in found.courses}

    assert drawn(closed) == {
        "Users": ["wanted", "users"],
        "Attempts per second": ["attempts", "failed"],
        "Service time, logarithmic": ["p50", "p95", "p99"],
    }
    assert drawn(opened) == {
        "Users": ["wanted", "users"],
        "Attempts per second": ["starts wanted", "attempts", "failed", "starts dropped"],
        "Service and response time, logarithmic": ["p50", "p95", "p99", "response p95"],
    }


@pytest.mark.parametrize(
    ("facts", "tone", "verdict"),
    [
        pytest.param({}, Tone.QUIET, "It kept up", id="passed"),
        pytest.param({"exit_code": 3, "saturated": ["worker 1"]}, Tone.UNSURE, "Nothing can be said for certain", id="open"),
        pytest.param({"exit_code": 4, "operations": [], "windows": []}, Tone.CRITICAL, "The target did not answer", id="gone"),
        pytest.param({"exit_code": 130}, Tone.UNSURE, "The load run was ended early", id="Ctrl-C"),
        pytest.param({"exit_code": 0, "arrival_rate": 50.0, "steady": None}, Tone.QUIET, "It kept up", id="open model"),
    ],
)
def test_load_verdict(tmp_path, facts, tone, verdict):
    """By the exit code, which a load run's own criteria and baselines made."""
    found = load_page(tmp_path, **facts)
    assert (found.tone, found.verdict) == (tone, verdict)
    assert Read(html(found)).all("h1")
