"""Names of requests that no operation stands behind: route templates, capped; what comes after is `overflow`."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from load.series import Delta, Key
from steadyline.load_vocabulary import OVERFLOW

NAMES_CAP = 200
"""So many names a run may have; each is a histogram of some sixty series."""
NAME_LENGTH = 120
BACKEND = "http"
"""The label `backend` of requests that no operation stands behind."""
TARGET = "host"
"""The label `target` of what `--host` names and the settings do not."""
_ID = re.compile(
    r"""^(?:
        \d[\d.,:_-]*                                            # a number, a date, a time range
      | [0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}   # a UUID
      | (?=[^/]*\d)[0-9a-fA-F]{8,}                               # a hash
      | (?=[^/]*\d)[A-Za-z0-9_~=+-]{16,}                         # a token, a key, a run-scoped name
    )$""",
    re.VERBOSE,
)


def template(name: str) -> str:
    """The route that a URL is of: no host, no query, `{id}` for each part that is a number, UUID, hash or token.

    A name that is no URL, as one that was given by `name=`, is taken as it is, shortened.
    """
    if not name.startswith(("/", "http://", "https://")):
        return name[:NAME_LENGTH]
    path = urlsplit(name).path or "/"
    return "/".join("{id}" if _ID.match(part) else part for part in path.split("/"))[:NAME_LENGTH]


@dataclass(slots=True)
class Names:
    """Which names a process has taken so far.

    Attributes:
        cap: how many there may be.
        overflow: how many requests came under a name beyond it.
    """

    cap: int = NAMES_CAP
    overflow: int = 0
    _taken: set[Key] = field(default_factory=set)

    def admit(self, key: Key) -> Key:
        """The key itself, or that of the overflow on its target; the caller counts what overflows."""
        if key in self._taken or len(self._taken) < self.cap:
            self._taken.add(key)
            return key
        return key._replace(operation=OVERFLOW)

    def admitted(self, delta: Delta) -> Delta:
        """A worker's delta under the names that the run has: workers may have filled their caps with different ones."""
        entries = []
        for entry in delta:
            key = Key(*entry[0])
            known = key if key.operation == OVERFLOW else self.admit(key)  # the worker has counted its own
            if known is key:
                entries.append(entry)
                continue
            self.overflow += entry[3][-1]  # attempts begun
            entries.append([list(known), [], *entry[2:]])
        return entries
