"""What Prometheus would have scraped of a load run, made from the real page of its publisher."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from board_queries import stamped

from load.criteria import Judge
from load.publisher.page import Page, Run
from load.series import Key, Tally
from steadyline.criterion import parse
from steadyline.edges import own_edges
from steadyline.live import LIVE
from steadyline.load_vocabulary import FLOW_SUFFIX, Dropped, Phase
from steadyline.outcome import Outcome, Reason

KEY = Key("trace.item_create", "trace", "embedded")
FLOW = Key(f"trace.crud{FLOW_SUFFIX}", "trace", "embedded")
"""Whose steps are counted too."""
A_SECOND = 10
LATE_SECONDS = 0.1
USERS, USERS_AT_FIRST = 20, 5


@dataclass(frozen=True, slots=True)
class Past:
    """An open-model run.

    Attributes:
        run: its id.
        begun: Unix time.
        seconds: how long it lasted, or has lasted.
        took: seconds of each request.
        profile: of it.
        steady_after: seconds; until then it has few users.
        ended: it says so; a run that was killed does not.
        instance: that it was served on.
        criteria: that it was held to.
        drops: starts a second that no user is free for.
        is_saturated: its worker is, in the steady phase.
        is_failing: one request each ten seconds runs into its timeout.
    """

    run: str
    begun: float
    seconds: int
    took: float = 0.05
    profile: str = "high"
    steady_after: int = 60
    ended: bool = True
    instance: str = "127.0.0.1:9646"
    criteria: tuple[str, ...] = ()
    drops: int = 1
    is_saturated: bool = True
    is_failing: bool = True

    def scraped(self) -> Iterator[str]:
        """The samples of every scrape."""
        page, tally, judge = Page(), Tally(), Judge(map(parse, self.criteria))
        page.begin(Run(self.run, self.profile, "ramp", "x", self.begun))
        series, flow = tally.declare(KEY, own_edges(None, 0, [0.08])), tally.declare(FLOW, ())
        for second in range(self.seconds + 1):
            for _ in range(A_SECOND):
                series.started += 1
                series.late(LATE_SECONDS)
                series.finish(Outcome(self.took, None, 1), LATE_SECONDS)
            flow.started += 1
            flow.finish(Outcome(2 * self.took, None, 1), None)
            series.fail(Reason.TIMEOUT, int(self.is_failing and second % 10 == 0))
            page.add(tally.delta())
            steady = second >= self.steady_after
            judge.tick(second, steady=steady, series=page.merged.series, dropped=self.drops * second)
            page.take(self._gauges(second, judge))
            if steady and page.run:
                page.run.steady = self.begun + self.steady_after
            if second % LIVE.scrape_seconds == 0:
                yield from self._shown(page, second)
        if self.ended and page.run:
            page.run.end = self.begun + self.seconds
            page.take(self._gauges(self.seconds, judge) | self._at_rest())
            yield from self._shown(page, self.seconds + 1)

    def _shown(self, page: Page, second: int) -> Iterable[str]:
        return (on_instance(line, self.instance) for line in stamped(page.render(openmetrics=True), self.begun + second))

    def _gauges(self, second: int, judge: Judge) -> dict[str, Any]:
        """What a run tells beside its counts."""
        steady = second >= self.steady_after
        saturated = self.is_saturated and second > self.steady_after
        worker = {"up": 1, "users": USERS, "cpu": 0.5, "lag": 0.01, "rss": 1e8, "saturated": int(saturated)}
        return {
            "users": {"TraceUser": USERS if steady else USERS_AT_FIRST},
            "target_users": USERS,
            "arrival_rate": A_SECOND + 1.0,
            "phase": Phase.STEADY if steady else Phase.RAMP,
            "dropped": {Dropped.NO_FREE_USER: self.drops * second, Dropped.WORKER_LOST: 0},
            "overflow": 0,
            "reports_lost": 0,
            "workers": {"0": worker},
            "criteria": judge.shown(),
        }

    def _at_rest(self) -> dict[str, Any]:
        """What its last page says otherwise: nobody is there any more."""
        worker = {"up": 1, "users": 0, "cpu": 0.0, "lag": 0.0, "rss": 1e8, "saturated": 0}
        return {"users": {}, "target_users": 0, "arrival_rate": None, "phase": Phase.STOP, "workers": {"0": worker}}


def on_instance(sample: str, instance: str) -> str:
    """The sample with the label that Prometheus gives it."""
    series, value, at = sample.rsplit(" ", 2)
    name, brace, labels = series.partition("{")
    return f'{name}{{instance="{instance}"{"," + labels if brace else "}"} {value} {at}'


def history(*runs: Past, more: Iterable[str] = ()) -> str:
    """The text that Prometheus is filled with."""
    return "\n".join([*(line for run in runs for line in run.scraped()), *more, "# EOF\n"])
