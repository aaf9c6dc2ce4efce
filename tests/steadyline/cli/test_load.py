"""`steadyline load` as it is used: short real runs, on targets of its own and on a host; how it ends, whatever ends it."""

import json
import os
import signal
import subprocess
import sys
from functools import partial

import httpx
import psutil
import pytest
import tenacity
from command_line import beginning, ended
from load_results import READ
from trace_target import trace_api

from steadyline import provenance
from steadyline.addresses import local_url
from steadyline.cli import load_page

SHORT = ("--users", "4", "--spawn-rate", "100", "--duration", "4s")
END_SECONDS = 120


@pytest.fixture
def begin(tmp_path, free_port):
    """`begin(*arguments, **environment)` starts `steadyline load` in an empty folder, its page on a port of its own."""

    def nobody():
        return {f"STEADYLINE_PORTS_{name}": str(free_port()) for name in ("LOAD", "PROMETHEUS", "ALERTMANAGER")}

    with beginning(tmp_path, nobody) as begin:
        yield partial(begin, "load")


@pytest.fixture
def steadyline(begin):
    """`steadyline(*arguments)` runs it to its end; answers exit code, standard output and standard error."""

    def run(*arguments, **environ):
        return ended(begin(*arguments, **environ), END_SECONDS)

    return run


@pytest.fixture
def host(tmp_path):
    """A Trace API that no settings know."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        yield url


def locusts(folder):
    """Locust's processes that stand in a folder."""
    running = psutil.process_iter(["cmdline", "cwd"])
    return [one for one in running if one.info["cwd"] == str(folder) and "locust" in (one.info["cmdline"] or ())]


def has_asked(port):
    """Whether a run's page shows successes."""
    with httpx.Client(trust_env=False) as client:
        seen = load_page.glance(load_page.fetched(client, local_url(port)))
    return seen is not None and seen.successes > 0


