"""A load run's master and workers killed or stopped: the exit code tells, what was counted is there, the next run works."""

import contextlib
import json
import subprocess
import time

import psutil
import pytest
from fault_alerts import Told, until
from fault_samples import Between
from native_stack import STEADYLINE

from steadyline.errors import NoDataError
from steadyline.load_vocabulary import LOAD_PHASE
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import EXPORTER_JOB, OPERATION_DURATION

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

ASKED = ("load", "TraceUser", "--users", "4", "--processes", "2", "--duration", "20s")
END_SECONDS = 120


@contextlib.contextmanager
def _load(stack, *more):
    """A run in its steady phase."""
    file = stack.folder / "result.json"
    file.unlink(missing_ok=True)
    with (stack.folder / "load.said").open("w+") as said:
        process = subprocess.Popen(
            [str(STEADYLINE), *ASKED, "--result", str(file), *more],
            cwd=stack.folder,
            env=stack.environ,
            stdout=said,
            stderr=said,
        )
        try:
            prometheus = Prometheus(stack.settings.prometheus)
            until(
                "it is steady",
                lambda: process.poll() is not None or prometheus.query(f'{LOAD_PHASE.name}{{phase="steady"}} == 1'),
            )
            assert process.poll() is None, (stack.folder / "load.said").read_text()
            yield process, file
        finally:
            process.kill()
            process.wait()


def _locusts(process):
    """The master, and its workers."""
    started = [one for one in psutil.Process(process.pid).children(recursive=True) if "locust" in " ".join(one.cmdline())]
    master = next(one for one in started if one.ppid() == process.pid)
    return master, [one for one in started if one.ppid() == master.pid and "publisher" not in " ".join(one.cmdline())]


def _none_left(stack):
    """No file tells Prometheus of a run that is none, and nobody serves its page."""
    port = stack.settings.ports.load
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr[1] == port]
    return not listening and not list(stack.settings.state.load_targets.glob("*.json"))


def _counted(stack, since):
    """Successes of the load that Prometheus holds."""
    window = f"{time.time() - since:.0f}s"
    counts = f'sum(max_over_time({OPERATION_DURATION.name}_count{{driver="load"}}[{window}]))'
    return Prometheus(stack.settings.prometheus).query(counts)[0].value


def test_a_worker_is_killed(stack, figures) -> None:
    """The run goes on to its end, tells that its load was not what was asked, and Prometheus holds all that was counted."""
    told, start = Told(stack.settings), time.time()
    with _load(stack) as (process, file):
        _, workers = _locusts(process)
        workers[0].kill()
        code = process.wait(END_SECONDS)
    until("the run is gone", lambda: _none_left(stack))
    said, result = (stack.folder / "load.said").read_text(), json.loads(file.read_text())
    counted = sum(one["successes"] for one in result["operations"])
    stretch = Between(stack.settings.prometheus, start, time.time())
    figures.say("load worker killed", kept=stretch.kept(), lost=counted - _counted(stack, start), told=f"exit {code}")
    assert code == NoDataError.exit_code, said
    assert "workers that went away in the middle: 1" in said
    assert _counted(stack, start) == counted
    assert stretch.scrapes_kept(EXPORTER_JOB) > 0
    assert told.of_health() == []


def test_the_master_is_killed(stack, figures) -> None:
    """The command tells it, and nothing of the run stays: no worker, no page, no file that names it."""
    told = Told(stack.settings)
    with _load(stack) as (process, _):
        master, workers = _locusts(process)
        master.kill()
        code = process.wait(END_SECONDS)
    until("the run is gone", lambda: _none_left(stack))
    until("its workers have ended", lambda: not any(_runs(one) for one in workers))
    said = (stack.folder / "load.said").read_text()
    figures.say("load master killed", artefacts=0, told=f"exit {code}: {said.strip().splitlines()[-1][:100]}")
    assert code not in (0, 1), said
    assert "without a result" in said
    assert "Traceback" not in said
    assert told.of_health() == []


def _runs(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
