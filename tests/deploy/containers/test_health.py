import socket

import pytest
from scripted_server import answer, scripted

from deploy.containers import health


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("503 Service Unavailable", 1)])
def test_answers(status, code):
    """Healthy is who answers 200 on the port and path."""
    with scripted() as server:
        server.on("/-/ready", (answer(b"{}", status),))
        assert health.main(f"{server.url.rsplit(':', 1)[1]}/-/ready") == code


def test_nobody(free_port, capsys):
    """Nobody on the port is told, not raised."""
    port = free_port()
    assert health.main(f"{port}/-/ready") == 1
    assert f"{port}/-/ready" in capsys.readouterr().out


def test_connected():
    """A worker is healthy while a connection to its master's port stands."""
    with socket.create_server(("127.0.0.1", 0)) as master:
        port = master.getsockname()[1]
        assert health.main(f"->{port}") == 1
        with socket.create_connection(("127.0.0.1", port)):
            assert health.main(f"->{port}") == 0
