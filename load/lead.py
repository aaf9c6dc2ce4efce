"""The master's part, or the only process's: Locust's events drive the conductor, and the end of a run is in order.

In order means: users end first, then each worker's last report comes, then the accounts are closed and judged, then Prometheus
takes the final values, and last of all the exit code is set. Locust alone waits half a second for last reports.
"""

import contextlib
import logging
import math
import uuid
from pathlib import Path
from typing import Any

import gevent
import locust_plugins
from locust.env import Environment
from locust.runners import STATE_INIT, STATE_RUNNING, STATE_STOPPED, LocalRunner, MasterRunner

from load import clock, result
from load.arrivals import Arrivals, Share
from load.choosing import Chosen, chosen
from load.closing import facts
from load.conductor import Conductor, Load
from load.counting import Counting
from load.criteria import Judge
from load.fleet import Fleet, Schedule
from load.knee import find
from load.plan import Plan, edges_of
from load.publishing import Publisher
from load.resuming import Resuming
from load.run import Run
from load.shape_class import install
from load.shapes import BREAKPOINT, shape
from load.verdict import Verdict, judge
from load.worker import ARRIVALS, FINAL, PLAN, REPORT
from steadyline import catalogue
from steadyline.baselines import known_baselines
from steadyline.criterion import parse
from steadyline.operation import Operation
from steadyline.provenance import revision
from steadyline.settings import Settings

LOG = logging.getLogger(__name__)
TICK_SECONDS = 1.0
LEAD_SECONDS = 0.5
"""The open model's schedule begins so long after the last user is there: every worker has its share by then."""
SENDING_SECONDS = 0.05
"""What was under way to the workers is on its way by then, and does not come after what is sent next."""
ONLY = "0"
"""The label of the only process."""


