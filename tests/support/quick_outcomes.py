"""What the catalogue's operations come to over a load user's own connections: asked in a process that Locust has patched.

python quick_outcomes.py '[["trace.item_read", "http://…"], …]'   tells one outcome for each, as JSON
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def outcomes(asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The outcome of each operation on its target."""
    run = subprocess.run(
        [sys.executable, __file__, json.dumps(asked)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def _main(asked: list[tuple[str, str]]) -> None:
    import locust  # noqa: F401, I001, PLC0415 - first: it patches what the others import

    from pydantic import SecretStr  # noqa: PLC0415 - as above
    from trace_client import asking  # noqa: PLC0415

    from load.users.tams import TamsShared  # noqa: PLC0415
    from load.users.trace import TraceShared  # noqa: PLC0415
    from steadyline import catalogue  # noqa: PLC0415
    from steadyline.target import Target  # noqa: PLC0415

    told = []
    homes: dict[str, Any] = {}
    for name, url in asked:
        backend = name.partition(".")[0]
        if url not in homes:
            target = Target(backend=backend, url=SecretStr(url), allow_writes=True)
            made = {"trace": TraceShared, "tams": TamsShared}[backend]("host", target)
            homes[url] = made, made.member()
        shared, member = homes[url]
        operation = asking if name == asking.name else catalogue.named(name)
        outcome = shared.attempt(member)(operation)
        told.append({**outcome._asdict(), "phases": dict(outcome.phases)})
    for shared, _ in homes.values():
        shared.close()
    print(json.dumps(told))


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
