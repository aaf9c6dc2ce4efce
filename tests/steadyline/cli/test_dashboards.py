"""`steadyline dashboards push` as a user starts it; what it does is tests/dashboards/test_push.py's."""

import subprocess
import sys

import pytest
from command_line import beginning, ended
from grafana_server import grafana

from dashboards.shipped import shipped

TOKEN = "glsa_hunter2"
SECONDS = 60


@pytest.fixture
def push(tmp_path):
    """`push(*options, **environment)`: its exit code, and what it wrote."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with beginning(tmp_path) as begin:
        yield lambda *options, **environ: ended(begin("dashboards", "push", *options, **environ), SECONDS)


def test_a_push_says_a_line_a_board_and_where_they_are(push):
    """And once more: unchanged; the token stands in none of it."""
    titles = [board["title"] for board in shipped().values()]
    with grafana(prefix="/grafana", login=f"Bearer {TOKEN}") as server:
        options = ("--url", f"{server.url}/", "--token-file", "token", "--prometheus-url", "http://prom.test:9090/")
        code, output, error = push(*options)
        home = "steadyline-overview" if "steadyline-overview" in server.boards else next(iter(server.boards))
        assert output.splitlines() == [
            f"Grafana 9.4.17 at {server.url}",
            "created    data source Steadyline: for http://prom.test:9090",
            "created    folder Steadyline",
            *(f"created    {title}" for title in titles),
            f"{server.url}/d/{home}",
        ]
        again = push(*options)
        assert again[1].splitlines()[1:-1] == [
            "found      data source Steadyline: it has that URL",
            *(f"unchanged  {title}" for title in titles),
        ]
    assert (code, error, again[0]) == (0, "", 0)
    assert TOKEN not in output + again[1]


def test_the_settings_are_enough(push):
    """URL, token and Prometheus of the settings; a dry run changes nothing."""
    said = {"STEADYLINE_GRAFANA_TOKEN_FILE": "token", "STEADYLINE_PORTS_PROMETHEUS": "19090"}
    with grafana(login=f"Bearer {TOKEN}") as server:
        code, output, _ = push("--dry-run", "--folder", "Load", STEADYLINE_GRAFANA_URL=server.url, **said)
        assert server.changes == []
    assert code == 0
    assert output.splitlines()[:3] == [
        f"Grafana 9.4.17 at {server.url}: only what would be done",
        "would be created    data source Steadyline: for http://127.0.0.1:19090",
        "would be created    folder Load",
    ]


def test_the_token_of_the_settings_goes_to_no_other_host(push):
    """It was given for the Grafana that stands beside it."""
    said = {"STEADYLINE_GRAFANA_TOKEN_FILE": "token", "STEADYLINE_GRAFANA_URL": "http://grafana.test"}
    with grafana(login=f"Bearer {TOKEN}") as server:
        code, _, error = push("--url", server.url, **said)
    assert code == 2
    assert "refuses its data sources: Unauthorized; name a file with the token of a service account: --token-file" in error


def test_it_needs_no_sdk_of_grafanas(tmp_path):
    """That one is for who changes the boards; and no other command pays for Grafana's client."""
    without = "import sys; sys.modules['grafana_foundation_sdk'] = None; from steadyline.cli.main import main; main()"
    with grafana() as server:
        arguments = [sys.executable, "-c", without, "dashboards", "push", "--url", server.url]
        subprocess.run(arguments, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
        assert server.boards.keys() == shipped().keys()
    looked = "import sys, steadyline.cli.dashboards; sys.exit('grafana_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", looked], check=True, timeout=SECONDS)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--url", "grafana.test"), 2, "steadyline: --url: write http://host:port or https://host:port"),
        (("--prometheus-url", "x"), 2, "steadyline: --prometheus-url: write http://host:port or https://host:port"),
        (("--token-file", "gone"), 2, "steadyline: --token-file gone: cannot be read: No such file or directory"),
        (("--url", "{free}"), 4, "steadyline: Grafana at {free} does not answer (ConnectionError)"),
        (("--url", "{there}/elsewhere"), 4, "steadyline: Grafana at {there} answers otherwise than Grafana's API; is it one?"),
    ],
    ids=["URL", "Prometheus", "token", "nobody", "no Grafana"],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(push, free_port, options, code, said):
    """2 where something is to be mended here, 4 where no Grafana answers."""
    with grafana() as server:
        places = {"free": f"http://127.0.0.1:{free_port()}", "there": server.url}
        got, _, error = push(*(option.format(**places) for option in options))
    assert (got, error) == (code, said.format(**places) + "\n")