class Lead:
    """One Locust process that leads runs.

    Args:
        environment: Locust's.
        runner: Locust's.
        run: what users of this process do is counted in.
        settings: targets, ports, expectations.

    Raises:
        ConfigurationError: an option or a setting is wrong.
        SteadylineError: the port of /metrics is taken.
    """

    def __init__(self, environment: Environment, runner: MasterRunner | LocalRunner, run: Run, settings: Settings) -> None:
        """Check what was asked for, and serve /metrics from now on."""
        self._environment = environment
        self._runner = runner
        self._settings = settings
        self._chosen = self._choose()  # what is wrong is said before anything starts
        self._apply(self._chosen)
        self._conductor = Conductor()
        self._publisher = Publisher(settings, self._options.metrics_port, self._conductor.whole)
        self._publisher.start()
        self._conductor.tell = self._publisher.send
        self._counting = Counting(run, runner) if isinstance(runner, LocalRunner) else None
        self._fleet = Fleet(runner) if isinstance(runner, MasterRunner) else None
        self._resuming = Resuming(environment, runner) if isinstance(runner, MasterRunner) else None
        self._arrivals_start: float | None = None
        self._spawned = False
        self._ticking: gevent.Greenlet | None = None
        self._spawning: gevent.Greenlet | None = None
        self._start_runner = runner.start
        self._quit_runner = runner.quit
        self._over = False

    def listen(self) -> None:
        """Put this on the events."""
        on = self._environment.events
        # Called by us when the last report is here, so that its exit code is not the last word.
        with contextlib.suppress(ValueError):
            on.quitting.remove_listener(locust_plugins.do_checks)
        on.test_start.add_listener(self._begin)
        on.spawning_complete.add_listener(self._complete)
        on.test_stopping.add_listener(self._stop)
        on.test_stop.add_listener(self._end)
        on.quitting.add_listener(self._quitting)
        if self._fleet is not None:
            on.worker_report.add_listener(self._report)
            self._runner.register_message(FINAL, self._final)
            self._runner.start = self._start  # type: ignore[method-assign]
            self._runner.quit = self._quit  # type: ignore[method-assign]

    # Beginning

    def _begin(self, environment: Environment, **_facts: Any) -> None:
        clock.now.follow()
        self._chosen = self._choose()
        plan = self._plan(self._chosen)
        setattr(environment.parsed_options, PLAN, plan.message())
        self._arrivals_start, self._spawned = None, False
        self._conductor.begin(plan, Judge(map(parse, self._chosen.criteria)), silence=self._options.silence)
        if self._fleet is not None:
            self._fleet.begin()
        if self._counting is not None:
            self._counting.begin(plan)
        self._ticking = gevent.spawn(self._tick)

    @property
    def _options(self) -> Any:
        """What was said on the command line, and since then on the web page."""
        return self._environment.parsed_options

    def _choose(self) -> Chosen:
        environment = self._environment
        return chosen(self._options, environment.profile, environment.user_classes, self._settings)

    def _apply(self, wanted: Chosen) -> None:
        """A profile's figures where the command line names none; what Locust ends a run by, and its shape."""
        options, size = self._options, wanted.size
        if size.profile is not None:
            options.num_users = options.num_users or size.users
            options.spawn_rate = options.spawn_rate or size.spawn_rate
            if options.run_time is None and math.isfinite(size.duration_seconds):
                options.run_time = size.duration_seconds
        install(self._environment, self._runner, lambda: self._conductor.steps, self._choose)

    def _plan(self, wanted: Chosen) -> Plan:
        baselines = known_baselines(self._settings.state)
        return Plan(
            run=uuid.uuid4().hex[:12],
            start=clock.now(),
            profile=wanted.size.profile or "",
            shape=wanted.shape,
            users=wanted.size.users,
            revision=revision(Path.cwd()),
            arrival_rate=wanted.arrival_rate,
            run_seconds=wanted.size.duration_seconds,
            edges=edges_of(self._operations(), baselines, map(parse, wanted.criteria), wanted.size.profile or ""),
        )

    def _operations(self) -> dict[str, Operation]:
        """The catalogue's operations on the targets that there are."""
        return catalogue.operations(catalogue.backends())

    def _start(self, *arguments: Any, **named: Any) -> None:
        """Locust's `start` of a master, remembered while it tells workers of more and more users."""
        self._spawning = gevent.getcurrent()
        try:
            self._start_runner(*arguments, **named)
        finally:
            if self._spawning is gevent.getcurrent():
                self._spawning = None

    def _complete(self, **_facts: Any) -> None:
        self._spawned = True
        if self._chosen.arrival_rate is None or self._arrivals_start is not None:
            return
        self._arrivals_start = clock.now() + LEAD_SECONDS
        if self._counting is not None:
            self._counting.arrive(-LEAD_SECONDS, Share(0, 1))
        else:
            self._share(0)

    def _share(self, first: int) -> None:
        """Tell each worker which of the open model's starts are its own, from a number on."""
        assert self._fleet is not None
        start = self._arrivals_start
        assert start is not None
        for client, share in self._fleet.share_out(first):
            message = {"elapsed": clock.now() - start, "share": [share.index, share.of, share.first]}
            self._runner.send_message(ARRIVALS, message, client)

    # Under way

    def _tick(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            if self._counting is not None:
                self._conductor.take(ONLY, self._counting.report())
            if self._fleet is not None:
                self._watch(self._fleet)
            self._conductor.tick(self._load())

    def _watch(self, fleet: Fleet) -> None:
        """See who went and who came; in the open model the others take over what is still to come."""
        now, schedule = clock.now(), self._schedule()
        gone = fleet.gone()
        if schedule is not None and self._runner.state == STATE_RUNNING and fleet.changed():
            self._share(schedule.soon(now))
        for label in gone:
            worker = self._conductor.workers.get(label)
            # All that was its own until the others take over, but for what it told of.
            given = fleet.given(label, schedule.soon(now)) if schedule is not None else 0
            self._conductor.leave(label, max(0, given - (worker.intended if worker else 0)))

    def _schedule(self) -> Schedule | None:
        """The open model's, once it has begun."""
        rate, size = self._chosen.arrival_rate, self._chosen.size
        if rate is None or self._arrivals_start is None:
            return None
        return Schedule(Arrivals(shape(self._chosen.shape, size.duration_seconds), rate), self._arrivals_start)

    def _report(self, client_id: str, data: dict[str, Any], **_facts: Any) -> None:
        if REPORT in data:
            self._take(client_id, data[REPORT])

    def _final(self, msg: Any, **_facts: Any) -> None:
        self._take(msg.node_id, msg.data)

    def _take(self, client_id: str, report: dict[str, Any]) -> None:
        assert isinstance(self._runner, MasterRunner)
        self._conductor.take(str(self._runner.get_worker_index(client_id)), report)

    def _load(self) -> Load:
        runner, elapsed = self._runner, self._elapsed()
        reported = runner.reported_user_classes_count if isinstance(runner, MasterRunner) else runner.user_classes_count
        classes = {one.__name__: reported.get(one.__name__, 0) for one in self._environment.user_classes}
        wanted = shape(self._chosen.shape, self._chosen.size.duration_seconds)
        steady = runner.state == STATE_RUNNING and self._spawned and elapsed is not None and wanted.steady_at(elapsed)
        if self._chosen.arrival_rate is None:
            steady = steady and runner.user_count == runner.target_user_count
            return Load(classes, runner.target_user_count, None, steady)
        rate = wanted.rate(elapsed, self._chosen.arrival_rate) if elapsed is not None else 0.0
        return Load(classes, runner.target_user_count, rate, steady)

    def _elapsed(self) -> float | None:
        """Seconds since the shape began; None before that."""
        if self._chosen.arrival_rate is not None:
            return None if self._arrivals_start is None else clock.now() - self._arrivals_start
        shaped = self._environment.shape_class
        if shaped is not None:
            return float(shaped.get_run_time())
        return 0.0  # without a shape the load is what was spawned, for as long as it lasts

    # The end

    def _quit(self) -> None:
        """Locust's `quit`, after the workers' users have ended and their last reports are here."""
        here = self._fleet.here() if self._fleet is not None else []
        if self._runner.state not in (STATE_INIT, STATE_STOPPED):
            self._runner.stop()
        for client in set(here) - set(self._fleet.here() if self._fleet is not None else []):
            # A worker that let its users finish is none of Locust's until it is ready again, and would not be told.
            self._runner.send_message("quit", client_id=client)
        self._quit_runner()

    def _stop(self, **_facts: Any) -> None:
        if self._counting is not None:
            self._counting.stop()
        self._stop_spawning()

    def _stop_spawning(self) -> None:
        """Locust's master would go on: workers that have stopped would be told of users again, and the run not end."""
        spawning = self._spawning
        if spawning is None or spawning is gevent.getcurrent() or spawning in self._runner.greenlet:  # its own, ended by it
            return
        spawning.kill()
        gevent.sleep(SENDING_SECONDS)

    def _end(self, **_facts: Any) -> None:
        if self._conductor.plan is None:
            return
        if self._ticking is not None and self._ticking is not gevent.getcurrent():
            self._ticking.kill(block=False)
        if self._counting is not None:
            self._conductor.take(ONLY, self._counting.report(final=True))
        self._conductor.end()
        if self._fleet is not None and self._resuming is not None:
            self._resuming.ended(deserted=not self._fleet.here())
        self._write(None)

    def _quitting(self, environment: Environment, **_facts: Any) -> None:
        """Before all of Locust's own listeners: it ends the run in order, and says how it went."""
        if self._over:  # SIGTERM fires this twice
            return
        self._over = True
        self._runner.quit()
        if self._conductor.plan is not None:
            verdict = judge(facts(self._conductor, environment, self._chosen))
            self._write(verdict)
            self._publisher.wait_held()
            for reason in verdict.reasons:
                LOG.error("%s", reason)
            LOG.info("run %s: %s (exit code %d)", self._conductor.plan.run, verdict.code.name.lower(), verdict.code)
            environment.process_exit_code = int(verdict.code)
        self._publisher.close()
        if self._counting is not None:
            self._counting.close()

    def _knee_found(self) -> str | None:
        """Where the knee is, for the shape that looks for it."""
        if self._chosen.shape != BREAKPOINT:
            return None
        unit = "users" if self._chosen.arrival_rate is None else "starts/s"
        return find(self._conductor.steps, unit).sentence

    def _write(self, verdict: Verdict | None) -> None:
        run = self._conductor.plan.run if self._conductor.plan else ""
        named = self._options.result
        path = Path(named) if named else self._settings.state.load_results / f"{run}.json"
        try:
            result.write(path, result.of(self._conductor, verdict, self._knee_found()))
        except OSError as error:
            LOG.warning("%s: the result cannot be written: %s", path, error.strerror)
