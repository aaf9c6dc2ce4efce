"""The image's health check: HEALTH is `port/path`, which has to answer 200; or `->port`, to which a connection has to stand.

It is run every few seconds in each container, so it imports no more than sockets.
"""

import os
import socket
import sys

GUARDED = "STEADYLINE_WEB_CONFIG_FILE"
"""Where this is set, TLS or users may guard what listens."""
SECONDS = 4.0
ESTABLISHED = "01"
"""The kernel's number of that state in /proc/net/tcp."""
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_REMOTE, _STATE = 2, 3


def answers(port: int, path: str) -> bool:
    """Whether what listens here on the port answers 200."""
    request = f"GET /{path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(request)
        return connection.recv(64).split(b" ")[1:2] == [b"200"]


def listens(port: int) -> bool:
    """Whether something takes connections here: more it does not tell who has no certificate or password."""
    socket.create_connection(("127.0.0.1", port), SECONDS).close()
    return True


def is_connected(port: int) -> bool:
    """Whether a connection from here to a port elsewhere stands."""
    ending = f":{port:04X}"
    for table in _TABLES:
        try:
            with open(table, encoding="ascii") as lines:  # noqa: PTH123 - pathlib is more than half of the start
                rows = [line.split() for line in lines]
        except OSError:
            continue
        if any(row[_REMOTE].endswith(ending) and row[_STATE] == ESTABLISHED for row in rows[1:]):
            return True
    return False


def main(wish: str) -> int:
    """The exit code: 0 healthy, 1 not."""
    try:
        if wish.startswith("->"):
            return int(not is_connected(int(wish.removeprefix("->"))))
        port, _, path = wish.partition("/")
        return int(not (listens(int(port)) if os.environ.get(GUARDED) else answers(int(port), path)))
    except (OSError, ValueError) as error:
        print(f"{wish}: {error}")  # noqa: T201 - `docker inspect` shows it
        return 1


if __name__ == "__main__":
    sys.exit(main(os.environ["HEALTH"]))
