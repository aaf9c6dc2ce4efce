"""Free ports for programs that tests start."""

import socket
from pathlib import Path

from free_ports import FIRST, free_port

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_outgoing_connection_can_take_one() -> None:
    """They lie below what the kernel gives to connections that go out, and none comes twice in a row of them."""
    found = [free_port() for _ in range(200)]
    assert len(set(found)) == len(found)
    assert min(found) >= FIRST
    assert max(found) < int(RANGE.read_text().split()[0])


def test_a_port_in_use_is_left_out() -> None:
    """What somebody listens on is not given."""
    taken = free_port() + 1
    with socket.create_server(("127.0.0.1", taken)):
        assert free_port() != taken
