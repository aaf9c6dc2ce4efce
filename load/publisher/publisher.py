"""One run after the other: on the page, marked in Grafana, silenced in Alertmanager, held until Prometheus has its values."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from load.publisher.errands import Errands
from load.publisher.facts import LONGEST_HOLD_SECONDS, Facts
from load.publisher.holding import Evidence, Held, Hold, Scrapes
from load.publisher.kinds import KIND, Frame, Kind
from load.publisher.marks import Marks
from load.publisher.page import Page, Run
from load.publisher.silence import EXTEND_SECONDS, Place, Silence
from steadyline.secret_file import first_line

LOOK_SECONDS = 0.25
"""How often Prometheus is asked whether it has the last values, once they were fetched."""
GAPS = 2
"""So many of the intervals that were seen a run waits: the next scrape comes within one."""


class Publisher:
    """What one load run's publisher does; owned by the event loop's thread.

    Args:
        facts: where its page is, and whom it speaks to.
        say: answers the load run.
    """

    def __init__(self, facts: Facts, say: Callable[[Frame], None]) -> None:
        """No run yet."""
        self.page = Page()
        self.scrapes = Scrapes()
        self._facts = facts
        self._say = say
        self._leaving = False
        self._hold: Hold | None = None
        self._holding: asyncio.Task[None] | None = None
        self._extending: asyncio.Task[None] | None = None
        self._marks: list[Marks] = []
        self._silence: Silence | None = None
        self._places: set[Place] = set()
        self._marking = Errands("marks", self._note)
        self._silencing = Errands("silence", self._note)

    def render(self, openmetrics: bool) -> bytes:
        """The page, for somebody who fetches it."""
        run = self.page.run
        self.scrapes.note(time.monotonic(), final=run is not None and run.end is not None)
        return self.page.render(openmetrics=openmetrics)

    def state(self) -> dict[str, Any]:
        """Which run is shown, and whether this publisher goes soon because nobody is left who could begin another."""
        return {"run": self.page.run.run if self.page.run else None, "leaving": self._leaving}

    def take(self, frame: Frame) -> None:
        """Do what a frame of the load run says.

        Raises:
            KeyError: there is no such frame: the run's part and this one are of different versions.
        """
        kinds: dict[str, Callable[[Frame], None]] = {
            Kind.BEGIN: self._begin,
            Kind.DELTA: lambda frame: self._add(frame["series"]),
            Kind.GAUGES: self.page.take,
            Kind.STEADY: lambda frame: self._steady(frame["at"]),
            Kind.END: lambda frame: self._end(frame["at"]),
        }
        kinds[frame[KIND]](frame)

    async def leave(self) -> None:
        """The load run is gone: end what it left, and keep its last values for a while."""
        self._leaving = True
        if self.page.run and self.page.run.end is None:
            self._end(time.time())
        if self._holding:
            await asyncio.wait([self._holding])
        await self._errands_done()

    async def stop(self) -> None:
        """End at once: no value is held, and no silence is left."""
        self._leaving = True
        self._stop_hold()
        self._end_silence()
        await self._errands_done()

    async def _errands_done(self) -> None:
        await self._marking.done()
        await self._silencing.done()

    def _begin(self, frame: Frame) -> None:
        self._stop_hold()
        self._end_silence()
        run = Run(frame["run"], frame["profile"], frame["shape"], frame["revision"], frame["start"])
        self.page.begin(run)
        self.scrapes.final = 0
        self._mark(run)
        if frame.get("silence"):
            self._silencing.new_run()
            self._silence = Silence(self._facts.alertmanager, run.run)
            self._extending = asyncio.get_running_loop().create_task(self._extend())

    def _add(self, series: list[Any]) -> None:
        self.page.add(series)
        if self._silence:
            for key in self.page.merged.series:
                self._cover((key.backend, key.target))

    def _steady(self, at: float) -> None:
        if self.page.run:
            self.page.run.steady = at
        self._ask_marks(lambda marks: marks.steady(at))

    def _end(self, at: float) -> None:
        run = self.page.run
        if not run:
            return
        run.end = at
        self._end_silence()
        self._ask_marks(lambda marks: marks.end(at))
        seconds = max(self._facts.hold_seconds, min(GAPS * self.scrapes.gap_seconds, LONGEST_HOLD_SECONDS))
        evidence = Evidence(self._facts.prometheus, self._facts.targets_folder, self._facts.port)
        self._hold = Hold(run.run, self.scrapes, evidence, seconds)
        self._holding = asyncio.get_running_loop().create_task(self._await_held(self._hold))

    async def _await_held(self, hold: Hold) -> None:
        while (by := await asyncio.to_thread(hold.look)) is None:  # noqa: ASYNC110 - each look asks Prometheus again
            await asyncio.sleep(LOOK_SECONDS)
        self._note(self._held_line(by, hold.seconds))
        self._held(by)

    def _held(self, by: Held) -> None:
        """The run's series end."""
        assert self._hold is not None
        self._say({KIND: Kind.HELD, "run": self._hold.run, "by": str(by)})
        self._hold = self._holding = None
        self.page.clear()

    def _held_line(self, by: Held, seconds: float) -> str:
        page = f"{self._facts.url}/metrics"
        if by is Held.PROMETHEUS:
            return "Prometheus holds the run's last values"
        if by is Held.SCRAPE:
            return f"the run's last values were fetched from {page}"
        if self.scrapes.count:
            return f"nobody fetched the run's last values from {page} within {seconds:g} s: its last seconds may be missing"
        return f"nobody scraped {page}: no Prometheus has this run; `steadyline up` starts one that does"

    def _stop_hold(self) -> None:
        """Another run begins, or this process ends: who has the values now has them."""
        if self._hold and self._holding:
            self._holding.cancel()
            self._held(self._hold.so_far)

    def _mark(self, run: Run) -> None:
        base_url, token_file = self._facts.grafana, self._facts.grafana_token_file
        made: list[Marks] = []
        self._marks = made
        if base_url is None:
            return

        def start() -> None:
            token = first_line(Path(token_file), "grafana_token_file", "the token") if token_file else None
            made.append(Marks(base_url, token, run))
            made[0].start()

        self._marking.new_run()
        self._marking.run(start)

    def _ask_marks(self, call: Callable[[Marks], object]) -> None:
        """Where the token's file could not be read, which was told, there is none to ask."""
        made = self._marks
        self._marking.run(lambda: [call(marks) for marks in made])

    def _cover(self, place: Place) -> None:
        silence = self._silence
        if silence and place not in self._places:
            self._places.add(place)
            self._silencing.run(lambda: silence.cover(place))

    async def _extend(self) -> None:
        while True:
            await asyncio.sleep(EXTEND_SECONDS)
            places = list(self._places)
            self._places.clear()
            for place in places:
                self._cover(place)

    def _end_silence(self) -> None:
        if self._silence and self._extending:
            self._extending.cancel()
            self._silencing.run(self._silence.end)
        self._silence = self._extending = None
        self._places.clear()

    def _note(self, text: str) -> None:
        self._say({KIND: Kind.NOTE, "text": text})
