"""Servers of ours behind a web config, as the doctor asks them."""

import pytest
from certificates import Authority
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from web_config import HASH, PASSWORD, served, write

from deploy.doctor import monitors
from steadyline.settings import Ports, Settings
from steadyline.web_client import WebClient

SECONDS = 30.0


async def _ready(_request):
    return PlainTextResponse("ready")


@pytest.fixture
def answer(tmp_path):
    """What is told of an exporter that wants TLS and a user, asked with this password."""
    authority = Authority(tmp_path)
    authority.sign("server")
    tls = {"cert_file": "server.pem", "key_file": "server.key"}
    file = write(tmp_path, {"tls_server_config": tls, "basic_auth_users": {"doctor": HASH}})

    def told(password):
        (tmp_path / "password").write_text(password)
        client = WebClient(ca_file=authority.cert, username="doctor", password_file=tmp_path / "password")
        with served(file, Starlette(routes=[Route(monitors.READY, _ready)])) as port:
            settings = Settings(web_config_file=file, web_client=client, ports=Ports(exporter=port))
            return monitors._guarded("exporter", settings, SECONDS)

    return told


def test_well(answer):
    """With what web_client says it answers, and nothing is wrong."""
    assert answer(PASSWORD).problem == ""


def test_refused(answer):
    """A password that is not the user's is told, and stands in nothing that is told."""
    told = answer("a wrong one")
    assert "answers 401" in told.problem
    assert "a wrong one" not in str(told)


def test_no_password(answer):
    """A file that cannot be used is told by its setting."""
    assert "web_client.password_file" in answer("").problem