@tenacity.retry(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
def until(condition):
    """Wait until it holds."""
    assert condition()


def test_without_any_stack_the_targets_are_served(steadyline, tmp_path):
    """It says so, shows the users' operations and the verdict, keeps the result, and leaves no process and no folder."""
    code, output, error = steadyline(*SHORT, "--expect", "* p95 < 31.62s", "--expect", "trace.item_read p95 < 10s")
    assert code == 0, error
    assert error.splitlines()[0] == "No stack is up: trace served for this run alone"
    assert READ in output
    assert "* p95 < 31.62s: met" in output
    assert "The run passed (exit code 0)" in output
    (kept,) = (tmp_path / ".steadyline" / "load").glob("*.json")
    assert f"All figures: {kept}" in output
    made = json.loads(kept.read_text())
    expected = "--expect '* p95 < 31.62s' --expect 'trace.item_read p95 < 10s'"
    assert made["command"] == f"steadyline load --users 4 --spawn-rate 100.0 --duration 4s {expected}"
    assert made["host"] == provenance.host()
    assert {"python", "steadyline", "locust", "httpx"} <= made["versions"].keys()
    assert json.loads(kept.read_text())["operations"][0]["target"] == "embedded"
    assert not locusts(tmp_path)
    assert not list((tmp_path / ".steadyline" / "runs").iterdir())


def test_json_is_all_of_standard_output(steadyline, host, tmp_path):
    """The result, and what the gate says of each operation; progress goes to standard error, in lines."""
    code, output, error = steadyline("--host", host, *SHORT, "--json", "-", "--result", "mine.json")
    assert code == 0, error
    told = json.loads(output)
    kept = json.loads((tmp_path / "mine.json").read_text())
    assert {key: told[key] for key in kept} == kept
    assert {row["operation"] for row in told["judged"]} == {one["operation"] for one in kept["operations"]}
    assert "No stack is up" not in error
    assert "\x1b" not in error
    assert "of 4 users" in error


def test_a_broken_criterion_fails_the_run(steadyline, host):
    """Locust's own exit code, and which criterion it was."""
    code, output, error = steadyline("--host", host, *SHORT, "--expect", "trace.item_read p95 < 1us")
    assert code == 1, error
    assert output.count("trace.item_read p95 < 1us") == 1
    assert "broken: trace.item_read p95 < 1us: at worst" in output
    assert "The run failed (exit code 1)" in output


def test_the_open_model_shows_response_times_and_drops(steadyline, host):
    """Beside the service times."""
    code, output, error = steadyline("--host", host, *SHORT, "--arrival-rate", "20")
    assert code == 0, error
    assert "response p95" in output
    assert "dropped" in output


def test_what_it_had_to_go_on_without_is_told(steadyline, host):
    """Not in the log alone: who asks for a silence has to know that there is none."""
    code, _, error = steadyline("--host", host, *SHORT, "--silence")
    assert code == 0, error
    (told,) = [line for line in error.splitlines() if "no Alertmanager answers at" in line]
    assert told.startswith("no Alertmanager")
    assert told.endswith("the run goes on without")


def test_a_host_that_is_down_is_unreachable(steadyline, free_port):
    """Exit code 4, in words."""
    code, output, error = steadyline("--host", f"http://127.0.0.1:{free_port()}", *SHORT)
    assert code == 4, error
    assert "The run reached nobody (exit code 4)" in output


def test_processes_share_the_users(steadyline, host, tmp_path):
    """Workers end with their master."""
    code, output, error = steadyline("--host", host, *SHORT, "--processes", "2")
    assert code == 0, error
    assert READ in output
    assert not locusts(tmp_path)


def test_what_stands_after_two_dashes_is_locusts(steadyline, host, tmp_path):
    """As it is: here its own JSON file."""
    code, _, error = steadyline("--host", host, *SHORT, "--", "--json-file", "stats")
    assert code == 0, error
    assert json.loads((tmp_path / "stats.json").read_text())


def test_sql_users_have_a_database_of_the_run(steadyline, tmp_path):
    """It goes with the run; the result stays."""
    code, output, error = steadyline("SqlUser", *SHORT, "--operation", "sql.item_*")
    assert code == 0, error
    assert "No stack is up: sql served for this run alone" in error
    assert "sql.item_read" in output
    assert not (tmp_path / ".steadyline" / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("TraceUsr", "--profile", "hihg"),
            ["no user class 'TraceUsr'; did you mean", "no profile 'hihg'; did you mean high?"],
        ),
        (("--workers", "2"), ["workers elsewhere do not reach the embedded targets of this run (trace): give --host"]),
        ((*SHORT, "--result", "/dev/null/in/mine.json"), ["/dev/null/in/mine.json: cannot be written: Not a directory"]),
        ((*SHORT, "--json", "."), [".: cannot be written: there is something that is no file"]),
        (("--", "--no-such-option"), ["ended without a result (exit code 2); its log is", "unrecognized arguments"]),
    ],
)
def test_usage_is_exit_code_2(steadyline, arguments, told):
    """With what is wrong, in Locust's own words where only Locust knows."""
    code, output, error = steadyline(*arguments)
    assert (code, output) == (2, "")
    for each in told:
        assert each in error


@pytest.mark.parametrize("option", ["--result", "--json"])
def test_no_device_is_replaced_by_a_file(steadyline, tmp_path, option):
    """As root, /dev/null would be."""
    os.mkfifo(tmp_path / "pipe")
    code, _, error = steadyline(*SHORT, option, "pipe")
    assert code == 2
    assert "pipe: cannot be written: there is something that is no file" in error
    assert (tmp_path / "pipe").is_fifo()


def test_a_state_folder_that_is_none_is_told_before_the_run(steadyline):
    """And which setting it is."""
    code, output, error = steadyline(*SHORT, STEADYLINE_STATE_DIR="/dev/null/in")
    assert (code, output) == (2, "")
    assert "cannot be written: Not a directory; set state_dir to a folder that can" in error


def test_a_locustfile_that_breaks_is_told_with_its_last_words(steadyline, tmp_path):
    """Not only that there is no result."""
    (tmp_path / "mine.py").write_text("import load.wiring\n\nraise RuntimeError('out of order')\n")
    code, _, error = steadyline("-f", "mine.py", "--host", "http://127.0.0.1:9", "--users", "1", "--duration", "2s")
    assert code == 2
    assert "out of order" in error


