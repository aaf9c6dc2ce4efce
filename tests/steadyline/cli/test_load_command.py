"""What `steadyline load` makes of what was said: Locust's command line, or all that is wrong with it at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from steadyline.cli.load_command import LOCUSTFILE, TAKES_HOST, USERS, Asked, again, ordered, worker_command
from steadyline.errors import ConfigurationError

RESULT = Path("/results/r.json")


def command(**said):
    """Locust's arguments, without the locustfile."""
    return ordered(Asked(**said)).command(RESULT, 9000, 9001)[2:]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"profile": "low", "record": True, "metrics_port": 9}, " --profile low", id="no file and no port"),
        pytest.param(
            {"words": ("S3User",), "users": 4, "expect": ("* p95 < 1s", "x p99 < 2s"), "allow_writes": True},
            " --users 4 --expect '* p95 < 1s' --expect 'x p99 < 2s' --allow-writes S3User",
            id="several",
        ),
        pytest.param({"host": "http://me:secret@10.0.0.5"}, " --host HOST", id="a host"),
        pytest.param(
            {"words": ("OwnUser", "--key=secret", "--tags", "secret", "-Hsecret", "-i"), "locustfile": Path("own.py")},
            " --locustfile own.py OwnUser -- --key=VALUE --tags VALUE -HVALUE -i",
            id="Locust's own",
        ),
    ],
)
def test_what_repeats_it_names_no_address_and_no_secret(said, words):
    """It is kept with the result, which is shown around."""
    assert again(Asked(**said)) == f"steadyline load{words}"


def fault(**said):
    """The one fault of what was said."""
    with pytest.raises(ConfigurationError) as caught:
        ordered(Asked(**said))
    (text,) = caught.value.faults
    return text


