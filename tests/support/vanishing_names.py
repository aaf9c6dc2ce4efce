"""Host names that stop resolving: a folder with a `sitecustomize` for a process's PYTHONPATH, whose names stand in a file.

The resolver is replaced in Python, at the border of the process: a name of the file leads to this host, and once its line is
gone looking it up fails as it does where DNS no longer knows it. A mount namespace with its own /etc/hosts would take root.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

DOMAIN = ".vanishing.test"
_CUSTOMIZE = """
import pathlib, socket
looked_up, names = socket.getaddrinfo, pathlib.Path({names!r})

def getaddrinfo(host, *args, **facts):
    if not str(host).endswith({domain!r}):
        return looked_up(host, *args, **facts)
    if host in names.read_text().split():
        return looked_up("127.0.0.1", *args, **facts)
    raise socket.gaierror({code}, "Name or service not known")

socket.getaddrinfo = getaddrinfo
"""


@dataclass(frozen=True, slots=True)
class Names:
    """Of one test.

    Attributes:
        folder: for PYTHONPATH.
    """

    folder: Path

    def __post_init__(self) -> None:
        """Know none yet."""
        self._file.write_text("")
        text = _CUSTOMIZE.format(names=str(self._file), domain=DOMAIN, code=int(socket.EAI_NONAME))
        (self.folder / "sitecustomize.py").write_text(text)

    @property
    def _file(self) -> Path:
        return self.folder / "names"

    def add(self, name: str) -> str:
        """A host name that resolves from now on."""
        self._file.write_text(f"{name}{DOMAIN}\n")
        return name + DOMAIN

    def forget(self) -> None:
        """Nothing resolves any more."""
        self._file.write_text("")