def test_ctrl_c_ends_the_run_in_order(begin, free_port, host):
    """What was measured is shown, and the exit code says that it was ended early."""
    port = free_port()
    process = begin("--host", host, "--users", "4", "--spawn-rate", "100", "--duration", "10m", "--metrics-port", str(port))
    until(lambda: has_asked(port))
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 130, error
    assert "Ending in order" in error
    assert READ in output
    assert "ended early (exit code 130)" in output


def test_a_run_without_an_end_is_ended_by_ctrl_c(begin, free_port, host):
    """Then it passed: nothing was cut off."""
    port = free_port()
    process = begin("--host", host, "--users", "4", "--spawn-rate", "100", "--metrics-port", str(port))
    until(lambda: has_asked(port))
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 0, error
    assert "The run passed" in output


def test_locust_ends_with_the_command_line(begin, tmp_path, host):
    """Also when that was killed."""
    process = begin("--host", host, "--users", "4", "--duration", "10m")
    until(lambda: locusts(tmp_path))
    process.kill()
    until(lambda: not locusts(tmp_path))


def test_locusts_own_page_is_on_this_machine_alone(begin, free_port, host):
    """It is there until Ctrl-C; without a run nothing failed."""
    port = free_port()
    process = begin("--web", "--web-port", str(port), "--host", host)
    until(lambda: httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200)
    (locust,) = [
        one for one in psutil.Process(process.pid).children(recursive=True) if "--web-host=127.0.0.1" in one.cmdline()
    ]
    listens = {one.laddr.ip for one in locust.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    assert listens == {"127.0.0.1"}
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=END_SECONDS)
    assert (process.returncode, output) == (0, ""), error
    assert f"Locust's page: http://127.0.0.1:{port}" in error


def test_the_command_line_never_imports_locust():
    """It patches the sockets of the process that does."""
    program = "import sys; from steadyline.cli.main import build; build(); print({'locust', 'gevent'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_master_waits_for_its_workers(begin, free_port, host, tmp_path):
    """Over the network, as on two machines; the workers end with the run."""
    port = str(free_port())
    master = begin(
        "--host", host, *SHORT, "--workers", "2", "--", "--master-bind-host", "127.0.0.1", "--master-bind-port", port
    )
    workers = [begin("--worker-of", f"127.0.0.1:{port}") for _ in range(2)]
    output, error = master.communicate(timeout=END_SECONDS)
    assert master.returncode == 0, error
    assert READ in output
    assert [worker.wait(END_SECONDS) for worker in workers] == [0, 0]
    assert not locusts(tmp_path)


def test_a_run_that_is_too_short_records_nothing(steadyline, host, tmp_path):
    """Each operation is told why; the run itself passed."""
    code, output, error = steadyline("--host", host, "--profile", "low", *SHORT, "--record")
    assert code == 3
    assert "The run passed" in output
    assert f"not recorded: {READ} on host: 0 windows of 30 s with 10 successes or more, and a baseline needs 5" in error
    assert not (tmp_path / ".steadyline" / "baselines.json").exists()


def test_a_run_that_did_not_pass_records_nothing(steadyline, free_port):
    """It is no line to hold others to."""
    code, _, error = steadyline("--host", f"http://127.0.0.1:{free_port()}", "--profile", "low", *SHORT, "--record")
    assert code == 4
    assert "Nothing was recorded: the run did not pass." in error


def test_two_runs_at_once_are_one_too_many(begin, steadyline, free_port, host):
    """The second says who has the port, and what to do."""
    port = free_port()
    first = begin("--host", host, "--users", "2", "--duration", "10m", "--metrics-port", str(port))
    until(lambda: has_asked(port))
    code, _, error = steadyline("--host", host, *SHORT, "--metrics-port", str(port))
    assert code == 2
    assert f"127.0.0.1:{port} is taken by the load run" in error
    assert "--metrics-port" in error
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGINT)
    assert first.wait(END_SECONDS) == 130
