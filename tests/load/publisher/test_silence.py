"""A run's silence, in a real Alertmanager."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import tenacity
from publisher_process import begin, counted

from alerts.rules.alertmanager import configuration
from alerts.rules.generate import as_yaml
from load.publisher.kinds import KIND, Kind
from load.publisher.silence import SILENCE_SECONDS, Silence
from steadyline.errors import UnreachableError
from steadyline.settings import Ports, Settings
from steadyline.vocabulary import AlertName

pytestmark = pytest.mark.stack

PLACE = ("trace", "embedded")


@pytest.fixture(scope="module")
def alertmanager(start_alertmanager, free_port):
    """A real one, whose receiver is not there; answers its base URL."""
    return start_alertmanager(as_yaml(configuration(Settings(ports=Ports(receiver=free_port())))))


@pytest.fixture(autouse=True)
def _nothing_silenced(request):
    """Each test begins without silences."""
    if "alertmanager" in request.fixturenames:
        url = request.getfixturevalue("alertmanager")
        for one in _silences(url):
            httpx.delete(f"{url}/api/v2/silence/{one['id']}", trust_env=False).raise_for_status()


def _silences(url, *states):
    """Those in a state: active, and only those, where none is given."""
    found = httpx.get(f"{url}/api/v2/silences", trust_env=False).raise_for_status().json()
    return [one for one in found if one["status"]["state"] in (states or ("active",))]


def _until(true):
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.05), reraise=True):
        with attempt:
            assert true()


@pytest.mark.parametrize(
    ("changed", "silenced"),
    [
        pytest.param({}, True, id="failing"),
        pytest.param({"alertname": AlertName.REGRESSION, "severity": "critical"}, True, id="slow"),
        pytest.param({"alertname": AlertName.BUDGET}, True, id="over budget"),
        pytest.param({"alertname": AlertName.NO_DATA}, True, id="no data"),
        pytest.param({"operation": "trace.other"}, True, id="another operation of the same target"),
        pytest.param({"target": "other"}, False, id="another target"),
        pytest.param({"backend": "sql"}, False, id="another backend"),
        pytest.param({"driver": "load"}, False, id="of the load itself"),
        pytest.param({"driver": ""}, False, id="of no driver"),
        pytest.param({"alertname": AlertName.BASELINE_DRIFT}, False, id="what load does not provoke"),
        pytest.param({"alertname": f"{AlertName.FAILING}Too"}, False, id="a longer name"),
    ],
)
def test_what_is_silenced(alertmanager, changed, silenced):
    """The alerts that load provokes in the probes of its target, and no others."""
    Silence(alertmanager, "r1").cover(PLACE)
    labels = {
        "operation": "trace.item_read",
        "backend": "trace",
        "target": "embedded",
        "driver": "probe",
        "severity": "warning",
    }
    labels = {key: value for key, value in {"alertname": AlertName.FAILING, **labels, **changed}.items() if value}
    now = datetime.now(UTC)
    body = [{"labels": labels, "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=5)).isoformat()}]
    httpx.post(f"{alertmanager}/api/v2/alerts", json=body, trust_env=False).raise_for_status()

    def state():
        alerts = httpx.get(f"{alertmanager}/api/v2/alerts", trust_env=False).json()
        return next((bool(one["status"]["silencedBy"]) for one in alerts if one["labels"] == labels), None)

    _until(lambda: state() is silenced)


def test_it_tells_whose_it_is_and_ends_by_itself(alertmanager):
    """The comment names the run and the target; without a further word it ends soon."""
    before = datetime.now(UTC)
    Silence(alertmanager, "r1").cover(PLACE)
    (found,) = _silences(alertmanager)
    assert (found["createdBy"], found["comment"]) == ("steadyline", "load run r1 on trace embedded")
    assert datetime.fromisoformat(found["endsAt"]) <= datetime.now(UTC) + timedelta(seconds=SILENCE_SECONDS)
    assert datetime.fromisoformat(found["endsAt"]) > before


def test_extending_leaves_no_trail(alertmanager):
    """It is the same silence, that ends later."""
    silence = Silence(alertmanager, "r1")
    silence.cover(PLACE)
    (first,) = _silences(alertmanager)
    silence.cover(PLACE)
    (second,) = _silences(alertmanager)
    assert second["id"] == first["id"]
    assert datetime.fromisoformat(second["endsAt"]) > datetime.fromisoformat(first["endsAt"])


def test_one_that_somebody_ended_is_made_again(alertmanager):
    """While the run goes on its alerts are silenced, whatever became of the silence before."""
    silence = Silence(alertmanager, "r1")
    silence.cover(PLACE)
    (first,) = _silences(alertmanager)
    httpx.delete(f"{alertmanager}/api/v2/silence/{first['id']}", trust_env=False).raise_for_status()
    silence.cover(PLACE)
    (second,) = _silences(alertmanager)
    assert second["id"] != first["id"]


def test_the_end_is_the_end_of_all_of_them(alertmanager):
    """Each target's silence is ended, those of others are left."""
    other, silence = Silence(alertmanager, "other"), Silence(alertmanager, "r1")
    other.cover(PLACE)
    silence.cover(PLACE)
    silence.cover(("sql", "main"))
    assert len(_silences(alertmanager)) == 3
    silence.end()
    assert [one["comment"] for one in _silences(alertmanager)] == ["load run other on trace embedded"]