def test_the_user_classes_are_the_locustfiles():
    """Each name that the command line takes is a class there, of that backend, and each class has a name here."""
    program = (
        "import json; from load import locustfile; classes = [getattr(locustfile, name) for name in locustfile.__all__]; "
        "print(json.dumps({one.__name__: [one.backend, getattr(one, 'takes_host', False)] for one in classes}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    classes = json.loads(done.stdout)
    assert {name: backend for name, (backend, _) in classes.items()} == USERS
    assert {name for name, (_, takes_host) in classes.items() if takes_host} == {TAKES_HOST}


def test_nothing_said_is_the_smallest_profile_of_trace_users():
    """A run that ends by itself."""
    run = ordered(Asked())
    assert (run.classes, run.backends, run.size.profile, run.has_end) == (("TraceUser",), ("trace",), "low", True)
    assert command() == ["--profile=low", "--metrics-port=9000", f"--result={RESULT}", "--headless", "TraceUser"]


def test_who_says_how_much_has_no_profile():
    """Baselines of a profile are of its load; and without a duration the run has no end."""
    run = ordered(Asked(users=3))
    assert (run.size.profile, run.size.users, run.has_end) == (None, 3, False)


def test_who_says_no_spawn_rate_does_not_wait_for_it():
    """All users are there within ten seconds; of the open model, which needs a pool, at once."""
    assert {"--users=50", "--spawn-rate=5.0"} <= set(command(users=50))
    assert {"--users=3", "--spawn-rate=1.0"} <= set(command(users=3))
    assert {"--users=50", "--spawn-rate=50.0"} <= set(command(users=50, arrival_rate=20.0))
    assert {"--users=21", "--spawn-rate=21.0"} <= set(command(arrival_rate=20.5))
    assert not [one for one in command(profile="high", arrival_rate=20.0) if one.startswith(("--users", "--spawn-rate"))]


def test_all_that_is_said_reaches_locust():
    """Each in Locust's own words; a dash on, all words are Locust's."""
    said = command(
        words=("SqlUser", "TraceUser", "--tags", "slow"),
        host="http://h:1",
        profile="high",
        shape="ramp",
        users=7,
        spawn_rate=2.5,
        duration="1m30s",
        arrival_rate=50.0,
        expect=("* p95 < 1s", "* failures < 1%"),
        operation=("sql.*",),
        allow_writes=True,
        silence=True,
        workers=2,
        web=True,
    )
    assert said == [
        *("--host=http://h:1", "--profile=high", "--shape=ramp", "--users=7", "--spawn-rate=2.5", "--run-time=90s"),
        *("--arrival-rate=50.0", "--expect=* p95 < 1s", "--expect=* failures < 1%", "--operation=sql.*", "--expect-workers=2"),
        *(
            "--metrics-port=9000",
            f"--result={RESULT}",
            "--web-host=127.0.0.1",
            "--web-port=8089",
            "--allow-writes",
            "--silence",
            "--master",
        ),
        *("--tags", "slow", "SqlUser", "TraceUser"),
    ]


def test_workers_here_find_their_master_on_this_machine_alone():
    """On a port of the run's own: two runs at once are two masters; Locust's default is one port on all interfaces."""
    said = command(processes=-1, users=5)
    master = ["--processes=-1", "--master-bind-host=127.0.0.1", "--master-bind-port=9001", "--master-port=9001"]
    assert [one for one in said if "master" in one or "processes" in one] == master
    assert not any("master-" in one for one in command(workers=2))


def test_only_what_no_host_says_needs_a_target():
    """The host is TraceUser's; SqlUser's comes from the settings."""
    assert ordered(Asked(words=("TraceUser", "SqlUser"), host="http://h:1")).backends == ("sql",)


def test_a_locustfile_of_your_own_says_which_targets_it_needs(tmp_path):
    """By the classes that it names; names of its own are taken as they are."""
    own = tmp_path / "mine.py"
    own.write_text("from load.users.s3 import S3User\n\nclass Mine(S3User):\n    pass\n")
    run = ordered(Asked(words=("Mine",), locustfile=own))
    assert (run.classes, run.backends) == (("Mine",), ("s3",))
    assert run.command(RESULT, 1, 2)[:2] == ["-f", str(own)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"words": ("TraceUsr",)}, "there is no user class 'TraceUsr'; did you mean TraceUser?"),
        ({"words": ("traceuser",)}, "there is no user class 'traceuser'; did you mean TraceUser?"),
        ({"profile": "hihg"}, "there is no profile 'hihg'; did you mean high?"),
        ({"profile": "xyz"}, "there is no profile 'xyz'; there is low, medium, high"),
        ({"shape": "spikes"}, "there is no shape 'spikes'; did you mean spike?"),
        ({"duration": "5"}, "--duration: '5' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)"),
        ({"spawn_rate": 0.0}, "--spawn-rate 0: give a number per second, above 0"),
        ({"arrival_rate": -5.0}, "--arrival-rate -5: give a number per second, above 0"),
        ({"arrival_rate": float("nan")}, "--arrival-rate nan: give a number per second, above 0"),
        ({"host": "localhost:8000"}, "--host: write http://host:port or https://host:port"),
        (
            {"words": ("SqlUser",), "host": "http://h:1"},
            "--host is for TraceUser; the others take their target from the settings",
        ),
        ({"operation": ("trace.nothing",)}, "--operation 'trace.nothing' fits nothing; steadyline operations lists them"),
        ({"processes": 0}, "--processes 0: give how many workers, or -1 for one on each core"),
        ({"processes": 2, "workers": 2}, "--processes starts workers here, --workers waits for them; give one of them"),
        ({"locustfile": Path("none.py")}, "none.py: no such file"),
        (
            {"users": 3, "record": True},
            "--record keeps a profile's baselines: name one (--profile low|medium|high), and leave out --web",
        ),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(said, told):
    """With what to write instead."""
    assert fault(**said) == told


def test_a_criterion_that_is_none_shows_one():
    """The option, the text, and an example."""
    told = fault(expect=("trace.item_read p95 80ms",))
    assert told.startswith("--expect: 'trace.item_read p95 80ms'")


def test_all_faults_are_told_at_once():
    """One after the other would be a game of guessing."""
    with pytest.raises(ConfigurationError) as caught:
        ordered(Asked(words=("Nobody",), profile="x", shape="y", duration="z"))
    assert len(caught.value.faults) == 4


def test_a_worker_is_locusts_own():
    """With the master's place, and its own port where one is said."""
    assert worker_command(Asked(processes=2), "10.0.0.1:5600") == [
        *(sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE), "--worker"),
        *("--master-host=10.0.0.1", "--master-port=5600", "--processes=2"),
    ]
