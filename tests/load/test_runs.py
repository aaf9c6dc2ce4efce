"""Whole runs, started as users start them: how they end, and that every request that was begun is accounted for."""

import json
import os
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

SEED = Path(__file__).parents[1] / "performance" / "locustfile.py"
OWN = Path(__file__).parents[1] / "support" / "own_locustfile.py"
SHORT = ("-u", "4", "-r", "100", "-t", "4s")


def accounted(result):
    """Attempts by outcome: each operation's attempts are its successes and its failures."""
    for one in result["operations"]:
        assert one["attempts"] == one["successes"] + sum(one["failures"].values())
    return result["operations"]


def eventually(check):
    """Try again for a while, until it holds."""
    for attempt in Retrying(
        stop=stop_after_delay(30),
        wait=wait_fixed(0.2),
        retry=retry_if_exception_type((AssertionError, OSError)),
        reraise=True,
    ):
        with attempt:
            return check()
    return None


@pytest.mark.parametrize("locustfile", [None, SEED], ids=["the room's", "the seed's path"])
def test_the_seeds_command_loads_the_trace_api(runs, trace_url, locustfile):
    """`locust -f … --host URL` asks the Trace API as its users do, and passes; all is counted as Locust itself counted it."""
    facts = {"locustfile": locustfile} if locustfile else {}
    run = runs.start("--host", trace_url, *SHORT, **facts)
    assert run.end() == 0, run.said
    operations = accounted(run.came_to)
    asked = [one for one in operations if one["operation"] != "trace.crud_flow"]
    assert {one["backend"] for one in operations} == {"trace"}
    assert {"trace.item_read", "trace.item_update"} <= {one["operation"] for one in operations}
    ended = sum(one["failures"].get("cancelled", 0) for one in asked)
    assert sum(one["attempts"] for one in asked) - ended == run.told_locust > 0


def test_processes_are_merged_by_their_master(runs, answers_url):
    """`--processes 2`: the master's counts are those of both workers, and Locust's own total."""
    run = runs.start("--processes", "2", "--host", answers_url, *SHORT, locustfile=OWN)
    assert run.end() == 0, run.said
    (operation,) = accounted(run.came_to)
    assert operation["operation"] == "GET /ok/items"
    assert operation["successes"] == run.told_locust > 0


def test_workers_over_the_network_are_merged_by_their_master(runs, answers_url):
    """A master and two workers that meet over the network: nothing is lost, the last moments included."""
    master, workers = runs.distributed(2, "--host", answers_url, *SHORT, locustfile=OWN)
    assert master.end() == 0, master.said
    assert [worker.end() for worker in workers] == [0, 0]
    (operation,) = accounted(master.came_to)
    assert operation["successes"] == master.told_locust > 0


def test_a_run_that_is_over_before_all_users_are_there_ends(runs, answers_url):
    """A master that is still telling workers of more users stops doing so: they stop, and stay stopped."""
    master, workers = runs.distributed(2, "--host", answers_url, "-u", "60", "-r", "1", "-t", "3s", locustfile=OWN)
    assert master.end() == 0, master.said
    assert [worker.end() for worker in workers] == [0, 0]
    assert "Timeout waiting for all workers to stop" not in master.said
    (operation,) = accounted(master.came_to)
    assert operation["successes"] == master.told_locust > 0


CASES = {
    "kept": (("--expect", "GET /ok/items p95 < 30s"), {}, 0, None),
    "criterion": (("--expect", "GET /ok/items p95 < 1us"), {}, 1, r"broken: GET /ok/items p95 < 1us: at worst "),
    "check": (("--check-rps", "100000"), {}, 1, r"check failed: total rps was \S+ \(threshold 100000.0\)"),
    "failures": ((), {"ASKS": "/500/items"}, 1, r"\d+ requests failed; allow for some with"),
    "failures allowed": (("--check-fail-ratio", "1"), {"ASKS": "/500/items"}, 0, None),
    "no data": (
        ("--expect", "GET /nothing p95 < 1s"),
        {},
        3,
        r"GET /nothing p95 < 1s: no data; nothing of that name was asked",
    ),
    "saturated": (("-t", "14s"), {"BURNS": "0.3"}, 3, r"worker 0 was the bottleneck itself: do not trust"),
    "usage": (("--expect", "GET /ok/items p95 <"), {}, 2, r"steadyline: --expect: "),
}


def exit_code(start, url, case):
    """Run one case; its exit code, and whether it said why."""
    arguments, environment, code, said = CASES[case]
    run = start("--host", url, *SHORT, *arguments, locustfile=OWN, **environment)
    run = run[0] if isinstance(run, tuple) else run
    found = run.end()
    assert found == code, run.said
    if said is not None:
        assert re.search(said, run.said), run.said


@pytest.mark.parametrize("case", CASES)
def test_the_exit_code_says_how_it_ended(runs, answers_url, case):
    """One code for each way to end, and the reason in words."""
    exit_code(runs.start, answers_url, case)


@pytest.mark.parametrize("case", ["criterion", "check", "failures", "saturated"])
def test_the_exit_code_of_a_distributed_run_is_the_masters(runs, answers_url, case):
    """The same codes from a master, judged on what its workers counted together."""
    exit_code(lambda *arguments, **facts: runs.distributed(2, *arguments, **facts), answers_url, case)