def test_a_refusal_is_told(alertmanager):
    """What Alertmanager says is in the sentence."""
    with pytest.raises(UnreachableError, match=rf"^Alertmanager at {alertmanager} refuses a silence: HTTP 404 "):
        Silence(f"{alertmanager}/elsewhere", "r1").cover(PLACE)


def test_nobody_there(free_port):
    """Where nothing listens that is said, and no password."""
    port = free_port()
    with pytest.raises(UnreachableError, match=f"^no Alertmanager answers at http://127.0.0.1:{port} "):
        Silence(f"http://me:hunter2@127.0.0.1:{port}", "r1").cover(PLACE)


def _begun(start, alertmanager, **facts):
    running = start(alertmanager=alertmanager, **facts)
    running.send(begin(silence=True))
    running.delta(counted())
    _until(lambda: _silences(alertmanager))
    return running


def test_a_run_silences_what_it_asks_until_it_ends(start, alertmanager):
    """From its first counts to its end, and not while its values are held."""
    running = _begun(start, alertmanager, hold_seconds=1e6)
    assert [one["comment"] for one in _silences(alertmanager)] == ["load run r1 on trace embedded"]
    running.page()
    running.end()
    _until(lambda: not _silences(alertmanager))


@pytest.mark.parametrize("how", ["leaves", "terminated", "another run"])
def test_no_silence_outlives_its_run(start, alertmanager, how):
    """However a run ends, short of the publisher's own death, its silence does."""
    running = _begun(start, alertmanager)
    if how == "leaves":
        running.leave()
    elif how == "terminated":
        running.process.terminate()
    else:
        running.send(begin("r2"))
    _until(lambda: not _silences(alertmanager))


def test_without_a_word_nothing_is_silenced(start, alertmanager):
    """A run that was not told to silences nothing."""
    running = start(alertmanager=alertmanager)
    running.send(begin("never"))
    running.delta(counted())
    running.end()
    running.answer(Kind.HELD)
    assert not [one for one in _silences(alertmanager, "active", "pending", "expired") if " never " in one["comment"]]


def test_a_failure_is_told_once_and_fails_nothing(start, free_port):
    """A run without an Alertmanager is a run."""
    running = start(alertmanager=f"http://127.0.0.1:{free_port()}")
    running.send(begin(silence=True))
    running.delta(counted())
    told = running.answer(Kind.NOTE)["text"]
    assert told.startswith("no Alertmanager answers at ")
    assert told.endswith("; the run goes on without")
    running.delta(counted())
    running.end()
    assert [frame[KIND] for frame in (next(running.answers()), next(running.answers()))] == [Kind.NOTE, Kind.HELD]