@pytest.mark.parametrize("distributed", [False, True], ids=["one process", "distributed"])
def test_a_host_that_is_down_is_unreachable(runs, free_port, distributed):
    """Nothing listens: the run ends with 4, and names the target."""
    arguments = ("--host", f"http://127.0.0.1:{free_port()}", *SHORT)
    run = runs.distributed(1, *arguments)[0] if distributed else runs.start(*arguments)
    assert run.end() == 4, run.said
    assert "trace target 'host' never answered; is it up, and is its address right?" in run.said


@pytest.mark.parametrize("kind", ["fast", "slow", "quick"])
def test_requests_that_hang_are_accounted_for(runs, answers_url, kind):
    """A target that never answers: what users of each HTTP client have under way at the end was begun, and is cancelled."""
    run = runs.start("--host", answers_url, *SHORT, locustfile=OWN, ASKS="/never/items", USER_KIND=kind)
    assert run.end() == 3, run.said
    assert "none of 4 requests had an answer by the end" in run.said
    (operation,) = accounted(run.came_to)
    assert (operation["operation"], operation["failures"]) == ("GET /never/items", {"cancelled": 4})


def test_unique_urls_do_not_become_unique_names(runs, answers_url):
    """Thousands of URLs: names stay under the cap, the rest is one name, and none is lost."""
    run = runs.start("--host", answers_url, "-u", "40", "-r", "100", "-t", "6s", locustfile=OWN, ASKS="/ok/%")
    assert run.end() == 0, run.said
    operations = accounted(run.came_to)
    assert len(operations) <= 201
    assert sum(one["successes"] for one in operations) == run.told_locust > 201
    assert sum(one["successes"] for one in operations if one["operation"] == "overflow") == run.told_locust - 200


def test_a_killed_worker_is_told_and_the_rest_goes_on(runs, answers_url):
    """SIGKILL in the middle: the run ends at its time with 3, says why, and its accounts are closed."""
    master, workers = runs.distributed(2, "--host", answers_url, "-u", "4", "-r", "100", "-t", "14s", locustfile=OWN)
    eventually(lambda: page(runs.metrics_port, 'steadyline_load_users{user_class="Asking"} 4.0'))
    workers[0].process.kill()
    assert master.end() == 3, master.said
    assert "workers that went away in the middle: 1; the load was not what was asked" in master.said
    accounted(master.came_to)


def page(port, line):
    """The metrics page; it has the line."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert line in text
    return text


def test_a_master_that_is_gone_leaves_nothing(runs, answers_url):
    """SIGKILL of the master: its publisher ends, and its workers end by themselves."""
    master, workers = runs.distributed(
        1, "--host", answers_url, "-u", "2", "-r", "100", "-t", "60s", locustfile=OWN, MASTER_TIMEOUT="3"
    )
    eventually(lambda: page(runs.metrics_port, 'steadyline_load_users{user_class="Asking"} 2.0'))
    master.process.kill()
    workers[0].end()

    def unserved():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", runs.metrics_port)) != 0

    eventually(unserved)


def test_a_second_run_is_refused(runs, answers_url):
    """Two runs at once would be one set of series: the second is told who is there, and nothing of the first is lost."""
    first = runs.start("--host", answers_url, "-u", "1", "-t", "60s", locustfile=OWN)
    eventually(lambda: page(runs.metrics_port, "steadyline_run_info"))
    second = runs.start("--host", answers_url, *SHORT, locustfile=OWN)
    assert second.end() == 2
    assert f"127.0.0.1:{runs.metrics_port} is taken" in second.said
    os.kill(first.process.pid, signal.SIGINT)
    assert first.end() == 0, first.said
    accounted(first.came_to)


def test_the_open_model_drops_what_no_user_is_free_for(runs, answers_url):
    """One user that needs 20 ms cannot begin 200 a second: what it could not is counted, and nothing is begun late unseen."""
    run = runs.start("--host", answers_url, "-u", "1", "-t", "6s", "--arrival-rate", "200", locustfile=OWN, BURNS="0.02")
    assert run.end() == 0, run.said
    result = run.came_to
    (operation,) = accounted(result)
    assert result["dropped"] > operation["attempts"] > 0
    assert operation["response"]["mean"] >= operation["service"]["mean"] > 0


def test_the_share_of_a_lost_worker_is_counted(runs, answers_url):
    """Open model, one of two workers killed: its starts are drops until the other took over, and the schedule stays whole."""
    master, workers = runs.distributed(
        2, "--host", answers_url, "-u", "8", "-r", "100", "-t", "16s", "--arrival-rate", "40", locustfile=OWN
    )
    eventually(lambda: page(runs.metrics_port, 'steadyline_load_phase{phase="steady"} 1.0'))
    workers[1].process.kill()
    assert master.end() == 3, master.said
    result = master.came_to
    (operation,) = accounted(result)
    begun = [line for line in master.said.splitlines() if "Ramping" in line or "Sending spawn" in line]
    assert begun
    assert result["dropped"] > 0
    schedule = result["end"] - result["steady"]
    assert operation["attempts"] + result["dropped"] == pytest.approx(40 * schedule, rel=0.15)


def test_the_state_folder_has_the_result_where_no_file_is_named(runs, answers_url):
    """Without --result it lies in the state folder, under the run's id."""
    run = runs.start("--host", answers_url, *SHORT, "--result", "", locustfile=OWN)
    assert run.end() == 0, run.said
    assert not run.result.exists()
    (file,) = (runs.folder / ".steadyline" / "load").glob("*.json")
    assert json.loads(file.read_text())["run"] == file.stem
